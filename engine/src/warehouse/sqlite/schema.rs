//! Inlay's own tables in SQLite, and the tables of input data. One idea per migration, numbered, never changed once shipped.

use model::ColumnType;

use crate::catalog::{Input, InputKind};
use crate::sql::{Dialect, quote};

/// Applied in order; `user_version` says how many have been.
pub(super) const OWN: &[&str] = &[
    // 1: the log of every edit, append-only by trigger, and what became of each batch.
    "create table inlay_edit_log (
        seq integer primary key autoincrement,
        batch_id text not null, edit_id integer not null, at text not null,
        issuer text not null, tenant text not null, user text not null, user_name text not null,
        workbook text not null, table_name text not null, row_key text not null,
        operation text not null, column_name text not null, old_value text, new_value text,
        row_version integer not null, origin text not null, reason text, request_id text not null,
        intent text not null default 'commit', scenario text not null default '', change_set text,
        actor_kind text not null default 'person', on_behalf_of text, definition_revision text not null
    ) strict;
    create index inlay_edit_log_cell on inlay_edit_log (tenant, workbook, table_name, row_key, column_name, seq);
    create trigger inlay_edit_log_no_update before update on inlay_edit_log
        begin select raise(abort, 'the edit log is append-only'); end;
    create trigger inlay_edit_log_no_delete before delete on inlay_edit_log
        begin select raise(abort, 'the edit log is append-only'); end;
    create table inlay_batch (
        scope text not null, batch_id text not null, content_hash text not null, at text not null, outcome text not null,
        primary key (scope, batch_id)
    ) strict, without rowid;",
    // 2: one-time tickets and sessions; sessions are kept by the hash of their token.
    "create table inlay_ticket (
        issuer text not null, jti text not null, expires_at integer not null, redeemed_at integer not null,
        primary key (issuer, jti)
    ) strict, without rowid;
    create table inlay_session (
        token_hash text primary key, issuer text not null, tenant text not null, user text not null,
        principal text not null, expires_at integer not null
    ) strict, without rowid;",
];

fn storage(ty: &ColumnType) -> &'static str {
    match ty {
        ColumnType::Integer | ColumnType::Decimal { .. } | ColumnType::Boolean => "integer",
        ColumnType::Float => "real",
        ColumnType::Text | ColumnType::Date | ColumnType::Timestamp | ColumnType::Choice { .. } => "text",
    }
}

/// The table of an input table; direct tables have none of their own.
pub(super) fn create_table(input: &Input) -> Option<String> {
    if input.is_direct() {
        return None;
    }
    let key: Vec<String> = input.key.iter().map(|(name, _)| quote(name)).collect();
    let mut columns = vec!["_tenant text not null".to_owned(), "_scenario text not null default ''".to_owned()];
    columns.extend(input.key.iter().map(|(name, ty)| format!("{} {} not null", quote(name), storage(ty))));
    columns.extend(input.columns.iter().map(|c| add_column(input, &c.column.name)).map(|(name, ty)| format!("{name} {ty}")));
    for system in ["_version integer", "_created_at text", "_created_by text", "_updated_at text", "_updated_by text"] {
        columns.push(format!("{system} not null"));
    }
    columns.push(format!("primary key (_tenant, _scenario, {})", key.join(", ")));
    Some(format!(
        "create table if not exists {} ({}) strict, without rowid",
        Dialect::Sqlite.own(&input.table),
        columns.join(", ")
    ))
}

/// Quoted name and storage class of one input column.
pub(super) fn add_column(input: &Input, name: &str) -> (String, &'static str) {
    let ty = input.column(name).map_or("text", |column| storage(&column.column.ty));
    (quote(name), ty)
}

/// `<table>_joined`: source and inputs together, decimals as decimal text, for people with a SQL client. It is not
/// bound to a person, so it carries the tenant as a column; grants on the file guard it.
pub(super) fn joined_view(input: &Input) -> Option<String> {
    let InputKind::Linked(source) = &input.kind else {
        return None;
    };
    let readable = |alias: &str, name: &str, ty: &ColumnType| {
        let column = format!("{alias}.{}", quote(name));
        match ty {
            ColumnType::Decimal { scale } if *scale > 0 => format!(
                "case when {column} is null then null else printf('%s%d.%0{scale}d', case when {column} < 0 then '-' else '' end, abs({column}) / {p}, abs({column}) % {p}) end as {n}",
                p = 10_i64.pow(*scale),
                n = quote(name)
            ),
            _ => format!("{column} as {}", quote(name)),
        }
    };
    let mut columns = vec!["i._tenant as _tenant".to_owned()];
    columns.extend(source.columns.iter().map(|c| readable("s", &c.name, &c.ty)));
    columns.extend(input.columns.iter().map(|c| readable("i", &c.column.name, &c.column.ty)));
    columns.extend(["_version", "_updated_at", "_updated_by"].map(|name| format!("i.{name} as {name}")));
    let from = match &source.body {
        crate::catalog::Body::Table(table) => quote(table),
        crate::catalog::Body::Sql(sql) => format!("({sql})"),
    };
    let on: Vec<String> = input.key.iter().map(|(name, _)| format!("i.{0} = s.{0}", quote(name))).collect();
    Some(format!(
        "create view {} as select {} from {from} s left join {} i on {}",
        Dialect::Sqlite.own(&format!("{}_joined", input.table)),
        columns.join(", "),
        Dialect::Sqlite.own(&input.table),
        on.join(" and ")
    ))
}
