//! The workbook file, as its author writes it. Each type here is also a JSON Schema, so that editors complete the file.
//!
//! Native only: the browser never sees a policy or a line of SQL; it gets [`crate::WorkbookView`].

mod controls;
mod elements;

use indexmap::IndexMap;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{ColumnType, Constraints, FileType, Format, Pattern};

pub use controls::*;
pub use elements::*;

/// One workbook: sources, input tables and pages of elements.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Workbook {
    /// Stable id: lower-case letters, digits and single underscores.
    pub workbook: String,
    pub title: String,
    /// A connection named in `inlay.toml`.
    #[serde(default = "default_connection")]
    pub connection: String,
    /// ISO 4217 code for the `currency` formats.
    #[serde(default = "default_currency")]
    pub currency: String,
    /// IANA name of the time zone by whose clocks points in time are shown and typed, such as `Europe/Berlin`; UTC if absent.
    pub time_zone: Option<String>,
    /// The month that a fiscal year begins with, 1 to 12; January if absent.
    pub fiscal_year_starts: Option<u32>,
    #[serde(default)]
    pub sources: IndexMap<String, Source>,
    #[serde(default)]
    pub input_tables: IndexMap<String, InputTable>,
    pub pages: Vec<Page>,
}

fn default_connection() -> String {
    "warehouse".into()
}

fn default_currency() -> String {
    "USD".into()
}

/// Rows to read: a table of the warehouse or a SELECT, with its key, row policy and measures.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// A table or view of the warehouse. Give this or `sql`.
    pub table: Option<String>,
    /// A SELECT in the warehouse's own dialect; it is trusted. Give this or `table`.
    pub sql: Option<String>,
    /// Columns that identify a row; needed for input tables.
    #[serde(default)]
    pub key: Vec<String>,
    pub rows: Option<RowPolicy>,
    /// Types, labels and formats; a column that is not listed takes its type from the warehouse.
    #[serde(default)]
    pub columns: IndexMap<String, SourceColumn>,
    /// Other sources that a row points at: each by the name that its columns are called under, such as `customer.segment`.
    #[serde(default)]
    pub joins: IndexMap<String, Join>,
    /// Named aggregates, for KPIs and charts.
    #[serde(default)]
    pub measures: IndexMap<String, Measure>,
    /// Seconds after which whoever looks asks again, for a source that others change and nothing tells of.
    pub refresh_s: Option<u32>,
}

/// A source of which a row finds one row at most, as far as the person may read that.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Join {
    pub source: String,
    /// Columns of this source, each with the column of the other that it is equal to; the other's whole `key` is among them.
    pub on: IndexMap<String, String>,
}

/// Which rows a person may read and write; deny by default.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RowPolicy {
    /// An expression over the row and `@user.*`; only TRUE admits a row.
    pub read: Option<String>,
    pub write: Option<String>,
    /// For an empty table: which of the rows that one may write may be deleted; without it, those that one added oneself.
    pub delete: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceColumn {
    #[serde(rename = "type")]
    pub ty: Option<TypeName>,
    /// Digits after the point, for `decimal`.
    pub scale: Option<u32>,
    /// For `choice`.
    pub options: Option<Vec<String>>,
    pub label: Option<String>,
    pub format: Option<Format>,
    /// The column does not exist for a person for whom this expression over `@user.*` is not TRUE.
    pub hide_unless: Option<String>,
}

/// A named aggregate: an expression, or an expression with label and format.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Measure {
    Expression(String),
    Described(DescribedMeasure),
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DescribedMeasure {
    pub value: String,
    /// A condition over the row: only rows for which it is TRUE are counted. For measures, not for computed columns.
    pub filter: Option<String>,
    pub label: Option<String>,
    pub format: Option<Format>,
}

impl Measure {
    #[must_use]
    pub fn expression(&self) -> &str {
        match self {
            Self::Expression(text) => text,
            Self::Described(described) => &described.value,
        }
    }

    #[must_use]
    pub fn filter(&self) -> Option<&str> {
        if let Self::Described(described) = self { described.filter.as_deref() } else { None }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TypeName {
    Text,
    Integer,
    Decimal,
    Float,
    Boolean,
    Date,
    Timestamp,
    Choice,
    Choices,
    /// A file that is attached; only forms take any.
    File,
}

/// Where people type. Exactly one of `linked_to`, `direct_to` or neither (an empty table).
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InputTable {
    /// Its rows, key and policy come from this source; what is typed goes to a table of its own.
    pub linked_to: Option<String>,
    /// Edits this source's own rows; needs `direct: true`.
    pub direct_to: Option<String>,
    /// Says that the source's own rows may be changed.
    #[serde(default)]
    pub direct: bool,
    /// For an empty table: who may read and add rows; reading is denied by default.
    pub rows: Option<RowPolicy>,
    /// Its rows are written by forms alone.
    #[serde(default)]
    pub forms_only: bool,
    /// For an empty table: a CSV file beside the workbook whose rows every tenant begins with. Its first line names columns.
    pub first_rows: Option<String>,
    pub columns: IndexMap<String, InputColumn>,
    /// Expressions over the source's and the input columns, evaluated by the warehouse.
    #[serde(default)]
    pub computed: IndexMap<String, Computed>,
    #[serde(default)]
    pub rules: Vec<Rule>,
    #[serde(default)]
    pub measures: IndexMap<String, Measure>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InputColumn {
    #[serde(rename = "type")]
    pub ty: TypeName,
    pub scale: Option<u32>,
    pub options: Option<Vec<String>>,
    pub label: Option<String>,
    pub format: Option<Format>,
    pub help: Option<String>,
    #[serde(default)]
    pub required: bool,
    #[schemars(with = "Option<f64>")]
    pub min: Option<Decimal>,
    #[schemars(with = "Option<f64>")]
    pub max: Option<Decimal>,
    /// In characters.
    pub min_length: Option<u32>,
    /// In characters.
    pub max_length: Option<u32>,
    /// A regular expression that the whole text fits, and what to say if it does not.
    pub pattern: Option<PatternText>,
    /// Whether no two rows may have the same value.
    #[serde(default)]
    pub unique: bool,
    /// Its values come from a column of a source, as far as the person may read it.
    pub lookup: Option<Lookup>,
    /// Of a file: the types that it may have; PDF and pictures if absent.
    pub accept: Option<Vec<FileType>>,
    /// Of a file: megabytes that it has at most, up to 100; 10 if absent.
    pub max_mb: Option<u32>,
    /// What an untouched cell holds, as a value of the column's type.
    pub default: Option<serde_json::Value>,
    /// Who may type here: an expression over `@user.*`; without it, everybody who may write the row.
    pub edit: Option<String>,
    /// What the column was called before, so that what was typed stays with it.
    pub was: Option<String>,
}

impl InputColumn {
    #[must_use]
    pub fn constraints(&self) -> Constraints {
        let pattern = self.pattern.as_ref().map(|pattern| match pattern.clone() {
            PatternText::Expression(expression) => Pattern { expression, message: None },
            PatternText::Described { expression, message } => Pattern { expression, message: Some(message) },
        });
        let (min_length, max_length) = (self.min_length, self.max_length);
        Constraints {
            required: self.required,
            min: self.min,
            max: self.max,
            min_length,
            max_length,
            pattern,
            unique: self.unique,
        }
    }
}

/// A regular expression, or one with a message.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum PatternText {
    Expression(String),
    Described { expression: String, message: String },
}

/// Where the values of a column come from.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lookup {
    /// A source, whose row policy decides who may choose what.
    pub source: String,
    /// Its column whose values are stored.
    pub value: String,
    /// Its column that is shown beside the value, and searched too.
    pub label: Option<String>,
}

/// A computed column: an expression, or an expression with label and format.
pub type Computed = Measure;

/// A check that the warehouse evaluates on the new row; it fails only on FALSE.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub check: String,
    pub message: String,
}

/// Puts a type together from its name and parameters.
///
/// # Errors
/// What is missing or too much, in words.
pub fn column_type(ty: TypeName, scale: Option<u32>, options: Option<&[String]>) -> Result<ColumnType, String> {
    if scale.is_some() && ty != TypeName::Decimal {
        return Err("`scale` goes with type `decimal` only".into());
    }
    if options.is_some() && !matches!(ty, TypeName::Choice | TypeName::Choices) {
        return Err("`options` go with the types `choice` and `choices` only".into());
    }
    Ok(match ty {
        TypeName::Text => ColumnType::Text,
        TypeName::Integer => ColumnType::Integer,
        TypeName::Float => ColumnType::Float,
        TypeName::Boolean => ColumnType::Boolean,
        TypeName::Date => ColumnType::Date,
        TypeName::Timestamp => ColumnType::Timestamp,
        TypeName::Decimal => match scale {
            Some(scale @ 0..=18) => ColumnType::Decimal { scale },
            Some(_) => return Err("`scale` is 0 to 18".into()),
            None => return Err("type `decimal` needs a `scale`".into()),
        },
        TypeName::Choice => match options {
            Some(options) if !options.is_empty() => ColumnType::Choice { options: options.to_vec() },
            _ => return Err("type `choice` needs `options`".into()),
        },
        TypeName::File => return Err("only a column of an input table takes files".into()),
        TypeName::Choices => match options {
            Some(options) if options.iter().any(|option| option.contains(';')) => {
                return Err("no option may have a `;` in it".into());
            }
            Some(options) if !options.is_empty() => ColumnType::Choices { options: options.to_vec() },
            _ => return Err("type `choices` needs `options`".into()),
        },
    })
}

/// The JSON Schema of a workbook file.
#[must_use]
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Workbook).to_value()
}
