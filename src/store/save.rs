//! A request into its rows: what changed since it was read, and nothing else.

use sqlx::Executor as _;

use super::codec::{clean, clean_opt, ms, word_of};
use super::{Connection, DeskId, Moment, Result, StoreError, load};
use crate::domain::address::EmailAddress;
use crate::domain::approval::{Approval, Ask};
use crate::domain::ids::{ApprovalNo, LetterNo, Reference};
use crate::domain::request::{Decider, Item, Request};

/// Writes a request after a decision. `opened` says that it is new.
pub(super) async fn request(
    connection: &mut Connection,
    desk: DeskId,
    request: &Request,
    opened: bool,
    now: Moment,
) -> Result<()> {
    let old = if opened {
        insert(connection, desk, request, now).await?;
        None
    } else {
        let found = load::request(connection, &request.reference).await?;
        let Some((_, old)) = found.filter(|(owner, _)| *owner == desk) else {
            return Err(StoreError::corrupt("request", &request.reference, "it is to be changed, and is not there"));
        };
        update(connection, request).await?;
        Some(old)
    };
    for new in &request.items {
        let old = old.as_ref().and_then(|old| old.item(new.no));
        if old != Some(new) {
            item(connection, &request.reference, old, new).await?;
        }
    }
    for new in &request.approvals {
        let old = old.as_ref().and_then(|old| old.approvals.iter().find(|known| known.no == new.no));
        if old != Some(new) {
            approval(connection, &request.reference, old, new).await?;
        }
    }
    // A decision never takes an item or an approval away; that it did would be lost here in silence.
    let kept = old.as_ref().is_none_or(|old| {
        old.items.iter().all(|item| request.item(item.no).is_some())
            && old.approvals.iter().all(|known| request.approvals.iter().any(|new| new.no == known.no))
    });
    if kept {
        Ok(())
    } else {
        Err(StoreError::corrupt("request", &request.reference, "an item or an approval was taken away"))
    }
}

async fn insert(connection: &mut Connection, desk: DeskId, request: &Request, now: Moment) -> Result<()> {
    let statement = sqlx::query(
        "INSERT INTO request (reference, desk_id, kind, access_level, received_at, opened_at, language, sender, sender_key,
             sender_domain, sender_name, sender_verified, mail_id, message_id, subject, requester_email, requester_key,
             requester_name, requester_company, approver_email, approver_name, approver_company, reason, last_letter,
             escalated, is_open, confirmation_sent)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
             $24, $25, $26, $27)",
    )
    .bind(request.reference.as_str())
    .bind(desk.0)
    .bind(request.kind.as_str())
    .bind(request.access_level.as_str())
    .bind(ms(request.received_at))
    .bind(ms(now))
    .bind(request.language.as_str())
    .bind(request.sender.as_str())
    .bind(request.sender.key())
    .bind(request.sender.domain())
    .bind(clean_opt(request.sender_name.as_deref()))
    .bind(request.sender_verified)
    .bind(request.mail.0)
    .bind(clean_opt(request.message_id.as_deref()))
    .bind(clean(&request.subject).into_owned())
    .bind(request.requester.email.as_ref().map(EmailAddress::as_str))
    .bind(request.requester.email.as_ref().map(EmailAddress::key))
    .bind(clean_opt(request.requester.name.as_deref()))
    .bind(clean_opt(request.requester.company.as_deref()))
    .bind(request.approver.email.as_ref().map(EmailAddress::as_str))
    .bind(clean_opt(request.approver.name.as_deref()))
    .bind(clean_opt(request.approver.company.as_deref()))
    .bind(clean_opt(request.reason.as_deref()))
    .bind(i64::from(request.last_letter.0))
    .bind(request.escalated)
    .bind(is_open(request))
    .bind(request.confirmation_sent);
    match connection.execute(statement).await {
        Ok(_) => Ok(()),
        Err(error) if error.as_database_error().is_some_and(|fault| fault.is_unique_violation()) => {
            Err(StoreError::ReferenceTaken(request.reference.clone()))
        }
        Err(error) => Err(error.into()),
    }
}

fn is_open(request: &Request) -> bool {
    request.items.iter().any(|item| !item.standing.status().is_terminal())
}

/// Sender, mail and desk of a request never change.
async fn update(connection: &mut Connection, request: &Request) -> Result<()> {
    sqlx::query(
        "UPDATE request SET kind = $2, access_level = $3, language = $4, requester_email = $5, requester_key = $6,
             requester_name = $7, requester_company = $8, approver_email = $9, approver_name = $10,
             approver_company = $11, reason = $12, last_letter = $13, escalated = $14, sender_verified = $15,
             is_open = $16, confirmation_sent = $17
         WHERE reference = $1",
    )
    .bind(request.reference.as_str())
    .bind(request.kind.as_str())
    .bind(request.access_level.as_str())
    .bind(request.language.as_str())
    .bind(request.requester.email.as_ref().map(EmailAddress::as_str))
    .bind(request.requester.email.as_ref().map(EmailAddress::key))
    .bind(clean_opt(request.requester.name.as_deref()))
    .bind(clean_opt(request.requester.company.as_deref()))
    .bind(request.approver.email.as_ref().map(EmailAddress::as_str))
    .bind(clean_opt(request.approver.name.as_deref()))
    .bind(clean_opt(request.approver.company.as_deref()))
    .bind(clean_opt(request.reason.as_deref()))
    .bind(i64::from(request.last_letter.0))
    .bind(request.escalated)
    .bind(request.sender_verified)
    .bind(is_open(request))
    .bind(request.confirmation_sent)
    .execute(connection)
    .await?;
    Ok(())
}

async fn item(connection: &mut Connection, reference: &Reference, old: Option<&Item>, item: &Item) -> Result<()> {
    sqlx::query(
        "INSERT INTO item (reference, no, contract_number, bill_to_id, serial_number, status, reason, awaiting, decided_by,
             since, revision)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (reference, no) DO UPDATE SET contract_number = excluded.contract_number,
             bill_to_id = excluded.bill_to_id, serial_number = excluded.serial_number, status = excluded.status,
             reason = excluded.reason, awaiting = excluded.awaiting, decided_by = excluded.decided_by,
             since = excluded.since, revision = excluded.revision",
    )
    .bind(reference.as_str())
    .bind(i64::from(item.no.0))
    .bind(clean_opt(item.contract_number.as_deref()))
    .bind(clean_opt(item.bill_to_id.as_deref()))
    .bind(clean_opt(item.serial_number.as_deref()))
    .bind(item.standing.status().as_str())
    .bind(item.standing.reason().map(|reason| reason.as_str()))
    .bind(item.standing.awaiting().map(|clearance| clearance.as_str()))
    .bind(item.standing.decided_by().map(Decider::to_string))
    .bind(ms(item.since))
    .bind(i64::from(item.revision))
    .execute(&mut *connection)
    .await?;
    // Votes are added at the end; where a change voids some, what stands behind them is written anew.
    let known = old.map(|old| old.votes.as_slice()).unwrap_or_default();
    let same = known.iter().zip(&item.votes).take_while(|(known, new)| known == new).count();
    if same < known.len() {
        sqlx::query("DELETE FROM vote WHERE reference = $1 AND item_no = $2 AND position >= $3")
            .bind(reference.as_str())
            .bind(i64::from(item.no.0))
            .bind(i64::try_from(same).unwrap_or(i64::MAX))
            .execute(&mut *connection)
            .await?;
    }
    for (vote, position) in item.votes.iter().zip(0i64..).skip(same) {
        sqlx::query(
            "INSERT INTO vote (reference, item_no, position, person, person_key, digest, says, at, mail_id, comment)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(reference.as_str())
        .bind(i64::from(item.no.0))
        .bind(position)
        .bind(vote.person.as_str())
        .bind(vote.person.key())
        .bind(&vote.digest.0)
        .bind(vote.says.as_str())
        .bind(ms(vote.at))
        .bind(vote.mail.0)
        .bind(clean_opt(vote.comment.as_deref()))
        .execute(&mut *connection)
        .await?;
    }
    // A clearance is never taken back: one that does not fit any more is passed over by its digest.
    let known = old.map(|old| old.clearings.len()).unwrap_or_default();
    for (given, position) in item.clearings.iter().zip(0i64..).skip(known) {
        sqlx::query(
            "INSERT INTO clearing (reference, item_no, position, clearance, reviewer, at, digest, overrides, comment)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(reference.as_str())
        .bind(i64::from(item.no.0))
        .bind(position)
        .bind(given.clearance.as_str())
        .bind(clean(&given.reviewer))
        .bind(ms(given.at))
        .bind(&given.digest.0)
        .bind(given.overrides)
        .bind(clean_opt(given.comment.as_deref()))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

async fn approval(
    connection: &mut Connection,
    reference: &Reference,
    old: Option<&Approval>,
    approval: &Approval,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO approval (reference, no, person, person_key, name, language, state, asked_at, asked_again,
             confirmation_sent, stranger_told)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (reference, no) DO UPDATE SET name = excluded.name, language = excluded.language,
             state = excluded.state, asked_at = excluded.asked_at, asked_again = excluded.asked_again,
             confirmation_sent = excluded.confirmation_sent, stranger_told = excluded.stranger_told",
    )
    .bind(reference.as_str())
    .bind(i64::from(approval.no.0))
    .bind(approval.person.as_str())
    .bind(approval.person.key())
    .bind(clean_opt(approval.name.as_deref()))
    .bind(approval.language.as_str())
    .bind(word_of(&approval.state, "approval")?)
    .bind(approval.asked_at.map(ms))
    .bind(approval.asked_again)
    .bind(approval.confirmation_sent)
    .bind(approval.stranger_told)
    .execute(&mut *connection)
    .await?;
    let known: &[Ask] = old.map(|old| old.asks.as_slice()).unwrap_or_default();
    for gone in known.iter().filter(|known| approval.ask(known.letter).is_none()) {
        forget(connection, reference, gone.letter).await?;
    }
    for new in approval.asks.iter().filter(|ask| !known.iter().any(|known| known.letter == ask.letter)) {
        ask(connection, reference, approval.no, new).await?;
    }
    Ok(())
}

async fn ask(connection: &mut Connection, reference: &Reference, approval: ApprovalNo, ask: &Ask) -> Result<()> {
    sqlx::query("INSERT INTO ask (reference, approval_no, letter_no, purpose) VALUES ($1, $2, $3, $4)")
        .bind(reference.as_str())
        .bind(i64::from(approval.0))
        .bind(i64::from(ask.letter.0))
        .bind(word_of(&ask.purpose, "ask")?)
        .execute(&mut *connection)
        .await?;
    for (shown, position) in ask.shown.iter().zip(0i64..) {
        sqlx::query(
            "INSERT INTO ask_shown (reference, letter_no, position, item_no, digest) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(reference.as_str())
        .bind(i64::from(ask.letter.0))
        .bind(position)
        .bind(i64::from(shown.item.0))
        .bind(&shown.digest.0)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// A letter that was withdrawn before it left asks nothing: its tokens open nothing.
async fn forget(connection: &mut Connection, reference: &Reference, letter: LetterNo) -> Result<()> {
    for statement in [
        "DELETE FROM token WHERE reference = $1 AND letter_no = $2",
        "DELETE FROM ask_shown WHERE reference = $1 AND letter_no = $2",
        "DELETE FROM ask WHERE reference = $1 AND letter_no = $2",
    ] {
        sqlx::query(statement).bind(reference.as_str()).bind(i64::from(letter.0)).execute(&mut *connection).await?;
    }
    Ok(())
}
