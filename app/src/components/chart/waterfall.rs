//! How one comes from nothing to the whole, step by step, up and down.

use serde_json::{Value as Json, json};

use super::marks::Marks;
use super::option::names;

/// What of a bar from one height to another is above nothing, and what is below: where it begins, and how far it goes.
fn halves(from: f64, to: f64) -> [(f64, f64); 2] {
    let (low, high) = (from.min(to), from.max(to));
    let above = (low.max(0.0), high.max(0.0) - low.max(0.0));
    let below = (high.min(0.0), low.min(0.0) - high.min(0.0));
    [above, below]
}

pub fn option(marks: Marks<'_>) -> Json {
    let mut height = 0.0;
    let mut labels = Vec::new();
    let mut parts: [Vec<Json>; 4] = Default::default();
    let mut bar = |(from, to): (f64, f64), color: &str, tip: String, mark: Option<usize>| {
        for (half, (begin, length)) in halves(from, to).into_iter().enumerate() {
            parts[half].push(json!(begin));
            parts[half + 2].push(json!({ "value": length, "inlayColor": color, "mark": mark, "tip": tip }));
        }
    };
    for (place, row) in marks.answer.rows.iter().enumerate() {
        let step = marks.number(row, 0).unwrap_or_default();
        labels.push(marks.label(row, 0));
        bar((height, height + step), if step < 0.0 { "bad" } else { "good" }, marks.figure(row, 0), Some(place));
        height += step;
    }
    if !labels.is_empty() {
        labels.push(marks.say(words::pivot_total()));
        bar((0.0, height), "series-1", marks.locale.show_number(height, marks.format(0)), None);
    }
    let name = marks.measure(0).map(|column| column.label.clone());
    let drawn = |(i, data): (usize, Vec<Json>)| match i {
        // What a bar stands on is not seen.
        0 | 1 => {
            json!({ "type": "bar", "stack": "all", "silent": true, "inlayHidden": true, "itemStyle": { "opacity": 0 }, "data": data })
        }
        _ => json!({ "type": "bar", "stack": "all", "name": name, "barMaxWidth": 44, "data": data }),
    };
    let mut places = names(labels.into_iter(), false);
    // What it all comes to is named, whatever names have no room.
    places["axisLabel"] = json!({ "showMaxLabel": true });
    json!({
        "xAxis": places,
        "yAxis": { "type": "value", "inlayFormat": marks.format(0), "splitNumber": 4 },
        "tooltip": { "trigger": "item" },
        "series": parts.into_iter().enumerate().map(drawn).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use model::ChartKind;

    use super::super::option::tests::drawn;
    use super::*;

    #[test]
    fn a_bar_goes_from_where_the_last_one_ended() {
        assert_eq!(halves(2.0, 5.0), [(2.0, 3.0), (0.0, 0.0)]);
        assert_eq!(halves(3.0, -2.0), [(0.0, 3.0), (0.0, -2.0)]);
        assert_eq!(halves(-1.0, -4.0), [(0.0, 0.0), (-1.0, -3.0)]);
        let option = drawn(ChartKind::Waterfall, false, &json!([["a", "5.00"], ["b", "-7.00"], ["c", null]]), |_| ());
        assert_eq!(option["xAxis"]["data"], json!(["a", "b", "c", "Total"]));
        let lengths = |half: usize| option["series"][half]["data"].as_array().unwrap().iter().map(|bar| bar["value"].clone());
        assert_eq!(lengths(2).collect::<Vec<_>>(), [json!(5.0), json!(5.0), json!(0.0), json!(0.0)]);
        assert_eq!(lengths(3).collect::<Vec<_>>(), [json!(0.0), json!(-2.0), json!(0.0), json!(-2.0)]);
        assert_eq!(option["series"][3]["data"][1]["inlayColor"], "bad");
        assert_eq!(option["series"][3]["data"][3]["tip"], "-2");
    }
}
