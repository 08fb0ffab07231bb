create schema inlay;
create table inlay.migration (version bigint not null);
create table inlay.edit_log (
        seq bigint generated always as identity primary key,
        batch_id text not null, edit_id bigint not null, at timestamptz not null,
        issuer text not null, tenant text not null, "user" text not null, user_name text not null,
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
    );
create table inlay.ticket (
        issuer text not null, jti text not null, expires_at bigint not null, redeemed_at bigint not null,
        primary key (issuer, jti)
    );
    create table inlay.session (
        token_hash text primary key, issuer text not null, tenant text not null, "user" text not null,
        principal text not null, expires_at bigint not null
    );
insert into inlay.migration values (1), (2);
