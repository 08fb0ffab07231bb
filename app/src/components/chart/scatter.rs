//! Points by two measures, across and up; a third one is how large they are.

use serde_json::{Value as Json, json};

use super::marks::Marks;

/// Of points that are all alike, and of the least and the most; in CSS pixels across.
const POINT_PX: f64 = 9.0;
const BUBBLE_PX: (f64, f64) = (6.0, 42.0);

pub fn option(marks: Marks<'_>) -> Json {
    let most = marks.answer.rows.iter().filter_map(|row| marks.number(row, 2)).map(f64::abs).fold(0.0, f64::max);
    let named = |i: usize| marks.measure(i).map(|column| column.label.clone()).unwrap_or_default();
    let mut series: Vec<(String, Vec<Json>)> = Vec::new();
    for (place, row) in marks.answer.rows.iter().enumerate() {
        let on_axis = |value: &f64| !marks.chart.log || *value > 0.0;
        let [across, up] = [0, 1].map(|i| marks.number(row, i).filter(on_axis));
        let (Some(across), Some(up)) = (across, up) else { continue };
        let measures = (0..marks.chart.series.len()).map(|i| format!("{}: {}", named(i), marks.figure(row, i)));
        let tip = measures.collect::<Vec<_>>().join("\n");
        let mut point = json!({ "name": marks.label(row, 0), "value": [across, up], "mark": place, "tip": tip });
        if marks.chart.series.len() > 2 {
            let share = marks.number(row, 2).map_or(0.0, f64::abs) / if most > 0.0 { most } else { 1.0 };
            // As large as its area, not its width.
            point["symbolSize"] = json!(BUBBLE_PX.0 + (BUBBLE_PX.1 - BUBBLE_PX.0) * share.sqrt());
        }
        let of = if marks.has_color() { marks.label(row, 1) } else { named(1) };
        if !marks.shown.has(&of) {
            continue;
        }
        match series.iter_mut().find(|(name, _)| *name == of) {
            Some((_, points)) => points.push(point),
            None => series.push((of, vec![point])),
        }
    }
    let axis = |i: usize| json!({ "type": if marks.chart.log { "log" } else { "value" }, "name": named(i), "inlayFormat": marks.format(i), "splitNumber": 4, "scale": true });
    let tone = |name: &String| marks.shown.tone(name);
    let drawn = |(name, data): (String, Vec<Json>)| json!({ "type": "scatter", "inlayTone": tone(&name), "name": name, "data": data, "symbolSize": POINT_PX, "itemStyle": { "opacity": 0.75 } });
    json!({
        "xAxis": axis(0), "yAxis": axis(1),
        "inlayAcross": "plane",
        "tooltip": { "trigger": "item" },
        "series": series.into_iter().map(drawn).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use model::ChartKind;

    use super::super::option::tests::drawn;
    use super::*;

    #[test]
    fn a_point_stands_by_two_measures_and_is_as_large_as_the_third() {
        let rows = json!([["a", "1.00", "2.00", "4.00"], ["b", "3.00", "4.00", "1.00"], ["c", null, "1.00", "1.00"]]);
        let option = drawn(ChartKind::Scatter, false, &rows, |_| ());
        let points = option["series"][0]["data"].as_array().unwrap();
        assert_eq!(points.len(), 2, "what is not known stands nowhere");
        assert_eq!((&points[0]["value"], &points[0]["symbolSize"]), (&json!([1.0, 2.0]), &json!(42.0)));
        assert_eq!(points[1]["symbolSize"], json!(24.0));
        assert_eq!(points[0]["tip"], "M0: 1.00\nM1: 2.00\nM2: 4.00");
        let coloured = drawn(ChartKind::Scatter, true, &json!([["a", "w", "1.00", "2.00"], ["b", "e", "1.00", "2.00"]]), |_| ());
        assert_eq!(coloured["series"].as_array().map(Vec::len), Some(2));
    }
}
