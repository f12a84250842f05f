//! An answer to our question for missing items: it fills the blanks of its request, which then goes on (rule V3).

use super::draft::Draft;
use super::{check, mail as ways, open, tell};
use crate::domain::address::EmailAddress;
use crate::domain::event::{Event, EventKind};
use crate::domain::heard::{PersonReading, RequestReading};
use crate::domain::ids::ItemNo;
use crate::domain::input::MailInput;
use crate::domain::outcome::Folder;
use crate::domain::request::{Person, Request};
use crate::domain::task::{NewTask, TaskCause};
use crate::domain::trust::Authentication;
use crate::domain::words::Kind;

/// A mail of the request's sender that names a request whose missing items were asked for.
pub(super) fn decide(draft: &mut Draft<'_>, mail: &MailInput, from: &EmailAddress, mut request: Request) {
    let Some(reading) = mail.request.as_ref().filter(|reading| !names_another(reading, &request)) else {
        return ways::plain(draft, mail, from);
    };
    match &mail.authentication {
        Authentication::Aligned { .. } => {}
        // H3, and a whole request is one whoever it quotes.
        Authentication::DmarcFail => return ways::plain(draft, mail, from),
        Authentication::NotAligned { .. } if reading.missing.is_empty() => return ways::plain(draft, mail, from),
        Authentication::NotAligned { cause } => {
            let why =
                format!("Missing items came in a mail whose sender is not verified ({cause}). Nothing was added.");
            draft.event(Event::new(EventKind::AnswerNotCounted, why.clone()).mail(mail.mail).person(from));
            draft.task(NewTask::new(TaskCause::NotWorked, why.clone()).mail(mail.mail));
            draft.taken_as("continuation", Folder::Human, why);
            draft.out.request = Some(request);
            return;
        }
    }
    fill(&mut request, reading, from);
    number_items(draft, &mut request, reading);
    draft.event(
        Event::new(EventKind::Continued, "Missing items came from the sender, who is verified.")
            .mail(mail.mail)
            .person(from),
    );
    let known = RequestReading { missing: Vec::new(), ..tell::as_read(&request) };
    let missing = open::what_is_missing(&request, &known);
    let all: Vec<ItemNo> = request.items.iter().map(|item| item.no).collect();
    let whole = check::before_items(&request, !missing.is_empty(), reading.several_people);
    open::place(draft, &mut request, &all, whole, Some(mail));
    open::tell_sender(draft, &mut request, &all, &missing, &known, Some(mail));
    draft.taken_as("continuation", Folder::Done, format!("Continues {}.", request.reference));
    draft.out.request = Some(request);
}

/// Whether the mail asks for a contract, or a user, that the request does not name: a request of its own then.
fn names_another(reading: &RequestReading, request: &Request) -> bool {
    let known: Vec<&str> = request.items.iter().filter_map(|item| item.contract_number.as_deref()).collect();
    let another_contract =
        !known.is_empty() && reading.contract_numbers.iter().any(|number| !known.contains(&number.as_str()));
    let named = (reading.kind == Kind::ThirdParty).then_some(reading.requester.email.as_deref()).flatten();
    let another_user = match (&request.requester.email, named.and_then(EmailAddress::parse)) {
        (Some(known), Some(named)) => *known != named,
        _ => false,
    };
    another_contract || another_user
}

/// What is there already stays: a correction is another matter (rule V2).
fn fill(request: &mut Request, reading: &RequestReading, from: &EmailAddress) {
    let mut requester = reading.requester.clone();
    // For every other kind the reading falls back to the sender's address, whom nobody named as the user.
    if reading.kind != Kind::ThirdParty
        && requester.email.as_deref().and_then(EmailAddress::parse).as_ref() == Some(from)
    {
        requester.email = None;
    }
    fill_person(&mut request.requester, &requester);
    fill_person(&mut request.approver, &reading.approver);
    request.reason = request.reason.take().or_else(|| reading.reason.clone());
}

fn fill_person(person: &mut Person, reading: &PersonReading) {
    let given = tell::person(reading);
    person.email = person.email.take().or(given.email);
    person.name = person.name.take().or(given.name);
    person.company = person.company.take().or(given.company);
}

/// The one item without any number is replaced when numbers come.
fn number_items(draft: &Draft<'_>, request: &mut Request, reading: &RequestReading) {
    let unnumbered = request.items.iter().all(|item| item.named_as().is_none());
    if unnumbered && !reading.contract_numbers.is_empty() {
        request.items = open::items(draft, &RequestReading { kind: request.kind, ..reading.clone() });
    }
}
