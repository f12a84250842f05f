//! The register: contracts, bill-to IDs and who administers them, imported whole.

use super::{Result, Store, StoreError};
use crate::domain::contract::{Administrator, Contract};

/// A bill-to ID with whoever administers the contracts under it.
#[derive(Debug, Clone, PartialEq)]
pub struct BillTo {
    pub id: String,
    pub company: String,
    pub administrators: Vec<Administrator>,
}

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
    pub administrator: Option<crate::domain::address::EmailAddress>,
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
        let _ = (contracts, bill_tos, prune, dry_run);
        Err(StoreError::OtherSchema)
    }

    /// Contracts by number.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn contracts(&self, filter: &ContractFilter, limit: u32) -> Result<Vec<Contract>> {
        let _ = (filter, limit);
        Err(StoreError::OtherSchema)
    }

    /// One contract, with whoever administers it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn contract(&self, number: &str) -> Result<Option<Contract>> {
        let _ = number;
        Err(StoreError::OtherSchema)
    }
}
