//! What charts of each kind are drawn from, and what makes none.

use model::{ChartKind, ChartView, ElementKind, ReferenceAt, Stack};
use serde_json::json;

use crate::world::{On, WORKBOOK, World, ada, for_postgres, on_every_engine};

on_every_engine!(
    bins_are_as_wide_as_is_said_and_none_is_left_out,
    a_spread_has_five_exact_numbers,
    two_dimensions_and_two_measures_come_as_they_are_said
);

const PAGE: &str = "
  - title: Charts
    elements:
      - { chart: spread, type: box, source: orders, x: product, y: [{ value: sales, label: Worth }] }
      - { chart: flow, type: sankey, source: orders, x: region, by: product, y: [revenue] }
      - { chart: points, type: scatter, source: orders, x: product, color: region, y: [revenue, count(*)] }
      - { chart: bins, type: histogram, source: orders, x: sales, bin: 100, y: [count(*)] }
      - { chart: fine, type: histogram, source: orders, x: sales - 100.5, bin: 50.25, y: [count(*)] }
      - { chart: numbers, type: histogram, source: orders, x: id - 3, bin: 2, y: [count(*)] }
      - chart: mixed
        type: bar
        stacked: percent
        source: orders
        x: product
        y: [revenue, { value: average, type: line, dashed: true, trend: true }]
        lines: [{ at: 5 }, { at: average, label: Usual }]
        bands: [{ to: 2.5, label: Low }]
";

async fn drawn(world: World) -> World {
    let on = if world.warehouse.dialect() == engine::Dialect::Sqlite { On::Sqlite } else { On::Postgres };
    let text = format!("{WORKBOOK}{PAGE}");
    let text = if on == On::Postgres { for_postgres(&text) } else { text };
    World::with(on, &text).await.unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

async fn bins_are_as_wide_as_is_said_and_none_is_left_out(world: World) {
    let world = drawn(world).await;
    // 1.00, 100.50, 200.25, 300.00, 400.00
    let bins = world.query(&ada(), "bins").await.unwrap().rows;
    let from = |text: &str, count: i64| vec![json!(text), json!(count)];
    assert_eq!(bins, [from("0.00", 1), from("100.00", 1), from("200.00", 1), from("300.00", 1), from("400.00", 1)]);
    // -99.50, 0.00, 99.75, 199.50, 299.50
    let fine = world.query(&ada(), "fine").await.unwrap().rows;
    let expect =
        [("-100.50", 1), ("-50.25", 0), ("0.00", 1), ("50.25", 1), ("100.50", 0), ("150.75", 1), ("201.00", 0), ("251.25", 1)];
    assert_eq!(fine, expect.map(|(text, count)| from(text, count)));
    // -2, -1, 0, 1, 2
    let numbers = world.query(&ada(), "numbers").await.unwrap().rows;
    assert_eq!(numbers, [[json!(-2), json!(2)], [json!(0), json!(2)], [json!(2), json!(1)]]);
}

async fn a_spread_has_five_exact_numbers(world: World) {
    let world = drawn(world).await;
    let answer = world.query(&ada(), "spread").await.unwrap();
    let chairs = answer.rows.iter().find(|row| row[0] == "Chairs").unwrap();
    assert_eq!(chairs[1..], [json!("100.50"), json!("100.50"), json!("200.250"), json!("400.00"), json!("400.00")]);
    assert!(answer.columns[1..].iter().all(|column| column.label == "Worth"), "{:?}", answer.columns);
}

async fn two_dimensions_and_two_measures_come_as_they_are_said(world: World) {
    let world = drawn(world).await;
    let flow = world.query(&ada(), "flow").await.unwrap();
    assert_eq!(flow.rows[0], [json!("East"), json!("Chairs"), json!("400.00")]);
    let points = world.query(&ada(), "points").await.unwrap();
    assert!(points.rows.contains(&vec![json!("Chairs"), json!("West"), json!("300.75"), json!(2)]));
    let view = world.engine.view(&ada(), "plan", "req-1").await.unwrap();
    let chart = |id: &str| -> ChartView {
        let ElementKind::Chart(chart) = view.element(id).unwrap().kind.clone() else { panic!("a chart") };
        chart
    };
    assert_eq!(chart("flow").color.as_deref(), Some("product"));
    let mixed = chart("mixed");
    assert_eq!((mixed.stack, mixed.series[1].mark, mixed.series[1].trend), (Stack::Shares, Some(ChartKind::Line), true));
    assert_eq!((mixed.lines[0].at, mixed.lines[1].at), (ReferenceAt::Value(5.0), ReferenceAt::Average));
    assert_eq!((mixed.bands[0].from, mixed.bands[0].to), (None, Some(2.5)));
}

#[tokio::test]
async fn what_makes_no_sense_is_a_mistake_with_its_line() {
    let world = World::new().await;
    let kpi = format!(
        "{WORKBOOK}\n  - title: Two\n    elements:\n      - {{ kpi: k, source: orders, measure: revenue, draw: gauge }}\n"
    );
    let told = world.mistakes(&kpi).await;
    assert!(told.iter().any(|mistake| mistake.ends_with("it draws how far it is to a `target`, and there is none")), "{told:?}");
    for (chart, expect) in [
        ("type: pie, x: region, y: [revenue, average]", "its parts are of one measure: `y` has one"),
        ("type: donut, x: region, color: product, y: [revenue]", "a chart of this type has no `color`"),
        ("type: bar, x: region, y: []", "a chart needs at least one measure in `y`"),
        ("type: bar, x: region, by: product, y: [revenue]", "a chart of this type has no `by`"),
        (
            "type: scatter, x: region, y: [revenue]",
            "points stand by two measures: `y` has one across and one up, and perhaps one for their size",
        ),
        ("type: heatmap, x: region, y: [revenue]", "a chart of this type needs `by`, its second column"),
        ("type: sankey, x: region, by: produkt, y: [revenue]", "there is no column `produkt`"),
        ("type: box, x: region, y: [revenue]", "there is no column `revenue`"),
        ("type: box, x: region, y: [product]", "a chart draws numbers"),
        ("type: pie, x: region, y: [revenue], stacked: true", "it goes with line, area and bar only"),
        ("type: funnel, x: region, y: [revenue], lines: [{ at: 5 }]", "it goes with line, area and bar only"),
        (
            "type: radar, x: region, y: [{ value: revenue, axis: right }]",
            "`type`, `axis` and `trend` of a series go with line, area and bar only",
        ),
        ("type: bar, x: region, y: [{ value: revenue, axis: right }]", "one series at least is drawn by the axis on the left"),
        (
            "type: bar, horizontal: true, x: region, y: [revenue, { value: average, axis: right }]",
            "a second axis goes with neither `horizontal` nor `stacked`",
        ),
        ("type: line, horizontal: true, x: region, y: [revenue]", "only bars lie down"),
        ("type: bar, x: region, y: [{ value: revenue, type: pie }]", "a series is a `line`, an `area` or a `bar`"),
        (
            "type: bar, x: region, y: [revenue], bands: [{ from: 5, to: 5, label: x }]",
            "a band goes `from` a number up `to` another, or has one of them",
        ),
        (
            "type: bar, x: region, y: [revenue], bands: [{ label: x }]",
            "a band goes `from` a number up `to` another, or has one of them",
        ),
        ("type: bar, x: region, y: [revenue], lines: [{ at: median }]", "`at` is a number, `average`, `least` or `most`"),
        (
            "type: pye, x: region, y: [revenue]",
            "unknown value `pye`, expected one of `line`, `area`, `bar`, `pie`, `donut`, `funnel`, `treemap`, `scatter`, `heatmap`, `waterfall`, `radar`, `sankey`, `box`, `calendar`, `histogram`",
        ),
        ("type: bar, x: region, y: [revenue], stacked: shares", "`stacked` is true, false or `percent`"),
        ("type: histogram, x: sales, y: [count(*)]", "a histogram needs `bin`: how far it is from one bar to the next"),
        ("type: histogram, x: region, bin: 5, y: [count(*)]", "a histogram is of exact numbers, not of text"),
        ("type: histogram, x: sales, bin: 0, y: [count(*)]", "`bin` is above nothing"),
        ("type: bar, x: region, bin: 5, y: [count(*)]", "`bin` is for a histogram"),
        ("type: calendar, x: region, y: [revenue]", "a calendar has dates, not text"),
        ("type: bar, x: region, y: [max(product)]", "a chart draws numbers"),
    ] {
        let page = format!("{WORKBOOK}\n  - title: Two\n    elements:\n      - {{ chart: c, source: orders, {chart} }}\n");
        let line = page.lines().count();
        let mistakes = world.mistakes(&page).await;
        assert!(mistakes.contains(&format!("{line}: {expect}")), "{chart}\n{mistakes:#?}");
    }
}
