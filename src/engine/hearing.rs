//! From a stored mail to what it says: pure reading, both ways, before anybody knows whether its tokens are alive.

use chrono::{DateTime, Utc};

use crate::domain::address::EmailAddress;
use crate::domain::ids::MailId;
use crate::domain::input::{Delivery, OperatorAct, RegisterChanged, ReviewAct};
use crate::domain::timer::Timer;
use crate::domain::trust::Authentication;
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
    pub from: Option<EmailAddress>,
    pub authentication: Authentication,
}

pub(super) fn hear(reader: &Reader, side: &DeskSide, pin: Option<&Pin>, stored: StoredMail) -> HeardMail {
    let opened = reader.open(&stored.raw);
    let reading = reader.plain(&opened, side);
    let from = opened.from.as_ref().and_then(|mailbox| EmailAddress::parse(&mailbox.address));
    let from_domain = from.as_ref().map(EmailAddress::domain).unwrap_or_default();
    let authentication = authentication::judge(&opened.trace, pin, &from_domain);
    HeardMail {
        mail: stored.row.id,
        received_at: stored.row.received_at,
        headers_only: stored.row.headers_only,
        opened,
        reading,
        from,
        authentication,
    }
}
