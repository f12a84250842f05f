//! The tables of the register as the import sees them, and an entry as a row of one of them.

use super::Result;
use super::codec::{clean, clean_opt, ms, to_json};
use super::register::{Deputy, Named};
use crate::domain::address::EmailAddress;
use crate::domain::company;
use crate::domain::contract::{AdministeredBy, Administrator, BillTo, Contract, Quorum};
use crate::domain::register::{Account, Entry, RegisteredPerson};
use crate::domain::words::Language;

/// A table of the register.
#[derive(Debug)]
pub(super) struct Sheet {
    pub table: &'static str,
    /// The column that names an entry.
    pub key: &'static str,
    /// Every column, in the order of [`row`].
    pub columns: &'static [&'static str],
    pub beside: &'static [Beside],
}

/// A table that finds entries by what stands in one of their lists.
#[derive(Debug)]
pub(super) struct Beside {
    pub table: &'static str,
    pub columns: &'static str,
    /// Its rows, as they follow from the entries `c`.
    pub rows: &'static str,
}

/// Contracts, bill-to IDs, people, accounts.
pub(super) const SHEETS: &[Sheet; 4] = &[
    Sheet {
        table: "contract",
        key: "number",
        columns: &[
            "number",
            "holder",
            "aliases",
            "names_key",
            "domains",
            "addresses",
            "bill_to_id",
            "service_level",
            "issued_at",
            "starts_on",
            "ends_on",
            "serial_numbers",
            "administered_by",
            "administrators",
            "agreement",
        ],
        beside: &[
            Beside {
                table: "main.contract_serial",
                columns: "serial, number",
                rows: "SELECT j.value, c.number FROM main.contract c, json_each(c.serial_numbers) j",
            },
            Beside {
                table: "main.administrator",
                columns: "email_key, scope, scope_id",
                rows: "SELECT j.value ->> 'key', 'contract', c.number FROM main.contract c, json_each(c.administrators) j",
            },
        ],
    },
    Sheet {
        table: "bill_to",
        key: "id",
        columns: &["id", "company", "administrators", "agreement"],
        beside: &[Beside {
            table: "main.administrator",
            columns: "email_key, scope, scope_id",
            rows: "SELECT j.value ->> 'key', 'bill_to', c.id FROM main.bill_to c, json_each(c.administrators) j",
        }],
    },
    Sheet {
        table: "person",
        key: "email_key",
        columns: &["email_key", "email", "name", "language", "substitutes"],
        beside: &[],
    },
    Sheet {
        table: "account",
        key: "email_key",
        columns: &["email_key", "email", "name", "company", "address", "language"],
        beside: &[],
    },
];

/// A value of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Field {
    Text(Option<String>),
    Number(Option<i64>),
}

/// The place of an entry's table in [`SHEETS`], and its row.
pub(super) fn row(entry: &Entry) -> Result<(usize, Vec<Field>)> {
    Ok(match entry {
        Entry::Contract(contract) => (0, contract_row(contract)?),
        Entry::BillTo(bill_to) => (1, bill_to_row(bill_to)?),
        Entry::Person(person) => (2, person_row(person)?),
        Entry::Account(account) => (3, account_row(account)),
    })
}

fn text(text: &str) -> Field {
    Field::Text(Some(clean(text).into_owned()))
}

fn text_opt(text: Option<&str>) -> Field {
    Field::Text(clean_opt(text))
}

fn list(texts: &[String]) -> Result<Field> {
    let texts: Vec<_> = texts.iter().map(|text| clean(text)).collect();
    Ok(Field::Text(Some(to_json(&texts, "contract")?)))
}

fn contract_row(contract: &Contract) -> Result<Vec<Field>> {
    let day = |day: Option<chrono::NaiveDate>| Field::Text(day.map(|day| day.to_string()));
    let names: Vec<String> = contract.names().map(|name| company::folded(name, &[])).collect();
    // Of a contract that others administer nobody of its own counts.
    let (own, quorum) = match contract.administered_by {
        AdministeredBy::Administrators => (contract.administrators.as_slice(), contract.quorum),
        AdministeredBy::Desk | AdministeredBy::BillTo => (&[][..], None),
    };
    Ok(vec![
        text(&contract.number),
        text(&contract.holder),
        list(&contract.aliases)?,
        text(&names.join("\n")),
        list(&contract.domains)?,
        Field::Text(Some(to_json(&contract.addresses, "contract")?)),
        text_opt(contract.bill_to_id.as_deref()),
        text_opt(contract.service_level.as_deref()),
        Field::Number(contract.issued_at.map(ms)),
        day(contract.starts_on),
        day(contract.ends_on),
        list(&contract.serial_numbers)?,
        text(contract.administered_by.as_str()),
        named(own)?,
        agreement(quorum),
    ])
}

fn bill_to_row(bill_to: &BillTo) -> Result<Vec<Field>> {
    Ok(vec![text(&bill_to.id), text(&bill_to.company), named(&bill_to.administrators)?, agreement(bill_to.quorum)])
}

fn person_row(person: &RegisteredPerson) -> Result<Vec<Field>> {
    let substitutes: Vec<Deputy> = person
        .substitutes
        .iter()
        .map(|substitute| Deputy {
            email: substitute.email.clone(),
            name: clean_opt(substitute.name.as_deref()),
            from: substitute.from,
            until: substitute.until,
        })
        .collect();
    Ok(vec![
        Field::Text(Some(person.email.key())),
        text(person.email.as_str()),
        text_opt(person.name.as_deref()),
        language(person.language),
        Field::Text(Some(to_json(&substitutes, "person")?)),
    ])
}

fn account_row(account: &Account) -> Vec<Field> {
    vec![
        Field::Text(Some(account.email.key())),
        text(account.email.as_str()),
        text_opt(account.name.as_deref()),
        text_opt(account.company.as_deref()),
        text_opt(account.address.as_deref()),
        language(account.language),
    ]
}

/// Language and substitutes stand with the person.
fn named(administrators: &[Administrator]) -> Result<Field> {
    let named: Vec<Named> = administrators
        .iter()
        .map(|Administrator { email, name, .. }| Named {
            email: email.clone(),
            key: EmailAddress::key(email),
            name: clean_opt(name.as_deref()),
        })
        .collect();
    Ok(Field::Text(Some(to_json(&named, "administrator")?)))
}

fn agreement(quorum: Option<Quorum>) -> Field {
    Field::Text(quorum.map(|quorum| quorum.to_string()))
}

fn language(language: Option<Language>) -> Field {
    text_opt(language.map(Language::as_str))
}
