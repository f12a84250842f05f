//! `ringi contracts import`: a register file taken over, and what that changed.

use std::fs::File;
use std::io::IsTerminal as _;
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::mpsc;

use super::{Failure, output};
use crate::config::Config;
use crate::domain::register::Entry;
use crate::failure::opening;
use crate::fault::Fault;
use crate::register;
use crate::rules::Rules;
use crate::store::{Create, DETAILED, Difference, ImportMode, ImportReport, Store};

/// How many contracts a warning lists.
const LISTED: u32 = 10;

/// Entries that are handed over at once.
const BATCH: usize = 500;
/// Batches that may wait: reading and writing keep each other's pace.
const WAITING: usize = 4;

/// Imports a file and tells what that changed.
pub(super) async fn run(config: &Config, file: &Path, mode: ImportMode, json: bool) -> Result<(), Failure> {
    let source = open(file)?;
    // A dry run makes no database: into one that is not there everything would be added.
    let is_missing = mode.dry_run && matches!(config.database.try_exists(), Ok(false));
    let store = if is_missing {
        Store::scratch().await?
    } else {
        Store::open(&config.database, Create::Yes).await.map_err(opening(&config.database))?
    };
    let report = import(&store, config, file, source, mode).await?;
    let zone = config.desk(None)?.zone;
    if json {
        output::print_json(&ReportJson::of(&report, mode.dry_run))?
    } else {
        tell(&report, mode.dry_run, zone)?
    }
    if !mode.dry_run {
        let (undecidable, count) = store.undecidable_contracts(LISTED).await?;
        warn_of_nobody(&undecidable, count);
    }
    store.close().await;
    Ok(())
}

/// Reads a file by the rules and the zone of the config's first desk into the store, bit by bit: it may be longer than the
/// memory.
pub async fn import(
    store: &Store,
    config: &Config,
    file: &Path,
    source: File,
    mode: ImportMode,
) -> Result<ImportReport, Failure> {
    let rules = Rules::load(config.rules.as_deref())?;
    let (zone, name) = (config.desk(None)?.zone, file.to_path_buf());
    let mut importing = store.begin_import().await?;
    let (sender, mut batches) = mpsc::channel::<Vec<Entry>>(WAITING);
    let reader = tokio::task::spawn_blocking(move || {
        let reading = register::Reading { zone, free_mail: rules.companies.free_mail_domains() };
        let mut batch = Vec::with_capacity(BATCH);
        // Nobody takes them any more once the database has failed: that is told then, and not here.
        let send = |batch| drop(sender.blocking_send(batch));
        register::read_from(&name, source, reading, &mut |entry| {
            batch.push(entry);
            if batch.len() == BATCH {
                send(std::mem::replace(&mut batch, Vec::with_capacity(BATCH)));
            }
        })?;
        send(batch);
        Ok::<(), Vec<Fault>>(())
    });
    let mut progress = Progress::new();
    while let Some(batch) = batches.recv().await {
        importing.add(&batch).await?;
        progress.read(batch.len());
    }
    reader.await.map_err(|error| Failure::Failed(format!("the register could not be read: {error}")))??;
    if progress.rows == 0 {
        let remedy = "Add a row for each contract, bill-to ID, administrator or account; nothing was changed.";
        return Err(Fault::new("the register holds its header and no row", remedy).in_file(file).into());
    }
    progress.compare();
    Ok(importing.finish(mode, Utc::now()).await?)
}

/// Opens a register file.
pub fn open(file: &Path) -> Result<File, Failure> {
    let opened = File::open(file).and_then(|opened| match opened.metadata()?.is_dir() {
        true => Err(std::io::Error::other("it is a folder")),
        false => Ok(opened),
    });
    opened.map_err(|error| {
        let remedy = "Name a CSV, XLSX or JSON file.";
        Fault::new(format!("the register cannot be read: {error}"), remedy).in_file(file).into()
    })
}

/// Says on stderr that a long file is being read; of a short one it says nothing.
struct Progress {
    rows: usize,
    /// On a terminal one line is written over; elsewhere each is kept, so that they are fewer.
    is_terminal: bool,
    next: Instant,
    has_told: bool,
}

impl Progress {
    fn new() -> Self {
        let next = Instant::now() + Duration::from_secs(2);
        Self { rows: 0, is_terminal: std::io::stderr().is_terminal(), next, has_told: false }
    }

    fn read(&mut self, rows: usize) {
        self.rows = self.rows.saturating_add(rows);
        let now = Instant::now();
        if now < self.next {
            return;
        }
        self.has_told = true;
        if self.is_terminal {
            eprint!("\r{} rows read", self.rows);
            self.next = now + Duration::from_millis(250);
        } else {
            eprintln!("{} rows read", self.rows);
            self.next = now + Duration::from_secs(5);
        }
    }

    fn compare(&self) {
        if self.has_told {
            let over = if self.is_terminal { "\r" } else { "" };
            eprintln!("{over}{} rows read; comparing them with the register.", self.rows);
        }
    }
}

/// The bill-to IDs may come in a file of their own later; until then nobody can be asked.
fn warn_of_nobody(undecidable: &[(String, String)], count: u64) {
    if undecidable.is_empty() {
        return;
    }
    let listed = undecidable.iter().map(|(number, bill_to)| format!("{number} (bill-to ID {bill_to})"));
    let more = match count.saturating_sub(undecidable.len() as u64) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    eprintln!(
        "Warning: {count} contract(s) are administered by a bill-to ID that names nobody: {}{more}. Import the bill-to IDs as well.",
        listed.collect::<Vec<_>>().join(", "),
    );
}

/// The contracts' own lists stand at the top, where they always stood.
#[derive(Debug, Serialize)]
struct ReportJson<'a> {
    dry_run: bool,
    #[serde(flatten)]
    contracts: DifferenceJson<'a>,
    bill_tos: DifferenceJson<'a>,
    administrators: DifferenceJson<'a>,
    accounts: DifferenceJson<'a>,
    requests_told: Vec<&'a str>,
}

#[derive(Debug, Serialize)]
struct DifferenceJson<'a> {
    added: &'a [String],
    changed: Vec<&'a str>,
    changes: Vec<&'a crate::store::Change>,
    unchanged: u64,
    pruned: &'a [String],
}

impl<'a> DifferenceJson<'a> {
    fn of(difference: &'a Difference) -> Self {
        Self {
            added: &difference.added,
            changed: difference.changed.iter().map(|change| change.key.as_str()).collect(),
            changes: difference.changed.iter().filter(|change| !change.fields.is_empty()).collect(),
            unchanged: difference.unchanged,
            pruned: &difference.removed,
        }
    }
}

impl<'a> ReportJson<'a> {
    fn of(report: &'a ImportReport, dry_run: bool) -> Self {
        Self {
            dry_run,
            contracts: DifferenceJson::of(&report.contracts),
            bill_tos: DifferenceJson::of(&report.bill_tos),
            administrators: DifferenceJson::of(&report.people),
            accounts: DifferenceJson::of(&report.accounts),
            requests_told: report.told.iter().map(crate::domain::ids::Reference::as_str).collect(),
        }
    }
}

fn tell(report: &ImportReport, dry_run: bool, zone: Tz) -> Result<(), Failure> {
    let kinds = [
        ("", "contract", &report.contracts),
        ("bill-to ID ", "bill-to ID", &report.bill_tos),
        ("administrator ", "administrator", &report.people),
        ("account ", "account", &report.accounts),
    ];
    // What is taken away comes first: it is what a slip costs most.
    for (prefix, _, difference) in kinds {
        for key in &difference.removed {
            output::print(&format!("taken away: {prefix}{key}"))?;
        }
    }
    for (prefix, _, difference) in kinds {
        for key in &difference.added {
            output::print(&format!("added: {prefix}{key}"))?;
        }
        for change in &difference.changed {
            output::print(&format!("changed: {prefix}{}", change.key))?;
            for field in &change.fields {
                let (old, new) = (shown(&field.old, zone), shown(&field.new, zone));
                output::print(&format!("    {}: {old} → {new}", field.field))?;
            }
        }
        if difference.changed.len() > DETAILED as usize {
            eprintln!("The fields are told of the first {DETAILED} changed entries.");
        }
    }
    if dry_run {
        eprintln!("Nothing was changed. It would be:");
    }
    for (_, kind, difference) in kinds {
        let Difference { added, changed, unchanged, removed } = difference;
        if added.len() + changed.len() + removed.len() > 0 || *unchanged > 0 {
            eprintln!(
                "{kind}s: {} added, {} changed, {unchanged} unchanged, {} taken away.",
                added.len(),
                changed.len(),
                removed.len()
            );
        }
    }
    if !report.told.is_empty() {
        let told: Vec<&str> = report.told.iter().map(crate::domain::ids::Reference::as_str).collect();
        eprintln!("Open requests that this touches: {}.", told.join(", "));
    }
    Ok(())
}

/// A field's value as the file would have it.
fn shown(value: &Value, zone: Tz) -> String {
    match value {
        Value::Null => "(blank)".to_owned(),
        Value::String(text) => match text.parse::<DateTime<Utc>>() {
            Ok(at) => output::local(at, zone),
            Err(_) => text.clone(),
        },
        Value::Array(list) if list.is_empty() => "(blank)".to_owned(),
        Value::Array(list) => list.iter().map(|one| shown(one, zone)).collect::<Vec<_>>().join("; "),
        Value::Object(person) => {
            let text = |key: &str| person.get(key).and_then(Value::as_str);
            let email = text("email").unwrap_or_default();
            let named = text("name").map_or_else(|| email.to_owned(), |name| format!("{name} <{email}>"));
            match (text("from"), text("until")) {
                (None, None) => named,
                (from, until) => format!("{named} ({} – {})", from.unwrap_or_default(), until.unwrap_or_default()),
            }
        }
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}
