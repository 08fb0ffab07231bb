//! How servers over one database hear of each other's edits. What was committed is told by NOTIFY, many edits at once; a
//! cursor over the log is the net under it: it finds what a lost connection, a killed server or a pooler has swallowed.
//! <https://www.postgresql.org/docs/current/sql-notify.html>

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use model::Value;
use serde_json::json;
use sqlx::postgres::{PgListener, PgPool};
use sqlx::{AssertSqlSafe, Row, SqlSafeStr};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::values::{failed, query};
use crate::sql::Sql;
use crate::warehouse::{Notice, WarehouseError};

const LISTEN_AGAIN: Duration = Duration::from_secs(2);

/// How often the log is looked at, whatever was heard.
const POLL: Duration = Duration::from_secs(2);

/// Notices remembered; past that, some are told once more.
const REMEMBERED: usize = 100_000;

/// What was told already, so that the log does not tell it again. Each change by itself: one with a lower sequence may be
/// committed later, and is news then.
#[derive(Debug, Default)]
pub(super) struct Told(Mutex<HashSet<(Key, i64)>>);

/// Tenant, workbook and table; a table of the team's has neither of the first.
type Key = (String, String, String);

fn key(notice: &Notice) -> Option<(Key, &[i64])> {
    match notice {
        Notice::Changed { tenant, workbook, table, versions } => {
            Some(((tenant.clone(), workbook.clone(), table.clone()), versions))
        }
        Notice::Touched { table, versions } => Some(((String::new(), String::new(), table.clone()), versions)),
        // Each page for itself: what it said last is what counts.
        Notice::Typing { typist, versions } => {
            Some(((typist.tenant.clone(), typist.user.clone(), typist.page.clone()), versions))
        }
        Notice::Missed => None,
    }
}

impl Told {
    /// Whether anything in it is news.
    fn is_news(&self, notice: &Notice) -> bool {
        let Some((key, versions)) = key(notice) else {
            return true;
        };
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() >= REMEMBERED {
            told.clear();
        }
        versions.iter().filter(|version| told.insert((key.clone(), **version))).count() > 0
    }
}

/// Changes of one table as one notice.
fn together(notices: impl IntoIterator<Item = Notice>) -> Vec<Notice> {
    let mut tables: HashMap<Key, Notice> = HashMap::new();
    for notice in notices {
        let Some((key, _)) = key(&notice) else { continue };
        match (tables.get_mut(&key), notice) {
            (
                Some(Notice::Changed { versions, .. } | Notice::Touched { versions, .. }),
                Notice::Changed { versions: more, .. } | Notice::Touched { versions: more, .. },
            ) => versions.extend(more),
            (_, notice) => drop(tables.insert(key, notice)),
        }
    }
    tables.into_values().collect()
}

/// Tells other servers what this one has committed.
#[derive(Debug)]
pub(super) struct Teller {
    queue: mpsc::UnboundedSender<Notice>,
    task: JoinHandle<()>,
}

impl Teller {
    pub fn new(pool: PgPool, server: String, told: Arc<Told>, persistent: bool) -> Self {
        let (queue, mut queued) = mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            let mut notices = Vec::new();
            // What was committed while the last ones were told goes together.
            while queued.recv_many(&mut notices, 256).await > 0 {
                notices.retain(|notice| told.is_news(notice));
                let notices = together(notices.drain(..));
                let texts: Vec<String> = notices.iter().map(|notice| json!([server, notice]).to_string()).collect();
                let mut sql = Sql::new("select pg_notify('inlay', notice) from jsonb_array_elements_text(");
                sql.bind(Value::Text(json!(texts).to_string())).push("::jsonb) as notice");
                if let Err(error) = notify(&pool, &sql, persistent).await {
                    // The others find it in the log.
                    tracing::warn!(%error, "other servers can't be told");
                }
            }
        });
        Self { queue, task }
    }

    pub fn tell(&self, notice: Notice) {
        // An error only says that the server stops.
        let _ = self.queue.send(notice);
    }

    /// Tells what is left.
    pub async fn end(self) {
        drop(self.queue);
        let _ = self.task.await;
    }
}

/// Behind a pooler in a transaction, since it may give each step of a statement to another connection.
async fn notify(pool: &PgPool, sql: &Sql, persistent: bool) -> Result<(), sqlx::Error> {
    if persistent {
        return query(sql, true).execute(pool).await.map(drop);
    }
    let mut open = pool.begin().await?;
    query(sql, false).execute(&mut *open).await?;
    open.commit().await
}

/// Listens until nobody wants to hear; a connection that was lost is made again.
pub(super) async fn listen(url: String, server: String, told: Arc<Told>, heard: mpsc::Sender<Notice>) {
    let mut listener: Option<PgListener> = None;
    while !heard.is_closed() {
        let Some(open) = listener.as_mut() else {
            match connect(&url).await {
                Ok(open) => listener = Some(open),
                Err(error) => {
                    tracing::warn!(%error, "other servers can't be heard");
                    tokio::time::sleep(LISTEN_AGAIN).await;
                }
            }
            continue;
        };
        let next = tokio::select! {
            next = open.try_recv() => next,
            () = heard.closed() => return,
        };
        let notice = match next {
            Ok(Some(notice)) => match serde_json::from_str::<(String, Notice)>(notice.payload()) {
                Ok((from, _)) if from == server => continue,
                Ok((_, notice)) => notice,
                Err(_) => Notice::Missed,
            },
            // Lost; it is made again by the next call, and the log has what was missed.
            Ok(None) => continue,
            Err(error) => {
                tracing::warn!(%error, "other servers can't be heard");
                listener = None;
                continue;
            }
        };
        if told.is_news(&notice) && heard.send(notice).await.is_err() {
            return;
        }
    }
}

async fn connect(url: &str) -> Result<PgListener, sqlx::Error> {
    let mut listener = PgListener::connect(url).await?;
    listener.listen("inlay").await?;
    Ok(listener)
}

/// Looks at the log from time to time, until nobody wants to hear.
pub(super) async fn poll(pool: PgPool, told: Arc<Told>, heard: mpsc::Sender<Notice>) {
    let mut cursor = None;
    loop {
        match since(&pool, cursor).await {
            Ok((upto, notices)) => {
                cursor = Some(upto);
                for notice in notices {
                    if told.is_news(&notice) && heard.send(notice).await.is_err() {
                        return;
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "the log can't be looked at"),
        }
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            () = heard.closed() => return,
        }
    }
}

/// What was committed since `cursor`, the number of a transaction, and the next cursor.
///
/// A sequence number is no order of commits: one that is handed out early may be committed late. So only transactions
/// before the oldest that still runs are read, and each of those once.
/// <https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SNAPSHOT>
async fn since(pool: &PgPool, cursor: Option<i64>) -> Result<(i64, Vec<Notice>), WarehouseError> {
    let mut open = pool.begin_with("begin read only").await.map_err(failed)?;
    let first = "select set_config('inlay.listens', 'on', true), pg_snapshot_xmin(pg_current_snapshot())::text::bigint";
    let row = sqlx::query(first).persistent(false).fetch_one(&mut *open).await.map_err(failed)?;
    let upto: i64 = row.get(1);
    let Some(cursor) = cursor.filter(|cursor| *cursor < upto) else {
        open.commit().await.map_err(failed)?;
        // A database that was put back to an older state counts its transactions from there.
        let notices = if cursor.is_some_and(|cursor| cursor > upto) { vec![Notice::Missed] } else { Vec::new() };
        return Ok((upto, notices));
    };
    let text = format!(
        "select tenant, workbook, table_name, array_agg(version) from \
         (select tenant, workbook, table_name, max(seq) as version from inlay.edit_log \
          where transaction_id >= '{cursor}'::xid8 and transaction_id < '{upto}'::xid8 \
          group by tenant, workbook, table_name, transaction_id) batches group by tenant, workbook, table_name"
    );
    let rows = sqlx::query(AssertSqlSafe(text).into_sql_str()).persistent(false).fetch_all(&mut *open).await.map_err(failed)?;
    let text = format!(
        "select table_name, array_agg(seq) from inlay.touched \
         where transaction_id >= '{cursor}'::xid8 and transaction_id < '{upto}'::xid8 group by table_name"
    );
    let touched =
        sqlx::query(AssertSqlSafe(text).into_sql_str()).persistent(false).fetch_all(&mut *open).await.map_err(failed)?;
    open.commit().await.map_err(failed)?;
    let notice = |row: &sqlx::postgres::PgRow| Notice::Changed {
        tenant: row.get(0),
        workbook: row.get(1),
        table: row.get(2),
        versions: row.get(3),
    };
    let touched = touched.iter().map(|row| Notice::Touched { table: row.get(0), versions: row.get(1) });
    Ok((upto, rows.iter().map(notice).chain(touched).collect()))
}
