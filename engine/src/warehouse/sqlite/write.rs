//! The one writer of a SQLite file. What has queued up is committed together: one fsync for many edits, and nobody is
//! answered before it.

use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use model::{BatchOutcome, ColumnType, ImportOutcome};
use sqlx::sqlite::SqliteConnection;
use sqlx::{Either, Executor};
use tokio::sync::{mpsc, oneshot};

use super::values::{decode_row, failed, query};
use crate::sql::{Dialect, Sql};
use crate::warehouse::load::{LoadJob, load};
use crate::warehouse::transaction::{self, Answer, Asked, Connection};
use crate::warehouse::{Rows, WarehouseError};
use crate::writeback::{CompiledBatch, Statements};

type Reply<T> = oneshot::Sender<Result<T, WarehouseError>>;

/// What the writer can be asked to do.
#[derive(Debug)]
pub(super) enum Job {
    /// With the statements of a single edit, where somebody has made them already.
    Batch(Box<(CompiledBatch, Option<Statements>)>, Reply<BatchOutcome>),
    Control(Vec<Sql>, Reply<u64>),
    Load(Box<LoadJob>, Reply<ImportOutcome>),
}

/// A job done but not yet committed.
enum Done {
    Batch(BatchOutcome, Reply<BatchOutcome>),
    Control(u64, Reply<u64>),
    Load(ImportOutcome, Reply<ImportOutcome>),
}

/// At most so many jobs share a commit.
const GROUP: usize = 64;

/// Runs until the last sender is gone, and finishes what was taken on.
pub(super) async fn writer(mut connection: SqliteConnection, mut jobs: mpsc::Receiver<Job>) {
    let mut group = Vec::with_capacity(GROUP);
    while jobs.recv_many(&mut group, GROUP).await > 0 {
        if let Err(error) = commit_group(&mut connection, &mut group).await {
            tracing::error!(error = %error, "a group of writes could not be committed");
            let _ = connection.execute("rollback").await;
        }
    }
    let _ = sqlx::Connection::close(connection).await;
}

/// Commits a group; on an error the answers are dropped, which tells every caller that nothing was applied.
async fn commit_group(connection: &mut SqliteConnection, group: &mut Vec<Job>) -> Result<(), WarehouseError> {
    let (mut done, all) = (Vec::with_capacity(group.len()), group.len());
    let begun = connection.execute("begin immediate; savepoint job").await;
    for (i, job) in group.drain(..).enumerate() {
        if let Err(error) = &begun {
            refuse(job, &WarehouseError::Unavailable(error.to_string()));
            continue;
        }
        let result = match job {
            Job::Batch(job, answer) => {
                let (batch, sql) = *job;
                match transaction::apply(&mut *connection, &batch, sql).await {
                    Ok(outcome) => Ok(Done::Batch(outcome, answer)),
                    Err(error) => Err(answer.send(Err(error)).is_ok()),
                }
            }
            Job::Control(statements, answer) => match run(connection, &statements).await {
                Ok(changed) => Ok(Done::Control(changed, answer)),
                Err(error) => Err(answer.send(Err(error)).is_ok()),
            },
            Job::Load(mut job, answer) => match load(&mut *connection, &mut job).await {
                Ok(outcome) => Ok(Done::Load(outcome, answer)),
                Err(error) => Err(answer.send(Err(error)).is_ok()),
            },
        };
        let refused = match &result {
            Ok(Done::Batch(outcome, _)) => !outcome.status.is_written(),
            Ok(Done::Control(..)) => false,
            Ok(Done::Load(outcome, _)) => outcome.trial || outcome.replayed,
            Err(_) => true,
        };
        // Each trip to the connection's thread costs as much as a small statement.
        let ended = match (refused, i + 1 < all) {
            (false, true) => "release job; savepoint job",
            (true, true) => "rollback to job",
            (false, false) => "release job; commit",
            (true, false) => "rollback to job; release job; commit",
        };
        connection.execute(ended).await.map_err(failed)?;
        done.extend(result.ok());
    }
    for done in done {
        // A caller that has gone away is no trouble: his batch is committed, and a replay will tell him.
        match done {
            Done::Batch(outcome, answer) => drop(answer.send(Ok(outcome))),
            Done::Control(changed, answer) => drop(answer.send(Ok(changed))),
            Done::Load(outcome, answer) => drop(answer.send(Ok(outcome))),
        }
    }
    Ok(())
}

fn refuse(job: Job, error: &WarehouseError) {
    let error = WarehouseError::Unavailable(error.to_string());
    match job {
        Job::Batch(.., answer) => drop(answer.send(Err(error))),
        Job::Control(_, answer) => drop(answer.send(Err(error))),
        Job::Load(_, answer) => drop(answer.send(Err(error))),
    }
}

async fn run(connection: &mut SqliteConnection, statements: &[Sql]) -> Result<u64, WarehouseError> {
    let mut changed = 0;
    for sql in statements {
        changed = query(sql).execute(&mut *connection).await.map_err(failed)?.rows_affected();
    }
    Ok(changed)
}

impl Connection for SqliteConnection {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn rows<'a>(&'a mut self, sql: &'a Sql, types: &'a [ColumnType]) -> BoxFuture<'a, Result<Rows, WarehouseError>> {
        async move {
            let rows = query(sql).fetch_all(self).await.map_err(failed)?;
            rows.iter().map(|row| decode_row(row, types)).collect()
        }
        .boxed()
    }

    fn change<'a>(&'a mut self, sql: &'a Sql) -> BoxFuture<'a, Result<u64, WarehouseError>> {
        async move { query(sql).execute(self).await.map(|done| done.rows_affected()).map_err(failed) }.boxed()
    }

    /// One text with `;` between the statements, which SQLite compiles once and keeps.
    fn each<'a>(&'a mut self, statements: &'a [Asked]) -> BoxFuture<'a, Result<Vec<Answer>, (usize, WarehouseError)>> {
        async move {
            let mut all = Sql::default();
            all.join("; ", statements.iter().map(|asked| asked.sql.clone()));
            let (mut answers, mut rows) = (Vec::with_capacity(statements.len()), Vec::new());
            let mut stream = self.fetch_many(query(&all));
            while let Some(next) = stream.next().await {
                match next.map_err(|error| (answers.len(), failed(error)))? {
                    Either::Left(done) => {
                        answers.push(Answer { rows: std::mem::take(&mut rows), changed: done.rows_affected() });
                    }
                    Either::Right(row) => {
                        let types = statements.get(answers.len()).map_or(&[][..], |asked| &asked.types);
                        rows.push(decode_row(&row, types).map_err(|error| (answers.len(), error))?);
                    }
                }
            }
            Ok(answers)
        }
        .boxed()
    }
}
