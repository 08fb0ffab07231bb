//! SQLite: WAL, `synchronous=FULL`, many readers, one writer task with group commit.

mod functions;
mod schema;
mod values;
mod write;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use model::{BatchOutcome, ColumnType, Value};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Column, ConnectOptions, Connection, Executor, Row, SqlSafeStr, Statement, TypeInfo};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;

use values::{decode_row, failed, query};
use write::{Job, writer};
use crate::warehouse::{Caller, Capabilities, Described, DescribedColumn, Notice, Rows, Warehouse, WarehouseError};
use crate::catalog::{Body, Input};
use crate::sql::{Dialect, Sql, quote};
use crate::writeback::CompiledBatch;

/// How many jobs may wait for the writer before callers do.
const QUEUE: usize = 1_024;

/// One SQLite file.
#[derive(Debug)]
pub struct Sqlite {
    readers: SqlitePool,
    writer: Mutex<Option<mpsc::Sender<Job>>>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Sqlite {
    /// Opens the file, or makes it, and brings Inlay's own tables up to date.
    ///
    /// # Errors
    /// If the file can't be opened, or was written by a newer Inlay.
    pub async fn open(path: &Path) -> Result<Arc<Self>, WarehouseError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5))
            .foreign_keys(true)
            .disable_statement_logging();
        // The first connection sets WAL alone: several at once fail with "database is locked".
        let mut connection = SqliteConnection::connect_with(&options).await.map_err(failed)?;
        prepare(&mut connection).await.map_err(failed)?;
        migrate(&mut connection).await?;
        let pool = SqlitePoolOptions::new().max_connections(8).min_connections(1).acquire_timeout(Duration::from_secs(10));
        let pool = pool.after_connect(|connection, _| {
            async move {
                prepare(connection).await?;
                connection.execute("pragma query_only = on").await.map(drop)
            }
            .boxed()
        });
        let readers = pool.connect_with(options).await.map_err(failed)?;
        let (sender, receiver) = mpsc::channel(QUEUE);
        let task = tokio::spawn(writer(connection, receiver));
        Ok(Arc::new(Self { readers, writer: Mutex::new(Some(sender)), task: Mutex::new(Some(task)) }))
    }

    async fn send(&self, job: Job) -> Result<(), WarehouseError> {
        let gone = || WarehouseError::Unavailable("the writer has stopped".into());
        let sender = self.writer.lock().await.clone().ok_or_else(gone)?;
        sender.send(job).await.map_err(|_| gone())
    }
}

/// What every connection needs: `like` as PostgreSQL has it, and our functions.
async fn prepare(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    connection.execute("pragma case_sensitive_like = on; pragma cache_size = -32000; pragma temp_store = memory").await?;
    functions::register(connection).await
}

async fn migrate(connection: &mut SqliteConnection) -> Result<(), WarehouseError> {
    let mut transaction = connection.begin_with("begin immediate").await.map_err(failed)?;
    let row = transaction.fetch_one("pragma user_version").await.map_err(failed)?;
    let version = usize::try_from(row.get::<i64, _>(0)).unwrap_or(0);
    if version > schema::OWN.len() {
        return Err(WarehouseError::Failed(format!("this database was written by a newer Inlay (its version is {version})")));
    }
    for migration in &schema::OWN[version..] {
        transaction.execute(*migration).await.map_err(failed)?;
    }
    let done = AssertSqlSafe(format!("pragma user_version = {}", schema::OWN.len())).into_sql_str();
    transaction.execute(done).await.map_err(failed)?;
    transaction.commit().await.map_err(failed)
}

impl Warehouse for Sqlite {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { atomic_batch: true, compare_and_set: true, row_security: false, notify: false }
    }

    fn describe<'a>(&'a self, body: &'a Body) -> BoxFuture<'a, Result<Described, WarehouseError>> {
        async move {
            let text = match body {
                Body::Table(table) => format!("select * from {}", quote(table)),
                Body::Sql(sql) => sql.clone(),
            };
            let mut connection = self.readers.acquire().await.map_err(failed)?;
            let statement = connection.prepare(AssertSqlSafe(text).into_sql_str()).await.map_err(failed)?;
            let column = |column: &sqlx::sqlite::SqliteColumn| DescribedColumn {
                name: column.name().to_owned(),
                ty: declared(column.type_info().name()),
                native: None,
                plain: true,
            };
            let columns = statement.columns().iter().map(column).collect();
            drop(statement);
            let unique = if let Body::Table(table) = body { unique(&mut connection, table).await? } else { Vec::new() };
            Ok(Described { columns, unique })
        }
        .boxed()
    }

    fn read<'a>(
        &'a self,
        _: Option<&'a Caller<'a>>,
        sql: &'a Sql,
        types: &'a [ColumnType],
    ) -> BoxFuture<'a, Result<Rows, WarehouseError>> {
        async move {
            let rows = query(sql).fetch_all(&self.readers).await.map_err(failed)?;
            rows.iter().map(|row| decode_row(row, types)).collect()
        }
        .boxed()
    }

    fn ensure<'a>(&'a self, input: &'a Input) -> BoxFuture<'a, Result<(), WarehouseError>> {
        async move {
            let Some(create) = schema::create_table(input) else {
                return Ok(());
            };
            let mut statements = vec![Sql::new(create)];
            let existing = self.describe(&Body::Table(format!("inlay_{}", input.table))).await.unwrap_or_default().columns;
            if !existing.is_empty() {
                let known = |name: &str| existing.iter().any(|column| column.name == name);
                if let Some((key, _)) = input.key.iter().find(|(key, _)| !known(key)) {
                    return Err(WarehouseError::Failed(format!("the key of `{}` has changed: it now has `{key}`", input.name)));
                }
                for column in input.columns.iter().filter(|c| !known(&c.column.name)) {
                    let (name, ty) = schema::add_column(input, &column.column.name);
                    statements
                        .push(Sql::new(format!("alter table {} add column {name} {ty}", Dialect::Sqlite.own(&input.table))));
                }
            }
            if let Some(view) = schema::joined_view(input) {
                statements
                    .push(Sql::new(format!("drop view if exists {}", Dialect::Sqlite.own(&format!("{}_joined", input.table)))));
                statements.push(Sql::new(view));
            }
            self.control(statements).await.map(drop)
        }
        .boxed()
    }

    fn apply(&self, batch: CompiledBatch) -> BoxFuture<'_, Result<BatchOutcome, WarehouseError>> {
        async move {
            let (answer, outcome) = oneshot::channel();
            // Made here and not by the one writer, who has more to do.
            let statements = batch.statements();
            self.send(Job::Batch(Box::new(batch), statements, answer)).await?;
            outcome.await.unwrap_or_else(|_| Err(WarehouseError::Unavailable("the writer has stopped".into())))
        }
        .boxed()
    }

    fn control(&self, statements: Vec<Sql>) -> BoxFuture<'_, Result<u64, WarehouseError>> {
        async move {
            let (answer, changed) = oneshot::channel();
            self.send(Job::Control(statements, answer)).await?;
            changed.await.unwrap_or_else(|_| Err(WarehouseError::Unavailable("the writer has stopped".into())))
        }
        .boxed()
    }

    fn notices(&self) -> Option<mpsc::Receiver<Notice>> {
        None
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        async move {
            self.writer.lock().await.take();
            if let Some(task) = self.task.lock().await.take() {
                let _ = task.await;
            }
            self.readers.close().await;
        }
        .boxed()
    }
}

/// Primary key and unique indexes of a table; a partial one or one over expressions says nothing of the columns.
async fn unique(connection: &mut SqliteConnection, table: &str) -> Result<Vec<Vec<String>>, WarehouseError> {
    let mut sql = Sql::new("select json_group_array(name) from (select name from pragma_table_info(");
    sql.bind(text(table))
        .push(") where pk > 0) having count(*) > 0 union all select json_group_array(i.name) from pragma_index_list(");
    sql.bind(text(table)).push(
        ") l, pragma_index_info(l.name) i where l.\"unique\" and not l.partial group by l.name having count(*) = count(i.name)",
    );
    let rows = query(&sql).fetch_all(connection).await.map_err(failed)?;
    let names = |row: &sqlx::sqlite::SqliteRow| serde_json::from_str(row.get::<&str, _>(0)).ok();
    Ok(rows.iter().filter_map(names).collect())
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// The declared type of a STRICT table's column; an expression has none.
fn declared(name: &str) -> Option<ColumnType> {
    match name {
        "INTEGER" => Some(ColumnType::Integer),
        "REAL" => Some(ColumnType::Float),
        "TEXT" => Some(ColumnType::Text),
        _ => None,
    }
}
