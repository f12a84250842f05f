//! An outcome while it is being made.

use crate::domain::address::EmailAddress;
use crate::domain::entropy::{Entropy, Secrets, Token};
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{LetterNo, Reference};
use crate::domain::input::{Input, MailInput};
use crate::domain::letter::{Again, Body, Key, Letter, Thread};
use crate::domain::outcome::{Disposition, Folder, Outcome, SUBJECT_LENGTH};
use crate::domain::quote::one_line;
use crate::domain::request::Request;
use crate::domain::snapshot::Snapshot;
use crate::domain::task::{NewTask, TaskCause};
use crate::domain::words::Language;

/// What the parts of `decide` write into.
pub(super) struct Draft<'a> {
    pub snapshot: &'a Snapshot<'a>,
    pub entropy: &'a mut dyn Entropy,
    pub out: Outcome,
    /// What the sender wrote with a corrected request, for the letters that ask anew.
    pub sender_words: Option<String>,
    /// Why this decision asks an administrator again, where it does.
    pub again: Again,
    /// The mail that is decided on, where the input is one.
    mail: Option<&'a MailInput>,
}

impl<'a> Draft<'a> {
    pub fn new(snapshot: &'a Snapshot<'a>, input: &'a Input, entropy: &'a mut dyn Entropy) -> Self {
        let mail = match input {
            Input::Mail(mail) => Some(&**mail),
            Input::Timer(_) | Input::Delivery(_) | Input::Register(_) | Input::Operator(_) | Input::Review(_) => None,
        };
        Self { snapshot, entropy, out: Outcome::default(), sender_words: None, again: Again::default(), mail }
    }

    pub fn finish(self) -> Outcome {
        self.out
    }

    /// An entry of the timeline.
    pub fn event(&mut self, event: Event) {
        self.out.events.push(event);
    }

    /// A task. Its entry in the timeline is made by the store, which knows the task's number.
    pub fn task(&mut self, task: NewTask) {
        self.out.tasks.push(task);
    }

    /// What became of the mail.
    pub fn taken_as(&mut self, taken_as: &str, folder: Folder, detail: impl Into<String>) {
        self.out.disposition = Some(Disposition {
            taken_as: taken_as.to_owned(),
            folder,
            detail: detail.into(),
            from: self.mail.and_then(|mail| mail.from.clone()),
            subject: self.mail.map(|mail| one_line(&mail.subject, SUBJECT_LENGTH)).unwrap_or_default(),
        });
    }

    /// A letter that tells and does not ask, about a request.
    pub fn tell(&mut self, request: &mut Request, to: Recipient, body: Body) {
        if self.is_over_budget(&to, &body) {
            return;
        }
        let no = request.next_letter();
        let key = Key::Tells(Token::draw(self.entropy));
        self.write(Some((request.reference.clone(), no)), to, body, key);
    }

    /// A letter that asks the request's sender, with tokens that continue the request (rule V3).
    pub fn ask_sender(&mut self, request: &mut Request, body: Body) {
        if self.is_over_budget(&Recipient::sender_of(request), &body) {
            return;
        }
        let no = request.next_letter();
        let key = Key::AsksSender(Secrets::draw(self.entropy));
        self.write(Some((request.reference.clone(), no)), Recipient::sender_of(request), body, key);
    }

    /// A letter of the desk that belongs to no request.
    pub fn tell_apart(&mut self, to: Recipient, body: Body) {
        if self.is_over_budget(&to, &body) {
            return;
        }
        let key = Key::Tells(Token::draw(self.entropy));
        self.write(None, to, body, key);
    }

    /// Whether anybody at all could have made the desk write this letter, by a mail that names the recipient as From.
    fn is_for_anybody(&self, to: &Recipient, body: &Body) -> bool {
        let unverified =
            |mail: &MailInput| !mail.authentication.is_aligned() && mail.from.as_ref() == Some(&to.address);
        self.mail.is_some_and(unverified) && body.answers_anybody()
    }

    /// Above the budget for unverified senders no letter is written, and a person looks: a flood would use up what
    /// honest letters need, and fall upon those in whose names it comes.
    fn is_over_budget(&mut self, to: &Recipient, body: &Body) -> bool {
        let limit = self.snapshot.desk.policy.unverified_hourly_limit;
        if limit == 0 || !self.is_for_anybody(to, body) || self.unverified_this_hour() < limit {
            return false;
        }
        let why = format!(
            "Letter {} was not written: over {limit} letters an hour because of unverified senders.",
            body.name()
        );
        self.event(Event::new(EventKind::LetterNotWritten, why.clone()).person(&to.address));
        if self.out.tasks.is_empty() {
            self.task(NewTask::new(TaskCause::OverLimit, why).mail(self.mail.map(|mail| mail.mail)));
        }
        true
    }

    /// Letters of the last hour that unverified senders made the desk write, those of this outcome among them.
    pub fn unverified_this_hour(&self) -> u32 {
        let here = self.out.letters.iter().filter(|letter| letter.unverified).count();
        self.snapshot.load.unverified_this_hour.saturating_add(u32::try_from(here).unwrap_or(u32::MAX))
    }

    fn write(&mut self, of: Option<(Reference, LetterNo)>, to: Recipient, body: Body, key: Key) {
        let written =
            Event::new(EventKind::LetterWritten, format!("Letter {} written.", body.name())).person(&to.address);
        let unverified = self.is_for_anybody(&to, &body);
        let (reference, no) = of.unzip();
        self.event(match no {
            Some(no) => written.letter(no),
            None => written,
        });
        self.out.letters.push(Letter {
            reference,
            no: no.unwrap_or(LetterNo(0)),
            to: to.address,
            to_name: to.name,
            language: to.language,
            thread: to.thread,
            key,
            body,
            not_before: None,
            unverified,
        });
    }
}

/// To whom a letter goes, and into which thread.
pub(super) struct Recipient {
    pub address: EmailAddress,
    pub name: Option<String>,
    pub language: Language,
    pub thread: Option<Thread>,
}

impl Recipient {
    /// From of the request, in the thread of its mail.
    pub fn sender_of(request: &Request) -> Self {
        Self {
            address: request.sender.clone(),
            name: request.sender_name.clone(),
            language: request.language,
            thread: Some(Thread { message_id: request.message_id.clone(), subject: request.subject.clone() }),
        }
    }

    /// From of a mail, in its thread.
    pub fn writer_of(mail: &MailInput, from: &EmailAddress) -> Self {
        Self {
            address: from.clone(),
            name: mail.from_name.clone(),
            language: mail.language,
            thread: Some(Thread { message_id: mail.message_id.clone(), subject: mail.subject.clone() }),
        }
    }
}

impl Recipient {
    /// The person asked, at the registered address, in the thread of the answer.
    pub fn asked(approval: &crate::domain::approval::Approval, mail: &MailInput) -> Self {
        Self {
            address: approval.person.clone(),
            name: approval.name.clone(),
            language: approval.language,
            thread: Some(Thread { message_id: mail.message_id.clone(), subject: mail.subject.clone() }),
        }
    }
}
