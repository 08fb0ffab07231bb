//! Inlay's own tables in PostgreSQL, in the schema `inlay`, and the tables of input data. One idea per migration,
//! numbered, never changed once shipped.

use model::ColumnType;
use sqlx::postgres::PgConnection;
use sqlx::{Executor, Row};

use super::values::failed;
use crate::catalog::{Input, InputKind};
use crate::definition::Change;
use crate::expr::{column, postgres_type};
use crate::sql::{Dialect, quote};
use crate::warehouse::WarehouseError;

/// Applied in order; `inlay.migration` says how many have been.
const OWN: &[&str] = &[
    // 1: the log of every edit, append-only by trigger, one tenant's rows for that tenant alone; and what became of each batch.
    "create table inlay.edit_log (
        seq bigint generated always as identity primary key,
        batch_id text not null, edit_id bigint not null, at timestamptz not null,
        issuer text not null, tenant text not null, \"user\" text not null, user_name text not null,
        workbook text not null, table_name text not null, row_key text not null,
        operation text not null, column_name text not null, old_value text, new_value text,
        row_version bigint not null, origin text not null, reason text, request_id text not null,
        intent text not null default 'commit', scenario text not null default '', change_set text,
        actor_kind text not null default 'person', on_behalf_of text, definition_revision text not null
    );
    create index edit_log_cell on inlay.edit_log (tenant, workbook, table_name, row_key, column_name, seq);
    create function inlay.append_only() returns trigger language plpgsql as
        $$ begin raise exception 'the edit log is append-only'; end $$;
    create trigger edit_log_append_only before update or delete or truncate on inlay.edit_log
        for each statement execute function inlay.append_only();
    alter table inlay.edit_log enable row level security;
    alter table inlay.edit_log force row level security;
    create policy tenant on inlay.edit_log using (tenant = nullif(current_setting('inlay.tenant', true), ''))
        with check (tenant = nullif(current_setting('inlay.tenant', true), ''));
    create table inlay.batch (
        scope text not null, batch_id text not null, content_hash text not null, at timestamptz not null, outcome text not null,
        primary key (scope, batch_id)
    );",
    // 2: one-time tickets and sessions; sessions are kept by the hash of their token.
    "create table inlay.ticket (
        issuer text not null, jti text not null, expires_at bigint not null, redeemed_at bigint not null,
        primary key (issuer, jti)
    );
    create table inlay.session (
        token_hash text primary key, issuer text not null, tenant text not null, \"user\" text not null,
        principal text not null, expires_at bigint not null
    );",
    // 3: when each migration was made, and the oldest server (by how many migrations it knows) that can go on beside it.
    "alter table inlay.migration add column at timestamptz not null default now(), add column oldest bigint not null default 0;",
    // 4: a batch is its tenant's too; the scope is issuer, tenant and user.
    "alter table inlay.batch enable row level security;
    alter table inlay.batch force row level security;
    create policy tenant on inlay.batch using ((scope::jsonb ->> 1) = nullif(current_setting('inlay.tenant', true), ''))
        with check ((scope::jsonb ->> 1) = nullif(current_setting('inlay.tenant', true), ''));",
    // 5: the order in which transactions end, for a cursor over the log. Whoever listens reads names and versions of every
    // tenant; no statement of a person's says that it listens.
    "alter table inlay.edit_log add column transaction_id xid8 not null default pg_current_xact_id();
    create index edit_log_transaction on inlay.edit_log (transaction_id);
    create policy listener on inlay.edit_log for select using (current_setting('inlay.listens', true) = 'on');",
    // 6: the log of every change of a definition.
    "create table inlay.definition_log (
        seq bigint generated always as identity primary key, at timestamptz not null, by text not null, workbook text not null,
        table_name text not null, change text not null, column_name text, was text, type text, scale bigint
    );
    create trigger definition_log_append_only before update or delete or truncate on inlay.definition_log
        for each statement execute function inlay.append_only();",
    // 7: changes of watched tables by others than Inlay. The trigger on such a table writes here as our owner; what is older
    // than a day has been heard by every server that runs.
    "create table inlay.touched (
        seq bigint generated always as identity primary key, at timestamptz not null default now(), table_name text not null,
        transaction_id xid8 not null default pg_current_xact_id()
    );
    create index touched_transaction on inlay.touched (transaction_id);
    create index touched_at on inlay.touched (at);
    create function inlay.touch() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
        declare n bigint; name text := tg_table_schema || '.' || tg_table_name;
        begin
            -- An edit through Inlay is told by Inlay.
            if nullif(current_setting('inlay.user', true), '') is null then
                insert into inlay.touched (table_name) values (name) returning seq into n;
                perform pg_notify('inlay', json_build_array('', json_build_object('Touched', json_build_object('table', name, 'versions', json_build_array(n))))::text);
                delete from inlay.touched where seq in
                    (select seq from inlay.touched where at < now() - interval '1 day' order by seq limit 100 for update skip locked);
            end if;
            return null;
        end $$;
    revoke all on function inlay.touch() from public;",
    // 8: how people have arranged tables.
    "create table inlay.table_view (
        issuer text not null, tenant text not null, \"user\" text not null, workbook text not null, element text not null,
        name text not null, shape text not null, primary key (issuer, tenant, \"user\", workbook, element, name)
    );",
    // 9: who has been here, and what people say to each other about rows. The first comment of a thread has the thread's
    // id, and says who has settled it.
    "create table inlay.person (
        issuer text not null, tenant text not null, \"user\" text not null, name text not null, workbooks text not null,
        primary key (issuer, tenant, \"user\")
    );
    create table inlay.comment (
        tenant text not null, id text not null, at timestamptz not null, issuer text not null, \"user\" text not null,
        user_name text not null, workbook text not null, table_name text not null, row_key text not null, thread text not null,
        body text, mentions text not null, resolved_by text, resolved_at timestamptz, primary key (tenant, id)
    );
    create index comment_row on inlay.comment (tenant, workbook, table_name, row_key, at);",
    // 10: what people have begun to fill into forms; the time is in seconds.
    "create table inlay.form_draft (
        issuer text not null, tenant text not null, \"user\" text not null, workbook text not null, element text not null,
        draft text not null, expires_at bigint not null, primary key (issuer, tenant, \"user\", workbook, element)
    );",
    // 11: files that people attach to rows; the time is in seconds, the content in Base64, if it is not kept elsewhere. One
    // without a row was never filed.
    "create table inlay.file (
        id text primary key, issuer text not null, tenant text not null, \"user\" text not null, workbook text not null,
        table_name text not null, column_name text not null, name text not null, media text not null, size bigint not null,
        sha256 text not null, at bigint not null, row_key text, content text
    );
    create index file_unfiled on inlay.file (at) where row_key is null;",
    // 12: parts of files that people load into tables, until they are loaded; and where the columns of such files went last.
    "create table inlay.upload (
        id text not null, part bigint not null, issuer text not null, tenant text not null, \"user\" text not null,
        workbook text not null, table_name text not null, size bigint not null, at bigint not null, content text,
        primary key (id, part)
    );
    create index upload_at on inlay.upload (at);
    create table inlay.import_mapping (
        issuer text not null, tenant text not null, \"user\" text not null, workbook text not null, table_name text not null,
        mapping text not null, primary key (issuer, tenant, \"user\", workbook, table_name)
    );",
];

/// The statements that tell of every change of a table of the team's.
pub(super) fn watch(table: &str) -> String {
    format!(
        "create trigger inlay_watch after insert or update or delete or truncate on {table} for each statement execute function inlay.touch()"
    )
}

/// Whoever makes tables waits here for whoever else does.
pub(super) const LOCK: &str = "select pg_advisory_xact_lock(hashtextextended('inlay.migration', 0))";

/// The oldest server that can go on beside this one's schema, by how many migrations it knows.
const OLDEST: usize = 2;

/// The type of a column of input data.
fn storage(ty: &ColumnType) -> String {
    match ty {
        // As wide as what validation lets through.
        ColumnType::Decimal { scale } => format!("numeric({}, {scale})", 18 + scale),
        ty => postgres_type(ty).to_owned(),
    }
}

/// How many migrations have been made, and how many a server must know to go on beside them.
pub(super) async fn state(connection: &mut PgConnection) -> Result<(usize, usize), WarehouseError> {
    let known = connection.fetch_one("select to_regclass('inlay.migration') is not null").await.map_err(failed)?;
    if !known.get::<bool, _>(0) {
        return Ok((0, 0));
    }
    // A column that is not there yet is none of the row's.
    let state = "select coalesce(max(version), 0), coalesce(max((to_jsonb(m) ->> 'oldest')::bigint), 0) from inlay.migration m";
    let row = connection.fetch_one(state).await.map_err(failed)?;
    let [version, oldest] = [0, 1].map(|i| usize::try_from(row.get::<i64, _>(i)).unwrap_or(0));
    Ok((version, oldest))
}

/// The statements that bring `state` up to this server.
///
/// # Errors
/// If it is a newer server's.
pub(super) fn missing((version, oldest): (usize, usize)) -> Result<Vec<String>, WarehouseError> {
    if oldest > OWN.len() {
        return Err(WarehouseError::Failed(format!("this database was written by a newer Inlay (its version is {version})")));
    }
    let first = (version == 0).then(|| "create table inlay.migration (version bigint not null)".to_owned());
    let mut statements: Vec<String> = first.into_iter().collect();
    for (i, migration) in OWN.iter().enumerate().skip(version) {
        statements.push(format!("{migration}\ninsert into inlay.migration (version) values ({});", i + 1));
    }
    if version < OWN.len() {
        statements.push(format!("update inlay.migration set oldest = {OLDEST} where version = {}", OWN.len()));
    }
    Ok(statements)
}

/// The statements that make `changes`, in order.
pub(super) fn definition(input: &Input, changes: &[Change]) -> Vec<String> {
    let table = Dialect::Postgres.own(&input.table);
    // A column that a view reads can't be changed; the view is made last.
    let mut statements = vec![format!("drop view if exists {}", joined(input))];
    for change in changes {
        match change {
            Change::Create => statements.extend(create_table(input)),
            Change::Add { column, ty } => {
                statements.push(format!("alter table {table} add column {} {}", quote(column), storage(ty)));
            }
            Change::Rename { from, to } => {
                statements.push(format!("alter table {table} rename column {} to {}", quote(from), quote(to)));
            }
            Change::Widen { column, to, .. } => {
                let (column, ty) = (quote(column), storage(to));
                statements.push(format!("alter table {table} alter column {column} type {ty} using {column}::{ty}"));
            }
            Change::Hide { .. } | Change::Show { .. } | Change::View => {}
        }
    }
    statements.extend(joined_view(input));
    statements
}

/// The type of ours behind a column of input data.
pub(super) fn stored(native: &str) -> Option<ColumnType> {
    let scale = native.strip_prefix("numeric(").and_then(|rest| rest.strip_suffix(')')?.split(',').nth(1)?.parse().ok());
    Some(match native {
        "text" => ColumnType::Text,
        "bigint" => ColumnType::Integer,
        "double precision" => ColumnType::Float,
        "boolean" => ColumnType::Boolean,
        "date" => ColumnType::Date,
        "timestamp without time zone" => ColumnType::Timestamp,
        _ => ColumnType::Decimal { scale: scale? },
    })
}

fn joined(input: &Input) -> String {
    Dialect::Postgres.own(&format!("{}_joined", input.table))
}

/// The table of an input table, with the tenant's policy; direct tables have none of their own.
fn create_table(input: &Input) -> Vec<String> {
    let table = Dialect::Postgres.own(&input.table);
    let key: Vec<String> = input.key.iter().map(|(name, _)| quote(name)).collect();
    let mut columns = vec!["_tenant text not null".to_owned(), "_scenario text not null default ''".to_owned()];
    columns.extend(input.key.iter().map(|(name, ty)| format!("{} {} not null", quote(name), storage(ty))));
    columns.extend(input.columns.iter().map(|c| format!("{} {}", quote(&c.column.name), storage(&c.column.ty))));
    columns.push("_version bigint not null".into());
    for (at, by) in [("_created_at", "_created_by"), ("_updated_at", "_updated_by")] {
        columns.extend([format!("{at} timestamp not null"), format!("{by} text not null")]);
    }
    columns.push(format!("primary key (_tenant, _scenario, {})", key.join(", ")));
    let tenant = "_tenant = nullif(current_setting('inlay.tenant', true), '')";
    vec![
        format!("create table {table} ({})", columns.join(", ")),
        format!("alter table {table} enable row level security"),
        format!("alter table {table} force row level security"),
        format!("create policy tenant on {table} using ({tenant}) with check ({tenant})"),
    ]
}

/// `<table>_joined`: source and inputs together, for people with a SQL client. It asks with the rights of whoever reads
/// it, so that the source's own policies and the tenant's bind there too.
fn joined_view(input: &Input) -> Option<String> {
    let InputKind::Linked(source) = &input.kind else {
        return None;
    };
    let of_source = |c: &crate::catalog::Column| {
        format!("{} as {}", column(Dialect::Postgres, "s", &c.name, &c.ty, source.natives.get(&c.name)), quote(&c.name))
    };
    let mut columns = vec!["i._tenant as _tenant".to_owned()];
    columns.extend(source.columns.iter().map(of_source));
    columns.extend(input.columns.iter().map(|c| format!("i.{0} as {0}", quote(&c.column.name))));
    columns.extend(["_version", "_updated_at", "_updated_by"].map(|name| format!("i.{name} as {name}")));
    let from = source.body.relation(Dialect::Postgres);
    let on = |(name, ty): &(String, ColumnType)| {
        format!("i.{} = {}", quote(name), column(Dialect::Postgres, "s", name, ty, source.natives.get(name)))
    };
    Some(format!(
        "create view {} with (security_invoker = true) as select {} from {from} s left join {} i on {}",
        joined(input),
        columns.join(", "),
        Dialect::Postgres.own(&input.table),
        input.key.iter().map(on).collect::<Vec<_>>().join(" and ")
    ))
}
