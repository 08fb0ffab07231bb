//! What only PostgreSQL has: policies of the team's own, types of its own, people at its SQL prompt.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use engine::catalog::{Body, Catalog, Directory};
use engine::control::{ControlStore, WarehouseControl};
use engine::definition::outstanding;
use engine::warehouse::{Caller, Postgres, PostgresConfig, Warehouse};
use engine::{Engine, Sql};
use model::{Attribute, Batch, Code, ColumnType, Edit, EditMode, Operation, Origin, Principal, QueryRequest, Raw};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor, Row};

use crate::cluster::{self, Database};
use crate::world::{config, edit, more_in_a_soak, person, wendy};

/// A team's database: its own types, its own policies, a role of its own for the application's statements.
const TEAM: &str = "
    create type stage as enum ('new', 'won', 'lost');
    create domain score as integer check (value between 0 and 100);
    create table deals (
        id uuid primary key, region text not null, stage stage not null, score score, units integer, code varchar(5),
        price numeric(38, 10), weight real, seen timestamptz, extra jsonb, owner text generated always as ('team') stored,
        check (units <> 13)
    );
    insert into deals values
        ('00000000-0000-0000-0000-000000000001', 'West', 'new', 50, 1, 'a', 12345678901234567.0123456789, 0.5, '2017-05-03 10:20:30.123456+02', '{\"a\": 1}'),
        ('00000000-0000-0000-0000-000000000002', 'East', 'won', null, 2, 'b', -0.0000000001, null, null, null);
    alter table deals enable row level security;
    create policy mine on deals using (region = current_setting('app.region', true)) with check (region = current_setting('app.region', true));
    create role planner_role;
    grant planner_role to inlay_app;
    grant select, update on deals to planner_role;
    grant usage on schema public to planner_role;
";

pub const WORKBOOK: &str = "
workbook: plan
title: Deals
sources:
  deals:
    table: deals
    key: [id]
    rows: { read: id is not null, write: id is not null }
    columns: { score: { type: integer }, seen: { type: timestamp } }
    measures: { total: sum(price), won: sum(case when stage = 'won' then 1 else 0 end) }
input_tables:
  deal:
    direct_to: deals
    direct: true
    columns:
      stage: { type: choice, options: [new, won, lost] }
      region: { type: text }
      score: { type: integer }
      units: { type: integer }
      code: { type: text }
pages:
  - title: One
    elements:
      - { input_table: deals, table: deal, totals: [max(price)] }
      - { kpi: won, source: deals, measure: won }
      - { kpi: total, source: deals, measure: total }
";

pub const FIRST: &str = "00000000-0000-0000-0000-000000000001";
pub const SECOND: &str = "00000000-0000-0000-0000-000000000002";

pub struct Team {
    pub engine: Arc<Engine>,
    pub database: Database,
    pub role: String,
    pub folder: tempfile::TempDir,
}

impl Team {
    pub async fn new() -> Self {
        let database = cluster::database().await;
        // Roles are the cluster's, so each test has one of its own name.
        let role = format!("planner_{}", database.name);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("deals.yaml"), WORKBOOK).unwrap();
        run(&database, &TEAM.replace("planner_role", &role)).await;
        let engine = server(&database, &role, &folder).await;
        Self { engine, database, role, folder }
    }

    async fn deals(&self, who: &Principal) -> Vec<Vec<Raw>> {
        let request = QueryRequest { workbook: "plan".into(), element: "deals".into(), ..QueryRequest::default() };
        self.engine.query(who, &request, "req-1").await.unwrap().rows
    }

    async fn kpi(&self, who: &Principal, element: &str) -> Raw {
        let request = QueryRequest { workbook: "plan".into(), element: element.into(), ..QueryRequest::default() };
        self.engine.query(who, &request, "req-1").await.unwrap().rows[0][0].clone()
    }

    pub async fn set(
        &self,
        who: &Principal,
        id: &str,
        column: &str,
        value: impl Into<Raw>,
        was: impl Into<Raw>,
    ) -> Result<(), Code> {
        set(&self.engine, who, id, column, value, was).await
    }

    /// Waits until so many servers listen.
    pub async fn listeners(&self, count: usize) {
        let sql = "select count(*) from pg_stat_activity where query like 'LISTEN%' and datname = current_database()";
        for _ in 0..200 {
            if self.stored(sql).await == count.to_string() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("they do not listen");
    }

    pub async fn stored(&self, sql: &str) -> String {
        let mut admin = PgConnection::connect(&self.database.admin).await.unwrap();
        admin.fetch_one(AssertSqlSafe(format!("select ({sql})::text"))).await.unwrap().get(0)
    }
}

pub async fn set(
    engine: &Engine,
    who: &Principal,
    id: &str,
    column: &str,
    value: impl Into<Raw>,
    was: impl Into<Raw>,
) -> Result<(), Code> {
    let edit = Edit { table: "deal".into(), op: Operation::Set, ..edit(&[id], column, value, was) };
    let batch = Batch { edits: vec![edit], ..crate::world::batch(vec![]) };
    engine.apply(who, &batch, "req-1").await.map(drop).map_err(|error| error.to_api().code)
}

pub async fn server(database: &Database, role: &str, folder: &tempfile::TempDir) -> Arc<Engine> {
    let settings = BTreeMap::from([("app.region".to_owned(), "@user.region".to_owned())]);
    let config = PostgresConfig { role: Some(role.into()), settings, ..config(&database.app) };
    let warehouse = Postgres::open(config).await.unwrap();
    let opened = Engine::open(warehouse, &Directory(folder.path().to_owned())).await;
    opened.unwrap_or_else(|mistakes| panic!("{}", mistakes.iter().map(ToString::to_string).collect::<String>()))
}

pub async fn run(database: &Database, sql: &str) {
    let mut admin = PgConnection::connect(&database.admin).await.unwrap();
    admin.execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).await.unwrap();
}

pub fn eve() -> Principal {
    person("eve", Some("East"), &[])
}

/// Whoever leaves while his transaction begins must not leave it open for the next one on the connection.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_nobody_waits_for_is_not_the_next_ones() {
    let database = cluster::database().await;
    let warehouse = Postgres::open(PostgresConfig { connections: 1, ..config(&database.app) }).await.unwrap();
    let who = wendy();
    let caller = Caller { principal: &who, workbook: "plan", element: "grid", request_id: "req-1" };
    let read = Sql::new("select 1");
    for n in 0..more_in_a_soak(150, 2_000) {
        let patience = Duration::from_micros(n % 50 * 10);
        let _ = tokio::time::timeout(patience, warehouse.read(Some(&caller), &read, &[ColumnType::Integer])).await;
        // A statement that no read-only transaction takes.
        let made = warehouse.control(vec![Sql::new(format!("create table t{n} ()"))]).await;
        made.unwrap_or_else(|error| panic!("after {patience:?}: {error}"));
    }
}

#[tokio::test]
async fn the_teams_own_policies_bind_reads_and_writes() {
    let team = Team::new().await;
    let (west, east) = (team.deals(&wendy()).await, team.deals(&eve()).await);
    assert_eq!((west.len(), east.len()), (1, 1));
    assert_eq!((&west[0][0], &east[0][0]), (&Raw::from(FIRST), &Raw::from(SECOND)));
    assert_eq!(team.kpi(&wendy(), "won").await, 0);
    assert_eq!(team.kpi(&eve(), "won").await, 1);
    for nobody in [person("x", None, &[]), person("x", Some(""), &[]), person("x", Some("West' or true --"), &[])] {
        assert!(team.deals(&nobody).await.is_empty());
    }
    assert_eq!(team.set(&wendy(), SECOND, "stage", "lost", "won").await, Err(Code::RowNotFound));
    // Its WITH CHECK keeps the row where it is, although our own policy would let it go.
    assert_eq!(team.set(&wendy(), FIRST, "region", "East", "West").await, Err(Code::RowReadOnly));
    assert_eq!(team.set(&wendy(), FIRST, "stage", "won", "new").await, Ok(()));
    assert_eq!(team.stored("select string_agg(region || stage::text, ',' order by id) from deals").await, "Westwon,Eastwon");
    assert_eq!(team.stored("select count(*) from inlay.edit_log").await, "1");
}

#[tokio::test]
async fn nothing_of_a_person_stays_on_the_connection() {
    let team = Team::new().await;
    for _ in 0..50 {
        assert_eq!(team.deals(&wendy()).await[0][0], FIRST);
        assert_eq!(team.deals(&eve()).await[0][0], SECOND);
        assert!(team.deals(&person("x", None, &[])).await.is_empty());
    }
}

#[tokio::test]
async fn types_of_postgresql_are_exact() {
    let team = Team::new().await;
    let row = team.deals(&wendy()).await.remove(0);
    let expect = serde_json::json!([
        FIRST,
        "West",
        "new",
        50,
        1,
        "a",
        "12345678901234567.0123456789",
        0.5,
        "2017-05-03T08:20:30.123456Z",
        "{\"a\": 1}",
        "team"
    ]);
    assert_eq!(Raw::from(row[..11].to_vec()), expect);
    assert_eq!(team.kpi(&eve(), "total").await, "-0.0000000001");
    assert_eq!(team.set(&wendy(), FIRST, "stage", "won", "new").await, Ok(()));
    assert_eq!(team.set(&wendy(), FIRST, "score", 77, 50).await, Ok(()));
    assert_eq!(team.set(&wendy(), FIRST, "score", Raw::Null, 77).await, Ok(()));
    assert_eq!(team.set(&wendy(), FIRST, "code", "abcde", "a").await, Ok(()));
    assert_eq!(team.stored("select concat(stage, score, code) from deals where region = 'West'").await, "wonabcde");
}

#[tokio::test]
async fn the_databases_own_constraints_are_told_and_change_nothing() {
    let team = Team::new().await;
    for (column, value, was, code) in [
        ("units", Raw::from(13), Raw::from(1), Code::RuleFailed),
        ("units", Raw::from(3_000_000_000_i64), Raw::from(1), Code::OutOfRange),
        ("score", Raw::from(101), Raw::from(50), Code::RuleFailed),
        ("code", Raw::from("abcdef"), Raw::from("a"), Code::TooLong),
        ("stage", Raw::Null, Raw::from("new"), Code::Required),
        ("stage", Raw::from("gone"), Raw::from("new"), Code::NotAnOption),
    ] {
        assert_eq!(team.set(&wendy(), FIRST, column, value.clone(), was).await, Err(code), "{column} {value}");
    }
    assert_eq!(team.stored("select concat(stage, score, units, code) from deals where region = 'West'").await, "new501a");
    assert_eq!(team.stored("select count(*) from inlay.edit_log").await, "0");
    // In per-row mode what is good goes on after what is refused.
    let of = |column: &str, value: Raw, was: Raw| Edit { table: "deal".into(), ..edit(&[FIRST], column, value, was) };
    let edits = vec![of("units", 13.into(), 1.into()), of("score", 60.into(), 50.into())];
    let batch = Batch { mode: EditMode::PerRow, origin: Origin::Api, ..crate::world::batch(edits) };
    let outcome = team.engine.apply(&wendy(), &batch, "req-2").await.unwrap();
    assert_eq!(outcome.rows[0].code, Some(Code::RuleFailed));
    assert_eq!(team.stored("select concat(units, ' ', score) from deals where region = 'West'").await, "1 60");
}

#[tokio::test]
async fn a_constraint_stops_its_own_row_among_many() {
    let team = Team::new().await;
    let id = |n: usize| format!("00000000-0000-0000-0000-0000000001{n:02}");
    let rows: Vec<String> = (0..20).map(|n| format!("('{}', 'West', 'new', 1)", id(n))).collect();
    run(&team.database, &format!("insert into deals (id, region, stage, units) values {}", rows.join(", "))).await;
    let of = |n: usize| Edit { table: "deal".into(), ..edit(&[&id(n)], "units", if n == 7 { 13 } else { 2 }, 1) };
    let many = |mode| Batch { mode, ..crate::world::batch((0..20).map(of).collect()) };
    let error = team.engine.apply(&wendy(), &many(EditMode::AllOrNothing), "req-1").await.unwrap_err().to_api();
    assert_eq!(error.code, Code::RuleFailed);
    let codes: Vec<_> = error.outcome.unwrap().rows.iter().map(|row| row.code.or_else(|| row.cells.first()?.code)).collect();
    let told = (0..20).map(|n| Some(if n == 7 { Code::RuleFailed } else { Code::NotApplied }));
    assert_eq!(codes, told.collect::<Vec<_>>());
    assert_eq!(team.stored("select count(*) from inlay.edit_log").await, "0");
    for (mode, logged) in [(EditMode::Trial, "0"), (EditMode::PerRow, "19")] {
        let outcome = team.engine.apply(&wendy(), &many(mode), "req-2").await.unwrap();
        let refused: Vec<usize> = (0..20).filter(|n| outcome.rows[*n].is_refused()).collect();
        assert_eq!((refused, outcome.rows[7].code), (vec![7], Some(Code::RuleFailed)), "{mode:?}");
        assert_eq!(team.stored("select count(*) from inlay.edit_log").await, logged);
        assert_eq!(team.stored("select count(*) from deals where units = 2 and region = 'West'").await, logged);
    }
}

#[tokio::test]
async fn what_is_no_number_or_day_is_said() {
    let team = Team::new().await;
    run(&team.database, "update deals set seen = 'infinity' where region = 'West'").await;
    let request = QueryRequest { workbook: "plan".into(), element: "deals".into(), ..QueryRequest::default() };
    let error = team.engine.query(&wendy(), &request, "req-1").await.unwrap_err().to_api();
    assert_eq!((error.code, error.status()), (Code::NumberTooLarge, 422));
}

#[tokio::test]
async fn an_edit_past_inlay_is_waited_for_and_seen() {
    let team = Team::new().await;
    let mut admin = PgConnection::connect(&team.database.admin).await.unwrap();
    let mut other = admin.begin().await.unwrap();
    other.execute("update deals set code = 'theirs'::varchar(5) where region = 'West'").await.unwrap();
    let wendy = wendy();
    let (ours, ()) = tokio::join!(team.set(&wendy, FIRST, "code", "ours", "a"), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        other.commit().await.unwrap();
    });
    assert_eq!(ours, Err(Code::Conflict));
    assert_eq!(team.stored("select code from deals where region = 'West'").await, "their");
}

#[tokio::test]
async fn connections_that_are_cut_while_nobody_asks_are_not_noticed() {
    let team = Team::new().await;
    for round in 0..3 {
        // Several at once, so that the pool holds several.
        let wendy = wendy();
        futures::future::join_all((0..6).map(|_| team.deals(&wendy))).await;
        let cut =
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'inlay_app' and datname = current_database()";
        run(&team.database, cut).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(team.set(&wendy, FIRST, "units", 2 + round, 1 + round).await, Ok(()));
    }
    assert_eq!(team.stored("select units from deals where region = 'West'").await, "4");
}

#[tokio::test]
async fn the_databases_own_history_names_the_person_on_each_statement() {
    let team = Team::new().await;
    let text = "workbook: plan\ntitle: Own\nsources:\n  own: { sql: \"select 1 as id, current_query() as text, current_setting('application_name') as app\", key: [id] }\n\
                pages:\n  - title: One\n    elements:\n      - { table: asked, source: own }\n";
    std::fs::write(team.folder.path().join("deals.yaml"), text).unwrap();
    for (comments, pooler) in [(true, false), (false, true), (false, false)] {
        let config = PostgresConfig { comments, pooler, ..config(&team.database.app) };
        let opened = Engine::open(Postgres::open(config).await.unwrap(), &Directory(team.folder.path().to_owned())).await;
        let request = QueryRequest { workbook: "plan".into(), element: "asked".into(), ..QueryRequest::default() };
        let rows = opened.unwrap().query(&wendy(), &request, "req-7").await.unwrap().rows;
        let [_, asked, app] = rows[0].as_slice() else { panic!("{rows:?}") };
        let comment = "/*application='inlay',element='asked',request='req-7',tenant='acme',user='wendy',workbook='plan'*/";
        assert_eq!(asked.as_str().unwrap().starts_with(comment), comments || pooler, "{asked}");
        assert_eq!(app, "inlay wendy");
    }
}

#[tokio::test]
async fn a_superuser_is_refused_unless_meant() {
    let database = cluster::database().await;
    let error = Postgres::open(config(&database.admin)).await.unwrap_err().to_string();
    assert!(error.contains("`admin` is a superuser"), "{error}");
    assert!(Postgres::open(PostgresConfig { allow_superuser: true, ..config(&database.admin) }).await.is_ok());
}

/// Sessions, definitions and descriptions are asked for outside anybody's transaction.
#[tokio::test(flavor = "multi_thread")]
async fn what_inlay_asks_for_itself_goes_through_a_pooler_too() {
    let team = Team::new().await;
    let pooler = cluster::Pooler::start(&team.database, 2).await;
    let config = PostgresConfig { role: Some(team.role.clone()), pooler: true, ..config(&pooler.address) };
    let warehouse = Postgres::open(config).await.unwrap();
    let store = Directory(team.folder.path().to_owned());
    let catalog = Arc::new(Catalog::load(&store, warehouse.as_ref()).await.unwrap());
    let tasks = (0..8).map(|n| {
        let (warehouse, catalog) = (warehouse.clone(), catalog.clone());
        tokio::spawn(async move {
            let control = WarehouseControl(warehouse.clone());
            for _ in 0..60 {
                match n % 3 {
                    0 => assert_eq!(control.find("nobody", 0).await.unwrap(), None),
                    1 => drop(warehouse.describe(&Body::Table("deals".into())).await.unwrap()),
                    _ => drop(outstanding(warehouse.as_ref(), &catalog).await.unwrap()),
                }
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}

/// Behind pgbouncer in transaction mode connections change hands after every transaction: no statement may be prepared
/// on one and asked for on another, and nothing of a person may stay.
#[tokio::test(flavor = "multi_thread")]
async fn two_tenants_over_one_pooled_connection_never_cross() {
    let team = Team::new().await;
    let pooler = cluster::Pooler::start(&team.database, 2).await;
    let settings = BTreeMap::from([("app.region".to_owned(), "@user.region".to_owned())]);
    let listen = Some(team.database.app.clone());
    let config = PostgresConfig { role: Some(team.role.clone()), settings, pooler: true, listen, ..config(&pooler.address) };
    let warehouse = Postgres::open(config).await.unwrap();
    let engine = Engine::open(warehouse, &Directory(team.folder.path().to_owned())).await.unwrap();
    let requests = more_in_a_soak(200, 6_250);
    let ask = |n: u64| {
        let engine = engine.clone();
        tokio::spawn(async move {
            let (who, id) =
                [(wendy(), Some(FIRST)), (eve(), Some(SECOND)), (person("x", None, &[]), None)][n as usize % 3].clone();
            let request = QueryRequest { workbook: "plan".into(), element: "deals".into(), ..QueryRequest::default() };
            for _ in 0..requests {
                let rows = engine.query(&who, &request, "req-1").await.unwrap().rows;
                assert_eq!(rows.first().map(|row| row[0].as_str().unwrap()), id, "{}", who.user);
                assert_eq!(rows.len(), usize::from(id.is_some()));
            }
        })
    };
    for task in (0..8).map(ask).collect::<Vec<_>>() {
        task.await.unwrap();
    }
    assert_eq!(set(&engine, &wendy(), FIRST, "units", 5, 1).await, Ok(()));
    assert_eq!(team.stored("select units from deals where region = 'West'").await, "5");
}

#[tokio::test]
async fn a_wrong_address_and_a_missing_role_are_said() {
    let team = Team::new().await;
    let wrong = config(&team.database.app.replace("/test_", "/no_such_"));
    assert!(Postgres::open(wrong).await.unwrap_err().to_string().contains("does not exist"));
    let missing = PostgresConfig { role: Some("no_such_role".into()), ..config(&team.database.app) };
    assert!(Postgres::open(missing).await.unwrap_err().to_string().contains("no_such_role"));
}

#[tokio::test]
async fn claims_reach_policies_of_another_style() {
    let team = Team::new().await;
    run(
        &team.database,
        "drop policy mine on deals; create policy mine on deals using \
         (region = current_setting('request.jwt.claims', true)::json -> 'attrs' ->> 'region')",
    )
    .await;
    let settings = BTreeMap::from([("request.jwt.claims".to_owned(), "@claims".to_owned())]);
    let role = Some("@user.db_role".to_owned());
    let warehouse = Postgres::open(PostgresConfig { role, settings, ..config(&team.database.app) }).await.unwrap();
    let engine = Engine::open(warehouse, &Directory(team.folder.path().to_owned())).await.unwrap();
    let mut wendy = wendy();
    wendy.attributes.insert("db_role".into(), Attribute::One(team.role.as_str().into()));
    let request = QueryRequest { workbook: "plan".into(), element: "deals".into(), ..QueryRequest::default() };
    assert_eq!(engine.query(&wendy, &request, "req-1").await.unwrap().rows[0][0], FIRST);
}
