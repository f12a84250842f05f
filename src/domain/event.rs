//! What happened to a request, entry by entry: the timeline, and what the audit chain is made over.

use serde::{Deserialize, Serialize};

use super::address::EmailAddress;
use super::ids::{ApprovalNo, ItemNo, LetterNo, MailId};
use super::words::vocabulary;

/// The target of the operator's log: one line an event, people masked, whatever the debug log shows.
pub const OPERATOR_LOG: &str = "ringi::operator";

vocabulary! {
    /// What kind of thing happened.
    EventKind {
        Opened = "opened",
        Continued = "continued",
        ItemStands = "item_stands",
        Asked = "asked",
        LetterWritten = "letter_written",
        LetterNotWritten = "letter_not_written",
        LetterAccepted = "letter_accepted",
        LetterRejected = "letter_rejected",
        LetterWithdrawn = "letter_withdrawn",
        LetterRetried = "letter_retried",
        LetterHeld = "letter_held",
        LetterDropped = "letter_dropped",
        Answered = "answered",
        AnswerNotCounted = "answer_not_counted",
        ConfirmationAsked = "confirmation_asked",
        Voted = "voted",
        Cleared = "cleared",
        Granted = "granted",
        TaskOpened = "task_opened",
        TaskClosed = "task_closed",
        MailIgnored = "mail_ignored",
        MailWorkedAgain = "mail_worked_again",
        TimerFired = "timer_fired",
        RegisterChanged = "register_changed",
    }
}

/// One entry. The ids go into the audit chain; `person` and `detail` are personal payload beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    pub kind: EventKind,
    pub item: Option<ItemNo>,
    pub approval: Option<ApprovalNo>,
    pub letter: Option<LetterNo>,
    pub mail: Option<MailId>,
    /// Whom it is about or who did it.
    pub person: Option<EmailAddress>,
    /// One sentence with the reason, in English: for the desk.
    pub detail: String,
}

impl Event {
    /// An entry that names nothing but its sentence.
    pub fn new(kind: EventKind, detail: impl Into<String>) -> Self {
        Self { kind, item: None, approval: None, letter: None, mail: None, person: None, detail: detail.into() }
    }

    /// The same, about an item.
    #[must_use]
    pub fn item(mut self, item: ItemNo) -> Self {
        self.item = Some(item);
        self
    }

    /// The same, about an approval.
    #[must_use]
    pub fn approval(mut self, approval: ApprovalNo) -> Self {
        self.approval = Some(approval);
        self
    }

    /// The same, about a letter.
    #[must_use]
    pub fn letter(mut self, letter: LetterNo) -> Self {
        self.letter = Some(letter);
        self
    }

    /// The same, caused by a mail.
    #[must_use]
    pub fn mail(mut self, mail: MailId) -> Self {
        self.mail = Some(mail);
        self
    }

    /// The same, about a person.
    #[must_use]
    pub fn person(mut self, person: &EmailAddress) -> Self {
        self.person = Some(person.clone());
        self
    }
}
