//! A batch in PostgreSQL: first all of it in one statement for each shape of edit; where anything is not in order, one
//! edit after the other, which tells what it is.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use model::{BatchOutcome, BatchStatus, ColumnType, ImportOutcome};
use sqlx::postgres::PgConnection;

use super::Postgres;
use super::person::Locks;
use super::values::{decode_row, failed, not_committed};
use crate::sql::{Dialect, Sql};
use crate::warehouse::load::{LoadJob, load};
use crate::warehouse::transaction::{self, Answer, Asked, Connection};
use crate::warehouse::{Caller, Rows, WarehouseError};
use crate::writeback::{CompiledBatch, CompiledCell, Stamp, Together};

/// How often a batch that met a deadlock or a serialization failure is tried.
const TRIES: usize = 4;

impl Postgres {
    pub(super) async fn write(&self, batch: &CompiledBatch) -> Result<BatchOutcome, WarehouseError> {
        let mut tries = 1;
        loop {
            match self.try_write(batch).await {
                Err(WarehouseError::Conflicted(text)) if tries < TRIES => {
                    tracing::info!(%text, tries, "a batch is tried again");
                    tokio::time::sleep(Duration::from_millis(5 << tries)).await;
                    tries += 1;
                }
                done => return done,
            }
        }
    }

    async fn try_write(&self, batch: &CompiledBatch) -> Result<BatchOutcome, WarehouseError> {
        if let Some(statements) = batch.together()
            && let Some(outcome) = self.together(batch, &statements).await?
        {
            return Ok(outcome);
        }
        let (mut open, _) = self.begin_as(&caller(batch), "begin", Some(&locks(batch))).await?;
        let mut connection = Open { connection: &mut open, warehouse: self, caller: caller(batch) };
        let outcome = transaction::apply(&mut connection, batch, None).await?;
        if !outcome.status.is_written() || outcome.replayed {
            open.rollback().await.map_err(failed)?;
        } else {
            open.commit().await.map_err(not_committed)?;
        }
        Ok(outcome)
    }

    /// `None`, and nothing written, unless all is in order.
    async fn together(&self, batch: &CompiledBatch, statements: &[Together]) -> Result<Option<BatchOutcome>, WarehouseError> {
        let caller = caller(batch);
        let (mut open, _) = self.begin_as(&caller, "begin", Some(&locks(batch))).await?;
        let mut outcomes = Vec::with_capacity(batch.edits.len());
        for together in statements {
            let rows = self.query(&together.sql, Some(&caller)).fetch_all(&mut *open).await.map_err(failed);
            let rows = rows.and_then(|rows| rows.iter().map(|row| decode_row(row, &together.types)).collect::<Result<Rows, _>>());
            let found = match rows {
                Ok(rows) => together.outcome(batch, rows),
                // A constraint, a policy, a batch that was there before: it is told by the other way.
                Err(
                    WarehouseError::Rejected(..)
                    | WarehouseError::Failed(_)
                    | WarehouseError::Raised(_)
                    | WarehouseError::NumberTooLarge,
                ) => None,
                Err(error) => return Err(error),
            };
            let Some(found) = found else {
                open.rollback().await.map_err(failed)?;
                return Ok(None);
            };
            outcomes.extend(found);
        }
        open.commit().await.map_err(not_committed)?;
        outcomes.sort_by_key(|(place, _)| *place);
        let rows = outcomes.into_iter().map(|(_, row)| row).collect();
        let batch_id = batch.stamp.batch_id.clone();
        Ok(Some(BatchOutcome { batch_id, status: BatchStatus::Committed, replayed: false, rows }))
    }
}

impl Postgres {
    pub(super) async fn write_load(&self, mut job: LoadJob) -> Result<ImportOutcome, WarehouseError> {
        let (stamp, table, principal) = (job.load.stamp.clone(), job.load.table.clone(), job.load.principal.clone());
        let caller = Caller { principal: &principal, workbook: &stamp.workbook, element: &table, request_id: &stamp.request_id };
        // Nobody else's edit of the table comes in between.
        let own = vec![own_lock(&stamp), table_lock(&stamp, &table)];
        let (mut open, _) = self.begin_as(&caller, "begin", Some(&Locks { shared: Vec::new(), own })).await?;
        let mut connection = Open { connection: &mut open, warehouse: self, caller };
        let outcome = load(&mut connection, &mut job).await?;
        if outcome.trial || outcome.replayed {
            open.rollback().await.map_err(failed)?;
        } else {
            open.commit().await.map_err(not_committed)?;
        }
        Ok(outcome)
    }
}

fn own_lock(stamp: &Stamp) -> String {
    format!("batch\n{}\n{}", stamp.scope, stamp.batch_id)
}

fn table_lock(stamp: &Stamp, table: &str) -> String {
    format!("rows\n{}\n{}\n{table}", stamp.tenant, stamp.workbook)
}

fn caller(batch: &CompiledBatch) -> Caller<'_> {
    let stamp = &batch.stamp;
    let element = batch.edits.first().map_or("", |edit| edit.table.as_str());
    Caller { principal: &batch.principal, workbook: &stamp.workbook, element, request_id: &stamp.request_id }
}

/// More rows than this are locked with the whole table, as far as it is the tenant's: locks take up room in the database.
const MOST_LOCKS: usize = 2_000;

/// What a batch locks: itself, and each of its rows.
fn locks(batch: &CompiledBatch) -> Locks {
    let stamp = &batch.stamp;
    let row = |table: &str, key: &str| format!("{}\n{}\n{table}\n{key}", stamp.tenant, stamp.workbook);
    let own = vec![own_lock(stamp)];
    let tables: BTreeSet<&str> = batch.edits.iter().map(|edit| edit.table.as_str()).collect();
    let tables: Vec<String> = tables.into_iter().map(|table| table_lock(stamp, table)).collect();
    let mut rows: Vec<String> = batch.edits.iter().map(|edit| row(&edit.table, &edit.row_key)).collect();
    // Whoever writes a value that must be unique waits for whoever else writes it.
    for edit in &batch.edits {
        let unique = edit.cells.iter().filter(|cell| cell.unique);
        let value = |cell: &CompiledCell| Some(cell.value.as_ref().ok()?.to_wire()).filter(|raw| !raw.is_null());
        rows.extend(unique.filter_map(|cell| Some(row(&edit.table, &format!("{}\n{}", cell.column, value(cell)?)))));
    }
    if rows.len() > MOST_LOCKS {
        return Locks { shared: Vec::new(), own: [own, tables].concat() };
    }
    Locks { shared: tables, own: [own, rows].concat() }
}

/// An open transaction.
struct Open<'a> {
    connection: &'a mut PgConnection,
    warehouse: &'a Postgres,
    caller: Caller<'a>,
}

impl Connection for Open<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn rows<'a>(&'a mut self, sql: &'a Sql, types: &'a [ColumnType]) -> BoxFuture<'a, Result<Rows, WarehouseError>> {
        async move {
            let query = self.warehouse.query(sql, Some(&self.caller));
            let rows = query.fetch_all(&mut *self.connection).await.map_err(failed)?;
            rows.iter().map(|row| decode_row(row, types)).collect()
        }
        .boxed()
    }

    fn change<'a>(&'a mut self, sql: &'a Sql) -> BoxFuture<'a, Result<u64, WarehouseError>> {
        async move {
            let done = self.warehouse.query(sql, Some(&self.caller)).execute(&mut *self.connection).await;
            done.map(|done| done.rows_affected()).map_err(failed)
        }
        .boxed()
    }

    fn each<'a>(&'a mut self, statements: &'a [Asked]) -> BoxFuture<'a, Result<Vec<Answer>, (usize, WarehouseError)>> {
        async move {
            let mut answers = Vec::with_capacity(statements.len());
            for (i, Asked { sql, types }) in statements.iter().enumerate() {
                let answer = if types.is_empty() {
                    self.change(sql).await.map(|changed| Answer { changed, ..Answer::default() })
                } else {
                    self.rows(sql, types).await.map(|rows| Answer { rows, ..Answer::default() })
                };
                answers.push(answer.map_err(|error| (i, error))?);
            }
            Ok(answers)
        }
        .boxed()
    }
}
