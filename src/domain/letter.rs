//! Letters: what each tells, before it is put into words by a template.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::address::EmailAddress;
use super::approval::{Purpose, Say};
use super::entropy::{Secrets, Token};
use super::ids::{ItemNo, LetterNo, Reference};
use super::task::TaskCause;
use super::words::{AccessLevel, Clearance, Kind, Language, Part, Reason, Status};

/// One letter, decided and not yet rendered.
#[derive(Debug, Clone, PartialEq)]
pub struct Letter {
    /// The request that it is about; none for a desk's own letters.
    pub reference: Option<Reference>,
    /// Its number in that request; 0 where there is none.
    pub no: LetterNo,
    pub to: EmailAddress,
    pub to_name: Option<String>,
    pub language: Language,
    /// The mail that it answers: the letter goes into that thread.
    pub thread: Option<Thread>,
    pub key: Key,
    pub body: Body,
    /// Not to leave before (rule A3).
    pub not_before: Option<DateTime<Utc>>,
    /// Written because of a sender for whom nobody vouches: anybody can make the desk write it, and such letters have a
    /// budget of their own.
    pub unverified: bool,
}

/// A letter in words: byte for byte what leaves.
#[derive(Clone, PartialEq)]
pub struct Rendered {
    /// Without brackets. Fixed here, so that a resend after a crash is the same mail.
    pub message_id: String,
    pub subject: String,
    /// The text part with its tokens masked: what may be shown (rule T10).
    pub shown_text: String,
    /// The whole message as RFC 5322 has it, lines ended by CRLF.
    pub bytes: Vec<u8>,
}

/// The mail that a letter answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// Without brackets.
    pub message_id: Option<String>,
    pub subject: String,
}

/// What the letter's Message-ID is made of.
#[derive(Debug, Clone, PartialEq)]
pub enum Key {
    /// The letter asks somebody to decide: three tokens (rule T8).
    Asks(Secrets),
    /// The letter asks the request's sender: three tokens that continue the request (rule V3).
    AsksSender(Secrets),
    /// The letter tells: a random Message-ID that opens nothing.
    Tells(Token),
}

/// What a letter says. One variant, one template: `templates/mail/<name>.<language>.{subject,txt,html}`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Body {
    /// Neutral: the mail arrived, a person looks.
    Receipt(Receipt),
    /// Where the request stands, item by item, to its sender.
    Status(StatusLetter),
    /// What is missing, with a form.
    MissingInformation(Box<MissingInformation>),
    /// Sent back for correction: the comment, and a form.
    SentBack(Box<SentBack>),
    /// The one letter that tells nothing of a contract, with all the remedies.
    CannotConfirm(CannotConfirm),
    /// Access was given, to sender or requester.
    Approved(ApprovedLetter),
    /// Asks an administrator: first letter, reminder, asked again, confirmation.
    ApprovalRequest(Box<ApprovalRequest>),
    ApprovalReminder(Box<ApprovalRequest>),
    ApprovalAgain(Box<ApprovalRequest>),
    ApprovalConfirmation(Box<ApprovalRequest>),
    /// To the administrator whose verdict was recorded, with a way to object.
    DecisionRecorded(DecisionRecorded),
    /// To an administrator who answers after all was settled.
    LateAnswer(LateAnswer),
    /// To an administrator whose answer a person of the desk must read.
    AnswerReceipt(AnswerReceipt),
    /// To the reviewers: tasks opened since the last notice.
    TaskNotice(TaskNotice),
    /// To the reviewers: nobody answers.
    Escalation(Escalation),
    /// To the reviewers: the promised time of review comes near.
    ReviewWarning(ReviewWarning),
}

/// A neutral receipt: tells nothing but that the mail arrived.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Receipt {
    /// The mail's subject, as a letter may repeat it.
    pub about: String,
}

/// An item as its sender may see it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ItemLine {
    pub no: ItemNo,
    /// The number as the mail gave it; `None` where it gave none.
    pub number: Option<String>,
    pub status: Status,
    pub reason: Option<Reason>,
    /// For `contract_too_new`: when Ringi looks again.
    pub looked_at_again: Option<DateTime<Utc>>,
    /// For what waits for a reviewer: until when it is looked at.
    pub reviewed_by: Option<DateTime<Utc>>,
}

/// Where a request stands as a whole: the first sentence of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Headline {
    /// All items wait for administrators.
    AskingAdministrators,
    /// All items wait for the desk.
    Reviewing,
    /// All items wait for somebody outside, or for time.
    FurtherAction,
    Denied,
    Expired,
    Cancelled,
    /// Items stand at different places.
    Mixed,
}

/// Where the request stands, to its sender.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StatusLetter {
    /// The first letter of the request, or news about it.
    pub first: bool,
    pub headline: Headline,
    pub requester_email: Option<String>,
    pub lines: Vec<ItemLine>,
}

/// What is missing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MissingInformation {
    pub kind: Kind,
    pub missing: Vec<Part>,
    /// The request as it was read: what the form in the letter is filled with.
    pub known: super::heard::RequestReading,
}

/// Sent back for correction (rule V4).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SentBack {
    pub kind: Kind,
    /// The items that were sent back.
    pub lines: Vec<ItemLine>,
    /// The administrator's comment, fit to be repeated (rule H2); `None` where there is none that may be passed on.
    pub comment: Option<String>,
    /// The request as it stands: what the form in the letter is filled with.
    pub known: super::heard::RequestReading,
}

/// Tells nothing: the numbers as the mail gave them, and the remedies.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CannotConfirm {
    pub numbers: Vec<String>,
}

/// Access was given.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ApprovedLetter {
    /// The letter goes to the requester, not to the sender.
    pub to_requester: bool,
    pub requester_email: String,
    pub access_level: AccessLevel,
    /// The items approved now.
    pub lines: Vec<ItemLine>,
    /// The items that still wait.
    pub others: Vec<ItemLine>,
}

/// What an administrator is asked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ApprovalRequest {
    pub purpose: Purpose,
    pub kind: Kind,
    pub access_level: AccessLevel,
    /// Who asks.
    pub sender_email: String,
    pub sender_name: Option<String>,
    /// Whether From was aligned.
    pub sender_verified: bool,
    /// The account's address: comes first.
    pub requester_email: String,
    /// As given in the mail, fit to be repeated.
    pub requester_name: Option<String>,
    pub requester_company: Option<String>,
    pub approver_email: Option<String>,
    pub approver_name: Option<String>,
    pub approver_company: Option<String>,
    pub reason: Option<String>,
    pub items: Vec<AskedItem>,
    /// What the sender wrote when the request came back corrected: on one line, fit to be repeated.
    pub sender_words: Option<String>,
    /// Why it asks again, where its purpose is that.
    pub again: Again,
    /// How the answer before this letter was read, where one was: its words on one line.
    pub your_words: Option<String>,
    /// The day in the desk's zone on which the approval ends unanswered.
    pub answer_by: Option<NaiveDate>,
}

/// Why an administrator who has answered is asked again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Again {
    /// The answer was neither a yes nor a no (rule R2).
    #[default]
    Unclear,
    /// The request was changed after the letter that was answered (rule V2).
    Changed,
    /// The answer takes back an approval before enough others agreed.
    TakenBack,
}

/// An item as an administrator sees it, with what was checked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AskedItem {
    pub no: ItemNo,
    /// The approver's consent is asked, and the desk decides; else the administrator decides.
    pub consent: bool,
    pub contract_number: String,
    pub holder: String,
    pub service_level: Option<String>,
    pub ends_on: Option<NaiveDate>,
    /// The approver's mail domain is registered for the holder.
    pub approver_domain_registered: bool,
    /// The approver's company is a name of the holder; `None` where no company was given.
    pub approver_company_matches: Option<bool>,
    /// Another open request asks the same.
    pub also_in: Option<String>,
}

/// What was recorded of an answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DecisionRecorded {
    /// Among the items is one to which the approver consented: the desk decides about it.
    pub consent: bool,
    pub requester_email: String,
    /// Every item that the answer spoke of.
    pub lines: Vec<RecordedLine>,
}

/// What was recorded for one item.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RecordedLine {
    pub line: ItemLine,
    /// `None` where the answer gave no verdict on this item: it stays asked.
    pub says: Option<Say>,
    /// Where the verdict did not settle the item.
    pub progress: Option<Progress>,
}

/// How far the approvals have come (rule V4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Progress {
    pub approvals: u32,
    pub needed: u32,
}

/// Nothing to decide any more.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LateAnswer {
    pub requester_email: String,
    pub lines: Vec<ItemLine>,
    /// The writer takes back an approval: a reviewer decides.
    pub withdrawal: bool,
}

/// A person of the desk reads the answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AnswerReceipt {
    pub requester_email: String,
    pub lines: Vec<ItemLine>,
}

/// Tasks for the reviewers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskNotice {
    pub tasks: Vec<TaskLine>,
}

/// One task.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskLine {
    pub id: i64,
    pub cause: TaskCause,
    pub urgent: bool,
    pub reference: Option<Reference>,
    pub opened_at: DateTime<Utc>,
    pub detail: String,
    /// Who wrote the mail that the task is about.
    pub from: Option<EmailAddress>,
    /// The subject of that mail, as the ledger has it: whoever wrote it chose it.
    pub subject: Option<String>,
}

/// Nobody answers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Escalation {
    pub requester_email: String,
    pub lines: Vec<ItemLine>,
    /// Who was asked, and since when.
    pub asked: Vec<AskedPerson>,
}

/// A silent administrator.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AskedPerson {
    pub email: String,
    pub since: Option<DateTime<Utc>>,
}

/// What waits for a reviewer, shortly before the promised time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReviewWarning {
    pub requester_email: String,
    pub items: Vec<ReviewLine>,
}

/// An item that waits for a reviewer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReviewLine {
    pub no: ItemNo,
    /// The number as the mail gave it.
    pub number: Option<String>,
    pub awaiting: Clearance,
    pub promised_by: DateTime<Utc>,
}

impl Body {
    /// Whether the letter answers whoever wrote, before anybody else had a say.
    pub const fn answers_anybody(&self) -> bool {
        match self {
            Self::Receipt(_) | Self::Status(_) | Self::MissingInformation(_) | Self::CannotConfirm(_) => true,
            Self::Approved(_)
            | Self::SentBack(_)
            | Self::ApprovalRequest(_)
            | Self::ApprovalReminder(_)
            | Self::ApprovalAgain(_)
            | Self::ApprovalConfirmation(_)
            | Self::DecisionRecorded(_)
            | Self::LateAnswer(_)
            | Self::AnswerReceipt(_)
            | Self::TaskNotice(_)
            | Self::Escalation(_)
            | Self::ReviewWarning(_) => false,
        }
    }

    /// The template's name, and the letter's name in the outbox.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Receipt(_) => "receipt",
            Self::Status(_) => "status",
            Self::MissingInformation(_) => "missing_information",
            Self::SentBack(_) => "sent_back",
            Self::CannotConfirm(_) => "cannot_confirm",
            Self::Approved(_) => "approved",
            Self::ApprovalRequest(_) => "approval_request",
            Self::ApprovalReminder(_) => "approval_reminder",
            Self::ApprovalAgain(_) => "approval_again",
            Self::ApprovalConfirmation(_) => "approval_confirmation",
            Self::DecisionRecorded(_) => "decision_recorded",
            Self::LateAnswer(_) => "late_answer",
            Self::AnswerReceipt(_) => "answer_receipt",
            Self::TaskNotice(_) => "task_notice",
            Self::Escalation(_) => "escalation",
            Self::ReviewWarning(_) => "review_warning",
        }
    }

    /// Every template's name.
    pub const NAMES: &'static [&'static str] = &[
        "receipt",
        "status",
        "missing_information",
        "sent_back",
        "cannot_confirm",
        "approved",
        "approval_request",
        "approval_reminder",
        "approval_again",
        "approval_confirmation",
        "decision_recorded",
        "late_answer",
        "answer_receipt",
        "task_notice",
        "escalation",
        "review_warning",
    ];
}
