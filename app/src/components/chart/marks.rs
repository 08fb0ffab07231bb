//! The marks of an answer: where they stand, what they are called, which numbers they have.

use std::collections::{HashMap, HashSet};

use model::{AnswerColumn, ChartKind, ChartView, Decimal, Format, Locale, QueryAnswer, Raw, drawn_number};

use super::shown::Shown;

/// Parts, and colours, that people can tell apart at all; of more a browser is busy for seconds, and shows a blot.
const MOST_PARTS: usize = 500;
/// The same of what fills the whole picture.
const MOST_AREAS: usize = 2_000;

/// An answer beside the chart that it is for.
#[derive(Clone, Copy)]
pub struct Marks<'a> {
    pub chart: &'a ChartView,
    pub answer: &'a QueryAnswer,
    pub locale: &'a Locale,
    pub shown: &'a Shown,
}

/// One drawn series: a name, where it is from, and a number (or nothing) for each category.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub name: String,
    pub format: Option<Format>,
    /// Which of the chart's series it is of.
    pub of: usize,
    pub data: Vec<Option<f64>>,
    /// The answer's row of each.
    pub rows: Vec<Option<usize>>,
}

/// Where a bar of a histogram ends, exactly.
pub fn end_of_bin(from: &Raw, bin: &Raw) -> Option<Raw> {
    let number = |raw: &Raw| raw.as_str().map_or_else(|| raw.to_string(), str::to_owned).parse::<Decimal>().ok();
    let end = number(from)?.checked_add(number(bin)?)?;
    Some(if from.is_string() { Raw::from(end.to_string()) } else { Raw::from(i64::try_from(end).ok()?) })
}

/// What every object of JavaScript has already.
const INHERITED: [&str; 12] = [
    "__proto__",
    "__defineGetter__",
    "__defineSetter__",
    "__lookupGetter__",
    "__lookupSetter__",
    "constructor",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "toLocaleString",
    "toString",
    "valueOf",
];

/// A name that ECharts can keep things by: with a space that nobody sees where it would take it for another thing.
fn apart(name: String) -> String {
    if INHERITED.contains(&name.as_str()) { name + "\u{200b}" } else { name }
}

impl<'a> Marks<'a> {
    pub fn say(self, message: words::Message) -> String {
        self.locale.say(message)
    }

    /// How many parts the picture has room for, if these are more; then it draws none of them.
    pub fn overfull(self) -> Option<usize> {
        let rows = self.answer.rows.len();
        let (count, most) = match self.chart.chart {
            ChartKind::Pie | ChartKind::Donut | ChartKind::Funnel | ChartKind::Radar | ChartKind::Waterfall => (rows, MOST_PARTS),
            ChartKind::Treemap | ChartKind::Sankey => (rows, MOST_AREAS),
            ChartKind::Line | ChartKind::Area | ChartKind::Bar if self.has_color() => (self.categories(1).len(), MOST_PARTS),
            _ => return None,
        };
        (count > most).then_some(most)
    }

    pub fn has_color(self) -> bool {
        self.chart.color.is_some()
    }

    /// The place of the first measure among the columns.
    pub fn first_measure(self) -> usize {
        1 + usize::from(self.has_color()) + usize::from(self.chart.facets)
    }

    /// The column of one of the chart's measures.
    pub fn measure(self, i: usize) -> Option<&'a AnswerColumn> {
        self.answer.columns.get(self.first_measure() + i)
    }

    pub fn format(self, i: usize) -> Option<Format> {
        self.measure(i).and_then(|column| column.format)
    }

    pub fn number(self, row: &[Raw], i: usize) -> Option<f64> {
        row.get(self.first_measure() + i).and_then(drawn_number)
    }

    /// A measure of a row as people read it.
    pub fn figure(self, row: &[Raw], i: usize) -> String {
        let shown = self.measure(i).zip(row.get(self.first_measure() + i));
        shown.map(|(column, raw)| self.locale.show(raw, &column.ty, column.format)).unwrap_or_default()
    }

    /// What a row's x, or with 1 its colour, is called.
    pub fn label(self, row: &[Raw], dimension: usize) -> String {
        let Some((column, raw)) = self.answer.columns.get(dimension).zip(row.get(dimension)) else { return String::new() };
        let end = self.chart.bin.as_ref().filter(|_| dimension == 0).and_then(|bin| end_of_bin(raw, bin));
        if let Some(end) = end {
            let show = |raw: &Raw| self.locale.show(raw, &column.ty, column.format);
            return self.say(words::range_between(show(raw), show(&end)));
        }
        apart(self.locale.named(raw, &column.ty, column.format))
    }

    /// The distinct values of x, or with 1 of the colour, in the order of the answer, with their labels.
    pub fn categories(self, dimension: usize) -> Vec<(&'a Raw, String)> {
        let mut known: HashSet<&Raw> = HashSet::new();
        let rows = self.answer.rows.iter().filter(|row| row.get(dimension).is_some_and(|value| known.insert(value)));
        rows.map(|row| (&row[dimension], self.label(row, dimension))).collect()
    }

    /// Those of x that are in sight.
    pub fn in_sight(self) -> Vec<(&'a Raw, String)> {
        let mut all = self.categories(0);
        if let Some((from, to)) = &self.shown.zoom {
            let place = |end: &Raw| all.iter().position(|(x, _)| *x == end);
            if let (Some(from), Some(to)) = (place(from), place(to)) {
                all.truncate(from.max(to) + 1);
                all.drain(..from.min(to));
            }
        }
        all
    }

    /// The series that nobody has switched off, along these categories.
    pub fn switched_on(self, categories: &[(&Raw, String)]) -> Vec<Series> {
        self.series(categories).into_iter().filter(|one| self.shown.has(&one.name)).collect()
    }

    /// A series for each measure and colour, with a number for each of these categories.
    pub fn series(self, categories: &[(&Raw, String)]) -> Vec<Series> {
        let places: HashMap<&Raw, usize> = categories.iter().enumerate().map(|(i, (x, _))| (*x, i)).collect();
        let mut out: Vec<Series> = Vec::new();
        for of in 0..self.chart.series.len() {
            let label = self.measure(of).map(|column| column.label.as_str()).unwrap_or_default();
            let mut known: HashMap<Option<&Raw>, usize> = HashMap::new();
            for (place, row) in self.answer.rows.iter().enumerate() {
                let color = row.get(1).filter(|_| self.has_color());
                let at = *known.entry(color).or_insert_with(|| {
                    let name = match color {
                        None => apart(label.to_owned()),
                        Some(_) if self.chart.series.len() > 1 => format!("{} · {label}", self.label(row, 1)),
                        Some(_) => self.label(row, 1),
                    };
                    let (data, rows) = (vec![None; categories.len()], vec![None; categories.len()]);
                    out.push(Series { name, format: self.format(of), of, data, rows });
                    out.len() - 1
                });
                if let Some(x) = row.first().and_then(|x| places.get(x)) {
                    out[at].data[*x] = self.number(row, of);
                    out[at].rows[*x] = Some(place);
                }
            }
        }
        out
    }
}
