//! A reviewer's word: each approval gives one clearance, after which the item runs through its remaining checks (section 3).

use super::check::{self, Finding};
use super::draft::{Draft, Recipient};
use super::{ask, granted, open, tell};
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::ItemNo;
use crate::domain::input::{Act, ReviewAct};
use crate::domain::outcome::Reply;
use crate::domain::request::{Clearing, Decider, Denial, Item, Need, Request, Standing, Wait};
use crate::domain::words::{Clearance, Kind};

pub(super) fn decide(draft: &mut Draft<'_>, act: &ReviewAct) {
    let found = draft.snapshot.request.clone().filter(|request| request.reference == act.reference);
    let Some(mut request) = found else {
        return refuse(draft, vec![format!("No request of this desk is called {}.", act.reference)]);
    };
    let known = &draft.snapshot.desk.reviewer_names;
    if act.act != Act::Cancel && !known.contains(&act.reviewer) {
        let names = known.join(", ");
        return refuse(draft, vec![format!("{:?} is no reviewer of this desk; its reviewers: {names}.", act.reviewer)]);
    }
    let items = match meant(draft, &request, act) {
        Ok(items) => items,
        Err(lines) => return refuse(draft, lines),
    };
    match act.act {
        Act::Approve => approve(draft, &mut request, act, &items),
        Act::Deny => settle(draft, &mut request, act, &items, |by| Standing::Denied(Denial::Declined, by)),
        Act::Cancel => settle(draft, &mut request, act, &items, Standing::Cancelled),
    }
    ask::tidy(draft, &mut request);
    let lines = items.iter().filter_map(|no| request.item(*no)).map(stands).collect();
    draft.out.reply = Some(Reply { done: true, lines });
    draft.out.request = Some(request);
}

/// Nothing is changed: one item that cannot be followed holds up all that the act names.
fn refuse(draft: &mut Draft<'_>, lines: Vec<String>) {
    draft.out.reply = Some(Reply { done: false, lines });
}

/// The items that the act is about; the reasons why it cannot be followed otherwise.
fn meant(draft: &Draft<'_>, request: &Request, act: &ReviewAct) -> Result<Vec<ItemNo>, Vec<String>> {
    let named: Vec<&Item> = if act.items.is_empty() {
        request.items.iter().filter(|item| hindrance(draft, request, item, act).is_none()).collect()
    } else {
        let unknown: Vec<String> = act
            .items
            .iter()
            .filter(|no| request.item(**no).is_none())
            .map(|no| format!("{} has no item {no}: it has {}.", request.reference, request.items.len()))
            .collect();
        if !unknown.is_empty() {
            return Err(unknown);
        }
        request.items.iter().filter(|item| act.items.contains(&item.no)).collect()
    };
    let hindrances = |items: &[&Item]| -> Vec<String> {
        items.iter().filter_map(|item| hindrance(draft, request, item, act)).collect()
    };
    if named.is_empty() {
        return Err(hindrances(&request.items.iter().collect::<Vec<_>>()));
    }
    let hindered = hindrances(&named);
    if hindered.is_empty() { Ok(named.iter().map(|item| item.no).collect()) } else { Err(hindered) }
}

/// Why the act cannot be followed for this item: who must answer, or what is wrong with it.
fn hindrance(draft: &Draft<'_>, request: &Request, item: &Item, act: &ReviewAct) -> Option<String> {
    let name = named(item);
    let answer = match (&item.standing, act.act) {
        (Standing::Approved(by) | Standing::Denied(_, by) | Standing::Cancelled(by), _) => {
            format!("is settled: {}, decided by {by}", item.standing.status())
        }
        (Standing::Expired, _) => "has expired".to_owned(),
        (_, Act::Cancel) => return None,
        (standing @ Standing::VendorReview(_), Act::Approve) if !was_seen(act, item) => {
            let clearance = standing.awaiting().map(Clearance::as_str).unwrap_or_default();
            format!(
                "has moved on since you looked: it waits for the clearance {clearance} now; look again, then approve that"
            )
        }
        (Standing::VendorReview(wait), Act::Approve | Act::Deny) => {
            return match wait {
                Wait::NoAdministrator => None,
                Wait::Reading if act.act == Act::Approve && request.kind != Kind::ThirdParty => {
                    Some(format!("{name} is of kind {}, which a person carries out: deny or cancel it here.", request.kind))
                }
                Wait::Reading | Wait::SeveralPeople | Wait::Identity | Wait::Entitlement | Wait::Final => {
                    (act.overrides && act.act == Act::Approve).then(|| {
                        format!(
                            "{name} waits for the clearance {}: --override stands in for silent or missing administrators alone. Approve without it.",
                            item.standing.awaiting().map(Clearance::as_str).unwrap_or_default()
                        )
                    })
                }
            };
        }
        (Standing::AdministratorReview, Act::Approve | Act::Deny) if act.overrides && request.escalated => return None,
        (Standing::AdministratorReview, Act::Approve | Act::Deny) => {
            let asked = waited_for(request, item);
            let days = draft.snapshot.desk.policy.escalate_after;
            format!(
                "waits for the answer of {asked}; --override stands in for them once they were silent for {days} business days"
            )
        }
        (Standing::FurtherAction(Need::ConsentRequired), Act::Approve | Act::Deny) => {
            format!("waits for the consent of {}, for which nothing stands in", waited_for(request, item))
        }
        (Standing::FurtherAction(need), Act::Approve | Act::Deny) => match need {
            Need::ContractTooNew => "waits until its contract is old enough; Ringi looks again by itself".to_owned(),
            Need::MissingInformation
            | Need::WrongAccessLevel
            | Need::PublicDomain
            | Need::CompanyMismatch
            | Need::ConsentRequired
            | Need::SentBack => format!("waits for the sender, {}, to complete the request", request.sender),
        },
    };
    Some(format!("{name} {answer}."))
}

fn was_seen(act: &ReviewAct, item: &Item) -> bool {
    act.seen.iter().any(|seen| seen.item == item.no && seen.awaiting == item.standing.awaiting())
}

fn waited_for(request: &Request, item: &Item) -> String {
    let people: Vec<&str> = request
        .approvals
        .iter()
        .filter(|approval| approval.waiting_items(request).contains(&item.no))
        .map(|approval| approval.person.as_str())
        .collect();
    if people.is_empty() { "its administrators".to_owned() } else { people.join(", ") }
}

fn approve(draft: &mut Draft<'_>, request: &mut Request, act: &ReviewAct, items: &[ItemNo]) {
    let mut approved = Vec::new();
    for no in items {
        let Some(item) = request.item(*no) else { continue };
        // Silent administrators are stood in for as missing ones are.
        let clearance = item.standing.awaiting().unwrap_or(Clearance::NoAdministrator);
        let given = Clearing {
            clearance,
            reviewer: act.reviewer.clone(),
            at: draft.snapshot.now,
            digest: request.reviewed_digest(item),
            overrides: act.overrides,
            comment: act.comment.clone(),
        };
        if let Some(item) = request.item_mut(*no) {
            item.clearings.push(given);
        }
        draft.event(Event::new(EventKind::Cleared, said(act, &format!("gives the clearance {clearance}"))).item(*no));
        if ends(draft, request, *no, clearance, act.overrides) {
            let by = Decider::Reviewer(act.reviewer.clone());
            granted::grant(draft, request, *no, &by);
            open::stand(draft, request, *no, Standing::Approved(by));
            approved.push(*no);
        } else {
            let whole = before_items(request, clearance);
            open::place(draft, request, &[*no], whole, None);
        }
    }
    let rest: Vec<ItemNo> = items.iter().copied().filter(|no| !approved.contains(no)).collect();
    if !rest.is_empty() {
        open::tell_sender_again(draft, request, &rest);
    }
    if !approved.is_empty() {
        granted::tell_approved(draft, request, &approved, Vec::new());
    }
}

/// Whether nothing but this word was missing: the final clearance, or an override where the approver has consented.
fn ends(draft: &Draft<'_>, request: &Request, no: ItemNo, clearance: Clearance, overrides: bool) -> bool {
    let Some(item) = request.item(no) else { return false };
    if !(clearance == Clearance::Final || overrides) {
        return false;
    }
    match check::third_party(draft.snapshot, request, item) {
        Finding::Stands(Standing::VendorReview(Wait::Final)) => true,
        // Where the grant exists when approval comes, the item is approved and points to it.
        Finding::Stands(Standing::Denied(Denial::AlreadyRegistered, _)) => clearance == Clearance::Final,
        Finding::Stands(_) | Finding::NotWorked(_) => false,
    }
}

/// What was meant is clear now: the checks begin at the first one.
fn before_items(request: &Request, cleared: Clearance) -> Option<Finding> {
    match cleared {
        Clearance::Reading => {
            let missing = open::what_is_missing(request, &tell::as_read(request));
            check::before_items(request, !missing.is_empty(), false)
        }
        Clearance::Identity | Clearance::Entitlement | Clearance::NoAdministrator | Clearance::Final => None,
    }
}

/// H2: the comment of a reviewer who denies is for the timeline, as an administrator's is.
fn settle(
    draft: &mut Draft<'_>,
    request: &mut Request,
    act: &ReviewAct,
    items: &[ItemNo],
    standing: impl Fn(Decider) -> Standing,
) {
    for no in items {
        let verb = match act.act {
            Act::Approve => "approves",
            Act::Deny => "denies",
            Act::Cancel => "cancels",
        };
        draft.event(Event::new(EventKind::Cleared, said(act, verb)).item(*no));
        open::stand(draft, request, *no, standing(Decider::Reviewer(act.reviewer.clone())));
    }
    let body = tell::status(draft, request, items, false);
    draft.tell(request, Recipient::sender_of(request), body);
}

fn said(act: &ReviewAct, what: &str) -> String {
    let over = if act.overrides { " (override)" } else { "" };
    match &act.comment {
        Some(comment) => format!("Reviewer {} {what}{over}: {comment}", act.reviewer),
        None => format!("Reviewer {} {what}{over}.", act.reviewer),
    }
}

fn named(item: &Item) -> String {
    match item.named_as() {
        Some(number) => format!("Item {} ({number})", item.no),
        None => format!("Item {}", item.no),
    }
}

fn stands(item: &Item) -> String {
    let mut text = format!("{} is {}", named(item), item.standing.status());
    if let Some(reason) = item.standing.reason() {
        text.push_str(&format!(" / {reason}"));
    }
    if let Some(clearance) = item.standing.awaiting() {
        text.push_str(&format!(", awaiting {clearance}"));
    }
    text.push('.');
    text
}
