//! An answer to a letter that asked the sender: it fills the blanks of its request, or corrects what was sent back, and the
//! request goes on (rules V2 and V3).

use super::draft::Draft;
use super::{answer, ask, check, mail as ways, open, tell};
use crate::domain::address::EmailAddress;
use crate::domain::company;
use crate::domain::event::{Event, EventKind};
use crate::domain::heard::{PersonReading, RequestReading};
use crate::domain::ids::ItemNo;
use crate::domain::input::MailInput;
use crate::domain::letter::{Body, MissingInformation, SentBack};
use crate::domain::outcome::Folder;
use crate::domain::quote::repeated;
use crate::domain::request::{Item, Need, Person, Request, ReviewedDigest, ShownDigest, Standing};
use crate::domain::task::{NewTask, TaskCause};
use crate::domain::trust::Authentication;
use crate::domain::words::{AccessLevel, Kind};

/// What a mail does to the request that it names.
enum Says<'a> {
    /// It gives particulars.
    Particulars(&'a RequestReading),
    /// It asks to look again at what was sent back, and changes nothing.
    Again,
    /// Something else: a person reads it.
    Else,
}

/// A mail that bears a token of a letter to the request's sender.
pub(super) fn with_token(draft: &mut Draft<'_>, mail: &MailInput, from: &EmailAddress) {
    let named = mail.carried.first().map(|carried| &carried.reference);
    let request = draft.snapshot.request.clone().filter(|request| Some(&request.reference) == named);
    let Some(request) = request else { return ways::plain(draft, mail, from) };
    if answer::contradicts(mail) {
        let why = "It answers two letters at once: nobody can say which is meant. Nothing was changed.";
        return to_a_person(draft, mail, from, request, why);
    }
    // T1 holds here as well: the letter's token speaks for the person to whom the letter went, and a forward for nobody.
    let addressed = *from == request.sender;
    if addressed || request.requester.email.as_ref() == Some(from) {
        return decide(draft, mail, from, request, addressed);
    }
    ways::plain(draft, mail, from);
}

/// A mail of the request's sender or requester that names a request which waits for them.
pub(super) fn decide(
    draft: &mut Draft<'_>,
    mail: &MailInput,
    from: &EmailAddress,
    request: Request,
    bears_token: bool,
) {
    let says = match &mail.request {
        Some(reading) if names_another(reading, &request, bears_token) => return ways::plain(draft, mail, from),
        Some(reading) => Says::Particulars(reading),
        None if mail.asks_again && request.items.iter().any(is_sent_back) => Says::Again,
        None => Says::Else,
    };
    if !request.items.iter().any(waits_for_sender) {
        let why = "It answers a letter to the sender whose matter is settled. Nothing was changed.";
        return to_a_person(draft, mail, from, request, why);
    }
    let reading = match says {
        Says::Particulars(reading) => Some(reading),
        Says::Again => None,
        Says::Else if bears_token => {
            let why = "The sender answers, and gives nothing of what was asked for. Nothing was changed.";
            return to_a_person(draft, mail, from, request, why);
        }
        Says::Else => return ways::plain(draft, mail, from),
    };
    match &mail.authentication {
        // H3 holds whatever the mail bears.
        Authentication::DmarcFail => return ways::plain(draft, mail, from),
        Authentication::Aligned { .. } => {}
        Authentication::NotAligned { .. } if bears_token => {}
        Authentication::NotAligned { cause } => return confirm(draft, mail, from, request, cause),
    }
    goes_on(draft, mail, from, request, reading);
}

fn goes_on(
    draft: &mut Draft<'_>,
    mail: &MailInput,
    from: &EmailAddress,
    mut request: Request,
    reading: Option<&RequestReading>,
) {
    let sent_back: Vec<ItemNo> = request.items.iter().filter(|item| is_sent_back(item)).map(|item| item.no).collect();
    let before = request.clone();
    if let Some(reading) = reading {
        fill(draft, &mut request, reading, mail, from, !sent_back.is_empty());
        number_items(draft, &mut request, reading, &sent_back);
        // A token continues a request and verifies nobody: what it brought is not what a verified sender wrote, and no
        // consent of an approver (section 2) may be read out of it.
        request.sender_verified &= mail.authentication.is_aligned() && *from == request.sender;
    }
    let same = |a: &Request, b: &Request| {
        (&a.requester, &a.approver, &a.reason, a.access_level, &a.items)
            == (&b.requester, &b.approver, &b.reason, b.access_level, &b.items)
    };
    if !sent_back.is_empty() && !mail.asks_again && same(&before, &request) {
        // A form that comes back as it was, below a question perhaps: nothing says that it is to be asked anew.
        let why =
            "The sender answers a send-back, changes nothing and does not ask to look again. Nothing was changed.";
        return to_a_person(draft, mail, from, before, why);
    }
    let changes_account = before.requester.email.is_some() && before.requester.email != request.requester.email;
    if changes_account && before.items.iter().any(|item| matches!(item.standing, Standing::Approved(_))) {
        let why = "The corrected request names another account, and an item of it is approved for the one before. Nothing was changed.";
        return to_a_person(draft, mail, from, before, why);
    }
    for no in &sent_back {
        // V2: votes and tokens of what came back are void, even where nothing of it was changed.
        if let Some(item) = request.item_mut(*no) {
            item.revision = item.revision.saturating_add(1);
        }
    }
    let what = if sent_back.is_empty() { "Missing items came" } else { "What was sent back came again" };
    let trust = if mail.authentication.is_aligned() { "is verified" } else { "bears our token" };
    draft.event(
        Event::new(EventKind::Continued, format!("{what} from {}, whose mail {trust}.", who(from, &request)))
            .mail(mail.mail)
            .person(from),
    );
    if !sent_back.is_empty() {
        request.escalated = false;
        let words = repeated(&mail.visible_text, mail.authentication.is_aligned());
        draft.sender_words = (!words.is_empty()).then_some(words);
    }
    let known = tell::as_read(&request);
    let missing = open::what_is_missing(&request, &known);
    let looked_at: Vec<ItemNo> =
        request.items.iter().filter(|item| is_looked_at(&before, &request, item)).map(|item| item.no).collect();
    let several_people = reading.is_some_and(|reading| reading.several_people);
    let whole = check::before_items(&request, !missing.is_empty(), several_people);
    open::place(draft, &mut request, &looked_at, whole, Some(mail));
    ask::tidy(draft, &mut request);
    open::tell_sender(draft, &mut request, &looked_at, &missing, &known, Some(mail));
    draft.taken_as("continuation", Folder::Done, format!("Continues {}.", request.reference));
    draft.out.request = Some(request);
}

/// V2: what waited for the sender, and what is not as it was, is checked anew. What is settled stays settled.
fn is_looked_at(before: &Request, request: &Request, item: &Item) -> bool {
    let digests = |request: &Request, item: &Item| -> (ShownDigest, ReviewedDigest) {
        (request.shown_digest(item), request.reviewed_digest(item))
    };
    let changed = before.item(item.no).is_none_or(|known| digests(before, known) != digests(request, item));
    !item.standing.status().is_terminal() && (waits_for_sender(item) || changed)
}

fn waits_for_sender(item: &Item) -> bool {
    matches!(item.standing, Standing::FurtherAction(Need::MissingInformation | Need::SentBack))
}

fn is_sent_back(item: &Item) -> bool {
    item.standing == Standing::FurtherAction(Need::SentBack)
}

fn who(from: &EmailAddress, request: &Request) -> &'static str {
    if *from == request.sender { "the sender" } else { "the requester" }
}

/// V3: neither verified nor with our token. The letter that asked goes once more, with fresh tokens, to the original address,
/// and nothing of this mail is in it: at most once for each request, after that a person looks.
fn confirm(draft: &mut Draft<'_>, mail: &MailInput, from: &EmailAddress, mut request: Request, cause: &str) {
    let why =
        format!("It names the request and is neither verified ({cause}) nor bears our token. Nothing was changed.");
    draft.event(Event::new(EventKind::AnswerNotCounted, why.clone()).mail(mail.mail).person(from));
    if request.confirmation_sent {
        draft.task(NewTask::new(TaskCause::NotWorked, why.clone()).mail(mail.mail));
        draft.taken_as("continuation", Folder::Human, why);
    } else {
        request.confirmation_sent = true;
        let body = asks_sender(draft, &request);
        draft.event(
            Event::new(EventKind::ConfirmationAsked, "The letter that asked goes once more to the original address.")
                .mail(mail.mail)
                .person(&request.sender),
        );
        draft.ask_sender(&mut request, body);
        draft.taken_as(
            "continuation",
            Folder::Done,
            "Neither verified nor with our token: a confirmation was asked for.",
        );
    }
    draft.out.request = Some(request);
}

/// The letter that the request's sender is to answer, as the request stands.
fn asks_sender(draft: &Draft<'_>, request: &Request) -> Body {
    let back: Vec<ItemNo> = request.items.iter().filter(|item| is_sent_back(item)).map(|item| item.no).collect();
    if !back.is_empty() {
        return sent_back(draft, request, &back);
    }
    let known = tell::as_read(request);
    Body::MissingInformation(Box::new(MissingInformation {
        kind: request.kind,
        missing: open::what_is_missing(request, &known),
        known: open::as_repeated(&known, request.sender_verified),
    }))
}

/// The letter about items that were sent back, with the comment of the latest vote that did so (rule H2).
pub(super) fn sent_back(draft: &Draft<'_>, request: &Request, items: &[ItemNo]) -> Body {
    let votes = items.iter().filter_map(|no| request.item(*no)).flat_map(|item| &item.votes);
    let latest = votes.filter(|vote| vote.comment.is_some()).max_by_key(|vote| vote.at);
    Body::SentBack(Box::new(SentBack {
        kind: request.kind,
        lines: tell::lines(draft, request, items),
        comment: latest.and_then(|vote| vote.comment.clone()),
        known: open::as_repeated(&tell::as_read(request), request.sender_verified),
    }))
}

/// Nothing is changed: a person reads it, beside the request that it is about.
fn to_a_person(draft: &mut Draft<'_>, mail: &MailInput, from: &EmailAddress, request: Request, why: &str) {
    if mail.authentication == Authentication::DmarcFail || mail.unanswerable {
        return ways::plain(draft, mail, from);
    }
    draft.task(NewTask::new(TaskCause::NotWorked, why).mail(mail.mail));
    ways::receipt(draft, mail, from);
    draft.taken_as("inquiry", Folder::Human, why);
    draft.out.request = Some(request);
}

/// Whether the mail is a request of its own: for contracts of which the request names none, or for another user. In what was
/// sent back both may be what is corrected; without our token, only where the mail names something of the request.
fn names_another(reading: &RequestReading, request: &Request, bears_token: bool) -> bool {
    let known: Vec<&str> = request.items.iter().filter_map(|item| item.contract_number.as_deref()).collect();
    let is_known = |number: &String| known.contains(&number.as_str());
    let numbers = &reading.contract_numbers;
    if request.items.iter().any(is_sent_back) {
        return !bears_token && !numbers.is_empty() && !numbers.iter().any(is_known);
    }
    let another_contract = !known.is_empty() && !numbers.iter().all(is_known);
    let named = (reading.kind == Kind::ThirdParty).then_some(reading.requester.email.as_deref()).flatten();
    let another_user = match (&request.requester.email, named.and_then(EmailAddress::parse)) {
        (Some(known), Some(named)) => *known != named,
        _ => false,
    };
    another_contract || another_user
}

/// Blanks are filled. What is there already is replaced only where the request was sent back to be corrected (rule V2).
fn fill(
    draft: &Draft<'_>,
    request: &mut Request,
    reading: &RequestReading,
    mail: &MailInput,
    from: &EmailAddress,
    corrects: bool,
) {
    let mut requester = reading.requester.clone();
    // For every other kind the reading falls back to the sender, whom nobody named as the user.
    if reading.kind != Kind::ThirdParty
        && requester.email.as_deref().and_then(EmailAddress::parse).as_ref() == Some(from)
    {
        requester.email = None;
        if corrects {
            let own = [mail.from_name.as_deref(), request.sender_name.as_deref(), request.approver.name.as_deref()];
            requester.name = requester.name.filter(|name| !own.contains(&Some(name.as_str())));
            let forms = &draft.snapshot.desk.policy.legal_forms;
            let writer_s = request.approver.company.as_deref();
            requester.company = requester.company.filter(|company| !company::is_one_of(company, writer_s, forms));
        }
    }
    fill_person(&mut request.requester, &requester, corrects);
    fill_person(&mut request.approver, &reading.approver, corrects);
    put(&mut request.reason, reading.reason.clone(), corrects);
    if corrects && request.kind == Kind::ThirdParty && reading.access_level == AccessLevel::Download {
        // "Full" is what a mail means that says nothing: only the lower one is a correction.
        request.access_level = AccessLevel::Download;
    }
}

fn fill_person(person: &mut Person, reading: &PersonReading, corrects: bool) {
    let given = tell::person(reading);
    put(&mut person.email, given.email, corrects);
    put(&mut person.name, given.name, corrects);
    put(&mut person.company, given.company, corrects);
}

/// A form that comes back with a line left empty takes nothing away.
fn put<T>(field: &mut Option<T>, given: Option<T>, corrects: bool) {
    if given.is_some() && (corrects || field.is_none()) {
        *field = given;
    }
}

/// The one item without any number is replaced when numbers come. The one item that was sent back takes the one number that
/// the request does not have yet, where its own is not named any more.
fn number_items(draft: &Draft<'_>, request: &mut Request, reading: &RequestReading, sent_back: &[ItemNo]) {
    let unnumbered = request.items.iter().all(|item| item.named_as().is_none());
    if unnumbered && !reading.contract_numbers.is_empty() {
        request.items = open::items(draft, &RequestReading { kind: request.kind, ..reading.clone() });
        return;
    }
    let known: Vec<String> = request.items.iter().filter_map(|item| item.contract_number.clone()).collect();
    let fresh: Vec<&String> = reading.contract_numbers.iter().filter(|number| !known.contains(number)).collect();
    if let ([no], [number]) = (sent_back, fresh.as_slice())
        && let Some(item) = request.item_mut(*no)
        && item.contract_number.as_ref().is_some_and(|own| !reading.contract_numbers.contains(own))
    {
        item.contract_number = Some((*number).clone());
    }
}
