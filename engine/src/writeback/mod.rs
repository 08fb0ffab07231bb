//! The way of an edit: authorize and validate here, as pure functions; compare, upsert, check and log in the warehouse.

mod compile;

use model::{CellError, ColumnType, EditMode, Operation, Origin, Principal, Raw, Value};

use crate::sql::Sql;

pub use compile::{BatchContext, compile, row_key, typed_key};

/// The most edits that one batch may hold.
pub const MOST_EDITS: usize = 5_000;

/// A batch that is authorized and typed; what is left needs the warehouse.
#[derive(Debug)]
pub struct CompiledBatch {
    pub stamp: Stamp,
    /// For engines that have policies of their own.
    pub principal: Principal,
    pub mode: EditMode,
    pub edits: Vec<CompiledEdit>,
}

/// What every log row of a batch carries.
#[derive(Clone, Debug)]
pub struct Stamp {
    /// Issuer, tenant and user: batch ids are unique within it.
    pub scope: String,
    pub batch_id: String,
    pub content_hash: String,
    /// UTC, microseconds.
    pub at: Value,
    pub issuer: String,
    pub tenant: String,
    pub user: String,
    pub user_name: String,
    pub workbook: String,
    pub definition_revision: String,
    pub origin: Origin,
    pub reason: Option<String>,
    pub request_id: String,
}

/// One row's change as SQL.
#[derive(Debug)]
pub struct CompiledEdit {
    pub table: String,
    pub op: Operation,
    pub key: Vec<Raw>,
    /// The key as JSON text, as the log has it.
    pub row_key: String,
    /// `may_write, version, cells…`; `None` for an insert.
    pub before: Option<Sql>,
    pub cells: Vec<CompiledCell>,
    pub write: Sql,
    /// `may_write, version, columns…, rules…`.
    pub after: Sql,
    pub columns: Vec<(String, ColumnType)>,
    pub rules: Vec<CompiledRule>,
    /// False for direct tables, which have no version of ours.
    pub versioned: bool,
}

/// A rule of the table; its condition is a column of [`CompiledEdit::after`].
#[derive(Debug)]
pub struct CompiledRule {
    pub message: String,
    /// Columns that it reads: where its message is shown.
    pub columns: Vec<String>,
}

#[derive(Debug)]
pub struct CompiledCell {
    pub column: String,
    pub ty: ColumnType,
    /// The new value, or why it is refused.
    pub value: Result<Value, CellError>,
    pub was: Value,
    pub was_seq: Option<i64>,
}
