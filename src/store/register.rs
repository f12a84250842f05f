//! The register: contracts, bill-to IDs and who administers them, imported whole.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::codec::{Row, clean, clean_opt, ms, to_json};
use super::{Connection, Result, Store};
use crate::domain::address::EmailAddress;
use crate::domain::contract::{AdministeredBy, Administrator, BillTo, Contract};
use crate::domain::words::Language;

/// What an import changed, or would change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Contract numbers, in the file's order.
    pub added: Vec<String>,
    pub changed: Vec<String>,
    pub unchanged: usize,
    /// Contract numbers that the file no longer has.
    pub pruned: Vec<String>,
    /// Bill-to IDs added or changed.
    pub bill_tos_changed: Vec<String>,
}

/// Which contracts are listed. The default lists all.
#[derive(Debug, Clone, Default)]
pub struct ContractFilter {
    pub bill_to_id: Option<String>,
    /// Contracts that name this address as their own administrator.
    pub administrator: Option<EmailAddress>,
}

impl Store {
    /// Imports the register in one transaction; the same file twice changes nothing. A row replaces its contract whole;
    /// absent contracts stay unless `prune`. With `dry_run` nothing is kept.
    ///
    /// # Errors
    /// Those of the database: nothing was imported then.
    pub async fn import(
        &self,
        contracts: &[Contract],
        bill_tos: &[BillTo],
        prune: bool,
        dry_run: bool,
    ) -> Result<ImportReport> {
        let mut transaction = self.write().await?;
        let mut report = ImportReport::default();
        for contract in contracts {
            // Of a contract under a bill-to ID only that ID's administrators count.
            let mut contract = contract.clone();
            if contract.administered_by == AdministeredBy::BillTo {
                contract.administrators.clear();
            }
            match stored(&mut transaction, &contract.number).await? {
                None => report.added.push(contract.number.clone()),
                // As text, because addresses that differ in case alone compare as equal.
                Some(old) if to_json(&old, "contract")? == to_json(&contract, "contract")? => {
                    report.unchanged = report.unchanged.saturating_add(1);
                    continue;
                }
                Some(_) => report.changed.push(contract.number.clone()),
            }
            delete(&mut transaction, &contract.number).await?;
            insert(&mut transaction, &contract).await?;
        }
        for bill_to in bill_tos {
            if put_bill_to(&mut transaction, bill_to).await? {
                report.bill_tos_changed.push(bill_to.id.clone());
            }
        }
        if prune {
            let known: Vec<String> =
                sqlx::query_scalar("SELECT number FROM contract ORDER BY number").fetch_all(&mut *transaction).await?;
            let given: BTreeSet<&str> = contracts.iter().map(|contract| contract.number.as_str()).collect();
            for number in known.into_iter().filter(|number| !given.contains(number.as_str())) {
                delete(&mut transaction, &number).await?;
                report.pruned.push(number);
            }
        }
        if dry_run {
            transaction.rollback().await?;
        } else {
            transaction.commit().await?;
        }
        Ok(report)
    }

    /// Contracts by number.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn contracts(&self, filter: &ContractFilter, limit: u32) -> Result<Vec<Contract>> {
        let mut transaction = self.read().await?;
        let numbers: Vec<String> = sqlx::query_scalar(LIST)
            .bind(filter.bill_to_id.as_deref())
            .bind(filter.administrator.as_ref().map(EmailAddress::key))
            .bind(i64::from(limit))
            .fetch_all(&mut *transaction)
            .await?;
        let mut contracts = Vec::with_capacity(numbers.len());
        for number in &numbers {
            contracts.extend(contract(&mut transaction, number).await?);
        }
        Ok(contracts)
    }

    /// Contracts under a bill-to ID that is unknown or has no administrators, with that ID, by number.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn undecidable_contracts(&self) -> Result<Vec<(String, String)>> {
        Ok(sqlx::query_as(UNDECIDABLE).fetch_all(self.reader()).await?)
    }

    /// One contract, with whoever administers it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn contract(&self, number: &str) -> Result<Option<Contract>> {
        let mut transaction = self.read().await?;
        contract(&mut transaction, number).await
    }
}

const LIST: &str = "SELECT c.number FROM contract c
    WHERE (CAST($1 AS TEXT) IS NULL OR c.bill_to_id = $1)
      AND (CAST($2 AS TEXT) IS NULL OR EXISTS (
          SELECT 1 FROM administrator a WHERE a.email_key = $2 AND (
              (c.administered_by = 'bill_to' AND a.scope = 'bill_to' AND a.scope_id = c.bill_to_id)
              OR (c.administered_by <> 'bill_to' AND a.scope = 'contract' AND a.scope_id = c.number))))
    ORDER BY c.number LIMIT $3";
const UNDECIDABLE: &str = "SELECT c.number, COALESCE(c.bill_to_id, '') FROM contract c
    WHERE c.administered_by = 'bill_to' AND NOT EXISTS (
        SELECT 1 FROM administrator a WHERE a.scope = 'bill_to' AND a.scope_id = c.bill_to_id)
    ORDER BY c.number";
pub(super) const CONTRACT: &str = "SELECT number, holder, bill_to_id, service_level, issued_at, starts_on, ends_on,
        administered_by
    FROM contract WHERE number = $1";
pub(super) const VALUES: &str = "SELECT kind, value FROM contract_value WHERE number = $1 ORDER BY kind, position";
pub(super) const ADMINISTRATORS: &str =
    "SELECT email, name, language FROM administrator WHERE scope = $1 AND scope_id = $2 ORDER BY position";

/// A contract with whoever administers it: its own administrators, or those of its bill-to ID.
pub(super) async fn contract(connection: &mut Connection, number: &str) -> Result<Option<Contract>> {
    let Some(mut contract) = stored(connection, number).await? else { return Ok(None) };
    if let (AdministeredBy::BillTo, Some(id)) = (contract.administered_by, &contract.bill_to_id) {
        contract.administrators = administrators(connection, "bill_to", id).await?;
    }
    Ok(Some(contract))
}

/// A contract as it was imported.
async fn stored(connection: &mut Connection, number: &str) -> Result<Option<Contract>> {
    let found: Option<Columns> = sqlx::query_as(CONTRACT).bind(number).fetch_optional(&mut *connection).await?;
    let Some(columns) = found else { return Ok(None) };
    let mut contract = columns.read()?;
    let values: Vec<(String, String)> = sqlx::query_as(VALUES).bind(number).fetch_all(&mut *connection).await?;
    let row = Row::new("contract_value", &number);
    for (kind, value) in values {
        match kind.as_str() {
            "alias" => contract.aliases.push(value),
            "domain" => contract.domains.push(value),
            "address" => contract.addresses.push(row.address(&value)?),
            "serial" => contract.serial_numbers.push(value),
            _ => return row.sound(None, format!("the unknown kind {kind:?}")),
        }
    }
    contract.administrators = administrators(connection, "contract", number).await?;
    Ok(Some(contract))
}

async fn administrators(connection: &mut Connection, scope: &str, id: &str) -> Result<Vec<Administrator>> {
    let rows: Vec<(String, Option<String>, Option<String>)> =
        sqlx::query_as(ADMINISTRATORS).bind(scope).bind(id).fetch_all(connection).await?;
    let row = Row::new("administrator", &id);
    rows.into_iter()
        .map(|(email, name, language)| {
            Ok(Administrator {
                email: row.address(&email)?,
                name,
                language: row.word_opt(language.as_deref(), Language::parse)?,
            })
        })
        .collect()
}

/// Puts a bill-to ID with its administrators; says whether that changed anything.
async fn put_bill_to(connection: &mut Connection, bill_to: &BillTo) -> Result<bool> {
    let company: Option<String> = sqlx::query_scalar("SELECT company FROM bill_to WHERE id = $1")
        .bind(&bill_to.id)
        .fetch_optional(&mut *connection)
        .await?;
    let known = administrators(connection, "bill_to", &bill_to.id).await?;
    let same_people = to_json(&known, "administrator")? == to_json(&bill_to.administrators, "administrator")?;
    if company.as_deref() == Some(&*clean(&bill_to.company)) && same_people {
        return Ok(false);
    }
    sqlx::query(
        "INSERT INTO bill_to (id, company) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET company = excluded.company",
    )
    .bind(&bill_to.id)
    .bind(&*clean(&bill_to.company))
    .execute(&mut *connection)
    .await?;
    put_administrators(connection, "bill_to", &bill_to.id, &bill_to.administrators).await?;
    Ok(true)
}

async fn put_administrators(
    connection: &mut Connection,
    scope: &str,
    id: &str,
    people: &[Administrator],
) -> Result<()> {
    sqlx::query("DELETE FROM administrator WHERE scope = $1 AND scope_id = $2")
        .bind(scope)
        .bind(id)
        .execute(&mut *connection)
        .await?;
    for (person, position) in people.iter().zip(0i64..) {
        sqlx::query(
            "INSERT INTO administrator (scope, scope_id, position, email, email_key, name, language)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(scope)
        .bind(id)
        .bind(position)
        .bind(person.email.as_str())
        .bind(person.email.key())
        .bind(clean_opt(person.name.as_deref()))
        .bind(person.language.map(Language::as_str))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

async fn delete(connection: &mut Connection, number: &str) -> Result<()> {
    put_administrators(connection, "contract", number, &[]).await?;
    sqlx::query("DELETE FROM contract WHERE number = $1").bind(number).execute(connection).await?;
    Ok(())
}

async fn insert(connection: &mut Connection, contract: &Contract) -> Result<()> {
    sqlx::query(
        "INSERT INTO contract (number, holder, bill_to_id, service_level, issued_at, starts_on, ends_on, administered_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(&*clean(&contract.number))
    .bind(&*clean(&contract.holder))
    .bind(clean_opt(contract.bill_to_id.as_deref()))
    .bind(clean_opt(contract.service_level.as_deref()))
    .bind(contract.issued_at.map(ms))
    .bind(contract.starts_on.map(|day| day.to_string()))
    .bind(contract.ends_on.map(|day| day.to_string()))
    .bind(contract.administered_by.as_str())
    .execute(&mut *connection)
    .await?;
    let addresses: Vec<&str> = contract.addresses.iter().map(EmailAddress::as_str).collect();
    let of = |texts: &[String]| texts.iter().map(|text| clean(text).into_owned()).collect::<Vec<_>>();
    let (aliases, domains, serials) = (of(&contract.aliases), of(&contract.domains), of(&contract.serial_numbers));
    let lists: [(&str, Vec<&str>); 4] = [
        ("alias", aliases.iter().map(String::as_str).collect()),
        ("domain", domains.iter().map(String::as_str).collect()),
        ("address", addresses),
        ("serial", serials.iter().map(String::as_str).collect()),
    ];
    for (kind, values) in lists {
        for (value, position) in values.into_iter().zip(0i64..) {
            let key = EmailAddress::parse(value).map_or_else(|| value.to_lowercase(), |address| address.key());
            sqlx::query("INSERT INTO contract_value (number, kind, position, value, key) VALUES ($1, $2, $3, $4, $5)")
                .bind(&*clean(&contract.number))
                .bind(kind)
                .bind(position)
                .bind(value)
                .bind(key)
                .execute(&mut *connection)
                .await?;
        }
    }
    put_administrators(connection, "contract", &contract.number, &contract.administrators).await
}

#[derive(sqlx::FromRow)]
struct Columns {
    number: String,
    holder: String,
    bill_to_id: Option<String>,
    service_level: Option<String>,
    issued_at: Option<i64>,
    starts_on: Option<String>,
    ends_on: Option<String>,
    administered_by: String,
}

impl Columns {
    fn read(self) -> Result<Contract> {
        let row = Row::new("contract", &self.number);
        let day = |text: Option<&str>| row.word_opt(text, |text| text.parse::<NaiveDate>().ok());
        Ok(Contract {
            issued_at: row.time_opt(self.issued_at)?,
            starts_on: day(self.starts_on.as_deref())?,
            ends_on: day(self.ends_on.as_deref())?,
            administered_by: row.word(&self.administered_by, AdministeredBy::parse)?,
            number: self.number,
            holder: self.holder,
            aliases: Vec::new(),
            domains: Vec::new(),
            addresses: Vec::new(),
            bill_to_id: self.bill_to_id,
            service_level: self.service_level,
            serial_numbers: Vec::new(),
            administrators: Vec::new(),
        })
    }
}
