//! `ringi outbox list|show|retry|hold|drop`: the letters, sent and unsent, their tokens masked.

use chrono_tz::Tz;
use serde::Serialize;

use super::output::Desks;
use super::{Context, Failure, arguments, output};
use crate::app::console;
use crate::config::Config;
use crate::domain::address::EmailAddress;
use crate::domain::ids::Reference;
use crate::domain::input::{OperatorAct, Order};
use crate::domain::outbox::OutboxAct;
use crate::fault::Fault;
use crate::store::{LetterFilter, LetterId, LetterRow, LetterState, Store};

/// `ringi outbox …`
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Letters, the latest first.
    List {
        /// Only letters in this state.
        #[arg(long, value_parser = state)]
        state: Option<LetterState>,
        /// Only letters about this request.
        #[arg(long, value_name = "REF", value_parser = arguments::reference)]
        reference: Option<Reference>,
        /// Only of this desk.
        #[arg(long, value_name = "NAME")]
        desk: Option<String>,
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
    /// Send letters now: held, waiting or refused ones. The same mail leaves, byte for byte; breakers let it pass.
    ///
    /// Prints what was done. A refused letter can be sent again for a day: then its text is forgotten.
    /// Exit codes: 0 all done, 2 where a letter's state does not allow it (the others are done).
    Retry(Act),
    /// Do not send letters until they are retried.
    ///
    /// Exit codes: 0 all done, 2 where a letter's state does not allow it (the others are done).
    Hold(Act),
    /// Never send letters. A dropped letter that asks for approval leaves a task.
    ///
    /// Exit codes: 0 all done, 2 where a letter's state does not allow it (the others are done).
    Drop(Act),
}

/// Which letters, and why.
#[derive(Debug, clap::Args)]
pub struct Act {
    /// The letters' numbers, as `ringi outbox list` shows them.
    #[arg(value_name = "N", value_parser = arguments::row, required_unless_present = "all_held")]
    letters: Vec<i64>,
    /// All letters that are held; with --desk those of one desk.
    #[arg(long, conflicts_with = "letters")]
    all_held: bool,
    /// With --all-held: only letters to this address.
    #[arg(long, value_name = "ADDRESS", value_parser = arguments::address, requires = "all_held")]
    to: Option<EmailAddress>,
    /// With --all-held: only letters about this request.
    #[arg(long, value_name = "REF", value_parser = arguments::reference, requires = "all_held")]
    reference: Option<Reference>,
    /// Only letters of this desk.
    #[arg(long, value_name = "NAME")]
    desk: Option<String>,
    /// Who does it; without it the name of the user at the keyboard.
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
    /// Why: goes into the timeline.
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
    /// One line of JSON a letter: {"letter":12,"done":true,"lines":["…"]}.
    #[arg(long)]
    json: bool,
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

/// The same, with its desk.
#[derive(Debug, Serialize)]
struct DeskLetter<'a> {
    desk: Option<&'a str>,
    #[serde(flatten)]
    letter: LetterJson<'a>,
}

impl<'a> DeskLetter<'a> {
    fn of(letter: &'a LetterRow, desks: &'a Desks) -> Self {
        Self { desk: desks.name(letter.desk), letter: LetterJson::of(letter, desks.zone(letter.desk)) }
    }
}

pub async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    let (config, store) = match &command {
        Command::List { .. } | Command::Show { .. } => context.store().await?,
        Command::Retry(_) | Command::Hold(_) | Command::Drop(_) => context.writable_store().await?,
    };
    let desks = Desks::of(&config, &store).await?;
    match command {
        Command::List { state, reference, desk, limit, json } => {
            let desk = output::desk_id(&config, &store, desk.as_deref()).await?;
            let letters = store.letters(&LetterFilter { desk, state, reference }, limit).await?;
            list(&letters, &desks, json)
        }
        Command::Show { letter, json } => match store.letter(LetterId(letter)).await? {
            Some(letter) => show(&letter, &desks, json),
            None => Err(nothing(letter).into()),
        },
        Command::Retry(act) => order(&config, &store, OutboxAct::Retry, act).await,
        Command::Hold(act) => order(&config, &store, OutboxAct::Hold, act).await,
        Command::Drop(act) => order(&config, &store, OutboxAct::Drop, act).await,
    }
}

/// The answer to an order about one letter, as programs see it.
#[derive(Debug, Serialize)]
struct ReplyJson<'a> {
    letter: i64,
    done: bool,
    lines: &'a [String],
}

/// Gives the order for each letter in turn; what is refused keeps none of the others back.
async fn order(config: &Config, store: &Store, act: OutboxAct, given: Act) -> Result<(), Failure> {
    let letters = chosen(config, store, &given).await?;
    if letters.is_empty() {
        eprintln!("No letters are held.");
    }
    let by = output::who(given.name);
    let mut refused = Vec::new();
    for letter in letters {
        let desk = console::desk_of(config, store, letter.desk).await?;
        let order = Order::Operator(OperatorAct::Outbox {
            letter: letter.id,
            act,
            comment: given.comment.clone(),
            by: by.clone(),
        });
        let reply = console::submit(config, store, desk, &order).await?;
        if given.json {
            output::print_json(&ReplyJson { letter: letter.id.0, done: reply.done, lines: &reply.lines })?;
        }
        refused.extend(output::told(reply));
    }
    if refused.is_empty() { Ok(()) } else { Err(Failure::Refused(refused)) }
}

async fn chosen(config: &Config, store: &Store, given: &Act) -> Result<Vec<LetterRow>, Failure> {
    let desk = output::desk_id(config, store, given.desk.as_deref()).await?;
    if given.all_held {
        let filter = LetterFilter { desk, state: Some(LetterState::Held), reference: given.reference.clone() };
        let mut held = store.letters(&filter, u32::MAX).await?;
        held.retain(|letter| given.to.as_ref().is_none_or(|to| letter.recipient == *to));
        // The first written leaves first.
        held.reverse();
        return Ok(held);
    }
    let mut letters = Vec::with_capacity(given.letters.len());
    for number in &given.letters {
        let found = store.letter(LetterId(*number)).await?;
        let found = found.filter(|letter| desk.is_none_or(|desk| letter.desk == desk));
        letters.push(found.ok_or_else(|| nothing(*number))?);
    }
    Ok(letters)
}

fn nothing(letter: i64) -> Fault {
    Fault::new(format!("there is no letter {letter}"), "`ringi outbox list` shows those that are there.")
}

fn list(letters: &[LetterRow], desks: &Desks, json: bool) -> Result<(), Failure> {
    if json {
        return letters.iter().try_for_each(|letter| output::print_json(&DeskLetter::of(letter, desks)));
    }
    let mut table = output::Table::new(&["N", "WRITTEN", "STATE", "LETTER", "REFERENCE", "TO", "LAST REPLY"]);
    for letter in letters {
        table.row(vec![
            letter.id.to_string(),
            output::local(letter.written_at, desks.zone(letter.desk)),
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

fn show(letter: &LetterRow, desks: &Desks, json: bool) -> Result<(), Failure> {
    let zone = desks.zone(letter.desk);
    if json {
        let mut row = DeskLetter::of(letter, desks);
        row.letter.text = Some(&letter.shown_text);
        return output::print_json(&row);
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
