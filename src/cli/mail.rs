//! `ringi mail list|show`: the ledger of received mails.

use std::sync::Arc;

use chrono_tz::Tz;
use serde::Serialize;

use super::{Context, Failure, arguments, output, read};
use crate::domain::address::EmailAddress;
use crate::domain::ids::MailId;
use crate::domain::words::Class;
use crate::fault::Fault;
use crate::reading::Reader;
use crate::rules::Rules;
use crate::store::{MailFilter, MailRow};

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
}

/// A mail of the ledger as programs see it.
#[derive(Debug, Serialize)]
struct MailJson<'a> {
    id: i64,
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
    fn of(row: &'a MailRow, zone: Tz) -> Self {
        Self {
            id: row.id.0,
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
    let (config, store) = context.store().await?;
    let zone = config.desk(None)?.zone;
    match command {
        Command::List { taken_as, unworked, limit, json } => {
            let nothing = match &taken_as {
                Some(word) => format!("No mails taken as {word}; known: {}.", known_words().join(", ")),
                None => "No mails.".to_owned(),
            };
            let filter = MailFilter { taken_as, unworked, ..MailFilter::default() };
            list(&store.mails(&filter, limit).await?, &nothing, zone, json)
        }
        Command::Show { mail, json, raw } => {
            let stored = store.mail(MailId(mail)).await?.ok_or_else(|| {
                Fault::new(format!("there is no mail {mail}"), "`ringi mail list` shows those that are there.")
            })?;
            if raw {
                return output::write(&stored.raw);
            }
            let reader = Reader::new(Arc::new(Rules::load(config.rules.as_deref())?));
            let side = config.desk(None)?.side();
            let reading = read::read(&reader, &reader.open(&stored.raw), &side, None, format!("mail {mail}"));
            if json {
                return output::print_json(&MailJson { reading: Some(reading), ..MailJson::of(&stored.row, zone) });
            }
            show(&stored.row, &reading, zone)
        }
    }
}

/// What mails are taken as: for what they are, and for what became of them without a reading.
fn known_words() -> Vec<&'static str> {
    let classes = Class::ALL.iter().map(|class| class.as_str());
    classes.chain(["duplicate", "own", "unauthenticated", "backlog", "parked"]).collect()
}

fn list(mails: &[MailRow], nothing: &str, zone: Tz, json: bool) -> Result<(), Failure> {
    if json {
        return mails.iter().try_for_each(|mail| output::print_json(&MailJson::of(mail, zone)));
    }
    let mut table = output::Table::new(&["N", "RECEIVED", "FROM", "SUBJECT", "TAKEN AS", "REFERENCE", "FOLDER", "WHY"]);
    for mail in mails {
        table.row(vec![
            mail.id.0.to_string(),
            output::local(mail.received_at, zone),
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
