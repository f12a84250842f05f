//! From a stored mail to what it says: pure reading, both ways, before anybody knows whether its tokens are alive.

use chrono::{DateTime, Utc};

use crate::dkim::{Finding, Signed};
use crate::domain::address::EmailAddress;
use crate::domain::ids::MailId;
use crate::domain::input::{Delivery, OperatorAct, RegisterChanged, ReviewAct};
use crate::domain::timer::Timer;
use crate::domain::trust::Authentication;
use crate::domain::words::Class;
use crate::reading::authentication::{self, Pin};
use crate::reading::{DeskSide, OpenedMail, Reader, Reading};
use crate::store::StoredMail;

/// A cause, as far as it is known outside the transaction.
pub(super) enum Heard {
    Mail(Box<HeardMail>),
    Timer(Timer),
    Delivery(Delivery),
    Review(ReviewAct),
    Operator(OperatorAct),
    Register(RegisterChanged),
}

/// A mail after reading.
pub(super) struct HeardMail {
    pub mail: MailId,
    pub received_at: DateTime<Utc>,
    pub headers_only: bool,
    pub opened: OpenedMail,
    /// Read as a plain mail, whatever tokens it bears (rule R4).
    pub reading: Reading,
    /// Read as if it bore no token, where it bears one: what it says in answer to a letter to its sender (rule V3).
    pub unmarked: Option<Reading>,
    /// The newly written text by itself asks to look again.
    pub asks_again: bool,
    pub from: Option<EmailAddress>,
    pub authentication: Authentication,
}

impl HeardMail {
    /// The mail, where its signatures could make a difference: nobody vouches for From, and it is a person's.
    pub fn to_check(&self, raw: Vec<u8>) -> Option<Signed> {
        // What the server calls forged stays so: it saw the mail arrive.
        let open = matches!(self.authentication, Authentication::NotAligned { .. });
        let from = self.from.as_ref().filter(|_| open && !self.headers_only && !self.reading.class.is_noise())?;
        Some(Signed { raw, from_domain: from.domain(), received_at: self.received_at })
    }

    /// Takes what our own check found.
    pub fn checked(&mut self, found: Option<Finding>) {
        match (&mut self.authentication, found) {
            (state @ Authentication::NotAligned { .. }, Some(Finding::Aligned { domain })) => {
                *state = Authentication::Aligned { by: format!("dkim d={domain} (checked here)") };
            }
            (Authentication::NotAligned { cause }, Some(Finding::Insufficient { cause: why })) => {
                cause.push_str(&format!("; its own DKIM signature {why}"));
            }
            (Authentication::Aligned { .. } | Authentication::NotAligned { .. } | Authentication::DmarcFail, _) => {}
        }
    }
}

/// The mail as it reads, and its bytes.
pub(super) fn hear(reader: &Reader, side: &DeskSide, pin: Option<&Pin>, stored: StoredMail) -> (HeardMail, Vec<u8>) {
    let opened = reader.open(&stored.raw);
    let reading = reader.plain(&opened, side);
    let unmarked =
        (!opened.tokens.is_empty()).then(|| reader.plain(&OpenedMail { tokens: Vec::new(), ..opened.clone() }, side));
    let names_us = !opened.tokens.is_empty() || !opened.reference_hints.is_empty();
    let asks_again = names_us && {
        let words = OpenedMail { tokens: Vec::new(), returned_form: None, ..opened.clone() };
        reader.plain(&words, side).class == Class::Reprocess
    };
    let from = opened.from.as_ref().and_then(|mailbox| EmailAddress::parse(&mailbox.address));
    let from_domain = from.as_ref().map(EmailAddress::domain).unwrap_or_default();
    let authentication = authentication::judge(&opened.trace, pin, &from_domain);
    let heard = HeardMail {
        mail: stored.row.id,
        received_at: stored.row.received_at,
        headers_only: stored.row.headers_only,
        opened,
        reading,
        unmarked,
        asks_again,
        from,
        authentication,
    };
    (heard, stored.raw)
}
