//! Sources that a row points at: what they say of it, who may see that, and that no row is ever counted twice.

use model::{Attribute, CellEdit, Code, Edit, ExportFile, Principal, QueryRequest, Raw};
use serde_json::json;

use crate::world::{On, World, batch, person};

/// Customers 3 and 3 share a key, 4 is of another region, 9 is nobody.
fn workbook(on: On, elements: &str) -> String {
    let unit = if on == On::Sqlite { "" } else { " / 100.0::numeric" };
    let order =
        |id: i64, customer: &str, cents: i64| format!("select {id} as id, {customer} as customer_id, {cents}{unit} as amount");
    let orders = [
        order(1, "1", 1_000),
        order(2, "1", 500),
        order(3, "2", 300),
        order(4, "3", 70),
        order(5, "4", 40),
        order(6, "9", 2),
        order(7, "null", 1),
    ];
    let customer = |id: i64, name: &str, region: &str, cents: i64, boss: &str| {
        format!("select {id} as id, '{name}' as name, '{region}' as region, {cents}{unit} as credit, {boss} as boss_id")
    };
    let customers = [
        customer(1, "Ann", "West", 5_000, "null"),
        customer(2, "Bob", "West", 7_000, "1"),
        customer(3, "Cid", "West", 1, "1"),
        customer(3, "Cyd", "West", 2, "1"),
        customer(4, "Eva", "East", 9_000, "1"),
    ];
    format!(
        "workbook: plan
title: Joins
sources:
  orders:
    sql: {}
    key: [id]
    columns:
      id: {{ type: integer }}
      customer_id: {{ type: integer, hide_unless: \"not @user.has_role('blind')\" }}
      amount: {{ type: decimal, scale: 2 }}
    joins:
      customer: {{ source: customers, on: {{ customer_id: id }} }}
    measures:
      revenue: sum(amount)
      western: {{ value: revenue, filter: customer.region = 'West' }}
      customers: count(distinct customer.id)
  customers:
    sql: {}
    key: [id]
    rows: {{ read: \"region in @user.regions\" }}
    columns:
      id: {{ type: integer }}
      name: {{ type: text }}
      region: {{ type: text }}
      credit: {{ type: decimal, scale: 2, hide_unless: \"@user.has_role('admin')\" }}
      boss_id: {{ type: integer }}
    joins:
      boss: {{ source: customers, on: {{ boss_id: id }} }}
input_tables:
  notes:
    linked_to: orders
    columns: {{ note: {{ type: text }} }}
pages:
  - title: One
    elements:{elements}",
        orders.join(" union all "),
        customers.join(" union all ")
    )
}

const ELEMENTS: &str = "
      - { chart: by_name, type: bar, source: orders, x: customer.name, y: [revenue] }
      - { chart: western, type: bar, source: orders, x: customer.region, y: [western, customers] }
      - { chart: credit, type: bar, source: orders, x: customer.name, y: [max(customer.credit)] }
      - { kpi: all, source: orders, measure: revenue }
      - { table: rows, source: orders, columns: [id, customer.name, customer.credit, customer.id], totals: [max(customer.credit)], formats: [{ when: customer.region = 'East', look: warn }] }
      - { input_table: notes, table: notes, columns: [id, amount, customer.name, note] }
      - { chart: noted, type: bar, source: notes, x: customer.name, y: [count(note), sum(amount)] }
      - { table: bosses, source: customers, columns: [name, boss.name] }
      - { control: pick, type: list, source: orders, column: customer.name, targets: [all, rows] }
";

fn ada() -> Principal {
    of(&["West", "East"], &["admin"])
}

fn of(regions: &[&str], roles: &[&str]) -> Principal {
    let mut person = person("ada", None, roles);
    person.attributes.insert("regions".into(), Attribute::Many(regions.iter().map(|region| json!(region)).collect()));
    person
}

async fn world(on: On) -> World {
    World::with(on, &workbook(on, ELEMENTS)).await.unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

async fn rows(world: &World, person: &Principal, element: &str) -> Raw {
    json!(world.query(person, element).await.unwrap_or_else(|error| panic!("{element}: {error:?}")).rows)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_finds_one_row_at_most_and_counts_once() {
    for on in [On::Sqlite, On::Postgres] {
        let world = world(on).await;
        let by_name = json!([["Ann", "15.00"], ["Bob", "3.00"], ["Eva", "0.40"], [null, "0.73"]]);
        assert_eq!(rows(&world, &ada(), "by_name").await, by_name, "{on:?}: who shares a key is not found, and counts once");
        assert_eq!(rows(&world, &ada(), "all").await, json!([["19.13"]]), "{on:?}");
        let western = json!([["East", null, 1], ["West", "18.00", 2], [null, null, 0]]);
        assert_eq!(rows(&world, &ada(), "western").await, western, "{on:?}");
        let bosses = rows(&world, &ada(), "bosses").await;
        let boss_of = |name: &str| bosses.as_array().unwrap().iter().find(|row| row[0] == json!(name)).unwrap()[1].clone();
        assert_eq!([boss_of("Ann"), boss_of("Bob"), boss_of("Cyd")], [Raw::Null, json!("Ann"), json!("Ann")], "{on:?}: itself");
        assert_eq!(bosses.as_array().unwrap().len(), 5, "{on:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_joined_row_is_read_under_its_own_policy() {
    for on in [On::Sqlite, On::Postgres] {
        let world = world(on).await;
        let west = of(&["West"], &[]);
        let by_name = json!([["Ann", "15.00"], ["Bob", "3.00"], [null, "1.13"]]);
        assert_eq!(rows(&world, &west, "by_name").await, by_name, "{on:?}: Eva is of the East");
        let names = |answer: &Raw| answer.as_array().unwrap().iter().map(|row| row[0].clone()).collect::<Vec<_>>();
        assert_eq!(names(&rows(&world, &west, "pick").await), [json!("Ann"), json!("Bob"), Raw::Null], "{on:?}");
        assert_eq!(world.query(&west, "credit").await.unwrap_err().code, Code::NotFound, "{on:?}: hidden there, hidden here");
        let shown = async |person: &Principal| {
            let columns = world.query(person, "rows").await.unwrap().columns;
            columns.into_iter().map(|column| column.name).collect::<Vec<_>>()
        };
        assert_eq!(shown(&ada()).await, ["id", "customer.name", "customer.credit", "customer.id", "_format0"], "{on:?}");
        assert_eq!(shown(&west).await, ["id", "customer.name", "customer.id", "_format0"], "{on:?}");
        let blind = of(&["West"], &["blind"]);
        assert_eq!(shown(&blind).await, ["id", "customer.name", "_format0"], "{on:?}: it is equal to a hidden column");
        let filter = |column: &str, value: Raw| {
            let filters = serde_json::from_value(json!([{ "column": column, "op": "equals", "value": value }])).unwrap();
            QueryRequest { workbook: "plan".into(), element: "rows".into(), filters, ..Default::default() }
        };
        let refused = world.engine.query(&west, &filter("customer.credit", json!("90.00")), "req-1").await.unwrap_err();
        assert_eq!(refused.to_api().code, Code::UnknownColumn, "{on:?}");
        let east = world.engine.query(&west, &filter("customer.region", json!("East")), "req-2").await.unwrap();
        assert_eq!((east.rows.len(), east.total), (0, Some(0)), "{on:?}");
        let east = world.engine.query(&ada(), &filter("customer.region", json!("East")), "req-3").await.unwrap();
        assert_eq!((east.rows.len(), east.total), (1, Some(1)), "{on:?}");
        assert_eq!(json!(east.totals[0].value), json!("90.00"), "{on:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn joined_columns_are_sorted_grouped_chosen_from_and_exported() {
    for on in [On::Sqlite, On::Postgres] {
        let world = world(on).await;
        let ask = async |extra: Raw| {
            let mut request = json!({ "workbook": "plan", "element": "notes" });
            request.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            world.engine.query(&ada(), &serde_json::from_value(request).unwrap(), "req-1").await.unwrap()
        };
        let sorted = ask(json!({ "sort": [{ "column": "customer.name", "descending": true }] })).await;
        let names: Vec<&Raw> = sorted.rows.iter().map(|row| &row[2]).collect();
        assert_eq!(json!(names), json!(["Eva", "Bob", "Ann", "Ann", null, null, null]), "{on:?}");
        let grouped = ask(json!({ "group": { "columns": ["customer.name"] } })).await;
        let counts: Vec<u64> = grouped.groups.iter().map(|group| group.count).collect();
        assert_eq!(counts, [2, 1, 1, 3], "{on:?}");
        let values = ask(json!({ "values": { "column": "customer.name", "search": "A" } })).await.values;
        assert_eq!(values.iter().map(|value| &value.value).collect::<Vec<_>>(), [&json!("Ann"), &json!("Eva")], "{on:?}");
        let summary = ask(json!({ "summarize": ["customer.name"] })).await.summary;
        assert_eq!(summary[0].count, 4, "{on:?}");
        let cell = CellEdit { column: "note".into(), value: json!("seen"), was: Raw::Null, was_seq: None };
        world.apply(&ada(), &batch(vec![Edit::set("notes", vec![json!(1)], vec![cell])])).await.unwrap();
        let noted = rows(&world, &ada(), "noted").await;
        assert_eq!(noted[0], json!(["Ann", 1, "15.00"]), "{on:?}");
        let request = QueryRequest { workbook: "plan".into(), element: "notes".into(), ..Default::default() };
        let csv = world.engine.export(&ada(), &request, &ExportFile::default(), "req-2").await.unwrap().csv;
        assert!(csv.contains("1,10.00,Ann,seen"), "{on:?}: {csv}");
        let chosen = QueryRequest {
            workbook: "plan".into(),
            element: "all".into(),
            controls: [("pick".to_owned(), vec![json!("Bob")])].into(),
            ..Default::default()
        };
        let bob = world.engine.query(&ada(), &chosen, "req-3").await.unwrap().rows;
        assert_eq!(json!(bob), json!([["3.00"]]), "{on:?}");
        let view = world.engine.view(&ada(), "plan", "req-4").await.unwrap();
        let depends = |id: &str| {
            let elements = view.pages.iter().flat_map(|page| &page.elements);
            elements.into_iter().find(|element| element.id == id).unwrap().depends_on.clone()
        };
        assert_eq!(depends("by_name"), ["customers", "orders"], "{on:?}");
        assert_eq!(depends("all"), ["customers", "orders"], "{on:?}: a control filters it by a customer's name");
        assert_eq!(depends("notes"), ["customers", "notes", "orders"], "{on:?}");
    }
}

#[tokio::test]
async fn a_join_that_could_count_twice_is_a_mistake_with_its_place() {
    let good = workbook(On::Sqlite, ELEMENTS);
    let world = world(On::Sqlite).await;
    let one_to_many = "    joins:\n      orders: { source: orders, on: { id: customer_id } }\n      boss:";
    let kpi = |measure: &str| workbook(On::Sqlite, &format!("\n      - {{ kpi: k, source: orders, measure: \"{measure}\" }}\n"));
    for (text, message) in [
        (good.replace("    joins:\n      boss:", one_to_many), "`on` needs the whole key of `orders` (id)"),
        (good.replace("boss: { source: customers", "boss: { source: costumers"), "there is no source `costumers`"),
        (good.replace("{ boss_id: id }", "{ bos_id: id }"), "there is no column of `customers` `bos_id`"),
        (good.replace("{ boss_id: id }", "{ boss_id: it }"), "there is no column of `customers` `it`"),
        (good.replace("{ boss_id: id }", "{ name: id }"), "these are never equal: text here, a whole number there"),
        (good.replace("      boss:", "      Boss:").replace("boss.name", "name"), "`Boss` is not an id"),
        (good.replace("customer.region = 'West'", "customer.land = 'West'"), "there is no column `customer.land`"),
        (kpi("sum(customer.credit)"), "would count once for each of them"),
        (kpi("avg(customer.credit + 1)"), "would count once for each of them"),
        (kpi("sum(customer.credit) filter (where amount > 0)"), "would count once for each of them"),
        (kpi("revenue / count(customer.id)"), "would count once for each of them"),
        (kpi("sum(a.b.c)"), "a name with a dot is `@user.attribute`"),
    ] {
        let mistakes = world.mistakes(&text).await;
        assert!(!mistakes.is_empty() && mistakes[0].contains(message), "{message}: {mistakes:?}");
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
    }
    for fine in [
        "sum(amount * customer.credit)",
        "sum(case when customer.region = 'West' then 1 else 0 end)",
        "count(*) filter (where customer.region = 'West')",
        "count(distinct customer.name)",
        "min(customer.credit)",
    ] {
        World::with(On::Sqlite, &kpi(fine)).await.unwrap_or_else(|mistakes| panic!("{fine}: {mistakes}"));
    }
    // Each row of these finds another customer.
    let once = good.replace("elements:", "elements:\n      - { kpi: k, source: credits, measure: sum(customer.credit) }");
    let credits = "  credits:\n    sql: select id from (select 1 as id) group by 1\n    key: [id]\n    columns: { id: { type: integer } }\n    joins:\n      customer: { source: customers, on: { id: id } }\ninput_tables:";
    World::with(On::Sqlite, &once.replace("input_tables:", credits)).await.unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let nowhere_else = good.replace(
        "note: { type: text } }",
        "note: { type: text } }\n    rules: [{ check: \"customer.name = note\", message: no }]",
    );
    assert!(world.mistakes(&nowhere_else).await[0].contains("there is no column `customer.name`"), "rules see their own row");
}
