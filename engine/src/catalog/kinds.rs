//! Elements after checking: what each shows, and which columns it needs for that.

use model::{
    Against, Better, CellFormat, ChartKind, ChartSeries, PivotSort, ReferenceBand, ReferenceLine, Stack, TableShape, TextPart,
    Toward, Value,
};

use super::controls::{Control, Filtered, Variant};
use super::form::Form;
use super::types::{Access, Measure};
use crate::expr::Expr;

#[derive(Clone, Debug)]
pub struct Element {
    pub id: String,
    pub title: String,
    pub width: u8,
    /// In pixels, where its author says so.
    pub height: Option<u16>,
    /// The source or input table it reads; empty, which none is called, if it reads nothing.
    pub dataset: String,
    /// How controls filter it.
    pub controls: Vec<Filtered>,
    /// Columns that the rows of a table are grouped by, the outermost first.
    pub group: Vec<String>,
    /// Arrangements of a table, by name.
    pub views: Vec<(String, TableShape)>,
    /// How cells of a table look; a rule comes with its condition.
    pub formats: Vec<(CellFormat, Option<Expr>)>,
    /// The rows under its marks, as a table that shows them, where people may look at them.
    pub details: Option<Kind>,
    /// What it shows at first.
    pub kind: Kind,
    /// What it shows, that first one included, for each way to set the switches that it names; empty if it names none.
    pub variants: Vec<Variant>,
}

#[derive(Clone, Debug)]
pub enum Kind {
    Control(Control),
    Kpi(Kpi),
    Chart(Chart),
    Table {
        columns: Vec<String>,
        totals: Vec<Measure>,
    },
    InputTable {
        columns: Vec<String>,
        frozen: usize,
        totals: Vec<Measure>,
    },
    Form(Form),
    Pivot(Pivot),
    Text {
        parts: Vec<TextPart>,
        values: Vec<Measure>,
    },
    Image {
        /// The name that its picture is served under.
        picture: String,
        alt: String,
    },
}

/// Measures by what they are of.
#[derive(Clone, Debug)]
pub struct Chart {
    pub kind: ChartKind,
    pub x: Measure,
    /// Of a histogram: how far it is from one x to the next.
    pub bin: Option<Value>,
    pub color: Option<String>,
    /// What it has a small chart for each value of.
    pub facet: Option<String>,
    pub series: Vec<(Measure, ChartSeries)>,
    pub look: ChartLook,
    pub gaps: Option<Gaps>,
    /// What it becomes when one goes down from a mark, the next level first; these have none themselves.
    pub deeper: Vec<Kind>,
}

impl Chart {
    /// It and what it becomes further down.
    pub fn levels(&self) -> impl Iterator<Item = &Self> {
        let deeper = self.deeper.iter().filter_map(|kind| if let Kind::Chart(chart) = kind { Some(chart) } else { None });
        std::iter::once(self).chain(deeper)
    }

    /// The columns of its further dimensions: colour, then facet.
    pub fn by(&self) -> impl Iterator<Item = &String> {
        self.color.iter().chain(&self.facet)
    }
}

/// One number, maybe the last of many.
#[derive(Clone, Debug)]
pub struct Kpi {
    /// Its periods, and how one follows another.
    pub periods: Option<(Measure, Gaps)>,
    pub value: Measure,
    /// What it is compared with: that, how much more the value is, and that as a share.
    pub against: Vec<(Against, [Measure; 3])>,
    pub better: Better,
    pub draw: Option<Toward>,
}

impl Kpi {
    /// The columns of its answer: the period, the value, then three for each comparison.
    pub fn measures(&self) -> impl Iterator<Item = &Measure> {
        let period = self.periods.iter().map(|(x, _)| x);
        period.chain([&self.value]).chain(self.against.iter().flat_map(|(_, measures)| measures))
    }
}

/// Values by rows and columns.
#[derive(Clone, Debug)]
pub struct Pivot {
    /// What rows stand for, the outermost first.
    pub rows: Vec<Measure>,
    pub columns: Vec<Measure>,
    pub values: Vec<PivotValue>,
    pub open: Option<usize>,
    pub sort: Option<PivotSort>,
    /// Which of the rows and then columns has which part of the key, if values are typed into.
    pub key: Option<Vec<usize>>,
}

#[derive(Clone, Debug)]
pub struct PivotValue {
    pub measure: Measure,
    pub heat: bool,
    /// The input column that it is the sum of.
    pub column: Option<String>,
}

impl Pivot {
    /// Rows, columns and values.
    pub fn measures(&self) -> impl Iterator<Item = &Measure> {
        self.rows.iter().chain(&self.columns).chain(self.values.iter().map(|value| &value.measure))
    }
}

/// How periods without rows are shown too.
#[derive(Clone, Debug)]
pub struct Gaps {
    /// The period after the one that begins with the marks' x, as `query::X` calls it.
    pub next: Expr,
    /// Whether measures are zero there, not null.
    pub zero: bool,
}

#[derive(Clone, Debug)]
pub struct ChartLook {
    pub stack: Stack,
    pub horizontal: bool,
    pub log: bool,
    pub by_value: bool,
    pub lines: Vec<ReferenceLine>,
    pub bands: Vec<ReferenceBand>,
}

impl Kind {
    /// The measures that its marks are of.
    #[must_use]
    pub fn numbers(&self) -> Vec<&Measure> {
        match self {
            Self::Kpi(kpi) => vec![&kpi.value],
            Self::Chart(chart) => chart.series.iter().map(|(measure, _)| measure).collect(),
            Self::Pivot(pivot) => pivot.values.iter().map(|value| &value.measure).collect(),
            _ => Vec::new(),
        }
    }

    /// Everything that it calculates, totals of tables included.
    #[must_use]
    pub fn measures(&self) -> Vec<&Measure> {
        match self {
            Self::Kpi(kpi) => kpi.measures().collect(),
            Self::Chart(chart) => std::iter::once(&chart.x).chain(chart.series.iter().map(|(measure, _)| measure)).collect(),
            Self::Pivot(pivot) => pivot.measures().collect(),
            Self::Text { values, .. } => values.iter().collect(),
            Self::Table { totals, .. } | Self::InputTable { totals, .. } => totals.iter().collect(),
            Self::Control(_) | Self::Form(_) | Self::Image { .. } => Vec::new(),
        }
    }

    /// Columns without which it can't be shown to somebody; tables just leave a hidden column out.
    #[must_use]
    pub fn needed_columns(&self) -> Vec<&str> {
        match self {
            Self::Control(control) => control.columns(),
            Self::Table { .. } | Self::InputTable { .. } => Vec::new(),
            kind => {
                let by = if let Self::Chart(chart) = kind { chart.by().map(String::as_str).collect() } else { Vec::new() };
                kind.measures().into_iter().flat_map(|measure| measure.expr.columns()).chain(by).collect()
            }
        }
    }
}

impl Element {
    /// Whether a person may know all that it needs to be shown as `kind`.
    #[must_use]
    pub fn is_known(&self, kind: &Kind, access: &Access) -> bool {
        !kind.needed_columns().iter().any(|column| access.hides(&self.dataset, column))
    }

    /// Whether there is a way to show it to a person at all.
    #[must_use]
    pub fn is_shown(&self, access: &Access) -> bool {
        let mut kinds = self.variants.iter().map(|variant| &variant.kind).chain([&self.kind]);
        kinds.any(|kind| self.is_known(kind, access))
    }

    /// Columns that it shows, or counts, or looks at.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        let kinds = self.variants.iter().map(|variant| &variant.kind).chain([&self.kind]);
        let mut columns: Vec<&str> = kinds.flat_map(Kind::needed_columns).collect();
        for kind in std::iter::once(&self.kind).chain(&self.details) {
            if let Kind::Table { columns: shown, .. } | Kind::InputTable { columns: shown, .. } = kind {
                columns.extend(shown.iter().map(String::as_str));
            }
            if let Kind::Chart(chart) = kind {
                columns.extend(chart.deeper.iter().flat_map(Kind::needed_columns));
            }
        }
        columns.extend(self.controls.iter().flat_map(Filtered::columns));
        columns.extend(self.formats.iter().flat_map(|(_, when)| when).flat_map(Expr::columns));
        columns
    }
}
