//! SQLite: WAL, `synchronous=FULL`, many readers, one writer task with group commit.

mod functions;
mod reader;
mod schema;
mod values;
mod write;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::BoxFuture;
use model::{BatchOutcome, ColumnType, ImportOutcome, Value};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Column, ConnectOptions, Connection, Executor, Row, SqlSafeStr, Statement, TypeInfo};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::catalog::{Body, Input};
use crate::definition::{Change, Known};
use crate::sql::{Dialect, Sql, quote};
use crate::warehouse::{
    Answered, Caller, Described, DescribedColumn, LoadJob, Notice, Rows, Warehouse, WarehouseError, definition_log,
};
use crate::writeback::CompiledBatch;
use reader::Reader;
use values::{decode_row, failed, query};
use write::{Job, writer};

/// How many jobs may wait for the writer before callers do.
const QUEUE: usize = 1_024;
const PATIENCE: Duration = Duration::from_secs(30);
/// Rows that an answer is ahead of whoever takes them.
const ROW_BUFFER: usize = 1_000;

/// One SQLite file.
#[derive(Debug)]
pub struct Sqlite {
    readers: SqlitePool,
    /// How long a statement that reads may take.
    patience: Duration,
    writer: Mutex<Option<mpsc::Sender<Job>>>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Sqlite {
    /// Opens the file, or makes it, and brings Inlay's own tables up to date.
    ///
    /// # Errors
    /// If the file can't be opened, or was written by a newer Inlay.
    pub async fn open(path: &Path) -> Result<Arc<Self>, WarehouseError> {
        Self::open_within(path, PATIENCE).await
    }

    /// The same; a statement that reads for longer than `patience` is ended.
    ///
    /// # Errors
    /// As [`Sqlite::open`].
    pub async fn open_within(path: &Path, patience: Duration) -> Result<Arc<Self>, WarehouseError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5))
            .foreign_keys(true)
            // Rows come from a thread of the connection's own; with little room between, both wait for each other at every row.
            .row_buffer_size(ROW_BUFFER)
            .disable_statement_logging();
        // The first connection sets WAL alone: several at once fail with "database is locked".
        let mut connection = SqliteConnection::connect_with(&options).await.map_err(failed)?;
        prepare(&mut connection).await.map_err(failed)?;
        migrate(&mut connection).await?;
        // Whoever waits for his turn behind long statements is not told that there is no warehouse.
        let turn = patience.max(Duration::from_secs(10));
        let pool = SqlitePoolOptions::new().max_connections(8).min_connections(1).acquire_timeout(turn);
        let pool = pool.after_connect(|connection, _| {
            async move {
                prepare(connection).await?;
                // Groups of millions of rows are sorted twice as fast by way of temporary files.
                connection.execute("pragma query_only = on; pragma temp_store = default").await.map(drop)
            }
            .boxed()
        });
        let readers = pool.connect_with(options).await.map_err(failed)?;
        let (sender, receiver) = mpsc::channel(QUEUE);
        let task = tokio::spawn(writer(connection, receiver));
        Ok(Arc::new(Self { readers, patience, writer: Mutex::new(Some(sender)), task: Mutex::new(Some(task)) }))
    }

    async fn reader(&self) -> Result<Reader, WarehouseError> {
        Reader::acquire(&self.readers, self.patience).await
    }

    async fn send(&self, job: Job) -> Result<(), WarehouseError> {
        let gone = || WarehouseError::Unavailable("the writer has stopped".into());
        let sender = self.writer.lock().await.clone().ok_or_else(gone)?;
        sender.send(job).await.map_err(|_| gone())
    }
}

/// What every connection needs: `like` as PostgreSQL has it, and our functions. The cache is small, because SQLite sorts in
/// runs of its size: at 32 MB groups of 600,000 rows took half as long again, and a large batch only filled it.
async fn prepare(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    connection.execute("pragma case_sensitive_like = on; pragma cache_size = -4000; pragma temp_store = memory").await?;
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

    fn describe<'a>(&'a self, body: &'a Body) -> BoxFuture<'a, Result<Described, WarehouseError>> {
        async move {
            let select = match body {
                Body::Table(table) => format!("select * from {}", quote(table)),
                Body::Sql(sql) => sql.clone(),
            };
            let mut connection = self.reader().await?;
            let statement = connection.prepare(AssertSqlSafe(select).into_sql_str()).await.map_err(failed)?;
            let column = |column: &sqlx::sqlite::SqliteColumn| DescribedColumn {
                name: column.name().to_owned(),
                ty: declared(column.type_info().name()),
                native: None,
                plain: true,
                filled: false,
                read_only: None,
            };
            let mut columns: Vec<DescribedColumn> = statement.columns().iter().map(column).collect();
            drop(statement);
            if let Body::Table(table) = body {
                // A primary key of one INTEGER is the row's own number, which is never null; others may be.
                // <https://www.sqlite.org/lang_createtable.html#rowid>
                let mut sql = Sql::new(
                    "select name, hidden in (2, 3), \"notnull\" or (pk = 1 and type = 'INTEGER' and max(pk) over () = 1) \
                     from pragma_table_xinfo(",
                );
                sql.bind(text(table)).push(")");
                for row in query(&sql).fetch_all(&mut *connection).await.map_err(failed)? {
                    let (name, generated, filled): (&str, bool, bool) = (row.get(0), row.get(1), row.get(2));
                    for column in columns.iter_mut().filter(|column| column.name == name) {
                        column.filled = filled;
                        column.read_only = generated.then_some("it is generated");
                    }
                }
            }
            let Body::Table(table) = body else {
                return Ok(Described { columns, ..Described::default() });
            };
            let unique = unique(&mut connection, table).await?;
            let mut sql = Sql::new("select 1 from sqlite_schema where type = 'view' and name = ");
            sql.bind(text(table));
            let view = query(&sql).fetch_optional(&mut *connection).await.map_err(failed)?;
            Ok(Described { columns, unique, read_only: view.map(|_| "it is a view".into()) })
        }
        .boxed()
    }

    fn ask<'a>(
        &'a self,
        _: Option<&'a Caller<'a>>,
        sql: &'a Sql,
        types: &'a [ColumnType],
    ) -> BoxFuture<'a, Result<Answered, WarehouseError>> {
        async move {
            let begun = Instant::now();
            let mut reader = self.reader().await?;
            let waited = begun.elapsed();
            let rows = reader.rows(sql).await?;
            let ran = begun.elapsed() - waited;
            let rows = rows.iter().map(|row| decode_row(row, types)).collect::<Result<Rows, _>>()?;
            Ok(Answered { rows, waited, ran })
        }
        .boxed()
    }

    fn explain<'a>(&'a self, _: &'a Caller<'a>, _: &'a str) -> BoxFuture<'a, Result<Vec<String>, WarehouseError>> {
        futures::future::ready(Ok(Vec::new())).boxed()
    }

    fn known<'a>(&'a self, input: &'a Input) -> BoxFuture<'a, Result<Option<Known>, WarehouseError>> {
        async move {
            let table = format!("inlay_{}", input.table);
            let mut sql = Sql::new("select name, pk from pragma_table_info(");
            sql.bind(text(&table)).push(") order by pk");
            let columns = self.read(None, &sql, &[ColumnType::Text, ColumnType::Integer]).await?;
            let mut known = Known::default();
            for row in &columns {
                match row.as_slice() {
                    [Value::Text(name), _] if name.starts_with('_') && name != "_row" => {}
                    [Value::Text(name), Value::Integer(0)] => drop(known.columns.insert(name.clone(), None)),
                    [Value::Text(name), _] => known.key.push(name.clone()),
                    _ => {}
                }
            }
            let mut sql = Sql::new("select change, column_name, was, type, scale from inlay_definition_log where table_name = ");
            sql.bind(text(&input.table)).push(" order by seq");
            let types = [ColumnType::Text, ColumnType::Text, ColumnType::Text, ColumnType::Text, ColumnType::Integer];
            known.follow(self.read(None, &sql, &types).await?);
            let mut sql = Sql::new("select name from pragma_table_info(");
            sql.bind(text(&format!("{table}_joined"))).push(")");
            let view = self.read(None, &sql, &[ColumnType::Text]).await?;
            let names =
                view.into_iter().flatten().filter_map(|value| if let Value::Text(name) = value { Some(name) } else { None });
            known.view = Some(names.collect()).filter(|view: &std::collections::BTreeSet<String>| !view.is_empty());
            Ok(Some(known).filter(|_| !columns.is_empty()))
        }
        .boxed()
    }

    fn definition(&self, input: &Input, changes: &[Change]) -> Vec<String> {
        schema::definition(input, changes)
    }

    fn define<'a>(
        &'a self,
        workbook: &'a str,
        input: &'a Input,
        changes: &'a [Change],
        by: &'a str,
    ) -> BoxFuture<'a, Result<(), WarehouseError>> {
        async move {
            let mut statements: Vec<Sql> = self.definition(input, changes).into_iter().map(Sql::new).collect();
            statements.extend(definition_log(Dialect::Sqlite, workbook, input, changes, by));
            self.control(statements).await.map(drop)
        }
        .boxed()
    }

    fn may_define(&self) -> bool {
        true
    }

    fn apply(&self, batch: CompiledBatch) -> BoxFuture<'_, Result<BatchOutcome, WarehouseError>> {
        async move {
            let (answer, outcome) = oneshot::channel();
            // Made here and not by the one writer, who has more to do; those of many edits are few.
            let statements = if let [edit] = &batch.edits[..] { batch.statements(edit) } else { None };
            self.send(Job::Batch(Box::new((batch, statements)), answer)).await?;
            outcome.await.unwrap_or_else(|_| Err(WarehouseError::Unavailable("the writer has stopped".into())))
        }
        .boxed()
    }

    fn load(&self, job: LoadJob) -> BoxFuture<'_, Result<ImportOutcome, WarehouseError>> {
        async move {
            let (answer, outcome) = oneshot::channel();
            self.send(Job::Load(Box::new(job), answer)).await?;
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
