//! Grants: what an account may use.

use super::codec::{Row, clean_opt, ms};
use super::{Connection, DeskId, Result, Store};
use crate::domain::address::EmailAddress;
use crate::domain::contract::Contract;
use crate::domain::grant::Grant;
use crate::domain::ids::ItemNo;
use crate::domain::request::Decider;
use crate::domain::words::AccessLevel;

pub(super) const ACTIVE: &str = "SELECT account, contract_number, bill_to_id, access_level, granted_at, granted_by,
        reference, item_no
    FROM grant_given WHERE desk_id = $1 AND account_key = $2 AND revoked_at IS NULL ORDER BY id";

pub(super) const OF_CONTRACT: &str =
    "SELECT account, contract_number, bill_to_id, access_level, granted_at, granted_by,
        reference, item_no
    FROM grant_given WHERE contract_number = $1 AND revoked_at IS NULL
    UNION ALL SELECT account, contract_number, bill_to_id, access_level, granted_at, granted_by, reference, item_no
    FROM grant_given WHERE bill_to_id = $2 AND bill_to_id IS NOT NULL AND revoked_at IS NULL";

impl Store {
    /// Active grants, of every desk, by which somebody may use a contract: its own and those of its bill-to ID.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn grants_of_contract(&self, contract: &Contract) -> Result<Vec<Grant>> {
        let query = sqlx::query_as(OF_CONTRACT).bind(&contract.number).bind(contract.bill_to_id.as_deref());
        let rows: Vec<Columns> = query.fetch_all(self.reader()).await?;
        rows.into_iter().map(Columns::read).collect()
    }
}

/// Active grants of an account.
pub(super) async fn active(connection: &mut Connection, desk: DeskId, account: &EmailAddress) -> Result<Vec<Grant>> {
    let rows: Vec<Columns> = sqlx::query_as(ACTIVE).bind(desk.0).bind(account.key()).fetch_all(connection).await?;
    rows.into_iter().map(Columns::read).collect()
}

/// Writes a grant. Where the same is active already, that one stays: there is at most one of each.
pub(super) async fn insert(connection: &mut Connection, desk: DeskId, grant: &Grant) -> Result<()> {
    sqlx::query(
        "INSERT INTO grant_given (desk_id, account, account_key, contract_number, bill_to_id, access_level, granted_at,
             granted_by, reference, item_no)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
    )
    .bind(desk.0)
    .bind(grant.account.as_str())
    .bind(grant.account.key())
    .bind(clean_opt(grant.contract_number.as_deref()))
    .bind(clean_opt(grant.bill_to_id.as_deref()))
    .bind(grant.access_level.as_str())
    .bind(ms(grant.granted_at))
    .bind(grant.granted_by.to_string())
    .bind(grant.reference.as_str())
    .bind(i64::from(grant.item.0))
    .execute(connection)
    .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Columns {
    account: String,
    contract_number: Option<String>,
    bill_to_id: Option<String>,
    access_level: String,
    granted_at: i64,
    granted_by: String,
    reference: String,
    item_no: i64,
}

impl Columns {
    fn read(self) -> Result<Grant> {
        let id = format!("{}/{}", self.reference, self.item_no);
        let row = Row::new("grant_given", &id);
        Ok(Grant {
            account: row.address(&self.account)?,
            contract_number: self.contract_number,
            bill_to_id: self.bill_to_id,
            access_level: row.word(&self.access_level, AccessLevel::parse)?,
            granted_at: row.time(self.granted_at)?,
            granted_by: row.word(&self.granted_by, Decider::parse)?,
            reference: row.reference(&self.reference)?,
            item: ItemNo(row.count(self.item_no)?),
        })
    }
}
