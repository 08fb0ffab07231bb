//! PostgreSQL: every read and every batch in a transaction of its own, as the role and with the settings that the team's
//! own row policies look at; nothing of a person outlives his transaction, so a pooler may stand between.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use model::{Attribute, BatchOutcome, BatchStatus, ColumnType, Principal, Raw, Value};
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgListener, PgPool, PgPoolOptions, PgTypeKind};
use sqlx::{AssertSqlSafe, Column, ConnectOptions, Executor, Row, SqlSafeStr, Statement, TypeInfo};
use tokio::sync::mpsc;

use super::postgres_values::{decode_row, failed, query};
use super::transaction::{self, Connection};
use super::{Capabilities, Described, DescribedColumn, Notice, Rows, Warehouse, WarehouseError, postgres_schema};
use crate::catalog::{Body, Input};
use crate::sql::{Dialect, Sql, quote};
use crate::writeback::CompiledBatch;

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
}

/// How often a batch that met a deadlock or a serialization failure is tried.
const TRIES: usize = 4;

const LISTEN_AGAIN: Duration = Duration::from_secs(2);

/// A person's lock is waited for no longer than this.
const LOCK_TIMEOUT_MS: u32 = 5_000;

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
        let server = row.get(0);
        let warehouse = Self { pool, config, server };
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
        let row = transaction.fetch_one("select coalesce(max(version), 0) from inlay.migration").await.map_err(failed)?;
        let version = usize::try_from(row.get::<i64, _>(0)).unwrap_or(0);
        if version > postgres_schema::OWN.len() {
            return Err(WarehouseError::Failed(format!("this database was written by a newer Inlay (its version is {version})")));
        }
        for (i, migration) in postgres_schema::OWN.iter().enumerate().skip(version) {
            transaction.execute(sqlx::raw_sql(*migration)).await.map_err(failed)?;
            let done = format!("insert into inlay.migration values ({})", i + 1);
            transaction.execute(AssertSqlSafe(done).into_sql_str()).await.map_err(failed)?;
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

    /// One statement that makes the transaction the person's: role, settings, time limits.
    fn become_person(&self, who: &Principal) -> Sql {
        let text = |text: &str| Value::Text(text.to_owned());
        let mut settings = vec![
            ("inlay.user".to_owned(), text(&who.user)),
            ("inlay.tenant".to_owned(), text(&who.tenant)),
            ("inlay.roles".to_owned(), text(&json!(who.roles).to_string())),
            ("inlay.claims".to_owned(), text(&claims(who))),
            // What the database's own lists and logs of statements show; it cuts and cleans the name itself.
            ("application_name".to_owned(), text(&format!("inlay {}", who.user))),
            ("timezone".to_owned(), text("UTC")),
            ("lock_timeout".to_owned(), text(&LOCK_TIMEOUT_MS.to_string())),
            ("statement_timeout".to_owned(), text(&self.config.statement_timeout_ms.to_string())),
        ];
        settings.extend(self.config.settings.iter().map(|(name, value)| (name.clone(), text(&meant(value, who)))));
        // Last, so that what it may not set has been set.
        settings.extend(self.config.role.iter().map(|role| ("role".to_owned(), text(&meant(role, who)))));
        let mut sql = Sql::new("select ");
        sql.join(
            ", ",
            settings.into_iter().map(|(name, value)| {
                let mut one = Sql::new("set_config(");
                one.bind(Value::Text(name)).push(", ").bind(value).push(", true)");
                one
            }),
        );
        sql
    }

    /// A statement ready to run; prepared beforehand unless a pooler would give it to another connection.
    fn query(&self, sql: &Sql) -> sqlx::query::Query<'static, sqlx::Postgres, sqlx::postgres::PgArguments> {
        query(sql, !self.config.pooler)
    }

    async fn begin(
        &self,
        who: Option<&Principal>,
        begin: &'static str,
    ) -> Result<sqlx::Transaction<'static, sqlx::Postgres>, WarehouseError> {
        let mut transaction = self.pool.begin_with(begin).await.map_err(failed)?;
        if let Some(who) = who {
            self.query(&self.become_person(who)).execute(&mut *transaction).await.map_err(failed)?;
        }
        Ok(transaction)
    }

    async fn try_apply(&self, batch: &CompiledBatch) -> Result<BatchOutcome, WarehouseError> {
        let mut open = self.begin(Some(&batch.principal), "begin").await?;
        let mut connection = Open { connection: &mut open, persistent: !self.config.pooler };
        connection.lock(batch).await?;
        let outcome = transaction::apply(&mut connection, batch).await?;
        if outcome.status == BatchStatus::Refused || outcome.replayed {
            open.rollback().await.map_err(failed)?;
        } else {
            self.notify(&mut open, batch, &outcome).await?;
            open.commit().await.map_err(failed)?;
        }
        Ok(outcome)
    }

    /// Tells the other servers of each table once; they hear of it when the transaction commits, and only then.
    async fn notify(&self, open: &mut PgConnection, batch: &CompiledBatch, outcome: &BatchOutcome) -> Result<(), WarehouseError> {
        let stamp = &batch.stamp;
        let changed = |(table, version): (&str, i64)| {
            let (tenant, workbook, table) = (stamp.tenant.clone(), stamp.workbook.clone(), table.to_owned());
            Sql::from(Value::Text(json!([self.server, Notice::Changed { tenant, workbook, table, version }]).to_string()))
        };
        let mut sql = Sql::new("select pg_notify('inlay', notice) from (values (");
        sql.join("), (", outcome.versions().into_iter().map(changed)).push(")) as notices (notice)");
        self.query(&sql).execute(open).await.map_err(failed).map(drop)
    }
}

/// Listens until nobody wants to hear; a connection that was lost is made again, and what it missed is said.
async fn listen(url: String, server: String, heard: mpsc::Sender<Notice>) {
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
            // Lost; it is made again by the next call.
            Ok(None) => Notice::Missed,
            Err(error) => {
                tracing::warn!(%error, "other servers can't be heard");
                listener = None;
                Notice::Missed
            }
        };
        if heard.send(notice).await.is_err() {
            return;
        }
    }
}

async fn connect(url: &str) -> Result<PgListener, sqlx::Error> {
    let mut listener = PgListener::connect(url).await?;
    listener.listen("inlay").await?;
    Ok(listener)
}

/// What a configured value stands for; an attribute that is absent or no scalar is empty, which policies take for none.
fn meant(value: &str, who: &Principal) -> String {
    match value {
        "@tenant" => who.tenant.clone(),
        "@user.id" => who.user.clone(),
        "@claims" => claims(who),
        value => match value.strip_prefix("@user.") {
            None => value.to_owned(),
            Some(name) => match who.attributes.get(name) {
                Some(Attribute::One(Raw::String(text))) => text.clone(),
                Some(Attribute::One(raw @ (Raw::Number(_) | Raw::Bool(_)))) => raw.to_string(),
                Some(Attribute::Many(list)) => json!(list).to_string(),
                _ => String::new(),
            },
        },
    }
}

/// The person as policies of PostgREST's and Supabase's style read him.
fn claims(who: &Principal) -> String {
    json!({
        "iss": who.issuer, "sub": who.user, "name": who.name, "tenant": who.tenant, "roles": who.roles, "attrs": who.attributes,
    })
    .to_string()
}

/// An open transaction.
struct Open<'a> {
    connection: &'a mut PgConnection,
    persistent: bool,
}

impl Open<'_> {
    /// Takes a lock for the batch and for each of its rows, in one order for everybody, whether the row is there or not.
    async fn lock(&mut self, batch: &CompiledBatch) -> Result<(), WarehouseError> {
        let stamp = &batch.stamp;
        let row = |table: &str, key: &str| format!("{}\n{}\n{table}\n{key}", stamp.tenant, stamp.workbook);
        let mut names = vec![format!("batch\n{}\n{}", stamp.scope, stamp.batch_id)];
        names.extend(batch.edits.iter().map(|edit| row(&edit.table, &edit.row_key)));
        let mut sql = Sql::new(
            "select count(pg_advisory_xact_lock(h)) from (select distinct hashtextextended(name, 0) as h \
             from jsonb_array_elements_text(",
        );
        sql.bind(Value::Text(json!(names).to_string())).push("::jsonb) as name order by h) locks");
        query(&sql, self.persistent).execute(&mut *self.connection).await.map_err(failed).map(drop)
    }
}

impl Connection for Open<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn rows<'a>(&'a mut self, sql: &'a Sql, types: &'a [ColumnType]) -> BoxFuture<'a, Result<Rows, WarehouseError>> {
        async move {
            let rows = query(sql, self.persistent).fetch_all(&mut *self.connection).await.map_err(failed)?;
            rows.iter().map(|row| decode_row(row, types)).collect()
        }
        .boxed()
    }

    fn change<'a>(&'a mut self, sql: &'a Sql) -> BoxFuture<'a, Result<u64, WarehouseError>> {
        async move {
            let done = query(sql, self.persistent).execute(&mut *self.connection).await;
            done.map(|done| done.rows_affected()).map_err(failed)
        }
        .boxed()
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
            let text = match body {
                Body::Table(table) => format!("select * from {}", Dialect::Postgres.table(table)),
                Body::Sql(sql) => format!("select * from ({sql}) s"),
            };
            let statement = connection.prepare(AssertSqlSafe(text).into_sql_str()).await.map_err(failed)?;
            let columns = statement.columns().iter().map(described).collect::<Vec<_>>();
            drop(statement);
            let Body::Table(table) = body else {
                return Ok(Described { columns, unique: Vec::new() });
            };
            let name = Dialect::Postgres.table(table);
            let columns = with_scales(&mut connection, &name, columns).await?;
            Ok(Described { columns, unique: unique(&mut connection, &name).await? })
        }
        .boxed()
    }

    fn read<'a>(
        &'a self,
        who: Option<&'a Principal>,
        sql: &'a Sql,
        types: &'a [ColumnType],
    ) -> BoxFuture<'a, Result<Rows, WarehouseError>> {
        async move {
            let mut open = self.begin(who, "begin read only").await?;
            let rows = self.query(sql).fetch_all(&mut *open).await.map_err(failed)?;
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
            let mut open = self.begin(None, "begin").await?;
            open.execute("select pg_advisory_xact_lock(hashtextextended('inlay.migration', 0))").await.map_err(failed)?;
            let mut sql = Sql::new(
                "select attname::text from pg_attribute where attnum > 0 and not attisdropped and attrelid = to_regclass(",
            );
            sql.bind(Value::Text(table.clone())).push(")");
            let existing = query(&sql, false).fetch_all(&mut *open).await.map_err(failed)?;
            let existing: Vec<String> = existing.iter().map(|row| row.get(0)).collect();
            let mut statements = Vec::new();
            if existing.is_empty() {
                statements = postgres_schema::create_table(input);
            } else if let Some((key, _)) = input.key.iter().find(|(key, _)| !existing.contains(key)) {
                return Err(WarehouseError::Failed(format!("the key of `{}` has changed: it now has `{key}`", input.name)));
            } else {
                for c in input.columns.iter().filter(|c| !existing.contains(&c.column.name)) {
                    let ty = postgres_schema::storage(&c.column.ty);
                    statements.push(format!("alter table {table} add column {} {ty}", quote(&c.column.name)));
                }
            }
            if let Some(view) = postgres_schema::joined_view(input) {
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
            let mut tries = 1;
            loop {
                match self.try_apply(&batch).await {
                    Err(WarehouseError::Conflicted(text)) if tries < TRIES => {
                        tracing::info!(%text, tries, "a batch is tried again");
                        tokio::time::sleep(Duration::from_millis(5 << tries)).await;
                        tries += 1;
                    }
                    done => return done,
                }
            }
        }
        .boxed()
    }

    fn control(&self, statements: Vec<Sql>) -> BoxFuture<'_, Result<u64, WarehouseError>> {
        async move {
            let mut open = self.begin(None, "begin").await?;
            let mut changed = 0;
            for sql in &statements {
                let done = self.query(sql).execute(&mut *open).await.map_err(failed)?;
                changed = done.rows_affected();
            }
            open.commit().await.map_err(failed)?;
            Ok(changed)
        }
        .boxed()
    }

    fn notices(&self) -> Option<mpsc::Receiver<Notice>> {
        let direct = if self.config.pooler { None } else { Some(&self.config.url) };
        let url = self.config.listen.as_ref().or(direct)?.clone();
        let (sender, receiver) = mpsc::channel(1_024);
        tokio::spawn(listen(url, self.server.clone(), sender));
        Some(receiver)
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.pool.close().boxed()
    }
}

/// What a prepared statement tells of a column. A numeric's scale is not among it.
fn described(column: &sqlx::postgres::PgColumn) -> DescribedColumn {
    let info = column.type_info();
    let (ty, plain, native) = match (info.kind(), info.name()) {
        (PgTypeKind::Enum(labels), name) => {
            (Some(ColumnType::Choice { options: labels.iter().map(ToString::to_string).collect() }), false, native_name(name))
        }
        (_, "INT8") => (Some(ColumnType::Integer), true, "bigint".into()),
        (_, "INT4") => (Some(ColumnType::Integer), false, "integer".into()),
        (_, "INT2") => (Some(ColumnType::Integer), false, "smallint".into()),
        (_, "FLOAT8") => (Some(ColumnType::Float), true, "double precision".into()),
        (_, "FLOAT4") => (Some(ColumnType::Float), false, "real".into()),
        (_, "BOOL") => (Some(ColumnType::Boolean), true, "boolean".into()),
        (_, name @ ("TEXT" | "VARCHAR")) => (Some(ColumnType::Text), true, native_name(name)),
        (_, "DATE") => (Some(ColumnType::Date), true, "date".into()),
        (_, "TIMESTAMP") => (Some(ColumnType::Timestamp), true, "timestamp".into()),
        (_, "TIMESTAMPTZ") => (Some(ColumnType::Timestamp), false, "timestamp with time zone".into()),
        (_, "NUMERIC") => (None, false, "numeric".into()),
        // Shown as PostgreSQL writes it.
        (_, name) => (Some(ColumnType::Text), false, native_name(name)),
    };
    DescribedColumn { name: column.name().into(), ty, native: Some(native), plain }
}

/// A built-in type by its plain name; the name of one that a person made keeps its case.
fn native_name(name: &str) -> String {
    if name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_') {
        name.to_ascii_lowercase()
    } else {
        quote(name)
    }
}

/// The scales of a table's numerics, which only its definition knows.
async fn with_scales(
    connection: &mut PgConnection,
    table: &str,
    columns: Vec<DescribedColumn>,
) -> Result<Vec<DescribedColumn>, WarehouseError> {
    let mut sql = Sql::new(
        "select attname::text, ((atttypmod - 4) & 65535)::bigint from pg_attribute \
         where atttypid = 'numeric'::regtype and atttypmod > 0 and attnum > 0 and not attisdropped and attrelid = to_regclass(",
    );
    sql.bind(Value::Text(table.to_owned())).push(")");
    let rows = query(&sql, false).fetch_all(connection).await.map_err(failed)?;
    let scales: BTreeMap<String, i64> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let with_scale = |mut column: DescribedColumn| {
        if let Some(scale) = scales.get(&column.name).and_then(|scale| u32::try_from(*scale).ok()) {
            column.ty = Some(if scale == 0 { ColumnType::Integer } else { ColumnType::Decimal { scale } });
            column.plain = scale > 0;
        }
        column
    };
    Ok(columns.into_iter().map(with_scale).collect())
}

/// The columns of a table's unique indexes; a partial one or one over expressions says nothing of the columns.
async fn unique(connection: &mut PgConnection, table: &str) -> Result<Vec<Vec<String>>, WarehouseError> {
    let mut sql = Sql::new(
        "select array_agg(a.attname::text) from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey) \
         where i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null and i.indrelid = to_regclass(",
    );
    sql.bind(Value::Text(table.to_owned())).push(") group by i.indexrelid");
    let rows = query(&sql, false).fetch_all(connection).await.map_err(failed)?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
