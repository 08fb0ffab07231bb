//! A file of many lines through the engine, against the least that the same could cost: in PostgreSQL a COPY and one insert-select
//! into table and log, in SQLite a bare loop of prepared inserts. Run by `cargo xtask bench`; it prints figures and asserts nothing.

#[path = "../tests/it/cluster.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod cluster;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::catalog::Directory;
use engine::warehouse::{Access, Postgres, PostgresConfig, Sqlite, Warehouse};
use engine::{Engine, Source};
use model::{AccessMode, ImportFormat, ImportRequest, Mapping, Principal, SheetKind};
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Connection, Executor, SqlSafeStr};
use tokio::sync::mpsc;

const LINES: u64 = 200_000;
/// For SQLite, whose bare loop is slow: each statement of it goes to the connection's thread and back.
const FEWER: u64 = 20_000;
/// Of them 4 texts, 4 amounts, 2 whole numbers, 2 days.
const COLUMNS: [&str; 12] = ["t0", "t1", "t2", "t3", "m0", "m1", "m2", "m3", "n0", "n1", "d0", "d1"];

fn ty(column: &str) -> &'static str {
    match &column[..1] {
        "t" => "text",
        "m" => "decimal, scale: 2",
        "n" => "integer",
        _ => "date",
    }
}

fn workbook() -> String {
    let columns: String = COLUMNS.iter().map(|name| format!("      {name}: {{ type: {} }}\n", ty(name))).collect();
    format!(
        "workbook: bench\ntitle: Bench\ninput_tables:\n  loaded:\n    rows: {{ read: \"@user.id <> ''\", write: \"@user.id <> ''\" }}\n    columns:\n{columns}pages:\n  - title: One\n    elements:\n      - {{ input_table: grid, table: loaded }}\n"
    )
}

fn file(path: &Path, lines: u64) {
    let mut text = COLUMNS.join(",") + "\n";
    for i in 0..lines {
        let _ = write!(text, "customer {i},a text of some length {},West,open", i % 977);
        let _ = write!(text, ",{}.{:02},{}.50,{},{}.99", i, i % 100, i % 1_000, i % 50, i % 7);
        let _ = writeln!(text, ",{},{},2026-{:02}-{:02},2027-01-{:02}", i % 90, i, i % 12 + 1, i % 28 + 1, i % 31 + 1);
    }
    std::fs::write(path, text).expect("writable");
}

fn principal() -> Principal {
    Principal {
        issuer: "bench".into(),
        tenant: "t".into(),
        user: "u".into(),
        name: "U".into(),
        roles: Vec::new(),
        attributes: BTreeMap::new(),
        workbooks: vec!["bench".into()],
        mode: AccessMode::Edit,
        inspects: false,
        filters: BTreeMap::new(),
    }
}

fn request(trial: bool) -> ImportRequest {
    ImportRequest {
        workbook: "bench".into(),
        table: "loaded".into(),
        batch_id: "bench-import".into(),
        upload: String::new(),
        format: ImportFormat {
            kind: SheetKind::Csv,
            encoding: "utf-8".into(),
            delimiter: Some(','),
            header: true,
            locale: "en-US".into(),
            sheet: None,
        },
        mapping: Mapping { columns: COLUMNS.iter().map(|name| Some((*name).to_owned())).collect(), matched: Vec::new() },
        names: Vec::new(),
        language: "en".into(),
        trial,
        as_of: None,
        reason: None,
    }
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (csv, fewer) = (folder.path().join("lines.csv"), folder.path().join("fewer.csv"));
    file(&csv, LINES);
    file(&fewer, FEWER);
    std::fs::write(folder.path().join("bench.yaml"), workbook()).expect("writable");
    let only = std::env::var("INLAY_BENCH_ON").unwrap_or_default();
    println!("lines x {} columns                 bare s   trial s    load s   against bare", COLUMNS.len());
    if only != "postgres" {
        let sqlite = Sqlite::open(&folder.path().join("bench.db")).await.expect("a new database");
        let bare = bare_sqlite(folder.path(), &fewer).await;
        measure(&format!("SQLite, {FEWER} lines"), sqlite, folder.path(), &fewer, bare).await;
    }
    if only != "sqlite" && std::env::var_os("INLAY_POSTGRES").is_some() {
        let database = cluster::database().await;
        let config = PostgresConfig {
            url: database.app.clone(),
            role: None,
            settings: BTreeMap::new(),
            pooler: false,
            listen: None,
            comments: false,
            share_reads: false,
            allow_superuser: false,
            access: Access::Own,
            connections: 8,
            statement_timeout_ms: 600_000,
        };
        let postgres = Postgres::open(config).await.expect("a database");
        drop(Engine::open(postgres.clone(), &Directory(folder.path().to_owned())).await.expect("a good workbook"));
        let bare = bare_postgres(&database.admin, &csv).await;
        measure(&format!("PostgreSQL, {LINES} lines"), postgres, folder.path(), &csv, bare).await;
    }
}

async fn measure(name: &str, warehouse: Arc<dyn Warehouse>, folder: &Path, csv: &PathBuf, bare: Duration) {
    let engine = Engine::open(warehouse, &Directory(folder.to_owned())).await.expect("a good workbook");
    let mut took = Vec::new();
    for trial in [true, false] {
        let begun = Instant::now();
        let (sender, mut events) = mpsc::channel(64);
        tokio::spawn(async move { while events.recv().await.is_some() {} });
        let source = Source::File(File::open(csv).expect("the file"));
        let outcome = engine.import(&principal(), &request(trial), (source, sender), "bench").await.expect("loaded");
        assert_eq!(outcome.refused, 0, "{:?}", outcome.refusals);
        took.push(begun.elapsed().as_secs_f64());
    }
    let bare = bare.as_secs_f64();
    println!("{name:<28} {bare:>12.2} {:>9.2} {:>9.2} {:>12.2} x", took[0], took[1], took[1] / bare);
}

/// The fields of the file's lines, parted beforehand.
fn records(csv: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(csv).expect("the file");
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

async fn bare_sqlite(folder: &Path, csv: &Path) -> Duration {
    let options = SqliteConnectOptions::new().filename(folder.join("bare.db")).create_if_missing(true);
    let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    let mut connection = SqliteConnection::connect_with(&options).await.expect("a new database");
    let schema = "create table bare (_tenant text, _scenario text, _row text, t0 text, t1 text, t2 text, t3 text, m0 integer, m1 integer, m2 integer, m3 integer,
             n0 integer, n1 integer, d0 text, d1 text, _version integer, _created_at text, _created_by text, _updated_at text, _updated_by text, primary key (_tenant, _scenario, _row)) strict, without rowid;
         create table bare_log (seq integer primary key autoincrement, batch_id text, edit_id integer, at text, issuer text, tenant text, user text, user_name text, workbook text,
             table_name text, row_key text, operation text, column_name text, old_value text, new_value text, row_version integer, origin text, reason text, request_id text, definition_revision text) strict;
         create index bare_log_cell on bare_log (tenant, workbook, table_name, row_key, column_name, seq);";
    connection.execute(schema).await.expect("made");
    let records = records(csv);
    let begun = Instant::now();
    connection.execute("begin immediate").await.expect("begun");
    for (i, record) in records.iter().enumerate() {
        let key = format!("{i:010x}{:022x}", i * 31);
        let mut insert = sqlx::query(
            "insert into bare values ('t', '', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, '2026-01-01T00:00:00.000000Z', 'u', '2026-01-01T00:00:00.000000Z', 'u')",
        )
        .bind(&key);
        for (text, name) in record.iter().zip(COLUMNS) {
            insert = match ty(name) {
                "text" | "date" => insert.bind(text),
                _ => insert.bind(text.replace('.', "").parse::<i64>().expect("a number")),
            };
        }
        insert.execute(&mut connection).await.expect("inserted");
        for (text, name) in record.iter().zip(COLUMNS) {
            sqlx::query("insert into bare_log (batch_id, edit_id, at, issuer, tenant, user, user_name, workbook, table_name, row_key, operation, column_name, new_value, row_version, origin, request_id, definition_revision) values ('bench-import', ?, '2026-01-01T00:00:00.000000Z', 'bench', 't', 'u', 'U', 'bench', 'loaded', ?, 'insert', ?, ?, 1, 'import', 'bench', 'revision')")
                .bind(i as i64).bind(format!("[\"{key}\"]")).bind(name).bind(format!("\"{text}\"")).execute(&mut connection).await.expect("logged");
        }
    }
    connection.execute("commit").await.expect("committed");
    begun.elapsed()
}

async fn bare_postgres(admin: &str, csv: &Path) -> Duration {
    let mut connection = PgConnection::connect(admin).await.expect("a database");
    let stage: Vec<String> = COLUMNS
        .iter()
        .map(|name| {
            format!(
                "{name} {}",
                if name.starts_with('n') {
                    "bigint"
                } else if name.starts_with('m') {
                    "numeric"
                } else if name.starts_with('d') {
                    "date"
                } else {
                    "text"
                }
            )
        })
        .collect();
    let names = COLUMNS.join(", ");
    let schema = format!(
        "create table bare (like inlay.bench__loaded including all); create table bare_log (like inlay.edit_log including all); create table stage (id bigint generated always as identity, {})",
        stage.join(", ")
    );
    connection.execute(sqlx::raw_sql(AssertSqlSafe(schema))).await.expect("made");
    let bytes = std::fs::read(csv).expect("the file");
    let begun = Instant::now();
    connection.execute("begin").await.expect("begun");
    let mut copy =
        connection.copy_in_raw(&format!("copy stage ({names}) from stdin with (format csv, header)")).await.expect("copies");
    for part in bytes.chunks(1 << 20) {
        copy.send(part).await.expect("sent");
    }
    copy.finish().await.expect("copied");
    let insert = format!(
        "insert into bare (_tenant, _scenario, _row, {names}, _version, _created_at, _created_by, _updated_at, _updated_by)
         select 't', '', lpad(to_hex(id), 10, '0') || md5(id::text), {names}, 1, now(), 'u', now(), 'u' from stage"
    );
    connection.execute(AssertSqlSafe(insert).into_sql_str()).await.expect("inserted");
    let cells: Vec<String> = COLUMNS.iter().map(|name| format!("('{name}', to_json({name})::text)")).collect();
    let log = format!(
        "insert into bare_log (batch_id, edit_id, at, issuer, tenant, \"user\", user_name, workbook, table_name, row_key, operation, column_name, new_value, row_version, origin, request_id, definition_revision)
         select 'bench-import', id, now(), 'bench', 't', 'u', 'U', 'bench', 'loaded', '[\"' || lpad(to_hex(id), 10, '0') || md5(id::text) || '\"]', 'insert', cell.name, cell.value, 1, 'import', 'bench', 'revision'
         from stage cross join lateral (values {}) as cell (name, value)",
        cells.join(", ")
    );
    connection.execute(AssertSqlSafe(log).into_sql_str()).await.expect("logged");
    connection.execute("commit").await.expect("committed");
    begun.elapsed()
}
