//! Rows into entries of the register, and what the columns of one row must say together.

use std::collections::HashMap;

use super::faults::Faults;
use super::row::Row;
use super::table::{Cell, Header, Kind, Line};
use super::{Reading, value};
use crate::domain::contract::{AdministeredBy, Administrator, BillTo, Contract, Substitute};
use crate::domain::register::{Account, Entry, RegisteredPerson};

const WHO: &str = "Write `desk`, `administrators` or `bill_to`.";
const CORRECT_DAY: &str = "Correct one of the two days.";

/// Makes entries of rows. With one fault nothing is imported: from then on it only looks for more.
pub(super) struct Entries<'a> {
    reading: Reading<'a>,
    pub(super) faults: &'a mut Faults,
    sink: &'a mut dyn FnMut(Entry),
    contracts: Seen,
    bill_tos: Seen,
    accounts: Seen,
    /// People by folded address: one may have several rows. With the line of the first.
    people: HashMap<String, usize>,
    persons: Vec<RegisteredPerson>,
}

/// By number: the line on which it stood first.
type Seen = HashMap<Box<str>, usize>;

impl<'a> Entries<'a> {
    pub(super) fn new(reading: Reading<'a>, faults: &'a mut Faults, sink: &'a mut dyn FnMut(Entry)) -> Self {
        let (contracts, bill_tos, accounts) = (Seen::new(), Seen::new(), Seen::new());
        Self { reading, faults, sink, contracts, bill_tos, accounts, people: HashMap::new(), persons: Vec::new() }
    }

    /// Takes a row. One without anything in it is passed over: spreadsheets leave such behind.
    pub(super) fn row(&mut self, header: &Header, line: &Line) {
        if line.cells.iter().all(Cell::is_blank) {
            return;
        }
        let mut row = Row { header, line, reading: self.reading, faults: self.faults };
        let entry = match header.kind {
            Kind::Contracts => contract(&mut row, &mut self.contracts).map(Box::new).map(Entry::Contract),
            Kind::BillTos => bill_to(&mut row, &mut self.bill_tos).map(Entry::BillTo),
            Kind::Accounts => account(&mut row, &mut self.accounts).map(Entry::Account),
            Kind::Administrators => {
                if let Some(read) = person(&mut row) {
                    self.add_person(read, header, line);
                }
                None
            }
        };
        if let Some(entry) = entry.filter(|_| self.faults.is_empty()) {
            (self.sink)(entry);
        }
    }

    /// Each row of a person may bring a substitute more; what the rows say of the person must not differ.
    fn add_person(&mut self, mut read: RegisteredPerson, header: &Header, line: &Line) {
        let place = *self.people.entry(read.email.key()).or_insert(self.persons.len());
        let Some(known) = self.persons.get_mut(place) else { return self.persons.push(read) };
        let mut row = Row { header, line, reading: self.reading, faults: self.faults };
        let differs =
            |known: &Option<String>, read: &Option<String>| known.is_some() && read.is_some() && known != read;
        let said_before = "is not what an earlier row says of the same person";
        if differs(&known.name, &read.name) {
            row.fault(
                "name",
                (said_before.into(), "Write the same in each row of a person, or leave it blank.".into()),
            );
        }
        if known.language.is_some() && read.language.is_some() && known.language != read.language {
            row.fault("language", (said_before.into(), "Write the same in each row of a person.".into()));
        }
        known.name = known.name.take().or(read.name);
        known.language = known.language.or(read.language);
        known.substitutes.append(&mut read.substitutes);
    }

    /// Hands the people over, who were gathered from several rows each.
    pub(super) fn finish(self) {
        if self.faults.is_empty() {
            self.persons.into_iter().map(Entry::Person).for_each(self.sink);
        }
    }
}

fn contract(row: &mut Row<'_>, seen: &mut Seen) -> Option<Contract> {
    let number = key(row, "contract_number", "Write the contract's number.", seen);
    let holder = row.required("holder", "Write the name of the company that holds the contract.");
    let aliases = row.list("aliases", value::text);
    let domains = row.list("domains", value::domain);
    let addresses = row.list("addresses", value::address);
    let bill_to_id = row.value("bill_to_id", value::number);
    let service_level = row.text("service_level");
    let issued_at = row.value("issued_at", value::instant);
    let starts_on = row.value("starts_on", value::day);
    let ends_on = row.value("ends_on", value::day);
    let serial_numbers = row.list("serial_numbers", value::number);
    let administered_by = administered_by(row);
    let administrators = administrators(row);

    if let (Some(starts), Some(ends)) = (starts_on, ends_on)
        && ends < starts
    {
        row.fault("ends_on", (format!("is {ends}, before `starts_on`"), CORRECT_DAY.into()));
    }
    let administrators = match administered_by? {
        AdministeredBy::Desk => Vec::new(),
        AdministeredBy::Administrators => {
            demand(row, "administrators", "administrators", "Name who decides, as `Name <name@company.example>`.");
            administrators
        }
        // Those of the bill-to ID decide. Kept beside them, the contract's own would look as if they did, too.
        AdministeredBy::BillTo => {
            demand(row, "bill_to_id", "bill_to", "Write the bill-to ID whose administrators decide.");
            Vec::new()
        }
    };
    Some(Contract {
        number: number?,
        holder: holder?,
        aliases,
        domains,
        addresses,
        bill_to_id,
        service_level,
        issued_at,
        starts_on,
        ends_on,
        serial_numbers,
        administered_by: administered_by?,
        administrators,
        quorum: row.value("agreement", value::agreement),
    })
}

fn bill_to(row: &mut Row<'_>, seen: &mut Seen) -> Option<BillTo> {
    let id = key(row, "bill_to_id", "Write the bill-to ID.", seen);
    let company = row.required("company", "Write the name of the partner.");
    let administrators = administrators(row);
    let quorum = row.value("agreement", value::agreement);
    Some(BillTo { id: id?, company: company?, administrators, quorum })
}

/// The number that names the row, once in the file.
fn key(row: &mut Row<'_>, column: &'static str, remedy: &str, seen: &mut Seen) -> Option<String> {
    row.required(column, remedy)?;
    let number = row.value(column, value::number)?;
    once(row, column, number.clone(), seen).then_some(number)
}

fn once(row: &mut Row<'_>, column: &'static str, key: String, seen: &mut Seen) -> bool {
    let Some(first) = seen.get(key.as_str()) else {
        seen.insert(key.into_boxed_str(), row.line.line);
        return true;
    };
    let what = format!("holds {key}, which line {first} has already");
    row.fault(column, (what, "Keep one of the two rows.".into()));
    false
}

fn account(row: &mut Row<'_>, seen: &mut Seen) -> Option<Account> {
    row.required("email", "Write the address of the account.");
    let email = row.value("email", value::address);
    let name = row.text("name");
    let company = row.text("company");
    let address = row.text("address");
    let language = row.value("language", value::language);
    let email = email?;
    once(row, "email", email.key(), seen).then_some(Account { email, name, company, address, language })
}

fn person(row: &mut Row<'_>) -> Option<RegisteredPerson> {
    row.required("email", "Write the administrator's address.");
    let email = row.value("email", value::address);
    let name = row.text("name");
    let language = row.value("language", value::language);
    let substitute = row.value("substitute", value::person);
    let from = row.value("substitute_from", value::day);
    let until = row.value("substitute_until", value::day);
    if let (Some(from), Some(until)) = (from, until)
        && until < from
    {
        row.fault("substitute_until", (format!("is {until}, before `substitute_from`"), CORRECT_DAY.into()));
    }
    if row.is_blank("substitute") && !(row.is_blank("substitute_from") && row.is_blank("substitute_until")) {
        let remedy = "Name the substitute as `Name <name@company.example>`, or leave the days blank.";
        row.fault("substitute", ("is blank, and the row has days of one".into(), remedy.into()));
    }
    let email = email?;
    if substitute.as_ref().is_some_and(|substitute| substitute.email == email) {
        row.fault("substitute", ("names the administrator".into(), "Name somebody else, or nobody.".into()));
    }
    let substitutes = substitute
        .map(|Administrator { email, name, .. }| Substitute { email, name, language: None, from, until })
        .into_iter()
        .collect();
    Some(RegisteredPerson { email, name, language, substitutes })
}

fn administered_by(row: &mut Row<'_>) -> Option<AdministeredBy> {
    let text = row.required("administered_by", WHO)?;
    let parsed = AdministeredBy::parse(&text.to_ascii_lowercase());
    if parsed.is_none() {
        let what = format!("holds {:?}", crate::domain::quote::one_line(&text, 40));
        row.fault("administered_by", (what, WHO.into()));
    }
    parsed
}

/// Each person once, under the name given first.
fn administrators(row: &mut Row<'_>) -> Vec<Administrator> {
    let mut persons: Vec<Administrator> = Vec::new();
    for person in row.list("administrators", value::person) {
        if !persons.iter().any(|known| known.email == person.email) {
            persons.push(person);
        }
    }
    persons
}

/// A column that `administered_by` makes necessary. A cell that was filled wrongly has had its fault already.
fn demand(row: &mut Row<'_>, column: &'static str, because: &str, remedy: &str) {
    let is_empty = match row.header.cell(row.line, column) {
        Some(Cell::Text(text)) => value::list(text).next().is_none(),
        Some(other) => other.is_blank(),
        None => true,
    };
    if is_empty {
        row.fault(column, (format!("is blank, and `administered_by` says {because}"), remedy.into()));
    }
}
