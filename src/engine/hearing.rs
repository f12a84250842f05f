//! From a stored mail to what it says: pure reading, both ways, before anybody knows whether its tokens are alive.

use chrono::{DateTime, Utc};

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

pub(super) fn hear(reader: &Reader, side: &DeskSide, pin: Option<&Pin>, stored: StoredMail) -> HeardMail {
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
    HeardMail {
        mail: stored.row.id,
        received_at: stored.row.received_at,
        headers_only: stored.row.headers_only,
        opened,
        reading,
        unmarked,
        asks_again,
        from,
        authentication,
    }
}
