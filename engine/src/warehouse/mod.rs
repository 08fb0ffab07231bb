//! The port to a warehouse, and one file per engine. No transaction type and no driver type leaves an engine's file.
//!
//! Adding an engine: implement [`Warehouse`], add its renderer under `expr`, run `engine/tests` against it.
//! `transaction` is the way of a batch for all that have transactions over several statements, `bulk` its way for many edits, `load` for what
//! comes in chunks.

mod bulk;
mod judged;
mod load;
mod postgres;
mod sqlite;
mod transaction;

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use model::{BatchOutcome, Code, ColumnType, ImportOutcome, Principal, Value};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::catalog::{Body, Input};
use crate::definition::{self, Change, Known};
use crate::presence::Typist;
use crate::sql::{Dialect, Sql};
use crate::writeback::{CompiledBatch, Refusal};

pub use load::LoadJob;
pub use postgres::{Access, Need, Postgres, PostgresConfig};
pub use sqlite::Sqlite;

/// Rows x columns, row-major.
pub type Rows = Vec<Vec<Value>>;

/// Rows, and what it took to get them.
#[derive(Clone, Debug, Default)]
pub struct Answered {
    pub rows: Rows,
    /// Until a connection was there, and was the caller's.
    pub waited: Duration,
    /// From the statement to its last row.
    pub ran: Duration,
}

/// What an engine knows of a relation.
#[derive(Clone, Debug, Default)]
pub struct Described {
    pub columns: Vec<DescribedColumn>,
    /// Sets of columns whose values, where none is null, are there once: the unique indexes of a table.
    pub unique: Vec<Vec<String>>,
    /// Why its rows can't be changed, if they can't: `it is a materialized view`.
    pub read_only: Option<String>,
}

#[derive(Clone, Debug)]
pub struct DescribedColumn {
    pub name: String,
    /// `None` if the engine can't tell, so that the author must.
    pub ty: Option<ColumnType>,
    /// The engine's own name of the column's type, where values must be turned into ours and back.
    pub native: Option<String>,
    /// Whether the column is kept just as ours of `ty` are, so that only another type of the author's needs turning.
    pub plain: bool,
    /// Whether the engine sees to it that it always has a value.
    pub filled: bool,
    /// Why it can't be typed into, if it can't: `it is generated`.
    pub read_only: Option<&'static str>,
}

/// What another server over the same warehouse has done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    /// Rows of an input table have changed: the last log sequence of each batch that changed them.
    Changed { tenant: String, workbook: String, table: String, versions: Vec<i64> },
    /// A table of the team's was changed by somebody else: a number for each time.
    Touched { table: String, versions: Vec<i64> },
    /// Somebody types into a cell, or no longer: when he said so.
    Typing { typist: Typist, versions: Vec<i64> },
    /// Something may have been missed: anything may have changed.
    Missed,
}

/// Who asks, and for what: for an engine's own policies, and for its own history of statements.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    pub principal: &'a Principal,
    pub workbook: &'a str,
    /// The element that shows it, or the table that is written.
    pub element: &'a str,
    pub request_id: &'a str,
}

/// A place where data lives: reads, batches of edits, and Inlay's own tables.
pub trait Warehouse: Send + Sync + std::fmt::Debug {
    fn dialect(&self) -> Dialect;

    /// All that the engine's own policies may look at of a person, so that two who differ in it are never given one answer; `None`
    /// for an engine that has none.
    fn seen_of(&self, _: &Principal) -> Option<String> {
        None
    }

    /// A relation's columns and what is unique in it.
    fn describe<'a>(&'a self, body: &'a Body) -> BoxFuture<'a, Result<Described, WarehouseError>>;

    /// Runs one SELECT for `caller`, for an engine that has policies of its own, or as Inlay itself; column `i` is decoded as
    /// `types[i]`.
    fn ask<'a>(
        &'a self,
        caller: Option<&'a Caller<'a>>,
        sql: &'a Sql,
        types: &'a [ColumnType],
    ) -> BoxFuture<'a, Result<Answered, WarehouseError>>;

    /// The rows that [`Warehouse::ask`] gives.
    fn read<'a>(
        &'a self,
        caller: Option<&'a Caller<'a>>,
        sql: &'a Sql,
        types: &'a [ColumnType],
    ) -> BoxFuture<'a, Result<Rows, WarehouseError>> {
        async move { Ok(self.ask(caller, sql, types).await?.rows) }.boxed()
    }

    /// What the engine itself lets the caller do with a table, and by which of its policies, a line each; nothing for an
    /// engine without.
    fn explain<'a>(&'a self, caller: &'a Caller<'a>, table: &'a str) -> BoxFuture<'a, Result<Vec<String>, WarehouseError>>;

    /// What there is of an input table; `None` if nothing.
    fn known<'a>(&'a self, input: &'a Input) -> BoxFuture<'a, Result<Option<Known>, WarehouseError>>;

    /// The statements that make `changes` of an input table, in order.
    fn definition(&self, input: &Input, changes: &[Change]) -> Vec<String>;

    /// Makes `changes` in one transaction, and logs each with who and when.
    fn define<'a>(
        &'a self,
        workbook: &'a str,
        input: &'a Input,
        changes: &'a [Change],
        by: &'a str,
    ) -> BoxFuture<'a, Result<(), WarehouseError>>;

    /// Whether this connection makes and changes Inlay's own tables by itself.
    fn may_define(&self) -> bool;

    /// Applies a batch in one transaction, exactly once; committed when it returns.
    fn apply(&self, batch: CompiledBatch) -> BoxFuture<'_, Result<BatchOutcome, WarehouseError>>;

    /// Applies what comes in chunks as one batch, in one transaction, exactly once; committed when it returns.
    fn load(&self, job: LoadJob) -> BoxFuture<'_, Result<ImportOutcome, WarehouseError>>;

    /// Runs statements on Inlay's own control tables in one transaction; gives the rows changed by the last one.
    fn control(&self, statements: Vec<Sql>) -> BoxFuture<'_, Result<u64, WarehouseError>>;

    /// What other servers commit from now on; `None` if there can be no others, or no way to hear of them.
    fn notices(&self) -> Option<mpsc::Receiver<Notice>>;

    /// Passes a notice on to other servers, as far as the engine can; it is not kept for those that don't hear it.
    fn pass_on(&self, _notice: Notice) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }

    /// Finishes what has been taken on, then refuses more.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// The engine's trouble. Its text is for the log, never for a browser.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WarehouseError {
    /// Busy, full, read-only, gone: trying again later may help.
    #[error("the warehouse is not available: {0}")]
    Unavailable(String),
    /// Two transactions met, and this one has to begin again.
    #[error("the warehouse asks to try again: {0}")]
    Conflicted(String),
    /// A lock was not had in time, or a batch had to begin again too often.
    #[error("others write there: {0}")]
    Busy(String),
    /// A statement took longer than it may.
    #[error("a statement took too long: {0}")]
    TooSlow(String),
    /// The connection was lost during a commit.
    #[error("whether it was committed is not known: {0}")]
    Unsure(String),
    /// A person's statements can't run as the role that is configured.
    #[error("no role to run as: {0}")]
    NoRole(String),
    /// The warehouse does not let a person read something.
    #[error("not readable: {0}")]
    Denied(String),
    /// A result does not fit 64 bits of minor units; better said than shown wrong.
    #[error("a number is too large to be exact")]
    NumberTooLarge,
    /// The warehouse's own policy or constraint refuses what a person wrote.
    #[error("refused: {1}")]
    Rejected(Code, String),
    /// A function of the team's own refuses what a person wrote, in words that are meant for him.
    #[error("a function refuses it")]
    Raised(Refusal),
    #[error("{0}")]
    Failed(String),
}

/// The rows of the log of definitions for `changes`; a table that is made names each of its columns.
fn definition_log(dialect: Dialect, workbook: &str, input: &Input, changes: &[Change], by: &str) -> Vec<Sql> {
    let now = Value::Timestamp(chrono::Utc::now().naive_utc());
    let text = |text: &str| Value::Text(text.to_owned());
    let or_null = |name: Option<&str>| name.map_or(Value::Null, text);
    let row = |change: &str, column: Option<&str>, was: Option<&str>, ty: Option<&ColumnType>| {
        let scale = if let Some(ColumnType::Decimal { scale }) = ty { Value::Integer((*scale).into()) } else { Value::Null };
        let columns = [
            ("at", now.clone()),
            ("by", text(by)),
            ("workbook", text(workbook)),
            ("table_name", text(&input.table)),
            ("change", text(change)),
            ("column_name", or_null(column)),
            ("was", or_null(was)),
            ("type", or_null(ty.map(definition::name))),
            ("scale", scale),
        ];
        dialect.insert_own("definition_log", columns)
    };
    let mut rows = Vec::new();
    for change in changes {
        let (was, ty) = match change {
            Change::Rename { from, .. } => (Some(from.as_str()), None),
            Change::Add { ty, .. } | Change::Widen { to: ty, .. } => (None, Some(ty)),
            _ => (None, None),
        };
        rows.push(row(change.word(), change.column(), was, ty));
        if *change == Change::Create {
            rows.extend(input.columns.iter().map(|c| row("add", Some(&c.column.name), None, Some(&c.column.ty))));
        }
    }
    rows
}
