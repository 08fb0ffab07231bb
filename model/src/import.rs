//! Files that are read into input tables: how they are read, where their columns go, and what became of their lines.

use serde::{Deserialize, Serialize};
use words::Message;

use crate::error::{on_wire, told};
use crate::{ApiError, Code, ColumnType};

/// Bytes of a part of a file that is sent.
pub const PART_BYTES: usize = 4 << 20;

/// What a person's file is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SheetKind {
    /// Texts with a delimiter between them.
    #[default]
    Csv,
    /// A workbook of Excel's.
    Xlsx,
}

/// How a file is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportFormat {
    pub kind: SheetKind,
    /// A label of the Encoding Standard, such as `utf-8` or `windows-1252`; for CSV.
    #[serde(default)]
    pub encoding: String,
    /// For CSV.
    #[serde(default)]
    pub delimiter: Option<char>,
    /// Whether the first line has the columns' names.
    #[serde(default)]
    pub header: bool,
    /// BCP 47: how numbers and dates are written.
    pub locale: String,
    /// For XLSX.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
}

/// Encodings to choose from, the usual ones first.
pub const ENCODINGS: [&str; 10] = [
    "utf-8",
    "windows-1252",
    "utf-16le",
    "utf-16be",
    "iso-8859-2",
    "iso-8859-15",
    "windows-1250",
    "windows-1251",
    "shift_jis",
    "gb18030",
];
/// Delimiters to choose from.
pub const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];
/// Ways to write numbers and dates to choose from, each different from the others.
pub const LOCALES: [&str; 7] = ["en-US", "en-GB", "de-DE", "fr-FR", "es-ES", "pl-PL", "sv-SE"];

/// Where a part of a file belongs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploadPart {
    pub workbook: String,
    /// Name of the input table.
    pub table: String,
    /// The file, by a name that the client made: 8 to 64 characters of `[A-Za-z0-9-]`.
    pub upload: String,
    /// Counted from 0, each but the last of [`PART_BYTES`].
    pub part: u32,
}

/// A file that somebody has sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploadPlace {
    pub workbook: String,
    pub table: String,
    pub upload: String,
}

/// Asks what is in a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookRequest {
    pub workbook: String,
    pub table: String,
    pub upload: String,
    /// The file's name.
    pub name: String,
    /// BCP 47, the person's own.
    pub locale: String,
    /// How it is to be read; found out if it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<ImportFormat>,
}

/// What is in a file, and where it could go.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LookAnswer {
    pub format: ImportFormat,
    /// Of a file that has several.
    pub sheets: Vec<String>,
    pub columns: Vec<FileColumn>,
    /// The table's columns that can be written to or that rows are found by, in its order.
    pub targets: Vec<ImportTarget>,
    pub mapping: Mapping,
    /// Whether the mapping is how the person did it last time.
    #[serde(default)]
    pub remembered: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileColumn {
    /// From the first line, else empty.
    pub name: String,
    /// The first values, as they are written there.
    pub samples: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportTarget {
    pub name: String,
    pub label: String,
    pub ty: ColumnType,
    pub required: bool,
    /// Whether it can be written; else rows are found by it only.
    pub writable: bool,
    /// Whether rows are always found by it.
    pub key: bool,
}

/// Where a file's columns go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The table's column for each of the file's, if it goes anywhere.
    pub columns: Vec<Option<String>>,
    /// Columns of the table that a line and a row of it have alike; where the table's own key is not among its columns, a
    /// person chooses, and without any each line is a new row.
    #[serde(default)]
    pub matched: Vec<String>,
}

/// Has a file loaded, or tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportRequest {
    pub workbook: String,
    pub table: String,
    /// As that of a batch of edits: a replay gets the first outcome.
    pub batch_id: String,
    pub upload: String,
    pub format: ImportFormat,
    pub mapping: Mapping,
    /// What the columns are called in the file, so that they go there again; empty if they have no names.
    #[serde(default)]
    pub names: Vec<String>,
    /// BCP 47: the language that refused lines are told in.
    pub language: String,
    /// Whether nothing is to be written.
    #[serde(default)]
    pub trial: bool,
    /// [`ImportOutcome::as_of`] of the trial that was looked at: cells that somebody has edited since are refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Has everything that a file has changed put back, as far as nobody has changed it since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UndoRequest {
    pub workbook: String,
    pub table: String,
    /// Of this request.
    pub batch_id: String,
    /// What is undone.
    pub undone: String,
}

/// What is told while a file is loaded, a line of JSON each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum ImportEvent {
    Progress {
        lines: u64,
        /// How far the file is read.
        bytes: u64,
        of: u64,
    },
    /// Refused lines as they are in the file, with their number and why, as CSV; the first has the names of the columns.
    Refused {
        csv: String,
    },
    Done {
        outcome: Box<ImportOutcome>,
    },
    Failed {
        error: Box<ApiError>,
    },
}

/// What became of a file's lines.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportOutcome {
    pub batch_id: String,
    /// True if it had been loaded before and this is its first outcome told again.
    #[serde(default)]
    pub replayed: bool,
    /// Whether nothing was written because nothing should be.
    #[serde(default)]
    pub trial: bool,
    pub inserted: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub refused: u64,
    /// Rows that an undo has taken out again.
    #[serde(default)]
    pub deleted: u64,
    /// Cells that have another value now.
    pub cells: u64,
    /// Why lines were refused, the most frequent first; at most [`MOST_REASONS`].
    pub reasons: Vec<ImportReason>,
    /// The first lines that were refused.
    pub refusals: Vec<RefusedLine>,
    /// The first lines that change something.
    pub changes: Vec<ChangedLine>,
    /// The last sequence of the log before it, and after it.
    #[serde(default)]
    pub from: i64,
    pub as_of: i64,
}

impl ImportOutcome {
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.inserted + self.updated + self.unchanged + self.refused + self.deleted
    }

    /// Whether it changes anything.
    #[must_use]
    pub fn changes_anything(&self) -> bool {
        self.inserted + self.updated + self.deleted > 0
    }
}

/// The most reasons, and examples of each kind, that an outcome has.
pub const MOST_REASONS: usize = 30;
pub const MOST_EXAMPLES: usize = 50;

/// Why lines were refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportReason {
    #[serde(flatten)]
    pub why: RefusedCell,
    pub lines: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefusedLine {
    /// In the file, counted from 1.
    pub line: u64,
    pub why: Vec<RefusedCell>,
}

/// A cell of a line, or the whole of it, that was refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefusedCell {
    /// The table's; `None` for the whole line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// As it is written in the file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    pub code: Code,
    /// In English.
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<Message>,
}

impl RefusedCell {
    #[must_use]
    pub fn new(column: Option<&str>, text: &str, code: Code, message: &Message) -> Self {
        let (message, said) = on_wire(message);
        Self { column: column.map(str::to_owned), text: text.to_owned(), code, message, said }
    }

    /// Why, as it is to be said to a person.
    #[must_use]
    pub fn told(&self) -> Message {
        told(Some(self.code), &self.message, self.said.as_ref())
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangedLine {
    pub line: u64,
    /// False for a new row.
    pub updates: bool,
    pub cells: Vec<ChangedCell>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangedCell {
    pub column: String,
    pub was: crate::Raw,
    pub now: crate::Raw,
}
