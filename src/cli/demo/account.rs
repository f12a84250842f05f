//! What happened in the demo, for a reader: each mail, what was read from it, where each item stands and why, the letters.

use std::path::Path;
use std::sync::Arc;

use chrono_tz::Tz;

use super::heading;
use crate::cli::{Failure, output, read, requests};
use crate::config::Config;
use crate::domain::event::EventKind;
use crate::domain::request::Request;
use crate::domain::words::Class;
use crate::reading::Reader;
use crate::rules::Rules;
use crate::store::{LetterFilter, MailFilter, MailRow, RequestFilter, Store};

/// More than the demo ever makes.
const ALL: u32 = 10_000;

pub async fn print(config: &Config, store: &Store, dir: &Path) -> Result<(), Failure> {
    let desk = config.desk(None)?;
    let reader = Reader::new(Arc::new(Rules::load(config.rules.as_deref())?));
    heading("Mails received")?;
    let mut mails = store.mails(&MailFilter::default(), ALL).await?;
    mails.reverse();
    for row in &mails {
        let Some(stored) = store.mail(row.id).await? else { continue };
        let reading = read::read(&reader, &reader.open(&stored.raw), &desk.side(), None, String::new());
        mail(row, &reading)?;
    }
    heading("Requests, and where each item stands")?;
    let mut requests = store.requests(&RequestFilter::default(), ALL).await?;
    requests.sort_by_key(|request| request.mail);
    for request in &requests {
        items(store, request, desk.zone).await?;
    }
    heading("Letters that left")?;
    let mut letters = store.letters(&LetterFilter::default(), ALL).await?;
    letters.reverse();
    for letter in &letters {
        let reference = letter.reference.as_ref().map_or("-", |reference| reference.as_str());
        output::print(&format!("{:>3}  {reference:<9}  {:<21} {}", letter.id, letter.name, letter.recipient))?;
    }
    heading("Reviewer's tasks")?;
    for task in store.tasks(None, true, ALL).await? {
        let reference = task.reference.as_ref().map_or("-", |reference| reference.as_str());
        output::print(&format!("{:>3}  {reference:<9}  {}: {}", task.id, task.cause, task.detail))?;
    }
    try_next(dir, requests.first())
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
    let reference = row.reference.as_ref().map(|reference| format!(" {reference}")).unwrap_or_default();
    output::print(&format!("     → {taken}{reference}. {}", row.detail.as_deref().unwrap_or_default()))
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

fn try_next(dir: &Path, request: Option<&Request>) -> Result<(), Failure> {
    let config = format!("--config {}", dir.join("ringi.toml").display());
    heading("Try next")?;
    let reference = request.map_or("RG-…", |request| request.reference.as_str());
    output::print(&format!("ringi {config} requests timeline {reference}   what happened to a request, and why"))?;
    output::print(&format!("ringi {config} outbox list                  the letters; `outbox show N` shows one"))?;
    output::print(&format!("ringi {config} tasks list                   what a person must settle"))?;
    output::print(&format!("ringi {config} mail show 1                  one mail, and what was read from it"))?;
    output::print(&format!("ringi {config} requests list --json         the same for programs"))
}
