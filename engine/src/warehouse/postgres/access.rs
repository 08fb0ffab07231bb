//! What Inlay needs to be allowed in a database, as a list that is planned, applied and verified alike: each need knows how
//! to see whether it is met, what breaks without it, and the statement that meets it.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor, Row, SqlSafeStr};

use super::values::failed;
use super::{Postgres, schema};
use crate::catalog::{Body, Catalog, Input, Source};
use crate::definition;
use crate::sql::{Dialect, quote};
use crate::warehouse::WarehouseError;

/// The owner of Inlay's own tables, the role that may write into them, and the analysts' role that may read them.
const OWNER: &str = "inlay_owner";
const WRITER: &str = "inlay_writer";
const READER: &str = "inlay_reader";

/// One thing that must be so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The statements that make it so.
    pub sql: String,
    /// What does not work otherwise.
    pub breaks: String,
    /// A condition that is true when it is so; one that fails counts as false.
    check: String,
}

fn need(check: impl Into<String>, sql: impl Into<String>, breaks: impl Into<String>) -> Need {
    Need { check: check.into(), sql: sql.into(), breaks: breaks.into() }
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl Postgres {
    /// What is missing for `catalog` to be served as `app`, found by making it all and taking it back.
    ///
    /// # Errors
    /// If a statement can't be run by this connection, which must be an admin's.
    pub async fn plan_access(&self, app: &str, catalog: &Catalog) -> Result<Vec<Need>, WarehouseError> {
        self.grant_access(app, catalog, false, "").await
    }

    /// Makes what is missing, in one transaction; gives what was.
    ///
    /// # Errors
    /// As [`Postgres::plan_access`]; nothing is changed then.
    pub async fn apply_access(&self, app: &str, catalog: &Catalog, by: &str) -> Result<Vec<Need>, WarehouseError> {
        self.grant_access(app, catalog, true, by).await
    }

    /// Has every change of a table of the team's told, from whomever it comes; what was missing, made only if `keep`.
    ///
    /// # Errors
    /// If there is no such table, or this connection, an admin's, may not.
    pub async fn watch(&self, table: &str, keep: bool) -> Result<Vec<Need>, WarehouseError> {
        let mut open = self.begin("begin").await?;
        let name = Dialect::Postgres.table(table);
        let check = format!(
            "exists (select from pg_trigger where tgname = 'inlay_watch' and tgenabled <> 'D' and tgrelid = to_regclass({}))",
            literal(&name)
        );
        let needed =
            need(check, schema::watch(&name), format!("changes of `{table}` past Inlay show only when somebody asks again"));
        let mut missing = Vec::new();
        meet(&mut open, needed, &mut missing).await?;
        let done = if keep { open.commit().await } else { open.rollback().await };
        done.map_err(failed)?;
        Ok(missing)
    }

    async fn grant_access(&self, app: &str, catalog: &Catalog, keep: bool, by: &str) -> Result<Vec<Need>, WarehouseError> {
        let mut open = self.begin("begin").await?;
        open.execute(schema::LOCK).await.map_err(failed)?;
        let mut missing = Vec::new();
        for need in roles(app).into_iter().chain([admin()]).chain(home()) {
            meet(&mut open, need, &mut missing).await?;
        }
        for migration in schema::missing(schema::state(&mut open).await?)? {
            let sql = as_owner(&[migration]);
            run(&mut open, &sql).await?;
            missing.push(need("", sql, "Inlay has no tables of its own"));
        }
        let relations = relations(&mut open, catalog).await?;
        for need in owner_sees(&relations) {
            meet(&mut open, need, &mut missing).await?;
        }
        for (workbook, input) in inputs(catalog) {
            let known = super::describe::known(&mut open, input).await?;
            let changes = definition::changes(input, known.as_ref()).map_err(WarehouseError::Failed)?;
            if changes.is_empty() {
                continue;
            }
            let sql = as_owner(&schema::definition(input, &changes));
            run(&mut open, &sql).await?;
            for row in super::definition_log(Dialect::Postgres, workbook, input, &changes, by) {
                super::values::query(&row, false).execute(&mut *open).await.map_err(failed)?;
            }
            let breaks = changes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            missing.push(need("", sql, format!("`{}` of `{workbook}` can't be served: {breaks}", input.name)));
        }
        for need in self.grants_needed(app, catalog, &relations) {
            meet(&mut open, need, &mut missing).await?;
        }
        let done = if keep { open.commit().await } else { open.rollback().await };
        done.map_err(failed)?;
        Ok(missing)
    }

    /// What is not met, as far as this connection can see it; nothing is changed.
    ///
    /// # Errors
    /// If the database can't be asked.
    pub async fn verify_access(&self, app: &str, catalog: &Catalog) -> Result<Vec<Need>, WarehouseError> {
        let mut open = self.begin("begin").await?;
        let mut missing = Vec::new();
        let mut needs = roles(app);
        needs.extend(home());
        let relations = relations(&mut open, catalog).await?;
        needs.extend(owner_sees(&relations));
        needs.extend(self.grants_needed(app, catalog, &relations));
        for need in needs {
            if !is_met(&mut open, &need).await? {
                missing.push(need);
            }
        }
        open.rollback().await.map_err(failed)?;
        Ok(missing)
    }

    fn grants_needed(&self, app: &str, catalog: &Catalog, relations: &Relations) -> Vec<Need> {
        let people = self.config.fixed_role().unwrap_or(app);
        let mut needs = own_tables(app);
        needs.extend(
            catalog.workbooks.values().flat_map(|w| w.inputs.iter()).filter(|input| !input.is_direct()).flat_map(input_table),
        );
        if self.config.role.is_none() || self.config.fixed_role().is_some() {
            needs.push(need(
                format!("pg_has_role({}, '{WRITER}', 'usage')", literal(people)),
                format!("grant {WRITER} to {}", quote(people)),
                "nobody can type anything",
            ));
        }
        if let Some(role) = self.config.fixed_role() {
            needs.push(need(
                format!("pg_has_role({}, {}, 'member')", literal(app), literal(role)),
                format!("grant {} to {}", quote(role), quote(app)),
                format!("no statement can run as `{role}`"),
            ));
        }
        for (relation, columns) in relations {
            needs.extend(source_table(app, people, relation, columns));
        }
        needs
    }
}

/// Schema and name of a table or view of the team's.
type Relation = (String, String);

/// All that a catalog reads, with the columns that its direct tables change.
type Relations = BTreeMap<Relation, BTreeSet<String>>;

async fn relations(connection: &mut PgConnection, catalog: &Catalog) -> Result<Relations, WarehouseError> {
    let mut relations = Relations::new();
    for workbook in catalog.workbooks.values() {
        for source in &workbook.sources {
            let is_edited = |input: &&Input| input.is_direct() && input.source().is_some_and(|of| of.name == source.name);
            let edited = workbook.inputs.iter().filter(is_edited).flat_map(|input| &input.columns);
            let columns: BTreeSet<String> = edited.map(|column| column.column.name.clone()).collect();
            for relation in relations_of(connection, source).await? {
                relations.entry(relation).or_default().extend(columns.iter().cloned());
            }
        }
    }
    Ok(relations)
}

/// The owner of the joined views finds what they join.
fn owner_sees(relations: &Relations) -> impl Iterator<Item = Need> {
    let schemas: BTreeSet<&String> = relations.keys().map(|(schema, _)| schema).collect();
    schemas
        .into_iter()
        .map(|schema| usage(OWNER, schema, &format!("no view can join what people type with tables of `{schema}`")))
}

/// The tables and views that a source reads; those of a SELECT as PostgreSQL itself finds them.
async fn relations_of(connection: &mut PgConnection, source: &Source) -> Result<Vec<Relation>, WarehouseError> {
    let find =
        "select n.nspname::text, c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid";
    let (before, text) = match &source.body {
        Body::Table(table) => (None, format!("{find} = to_regclass({})", literal(&Dialect::Postgres.table(table)))),
        Body::Sql(sql) => (
            Some(format!("create temp view inlay_probe as select 1 as one from ({sql}) s")),
            format!(
                "{find} in (select d.refobjid from pg_depend d join pg_rewrite r on r.oid = d.objid \
                 where r.ev_class = 'pg_temp.inlay_probe'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid <> r.ev_class)"
            ),
        ),
    };
    let mut open = connection.begin().await.map_err(failed)?;
    if let Some(probe) = before {
        open.execute(AssertSqlSafe(probe).into_sql_str()).await.map_err(failed)?;
    }
    let rows = sqlx::query(AssertSqlSafe(text)).persistent(false).fetch_all(&mut *open).await.map_err(failed)?;
    open.rollback().await.map_err(failed)?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

fn inputs(catalog: &Catalog) -> impl Iterator<Item = (&str, &Input)> {
    catalog.workbooks.values().flat_map(|workbook| workbook.inputs.iter().map(|input| (workbook.id.as_str(), input)))
}

/// Statements of the owner's, in the open transaction.
fn as_owner(statements: &[String]) -> String {
    format!("set local role {OWNER};\n{};\nreset role", statements.join(";\n").trim_end_matches(';'))
}

/// Asks in the open transaction; a condition over what is not there yet fails, and must not take the transaction with it.
async fn is_met(open: &mut PgConnection, need: &Need) -> Result<bool, WarehouseError> {
    open.execute("savepoint need").await.map_err(failed)?;
    let text = format!("select coalesce(({}), false)", need.check);
    let row = sqlx::query(AssertSqlSafe(text)).persistent(false).fetch_one(&mut *open).await;
    open.execute("rollback to savepoint need").await.map_err(failed)?;
    Ok(row.is_ok_and(|row| row.try_get(0).unwrap_or(false)))
}

/// Meets a need that is not met yet, and notes it.
async fn meet(open: &mut PgConnection, need: Need, missing: &mut Vec<Need>) -> Result<(), WarehouseError> {
    if !is_met(open, &need).await? {
        run(open, &need.sql).await?;
        missing.push(need);
    }
    Ok(())
}

async fn run(open: &mut PgConnection, sql: &str) -> Result<(), WarehouseError> {
    let done = open.execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).await;
    done.map(drop).map_err(|error| WarehouseError::Failed(format!("{error}, at: {sql}")))
}

/// Whoever makes tables for their owner is a member of that role; the server never is.
fn admin() -> Need {
    need(
        format!("pg_has_role(current_user, '{OWNER}', 'member')"),
        format!("grant {OWNER} to current_user"),
        "the admin can't make tables for their owner",
    )
}

/// The roles of Inlay's own, and the server's.
fn roles(app: &str) -> Vec<Need> {
    let named = |role: &str| format!("select from pg_roles where rolname = {}", literal(role));
    let mut needs: Vec<Need> = [
        (OWNER, "somebody who can log in would own Inlay's tables, and could take their policies away"),
        (WRITER, "people's roles have nothing to write with"),
        (READER, "analysts have no role to read with"),
    ]
    .into_iter()
    .map(|(role, breaks)| {
        need(format!("exists ({} and not rolcanlogin)", named(role)), format!("create role {role} nologin"), breaks)
    })
    .collect();
    needs.push(need(
        format!("exists ({})", named(app)),
        format!("create role {} login", quote(app)),
        "the server can't connect; give the role a password, or whatever else lets it in",
    ));
    needs.push(need(
        format!("exists ({} and not rolsuper and not rolbypassrls)", named(app)),
        format!("alter role {} nosuperuser nobypassrls", quote(app)),
        "no policy of the database binds anybody",
    ));
    needs
}

/// The schema of Inlay's own tables, and their owner.
fn home() -> Vec<Need> {
    let mut needs = vec![need(
        "to_regnamespace('inlay') is not null",
        format!("create schema inlay authorization {OWNER}"),
        "there is no place for what people type",
    )];
    needs.push(need(
        format!(
            "(select nspowner = '{OWNER}'::regrole from pg_namespace where nspname = 'inlay') and not exists \
             (select from pg_class where relnamespace = 'inlay'::regnamespace and relkind in ('r', 'v') and relowner <> '{OWNER}'::regrole)"
        ),
        format!(
            "alter schema inlay owner to {OWNER};\ndo $$ declare t regclass; begin\n  for t in select oid from pg_class \
             where relnamespace = 'inlay'::regnamespace and relkind in ('r', 'v') loop\n    \
             execute format('alter table %s owner to {OWNER}', t);\n  end loop;\nend $$;\n\
             alter function inlay.append_only() owner to {OWNER};\nalter function inlay.touch() owner to {OWNER}"
        ),
        "the server owns tables whose policies should bind it",
    ));
    needs
}

/// Each of `privileges` on `table` for `role`.
fn granted(role: &str, privileges: &[&str], table: &str, breaks: &str) -> Need {
    let check = privileges.iter().map(|p| format!("has_table_privilege({}, {}, '{p}')", literal(role), literal(table)));
    need(
        check.collect::<Vec<_>>().join(" and "),
        format!("grant {} on {table} to {}", privileges.join(", "), quote(role)),
        breaks,
    )
}

fn usage(role: &str, name: &str, breaks: &str) -> Need {
    need(
        format!("has_schema_privilege({}, {}, 'usage')", literal(role), literal(name)),
        format!("grant usage on schema {} to {}", quote(name), quote(role)),
        breaks,
    )
}

/// Grants on Inlay's own tables, and what nobody may have.
fn own_tables(app: &str) -> Vec<Need> {
    let log = "\"inlay\".\"edit_log\"";
    let mut needs = vec![
        usage(app, "inlay", "the server finds none of its tables"),
        usage(WRITER, "inlay", "nobody can type anything"),
        usage(READER, "inlay", "analysts find no table"),
        granted(app, &["select"], "inlay.migration", "the server can't tell whether its tables are up to date"),
        granted(app, &["select"], "inlay.definition_log", "the server can't tell how columns were called"),
        granted(app, &["select"], "inlay.edit_log", "edits of other servers are not heard of"),
        granted(app, &["select"], "inlay.touched", "changes of watched tables are not heard of"),
        granted(app, &["select", "insert", "delete"], "inlay.ticket", "nobody can sign in"),
        granted(app, &["select", "insert", "update", "delete"], "inlay.session", "nobody stays signed in"),
        granted(app, &["select", "insert", "delete"], "inlay.table_view", "nobody can save a view"),
        granted(app, &["select", "insert", "delete"], "inlay.form_draft", "nothing that is begun in a form is kept"),
        granted(app, &["select", "insert", "update", "delete"], "inlay.file", "no file can be attached"),
        granted(app, &["select", "insert", "update", "delete"], "inlay.upload", "no file can be loaded into a table"),
        granted(app, &["select", "insert", "delete"], "inlay.import_mapping", "where a file's columns go is not remembered"),
        granted(app, &["select", "insert", "update"], "inlay.person", "nobody can sign in"),
        granted(app, &["select", "insert", "update"], "inlay.comment", "nobody can comment on a row"),
        granted(WRITER, &["select", "insert"], "inlay.edit_log", "nothing that is typed can be logged, so nothing can be typed"),
        granted(WRITER, &["select", "insert"], "inlay.batch", "a batch that is sent twice can't be told, so none is taken"),
        granted(READER, &["select"], "inlay.edit_log", "analysts can't read what happened"),
        policy_for_reader("edit_log"),
    ];
    for table in ["edit_log", "batch", "definition_log"] {
        let name = Dialect::Postgres.own(table);
        needs.push(need(
            format!(
                "not exists (select from pg_class c, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a \
                 where c.oid = to_regclass({}) and a.privilege_type in ('UPDATE', 'DELETE', 'TRUNCATE'))",
                literal(&name)
            ),
            format!(
                "do $$ declare r text; begin\n  for r in select distinct case a.grantee when 0 then 'public' else quote_ident(a.grantee::regrole::text) end \
                 from pg_class c, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a where c.oid = {}::regclass loop\n    \
                 execute 'revoke update, delete, truncate on {} from ' || r;\n  end loop;\nend $$",
                literal(&name),
                name.replace('\'', "''")
            ),
            format!("what `inlay.{table}` says could be changed afterwards"),
        ));
    }
    for table in [log.to_owned(), Dialect::Postgres.own("batch")] {
        needs.push(forced(&table));
    }
    needs
}

fn forced(table: &str) -> Need {
    need(
        format!("(select relrowsecurity and relforcerowsecurity from pg_class where oid = to_regclass({}))", literal(table)),
        format!("alter table {table} enable row level security;\nalter table {table} force row level security"),
        "tenants would be kept apart by one lock instead of two",
    )
}

fn policy_for_reader(table: &str) -> Need {
    let name = Dialect::Postgres.own(table);
    need(
        format!(
            "exists (select from pg_policies where schemaname = 'inlay' and tablename = {} and policyname = 'reader')",
            literal(table)
        ),
        format!("create policy reader on {name} for select to {READER} using (true)"),
        "analysts see no rows",
    )
}

fn input_table(input: &Input) -> Vec<Need> {
    let table = Dialect::Postgres.own(&input.table);
    let breaks = format!("nobody can type into `{}`", input.name);
    let mut needs = vec![
        granted(WRITER, &["select", "insert", "update"], &table, &breaks),
        forced(&table),
        granted(READER, &["select"], &table, &format!("analysts can't read `{}`", input.name)),
        policy_for_reader(&input.table),
    ];
    if input.adds() {
        needs.push(granted(WRITER, &["delete"], &table, &format!("nobody can take a row out of `{}`", input.name)));
    }
    if input.source().is_some() {
        let view = Dialect::Postgres.own(&format!("{}_joined", input.table));
        needs.push(granted(READER, &["select"], &view, &format!("analysts can't read `{}` with its source", input.name)));
    }
    needs
}

/// What is read of the team's own tables, and the columns that direct tables change.
fn source_table(app: &str, people: &str, (namespace, name): &Relation, columns: &BTreeSet<String>) -> Vec<Need> {
    let table = format!("{}.{}", quote(namespace), quote(name));
    let hidden = format!("`{namespace}.{name}` can't be shown");
    let mut needs = vec![usage(people, namespace, &hidden), granted(people, &["select"], &table, &hidden)];
    if app != people {
        needs.push(usage(app, namespace, &format!("the server does not find `{namespace}.{name}`")));
    }
    if !columns.is_empty() {
        let check = columns.iter().map(|column| {
            format!("has_column_privilege({}, {}, {}, 'update')", literal(people), literal(&table), literal(column))
        });
        let list = columns.iter().map(|column| quote(column)).collect::<Vec<_>>().join(", ");
        needs.push(need(
            check.collect::<Vec<_>>().join(" and "),
            format!("grant update ({list}) on {table} to {}", quote(people)),
            format!("`{namespace}.{name}` can't be edited"),
        ));
    }
    for role in if app == people { vec![app] } else { vec![app, people] } {
        needs.push(need(
            format!(
                "(select not relrowsecurity or relforcerowsecurity or not pg_has_role({}, relowner, 'member') from pg_class where oid = to_regclass({}))",
                literal(role),
                literal(&table)
            ),
            format!("alter table {table} force row level security"),
            format!("`{role}` owns `{namespace}.{name}`, so its policies do not bind anybody"),
        ));
    }
    needs
}
