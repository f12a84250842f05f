//! `ringi contracts import|list|show`: the register.

mod import;

use std::path::PathBuf;

use chrono::{NaiveDate, Utc};
use chrono_tz::Tz;
use serde::Serialize;

pub use self::import::{import as import_file, open as open_file};
use super::{Context, Failure, arguments, output};
use crate::domain::address::EmailAddress;
use crate::domain::company;
use crate::domain::contract::{Administrator, Contract, Quorum, Speaker, folded_number};
use crate::domain::grant::Grant;
use crate::domain::register::{Account, RegisteredPerson};
use crate::domain::words::Language;
use crate::fault::Fault;
use crate::store::{ContractFilter, ImportMode};

/// `ringi contracts …`
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Take a register file over. The same file twice changes nothing.
    ///
    /// A row replaces its entry whole. With one faulty row nothing is imported. docs/register.md says what the files look like:
    ///
    /// contracts: contract_number,holder,aliases,domains,addresses,bill_to_id,service_level,issued_at,starts_on,ends_on,serial_numbers,administered_by,administrators[,agreement]
    ///
    /// bill_to: bill_to_id,company,administrators[,agreement]
    ///
    /// administrators: email,name,language,substitute,substitute_from,substitute_until
    ///
    /// accounts: email,name,company,address,language
    Import {
        /// A CSV file, an Excel workbook (.xlsx) with sheets of these names, or JSON.
        file: PathBuf,
        /// Say what would change, and change nothing.
        #[arg(long)]
        dry_run: bool,
        /// Take away what the file no longer has, of each kind that it has at all.
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
    /// One contract: who may decide today, with substitutes, and who has access, by whose approval, since when.
    Show {
        #[arg(value_name = "N", value_parser = number)]
        number: String,
        #[arg(long)]
        json: bool,
    },
    /// Accounts by address.
    Accounts {
        /// At most so many.
        #[arg(long, default_value_t = 200, value_parser = arguments::count)]
        limit: u32,
        #[arg(long)]
        json: bool,
    },
    /// Languages and substitutes of administrators, by address.
    Administrators {
        /// At most so many.
        #[arg(long, default_value_t = 200, value_parser = arguments::count)]
        limit: u32,
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
    agreement: Option<Quorum>,
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
            agreement: contract.quorum,
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
            let grants = store.grants_of_contract(&contract).await?;
            let zone = config.desk(None)?.zone;
            show(&contract, grants, zone, Utc::now().with_timezone(&zone).date_naive(), json)
        }
        Command::Accounts { limit, json } => list_accounts(&context.store().await?.1.accounts(limit).await?, json),
        Command::Administrators { limit, json } => list_people(&context.store().await?.1.people(limit).await?, json),
    }
}

fn named(name: Option<&str>, email: &EmailAddress) -> String {
    name.map_or_else(|| email.to_string(), |name| format!("{name} <{email}>"))
}

fn people(administrators: &[Administrator]) -> String {
    let one = |person: &Administrator| named(person.name.as_deref(), &person.email);
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

fn list_accounts(accounts: &[Account], json: bool) -> Result<(), Failure> {
    if json {
        return accounts.iter().try_for_each(output::print_json);
    }
    let mut table = output::Table::new(&["ACCOUNT", "NAME", "COMPANY", "ADDRESS", "LANGUAGE"]);
    for account in accounts {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        table.row(vec![
            account.email.to_string(),
            text(&account.name),
            text(&account.company),
            text(&account.address),
            account.language.map(|language| language.to_string()).unwrap_or_default(),
        ]);
    }
    table.print("No accounts: no account register is kept.")
}

fn list_people(people: &[RegisteredPerson], json: bool) -> Result<(), Failure> {
    if json {
        return people.iter().try_for_each(output::print_json);
    }
    let mut table = output::Table::new(&["ADMINISTRATOR", "NAME", "LANGUAGE", "SUBSTITUTES"]);
    for person in people {
        let substitutes = person.substitutes.iter().map(|one| {
            let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
            let days = match (one.from, one.until) {
                (None, None) => String::new(),
                (from, until) => format!(" ({} – {})", day(from), day(until)),
            };
            format!("{}{days}", named(one.name.as_deref(), &one.email))
        });
        table.row(vec![
            person.email.to_string(),
            person.name.clone().unwrap_or_default(),
            person.language.map(|language| language.to_string()).unwrap_or_default(),
            substitutes.collect::<Vec<_>>().join("; "),
        ]);
    }
    table.print("No administrators with a language or substitutes of their own.")
}

/// One who may speak for a seat.
#[derive(Debug, Serialize)]
struct SpeakerJson {
    email: EmailAddress,
    name: Option<String>,
    language: Option<Language>,
}

/// One who has access.
#[derive(Debug, Serialize)]
struct AccessJson {
    account: EmailAddress,
    access_level: &'static str,
    /// Where the access is that of the bill-to ID.
    bill_to_id: Option<String>,
    since: String,
    approved_by: String,
    reference: String,
}

#[derive(Debug, Serialize)]
struct ShownJson<'a> {
    #[serde(flatten)]
    contract: ContractJson<'a>,
    /// One list a seat: the administrator first, then the substitutes in effect today.
    may_decide_today: Vec<Vec<SpeakerJson>>,
    access: Vec<AccessJson>,
}

fn show(contract: &Contract, grants: Vec<Grant>, zone: Tz, today: NaiveDate, json: bool) -> Result<(), Failure> {
    let seats = contract.seats(None, today);
    let access = grants.into_iter().map(|grant| AccessJson {
        account: grant.account,
        access_level: grant.access_level.as_str(),
        bill_to_id: grant.bill_to_id,
        since: if json { output::rfc3339(grant.granted_at, zone) } else { output::local(grant.granted_at, zone) },
        approved_by: grant.granted_by.to_string(),
        reference: grant.reference.to_string(),
    });
    let access: Vec<AccessJson> = access.collect();
    let shown = ContractJson::of(contract, zone);
    if json {
        let speaker = |one: Speaker| SpeakerJson { email: one.email, name: one.name, language: one.language };
        let may_decide_today = seats.into_iter().map(|seat| seat.people.into_iter().map(speaker).collect()).collect();
        return output::print_json(&ShownJson { contract: shown, may_decide_today, access });
    }
    let lines = [
        ("contract", contract.number.clone()),
        ("holder", contract.holder.clone()),
        ("aliases", contract.aliases.join("; ")),
        ("domains", contract.domains.join("; ")),
        ("addresses", contract.addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")),
        ("bill-to ID", contract.bill_to_id.clone().unwrap_or_default()),
        ("service level", contract.service_level.clone().unwrap_or_default()),
        ("issued at", contract.issued_at.map(|at| output::local(at, zone)).unwrap_or_default()),
        ("starts on", shown.starts_on.clone().unwrap_or_default()),
        ("ends on", shown.ends_on.clone().unwrap_or_default()),
        ("serial numbers", contract.serial_numbers.join("; ")),
        ("administered by", contract.administered_by.as_str().to_owned()),
        ("agreement", contract.quorum.map(|quorum| quorum.to_string()).unwrap_or_default()),
        ("administrators", people(&contract.administrators)),
    ];
    for (label, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        output::print(&format!("{label:<16} {value}"))?;
    }
    if !seats.is_empty() {
        output::print("\nMay decide today")?;
    }
    for seat in seats {
        let mut people = seat.people.iter().map(|one| named(one.name.as_deref(), &one.email));
        let first = people.next().unwrap_or_default();
        let others: Vec<String> = people.collect();
        let others = if others.is_empty() { String::new() } else { format!(", or {}", others.join(", ")) };
        output::print(&format!("  {first}{others}"))?;
    }
    if !access.is_empty() {
        output::print("\nAccess")?;
        let mut table = output::Table::new(&["  ACCOUNT", "LEVEL", "BY", "SINCE", "APPROVED BY", "REFERENCE"]);
        for one in access {
            let by = one.bill_to_id.map_or_else(|| "contract".to_owned(), |id| format!("bill-to ID {id}"));
            let account = format!("  {}", one.account);
            table.row(vec![account, one.access_level.into(), by, one.since, one.approved_by, one.reference]);
        }
        table.print("")?;
    }
    Ok(())
}
