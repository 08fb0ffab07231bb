//! A small warehouse, a workbook over it, and people.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use engine::catalog::Directory;
use engine::warehouse::{Access, Postgres, PostgresConfig, Sqlite, Warehouse};
use engine::{Dialect, Engine, EngineError, Sql};
use model::{
    AccessMode, ApiError, Attribute, Batch, BatchOutcome, CellEdit, ColumnType, Edit, EditMode, Origin, Principal, QueryAnswer,
    QueryRequest, Raw, Value,
};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor, Row, SqlSafeStr};

use crate::cluster::{self, Database};

/// The engines that every promise is tested on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    Sqlite,
    Postgres,
}

pub struct World {
    pub engine: Arc<Engine>,
    pub warehouse: Arc<dyn Warehouse>,
    pub folder: tempfile::TempDir,
    place: Place,
}

/// Where the data is.
enum Place {
    File(PathBuf),
    Database(Database),
}

/// Tests each function once on each engine, over a world of its own.
macro_rules! on_every_engine {
    ($($test:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread")] async fn $test() {
                super::$test(crate::world::World::on(crate::world::On::Sqlite).await).await;
            })*
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread")] async fn $test() {
                super::$test(crate::world::World::on(crate::world::On::Postgres).await).await;
            })*
        }
    };
}
pub(crate) use on_every_engine;

pub const WORKBOOK: &str = include_str!("plan.yaml");

const DATA: &str = include_str!("plan.sql");

/// The workbook and the data are SQLite's; what PostgreSQL says otherwise is said here.
pub fn for_postgres(text: &str) -> String {
    text.replace("date(placed, 'start of month')", "date_trunc('month', placed)::date")
        .replace("sales integer, placed text", "sales numeric(12, 2), placed date")
        .replace(" strict;", ";")
        .replace("10050", "100.50")
        .replace("20025", "200.25")
        .replace("30000", "300.00")
        .replace("40000", "400.00")
        .replace(", 100, '2017", ", 1.00, '2017")
}

impl World {
    /// On SQLite, for what only that engine can do or only the catalog decides.
    pub async fn new() -> Self {
        Self::on(On::Sqlite).await
    }

    pub async fn on(on: On) -> Self {
        let workbook = if on == On::Postgres { for_postgres(WORKBOOK) } else { WORKBOOK.to_owned() };
        Self::with(on, &workbook).await.unwrap_or_else(|mistakes| panic!("{mistakes}"))
    }

    /// The usual world in this database.
    pub async fn within(database: Database) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("plan.yaml"), for_postgres(WORKBOOK)).unwrap();
        let place = Place::Database(database);
        let warehouse = place.open().await;
        warehouse.control(for_postgres(DATA).split_terminator(";\n").map(Sql::new).collect()).await.unwrap();
        Self::over(folder, place, warehouse).await.unwrap_or_else(|mistakes| panic!("{mistakes}"))
    }

    /// A world with this workbook; the mistakes in it, as a person would read them, if it has any.
    pub async fn with(on: On, workbook: &str) -> Result<Self, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("plan.yaml"), workbook).unwrap();
        let (place, data) = match on {
            On::Sqlite => (Place::File(folder.path().join("data.db")), DATA.to_owned()),
            On::Postgres => (Place::Database(cluster::database().await), for_postgres(DATA)),
        };
        let warehouse = place.open().await;
        warehouse.control(data.split_terminator(";\n").map(Sql::new).collect()).await.unwrap();
        Self::over(folder, place, warehouse).await
    }

    /// The mistakes of another workbook over the same warehouse, each with its line.
    pub async fn mistakes(&self, workbook: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("plan.yaml"), workbook).unwrap();
        let opened = Engine::open(self.warehouse.clone(), &Directory(folder.path().to_owned())).await;
        let mistakes = opened.expect_err("a mistake");
        mistakes.into_iter().map(|mistake| format!("{}: {}", mistake.line, mistake.message)).collect()
    }

    async fn over(folder: tempfile::TempDir, place: Place, warehouse: Arc<dyn Warehouse>) -> Result<Self, String> {
        let opened = Engine::open(warehouse.clone(), &Directory(folder.path().to_owned())).await;
        let path = format!("{}/", folder.path().display());
        let engine =
            opened.map_err(|mistakes| mistakes.iter().map(|m| format!("{m}\n")).collect::<String>().replace(&path, ""))?;
        Ok(Self { engine, warehouse, folder, place })
    }

    /// Stops everything and opens the same data again.
    pub async fn restarted(self) -> Self {
        let Self { engine, warehouse, folder, place } = self;
        drop(engine);
        warehouse.close().await;
        let warehouse = place.open().await;
        Self::over(folder, place, warehouse).await.unwrap()
    }

    /// The same, where a statement may take no longer than this.
    pub async fn hurried(self, patience: Duration) -> Self {
        let Self { engine, warehouse, folder, place } = self;
        drop(engine);
        warehouse.close().await;
        let warehouse: Arc<dyn Warehouse> = match &place {
            Place::File(path) => Sqlite::open_within(path, patience).await.unwrap(),
            Place::Database(database) => {
                let statement_timeout_ms = patience.as_millis().try_into().unwrap();
                Postgres::open(PostgresConfig { statement_timeout_ms, ..config(&database.app) }).await.unwrap()
            }
        };
        Self::over(folder, place, warehouse).await.unwrap()
    }

    /// The same, where policies of the database look at nothing of a person but these settings.
    pub async fn sharing(self, settings: BTreeMap<String, String>) -> Self {
        let Self { engine, warehouse, folder, place } = self;
        drop(engine);
        warehouse.close().await;
        let Place::Database(database) = &place else { panic!("a test for PostgreSQL only") };
        let config = PostgresConfig { share_reads: true, settings, ..config(&database.app) };
        let warehouse: Arc<dyn Warehouse> = Postgres::open(config).await.unwrap();
        Self::over(folder, place, warehouse).await.unwrap()
    }

    /// The same over a copy of the file elsewhere.
    pub async fn moved_to(self, file: PathBuf) -> Self {
        self.warehouse.close().await;
        std::fs::copy(self.folder.path().join("data.db"), &file).unwrap();
        let place = Place::File(file);
        let warehouse = place.open().await;
        Self::over(self.folder, place, warehouse).await.unwrap()
    }

    pub fn database(&self) -> PathBuf {
        match &self.place {
            Place::File(path) => path.clone(),
            Place::Database(_) => panic!("a test for SQLite only"),
        }
    }

    /// `{log}`, `{batch}` and `{forecast}` as they are called here; `{money 12.50}` as it is kept here.
    pub fn sql(&self, text: &str) -> String {
        let dialect = self.warehouse.dialect();
        let mut text = text.to_owned();
        for (name, table) in [
            ("{log}", "edit_log"),
            ("{batch}", "batch"),
            ("{forecast}", "plan__forecast"),
            ("{visits}", "plan__visits"),
            ("{tasks}", "plan__tasks"),
            ("{definitions}", "definition_log"),
        ] {
            text = text.replace(name, &dialect.own(table));
        }
        while let Some((before, rest)) = text.split_once("{money ") {
            let (amount, after) = rest.split_once('}').unwrap();
            let kept = if dialect == Dialect::Sqlite { amount.replace('.', "") } else { amount.to_owned() };
            text = format!("{before}{kept}{after}");
        }
        text
    }

    /// A number straight from the data, past the engine and every policy.
    pub async fn count(&self, text: &str) -> i64 {
        let text = self.sql(text);
        match &self.place {
            Place::File(_) => {
                let rows = self.warehouse.read(None, &Sql::new(text), &[ColumnType::Integer]).await.unwrap();
                let Value::Integer(n) = rows[0][0] else { panic!("{rows:?}") };
                n
            }
            Place::Database(database) => {
                let mut admin = PgConnection::connect(&database.admin).await.unwrap();
                admin.fetch_one(AssertSqlSafe(text).into_sql_str()).await.unwrap().get(0)
            }
        }
    }

    /// The log batch by batch and edit by edit, but for sequences and times.
    pub async fn log(&self) -> Vec<String> {
        let columns = "batch_id, edit_id, issuer, tenant, \"user\", user_name, workbook, table_name, row_key, operation, column_name, \
                       old_value, new_value, row_version, origin, reason, request_id";
        let text =
            self.sql(&format!("select {columns} from {{log}} order by min(seq) over (partition by batch_id), edit_id, seq"));
        let text_of = |name: &str| format!("coalesce(cast({name} as text), 'null')");
        let all = columns.split(", ").map(text_of).collect::<Vec<_>>().join(" || ' ' || ");
        let sql = Sql::new(format!("select {all} as line from ({text}) l"));
        match &self.place {
            Place::File(_) => {
                let rows = self.warehouse.read(None, &sql, &[ColumnType::Text]).await.unwrap();
                rows.iter().map(|row| row[0].to_wire().as_str().unwrap_or_default().to_owned()).collect()
            }
            Place::Database(database) => {
                let mut admin = PgConnection::connect(&database.admin).await.unwrap();
                let rows = admin.fetch_all(AssertSqlSafe(sql.text).into_sql_str()).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
        }
    }

    pub async fn query(&self, who: &Principal, element: &str) -> Result<QueryAnswer, ApiError> {
        let request = QueryRequest { workbook: "plan".into(), element: element.into(), ..QueryRequest::default() };
        self.engine.query(who, &request, "req-1").await.map_err(api)
    }

    pub async fn apply(&self, who: &Principal, batch: &Batch) -> Result<BatchOutcome, ApiError> {
        self.engine.apply(who, batch, "req-1").await.map_err(api)
    }

    /// One cell, as the grid would send it.
    pub async fn set(
        &self,
        who: &Principal,
        key: &[&str],
        column: &str,
        value: impl Into<Raw>,
        was: impl Into<Raw>,
    ) -> Result<BatchOutcome, ApiError> {
        self.apply(who, &batch(vec![edit(key, column, value, was)])).await
    }
}

impl Place {
    async fn open(&self) -> Arc<dyn Warehouse> {
        match self {
            Self::File(path) => Sqlite::open(path).await.unwrap(),
            Self::Database(database) => Postgres::open(config(&database.app)).await.unwrap(),
        }
    }
}

/// A short run in the tests, the full figure in `cargo xtask soak`.
pub fn more_in_a_soak(short: u64, full: u64) -> u64 {
    if std::env::var_os("INLAY_SOAK").is_some() { full } else { short }
}

pub fn config(url: &str) -> PostgresConfig {
    PostgresConfig {
        url: url.into(),
        role: None,
        settings: BTreeMap::new(),
        pooler: false,
        listen: None,
        comments: false,
        share_reads: false,
        allow_superuser: false,
        access: Access::Own,
        connections: 10,
        statement_timeout_ms: 30_000,
    }
}

fn api(error: EngineError) -> ApiError {
    if let EngineError::Warehouse(inner) = &error {
        eprintln!("warehouse: {inner}");
    }
    error.to_api()
}

static NEXT: AtomicU32 = AtomicU32::new(1);

pub fn batch(edits: Vec<Edit>) -> Batch {
    let batch_id = format!("batch-{:04}", NEXT.fetch_add(1, Ordering::Relaxed));
    Batch {
        batch_id,
        workbook: "plan".into(),
        edits,
        mode: EditMode::AllOrNothing,
        origin: Origin::Grid,
        reason: None,
        form: None,
    }
}

pub fn edit(key: &[&str], column: &str, value: impl Into<Raw>, was: impl Into<Raw>) -> Edit {
    let cell = CellEdit { column: column.into(), value: value.into(), was: was.into(), was_seq: None };
    let key = key.iter().map(|part| Raw::from(*part)).collect();
    Edit::set("forecast", key, vec![cell])
}

pub fn person(user: &str, region: Option<&str>, roles: &[&str]) -> Principal {
    Principal {
        issuer: "crm".into(),
        tenant: "acme".into(),
        user: user.into(),
        name: user.to_uppercase(),
        roles: roles.iter().map(|role| (*role).into()).collect(),
        attributes: region.map(|region| ("region".to_owned(), Attribute::One(region.into()))).into_iter().collect(),
        workbooks: vec!["plan".into()],
        mode: AccessMode::Edit,
        inspects: false,
        filters: BTreeMap::new(),
    }
}

pub fn wendy() -> Principal {
    person("wendy", Some("West"), &["planner"])
}

pub fn walt() -> Principal {
    person("walt", Some("West"), &["planner"])
}

pub fn ed() -> Principal {
    person("ed", Some("East"), &["planner"])
}

pub fn ada() -> Principal {
    person("ada", None, &["admin"])
}
