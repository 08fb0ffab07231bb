//! PostgreSQL: every read and every batch in a transaction of its own, as the role and with the settings that the team's
//! own row policies look at; nothing of a person outlives his transaction, so a pooler may stand between.

mod access;
mod describe;
mod ended;
mod notices;
mod person;
mod schema;
mod values;
mod write;

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::BoxFuture;
use model::{BatchOutcome, ColumnType, ImportOutcome, Principal};
use serde_json::json;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPool, PgPoolOptions, PgRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, Row, SqlSafeStr, Transaction};
use tokio::sync::{Mutex, mpsc};

use crate::catalog::{Body, Input};
use crate::definition::{self, Change, Known};
use crate::sql::{Dialect, Sql, quote};
use crate::warehouse::{Answered, Caller, Described, LoadJob, Notice, Rows, Warehouse, WarehouseError, definition_log};
use crate::writeback::CompiledBatch;
pub use access::Need;
use notices::{Teller, Told};
use person::{Locks, comment};
use values::{decode_row, failed, no_role, was_lost};

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
    /// Policies look at nothing of a person but his tenant, `role` and `settings`: who has these alike may share an answer.
    pub share_reads: bool,
    /// Policies do not bind a superuser; to connect as one must be meant.
    pub allow_superuser: bool,
    pub access: Access,
    pub connections: u32,
    pub statement_timeout_ms: u32,
}

/// Whose Inlay's own tables are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// An owner's who can't log in; this connection has what was granted to it (`inlay write-access`).
    Granted,
    /// This connection's: it makes and changes them by itself, and could take their policies away.
    Own,
    /// An admin's, who makes and changes them for that owner. Nothing is served over it.
    Admin,
}

/// One PostgreSQL database.
#[derive(Debug)]
pub struct Postgres {
    pool: PgPool,
    config: PostgresConfig,
    /// The role that the connection logs in as.
    user: String,
    /// Tells one's own notices from those of other servers.
    server: String,
    told: Arc<Told>,
    teller: Mutex<Option<Teller>>,
}

impl Postgres {
    /// Connects, and sees to it that Inlay's own tables are up to date.
    ///
    /// # Errors
    /// If the database can't be reached, was written by a newer Inlay, or lacks what `inlay write-access` grants.
    pub async fn open(config: PostgresConfig) -> Result<Arc<Self>, WarehouseError> {
        let access = config.access;
        let warehouse = Self::connect(config).await?;
        match access {
            Access::Own => warehouse.migrate().await?,
            Access::Granted => warehouse.check().await?,
            Access::Admin => {}
        }
        Ok(Arc::new(warehouse))
    }

    async fn connect(config: PostgresConfig) -> Result<Self, WarehouseError> {
        let options = PgConnectOptions::from_str(&config.url).map_err(failed)?.disable_statement_logging();
        let capacity = if config.pooler { 0 } else { 256 };
        let mut options = options.application_name("inlay").statement_cache_capacity(capacity);
        if !config.pooler && config.access != Access::Admin {
            options = options.options(config.limits());
        }
        let pool = PgPoolOptions::new().max_connections(config.connections).acquire_timeout(Duration::from_secs(10));
        // One that was lost is noticed by its first statement, which then goes over another.
        let pool = pool.test_before_acquire(false);
        let pool = pool.connect_with(options).await.map_err(failed)?;
        let bypasses = "select current_user::text from pg_roles where rolname = current_user and (rolsuper or rolbypassrls)";
        if let Some(row) = pool.fetch_optional(bypasses).await.map_err(failed)?
            && !config.allow_superuser
            && config.access != Access::Admin
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
        let user = config.user()?;
        Ok(Self { pool, config, user, server, told, teller })
    }

    /// Servers that start together wait for each other here.
    async fn migrate(&self) -> Result<(), WarehouseError> {
        let mut open = self.pool.begin().await.map_err(failed)?;
        open.execute(schema::LOCK).await.map_err(failed)?;
        let there = open.fetch_one("select to_regnamespace('inlay') is not null").await.map_err(failed)?;
        if !there.get::<bool, _>(0) {
            open.execute("create schema inlay").await.map_err(failed)?;
        }
        for migration in schema::missing(schema::state(&mut open).await?)? {
            open.execute(sqlx::raw_sql(AssertSqlSafe(migration))).await.map_err(failed)?;
        }
        if let Some(role) = self.config.fixed_role() {
            let grants = ["grant usage on schema inlay to", "grant select, insert on inlay.edit_log, inlay.batch to"];
            for grant in grants.map(|grant| format!("{grant} {}", quote(role))) {
                open.execute(AssertSqlSafe(grant).into_sql_str()).await.map_err(failed)?;
            }
        }
        open.commit().await.map_err(failed)
    }

    /// That somebody has made Inlay's own tables, that they are up to date, and that they are not this connection's.
    async fn check(&self) -> Result<(), WarehouseError> {
        let row = self.pool.fetch_one("select pg_has_role(nspowner, 'member') from pg_namespace where nspname = 'inlay'").await;
        let owned: bool = match row {
            Ok(row) => row.get(0),
            Err(sqlx::Error::RowNotFound) => {
                let text = "Inlay's tables are not there yet: `inlay write-access plan` shows what an admin has to run, `inlay write-access apply` \
                            runs it; or say `allow_owner = true`, and Inlay makes and owns them by itself";
                return Err(WarehouseError::Failed(text.into()));
            }
            Err(error) => return Err(failed(error)),
        };
        if owned {
            let text = "this connection owns Inlay's tables, so it could take their policies away; `inlay write-access apply` gives them to an \
                        owner who can't log in, or say `allow_owner = true`";
            return Err(WarehouseError::Failed(text.into()));
        }
        let mut open = self.pool.begin().await.map_err(failed)?;
        if !schema::missing(schema::state(&mut open).await?)?.is_empty() {
            return Err(WarehouseError::Failed(
                "Inlay's tables are older than this server: run `inlay write-access apply`".into(),
            ));
        }
        if let Some(role) = self.config.fixed_role() {
            let taken = open.execute(AssertSqlSafe(format!("set local role {}", quote(role))).into_sql_str()).await;
            let said =
                |error| format!("no statement can run as `{role}`: {error}; `inlay write-access verify` says what is missing");
            taken.map_err(|error| WarehouseError::Failed(said(error)))?;
        }
        open.rollback().await.map_err(failed)
    }

    /// What people's role needs on an input table that this connection owns; roles that differ by person are granted by
    /// an admin.
    fn grant(&self, input: &Input) -> Option<String> {
        let (table, role) = (Dialect::Postgres.own(&input.table), self.config.fixed_role()?);
        Some(format!("grant select, insert, update on {table} to {}", quote(role)))
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
        if self.config.pooler {
            // A statement is parsed and run in two steps, and only a transaction keeps both on one connection.
            let mut open = self.begin("begin read only").await?;
            let rows = self.query(sql, None).fetch_all(&mut *open).await.map_err(failed)?;
            open.commit().await.map_err(failed)?;
            return Ok(rows);
        }
        let mut left = self.config.connections;
        loop {
            match self.query(sql, None).fetch_all(&self.pool).await {
                Err(error) if left > 0 && was_lost(&error) => left -= 1,
                done => return done.map_err(failed),
            }
        }
    }

    /// Opens a transaction of Inlay's own; over another connection if one was lost.
    async fn begin(&self, begin: &str) -> Result<Transaction<'static, sqlx::Postgres>, WarehouseError> {
        let mut left = self.config.connections;
        loop {
            let (pool, text) = (self.pool.clone(), AssertSqlSafe(begin.to_owned()).into_sql_str());
            // To its end, even if nobody waits any more: a BEGIN on its way is not yet known to be one to roll back, and the
            // connection would go to the next person with a transaction open.
            let begun = tokio::spawn(async move { pool.begin_with(text).await }).await;
            match begun.map_err(|error| WarehouseError::Failed(error.to_string()))? {
                Ok(transaction) => return Ok(transaction),
                Err(error) if left > 0 && was_lost(&error) => left -= 1,
                Err(error) => return Err(failed(error)),
            }
        }
    }

    /// Opens a transaction of the caller's, with `locks` held; the number is that of the process that runs it.
    async fn begin_as(
        &self,
        caller: &Caller<'_>,
        begin: &str,
        locks: Option<&Locks>,
    ) -> Result<(Transaction<'static, sqlx::Postgres>, i32), WarehouseError> {
        let mut open = self.begin(&format!("{begin} {}", comment(caller))).await?;
        let sql = self.config.become_person(&self.user, caller, locks);
        let row = self.query(&sql, Some(caller)).fetch_one(&mut *open).await.map_err(no_role)?;
        Ok((open, row.get("pid")))
    }
}

impl Warehouse for Postgres {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn seen_of(&self, principal: &Principal) -> Option<String> {
        Some(if self.config.share_reads { self.config.alike(principal) } else { json!(principal).to_string() })
    }

    fn describe<'a>(&'a self, body: &'a Body) -> BoxFuture<'a, Result<Described, WarehouseError>> {
        async move {
            let mut open = self.begin("begin read only").await?;
            describe::describe(&mut open, body, self.config.pooler).await
        }
        .boxed()
    }

    fn ask<'a>(
        &'a self,
        caller: Option<&'a Caller<'a>>,
        sql: &'a Sql,
        types: &'a [ColumnType],
    ) -> BoxFuture<'a, Result<Answered, WarehouseError>> {
        async move {
            let begun = Instant::now();
            let decoded = |rows: Vec<PgRow>| rows.iter().map(|row| decode_row(row, types)).collect::<Result<Rows, _>>();
            let Some(caller) = caller else {
                // One statement is a transaction of its own.
                let rows = decoded(self.own_rows(sql).await?)?;
                return Ok(Answered { rows, waited: Duration::ZERO, ran: begun.elapsed() });
            };
            let (open, process) = self.begin_as(caller, "begin read only", None).await?;
            let waited = begun.elapsed();
            let rows = ended::rows(open, process, self.query(sql, Some(caller)), &self.pool).await?;
            let ran = begun.elapsed() - waited;
            Ok(Answered { rows: decoded(rows)?, waited, ran })
        }
        .boxed()
    }

    fn explain<'a>(&'a self, caller: &'a Caller<'a>, table: &'a str) -> BoxFuture<'a, Result<Vec<String>, WarehouseError>> {
        async move {
            let (mut open, _) = self.begin_as(caller, "begin read only", None).await?;
            describe::explain(&mut open, table).await
        }
        .boxed()
    }

    fn known<'a>(&'a self, input: &'a Input) -> BoxFuture<'a, Result<Option<Known>, WarehouseError>> {
        async move {
            let mut open = self.begin("begin read only").await?;
            describe::known(&mut open, input).await
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
            let mut open = self.begin("begin").await?;
            open.execute(schema::LOCK).await.map_err(failed)?;
            let left = definition::changes(input, describe::known(&mut open, input).await?.as_ref());
            if left.map_err(WarehouseError::Failed)? != changes {
                // A server that started with this one has waited less, and made them.
                return Ok(());
            }
            for statement in self.definition(input, changes).into_iter().chain(self.grant(input)) {
                open.execute(sqlx::raw_sql(AssertSqlSafe(statement))).await.map_err(failed)?;
            }
            for row in definition_log(Dialect::Postgres, workbook, input, changes, by) {
                values::query(&row, false).execute(&mut *open).await.map_err(failed)?;
            }
            open.commit().await.map_err(failed)
        }
        .boxed()
    }

    fn may_define(&self) -> bool {
        self.config.access == Access::Own
    }

    fn apply(&self, batch: CompiledBatch) -> BoxFuture<'_, Result<BatchOutcome, WarehouseError>> {
        async move {
            let outcome = self.write(&batch).await?;
            if outcome.status.is_written() && !outcome.replayed {
                let teller = self.teller.lock().await;
                for (table, version) in outcome.versions() {
                    let (tenant, workbook) = (batch.stamp.tenant.clone(), batch.stamp.workbook.clone());
                    let notice = Notice::Changed { tenant, workbook, table: table.to_owned(), versions: vec![version] };
                    teller.iter().for_each(|teller| teller.tell(notice.clone()));
                }
            }
            Ok(outcome)
        }
        .boxed()
    }

    fn load(&self, job: LoadJob) -> BoxFuture<'_, Result<ImportOutcome, WarehouseError>> {
        async move {
            let (tenant, workbook) = (job.load.stamp.tenant.clone(), job.load.stamp.workbook.clone());
            let table = job.load.table.clone();
            let outcome = self.write_load(job).await?;
            if !outcome.trial && !outcome.replayed && outcome.changes_anything() {
                let notice = Notice::Changed { tenant, workbook, table, versions: vec![outcome.as_of] };
                self.teller.lock().await.iter().for_each(|teller| teller.tell(notice.clone()));
            }
            Ok(outcome)
        }
        .boxed()
    }

    fn control(&self, statements: Vec<Sql>) -> BoxFuture<'_, Result<u64, WarehouseError>> {
        async move {
            let mut open = self.begin("begin").await?;
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

    fn pass_on(&self, notice: Notice) -> BoxFuture<'_, ()> {
        async move {
            self.teller.lock().await.iter().for_each(|teller| teller.tell(notice.clone()));
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
