//! What a person has made of a chart, and what its small charts have in common.

use std::collections::BTreeSet;

use model::{ChartKind, Raw, Stack};

use super::cartesian;
use super::marks::Marks;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shown {
    /// What the legend names, in order, each with the place of its colour.
    pub names: Vec<(String, usize)>,
    /// Those of them that are switched off.
    pub off: BTreeSet<String>,
    /// The first and the last x that are in sight.
    pub zoom: Option<(Raw, Raw)>,
    /// Between what the axis of numbers goes and in which steps, where several charts have the same.
    pub extent: Option<[f64; 3]>,
    /// The rows of the marks that are chosen; `None` where nothing is.
    pub chosen: Option<BTreeSet<usize>>,
}

impl Shown {
    /// Whether something is drawn.
    pub fn has(&self, name: &str) -> bool {
        !self.off.contains(name)
    }

    /// The place of the colour of what has a name; the first where there is no legend.
    pub fn tone(&self, name: &str) -> usize {
        self.names.iter().find(|(known, _)| known == name).map_or(0, |(_, tone)| *tone)
    }
}

/// What the legend of a chart names, of all small charts together.
pub fn names(marks: Marks<'_>) -> Vec<(String, usize)> {
    let toned = |names: Vec<String>| {
        let mut known = BTreeSet::new();
        let names: Vec<String> = names.into_iter().filter(|name| known.insert(name.clone())).collect();
        names.into_iter().enumerate().map(|(tone, name)| (name, tone)).collect::<Vec<_>>()
    };
    let series = || marks.series(&marks.categories(0));
    let several = |names: Vec<String>| if names.len() > 1 { toned(names) } else { Vec::new() };
    match marks.chart.chart {
        ChartKind::Pie | ChartKind::Donut => toned(marks.categories(0).into_iter().map(|(_, label)| label).collect()),
        ChartKind::Scatter if marks.has_color() => several(marks.categories(1).into_iter().map(|(_, label)| label).collect()),
        ChartKind::Radar => several(series().into_iter().map(|one| one.name).collect()),
        kind if kind.has_axes() => {
            let series = series();
            let mut named = toned(series.iter().map(|one| one.name.clone()).collect());
            let trends = series.iter().enumerate().filter(|(_, one)| marks.chart.series[one.of].trend);
            let trends: Vec<_> = trends.map(|(tone, one)| (cartesian::trend_of(marks, one), tone)).collect();
            named.extend(trends);
            if named.len() > 1 { named } else { Vec::new() }
        }
        _ => Vec::new(),
    }
}

/// Between what the axis of numbers goes for all of these charts to have the same, nothing and round numbers included.
pub fn extent<'a>(charts: impl Iterator<Item = Marks<'a>>) -> Option<[f64; 3]> {
    let (mut least, mut most) = (0.0_f64, 0.0_f64);
    for marks in charts {
        if !marks.chart.chart.has_axes() && marks.chart.chart != ChartKind::Histogram
            || marks.chart.stack == Stack::Shares
            || marks.chart.log
        {
            return None;
        }
        let categories = marks.categories(0);
        let series = marks.switched_on(&categories);
        for i in 0..categories.len() {
            let values = || series.iter().filter_map(|one| one.data[i]);
            let stacked = marks.chart.stack == Stack::Values;
            let sum = |up: bool| values().filter(|value| (*value > 0.0) == up).sum::<f64>();
            let (low, high) =
                if stacked { (sum(false), sum(true)) } else { (values().fold(0.0, f64::min), values().fold(0.0, f64::max)) };
            (least, most) = (least.min(low), most.max(high));
        }
    }
    let step = round_up((most - least) / 4.0);
    (step > 0.0).then(|| [(least / step).floor() * step, (most / step).ceil() * step, step])
}

/// The least of 1, 2, 2.5 and 5 times a power of ten that is not below a number.
fn round_up(number: f64) -> f64 {
    if number.is_nan() || number <= 0.0 || number.is_infinite() {
        return 0.0;
    }
    let power = 10_f64.powf(number.log10().floor());
    let times = [1.0, 2.0, 2.5, 5.0].into_iter().find(|times| times * power >= number * (1.0 - 1e-9));
    times.unwrap_or(10.0) * power
}

#[cfg(test)]
mod tests {
    use model::Locale;
    use serde_json::json;

    use super::super::option::tests::made;
    use super::*;

    #[test]
    fn small_charts_have_one_round_scale() {
        for (kind, stack, expect) in [
            (ChartKind::Line, Stack::None, Some([-20.0, 40.0, 20.0])),
            (ChartKind::Bar, Stack::Values, Some([-20.0, 60.0, 20.0])),
            (ChartKind::Bar, Stack::Shares, None),
        ] {
            let rows = json!([["a", "x", "37.00"], ["a", "y", "22.00"], ["b", "x", "-11.00"]]);
            let (chart, answer) = made(kind, true, &rows, |chart| chart.stack = stack);
            let (locale, shown) = (Locale::new("en-US", "USD"), Shown::default());
            let marks = Marks { chart: &chart, answer: &answer, locale: &locale, shown: &shown };
            assert_eq!(extent([marks].into_iter()), expect, "{kind:?} {stack:?}");
        }
        assert_eq!([0.0, 0.7, 1.0, 21.0, 2600.0].map(round_up), [0.0, 1.0, 1.0, 25.0, 5000.0]);
    }

    #[test]
    fn what_is_named_keeps_its_colour_whatever_else_is_switched_off() {
        let rows = json!([["a", "x", "1.00"], ["a", "y", "2.00"]]);
        let (chart, answer) = made(ChartKind::Bar, true, &rows, |chart| chart.series[0].trend = true);
        let (locale, mut shown) = (Locale::new("en-US", "USD"), Shown::default());
        let marks = Marks { chart: &chart, answer: &answer, locale: &locale, shown: &shown };
        let names = names(marks);
        assert_eq!(names, [("x".into(), 0), ("y".into(), 1), ("Trend of x".into(), 0), ("Trend of y".into(), 1)]);
        shown = Shown { names, off: ["x".to_owned()].into(), ..Shown::default() };
        let marks = Marks { chart: &chart, answer: &answer, locale: &locale, shown: &shown };
        let drawn = super::super::option::option(marks);
        assert_eq!((&drawn["series"][0]["name"], &drawn["series"][0]["inlayTone"]), (&json!("y"), &json!(1)));
    }
}
