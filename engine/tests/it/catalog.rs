//! Workbook files: every mistake at once, each with its place; a broken file never replaces a good one.

use engine::catalog::{Body, Catalog, Directory, draft};
use model::QueryRequest;

use crate::world::{On, WORKBOOK, World, wendy};

const BROKEN: &str = include_str!("broken.yaml");

#[tokio::test]
async fn all_mistakes_are_told_at_once_with_their_places() {
    let Err(mistakes) = World::with(On::Sqlite, BROKEN).await else { panic!("a broken workbook was accepted") };
    insta::assert_snapshot!(mistakes);
}

#[tokio::test]
async fn what_is_no_yaml_is_told_too() {
    let Err(mistakes) = World::with(On::Sqlite, "workbook: [plan").await else { panic!("accepted") };
    assert!(mistakes.contains("plan.yaml:"), "{mistakes}");
}

#[tokio::test]
async fn a_broken_file_never_replaces_a_good_one() {
    let world = World::new().await;
    let store = Directory(world.folder.path().to_owned());
    let file = world.folder.path().join("plan.yaml");
    std::fs::write(&file, BROKEN).unwrap();
    assert!(world.engine.reload(&store).await.is_err());
    assert_eq!(world.query(&wendy(), "states").await.unwrap().total, Some(3));
    std::fs::write(&file, WORKBOOK.replace("title: Plan", "title: New plan")).unwrap();
    world.engine.reload(&store).await.unwrap();
    assert_eq!(world.engine.view(&wendy(), "plan", "req-1").await.unwrap().title, "New plan");
}

#[tokio::test]
async fn a_source_that_each_edit_would_read_whole_is_warned_of() {
    let world = World::new().await;
    let limited = WORKBOOK.replace("group by 1, 2, 3", "group by 1, 2, 3 limit 100");
    std::fs::write(world.folder.path().join("plan.yaml"), limited).unwrap();
    let store = Directory(world.folder.path().to_owned());
    let catalog = Catalog::load(&store, world.warehouse.as_ref()).await.unwrap();
    let [warning] = catalog.warnings.as_slice() else { panic!("{:?}", catalog.warnings) };
    let text = warning.to_string();
    assert!(text.starts_with("warning: ") && text.contains("a LIMIT") && text.contains("sql: select region"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_rows_share_are_told_with_the_first() {
    for on in [On::Sqlite, On::Postgres] {
        let world = World::on(on).await;
        let store = Directory(world.folder.path().to_owned());
        let catalog = Catalog::load(&store, world.warehouse.as_ref()).await.unwrap();
        let warnings: Vec<String> = catalog.shared_keys(world.warehouse.as_ref()).await.into_iter().map(|w| w.message).collect();
        let expect = "the key of `loose` is not unique: 2 rows have code = 'a'; such rows are shown, and can't be typed into";
        assert_eq!(warnings, [expect], "on {on:?}");
    }
}

#[tokio::test]
async fn a_new_column_joins_an_existing_table() {
    let world = World::new().await;
    let more = WORKBOOK.replace("      note: {", "      extra: { type: integer }\n      note: {");
    std::fs::write(world.folder.path().join("plan.yaml"), more).unwrap();
    let world = world.restarted().await;
    let key = ["West", "Chairs", "2017-01-01"];
    let outcome = world.set(&wendy(), &key, "extra", 7, serde_json::Value::Null).await.unwrap();
    assert_eq!(outcome.rows[0].values["extra"], 7);
}

#[tokio::test]
async fn a_first_workbook_is_drafted_and_good() {
    for on in [On::Sqlite, On::Postgres] {
        let world = World::on(on).await;
        let tables = ["orders", "loose"].map(|table| (table.to_owned(), Body::Table(table.into())));
        let mut described = Vec::new();
        for (name, body) in tables {
            described.push((name, world.warehouse.describe(&body).await.unwrap()));
        }
        let text = draft("first_look", &described);
        assert!(text.contains("key: [id]") && text.contains("no unique index"), "{text}");
        std::fs::write(world.folder.path().join("plan.yaml"), text).unwrap();
        let store = Directory(world.folder.path().to_owned());
        let loaded = world.engine.reload(&store).await;
        loaded.unwrap_or_else(|mistakes| panic!("{on:?}: {}", mistakes[0]));
        let mut wendy = wendy();
        wendy.workbooks = vec!["first_look".into()];
        let request = QueryRequest { workbook: "first_look".into(), element: "orders_rows".into(), ..QueryRequest::default() };
        assert_eq!(world.engine.query(&wendy, &request, "req-1").await.unwrap().total, Some(5));
    }
}

#[test]
fn the_schema_knows_every_element() {
    let schema = model::file::schema().to_string();
    for word in ["input_tables", "hide_unless", "direct_to", "\"kpi\"", "\"form\"", "\"control\""] {
        assert!(schema.contains(word), "{word}");
    }
}
