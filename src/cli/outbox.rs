//! `ringi outbox list|show`: the letters, sent and unsent, their tokens masked.

use chrono_tz::Tz;
use serde::Serialize;

use super::{Context, Failure, arguments, output};
use crate::domain::ids::Reference;
use crate::fault::Fault;
use crate::store::{LetterFilter, LetterId, LetterRow, LetterState};

/// `ringi outbox …`
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Letters, the latest first.
    List {
        /// Only letters in this state.
        #[arg(long, value_parser = state)]
        state: Option<LetterState>,
        /// At most so many.
        #[arg(long, default_value_t = 200, value_parser = arguments::count)]
        limit: u32,
        #[arg(long)]
        json: bool,
    },
    /// One letter with its text.
    Show {
        #[arg(value_name = "N", value_parser = arguments::row)]
        letter: i64,
        #[arg(long)]
        json: bool,
    },
}

fn state(text: &str) -> Result<LetterState, String> {
    LetterState::parse(text).ok_or_else(|| {
        let all: Vec<&str> = LetterState::ALL.iter().map(|state| state.as_str()).collect();
        format!("no such state; one of {}", all.join(", "))
    })
}

/// A letter as programs see it.
#[derive(Debug, Serialize)]
pub struct LetterJson<'a> {
    id: i64,
    reference: Option<&'a Reference>,
    name: &'a str,
    recipient: &'a str,
    language: crate::domain::words::Language,
    subject: &'a str,
    state: LetterState,
    attempts: u32,
    written_at: String,
    not_before: String,
    ended_at: Option<String>,
    last_reply: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

impl<'a> LetterJson<'a> {
    /// The letter without its text, times in the desk's zone.
    pub fn of(letter: &'a LetterRow, zone: Tz) -> Self {
        Self {
            id: letter.id.0,
            reference: letter.reference.as_ref(),
            name: &letter.name,
            recipient: letter.recipient.as_str(),
            language: letter.language,
            subject: &letter.subject,
            state: letter.state,
            attempts: letter.attempts,
            written_at: output::rfc3339(letter.written_at, zone),
            not_before: output::rfc3339(letter.not_before, zone),
            ended_at: letter.ended_at.map(|at| output::rfc3339(at, zone)),
            last_reply: letter.last_reply.as_deref(),
            text: None,
        }
    }
}

pub async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    let (config, store) = context.store().await?;
    let zone = config.desk(None)?.zone;
    match command {
        Command::List { state, limit, json } => {
            let letters = store.letters(&LetterFilter { state, ..LetterFilter::default() }, limit).await?;
            list(&letters, zone, json)
        }
        Command::Show { letter, json } => match store.letter(LetterId(letter)).await? {
            Some(letter) => show(&letter, zone, json),
            None => {
                let fault = format!("there is no letter {letter}");
                Err(Fault::new(fault, "`ringi outbox list` shows those that are there.").into())
            }
        },
    }
}

fn list(letters: &[LetterRow], zone: Tz, json: bool) -> Result<(), Failure> {
    if json {
        return letters.iter().try_for_each(|letter| output::print_json(&LetterJson::of(letter, zone)));
    }
    let mut table = output::Table::new(&["N", "WRITTEN", "STATE", "LETTER", "REFERENCE", "TO", "LAST REPLY"]);
    for letter in letters {
        table.row(vec![
            letter.id.to_string(),
            output::local(letter.written_at, zone),
            letter.state.to_string(),
            letter.name.clone(),
            letter.reference.as_ref().map(ToString::to_string).unwrap_or_default(),
            letter.recipient.to_string(),
            output::cut(telling_reply(letter), 40),
        ]);
    }
    table.print("No letters.")
}

/// What the server said last, where that tells anything: the name of a file in a Maildir is not it.
fn telling_reply(letter: &LetterRow) -> &str {
    letter.last_reply.as_deref().filter(|reply| !reply.starts_with("written as ")).unwrap_or_default()
}

fn show(letter: &LetterRow, zone: Tz, json: bool) -> Result<(), Failure> {
    if json {
        return output::print_json(&LetterJson { text: Some(&letter.shown_text), ..LetterJson::of(letter, zone) });
    }
    output::print(&format!("To: {}", letter.recipient))?;
    output::print(&format!("Subject: {}", letter.subject))?;
    let ended = letter.ended_at.map(|at| format!(", {}", output::local(at, zone))).unwrap_or_default();
    let written = output::local(letter.written_at, zone);
    output::print(&format!("Written: {written}   State: {}{ended}   Attempts: {}", letter.state, letter.attempts))?;
    if let Some(reply) = &letter.last_reply {
        output::print(&format!("Last reply: {reply}"))?;
    }
    output::print("")?;
    output::print(letter.shown_text.trim_end())
}
