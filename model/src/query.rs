//! What the browser asks of an element, and the answer. The browser names an element, never a table or SQL.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use words::Message;

use crate::error::told;
use crate::{ColumnType, Format, Inspection, Mark, PackedColumn, Raw};

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
    /// Of a chart with levels: the x of each one that was gone down from, the outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drill: Vec<Raw>,
    /// A mark of the element, whose rows are asked for as those of a table; where its author says `details`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under: Option<Mark>,
    #[serde(default)]
    pub sort: Vec<Sort>,
    /// Puts rows of a table that are alike next to each other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Grouping>,
    /// Where the window begins, of a table only: a place from an earlier answer to the same filters and sort. Empty for the
    /// first row. A window costs what lies between this place and its end, however far down it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<Raw>,
    /// Rows left out before the window, counted from `from`.
    #[serde(default)]
    pub offset: u64,
    /// At most 1,000 rows for tables, 10,000 where `columns` asks for no more than twelve of them, 10,000 marks for
    /// charts; 0 means the element's own default.
    #[serde(default)]
    pub limit: u64,
    /// Those columns of a table that are of interest; what addresses a row comes with them. Empty for all that are shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// Leaves out `total` and `totals`, which read every row that the filters leave.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub uncounted: bool,
    /// Whether the answer's rows come by columns, in `packed`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub packed: bool,
    /// Asks for [`QueryAnswer::places`], which reads every row too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub places: bool,
    /// Columns of a table to sum up over the window, which may be of any size then; the rows themselves are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub summarize: Vec<String>,
    /// An expression over the columns of an input table; what it comes to is the last column, `_computed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compute: Option<Compute>,
    /// Asks for the values of a column of a table instead of its rows, as far as the filters leave them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<ValuesOf>,
    /// A row of a table to look for; the rows themselves are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub find: Option<Find>,
}

/// Columns of a table up to which one answer may have many rows.
const FEW_COLUMNS: usize = 12;

impl QueryRequest {
    /// The most rows of a table that one answer has: 1,000, and 10,000 of a few columns.
    #[must_use]
    pub fn most_rows(&self) -> u64 {
        if (1..=FEW_COLUMNS).contains(&self.columns.len()) { 10_000 } else { 1_000 }
    }
}

/// Rows that are alike in some columns stand together, one group after the other.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grouping {
    /// One to [`MOST_LEVELS`] columns that are shown; rows are sorted by them first, in the direction that `sort` gives.
    pub columns: Vec<String>,
    /// The values, of the first of the columns or of more, of groups whose rows are left out. Counts of groups, totals and
    /// extents are of all rows all the same. At most [`MOST_GROUPS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closed: Vec<Vec<Raw>>,
}

impl Grouping {
    /// All groups open; `None` for no columns.
    #[must_use]
    pub fn by(columns: &[String]) -> Option<Self> {
        (!columns.is_empty()).then(|| Self { columns: columns.to_vec(), closed: Vec::new() })
    }
}

/// Rows that are alike, and what they come to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// Of the columns that rows are grouped by: of the first one for a group of the outermost level, and so on.
    pub values: Vec<Raw>,
    pub count: u64,
    /// In the order of [`QueryAnswer::totals`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub totals: Vec<Raw>,
}

/// Columns that rows are grouped by at once.
pub const MOST_LEVELS: usize = 3;
/// Groups of the innermost level.
pub const MOST_GROUPS: usize = 500;

/// What each row would hold in a column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compute {
    /// The input column, whose type and decimals the result takes.
    pub column: String,
    /// In the language of the workbook file, over the columns that the person may see; at most 1,000 characters.
    pub expression: String,
}

/// Which values of a column are asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValuesOf {
    pub column: String,
    /// Text that a text has in it; empty for all values.
    #[serde(default)]
    pub search: String,
}

/// A value, and how many rows have it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ValueCount {
    pub value: Raw,
    pub count: u64,
}

/// The most values that an answer tells.
pub const MOST_VALUES: usize = 200;

/// Looks for the next row that fits any of some filters, in the order of the table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Find {
    pub any: Vec<Filter>,
    /// The row to begin behind, counted from 0; the first row, or backwards the last, if there is none.
    #[serde(default)]
    pub after: Option<u64>,
    #[serde(default)]
    pub backwards: bool,
}

/// A column filter of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "file", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Filter {
    pub column: String,
    pub op: FilterOp,
    #[serde(default)]
    pub value: Raw,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "file", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FilterOp {
    /// Text contains, without regard to ASCII case.
    Contains,
    Equals,
    /// One of a list of values; null in it stands for blank.
    In,
    /// A span of days around today, by name; see [`Span`](crate::Span).
    Within,
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

/// Rows x columns of one window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct QueryAnswer {
    pub columns: Vec<AnswerColumn>,
    /// Row-major, in the order of `columns`; wire values.
    pub rows: Vec<Vec<Raw>>,
    /// The same by columns, in place of `rows` where that was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packed: Vec<PackedColumn>,
    /// One per row for input tables, empty otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub meta: Vec<RowMeta>,
    /// All rows that the filters leave and that are in no closed group; `None` if they were not counted.
    pub total: Option<u64>,
    /// Of charts and controls, whether there are more marks or values than were given.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
    /// Of a line of more marks than are given: how many there are. Those given have its ends, its peaks and its troughs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawn_from: Option<u64>,
    /// Of the window, from the place that was asked for.
    pub offset: u64,
    /// Aggregates over all rows that the filters leave, for tables that have some; not only over the window.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub totals: Vec<Total>,
    /// The groups of all levels, each followed by those within it; counted with `total`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// Of the columns that are drawn by how large their numbers are; over all rows that the filters leave.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extents: Vec<Extent>,
    /// Rows at even distances, the first one first, if that was asked for and there are enough rows to be worth it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub places: Option<Vec<Place>>,
    /// One for each column that was to be summed up, in that order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub summary: Vec<ColumnSummary>,
    /// The values that were asked for, in order, one more than [`MOST_VALUES`] if there are more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<ValueCount>,
    /// The row that was looked for, counted from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<u64>,
    /// How the answer came about, for whoever's ticket says `inspect`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inspection: Option<Inspection>,
}

/// Between what the numbers of a column are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Extent {
    pub column: String,
    pub min: Raw,
    pub max: Raw,
}

/// What the cells of one column come to; sum, least and most of numbers only.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ColumnSummary {
    pub column: String,
    /// Cells that are not blank.
    pub count: u64,
    pub sum: Raw,
    pub min: Raw,
    pub max: Raw,
}

/// A row of a long table from which others can be asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// How many rows are before it.
    pub row: u64,
    /// What [`QueryRequest::from`] takes: the values that rows are sorted by, those of the key last.
    pub from: Vec<Raw>,
}

/// Asks what may be chosen in a column that looks its values up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookupRequest {
    pub workbook: String,
    /// Name of the input table.
    pub table: String,
    pub column: String,
    /// Text that the value or its label contains; empty for all.
    #[serde(default)]
    pub search: String,
}

/// What may be chosen, in order; at most [`MOST_LISTED`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LookupAnswer {
    pub options: Vec<LookupOption>,
    /// There are more: a longer search text leaves fewer.
    pub more: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LookupOption {
    pub value: Raw,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Raw>,
}

/// Asks what a form shows of the row that a value is looked up in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactsRequest {
    pub workbook: String,
    pub form: String,
    /// Name of the input table: the form's own or that of its lines.
    pub table: String,
    pub column: String,
    pub value: Raw,
}

/// The values of the field's facts, in their order; none where the person may see no such row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FactsAnswer {
    pub facts: Option<Vec<Raw>>,
}

/// The most that a [`LookupAnswer`] has.
pub const MOST_LISTED: usize = 50;

/// Asks for all that an element shows as a file; on the wire a [`QueryRequest`] with `file` in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Raw", into = "Raw")]
pub struct ExportRequest {
    pub query: QueryRequest,
    pub file: ExportFile,
}

impl TryFrom<Raw> for ExportRequest {
    type Error = serde_json::Error;

    fn try_from(mut raw: Raw) -> Result<Self, Self::Error> {
        let file = raw.as_object_mut().and_then(|fields| fields.remove("file"));
        let file = file.map_or_else(|| Ok(ExportFile::default()), serde_json::from_value)?;
        Ok(Self { query: serde_json::from_value(raw)?, file })
    }
}

impl From<ExportRequest> for Raw {
    fn from(request: ExportRequest) -> Self {
        let mut raw = serde_json::to_value(request.query).unwrap_or_default();
        raw["file"] = serde_json::to_value(request.file).unwrap_or_default();
        raw
    }
}

/// What file all rows of an element are to come as.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExportFile {
    pub format: ExportFormat,
    /// Lines that a workbook says on a sheet of their own: what it is of, which filters hold. At most 50, of 500 characters.
    pub notes: Vec<String>,
    /// What a workbook of a pivot calls its totals; at most 500 characters.
    pub total: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    #[default]
    Csv,
    Xlsx,
}

/// All rows of one element as a file for spreadsheets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExportAnswer {
    /// Such as `forecast.csv`.
    pub file_name: String,
    /// Comma-separated (RFC 4180), a header of labels first; values in their wire form, so that none is rounded.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub csv: String,
    /// A workbook of Office Open XML, in Base64. Numbers of more digits than a spreadsheet keeps are texts in it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub xlsx: String,
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
    /// The same for whoever reads another language.
    #[serde(rename = "rs", default, skip_serializing_if = "Option::is_none")]
    pub said: Option<Message>,
    /// Threads about the row that are open.
    #[serde(rename = "c", default, skip_serializing_if = "is_zero")]
    pub threads: u64,
}

impl RowMeta {
    /// Why nobody can type into the row, as it is to be said to a person.
    #[must_use]
    pub fn told(&self) -> Option<Message> {
        self.read_only.as_ref().map(|message| told(None, message, self.said.as_ref()))
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_file_is_asked_for_like_rows_with_what_file_it_is_to_be() {
        let read = |raw: Raw| serde_json::from_value::<ExportRequest>(raw);
        let plain = read(json!({ "workbook": "w", "element": "e" })).unwrap();
        assert_eq!((plain.query.element.as_str(), plain.file.format), ("e", ExportFormat::Csv));
        let book = json!({ "workbook": "w", "element": "e", "file": { "format": "xlsx", "notes": ["n"] } });
        let book = read(book).unwrap();
        assert_eq!((book.file.format, book.file.notes.len()), (ExportFormat::Xlsx, 1));
        assert_eq!(read(serde_json::to_value(book.clone()).unwrap()).unwrap(), book);
        for bad in [
            json!({ "workbook": "w", "element": "e", "files": {} }),
            json!({ "workbook": "w", "element": "e", "file": { "format": "ods" } }),
            json!([]),
        ] {
            assert!(read(bad.clone()).is_err(), "{bad}");
        }
    }
}
