//! Statements that nobody waits for any more are ended in the database too: there they would go on, and hold a connection.

use std::time::Duration;

use sqlx::postgres::{PgArguments, PgPool, PgRow};
use sqlx::query::Query;
use sqlx::{ConnectOptions, Connection, Postgres, Transaction};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::values::{failed, not_read};
use crate::warehouse::WarehouseError;

/// Most statements end by themselves sooner than another connection is made to end them.
const GRACE: Duration = Duration::from_millis(50);

/// All rows of the one statement that a transaction, which `process` of the database runs, was opened for.
pub(super) async fn rows(
    mut open: Transaction<'static, Postgres>,
    process: i32,
    query: Query<'static, Postgres, PgArguments>,
    pool: &PgPool,
) -> Result<Vec<PgRow>, WarehouseError> {
    let pool = pool.clone();
    let (_waiting, given_up) = oneshot::channel::<()>();
    // A task of its own holds the connection until the statement has ended, whoever waits: another one of the connection's,
    // maybe another person's, must not be ended in its place.
    let running = tokio::spawn(async move {
        let rows = {
            let mut rows = std::pin::pin!(query.fetch_all(&mut *open));
            tokio::select! {
                biased;
                rows = &mut rows => rows,
                _ = given_up => match timeout(GRACE, &mut rows).await {
                    Ok(rows) => rows,
                    Err(_) => {
                        end(&pool, process).await;
                        rows.await
                    }
                },
            }
        };
        let rows = rows.map_err(not_read)?;
        open.commit().await.map_err(failed)?;
        Ok(rows)
    });
    running.await.map_err(|error| WarehouseError::Failed(error.to_string()))?
}

/// Over a connection of its own, since those of the pool may all be held by such statements. Where there is none to be had, the
/// statement's time limit ends it.
async fn end(pool: &PgPool, process: i32) {
    let Ok(mut connection) = pool.connect_options().connect().await else { return };
    let _ = sqlx::query("select pg_cancel_backend($1)").bind(process).persistent(false).execute(&mut connection).await;
    let _ = connection.close().await;
}
