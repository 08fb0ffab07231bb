//! A connection to read with, whose statement ends when it takes too long or when nobody waits for it any more.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnection, SqlitePool, SqliteRow};

use super::values::{failed, query};
use crate::sql::Sql;
use crate::warehouse::WarehouseError;

/// Steps of SQLite's machine between two looks: well below a millisecond. <https://www.sqlite.org/c3ref/progress_handler.html>
const STEPS: i32 = 10_000;

/// A reader's connection for as long as somebody holds this.
pub(super) struct Reader {
    connection: PoolConnection<sqlx::Sqlite>,
    given_up: Arc<AtomicBool>,
    late: Arc<AtomicBool>,
}

impl Reader {
    /// Waits for a connection; what it runs is given `patience`.
    pub async fn acquire(pool: &SqlitePool, patience: Duration) -> Result<Self, WarehouseError> {
        let mut connection = pool.acquire().await.map_err(failed)?;
        let (given_up, late) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (gone, too_late, until) = (given_up.clone(), late.clone(), Instant::now() + patience);
        let goes_on = move || {
            if Instant::now() > until {
                too_late.store(true, Ordering::Relaxed);
            }
            !gone.load(Ordering::Relaxed) && !too_late.load(Ordering::Relaxed)
        };
        connection.lock_handle().await.map_err(failed)?.set_progress_handler(STEPS, goes_on);
        Ok(Self { connection, given_up, late })
    }

    /// All rows of one SELECT.
    pub async fn rows(&mut self, sql: &Sql) -> Result<Vec<SqliteRow>, WarehouseError> {
        let rows = query(sql).fetch_all(&mut *self.connection).await;
        rows.map_err(|error| match failed(error) {
            WarehouseError::Failed(text) if self.late.load(Ordering::Relaxed) => WarehouseError::TooSlow(text),
            other => other,
        })
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.given_up.store(true, Ordering::Relaxed);
    }
}

impl Deref for Reader {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.connection
    }
}

impl DerefMut for Reader {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }
}
