//! What happened in the demo, for a reader: each mail, what was read from it, where each item stands and why, the letters.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono_tz::Tz;

use super::heading;
use crate::cli::{Failure, output, read, requests};
use crate::config::Config;
use crate::domain::event::EventKind;
use crate::domain::ids::MailId;
use crate::domain::request::Request;
use crate::domain::words::Class;
use crate::reading::{DeskSide, Reader};
use crate::rules::Rules;
use crate::store::{LetterFilter, LetterId, MailFilter, MailRow, RequestFilter, Store};

/// More than the demo ever makes.
const ALL: u32 = 10_000;

/// Tells of mails and letters, of each once.
pub struct Account {
    store: Store,
    reader: Reader,
    side: DeskSide,
    zone: Tz,
    mails: BTreeSet<MailId>,
    letters: BTreeSet<LetterId>,
}

impl Account {
    /// Nothing was told yet.
    pub fn new(config: &Config, store: Store) -> Result<Self, Failure> {
        let desk = config.desk(None)?;
        let reader = Reader::new(Arc::new(Rules::load(config.rules.as_deref())?));
        let (mails, letters) = (BTreeSet::new(), BTreeSet::new());
        Ok(Self { store, reader, side: desk.side(), zone: desk.zone, mails, letters })
    }

    /// The whole account.
    pub async fn print(&mut self, dir: &Path) -> Result<(), Failure> {
        heading("Mails received")?;
        self.tell_mails().await?;
        heading("Requests, and where each item stands")?;
        let mut requests = self.store.requests(&RequestFilter::default(), ALL).await?;
        requests.sort_by_key(|request| request.mail);
        for request in &requests {
            items(&self.store, request, self.zone).await?;
        }
        heading("Letters that left")?;
        self.tell_letters("").await?;
        heading("Reviewer's tasks")?;
        for task in self.store.tasks(None, true, ALL).await? {
            let reference = task.reference.as_ref().map_or("-", |reference| reference.as_str());
            output::print(&format!("{:>3}  {reference:<9}  {}: {}", task.id, task.cause, task.detail))?;
        }
        try_next(dir, requests.first())
    }

    /// What was worked and written since the last time.
    pub async fn news(&mut self) -> Result<(), Failure> {
        self.tell_mails().await?;
        self.tell_letters("     letter ").await
    }

    async fn tell_mails(&mut self) -> Result<(), Failure> {
        let mut mails = self.store.mails(&MailFilter::default(), ALL).await?;
        mails.retain(|row| row.worked_at.is_some() || row.taken_as.is_some());
        for row in mails.iter().rev() {
            if !self.mails.insert(row.id) {
                continue;
            }
            let Some(stored) = self.store.mail(row.id).await? else { continue };
            let reading = read::read(&self.reader, &self.reader.open(&stored.raw), &self.side, None, String::new());
            mail(row, &reading)?;
        }
        Ok(())
    }

    /// Each line begins with `lead`, where no heading says what it is.
    async fn tell_letters(&mut self, lead: &str) -> Result<(), Failure> {
        for letter in self.store.letters(&LetterFilter::default(), ALL).await?.iter().rev() {
            if self.letters.insert(letter.id) {
                let reference = letter.reference.as_ref().map_or("-", |reference| reference.as_str());
                output::print(&format!(
                    "{lead}{:>3}  {reference:<9}  {:<21} {}",
                    letter.id, letter.name, letter.recipient
                ))?;
            }
        }
        Ok(())
    }
}

fn mail(row: &MailRow, reading: &read::MailReading) -> Result<(), Failure> {
    let from = reading.from.as_deref().unwrap_or("(nobody)");
    output::print(&format!("{:>3}  {from}  “{}”", row.id.0, output::cut(&reading.subject, 60)))?;
    let mut said = Vec::new();
    if let Some(request) = &reading.request {
        said.push(format!("{} for", request.kind));
        said.push(request.contract_numbers.join(", "));
        if let Some(email) = &request.requester.email {
            said.push(format!("to {email}"));
        }
        if !request.missing.is_empty() {
            let missing: Vec<&str> = request.missing.iter().map(|part| part.as_str()).collect();
            said.push(format!("(missing: {})", missing.join(", ")));
        }
    }
    if let Some(answer) = &reading.answer {
        said.push(format!("verdict {}", answer.verdict));
    }
    let said = match (said.is_empty(), reading.class) {
        (false, _) => said.join(" "),
        (true, Class::Inquiry) => "something a person wrote".to_owned(),
        (true, class) => class.to_string(),
    };
    output::print(&format!("     read: {said}"))?;
    let taken = row.taken_as.as_deref().unwrap_or("not worked yet");
    let detail = row.detail.as_deref().unwrap_or_default();
    // "Opened RG-7K3M9Q." says already which.
    let reference = row.reference.as_ref().filter(|reference| !detail.contains(reference.as_str()));
    let reference = reference.map(|reference| format!(" {reference}")).unwrap_or_default();
    output::print(&format!("     → {taken}{reference}. {detail}"))
}

async fn items(store: &Store, request: &Request, zone: Tz) -> Result<(), Failure> {
    let account = request.requester.email.as_ref().map_or("(no account named)", |email| email.as_str());
    output::print(&format!(
        "{}  {}  access for {account}, asked by {}",
        request.reference, request.kind, request.sender
    ))?;
    for item in &request.items {
        let by = item.standing.decided_by().map(|by| format!(", decided by {by}")).unwrap_or_default();
        let number = item.named_as().unwrap_or("(no number)");
        output::print(&format!("     {number}: {}{by}", requests::standing(item)))?;
    }
    for entry in store.timeline(&request.reference).await? {
        let told = matches!(
            entry.kind,
            EventKind::Voted
                | EventKind::Answered
                | EventKind::AnswerNotCounted
                | EventKind::ConfirmationAsked
                | EventKind::LetterRejected
                | EventKind::Granted
        );
        if told {
            let person = entry.person.as_ref().map(|person| format!(" ({person})")).unwrap_or_default();
            let at = output::local(entry.at, zone);
            output::print(&format!("       {at}  {}{person}", entry.detail.as_deref().unwrap_or_default()))?;
        }
    }
    Ok(())
}

/// Commands that can be pasted as they stand.
fn try_next(dir: &Path, request: Option<&Request>) -> Result<(), Failure> {
    let ringi = format!("{} --config {}", output::quoted(&program()), output::quoted(&dir.join("ringi.toml")));
    heading("Try next")?;
    let timeline = request.map(|request| format!("requests timeline {}", request.reference));
    for (what, command) in [
        ("What happened to a request, and why:", timeline.as_deref().unwrap_or("requests list")),
        ("The letters, and one of them:", "outbox list"),
        ("", "outbox show 1"),
        ("What a person must settle:", "tasks list"),
        ("One mail, and what was read from it:", "mail show 1"),
        ("The requests for programs:", "requests list --json"),
    ] {
        if !what.is_empty() {
            output::print(what)?;
        }
        output::print(&format!("  {ringi} {command}"))?;
    }
    Ok(())
}

/// By which path this program can be started again from here.
fn program() -> PathBuf {
    let Ok(program) = std::env::current_exe() else { return PathBuf::from("ringi") };
    let here = std::env::current_dir().ok();
    // With "./" in front: the shell would look a bare name up in PATH.
    match here.and_then(|here| program.strip_prefix(here).ok().map(|inside| Path::new(".").join(inside))) {
        Some(inside) => inside,
        None => program,
    }
}
