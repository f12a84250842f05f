//! `ringi mail list|show|reprocess`: the ledger of received mails.

use std::sync::Arc;

use chrono::Utc;
use chrono_tz::Tz;
use serde::Serialize;

use super::output::Desks;
use super::{Context, Failure, arguments, output, read};
use crate::app::console;
use crate::config::Config;
use crate::domain::address::EmailAddress;
use crate::domain::ids::MailId;
use crate::domain::input::{OperatorAct, Order};
use crate::domain::outcome::Folder;
use crate::domain::words::Class;
use crate::fault::Fault;
use crate::reading::Reader;
use crate::rules::Rules;
use crate::store::{MailFilter, MailRow, Store};

/// `ringi mail …`
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Recorded mails, the latest first.
    List {
        /// Only what was taken for this: request, answer, inquiry, bounce, duplicate, backlog, …
        #[arg(long, value_name = "WHAT")]
        taken_as: Option<String>,
        /// Only what is not worked yet.
        #[arg(long)]
        unworked: bool,
        /// Only what goes into this folder: done, human or parked.
        #[arg(long, value_parser = folder)]
        folder: Option<Folder>,
        /// Only what was received on this day or later, or in this time: 2026-11-20, 3d, 12h.
        #[arg(long, value_name = "WHEN", value_parser = arguments::since)]
        since: Option<arguments::Since>,
        /// Only of this desk.
        #[arg(long, value_name = "NAME")]
        desk: Option<String>,
        /// At most so many.
        #[arg(long, default_value_t = 200, value_parser = arguments::count)]
        limit: u32,
        #[arg(long)]
        json: bool,
    },
    /// One mail: what became of it and what it says.
    Show {
        #[arg(value_name = "N", value_parser = arguments::row)]
        mail: i64,
        #[arg(long)]
        json: bool,
        /// The mail itself, byte for byte; it may hold secrets of others.
        #[arg(long, conflicts_with = "json")]
        raw: bool,
    },
    /// Work mails again: parked, backlog, duplicate or worked ones.
    ///
    /// A mail that opened a request with open items is refused: everybody would be asked twice. Prints what was done.
    /// Exit codes: 0 all done, 2 where one is refused (the others are done).
    Reprocess {
        #[arg(value_name = "N", value_parser = arguments::row, required = true)]
        mails: Vec<i64>,
        /// Who does it; without it the name of the user at the keyboard.
        #[arg(long = "as", value_name = "NAME")]
        name: Option<String>,
        /// One line of JSON a mail: {"mail":12,"done":true,"lines":["…"]}.
        #[arg(long)]
        json: bool,
    },
}

fn folder(text: &str) -> Result<Folder, String> {
    Folder::parse(text).ok_or_else(|| "no such folder; one of done, human, parked".to_owned())
}

/// The answer to an order about one mail, as programs see it.
#[derive(Debug, Serialize)]
struct ReplyJson<'a> {
    mail: i64,
    done: bool,
    lines: &'a [String],
}

/// A mail of the ledger as programs see it.
#[derive(Debug, Serialize)]
struct MailJson<'a> {
    id: i64,
    desk: Option<&'a str>,
    mailbox: &'a str,
    uid_validity: u32,
    uid: u32,
    received_at: String,
    recorded_at: String,
    message_id: Option<&'a str>,
    size: u64,
    headers_only: bool,
    taken_as: Option<&'a str>,
    detail: Option<&'a str>,
    from: Option<&'a str>,
    subject: Option<&'a str>,
    worked_at: Option<String>,
    reference: Option<&'a str>,
    duplicate_of: Option<i64>,
    folder: Option<&'a str>,
    move_result: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reading: Option<read::MailReading>,
}

impl<'a> MailJson<'a> {
    fn of(row: &'a MailRow, desks: &'a Desks) -> Self {
        let zone = desks.zone(row.desk);
        Self {
            id: row.id.0,
            desk: desks.name(row.desk),
            mailbox: &row.mailbox_name,
            uid_validity: row.uid_validity,
            uid: row.uid,
            received_at: output::rfc3339(row.received_at, zone),
            recorded_at: output::rfc3339(row.recorded_at, zone),
            message_id: row.message_id.as_deref(),
            size: row.size,
            headers_only: row.headers_only,
            taken_as: row.taken_as.as_deref(),
            detail: row.detail.as_deref(),
            from: row.from.as_ref().map(EmailAddress::as_str),
            subject: row.subject.as_deref(),
            worked_at: row.worked_at.map(|at| output::rfc3339(at, zone)),
            reference: row.reference.as_ref().map(crate::domain::ids::Reference::as_str),
            duplicate_of: row.duplicate_of.map(|mail| mail.0),
            folder: row.folder.map(crate::domain::outcome::Folder::as_str),
            move_result: row.move_result.as_deref(),
            reading: None,
        }
    }
}

pub async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    let (config, store) = match &command {
        Command::List { .. } | Command::Show { .. } => context.store().await?,
        Command::Reprocess { .. } => context.writable_store().await?,
    };
    let desks = Desks::of(&config, &store).await?;
    match command {
        Command::List { taken_as, unworked, folder, since, desk, limit, json } => {
            let nothing = match &taken_as {
                Some(word) => format!("No mails taken as {word}; known: {}.", known_words().join(", ")),
                None => "No mails.".to_owned(),
            };
            let zone = config.desk(desk.as_deref())?.zone;
            let desk = output::desk_id(&config, &store, desk.as_deref()).await?;
            let since = since.map(|since| since.from(Utc::now(), zone));
            let filter = MailFilter { desk, taken_as, folder, unworked, since };
            list(&store.mails(&filter, limit).await?, &nothing, &desks, json)
        }
        Command::Show { mail, json, raw } => {
            let stored = store.mail(MailId(mail)).await?.ok_or_else(|| nothing(mail))?;
            if raw {
                return output::write(&stored.raw);
            }
            let reader = Reader::new(Arc::new(Rules::load(config.rules.as_deref())?));
            let side = config.desk(desks.name(stored.row.desk))?.side();
            let reading = read::read(&reader, &reader.open(&stored.raw), &side, None, format!("mail {mail}"));
            if json {
                return output::print_json(&MailJson { reading: Some(reading), ..MailJson::of(&stored.row, &desks) });
            }
            show(&stored.row, &reading, desks.zone(stored.row.desk))
        }
        Command::Reprocess { mails, name, json } => reprocess(&config, &store, &mails, output::who(name), json).await,
    }
}

fn nothing(mail: i64) -> Fault {
    Fault::new(format!("there is no mail {mail}"), "`ringi mail list` shows those that are there.")
}

/// Gives the order for each mail in turn; what is refused keeps none of the others back.
async fn reprocess(config: &Config, store: &Store, mails: &[i64], by: String, json: bool) -> Result<(), Failure> {
    let mut refused = Vec::new();
    for mail in mails {
        let stored = store.mail(MailId(*mail)).await?.ok_or_else(|| nothing(*mail))?;
        let desk = console::desk_of(config, store, stored.row.desk).await?;
        let order = Order::Operator(OperatorAct::Reprocess { mail: stored.row.id, by: by.clone() });
        let reply = console::submit(config, store, desk, &order).await?;
        if json {
            output::print_json(&ReplyJson { mail: *mail, done: reply.done, lines: &reply.lines })?;
        }
        refused.extend(output::told(reply));
    }
    if refused.is_empty() { Ok(()) } else { Err(Failure::Refused(refused)) }
}

/// What mails are taken as: for what they are, and for what became of them without a reading.
fn known_words() -> Vec<&'static str> {
    let classes = Class::ALL.iter().map(|class| class.as_str());
    classes.chain(["duplicate", "own", "unauthenticated", "backlog", "parked"]).collect()
}

fn list(mails: &[MailRow], nothing: &str, desks: &Desks, json: bool) -> Result<(), Failure> {
    if json {
        return mails.iter().try_for_each(|mail| output::print_json(&MailJson::of(mail, desks)));
    }
    let mut table = output::Table::new(&["N", "RECEIVED", "FROM", "SUBJECT", "TAKEN AS", "REFERENCE", "FOLDER", "WHY"]);
    for mail in mails {
        table.row(vec![
            mail.id.0.to_string(),
            output::local(mail.received_at, desks.zone(mail.desk)),
            output::cut(mail.from.as_ref().map_or("", EmailAddress::as_str), output::FROM_COLUMNS),
            output::cut(mail.subject.as_deref().unwrap_or_default(), output::SUBJECT_COLUMNS),
            mail.taken_as.clone().unwrap_or_else(|| "(waits)".to_owned()),
            mail.reference.as_ref().map(ToString::to_string).unwrap_or_default(),
            mail.folder.map(|folder| folder.as_str().to_owned()).unwrap_or_default(),
            mail.detail.clone().unwrap_or_default(),
        ]);
    }
    table.print(nothing)
}

fn show(row: &MailRow, reading: &read::MailReading, zone: Tz) -> Result<(), Failure> {
    output::print(&format!("Mail {} of mailbox {}, UID {}", row.id.0, row.mailbox_name, row.uid))?;
    output::print(&format!("  received  {}", output::local(row.received_at, zone)))?;
    output::print(&format!("  taken as  {}", row.taken_as.as_deref().unwrap_or("(waits)")))?;
    if let Some(detail) = &row.detail {
        output::print(&format!("  why       {detail}"))?;
    }
    if let Some(reference) = &row.reference {
        output::print(&format!("  request   {reference}"))?;
    }
    if let Some(original) = row.duplicate_of {
        output::print(&format!("  same as   mail {}", original.0))?;
    }
    if let Some(folder) = row.folder {
        let moved = row.move_result.as_deref().unwrap_or("not moved yet");
        output::print(&format!("  folder    {} ({moved})", folder.as_str()))?;
    }
    output::print("What it says")?;
    read::in_words(reading, true).iter().try_for_each(|line| output::print(line))
}
