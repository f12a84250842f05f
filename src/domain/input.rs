//! Causes: everything that can make the engine decide, in the words of the domain.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::address::EmailAddress;
use super::heard::{AnswerReading, RequestReading};
use super::ids::{ApprovalNo, LetterNo, MailId, Reference};
use super::timer::Timer;
use super::trust::{Authentication, Carrier};
use super::words::{Class, Language};

/// One cause.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    Mail(Box<MailInput>),
    Timer(Timer),
    Delivery(Delivery),
}

/// A recorded mail after reading, with what the store knows of its tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct MailInput {
    pub mail: MailId,
    /// INTERNALDATE, else the time of recording; never the Date header.
    pub received_at: DateTime<Utc>,
    /// The sole From mailbox; `None` means that nobody wrote it.
    pub from: Option<EmailAddress>,
    pub from_name: Option<String>,
    pub message_id: Option<String>,
    pub subject: String,
    pub language: Language,
    pub class: Class,
    /// What made it noise or unreadable.
    pub class_cause: Option<String>,
    /// A letter back would reach nobody, or a machine that answers it in turn (RFC 3834).
    pub unanswerable: bool,
    /// The mail was over the size limit: only its headers are here.
    pub headers_only: bool,
    pub authentication: Authentication,
    /// Present where it reads as a request.
    pub request: Option<RequestReading>,
    /// The newly written text by itself asks to look again ("再申請"), whatever form comes back below it.
    pub asks_again: bool,
    /// Present where the mail bears a token of ours: what it says as an answer.
    pub answer: Option<AnswerReading>,
    /// Newly written text.
    pub visible_text: String,
    /// Tokens that the store knows, in the order of rule T8.
    pub carried: Vec<Carried>,
    /// The letter of ours that a delivery report returns, with what the report says.
    pub returned: Option<Returned>,
}

/// A token of ours in a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    pub carrier: Carrier,
    pub reference: Reference,
    pub whose: Whose,
    pub letter: LetterNo,
}

/// To whom the letter went that bore a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// To the person of this approval: an answer decides.
    Approval(ApprovalNo),
    /// To the request's sender: an answer continues the request (rule V3).
    Sender,
}

/// A delivery report about a letter of ours (rule C2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    pub reference: Option<Reference>,
    pub letter: LetterNo,
    /// `Action: failed` for the letter's own recipient.
    pub failed: bool,
    pub status: Option<String>,
}

/// What became of a letter in our own SMTP session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    pub reference: Option<Reference>,
    pub letter: LetterNo,
    pub result: DeliveryResult,
    pub at: DateTime<Utc>,
}

/// How a letter ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum DeliveryResult {
    Accepted,
    /// 5xx for this recipient.
    Rejected {
        reply: String,
    },
}
