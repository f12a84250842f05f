//! What an operator does at the keyboard: letters sent, held or dropped, and mails worked again.
//!
//! Each order is answered: done, or why not and what to do. An order that is refused changes nothing.

use super::draft::Draft;
use crate::domain::approval::{Approval, ApprovalState};
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{LetterNo, MailId};
use crate::domain::input::OperatorAct;
use crate::domain::outbox::{LetterOnItsWay, LetterState, Named, OutboxAct, RecordedMail};
use crate::domain::outcome::Reply;
use crate::domain::request::Request;
use crate::domain::task::{NewTask, TaskCause};

pub(super) fn decide(draft: &mut Draft<'_>, act: &OperatorAct) {
    let named = draft.snapshot.named.clone();
    let reply = match (act, named) {
        (OperatorAct::Outbox { act, comment, by, .. }, Some(Named::Letter(letter))) => {
            let done = By { name: by, comment: comment.as_deref() };
            outbox(draft, &letter, *act, &done)
        }
        (OperatorAct::Outbox { letter, .. }, _) => Reply::refused(format!(
            "There is no letter {letter} of this desk. `ringi outbox list` shows those that are there."
        )),
        (OperatorAct::Reprocess { by, .. }, Some(Named::Mail(mail))) => reprocess(draft, &mail, by),
        (OperatorAct::Reprocess { mail, .. }, _) => Reply::refused(format!(
            "There is no mail {} of this desk. `ringi mail list` shows those that are there.",
            mail.0
        )),
    };
    draft.out.reply = Some(reply);
}

/// Who gave the order, and why.
struct By<'a> {
    name: &'a str,
    comment: Option<&'a str>,
}

impl std::fmt::Display for By<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.comment {
            Some(comment) => write!(f, "{}: {comment}", self.name),
            None => write!(f, "{}.", self.name),
        }
    }
}

fn outbox(draft: &mut Draft<'_>, letter: &LetterOnItsWay, act: OutboxAct, by: &By<'_>) -> Reply {
    if let Some(refusal) = refusal(letter, act) {
        return Reply::refused(format!("Letter {} {refusal}", letter.id));
    }
    let mut request =
        draft.snapshot.request.clone().filter(|request| Some(&request.reference) == letter.reference.as_ref());
    let asks = request.as_ref().is_some_and(|request| asking(request, letter.no).is_some());
    match act {
        OutboxAct::Retry => {
            if letter.state == LetterState::Rejected
                && asks
                && let Some(request) = &mut request
                && !reachable_again(request, letter.no)
            {
                return Reply::refused(format!(
                    "Letter {} asks for an answer that {} does not wait for any more. `ringi requests show {}` says how it stands.",
                    letter.id, request.reference, request.reference
                ));
            }
        }
        OutboxAct::Hold => {}
        OutboxAct::Drop => {
            let waits = request.as_ref().is_some_and(|request| {
                asking(request, letter.no).is_some_and(|approval| !approval.waiting_items(request).is_empty())
            });
            if waits {
                unasked(draft, request.as_ref(), letter, by);
            }
        }
    }
    let (kind, what, reply) = match act {
        OutboxAct::Retry => (EventKind::LetterRetried, "To be sent now, by", "is sent next"),
        OutboxAct::Hold => (EventKind::LetterHeld, "Held back by", "is held until `ringi outbox retry` sends it"),
        OutboxAct::Drop => (EventKind::LetterDropped, "Never to be sent, by", "is never sent"),
    };
    let event = Event::new(kind, format!("{what} {by}")).person(&letter.recipient);
    draft.event(if letter.reference.is_some() { event.letter(letter.no) } else { event });
    draft.out.letter_acts.push((letter.id, act));
    if letter.last_held && act != OutboxAct::Hold {
        // Nothing is held any more: who trips a breaker next is told of again.
        draft.out.close_held_tasks = Some(by.name.to_owned());
    }
    draft.out.request = request;
    Reply::done(format!("Letter {} {reply}.", letter.id))
}

/// Why the letter's state does not allow it, and what to do.
fn refusal(letter: &LetterOnItsWay, act: OutboxAct) -> Option<&'static str> {
    use LetterState::{Accepted, Dropped, Held, Rejected, Sending, Waiting, Withdrawn};
    match (act, letter.state) {
        (OutboxAct::Retry | OutboxAct::Drop, Waiting | Held) | (OutboxAct::Hold, Waiting) => None,
        (OutboxAct::Retry, Rejected) if letter.has_bytes => None,
        (OutboxAct::Retry, Rejected) => {
            Some("was refused over a day ago and its text is not kept any more. Write to the recipient by hand.")
        }
        (OutboxAct::Hold | OutboxAct::Drop, Rejected) => {
            Some("was refused by the mail server and does not leave by itself. Nothing is to be done.")
        }
        (OutboxAct::Hold, Held) => Some("is held already. `ringi outbox retry` sends it, `ringi outbox drop` ends it."),
        (_, Sending) => Some("is being sent at this moment. Look again with `ringi outbox show`."),
        (_, Accepted) => Some("was accepted by the mail server and cannot be called back."),
        (_, Withdrawn) => Some("was withdrawn, because what it asks about is settled."),
        (_, Dropped) => Some("was dropped and never leaves. Write to the recipient by hand."),
    }
}

fn asking(request: &Request, letter: LetterNo) -> Option<&Approval> {
    request.approvals.iter().find(|approval| approval.ask(letter).is_some())
}

/// Who refused our letter may be reached by now. False where nothing waits for the answer.
fn reachable_again(request: &mut Request, letter: LetterNo) -> bool {
    let Some(place) = request.approvals.iter().position(|approval| approval.ask(letter).is_some()) else {
        return false;
    };
    let mut approvals = request.approvals.clone();
    let Some(approval) = approvals.get_mut(place) else { return false };
    if approval.state == ApprovalState::Unreachable {
        approval.state = ApprovalState::Open;
    }
    let waits = approval.state == ApprovalState::Open && !approval.waiting_items(request).is_empty();
    if waits {
        request.approvals = approvals;
    }
    waits
}

/// An approval without its letter: nobody has been asked, no clock runs, and only a person can go on.
fn unasked(draft: &mut Draft<'_>, request: Option<&Request>, letter: &LetterOnItsWay, by: &By<'_>) {
    let Some(approval) = request.and_then(|request| asking(request, letter.no)) else { return };
    let asked_before = if approval.asked_at.is_some() {
        "An earlier letter asked the same person, and its clocks go on."
    } else {
        "That person has not been asked, and no reminder follows: decide it, or cancel the request."
    };
    let text = format!("A letter that asks {} for approval was dropped by {by} {asked_before}", approval.person);
    draft.task(NewTask::new(TaskCause::LetterDropped, text).approval(approval.no));
}

fn reprocess(draft: &mut Draft<'_>, mail: &RecordedMail, by: &str) -> Reply {
    let MailId(id) = mail.id;
    if mail.waits {
        return Reply::refused(format!("Mail {id} waits already and is worked in its turn."));
    }
    if mail.headers_only {
        return Reply::refused(format!(
            "Only the headers of mail {id} were kept. Open it in the mailbox and answer it by hand."
        ));
    }
    if let Some(reference) = mail.reference.as_ref().filter(|_| mail.opened_it && mail.is_open) {
        return Reply::refused(format!(
            "Mail {id} opened {reference}, which still has open items: working it again would ask everybody twice. `ringi requests show {reference}` says what it waits for; cancel it first to begin anew."
        ));
    }
    let was = mail.taken_as.as_deref().unwrap_or("nothing");
    draft.event(
        Event::new(EventKind::MailWorkedAgain, format!("Taken as {was} before; to be worked again, by {by}."))
            .mail(mail.id),
    );
    draft.out.work_again = Some(mail.id);
    draft.out.request =
        draft.snapshot.request.clone().filter(|request| Some(&request.reference) == mail.reference.as_ref());
    Reply::done(format!("Mail {id} is worked again."))
}
