//! From bytes to what a mail says: stateless, pure, driven by the rule files.
//!
//! Two steps. [`Reader::open`] decodes the mail: charsets, structure, noise, newly written text against quotes.
//! [`Reader::plain`] and [`Reader::answer`] then say what the text means. Which of the two counts is not decided here:
//! only the engine knows whether a token in the mail is alive (rule R4).

mod address_list;
pub mod answer;
#[cfg(test)]
mod answer_tests;
pub mod attachment;
pub mod authentication;
pub mod charset;
pub mod class;
#[cfg(test)]
mod class_tests;
mod clauses;
mod encoded_word;
mod examples;
mod fields;
mod fold;
mod form;
mod forward;
pub mod header;
mod html;
pub mod identity;
mod items;
mod language;
mod mentions;
pub mod mime;
mod noise;
mod numbers;
mod opening_cases;
mod parameter;
mod parts;
mod people;
mod plain;
mod report;
mod results;
mod roles;
mod signature;
mod text;
pub mod token;
mod transfer;
mod writer;

use std::sync::Arc;

pub use crate::domain::heard::{AnswerReading, Evidence, PersonReading, RequestReading};
use crate::domain::words::{Class, Language};
use crate::rules::Rules;

/// Reads mails by one set of rules. Cheap to clone; holds no state of any mail.
#[derive(Debug, Clone)]
pub struct Reader {
    pub(crate) rules: Arc<Rules>,
}

/// The desk's own addresses and domains: in a request they are nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeskSide {
    /// Full addresses, folded to lower case.
    pub addresses: Vec<String>,
    /// Mail domains, folded to lower case; each also covers what lies below it.
    pub domains: Vec<String>,
}

/// A mail after decoding, before anything is read out of it.
#[derive(Debug, Clone, Default)]
pub struct OpenedMail {
    /// Without the angle brackets.
    pub message_id: Option<String>,
    /// Message-IDs of `In-Reply-To`, without the brackets.
    pub in_reply_to: Vec<String>,
    /// Message-IDs of `References`, in the header's order, without the brackets.
    pub references: Vec<String>,
    /// The sole From mailbox. `None` when the header is absent, has several mailboxes or does not parse: nobody wrote it then.
    pub from: Option<Mailbox>,
    pub to: Vec<Mailbox>,
    pub cc: Vec<Mailbox>,
    /// Every address under which the server says it delivered: Delivered-To, X-Original-To, in the header's order.
    pub delivered_to: Vec<String>,
    /// Decoded, on one line.
    pub subject: String,
    /// What makes it noise, where something does.
    pub noise: Option<Noise>,
    /// Newly written text: no quote, no signature, no disclaimer; lines joined by `\n`, NFC, no U+0000.
    pub visible_text: String,
    /// Newly written text of the alternatives that were not chosen, where it differs: the HTML beside the plain text.
    pub other_visible_texts: Vec<String>,
    /// It came with a null return path, from a mail system or from an address that takes no mail: no letter may answer it
    /// (RFC 3834, section 2).
    pub unanswerable: bool,
    /// The whole decoded text part, quote and signature included.
    pub full_text: String,
    /// The signature that was cut off the newly written text.
    pub signature: String,
    /// The quoted thread below, its quote marks taken off.
    pub quoted_text: String,
    /// A forwarded mail, inline or as message/rfc822: its writer and its text. Content, and no authority.
    pub forwarded: Option<Forwarded>,
    /// A form of ours or of the desk that came back filled in between quote marks, as `label: value` lines.
    pub returned_form: Option<String>,
    /// Tables and texts of attachments (CSV), decoded.
    pub attachments: Vec<Attachment>,
    /// Delivery report details, where the mail is a bounce.
    pub delivery_report: Option<DeliveryReport>,
    /// Raw token candidates in the order of rule T8.
    pub tokens: Vec<token::Candidate>,
    /// References of ours (`RG-…`) seen in subject and text, in order: hints, no keys (rule T1).
    pub reference_hints: Vec<String>,
    /// The received-side trace that authentication is judged by (rule T7), top to bottom.
    pub trace: Vec<authentication::TraceField>,
    /// Why the mail could not be read, where it could not.
    pub unreadable: Option<String>,
    /// Language of the newly written text (of the subject where there is none).
    pub language: Option<Language>,
}

/// A display name with its address as the mail gives them, the address checked for shape only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mailbox {
    pub name: Option<String>,
    pub address: String,
}

/// A mail that no person wrote for us to act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noise {
    /// One of the noise classes.
    pub class: Class,
    /// The header or wording that showed it.
    pub cause: String,
}

/// A mail inside the mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forwarded {
    pub from: Option<Mailbox>,
    pub subject: Option<String>,
    pub text: String,
}

/// A part that was attached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attachment {
    pub name: Option<String>,
    pub content_type: String,
    /// Rows of a table (CSV), first row first; empty where it is none.
    pub rows: Vec<Vec<String>>,
    /// What kept it from being read: encrypted, unknown format, over a limit.
    pub not_read: Option<String>,
}

/// The machine-readable part of a delivery report (RFC 3464), for one recipient.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryReport {
    /// `Action:` in lower case: failed, delayed, delivered, relayed, expanded.
    pub action: Option<String>,
    pub recipient: Option<String>,
    /// `Status:` as written, such as 5.1.1.
    pub status: Option<String>,
    /// Message-ID of the returned mail, without brackets.
    pub original_message_id: Option<String>,
}

/// What a mail says, read as a plain mail.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    pub language: Language,
    pub class: Class,
    /// Present exactly where the class is `request`.
    pub request: Option<RequestReading>,
    pub evidence: Vec<Evidence>,
}

impl Reader {
    /// A reader over a checked set of rules.
    pub fn new(rules: Arc<Rules>) -> Self {
        Self { rules }
    }

    /// Decodes a mail. Total: any bytes give a mail, at worst an unreadable one.
    pub fn open(&self, raw: &[u8]) -> OpenedMail {
        mime::open(&self.rules, raw)
    }

    /// Reads a mail as a plain mail. `bears_our_mark` says that it carries a reference line or Message-ID of ours:
    /// only then can the class be `answer`.
    pub fn plain(&self, mail: &OpenedMail, desk: &DeskSide) -> Reading {
        class::read(&self.rules, mail, desk)
    }

    /// Reads the newly written text as an answer about the contracts in `asked`, in the letter's order (rules R1 and R2).
    pub fn answer(&self, mail: &OpenedMail, asked: &[String]) -> AnswerReading {
        answer::read(&self.rules, mail, asked)
    }
}
