//! The server over PostgreSQL against PostgreSQL itself, in the same run, on the same cores: edits against pgbench with the
//! least that a writeback can cost, reads and large batches against the bare statements, and open streams.
//! Run by `cargo xtask bench`; it prints figures and asserts nothing.

#[path = "../../../engine/tests/it/cluster.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod cluster;
mod http;

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cluster::{Cluster, Database, Durability};
use http::Client;
use serde_json::{Value as Json, json};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor};

const SECRET: &str = "3b1f0a94d6c24e5f8a7791c2e0d4b6a85c3f2e19";
/// Rows that single edits are of; other parts have others.
const ROWS: usize = 50_000;
const SECONDS: u64 = 5;
const STREAMS: usize = 1_000;

const WORKBOOK: &str = "
workbook: sales_planning
title: Bench
sources:
  items:
    table: items
    key: [id]
    rows: { read: region = @user.region, write: region = @user.region }
    measures: { total: sum(price) }
input_tables:
  plan:
    linked_to: items
    columns: { amount: { type: decimal, scale: 2, min: 0 } }
    computed: { gap: amount - price }
pages:
  - title: One
    elements:
      - { kpi: total, source: items, measure: total }
      - { input_table: grid, table: plan }
";

/// The team's table, and the least that an edit can write.
const TABLES: &str = "
    create table items (id bigint primary key, region text not null, price numeric(12, 2) not null);
    insert into items select n, case n % 2 when 0 then 'West' else 'East' end, (n % 977) + 0.5 from generate_series(1, 200000) n;
    create table bare (tenant text, id bigint, amount numeric(20, 2), version bigint not null, at timestamptz, by text, primary key (tenant, id));
    create table bare_log (seq bigint generated always as identity primary key, at timestamptz, tenant text, by text, row_key text,
        col text, old_value text, new_value text);
    alter table bare enable row level security;
    alter table bare force row level security;
    create policy mine on bare using (tenant = current_setting('bare.tenant', true)) with check (tenant = current_setting('bare.tenant', true));
    alter table bare_log enable row level security;
    alter table bare_log force row level security;
    create policy mine on bare_log using (tenant = current_setting('bare.tenant', true)) with check (tenant = current_setting('bare.tenant', true));
    grant select on items to inlay_app;
    grant select, insert, update on bare, bare_log to inlay_app;
    vacuum analyze items;
";

/// So many rows into the least tables, and their log.
const LEAST_PAIR: [&str; 2] = [
    "insert into bare select 't', id, 1.25, 1, now(), 'u' from unnest(string_to_array($1, ',')::bigint[]) id
     on conflict (tenant, id) do update set amount = excluded.amount, version = bare.version + 1",
    "insert into bare_log (at, tenant, by, row_key, col, new_value)
     select now(), 't', 'u', id::text, 'amount', '1.25' from unnest(string_to_array($1, ',')::bigint[]) id",
];

/// The same into Inlay's own, of another tenant.
const SAME_PAIR: [&str; 2] = [
    "insert into inlay.sales_planning__plan as t
       (_tenant, _scenario, id, amount, _version, _created_at, _created_by, _updated_at, _updated_by)
     select 't', '', id, 1.25, 1, now(), 'u', now(), 'u' from unnest(string_to_array($1, ',')::bigint[]) id
     on conflict (_tenant, _scenario, id) do update set amount = excluded.amount, _version = t._version + 1,
       _updated_at = excluded._updated_at, _updated_by = excluded._updated_by",
    "insert into inlay.edit_log (batch_id, edit_id, at, issuer, tenant, \"user\", user_name, workbook, table_name, row_key, operation,
       column_name, old_value, new_value, row_version, origin, request_id, definition_revision)
     select 'bench-many', id, now(), 'northwind-crm', 't', 'u', 'U', 'sales_planning', 'plan', '[' || id || ']', 'set', 'amount', null,
       '\"1.25\"', 1, 'api', '0123456789abcdef', '0123456789abcdef' from unnest(string_to_array($1, ',')::bigint[]) id",
];

const PGBENCH: &str = "\\set id random(1, 100000)
begin;
select set_config('bare.tenant', 't', true);
insert into bare values ('t', :id, 12.50, 1, now(), 'u') on conflict (tenant, id) do update set amount = excluded.amount, version = bare.version + 1, at = excluded.at;
insert into bare_log (at, tenant, by, row_key, col, old_value, new_value) values (now(), 't', 'u', '[1]', 'amount', null, '12.50');
commit;
";

#[tokio::main]
async fn main() {
    let cluster = Cluster::make(Durability::Full);
    let database = cluster.database().await;
    run(&database, TABLES).await;
    let world = World::new(&database);
    println!("over PostgreSQL                per second     p50 ms     p99 ms   against pgbench");
    for clients in [1, 32] {
        let bare = pgbench(&database, world.folder.path(), clients);
        line(&format!("pgbench, {clients} clients"), &bare, &bare);
        line(&format!("Inlay over HTTP, {clients} clients"), &world.edits(clients).await, &bare);
    }
    let world_client = &mut Client::open(&world.address).await;
    let session = world.session(world_client).await;
    world.batches(world_client, &session, &database).await;
    world.reads(world_client, &session, &database).await;
    world.streams(world_client, &session, &database).await;
}

async fn run(database: &Database, sql: &str) {
    let mut admin = PgConnection::connect(&database.admin).await.expect("connected");
    for statement in sql.split_terminator(";\n") {
        admin.execute(AssertSqlSafe(statement.to_owned())).await.expect("run");
    }
}

struct Figures {
    elapsed: Duration,
    each: Vec<Duration>,
}

impl Figures {
    fn per_second(&self) -> f64 {
        self.each.len() as f64 / self.elapsed.as_secs_f64()
    }

    fn ms(&self, share: f64) -> f64 {
        let mut each = self.each.clone();
        each.sort();
        each.get(((each.len() as f64 - 1.0) * share) as usize).map_or(f64::NAN, Duration::as_secs_f64) * 1e3
    }
}

fn line(name: &str, figures: &Figures, bare: &Figures) {
    let (rate, p50, p99) = (figures.per_second(), figures.ms(0.5), figures.ms(0.99));
    println!("{name:<30} {rate:>10.0} {p50:>10.2} {p99:>10.2} {:>12.2} x", rate / bare.per_second());
}

/// pgbench with the five statements, prepared, each transaction timed.
fn pgbench(database: &Database, folder: &Path, clients: usize) -> Figures {
    std::fs::write(folder.join("bare.sql"), PGBENCH).expect("written");
    let host = database.app.split("host=").nth(1).expect("a host").replace("%2F", "/");
    let log = folder.join("pgbench");
    let mut command = Command::new(cluster::programs().join("pgbench"));
    command.args(["-n", "-M", "prepared", "-U", "inlay_app", "-h", &host, "-f", "bare.sql", "-T", &SECONDS.to_string()]);
    command.args(["-c", &clients.to_string(), "-j", &clients.min(2).to_string(), "-l", "--log-prefix"]).arg(&log);
    let done = command.arg(&database.name).current_dir(folder).output().expect("pgbench");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let mut each = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        if entry.file_name().to_string_lossy().starts_with("pgbench.") {
            let text = std::fs::read_to_string(entry.path()).expect("a log");
            // client, number, microseconds, …
            let micros = text.lines().filter_map(|line| line.split(' ').nth(2)?.parse().ok());
            each.extend(micros.map(Duration::from_micros));
            let _ = std::fs::remove_file(entry.path());
        }
    }
    Figures { elapsed: Duration::from_secs(SECONDS), each }
}

/// The server as a process over the database.
struct World {
    folder: tempfile::TempDir,
    address: String,
    server: Child,
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl World {
    fn new(database: &Database) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        std::fs::create_dir_all(path.join("workbooks")).expect("made");
        std::fs::write(path.join("workbooks/bench.yaml"), WORKBOOK).expect("written");
        std::fs::write(path.join("key"), SECRET).expect("written");
        let address = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").to_string();
        let config = format!(
            "listen = '{address}'\n[connections.warehouse]\npostgres = '{}'\nallow_owner = true\n\
             [[issuers]]\nname = 'northwind-crm'\naudience = 'inlay'\nsecret_file = 'key'\norigins = []",
            database.app
        );
        std::fs::write(path.join("inlay.toml"), config).expect("written");
        let mut command = Command::new("sh");
        command.args(["-c", "ulimit -n 8192; exec \"$0\" serve ."]).arg(env!("CARGO_BIN_EXE_inlay")).current_dir(path);
        let server = command.env("INLAY_LOG", "warn").stdout(Stdio::null()).spawn().expect("started");
        let patience = Instant::now() + Duration::from_secs(15);
        while std::net::TcpStream::connect(&address).is_err() {
            assert!(Instant::now() < patience, "the server does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { folder, address, server }
    }

    async fn session(&self, client: &mut Client) -> String {
        let ticket = demo::sign(&demo::PEOPLE[0], SECRET.as_bytes(), "inlay").expect("signed");
        let (status, body) = client.post("/api/v1/session", "", &json!({ "ticket": ticket })).await;
        assert_eq!(status, 200, "{}", body["code"]);
        body["session"].as_str().expect("a session").to_owned()
    }

    /// One cell a batch, each of a row of its own, so that nothing is a conflict.
    async fn edits(&self, clients: usize) -> Figures {
        let tasks = (0..clients).map(|client| {
            let address = self.address.clone();
            let session = self.session_of();
            tokio::spawn(async move {
                let session = session.await;
                let mut http = Client::open(&address).await;
                let mut each = Vec::new();
                let started = Instant::now();
                while started.elapsed() < Duration::from_secs(SECONDS) {
                    let n = each.len();
                    let id = 2 * (1 + client * (ROWS / clients) + n % (ROWS / clients));
                    let batch = batch(&format!("bench-{clients}-{client}-{n}"), &[id], "12.50", Json::Null);
                    let begun = Instant::now();
                    let (status, body) = http.post("/api/v1/edits", &session, &batch).await;
                    assert!(status == 200 || body["code"] == "WB007", "{status} {}", body["code"]);
                    each.push(begun.elapsed());
                }
                each
            })
        });
        let mut each = Vec::new();
        for task in tasks.collect::<Vec<_>>() {
            each.extend(task.await.expect("ran"));
        }
        Figures { elapsed: Duration::from_secs(SECONDS), each }
    }

    fn session_of(&self) -> impl Future<Output = String> + use<> {
        let address = self.address.clone();
        async move {
            let mut client = Client::open(&address).await;
            let ticket = demo::sign(&demo::PEOPLE[0], SECRET.as_bytes(), "inlay").expect("signed");
            let (_, body) = client.post("/api/v1/session", "", &json!({ "ticket": ticket })).await;
            body["session"].as_str().expect("a session").to_owned()
        }
    }

    /// A thousand cells at once, against one bare pair of statements over as many rows: of the least tables that could hold
    /// them, and of Inlay's own, with all that its log tells.
    async fn batches(&self, client: &mut Client, session: &str, database: &Database) {
        let mut bare = PgConnection::connect(&database.app).await.expect("connected");
        let (mut ours, mut least, mut same) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..15 {
            let ids: Vec<usize> = (0..1_000).map(|n| 2 * (60_000 + round * 1_000 + n)).collect();
            let begun = Instant::now();
            let (status, body) =
                client.post("/api/v1/edits", session, &batch(&format!("bench-many-{round}"), &ids, "1.25", Json::Null)).await;
            ours.push(begun.elapsed());
            assert_eq!(status, 200, "{}", body["code"]);
            let numbers = ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            for (statements, times) in [(LEAST_PAIR, &mut least), (SAME_PAIR, &mut same)] {
                let begun = Instant::now();
                let mut open = bare.begin().await.expect("begun");
                let tenant = "select set_config('bare.tenant', 't', true), set_config('inlay.tenant', 't', true)";
                open.execute(tenant).await.expect("set");
                for statement in statements {
                    sqlx::query(statement).bind(&numbers).execute(&mut *open).await.expect("written");
                }
                open.commit().await.expect("committed");
                times.push(begun.elapsed());
            }
        }
        pair("a batch of 1,000 cells, least tables", &ours, &least);
        pair("the same, Inlay's own tables", &ours, &same);
    }

    async fn reads(&self, client: &mut Client, session: &str, database: &Database) {
        println!();
        let mut bare = PgConnection::connect(&database.app).await.expect("connected");
        let page = "select i.id, i.region, i.price::text, p.amount::text, (p.amount - i.price)::text, coalesce(p._version, 0) from items i \
                    left join inlay.sales_planning__plan p on p._tenant = 'northwind' and p._scenario = '' and p.id = i.id where i.region = 'West' order by 1 limit 100";
        let count = "select count(*) from items where region = 'West'";
        let sum = "select sum(price)::text from items where region = 'West'";
        for (name, element, statements) in
            [("sum of one region", "total", vec![sum]), ("100 rows and their number", "grid", vec![page, count])]
        {
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            let query = json!({ "query": { "workbook": "sales_planning", "element": element, "limit": 100 } });
            for _ in 0..21 {
                let begun = Instant::now();
                let (status, body) = client.post("/api/v1/query", session, &query).await;
                ours.push(begun.elapsed());
                assert_eq!(status, 200, "{}", body["code"]);
                let begun = Instant::now();
                for text in &statements {
                    bare.fetch_all(*text).await.expect("read");
                }
                theirs.push(begun.elapsed());
            }
            pair(name, &ours, &theirs);
        }
    }

    /// Memory of the streams, and how long after the answer the last of them has heard.
    async fn streams(&self, client: &mut Client, session: &str, database: &Database) {
        println!();
        let before = resident_kb(self.server.id());
        let mut streams = Vec::new();
        for _ in 0..STREAMS {
            let mut stream = Client::open(&self.address).await;
            stream.start("/api/v1/changes", session, &json!({ "workbook": "sales_planning" })).await;
            streams.push(stream);
        }
        let after = resident_kb(self.server.id());
        println!("{STREAMS} open streams: {:.1} KB each", (after as f64 - before as f64) / STREAMS as f64);
        // Another server over the same database hears of it by its notice.
        let other = World::new(database);
        let other_client = &mut Client::open(&other.address).await;
        let other_session = other.session(other_client).await;
        let mut heard = Vec::new();
        for round in 0..40 {
            let batch = batch(&format!("bench-heard-{round}"), &[2 * (95_000 + round)], "3.00", Json::Null);
            let (status, body) = other_client.post("/api/v1/edits", &other_session, &batch).await;
            assert_eq!(status, 200, "{}", body["code"]);
            let committed = Instant::now();
            let lines = streams.iter_mut().map(async |stream| {
                stream.line_with("\"plan\"").await;
                committed.elapsed()
            });
            heard.extend(futures::future::join_all(lines).await);
        }
        let _ = client;
        heard.sort();
        let at = |share: f64| heard[((heard.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
        println!("commit at another server to notice, all {STREAMS} streams: p50 {:.1} ms, p95 {:.1} ms", at(0.5), at(0.95));
    }
}

fn batch(id: &str, ids: &[usize], value: &str, was: Json) -> Json {
    let edit =
        |id: &usize| json!({ "table": "plan", "key": [id], "cells": [{ "column": "amount", "value": value, "was": was }] });
    json!({ "batch": { "batch_id": id, "workbook": "sales_planning", "edits": ids.iter().map(edit).collect::<Vec<_>>() } })
}

fn median(times: &[Duration]) -> f64 {
    let mut times = times.to_vec();
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1e3
}

fn pair(name: &str, ours: &[Duration], theirs: &[Duration]) {
    let (ours, theirs) = (median(ours), median(theirs));
    println!("{name:<30} {ours:>10.2} ms, bare {theirs:>8.2} ms: {:.2} x, {:+.2} ms", ours / theirs, ours - theirs);
}

fn resident_kb(process: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).unwrap_or(0)
}
