//! Reviewer's tasks: what only a person of the desk can settle.

use super::ids::{ApprovalNo, ItemNo, MailId};
use super::words::vocabulary;

vocabulary! {
    /// Why a person must look.
    TaskCause {
        NotWorked = "not_worked",
        SeveralPeople = "several_people",
        Entitlement = "entitlement",
        NoAdministrator = "no_administrator",
        FinalReview = "final_review",
        PromiseMissed = "promise_missed",
        DmarcFail = "dmarc_fail",
        UnclearAnswer = "unclear_answer",
        VerdictNotWorked = "verdict_not_worked",
        AnswerFromAnother = "answer_from_another",
        AnswerNotConfirmed = "answer_not_confirmed",
        AnswerAndRequest = "answer_and_request",
        AnswerAfterExpiry = "answer_after_expiry",
        NoLongerEligible = "no_longer_eligible",
        Revoke = "revoke",
        Silence = "silence",
        OverLimit = "over_limit",
        TooLarge = "too_large",
        Unreadable = "unreadable",
        NobodyWrote = "nobody_wrote",
        UndeliveredLetter = "undelivered_letter",
        ParkedMail = "parked_mail",
        LettersHeld = "letters_held",
        LetterDropped = "letter_dropped",
        MailWithheld = "mail_withheld",
        MailboxUnreachable = "mailbox_unreachable",
    }
}

impl TaskCause {
    /// Whether such a task waits for a reviewer's word on items, and is settled when they wait for none any more.
    pub const fn is_review(self) -> bool {
        match self {
            Self::SeveralPeople
            | Self::Entitlement
            | Self::NoAdministrator
            | Self::FinalReview
            | Self::PromiseMissed => true,
            Self::NotWorked
            | Self::DmarcFail
            | Self::UnclearAnswer
            | Self::VerdictNotWorked
            | Self::AnswerFromAnother
            | Self::AnswerNotConfirmed
            | Self::AnswerAndRequest
            | Self::AnswerAfterExpiry
            | Self::NoLongerEligible
            | Self::Revoke
            | Self::Silence
            | Self::OverLimit
            | Self::TooLarge
            | Self::Unreadable
            | Self::NobodyWrote
            | Self::UndeliveredLetter
            | Self::ParkedMail
            | Self::LetterDropped
            | Self::LettersHeld
            | Self::MailWithheld
            | Self::MailboxUnreachable => false,
        }
    }
}

/// A task to open. Its reference is that of the request in the same outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTask {
    pub cause: TaskCause,
    pub urgent: bool,
    pub item: Option<ItemNo>,
    pub approval: Option<ApprovalNo>,
    pub mail: Option<MailId>,
    /// What the reviewer needs to know, in one or two English sentences.
    pub detail: String,
}

impl NewTask {
    /// A task of ordinary urgency that names nothing yet.
    pub fn new(cause: TaskCause, detail: impl Into<String>) -> Self {
        Self { cause, urgent: false, item: None, approval: None, mail: None, detail: detail.into() }
    }

    /// The same, about a mail.
    #[must_use]
    pub fn mail(mut self, mail: impl Into<Option<MailId>>) -> Self {
        self.mail = mail.into();
        self
    }

    /// The same, about an item.
    #[must_use]
    pub fn item(mut self, item: impl Into<Option<ItemNo>>) -> Self {
        self.item = item.into();
        self
    }

    /// The same, about an approval.
    #[must_use]
    pub fn approval(mut self, approval: ApprovalNo) -> Self {
        self.approval = Some(approval);
        self
    }

    /// The same, and somebody should look now.
    #[must_use]
    pub fn urgent(mut self) -> Self {
        self.urgent = true;
        self
    }
}
