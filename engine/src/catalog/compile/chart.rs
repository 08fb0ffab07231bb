//! Charts: which measures and dimensions each kind draws, and what does not go together.

use model::{ChartKind, ChartSeries, ColumnType, ReferenceAt, ReferenceBand, ReferenceLine, Stack, Value, file};

use super::pages::NEEDS_MONTHS;
use super::{Compiler, below, beneath};
use crate::catalog::document::Step;
use crate::catalog::{Chart, ChartLook, Dataset, Gaps, Kind, Measure};
use crate::expr::{Expr, Function, Node, Scope, Use, check};
use crate::query::X;

/// What a kind of chart is drawn from.
struct Needs {
    /// How many measures at least and at most.
    measures: (usize, usize),
    second: Second,
    said: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Second {
    No,
    /// A `color`, or none.
    Color,
    /// `by`, which it can't be drawn without.
    By,
}

fn needs(kind: ChartKind) -> Needs {
    let (measures, second, said) = match kind {
        ChartKind::Line | ChartKind::Area | ChartKind::Bar | ChartKind::Radar => {
            ((1, usize::MAX), Second::Color, "a chart needs at least one measure in `y`")
        }
        ChartKind::Pie | ChartKind::Donut | ChartKind::Funnel => {
            ((1, 1), Second::No, "its parts are of one measure: `y` has one")
        }
        ChartKind::Treemap => ((1, 1), Second::Color, "its areas are of one measure: `y` has one"),
        ChartKind::Waterfall => ((1, 1), Second::No, "its steps are of one measure: `y` has one"),
        ChartKind::Histogram => ((1, 1), Second::No, "its bars are of one measure: `y` has one, such as `count(*)`"),
        ChartKind::Calendar => ((1, 1), Second::No, "its days are of one measure: `y` has one"),
        ChartKind::Box => ((1, 1), Second::No, "it shows the spread of one column: `y` has one, such as `sales`"),
        ChartKind::Scatter => {
            ((2, 3), Second::Color, "points stand by two measures: `y` has one across and one up, and perhaps one for their size")
        }
        ChartKind::Heatmap => ((1, 1), Second::By, "its fields are of one measure: `y` has one"),
        ChartKind::Sankey => ((1, 1), Second::By, "its bands are of one measure: `y` has one"),
    };
    Needs { measures, second, said }
}

/// Levels that one goes down through from the first.
const MOST_LEVELS: usize = 6;

impl Compiler<'_> {
    pub(super) fn chart(&mut self, at: &[Step], dataset: Dataset<'_>, x: &file::Chart) -> Option<Kind> {
        let mut chart = self.chart_along(at, dataset, x, &below(at, "x"), (&x.x, &x.chart))?;
        let drill = below(at, "drill");
        if !x.drill.is_empty() && matches!(x.ty, ChartKind::Calendar | ChartKind::Histogram) {
            self.mistake(&drill, "from a day or a span of numbers one does not go down");
        }
        if x.drill.len() > MOST_LEVELS {
            self.mistake(&drill, format!("one goes down {MOST_LEVELS} levels at most"));
        }
        for (i, level) in x.drill.iter().enumerate() {
            let (at_level, text) = (beneath(&drill, i), level.expression());
            // Periods that have no rows are shown on the levels that are of periods.
            let below = file::Chart { gaps: x.gaps.filter(|_| self.is_period(dataset, text)), ..x.clone() };
            let mut deeper = self.chart_along(at, dataset, &below, &at_level, (text, text))?;
            deeper.x.described(level);
            if chart.levels().any(|level| level.x.expr == deeper.x.expr) {
                self.mistake(&at_level, "this level is there already");
            }
            chart.deeper.push(Kind::Chart(deeper));
        }
        Some(Kind::Chart(chart))
    }

    fn is_period(&self, dataset: Dataset<'_>, text: &str) -> bool {
        let (zone, fiscal_year_starts) = (self.zone.as_str(), self.fiscal_year_starts);
        let (columns, parameters) = (dataset.scope(), &self.parameters);
        let scope = Scope { columns: &columns, measures: &[], parameters, used: Use::Row, zone, fiscal_year_starts };
        check(text, &scope).is_ok_and(|expr| expr.next_period(X).is_some())
    }

    /// The chart along one x, which stands at `at_x` in the file and is called as `called` says.
    fn chart_along(
        &mut self,
        at: &[Step],
        dataset: Dataset<'_>,
        x: &file::Chart,
        at_x: &[Step],
        (text, called): (&str, &str),
    ) -> Option<Chart> {
        let mut axis = self.axis(at_x, dataset, text, called)?;
        let bin = self.bin(at, x, &axis)?;
        if let Some(width) = &bin {
            let ty = axis.expr.ty.clone();
            let width = Expr::new(Node::Literal(width.clone()), ty.clone());
            axis.expr = Expr::new(Node::Call(Function::Bin, vec![axis.expr, width]), ty);
        }
        let Needs { measures, second, said } = needs(x.ty);
        let color = self.second(at, dataset, x, second)?;
        if !(measures.0..=measures.1).contains(&x.y.len()) {
            self.mistake(&below(at, "y"), said);
        }
        let series = if x.ty == ChartKind::Box { self.spread(at, dataset, x)? } else { self.series(at, dataset, x, &axis)? };
        self.on_axes(at, x);
        let facet = self.facet(at, dataset, x)?;
        if x.ty == ChartKind::Calendar && axis.expr.ty != ColumnType::Date {
            self.mistake(at_x, format!("a calendar has dates, not {}", axis.expr.ty.noun()));
        }
        // A bar that is left out would look as if there were none between its neighbours.
        let gaps = x.gaps.or(bin.is_some().then_some(file::Gaps::Zero)).and_then(|gaps| {
            let next = axis.expr.next_period(X);
            if next.is_none() {
                self.mistake(&below(at, "gaps"), "`gaps` needs periods: an x such as `date_trunc('month', order_date)`");
            }
            Some(Gaps { next: next?, zero: gaps == file::Gaps::Zero })
        });
        let lines = x.lines.iter().map(|line| ReferenceLine {
            at: match line.at {
                file::ReferencePlace::Value(at) => ReferenceAt::Value(at),
                file::ReferencePlace::Of(file::Statistic::Average) => ReferenceAt::Average,
                file::ReferencePlace::Of(file::Statistic::Least) => ReferenceAt::Least,
                file::ReferencePlace::Of(file::Statistic::Most) => ReferenceAt::Most,
            },
            label: line.label.clone(),
        });
        let bands = x.bands.iter().map(|band| ReferenceBand { from: band.from, to: band.to, label: band.label.clone() });
        let look = ChartLook {
            stack: x.stacked.map_or(Stack::None, file::Stacked::stack),
            horizontal: x.horizontal,
            log: x.scale == file::Scale::Log,
            by_value: x.by_value,
            lines: lines.collect(),
            bands: bands.collect(),
        };
        Some(Chart { kind: x.ty, x: axis, bin, color, facet, series, look, gaps, deeper: Vec::new() })
    }

    /// The column of whose values each has a small chart; `None` within for one chart of all.
    fn facet(&mut self, at: &[Step], dataset: Dataset<'_>, x: &file::Chart) -> Option<Option<String>> {
        let Some(column) = &x.facet else { return Some(None) };
        let at = below(at, "facet");
        self.column_name(&at, dataset, column)?;
        let round =
            matches!(x.ty, ChartKind::Pie | ChartKind::Donut | ChartKind::Radar | ChartKind::Scatter | ChartKind::Histogram);
        if !x.ty.has_axes() && !round {
            self.mistake(&at, "a chart of this type has no `facet`");
        }
        if x.color.as_ref() == Some(column) || x.x == *column {
            self.mistake(&at, format!("`{column}` is drawn already"));
        }
        Some(Some(column.clone()))
    }

    /// How far it is from one bar of a histogram to the next, in the type of its x; `None` within for any other chart.
    fn bin(&mut self, at: &[Step], x: &file::Chart, axis: &Measure) -> Option<Option<Value>> {
        let at_bin = below(at, "bin");
        let Some(width) = x.bin.filter(|_| x.ty == ChartKind::Histogram) else {
            match (x.ty, x.bin) {
                (ChartKind::Histogram, _) => self.mistake(at, "a histogram needs `bin`: how far it is from one bar to the next"),
                (_, Some(_)) => self.mistake(&at_bin, "`bin` is for a histogram"),
                (_, None) => return Some(None),
            }
            return None;
        };
        let ty = &axis.expr.ty;
        if !matches!(ty, ColumnType::Integer | ColumnType::Decimal { .. }) {
            self.mistake(&below(at, "x"), format!("a histogram is of exact numbers, not of {}", ty.noun()));
            return None;
        }
        let raw = match ty {
            ColumnType::Integer => i64::try_from(width).map(model::Raw::from).unwrap_or_else(|_| width.to_string().into()),
            _ => width.normalize().to_string().into(),
        };
        match Value::from_wire(&raw, ty) {
            Ok(value) if width > 0.into() => Some(Some(value)),
            Ok(_) => {
                self.mistake(&at_bin, "`bin` is above nothing");
                None
            }
            Err(error) => {
                self.mistake(&at_bin, error.message().to_string());
                None
            }
        }
    }

    /// The column of the second dimension; `None` within for a chart that has none.
    fn second(&mut self, at: &[Step], dataset: Dataset<'_>, x: &file::Chart, second: Second) -> Option<Option<String>> {
        let (given, key, other, other_key) = match second {
            Second::By => (&x.by, "by", &x.color, "color"),
            Second::No | Second::Color => (&x.color, "color", &x.by, "by"),
        };
        if other.is_some() {
            self.mistake(&below(at, other_key), format!("a chart of this type has no `{other_key}`"));
        }
        match (second, given) {
            (Second::No, Some(_)) => self.mistake(&below(at, key), format!("a chart of this type has no `{key}`")),
            (Second::By, None) => self.mistake(at, "a chart of this type needs `by`, its second column"),
            (_, Some(column)) => self.column_name(&below(at, key), dataset, column)?,
            (_, None) => {}
        }
        Some(given.clone())
    }

    fn series(
        &mut self,
        at: &[Step],
        dataset: Dataset<'_>,
        x: &file::Chart,
        axis: &Measure,
    ) -> Option<Vec<(Measure, ChartSeries)>> {
        let mut series = Vec::new();
        for (i, y) in x.y.iter().enumerate() {
            let at = beneath(&below(at, "y"), i);
            let name = format!("y{i}");
            let mut measure = self.shown_measure(&at, &name, y.expression(), dataset)?;
            let mut look = ChartSeries { name, ..ChartSeries::default() };
            if let file::Series::Described(described) = y {
                measure.label = described.label.clone().unwrap_or(measure.label);
                measure.format = described.format.or(measure.format);
                look.dashed = described.dashed;
                look.pending = described.pending;
                look.mark = described.ty;
                look.right = described.axis == file::Side::Right;
                look.trend = described.trend;
            }
            if !measure.expr.ty.is_numeric() {
                self.mistake(&at, "a chart draws numbers");
            }
            if measure.expr.looks_back() && axis.expr.year_before(X).is_none() {
                self.mistake(&at, NEEDS_MONTHS);
            }
            if look.mark.is_some_and(|mark| !mark.has_axes()) {
                self.mistake(&below(&at, "type"), "a series is a `line`, an `area` or a `bar`");
            }
            series.push((measure, look));
        }
        Some(series)
    }

    /// The five numbers that say how a column is spread.
    fn spread(&mut self, at: &[Step], dataset: Dataset<'_>, x: &file::Chart) -> Option<Vec<(Measure, ChartSeries)>> {
        let y = x.y.first()?;
        let at = beneath(&below(at, "y"), 0);
        let of = y.expression();
        let texts = [
            format!("min({of})"),
            format!("percentile({of}, 0.25)"),
            format!("median({of})"),
            format!("percentile({of}, 0.75)"),
            format!("max({of})"),
        ];
        let mut series = Vec::new();
        for (i, text) in texts.iter().enumerate() {
            let name = format!("y{i}");
            let mut measure = self.shown_measure(&at, &name, text, dataset)?;
            if let file::Series::Described(described) = y {
                measure.label = described.label.clone().unwrap_or(measure.label);
                measure.format = described.format.or(measure.format);
            }
            if !measure.expr.ty.is_numeric() {
                self.mistake(&at, "a chart draws numbers");
                return None;
            }
            series.push((measure, ChartSeries { name, ..ChartSeries::default() }));
        }
        Some(series)
    }

    /// What only charts with axes have.
    fn on_axes(&mut self, at: &[Step], x: &file::Chart) {
        let described = x.y.iter().filter_map(|y| if let file::Series::Described(series) = y { Some(series) } else { None });
        let (mut mixed, mut right, mut trend) = (false, 0, false);
        for series in described {
            mixed |= series.ty.is_some();
            right += usize::from(series.axis == file::Side::Right);
            trend |= series.trend;
        }
        let stacked = x.stacked.is_some_and(|stacked| stacked.stack() != Stack::None);
        if x.scale == file::Scale::Log && (stacked || !x.ty.has_axes() && x.ty != ChartKind::Scatter) {
            self.mistake(
                &below(at, "scale"),
                "a logarithmic scale is for line, area, bar and scatter, and not for what is stacked",
            );
        }
        let used = [
            (stacked, "stacked"),
            (x.horizontal, "horizontal"),
            (!x.lines.is_empty(), "lines"),
            (!x.bands.is_empty(), "bands"),
            (x.gaps.is_some(), "gaps"),
            (mixed || right > 0 || trend, "y"),
        ];
        if !x.ty.has_axes() {
            for (_, key) in used.into_iter().filter(|(used, _)| *used) {
                let what = if key == "y" { "`type`, `axis` and `trend` of a series go" } else { "it goes" };
                self.mistake(&below(at, key), format!("{what} with line, area and bar only"));
            }
            return;
        }
        if right == x.y.len() && right > 0 {
            self.mistake(&below(at, "y"), "one series at least is drawn by the axis on the left");
        }
        if right > 0 && (x.horizontal || stacked) {
            self.mistake(&below(at, "y"), "a second axis goes with neither `horizontal` nor `stacked`");
        }
        if x.horizontal && (x.ty != ChartKind::Bar || mixed) {
            self.mistake(&below(at, "horizontal"), "only bars lie down");
        }
        for (i, band) in x.bands.iter().enumerate() {
            let turned = band.from.zip(band.to).is_some_and(|(from, to)| from >= to);
            if turned || band.from.or(band.to).is_none() {
                self.mistake(&beneath(&below(at, "bands"), i), "a band goes `from` a number up `to` another, or has one of them");
            }
        }
    }
}
