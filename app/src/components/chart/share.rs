//! Parts of a whole: slices, and stages that fewer and fewer come through.

use model::{ChartKind, Format};
use serde_json::{Value as Json, json};

use super::marks::Marks;

/// Each mark that is above nothing, with what it is of the whole, and its tip.
fn parts(marks: Marks<'_>) -> Vec<Json> {
    let known = |row: &&Vec<model::Raw>| marks.number(row, 0).is_some_and(|value| value > 0.0);
    let rows: Vec<_> = marks.answer.rows.iter().filter(known).collect();
    let whole: f64 = rows.iter().filter_map(|row| marks.number(row, 0)).sum();
    let part = |row: &&Vec<model::Raw>| {
        let value = marks.number(row, 0).unwrap_or_default();
        let share = marks.locale.show_number(value / whole, Some(Format::Percent));
        json!({ "name": marks.label(row, 0), "value": value, "tip": format!("{} ({share})", marks.shown(row, 0)) })
    };
    rows.iter().map(part).collect()
}

fn name(marks: Marks<'_>) -> String {
    marks.measure(0).map(|column| column.label.clone()).unwrap_or_default()
}

pub fn pie(marks: Marks<'_>) -> Json {
    let inner = if marks.chart.chart == ChartKind::Donut { "46%" } else { "0%" };
    json!({
        "tooltip": { "trigger": "item" },
        "legend": { "show": true },
        "series": [{ "type": "pie", "name": name(marks), "radius": [inner, "74%"], "top": 24, "data": parts(marks), "label": { "show": false } }],
    })
}

pub fn funnel(marks: Marks<'_>) -> Json {
    // In the order of the answer: a stage that more come through than through the one before is seen as such.
    json!({
        "tooltip": { "trigger": "item" },
        "legend": { "show": false },
        "series": [{
            "type": "funnel", "name": name(marks), "data": parts(marks), "sort": "none", "gap": 2, "minSize": "4%", "left": 4, "width": "58%",
            "top": 4, "bottom": 4, "label": { "position": "right" },
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::super::option::tests::drawn;
    use super::*;

    #[test]
    fn what_is_not_above_nothing_is_no_part() {
        let rows = json!([["Jan", null], ["Feb", "6.00"], ["Mar", "-3.00"], ["Apr", "2.00"], ["May", "0.00"]]);
        for kind in [ChartKind::Pie, ChartKind::Donut, ChartKind::Funnel] {
            let data = drawn(kind, false, &rows, |_| ())["series"][0]["data"].clone();
            let expect = json!([
                { "name": "Feb", "value": 6.0, "tip": "6.00 (75%)" }, { "name": "Apr", "value": 2.0, "tip": "2.00 (25%)" },
            ]);
            assert_eq!(data, expect, "{kind:?}");
        }
        assert_eq!(drawn(ChartKind::Pie, false, &json!([["Jan", "-1.00"]]), |_| ())["series"][0]["data"], json!([]));
    }
}
