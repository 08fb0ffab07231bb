//! What a column asks of its values: a form, options, that no other row has the same, that another source lists it.

use std::sync::Arc;

use model::{ApiError, BatchOutcome, CellEdit, Code, Edit, Filter, FilterOp, LookupRequest, Principal, QueryRequest, Raw};

use crate::world::{World, ada, batch, ed, on_every_engine, person, walt, wendy};

fn task(cells: &[(&str, Raw)]) -> Edit {
    let title = [("title", Raw::from("t"))];
    let cells = title.iter().chain(cells).map(|(column, value)| CellEdit::new(*column, value.clone()));
    Edit::insert("tasks", Vec::new(), cells.collect())
}

async fn add(world: &World, who: &Principal, edits: Vec<Edit>) -> Result<BatchOutcome, ApiError> {
    world.apply(who, &batch(edits)).await
}

/// The code of each refused cell of the first row.
async fn refused(world: &World, who: &Principal, cells: &[(&str, Raw)]) -> Vec<(String, Code)> {
    let outcome = add(world, who, vec![task(cells)]).await.err().and_then(|error| error.outcome).expect("a refusal");
    let told = outcome.rows[0].cells.iter().filter_map(|cell| Some((cell.column.clone(), cell.code?)));
    told.filter(|(_, code)| *code != Code::NotApplied).collect()
}

async fn tasks(world: &World, who: &Principal, filters: Vec<Filter>) -> Vec<Vec<Raw>> {
    let request = QueryRequest { workbook: "plan".into(), element: "tasks".into(), filters, ..QueryRequest::default() };
    world.engine.query(who, &request, "req-1").await.unwrap().rows
}

async fn several_choices_are_kept_in_the_order_of_the_list_and_found(world: World) {
    let means = |list: &[&str]| ("means", serde_json::json!(list));
    let first = add(&world, &wendy(), vec![task(&[means(&["bike", "car", "bike"])]), task(&[means(&[])])]).await.unwrap();
    let contains = |text: &str| vec![Filter { column: "means".into(), op: FilterOp::Contains, value: text.into() }];
    let found = tasks(&world, &wendy(), contains("bike")).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0][3], Raw::from("[\"car\",\"bike\"]"));
    assert!(tasks(&world, &wendy(), contains("train")).await.is_empty());
    assert_eq!(refused(&world, &wendy(), &[means(&["car", "boat"])]).await, [("means".to_owned(), Code::NotAnOption)]);
    // What the grid shows is what it says that it saw.
    let cell = CellEdit { was: "[\"car\",\"bike\"]".into(), ..CellEdit::new("means", "[\"train\"]".into()) };
    add(&world, &walt(), vec![Edit::set("tasks", first.rows[0].key.clone(), vec![cell])]).await.unwrap();
    assert_eq!(tasks(&world, &wendy(), contains("train")).await.len(), 1);
}

async fn a_text_has_the_form_that_is_asked_for(world: World) {
    let code = |text: &str| ("code", Raw::from(text));
    assert_eq!(refused(&world, &wendy(), &[code("A-1")]).await, [("code".to_owned(), Code::TooShort)]);
    assert_eq!(refused(&world, &wendy(), &[code("AB-1x")]).await, [("code".to_owned(), Code::WrongForm)]);
    let error = add(&world, &wendy(), vec![task(&[code("ab-12")])]).await.err().unwrap();
    assert_eq!(error.message, "Like AB-12");
    add(&world, &wendy(), vec![task(&[code("AB-12")])]).await.unwrap();
    assert_eq!(tasks(&world, &wendy(), Vec::new()).await.len(), 1);
}

async fn no_two_rows_have_the_same_unique_value(world: World) {
    let code = |text: &str| ("code", Raw::from(text));
    let first = add(&world, &wendy(), vec![task(&[code("AB-12")]), task(&[]), task(&[])]).await.unwrap();
    let taken = [("code".to_owned(), Code::NotUnique)];
    assert_eq!(refused(&world, &walt(), &[code("AB-12")]).await, taken);
    let set = |row: usize, value: &str, was: Raw| {
        Edit::set("tasks", first.rows[row].key.clone(), vec![CellEdit { was, ..CellEdit::new("code", value.into()) }])
    };
    let error = add(&world, &wendy(), vec![set(1, "AB-12", Raw::Null)]).await.err().unwrap();
    assert_eq!(error.code, Code::NotUnique);
    // The row that has it may be edited, and give it away.
    let hours = CellEdit::new("hours", 3.into());
    add(&world, &wendy(), vec![Edit::set("tasks", first.rows[0].key.clone(), vec![hours])]).await.unwrap();
    add(&world, &wendy(), vec![set(0, "AB-13", "AB-12".into())]).await.unwrap();
    add(&world, &wendy(), vec![set(1, "AB-12", Raw::Null)]).await.unwrap();
    // Rows of one batch see each other, and rows of another tenant nobody's.
    let error = add(&world, &wendy(), vec![task(&[code("CD-12")]), task(&[code("CD-12")])]).await.err().unwrap();
    assert_eq!(error.code, Code::NotUnique);
    let mut stranger = wendy();
    stranger.tenant = "globex".into();
    add(&world, &stranger, vec![task(&[code("AB-12")])]).await.unwrap();
    assert_eq!(world.count("select count(*) from {log} where column_name = 'code'").await, 4);
}

async fn who_comes_first_has_a_unique_value(world: World) {
    let world = Arc::new(world);
    for round in 0..10 {
        let writers = (0..8).map(|n| {
            let world = world.clone();
            let who = if n % 2 == 0 { wendy() } else { walt() };
            tokio::spawn(async move { add(&world, &who, vec![task(&[("code", format!("R-{round:03}").into())])]).await.is_ok() })
        });
        let won = futures::future::join_all(writers).await.into_iter().filter(|done| *done.as_ref().unwrap()).count();
        assert_eq!(won, 1, "round {round}");
    }
    assert_eq!(tasks(&world, &wendy(), Vec::new()).await.len(), 10);
}

async fn look_up(world: &World, who: &Principal, column: &str, search: &str) -> Result<Vec<String>, Code> {
    let request = LookupRequest { workbook: "plan".into(), table: "tasks".into(), column: column.into(), search: search.into() };
    let answer = world.engine.lookup(who, &request, "req-1").await.map_err(|error| error.to_api().code)?;
    let text = |raw: &Raw| raw.as_str().unwrap_or_default().to_owned();
    Ok(answer.options.iter().map(|o| format!("{} {}", text(&o.value), o.label.as_ref().map(text).unwrap_or_default())).collect())
}

async fn what_may_be_chosen_is_what_one_may_read(world: World) {
    assert_eq!(look_up(&world, &wendy(), "product", "").await.unwrap(), ["Chairs West", "Tables West"]);
    assert_eq!(look_up(&world, &ed(), "product", "").await.unwrap(), ["Chairs East"]);
    assert_eq!(look_up(&world, &wendy(), "product", "tAB").await.unwrap(), ["Tables West"]);
    assert_eq!(look_up(&world, &ada(), "product", "east").await.unwrap(), ["Chairs East"]);
    assert!(look_up(&world, &wendy(), "product", "%").await.unwrap().is_empty());
    for (who, column) in
        [(wendy(), "title"), (wendy(), "nonsense"), (person("tom", Some("West"), &["planner", "temp"]), "product")]
    {
        assert_eq!(look_up(&world, &who, column, "").await.err(), Some(Code::UnknownColumn), "{column}");
    }
    let product = |text: &str| [("product", Raw::from(text))];
    add(&world, &wendy(), vec![task(&product("Tables"))]).await.unwrap();
    let unlisted = [("product".to_owned(), Code::NotListed)];
    assert_eq!(refused(&world, &wendy(), &product("tables")).await, unlisted);
    // It is there, but not for him.
    assert_eq!(refused(&world, &ed(), &product("Tables")).await, unlisted);
    let row = |n: usize| task(&product(["Chairs", "Sofas"][n]));
    assert_eq!(add(&world, &wendy(), vec![row(0), row(1)]).await.err().unwrap().code, Code::NotListed);
    assert_eq!(tasks(&world, &wendy(), Vec::new()).await.len(), 1);
}

async fn a_value_that_is_listed_no_more_stays(world: World) {
    let added = add(&world, &wendy(), vec![task(&[("product", "Tables".into())])]).await.unwrap();
    // Ed can't choose it, and may do all else with the row.
    let hours = CellEdit::new("hours", 3.into());
    add(&world, &ed(), vec![Edit::set("tasks", added.rows[0].key.clone(), vec![hours])]).await.unwrap();
    let same = CellEdit { was: "Tables".into(), ..CellEdit::new("product", Raw::Null) };
    add(&world, &ed(), vec![Edit::set("tasks", added.rows[0].key.clone(), vec![same])]).await.unwrap();
}

on_every_engine!(
    several_choices_are_kept_in_the_order_of_the_list_and_found,
    a_text_has_the_form_that_is_asked_for,
    no_two_rows_have_the_same_unique_value,
    who_comes_first_has_a_unique_value,
    what_may_be_chosen_is_what_one_may_read,
    a_value_that_is_listed_no_more_stays,
);
