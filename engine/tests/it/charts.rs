//! What charts of each kind are drawn from, and what makes none.

use model::{ChartKind, ChartView, ElementKind, ReferenceAt, Stack};
use serde_json::json;

use crate::world::{On, WORKBOOK, World, ada, for_postgres, on_every_engine};

on_every_engine!(a_spread_has_five_exact_numbers, two_dimensions_and_two_measures_come_as_they_are_said);

const PAGE: &str = "
  - title: Charts
    elements:
      - { chart: spread, type: box, source: orders, x: product, y: [{ value: sales, label: Worth }] }
      - { chart: flow, type: sankey, source: orders, x: region, by: product, y: [revenue] }
      - { chart: points, type: scatter, source: orders, x: product, color: region, y: [revenue, count(*)] }
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
            "unknown value `pye`, expected one of `line`, `area`, `bar`, `pie`, `donut`, `funnel`, `treemap`, `scatter`, `heatmap`, `waterfall`, `radar`, `sankey`, `box`",
        ),
        ("type: bar, x: region, y: [revenue], stacked: shares", "`stacked` is true, false or `percent`"),
        ("type: bar, x: region, y: [max(product)]", "a chart draws numbers"),
    ] {
        let page = format!("{WORKBOOK}\n  - title: Two\n    elements:\n      - {{ chart: c, source: orders, {chart} }}\n");
        let line = page.lines().count();
        let mistakes = world.mistakes(&page).await;
        assert!(mistakes.contains(&format!("{line}: {expect}")), "{chart}\n{mistakes:#?}");
    }
}
