//! Pages, and the elements on them.

use std::fmt;

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};

use super::{Control, ControlDefault, ControlTarget};
use crate::{Better, ChartKind, Filter, Format, Look, Stack, Toward};

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Stable id; made from the title if absent.
    pub id: Option<String>,
    pub title: String,
    /// Each element is told by its first key: `control`, `kpi`, `chart`, `table`, `input_table`, `form`, `pivot`, `text`, `image`, `container` or
    /// `tabs`.
    #[schemars(with = "Vec<Element>")]
    pub elements: Vec<serde_json::Value>,
}

/// The kinds of elements and the key that tells them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Element {
    Control(Control),
    Kpi(Kpi),
    Chart(Chart),
    Table(Table),
    InputTable(InputTableElement),
    Form(Form),
    Pivot(Pivot),
    Text(Text),
    Image(Image),
    Container(Container),
    Tabs(Tabs),
}

impl Element {
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Control(x) => x.id(),
            Self::Kpi(x) => &x.kpi,
            Self::Chart(x) => &x.chart,
            Self::Table(x) => &x.table,
            Self::InputTable(x) => &x.input_table,
            Self::Form(x) => &x.form,
            Self::Pivot(x) => &x.pivot,
            Self::Text(x) => &x.text,
            Self::Image(x) => &x.image,
            Self::Container(x) => &x.container,
            Self::Tabs(x) => &x.tabs,
        }
    }

    /// What its author calls it.
    #[must_use]
    pub fn title(&self) -> Option<&String> {
        match self {
            Self::Control(x) => x.title(),
            Self::Kpi(x) => x.title.as_ref(),
            Self::Chart(x) => x.title.as_ref(),
            Self::Table(x) => x.title.as_ref(),
            Self::InputTable(x) => x.title.as_ref(),
            Self::Form(x) => x.title.as_ref(),
            Self::Pivot(x) => x.title.as_ref(),
            Self::Text(_) | Self::Image(_) => None,
            Self::Container(x) => x.title.as_ref(),
            Self::Tabs(x) => x.title.as_ref(),
        }
    }

    /// Columns of the twelve that it takes.
    #[must_use]
    pub fn width(&self) -> u8 {
        let (said, usual) = match self {
            Self::Kpi(x) => (x.width, 3),
            Self::Image(x) => (x.width, 3),
            Self::Chart(x) => (x.width, 6),
            Self::Form(x) => (x.width, 6),
            Self::Control(x) => (x.width(), 12),
            Self::Table(x) => (x.width, 12),
            Self::InputTable(x) => (x.width, 12),
            Self::Pivot(x) => (x.width, 12),
            Self::Text(x) => (x.width, 12),
            Self::Container(x) => (x.width, 12),
            Self::Tabs(x) => (x.width, 12),
        };
        said.unwrap_or(usual)
    }

    /// Which columns of the rows under its marks people may look at.
    #[must_use]
    pub fn details(&self) -> Option<&Details> {
        match self {
            Self::Chart(x) => x.details.as_ref(),
            Self::Kpi(x) => x.details.as_ref(),
            Self::Pivot(x) => x.details.as_ref(),
            _ => None,
        }
    }

    /// In pixels, where the author says so.
    #[must_use]
    pub fn height(&self) -> Option<u16> {
        match self {
            Self::Chart(x) => x.height,
            Self::Table(x) => x.height,
            Self::InputTable(x) => x.height,
            Self::Pivot(x) => x.height,
            Self::Image(x) => x.height,
            _ => None,
        }
    }
}

/// Values by rows and columns, with their totals on every level.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pivot {
    pub pivot: String,
    /// What it shows; or `table`.
    pub source: Option<String>,
    /// An input table instead: values that are sums of its input columns are typed into. Rows and columns have its whole key.
    pub table: Option<String>,
    /// What its rows stand for, the outermost first; at most three.
    #[serde(default)]
    pub rows: Vec<PivotAxis>,
    /// The same for its columns.
    #[serde(default)]
    pub columns: Vec<PivotAxis>,
    /// At most eight.
    pub values: Vec<PivotValue>,
    /// A value as it stands in `values`, perhaps with ` desc` behind it, by which rows are sorted.
    pub sort: Option<String>,
    /// How many levels of rows are open at first; all if absent.
    pub open: Option<usize>,
    /// Whether people may look at the rows that a cell is made of.
    pub details: Option<Details>,
    /// The elements that a pressed head or cell filters; those of the page that show the same rows if absent, none for `[]`.
    pub targets: Option<Vec<ControlTarget>>,
    pub title: Option<String>,
    pub width: Option<u8>,
    /// In pixels, 120 to 2000.
    pub height: Option<u16>,
}

/// A column, an expression such as `date_trunc('year', order_date)`, or either with a label and a format.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum PivotAxis {
    Expression(String),
    Described(DescribedAxis),
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DescribedAxis {
    pub value: String,
    pub label: Option<String>,
    pub format: Option<Format>,
}

impl PivotAxis {
    #[must_use]
    pub fn expression(&self) -> &str {
        match self {
            Self::Expression(text) => text,
            Self::Described(described) => &described.value,
        }
    }
}

/// A measure's name, an aggregate expression, or either with a label, a format and a look.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum PivotValue {
    Expression(String),
    Described(DescribedValue),
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DescribedValue {
    pub value: String,
    pub label: Option<String>,
    pub format: Option<Format>,
    /// Shades its cells between the least and the most of them.
    #[serde(default)]
    pub heat: bool,
}

impl PivotValue {
    #[must_use]
    pub fn expression(&self) -> &str {
        match self {
            Self::Expression(text) => text,
            Self::Described(described) => &described.value,
        }
    }
}

/// Words in Markdown, with values of measures in them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Text {
    pub text: String,
    /// Without HTML. `{revenue}` is the value of a measure's name or an aggregate expression, `{{` a brace.
    pub markdown: String,
    /// What its values are measured of.
    pub source: Option<String>,
    pub width: Option<u8>,
}

/// A picture from a file.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Image {
    pub image: String,
    /// The name of a PNG, JPEG, GIF, WebP or SVG file beside the workbook.
    pub file: String,
    /// What it shows, for whoever does not see it; `''` if it says nothing that is not there in words.
    pub alt: String,
    pub width: Option<u8>,
    /// In pixels; as high as it is otherwise.
    pub height: Option<u16>,
}

/// Elements that belong together, in twelve columns of their own.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Container {
    pub container: String,
    pub title: Option<String>,
    #[schemars(with = "Vec<Element>")]
    pub elements: Vec<serde_json::Value>,
    pub width: Option<u8>,
}

/// Elements of which some are shown at a time.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tabs {
    pub tabs: String,
    pub title: Option<String>,
    pub panes: Vec<Pane>,
    pub width: Option<u8>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pane {
    pub title: String,
    #[schemars(with = "Vec<Element>")]
    pub elements: Vec<serde_json::Value>,
}

/// One number.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Kpi {
    pub kpi: String,
    pub source: String,
    /// A measure's name or an aggregate expression.
    pub measure: String,
    /// Periods, such as `date_trunc('month', order_date)`: the last one is shown, and a line of them all. Everything if absent.
    pub x: Option<String>,
    /// What the last period is compared with.
    #[serde(default)]
    pub compare: Vec<Compare>,
    /// What it should be: a number, a measure's name or an aggregate expression.
    pub target: Option<Target>,
    /// Whether more is better, or less.
    #[serde(default)]
    pub better: Better,
    /// How it is drawn how far it is to the target; not at all if absent.
    pub draw: Option<Toward>,
    /// Whether people may look at the rows that it is made of.
    pub details: Option<Details>,
    pub title: Option<String>,
    pub format: Option<Format>,
    pub width: Option<u8>,
}

/// The rows that a mark is made of: all columns, or these.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "`details` is true, false or a list of columns")]
pub enum Details {
    All(bool),
    Columns(Vec<String>),
}

/// A period before the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Compare {
    /// The period before.
    Previous,
    /// The same period a year before.
    Year,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Target {
    Number(serde_json::Number),
    Measure(String),
}

impl Target {
    /// As an aggregate; a number is one over whatever rows there are.
    #[must_use]
    pub fn expression(&self) -> String {
        match self {
            Self::Number(number) => format!("max({number})"),
            Self::Measure(text) => text.clone(),
        }
    }
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Chart {
    pub chart: String,
    #[serde(rename = "type")]
    pub ty: ChartKind,
    pub source: String,
    /// A column or an expression, such as `date_trunc('month', order_date)`.
    pub x: String,
    pub y: Vec<Series>,
    /// A column whose values become series of their own; the groups of a treemap.
    pub color: Option<String>,
    /// A column of whose values each has a small chart of its own, on the same scale.
    pub facet: Option<String>,
    /// The second column of a `heatmap`, which goes down, and of a `sankey`, where its bands go to.
    pub by: Option<String>,
    pub title: Option<String>,
    /// Of a `histogram`: how far it is from one bar to the next, in the unit of x.
    #[schemars(with = "Option<f64>")]
    pub bin: Option<Decimal>,
    /// Whether series stand on each other; `percent` for their shares.
    pub stacked: Option<Stacked>,
    #[serde(default)]
    pub horizontal: bool,
    /// Largest first by the first measure, instead of by x.
    #[serde(default)]
    pub by_value: bool,
    /// Lines across it.
    #[serde(default)]
    pub lines: Vec<ReferenceLine>,
    /// Bands across it.
    #[serde(default)]
    pub bands: Vec<ReferenceBand>,
    /// What stands for periods of a `date_trunc` x that have no rows; they are left out if absent.
    pub gaps: Option<Gaps>,
    /// The axis of numbers: `linear`, or `log` for numbers of very different sizes.
    #[serde(default)]
    pub scale: Scale,
    /// What x becomes when one goes down from a mark, the next level first: columns or expressions.
    #[serde(default)]
    pub drill: Vec<PivotAxis>,
    /// Whether people may look at the rows that a mark is made of.
    pub details: Option<Details>,
    /// The elements that a pressed mark filters; those of the page that show the same rows if absent, none for `[]`.
    pub targets: Option<Vec<ControlTarget>>,
    pub width: Option<u8>,
    /// In pixels, 120 to 2000.
    pub height: Option<u16>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    #[default]
    Linear,
    Log,
}

/// What a measure is where there is nothing to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Gaps {
    Zero,
    /// Lines are broken there.
    Null,
}

/// What is drawn: a measure's name, an aggregate expression, or either with a label and a look.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Series {
    Expression(String),
    Described(DescribedSeries),
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DescribedSeries {
    pub value: String,
    pub label: Option<String>,
    pub format: Option<Format>,
    /// A plan, a forecast.
    #[serde(default)]
    pub dashed: bool,
    /// What is not settled yet.
    #[serde(default)]
    pub pending: bool,
    /// `line`, `area` or `bar`, where it is drawn otherwise than the chart.
    #[serde(rename = "type")]
    pub ty: Option<ChartKind>,
    /// The axis that it is drawn by.
    #[serde(default)]
    pub axis: Side,
    /// Whether the straight line that is nearest to it is drawn too.
    #[serde(default)]
    pub trend: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    #[default]
    Left,
    Right,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "`stacked` is true, false or `percent`")]
pub enum Stacked {
    Values(bool),
    Shares(Shares),
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shares {
    Percent,
}

impl Stacked {
    #[must_use]
    pub fn stack(self) -> Stack {
        match self {
            Self::Values(false) => Stack::None,
            Self::Values(true) => Stack::Values,
            Self::Shares(Shares::Percent) => Stack::Shares,
        }
    }
}

/// A line on the axis of numbers.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReferenceLine {
    pub at: ReferencePlace,
    /// What it is called; the number, or what it is of the first series, if absent.
    pub label: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "`at` is a number, `average`, `least` or `most`")]
pub enum ReferencePlace {
    Value(f64),
    Of(Statistic),
}

/// Of the first series.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Statistic {
    Average,
    Least,
    Most,
}

/// A band on the axis of numbers; an end that is absent is the edge.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReferenceBand {
    pub from: Option<f64>,
    pub to: Option<f64>,
    pub label: String,
}

impl Series {
    #[must_use]
    pub fn expression(&self) -> &str {
        match self {
            Self::Expression(text) => text,
            Self::Described(described) => &described.value,
        }
    }
}

/// Rows to read.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Table {
    pub table: String,
    pub source: String,
    /// All visible columns if absent.
    pub columns: Option<Vec<String>>,
    /// Aggregates of one column each, such as `sum(sales)`, shown under their column over all rows.
    #[serde(default)]
    pub totals: Vec<String>,
    /// Columns that rows are grouped by, the outermost first; at most three.
    #[serde(default)]
    pub group: Vec<String>,
    #[serde(default)]
    pub views: Vec<View>,
    #[serde(default)]
    pub formats: Vec<FormatRule>,
    pub title: Option<String>,
    pub width: Option<u8>,
    /// In pixels, 120 to 2000.
    pub height: Option<u16>,
}

/// How cells look by what is in them: `when` with `look` or `icon`, or a `scale`, or a `bar`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FormatRule {
    /// Its cells; the whole row if absent, which `scale` and `bar` don't take.
    pub column: Option<String>,
    /// A condition over the row.
    pub when: Option<String>,
    pub look: Option<Look>,
    /// One or two characters before the value, such as `▲`.
    pub icon: Option<String>,
    /// Shades a number between the least and the most of its column.
    #[serde(default)]
    pub scale: bool,
    /// Draws a bar as long as the number.
    #[serde(default)]
    pub bar: bool,
}

/// An arrangement of a table that everybody finds under its name.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct View {
    pub view: String,
    /// The columns that it shows, in order; those of the element if absent.
    pub columns: Option<Vec<String>>,
    /// How many of the first columns stay in sight; as many as in the element if absent.
    pub freeze: Option<usize>,
    /// Names of columns, each perhaps with ` desc` behind it.
    #[serde(default)]
    pub sort: Vec<String>,
    #[serde(default)]
    pub filters: Vec<Filter>,
    /// Columns that rows are grouped by, the outermost first, at most three; those of the element if absent.
    pub group: Option<Vec<String>>,
}

/// Rows to type into.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InputTableElement {
    pub input_table: String,
    /// Name of the input table.
    pub table: String,
    pub columns: Option<Vec<String>>,
    /// Columns that stay in sight; they come first.
    #[serde(default)]
    pub freeze: Vec<String>,
    /// Aggregates of one column each, such as `sum(forecast)`, shown under their column over all rows.
    #[serde(default)]
    pub totals: Vec<String>,
    /// Columns that rows are grouped by, the outermost first; at most three.
    #[serde(default)]
    pub group: Vec<String>,
    #[serde(default)]
    pub views: Vec<View>,
    #[serde(default)]
    pub formats: Vec<FormatRule>,
    pub title: Option<String>,
    pub width: Option<u8>,
    /// In pixels, 120 to 2000.
    pub height: Option<u16>,
}

/// Adds a row to an empty input table, whether or not its user may read the table, or changes a row of any input table. Its
/// fields are in `fields` or in `sections`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Form {
    pub form: String,
    pub table: String,
    #[serde(default)]
    pub fields: Vec<FormField>,
    /// How many fields stand beside each other where there is room, 1 to 4; of `fields`.
    pub columns: Option<u8>,
    #[serde(default)]
    pub sections: Vec<FormSection>,
    /// Its sections are shown one after the other.
    #[serde(default)]
    pub steps: bool,
    pub title: Option<String>,
    pub submit: Option<String>,
    /// What is said after a submission; `{field}` stands for what is in a field, `{number}` for the submission's own.
    pub thanks: Option<String>,
    /// What comes after that: `another`, `close`, or `{ page: … }`.
    pub then: Option<Then>,
    /// Whether rows that are there may be changed in it: true, or a condition over the row as it is.
    pub edit: Option<Condition>,
    /// What is told of each submission before it is saved, and may refuse it.
    pub through: Option<Through>,
    /// Whoever has filed something finds it in a list, with these columns.
    #[serde(default)]
    pub submissions: Vec<String>,
    /// For how many days what somebody has begun is kept for him: 30 if absent, 0 for not at all.
    pub keep_drafts: Option<u32>,
    pub width: Option<u8>,
}

/// What a form writes through. It takes one JSON object.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Through {
    /// A procedure of the warehouse with one `jsonb` argument, called in the transaction that saves the form.
    Procedure(String),
    /// The same with a function.
    Function(String),
    /// An address of the host's product, by its name in `inlay.toml`.
    Endpoint(String),
}

/// What comes after a submission.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// The form, empty again.
    Another,
    /// What is said, and no more.
    Close,
    /// A page of the workbook, by its title.
    Page(String),
}

/// Fields of a form that belong together, or lines.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FormSection {
    pub title: Option<String>,
    /// What is to be said of it, above its fields.
    pub text: Option<String>,
    /// A condition over fields before it; it is there where that is true.
    pub show: Option<String>,
    /// How many fields stand beside each other where there is room, 1 to 4.
    pub columns: Option<u8>,
    #[serde(default)]
    pub fields: Vec<FormField>,
    pub lines: Option<FormLines>,
}

/// Rows of another empty input table that belong to the one that the form adds.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FormLines {
    pub table: String,
    /// The text column of that table which gets the key of the form's row.
    pub parent: String,
    pub fields: Vec<FormField>,
    /// Fields whose sum is shown below.
    #[serde(default)]
    pub totals: Vec<String>,
    /// How many lines there are at least; none if absent.
    pub min: Option<usize>,
    /// And at most; 50 if absent, 200 at the most.
    pub max: Option<usize>,
}

/// A column, or one with more to be said of it.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(untagged)]
pub enum FormField {
    Column(String),
    Described(Box<DescribedField>),
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DescribedField {
    /// A column of the table, or one that it computes.
    pub field: String,
    pub label: Option<String>,
    pub help: Option<String>,
    /// An example, shown while the field is empty.
    pub placeholder: Option<String>,
    /// A value, or `{ expression: … }` over fields before it, the person, `@now` and controls.
    pub default: Option<ControlDefault>,
    /// A condition over fields before it; the field is there where that is true.
    pub show: Option<String>,
    /// True, or a condition over the form's fields; the field must be filled in where that is true.
    pub required: Option<Condition>,
    /// The default is saved and not shown.
    #[serde(default)]
    pub hidden: bool,
    /// The default is shown and saved as it is.
    #[serde(default)]
    pub read_only: bool,
    /// What of the person's own a browser offers to fill in: `email`, `tel`, `organization` and the like, as HTML names them.
    pub autocomplete: Option<String>,
    /// It has a line of its own.
    #[serde(default)]
    pub wide: bool,
    /// Of a column with a lookup: columns of that source that are shown of the row which is chosen.
    #[serde(default)]
    pub facts: Vec<String>,
}

/// By hand, so that what is wrong inside of a described one is said, with its place.
impl<'de> Deserialize<'de> for FormField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = FormField;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a column or a mapping with `field`")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<FormField, E> {
                Ok(FormField::Column(text.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FormField, A::Error> {
                Deserialize::deserialize(MapAccessDeserializer::new(map)).map(FormField::Described)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// Whether something is so.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "this is true, false or a condition")]
pub enum Condition {
    Always(bool),
    When(String),
}

impl DescribedField {
    /// A column that nothing more is said of.
    #[must_use]
    pub fn of(column: &str) -> Self {
        Self { field: column.to_owned(), ..Self::default() }
    }
}

impl FormField {
    #[must_use]
    pub fn column(&self) -> &str {
        match self {
            Self::Column(name) => name,
            Self::Described(described) => &described.field,
        }
    }
}
