//! Parts of a whole: slices, and stages that fewer and fewer come through.

use model::{ChartKind, Format};
use serde_json::{Value as Json, json};

use super::marks::Marks;

/// Each mark that is above nothing, with what it is of the whole, and its tip.
fn parts<'a>(marks: Marks<'a>) -> Vec<Json> {
    let known = |(place, row): (usize, &'a Vec<model::Raw>)| {
        let (value, name) = (marks.number(row, 0).filter(|value| *value > 0.0)?, marks.label(row, 0));
        marks.shown.has(&name).then_some((place, row, value, name))
    };
    let rows: Vec<(usize, &Vec<model::Raw>, f64, String)> = marks.answer.rows.iter().enumerate().filter_map(known).collect();
    let whole: f64 = rows.iter().map(|(_, _, value, _)| value).sum();
    let part = |(place, row, value, name): (usize, &Vec<model::Raw>, f64, String)| {
        let share = marks.locale.show_number(value / whole, Some(Format::Percent));
        // Slices without a legend go through all colours.
        let tone = if marks.shown.names.is_empty() { place } else { marks.shown.tone(&name) };
        json!({ "name": name, "value": value, "mark": place, "inlayTone": tone, "tip": format!("{} ({share})", marks.figure(row, 0)) })
    };
    rows.into_iter().map(part).collect()
}

fn name(marks: Marks<'_>) -> String {
    marks.measure(0).map(|column| column.label.clone()).unwrap_or_default()
}

pub fn pie(marks: Marks<'_>) -> Json {
    let inner = if marks.chart.chart == ChartKind::Donut { "46%" } else { "0%" };
    json!({
        "tooltip": { "trigger": "item" },
        "series": [{ "type": "pie", "name": name(marks), "radius": [inner, "74%"], "data": parts(marks), "label": { "show": false } }],
    })
}

pub fn funnel(marks: Marks<'_>) -> Json {
    // In the order of the answer: a stage that more come through than through the one before is seen as such.
    json!({
        "tooltip": { "trigger": "item" },
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
                { "name": "Feb", "value": 6.0, "mark": 1, "inlayTone": 1, "tip": "6.00 (75%)" },
                { "name": "Apr", "value": 2.0, "mark": 3, "inlayTone": 3, "tip": "2.00 (25%)" },
            ]);
            assert_eq!(data, expect, "{kind:?}");
        }
        assert_eq!(drawn(ChartKind::Pie, false, &json!([["Jan", "-1.00"]]), |_| ())["series"][0]["data"], json!([]));
    }
}
