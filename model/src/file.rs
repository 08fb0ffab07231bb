//! The workbook file, as its author writes it. Each type here is also a JSON Schema, so that editors complete the file.
//!
//! Native only: the browser never sees a policy or a line of SQL; it gets [`crate::WorkbookView`].

use indexmap::IndexMap;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Better, ChartKind, ColumnType, Constraints, Filter, Format, Look, Pattern};

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
            Self::Control(x) => &x.control,
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
            Self::Control(x) => x.title.as_ref(),
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
            Self::Control(x) => (x.width, 12),
            Self::Table(x) => (x.width, 12),
            Self::InputTable(x) => (x.width, 12),
            Self::Pivot(x) => (x.width, 12),
            Self::Text(x) => (x.width, 12),
            Self::Container(x) => (x.width, 12),
            Self::Tabs(x) => (x.width, 12),
        };
        said.unwrap_or(usual)
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

/// Chooses values that filter other elements.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Control {
    pub control: String,
    #[serde(rename = "type")]
    pub ty: ControlType,
    pub source: String,
    pub column: String,
    /// Ids of the elements it filters; each must have a column of this name.
    pub targets: Vec<String>,
    pub title: Option<String>,
    #[serde(default)]
    pub multiple: bool,
    pub width: Option<u8>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ControlType {
    List,
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
    pub title: Option<String>,
    pub format: Option<Format>,
    pub width: Option<u8>,
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
    /// A column whose values become series of their own.
    pub color: Option<String>,
    pub title: Option<String>,
    #[serde(default)]
    pub stacked: bool,
    #[serde(default)]
    pub horizontal: bool,
    /// Largest first by the first measure, instead of by x.
    #[serde(default)]
    pub by_value: bool,
    /// What stands for periods of a `date_trunc` x that have no rows; they are left out if absent.
    pub gaps: Option<Gaps>,
    pub width: Option<u8>,
    /// In pixels, 120 to 2000.
    pub height: Option<u16>,
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
    #[serde(default)]
    pub dashed: bool,
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

/// Adds a row to an empty input table, whether or not its user may read the table.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Form {
    pub form: String,
    pub table: String,
    pub fields: Vec<String>,
    pub title: Option<String>,
    pub submit: Option<String>,
    /// What is said after a submission.
    pub thanks: Option<String>,
    pub width: Option<u8>,
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
