//! What became of a letter: clocks start when SMTP accepts it, and who cannot be reached is not waited for (rules C1, C2).

use super::draft::{Draft, Recipient};
use super::{ask, open, tell};
use crate::domain::approval::ApprovalState;
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{ApprovalNo, ItemNo, LetterNo};
use crate::domain::input::{Delivery, DeliveryResult, MailInput, Returned};
use crate::domain::outcome::Folder;
use crate::domain::request::{Request, Standing, Wait};
use crate::domain::task::{NewTask, TaskCause};
use crate::domain::timer::{Timer, TimerChange};

pub(super) fn decide(draft: &mut Draft<'_>, delivery: &Delivery) {
    let request =
        draft.snapshot.request.clone().filter(|request| Some(&request.reference) == delivery.reference.as_ref());
    match (&delivery.result, request) {
        (DeliveryResult::Accepted, Some(request)) => accepted(draft, request, delivery),
        (DeliveryResult::Rejected { reply }, Some(request)) => {
            rejected(draft, request, delivery.letter, None, &format!("the server refused it for good: {reply}"));
        }
        (DeliveryResult::Accepted, None) => {}
        (DeliveryResult::Rejected { reply }, None) => {
            let text = format!("A letter of the desk was refused for good: {reply}");
            lost(draft, NewTask::new(TaskCause::UndeliveredLetter, text));
        }
    }
}

/// A letter of the desk itself did not arrive. One task says so until it is closed: the letter that tells of tasks may be
/// the one that is lost, and would bring a task each hour.
fn lost(draft: &mut Draft<'_>, task: NewTask) {
    if draft.snapshot.undelivered_known {
        draft.event(Event { mail: task.mail, ..Event::new(EventKind::LetterRejected, task.detail) });
    } else {
        draft.task(task);
    }
}

/// C1: the clocks of an approval start when SMTP accepts its letter.
fn accepted(draft: &mut Draft<'_>, mut request: Request, delivery: &Delivery) {
    draft.event(Event::new(EventKind::LetterAccepted, "Accepted by the mail server.").letter(delivery.letter));
    let asked = request.approvals.iter_mut().find(|approval| approval.ask(delivery.letter).is_some());
    if let Some(approval) = asked
        && approval.asked_at.is_none()
    {
        approval.asked_at = Some(delivery.at);
        let no = approval.no;
        start_clocks(draft, &request, no, delivery);
    }
    draft.out.request = Some(request);
}

fn start_clocks(draft: &mut Draft<'_>, request: &Request, approval: ApprovalNo, delivery: &Delivery) {
    let waits = request.approvals.iter().any(|known| known.no == approval && !known.waiting_items(request).is_empty());
    if !waits {
        return;
    }
    let desk = draft.snapshot.desk;
    let reference = &request.reference;
    let mut set = |timer, due| draft.out.timers.push(TimerChange::Set { timer, due });
    for (nth, days) in (0u32..).zip(&desk.policy.remind_after) {
        let due = desk.calendar.after_business_days(delivery.at, *days);
        set(Timer::Remind { reference: reference.clone(), approval, nth }, due);
    }
    let escalate = desk.calendar.after_business_days(delivery.at, desk.policy.escalate_after);
    set(Timer::Escalate { reference: reference.clone(), approval }, escalate);
    let expire = desk.calendar.close_after_days(delivery.at, desk.policy.expire_after);
    set(Timer::Expire { reference: reference.clone(), approval }, expire);
}

/// C2: a delivery report counts where it carries the Message-ID of that letter and says `failed` for its recipient.
pub(super) fn returned(draft: &mut Draft<'_>, mail: &MailInput, returned: &Returned) {
    let request =
        draft.snapshot.request.clone().filter(|request| Some(&request.reference) == returned.reference.as_ref());
    let status = returned.status.as_deref().unwrap_or("no status");
    match request {
        Some(request) if returned.failed => {
            draft.taken_as("bounce", Folder::Done, format!("{} came back for good ({status}).", request.reference));
            rejected(draft, request, returned.letter, Some(mail), &format!("a delivery report says failed ({status})"));
        }
        Some(request) => {
            let text = format!("A delivery report that is no failure ({status}).");
            draft.event(Event::new(EventKind::MailIgnored, text).letter(returned.letter).mail(mail.mail));
            draft.taken_as("bounce", Folder::Done, "A delivery report that is no failure.");
            draft.out.request = Some(request);
        }
        None => {
            let why = format!("A letter of the desk came back ({status}).");
            lost(draft, NewTask::new(TaskCause::UndeliveredLetter, why.clone()).mail(mail.mail));
            draft.taken_as("bounce", Folder::Human, why);
        }
    }
}

fn rejected(draft: &mut Draft<'_>, mut request: Request, letter: LetterNo, mail: Option<&MailInput>, why: &str) {
    let event = Event::new(EventKind::LetterRejected, format!("It did not arrive: {why}.")).letter(letter);
    draft.event(match mail {
        Some(mail) => event.mail(mail.mail),
        None => event,
    });
    let mail_id = mail.map(|mail| mail.mail);
    let asked = request.approvals.iter_mut().find(|approval| approval.ask(letter).is_some());
    let Some(approval) = asked else {
        let text = format!("A letter did not arrive: {why}.");
        draft.task(NewTask::new(TaskCause::UndeliveredLetter, text).mail(mail_id));
        draft.out.request = Some(request);
        return;
    };
    if approval.state == ApprovalState::Open {
        approval.state = ApprovalState::Unreachable;
    }
    let no = approval.no;
    let left = ask::abandoned(draft, &request);
    for item in &left {
        open::stand(draft, &mut request, *item, Standing::VendorReview(Wait::NoAdministrator));
    }
    if !left.is_empty() {
        let text = format!("Fewer administrators than must agree can be reached: {why}.");
        draft.task(NewTask::new(TaskCause::NoAdministrator, text).mail(mail_id).approval(no));
        tell_sender(draft, &mut request, &left);
    }
    ask::tidy(draft, &mut request);
    draft.out.request = Some(request);
}

fn tell_sender(draft: &mut Draft<'_>, request: &mut Request, items: &[ItemNo]) {
    let body = tell::status(draft, request, items, false);
    draft.tell(request, Recipient::sender_of(request), body);
}
