//! Several measures or colours by the same few categories, around a centre.

use serde_json::{Value as Json, json};

use super::marks::Marks;

pub fn option(marks: Marks<'_>) -> Json {
    let categories = marks.categories(0);
    let series = marks.switched_on(&categories);
    let known = || series.iter().flat_map(|one| one.data.iter().flatten().copied());
    let (least, most) = (known().fold(0.0, f64::min), known().fold(0.0, f64::max));
    // One scale for all, so that one side is not longer than another by its own.
    let most = if most > least { most } else { least + 1.0 };
    let indicator = |(_, label): &(&model::Raw, String)| json!({ "name": label, "min": least, "max": most });
    let polygon = |one: &super::marks::Series| {
        let shown = categories.iter().zip(&one.data).map(|((_, label), value)| {
            let value = value.map_or_else(|| "–".to_owned(), |value| marks.locale.show_number(value, one.format));
            format!("{label}: {value}")
        });
        let tip = shown.collect::<Vec<_>>().join("\n");
        json!({ "name": one.name, "inlayTone": marks.shown.tone(&one.name), "value": one.data, "tip": tip, "areaStyle": { "opacity": 0.12 } })
    };
    json!({
        "radar": { "indicator": categories.iter().map(indicator).collect::<Vec<_>>(), "splitNumber": 4, "radius": "70%", "center": ["50%", "52%"] },
        "tooltip": { "trigger": "item" },
        "series": [{ "type": "radar", "data": series.iter().map(polygon).collect::<Vec<_>>(), "symbolSize": 5 }],
    })
}

#[cfg(test)]
mod tests {
    use model::ChartKind;

    use super::super::option::tests::drawn;
    use super::*;

    #[test]
    fn all_sides_have_one_scale() {
        let option = drawn(ChartKind::Radar, false, &json!([["a", "5.00", "-1.00"], ["b", "2.00", null]]), |_| ());
        assert_eq!(option["radar"]["indicator"][1], json!({ "name": "b", "min": -1.0, "max": 5.0 }));
        assert_eq!(option["series"][0]["data"][1]["tip"], "a: -1\nb: –");
    }
}
