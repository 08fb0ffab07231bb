//! A small warehouse, a workbook over it, and people.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use engine::catalog::Directory;
use engine::warehouse::{Sqlite, Warehouse};
use engine::{Engine, EngineError, Sql};
use model::{
    AccessMode, ApiError, Attribute, Batch, BatchOutcome, CellEdit, ColumnType, Edit, EditMode, Operation, Origin, Principal,
    QueryAnswer, QueryRequest, Raw, Value,
};

pub struct World {
    pub engine: Engine,
    pub warehouse: Arc<Sqlite>,
    pub folder: tempfile::TempDir,
}

pub const WORKBOOK: &str = include_str!("plan.yaml");

const DATA: &[&str] = &[
    "create table orders (id integer primary key, region text, product text, sales integer, placed text, state text not null) strict",
    "insert into orders values (1, 'West', 'Chairs', 10050, '2017-01-15', 'open'), (2, 'West', 'Chairs', 20025, '2017-02-15', 'open'),
     (3, 'West', 'Tables', 30000, '2017-01-20', 'open'), (4, 'East', 'Chairs', 40000, '2017-01-10', 'open'), (5, null, 'Lamps', 100, '2017-01-01', 'open')",
    // `code` is meant as a key and is none.
    "create table loose (code text, region text, state text) strict",
    "insert into loose values ('a', 'West', 'open'), ('a', 'West', 'open'), ('b', 'West', 'open'), ('c', 'West', 'open'),
     ('c', 'East', 'open'), (null, 'West', 'open')",
];

impl World {
    pub async fn new() -> Self {
        Self::with(WORKBOOK).await.unwrap_or_else(|mistakes| panic!("{mistakes}"))
    }

    /// A world with this workbook; the mistakes in it, as a person would read them, if it has any.
    pub async fn with(workbook: &str) -> Result<Self, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("plan.yaml"), workbook).unwrap();
        let warehouse = Sqlite::open(&folder.path().join("data.db")).await.unwrap();
        let statements = DATA.iter().map(|text| Sql::new(*text)).collect();
        warehouse.control(statements).await.unwrap();
        Self::over(folder, warehouse).await
    }

    async fn over(folder: tempfile::TempDir, warehouse: Arc<Sqlite>) -> Result<Self, String> {
        let opened = Engine::open(warehouse.clone(), &Directory(folder.path().to_owned())).await;
        let path = format!("{}/", folder.path().display());
        let engine =
            opened.map_err(|mistakes| mistakes.iter().map(|m| format!("{m}\n")).collect::<String>().replace(&path, ""))?;
        Ok(Self { engine, warehouse, folder })
    }

    /// Stops everything and opens the same file again.
    pub async fn restarted(self) -> Self {
        let Self { engine, warehouse, folder } = self;
        drop(engine);
        warehouse.close().await;
        let warehouse = Sqlite::open(&folder.path().join("data.db")).await.unwrap();
        Self::over(folder, warehouse).await.unwrap()
    }

    pub fn database(&self) -> PathBuf {
        self.folder.path().join("data.db")
    }

    pub async fn query(&self, who: &Principal, element: &str) -> Result<QueryAnswer, ApiError> {
        let request = QueryRequest { workbook: "plan".into(), element: element.into(), ..QueryRequest::default() };
        self.engine.query(who, &request).await.map_err(api)
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

    /// A number straight from the file, past the engine.
    pub async fn count(&self, sql: &'static str) -> i64 {
        let rows = self.warehouse.read(&Sql::new(sql), &[ColumnType::Integer]).await.unwrap();
        match rows[0][0] {
            Value::Integer(n) => n,
            ref other => panic!("{other:?}"),
        }
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
    Batch { batch_id, workbook: "plan".into(), edits, mode: EditMode::AllOrNothing, origin: Origin::Grid, reason: None }
}

pub fn edit(key: &[&str], column: &str, value: impl Into<Raw>, was: impl Into<Raw>) -> Edit {
    let cell = CellEdit { column: column.into(), value: value.into(), was: was.into(), was_seq: None };
    let key = key.iter().map(|part| Raw::from(*part)).collect();
    Edit { table: "forecast".into(), op: Operation::Set, key, cells: vec![cell] }
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
