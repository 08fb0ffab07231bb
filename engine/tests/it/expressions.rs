//! The expression language: what it compiles to, what it means, what it refuses.

use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};
use engine::expr::{Binding, Expr, ExprError, Scope, Use, check, render};
use engine::warehouse::{Postgres, Sqlite, Warehouse};
use engine::{Dialect, Sql};
use model::{Attribute, ColumnType};
use proptest::prelude::*;

use crate::cluster;
use crate::world::{config, person};

fn columns() -> Vec<(String, ColumnType)> {
    let of = |name: &str, ty| (name.to_owned(), ty);
    vec![
        of("region", ColumnType::Text),
        of("sales", ColumnType::Decimal { scale: 2 }),
        of("rate", ColumnType::Decimal { scale: 4 }),
        of("units", ColumnType::Integer),
        of("weight", ColumnType::Float),
        of("placed", ColumnType::Date),
        of("at", ColumnType::Timestamp),
        of("done", ColumnType::Boolean),
        of("state", ColumnType::Choice { options: vec!["open".into(), "shut".into()] }),
    ]
}

fn parsed(text: &str, used: Use) -> Result<Expr, ExprError> {
    check(text, &Scope { columns: &columns(), measures: &[], parameters: &[], used, zone: "UTC", fiscal_year_starts: 4 })
}

fn now() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 1, 2).unwrap().and_hms_opt(3, 4, 5).unwrap()
}

fn rendered(expr: &Expr) -> Sql {
    rendered_for(expr, Dialect::Sqlite)
}

fn rendered_for(expr: &Expr, dialect: Dialect) -> Sql {
    let mut principal = person("wendy", Some("West"), &["planner"]);
    principal.attributes.insert("regions".into(), Attribute::Many(vec!["West".into(), "East".into()]));
    render(expr, Binding { principal: &principal, now: now(), alias: "q", dialect, dimensions: &[], natives: None })
}

#[test]
fn sql_of_the_catalogue() {
    let mut out = String::new();
    for text in [
        "region = @user.region or @user.has_role('admin')",
        "region in @user.regions and not (state = 'shut')",
        "region = @user.missing",
        "sales + rate * 2",
        "sales / units",
        "units / 2 + units % 3",
        "round(rate, 1)",
        "coalesce(sales, 0)",
        "nullif(units, 0)",
        "case when done then sales else rate end",
        "sales between 1 and 2.5",
        "region like 'W%' or region is not null",
        "placed >= '2017-01-01'",
        "date_trunc('quarter', placed)",
        "date_trunc('week', at)",
        "date_trunc('fiscal_quarter', placed)",
        "date_part('fiscal_year', placed)",
        "date_part('quarter', placed)",
        "lower(trim(region)) = upper(substr(region, 1, 2))",
        "concat(region, '?')",
        "abs(-sales) > weight",
        "at < @now and region <> @tenant and region = @user.id",
    ] {
        let sql = rendered(&parsed(text, Use::Row).unwrap_or_else(|e| panic!("{text}: {e}")));
        out.push_str(&format!("{text}\n  {}\n  {:?}\n", sql.text, sql.binds));
    }
    for text in [
        "sum(sales)",
        "avg(sales)",
        "count(*)",
        "count(distinct region)",
        "sum(sales) / sum(units)",
        "min(placed)",
        "median(sales)",
        "percentile(units, 0.95)",
        "count(*) filter (where done)",
        "avg(sales) filter (where done)",
    ] {
        let sql = rendered(&parsed(text, Use::Measure).unwrap());
        out.push_str(&format!("{text}\n  {}\n", sql.text));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn what_is_not_known_is_an_error_with_its_place() {
    let mut out = String::new();
    for text in [
        "regoin = 'West'",
        "sale > 1",
        "shout(region)",
        "region = 5",
        "sales + region",
        "state = 'opne'",
        "placed > 'soon'",
        "region = 'a' or",
        "(select 1)",
        "region; drop table x",
        "coalesce(@user.region, region)",
        "@user.region is null",
        "case when region = @user.region then true end",
        "nullif(@user.region, 'x') = region",
        "@user.region",
        "@nobody = 1",
        "sum(sales) > 1",
        "round(weight)",
        "date_trunc('moon', placed)",
        "substr(region, -1)",
        "region || 'x'",
        "q.region = 'x'",
        "exists (select 1 from orders)",
        "region in (select region from orders)",
        "sales over ()",
        "lower(region) filter (where done)",
        "running_total(sales)",
        "cast(sales as text)",
        "",
    ] {
        let error = parsed(text, Use::Row).expect_err(text);
        let hint = error.hint.map(|hint| hint.to_string()).unwrap_or_default();
        out.push_str(&format!("{text}\n  {}:{} {} {hint}\n", error.line, error.column, error.message));
    }
    insta::assert_snapshot!(out);
}

/// Both engines, each with an empty database.
async fn engines() -> (tempfile::TempDir, [Arc<dyn Warehouse>; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = Sqlite::open(&folder.path().join("x.db")).await.unwrap();
    let postgres = Postgres::open(config(&cluster::database().await.app)).await.unwrap();
    (folder, [sqlite, postgres])
}

/// What `text` is in the one row of `from`, in its wire form.
async fn value_of(warehouse: &dyn Warehouse, text: &str, from: &str) -> String {
    let expr = parsed(text, Use::Row).unwrap_or_else(|e| panic!("{text}: {e}"));
    let mut sql = Sql::new("select ");
    sql.append(rendered_for(&expr, warehouse.dialect())).push(from);
    let rows = warehouse.read(None, &sql, std::slice::from_ref(&expr.ty)).await;
    let rows = rows.unwrap_or_else(|e| panic!("{:?}: {text}: {e}", warehouse.dialect()));
    match rows[0][0].to_wire() {
        model::Raw::String(text) => text,
        raw => raw.to_string(),
    }
}

#[tokio::test]
async fn expressions_mean_what_postgresql_means() {
    let (_folder, engines) = engines().await;
    for (text, expect) in [
        ("0.1 + 0.2 = 0.3", "true"),
        ("7 / 2", "3"),
        ("-7 / 2", "-3"),
        ("7 % 3", "1"),
        ("-7 % 3", "-1"),
        ("7.0 / 2", "3.500000"),
        ("1.0 / 3", "0.333333"),
        ("-2.0 / 3", "-0.666667"),
        ("1.0 / 0", "null"),
        ("1 / 0", "null"),
        ("1 % 0", "null"),
        ("round(2.5)", "3"),
        ("round(-2.5)", "-3"),
        ("round(1.005, 2)", "1.01"),
        ("1.10 * 2.5", "2.750"),
        ("region = @user.region", "null"),
        ("'abc' like 'A%'", "false"),
        ("'a_c' like 'a\\_c'", "true"),
        ("lower('ÄÖÜ')", "äöü"),
        ("length('äöü')", "3"),
        ("substr('hello', 2, 3)", "ell"),
        ("trim('  x ')", "x"),
        ("concat('a', null, 'b')", "ab"),
        ("concat('a?', 'b$1')", "a?b$1"),
        ("coalesce(null, 2)", "2"),
        ("nullif(2, 2.0)", "null"),
        ("1 in (1.0, 2.5)", "true"),
        ("null and false", "false"),
        ("not (null = 1)", "null"),
        ("case when 1 = 2 then 1 else 2.5 end", "2.5"),
    ] {
        for engine in &engines {
            let from = " from (select null as region) q";
            assert_eq!(value_of(engine.as_ref(), text, from).await, expect, "{:?}: {text}", engine.dialect());
        }
    }
}

#[tokio::test]
async fn dates_are_cut_to_their_grain() {
    let (_folder, engines) = engines().await;
    for engine in &engines {
        // A literal has no type of a date; a date column does.
        let types = if engine.dialect() == Dialect::Sqlite { ["text", "text"] } else { ["date", "timestamp"] };
        let table = format!("create table t (placed {}, at {})", types[0], types[1]);
        let row = "insert into t values ('2017-05-03', '2017-05-03T10:20:30.000001Z')";
        engine.control(vec![Sql::new(table), Sql::new(row)]).await.unwrap();
        for (text, expect) in [
            ("date_trunc('year', placed)", "2017-01-01"),
            ("date_trunc('quarter', placed)", "2017-04-01"),
            ("date_trunc('month', placed)", "2017-05-01"),
            ("date_trunc('week', placed)", "2017-05-01"),
            ("date_trunc('day', placed)", "2017-05-03"),
            ("date_trunc('fiscal_year', placed)", "2017-04-01"),
            ("date_trunc('fiscal_quarter', placed)", "2017-04-01"),
            ("date_part('fiscal_year', placed)", "2018"),
            ("date_part('fiscal_quarter', placed)", "1"),
            ("date_part('fiscal_month', placed)", "2"),
            ("date_trunc('fiscal_year', at)", "2017-04-01T00:00:00.000000Z"),
            ("date_trunc('month', at)", "2017-05-01T00:00:00.000000Z"),
            ("date_part('week', placed)", "18"),
            ("date_part('quarter', placed)", "2"),
            ("date_part('dow', placed)", "3"),
            ("date_part('hour', at)", "10"),
            ("placed >= '2017-05-03' and at < @now", "true"),
        ] {
            assert_eq!(value_of(engine.as_ref(), text, " from t q").await, expect, "{:?}: {text}", engine.dialect());
        }
    }
}

fn any_condition() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("region = @user.region".to_owned()),
        Just("region in @user.regions".to_owned()),
        Just("@user.has_role('x')".to_owned()),
        (any::<i32>(), "[<>=]").prop_map(|(n, op)| format!("units {op} {n}")),
        "[a-z '?%]{0,8}".prop_map(|s| format!("region like '{}'", s.replace('\'', "''"))),
        (0u32..999).prop_map(|n| format!("sales * 2 / 3 > {n}.25")),
    ];
    leaf.prop_recursive(4, 24, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} and {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            inner.prop_map(|a| format!("not {a}")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn placeholders_equal_binds(text in any_condition()) {
        let sql = rendered(&parsed(&text, Use::Row).unwrap());
        prop_assert_eq!(sql.text.matches('?').count(), sql.binds.len());
    }

    #[test]
    fn checking_anything_never_panics(text in "[a-z@.'() ,=<>+*/0-9%?;-]{0,60}") {
        let _ = parsed(&text, Use::Row);
        let _ = parsed(&text, Use::Measure);
    }

    /// Every plan over a source with a policy holds its predicate: a relation can't be built without.
    #[test]
    fn every_plan_holds_its_policy(policy in any_condition()) {
        use engine::catalog::{Body, Column, Dataset, Join, Policy, Source};
        use engine::query::{Joins, Output, Plan, Relation, Shape, Window, compile, Search, compile_duplicates, compile_find, compile_places, compile_reduced, compile_summary, compile_totals};
        let principal = person("wendy", Some("West"), &["planner"]);
        let binding = Binding { principal: &principal, now: now(), alias: "q", dialect: Dialect::Sqlite, dimensions: &[], natives: None };
        let predicate = parsed(&policy, Use::Row).unwrap();
        let expected = render(&predicate, Binding { alias: "s", ..binding });
        let columns = columns().into_iter().map(|(name, ty)| Column { label: name.clone(), name, ty, format: None, hide_unless: None });
        let source = Source {
            joins: Vec::new(),
            name: "t".into(), body: Body::Table("t".into()), key: vec![], read: Policy::Rows { expr: predicate, text: String::new() }, write: None, refresh_s: None, read_only: Default::default(),
            columns: columns.collect(), measures: vec![], unique: true, tables: None, filled: Default::default(),
            natives: Default::default(),
        };
        // Itself, seen from another.
        let columns = source.columns.iter().map(|column| Column { name: format!("j.{}", column.name), ..column.clone() }).collect();
        let on = vec![("region".to_owned(), "region".to_owned())];
        let joining = Source { joins: vec![Join { source: source.clone(), on, columns, once: false }], ..source.clone() };
        for shape in [Shape::Rows, Shape::Distinct, Shape::Groups { dimensions: 1 }] {
            let output = Output { name: "region".into(), label: String::new(), format: None, expr: Expr::column("region", ColumnType::Text) };
            let relation = Relation::new(Dataset::Source(&source), binding);
            let window = Window { offset: 0, limit: 10 };
            let plan = Plan { line: true, window, ..Plan::new(relation, shape, vec![output]) };
            let search = Search { condition: Expr::column("region", ColumnType::Boolean), after: None, backwards: false };
            let duplicates = compile_duplicates(&plan, &source, &[vec![]]);
            for sql in [compile(&plan), compile_totals(&plan), compile_places(&plan, 10), compile_find(&plan, &search), compile_summary(&plan), duplicates] {
                prop_assert!(sql.text.contains(&format!(" where {}", expected.text)), "{}", sql.text);
                prop_assert_eq!(sql.text.matches('?').count(), sql.binds.len());
            }
            if let Some(sql) = compile_reduced(&plan) {
                prop_assert!(sql.text.contains(&format!(" where {}", expected.text)), "{}", sql.text);
            }
            let dataset = Dataset::Source(&joining);
            let relation = Relation { joins: Joins::of(dataset, ["j.units"]), ..Relation::new(dataset, binding) };
            let sql = compile(&Plan { relation, ..plan });
            prop_assert_eq!(sql.text.matches(&format!(" where {}", expected.text)).count(), 2, "its own and the other's: {}", sql.text);
            prop_assert_eq!(sql.text.matches('?').count(), sql.binds.len());
        }
    }
}
