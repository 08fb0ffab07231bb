//! From our chart specification and an answer to ECharts' option. Pure; functions (number formats) are named, and the
//! chart chunk puts its own in.

use std::collections::{HashMap, HashSet};

use model::{ChartKind, ChartView, Format, Locale, QueryAnswer, Raw};
use serde_json::{Value as Json, json};

/// One drawn series: a name, a look, and a number (or nothing) for each category.
struct Series {
    name: String,
    format: Option<Format>,
    dashed: bool,
    data: Vec<Json>,
}

/// The option that draws `answer` as `chart` says.
#[must_use]
pub fn option(chart: &ChartView, answer: &QueryAnswer, locale: &Locale) -> Json {
    let categories = categories(answer, locale);
    let series = series(chart, answer, locale, &categories);
    let labels: Vec<&String> = categories.iter().map(|(_, label)| label).collect();
    if chart.chart == ChartKind::Pie {
        return pie(&series, &labels);
    }
    let category = json!({ "type": "category", "data": labels, "inverse": chart.horizontal, "axisTick": { "show": false } });
    let format = series.iter().find_map(|s| s.format);
    let value = json!({ "type": "value", "inlayFormat": format, "splitNumber": 4 });
    let (x, y) = if chart.horizontal { (value, category) } else { (category, value) };
    json!({
        "xAxis": x, "yAxis": y,
        "legend": { "show": series.len() > 1 },
        "tooltip": { "trigger": "axis" },
        "series": series.into_iter().map(|s| drawn(chart, s)).collect::<Vec<_>>(),
    })
}

/// One sentence that says what the chart shows, for those who don't see it.
#[must_use]
pub fn summary(chart: &ChartView, answer: &QueryAnswer, locale: &Locale) -> String {
    let categories = categories(answer, locale);
    let (Some((_, first)), Some((_, last))) = (categories.first(), categories.last()) else {
        return locale.say(words::no_data());
    };
    let places = 1 + usize::from(chart.color.is_some());
    let peak = |i: usize| {
        let column = answer.columns.get(places + i)?;
        let number = |row: &Vec<Raw>| row.get(places + i).and_then(number);
        let top = answer.rows.iter().filter(|row| number(row).is_some());
        let top = top.max_by(|a, b| number(a).unwrap_or(0.0).total_cmp(&number(b).unwrap_or(0.0)))?;
        let value = locale.show(&top[places + i], &column.ty, column.format);
        Some(locale.say(words::chart_peak(column.label.as_str(), label(answer, &top[0], locale), value)))
    };
    let peaks = (0..chart.series.len()).filter_map(peak);
    let said = locale.say(words::chart_summary(categories.len(), first, last, peaks.collect::<Vec<_>>().join(" ")));
    match cut(answer, locale) {
        Some(cut) => format!("{said} {cut}"),
        None => said,
    }
}

/// That not all is drawn, if it is not.
#[must_use]
pub fn cut(answer: &QueryAnswer, locale: &Locale) -> Option<String> {
    let said = if answer.more { Some(words::chart_cut(answer.rows.len())) } else { answer.drawn_from.map(words::chart_reduced) };
    said.map(|said| locale.say(said))
}

fn label(answer: &QueryAnswer, raw: &Raw, locale: &Locale) -> String {
    let text = answer.columns.first().map(|c| locale.show(raw, &c.ty, c.format)).unwrap_or_default();
    if text.is_empty() { locale.say(words::blank_value()) } else { text }
}

/// The distinct values of x in the order of the answer, with their labels.
fn categories(answer: &QueryAnswer, locale: &Locale) -> Vec<(Raw, String)> {
    let mut known: HashSet<&Raw> = HashSet::new();
    let new = answer.rows.iter().filter_map(|row| row.first()).filter(|x| known.insert(x));
    new.map(|x| (x.clone(), label(answer, x, locale))).collect()
}

fn series(chart: &ChartView, answer: &QueryAnswer, locale: &Locale, categories: &[(Raw, String)]) -> Vec<Series> {
    let places: HashMap<&Raw, usize> = categories.iter().enumerate().map(|(i, (x, _))| (x, i)).collect();
    let place = |x: &Raw| places.get(x).copied();
    let empty = || vec![Json::Null; categories.len()];
    let mut out: Vec<Series> = Vec::new();
    for (i, measure) in chart.series.iter().enumerate() {
        let column = 1 + usize::from(chart.color.is_some()) + i;
        let (label, format) = answer.columns.get(column).map(|c| (c.label.as_str(), c.format)).unwrap_or_default();
        for row in &answer.rows {
            let name = match &chart.color {
                None => label.to_owned(),
                Some(_) => color_name(chart, answer, row, locale, label),
            };
            let at = match out.iter().position(|s| s.name == name) {
                Some(at) => at,
                None => {
                    out.push(Series { name, format, dashed: measure.dashed, data: empty() });
                    out.len() - 1
                }
            };
            if let (Some(x), Some(y)) = (row.first().and_then(place), row.get(column).and_then(number)) {
                out[at].data[x] = Json::from(y);
            }
        }
    }
    out
}

fn color_name(chart: &ChartView, answer: &QueryAnswer, row: &[Raw], locale: &Locale, measure: &str) -> String {
    let shown = answer.columns.get(1).zip(row.get(1)).map(|(c, raw)| locale.show(raw, &c.ty, c.format)).unwrap_or_default();
    if chart.series.len() > 1 { format!("{shown} · {measure}") } else { shown }
}

/// For drawing and for signs only: pixels need no more than a double has.
pub(super) fn number(raw: &Raw) -> Option<f64> {
    raw.as_f64().or_else(|| raw.as_str().and_then(|text| text.parse().ok()))
}

fn drawn(chart: &ChartView, series: Series) -> Json {
    let kind = if chart.chart == ChartKind::Bar { "bar" } else { "line" };
    let mut out = json!({ "type": kind, "name": series.name, "data": series.data, "inlayFormat": series.format });
    if chart.stacked {
        out["stack"] = "all".into();
    }
    match chart.chart {
        ChartKind::Bar => out["barMaxWidth"] = 22.into(),
        _ => {
            // A point alone between gaps would not be seen without its symbol.
            out["showSymbol"] = true.into();
            out["symbolSize"] = 5.into();
            out["lineStyle"] = json!({ "width": 2, "type": if series.dashed { "dashed" } else { "solid" } });
        }
    }
    if chart.chart == ChartKind::Area {
        out["areaStyle"] = json!({ "opacity": 0.25 });
    }
    out
}

fn pie(series: &[Series], labels: &[&String]) -> Json {
    let Some(first) = series.first() else {
        return json!({ "series": [] });
    };
    let slice = |(name, value): (&&String, &Json)| json!({ "name": name, "value": value });
    let data: Vec<Json> = labels.iter().zip(&first.data).filter(|(_, value)| !value.is_null()).map(slice).collect();
    json!({
        "tooltip": { "trigger": "item" },
        "legend": { "show": true },
        "series": [{ "type": "pie", "name": first.name, "radius": ["45%", "72%"], "data": data, "inlayFormat": first.format, "label": { "show": false } }],
    })
}

#[cfg(test)]
mod tests {
    use model::{AnswerColumn, ChartSeries, ColumnType};

    use super::*;

    fn answer() -> QueryAnswer {
        let column = |label: &str, ty| AnswerColumn { name: label.into(), label: label.into(), ty, format: None };
        let money = ColumnType::Decimal { scale: 2 };
        QueryAnswer {
            columns: vec![column("x", ColumnType::Text), column("Actual", money.clone()), column("Forecast", money)],
            rows: vec![vec!["Jan".into(), "10.50".into(), Raw::Null], vec!["Feb".into(), "7.00".into(), "8.00".into()]],
            total: Some(2),
            ..QueryAnswer::default()
        }
    }

    fn chart(kind: ChartKind) -> ChartView {
        let series = |name: &str, dashed| ChartSeries { name: name.into(), dashed };
        let series = vec![series("y0", false), series("y1", true)];
        ChartView { chart: kind, x: "x".into(), color: None, series, stacked: false, horizontal: false }
    }

    #[test]
    fn gaps_stay_gaps_and_forecasts_are_dashed() {
        let option = option(&chart(ChartKind::Line), &answer(), &Locale::new("en", "USD"));
        assert_eq!(option["xAxis"]["data"], json!(["Jan", "Feb"]));
        assert_eq!(option["series"][0]["data"], json!([10.5, 7.0]));
        assert_eq!(option["series"][1]["data"], json!([null, 8.0]));
        assert_eq!(option["series"][1]["lineStyle"]["type"], "dashed");
    }

    #[test]
    fn a_pie_leaves_blanks_out() {
        let mut pie = chart(ChartKind::Pie);
        pie.series.remove(0);
        let mut answer = answer();
        answer.columns.remove(1);
        answer.rows.iter_mut().for_each(|row| drop(row.remove(1)));
        let option = option(&pie, &answer, &Locale::new("en", "USD"));
        assert_eq!(option["series"][0]["data"], json!([{ "name": "Feb", "value": 8.0 }]));
    }

    #[test]
    fn what_is_not_drawn_is_said() {
        let (locale, part) = (Locale::new("en", "USD"), QueryAnswer { more: true, ..answer() });
        assert_eq!(cut(&answer(), &locale), None);
        let said = "Only the first 2 marks are drawn; there are more.";
        assert_eq!(cut(&part, &locale).as_deref(), Some(said));
        assert!(summary(&chart(ChartKind::Bar), &part, &locale).ends_with(said));
    }

    #[test]
    fn the_summary_says_where_the_peak_is() {
        let text = summary(&chart(ChartKind::Bar), &answer(), &Locale::new("en", "USD"));
        assert_eq!(text, "2 values from Jan to Feb. Actual is highest at Jan, 10.50. Forecast is highest at Feb, 8.00.");
    }
}
