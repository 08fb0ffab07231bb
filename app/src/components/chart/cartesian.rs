//! Lines, areas and bars along an axis of names: beside each other, stacked, as shares of the whole, with a second axis.

use model::{ChartKind, ChartView, Format, ReferenceAt, Stack};
use serde_json::{Value as Json, json};

use super::marks::{Marks, Series};
use super::option::names;

pub fn option(marks: Marks<'_>) -> Json {
    let chart = marks.chart;
    let categories = marks.in_sight();
    let series = marks.switched_on(&categories);
    let wholes = wholes(chart, &series, categories.len());
    let with_trend = series.iter().filter(|one| chart.series[one.of].trend && marks.shown.has(&trend_of(marks, one)));
    let trends: Vec<Json> = with_trend.map(|one| trend(marks, one)).collect();
    let labels = categories.into_iter().map(|(_, label)| label);
    let axis = |right: bool| {
        let format = series.iter().find(|one| chart.series[one.of].right == right).and_then(|one| one.format);
        let format = if wholes.is_some() { Some(Format::Percent) } else { format };
        let ty = if chart.log { "log" } else { "value" };
        let mut axis = json!({ "type": ty, "inlayFormat": format, "splitNumber": 4 });
        if right {
            // The lines of one axis are enough.
            axis["splitLine"] = json!({ "show": false });
        } else if let Some([least, most, step]) = marks.shown.extent {
            (axis["min"], axis["max"], axis["interval"]) = (least.into(), most.into(), step.into());
        }
        if let Some(base) = lowest_power(&series).filter(|_| chart.log) {
            // Bars stand on the axis, and not on what happens to be one.
            (axis["min"], axis["startValue"]) = (base.into(), base.into());
        }
        if wholes.is_some() {
            axis["interval"] = json!(0.25);
        }
        if wholes.is_some() && series.iter().all(|one| one.data.iter().flatten().all(|value| *value >= 0.0)) {
            axis["max"] = json!(1);
        }
        axis
    };
    let two = chart.series.iter().any(|one| one.right);
    let values = if two { json!([axis(false), axis(true)]) } else { axis(false) };
    let names = names(labels, chart.horizontal);
    let (x, y) = if chart.horizontal { (values, names) } else { (names, values) };
    let mut drawn: Vec<Json> = series.into_iter().map(|one| draw(marks, one, wholes.as_deref())).collect();
    if let Some(first) = drawn.first_mut() {
        mark(marks, first);
    }
    drawn.extend(trends);
    let across = if chart.horizontal { "y" } else { "x" };
    json!({ "xAxis": x, "yAxis": y, "tooltip": { "trigger": "axis" }, "series": drawn, "inlayAcross": across })
}

/// The power of ten that nothing above nothing is below.
fn lowest_power(series: &[Series]) -> Option<f64> {
    let least = series.iter().flat_map(|one| one.data.iter().flatten().copied()).filter(|value| *value > 0.0).reduce(f64::min)?;
    Some(10_f64.powf(least.log10().floor()))
}

/// What the parts at each category come to, whichever their signs; `None` where they are not shown as shares.
fn wholes(chart: &ChartView, series: &[Series], count: usize) -> Option<Vec<f64>> {
    let of = |i: usize| series.iter().filter_map(|one| one.data[i]).map(f64::abs).sum();
    (chart.stack == Stack::Shares).then(|| (0..count).map(of).collect())
}

fn draw(marks: Marks<'_>, series: Series, wholes: Option<&[f64]>) -> Json {
    let chart = marks.chart;
    let look = &chart.series[series.of];
    let is_histogram = chart.chart == ChartKind::Histogram;
    let kind = if is_histogram { ChartKind::Bar } else { look.mark.unwrap_or(chart.chart) };
    let point = |(i, value): (usize, Option<f64>)| match (value, wholes) {
        (Some(value), Some(wholes)) if wholes[i] > 0.0 => {
            let shown = marks.locale.show_number(value, series.format);
            let share = marks.locale.show_number(value / wholes[i], Some(Format::Percent));
            json!({ "value": value / wholes[i], "tip": format!("{shown} ({share})") })
        }
        (value, _) => json!(value),
    };
    // What is not above nothing has no place on a logarithmic axis.
    let on_axis = |value: &Option<f64>| value.filter(|value| !chart.log || *value > 0.0);
    let data: Vec<Json> = series.data.iter().map(on_axis).enumerate().map(point).collect();
    let mut out = json!({
        "type": if kind == ChartKind::Bar { "bar" } else { "line" }, "name": series.name, "data": data, "inlayFormat": series.format,
        "inlayTone": marks.shown.tone(&series.name), "inlayMarks": series.rows,
    });
    if chart.stack != Stack::None && look.mark.is_none() {
        out["stack"] = "all".into();
    }
    if look.right {
        out["yAxisIndex"] = 1.into();
    }
    if is_histogram {
        // Where one ends the next begins.
        out["barCategoryGap"] = "2%".into();
    } else if kind == ChartKind::Bar {
        out["barMaxWidth"] = 22.into();
    } else {
        // A point alone between gaps would not be seen without its symbol.
        out["showSymbol"] = true.into();
        out["symbolSize"] = 5.into();
        let ty = if look.pending {
            "dotted"
        } else if look.dashed {
            "dashed"
        } else {
            "solid"
        };
        out["lineStyle"] = json!({ "width": 2, "type": ty });
    }
    if kind != ChartKind::Line && (look.dashed || look.pending) {
        out["inlayLook"] = if look.pending { "pending" } else { "dashed" }.into();
    }
    if kind == ChartKind::Area {
        out["areaStyle"] = json!({ "opacity": 0.25 });
    }
    out
}

/// What the straight line of a series is called.
pub fn trend_of(marks: Marks<'_>, series: &Series) -> String {
    marks.say(words::chart_trend(series.name.as_str()))
}

/// The straight line that is nearest to a series by least squares, each category as far from the next.
fn trend(marks: Marks<'_>, series: &Series) -> Json {
    let points: Vec<(f64, f64)> = series.data.iter().enumerate().filter_map(|(i, y)| Some((i as f64, (*y)?))).collect();
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let spread: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
    let slope = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum::<f64>() / spread;
    let data: Vec<Option<f64>> =
        (0..series.data.len()).map(|i| Some(y + slope * (i as f64 - x)).filter(|value| value.is_finite())).collect();
    let name = trend_of(marks, series);
    let tone = marks.shown.tone(&series.name);
    let mut out = json!({
        "type": "line", "name": name, "data": data, "inlayFormat": series.format, "inlayTone": tone, "showSymbol": false,
        "lineStyle": { "width": 2, "type": "dotted" },
    });
    if marks.chart.series[series.of].right {
        out["yAxisIndex"] = 1.into();
    }
    out
}

/// Lines and bands across the chart.
fn mark(marks: Marks<'_>, first: &mut Json) {
    let chart = marks.chart;
    let (value, end) = if chart.horizontal { ("xAxis", "insideEndTop") } else { ("yAxis", "insideStartTop") };
    if !chart.lines.is_empty() {
        let line = |line: &model::ReferenceLine| {
            let mut at = match line.at {
                ReferenceAt::Value(at) => json!({ value: at }),
                ReferenceAt::Average => json!({ "type": "average" }),
                ReferenceAt::Least => json!({ "type": "min" }),
                ReferenceAt::Most => json!({ "type": "max" }),
            };
            let called = || match line.at {
                ReferenceAt::Value(at) => marks.locale.show_number(at, marks.format(0)),
                ReferenceAt::Average => marks.say(words::chart_average()),
                ReferenceAt::Least => marks.say(words::chart_least()),
                ReferenceAt::Most => marks.say(words::chart_most()),
            };
            at["inlayLabel"] = line.label.clone().unwrap_or_else(called).into();
            at
        };
        let data: Vec<Json> = chart.lines.iter().map(line).collect();
        first["markLine"] = json!({ "symbol": "none", "silent": true, "label": { "position": end }, "data": data });
    }
    if !chart.bands.is_empty() {
        let band = |band: &model::ReferenceBand| {
            // A band without an end goes on to the edge.
            let end = |at: Option<f64>| at.map_or(json!({}), |at| json!({ value: at }));
            let mut from = end(band.from);
            from["inlayLabel"] = band.label.clone().into();
            json!([from, end(band.to)])
        };
        let data: Vec<Json> = chart.bands.iter().map(band).collect();
        first["markArea"] = json!({ "silent": true, "data": data });
    }
}

#[cfg(test)]
mod tests {
    use model::{ReferenceBand, ReferenceLine};

    use super::super::option::tests::drawn;
    use super::*;

    #[test]
    fn gaps_stay_gaps_and_forecasts_are_dashed() {
        let rows = json!([["Jan", "10.50", null], ["Feb", "7.00", "8.00"]]);
        let option = drawn(ChartKind::Line, false, &rows, |chart| chart.series[1].dashed = true);
        assert_eq!(option["xAxis"]["data"], json!(["Jan", "Feb"]));
        assert_eq!(option["series"][0]["data"], json!([10.5, 7.0]));
        assert_eq!(option["series"][1]["data"], json!([null, 8.0]));
        assert_eq!(option["series"][1]["lineStyle"]["type"], "dashed");
    }

    #[test]
    fn shares_are_of_the_whole_of_their_place() {
        let rows = json!([["Jan", "a", "30.00"], ["Jan", "b", "10.00"], ["Feb", "a", "0.00"]]);
        let option = drawn(ChartKind::Bar, true, &rows, |chart| chart.stack = Stack::Shares);
        assert_eq!(option["series"][0]["data"][0], json!({ "value": 0.75, "tip": "30 (75%)" }));
        assert_eq!(option["series"][1]["data"], json!([{ "value": 0.25, "tip": "10 (25%)" }, null]));
        assert_eq!(option["series"][0]["data"][1], json!(0.0), "nothing is no share of nothing");
        assert_eq!((&option["yAxis"]["max"], &option["yAxis"]["inlayFormat"]), (&json!(1), &json!("percent")));
        let below =
            drawn(ChartKind::Bar, true, &json!([["Jan", "a", "-5.00"], ["Jan", "b", "5.00"]]), |c| c.stack = Stack::Shares);
        assert_eq!(below["series"][0]["data"][0]["value"], json!(-0.5));
        assert_eq!(below["yAxis"]["max"], Json::Null);
    }

    #[test]
    fn bars_of_a_histogram_go_from_one_number_to_the_next() {
        let rows = json!([["-5", "2.00"], ["0", "0.00"]]);
        let option = drawn(ChartKind::Histogram, false, &rows, |chart| chart.bin = Some("5".into()));
        assert_eq!(option["xAxis"]["data"], json!(["-5 to 0", "0 to 5"]));
        assert_eq!((&option["series"][0]["type"], &option["series"][0]["barCategoryGap"]), (&json!("bar"), &json!("2%")));
    }

    #[test]
    fn a_second_axis_has_its_own_series() {
        let option = drawn(ChartKind::Bar, false, &json!([["Jan", "10.00", "0.30"]]), |chart| {
            chart.series[1].mark = Some(ChartKind::Line);
            chart.series[1].right = true;
        });
        assert_eq!((&option["series"][0]["type"], &option["series"][1]["type"]), (&json!("bar"), &json!("line")));
        assert_eq!(option["series"][1]["yAxisIndex"], json!(1));
        assert_eq!(option["yAxis"].as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn a_trend_is_the_nearest_line() {
        let rows = json!([["a", "1.00"], ["b", null], ["c", "5.00"], ["d", "7.00"]]);
        let option = drawn(ChartKind::Line, false, &rows, |chart| chart.series[0].trend = true);
        let line = option["series"][1]["data"].as_array().unwrap().iter().map(|y| (y.as_f64().unwrap() * 1e6).round() / 1e6);
        assert_eq!(line.collect::<Vec<_>>(), [1.0, 3.0, 5.0, 7.0]);
        let alone = drawn(ChartKind::Line, false, &json!([["a", "1.00"]]), |chart| chart.series[0].trend = true);
        assert_eq!(alone["series"][1]["data"], json!([null]), "one point has no direction");
    }

    #[test]
    fn lines_and_bands_lie_on_the_axis_of_values() {
        let rows = json!([["a", "1.00"]]);
        let option = drawn(ChartKind::Bar, false, &rows, |chart| {
            chart.horizontal = true;
            chart.lines = vec![
                ReferenceLine { at: ReferenceAt::Value(5.0), label: Some("Goal {b}".into()) },
                ReferenceLine { at: ReferenceAt::Average, label: None },
            ];
            chart.bands = vec![ReferenceBand { from: None, to: Some(2.0), label: "Low".into() }];
        });
        let first = &option["series"][0];
        assert_eq!(first["markLine"]["data"][0], json!({ "xAxis": 5.0, "inlayLabel": "Goal {b}" }));
        assert_eq!(first["markLine"]["data"][1], json!({ "type": "average", "inlayLabel": "Average" }));
        assert_eq!(first["markArea"]["data"], json!([[{ "inlayLabel": "Low" }, { "xAxis": 2.0 }]]));
    }
}
