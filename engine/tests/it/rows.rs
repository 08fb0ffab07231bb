//! Rows that people add and take back.

use model::{Batch, BatchOutcome, BatchStatus, CellEdit, Code, Edit, EditMode, Principal, Raw, RowOutcome};

use crate::world::{World, ada, batch, ed, on_every_engine, person, walt, wendy};

fn task(title: &str, hours: i64) -> Edit {
    Edit::insert("tasks", vec!["new".into()], vec![CellEdit::new("title", title.into()), CellEdit::new("hours", hours.into())])
}

async fn add(world: &World, who: &Principal, edits: Vec<Edit>) -> BatchOutcome {
    world.apply(who, &batch(edits)).await.unwrap()
}

async fn refused(world: &World, who: &Principal, edit: Edit) -> Code {
    world.apply(who, &batch(vec![edit])).await.unwrap_err().code
}

async fn titles(world: &World) -> Vec<Raw> {
    world.query(&wendy(), "tasks").await.unwrap().rows.into_iter().map(|mut row| row.swap_remove(0)).collect()
}

async fn rows_stay_in_the_order_they_were_added_in(world: World) {
    let names: Vec<String> = (0..20).map(|n| format!("task {n}")).collect();
    add(&world, &wendy(), names.iter().map(|name| task(name, 1)).collect()).await;
    add(&world, &walt(), vec![task("last", 1)]).await;
    let expect: Vec<Raw> = names.iter().map(|name| Raw::from(name.as_str())).chain(["last".into()]).collect();
    assert_eq!(titles(&world).await, expect);
}

async fn whoever_added_a_row_may_take_it_back_and_the_log_keeps_it(world: World) {
    let added = add(&world, &wendy(), vec![task("one", 3), task("two", 4)]).await;
    let (key, version) = (added.rows[0].key.clone(), added.rows[0].version);
    let delete = || Edit::delete("tasks", key.clone(), version);
    assert_eq!(refused(&world, &walt(), delete()).await, Code::RowReadOnly);
    let mut stranger = wendy();
    stranger.tenant = "globex".into();
    for who in [stranger, person("rita", Some("West"), &[])] {
        assert_eq!(refused(&world, &who, delete()).await, Code::RowNotFound);
    }
    assert_eq!(titles(&world).await, [Raw::from("one"), "two".into()]);
    let gone = batch(vec![delete()]);
    let told = world.apply(&wendy(), &gone).await.unwrap();
    assert_eq!((told.rows[0].values["title"].clone(), told.rows[0].values["hours"].clone()), ("one".into(), 3.into()));
    assert_eq!(titles(&world).await, [Raw::from("two")]);
    assert!(world.apply(&wendy(), &gone).await.unwrap().replayed);
    assert_eq!(refused(&world, &wendy(), delete()).await, Code::RowNotFound);
    let logged = "select count(*) from {log} where operation = 'delete' and new_value is null and row_version = 2 and \
                  (column_name = 'title' and old_value = '\"one\"' or column_name = 'hours' and old_value = '3')";
    assert_eq!(world.count(logged).await, 2);
    assert_eq!(world.count("select count(*) from {log} where operation = 'delete'").await, 2);
}

async fn a_row_that_somebody_changed_since_is_not_taken_away(world: World) {
    let added = add(&world, &wendy(), vec![task("one", 3)]).await;
    let key = added.rows[0].key.clone();
    let cell = CellEdit { was: 3.into(), ..CellEdit::new("hours", 5.into()) };
    add(&world, &walt(), vec![Edit::set("tasks", key.clone(), vec![cell])]).await;
    let error = world.apply(&wendy(), &batch(vec![Edit::delete("tasks", key.clone(), 1)])).await.unwrap_err();
    assert_eq!(error.code, Code::Conflict);
    assert_eq!(error.outcome.unwrap().rows[0].message.as_deref(), Some("WALT changed this row in the meantime."));
    assert_eq!(titles(&world).await, [Raw::from("one")]);
    add(&world, &wendy(), vec![Edit::delete("tasks", key, 2)]).await;
    assert!(titles(&world).await.is_empty());
}

async fn a_policy_says_which_rows_may_be_deleted(world: World) {
    let chore = |hours: Raw| Edit::insert("chores", Vec::new(), vec![CellEdit::new("hours", hours)]);
    let added = add(&world, &wendy(), vec![chore(2.into()), Edit { cells: Vec::new(), ..chore(Raw::Null) }]).await;
    let delete = |n: usize| Edit::delete("chores", added.rows[n].key.clone(), 1);
    assert_eq!(refused(&world, &wendy(), delete(0)).await, Code::RowReadOnly);
    // Ed reads and writes them, Rita only reads.
    assert_eq!(refused(&world, &person("rita", Some("West"), &[]), delete(1)).await, Code::RowReadOnly);
    let told = add(&world, &ed(), vec![delete(1)]).await;
    // A row of blanks comes and goes with a word in the log.
    assert!(told.rows[0].cells.iter().all(|cell| cell.seq.is_some()) && told.rows[0].cells.len() == 1);
    assert_eq!(world.count("select count(*) from {log} where table_name = 'chores' and new_value is null").await, 2);
}

async fn a_trial_adds_and_deletes_nothing(world: World) {
    let added = add(&world, &wendy(), vec![task("one", 3)]).await;
    let mut trial = batch(vec![task("two", 1), task("closed", 1), Edit::delete("tasks", added.rows[0].key.clone(), 1)]);
    trial.mode = EditMode::Trial;
    let told = world.apply(&wendy(), &trial).await.unwrap();
    assert_eq!(told.status, BatchStatus::Tried);
    let codes: Vec<_> = told.rows.iter().map(|row| row.code).collect();
    assert_eq!(codes, [None, Some(Code::RowReadOnly), None]);
    assert_eq!(titles(&world).await, [Raw::from("one")]);
    assert_eq!(world.count("select count(*) from {log} where table_name = 'tasks'").await, 2);
}

async fn a_delete_that_is_none_is_refused_before_anything_happens(world: World) {
    let added = add(&world, &wendy(), vec![task("one", 3)]).await;
    let delete = Edit::delete("tasks", added.rows[0].key.clone(), 1);
    let cell = vec![CellEdit::new("hours", Raw::Null)];
    let with_cells = Edit { cells: cell.clone(), ..delete.clone() };
    let without_version = Edit { version: None, ..delete.clone() };
    let set_with_version = Edit { version: Some(1), ..Edit::set("tasks", delete.key.clone(), cell) };
    for bad in [with_cells, without_version, set_with_version, Edit { key: Vec::new(), ..delete.clone() }] {
        assert_eq!(refused(&world, &wendy(), bad).await, Code::BadBatch);
    }
    let linked = Edit::delete("forecast", ["West", "Chairs", "2017-01-01"].map(Raw::from).to_vec(), 0);
    assert_eq!(refused(&world, &wendy(), linked).await, Code::NotSupported);
    assert_eq!(refused(&world, &ada(), delete).await, Code::RowNotFound);
    assert_eq!(titles(&world).await, [Raw::from("one")]);
}

async fn thousands_of_edits_are_one_batch(world: World) {
    // "closed" may not be written, the last one is not listed.
    let mut edits: Vec<Edit> = (0..2_500).map(|n| task(if n == 1_700 { "closed" } else { "open" }, n)).collect();
    edits[2_499].cells.push(CellEdit::new("product", "nothing".into()));
    let mode = |mode| Batch { mode, ..batch(edits.clone()) };
    let codes = |outcome: &BatchOutcome| {
        let code = |row: &RowOutcome| row.code.or_else(|| row.cells.iter().find_map(|cell| cell.code));
        outcome.rows.iter().enumerate().filter_map(|(i, row)| Some((i, code(row)?))).collect::<Vec<_>>()
    };
    let bad = [(1_700, Code::RowReadOnly), (2_499, Code::NotListed)];
    let logged = async || world.count("select count(*) from {log}").await;

    let tried = world.apply(&wendy(), &mode(EditMode::Trial)).await.unwrap();
    assert_eq!((tried.status, codes(&tried)), (BatchStatus::Tried, bad.to_vec()));
    let refused = world.apply(&wendy(), &mode(EditMode::AllOrNothing)).await.unwrap_err();
    assert_eq!((refused.code, logged().await), (Code::RowReadOnly, 0));
    let done = mode(EditMode::PerRow);
    let outcome = world.apply(&wendy(), &done).await.unwrap();
    assert_eq!((outcome.status, codes(&outcome)), (BatchStatus::Partial, bad.to_vec()));
    assert_eq!(logged().await, 2 * 2_498);
    assert_eq!(world.count("select count(distinct edit_id) from {log}").await, 2_498);
    let again = world.apply(&wendy(), &done).await.unwrap();
    assert_eq!((again.replayed, codes(&again)), (true, bad.to_vec()));

    let deletes =
        |rows: &mut dyn Iterator<Item = &RowOutcome>| batch(rows.map(|row| Edit::delete("tasks", row.key.clone(), 1)).collect());
    let too_many = deletes(&mut outcome.rows.iter().cycle().take(5_001));
    assert_eq!(world.apply(&wendy(), &too_many).await.unwrap_err().code, Code::BadBatch);
    let cells = vec![CellEdit { was: "open".into(), ..CellEdit::new("title", "shut".into()) }];
    let set = |row: &RowOutcome| Edit::set("tasks", row.key.clone(), cells.clone());
    let changed =
        world.apply(&wendy(), &batch(outcome.rows.iter().filter(|row| !row.is_refused()).map(set).collect())).await.unwrap();
    assert!(changed.rows.iter().all(|row| row.version == 2));
    assert_eq!(world.count("select count(*) from {log} where operation = 'set' and old_value = '\"open\"'").await, 2_498);
}

on_every_engine!(
    thousands_of_edits_are_one_batch,
    rows_stay_in_the_order_they_were_added_in,
    whoever_added_a_row_may_take_it_back_and_the_log_keeps_it,
    a_row_that_somebody_changed_since_is_not_taken_away,
    a_policy_says_which_rows_may_be_deleted,
    a_trial_adds_and_deletes_nothing,
    a_delete_that_is_none_is_refused_before_anything_happens,
);
