//! Controls: each type with the keys that it takes.

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;

use super::TypeName;
use crate::Format;

/// What a person chooses for other elements to follow; told by its `type`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Control {
    List(ListControl),
    Checkbox(CheckboxControl),
    Range(RangeControl),
    Top(TopControl),
    Switch(SwitchControl),
    Parameter(ParameterControl),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ControlType {
    /// Values of a column, searched in a list.
    List,
    /// The same as buttons, all in sight.
    Segmented,
    /// Only rows that fit a condition, or that have a column of yes and no true.
    Checkbox,
    /// Numbers of a column from one to another.
    NumberRange,
    /// Days from one to another, or a span around today.
    DateRange,
    /// A text that a column's has in it.
    Text,
    /// The largest marks of charts.
    Top,
    /// The period that dates are cut to: `date_trunc(@grain, order_date)`.
    Grain,
    /// The measure that is shown: `measure: "@shown"`.
    Measure,
    /// A value to calculate with: `sum(sales) * (1 + @growth)`.
    Parameter,
}

impl Control {
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::List(x) => &x.control,
            Self::Checkbox(x) => &x.control,
            Self::Range(x) => &x.control,
            Self::Top(x) => &x.control,
            Self::Switch(x) => &x.control,
            Self::Parameter(x) => &x.control,
        }
    }

    #[must_use]
    pub fn title(&self) -> Option<&String> {
        match self {
            Self::List(x) => x.title.as_ref(),
            Self::Checkbox(x) => x.title.as_ref(),
            Self::Range(x) => x.title.as_ref(),
            Self::Top(x) => x.title.as_ref(),
            Self::Switch(x) => x.title.as_ref(),
            Self::Parameter(x) => x.title.as_ref(),
        }
    }

    #[must_use]
    pub fn width(&self) -> Option<u8> {
        match self {
            Self::List(x) => x.width,
            Self::Checkbox(x) => x.width,
            Self::Range(x) => x.width,
            Self::Top(x) => x.width,
            Self::Switch(x) => x.width,
            Self::Parameter(x) => x.width,
        }
    }

    /// The source or input table that it filters by, if it does.
    #[must_use]
    pub fn source(&self) -> Option<&str> {
        match self {
            Self::List(x) => Some(&x.source),
            Self::Checkbox(x) => Some(&x.source),
            Self::Range(x) => Some(&x.source),
            Self::Top(_) | Self::Switch(_) | Self::Parameter(_) => None,
        }
    }

    /// What it filters; all elements of its source if absent.
    #[must_use]
    pub fn targets(&self) -> Option<&[ControlTarget]> {
        match self {
            Self::List(x) => x.targets.as_deref(),
            Self::Checkbox(x) => x.targets.as_deref(),
            Self::Range(x) => x.targets.as_deref(),
            Self::Top(x) => Some(&x.targets),
            Self::Switch(_) | Self::Parameter(_) => Some(&[]),
        }
    }
}

/// The id of an element, or what tells several.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ControlTarget {
    Element(String),
    Described(DescribedTarget),
}

/// One element, or every element of a source or an input table but controls.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DescribedTarget {
    pub element: Option<String>,
    pub source: Option<String>,
    /// By which column, where it is called otherwise there.
    pub column: Option<String>,
}

/// Values as they are, or an expression about the person and the time.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ControlDefault {
    Expression(DefaultExpression),
    Many(Vec<serde_json::Value>),
    One(serde_json::Value),
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DefaultExpression {
    /// Such as `@user.region` or `date_trunc('month', @now)`.
    pub expression: OneOrMany,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// `type: list` or `type: segmented`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListControl {
    pub control: String,
    #[serde(rename = "type")]
    pub ty: ControlType,
    /// A source or an input table, and its column.
    pub source: String,
    pub column: String,
    pub targets: Option<Vec<ControlTarget>>,
    pub title: Option<String>,
    /// Whether several may be chosen.
    #[serde(default)]
    pub multiple: bool,
    pub default: Option<ControlDefault>,
    pub width: Option<u8>,
}

/// `type: checkbox`, with `column` or `when`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckboxControl {
    pub control: String,
    #[serde(rename = "type")]
    pub ty: ControlType,
    pub source: String,
    /// A column of yes and no.
    pub column: Option<String>,
    /// A condition over the row.
    pub when: Option<String>,
    pub targets: Option<Vec<ControlTarget>>,
    pub title: Option<String>,
    pub default: Option<ControlDefault>,
    pub width: Option<u8>,
}

/// `type: number_range`, `type: date_range` or `type: text`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RangeControl {
    pub control: String,
    #[serde(rename = "type")]
    pub ty: ControlType,
    pub source: String,
    pub column: String,
    pub targets: Option<Vec<ControlTarget>>,
    pub title: Option<String>,
    /// Of a `date_range`: the spans that are offered, such as `last_3_months` or `year_to_date`.
    pub options: Option<Vec<String>>,
    pub default: Option<ControlDefault>,
    pub width: Option<u8>,
}

/// `type: top`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TopControl {
    pub control: String,
    #[serde(rename = "type")]
    pub ty: ControlType,
    /// Charts.
    pub targets: Vec<ControlTarget>,
    /// How many may be shown; 5, 10 and 20 if absent.
    pub options: Option<Vec<u32>>,
    pub title: Option<String>,
    pub default: Option<ControlDefault>,
    pub width: Option<u8>,
}

/// `type: grain` or `type: measure`; elements name it as `@control`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SwitchControl {
    pub control: String,
    #[serde(rename = "type")]
    pub ty: ControlType,
    /// Periods of `date_trunc`, or measures.
    pub options: Vec<SwitchOption>,
    pub title: Option<String>,
    /// One of the options; the first if absent.
    pub default: Option<String>,
    pub width: Option<u8>,
}

/// A period, a measure's name or an aggregate expression; or either with a label.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum SwitchOption {
    Value(String),
    Described(DescribedOption),
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DescribedOption {
    pub value: String,
    pub label: Option<String>,
}

impl SwitchOption {
    #[must_use]
    pub fn value(&self) -> &str {
        match self {
            Self::Value(value) => value,
            Self::Described(described) => &described.value,
        }
    }

    #[must_use]
    pub fn label(&self) -> Option<&String> {
        if let Self::Described(described) = self { described.label.as_ref() } else { None }
    }
}

/// `type: parameter`; expressions of measures and elements name it as `@control`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ParameterControl {
    pub control: String,
    #[serde(rename = "type")]
    pub ty: ControlType,
    pub value_type: TypeName,
    pub scale: Option<u32>,
    /// For the type `choice`.
    pub options: Option<Vec<String>>,
    #[schemars(with = "Option<f64>")]
    pub min: Option<Decimal>,
    #[schemars(with = "Option<f64>")]
    pub max: Option<Decimal>,
    /// From one value to the next; with `min` and `max` it is a slider.
    #[schemars(with = "Option<f64>")]
    pub step: Option<Decimal>,
    pub default: ControlDefault,
    pub title: Option<String>,
    pub help: Option<String>,
    pub format: Option<Format>,
    pub width: Option<u8>,
}
