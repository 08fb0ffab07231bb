//! Days in their weeks, a strip for each year, each day shaded by its number.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde_json::{Value as Json, json};

use super::marks::Marks;

/// Strips that have room; of more years the last ones.
const MOST_YEARS: usize = 4;
/// Of other years ECharts makes no strip.
const DRAWN: RangeInclusive<&str> = "1000"..="9998";

/// The days that are drawn, by year, and how many years are not.
fn years(marks: Marks<'_>) -> (Vec<(String, Vec<Json>)>, usize) {
    let mut years: BTreeMap<String, Vec<Json>> = BTreeMap::new();
    for (place, row) in marks.answer.rows.iter().enumerate() {
        let (Some(day), Some(value)) = (row.first().and_then(model::Raw::as_str), marks.number(row, 0)) else { continue };
        let (Some(day), Some(year)) = (day.get(..10), day.get(..4)) else { continue };
        let mark = json!({ "name": marks.label(row, 0), "value": [day, value], "mark": place, "tip": marks.figure(row, 0) });
        years.entry(year.to_owned()).or_default().push(mark);
    }
    let all = years.len();
    years.retain(|year, _| DRAWN.contains(&year.as_str()));
    let last: Vec<_> = years.into_iter().rev().take(MOST_YEARS).rev().collect();
    let left_out = all - last.len();
    (last, left_out)
}

/// How many years there was no room for.
pub fn left_out(marks: Marks<'_>) -> usize {
    years(marks).1
}

pub fn option(marks: Marks<'_>) -> Json {
    let (years, _) = years(marks);
    let numbers = || years.iter().flat_map(|(_, days)| days).filter_map(|day| day["value"][1].as_f64());
    let (least, most) = (numbers().fold(f64::INFINITY, f64::min), numbers().fold(f64::NEG_INFINITY, f64::max));
    let (least, most) = if least <= most { (least, most) } else { (0.0, 1.0) };
    // In hundredths of what is below the scale of shades.
    let part = 90.0 / years.len().max(1) as f64;
    let strip = |(i, (year, _)): (usize, &(String, Vec<Json>))| {
        let top = format!("{}%", 10.0 + part * i as f64 + part * 0.2);
        json!({ "range": year, "top": top, "height": format!("{}%", part * 0.72) })
    };
    let name = marks.measure(0).map(|column| column.label.clone());
    let drawn = |(i, (_, days)): (usize, &(String, Vec<Json>))| json!({ "type": "heatmap", "coordinateSystem": "calendar", "calendarIndex": i, "name": name, "data": days });
    json!({
        "calendar": years.iter().enumerate().map(strip).collect::<Vec<_>>(),
        "tooltip": { "trigger": "item" },
        "visualMap": { "min": least, "max": most, "inlayFormat": marks.format(0) },
        "series": years.iter().enumerate().map(drawn).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use model::ChartKind;

    use super::super::option::tests::drawn;
    use super::*;

    #[test]
    fn each_year_is_a_strip_and_the_last_ones_are_drawn() {
        let rows = json!([["2016-02-29", "3.00"], ["2017-01-01", "5.00"], ["2017-01-02", null], [null, "7.00"]]);
        let option = drawn(ChartKind::Calendar, false, &rows, |_| ());
        assert_eq!(option["calendar"].as_array().map(Vec::len), Some(2));
        assert_eq!(option["series"][1]["data"].as_array().map(Vec::len), Some(1), "what is not known is not shaded");
        assert_eq!((&option["visualMap"]["min"], &option["visualMap"]["max"]), (&json!(3.0), &json!(5.0)));
        let many: Vec<Json> = (2010..2020).map(|year| json!([format!("{year}-06-01"), "1.00"])).collect();
        let option = drawn(ChartKind::Calendar, false, &many.into(), |_| ());
        assert_eq!(option["calendar"][0]["range"], "2016");
        let early = json!([["0001-01-01", "1.00"], ["1850-05-05", "2.00"], ["9999-12-31", "3.00"]]);
        assert_eq!(drawn(ChartKind::Calendar, false, &early, |_| ())["calendar"].as_array().map(Vec::len), Some(1));
    }
}
