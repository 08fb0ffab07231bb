//! What Inlay is allowed in a team's PostgreSQL: planned, applied, verified, and no more than that.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::Engine;
use engine::catalog::{Catalog, Directory};
use engine::warehouse::{Access, Need, Postgres, PostgresConfig, Warehouse};
use model::{Edit, Operation, Principal, QueryRequest, Raw};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor, Row};

use crate::cluster::{Cluster, Database, Durability};
use crate::world::{batch, config, ed, edit, wendy};

/// A team's tables in a schema of its own, with its own policies, and nobody who may look at them.
const TEAM: &str = "
    create role team nologin;
    create role planners nologin;
    create schema sales authorization team;
    set role team;
    create table sales.deals (id bigint primary key, region text not null, units integer, price numeric(12, 2));
    insert into sales.deals values (1, 'West', 5, 1.50), (2, 'East', 6, 2.50);
    alter table sales.deals enable row level security;
    create policy mine on sales.deals using (region = current_setting('app.region', true));
    reset role;
";

const WORKBOOK: &str = "
workbook: plan
title: Deals
sources:
  deals: { table: sales.deals, key: [id], rows: { read: id is not null, write: id is not null } }
  regions:
    sql: select region, sum(price) as total from sales.deals group by 1
    key: [region]
    columns: { total: { type: decimal, scale: 2 } }
input_tables:
  deal: { direct_to: deals, direct: true, columns: { units: { type: integer } } }
  forecast: { linked_to: regions, columns: { amount: { type: decimal, scale: 2 } } }
pages:
  - title: One
    elements:
      - { input_table: deals, table: deal }
      - { input_table: grid, table: forecast }
";

struct Team {
    _cluster: Cluster,
    database: Database,
    folder: tempfile::TempDir,
}

impl Team {
    async fn new() -> Self {
        let cluster = Cluster::make(Durability::None);
        let database = cluster.database().await;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("plan.yaml"), WORKBOOK).unwrap();
        let team = Self { _cluster: cluster, database, folder };
        team.run(TEAM).await.unwrap();
        // Whoever owns a database may do much in it.
        team.run(&format!("alter database {} owner to admin", team.database.name)).await.unwrap();
        team
    }

    async fn run(&self, sql: &str) -> Result<(), String> {
        let mut admin = PgConnection::connect(&self.database.admin).await.unwrap();
        admin.execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).await.map(drop).map_err(|error| error.to_string())
    }

    async fn stored(&self, sql: &str) -> String {
        let mut admin = PgConnection::connect(&self.database.admin).await.unwrap();
        admin.fetch_one(AssertSqlSafe(format!("select ({sql})::text"))).await.unwrap().get(0)
    }

    fn config(&self, url: &str, access: Access) -> PostgresConfig {
        let settings = BTreeMap::from([("app.region".into(), "@user.region".into())]);
        PostgresConfig { role: Some("planners".into()), settings, access, ..config(url) }
    }

    async fn server(&self) -> Result<Arc<Engine>, String> {
        let config = self.config(&self.database.app, Access::Granted);
        let warehouse = Postgres::open(config).await.map_err(|error| error.to_string())?;
        let opened = Engine::open(warehouse, &Directory(self.folder.path().to_owned())).await;
        opened.map_err(|mistakes| mistakes[0].to_string())
    }

    async fn admin(&self, url: &str) -> (Arc<Postgres>, Catalog) {
        let warehouse = Postgres::open(self.config(url, Access::Admin)).await.unwrap();
        let store = Directory(self.folder.path().to_owned());
        let catalog = Catalog::load(&store, warehouse.as_ref()).await.unwrap();
        (warehouse, catalog)
    }

    async fn plan(&self) -> Vec<Need> {
        let (admin, catalog) = self.admin(&self.database.admin).await;
        admin.plan_access("inlay_app", &catalog).await.unwrap()
    }

    async fn apply(&self) -> Vec<Need> {
        let (admin, catalog) = self.admin(&self.database.admin).await;
        admin.apply_access("inlay_app", &catalog, "ada").await.unwrap()
    }

    /// As the admin sees it, who can look at tables that the server can't find.
    async fn verify(&self) -> Vec<Need> {
        let (admin, catalog) = self.admin(&self.database.admin).await;
        admin.verify_access("inlay_app", &catalog).await.unwrap()
    }
}

async fn units(engine: &Engine, who: &Principal) -> Vec<Raw> {
    let request = QueryRequest { workbook: "plan".into(), element: "deals".into(), ..QueryRequest::default() };
    let answer = engine.query(who, &request, "req").await.unwrap();
    let place = answer.columns.iter().position(|column| column.name == "units").unwrap();
    answer.rows.into_iter().map(|row| row[place].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_commands_and_the_workbook_works_under_the_teams_policies() {
    let team = Team::new().await;
    assert!(team.server().await.unwrap_err().contains("inlay write-access"), "it says what to do");
    let plan = team.plan().await;
    assert_eq!(plan, team.plan().await, "a plan changes nothing");
    assert_eq!(team.stored("to_regnamespace('inlay') is null").await, "true");
    assert_eq!(team.apply().await, plan, "what is planned is what is done");
    assert_eq!(team.apply().await, []);
    assert_eq!(team.verify().await, []);
    let (server, catalog) = team.admin(&team.database.app).await;
    assert_eq!(server.verify_access("inlay_app", &catalog).await.unwrap(), [], "the server itself can tell");

    let engine = team.server().await.unwrap();
    assert_eq!(units(&engine, &wendy()).await, [Raw::from(5)]);
    assert_eq!(units(&engine, &ed()).await, [Raw::from(6)]);
    let direct = Edit { table: "deal".into(), key: vec![1.into()], ..edit(&[], "units", 7, 5) };
    let linked = edit(&["West"], "amount", "12.50", Raw::Null);
    engine.apply(&wendy(), &batch(vec![direct, linked]), "req").await.unwrap();
    let hidden = Edit { table: "deal".into(), op: Operation::Set, key: vec![2.into()], ..edit(&[], "units", 7, 6) };
    assert!(engine.apply(&wendy(), &batch(vec![hidden]), "req").await.is_err());
    assert_eq!(team.stored("select string_agg(units::text, ' ' order by id) from sales.deals").await, "7 6");
    assert_eq!(team.stored("select count(*) from inlay.edit_log").await, "2");
    assert_eq!(team.stored("select amount from inlay.plan__forecast").await, "12.50");
    assert_eq!(team.stored("select string_agg(distinct by, ' ') from inlay.definition_log").await, "ada");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_can_undo_none_of_what_binds_it() {
    let team = Team::new().await;
    team.apply().await;
    let mut server = PgConnection::connect(&team.database.app).await.unwrap();
    for sql in [
        "alter table inlay.edit_log disable row level security",
        "drop policy tenant on inlay.plan__forecast",
        "alter table inlay.plan__forecast no force row level security",
        "drop trigger edit_log_append_only on inlay.edit_log",
        "update inlay.edit_log set new_value = 'x'",
        "delete from inlay.edit_log",
        "truncate inlay.edit_log",
        "delete from inlay.plan__forecast",
        "update inlay.batch set outcome = ''",
        "delete from inlay.definition_log",
        "insert into inlay.migration (version) values (99)",
        "set role inlay_owner",
        "set role team",
        "update sales.deals set price = 0",
        "create table inlay.mine (a int)",
    ] {
        let error = server.execute(sql).await.expect_err(sql).to_string();
        assert!(["permission denied", "must be owner"].iter().any(|refusal| error.contains(refusal)), "{sql}: {error}");
    }
    // Nor can the owner of the log, whom nobody can be.
    for sql in ["update inlay.edit_log set new_value = 'x'", "delete from inlay.edit_log", "truncate inlay.edit_log"] {
        let error = team.run(&format!("set role inlay_owner; {sql}")).await.expect_err(sql);
        assert!(error.contains("permission denied"), "{sql}: {error}");
    }
    assert_eq!(team.stored("select rolcanlogin from pg_roles where rolname = 'inlay_owner'").await, "false");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_away_is_named_with_the_statement_that_gives_it_back() {
    let team = Team::new().await;
    let plan = team.apply().await;
    let grants: Vec<&Need> =
        plan.iter().filter(|need| need.sql.starts_with("grant ") && !need.sql.contains("current_user")).collect();
    assert!(grants.len() > 15, "too few to mean anything");
    let mut named = 0;
    for need in grants {
        let revoke = need.sql.replacen("grant ", "revoke ", 1).replace(" to ", " from ");
        // A right that everybody has is not taken from one.
        let revoke = revoke.replace("schema \"public\" from", "schema \"public\" from public,");
        team.run(&revoke).await.unwrap();
        // The server has some rights twice, since it is a member of the people's role.
        let missing = team.verify().await;
        assert!(missing.contains(need) || (missing.is_empty() && need.sql.ends_with("inlay_app\"")), "{revoke}: {missing:?}");
        named += usize::from(!missing.is_empty());
        team.run(&need.sql).await.unwrap();
        assert_eq!(team.verify().await, [], "{}", need.sql);
    }
    assert!(named > 15, "too few to mean anything: {named}");
    for (harm, words) in [
        ("alter table inlay.plan__forecast no force row level security", "force row level security"),
        ("alter table inlay.edit_log disable row level security", "enable row level security"),
        ("grant delete on inlay.edit_log to public", "revoke update, delete, truncate"),
        ("grant update on inlay.edit_log to planners", "revoke update, delete, truncate"),
        ("alter role inlay_app bypassrls", "nobypassrls"),
        ("alter role inlay_owner login", "inlay_owner"),
        ("alter table sales.deals owner to planners", "force row level security"),
        ("alter table inlay.plan__forecast owner to inlay_app", "owner to inlay_owner"),
    ] {
        team.run(harm).await.unwrap();
        let missing = team.verify().await;
        assert!(missing.iter().any(|need| need.sql.contains(words)), "{harm}: {missing:?}");
        if !harm.contains(" login") {
            team.apply().await;
            assert_eq!(team.verify().await, [], "{harm} is mended");
        } else {
            team.run("alter role inlay_owner nologin").await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_the_server_made_itself_are_given_to_their_owner() {
    let team = Team::new().await;
    let give = format!(
        "grant planners to inlay_app; grant usage on schema sales to planners, inlay_app; grant select on sales.deals to planners, inlay_app; \
         grant update (units) on sales.deals to planners; grant create on database {} to inlay_app",
        team.database.name
    );
    team.run(&give).await.unwrap();
    let own = Postgres::open(team.config(&team.database.app, Access::Own)).await.unwrap();
    let engine = Engine::open(own.clone(), &Directory(team.folder.path().to_owned())).await.unwrap();
    engine.apply(&wendy(), &batch(vec![edit(&["West"], "amount", "12.50", Raw::Null)]), "req").await.unwrap();
    drop(engine);
    own.close().await;
    let error = team.server().await.unwrap_err();
    assert!(error.contains("owns Inlay's tables") && error.contains("allow_owner"), "{error}");
    team.apply().await;
    assert_eq!(team.verify().await, []);
    let engine = team.server().await.unwrap();
    engine.apply(&wendy(), &batch(vec![edit(&["West"], "amount", "13.50", "12.50")]), "req").await.unwrap();
    assert_eq!(team.stored("select count(*) from inlay.edit_log").await, "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_definition_waits_for_the_admin() {
    let team = Team::new().await;
    team.apply().await;
    let more = WORKBOOK.replace("scale: 2 } } }\npages", "scale: 2 }, note: { type: text } } }\npages");
    assert_ne!(more, WORKBOOK);
    std::fs::write(team.folder.path().join("plan.yaml"), more).unwrap();
    let error = team.server().await.unwrap_err();
    assert!(error.contains("column `note` is added") && error.contains("inlay apply"), "{error}");
    team.apply().await;
    assert_eq!(team.verify().await, []);
    let engine = team.server().await.unwrap();
    engine.apply(&wendy(), &batch(vec![edit(&["West"], "note", "hello", Raw::Null)]), "req").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_can_not_be_taken_on_is_said_at_the_start() {
    let team = Team::new().await;
    team.apply().await;
    team.run("revoke planners from inlay_app").await.unwrap();
    let error = team.server().await.unwrap_err();
    assert!(error.contains("no statement can run as `planners`") && error.contains("write-access verify"), "{error}");
    team.apply().await;
    team.server().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_said_which_rule_lets_and_which_stops() {
    let team = Team::new().await;
    team.apply().await;
    let engine = team.server().await.unwrap();
    let said = engine.explain(&wendy(), "deal").await.unwrap().join("\n");
    for line in [
        "read   where id is not null: 1 rows",
        "write  where id is not null: 1 of them",
        "column units: may be typed into",
        "planners may select, update",
        "policy mine",
    ] {
        assert!(said.contains(line), "{line} is not in:\n{said}");
    }
    assert_eq!(engine.explain(&wendy(), "nothing").await.unwrap_err().to_api().status(), 404);
}
