//! Elements over TPC-H's line items, on SQLite and PostgreSQL, against the very statements run bare on a connection of their
//! own in the same run; none divides, since SQLite does that by a function of ours. Run by `cargo xtask bench`; it prints figures and asserts nothing.
//!
//! `INLAY_BENCH_SCALE` is TPC-H's scale, 1 (6 million lines) if absent. PostgreSQL is left out where `INLAY_POSTGRES`, the
//! folder of its programs, is not set.

#[path = "../tests/it/cluster.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod cluster;

use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::catalog::Directory;
use engine::warehouse::{Access, Postgres, PostgresConfig, Sqlite, Warehouse};
use engine::{Dialect, Engine, EngineError};
use futures::future::join_all;
use model::{AccessMode, Attribute, ElementView, InspectedStatement, Principal, QueryRequest};
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, SqlSafeStr};
use tpchgen::generators::LineItemGenerator;

const WORKBOOK: &str = r#"
workbook: bench
title: Bench
sources:
  lines:
    table: lineitem
    key: [orderkey, linenumber]
    rows: { read: shipmode in @user.modes }
    columns:
      price: { type: decimal, scale: 2 }
      discount: { type: decimal, scale: 2 }
      shipped: { type: date }
    measures: { revenue: sum(price), returned: { value: revenue, filter: returnflag = 'R' } }
pages:
  - title: One
    elements:
      - { kpi: revenue, source: lines, measure: revenue }
      - { kpi: lines, source: lines, measure: count(*) }
      - { kpi: returned, source: lines, measure: returned }
      - { kpi: suppliers, source: lines, measure: count(distinct suppkey) }
      - { chart: by_mode, type: bar, source: lines, x: shipmode, y: [revenue] }
      - { chart: by_flag, type: pie, source: lines, x: returnflag, y: [revenue] }
      - { chart: by_month, type: line, source: lines, x: "date_trunc('month', shipped)", y: [revenue, returned] }
      - { chart: by_year, type: bar, source: lines, x: "date_trunc('year', shipped)", y: [revenue], color: shipmode, stacked: true }
      - { chart: running, type: area, source: lines, x: "date_trunc('month', shipped)", y: [running_total(revenue)] }
      - { chart: by_quantity, type: bar, source: lines, x: quantity, y: [max(price)] }
      - { kpi: quarter, source: lines, measure: revenue, x: "date_trunc('quarter', shipped)" }
      - { kpi: dearest, source: lines, measure: max(price) }
"#;

/// Times that each element and each bare statement is asked.
const TIMES: usize = 5;
const VIEWERS: usize = 100;
/// Lines that one INSERT or one part of a COPY has.
const TOGETHER: usize = 1_000;

#[tokio::main]
async fn main() {
    let scale: f64 = std::env::var("INLAY_BENCH_SCALE").ok().and_then(|scale| scale.parse().ok()).unwrap_or(1.0);
    println!("elements over TPC-H's line items at scale {scale}");
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("bench.yaml"), WORKBOOK).expect("writable");
    let file = folder.path().join("bench.db");
    let mut bare = SqliteConnectOptions::new()
        .filename(&file)
        .create_if_missing(true)
        .disable_statement_logging()
        .connect()
        .await
        .expect("a new file");
    fill_sqlite(&mut bare, scale).await;
    let warehouse = Sqlite::open_within(&file, Duration::from_secs(600)).await.expect("a database");
    measure("SQLite", warehouse, folder.path(), &mut Bare::Sqlite(bare)).await;
    if std::env::var_os("INLAY_POSTGRES").is_none() {
        return println!("\nPostgreSQL is left out: INLAY_POSTGRES is not set");
    }
    let database = cluster::database().await;
    let mut admin = PgConnection::connect(&database.admin).await.expect("a connection");
    fill_postgres(&mut admin, scale).await;
    let config = PostgresConfig {
        url: database.app.clone(),
        role: None,
        settings: Default::default(),
        pooler: false,
        listen: None,
        comments: false,
        share_reads: true,
        allow_superuser: false,
        access: Access::Own,
        connections: 64,
        statement_timeout_ms: 600_000,
    };
    let warehouse = Postgres::open(config).await.expect("a database");
    let bare = PgConnection::connect(&database.app).await.expect("a connection");
    measure("PostgreSQL", warehouse, folder.path(), &mut Bare::Postgres(bare)).await;
}

/// A line as a row of values, and of text to copy; decimals are minor units in the one and decimal text in the other.
fn lines(scale: f64, dialect: Dialect, mut take: impl FnMut(String)) {
    for line in LineItemGenerator::new(scale, 1, 1).iter() {
        let (key, number, supplier, quantity) = (line.l_orderkey, line.l_linenumber, line.l_suppkey, line.l_quantity);
        let (flag, mode, shipped) = (line.l_returnflag, line.l_shipmode, line.l_shipdate);
        let (price, discount) = (line.l_extendedprice, line.l_discount);
        take(match dialect {
            Dialect::Sqlite => {
                format!("({key},{number},{supplier},{quantity},{},{},'{flag}','{mode}','{shipped}')", price.0, discount.0)
            }
            Dialect::Postgres => format!("{key}|{number}|{supplier}|{quantity}|{price}|{discount}|{flag}|{mode}|{shipped}\n"),
        });
    }
}

async fn fill_sqlite(connection: &mut SqliteConnection, scale: f64) {
    let table = "create table lineitem (orderkey integer, linenumber integer, suppkey integer, quantity integer, price integer, discount integer, \
                 returnflag text, shipmode text, shipped text, primary key (orderkey, linenumber)) strict, without rowid";
    connection.execute("pragma journal_mode = wal").await.expect("a journal");
    connection.execute(table).await.expect("a table");
    let mut parts = Vec::new();
    let mut rows = Vec::new();
    lines(scale, Dialect::Sqlite, |row| {
        rows.push(row);
        if rows.len() == TOGETHER {
            parts.push(format!("insert into lineitem values {}", rows.join(",")));
            rows.clear();
        }
    });
    if !rows.is_empty() {
        parts.push(format!("insert into lineitem values {}", rows.join(",")));
    }
    connection.execute("begin").await.expect("a transaction");
    for part in parts {
        connection.execute(sqlx::raw_sql(AssertSqlSafe(part))).await.expect("rows");
    }
    connection.execute("commit").await.expect("committed");
    connection.execute("analyze").await.expect("statistics");
}

async fn fill_postgres(connection: &mut PgConnection, scale: f64) {
    let table = "create table lineitem (orderkey bigint, linenumber bigint, suppkey bigint, quantity bigint, price numeric(15, 2), discount numeric(15, 2), \
                 returnflag text, shipmode text, shipped date, primary key (orderkey, linenumber))";
    connection.execute(table).await.expect("a table");
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut count = 0;
    lines(scale, Dialect::Postgres, |row| {
        let _ = part.write_str(&row);
        count += 1;
        if count % (100 * TOGETHER) == 0 {
            parts.push(std::mem::take(&mut part));
        }
    });
    parts.push(part);
    let mut copy = connection.copy_in_raw("copy lineitem from stdin (delimiter '|')").await.expect("a copy");
    for part in parts {
        copy.send(part.into_bytes()).await.expect("rows");
    }
    copy.finish().await.expect("copied");
    connection.execute("grant select on lineitem to inlay_app").await.expect("granted");
    connection.execute("vacuum analyze lineitem").await.expect("statistics");
}

/// Somebody who may see all but two ways of shipping.
fn viewer(n: usize) -> Principal {
    let modes = ["AIR", "FOB", "MAIL", "RAIL", "TRUCK"].map(model::Raw::from);
    Principal {
        issuer: "bench".into(),
        tenant: "t".into(),
        user: format!("u{n}"),
        name: "U".into(),
        roles: vec![],
        attributes: [("modes".to_owned(), Attribute::Many(modes.into()))].into(),
        workbooks: vec!["bench".into()],
        mode: AccessMode::View,
        inspects: n == 0,
        filters: std::collections::BTreeMap::new(),
    }
}

async fn measure(name: &str, warehouse: Arc<dyn Warehouse>, folder: &std::path::Path, bare: &mut Bare) {
    let engine = Engine::open(warehouse.clone(), &Directory(folder.to_owned())).await.expect("a good workbook");
    let author = viewer(0);
    let view = engine.view(&author, "bench", "bench").await.expect("a workbook");
    let elements: Vec<String> = view.pages[0].elements.iter().map(|element| element.id.clone()).collect();
    assert!(view.pages[0].elements.iter().all(ElementView::asks), "each asks as soon as it is in sight");
    println!("\n{name:<16} engine p50 ms   p95 ms   bare p50 ms   p95 ms     ratio   beyond ms");
    let mut slowest = Duration::ZERO;
    for element in &elements {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..TIMES {
            let begun = Instant::now();
            let answer = ask(&engine, &author, element).await;
            ours.push(begun.elapsed());
            let statements = answer.inspection.expect("the author inspects").statements;
            let begun = Instant::now();
            for statement in statements {
                bare.run(statement).await;
            }
            theirs.push(begun.elapsed());
        }
        ours.sort();
        theirs.sort();
        let (a, b) = (quantile(&ours, 0.5), quantile(&theirs, 0.5));
        slowest = slowest.max(b);
        let [a95, b95] = [&ours, &theirs].map(|all| ms(quantile(all, 0.95)));
        println!(
            "{element:<16} {:>13.1} {a95:>8.1} {:>13.1} {b95:>8.1} {:>8.2} x {:>9.1}",
            ms(a),
            ms(b),
            ms(a) / ms(b),
            ms(a) - ms(b)
        );
    }
    let begun = Instant::now();
    join_all(elements.iter().map(|element| ask(&engine, &author, element))).await;
    let page = begun.elapsed();
    println!(
        "a page of {} elements at once: {:.0} ms, {:.2} x its slowest bare statement",
        elements.len(),
        ms(page),
        ms(page) / ms(slowest)
    );
    let before = engine.joined();
    let begun = Instant::now();
    let people: Vec<Principal> = (0..VIEWERS).map(|n| Principal { inspects: false, ..viewer(n) }).collect();
    let looks = people.iter().map(async |person| {
        let begun = Instant::now();
        let answers = join_all(elements.iter().map(|element| try_ask(&engine, person, element))).await;
        (begun.elapsed(), answers.into_iter().filter(Result::is_err).count())
    });
    let (mut each, unanswered): (Vec<Duration>, Vec<usize>) = join_all(looks).await.into_iter().unzip();
    each.sort();
    let asked = VIEWERS * elements.len();
    println!(
        "{VIEWERS} viewers of the page: p50 {:.0} ms, p95 {:.0} ms, all after {:.0} ms; {} statements for {asked} questions, {} not answered",
        ms(quantile(&each, 0.5)),
        ms(quantile(&each, 0.95)),
        ms(begun.elapsed()),
        asked as u64 - (engine.joined() - before),
        unanswered.iter().sum::<usize>()
    );
    warehouse.close().await;
}

async fn ask(engine: &Engine, who: &Principal, element: &str) -> model::QueryAnswer {
    try_ask(engine, who, element).await.expect("an answer")
}

async fn try_ask(engine: &Engine, who: &Principal, element: &str) -> Result<model::QueryAnswer, EngineError> {
    let request = QueryRequest { workbook: "bench".into(), element: element.into(), ..QueryRequest::default() };
    engine.query(who, &request, "bench").await
}

/// A connection that nothing of ours stands before.
enum Bare {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Bare {
    /// Runs a statement, and reads its rows. Binds are texts here, all of them.
    async fn run(&mut self, statement: InspectedStatement) {
        let numbered = |(i, part): (usize, &str)| if i > 0 { format!("${i}{part}") } else { part.to_owned() };
        let text = match self {
            Self::Sqlite(_) => statement.sql,
            Self::Postgres(_) => statement.sql.split('?').enumerate().map(numbered).collect(),
        };
        let text = AssertSqlSafe(text).into_sql_str();
        let binds = statement.binds.into_iter().map(|bind| bind.as_str().expect("a text").to_owned());
        let rows = match self {
            Self::Sqlite(connection) => {
                let query = binds.fold(sqlx::query(text), |query, bind| query.bind(bind));
                query.fetch_all(connection).await.expect("rows").len()
            }
            Self::Postgres(connection) => {
                let query = binds.fold(sqlx::query(text), |query, bind| query.bind(bind));
                query.fetch_all(connection).await.expect("rows").len()
            }
        };
        assert!(rows > 0);
    }
}

fn quantile(sorted: &[Duration], share: f64) -> Duration {
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
