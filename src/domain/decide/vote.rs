//! Votes, and what settles an item (rules V1, V4, V5).

use super::draft::{Draft, Recipient};
use super::{ask, check, granted, open, resume, tell};
use crate::domain::address::EmailAddress;
use crate::domain::approval::{Approval, ApprovalState, Say, Vote};
use crate::domain::contract::{Contract, Quorum};
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::ItemNo;
use crate::domain::input::MailInput;
use crate::domain::letter::{Body, DecisionRecorded, Progress, RecordedLine};
use crate::domain::quorum::{self, Ballot, Seat, Tally};
use crate::domain::request::{Decider, Denial, Item, Need, Request, Standing, Wait};
use crate::domain::snapshot::Snapshot;
use crate::domain::task::{NewTask, TaskCause};

/// One person's answer that counts.
pub(super) struct Answer<'a> {
    pub approval: &'a Approval,
    /// A verdict on each of these items.
    pub votes: Vec<(ItemNo, Say)>,
    /// Items that the answer spoke of without a verdict: they stay asked.
    pub undecided: Vec<ItemNo>,
    /// What is passed on with a send_back, fit to be repeated.
    pub comment: Option<String>,
    pub mail: &'a MailInput,
}

/// Where the items of one answer came to stand.
#[derive(Default)]
struct Settled {
    approved: Vec<ItemNo>,
    denied: Vec<ItemNo>,
    sent_back: Vec<ItemNo>,
    consented: Vec<ItemNo>,
    /// By a check, or because too few people are left.
    otherwise: Vec<ItemNo>,
    open: Vec<(ItemNo, Progress)>,
}

/// Records one person's verdicts and settles what they settle (rule V4).
pub(super) fn cast(draft: &mut Draft<'_>, request: &mut Request, answer: &Answer<'_>) {
    let mut settled = Settled::default();
    for (no, says) in &answer.votes {
        let consents = request.item(*no).is_some_and(|item| item.standing == CONSENT);
        record(draft, request, answer, *no, *says);
        if consents {
            consent(draft, request, answer, *no, *says, &mut settled);
        } else {
            settle(draft, request, answer, *no, &mut settled);
        }
    }
    tell_sender(draft, request, &settled);
    tell_person(draft, request, answer, &settled);
    ask::tidy(draft, request);
}

fn record(draft: &mut Draft<'_>, request: &mut Request, answer: &Answer<'_>, no: ItemNo, says: Say) {
    let Some(digest) = request.item(no).map(|item| request.shown_digest(item)) else { return };
    let Some(item) = request.item_mut(no) else { return };
    let person = &answer.approval.person;
    item.votes.push(Vote {
        person: person.clone(),
        says,
        digest,
        at: draft.snapshot.now,
        mail: answer.mail.mail,
        comment: answer.comment.clone().filter(|_| says == Say::SendBack),
    });
    draft.event(
        Event::new(EventKind::Voted, format!("Verdict {says}, bound to the item as shown."))
            .item(no)
            .approval(answer.approval.no)
            .mail(answer.mail.mail)
            .person(person),
    );
}

const CONSENT: Standing = Standing::FurtherAction(Need::ConsentRequired);

/// The approver's word alone: what is consented to goes on through its checks, to the desk.
fn consent(
    draft: &mut Draft<'_>,
    request: &mut Request,
    answer: &Answer<'_>,
    no: ItemNo,
    says: Say,
    settled: &mut Settled,
) {
    match says {
        Say::Approve => {
            open::place(draft, request, &[no], None, Some(answer.mail));
            settled.consented.push(no);
        }
        Say::Deny => {
            let by = Decider::Person(answer.approval.person.clone());
            open::stand(draft, request, no, Standing::Denied(Denial::Declined, by));
            settled.denied.push(no);
        }
        Say::SendBack => {
            open::stand(draft, request, no, Standing::FurtherAction(Need::SentBack));
            settled.sent_back.push(no);
        }
    }
}

fn settle(draft: &mut Draft<'_>, request: &mut Request, answer: &Answer<'_>, no: ItemNo, settled: &mut Settled) {
    let by = Decider::Person(answer.approval.person.clone());
    let Some(item) = request.item(no) else { return };
    let contract = draft.snapshot.contract(item.contract_number.as_deref());
    let Some(contract) = contract else {
        open::stand(draft, request, no, Standing::Denied(Denial::ContractNotFound, Decider::Policy));
        return settled.otherwise.push(no);
    };
    match count(draft.snapshot, request, item, contract) {
        Tally::Approved if check::has_ended(draft.snapshot, contract) => {
            open::stand(draft, request, no, Standing::Denied(Denial::ContractInactive, Decider::Policy));
            settled.otherwise.push(no);
        }
        Tally::Approved => {
            granted::grant(draft, request, no, &by);
            open::stand(draft, request, no, Standing::Approved(by));
            settled.approved.push(no);
        }
        Tally::Denied => {
            open::stand(draft, request, no, Standing::Denied(Denial::Declined, by));
            settled.denied.push(no);
        }
        Tally::SentBack => {
            open::stand(draft, request, no, Standing::FurtherAction(Need::SentBack));
            settled.sent_back.push(no);
        }
        Tally::Open { approvals, needed } => {
            let text = format!("{approvals} of {needed} approvals: the item stays asked.");
            draft.event(Event::new(EventKind::ItemStands, text).item(no));
            settled.open.push((no, Progress { approvals, needed }));
        }
        Tally::Short => {
            open::stand(draft, request, no, Standing::VendorReview(Wait::NoAdministrator));
            let why = "Fewer administrators than must agree are left who could answer.";
            let task = NewTask::new(TaskCause::NoAdministrator, why).item(no).mail(answer.mail.mail);
            draft.task(task.approval(answer.approval.no));
            settled.otherwise.push(no);
        }
    }
}

/// How many must agree about a contract.
fn needed(snapshot: &Snapshot<'_>, contract: &Contract) -> Quorum {
    contract.quorum.unwrap_or(snapshot.desk.policy.agreement)
}

/// The seats of a contract today, without the requester.
fn seats(snapshot: &Snapshot<'_>, request: &Request, contract: &Contract) -> Vec<Seat> {
    let today = snapshot.desk.calendar.day(snapshot.now);
    let requester = request.requester.email.as_ref();
    let people = |seat: crate::domain::contract::Seat<'_>| seat.people.into_iter().map(|one| one.email).collect();
    contract.seats(requester, today).into_iter().map(people).collect()
}

/// V5: whether this person administers the item's contract, now, and is not its requester.
pub(super) fn is_eligible(snapshot: &Snapshot<'_>, request: &Request, no: ItemNo, person: &EmailAddress) -> bool {
    request
        .item(no)
        .and_then(|item| snapshot.contract(item.contract_number.as_deref()))
        .is_some_and(|contract| seats(snapshot, request, contract).iter().flatten().any(|one| one == person))
}

/// Whether the register has not the item's contract any more.
pub(super) fn is_gone(snapshot: &Snapshot<'_>, request: &Request, no: ItemNo) -> bool {
    request.item(no).is_some_and(|item| {
        item.contract_number.is_some() && snapshot.contract(item.contract_number.as_deref()).is_none()
    })
}

/// Whether enough people administer the contract, before anybody is asked (rule V5).
pub(super) fn can_be_asked(snapshot: &Snapshot<'_>, request: &Request, contract: &Contract) -> bool {
    let seats = seats(snapshot, request, contract);
    quorum::tally(needed(snapshot, contract), &seats, &[], &|_| true) != Tally::Short
}

/// The votes on the item as it is shown now, of people who are eligible now.
fn count(snapshot: &Snapshot<'_>, request: &Request, item: &Item, contract: &Contract) -> Tally {
    let digest = request.shown_digest(item);
    let votes: Vec<Ballot<'_>> = item
        .votes
        .iter()
        .filter(|vote| vote.digest == digest)
        .map(|vote| Ballot { person: &vote.person, says: vote.says })
        .collect();
    let can_answer = |person: &EmailAddress| {
        request.approvals.iter().any(|approval| {
            approval.person == *person
                && approval.state == ApprovalState::Open
                && approval.waiting_items(request).contains(&item.no)
        })
    };
    quorum::tally(needed(snapshot, contract), &seats(snapshot, request, contract), &votes, &can_answer)
}

/// Whether the answers that an item in administrator review waits for cannot come any more.
pub(super) fn is_abandoned(snapshot: &Snapshot<'_>, request: &Request, item: &Item) -> bool {
    snapshot
        .contract(item.contract_number.as_deref())
        .is_none_or(|contract| count(snapshot, request, item, contract) == Tally::Short)
}

/// H1: denied goes to the sender only; the requester hears first at approved. The sender hears of what is settled alone.
/// H2: neither a deny comment nor the decider's name is passed on; a send_back comment is.
fn tell_sender(draft: &mut Draft<'_>, request: &mut Request, settled: &Settled) {
    if !settled.approved.is_empty() {
        let told = [&settled.denied, &settled.otherwise, &settled.sent_back, &settled.consented]
            .into_iter()
            .flatten()
            .copied()
            .collect();
        granted::tell_approved(draft, request, &settled.approved, told);
    }
    if !settled.consented.is_empty() {
        let body = tell::status(draft, request, &settled.consented, false);
        draft.tell(request, Recipient::sender_of(request), body);
    }
    if !settled.denied.is_empty() {
        let body = tell::status(draft, request, &settled.denied, false);
        draft.tell(request, Recipient::sender_of(request), body);
    }
    if !settled.otherwise.is_empty() {
        open::tell_items(draft, request, &settled.otherwise, None);
    }
    if !settled.sent_back.is_empty() {
        let body = resume::sent_back(draft, request, &settled.sent_back);
        draft.ask_sender(request, body);
    }
}

/// Who decided hears what was recorded, item by item, with a way to object.
fn tell_person(draft: &mut Draft<'_>, request: &mut Request, answer: &Answer<'_>, settled: &Settled) {
    let recorded = |draft: &Draft<'_>, no: ItemNo, says: Option<Say>| {
        let progress = settled.open.iter().find(|(open, _)| *open == no).map(|(_, progress)| *progress);
        request.item(no).map(|item| RecordedLine { line: tell::line(draft, request, item), says, progress })
    };
    let voted = answer.votes.iter().filter_map(|(no, says)| recorded(draft, *no, Some(*says)));
    let mut lines: Vec<RecordedLine> = voted.collect();
    lines.extend(answer.undecided.iter().filter_map(|no| recorded(draft, *no, None)));
    lines.sort_by_key(|recorded| recorded.line.no);
    let body = Body::DecisionRecorded(DecisionRecorded {
        consent: !settled.consented.is_empty(),
        requester_email: tell::requester_as_repeated(request).unwrap_or_default(),
        lines,
    });
    let recipient = Recipient { language: answer.approval.language, ..Recipient::asked(answer.approval, answer.mail) };
    draft.tell(request, recipient, body);
}
