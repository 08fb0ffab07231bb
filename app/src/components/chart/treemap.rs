//! Areas as large as their numbers, within the areas of the groups that they are in.

use serde_json::{Value as Json, json};

use super::marks::Marks;

pub fn option(marks: Marks<'_>) -> Json {
    let mut groups: Vec<(String, Vec<Json>)> = Vec::new();
    for (place, row) in marks.answer.rows.iter().enumerate() {
        let Some(value) = marks.number(row, 0).filter(|value| *value > 0.0) else { continue };
        let node = json!({ "name": marks.label(row, 0), "value": value, "mark": place, "tip": marks.figure(row, 0) });
        let group = if marks.has_color() { marks.label(row, 1) } else { String::new() };
        match groups.iter_mut().find(|(name, _)| *name == group) {
            Some((_, nodes)) => nodes.push(node),
            None => groups.push((group, vec![node])),
        }
    }
    let data: Vec<Json> = if marks.has_color() {
        groups.into_iter().map(|(name, children)| json!({ "name": name, "children": children })).collect()
    } else {
        groups.into_iter().flat_map(|(_, nodes)| nodes).collect()
    };
    json!({
        "tooltip": { "trigger": "item" },
        "series": [{
            "type": "treemap", "name": marks.measure(0).map(|column| column.label.clone()), "data": data, "roam": false, "nodeClick": false,
            "breadcrumb": { "show": false }, "width": "100%", "height": "100%", "top": 0, "left": 0,
            "upperLabel": { "show": marks.has_color(), "height": 22 }, "itemStyle": { "gapWidth": 1, "borderWidth": 1 },
        }],
    })
}

#[cfg(test)]
mod tests {
    use model::ChartKind;

    use super::super::option::tests::drawn;
    use super::*;

    #[test]
    fn areas_lie_in_their_groups() {
        let rows = json!([["Chairs", "Furniture", "5.00"], ["Phones", "Technology", "7.00"], ["Tables", "Furniture", "-1.00"]]);
        let data = drawn(ChartKind::Treemap, true, &rows, |_| ())["series"][0]["data"].clone();
        assert_eq!(data[0]["children"], json!([{ "name": "Chairs", "value": 5.0, "mark": 0, "tip": "5.00" }]));
        assert_eq!(data[1]["name"], "Technology");
        let flat = drawn(ChartKind::Treemap, false, &json!([["Chairs", "5.00"]]), |_| ());
        assert_eq!(flat["series"][0]["data"][0]["name"], "Chairs");
    }
}
