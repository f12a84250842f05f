//! Open requests that an import touches: each is told by an input of its own, written in the import's transaction.

use std::collections::BTreeMap;

use super::codec::{Row, ms, to_json};
use super::{Connection, Moment, Result, register};
use crate::domain::contract::Contract;
use crate::domain::ids::Reference;
use crate::domain::input::{ContractChange, RegisterChanged};

/// Contracts that open items name, as they stand in the register.
pub(super) async fn open_contracts(connection: &mut Connection) -> Result<BTreeMap<String, Option<Contract>>> {
    let numbers: Vec<String> = sqlx::query_scalar(OPEN_CONTRACTS).fetch_all(&mut *connection).await?;
    let mut contracts = BTreeMap::new();
    for number in numbers {
        let contract = register::contract(connection, &number).await?;
        contracts.insert(number, contract);
    }
    Ok(contracts)
}

/// Writes one input for each open request that names a contract that is not what it was before. Gives the requests.
pub(super) async fn tell(
    connection: &mut Connection,
    before: BTreeMap<String, Option<Contract>>,
    now: Moment,
) -> Result<Vec<Reference>> {
    let mut changes: BTreeMap<(i64, String), Vec<ContractChange>> = BTreeMap::new();
    for (number, old) in before {
        // What was not there before cannot be taken away.
        let Some(old) = old else { continue };
        let new = register::contract(connection, &number).await?;
        let what = ContractChange::between(&number, &old, new.as_ref());
        if what.is_empty() {
            continue;
        }
        let requests: Vec<(i64, String)> =
            sqlx::query_as(OPEN_REQUESTS).bind(&number).fetch_all(&mut *connection).await?;
        for request in requests {
            changes.entry(request).or_default().extend(what.iter().cloned());
        }
    }
    let mut told = Vec::with_capacity(changes.len());
    for ((desk, reference), contracts) in changes {
        let reference = Row::new("request", &reference).reference(&reference)?;
        let payload = RegisterChanged { reference: reference.clone(), contracts };
        sqlx::query("INSERT INTO input (desk_id, kind, payload, created_at) VALUES ($1, 'register', $2, $3)")
            .bind(desk)
            .bind(to_json(&payload, "input")?)
            .bind(ms(now))
            .execute(&mut *connection)
            .await?;
        told.push(reference);
    }
    Ok(told)
}

/// By the index of open items: few, whatever the register's size.
pub(super) const OPEN_CONTRACTS: &str =
    "SELECT DISTINCT contract_number FROM item WHERE decided_by IS NULL AND contract_number IS NOT NULL";
pub(super) const OPEN_REQUESTS: &str = "SELECT DISTINCT r.desk_id, r.reference
    FROM item i JOIN request r ON r.reference = i.reference
    WHERE i.contract_number = $1 AND i.decided_by IS NULL";
