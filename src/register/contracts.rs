//! Rows into contracts and bill-to IDs, and what the columns of one row must say together.

use std::collections::BTreeMap;

use super::faults::Faults;
use super::row::Row;
use super::table::{Sheet, Table};
use super::{Reading, Register, value};
use crate::domain::contract::{AdministeredBy, Administrator, BillTo, Contract};

const WHO: &str = "Write `desk`, `administrators` or `bill_to`.";

/// Every row. What is faulty is left out: with one fault nothing is imported anyway.
pub(super) fn register(table: &Table, reading: Reading<'_>, faults: &mut Faults) -> Register {
    let mut register = Register::default();
    // By number: the line on which it stood first.
    let mut seen = BTreeMap::new();
    for line in &table.rows {
        let mut row = Row { table, row: line, reading, faults };
        match table.sheet {
            Sheet::Contracts => register.contracts.extend(contract(&mut row, &mut seen)),
            Sheet::BillTos => register.bill_tos.extend(bill_to(&mut row, &mut seen)),
        }
    }
    register
}

type Seen = BTreeMap<String, usize>;

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
        row.fault("ends_on", (format!("is {ends}, before `starts_on`"), "Correct one of the two days.".into()));
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
    match seen.insert(number.clone(), row.row.line) {
        None => Some(number),
        Some(first) => {
            let what = format!("holds {number}, which line {first} has already");
            row.fault(column, (what, "Keep one of the two rows.".into()));
            None
        }
    }
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
    if value::list(row.table.cell(row.row, column)).next().is_none() {
        row.fault(column, (format!("is blank, and `administered_by` says {because}"), remedy.into()));
    }
}
