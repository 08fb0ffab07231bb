create table inlay_edit_log (
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
    ) strict, without rowid;
create table inlay_ticket (
        issuer text not null, jti text not null, expires_at integer not null, redeemed_at integer not null,
        primary key (issuer, jti)
    ) strict, without rowid;
    create table inlay_session (
        token_hash text primary key, issuer text not null, tenant text not null, user text not null,
        principal text not null, expires_at integer not null
    ) strict, without rowid;
pragma user_version = 2;
