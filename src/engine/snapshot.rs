//! Everything that a decision is taken on, read in the deciding transaction.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::hearing::{Heard, HeardMail};
use crate::domain::address::EmailAddress;
use crate::domain::entropy::TokenHash;
use crate::domain::ids::{ApprovalNo, LetterNo, Reference};
use crate::domain::input::{Carried, Input, MailInput, Returned, Whose};
use crate::domain::outbox::Named;
use crate::domain::policy::Desk;
use crate::domain::request::{Need, Request, Standing};
use crate::domain::snapshot::{Load, Snapshot};
use crate::domain::words::Class;
use crate::reading::Reader;
use crate::store::{Deciding, Result};

/// References of one mail that are looked up.
const MOST_HINTS: usize = 20;

/// The snapshot for one input, and the input with what the store knows of it.
pub(super) async fn take<'a>(
    deciding: &mut Deciding,
    desk: &'a Desk,
    reader: &Reader,
    heard: &Heard,
    now: DateTime<Utc>,
) -> Result<(Snapshot<'a>, Input)> {
    match heard {
        Heard::Mail(mail) => of_mail(deciding, desk, reader, mail, now).await,
        Heard::Timer(timer) => {
            let request = request(deciding, timer.reference()).await?;
            Ok((around(deciding, desk, request, None, now).await?, Input::Timer(timer.clone())))
        }
        Heard::Review(act) => {
            let request = request(deciding, Some(&act.reference)).await?;
            Ok((around(deciding, desk, request, None, now).await?, Input::Review(act.clone())))
        }
        Heard::Delivery(delivery) => {
            let request = request(deciding, delivery.reference.as_ref()).await?;
            Ok((around(deciding, desk, request, None, now).await?, Input::Delivery(delivery.clone())))
        }
        Heard::Operator(act) => {
            let named = deciding.named(act).await?;
            let reference = match &named {
                Some(Named::Letter(letter)) => letter.reference.as_ref(),
                Some(Named::Mail(mail)) => mail.reference.as_ref(),
                None => None,
            };
            let request = request(deciding, reference).await?;
            let mut snapshot = around(deciding, desk, request, None, now).await?;
            snapshot.named = named;
            Ok((snapshot, Input::Operator(act.clone())))
        }
        Heard::Register(changed) => {
            let request = request(deciding, Some(&changed.reference)).await?;
            Ok((around(deciding, desk, request, None, now).await?, Input::Register(changed.clone())))
        }
    }
}

async fn of_mail<'a>(
    deciding: &mut Deciding,
    desk: &'a Desk,
    reader: &Reader,
    heard: &HeardMail,
    now: DateTime<Utc>,
) -> Result<(Snapshot<'a>, Input)> {
    let carried = carried(deciding, heard).await?;
    let returned = returned(deciding, heard).await?;
    let hinted = match &heard.from {
        Some(from) if carried.is_empty() && returned.is_none() => {
            deciding.hinted(&references(&heard.opened.reference_hints), from, desk.calendar.day(now)).await?
        }
        _ => None,
    };
    let continued = match &heard.from {
        Some(from) if carried.is_empty() && returned.is_none() && hinted.is_none() => {
            continued(deciding, &references(&heard.opened.reference_hints), from).await?
        }
        _ => None,
    };
    // What a token names comes first, then what a report returns, then a bare reference (rule T8).
    let named = carried
        .first()
        .map(|carried| carried.reference.clone())
        .or_else(|| returned.as_ref().and_then(|returned| returned.reference.clone()))
        .or_else(|| hinted.as_ref().map(|(reference, _)| reference.clone()))
        .or_else(|| continued.clone());
    let request = request(deciding, named.as_ref()).await?;
    let answer = match (&request, carried.first()) {
        (Some(request), Some(Carried { whose: Whose::Approval(approval), letter, .. })) => {
            Some(reader.answer(&heard.opened, &asked(request, *approval, *letter)))
        }
        _ => None,
    };
    let reading = match carried.first().map(|carried| carried.whose) {
        Some(Whose::Sender) => heard.unmarked.as_ref().unwrap_or(&heard.reading),
        Some(Whose::Approval(_)) | None => &heard.reading,
    };
    let input = MailInput {
        mail: heard.mail,
        received_at: heard.received_at,
        from: heard.from.clone(),
        from_name: heard.opened.from.as_ref().and_then(|from| from.name.clone()),
        message_id: heard.opened.message_id.clone(),
        subject: heard.opened.subject.clone(),
        language: reading.language,
        class: reading.class,
        class_cause: match reading.class {
            Class::Unreadable => heard.opened.unreadable.clone(),
            _ => heard.opened.noise.as_ref().map(|noise| noise.cause.clone()),
        },
        unanswerable: heard.opened.unanswerable,
        headers_only: heard.headers_only,
        authentication: heard.authentication.clone(),
        request: reading.request.clone(),
        asks_again: heard.asks_again,
        answer,
        visible_text: heard.opened.visible_text.clone(),
        carried,
        returned,
    };
    let mut snapshot = around(deciding, desk, request, Some(&input), now).await?;
    snapshot.hinted = hinted.map(|(_, approval)| approval);
    snapshot.continued = continued.is_some();
    Ok((snapshot, Input::Mail(Box::new(input))))
}

/// Tokens that the store knows, in the order of rule T8.
async fn carried(deciding: &mut Deciding, heard: &HeardMail) -> Result<Vec<Carried>> {
    let hashes: Vec<TokenHash> = heard.opened.tokens.iter().map(|token| TokenHash::of(&token.secret)).collect();
    let owners = deciding.tokens(&hashes).await?;
    Ok(heard
        .opened
        .tokens
        .iter()
        .zip(&hashes)
        .filter_map(|(token, hash)| {
            owners.get(hash).map(|owner| Carried {
                carrier: token.carrier,
                reference: owner.reference.clone(),
                whose: owner.whose,
                letter: owner.letter,
            })
        })
        .collect())
}

/// The letter that a delivery report returns (rule C2): `failed` counts for that letter's own recipient alone.
async fn returned(deciding: &mut Deciding, heard: &HeardMail) -> Result<Option<Returned>> {
    let Some(report) = &heard.opened.delivery_report else { return Ok(None) };
    let Some(message_id) = &report.original_message_id else { return Ok(None) };
    let Some(letter) = deciding.letter_by_message_id(message_id).await? else { return Ok(None) };
    let for_recipient = report.recipient.as_deref().and_then(EmailAddress::parse) == Some(letter.recipient);
    Ok(Some(Returned {
        reference: letter.reference,
        letter: letter.letter,
        failed: for_recipient && report.action.as_deref() == Some("failed"),
        status: report.status.clone(),
    }))
}

/// The one request among these that this person sent, or that is for this person, and of which something waits for them:
/// missing items were asked for, or it was sent back.
async fn continued(
    deciding: &mut Deciding,
    references: &[Reference],
    from: &EmailAddress,
) -> Result<Option<Reference>> {
    let mut found = None;
    for reference in references.iter().collect::<BTreeSet<_>>() {
        let Some(request) = deciding.request(reference).await? else { continue };
        let waits = request
            .items
            .iter()
            .any(|item| matches!(item.standing, Standing::FurtherAction(Need::MissingInformation | Need::SentBack)));
        let theirs = request.sender == *from || request.requester.email.as_ref() == Some(from);
        if theirs && waits && found.replace(reference.clone()).is_some() {
            // Two at once: nobody can say which is meant.
            return Ok(None);
        }
    }
    Ok(found)
}

/// The contracts that the answered letter named, in its order.
fn asked(request: &Request, approval: ApprovalNo, letter: LetterNo) -> Vec<String> {
    let approval: Option<_> = request.approvals.iter().find(|known| known.no == approval);
    let shown = approval.and_then(|approval| approval.ask(letter)).map(|ask| ask.shown.as_slice());
    shown
        .unwrap_or_default()
        .iter()
        .filter_map(|shown| request.item(shown.item))
        .filter_map(|item| item.named_as().map(str::to_owned))
        .collect()
}

/// The references that a mail names; a mail that names more than a thread ever does is guessing.
fn references(hints: &[String]) -> Vec<Reference> {
    hints.iter().take(MOST_HINTS).filter_map(|hint| Reference::parse(hint)).collect()
}

async fn request(deciding: &mut Deciding, reference: Option<&Reference>) -> Result<Option<Request>> {
    match reference {
        Some(reference) => deciding.request(reference).await,
        None => Ok(None),
    }
}

/// What surrounds a request, or a mail that may open one.
async fn around<'a>(
    deciding: &mut Deciding,
    desk: &'a Desk,
    request: Option<Request>,
    mail: Option<&MailInput>,
    now: DateTime<Utc>,
) -> Result<Snapshot<'a>> {
    let asked = mail.and_then(|mail| mail.request.as_ref());
    let mut numbers: Vec<String> = asked.map(|reading| reading.contract_numbers.clone()).unwrap_or_default();
    if let Some(request) = &request {
        numbers.extend(request.items.iter().filter_map(|item| item.contract_number.clone()));
    }
    numbers.sort();
    numbers.dedup();
    // A mail with a token may read as a request for somebody else: both accounts are looked up, and told apart.
    let mut accounts: Vec<EmailAddress> = Vec::new();
    let of_mail = asked.and_then(|reading| reading.requester.email.as_deref().and_then(EmailAddress::parse));
    let of_request = request.as_ref().and_then(|request| request.requester.email.clone());
    for account in of_mail.into_iter().chain(of_request) {
        if !accounts.contains(&account) {
            accounts.push(account);
        }
    }
    let contracts = deciding.contracts(&numbers).await?;
    let (mut grants, mut open_elsewhere) = (Vec::new(), Vec::new());
    let own = request.as_ref().map(|request| &request.reference);
    let accounts_kept = deciding.keeps_accounts().await?;
    let mut profiles = Vec::new();
    if accounts_kept {
        for account in &accounts {
            profiles.extend(deciding.account(account).await?);
        }
    }
    for account in accounts {
        grants.extend(deciding.grants(&account).await?);
        let open = deciding.open_elsewhere(&account, &numbers, own).await?;
        open_elsewhere.extend(open.into_iter().map(|item| (account.clone(), item)));
    }
    let sender = mail
        .and_then(|mail| mail.from.clone().map(|from| (from, mail.authentication.is_aligned())))
        .or_else(|| request.as_ref().map(|request| (request.sender.clone(), request.sender_verified)));
    let load = match &sender {
        Some((sender, verified)) => deciding.load(sender, *verified, &contracts, now).await?,
        None => Load::default(),
    };
    let unsent = match &request {
        Some(request) => deciding.unsent(&request.reference).await?,
        None => Default::default(),
    };
    Ok(Snapshot {
        desk,
        now,
        request,
        unsent,
        hinted: None::<ApprovalNo>,
        continued: false,
        contracts,
        grants,
        accounts_kept,
        accounts: profiles,
        open_elsewhere,
        load,
        last_task_notice: deciding.last_task_notice().await?,
        untold_tasks: deciding.untold_tasks().await?,
        undelivered_known: deciding.undelivered_known().await?,
        named: None,
    })
}
