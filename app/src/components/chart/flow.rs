//! How much goes from each x to each of the second dimension: bands between two rows of names.

use serde_json::{Value as Json, json};

use super::marks::Marks;

pub fn option(marks: Marks<'_>) -> Json {
    // What is called alike on both sides is not the same there, so nothing goes round in a circle.
    let id = |side: usize, place: usize| format!("{side}-{place}");
    let sides = [marks.categories(0), marks.categories(1)];
    let place = |side: usize, raw: &model::Raw| sides[side].iter().position(|(known, _)| *known == raw);
    let link = |(mark, row): (usize, &Vec<model::Raw>)| {
        let value = marks.number(row, 0).filter(|value| *value > 0.0)?;
        let (from, to) = (place(0, row.first()?)?, place(1, row.get(1)?)?);
        let name = format!("{} → {}", marks.label(row, 0), marks.label(row, 1));
        Some(
            json!({ "source": id(0, from), "target": id(1, to), "value": value, "name": name, "mark": mark, "tip": marks.figure(row, 0) }),
        )
    };
    let links: Vec<Json> = marks.answer.rows.iter().enumerate().filter_map(link).collect();
    let reached = |id: &str| links.iter().any(|link| link["source"] == *id || link["target"] == *id);
    let nodes =
        sides.iter().enumerate().flat_map(|(side, of)| of.iter().enumerate().map(move |(i, (_, label))| (side, i, label)));
    let nodes = nodes.filter(|(side, i, _)| reached(&id(*side, *i)));
    let node = |(side, i, label): (usize, usize, &String)| json!({ "name": id(side, i), "inlayLabel": label, "label": { "position": if side == 0 { "right" } else { "left" } } });
    let nodes: Vec<Json> = nodes.map(node).collect();
    json!({
        "tooltip": { "trigger": "item" },
        "series": [{
            "type": "sankey", "data": nodes, "links": links, "draggable": false, "nodeGap": 6, "nodeWidth": 12, "left": 4, "right": 4, "top": 4, "bottom": 4,
            "lineStyle": { "color": "source", "opacity": 0.35 },
        }],
    })
}

#[cfg(test)]
mod tests {
    use model::ChartKind;

    use super::super::option::tests::drawn;
    use super::*;

    #[test]
    fn names_that_are_on_both_sides_make_no_circle() {
        let rows = json!([["a", "b", "5.00"], ["b", "a", "2.00"], ["a", "a", "1.00"], ["c", "a", "-1.00"]]);
        let series = drawn(ChartKind::Sankey, true, &rows, |_| ())["series"][0].clone();
        assert_eq!(series["links"].as_array().map(Vec::len), Some(3));
        let names: Vec<_> = series["data"].as_array().unwrap().iter().map(|node| node["inlayLabel"].clone()).collect();
        assert_eq!(names, [json!("a"), json!("b"), json!("b"), json!("a")], "what nothing goes through is not there");
    }
}
