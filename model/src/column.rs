//! What a column is: its type, how it is shown, what may be typed into it.

use rust_decimal::Decimal;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::FileRules;

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
    pub fn kind(&self) -> &'static str {
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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
    /// Three digits or so, and how many thousands: `1.2M`.
    Compact,
    /// The same in the workbook's currency.
    CurrencyCompact,
    /// 0.25 is shown as 25 %.
    Percent,
    /// A date as month and year.
    Month,
    /// A date as quarter and year: `Q3 2017`.
    Quarter,
    /// A date as its year.
    Year,
    /// As its author describes it.
    #[serde(untagged)]
    Custom(NumberFormat),
}

impl Format {
    const NAMED: [(&str, Self); 10] = [
        ("number", Self::Number),
        ("integer", Self::Integer),
        ("currency", Self::Currency),
        ("currency_rounded", Self::CurrencyRounded),
        ("compact", Self::Compact),
        ("currency_compact", Self::CurrencyCompact),
        ("percent", Self::Percent),
        ("month", Self::Month),
        ("quarter", Self::Quarter),
        ("year", Self::Year),
    ];
    const NAMES: &[&str] = &{
        let mut names = [""; Self::NAMED.len()];
        let mut i = 0;
        while i < names.len() {
            names[i] = Self::NAMED[i].0;
            i += 1;
        }
        names
    };
}

/// By hand, since a derived one for names and descriptions alike would not say which name was wrong.
impl<'de> Deserialize<'de> for Format {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameOrDescription;

        impl<'de> Visitor<'de> for NameOrDescription {
            type Value = Format;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("the name of a format, or `decimals`, `prefix` and `suffix`")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Format, E> {
                let known = Format::NAMED.iter().find(|(known, _)| *known == name);
                known.map(|(_, format)| *format).ok_or_else(|| E::unknown_variant(name, Format::NAMES))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Format, A::Error> {
                NumberFormat::deserialize(MapAccessDeserializer::new(map)).map(Format::Custom)
            }
        }

        deserializer.deserialize_any(NameOrDescription)
    }
}

/// Digits with something before or behind them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "file", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct NumberFormat {
    /// 0 to 9; the type's own number of decimals if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u8>,
    #[serde(skip_serializing_if = "Affix::is_empty")]
    #[cfg_attr(feature = "file", schemars(with = "String"))]
    pub prefix: Affix,
    #[serde(skip_serializing_if = "Affix::is_empty")]
    #[cfg_attr(feature = "file", schemars(with = "String"))]
    pub suffix: Affix,
}

/// A few characters before or behind a number, such as ` kg`; small enough to be copied with its format.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Affix {
    bytes: [u8; Self::MOST],
    length: u8,
}

impl Affix {
    /// In bytes of UTF-8.
    pub const MOST: usize = 15;

    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}

impl std::fmt::Debug for Affix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

impl TryFrom<String> for Affix {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut bytes = [0; Self::MOST];
        let of = bytes.get_mut(..text.len()).ok_or_else(|| format!("`{text}` has more than {} bytes", Self::MOST))?;
        of.copy_from_slice(text.as_bytes());
        Ok(Self { bytes, length: text.len() as u8 })
    }
}

impl From<Affix> for String {
    fn from(affix: Affix) -> Self {
        affix.as_str().to_owned()
    }
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
    /// What files it takes, if it takes any: its values are [`crate::FileRef`]s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<FileRules>,
}
