//! PostgreSQL: every read and every batch in a transaction of its own, as the role and with the settings that the team's
//! own row policies look at; nothing of a person outlives his transaction, so a pooler may stand between.

mod describe;
mod notices;
mod person;
mod schema;
mod values;
mod write;

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use model::{BatchOutcome, BatchStatus, ColumnType, Value};
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPool, PgPoolOptions, PgRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, Row, SqlSafeStr};
use tokio::sync::{Mutex, mpsc};

use crate::catalog::{Body, Input};
use crate::sql::{Dialect, Sql, quote};
use crate::warehouse::{Caller, Capabilities, Described, Notice, Rows, Warehouse, WarehouseError};
use crate::writeback::CompiledBatch;
use notices::{Teller, Told};
use person::comment;
use values::{decode_row, failed};

/// How to connect, and as whom a person's statements run.
#[derive(Clone, Debug)]
pub struct PostgresConfig {
    /// `postgres://user:password@host:port/database?sslmode=require`.
    pub url: String,
    /// The role of every transaction of a person: a name, or `@user.attribute`; the connection's own if absent.
    pub role: Option<String>,
    /// Further settings for policies, by name: `@tenant`, `@user.id`, `@user.attribute`, `@claims` (all of it as JSON) or
    /// a text. `inlay.user`, `inlay.tenant`, `inlay.roles` and `inlay.claims` are always set.
    pub settings: BTreeMap<String, String>,
    /// A pooler in transaction mode stands between: no statement is prepared beforehand.
    pub pooler: bool,
    /// Address of the database itself where `url` is a pooler's: LISTEN needs a session of its own.
    pub listen: Option<String>,
    /// Each statement carries a comment that says who asks for what; without, only each transaction's first does. It makes
    /// every statement a new one to the database, which then plans it anew. Behind a pooler that is so anyway.
    pub comments: bool,
    /// Policies do not bind a superuser; to connect as one must be meant.
    pub allow_superuser: bool,
    pub connections: u32,
    pub statement_timeout_ms: u32,
}

/// One PostgreSQL database.
#[derive(Debug)]
pub struct Postgres {
    pool: PgPool,
    config: PostgresConfig,
    /// Tells one's own notices from those of other servers.
    server: String,
    told: Arc<Told>,
    teller: Mutex<Option<Teller>>,
}

impl Postgres {
    /// Connects, and brings Inlay's own tables up to date.
    ///
    /// # Errors
    /// If the database can't be reached, or was written by a newer Inlay.
    pub async fn open(config: PostgresConfig) -> Result<Arc<Self>, WarehouseError> {
        let options = PgConnectOptions::from_str(&config.url).map_err(failed)?.disable_statement_logging();
        let capacity = if config.pooler { 0 } else { 256 };
        let options = options.application_name("inlay").statement_cache_capacity(capacity);
        let pool = PgPoolOptions::new().max_connections(config.connections).acquire_timeout(Duration::from_secs(10));
        // One that was lost is noticed by its first statement, which then goes over another.
        let pool = pool.test_before_acquire(false);
        let pool = pool.connect_with(options).await.map_err(failed)?;
        let bypasses = "select current_user::text from pg_roles where rolname = current_user and (rolsuper or rolbypassrls)";
        if let Some(row) = pool.fetch_optional(bypasses).await.map_err(failed)?
            && !config.allow_superuser
        {
            let role: String = row.get(0);
            return Err(WarehouseError::Failed(format!(
                "`{role}` is a superuser or bypasses row security, so no policy would bind anybody; connect as an ordinary role, or say `allow_superuser = true`"
            )));
        }
        // Unique among servers that run: the database hands it out.
        let row = pool.fetch_one("select gen_random_uuid()::text").await.map_err(failed)?;
        let server: String = row.get(0);
        let told = Arc::new(Told::default());
        let teller = Mutex::new(Some(Teller::new(pool.clone(), server.clone(), told.clone(), !config.pooler)));
        let warehouse = Self { pool, config, server, told, teller };
        warehouse.migrate().await?;
        Ok(Arc::new(warehouse))
    }

    /// Servers that start together wait for each other here.
    async fn migrate(&self) -> Result<(), WarehouseError> {
        let mut transaction = self.pool.begin().await.map_err(failed)?;
        transaction.execute("select pg_advisory_xact_lock(hashtextextended('inlay.migration', 0))").await.map_err(failed)?;
        let known = transaction.fetch_one("select to_regclass('inlay.migration') is not null").await.map_err(failed)?;
        if !known.get::<bool, _>(0) {
            let first = "create schema if not exists inlay; create table inlay.migration (version bigint not null)";
            transaction.execute(sqlx::raw_sql(first)).await.map_err(failed)?;
        }
        // A column that is not there yet is none of the row's.
        let state = "select coalesce(max(version), 0), coalesce(max((to_jsonb(m) ->> 'oldest')::bigint), 0) from inlay.migration m";
        let row = transaction.fetch_one(state).await.map_err(failed)?;
        let [version, oldest] = [0, 1].map(|i| usize::try_from(row.get::<i64, _>(i)).unwrap_or(0));
        if oldest > schema::OWN.len() {
            return Err(WarehouseError::Failed(format!("this database was written by a newer Inlay (its version is {version})")));
        }
        for (i, migration) in schema::OWN.iter().enumerate().skip(version) {
            transaction.execute(sqlx::raw_sql(*migration)).await.map_err(failed)?;
            let done = format!("insert into inlay.migration (version) values ({})", i + 1);
            transaction.execute(AssertSqlSafe(done).into_sql_str()).await.map_err(failed)?;
        }
        if version < schema::OWN.len() {
            let oldest = format!("update inlay.migration set oldest = {} where version = {}", schema::OLDEST, schema::OWN.len());
            transaction.execute(AssertSqlSafe(oldest).into_sql_str()).await.map_err(failed)?;
        }
        for grant in self.grants("grant usage on schema inlay to", "grant select, insert on inlay.edit_log, inlay.batch to") {
            transaction.execute(AssertSqlSafe(grant).into_sql_str()).await.map_err(failed)?;
        }
        transaction.commit().await.map_err(failed)
    }

    /// What people's role needs in our own schema; roles that differ by person are granted by an admin.
    fn grants(&self, first: &str, second: &str) -> Vec<String> {
        let named = self.config.role.as_ref().filter(|role| !role.starts_with('@'));
        named.map(|role| [first, second].map(|grant| format!("{grant} {}", quote(role))).to_vec()).unwrap_or_default()
    }

    /// A statement ready to run; prepared beforehand unless a pooler would give it to another connection.
    fn query(&self, sql: &Sql, caller: Option<&Caller<'_>>) -> sqlx::query::Query<'static, sqlx::Postgres, PgArguments> {
        match caller.filter(|_| self.config.comments || self.config.pooler) {
            None => values::query(sql, !self.config.pooler),
            Some(caller) => {
                let mut commented = Sql::new(comment(caller) + " ");
                commented.append(sql.clone());
                values::query(&commented, false)
            }
        }
    }

    /// Asks as Inlay itself; over another connection if one was lost.
    async fn own_rows(&self, sql: &Sql) -> Result<Vec<PgRow>, WarehouseError> {
        let mut left = self.config.connections;
        loop {
            match self.query(sql, None).fetch_all(&self.pool).await {
                Err(sqlx::Error::Io(_)) if left > 0 => left -= 1,
                done => return done.map_err(failed),
            }
        }
    }

    /// Opens a transaction, the caller's if there is one, with `locks` held; over another connection if one was lost.
    async fn begin(
        &self,
        caller: Option<&Caller<'_>>,
        begin: &str,
        locks: &[String],
    ) -> Result<sqlx::Transaction<'static, sqlx::Postgres>, WarehouseError> {
        let text = caller.map_or_else(|| begin.to_owned(), |caller| format!("{begin} {}", comment(caller)));
        let mut left = self.config.connections;
        let mut transaction = loop {
            match self.pool.begin_with(AssertSqlSafe(text.clone()).into_sql_str()).await {
                Ok(transaction) => break transaction,
                Err(sqlx::Error::Io(_)) if left > 0 => left -= 1,
                Err(error) => return Err(failed(error)),
            }
        };
        if let Some(caller) = caller {
            let sql = self.config.become_person(caller, locks);
            self.query(&sql, Some(caller)).execute(&mut *transaction).await.map_err(failed)?;
        }
        Ok(transaction)
    }
}

impl Warehouse for Postgres {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { atomic_batch: true, compare_and_set: true, row_security: true, notify: true }
    }

    fn describe<'a>(&'a self, body: &'a Body) -> BoxFuture<'a, Result<Described, WarehouseError>> {
        async move {
            let mut connection = self.pool.acquire().await.map_err(failed)?;
            describe::describe(&mut connection, body).await
        }
        .boxed()
    }

    fn read<'a>(
        &'a self,
        caller: Option<&'a Caller<'a>>,
        sql: &'a Sql,
        types: &'a [ColumnType],
    ) -> BoxFuture<'a, Result<Rows, WarehouseError>> {
        async move {
            let Some(caller) = caller else {
                // One statement is a transaction of its own.
                let rows = self.own_rows(sql).await?;
                return rows.iter().map(|row| decode_row(row, types)).collect();
            };
            let mut open = self.begin(Some(caller), "begin read only", &[]).await?;
            let rows = self.query(sql, Some(caller)).fetch_all(&mut *open).await.map_err(failed)?;
            let rows = rows.iter().map(|row| decode_row(row, types)).collect();
            open.commit().await.map_err(failed)?;
            rows
        }
        .boxed()
    }

    fn ensure<'a>(&'a self, input: &'a Input) -> BoxFuture<'a, Result<(), WarehouseError>> {
        async move {
            if input.is_direct() {
                return Ok(());
            }
            let table = Dialect::Postgres.own(&input.table);
            let mut open = self.begin(None, "begin", &[]).await?;
            open.execute("select pg_advisory_xact_lock(hashtextextended('inlay.migration', 0))").await.map_err(failed)?;
            let mut sql = Sql::new(
                "select attname::text from pg_attribute where attnum > 0 and not attisdropped and attrelid = to_regclass(",
            );
            sql.bind(Value::Text(table.clone())).push(")");
            let existing = values::query(&sql, false).fetch_all(&mut *open).await.map_err(failed)?;
            let existing: Vec<String> = existing.iter().map(|row| row.get(0)).collect();
            let mut statements = Vec::new();
            if existing.is_empty() {
                statements = schema::create_table(input);
            } else if let Some((key, _)) = input.key.iter().find(|(key, _)| !existing.contains(key)) {
                return Err(WarehouseError::Failed(format!("the key of `{}` has changed: it now has `{key}`", input.name)));
            } else {
                for c in input.columns.iter().filter(|c| !existing.contains(&c.column.name)) {
                    let ty = schema::storage(&c.column.ty);
                    statements.push(format!("alter table {table} add column {} {ty}", quote(&c.column.name)));
                }
            }
            if let Some(view) = schema::joined_view(input) {
                let name = Dialect::Postgres.own(&format!("{}_joined", input.table));
                statements.extend([format!("drop view if exists {name}"), view]);
            }
            let of_log = "grant select, insert on inlay.edit_log to";
            statements.extend(self.grants(&format!("grant select, insert, update on {table} to"), of_log));
            for statement in statements {
                open.execute(sqlx::raw_sql(AssertSqlSafe(statement))).await.map_err(failed)?;
            }
            open.commit().await.map_err(failed)
        }
        .boxed()
    }

    fn apply(&self, batch: CompiledBatch) -> BoxFuture<'_, Result<BatchOutcome, WarehouseError>> {
        async move {
            let outcome = self.write(&batch).await?;
            if outcome.status != BatchStatus::Refused && !outcome.replayed {
                let teller = self.teller.lock().await;
                for (table, version) in outcome.versions() {
                    let (tenant, workbook) = (batch.stamp.tenant.clone(), batch.stamp.workbook.clone());
                    let notice = Notice::Changed { tenant, workbook, table: table.to_owned(), version };
                    teller.iter().for_each(|teller| teller.tell(notice.clone()));
                }
            }
            Ok(outcome)
        }
        .boxed()
    }

    fn control(&self, statements: Vec<Sql>) -> BoxFuture<'_, Result<u64, WarehouseError>> {
        async move {
            let mut open = self.begin(None, "begin", &[]).await?;
            let mut changed = 0;
            for sql in &statements {
                let done = self.query(sql, None).execute(&mut *open).await.map_err(failed)?;
                changed = done.rows_affected();
            }
            open.commit().await.map_err(failed)?;
            Ok(changed)
        }
        .boxed()
    }

    fn notices(&self) -> Option<mpsc::Receiver<Notice>> {
        let direct = if self.config.pooler { None } else { Some(&self.config.url) };
        let (sender, receiver) = mpsc::channel(1_024);
        if let Some(url) = self.config.listen.as_ref().or(direct) {
            tokio::spawn(notices::listen(url.clone(), self.server.clone(), self.told.clone(), sender.clone()));
        }
        tokio::spawn(notices::poll(self.pool.clone(), self.told.clone(), sender));
        Some(receiver)
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        async move {
            if let Some(teller) = self.teller.lock().await.take() {
                teller.end().await;
            }
            self.pool.close().await;
        }
        .boxed()
    }
}
