//! The register, read: contracts with whoever administers them, and accounts.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sqlx::{QueryBuilder, Sqlite};

use super::codec::{Row, read_json};
use super::{Connection, Deciding, Result, Store};
use crate::domain::address::EmailAddress;
use crate::domain::company;
use crate::domain::contract::{AdministeredBy, Administrator, BillTo, Contract, Quorum, Substitute};
use crate::domain::register::{Account, RegisteredPerson};
use crate::domain::words::Language;

/// Which contracts are listed. The default lists all.
#[derive(Debug, Clone, Default)]
pub struct ContractFilter {
    pub bill_to_id: Option<String>,
    /// Contracts that this address administers, by themselves or by their bill-to ID.
    pub administrator: Option<EmailAddress>,
    /// A part of the holder's name or of an alias, in any case, width and kana.
    pub holder: Option<String>,
    /// Contracts whose last day lies before this one.
    pub ends_before: Option<NaiveDate>,
}

impl Store {
    /// Contracts by number.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn contracts(&self, filter: &ContractFilter, limit: u32) -> Result<Vec<Contract>> {
        let mut transaction = self.read().await?;
        let mut query = QueryBuilder::<Sqlite>::new("SELECT number FROM contract WHERE 1");
        if let Some(bill_to_id) = &filter.bill_to_id {
            query.push(" AND bill_to_id = ").push_bind(bill_to_id);
        }
        if let Some(day) = filter.ends_before {
            query.push(" AND ends_on < ").push_bind(day.to_string());
        }
        if let Some(holder) = &filter.holder {
            query.push(" AND instr(names_key, ").push_bind(company::folded(holder, &[])).push(") > 0");
        }
        if let Some(administrator) = &filter.administrator {
            let key = administrator.key();
            query.push(" AND number IN (SELECT scope_id FROM administrator WHERE scope = 'contract' AND email_key = ");
            query.push_bind(key.clone());
            query.push(
                " UNION ALL SELECT c.number FROM administrator a JOIN contract c ON c.bill_to_id = a.scope_id
                  WHERE a.scope = 'bill_to' AND c.administered_by = 'bill_to' AND a.email_key = ",
            );
            query.push_bind(key).push(")");
        }
        query.push(" ORDER BY number LIMIT ").push_bind(i64::from(limit));
        let numbers: Vec<String> = query.build_query_scalar().fetch_all(&mut *transaction).await?;
        let mut contracts = Vec::with_capacity(numbers.len());
        for number in &numbers {
            contracts.extend(contract(&mut transaction, number).await?);
        }
        Ok(contracts)
    }

    /// Contracts under a bill-to ID that is unknown or has no administrators, with that ID, by number: at most `limit`, and
    /// how many there are.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn undecidable_contracts(&self, limit: u32) -> Result<(Vec<(String, String)>, u64)> {
        let mut transaction = self.read().await?;
        let count: i64 = sqlx::query_scalar(UNDECIDABLE_COUNT).fetch_one(&mut *transaction).await?;
        let first = sqlx::query_as(UNDECIDABLE).bind(i64::from(limit)).fetch_all(&mut *transaction).await?;
        Ok((first, u64::try_from(count).unwrap_or_default()))
    }

    /// One contract, with whoever administers it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn contract(&self, number: &str) -> Result<Option<Contract>> {
        let mut transaction = self.read().await?;
        contract(&mut transaction, number).await
    }

    /// One bill-to ID, with its administrators.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn bill_to(&self, id: &str) -> Result<Option<BillTo>> {
        let mut transaction = self.read().await?;
        bill_to(&mut transaction, id).await
    }

    /// The profile of an address.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn account(&self, email: &EmailAddress) -> Result<Option<Account>> {
        let mut transaction = self.read().await?;
        account(&mut transaction, email).await
    }
}

impl Deciding {
    /// The profile of an address, where the register has one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn account(&mut self, email: &EmailAddress) -> Result<Option<Account>> {
        account(&mut self.transaction, email).await
    }

    /// Whether an account register is kept: whether it has any entry.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn keeps_accounts(&mut self) -> Result<bool> {
        Ok(sqlx::query_scalar(KEEPS_ACCOUNTS).fetch_one(&mut *self.transaction).await?)
    }

    /// One bill-to ID, with its administrators.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn bill_to(&mut self, id: &str) -> Result<Option<BillTo>> {
        bill_to(&mut self.transaction, id).await
    }
}

const UNDECIDABLE: &str = "SELECT c.number, COALESCE(c.bill_to_id, '') FROM contract c
    WHERE c.administered_by = 'bill_to' AND NOT EXISTS (
        SELECT 1 FROM bill_to b WHERE b.id = c.bill_to_id AND b.administrators <> '[]')
    ORDER BY c.number LIMIT $1";
const UNDECIDABLE_COUNT: &str = "SELECT count(*) FROM contract c
    WHERE c.administered_by = 'bill_to' AND NOT EXISTS (
        SELECT 1 FROM bill_to b WHERE b.id = c.bill_to_id AND b.administrators <> '[]')";
pub(super) const CONTRACT: &str = "SELECT number, holder, aliases, domains, addresses, bill_to_id, service_level,
        issued_at, starts_on, ends_on, serial_numbers, administered_by, administrators, agreement
    FROM contract WHERE number = $1";
pub(super) const BILL_TO: &str = "SELECT id, company, administrators, agreement FROM bill_to WHERE id = $1";
pub(super) const PERSON: &str = "SELECT email, name, language, substitutes FROM person WHERE email_key = $1";
pub(super) const ACCOUNT: &str = "SELECT email, name, company, address, language FROM account WHERE email_key = $1";
const KEEPS_ACCOUNTS: &str = "SELECT EXISTS (SELECT 1 FROM account)";

/// An administrator, as a contract or a bill-to ID names one.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Named {
    pub email: EmailAddress,
    /// Folded, for the table beside.
    pub key: String,
    pub name: Option<String>,
}

/// A substitute, as a person has one.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Deputy {
    pub email: EmailAddress,
    pub name: Option<String>,
    pub from: Option<NaiveDate>,
    pub until: Option<NaiveDate>,
}

/// A contract with whoever administers it: its own administrators, or those of its bill-to ID.
pub(super) async fn contract(connection: &mut Connection, number: &str) -> Result<Option<Contract>> {
    let found: Option<ContractRow> = sqlx::query_as(CONTRACT).bind(number).fetch_optional(&mut *connection).await?;
    let Some(columns) = found else { return Ok(None) };
    let (mut contract, named) = columns.read()?;
    match (contract.administered_by, &contract.bill_to_id) {
        (AdministeredBy::BillTo, Some(id)) => {
            if let Some(bill_to) = bill_to(connection, id).await? {
                contract.administrators = bill_to.administrators;
                contract.quorum = bill_to.quorum;
            }
        }
        (AdministeredBy::BillTo, None) => {}
        (AdministeredBy::Desk | AdministeredBy::Administrators, _) => {
            contract.administrators = administrators(connection, named).await?;
        }
    }
    Ok(Some(contract))
}

pub(super) async fn bill_to(connection: &mut Connection, id: &str) -> Result<Option<BillTo>> {
    let found: Option<(String, String, String, Option<String>)> =
        sqlx::query_as(BILL_TO).bind(id).fetch_optional(&mut *connection).await?;
    let Some((id, company, named, agreement)) = found else { return Ok(None) };
    let row = Row::new("bill_to", &id);
    let quorum = row.word_opt(agreement.as_deref(), Quorum::parse)?;
    let named = row.sound(read_json(&named), "administrators that are none")?;
    let administrators = administrators(connection, named).await?;
    Ok(Some(BillTo { id, company, administrators, quorum }))
}

/// Those named, with what the register says of them as persons.
async fn administrators(connection: &mut Connection, named: Vec<Named>) -> Result<Vec<Administrator>> {
    let mut administrators = Vec::with_capacity(named.len());
    for Named { email, name, .. } in named {
        let known = person(connection, &email).await?;
        let mut administrator = Administrator { name, ..Administrator::new(email) };
        if let Some(known) = known {
            administrator.name = administrator.name.or(known.name);
            administrator.language = known.language;
            for mut substitute in known.substitutes {
                if let Some(known) = person(connection, &substitute.email).await? {
                    substitute.name = substitute.name.or(known.name);
                    substitute.language = known.language;
                }
                administrator.substitutes.push(substitute);
            }
        }
        administrators.push(administrator);
    }
    Ok(administrators)
}

async fn person(connection: &mut Connection, email: &EmailAddress) -> Result<Option<RegisteredPerson>> {
    let found: Option<(String, Option<String>, Option<String>, String)> =
        sqlx::query_as(PERSON).bind(email.key()).fetch_optional(connection).await?;
    let Some((email, name, language, deputies)) = found else { return Ok(None) };
    let row = Row::new("person", &email);
    let deputies: Vec<Deputy> = row.sound(read_json(&deputies), "substitutes that are none")?;
    let substitute = |Deputy { email, name, from, until }| Substitute { email, name, language: None, from, until };
    Ok(Some(RegisteredPerson {
        email: row.address(&email)?,
        name,
        language: row.word_opt(language.as_deref(), Language::parse)?,
        substitutes: deputies.into_iter().map(substitute).collect(),
    }))
}

async fn account(connection: &mut Connection, email: &EmailAddress) -> Result<Option<Account>> {
    type Found = (String, Option<String>, Option<String>, Option<String>, Option<String>);
    let found: Option<Found> = sqlx::query_as(ACCOUNT).bind(email.key()).fetch_optional(connection).await?;
    let Some((email, name, company, address, language)) = found else { return Ok(None) };
    let row = Row::new("account", &email);
    let language = row.word_opt(language.as_deref(), Language::parse)?;
    Ok(Some(Account { email: row.address(&email)?, name, company, address, language }))
}

#[derive(sqlx::FromRow)]
struct ContractRow {
    number: String,
    holder: String,
    aliases: String,
    domains: String,
    addresses: String,
    bill_to_id: Option<String>,
    service_level: Option<String>,
    issued_at: Option<i64>,
    starts_on: Option<String>,
    ends_on: Option<String>,
    serial_numbers: String,
    administered_by: String,
    administrators: String,
    agreement: Option<String>,
}

impl ContractRow {
    /// The contract without administrators, and whom it names itself.
    fn read(self) -> Result<(Contract, Vec<Named>)> {
        let row = Row::new("contract", &self.number);
        let day = |text: Option<&str>| row.word_opt(text, |text| text.parse::<NaiveDate>().ok());
        let list = |text: &str| row.sound(read_json::<Vec<String>>(text), "a list that is none");
        let named = row.sound(read_json(&self.administrators), "administrators that are none")?;
        let contract = Contract {
            issued_at: row.time_opt(self.issued_at)?,
            starts_on: day(self.starts_on.as_deref())?,
            ends_on: day(self.ends_on.as_deref())?,
            administered_by: row.word(&self.administered_by, AdministeredBy::parse)?,
            aliases: list(&self.aliases)?,
            domains: list(&self.domains)?,
            addresses: row.sound(read_json(&self.addresses), "addresses that are none")?,
            serial_numbers: list(&self.serial_numbers)?,
            quorum: row.word_opt(self.agreement.as_deref(), Quorum::parse)?,
            administrators: Vec::new(),
            number: self.number,
            holder: self.holder,
            bill_to_id: self.bill_to_id,
            service_level: self.service_level,
        };
        Ok((contract, named))
    }
}
