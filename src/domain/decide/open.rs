//! A mail that asks for something opens a request: its items are checked, whoever can decide is asked, the sender is told.

use std::collections::BTreeSet;

use super::check::{self, Finding};
use super::draft::{Draft, Recipient};
use super::{ask, clock, tell};
use crate::domain::address::EmailAddress;
use crate::domain::event::{Event, EventKind};
use crate::domain::heard::RequestReading;
use crate::domain::ids::{ItemNo, LetterNo, Reference};
use crate::domain::input::MailInput;
use crate::domain::letter::{Body, CannotConfirm, MissingInformation};
use crate::domain::outcome::Folder;
use crate::domain::quote::repeated;
use crate::domain::request::{Item, Need, Request, Standing, Wait};
use crate::domain::task::{NewTask, TaskCause};
use crate::domain::timer::{Timer, TimerChange};
use crate::domain::words::{Kind, Part, Reason};

pub(super) fn decide(draft: &mut Draft<'_>, mail: &MailInput, from: &EmailAddress, reading: &RequestReading) {
    let mut request = record(draft, mail, from, reading);
    draft.out.opened = true;
    draft.event(
        Event::new(
            EventKind::Opened,
            format!(
                "Opened as {} with {} item(s); sender {}.",
                request.kind,
                request.items.len(),
                trust_in_words(mail)
            ),
        )
        .mail(mail.mail)
        .person(from),
    );
    let missing = what_is_missing(&request, reading);
    let all: Vec<ItemNo> = request.items.iter().map(|item| item.no).collect();
    let whole = check::before_items(&request, !missing.is_empty(), reading.several_people);
    place(draft, &mut request, &all, whole, Some(mail));
    tell_sender(draft, &mut request, &all, &missing, reading, Some(mail));
    let needs_person = request.items.iter().any(|item| matches!(item.standing, Standing::VendorReview(_)));
    let folder = if needs_person { Folder::Human } else { Folder::Done };
    draft.taken_as("request", folder, format!("Opened {}.", request.reference));
    draft.out.request = Some(request);
}

fn record(draft: &mut Draft<'_>, mail: &MailInput, from: &EmailAddress, reading: &RequestReading) -> Request {
    Request {
        reference: Reference::draw(draft.entropy),
        kind: reading.kind,
        access_level: reading.access_level,
        received_at: mail.received_at,
        language: mail.language,
        sender: from.clone(),
        sender_name: mail.from_name.clone(),
        sender_verified: mail.authentication.is_aligned(),
        mail: mail.mail,
        message_id: mail.message_id.clone(),
        subject: mail.subject.clone(),
        requester: tell::person(&reading.requester),
        approver: tell::person(&reading.approver),
        reason: reading.reason.clone(),
        items: items(draft, reading),
        approvals: Vec::new(),
        last_letter: LetterNo(0),
        escalated: false,
        confirmation_sent: false,
    }
}

/// One item for each contract, serial number or bill-to ID. In `third_party` only contracts are items: bill-to IDs and
/// serial numbers are evidence there. No number at all: one item with all keys null.
pub(super) fn items(draft: &Draft<'_>, reading: &RequestReading) -> Vec<Item> {
    let named = |contract: Option<&String>, bill_to: Option<&String>, serial: Option<&String>| Item {
        no: ItemNo(0),
        contract_number: contract.cloned(),
        bill_to_id: bill_to.cloned(),
        serial_number: serial.cloned(),
        standing: Standing::VendorReview(Wait::Reading),
        votes: Vec::new(),
        clearings: Vec::new(),
        revision: 0,
        since: draft.snapshot.now,
    };
    let mut seen = BTreeSet::new();
    let contracts = reading.contract_numbers.iter().filter(|number| seen.insert((*number).clone()));
    let mut items: Vec<Item> = contracts.map(|number| named(Some(number), None, None)).collect();
    match reading.kind {
        Kind::ThirdParty => {}
        Kind::Contract | Kind::Download => {
            items.extend(reading.serial_numbers.iter().map(|number| named(None, None, Some(number))));
        }
        Kind::BillTo | Kind::Ordering => {
            items.extend(reading.bill_to_ids.iter().map(|number| named(None, Some(number), None)));
        }
    }
    if items.is_empty() {
        items.push(named(None, None, None));
    }
    for (item, no) in items.iter_mut().zip(1..) {
        item.no = ItemNo(no);
    }
    items
}

/// What the reading found missing, and addresses that have not the shape of one.
pub(super) fn what_is_missing(request: &Request, reading: &RequestReading) -> Vec<Part> {
    let mut missing = reading.missing.clone();
    if request.kind == Kind::ThirdParty {
        let needed = [
            (Part::ContractNumbers, request.items.iter().any(|item| item.contract_number.is_some())),
            (Part::RequesterEmail, request.requester.email.is_some()),
            (Part::RequesterCompany, request.requester.company.is_some()),
            (Part::ApproverEmail, request.approver.email.is_some()),
            (Part::ApproverName, request.approver.name.is_some()),
            (Part::ApproverCompany, request.approver.company.is_some()),
            (Part::Reason, request.reason.is_some()),
        ];
        missing.extend(needed.into_iter().filter(|(_, given)| !given).map(|(part, _)| part));
    }
    missing.sort();
    missing.dedup();
    missing
}

/// Puts items where their checks say, and does what each place needs: approvals asked, clocks set, tasks opened.
pub(super) fn place(
    draft: &mut Draft<'_>,
    request: &mut Request,
    items: &[ItemNo],
    whole: Option<Finding>,
    mail: Option<&MailInput>,
) {
    for no in items {
        let Some(item) = request.item(*no) else { continue };
        let finding = whole.clone().unwrap_or_else(|| check::third_party(draft.snapshot, request, item));
        let (standing, task) = match finding {
            Finding::NotWorked(why) => (Standing::VendorReview(Wait::Reading), Some((TaskCause::NotWorked, why))),
            Finding::Stands(standing) => {
                let task = match &standing {
                    Standing::VendorReview(Wait::SeveralPeople) => Some((
                        TaskCause::SeveralPeople,
                        "The mail names several users or approvers: say which are meant.",
                    )),
                    Standing::VendorReview(Wait::Entitlement) => Some((
                        TaskCause::Entitlement,
                        "The register cannot say whether the approver speaks for the holder: no domain is registered, or the company name contradicts.",
                    )),
                    Standing::VendorReview(Wait::NoAdministrator) => {
                        Some((TaskCause::NoAdministrator, "The contract has no administrator who could be asked."))
                    }
                    Standing::VendorReview(Wait::Final) => {
                        Some((TaskCause::FinalReview, "The approver has consented: the last word is a reviewer's."))
                    }
                    Standing::VendorReview(Wait::Reading) => {
                        Some((TaskCause::NotWorked, "Say whether this is what was meant."))
                    }
                    Standing::VendorReview(Wait::Identity) => {
                        Some((TaskCause::NotWorked, "Say whether the sender is who the mail says."))
                    }
                    Standing::Approved(_)
                    | Standing::AdministratorReview
                    | Standing::FurtherAction(_)
                    | Standing::Denied(..)
                    | Standing::Cancelled(_)
                    | Standing::Expired => None,
                };
                (standing, task)
            }
        };
        stand(draft, request, *no, standing);
        if let Some((cause, why)) = task
            && (whole.is_none() || *no == ItemNo(1))
        {
            let item = whole.is_none().then_some(*no);
            let which = item.map(|no| format!(" --item {no}")).unwrap_or_default();
            let verbs = if request.kind == Kind::ThirdParty { "approve|deny" } else { "deny" };
            let how = format!("{why} (ringi requests {verbs} {}{which} --as NAME)", request.reference);
            draft.task(NewTask::new(cause, how).mail(mail.map(|mail| mail.mail)).item(item));
        }
    }
    set_rechecks(draft, request, items);
    let to_ask: Vec<ItemNo> = items
        .iter()
        .copied()
        .filter(|no| request.item(*no).is_some_and(|item| item.standing.awaits_answer()))
        .collect();
    ask::everybody(draft, request, &to_ask);
}

/// Moves an item, with its entry in the timeline. A terminal item stays where it is.
pub(super) fn stand(draft: &mut Draft<'_>, request: &mut Request, no: ItemNo, standing: Standing) {
    let now = draft.snapshot.now;
    let Some(item) = request.item_mut(no) else { return };
    if item.standing.status().is_terminal() {
        return;
    }
    let mut text = format!("Stands at {}", standing.status());
    if let Some(reason) = standing.reason() {
        text.push_str(&format!(" / {reason}"));
    }
    if let Some(clearance) = standing.awaiting() {
        text.push_str(&format!(", awaiting {clearance}"));
    }
    if let Some(by) = standing.decided_by() {
        text.push_str(&format!(", decided by {by}"));
    }
    text.push('.');
    let waited = matches!(item.standing, Standing::VendorReview(_));
    let waits = matches!(standing, Standing::VendorReview(_));
    item.standing = standing;
    item.since = now;
    draft.event(Event::new(EventKind::ItemStands, text).item(no));
    if waited {
        draft.out.reviewed.push(no);
    }
    if waited || waits {
        clock::promise(draft, request);
    }
}

/// Ringi looks again by itself when a contract's window ends.
fn set_rechecks(draft: &mut Draft<'_>, request: &Request, items: &[ItemNo]) {
    for item in request.items.iter().filter(|item| items.contains(&item.no)) {
        if item.standing != Standing::FurtherAction(Need::ContractTooNew) {
            continue;
        }
        let contract = draft.snapshot.contract(item.contract_number.as_deref());
        if let Some(due) = contract.and_then(|contract| check::too_new_until(contract, draft.snapshot.desk)) {
            let timer = Timer::Recheck { reference: request.reference.clone(), item: item.no };
            draft.out.timers.push(TimerChange::Set { timer, due });
        }
    }
}

/// H1: received, missing, denied go to From of the request only; each item by what may be told of it.
pub(super) fn tell_sender(
    draft: &mut Draft<'_>,
    request: &mut Request,
    of: &[ItemNo],
    missing: &[Part],
    reading: &RequestReading,
    mail: Option<&MailInput>,
) {
    let standing_at = |request: &Request, wanted: fn(&Standing) -> bool| {
        of.iter().all(|no| request.item(*no).is_some_and(|item| wanted(&item.standing)))
    };
    if standing_at(request, |standing| *standing == Standing::FurtherAction(Need::MissingInformation)) {
        let body = Body::MissingInformation(Box::new(MissingInformation {
            kind: request.kind,
            missing: missing.to_vec(),
            known: as_repeated(reading, request.sender_verified),
        }));
        return draft.ask_sender(request, body);
    }
    if standing_at(request, |standing| matches!(standing, Standing::VendorReview(Wait::Reading | Wait::SeveralPeople)))
        && let Some(mail) = mail
    {
        return draft.tell(request, Recipient::sender_of(request), tell::receipt(mail));
    }
    tell_items(draft, request, of, mail);
}

/// News of items that moved after the first letter.
pub(super) fn tell_sender_again(draft: &mut Draft<'_>, request: &mut Request, of: &[ItemNo]) {
    let known = tell::as_read(request);
    let missing = what_is_missing(request, &known);
    tell_sender(draft, request, of, &missing, &known, None);
}

pub(super) fn tell_items(draft: &mut Draft<'_>, request: &mut Request, of: &[ItemNo], mail: Option<&MailInput>) {
    let hidden: Vec<ItemNo> = of.iter().copied().filter(|no| is_hidden(draft, request, *no)).collect();
    let told: Vec<ItemNo> = of.iter().copied().filter(|no| !hidden.contains(no)).collect();
    if !told.is_empty() {
        let body = tell::status(draft, request, &told, mail.is_some());
        draft.tell(request, Recipient::sender_of(request), body);
    }
    if !hidden.is_empty() {
        cannot_confirm(draft, request, &hidden, mail);
    }
}

fn is_hidden(draft: &Draft<'_>, request: &Request, no: ItemNo) -> bool {
    request.item(no).is_some_and(|item| {
        item.standing.reason().is_some_and(tell::is_telling)
            && !tell::may_tell(request, draft.snapshot.contract(item.contract_number.as_deref()))
    })
}

fn cannot_confirm(draft: &mut Draft<'_>, request: &mut Request, hidden: &[ItemNo], mail: Option<&MailInput>) {
    let unmatched = hidden
        .iter()
        .filter_map(|no| request.item(*no))
        .filter(|item| item.standing.reason() == Some(Reason::ContractNotFound))
        .count();
    let today = draft.snapshot.load.unmatched_today.saturating_add(u32::try_from(unmatched).unwrap_or(u32::MAX));
    let limit = draft.snapshot.desk.policy.unmatched_daily_limit;
    // Whatever the number: a letter about an ended contract beside silence about an unknown one would tell which is which.
    if limit > 0 && today > limit {
        let why = format!(
            "{today} numbers from this sender's domain matched nothing within a day: somebody may be guessing. No letter was sent."
        );
        draft.task(NewTask::new(TaskCause::OverLimit, why).mail(mail.map(|mail| mail.mail)));
        return;
    }
    let numbers = hidden
        .iter()
        .filter_map(|no| request.item(*no))
        .filter_map(Item::named_as)
        .map(|number| repeated(number, request.sender_verified))
        .collect();
    draft.tell(request, Recipient::sender_of(request), Body::CannotConfirm(CannotConfirm { numbers }));
}

/// The particulars as a letter may repeat them. Addresses and numbers stay whole, or the form would not read back.
pub(super) fn as_repeated(reading: &RequestReading, verified: bool) -> RequestReading {
    let mut known = reading.clone();
    let texts = [
        &mut known.requester.name,
        &mut known.requester.company,
        &mut known.approver.name,
        &mut known.approver.company,
        &mut known.reason,
    ];
    for text in texts {
        *text = text.take().map(|text| repeated(&text, verified));
    }
    for email in [&mut known.requester.email, &mut known.approver.email] {
        *email = email.take().filter(|text| EmailAddress::parse(text).is_some());
    }
    known
}

fn trust_in_words(mail: &MailInput) -> String {
    match &mail.authentication {
        crate::domain::trust::Authentication::Aligned { by } => format!("verified by {by}"),
        crate::domain::trust::Authentication::NotAligned { cause } => format!("not verified: {cause}"),
        crate::domain::trust::Authentication::DmarcFail => "not verified: dmarc=fail".to_owned(),
    }
}
