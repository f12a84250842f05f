//! `ringi contracts import|list|show`: the register.

use std::path::{Path, PathBuf};

use chrono_tz::Tz;
use serde::Serialize;

use super::{Context, Failure, arguments, output};
use crate::config::Config;
use crate::domain::address::EmailAddress;
use crate::domain::contract::{Administrator, Contract, folded_number};
use crate::failure::opening;
use crate::fault::Fault;
use crate::register::{self, Register};
use crate::rules::Rules;
use crate::store::{ContractFilter, Create, ImportReport, Store};

/// `ringi contracts …`
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Take a register file over: contracts, or bill-to IDs with their administrators. The same file twice changes nothing.
    Import {
        /// A CSV file; its header says which of the two it is.
        file: PathBuf,
        /// Say what would change, and change nothing.
        #[arg(long)]
        dry_run: bool,
        /// Take contracts away that the file no longer has.
        #[arg(long)]
        prune: bool,
        #[arg(long)]
        json: bool,
    },
    /// Contracts by number.
    List {
        /// Only contracts of this bill-to ID.
        #[arg(long, value_name = "ID", value_parser = number)]
        bill_to: Option<String>,
        /// Only contracts that name this person as an administrator.
        #[arg(long, value_name = "ADDRESS", value_parser = address)]
        administrator: Option<EmailAddress>,
        /// At most so many.
        #[arg(long, default_value_t = 200, value_parser = arguments::count)]
        limit: u32,
        #[arg(long)]
        json: bool,
    },
    /// One contract with whoever administers it.
    Show {
        #[arg(value_name = "N", value_parser = number)]
        number: String,
        #[arg(long)]
        json: bool,
    },
}

fn address(text: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(text).ok_or_else(|| "no mail address".to_owned())
}

/// In the spelling of the register: people write hyphens and full-width digits.
fn number(text: &str) -> Result<String, String> {
    folded_number(text).ok_or_else(|| "no number; write letters and digits, such as 9021-0034".to_owned())
}

/// A contract as programs see it: the keys of the import file.
#[derive(Debug, Serialize)]
struct ContractJson<'a> {
    contract_number: &'a str,
    holder: &'a str,
    aliases: &'a [String],
    domains: &'a [String],
    addresses: &'a [EmailAddress],
    bill_to_id: Option<&'a str>,
    service_level: Option<&'a str>,
    issued_at: Option<String>,
    starts_on: Option<String>,
    ends_on: Option<String>,
    serial_numbers: &'a [String],
    administered_by: &'static str,
    administrators: &'a [Administrator],
}

impl<'a> ContractJson<'a> {
    fn of(contract: &'a Contract, zone: Tz) -> Self {
        Self {
            contract_number: &contract.number,
            holder: &contract.holder,
            aliases: &contract.aliases,
            domains: &contract.domains,
            addresses: &contract.addresses,
            bill_to_id: contract.bill_to_id.as_deref(),
            service_level: contract.service_level.as_deref(),
            issued_at: contract.issued_at.map(|at| output::rfc3339(at, zone)),
            starts_on: contract.starts_on.map(|day| day.to_string()),
            ends_on: contract.ends_on.map(|day| day.to_string()),
            serial_numbers: &contract.serial_numbers,
            administered_by: contract.administered_by.as_str(),
            administrators: &contract.administrators,
        }
    }
}

pub async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Import { file, dry_run, prune, json } => {
            let config = context.config()?;
            let register = read_register(&config, &file)?;
            if prune && register.contracts.is_empty() {
                let what = "the file holds no contract, and --prune would take all contracts away";
                return Err(Fault::new(what, "Prune with a file of contracts only.").in_file(&file).into());
            }
            let report = import(&config, &register, prune, dry_run).await?;
            if json { output::print_json(&ReportJson::of(&report, dry_run)) } else { tell(&report, dry_run) }
        }
        Command::List { bill_to, administrator, limit, json } => {
            let (config, store) = context.store().await?;
            let filter = ContractFilter { bill_to_id: bill_to, administrator };
            list(&store.contracts(&filter, limit).await?, config.desk(None)?.zone, json)
        }
        Command::Show { number, json } => {
            let (config, store) = context.store().await?;
            let contract = store.contract(&number).await?.ok_or_else(|| {
                Fault::new(
                    format!("there is no contract {number:?}"),
                    "`ringi contracts list` shows those that are there.",
                )
            })?;
            show(&contract, config.desk(None)?.zone, json)
        }
    }
}

/// A dry run makes no database: into one that is not there everything would be added.
async fn import(config: &Config, register: &Register, prune: bool, dry_run: bool) -> Result<ImportReport, Failure> {
    if dry_run && matches!(config.database.try_exists(), Ok(false)) {
        return Ok(ImportReport {
            added: register.contracts.iter().map(|contract| contract.number.clone()).collect(),
            bill_tos_changed: register.bill_tos.iter().map(|bill_to| bill_to.id.clone()).collect(),
            ..ImportReport::default()
        });
    }
    let store = Store::open(&config.database, Create::Yes).await.map_err(opening(&config.database))?;
    let report = store.import(&register.contracts, &register.bill_tos, prune, dry_run).await?;
    if !dry_run {
        warn_of_nobody(&store.undecidable_contracts().await?);
    }
    Ok(report)
}

/// How many contracts a warning lists.
const LISTED: usize = 10;

/// The bill-to IDs may come in a file of their own later; until then nobody can be asked.
fn warn_of_nobody(undecidable: &[(String, String)]) {
    if undecidable.is_empty() {
        return;
    }
    let listed = undecidable.iter().take(LISTED).map(|(number, bill_to)| format!("{number} (bill-to ID {bill_to})"));
    let more = match undecidable.len().saturating_sub(LISTED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    eprintln!(
        "Warning: {} contract(s) are administered by a bill-to ID that names nobody: {}{more}. Import the bill-to IDs as well.",
        undecidable.len(),
        listed.collect::<Vec<_>>().join(", "),
    );
}

/// Reads a register file by the rules and the zone of the config's first desk.
pub fn read_register(config: &Config, file: &Path) -> Result<Register, Failure> {
    let bytes = std::fs::read(file).map_err(|error| {
        Fault::new(format!("the register cannot be read: {error}"), "Name a CSV file.").in_file(file)
    })?;
    let rules = Rules::load(config.rules.as_deref())?;
    let register = register::read(
        file,
        &bytes,
        register::Reading { zone: config.desk(None)?.zone, free_mail: rules.companies.free_mail_domains() },
    )?;
    if register.contracts.is_empty() && register.bill_tos.is_empty() {
        let remedy = "Add a row for each contract or bill-to ID; nothing was changed.";
        return Err(Fault::new("the register holds its header and no row", remedy).in_file(file).into());
    }
    Ok(register)
}

#[derive(Debug, Serialize)]
struct ReportJson<'a> {
    dry_run: bool,
    added: &'a [String],
    changed: &'a [String],
    unchanged: usize,
    pruned: &'a [String],
    bill_tos_changed: &'a [String],
}

impl<'a> ReportJson<'a> {
    fn of(report: &'a ImportReport, dry_run: bool) -> Self {
        Self {
            dry_run,
            added: &report.added,
            changed: &report.changed,
            unchanged: report.unchanged,
            pruned: &report.pruned,
            bill_tos_changed: &report.bill_tos_changed,
        }
    }
}

fn tell(report: &ImportReport, dry_run: bool) -> Result<(), Failure> {
    for (what, numbers) in [
        ("added", &report.added),
        ("changed", &report.changed),
        ("taken away", &report.pruned),
        ("bill-to ID set", &report.bill_tos_changed),
    ] {
        for number in numbers {
            output::print(&format!("{what}: {number}"))?;
        }
    }
    eprintln!(
        "{}{} added, {} changed, {} unchanged, {} taken away; {} bill-to ID(s) set.",
        if dry_run { "Nothing was changed. It would be: " } else { "" },
        report.added.len(),
        report.changed.len(),
        report.unchanged,
        report.pruned.len(),
        report.bill_tos_changed.len(),
    );
    Ok(())
}

fn people(administrators: &[Administrator]) -> String {
    let one = |person: &Administrator| match &person.name {
        Some(name) => format!("{name} <{}>", person.email),
        None => person.email.to_string(),
    };
    administrators.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn list(contracts: &[Contract], zone: Tz, json: bool) -> Result<(), Failure> {
    if json {
        return contracts.iter().try_for_each(|contract| output::print_json(&ContractJson::of(contract, zone)));
    }
    let mut table =
        output::Table::new(&["CONTRACT", "HOLDER", "DOMAINS", "ENDS ON", "ADMINISTERED BY", "ADMINISTRATORS"]);
    for contract in contracts {
        table.row(vec![
            contract.number.clone(),
            contract.holder.clone(),
            contract.domains.join("; "),
            contract.ends_on.map(|day| day.to_string()).unwrap_or_default(),
            contract.administered_by.as_str().to_owned(),
            people(&contract.administrators),
        ]);
    }
    table.print("No contracts.")
}

fn show(contract: &Contract, zone: Tz, json: bool) -> Result<(), Failure> {
    let shown = ContractJson::of(contract, zone);
    if json {
        return output::print_json(&shown);
    }
    let lines = [
        ("contract", contract.number.clone()),
        ("holder", contract.holder.clone()),
        ("aliases", contract.aliases.join("; ")),
        ("domains", contract.domains.join("; ")),
        ("addresses", contract.addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")),
        ("bill-to ID", contract.bill_to_id.clone().unwrap_or_default()),
        ("service level", contract.service_level.clone().unwrap_or_default()),
        ("issued at", shown.issued_at.clone().unwrap_or_default()),
        ("starts on", shown.starts_on.clone().unwrap_or_default()),
        ("ends on", shown.ends_on.clone().unwrap_or_default()),
        ("serial numbers", contract.serial_numbers.join("; ")),
        ("administered by", contract.administered_by.as_str().to_owned()),
        ("administrators", people(&contract.administrators)),
    ];
    lines
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .try_for_each(|(label, value)| output::print(&format!("{label:<16} {value}")))
}
