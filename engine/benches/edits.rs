//! Edits and queries through the engine, against the same SQL run bare on the same kind of connection, in the same run.
//! Run by `cargo xtask bench`; it prints figures and asserts nothing.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::catalog::Directory;
use engine::warehouse::{Sqlite, Warehouse};
use engine::{Engine, Sql};
use model::{AccessMode, Attribute, Batch, CellEdit, Edit, EditMode, Origin, Principal, QueryRequest, Raw};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection, Executor};

const WORKBOOK: &str = "
workbook: bench
title: Bench
sources:
  items:
    table: items
    key: [id]
    rows: { read: region = @user.region, write: region = @user.region }
    columns: { price: { type: decimal, scale: 2 } }
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
const ITEMS: i64 = 100_000;
const EDITS: i64 = 2_000;
/// Of one large batch.
const CELLS: i64 = 50_000;

const UPSERT: &str = "insert into bare (tenant, id, amount, version, at, by) values ('t', ?, ?, 1, ?, 'u') \
    on conflict (tenant, id) do update set amount = excluded.amount, version = version + 1, at = excluded.at";
const LOG: &str = "insert into bare_log (at, tenant, user, row_key, col, old, new) values (?, 't', 'u', ?, 'amount', null, ?)";

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let world = World::new(folder.path()).await;
    let one = world.bare(folder.path()).await;
    let single = world.edits(1).await;
    let many = world.edits(32).await;
    println!("edits, one cell a batch          per second     p50 ms     p95 ms     p99 ms   against bare");
    for (name, figures) in [("bare SQLite, 1 client", &one), ("engine, 1 client", &single), ("engine, 32 clients", &many)] {
        let ratio = figures.per_second() / one.per_second();
        let ms = |share| figures.quantile(share).as_secs_f64() * 1e3;
        println!(
            "{name:<30} {:>12.0} {:>10.2} {:>10.2} {:>10.2} {:>12.2} x",
            figures.per_second(),
            ms(0.5),
            ms(0.95),
            ms(0.99),
            ratio
        );
    }
    println!("\nqueries over {ITEMS} rows            engine ms    bare ms      ratio");
    let bare_sum = "select sum(price) from items where region = 'West'";
    let bare_page = "select i.id, i.price, p.amount, p.amount - i.price from items i left join inlay_bench__plan p on p.id = i.id \
                     where i.region = 'West' order by i.id limit 100";
    let bare_count = "select count(*) from items i left join inlay_bench__plan p on p.id = i.id where i.region = 'West'";
    for (name, element, bare) in
        [("sum of one region", "total", vec![bare_sum]), ("100 rows and their number", "grid", vec![bare_page, bare_count])]
    {
        let (engine, bare) = (world.query(element).await, world.bare_query(&bare).await);
        let ms = |d: Duration| d.as_secs_f64() * 1e3;
        println!("{name:<30} {:>12.2} {:>10.2} {:>9.2} x", ms(engine), ms(bare), engine.as_secs_f64() / bare.as_secs_f64());
    }
    let mut ratios = Vec::new();
    for _ in 0..3 {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let world = World::new(folder.path()).await;
        let (bare, engine) = (world.bare_batch().await, world.batch().await);
        ratios.push((engine.as_secs_f64() / bare.as_secs_f64(), engine, bare));
    }
    ratios.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (ratio, engine, bare) = ratios[1];
    println!("\na batch of {CELLS} cells, engine {} ms, bare {} ms: {ratio:.2} x", engine.as_millis(), bare.as_millis());
}

struct Figures {
    elapsed: Duration,
    each: Vec<Duration>,
}

impl Figures {
    fn new(started: Instant, mut each: Vec<Duration>) -> Self {
        each.sort();
        Self { elapsed: started.elapsed(), each }
    }

    fn per_second(&self) -> f64 {
        self.each.len() as f64 / self.elapsed.as_secs_f64()
    }

    fn quantile(&self, share: f64) -> Duration {
        self.each[((self.each.len() - 1) as f64 * share) as usize]
    }
}

struct World {
    engine: Arc<Engine>,
    warehouse: Arc<Sqlite>,
}

fn principal() -> Principal {
    Principal {
        issuer: "bench".into(),
        tenant: "t".into(),
        user: "u".into(),
        name: "U".into(),
        roles: vec![],
        attributes: [("region".to_owned(), Attribute::One("West".into()))].into(),
        workbooks: vec!["bench".into()],
        mode: AccessMode::Edit,
        inspects: false,
        filters: std::collections::BTreeMap::new(),
    }
}

impl World {
    async fn new(folder: &Path) -> Self {
        std::fs::write(folder.join("bench.yaml"), WORKBOOK).expect("writable");
        let warehouse = Sqlite::open(&folder.join("bench.db")).await.expect("a new database");
        let fill = format!(
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < {ITEMS}) \
             insert into items select i, case when i % 4 then 'West' else 'East' end, i * 7 % 10007 from n"
        );
        let table = "create table items (id integer primary key, region text not null, price integer not null) strict";
        warehouse.control(vec![Sql::new(table), Sql::new(fill)]).await.expect("filled");
        let engine = Engine::open(warehouse.clone(), &Directory(folder.to_owned())).await.expect("a good workbook");
        Self { engine, warehouse }
    }

    /// The least that an edit could cost: begin, upsert, log, commit, on one connection.
    async fn bare(&self, folder: &Path) -> Figures {
        let options = SqliteConnectOptions::new().filename(folder.join("bare.db")).create_if_missing(true);
        let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
        let mut connection = SqliteConnection::connect_with(&options).await.expect("a new database");
        let schema = "create table bare (tenant text, id integer, amount integer, version integer, at text, by text, primary key (tenant, id)) strict, without rowid;
             create table bare_log (seq integer primary key autoincrement, at text, tenant text, user text, row_key text, col text, old text, new text) strict";
        connection.execute(schema).await.expect("made");
        let (started, mut each) = (Instant::now(), Vec::new());
        for i in 0..EDITS {
            let begun = Instant::now();
            connection.execute("begin immediate").await.expect("begun");
            sqlx::query(UPSERT).bind(i).bind(i * 100).bind("2026-01-01").execute(&mut connection).await.expect("upserted");
            sqlx::query(LOG)
                .bind("2026-01-01")
                .bind(format!("[{i}]"))
                .bind(format!("{i}"))
                .execute(&mut connection)
                .await
                .expect("logged");
            connection.execute("commit").await.expect("committed");
            each.push(begun.elapsed());
        }
        Figures::new(started, each)
    }

    async fn edits(&self, clients: i64) -> Figures {
        let started = Instant::now();
        let tasks = (0..clients).map(|client| {
            let engine = self.engine.clone();
            tokio::spawn(async move {
                let person = principal();
                let mut each = Vec::new();
                for i in 0..EDITS / clients {
                    // Only rows of the West, each edited once in this round.
                    let id = (client * (EDITS / clients) + i) * 4 + 1 + (clients > 1) as i64;
                    let cell = CellEdit { column: "amount".into(), value: format!("{i}").into(), was: Raw::Null, was_seq: None };
                    let edit = Edit::set("plan", vec![id.into()], vec![cell]);
                    let batch_id = format!("bench-{clients}-{client}-{i}");
                    let batch = Batch {
                        batch_id,
                        workbook: "bench".into(),
                        edits: vec![edit],
                        mode: EditMode::AllOrNothing,
                        origin: Origin::Api,
                        reason: None,
                        form: None,
                    };
                    let begun = Instant::now();
                    engine.apply(&person, &batch, "bench").await.expect("applied");
                    each.push(begun.elapsed());
                }
                each
            })
        });
        let mut each = Vec::new();
        for task in tasks.collect::<Vec<_>>() {
            each.extend(task.await.expect("ran"));
        }
        Figures::new(started, each)
    }

    /// One cell in each of so many rows of the West.
    async fn batch(&self) -> Duration {
        let edit = |n: i64| {
            let value = format!("{n}.25");
            let cell = CellEdit { column: "amount".into(), value: value.into(), was: Raw::Null, was_seq: None };
            Edit::set("plan", vec![(2 * n + 1).into()], vec![cell])
        };
        let batch = Batch {
            batch_id: "a-large-batch".into(),
            workbook: "bench".into(),
            edits: (0..ITEMS / 2).map(edit).filter(|edit| edit.key[0].as_i64().is_some_and(|id| id % 4 != 0)).collect(),
            mode: EditMode::AllOrNothing,
            origin: Origin::Paste,
            reason: None,
            form: None,
        };
        assert_eq!(batch.edits.len() as i64, CELLS);
        let begun = Instant::now();
        self.engine.apply(&principal(), &batch, "bench").await.expect("applied");
        begun.elapsed()
    }

    /// The same rows of the same tables by two statements in one transaction; of another tenant, so that they are new.
    async fn bare_batch(&self) -> Duration {
        let rows = format!("with recursive n(i) as (select 0 union all select i + 1 from n where i + 1 < {CELLS})");
        let upsert = format!(
            "{rows} insert into inlay_bench__plan as t (_tenant, _scenario, id, amount, _version, _created_at, _created_by, _updated_at, _updated_by) \
             select 'other', '', 2 * i + 1, 100 * i + 25, 1, '2026-01-01', 'u', '2026-01-01', 'u' from n where true on conflict (_tenant, _scenario, id) \
             do update set amount = excluded.amount, _version = t._version + 1, _updated_at = excluded._updated_at, _updated_by = excluded._updated_by"
        );
        let log = format!(
            "{rows} insert into inlay_edit_log (batch_id, edit_id, at, issuer, tenant, user, user_name, workbook, table_name, row_key, operation, \
             column_name, old_value, new_value, row_version, origin, request_id, definition_revision) \
             select 'a-large-batch', i, '2026-01-01T00:00:00.000000Z', 'bench', 'other', 'u', 'U', 'bench', 'plan', '[' || (2 * i + 1) || ']', 'set', \
             'amount', null, '\"' || i || '.25\"', 1, 'paste', 'bench', '0123456789abcdef' from n"
        );
        let statements = vec![Sql::new(upsert), Sql::new(log)];
        let begun = Instant::now();
        self.warehouse.control(statements).await.expect("written");
        begun.elapsed()
    }

    async fn query(&self, element: &str) -> Duration {
        let request = QueryRequest { workbook: "bench".into(), element: element.into(), limit: 100, ..QueryRequest::default() };
        let person = principal();
        median(async || drop(self.engine.query(&person, &request, "req-1").await.expect("answered"))).await
    }

    async fn bare_query(&self, statements: &[&str]) -> Duration {
        let statements: Vec<Sql> = statements.iter().map(|text| Sql::new(*text)).collect();
        median(async || {
            for sql in &statements {
                drop(self.warehouse.read(None, sql, &[]).await.expect("answered"));
            }
        })
        .await
    }
}

async fn median(work: impl AsyncFn()) -> Duration {
    let mut each = Vec::new();
    for _ in 0..21 {
        let begun = Instant::now();
        work().await;
        each.push(begun.elapsed());
    }
    each.sort();
    each[each.len() / 2]
}
