//! What a chart draws.

use serde::{Deserialize, Serialize};

use crate::{MarkAxis, Raw};

/// For drawing, shades and signs only: pixels need no more than a double has.
#[must_use]
pub fn drawn_number(raw: &Raw) -> Option<f64> {
    raw.as_f64().or_else(|| raw.as_str().and_then(|text| text.parse().ok())).filter(|number: &f64| number.is_finite())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "file", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChartKind {
    Line,
    Area,
    Bar,
    /// Slices of a whole.
    Pie,
    /// The same around a hole.
    Donut,
    /// Stages, each as wide as its number.
    Funnel,
    /// Areas within areas.
    Treemap,
    /// Points by two measures; a third is how large they are.
    Scatter,
    /// Fields of two dimensions, shaded by their numbers.
    Heatmap,
    /// Steps up and down from nothing to the whole.
    Waterfall,
    /// Measures around a centre.
    Radar,
    /// Bands from one dimension to another.
    Sankey,
    /// How values are spread: least, quarters, most.
    Box,
    /// Days in their weeks, shaded by their numbers.
    Calendar,
    /// How many there are from one number to the next.
    Histogram,
}

impl ChartKind {
    /// Whether it has an axis of names and one of numbers, along which series are lines or bars.
    #[must_use]
    pub fn has_axes(self) -> bool {
        matches!(self, Self::Line | Self::Area | Self::Bar)
    }
}

/// The answer's first column is x, then the second dimension if there is one, then one column per series; they say what each is called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChartView {
    pub chart: ChartKind,
    /// The second dimension: colours, the groups of a treemap, the lines of a heatmap, where bands go to.
    pub color: Option<String>,
    /// Whether a further dimension, after the colour, has a small chart for each of its values.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub facets: bool,
    /// Of a spread five: least, lower quarter, median, upper quarter, most.
    pub series: Vec<ChartSeries>,
    /// How far it is from one x to the next, for a histogram: a number in the type of x.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bin: Option<Raw>,
    pub stack: Stack,
    pub horizontal: bool,
    /// Whether each step on the axis of numbers is ten times the one before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub log: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<ReferenceLine>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bands: Vec<ReferenceBand>,
    /// What x is, and what it becomes when one goes down from a mark; the level that is shown is as deep as the question's `drill`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<ChartLevel>,
}

/// What x is on a level.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChartLevel {
    /// In the author's words; of a period in the reader's language.
    pub label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grain: Option<String>,
    #[serde(flatten)]
    pub axis: MarkAxis,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ChartSeries {
    pub name: String,
    /// Drawn dashed: a plan, a forecast.
    pub dashed: bool,
    /// Hatched: what is not settled yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pending: bool,
    /// Drawn otherwise than the others: as a line, an area or bars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<ChartKind>,
    /// By an axis of its own, on the other side.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub right: bool,
    /// With the straight line that is nearest to it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub trend: bool,
}

/// Whether series stand on each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stack {
    #[default]
    None,
    Values,
    /// Each as its share of what all come to at its x.
    Shares,
}

/// A line across a chart, on the axis of numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReferenceLine {
    pub at: ReferenceAt,
    /// In the author's words.
    pub label: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceAt {
    Value(f64),
    /// Of the first series: what is drawn of it.
    Average,
    Least,
    Most,
}

/// A band across a chart, on the axis of numbers; an end that is not there is the edge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReferenceBand {
    pub from: Option<f64>,
    pub to: Option<f64>,
    pub label: String,
}
