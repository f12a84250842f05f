//! `ringi contracts import|list|show`: the register.

mod import;

use std::path::PathBuf;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::Serialize;

pub use self::import::{import as import_file, open as open_file};
use super::{Context, Failure, arguments, output};
use crate::domain::address::EmailAddress;
use crate::domain::company;
use crate::domain::contract::{Administrator, Contract, folded_number};
use crate::fault::Fault;
use crate::store::{ContractFilter, ImportMode};

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
        /// Only contracts whose holder's name or alias has this in it, in any case, width and kana.
        #[arg(long, value_name = "NAME", value_parser = name)]
        holder: Option<String>,
        /// Only contracts of this bill-to ID.
        #[arg(long, value_name = "ID", value_parser = number)]
        bill_to: Option<String>,
        /// Only contracts that name this person as an administrator.
        #[arg(long, value_name = "ADDRESS", value_parser = address)]
        administrator: Option<EmailAddress>,
        /// Only contracts whose last day lies before this one.
        #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
        ends_before: Option<NaiveDate>,
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

/// What can be looked for: letters and digits are left after folding.
fn name(text: &str) -> Result<String, String> {
    let sound = !company::folded(text, &[]).is_empty();
    sound.then(|| text.to_owned()).ok_or_else(|| "no name; write a part of one, such as Haruka".to_owned())
}

fn day(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| "no day; one looks like 2027-03-31".to_owned())
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
            import::run(&context.config()?, &file, ImportMode { prune, dry_run }, json).await
        }
        Command::List { holder, bill_to, administrator, ends_before, limit, json } => {
            let (config, store) = context.store().await?;
            let filter = ContractFilter { bill_to_id: bill_to, administrator, holder, ends_before };
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
