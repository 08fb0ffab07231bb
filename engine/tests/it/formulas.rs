//! What a form calculates without a warehouse is what the warehouses answer: random expressions over random rows.

use std::collections::BTreeMap;

use engine::expr::{Binding, Expr, Scope, Use, check, check_formula, formula, render};
use engine::{Dialect, Sql};
use model::{Attribute, ColumnType, Decimal, Formula, Raw, Surroundings, Value, Zone};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use crate::world::{On, WORKBOOK, World, more_in_a_soak, person};

const ROWS: usize = 40;
/// Expressions that one statement asks for.
const TOGETHER: usize = 25;

fn columns() -> Vec<(String, ColumnType)> {
    [
        ("region", ColumnType::Text),
        ("sales", ColumnType::Decimal { scale: 2 }),
        ("rate", ColumnType::Decimal { scale: 4 }),
        ("units", ColumnType::Integer),
        ("weight", ColumnType::Float),
        ("placed", ColumnType::Date),
        ("at", ColumnType::Timestamp),
        ("done", ColumnType::Boolean),
    ]
    .map(|(name, ty)| (name.to_owned(), ty))
    .to_vec()
}

/// What an expression is to come to.
#[derive(Clone, Copy)]
enum Of {
    Truth,
    Number,
    Text,
    Date,
}

fn any(random: &mut StdRng, of: Of, depth: u32) -> String {
    let mut one = |of| any(random, of, depth.saturating_sub(1));
    if depth == 0 {
        return leaf(random, of);
    }
    let (a, b, c) = (one(of), one(of), one(Of::Truth));
    let (n, m, t, u, d, e) = (one(Of::Number), one(Of::Number), one(Of::Text), one(Of::Text), one(Of::Date), one(Of::Date));
    let shared = [format!("case when {c} then {a} else {b} end"), format!("coalesce({a}, {b})"), format!("nullif({a}, {b})")];
    let own: Vec<String> = match of {
        Of::Truth => vec![
            format!("({a} and {b})"),
            format!("({a} or {b})"),
            format!("(not {a})"),
            format!("({n} {} {m})", operator(random)),
            format!("({d} {} {e})", operator(random)),
            format!("({t} = {u})"),
            format!("({t} <> {u})"),
            format!("({t} like '%{}%')", ["a", "_", "\\%", "W_s", ""].choose(random).unwrap()),
            format!("({n} is null)"),
            format!("({t} is not null)"),
            format!("({n} in ({m}, 1, 2.5))"),
            format!("({t} not in ('West', {u}))"),
            format!("({n} between 0 and {m})"),
            format!("({a} is true)"),
        ],
        Of::Number => vec![
            format!("({a} + {b})"),
            format!("({a} - {b})"),
            format!("({a} * {b})"),
            format!("({a} / {b})"),
            "(units % 7)".to_owned(),
            format!("abs({a})"),
            format!("(-{a})"),
            format!("round(sales * 3 / 7, {})", random.random_range(0..4)),
            format!("length({t})"),
            format!("date_part('{}', {d})", ["year", "quarter", "month", "week", "day", "dow"].choose(random).unwrap()),
            format!("date_part('{}', at)", ["day", "hour", "minute"].choose(random).unwrap()),
        ],
        Of::Text => {
            let from = random.random_range(1..4);
            vec![
                format!("trim({a})"),
                format!("concat({a}, ' ', {b})"),
                format!("substr({a}, {from}, 2)"),
                format!("substr({a}, {from})"),
            ]
        }
        Of::Date => {
            let unit = ["year", "quarter", "month", "week", "day"].choose(random).unwrap();
            vec![format!("date_trunc('{unit}', {a})"), a.clone()]
        }
    };
    shared.iter().chain(&own).collect::<Vec<_>>().choose(random).unwrap().to_string()
}

fn leaf(random: &mut StdRng, of: Of) -> String {
    let all: &[&str] = match of {
        Of::Truth => &[
            "done",
            "true",
            "false",
            "region = @user.region",
            "region in @user.regions",
            "@user.has_role('planner')",
            "at < @now",
        ],
        Of::Number => &["sales", "rate", "units", "weight", "0", "1", "2.50", "-3", "0.125", "null"],
        Of::Text => &["region", "'West'", "''", "' x '", "'ä%_b'"],
        Of::Date => &["placed", "placed", "placed"],
    };
    (*all.choose(random).unwrap()).to_owned()
}

fn operator(random: &mut StdRng) -> &'static str {
    ["=", "<>", "<", "<=", ">", ">="].choose(random).unwrap()
}

fn some<T>(random: &mut StdRng, value: impl FnOnce(&mut StdRng) -> T, make: impl Fn(T) -> Value) -> Value {
    if random.random_bool(0.15) { Value::Null } else { make(value(random)) }
}

fn row(random: &mut StdRng) -> Vec<Value> {
    let day = |random: &mut StdRng| {
        let first = chrono::NaiveDate::from_ymd_opt(2019, 12, 25).unwrap();
        first + chrono::TimeDelta::days(random.random_range(0..900))
    };
    vec![
        some(random, |r| ["West", "East", "", " Wäst ", "a%b"].choose(r).unwrap().to_string(), Value::Text),
        some(random, |r| Decimal::new(r.random_range(-100_000..100_000), 2), Value::Decimal),
        some(random, |r| Decimal::new(r.random_range(-30_000..30_000), 4), Value::Decimal),
        some(random, |r| r.random_range(-50..50), Value::Integer),
        some(random, |r| f64::from(r.random_range(-400..400)) / 4.0, Value::Float),
        some(random, day, Value::Date),
        some(random, |r| day(r).and_hms_micro_opt(r.random_range(0..24), r.random_range(0..60), 7, 9).unwrap(), Value::Timestamp),
        some(random, |r| r.random_bool(0.5), Value::Boolean),
    ]
}

fn create(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => {
            "create table t (n integer, region text, sales integer, rate integer, units integer, weight real, placed text, at text, done integer)"
        }
        Dialect::Postgres => {
            "create table t (n bigint, region text, sales numeric, rate numeric, units bigint, weight double precision, placed date, at timestamp, done boolean)"
        }
    }
}

/// An expression that a form can hold, and what it is.
fn good(random: &mut StdRng) -> Option<(String, Expr)> {
    let of = *[Of::Truth, Of::Number, Of::Text, Of::Date].choose(random).unwrap();
    let depth = random.random_range(1..4);
    let text = any(random, of, depth);
    let columns = columns();
    let scope = Scope {
        columns: &columns,
        measures: &[],
        parameters: &[],
        used: Use::Form,
        zone: "Europe/Berlin",
        fiscal_year_starts: 1,
    };
    let expr = check(&text, &scope).ok()?;
    check_formula(&expr).is_ok().then_some((text, expr))
}

fn alike(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Float(a), Value::Float(b)) => (a - b).abs() <= 1e-9 * a.abs().max(1.0),
        (Value::Decimal(a), Value::Decimal(b)) => a == b,
        (a, b) => a == b,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_calculates_as_the_warehouses_do() {
    let zoned = WORKBOOK.replace("title: Plan", "title: Plan\ntime_zone: Europe/Berlin");
    let worlds = [
        World::with(On::Sqlite, &zoned).await.unwrap(),
        World::with(On::Postgres, &crate::world::for_postgres(&zoned)).await.unwrap(),
    ];
    let mut who = person("wendy", Some("West"), &["planner"]);
    who.attributes.insert("regions".into(), Attribute::Many(vec!["West".into(), "a%b".into()]));
    let zone = worlds[0].engine.view(&who, "plan", "req").await.unwrap().zone;
    assert_eq!(zone.iana(), "Europe/Berlin");
    let random = &mut StdRng::seed_from_u64(26);
    let rows: Vec<Vec<Value>> = (0..ROWS).map(|_| row(random)).collect();
    for world in &worlds {
        let dialect = world.warehouse.dialect();
        let mut statements = vec![Sql::new(create(dialect))];
        for (n, row) in rows.iter().enumerate() {
            let mut sql = Sql::new(format!("insert into t values ({n}"));
            for value in row {
                sql.push(", ").bind(value.clone());
            }
            sql.push(")");
            statements.push(sql);
        }
        world.warehouse.control(statements).await.unwrap();
    }
    let now = chrono::NaiveDate::from_ymd_opt(2021, 3, 27).unwrap().and_hms_opt(23, 30, 0).unwrap();
    let nothing = |_: &str| Value::Null;
    let around = Surroundings { control: &nothing, now, zone: &zone };
    let names = columns();
    let mut told = BTreeMap::new();
    for _ in 0..more_in_a_soak(12, 400) {
        let exprs: Vec<(String, Expr)> = std::iter::repeat_with(|| good(random)).flatten().take(TOGETHER).collect();
        let formulas: Vec<Formula> = exprs.iter().map(|(_, expr)| wired(&formula(expr, &who))).collect();
        for world in &worlds {
            let dialect = world.warehouse.dialect();
            let binding = Binding { principal: &who, now, alias: "t", dialect, dimensions: &[], natives: None };
            for (i, (text, expr)) in exprs.iter().enumerate() {
                let mut sql = Sql::new("select ");
                sql.append(render(expr, binding)).push(" from t order by t.n");
                let Ok(answers) = world.warehouse.read(None, &sql, std::slice::from_ref(&expr.ty)).await else {
                    // Too large a number, or one that divides by what overflows: no row has an answer to compare.
                    *told.entry("refused by a warehouse").or_insert(0) += 1;
                    continue;
                };
                for (answer, row) in answers.iter().zip(&rows) {
                    let field =
                        |name: &str| names.iter().position(|(known, _)| known == name).map_or(Value::Null, |i| row[i].clone());
                    let Ok(ours) = formulas[i].value(&field, around) else {
                        *told.entry("not calculable here").or_insert(0) += 1;
                        continue;
                    };
                    assert!(alike(&ours, &answer[0]), "{dialect:?}: {text}\nover {row:?}\nours {ours:?}, theirs {:?}", answer[0]);
                    *told.entry(if ours.is_null() { "null" } else { "values" }).or_insert(0) += 1;
                }
            }
        }
    }
    println!("{told:?}");
    assert!(told["values"] > 5_000 && told["null"] > 500, "{told:?}");
    assert!(told.get("not calculable here").unwrap_or(&0) * 50 < told["values"], "{told:?}");
}

/// As it comes to the browser.
fn wired(formula: &Formula) -> Formula {
    let raw: Raw = serde_json::to_value(formula).unwrap();
    serde_json::from_value(raw).unwrap()
}

#[test]
fn what_only_a_warehouse_can_say_is_no_formula() {
    let columns = columns();
    let scope = Scope { columns: &columns, measures: &[], parameters: &[], used: Use::Form, zone: "UTC", fiscal_year_starts: 4 };
    for (text, what) in [
        ("lower(region) = 'west'", "`lower` and `upper`"),
        ("region < 'M'", "which of two texts comes first"),
        ("date_trunc('fiscal_year', placed)", "fiscal periods"),
    ] {
        assert_eq!(check_formula(&check(text, &scope).unwrap()), Err(what), "{text}");
    }
    let plain = check("placed > '2020-01-01' and sales > 2", &scope).unwrap();
    assert_eq!(check_formula(&plain), Ok(()));
    let zone = Zone::default();
    let now = chrono::NaiveDate::from_ymd_opt(2021, 3, 27).unwrap().and_hms_opt(23, 30, 0).unwrap();
    let nothing = |_: &str| Value::Null;
    let nobody = person("nobody", None, &[]);
    let around = Surroundings { control: &nothing, now, zone: &zone };
    let known = |name: &str| if name == "region" { Value::from("West") } else { Value::Null };
    for text in
        ["region = @user.region", "not (region = @user.region)", "region in @user.regions", "not (region in @user.regions)"]
    {
        let value = formula(&check(text, &scope).unwrap(), &nobody).value(&known, around);
        assert_eq!(value, Ok(Value::Null), "{text}: an attribute that is not there is nobody's");
    }
}
