//! What a column is: its type, how it is shown, what may be typed into it.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The type of a column, the same in the browser, the server and the warehouse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ColumnType {
    Text,
    Integer,
    /// An exact number with `scale` digits after the point; its minor units fit 64 bits.
    Decimal {
        scale: u32,
    },
    Float,
    Boolean,
    Date,
    /// UTC, microseconds.
    Timestamp,
    /// One of the listed texts.
    Choice {
        options: Vec<String>,
    },
    /// Some of the listed texts: a JSON array of them in the order of the list, as text.
    Choices {
        options: Vec<String>,
    },
}

impl ColumnType {
    /// What a value of this type is called where an author's mistake is told.
    #[must_use]
    pub fn noun(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "a whole number",
            Self::Decimal { .. } | Self::Float => "a number",
            Self::Boolean => "yes or no",
            Self::Date => "a date",
            Self::Timestamp => "a point in time",
            Self::Choice { .. } => "one of the options",
            Self::Choices { .. } => "some of the options",
        }
    }

    /// The noun in everybody's language.
    #[must_use]
    pub fn said(&self) -> words::Message {
        words::type_name(self.kind())
    }

    /// The same for the message catalogue, which chooses the noun by it.
    #[must_use]
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Decimal { .. } | Self::Float => "number",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Timestamp => "timestamp",
            Self::Choice { .. } => "choice",
            Self::Choices { .. } => "choices",
        }
    }

    #[must_use]
    pub fn is_text(&self) -> bool {
        matches!(self, Self::Text | Self::Choice { .. } | Self::Choices { .. })
    }

    #[must_use]
    pub fn is_numeric(&self) -> bool {
        matches!(self, Self::Integer | Self::Decimal { .. } | Self::Float)
    }

    /// What may be stored in such a column: an option that is no longer one is a text all the same.
    #[must_use]
    pub fn as_stored(&self) -> Self {
        match self {
            Self::Choice { .. } | Self::Choices { .. } => Self::Text,
            ty => ty.clone(),
        }
    }

    /// One type of each kind, for property tests.
    #[must_use]
    pub fn examples(scale: u32) -> Vec<Self> {
        let options = vec!["draft".to_owned(), "submitted".to_owned()];
        let exact = Self::Decimal { scale };
        let (choice, choices) = (Self::Choice { options: options.clone() }, Self::Choices { options });
        vec![Self::Text, Self::Integer, exact, Self::Float, Self::Boolean, Self::Date, Self::Timestamp, choice, choices]
    }
}

/// How a number or date is shown. The value itself never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "file", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Grouped digits with the type's own number of decimals.
    Number,
    /// Grouped digits without decimals.
    Integer,
    /// The workbook's currency, two decimals.
    Currency,
    /// The workbook's currency without decimals, for headlines.
    CurrencyRounded,
    /// 0.25 is shown as 25 %.
    Percent,
    /// A date as month and year.
    Month,
    /// A date as quarter and year: `Q3 2017`.
    Quarter,
    /// A date as its year.
    Year,
}

/// Where a column of an input table comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnRole {
    Key,
    Source,
    Input,
    Computed,
}

/// What the author allows in an input column, beside its type.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Constraints {
    pub required: bool,
    pub min: Option<Decimal>,
    pub max: Option<Decimal>,
    /// In characters.
    pub min_length: Option<u32>,
    /// In characters.
    pub max_length: Option<u32>,
    pub pattern: Option<Pattern>,
    /// No two rows of a tenant have the same value; blanks aside.
    pub unique: bool,
}

/// The form that a text has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern {
    /// A regular expression for the whole text, in the syntax of the `regex-lite` crate: no look-around, ASCII classes.
    pub expression: String,
    /// What it is, in the author's words: "Three letters and a number".
    pub message: Option<String>,
}

/// A column as one person may see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnView {
    pub name: String,
    pub label: String,
    #[serde(flatten)]
    pub ty: ColumnType,
    pub role: ColumnRole,
    pub format: Option<Format>,
    /// Whether this person may type into it (a row may still be read-only).
    pub editable: bool,
    #[serde(default)]
    pub constraints: Constraints,
    pub help: Option<String>,
    /// Whether its values are looked up on the server, by `lookup`.
    #[serde(default)]
    pub lookup: bool,
}
