//! A request from its rows.

use super::codec::{Row, read_word};
use super::{Connection, DeskId, Result, StoreError};
use crate::domain::approval::{Approval, Ask, Say, Shown, Vote};
use crate::domain::ids::{ApprovalNo, ItemNo, LetterNo, MailId, Reference};
use crate::domain::request::{Clearing, Decider, Item, Person, Request, ReviewedDigest, ShownDigest, Standing};
use crate::domain::words::{AccessLevel, Clearance, Kind, Language, Reason, Status};

pub(super) const REQUEST: &str = "SELECT desk_id, kind, access_level, received_at, language, sender, sender_name,
        sender_verified, mail_id, message_id, subject, requester_email, requester_name, requester_company,
        approver_email, approver_name, approver_company, reason, last_letter, escalated,
        confirmation_sent
    FROM request WHERE reference = $1";
pub(super) const ITEMS: &str =
    "SELECT no, contract_number, bill_to_id, serial_number, status, reason, awaiting, decided_by, since, revision
    FROM item WHERE reference = $1 ORDER BY no";
pub(super) const VOTES: &str = "SELECT item_no, person, digest, says, at, mail_id, comment
    FROM vote WHERE reference = $1 ORDER BY item_no, position";
pub(super) const CLEARINGS: &str = "SELECT item_no, clearance, reviewer, at, digest, overrides, comment
    FROM clearing WHERE reference = $1 ORDER BY item_no, position";
pub(super) const APPROVALS: &str = "SELECT no, person, name, language, state, asked_at, asked_again, confirmation_sent,
        stranger_told
    FROM approval WHERE reference = $1 ORDER BY no";
pub(super) const ASKS: &str = "SELECT approval_no, letter_no, purpose FROM ask WHERE reference = $1 ORDER BY letter_no";
pub(super) const SHOWN: &str = "SELECT letter_no, item_no, digest
    FROM ask_shown WHERE reference = $1 ORDER BY letter_no, position";

/// A request with its desk; `None` where there is none of that reference.
pub(super) async fn request(connection: &mut Connection, reference: &Reference) -> Result<Option<(DeskId, Request)>> {
    let key = reference.as_str();
    let head: Option<Head> = sqlx::query_as(REQUEST).bind(key).fetch_optional(&mut *connection).await?;
    let Some(head) = head else { return Ok(None) };
    let items: Vec<ItemRow> = sqlx::query_as(ITEMS).bind(key).fetch_all(&mut *connection).await?;
    let votes: Vec<VoteRow> = sqlx::query_as(VOTES).bind(key).fetch_all(&mut *connection).await?;
    let clearings: Vec<ClearingRow> = sqlx::query_as(CLEARINGS).bind(key).fetch_all(&mut *connection).await?;
    let approvals: Vec<ApprovalRow> = sqlx::query_as(APPROVALS).bind(key).fetch_all(&mut *connection).await?;
    let asks: Vec<(i64, i64, String)> = sqlx::query_as(ASKS).bind(key).fetch_all(&mut *connection).await?;
    let shown: Vec<(i64, i64, String)> = sqlx::query_as(SHOWN).bind(key).fetch_all(connection).await?;

    let desk = DeskId(head.desk_id);
    let mut request = head.read(reference)?;
    request.items = items.into_iter().map(|item| item.read(reference)).collect::<Result<_>>()?;
    for vote in votes {
        let (no, vote) = vote.read(reference)?;
        let item = request.item_mut(no).ok_or_else(|| StoreError::corrupt("vote", reference, "its item is missing"))?;
        item.votes.push(vote);
    }
    for clearing in clearings {
        let (no, clearing) = clearing.read(reference)?;
        let item = request.item_mut(no);
        Row::new("clearing", reference).sound(item, "its item is missing")?.clearings.push(clearing);
    }
    request.approvals = approvals.into_iter().map(|approval| approval.read(reference)).collect::<Result<_>>()?;
    for (approval, letter, purpose) in asks {
        let row = Row::new("ask", reference);
        let (approval, letter) = (ApprovalNo(row.count(approval)?), LetterNo(row.count(letter)?));
        let purpose = row.word(&purpose, read_word)?;
        let asked = request.approvals.iter_mut().find(|known| known.no == approval);
        row.sound(asked, "its approval is missing")?.asks.push(Ask { letter, purpose, shown: Vec::new() });
    }
    for (letter, item, digest) in shown {
        let row = Row::new("ask_shown", reference);
        let letter = LetterNo(row.count(letter)?);
        let mut asks = request.approvals.iter_mut().flat_map(|approval| &mut approval.asks);
        let ask = row.sound(asks.find(|ask| ask.letter == letter), "its letter is missing")?;
        ask.shown.push(Shown { item: ItemNo(row.count(item)?), digest: ShownDigest(digest) });
    }
    Ok(Some((desk, request)))
}

#[derive(sqlx::FromRow)]
struct Head {
    desk_id: i64,
    kind: String,
    access_level: String,
    received_at: i64,
    language: String,
    sender: String,
    sender_name: Option<String>,
    sender_verified: bool,
    mail_id: i64,
    message_id: Option<String>,
    subject: String,
    requester_email: Option<String>,
    requester_name: Option<String>,
    requester_company: Option<String>,
    approver_email: Option<String>,
    approver_name: Option<String>,
    approver_company: Option<String>,
    reason: Option<String>,
    last_letter: i64,
    escalated: bool,
    confirmation_sent: bool,
}

impl Head {
    fn read(self, reference: &Reference) -> Result<Request> {
        let row = Row::new("request", reference);
        Ok(Request {
            reference: reference.clone(),
            kind: row.word(&self.kind, Kind::parse)?,
            access_level: row.word(&self.access_level, AccessLevel::parse)?,
            received_at: row.time(self.received_at)?,
            language: row.word(&self.language, Language::parse)?,
            sender: row.address(&self.sender)?,
            sender_name: self.sender_name,
            sender_verified: self.sender_verified,
            mail: MailId(self.mail_id),
            message_id: self.message_id,
            subject: self.subject,
            requester: Person {
                email: row.address_opt(self.requester_email.as_deref())?,
                name: self.requester_name,
                company: self.requester_company,
            },
            approver: Person {
                email: row.address_opt(self.approver_email.as_deref())?,
                name: self.approver_name,
                company: self.approver_company,
            },
            reason: self.reason,
            items: Vec::new(),
            approvals: Vec::new(),
            last_letter: LetterNo(row.count(self.last_letter)?),
            escalated: self.escalated,
            confirmation_sent: self.confirmation_sent,
        })
    }
}

#[derive(sqlx::FromRow)]
struct ItemRow {
    no: i64,
    contract_number: Option<String>,
    bill_to_id: Option<String>,
    serial_number: Option<String>,
    status: String,
    reason: Option<String>,
    awaiting: Option<String>,
    decided_by: Option<String>,
    since: i64,
    revision: i64,
}

impl ItemRow {
    fn read(self, reference: &Reference) -> Result<Item> {
        let id = format!("{reference}/{}", self.no);
        let row = Row::new("item", &id);
        let standing = Standing::from_parts(
            row.word(&self.status, Status::parse)?,
            row.word_opt(self.reason.as_deref(), Reason::parse)?,
            row.word_opt(self.awaiting.as_deref(), Clearance::parse)?,
            row.word_opt(self.decided_by.as_deref(), Decider::parse)?,
        );
        Ok(Item {
            no: ItemNo(row.count(self.no)?),
            contract_number: self.contract_number,
            bill_to_id: self.bill_to_id,
            serial_number: self.serial_number,
            standing: row.sound(standing, "status, reason, clearance and decider do not belong together")?,
            votes: Vec::new(),
            clearings: Vec::new(),
            revision: row.count(self.revision)?,
            since: row.time(self.since)?,
        })
    }
}

#[derive(sqlx::FromRow)]
struct VoteRow {
    item_no: i64,
    person: String,
    digest: String,
    says: String,
    at: i64,
    mail_id: i64,
    comment: Option<String>,
}

impl VoteRow {
    fn read(self, reference: &Reference) -> Result<(ItemNo, Vote)> {
        let row = Row::new("vote", reference);
        let vote = Vote {
            person: row.address(&self.person)?,
            says: row.word(&self.says, Say::parse)?,
            digest: ShownDigest(self.digest),
            at: row.time(self.at)?,
            mail: MailId(self.mail_id),
            comment: self.comment,
        };
        Ok((ItemNo(row.count(self.item_no)?), vote))
    }
}

#[derive(sqlx::FromRow)]
struct ClearingRow {
    item_no: i64,
    clearance: String,
    reviewer: String,
    at: i64,
    digest: String,
    overrides: bool,
    comment: Option<String>,
}

impl ClearingRow {
    fn read(self, reference: &Reference) -> Result<(ItemNo, Clearing)> {
        let row = Row::new("clearing", reference);
        let clearing = Clearing {
            clearance: row.word(&self.clearance, Clearance::parse)?,
            reviewer: self.reviewer,
            at: row.time(self.at)?,
            digest: ReviewedDigest(self.digest),
            overrides: self.overrides,
            comment: self.comment,
        };
        Ok((ItemNo(row.count(self.item_no)?), clearing))
    }
}

#[derive(sqlx::FromRow)]
struct ApprovalRow {
    no: i64,
    person: String,
    name: Option<String>,
    language: String,
    state: String,
    asked_at: Option<i64>,
    asked_again: bool,
    confirmation_sent: bool,
    stranger_told: bool,
}

impl ApprovalRow {
    fn read(self, reference: &Reference) -> Result<Approval> {
        let row = Row::new("approval", reference);
        Ok(Approval {
            no: ApprovalNo(row.count(self.no)?),
            person: row.address(&self.person)?,
            name: self.name,
            language: row.word(&self.language, Language::parse)?,
            state: row.word(&self.state, read_word)?,
            asks: Vec::new(),
            asked_at: row.time_opt(self.asked_at)?,
            asked_again: self.asked_again,
            confirmation_sent: self.confirmation_sent,
            stranger_told: self.stranger_told,
        })
    }
}
