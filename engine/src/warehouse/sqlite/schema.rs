//! Inlay's own tables in SQLite, and the tables of input data. One idea per migration, numbered, never changed once shipped.

use model::ColumnType;

use crate::catalog::{Input, InputKind};
use crate::definition::Change;
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
    // 3: the log of every change of a definition.
    "create table inlay_definition_log (
        seq integer primary key autoincrement, at text not null, by text not null, workbook text not null, table_name text not null,
        change text not null, column_name text, was text, type text, scale integer
    ) strict;
    create trigger inlay_definition_log_no_update before update on inlay_definition_log
        begin select raise(abort, 'the log of definitions is append-only'); end;
    create trigger inlay_definition_log_no_delete before delete on inlay_definition_log
        begin select raise(abort, 'the log of definitions is append-only'); end;",
    // 4: how people have arranged tables.
    "create table inlay_table_view (
        issuer text not null, tenant text not null, user text not null, workbook text not null, element text not null,
        name text not null, shape text not null, primary key (issuer, tenant, user, workbook, element, name)
    ) strict, without rowid;",
    // 5: who has been here, and what people say to each other about rows. The first comment of a thread has the thread's
    // id, and says who has settled it.
    "create table inlay_person (
        issuer text not null, tenant text not null, user text not null, name text not null, workbooks text not null,
        primary key (issuer, tenant, user)
    ) strict, without rowid;
    create table inlay_comment (
        tenant text not null, id text not null, at text not null, issuer text not null, user text not null, user_name text not null,
        workbook text not null, table_name text not null, row_key text not null, thread text not null, body text,
        mentions text not null, resolved_by text, resolved_at text, primary key (tenant, id)
    ) strict, without rowid;
    create index inlay_comment_row on inlay_comment (tenant, workbook, table_name, row_key, at);",
    // 6: what people have begun to fill into forms; the time is in seconds.
    "create table inlay_form_draft (
        issuer text not null, tenant text not null, user text not null, workbook text not null, element text not null,
        draft text not null, expires_at integer not null, primary key (issuer, tenant, user, workbook, element)
    ) strict, without rowid;",
    // 7: files that people attach to rows; the time is in seconds, the content in Base64, if it is not kept elsewhere. One
    // without a row was never filed.
    "create table inlay_file (
        id text primary key, issuer text not null, tenant text not null, user text not null, workbook text not null,
        table_name text not null, column_name text not null, name text not null, media text not null, size integer not null,
        sha256 text not null, at integer not null, row_key text, content text
    ) strict;
    create index inlay_file_unfiled on inlay_file (at) where row_key is null;",
    // 8: parts of files that people load into tables, until they are loaded; and where the columns of such files went last.
    "create table inlay_upload (
        id text not null, part integer not null, issuer text not null, tenant text not null, user text not null,
        workbook text not null, table_name text not null, size integer not null, at integer not null, content text,
        primary key (id, part)
    ) strict, without rowid;
    create index inlay_upload_at on inlay_upload (at);
    create table inlay_import_mapping (
        issuer text not null, tenant text not null, user text not null, workbook text not null, table_name text not null,
        mapping text not null, primary key (issuer, tenant, user, workbook, table_name)
    ) strict, without rowid;",
];

fn storage(ty: &ColumnType) -> &'static str {
    match ty {
        ColumnType::Integer | ColumnType::Decimal { .. } | ColumnType::Boolean => "integer",
        ColumnType::Float => "real",
        ColumnType::Text | ColumnType::Date | ColumnType::Timestamp | ColumnType::Choice { .. } | ColumnType::Choices { .. } => {
            "text"
        }
    }
}

/// The statements that make `changes`, in order.
pub(super) fn definition(input: &Input, changes: &[Change]) -> Vec<String> {
    let table = Dialect::Sqlite.own(&input.table);
    // A column that a view reads can't be changed; the view is made last.
    let mut statements = vec![format!("drop view if exists {}", joined(input))];
    for change in changes {
        match change {
            Change::Create => statements.push(create_table(input)),
            Change::Add { column, ty } => {
                statements.push(format!("alter table {table} add column {} {}", quote(column), storage(ty)));
            }
            Change::Rename { from, to } => {
                statements.push(format!("alter table {table} rename column {} to {}", quote(from), quote(to)));
            }
            Change::Widen { column, from, to } => statements.extend(widen(&table, &quote(column), from, to)),
            Change::Hide { .. } | Change::Show { .. } | Change::View => {}
        }
    }
    statements.extend(joined_view(input));
    statements
}

/// A column can't change its type here, so another takes its place.
fn widen(table: &str, column: &str, from: &ColumnType, to: &ColumnType) -> Vec<String> {
    let new = match (from, to) {
        (ColumnType::Integer, ColumnType::Decimal { scale }) => format!("{column} * {}", 10_i64.pow(*scale)),
        (ColumnType::Decimal { scale: from }, ColumnType::Decimal { scale: to }) => {
            format!("{column} * {}", 10_i64.pow(to - from))
        }
        (ColumnType::Date, ColumnType::Timestamp) => format!("{column} || 'T00:00:00.000000Z'"),
        (ColumnType::Boolean, _) => format!("case {column} when 1 then 'true' when 0 then 'false' end"),
        (ColumnType::Decimal { scale }, _) if *scale > 0 => decimal_text(column, *scale),
        _ => format!("cast({column} as text)"),
    };
    if storage(from) == storage(to) {
        return vec![format!("update {table} set {column} = {new} where {column} is not null")];
    }
    let place = "\"_widened\"";
    vec![
        format!("alter table {table} add column {place} {}", storage(to)),
        format!("update {table} set {place} = {new} where {column} is not null"),
        format!("alter table {table} drop column {column}"),
        format!("alter table {table} rename column {place} to {column}"),
    ]
}

fn create_table(input: &Input) -> String {
    let key: Vec<String> = input.key.iter().map(|(name, _)| quote(name)).collect();
    let mut columns = vec!["_tenant text not null".to_owned(), "_scenario text not null default ''".to_owned()];
    columns.extend(input.key.iter().map(|(name, ty)| format!("{} {} not null", quote(name), storage(ty))));
    columns.extend(input.columns.iter().map(|c| format!("{} {}", quote(&c.column.name), storage(&c.column.ty))));
    for system in ["_version integer", "_created_at text", "_created_by text", "_updated_at text", "_updated_by text"] {
        columns.push(format!("{system} not null"));
    }
    columns.push(format!("primary key (_tenant, _scenario, {})", key.join(", ")));
    format!("create table if not exists {} ({}) strict, without rowid", Dialect::Sqlite.own(&input.table), columns.join(", "))
}

fn joined(input: &Input) -> String {
    Dialect::Sqlite.own(&format!("{}_joined", input.table))
}

/// Minor units as decimal text.
fn decimal_text(column: &str, scale: u32) -> String {
    let p = 10_i64.pow(scale);
    format!(
        "case when {column} is null then null else \
         printf('%s%d.%0{scale}d', case when {column} < 0 then '-' else '' end, abs({column}) / {p}, abs({column}) % {p}) end"
    )
}

/// `<table>_joined`: source and inputs together, decimals as decimal text, for people with a SQL client. It is not
/// bound to a person, so it carries the tenant as a column; grants on the file guard it.
fn joined_view(input: &Input) -> Option<String> {
    let InputKind::Linked(source) = &input.kind else {
        return None;
    };
    let readable = |alias: &str, name: &str, ty: &ColumnType| {
        let column = format!("{alias}.{}", quote(name));
        match ty {
            ColumnType::Decimal { scale } if *scale > 0 => format!("{} as {}", decimal_text(&column, *scale), quote(name)),
            _ => format!("{column} as {}", quote(name)),
        }
    };
    let mut columns = vec!["i._tenant as _tenant".to_owned()];
    columns.extend(source.columns.iter().map(|c| readable("s", &c.name, &c.ty)));
    columns.extend(input.columns.iter().map(|c| readable("i", &c.column.name, &c.column.ty)));
    columns.extend(["_version", "_updated_at", "_updated_by"].map(|name| format!("i.{name} as {name}")));
    let from = source.body.relation(Dialect::Sqlite);
    let on: Vec<String> = input.key.iter().map(|(name, _)| format!("i.{0} = s.{0}", quote(name))).collect();
    Some(format!(
        "create view {} as select {} from {from} s left join {} i on {}",
        joined(input),
        columns.join(", "),
        Dialect::Sqlite.own(&input.table),
        on.join(" and ")
    ))
}
