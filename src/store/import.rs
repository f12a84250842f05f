//! The import: entries are staged beside the register without holding up any writer, then compared and taken over in one
//! transaction, with the inputs that tell open requests of it.

use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, QueryBuilder, Sqlite};

use super::difference::{self, Difference, ImportReport};
use super::staging::{Field, SHEETS, Sheet};
use super::{Connection, Moment, Result, Store, affected};
use crate::domain::register::{Entry, Register};

/// Rows of one statement: as many as keep its parameters far below what SQLite allows (32766).
const ROWS: usize = 250;

/// What an import does beside adding and changing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportMode {
    /// Takes away what the file no longer has, of each kind that it has at all.
    pub prune: bool,
    /// Compares, and changes nothing.
    pub dry_run: bool,
}

/// An import under way. Dropped before [`Importing::finish`], it leaves nothing.
pub struct Importing {
    /// The store's writer: staged rows are its own, and nobody else sees them.
    connection: PoolConnection<Sqlite>,
    staged: [u64; 4],
}

impl Store {
    /// Begins an import.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn begin_import(&self) -> Result<Importing> {
        let mut connection = self.writer()?.acquire().await?;
        for sheet in SHEETS {
            run(&mut connection, format!("DROP TABLE IF EXISTS temp.staged_{}", sheet.table)).await?;
            let staged = format!(
                "CREATE TEMP TABLE staged_{} AS SELECT {} FROM main.{} LIMIT 0",
                sheet.table,
                sheet.columns.join(", "),
                sheet.table
            );
            run(&mut connection, staged).await?;
        }
        Ok(Importing { connection, staged: [0; 4] })
    }
}

impl Store {
    /// Imports a small register in one transaction; the same twice changes nothing.
    ///
    /// # Errors
    /// Those of the database: nothing was imported then.
    pub async fn import_register(&self, register: Register, mode: ImportMode, now: Moment) -> Result<ImportReport> {
        let mut importing = self.begin_import().await?;
        importing.add(&register.into_entries().collect::<Vec<_>>()).await?;
        importing.finish(mode, now).await
    }
}

impl Importing {
    /// Stages entries. Each number, ID or address must come once in an import.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn add(&mut self, entries: &[Entry]) -> Result<()> {
        let mut rows: [Vec<Vec<Field>>; 4] = Default::default();
        for entry in entries {
            let (sheet, row) = super::staging::row(entry)?;
            if let Some(rows) = rows.get_mut(sheet) {
                rows.push(row);
            }
        }
        for ((sheet, rows), staged) in SHEETS.iter().zip(rows).zip(&mut self.staged) {
            *staged = staged.saturating_add(u64::try_from(rows.len()).unwrap_or(u64::MAX));
            let mut rows = rows.into_iter().peekable();
            while rows.peek().is_some() {
                let mut insert = QueryBuilder::<Sqlite>::new(format!("INSERT INTO temp.staged_{} ", sheet.table));
                insert.push_values(rows.by_ref().take(ROWS), |mut values, row| {
                    for field in row {
                        match field {
                            Field::Text(text) => values.push_bind(text),
                            Field::Number(number) => values.push_bind(number),
                        };
                    }
                });
                insert.build().execute(&mut *self.connection).await?;
            }
        }
        Ok(())
    }

    /// Compares what was staged with the register and takes it over, in one transaction.
    ///
    /// # Errors
    /// Those of the database: nothing was imported then.
    pub async fn finish(mut self, mode: ImportMode, now: Moment) -> Result<ImportReport> {
        for sheet in SHEETS {
            let by_key = format!("CREATE UNIQUE INDEX temp.staged_{0}_key ON staged_{0} ({1})", sheet.table, sheet.key);
            run(&mut self.connection, by_key).await?;
        }
        let report = self.compare_and_apply(mode, now).await;
        for sheet in SHEETS {
            for table in ["staged", "differs", "gone"] {
                run(&mut self.connection, format!("DROP TABLE IF EXISTS temp.{table}_{}", sheet.table)).await?;
            }
        }
        report
    }

    async fn compare_and_apply(&mut self, mode: ImportMode, now: Moment) -> Result<ImportReport> {
        // A dry run holds nobody up.
        let begin = if mode.dry_run { "BEGIN" } else { "BEGIN IMMEDIATE" };
        let mut transaction = sqlx::Connection::begin_with(&mut *self.connection, begin).await?;
        let mut report = ImportReport::default();
        let before = affected::open_contracts(&mut transaction).await?;
        for (place, (sheet, staged)) in SHEETS.iter().zip(self.staged).enumerate() {
            if staged == 0 {
                continue;
            }
            let difference = compare(&mut transaction, sheet, staged, mode.prune).await?;
            if !mode.dry_run {
                apply(&mut transaction, sheet).await?;
            }
            report.set(place, difference);
        }
        if mode.dry_run {
            transaction.rollback().await?;
        } else {
            report.told = affected::tell(&mut transaction, before, now).await?;
            transaction.commit().await?;
        }
        Ok(report)
    }
}

/// Finds what is new, other and gone: the last of these only with `prune`.
async fn compare(connection: &mut Connection, sheet: &Sheet, staged: u64, prune: bool) -> Result<Difference> {
    let Sheet { table, key, columns, .. } = *sheet;
    let of = |name: &str| columns.iter().map(|column| format!("{name}.{column}")).collect::<Vec<_>>().join(", ");
    run(connection, format!("DROP TABLE IF EXISTS temp.differs_{table}")).await?;
    run(connection, format!("DROP TABLE IF EXISTS temp.gone_{table}")).await?;
    run(
        connection,
        format!(
            "CREATE TEMP TABLE differs_{table} AS
             SELECT s.{key} AS key, s.rowid AS place, c.{key} IS NULL AS is_new
             FROM temp.staged_{table} s LEFT JOIN main.{table} c ON c.{key} = s.{key}
             WHERE c.{key} IS NULL OR ({}) IS NOT ({}) ORDER BY s.{key}",
            of("s"),
            of("c")
        ),
    )
    .await?;
    let which = if prune { "1" } else { "0" };
    run(
        connection,
        format!(
            "CREATE TEMP TABLE gone_{table} AS SELECT c.{key} AS key FROM main.{table} c
             WHERE {which} AND NOT EXISTS (SELECT 1 FROM temp.staged_{table} s WHERE s.{key} = c.{key}) ORDER BY c.{key}"
        ),
    )
    .await?;
    difference::read(connection, sheet, staged).await
}

/// Takes over what [`compare`] found.
async fn apply(connection: &mut Connection, sheet: &Sheet) -> Result<()> {
    let Sheet { table, key, columns, beside, .. } = *sheet;
    let outdated =
        format!("SELECT key FROM temp.gone_{table} UNION ALL SELECT key FROM temp.differs_{table} WHERE NOT is_new");
    for beside in beside {
        let old = format!("{} WHERE c.{key} IN ({outdated})", beside.rows);
        run(connection, format!("DELETE FROM {0} WHERE ({1}) IN ({old})", beside.table, beside.columns)).await?;
    }
    run(connection, format!("DELETE FROM main.{table} WHERE {key} IN ({outdated})")).await?;
    let columns = columns.join(", ");
    run(
        connection,
        format!(
            "INSERT INTO main.{table} ({columns}) SELECT {columns} FROM temp.staged_{table}
             WHERE {key} IN (SELECT key FROM temp.differs_{table}) ORDER BY {key}"
        ),
    )
    .await?;
    for beside in beside {
        let new = format!("{} WHERE c.{key} IN (SELECT key FROM temp.differs_{table}) ORDER BY 1, 2", beside.rows);
        run(connection, format!("INSERT OR IGNORE INTO {} ({}) {new}", beside.table, beside.columns)).await?;
    }
    Ok(())
}

/// Runs a statement that is put together of the names in [`SHEETS`] alone.
async fn run(connection: &mut Connection, statement: String) -> Result<()> {
    sqlx::query(AssertSqlSafe(statement)).persistent(false).execute(connection).await?;
    Ok(())
}
