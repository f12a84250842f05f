//! What happens with time: reminders, escalation, expiry, looking again, the notice of tasks (rule C3).

use chrono::{DateTime, Utc};

use super::draft::{Draft, Recipient};
use super::{ask, open, tell};
use crate::domain::approval::{Approval, ApprovalState, Purpose};
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{ApprovalNo, ItemNo};
use crate::domain::letter::{AskedPerson, Body, Escalation, ReviewLine, ReviewWarning, TaskLine, TaskNotice};
use crate::domain::request::{Item, Need, Request, Standing};
use crate::domain::task::{NewTask, TaskCause};
use crate::domain::timer::{Timer, TimerChange};

pub(super) fn decide(draft: &mut Draft<'_>, timer: &Timer) {
    let request = draft.snapshot.request.clone().filter(|request| Some(&request.reference) == timer.reference());
    match (timer, request) {
        (Timer::Remind { approval, nth, .. }, Some(request)) => remind(draft, request, *approval, *nth),
        (Timer::Escalate { approval, .. }, Some(request)) => escalate(draft, request, *approval),
        (Timer::Expire { approval, .. }, Some(request)) => expire(draft, request, *approval),
        (Timer::Recheck { item, .. }, Some(request)) => recheck(draft, request, *item),
        (Timer::ReviewWarning { .. }, Some(request)) => warn(draft, request),
        (Timer::ReviewDue { .. }, Some(request)) => promise_missed(draft, request),
        (Timer::TaskNotice, _) => task_notice(draft),
        (
            Timer::Remind { .. }
            | Timer::Escalate { .. }
            | Timer::Expire { .. }
            | Timer::Recheck { .. }
            | Timer::ReviewWarning { .. }
            | Timer::ReviewDue { .. },
            None,
        ) => {}
    }
}

fn waiting(request: &Request, no: ApprovalNo) -> Option<(Approval, Vec<ItemNo>)> {
    let approval = request.approvals.iter().find(|known| known.no == no)?.clone();
    let items = approval.waiting_items(request);
    (approval.state == ApprovalState::Open && !items.is_empty()).then_some((approval, items))
}

/// Each reminder mints its own tokens (rule T9). After a downtime only the last one due is written.
fn remind(draft: &mut Draft<'_>, mut request: Request, no: ApprovalNo, nth: u32) {
    let Some((approval, items)) = waiting(&request, no) else { return };
    let policy = &draft.snapshot.desk.policy;
    let overtaken = approval.asked_at.is_some_and(|asked_at| {
        let next = usize::try_from(nth).ok().and_then(|nth| policy.remind_after.get(nth.saturating_add(1)));
        next.is_some_and(|days| draft.snapshot.desk.calendar.after_business_days(asked_at, *days) <= draft.snapshot.now)
    });
    if overtaken {
        draft.event(Event::new(EventKind::TimerFired, "A reminder is overtaken by the next one.").approval(no));
    } else {
        draft.event(
            Event::new(EventKind::TimerFired, format!("Reminder {} is due.", nth.saturating_add(1))).approval(no),
        );
        ask::write(draft, &mut request, no, &items, Purpose::Reminder, None, None);
    }
    draft.out.request = Some(request);
}

/// A task and a letter to the reviewers, once a request; status, votes and tokens stay.
fn escalate(draft: &mut Draft<'_>, mut request: Request, no: ApprovalNo) {
    let Some((_, items)) = waiting(&request, no) else { return };
    if request.escalated {
        return;
    }
    request.escalated = true;
    draft.event(Event::new(EventKind::TimerFired, "Nobody has answered: the reviewers are told.").approval(no));
    draft.task(
        NewTask::new(TaskCause::Silence, "The administrators do not answer. Votes and tokens stay as they are.")
            .approval(no),
    );
    let body = Body::Escalation(Escalation {
        requester_email: tell::requester_as_repeated(&request).unwrap_or_default(),
        lines: tell::lines(draft, &request, &items),
        asked: request
            .approvals
            .iter()
            .filter(|approval| approval.state == ApprovalState::Open && !approval.waiting_items(&request).is_empty())
            .map(|approval| AskedPerson { email: approval.person.to_string(), since: approval.asked_at })
            .collect(),
    });
    for reviewer in &draft.snapshot.desk.reviewers {
        let recipient =
            Recipient { address: reviewer.clone(), name: None, language: draft.snapshot.desk.language, thread: None };
        draft.tell(&mut request, recipient, body.clone());
    }
    draft.out.request = Some(request);
}

/// An item expires once nobody is left whose answer could still come.
fn expire(draft: &mut Draft<'_>, mut request: Request, no: ApprovalNo) {
    if waiting(&request, no).is_none() {
        return;
    }
    draft.event(Event::new(EventKind::TimerFired, "The approval ends unanswered.").approval(no));
    if let Some(approval) = request.approvals.iter_mut().find(|known| known.no == no) {
        approval.state = ApprovalState::Expired;
    }
    let left = ask::abandoned(draft, &request);
    for item in &left {
        open::stand(draft, &mut request, *item, Standing::Expired);
    }
    if !left.is_empty() {
        let body = tell::status(draft, &request, &left, false);
        let sender = Recipient::sender_of(&request);
        draft.tell(&mut request, sender, body);
    }
    ask::tidy(draft, &mut request);
    draft.out.request = Some(request);
}

/// The window of a contract that was too new has ended.
fn recheck(draft: &mut Draft<'_>, mut request: Request, no: ItemNo) {
    let waits = request.item(no).is_some_and(|item| item.standing == Standing::FurtherAction(Need::ContractTooNew));
    if !waits {
        return;
    }
    draft.event(Event::new(EventKind::TimerFired, "The contract is looked at again.").item(no));
    open::place(draft, &mut request, &[no], None, None);
    open::tell_sender_again(draft, &mut request, &[no]);
    draft.out.request = Some(request);
}

/// Until when a reviewer looks at an item that waits for the desk: so many hours of business after it came to wait.
pub(super) fn promised_by(draft: &Draft<'_>, item: &Item) -> Option<DateTime<Utc>> {
    let desk = draft.snapshot.desk;
    matches!(item.standing, Standing::VendorReview(_))
        .then(|| desk.calendar.after_business_time(item.since, desk.policy.review_within))
}

/// Sets the clocks of the promise by the item that has waited longest; none waiting, takes them away.
pub(super) fn promise(draft: &mut Draft<'_>, request: &Request) {
    let desk = draft.snapshot.desk;
    let oldest = request
        .items
        .iter()
        .filter(|item| matches!(item.standing, Standing::VendorReview(_)))
        .map(|item| item.since)
        .min();
    let warning = Timer::ReviewWarning { reference: request.reference.clone() };
    let due = Timer::ReviewDue { reference: request.reference.clone() };
    for (timer, after) in [(warning, desk.policy.review_warning_after), (due, desk.policy.review_within)] {
        // One change a clock: an input may move several items.
        draft.out.timers.retain(|change| match change {
            TimerChange::Set { timer: known, .. } | TimerChange::Clear { timer: known } => *known != timer,
            TimerChange::ClearApproval { .. } => true,
        });
        draft.out.timers.push(match oldest {
            Some(since) => TimerChange::Set { timer, due: desk.calendar.after_business_time(since, after) },
            None => TimerChange::Clear { timer },
        });
    }
}

/// The reviewers are warned of what comes due.
fn warn(draft: &mut Draft<'_>, mut request: Request) {
    let items: Vec<ReviewLine> = request
        .items
        .iter()
        .filter_map(|item| {
            Some(ReviewLine {
                no: item.no,
                number: item.named_as().map(str::to_owned),
                awaiting: item.standing.awaiting()?,
                promised_by: promised_by(draft, item)?,
            })
        })
        .collect();
    if items.is_empty() {
        return;
    }
    draft.event(Event::new(EventKind::TimerFired, "The promised time of review comes near: the reviewers are warned."));
    let requester_email = tell::requester_as_repeated(&request).unwrap_or_default();
    let body = Body::ReviewWarning(ReviewWarning { requester_email, items });
    for reviewer in &draft.snapshot.desk.reviewers {
        let recipient =
            Recipient { address: reviewer.clone(), name: None, language: draft.snapshot.desk.language, thread: None };
        draft.tell(&mut request, recipient, body.clone());
    }
    draft.out.request = Some(request);
}

/// The promised time is over: an urgent task, and the clock of the item that came later.
fn promise_missed(draft: &mut Draft<'_>, request: Request) {
    let overdue: Vec<ItemNo> = request
        .items
        .iter()
        .filter(|item| promised_by(draft, item).is_some_and(|by| by <= draft.snapshot.now))
        .map(|item| item.no)
        .collect();
    let Some(first) = overdue.first() else { return };
    draft.event(Event::new(EventKind::TimerFired, "The promised time of review is over.").item(*first));
    let why =
        format!("{} item(s) were to be looked at by now (ringi requests show {}).", overdue.len(), request.reference);
    draft.task(NewTask::new(TaskCause::PromiseMissed, why).item(*first).urgent());
    let next =
        request.items.iter().filter_map(|item| promised_by(draft, item)).filter(|by| *by > draft.snapshot.now).min();
    if let Some(due) = next {
        draft
            .out
            .timers
            .push(TimerChange::Set { timer: Timer::ReviewDue { reference: request.reference.clone() }, due });
    }
    draft.out.request = Some(request);
}

/// The reviewers hear of all tasks that no letter has told of, at most once an hour.
fn task_notice(draft: &mut Draft<'_>) {
    let untold = &draft.snapshot.untold_tasks;
    if untold.is_empty() {
        return;
    }
    let body = Body::TaskNotice(TaskNotice {
        tasks: untold
            .iter()
            .map(|task| TaskLine {
                id: task.id,
                cause: task.cause,
                urgent: task.urgent,
                reference: task.reference.clone(),
                opened_at: task.opened_at,
                detail: task.detail.clone(),
                from: task.from.clone(),
                subject: task.subject.clone(),
            })
            .collect(),
    });
    for reviewer in &draft.snapshot.desk.reviewers {
        let recipient =
            Recipient { address: reviewer.clone(), name: None, language: draft.snapshot.desk.language, thread: None };
        draft.tell_apart(recipient, body.clone());
    }
    draft.out.told_tasks = untold.iter().map(|task| task.id).collect();
}
