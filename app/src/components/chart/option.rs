//! From our chart specification and an answer to ECharts' option. Pure; what can't be said in JSON is named and the chart chunk
//! puts its own in: `inlayFormat` (how numbers are shown), `inlayColor` (a colour of the theme), `inlayTone` (the place of a colour among
//! those of series), `inlayLook` (`dashed` or `pending` bars), `inlayLabel` (words as they are, where ECharts would read a template),
//! `inlayAcross` (along which axis one can draw a span: `x`, `y`; `plane` where one draws around points). `tip` is what a mark's tooltip says; `mark`, or of a series `inlayMarks`,
//! the row of the answer that a mark is of.

use std::collections::BTreeSet;

use model::ChartKind;
use serde_json::{Value as Json, json};

use super::marks::Marks;
use super::{boxes, calendar, cartesian, flow, heatmap, radar, scatter, share, treemap, waterfall};

/// The option that draws the answer as its chart says.
#[must_use]
pub fn option(marks: Marks<'_>) -> Json {
    let mut option = drawn(marks);
    if let Some(chosen) = &marks.shown.chosen {
        let all = option["series"].as_array_mut().into_iter().flatten();
        all.for_each(|series| step_back(series, chosen));
    }
    option
}

fn drawn(marks: Marks<'_>) -> Json {
    if marks.overfull().is_some() {
        return json!({ "series": [], "tooltip": { "trigger": "item" } });
    }
    match marks.chart.chart {
        ChartKind::Line | ChartKind::Area | ChartKind::Bar | ChartKind::Histogram => cartesian::option(marks),
        ChartKind::Pie | ChartKind::Donut => share::pie(marks),
        ChartKind::Funnel => share::funnel(marks),
        ChartKind::Treemap => treemap::option(marks),
        ChartKind::Scatter => scatter::option(marks),
        ChartKind::Heatmap => heatmap::option(marks),
        ChartKind::Waterfall => waterfall::option(marks),
        ChartKind::Radar => radar::option(marks),
        ChartKind::Sankey => flow::option(marks),
        ChartKind::Box => boxes::option(marks),
        ChartKind::Calendar => calendar::option(marks),
    }
}

/// How much is seen of a mark that is not chosen where others are.
const BACK: f64 = 0.25;

/// Takes what is not chosen back, so that one sees what is.
fn step_back(series: &mut Json, chosen: &BTreeSet<usize>) {
    let stays = |mark: &Json| mark.as_u64().is_none_or(|row| chosen.contains(&(row as usize)));
    let rows = series["inlayMarks"].as_array().cloned().unwrap_or_default();
    for (i, datum) in series["data"].as_array_mut().into_iter().flatten().enumerate() {
        let mark = rows.get(i).unwrap_or(&Json::Null);
        if datum.is_number() && !stays(mark) {
            *datum = json!({ "value": datum });
        }
        if datum.is_object() {
            let mark = if mark.is_null() { datum["mark"].clone() } else { mark.clone() };
            if stays(&mark) {
                datum["children"].as_array_mut().into_iter().flatten().for_each(|child| {
                    if !stays(&child["mark"]) {
                        child["itemStyle"]["opacity"] = BACK.into();
                    }
                });
            } else {
                datum["itemStyle"]["opacity"] = BACK.into();
            }
        }
    }
    for link in series["links"].as_array_mut().into_iter().flatten() {
        if !stays(&link["mark"]) {
            link["lineStyle"]["opacity"] = (BACK / 3.0).into();
        }
    }
}

/// An axis of names.
pub(super) fn names(labels: impl Iterator<Item = String>, inverse: bool) -> Json {
    let labels: Vec<String> = labels.collect();
    json!({ "type": "category", "data": labels, "inverse": inverse, "axisTick": { "show": false } })
}

/// Whether marks of this kind can't be below nothing: their size is the number.
#[must_use]
pub fn needs_positive(kind: ChartKind) -> bool {
    matches!(kind, ChartKind::Pie | ChartKind::Donut | ChartKind::Funnel | ChartKind::Treemap | ChartKind::Sankey)
}

#[cfg(test)]
pub(super) mod tests {
    use model::{AnswerColumn, ChartSeries, ChartView, ColumnType, Locale, QueryAnswer, Raw, Stack};

    use super::super::shown::Shown;
    use super::*;

    /// A chart over these rows: x, perhaps a colour, then measures of money.
    pub fn drawn(kind: ChartKind, color: bool, rows: &Json, change: impl FnOnce(&mut ChartView)) -> Json {
        let (chart, answer) = made(kind, color, rows, change);
        option(Marks { chart: &chart, answer: &answer, locale: &Locale::new("en-US", "USD"), shown: &Shown::default() })
    }

    pub fn made(kind: ChartKind, color: bool, rows: &Json, change: impl FnOnce(&mut ChartView)) -> (ChartView, QueryAnswer) {
        let rows: Vec<Vec<Raw>> = serde_json::from_value(rows.clone()).unwrap();
        let column = |label: &str, ty| AnswerColumn { name: label.into(), label: label.into(), ty, format: None };
        let measures = rows.first().map_or(1, |row| row.len() - 1 - usize::from(color));
        let named = (0..measures).map(|i| column(&format!("M{i}"), ColumnType::Decimal { scale: 2 }));
        let dimensions = [column("x", ColumnType::Text), column("c", ColumnType::Text)];
        let columns = dimensions.into_iter().take(1 + usize::from(color)).chain(named).collect();
        let series = (0..measures).map(|i| ChartSeries { name: format!("y{i}"), ..ChartSeries::default() }).collect();
        let mut chart = ChartView {
            chart: kind,
            color: color.then(|| "c".into()),
            facets: false,
            series,
            bin: None,
            stack: Stack::None,
            horizontal: false,
            log: false,
            lines: Vec::new(),
            bands: Vec::new(),
            levels: Vec::new(),
        };
        change(&mut chart);
        (chart, QueryAnswer { columns, rows, ..QueryAnswer::default() })
    }
}
