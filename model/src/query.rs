//! What the browser asks of an element, and the answer. The browser names an element, never a table or SQL.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{ColumnType, Format, Raw};

/// Asks for an element's rows under the caller's own policy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueryRequest {
    pub workbook: String,
    pub element: String,
    /// Chosen values of the controls that target the element, by control id; an empty list does not filter.
    #[serde(default)]
    pub controls: BTreeMap<String, Vec<Raw>>,
    #[serde(default)]
    pub filters: Vec<Filter>,
    #[serde(default)]
    pub sort: Vec<Sort>,
    #[serde(default)]
    pub offset: u64,
    /// At most 1,000 rows for tables, 10,000 marks for charts; 0 means the element's own default.
    #[serde(default)]
    pub limit: u64,
}

/// A column filter of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    pub column: String,
    pub op: FilterOp,
    #[serde(default)]
    pub value: Raw,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilterOp {
    /// Text contains, without regard to ASCII case.
    Contains,
    Equals,
    AtLeast,
    AtMost,
    Blank,
    NotBlank,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sort {
    pub column: String,
    #[serde(default)]
    pub descending: bool,
}

/// Rows x columns of one window; `total` counts all rows that the filters leave.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct QueryAnswer {
    pub columns: Vec<AnswerColumn>,
    /// Row-major, in the order of `columns`; wire values.
    pub rows: Vec<Vec<Raw>>,
    /// One per row for input tables, empty otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub meta: Vec<RowMeta>,
    pub total: u64,
    pub offset: u64,
    /// Aggregates over all rows that the filters leave, for tables that have some; not only over the window.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub totals: Vec<Total>,
}

/// All rows of one element as a file for spreadsheets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExportAnswer {
    /// Such as `forecast.csv`.
    pub file_name: String,
    /// Comma-separated (RFC 4180), a header of labels first; values in their wire form, so that none is rounded.
    pub csv: String,
    pub rows: u64,
}

/// An aggregate that stands under a column of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Total {
    /// Name of the column that it aggregates.
    pub column: String,
    /// What it is, such as `Sum`.
    pub label: String,
    #[serde(flatten)]
    pub ty: ColumnType,
    pub format: Option<Format>,
    pub value: Raw,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnswerColumn {
    pub name: String,
    pub label: String,
    #[serde(flatten)]
    pub ty: ColumnType,
    pub format: Option<Format>,
}

/// What a row of an input table carries beside its cells.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RowMeta {
    /// 0 if nobody has typed into the row yet.
    #[serde(rename = "v")]
    pub version: i64,
    /// Why nobody can type into this row.
    #[serde(rename = "ro", default, skip_serializing_if = "Option::is_none")]
    pub read_only: Option<String>,
}
