//! What happened to a row, as the edit log tells it to somebody who may see the row.

use serde::{Deserialize, Serialize};

use crate::Raw;

/// Asks for the edits of one row of an input table, newest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryRequest {
    pub workbook: String,
    /// Name of the input table.
    pub table: String,
    /// Key values in the order of the table's key.
    pub key: Vec<Raw>,
    /// Only this column; all that the person may see if absent.
    #[serde(default)]
    pub column: Option<String>,
    /// Only edits with a smaller sequence: the last one's of an earlier answer.
    #[serde(default)]
    pub before: Option<i64>,
    /// At most 500; 0 means 100.
    #[serde(default)]
    pub limit: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryAnswer {
    pub entries: Vec<HistoryEntry>,
    /// Whether there are older ones.
    pub more: bool,
}

/// One cell's edit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryEntry {
    pub seq: i64,
    /// UTC, RFC 3339.
    pub at: Raw,
    pub user: String,
    /// Name of the person.
    pub by: String,
    pub column: String,
    pub operation: String,
    pub old: Raw,
    pub new: Raw,
    /// Of the row, after the edit.
    pub version: i64,
    pub origin: String,
    pub reason: Option<String>,
    pub batch_id: String,
}
