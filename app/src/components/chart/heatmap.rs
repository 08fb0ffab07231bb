//! A grid of two dimensions, each field shaded by its number.

use std::collections::HashMap;

use model::Raw;
use serde_json::{Value as Json, json};

use super::marks::Marks;
use super::option::names;

pub fn option(marks: Marks<'_>) -> Json {
    let (across, down) = (marks.categories(0), marks.categories(1));
    let places =
        |of: &[(&Raw, String)]| of.iter().enumerate().map(|(i, (raw, _))| (raw.to_string(), i)).collect::<HashMap<_, _>>();
    let (columns, lines) = (places(&across), places(&down));
    let cell = |(place, row): (usize, &Vec<Raw>)| {
        let (x, y) = (columns.get(&row.first()?.to_string())?, lines.get(&row.get(1)?.to_string())?);
        let value = marks.number(row, 0)?;
        let name = format!("{}, {}", marks.label(row, 0), marks.label(row, 1));
        Some((value, json!({ "name": name, "value": [x, y, value], "mark": place, "tip": marks.figure(row, 0) })))
    };
    let cells: Vec<(f64, Json)> = marks.answer.rows.iter().enumerate().filter_map(cell).collect();
    let ends = cells.iter().fold(None, |ends: Option<(f64, f64)>, (value, _)| {
        Some(ends.map_or((*value, *value), |(least, most)| (least.min(*value), most.max(*value))))
    });
    let (least, most) = ends.unwrap_or((0.0, 1.0));
    let data: Vec<Json> = cells.into_iter().map(|(_, cell)| cell).collect();
    let name = marks.measure(0).map(|column| column.label.clone());
    let labels = |of: Vec<(&Raw, String)>| of.into_iter().map(|(_, label)| label).collect::<Vec<_>>().into_iter();
    json!({
        "xAxis": names(labels(across), false), "yAxis": names(labels(down), true),
        "tooltip": { "trigger": "item" },
        "visualMap": { "min": least, "max": most, "inlayFormat": marks.format(0) },
        "series": [{ "type": "heatmap", "name": name, "data": data }],
    })
}

#[cfg(test)]
mod tests {
    use model::ChartKind;

    use super::super::option::tests::drawn;
    use super::*;

    #[test]
    fn fields_are_shaded_between_the_least_and_the_most() {
        let rows = json!([["Jan", "w", "5.00"], ["Feb", "w", "-1.00"], ["Jan", "e", null]]);
        let option = drawn(ChartKind::Heatmap, true, &rows, |_| ());
        assert_eq!((&option["visualMap"]["min"], &option["visualMap"]["max"]), (&json!(-1.0), &json!(5.0)));
        assert_eq!(option["yAxis"]["data"], json!(["w", "e"]));
        let cells = option["series"][0]["data"].as_array().unwrap();
        assert_eq!((cells.len(), &cells[1]["value"]), (2, &json!([1, 0, -1.0])));
    }
}
