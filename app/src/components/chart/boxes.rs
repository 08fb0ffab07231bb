//! How the values of each x are spread: least, quarter, middle, three quarters, most.

use serde_json::{Value as Json, json};

use super::marks::Marks;
use super::option::names;

/// In the order of the answer.
const PARTS: [&str; 5] = ["least", "lower", "median", "upper", "most"];

pub fn option(marks: Marks<'_>) -> Json {
    let rows = || marks.answer.rows.iter();
    let spread = |(place, row): (usize, &Vec<model::Raw>)| {
        let values: Option<Vec<f64>> = (0..5).map(|i| marks.number(row, i)).collect();
        let told = PARTS.iter().enumerate().rev();
        let told = told.map(|(i, part)| format!("{}: {}", marks.say(words::chart_box(*part)), marks.figure(row, i)));
        let tip = told.collect::<Vec<_>>().join("\n");
        // What ECharts takes for no number.
        let values = values.map_or_else(|| json!(["-", "-", "-", "-", "-"]), |values| json!(values));
        json!({ "name": marks.label(row, 0), "value": values, "mark": place, "tip": tip })
    };
    json!({
        "xAxis": names(rows().map(|row| marks.label(row, 0)), false),
        "yAxis": { "type": "value", "inlayFormat": marks.format(2), "splitNumber": 4 },
        "tooltip": { "trigger": "item" },
        "series": [{ "type": "boxplot", "data": rows().enumerate().map(spread).collect::<Vec<_>>(), "boxWidth": [8, 44] }],
    })
}

#[cfg(test)]
mod tests {
    use model::ChartKind;

    use super::super::option::tests::drawn;
    use super::*;

    #[test]
    fn a_box_has_all_of_its_five_numbers_or_none() {
        let rows = json!([["a", "1.00", "2.00", "3.00", "4.00", "9.00"], ["b", null, null, null, null, null]]);
        let option = drawn(ChartKind::Box, false, &rows, |_| ());
        assert_eq!(option["series"][0]["data"][0]["value"], json!([1.0, 2.0, 3.0, 4.0, 9.0]));
        assert_eq!(option["series"][0]["data"][1]["value"][0], "-");
    }
}
