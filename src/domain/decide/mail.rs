//! Which way a mail goes: noise, an answer, a new request, or to a person.

use super::draft::{Draft, Recipient};
use super::{answer, delivery, open, resume, tell};
use crate::domain::address::EmailAddress;
use crate::domain::event::{Event, EventKind};
use crate::domain::input::{MailInput, Whose};
use crate::domain::outcome::Folder;
use crate::domain::task::{NewTask, TaskCause};
use crate::domain::trust::Authentication;
use crate::domain::words::Class;

pub(super) fn decide(draft: &mut Draft<'_>, mail: &MailInput) {
    if let Some(from) = &mail.from
        && draft.snapshot.desk.addresses.contains(from)
    {
        return ignore(draft, mail, "own", "It comes from the desk's own address.");
    }
    if mail.class.is_noise() {
        return noise(draft, mail);
    }
    if mail.class == Class::Unreadable {
        let cause = mail.class_cause.as_deref().unwrap_or("Its structure is broken.");
        let detail = format!("The mail could not be read: {}.", inside(cause));
        draft.task(NewTask::new(TaskCause::Unreadable, detail).mail(mail.mail));
        return draft.taken_as("unreadable", Folder::Human, cause);
    }
    let Some(from) = mail.from.clone() else {
        draft.task(
            NewTask::new(
                TaskCause::NobodyWrote,
                "The mail has no single sender: From is absent, broken or names several.",
            )
            .mail(mail.mail),
        );
        return draft.taken_as("inquiry", Folder::Human, "From names nobody, or more than one.");
    };
    if mail.headers_only {
        if mail.authentication == Authentication::DmarcFail {
            return maybe_forged(draft, mail);
        }
        draft.task(
            NewTask::new(TaskCause::TooLarge, "The mail is over the size limit; only its headers were read.")
                .mail(mail.mail),
        );
        receipt(draft, mail, &from);
        return draft.taken_as("inquiry", Folder::Human, "Over the size limit: headers only.");
    }
    match mail.carried.first().map(|carried| carried.whose) {
        Some(Whose::Approval(_)) => return answer::decide(draft, mail, &from),
        Some(Whose::Sender) => return resume::with_token(draft, mail, &from),
        None => {}
    }
    if let (Some(approval), Some(request)) = (draft.snapshot.hinted, draft.snapshot.request.clone())
        && !answer::asks_for_something_else(mail, &request)
    {
        return answer::without_token(draft, mail, request, approval);
    }
    if draft.snapshot.continued
        && let Some(request) = draft.snapshot.request.clone()
    {
        return resume::decide(draft, mail, &from, request, false);
    }
    plain(draft, mail, &from);
}

/// A mail without a living tie to an approval.
pub(super) fn plain(draft: &mut Draft<'_>, mail: &MailInput, from: &EmailAddress) {
    if mail.authentication == Authentication::DmarcFail {
        return maybe_forged(draft, mail);
    }
    if mail.unanswerable {
        // A loop of two machines begins with an answer to such a mail.
        let why = "It came from a mail system, an address that takes no mail, or with a null return path. No letter was sent.";
        draft.task(NewTask::new(TaskCause::NotWorked, why).mail(mail.mail));
        return draft.taken_as("inquiry", Folder::Human, why);
    }
    if let Some(reading) = &mail.request {
        return open::decide(draft, mail, from, reading);
    }
    let detail = match mail.class {
        Class::StatusQuery => "Somebody asks where a request stands.",
        Class::Cancel => "Somebody wants to cancel a request.",
        Class::Reprocess => "Somebody asks to have a request looked at again.",
        Class::Answer => "It reads like an answer, and bears nothing that ties it to an approval.",
        Class::Request
        | Class::Inquiry
        | Class::AutoReply
        | Class::Bounce
        | Class::FeedbackReport
        | Class::List
        | Class::Calendar
        | Class::Unreadable => "A person wrote something that is no request.",
    };
    draft.task(NewTask::new(TaskCause::NotWorked, detail).mail(mail.mail));
    receipt(draft, mail, from);
    let taken_as = match mail.class {
        Class::Answer => Class::Inquiry,
        class => class,
    };
    draft.taken_as(taken_as.as_str(), Folder::Human, detail);
}

/// H3: a mail that fails its own domain's policy gets no letter; whoever it names would get it.
fn maybe_forged(draft: &mut Draft<'_>, mail: &MailInput) {
    draft.task(
        NewTask::new(
            TaskCause::DmarcFail,
            "The server says dmarc=fail for the sender's domain: the mail may be forged. No letter was sent.",
        )
        .mail(mail.mail),
    );
    draft.taken_as("unauthenticated", Folder::Human, "dmarc=fail.");
}

fn noise(draft: &mut Draft<'_>, mail: &MailInput) {
    let cause = mail.class_cause.clone().unwrap_or_default();
    match (&mail.returned, mail.class) {
        (Some(returned), Class::Bounce) => delivery::returned(draft, mail, returned),
        (None, Class::Bounce) => {
            draft.task(
                NewTask::new(TaskCause::UndeliveredLetter, "A bounce that names no letter of ours.").mail(mail.mail),
            );
            draft.taken_as("bounce", Folder::Human, cause);
        }
        _ => {
            // R1: an automatic reply is no answer, whatever it quotes. It is kept in the timeline of what it replies to.
            let carried = mail.carried.first().and_then(|carried| {
                draft.snapshot.request.clone().filter(|r| r.reference == carried.reference).map(|r| (r, carried.whose))
            });
            if let Some((request, whose)) = carried {
                let text = format!("No person's answer ({}: {}).", mail.class, inside(&cause));
                let event = Event::new(EventKind::AnswerNotCounted, text).mail(mail.mail);
                draft.event(match whose {
                    Whose::Approval(approval) => event.approval(approval),
                    Whose::Sender => event,
                });
                draft.out.request = Some(request);
            }
            draft.taken_as(mail.class.as_str(), Folder::Done, cause);
        }
    }
}

/// A cause as it stands inside a sentence, which has its own full stop.
fn inside(cause: &str) -> &str {
    cause.trim_end_matches('.')
}

fn ignore(draft: &mut Draft<'_>, mail: &MailInput, taken_as: &str, why: &str) {
    draft.event(Event::new(EventKind::MailIgnored, why).mail(mail.mail));
    draft.taken_as(taken_as, Folder::Done, why);
}

pub(super) fn receipt(draft: &mut Draft<'_>, mail: &MailInput, from: &EmailAddress) {
    if mail.unanswerable {
        return;
    }
    let body = tell::receipt(mail);
    draft.tell_apart(Recipient::writer_of(mail, from), body);
}
