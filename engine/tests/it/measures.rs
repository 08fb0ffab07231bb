//! What a number means: measures of some rows only, made of others, beside those of other marks; medians, fiscal years, gaps.

use model::{Code, QueryRequest, Raw};
use serde_json::json;

use crate::world::{On, World, person};

/// Kind, day, cents, open; no row of B is in February, and none at all in April.
const ROWS: &[(&str, &str, Option<i64>, bool)] = &[
    ("A", "2026-01-05", Some(1_050), true),
    ("A", "2026-01-31", Some(950), false),
    ("B", "2026-01-10", Some(3_000), false),
    ("A", "2026-02-01", Some(4_000), true),
    ("C", "2026-02-03", None, true),
    ("A", "2026-03-02", Some(1), false),
    ("B", "2026-03-09", Some(1_000), true),
    ("B", "2026-05-09", Some(500), false),
];

fn source(on: On) -> String {
    let row = |(kind, day, cents, open): &(&str, &str, Option<i64>, bool)| {
        let cents = cents.map_or("null".to_owned(), |cents| cents.to_string());
        match on {
            On::Sqlite => format!(
                "select '{kind}' as kind, '{day}' as day, '{day}T12:00:00.000000Z' as at, {cents} as amount, {} as open",
                i32::from(*open)
            ),
            On::Postgres => {
                format!(
                    "select '{kind}' as kind, date '{day}' as day, timestamp '{day} 12:00' as at, {cents} / 100.0::numeric as amount, {open} as open"
                )
            }
        }
    };
    ROWS.iter().map(row).collect::<Vec<_>>().join(" union all ")
}

fn workbook(on: On, charts: &str) -> String {
    format!(
        "workbook: plan
title: Measures
time_zone: America/New_York
fiscal_year_starts: 2
sources:
  sales:
    sql: {}
    rows: {{ read: \"kind = @user.kind or @user.has_role('admin')\" }}
    columns:
      kind: {{ type: text }}
      day: {{ type: date }}
      at: {{ type: timestamp }}
      amount: {{ type: decimal, scale: 2, format: currency }}
      open: {{ type: boolean, hide_unless: \"@user.has_role('admin')\" }}
    measures:
      total: sum(amount)
      opened: {{ value: total, filter: open }}
      open_share: opened / total
pages:
  - title: One
    elements:
{charts}",
        source(on)
    )
}

async fn world(on: On, charts: &str) -> World {
    World::with(on, &workbook(on, charts)).await.unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

fn chart(x: &str, y: &str, more: &str) -> String {
    format!("      - {{ chart: c, type: line, source: sales, x: \"{x}\", y: [\"{y}\"]{more} }}\n")
}

/// The rows that a chart of `y` by `x` is drawn from.
async fn drawn(on: On, x: &str, y: &str, more: &str) -> Raw {
    let world = world(on, &chart(x, y, more)).await;
    let mut rows = world.query(&person("ada", None, &["admin"]), "c").await.unwrap_or_else(|e| panic!("{on:?} {y}: {e:?}")).rows;
    // Marks of one x come in no order.
    rows.sort_by_key(|row| row[..row.len() - 1].iter().map(Raw::to_string).collect::<String>());
    json!(rows)
}

const MONTH: &str = "date_trunc('month', day)";

async fn by_month(on: On, y: &str, expected: Raw) {
    let rows = drawn(on, MONTH, y, "").await;
    let values: Vec<&Raw> = rows.as_array().unwrap().iter().map(|row| &row[1]).collect();
    assert_eq!(json!(values), expected, "{on:?}: {y}");
}

#[tokio::test(flavor = "multi_thread")]
async fn measures_are_right_at_every_level() {
    for on in [On::Sqlite, On::Postgres] {
        by_month(on, "total", json!(["50.00", "40.00", "10.01", "5.00"])).await;
        by_month(on, "opened", json!(["10.50", "40.00", "10.00", null])).await;
        by_month(on, "open_share", json!(["0.210000", "1.000000", "0.999001", null])).await;
        by_month(on, "avg(amount) filter (where open)", json!(["10.500000", "40.000000", "10.000000", null])).await;
        by_month(on, "count(*) filter (where not open)", json!([2, 0, 1, 1])).await;
        by_month(on, "count(distinct kind) filter (where amount > 1)", json!([2, 1, 1, 1])).await;
        by_month(on, "median(amount)", json!(["10.500", "40.000", "5.005", "5.000"])).await;
        by_month(on, "percentile(amount, 0.9)", json!(["30.00", "40.00", "10.00", "5.00"])).await;
        by_month(on, "percentile(amount, 0.3333)", json!(["9.50", "40.00", "0.01", "5.00"])).await;
        by_month(on, "median(amount) filter (where kind = 'C')", json!([null, null, null, null])).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn marks_are_set_beside_each_other() {
    for on in [On::Sqlite, On::Postgres] {
        by_month(on, "running_total(total)", json!(["50.00", "90.00", "100.01", "105.01"])).await;
        by_month(on, "previous(total)", json!([null, "50.00", "40.00", "10.01"])).await;
        by_month(on, "difference(total)", json!([null, "-10.00", "-29.99", "-5.01"])).await;
        by_month(on, "percent_change(total)", json!([null, "-0.200000", "-0.749750", "-0.500500"])).await;
        by_month(on, "share_of_total(total)", json!(["0.476145", "0.380916", "0.095324", "0.047615"])).await;
        by_month(on, "share_of_total(count(*))", json!(["0.375000", "0.250000", "0.250000", "0.125000"])).await;
        by_month(on, "rank(count(*))", json!([1, 2, 2, 4])).await;
        // Around another expression, and with one.
        by_month(on, "round(running_total(total) / 2, 1) + 1", json!(["26.0", "46.0", "51.0", "53.5"])).await;
        let colours = drawn(on, MONTH, "running_total(total)", ", color: kind").await;
        let expected = json!([
            ["2026-01-01", "A", "20.00"],
            ["2026-01-01", "B", "30.00"],
            ["2026-02-01", "A", "60.00"],
            ["2026-02-01", "C", null],
            ["2026-03-01", "A", "60.01"],
            ["2026-03-01", "B", "40.00"],
            ["2026-05-01", "B", "45.00"],
        ]);
        assert_eq!(colours, expected, "{on:?}: each colour for itself");
        assert_eq!(drawn(on, "kind", "rank(total)", "").await, json!([["A", 1], ["B", 2], ["C", null]]), "{on:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_period_is_set_beside_the_same_one_a_year_before() {
    // The rows of this year and, a year and a kind earlier, of the last: none of February there, none of May.
    let month = "date_trunc('month', case when open then day when kind = 'A' then '2025-01-15' else '2025-03-01' end)";
    for on in [On::Sqlite, On::Postgres] {
        let marks = json!([
            ["2025-01-01", null],
            ["2025-03-01", null],
            ["2026-01-01", "9.51"],
            ["2026-02-01", null],
            ["2026-03-01", "35.00"],
        ]);
        assert_eq!(drawn(on, month, "previous(total, 'year')", "").await, marks, "{on:?}");
        let filled = drawn(on, month, "previous(total, 'year')", ", gaps: zero").await;
        assert_eq!(filled[13], json!(["2026-02-01", "0.00"]), "{on:?}: a month without rows is a month");
        let change = drawn(on, month, "percent_change(total, 'year')", "").await;
        assert_eq!(change[2], json!(["2026-01-01", "0.104101"]), "{on:?}");
        let colours = drawn(on, month, "difference(total, 'year')", ", color: kind").await;
        assert_eq!(colours[2], json!(["2026-01-01", "A", "0.99"]), "{on:?}: of the same kind");
        let years = drawn(on, &month.replace("month", "fiscal_year"), "previous(total, 'year')", "").await;
        assert_eq!(years, json!([["2024-02-01", null], ["2025-02-01", "9.51"], ["2026-02-01", "45.50"]]), "{on:?}");
        let at = drawn(on, "date_trunc('quarter', at)", "difference(total, 'year')", "").await;
        assert_eq!(at[0], json!(["2026-01-01T05:00:00.000000Z", null]), "{on:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn periods_without_rows_are_shown_as_the_author_says() {
    for on in [On::Sqlite, On::Postgres] {
        let zero = drawn(on, MONTH, "total", ", gaps: zero").await;
        assert_eq!(zero[3], json!(["2026-04-01", "0.00"]), "{on:?}");
        assert_eq!(zero.as_array().unwrap().len(), 5, "{on:?}");
        assert_eq!(drawn(on, MONTH, "total", ", gaps: 'null'").await[3], json!(["2026-04-01", null]), "{on:?}");
        let changes = drawn(on, MONTH, "previous(total)", ", gaps: 'null'").await;
        assert_eq!(changes[4], json!(["2026-05-01", null]), "{on:?}: what was before May is April, and not March");
        let colours = drawn(on, MONTH, "running_total(total)", ", gaps: zero, color: kind").await;
        assert_eq!(colours.as_array().unwrap().len(), 15, "{on:?}: five months of three kinds");
        assert_eq!(colours[4], json!(["2026-02-01", "B", "30.00"]), "{on:?}");
        let weeks = drawn(on, "date_trunc('week', day)", "count(*)", ", gaps: zero").await;
        assert_eq!(weeks.as_array().unwrap().len(), 18, "{on:?}");
        let years = drawn(on, "date_trunc('fiscal_year', day)", "total", ", gaps: zero").await;
        assert_eq!(years, json!([["2025-02-01", "50.00"], ["2026-02-01", "55.01"]]), "{on:?}");
        let days = drawn(on, "date_trunc('day', at)", "running_total(count(*))", ", gaps: zero").await;
        let (before, after) = (json!(["2026-03-08T05:00:00.000000Z", 6]), json!(["2026-03-09T04:00:00.000000Z", 7]));
        assert_eq!((&days[62], &days[63]), (&before, &after), "{on:?}: a day of 23 hours");
        assert_eq!(days.as_array().unwrap().len(), 125, "{on:?}");
        // 1900 to 2026 has more days than are filled in; those after them are counted all the same.
        let long = drawn(
            on,
            "date_trunc('day', case when kind <> 'C' then day else '1900-01-01' end)",
            "share_of_total(count(*))",
            ", gaps: zero",
        )
        .await;
        let days = long.as_array().unwrap();
        assert_eq!(days[0], json!(["1900-01-01", "0.125000"]), "{on:?}");
        assert_eq!(days.last().unwrap()[0], json!("2026-05-09"), "{on:?}");
        assert!((500..2_000).contains(&days.len()), "{on:?}: {} of 10,000 days and more", days.len());
        let nothing = drawn(on, "date_trunc('year', case when kind = 'X' then day end)", "total", ", gaps: zero").await;
        assert_eq!(nothing, json!([[null, "105.01"]]), "{on:?}: rows of no period");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_periods_is_compared_with_those_before() {
    let kpi =
        |id: &str, measure: &str, more: &str| format!("      - {{ kpi: {id}, source: sales, measure: {measure}, {more} }}\n");
    let x = format!("x: \"{MONTH}\"");
    let elements = [
        kpi("months", "total", &format!("{x}, compare: [previous, year], target: 8")),
        kpi("counts", "count(*)", "target: 5"),
        kpi("all", "total", "target: sum(amount) filter (where open)"),
        kpi("shares", "open_share", &format!("{x}, compare: [previous], better: down")),
    ];
    for on in [On::Sqlite, On::Postgres] {
        let world = world(on, &elements.concat()).await;
        let ada = person("ada", None, &["admin"]);
        let months = world.query(&ada, "months").await.unwrap();
        assert_eq!(months.rows.len(), 5, "{on:?}: April, without rows, is a month too");
        assert_eq!(json!(months.rows[4][..2]), json!(["2026-05-01", "5.00"]), "{on:?}");
        assert_eq!(months.rows[4][2..8], vec![Raw::Null; 6], "{on:?}: nothing is known of April");
        let march = json!(["2026-03-01", "10.01", "40.00", "-29.99", "-0.749750"]);
        assert_eq!(json!(months.rows[2][..5]), march, "{on:?}");
        assert_eq!(json!(months.rows[2][8..]), json!([8, "2.01", "0.251250"]), "{on:?}");
        let all = world.query(&ada, "all").await.unwrap();
        assert_eq!(json!(all.rows), json!([["105.01", "60.50", "44.51", "0.735702"]]), "{on:?}");
        let counts = world.query(&ada, "counts").await.unwrap();
        assert_eq!(json!(counts.rows), json!([[8, 5, 3, "0.600000"]]), "{on:?}: a share of whole numbers is not one");
        let view = world.engine.view(&ada, "plan", "req-1").await.unwrap();
        let model::ElementKind::Kpi(shares) = &view.element("shares").unwrap().kind else { panic!("a KPI") };
        assert_eq!((shares.by_period, shares.better, shares.against.len()), (true, model::Better::Down, 1));
        let mut bea = person("bea", None, &[]);
        bea.attributes.insert("kind".into(), model::Attribute::One("B".into()));
        let hers = world.query(&bea, "months").await.unwrap();
        assert_eq!(json!(hers.rows[0][..2]), json!(["2026-01-01", "30.00"]), "{on:?}: of the rows that she may read");
        assert_eq!(world.query(&bea, "all").await.unwrap_err().code, Code::NotFound, "{on:?}: its target reads a hidden column");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_may_not_see_counts_nowhere() {
    for on in [On::Sqlite, On::Postgres] {
        let charts = [("share_of_total(total)", "shares"), ("running_total(total)", "runs"), ("opened", "opened")];
        let chart = |(y, id): (&str, &str)| chart(MONTH, y, ", gaps: zero").replace("chart: c", &format!("chart: {id}"));
        let world = world(on, &charts.map(chart).concat()).await;
        let mut bea = person("bea", None, &[]);
        bea.attributes.insert("kind".into(), model::Attribute::One("B".into()));
        let values = async |element| {
            let rows = world.query(&bea, element).await.unwrap().rows;
            rows.into_iter().map(|row| row[1].clone()).collect::<Vec<_>>()
        };
        assert_eq!(values("shares").await, ["0.666667", "0.000000", "0.222222", "0.000000", "0.111111"], "{on:?}");
        assert_eq!(values("runs").await, ["30.00", "30.00", "40.00", "40.00", "45.00"], "{on:?}");
        let hidden = world.query(&bea, "opened").await.unwrap_err();
        assert_eq!(hidden.code, Code::NotFound, "{on:?}: its filter reads a hidden column");
        let nobody = person("zed", None, &[]);
        assert_eq!(world.query(&nobody, "shares").await.unwrap().rows, Vec::<Vec<Raw>>::new(), "{on:?}");
        let filter = serde_json::from_value(json!({ "column": "kind", "op": "equals", "value": "A" })).unwrap();
        let request =
            QueryRequest { workbook: "plan".into(), element: "shares".into(), filters: vec![filter], ..Default::default() };
        let narrowed = world.engine.query(&person("ada", None, &["admin"]), &request, "req-1").await.unwrap();
        let total: f64 = narrowed.rows.iter().map(|row| row[1].as_str().unwrap().parse::<f64>().unwrap()).sum();
        assert!((total - 1.0).abs() < 0.000_01, "{on:?}: shares of what the filters leave, {total}");
    }
}

#[tokio::test]
async fn what_means_nothing_is_a_mistake_with_its_place() {
    let world = world(On::Sqlite, &chart(MONTH, "total", "")).await;
    for (y, message) in [
        ("running_total(amount)", "column `amount` must stand inside an aggregate"),
        ("running_total(1)", "`running_total` takes an aggregate, such as `running_total(sum(x))`"),
        ("rank(previous(total))", "`rank` takes an aggregate"),
        ("sum(rank(total))", "`rank` can't stand here"),
        ("percentile(amount, 2)", "`percentile` takes a number and a share"),
        ("percentile(amount, 0.12345)", "`percentile` takes a number and a share"),
        ("percentile(amount, 79228162514264337593543950335)", "This number is too large"),
        ("percentile(kind, 0.5)", "expected a number"),
        ("sum(amount) filter (where total > 1)", "there is no column `total`"),
        ("rank(total, 'year')", "`rank` does not take 2 arguments"),
        ("previous(total, 'month')", "'month' is not one of: year"),
        ("abs(total) filter (where open)", "`filter` goes with an aggregate"),
    ] {
        let mistakes = world.mistakes(&workbook(On::Sqlite, &chart(MONTH, y, ""))).await;
        assert!(mistakes.len() == 1 && mistakes[0].contains(message), "{y}: {mistakes:?}");
    }
    for (element, message) in [
        ("{ kpi: k, source: sales, measure: rank(total) }", "a KPI has one"),
        ("{ kpi: k, source: sales, measure: total, compare: [previous] }", "needs `x`"),
        ("{ kpi: k, source: sales, measure: total, x: day }", "a KPI is of periods"),
        (
            "{ kpi: k, source: sales, measure: total, x: \"date_trunc('week', day)\", compare: [year] }",
            "a year before needs an x of months",
        ),
        ("{ kpi: k, source: sales, measure: total, compare: [month], x: \"date_trunc('week', day)\" }", "unknown value `month`"),
        ("{ kpi: k, source: sales, measure: total, target: missing }", "there is no measure `missing`"),
        ("{ kpi: k, source: sales, measure: max(kind), target: 7 }", "expected a number"),
        ("{ table: t, source: sales, columns: [amount], totals: [running_total(sum(amount))] }", "a total stands alone"),
        ("{ chart: c, type: line, source: sales, x: day, y: [total], gaps: zero }", "`gaps` needs periods"),
        (
            "{ chart: c, type: line, source: sales, x: \"date_trunc('week', day)\", y: [\"previous(total, 'year')\"] }",
            "a year before needs an x of months",
        ),
        (
            "{ chart: c, type: line, source: sales, x: \"date_trunc('day', day)\", y: [total], gaps: fill }",
            "expected `zero` or `null`",
        ),
    ] {
        let mistakes = world.mistakes(&workbook(On::Sqlite, &format!("      - {element}\n"))).await;
        assert!(mistakes.len() == 1 && mistakes[0].contains(message), "{element}: {mistakes:?}");
    }
    let months = world.mistakes(&workbook(On::Sqlite, &chart(MONTH, "total", "")).replace("starts: 2", "starts: 13")).await;
    assert_eq!(months, ["4: `fiscal_year_starts` is a month, 1 to 12"]);
}
