//! The register: contracts, bill-to IDs, people and accounts, as they are imported.

use serde::{Deserialize, Serialize};

use super::address::EmailAddress;
use super::administrator::Substitute;
use super::contract::{BillTo, Contract};
use super::words::Language;

/// A person who administers: language and substitutes, wherever that is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RegisteredPerson {
    pub email: EmailAddress,
    /// Where contract or bill-to ID give none.
    pub name: Option<String>,
    pub language: Option<Language>,
    /// Their language is that of their own entry, and none here.
    pub substitutes: Vec<Substitute>,
}

/// A user's profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    pub email: EmailAddress,
    pub name: Option<String>,
    pub company: Option<String>,
    pub address: Option<String>,
    pub language: Option<Language>,
}

/// One entry of the register.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    Contract(Box<Contract>),
    BillTo(BillTo),
    Person(RegisteredPerson),
    Account(Account),
}

/// What a small register file holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Register {
    /// Administrators without what [`RegisteredPerson`] says of them.
    pub contracts: Vec<Contract>,
    pub bill_tos: Vec<BillTo>,
    pub people: Vec<RegisteredPerson>,
    pub accounts: Vec<Account>,
}

impl Register {
    /// Whether nothing is in it.
    pub const fn is_empty(&self) -> bool {
        self.contracts.is_empty() && self.bill_tos.is_empty() && self.people.is_empty() && self.accounts.is_empty()
    }

    /// Adds an entry.
    pub fn push(&mut self, entry: Entry) {
        match entry {
            Entry::Contract(contract) => self.contracts.push(*contract),
            Entry::BillTo(bill_to) => self.bill_tos.push(bill_to),
            Entry::Person(person) => self.people.push(person),
            Entry::Account(account) => self.accounts.push(account),
        }
    }

    /// Every entry, kind by kind.
    pub fn into_entries(self) -> impl Iterator<Item = Entry> {
        let contracts = self.contracts.into_iter().map(|contract| Entry::Contract(Box::new(contract)));
        contracts
            .chain(self.bill_tos.into_iter().map(Entry::BillTo))
            .chain(self.people.into_iter().map(Entry::Person))
            .chain(self.accounts.into_iter().map(Entry::Account))
    }
}
