//! The way of an edit: authorize and validate here, as pure functions; compare, upsert, check and log in the warehouse.
//!
//! `compile` turns a batch into typed values; three ways lead on. `statements` gives the SQL of one edit after the other,
//! which can tell everything; `bulk` that of many edits of one shape, a few statements each; `together` all of a batch as
//! one statement, which writes if nothing is wrong. `load` is for what comes in chunks.

mod bulk;
mod compile;
mod form;
mod load;
mod statements;
mod through;
mod together;

use std::sync::Arc;

use model::{CellError, Code, ColumnType, EditMode, FileRef, Operation, Origin, Principal, Raw, Value};
use words::Message;

use crate::catalog::{Input, Workbook};
use crate::expr::Expr;
use crate::sql::{Dialect, Sql};

pub use bulk::{Entry, Part, Shape};
pub use compile::{BatchContext, compile, row_key, typed_key};
pub use form::{Stored, StoredLine};
pub use load::{Chunk, Finds, GivenUp, Line, Load, MOST_TOLD, Refused, Tally, hash_of};
pub use statements::Statements;
pub(crate) use statements::log_text;
pub use through::{Answer, Call, Endpoints, FieldRefusal, Refusal};
pub use together::Together;

/// A batch that is authorized and typed; what is left needs the warehouse.
#[derive(Debug)]
pub struct CompiledBatch {
    pub stamp: Stamp,
    /// For engines that have policies of their own.
    pub principal: Principal,
    pub mode: EditMode,
    pub edits: Vec<CompiledEdit>,
    /// The number that its first edit has in the log.
    pub first: u64,
    /// What a form's target is told of it.
    pub call: Option<Call>,
    /// The definition that it was compiled under.
    workbook: Arc<Workbook>,
    dialect: Dialect,
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

impl Stamp {
    /// The columns that all of a batch's rows of the log have alike.
    #[must_use]
    pub fn columns(&self) -> [(&'static str, Value); 11] {
        let text = |text: &str| Value::Text(text.to_owned());
        [
            ("batch_id", text(&self.batch_id)),
            ("at", self.at.clone()),
            ("issuer", text(&self.issuer)),
            ("tenant", text(&self.tenant)),
            ("user", text(&self.user)),
            ("user_name", text(&self.user_name)),
            ("workbook", text(&self.workbook)),
            ("origin", text(self.origin.as_str())),
            ("reason", self.reason.as_deref().map_or(Value::Null, text)),
            ("request_id", text(&self.request_id)),
            ("definition_revision", text(&self.definition_revision)),
        ]
    }

    /// Asks for what is known of the batch, if it was applied before: its hash and its outcome.
    #[must_use]
    pub fn known(&self, dialect: Dialect) -> Sql {
        let text = |text: &str| Value::Text(text.to_owned());
        let mut sql = dialect.on_own("select content_hash, outcome from ", "batch", " where scope = ");
        sql.bind(text(&self.scope)).push(" and batch_id = ").bind(text(&self.batch_id));
        sql
    }

    /// The row by which a batch is known again; an empty `outcome` says that all of it was applied and the log has the rest.
    #[must_use]
    pub fn remembered(&self, outcome: &str) -> [(&'static str, Value); 5] {
        let text = |text: &str| Value::Text(text.to_owned());
        [
            ("scope", text(&self.scope)),
            ("batch_id", text(&self.batch_id)),
            ("content_hash", text(&self.content_hash)),
            ("at", self.at.clone()),
            ("outcome", text(outcome)),
        ]
    }
}

/// One row's change.
#[derive(Debug)]
pub struct CompiledEdit {
    pub table: String,
    pub op: Operation,
    pub key: Vec<Raw>,
    /// The key as JSON text, as the log has it.
    pub row_key: String,
    /// The key's values, in key order.
    pub(crate) anchor: Vec<Value>,
    /// Of a delete every input column, which becomes null.
    pub cells: Vec<CompiledCell>,
    /// Of a delete the row's version as the person saw it.
    pub version: Option<i64>,
    /// What a form asks of the row as it is, beside its policy.
    pub only: Option<Expr>,
    pub target: Arc<Target>,
}

/// What the edits of one kind on one table have in common.
#[derive(Debug)]
pub struct Target {
    /// Columns that are read back: those that the person may see, none after an insert or a delete.
    pub columns: Vec<(String, ColumnType)>,
    pub rules: Vec<CompiledRule>,
    /// False for direct tables, which have no version of ours.
    pub versioned: bool,
}

/// A condition of the table; it is a column of [`Statements::after`].
#[derive(Debug)]
pub struct CompiledRule {
    pub code: Code,
    pub message: Message,
    /// Columns that it reads: where its message is shown.
    pub columns: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct CompiledCell {
    pub column: String,
    pub ty: ColumnType,
    /// The new value, or why it is refused.
    pub value: Result<Value, CellError>,
    pub was: Value,
    pub was_seq: Option<i64>,
    /// Whether no other row may have this value.
    pub unique: bool,
}

impl CompiledBatch {
    /// The files that it puts into rows: ids, and the rows' keys as the log has them.
    #[must_use]
    pub fn files(&self) -> Vec<(String, String)> {
        let of = |edit: &CompiledEdit| {
            let input = self.workbook.input(&edit.table).filter(|input| input.takes_files());
            let takes = |name: &str| input.and_then(|input| input.column(name)).is_some_and(|column| column.file.is_some());
            let filed = edit.cells.iter().filter(|cell| takes(&cell.column));
            let id = |cell: &CompiledCell| Some(FileRef::of(&cell.value.as_ref().ok()?.to_wire())?.id);
            filed.filter_map(id).map(|id| (id, edit.row_key.clone())).collect::<Vec<_>>()
        };
        self.edits.iter().flat_map(of).collect()
    }
}

impl CompiledEdit {
    fn columns(&self) -> impl Iterator<Item = &str> {
        self.cells.iter().map(|cell| cell.column.as_str())
    }

    /// Whether it is of the same table, kind and columns.
    fn is_like(&self, other: &Self) -> bool {
        self.table == other.table && self.op == other.op && self.columns().eq(other.columns())
    }
}

impl CompiledCell {
    /// The column that its old value is read from; none of one that was refused before it was typed.
    fn stored<'a>(&self, input: &'a Input) -> Option<&'a str> {
        let known = input.column(&self.column).filter(|known| known.column.ty == self.ty);
        known.map(|known| known.column.name.as_str())
    }
}
