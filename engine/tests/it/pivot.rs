//! Pivot tables: every total is what its rows come to, for whoever may see them, and no sum of what is shown.

use engine::catalog::Directory;
use model::{Code, ElementKind, Filter, FilterOp, Principal, QueryAnswer, QueryRequest, Raw};
use serde_json::json;

use crate::world::{On, World, on_every_engine, person, wendy};

on_every_engine!(what_is_typed_into_a_pivot_is_one_row);

/// Measures, of which the second half are not made of their parts.
const MEASURES: [&str; 10] = [
    "sum(amount)",
    "count(*)",
    "min(units)",
    "sum(units) / count(*) * 10",
    "sum(amount) / sum(units)",
    "count(distinct kind)",
    "avg(amount)",
    "median(amount)",
    "count(distinct day) + sum(units)",
    "sum(amount) filter (where units > 2)",
];

/// Kind, place, day, cents, units; some of each are not there.
fn source(on: On) -> String {
    let mut seed = 7_u64;
    let mut next = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let rows = (0..120).map(|_| {
        let kind = ["'A'", "'B'", "'C'", "null"][next(4) as usize];
        let place = ["'x'", "'y'", "null"][next(3) as usize];
        let (month, cents, units) = (next(3) + 1, next(100_000), next(6));
        let units = if units == 5 { "null".to_owned() } else { units.to_string() };
        match on {
            On::Sqlite => format!("select {kind} as kind, {place} as place, '2026-0{month}-01' as day, {cents} as amount, {units} as units"),
            On::Postgres => format!(
                "select {kind} as kind, {place} as place, date '2026-0{month}-01' as day, {cents} / 100.0::numeric as amount, {units}::bigint as units"
            ),
        }
    });
    rows.collect::<Vec<_>>().join(" union all ")
}

fn workbook(on: On, elements: &str) -> String {
    format!(
        "workbook: plan
title: Pivots
sources:
  sales:
    sql: {}
    rows: {{ read: \"kind = @user.kind or @user.has_role('admin')\" }}
    columns:
      kind: {{ type: text }}
      place: {{ type: text }}
      day: {{ type: date }}
      amount: {{ type: decimal, scale: 2, format: currency }}
      units: {{ type: integer, hide_unless: \"@user.has_role('admin')\" }}
pages:
  - title: One
    elements:
{elements}",
        source(on)
    )
}

fn admin() -> Principal {
    person("ada", None, &["admin"])
}

fn of_kind(kind: &str) -> Principal {
    let mut who = person("eve", None, &[]);
    who.attributes.insert("kind".into(), model::Attribute::One(kind.into()));
    who
}

async fn ask(world: &World, who: &Principal, element: &str, filters: Vec<Filter>) -> QueryAnswer {
    let request = QueryRequest { workbook: "plan".into(), element: element.into(), filters, ..QueryRequest::default() };
    world.engine.query(who, &request, "req-1").await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_total_is_what_its_rows_come_to() {
    let kpis: String =
        MEASURES.iter().enumerate().map(|(i, m)| format!("      - {{ kpi: k{i}, source: sales, measure: \"{m}\" }}\n")).collect();
    let pivot = |id: &str, measures: &[&str]| {
        format!("      - {{ pivot: {id}, source: sales, rows: [kind, place], columns: [day], values: {} }}\n", json!(measures))
    };
    // What is made of its parts, and what is not, go two ways.
    let elements = format!("{kpis}{}{}", pivot("parts", &MEASURES[..5]), pivot("all", &MEASURES[3..]));
    let mut on_sqlite = Vec::new();
    for on in [On::Sqlite, On::Postgres] {
        let world = World::with(on, &workbook(on, &elements)).await.unwrap_or_else(|mistakes| panic!("{mistakes}"));
        for (element, first) in [("parts", 0), ("all", 3)] {
            let answer = ask(&world, &admin(), element, Vec::new()).await;
            assert!(!answer.more && answer.rows.len() > 60, "on {on:?}");
            match on {
                On::Sqlite => on_sqlite.push(answer.rows.clone()),
                On::Postgres => assert_eq!(answer.rows, on_sqlite.remove(0), "the engines agree"),
            }
            let levels: Vec<(u64, u64)> =
                answer.rows.iter().map(|row| (row[0].as_u64().unwrap(), row[1].as_u64().unwrap())).collect();
            assert!(levels.is_sorted() && levels[0] == (0, 0) && levels.last() == Some(&(2, 1)), "on {on:?}: {levels:?}");
            for row in &answer.rows {
                let (rows, columns) = (row[0].as_u64().unwrap() as usize, row[1].as_u64().unwrap() as usize);
                let dims = [("kind", rows > 0), ("place", rows > 1), ("day", columns > 0)];
                let shown = dims.iter().zip(&row[2..5]).filter(|((_, shown), _)| *shown);
                let filters: Vec<Filter> = shown
                    .map(|((column, _), value)| Filter { column: (*column).into(), op: FilterOp::In, value: json!([value]) })
                    .collect();
                assert!(dims.iter().zip(&row[2..5]).all(|((_, shown), value)| *shown || value.is_null()));
                for (i, value) in row[5..].iter().enumerate() {
                    let alone = ask(&world, &admin(), &format!("k{}", first + i), filters.clone()).await;
                    assert_eq!(*value, alone.rows[0][0], "on {on:?}: {} where {filters:?}", MEASURES[first + i]);
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pivot_is_of_the_rows_that_its_reader_may_see() {
    let elements = "      - { pivot: sold, source: sales, rows: [kind], columns: [\"date_trunc('month', day)\"], values: [sum(amount), count(*)] }
      - { pivot: units, source: sales, rows: [kind], values: [sum(units)] }
      - { pivot: by_units, source: sales, columns: [units], values: [count(*)] }
      - { control: kind, type: list, source: sales, column: kind, targets: [sold] }\n";
    for on in [On::Sqlite, On::Postgres] {
        let world = World::with(on, &workbook(on, elements)).await.unwrap_or_else(|mistakes| panic!("{mistakes}"));
        let all = ask(&world, &admin(), "sold", Vec::new()).await;
        let own = ask(&world, &of_kind("A"), "sold", Vec::new()).await;
        let of_a: Vec<&Vec<Raw>> = all.rows.iter().filter(|row| row[0] == 1 && row[2] == "A").collect();
        let mine: Vec<&Vec<Raw>> = own.rows.iter().filter(|row| row[0] == 1).collect();
        assert_eq!(mine, of_a, "on {on:?}");
        assert_eq!(own.rows[0][4..], of_a[0][4..], "the grand total is of his own rows, on {on:?}");
        for hidden in ["units", "by_units"] {
            let request = QueryRequest { workbook: "plan".into(), element: hidden.into(), ..QueryRequest::default() };
            let refused = world.engine.query(&of_kind("A"), &request, "req-1").await.unwrap_err();
            assert_eq!(refused.to_api().code, Code::NotFound, "on {on:?}");
        }
        let nothing = ask(&world, &of_kind("Z"), "sold", Vec::new()).await;
        assert_eq!(json!(nothing.rows), json!([[0, 0, null, null, null, 0]]), "on {on:?}");
        let chosen = QueryRequest {
            workbook: "plan".into(),
            element: "sold".into(),
            controls: [("kind".to_owned(), vec![Raw::from("B")])].into(),
            ..QueryRequest::default()
        };
        let chosen = world.engine.query(&admin(), &chosen, "req-1").await.unwrap();
        assert!(chosen.rows.len() > 2 && chosen.rows.iter().all(|row| row[0] == 0 || row[2] == "B"), "on {on:?}");
    }
}

async fn what_is_typed_into_a_pivot_is_one_row(world: World) {
    let folder = world.folder.path();
    let text = std::fs::read_to_string(folder.join("plan.yaml")).unwrap();
    let pivot = "      - { pivot: planned_by, table: forecast, rows: [region, product], columns: [month], values: [sum(amount), sum(actual), max(amount)] }
      - { pivot: seen_by, source: forecast, rows: [region, product], columns: [month], values: [sum(amount)] }\n";
    std::fs::write(folder.join("plan.yaml"), format!("{text}{pivot}")).unwrap();
    world.engine.reload(&Directory(folder.to_owned())).await.unwrap();
    let shown = async |who: &Principal, element: &str| {
        let view = world.engine.view(who, "plan", "req-1").await.unwrap();
        let ElementKind::Pivot(pivot) = view.element(element).unwrap().kind.clone() else { panic!("a pivot") };
        pivot
    };
    let own = shown(&wendy(), "planned_by").await;
    let table = own.table.unwrap();
    assert_eq!((table.name.as_str(), table.key), ("forecast", vec![0, 1, 2]));
    let typed: Vec<Option<String>> = own.values.into_iter().map(|value| value.column.map(|column| column.name)).collect();
    assert_eq!(typed, [Some("amount".to_owned()), None, None], "only the sum of an input column");
    // Whoever may not type into the column, or only looks, types nothing here either.
    let other = person("walt", Some("West"), &[]);
    assert!(shown(&other, "planned_by").await.values.iter().all(|value| value.column.is_none()));
    let seen = shown(&wendy(), "seen_by").await;
    assert!(seen.table.is_none() && seen.values[0].column.is_none());
    let leaf = |answer: &QueryAnswer| {
        let is = |row: &&Vec<Raw>| row[0] == 2 && row[1] == 1 && row[3] == "Chairs" && row[4] == "2017-01-01";
        answer.rows.iter().find(is).unwrap()[5].clone()
    };
    let before = world.query(&wendy(), "planned_by").await.unwrap();
    assert_eq!(leaf(&before), Raw::Null);
    world.set(&wendy(), &["West", "Chairs", "2017-01-01"], "amount", "12.50", leaf(&before)).await.unwrap();
    let after = world.query(&wendy(), "planned_by").await.unwrap();
    assert_eq!((leaf(&after), after.rows[0][5].clone()), (Raw::from("12.50"), Raw::from("12.50")));
    // What he saw is what the warehouse compares with.
    let late = world.set(&wendy(), &["West", "Chairs", "2017-01-01"], "amount", "13.00", leaf(&before)).await;
    assert_eq!(late.unwrap_err().code, Code::Conflict);
}

#[tokio::test]
async fn what_makes_no_pivot_is_told() {
    let world = World::new().await;
    let elements = [
        ("{ pivot: p1, rows: [state], values: [revenue] }", "a pivot has a `source`, or a `table` to type into"),
        ("{ pivot: p2, source: orders, values: [revenue] }", "a pivot has `rows`, or `columns`, or both"),
        ("{ pivot: p3, source: orders, rows: [state], values: [] }", "a pivot has 1 to 8 values"),
        (
            "{ pivot: p4, source: orders, rows: [state, product, region, id], values: [revenue] }",
            "a pivot has at most 3 of these",
        ),
        ("{ pivot: p5, source: orders, rows: [stat], values: [revenue] }", "there is no column `stat`"),
        ("{ pivot: p6, source: orders, rows: [state], values: [revenu] }", "there is no measure `revenu`"),
        (
            "{ pivot: p7, source: orders, rows: [state], values: [running_total(revenue)] }",
            "this is set beside other marks of a chart; a cell of a pivot stands alone",
        ),
        ("{ pivot: p8, source: orders, rows: [state], values: [revenue], sort: average desc }", "there is no value `average`"),
        (
            "{ pivot: p9, source: orders, rows: [state], values: [{ value: max(product), heat: true }] }",
            "only numbers are shaded",
        ),
        ("{ pivot: q1, table: orders, rows: [state], values: [revenue] }", "`orders` is a source, not an input table"),
        (
            "{ pivot: q2, table: forecast, rows: [region], columns: [month], values: [planned] }",
            "a cell must be one row to be typed into, so `rows` and `columns` have the whole key; `product` is missing",
        ),
        (
            "{ pivot: q3, table: tasks, rows: [title], values: [sum(hours)] }",
            "rows that people add have no key to be told apart by here; show `tasks` as a `source`",
        ),
    ];
    let list: String = elements.iter().map(|(element, _)| format!("      - {element}\n")).collect();
    let text = format!("{}  - title: Two\n    elements:\n{list}", crate::world::WORKBOOK);
    let first = text.lines().position(|line| line.contains("pivot: p1,")).unwrap() + 1;
    let expect: Vec<String> = elements.iter().enumerate().map(|(i, (_, told))| format!("{}: {told}", first + i)).collect();
    assert_eq!(world.mistakes(&text).await, expect);
}
