//! Row security against an oracle: random policies, people and questions, answered by our policy node on SQLite and on
//! PostgreSQL, and by PostgreSQL's own policies with our node wide open. Every difference is a failure.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::catalog::Directory;
use engine::warehouse::{Postgres, Sqlite, Warehouse};
use engine::{Engine, Sql};
use model::{AccessMode, Attribute, Batch, Code, Edit, EditMode, Filter, FilterOp, Principal, QueryRequest, Raw, Sort};
use rand::Rng;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor, Row};

use crate::cluster::{self, Database};
use crate::world::{batch, config, edit, more_in_a_soak, person};

const QUESTIONS: u64 = 6;
const PEOPLE: u64 = 8;
const WRITES: u64 = 12;

/// A condition in our language, and the same as an author of PostgreSQL policies would write it.
#[derive(Clone, Debug)]
pub struct Pair {
    pub ours: String,
    pub theirs: String,
}

pub fn same(text: &str) -> Pair {
    Pair { ours: text.into(), theirs: text.into() }
}

const CLAIMS: &str = "nullif(current_setting('inlay.claims', true), '')::jsonb";

fn leaf(random: &mut StdRng) -> Pair {
    let pair = |ours: &str, theirs: String| Pair { ours: ours.into(), theirs };
    let scalar = |name: &str| {
        let value = format!("({CLAIMS} -> 'attrs' -> '{name}')");
        format!("(case jsonb_typeof({value}) when 'string' then {value} #>> '{{}}' end)")
    };
    let list = format!(
        "region in (select case jsonb_typeof(e) when 'string' then e #>> '{{}}' end from jsonb_array_elements(case jsonb_typeof({0}) \
         when 'array' then case when {0} = '[]' then '[null]' else {0} end when 'string' then jsonb_build_array({0}) else '[null]' end) e)",
        format!("({CLAIMS} -> 'attrs' -> 'regions')")
    );
    match random.random_range(0..14) {
        0 | 1 => pair("region = @user.region", format!("region = {}", scalar("region"))),
        2 => pair("region <> @user.region", format!("region <> {}", scalar("region"))),
        3 | 4 => pair("region in @user.regions", list),
        5 => pair("owner = @user.id", "owner = current_setting('inlay.user', true)".into()),
        6 => pair("@user.has_role('admin')", "nullif(current_setting('inlay.roles', true), '')::jsonb ? 'admin'".into()),
        7 => same(&format!("units > {}", random.random_range(-2..9))),
        8 => same("region is null"),
        9 => same(&format!("day >= '2017-01-{:02}'", random.random_range(1..20))),
        10 => same(&format!("price * 2 > {}.25", random.random_range(0..40))),
        11 => same("region like 'W%'"),
        12 => same("units in (1, 2, 3)"),
        _ => same("coalesce(owner, 'nobody') = 'eve'"),
    }
}

fn condition(random: &mut StdRng, depth: u32) -> Pair {
    if depth == 0 || random.random_bool(0.3) {
        return leaf(random);
    }
    let both = |a: Pair, op: &str, b: Pair| Pair {
        ours: format!("({} {op} {})", a.ours, b.ours),
        theirs: format!("({} {op} {})", a.theirs, b.theirs),
    };
    let a = condition(random, depth - 1);
    match random.random_range(0..5) {
        0 | 1 => both(a, "and", condition(random, depth - 1)),
        2 | 3 => both(a, "or", condition(random, depth - 1)),
        _ => Pair { ours: format!("not ({})", a.ours), theirs: format!("not ({})", a.theirs) },
    }
}

/// Somebody whose attributes may be missing, empty, of the wrong type or hostile.
fn somebody(random: &mut StdRng) -> Principal {
    let hostile = ["", "West' or '1'='1", "%", "west", "null", "{}", "*"];
    let mut attributes = BTreeMap::new();
    let scalar = match random.random_range(0..8) {
        0 => None,
        1 => Some(Attribute::One((*hostile.choose(random).unwrap()).into())),
        2 => Some(Attribute::One(7.into())),
        3 => Some(Attribute::One(Raw::Null)),
        4 => Some(Attribute::Many(vec!["West".into()])),
        5 => Some(Attribute::One("East".into())),
        _ => Some(Attribute::One("West".into())),
    };
    attributes.extend(scalar.map(|value| ("region".to_owned(), value)));
    let list = match random.random_range(0..7) {
        0 => None,
        1 => Some(Attribute::Many(vec![])),
        2 => Some(Attribute::One("East".into())),
        3 => Some(Attribute::Many(vec!["West".into(), Raw::Null])),
        4 => Some(Attribute::Many(vec![7.into(), "East".into()])),
        _ => Some(Attribute::Many(vec!["West".into(), "North".into()])),
    };
    attributes.extend(list.map(|value| ("regions".to_owned(), value)));
    let user = *["eve", "adam", "west", "' or true --"].choose(random).unwrap();
    let roles: &[&str] = if random.random_bool(0.15) { &["admin"] } else { &["planner", "admin2"] };
    Principal { attributes, mode: AccessMode::Edit, ..person(user, None, roles) }
}

fn question(random: &mut StdRng) -> QueryRequest {
    let element = *["rows", "units", "count", "by_region"].choose(random).unwrap();
    let mut request = QueryRequest { workbook: "plan".into(), element: element.into(), ..QueryRequest::default() };
    for _ in 0..random.random_range(0..3) {
        let (column, op, value): (&str, FilterOp, Raw) = match random.random_range(0..6) {
            0 => ("region", FilterOp::Equals, "West".into()),
            1 => ("units", FilterOp::AtLeast, random.random_range(0..6).into()),
            2 => ("region", FilterOp::Blank, Raw::Null),
            3 => ("owner", FilterOp::Contains, "a".into()),
            4 => ("day", FilterOp::AtMost, "2017-01-12".into()),
            _ => ("price", FilterOp::NotBlank, Raw::Null),
        };
        request.filters.push(Filter { column: column.into(), op, value });
    }
    if element == "rows" && random.random_bool(0.5) {
        request.sort = vec![Sort { column: "id".into(), descending: true }];
        request.limit = random.random_range(1..8);
        request.offset = random.random_range(0..4);
    }
    request
}

fn workbook(table: &str, policy: &str) -> String {
    let policy = serde_json::to_string(policy).unwrap();
    format!(
        "workbook: plan\ntitle: Facts\nsources:\n  facts:\n    table: {table}\n    key: [id]\n    rows: {{ read: {policy}, write: {policy} }}\n    \
         columns:\n      price: {{ type: decimal, scale: 2 }}\n      day: {{ type: date }}\n    \
         measures: {{ units: sum(units), count: count(*) }}\n\
         input_tables:\n  fact:\n    direct_to: facts\n    direct: true\n    columns:\n      region: {{ type: text }}\n      owner: {{ type: text }}\n      units: {{ type: integer }}\n  \
         remark:\n    linked_to: facts\n    columns:\n      remark: {{ type: text }}\n\
         pages:\n  - title: One\n    elements:\n      - {{ input_table: rows, table: fact, totals: [sum(units), max(price)] }}\n      \
         - {{ kpi: units, source: facts, measure: units }}\n      - {{ kpi: count, source: facts, measure: count }}\n      \
         - {{ chart: by_region, type: bar, source: facts, x: region, y: [units, count, max(price)] }}\n"
    )
}

/// The same data three times.
pub struct Trial {
    pub engines: [Arc<Engine>; 3],
    folders: [tempfile::TempDir; 3],
    sqlite: Arc<Sqlite>,
    database: Database,
}

const TENANTS: [&str; 3] = ["acme", "acme", "globex"];
const BULK: u64 = 6;

pub const NAMES: [&str; 3] = ["our node on SQLite", "our node on PostgreSQL", "PostgreSQL's own policy"];

impl Trial {
    pub async fn new() -> Self {
        let folders = [0, 1, 2].map(|_| tempfile::tempdir().unwrap());
        let sqlite = Sqlite::open(&folders[0].path().join("x.db")).await.unwrap();
        let table =
            "create table facts (id integer primary key, region text, owner text, units integer, price integer, day text) strict";
        sqlite.control(vec![Sql::new(table)]).await.unwrap();
        let database = cluster::database().await;
        let role = format!("people_{}", database.name);
        let tables =
            "create table NAME (id bigint primary key, region text, owner text, units bigint, price numeric(10, 2), day date);
             grant select, update on NAME to ROLE;";
        let setup = format!(
            "create role ROLE; grant ROLE to inlay_app; {}{}",
            tables.replace("NAME", "open"),
            tables.replace("NAME", "guarded")
        );
        let mut admin = PgConnection::connect(&database.admin).await.unwrap();
        let setup = format!("{setup} alter table guarded enable row level security; create policy mine on guarded using (false)");
        admin.execute(sqlx::raw_sql(AssertSqlSafe(setup.replace("ROLE", &role)))).await.unwrap();
        let mut people = config(&database.app);
        people.role = Some(role);
        let mut engines = Vec::new();
        for (i, table) in ["facts", "open", "guarded"].into_iter().enumerate() {
            std::fs::write(folders[i].path().join("plan.yaml"), workbook(table, "id is not null")).unwrap();
            let warehouse: Arc<dyn Warehouse> =
                if i == 0 { sqlite.clone() } else { Postgres::open(people.clone()).await.unwrap() };
            let opened = Engine::open(warehouse, &Directory(folders[i].path().to_owned())).await;
            engines.push(opened.unwrap_or_else(|mistakes| panic!("{}", mistakes[0])));
        }
        let engines = engines.try_into().unwrap_or_else(|_| panic!("three"));
        Self { engines, folders, sqlite, database }
    }

    /// Fresh rows, the same everywhere, under a new policy.
    async fn begin(&self, policy: &Pair, random: &mut StdRng) {
        let (mut minor, mut decimal) = (Vec::new(), Vec::new());
        for id in 0..24 {
            let text = |value: Option<&&str>| value.filter(|v| !v.is_empty()).map_or("null".to_owned(), |v| format!("'{v}'"));
            let region = text(["West", "East", "North", "West", ""].choose(random));
            let owner = text(["eve", "adam", "Eve", ""].choose(random));
            let units = if random.random_bool(0.15) { "null".to_owned() } else { random.random_range(-3..10).to_string() };
            let price: Option<i64> = random.random_bool(0.85).then(|| random.random_range(-500..3_000));
            let day =
                if random.random_bool(0.1) { "null".into() } else { format!("'2017-01-{:02}'", random.random_range(1..25)) };
            let row = |price: String| format!("({id}, {region}, {owner}, {units}, {price}, {day})");
            minor.push(row(price.map_or("null".into(), |p| p.to_string())));
            decimal.push(row(price.map_or("null".into(), |p| format!("{p}::numeric / 100"))));
        }
        self.fill(policy, &minor, &decimal).await;
    }

    /// These rows (id, region, units) everywhere, under `policy`.
    pub async fn under(&self, policy: &Pair, rows: &[(i64, Option<&str>, i64)]) {
        let row = |(id, region, units): &(i64, Option<&str>, i64)| {
            let region = region.map_or("null".to_owned(), |region| format!("'{region}'"));
            format!("({id}, {region}, null, {units}, null, null)")
        };
        let rows: Vec<String> = rows.iter().map(row).collect();
        self.fill(policy, &rows, &rows).await;
    }

    /// What is stored, past every policy, on SQLite and in both tables of PostgreSQL.
    pub async fn stored(&self) -> [String; 3] {
        let sql = |table: &str, list: &str| {
            format!(
                "select {list}(r, ' ') from (select id || coalesce(region, '-') || coalesce(owner, '-') || coalesce(cast(units as text), '-') as r from {table} order by id) t"
            )
        };
        let rows = self.sqlite.read(None, &Sql::new(sql("facts", "group_concat")), &[model::ColumnType::Text]).await.unwrap();
        let mut admin = PgConnection::connect(&self.database.admin).await.unwrap();
        let mut found = vec![rows[0][0].to_wire().as_str().unwrap().to_owned()];
        for table in ["open", "guarded"] {
            found.push(admin.fetch_one(AssertSqlSafe(sql(table, "string_agg"))).await.unwrap().get(0));
        }
        found.try_into().unwrap()
    }

    /// What people have remarked, past every policy; the engines over PostgreSQL write as two tenants.
    async fn remarks(&self) -> [String; 3] {
        let sql = |table: &str, list: &str, tenant: &str| {
            format!(
                "select coalesce({list}(r, ' '), '') from (select id || remark || _version as r from {table} where _tenant = '{tenant}' order by id) t"
            )
        };
        let ours = Sql::new(sql("inlay_plan__remark", "group_concat", TENANTS[0]));
        let rows = self.sqlite.read(None, &ours, &[model::ColumnType::Text]).await.unwrap();
        let mut admin = PgConnection::connect(&self.database.admin).await.unwrap();
        let mut found = vec![rows[0][0].to_wire().as_str().unwrap().to_owned()];
        for tenant in &TENANTS[1..] {
            let row = admin.fetch_one(AssertSqlSafe(sql("inlay.plan__remark", "string_agg", tenant))).await.unwrap();
            found.push(row.get(0));
        }
        found.try_into().unwrap()
    }

    async fn fill(&self, policy: &Pair, minor: &[String], decimal: &[String]) {
        let insert = format!("insert into facts values {}", minor.join(", "));
        self.sqlite
            .control(vec![Sql::new("delete from facts"), Sql::new("delete from inlay_plan__remark"), Sql::new(insert)])
            .await
            .unwrap();
        let values = decimal.join(", ");
        let sql = format!(
            "truncate open, guarded, inlay.plan__remark; insert into open values {values}; insert into guarded values {values}; \
             alter policy mine on guarded using ({0}) with check ({0})",
            policy.theirs
        );
        let mut admin = PgConnection::connect(&self.database.admin).await.unwrap();
        admin.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.unwrap_or_else(|error| panic!("{}: {error}", policy.theirs));
        for (i, table) in ["facts", "open"].into_iter().enumerate() {
            std::fs::write(self.folders[i].path().join("plan.yaml"), workbook(table, &policy.ours)).unwrap();
            let loaded = self.engines[i].reload(&Directory(self.folders[i].path().to_owned())).await;
            loaded.unwrap_or_else(|mistakes| panic!("{}: {}", policy.ours, mistakes[0]));
        }
    }

    async fn ask(&self, who: &Principal, request: &QueryRequest) -> [Result<(Vec<Vec<Raw>>, u64, Vec<Raw>), Code>; 3] {
        let mut answers = Vec::new();
        for engine in &self.engines {
            let answer = engine.query(who, request, "req-1").await.map_err(|error| error.to_api().code);
            answers.push(answer.map(|answer| {
                let mut rows = answer.rows;
                if request.sort.is_empty() {
                    // Nulls and languages sort as each engine likes.
                    rows.sort_by_key(|row| serde_json::to_string(row).unwrap());
                }
                (rows, answer.total.unwrap(), answer.totals.into_iter().map(|total| total.value).collect())
            }));
        }
        answers.try_into().unwrap_or_else(|_| panic!("three"))
    }
}

/// One of several edits: a remark beside a row, new or over an older one, or a change of the row itself from whatever it holds.
fn bulk_edit(random: &mut StdRng, remarks: &BTreeMap<i64, String>) -> Edit {
    let id: i64 = random.random_range(0..26);
    let (table, column, value, was): (&str, &str, Raw, Raw) = if random.random_bool(0.6) {
        let was = remarks.get(&id).map_or(Raw::Null, |text| text.as_str().into());
        ("remark", "remark", ["a", "b", "c"].choose(random).map(|v| Raw::from(*v)).unwrap(), was)
    } else {
        // A guess at what is there: right often enough.
        let regions = ["West", "East", "North"];
        ("fact", "region", (*regions.choose(random).unwrap()).into(), (*regions.choose(random).unwrap()).into())
    };
    Edit { table: table.into(), key: vec![id.into()], ..edit(&[], column, value, was) }
}

#[tokio::test(flavor = "multi_thread")]
async fn our_policy_node_and_postgresqls_own_policies_agree() {
    let policies = more_in_a_soak(2_000, 100_000) / (PEOPLE * QUESTIONS) + 1;
    let trial = Trial::new().await;
    let (mut seen, mut hidden, mut written, mut refused) = (0, 0, 0, 0);
    for seed in 0..policies {
        let random = &mut StdRng::seed_from_u64(seed);
        let policy = condition(random, 3);
        trial.begin(&policy, random).await;
        for _ in 0..PEOPLE {
            let who = somebody(random);
            for _ in 0..QUESTIONS {
                let request = question(random);
                let answers = trial.ask(&who, &request).await;
                for (answer, name) in answers.iter().zip(NAMES) {
                    assert_eq!(*answer, answers[0], "seed {seed}: {name}\n{}\n{who:?}\n{request:?}", policy.ours);
                }
                match &answers[0] {
                    Ok((rows, ..)) if rows.is_empty() => hidden += 1,
                    _ => seen += 1,
                }
            }
        }
        for n in 0..WRITES {
            let who = somebody(random);
            let (column, value): (&str, Raw) = match random.random_range(0..3) {
                0 => ("region", ["West", "East", "North"].choose(random).map(|v| Raw::from(*v)).unwrap()),
                1 => ("owner", ["eve", "adam"].choose(random).map(|v| Raw::from(*v)).unwrap()),
                _ => ("units", random.random_range(-3..10).into()),
            };
            let id: i64 = random.random_range(0..26);
            // What is there now, as somebody who sees it all would know it.
            let sql = Sql::new(format!("select cast({column} as text) from facts where id = {id}"));
            let rows = trial.sqlite.read(None, &sql, &[model::ColumnType::Text]).await.unwrap();
            let was = rows.first().map_or(Raw::Null, |row| row[0].to_wire());
            let was = if column == "units" { was.as_str().map_or(Raw::Null, |n| n.parse::<i64>().unwrap().into()) } else { was };
            let mut outcomes = Vec::new();
            for engine in &trial.engines {
                let set = Edit { table: "fact".into(), key: vec![id.into()], ..edit(&[], column, value.clone(), was.clone()) };
                let applied = engine.apply(&who, &batch(vec![set]), "req").await;
                outcomes.push(applied.map(|outcome| outcome.rows[0].values.clone()).map_err(|error| error.to_api().code));
            }
            for (outcome, name) in outcomes.iter().zip(NAMES) {
                assert_eq!(*outcome, outcomes[0], "seed {seed}, write {n}: {name}: {column} of {id}\n{}\n{who:?}", policy.ours);
            }
            *(if outcomes[0].is_ok() { &mut written } else { &mut refused }) += 1;
        }
        let mut remarks: BTreeMap<i64, String> = BTreeMap::new();
        for n in 0..BULK {
            let who = somebody(random);
            let mode = if random.random_bool(0.5) { EditMode::PerRow } else { EditMode::AllOrNothing };
            let edits: Vec<Edit> = (0..random.random_range(2..6)).map(|_| bulk_edit(random, &remarks)).collect();
            let mut outcomes = Vec::new();
            for (engine, tenant) in trial.engines.iter().zip(TENANTS) {
                let who = Principal { tenant: tenant.into(), ..who.clone() };
                let applied = engine.apply(&who, &Batch { mode, ..batch(edits.clone()) }, "req").await;
                // What is refused first, and so the code, is the engine's; what is refused at all is not.
                outcomes.push(applied.ok().map(|outcome| {
                    outcome
                        .rows
                        .iter()
                        .map(|row| row.code.is_some() || row.cells.iter().any(|c| c.code.is_some()))
                        .collect::<Vec<_>>()
                }));
            }
            let (stored, said) = (trial.stored().await, trial.remarks().await);
            for i in 1..3 {
                let place = format!("seed {seed}, bulk {n}: {}\n{}\n{who:?}\n{edits:#?}", NAMES[i], policy.ours);
                assert_eq!(outcomes[i], outcomes[0], "{place}");
                assert_eq!((&stored[i], &said[i]), (&stored[0], &said[0]), "{place}");
            }
            for (edit, is_refused) in edits.iter().zip(outcomes[0].iter().flatten()) {
                if edit.table == "remark" && !is_refused {
                    let id = edit.key[0].as_i64().unwrap();
                    remarks.insert(id, edit.cells[0].value.as_str().unwrap().to_owned());
                }
            }
            *(if outcomes[0].is_some() { &mut written } else { &mut refused }) += 1;
        }
    }
    println!("{seen} answers with rows, {hidden} without; {written} writes, {refused} refused");
    assert!(seen > 200 && hidden > 100 && written > 20 && refused > 50, "too one-sided to mean anything");
}
