//! Edits, batches and what became of them. The browser builds a [`Batch`], the engine answers a [`BatchOutcome`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use words::Message;

use crate::error::{on_wire, told};
use crate::{Code, Raw};

/// Whether a text may be an id that a client makes: 8 to 64 of `A-Z`, `a-z`, `0-9` and `-`.
#[must_use]
pub fn is_client_id(text: &str) -> bool {
    (8..=64).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// The most edits that one batch may hold. What is larger is a matter for a file.
pub const MOST_EDITS: usize = 50_000;
/// The most of them that the warehouse looks at one after the other: values that no two rows may have, rows that are edited
/// twice.
pub const MOST_EACH: usize = 5_000;

/// Edits that are applied together, exactly once: a replay of the same `batch_id` gets the first outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// Made by the client, 8 to 64 characters of `[A-Za-z0-9-]`; scoped to issuer, tenant and user.
    pub batch_id: String,
    pub workbook: String,
    pub edits: Vec<Edit>,
    #[serde(default)]
    pub mode: EditMode,
    #[serde(default)]
    pub origin: Origin,
    /// Why, in the person's words; goes to the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Id of the form that is sent: its conditions and defaults hold, and its lines get the key of the first row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EditMode {
    /// One refused cell refuses the batch.
    #[default]
    AllOrNothing,
    /// Each row stands for itself; the status is 200 and the outcomes speak.
    PerRow,
    /// The same, but nothing is written: the outcomes say what would become of each row.
    Trial,
}

impl EditMode {
    /// Whether a row may be refused without the others.
    #[must_use]
    pub fn is_per_row(self) -> bool {
        self != Self::AllOrNothing
    }
}

/// By which gesture an edit came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    #[default]
    Api,
    Grid,
    Paste,
    Fill,
    Form,
    Undo,
    Redo,
    /// An earlier value, put back from the history.
    Restore,
    /// A file.
    Import,
}

impl Origin {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Grid => "grid",
            Self::Paste => "paste",
            Self::Fill => "fill",
            Self::Form => "form",
            Self::Undo => "undo",
            Self::Redo => "redo",
            Self::Restore => "restore",
            Self::Import => "import",
        }
    }
}

/// One row's change in an input table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// Name of the input table.
    pub table: String,
    #[serde(default)]
    pub op: Operation,
    /// Key values in the order of the table's key. For an insert it is empty, or a name that the client calls the row by
    /// until the outcome tells its key; the engine does not look at it.
    #[serde(default)]
    pub key: Vec<Raw>,
    /// None for a delete.
    #[serde(default)]
    pub cells: Vec<CellEdit>,
    /// For a delete: the row's version as the person saw it, so that nobody's later edit goes with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

impl Edit {
    #[must_use]
    pub fn set(table: impl Into<String>, key: Vec<Raw>, cells: Vec<CellEdit>) -> Self {
        Self { table: table.into(), op: Operation::Set, key, cells, version: None }
    }

    /// A new row; `key` as in [`Edit::key`].
    #[must_use]
    pub fn insert(table: impl Into<String>, key: Vec<Raw>, cells: Vec<CellEdit>) -> Self {
        Self { table: table.into(), op: Operation::Insert, key, cells, version: None }
    }

    #[must_use]
    pub fn delete(table: impl Into<String>, key: Vec<Raw>, version: i64) -> Self {
        Self { table: table.into(), op: Operation::Delete, key, cells: Vec::new(), version: Some(version) }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Set cells of a row that exists.
    #[default]
    Set,
    /// Add a row to an empty input table.
    Insert,
    /// Take a row out of an empty input table.
    Delete,
}

impl Operation {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::Insert => "insert",
            Self::Delete => "delete",
        }
    }
}

/// One cell's new value, and what the person saw before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellEdit {
    pub column: String,
    pub value: Raw,
    /// The value the person saw; compared typed, null equals null.
    #[serde(default)]
    pub was: Raw,
    /// The cell's last log sequence as the caller knows it; with it an undo sees A-B-A.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was_seq: Option<i64>,
}

impl CellEdit {
    /// A value where there was none.
    #[must_use]
    pub fn new(column: impl Into<String>, value: Raw) -> Self {
        Self { column: column.into(), value, was: Raw::Null, was_seq: None }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchStatus {
    /// Every row is in the warehouse and in the log.
    Committed,
    /// Some rows are (per-row mode only).
    Partial,
    /// Nothing is.
    Refused,
    /// Nothing is, as nothing should be: it was a trial.
    Tried,
}

impl BatchStatus {
    /// Whether anything was written.
    #[must_use]
    pub fn is_written(self) -> bool {
        matches!(self, Self::Committed | Self::Partial)
    }
}

/// What became of a batch; rows are in the order of its edits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BatchOutcome {
    pub batch_id: String,
    pub status: BatchStatus,
    /// True if this batch had been applied before and this is its first outcome told again.
    #[serde(default)]
    pub replayed: bool,
    pub rows: Vec<RowOutcome>,
}

impl RowOutcome {
    /// The row as it stands in the warehouse, with what became of its cells.
    #[must_use]
    pub fn applied(edit: (String, Vec<Raw>), version: i64, cells: Vec<CellOutcome>) -> Self {
        let (table, key) = edit;
        Self { table, key, code: None, message: None, said: None, version, values: BTreeMap::new(), cells }
    }

    /// Says that the whole row was refused.
    pub fn refuse(&mut self, code: Code, message: &Message) {
        let (english, said) = on_wire(message);
        (self.code, self.message, self.said) = (Some(code), Some(english), said);
    }

    /// Why the whole row was refused, as it is to be said to a person.
    #[must_use]
    pub fn told(&self) -> Option<Message> {
        self.message.as_ref().map(|message| told(self.code, message, self.said.as_ref()))
    }

    /// What was good in a refused batch was not applied either, and says so.
    pub fn take_back(&mut self) {
        self.values.clear();
        for cell in self.cells.iter_mut().filter(|cell| cell.code.is_none()) {
            cell.refuse(Code::NotApplied, &Code::NotApplied.message());
            cell.seq = None;
        }
    }

    /// Whether the row, or a cell of it, was refused: then nothing of it was written.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.code.is_some() || self.cells.iter().any(|cell| cell.code.is_some())
    }
}

impl BatchOutcome {
    /// The tables that the batch has changed, each with the log sequence of its last edit.
    #[must_use]
    pub fn versions(&self) -> BTreeMap<&str, i64> {
        let mut versions = BTreeMap::new();
        for row in &self.rows {
            if let Some(seq) = row.cells.iter().filter_map(|cell| cell.seq).max() {
                let last = versions.entry(row.table.as_str()).or_insert(seq);
                *last = seq.max(*last);
            }
        }
        versions
    }

    /// The code that decides the batch's status: of all refusals the first of 401, 404, 403, 422, 409.
    #[must_use]
    pub fn worst(&self) -> Option<Code> {
        let rank = |code: &Code| match code.status() {
            401 => 0,
            404 => 1,
            403 => 2,
            422 if *code != Code::NotApplied => 3,
            409 => 4,
            _ => 5,
        };
        let cells = self.rows.iter().flat_map(|row| row.cells.iter().filter_map(|cell| cell.code));
        self.rows.iter().filter_map(|row| row.code).chain(cells).min_by_key(rank)
    }
}

/// One row after the batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RowOutcome {
    pub table: String,
    pub key: Vec<Raw>,
    /// Why the whole row was refused; `None` if it was applied or only cells were refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// In English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The same for whoever reads another language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<Message>,
    /// Of the input row, counted from 1; 0 if there is none.
    pub version: i64,
    /// What the warehouse holds now, visible columns only, computed ones included; of a deleted row what was typed into it.
    pub values: BTreeMap<String, Raw>,
    pub cells: Vec<CellOutcome>,
}

/// One edited cell after the batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CellOutcome {
    pub column: String,
    /// `None` means applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// In English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The same for whoever reads another language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<Message>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflict: Option<Conflict>,
    /// The log sequence of this edit, for undo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<i64>,
}

impl CellOutcome {
    /// The cell as it was applied.
    #[must_use]
    pub fn applied(column: impl Into<String>, seq: Option<i64>) -> Self {
        Self { column: column.into(), code: None, message: None, said: None, conflict: None, seq }
    }

    /// Says that it was refused.
    pub fn refuse(&mut self, code: Code, message: &Message) {
        let (english, said) = on_wire(message);
        (self.code, self.message, self.said) = (Some(code), Some(english), said);
    }

    /// Why it was refused, as it is to be said to a person.
    #[must_use]
    pub fn told(&self) -> Option<Message> {
        self.message.as_ref().map(|message| told(self.code, message, self.said.as_ref()))
    }
}

/// Who changed a cell in the meantime, when, and what is there now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conflict {
    /// Name of the person; `None` if the change was made outside Inlay.
    pub by: Option<String>,
    /// UTC, RFC 3339.
    pub at: Option<String>,
    pub now: Raw,
    pub seq: Option<i64>,
}
