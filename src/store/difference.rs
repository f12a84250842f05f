//! What an import changed, or would change: entry by entry, field by field.

use serde::Serialize;
use serde_json::Value;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row as _};

use super::staging::Sheet;
use super::{Connection, Moment, Result};
use crate::domain::ids::Reference;

/// So many changed entries are told field by field; of the others only the names are.
pub const DETAILED: u32 = 10_000;

/// What an import changed, or would change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    pub contracts: Difference,
    pub bill_tos: Difference,
    /// People who administer.
    pub people: Difference,
    pub accounts: Difference,
    /// Open requests that were told of a change.
    pub told: Vec<Reference>,
}

/// What changed among the entries of one kind; each is named by its number, ID or folded address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// In the file's order.
    pub added: Vec<String>,
    /// In the file's order.
    pub changed: Vec<Change>,
    pub unchanged: u64,
    /// Those that the file no longer has, in order.
    pub removed: Vec<String>,
}

/// An entry that is other than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    pub key: String,
    /// Empty after the first [`DETAILED`] changed entries.
    pub fields: Vec<FieldChange>,
}

/// A field that is other than before. Times are RFC 3339 in UTC; lists are arrays; persons have `email` and `name`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldChange {
    pub field: &'static str,
    pub old: Value,
    pub new: Value,
}

impl ImportReport {
    /// Puts what changed in the table of that place.
    pub(super) fn set(&mut self, place: usize, difference: Difference) {
        match place {
            0 => self.contracts = difference,
            1 => self.bill_tos = difference,
            2 => self.people = difference,
            _ => self.accounts = difference,
        }
    }
}

/// Reads the difference that the import has found.
pub(super) async fn read(connection: &mut Connection, sheet: &Sheet, staged: u64) -> Result<Difference> {
    let Sheet { table, key, columns, .. } = *sheet;
    let list = |which: &str| format!("SELECT key FROM temp.differs_{table} WHERE {which} ORDER BY place");
    let added = keys(connection, list("is_new")).await?;
    let changed = keys(connection, list("NOT is_new")).await?;
    let removed = keys(connection, format!("SELECT key FROM temp.gone_{table} ORDER BY key")).await?;
    let of = |name: &str| columns.iter().map(|column| format!("{name}.{column}")).collect::<Vec<_>>().join(", ");
    let details = format!(
        "SELECT {}, {} FROM temp.differs_{table} d
         JOIN main.{table} c ON c.{key} = d.key JOIN temp.staged_{table} s ON s.{key} = d.key
         WHERE NOT d.is_new ORDER BY d.place LIMIT {DETAILED}",
        of("c"),
        of("s")
    );
    let rows = sqlx::query(AssertSqlSafe(details)).persistent(false).fetch_all(connection).await?;
    let mut details = rows.iter().map(|row| fields(row, columns)).collect::<Result<Vec<_>>>()?.into_iter();
    let differing = u64::try_from(added.len().saturating_add(changed.len())).unwrap_or(u64::MAX);
    Ok(Difference {
        unchanged: staged.saturating_sub(differing),
        changed: changed.into_iter().map(|key| Change { key, fields: details.next().unwrap_or_default() }).collect(),
        added,
        removed,
    })
}

async fn keys(connection: &mut Connection, statement: String) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar(AssertSqlSafe(statement)).persistent(false).fetch_all(connection).await?)
}

/// The fields in which the first half of a row differs from the second.
fn fields(row: &SqliteRow, columns: &'static [&'static str]) -> Result<Vec<FieldChange>> {
    let mut changes = Vec::new();
    for (place, column) in columns.iter().enumerate() {
        let (old, new) = (value(row, place, column)?, value(row, columns.len().saturating_add(place), column)?);
        // What is folded follows from what is not.
        if old != new && !column.ends_with("_key") {
            changes.push(FieldChange { field: column, old, new });
        }
    }
    Ok(changes)
}

fn value(row: &SqliteRow, place: usize, column: &str) -> Result<Value> {
    if column == "issued_at" {
        let ms: Option<i64> = row.try_get(place)?;
        return Ok(ms.and_then(Moment::from_timestamp_millis).map_or(Value::Null, |at| at.to_rfc3339().into()));
    }
    let text: Option<String> = row.try_get(place)?;
    Ok(match text {
        None => Value::Null,
        Some(text) if text.starts_with('[') => {
            let mut list = serde_json::from_str(&text).unwrap_or(Value::String(text));
            for person in list.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
                person.shift_remove("key");
            }
            list
        }
        Some(text) => text.into(),
    })
}
