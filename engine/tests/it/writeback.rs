//! The promises of the write path, each with a test that would fail without it.

use std::sync::Arc;

use engine::Heard;
use engine::catalog::Directory;
use model::{AccessMode, Batch, BatchStatus, CellEdit, Code, Edit, EditMode, Operation, Raw};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, Executor};

use crate::world::{World, ada, batch, ed, edit, on_every_engine, person, walt, wendy};

const JAN: [&str; 3] = ["West", "Chairs", "2017-01-01"];
const FEB: [&str; 3] = ["West", "Chairs", "2017-02-01"];

async fn an_edit_is_in_the_table_and_in_the_log_once(world: World) {
    let outcome = world.set(&wendy(), &JAN, "amount", "120.50", Raw::Null).await.unwrap();
    assert_eq!((outcome.status, outcome.rows[0].version), (BatchStatus::Committed, 1));
    assert_eq!(outcome.rows[0].values["variance"], "20.00");
    assert_eq!(outcome.rows[0].values["status"], "draft");
    assert_eq!(world.count("select count(*) from {forecast} where amount = {money 120.50} and _tenant = 'acme'").await, 1);
    let logged = "select count(*) from {log} where \"user\" = 'wendy' and column_name = 'amount' and old_value is null \
                  and new_value = '\"120.50\"' and row_version = 1 and origin = 'grid' and request_id = 'req-1' and intent = 'commit'";
    assert_eq!(world.count(logged).await, 1);
}

async fn a_replayed_batch_gets_the_first_outcome_over_restarts(world: World) {
    let first = batch(vec![edit(&JAN, "amount", "1", Raw::Null)]);
    let outcome = world.apply(&wendy(), &first).await.unwrap();
    let world = world.restarted().await;
    let again = world.apply(&wendy(), &first).await.unwrap();
    assert!(again.replayed && !outcome.replayed);
    assert_eq!(again.rows, outcome.rows);
    assert_eq!(world.count("select count(*) from {log}").await, 1);
    let other = Batch { edits: vec![edit(&JAN, "amount", "2", "1")], ..first.clone() };
    assert_eq!(world.apply(&wendy(), &other).await.unwrap_err().code, Code::BatchReused);
    // Another person's batch of the same id is another batch.
    let walts = Batch { edits: vec![edit(&FEB, "amount", "3", Raw::Null)], ..first };
    assert!(!world.apply(&walt(), &walts).await.unwrap().replayed);
}

async fn a_replay_shows_values_under_todays_policy(world: World) {
    let first = batch(vec![edit(&JAN, "amount", "1", Raw::Null)]);
    world.apply(&wendy(), &first).await.unwrap();
    let moved = person("wendy", Some("East"), &["planner"]);
    let again = world.apply(&moved, &first).await.unwrap();
    assert!(again.replayed);
    assert!(again.rows[0].values.is_empty());
}

async fn nothing_is_overwritten_silently(world: World) {
    world.set(&wendy(), &JAN, "amount", "10", Raw::Null).await.unwrap();
    let error = world.set(&walt(), &JAN, "amount", "20", Raw::Null).await.unwrap_err();
    assert_eq!((error.code, error.status()), (Code::Conflict, 409));
    let cell = error.outcome.unwrap().rows[0].cells[0].clone();
    let conflict = cell.conflict.unwrap();
    assert_eq!((conflict.by.as_deref(), conflict.now), (Some("WENDY"), Raw::from("10.00")));
    assert!(conflict.at.is_some());
    // Different cells of one row merge; the same value twice is no quarrel.
    world.set(&walt(), &JAN, "note", "mine", Raw::Null).await.unwrap();
    world.set(&walt(), &JAN, "amount", "10", Raw::Null).await.unwrap();
    // An untouched cell with a default was seen as its default.
    world.set(&walt(), &FEB, "status", "done", "draft").await.unwrap();
}

async fn undo_sees_a_b_a(world: World) {
    let first = world.set(&wendy(), &JAN, "amount", "1", Raw::Null).await.unwrap();
    world.set(&walt(), &JAN, "amount", "2", "1").await.unwrap();
    world.set(&walt(), &JAN, "amount", "1", "2").await.unwrap();
    let cell = CellEdit { column: "amount".into(), value: Raw::Null, was: "1".into(), was_seq: first.rows[0].cells[0].seq };
    let undo = Edit { cells: vec![cell], ..edit(&JAN, "amount", Raw::Null, Raw::Null) };
    assert_eq!(world.apply(&wendy(), &batch(vec![undo])).await.unwrap_err().code, Code::Conflict);
}

async fn a_hidden_row_answers_like_one_that_does_not_exist(world: World) {
    let hidden = world.set(&ed(), &JAN, "amount", "1", Raw::Null).await.unwrap_err();
    let absent = world.set(&ed(), &["Mars", "Chairs", "2017-01-01"], "amount", "1", Raw::Null).await.unwrap_err();
    let malformed = world.set(&ed(), &["West", "Chairs", "not a date"], "amount", "1", Raw::Null).await.unwrap_err();
    assert_eq!((hidden.code, hidden.status()), (Code::RowNotFound, 404));
    assert_eq!((hidden.code, &hidden.message), (absent.code, &absent.message));
    assert_eq!((hidden.code, &hidden.message), (malformed.code, &malformed.message));
    // Even a value that is wrong in itself tells nothing about the row.
    let wrong = world.set(&ed(), &JAN, "amount", "-1", Raw::Null).await.unwrap_err();
    assert_eq!(wrong.code, Code::RowNotFound);
    assert_eq!(world.count("select count(*) from {log}").await, 0);
}

async fn who_reads_a_row_need_not_be_allowed_to_write_it(world: World) {
    let error = world.set(&ada(), &JAN, "note", "x", Raw::Null).await.unwrap_err();
    assert_eq!((error.code, error.status()), (Code::RowReadOnly, 403));
    let mut viewer = wendy();
    viewer.mode = AccessMode::View;
    assert_eq!(world.set(&viewer, &JAN, "note", "x", Raw::Null).await.unwrap_err().code, Code::NotAllowed);
    let clerk = person("clerk", Some("West"), &[]);
    assert_eq!(world.set(&clerk, &JAN, "amount", "1", Raw::Null).await.unwrap_err().code, Code::ColumnReadOnly);
    assert!(world.set(&clerk, &JAN, "note", "x", Raw::Null).await.is_ok());
}

async fn every_bad_value_has_its_code_and_changes_nothing(world: World) {
    for (column, value, code) in [
        ("amount", Raw::from("abc"), Code::WrongType),
        ("amount", Raw::from(true), Code::WrongType),
        ("amount", Raw::from("-1"), Code::OutOfRange),
        ("amount", Raw::from("1.234"), Code::OutOfRange),
        ("amount", Raw::from("99999999999999999999"), Code::OutOfRange),
        ("amount", Raw::from("2000"), Code::RuleFailed),
        ("note", Raw::from("x".repeat(21)), Code::TooLong),
        ("note", Raw::from("a\0b"), Code::OutOfRange),
        ("status", Raw::from("maybe"), Code::NotAnOption),
        ("actual", Raw::from("1"), Code::ColumnReadOnly),
        ("variance", Raw::from("1"), Code::ColumnReadOnly),
        ("region", Raw::from("East"), Code::ColumnReadOnly),
        ("_version", Raw::from(7), Code::UnknownColumn),
        ("nonsense", Raw::from("1"), Code::UnknownColumn),
    ] {
        let was = if column == "status" { Raw::from("draft") } else { Raw::Null };
        let error = world.set(&wendy(), &JAN, column, value.clone(), was).await.unwrap_err();
        assert_eq!((error.code, error.status()), (code, 422), "{column} {value}");
    }
    assert_eq!(world.count("select count(*) from {forecast}").await, 0);
    assert_eq!(world.count("select count(*) from {log}").await, 0);
}

async fn a_batch_is_all_or_nothing_unless_asked_otherwise(world: World) {
    let edits = || vec![edit(&JAN, "amount", "1", Raw::Null), edit(&FEB, "amount", "-1", Raw::Null)];
    let error = world.apply(&wendy(), &batch(edits())).await.unwrap_err();
    let rows = error.outcome.unwrap().rows;
    assert_eq!(error.code, Code::OutOfRange);
    assert_eq!(rows[0].cells[0].code, Some(Code::NotApplied));
    assert_eq!(world.count("select count(*) from {forecast}").await, 0);

    let per_row = Batch { mode: EditMode::PerRow, ..batch(edits()) };
    let outcome = world.apply(&wendy(), &per_row).await.unwrap();
    assert_eq!(outcome.status, BatchStatus::Partial);
    assert_eq!(outcome.rows[1].cells[0].code, Some(Code::OutOfRange));
    assert_eq!(world.count("select count(*) from {forecast}").await, 1);
    assert_eq!(world.count("select count(*) from {log}").await, 1);
}

async fn the_first_of_404_403_422_409_is_the_batchs_status(world: World) {
    world.set(&wendy(), &JAN, "note", "w", Raw::Null).await.unwrap();
    let conflict = || edit(&JAN, "note", "v", Raw::Null);
    let invalid = || edit(&FEB, "amount", "-1", Raw::Null);
    let hidden = || edit(&["East", "Chairs", "2017-01-01"], "amount", "1", Raw::Null);
    let code = async |edits| world.apply(&walt(), &batch(edits)).await.unwrap_err().code;
    assert_eq!(code(vec![conflict(), invalid()]).await, Code::OutOfRange);
    assert_eq!(code(vec![conflict(), invalid(), hidden()]).await, Code::RowNotFound);
    assert_eq!(code(vec![conflict()]).await, Code::Conflict);
}

async fn a_direct_write_moves_no_row_out_of_ones_rights(world: World) {
    let state =
        |id: i64, value: &str, was: &str| Edit { table: "state".into(), key: vec![id.into()], ..edit(&[], "state", value, was) };
    let outcome = world.apply(&wendy(), &batch(vec![state(1, "shipped", "open")])).await.unwrap();
    assert_eq!(outcome.rows[0].values["state"], "shipped");
    // The new row would no longer be hers to write.
    let error = world.apply(&wendy(), &batch(vec![state(1, "locked", "shipped")])).await.unwrap_err();
    assert_eq!(error.code, Code::RowReadOnly);
    assert_eq!(world.count("select count(*) from orders where state = 'locked'").await, 0);
    assert_eq!(world.apply(&wendy(), &batch(vec![state(4, "shipped", "open")])).await.unwrap_err().code, Code::RowNotFound);
    assert_eq!(world.apply(&wendy(), &batch(vec![state(1, "locked", "open")])).await.unwrap_err().code, Code::Conflict);
}

async fn a_form_adds_a_row_that_its_user_cant_read(world: World) {
    let visit = |customer: Raw, score: Raw| {
        batch(vec![Edit::insert("visits", vec![], vec![CellEdit::new("customer", customer), CellEdit::new("score", score)])])
    };
    let filed = visit("Acme".into(), 4.into());
    world.apply(&wendy(), &filed).await.unwrap();
    assert!(world.apply(&wendy(), &filed).await.unwrap().replayed);
    assert_eq!(world.count("select count(*) from {visits} where _created_by = 'wendy'").await, 1);
    assert_eq!(world.query(&wendy(), "visited").await.unwrap().total, Some(0));
    assert_eq!(world.apply(&wendy(), &visit("forbidden".into(), 1.into())).await.unwrap_err().code, Code::RowReadOnly);
    assert_eq!(world.apply(&ada(), &visit("Acme".into(), 1.into())).await.unwrap_err().code, Code::RowReadOnly);
    let error = world.apply(&wendy(), &visit(Raw::Null, 9.into())).await.unwrap_err();
    let codes: Vec<_> = error.outcome.unwrap().rows[0].cells.iter().filter_map(|cell| cell.code).collect();
    assert_eq!(codes, [Code::Required, Code::OutOfRange]);
    assert_eq!(world.count("select count(*) from {visits}").await, 1);
}

async fn the_edit_log_can_neither_be_changed_nor_deleted(world: World) {
    use engine::Sql;
    world.set(&wendy(), &JAN, "amount", "1", Raw::Null).await.unwrap();
    for statement in ["update {log} set \"user\" = 'nobody'", "delete from {log}"] {
        assert!(world.warehouse.control(vec![Sql::new(world.sql(statement))]).await.is_err(), "{statement}");
    }
    assert_eq!(world.count("select count(*) from {log} where \"user\" = 'wendy'").await, 1);
}

async fn a_null_key_is_shown_and_read_only(world: World) {
    let answer = world.query(&ada(), "grid").await.unwrap();
    let place = answer.columns.iter().position(|c| c.name == "region").unwrap();
    let row = answer.rows.iter().position(|row| row[place].is_null()).unwrap();
    assert!(answer.meta[row].read_only.is_some());
}

async fn a_key_that_is_there_twice_is_shown_and_read_only(world: World) {
    let answer = world.query(&wendy(), "loose").await.unwrap();
    let read_only = answer.rows.iter().zip(&answer.meta).map(|(row, meta)| (row[0].as_str(), meta.read_only.is_some()));
    let mut read_only: Vec<_> = read_only.collect();
    read_only.sort_unstable();
    assert_eq!(read_only, [(None, true), (Some("a"), true), (Some("a"), true), (Some("b"), false), (Some("c"), false)]);
    let done = |code: &str| batch(vec![Edit { table: "loose_state".into(), ..edit(&[code], "state", "done", "open") }]);
    assert_eq!(world.apply(&wendy(), &done("a")).await.unwrap_err().code, Code::KeyNotUnique);
    assert_eq!(world.count("select count(*) from loose where state = 'done'").await, 0);
    // A key that the warehouse keeps unique needs no looking.
    assert!(world.query(&wendy(), "states").await.unwrap().meta.iter().all(|meta| meta.read_only.is_none()));
}

async fn a_direct_write_leaves_a_hidden_row_of_the_same_key_alone(world: World) {
    let done = Edit { table: "loose_state".into(), ..edit(&["c"], "state", "done", "open") };
    world.apply(&wendy(), &batch(vec![done])).await.unwrap();
    assert_eq!(world.count("select count(*) from loose where state = 'done' and region = 'West'").await, 1);
    assert_eq!(world.count("select count(*) from loose where state = 'done'").await, 1);
}

async fn a_direct_write_is_told_to_every_workbook_over_the_same_table(world: World) {
    let other = "workbook: other\ntitle: Other\nsources:\n  lines: { sql: select region as r from orders }\n  loose: { table: loose }\npages: []\n";
    std::fs::write(world.folder.path().join("other.yaml"), other).unwrap();
    world.engine.reload(&Directory(world.folder.path().to_owned())).await.unwrap();
    let mut changes = world.engine.changes();
    let shipped = Edit { table: "state".into(), key: vec![1.into()], ..edit(&[], "state", "shipped", "open") };
    world.apply(&wendy(), &batch(vec![shipped])).await.unwrap();
    let mut heard = || match changes.try_recv() {
        Ok(Heard::Changed(change)) => Some((change.workbook, change.table)),
        _ => None,
    };
    assert_eq!(heard(), Some(("plan".into(), "state".into())));
    assert_eq!(heard(), Some(("other".into(), "lines".into())));
    assert_eq!(heard(), None, "`loose` reads another table");
}

async fn tenants_never_meet(world: World) {
    world.set(&wendy(), &JAN, "note", "ours", Raw::Null).await.unwrap();
    let mut stranger = wendy();
    stranger.tenant = "globex".into();
    let seen = world.set(&stranger, &JAN, "note", "theirs", Raw::Null).await.unwrap();
    assert_eq!(seen.rows[0].version, 1);
    assert_eq!(world.count("select count(*) from {forecast}").await, 2);
}

async fn many_writers_on_one_row_lose_nothing(world: World) {
    let world = Arc::new(world);
    let tasks = (0..40).map(|n| {
        let world = world.clone();
        tokio::spawn(async move {
            // Each value is its writer's own, so an edit that was not seen is a conflict, told and tried again.
            let mut was = Raw::Null;
            loop {
                let mine = format!("{}.{n:02}", 10 + n);
                match world.set(&wendy(), &JAN, "amount", mine, was).await {
                    Ok(_) => return,
                    Err(error) => was = error.outcome.unwrap().rows[0].cells[0].conflict.clone().unwrap().now,
                }
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    assert_eq!(world.count("select _version from {forecast}").await, 40);
    assert_eq!(world.count("select count(distinct new_value) from {log}").await, 40);
    // The log is a chain: what each edit replaced is what the one before it had written.
    let broken = "select count(*) from {log} a join {log} b on b.seq = a.seq + 1 where b.old_value is distinct from a.new_value";
    assert_eq!(world.count(broken).await, 0);
}

async fn a_malformed_batch_is_refused_whole(world: World) {
    let refused = async |change: fn(&mut Batch)| {
        let mut bad = batch(vec![edit(&JAN, "amount", "1", Raw::Null)]);
        change(&mut bad);
        world.apply(&wendy(), &bad).await.unwrap_err().code
    };
    assert_eq!(refused(|b| b.batch_id = "x".into()).await, Code::BadBatch);
    assert_eq!(refused(|b| b.batch_id = "has spaces in it".into()).await, Code::BadBatch);
    assert_eq!(refused(|b| b.edits.clear()).await, Code::BadBatch);
    assert_eq!(refused(|b| b.edits[0].cells.clear()).await, Code::BadBatch);
    assert_eq!(refused(|b| drop(b.edits[0].key.pop())).await, Code::BadBatch);
    assert_eq!(refused(|b| b.edits[0].op = Operation::Insert).await, Code::NotSupported);
    assert_eq!(refused(|b| b.edits[0].table = "orders".into()).await, Code::NotFound);
    assert_eq!(refused(|b| b.workbook = "other".into()).await, Code::NotFound);
}

#[tokio::test]
async fn a_busy_file_says_so_and_applies_nothing() {
    let world = World::new().await;
    let path = world.database();
    let options = SqliteConnectOptions::new().filename(&path);
    let mut other = SqliteConnection::connect_with(&options).await.unwrap();
    other.execute("begin immediate").await.unwrap();
    let error = world.set(&wendy(), &JAN, "amount", "1", Raw::Null).await.unwrap_err();
    assert_eq!((error.code, error.status()), (Code::WarehouseUnavailable, 503));
    other.execute("rollback").await.unwrap();
    assert_eq!(world.count("select count(*) from {log}").await, 0);
    assert!(world.set(&wendy(), &JAN, "amount", "1", Raw::Null).await.is_ok());
}

async fn a_trial_says_what_would_become_of_a_batch_and_writes_nothing(world: World) {
    world.set(&walt(), &FEB, "note", "his", Raw::Null).await.unwrap();
    let before = world.log().await;
    let edits = || {
        vec![
            edit(&JAN, "amount", "5", Raw::Null),
            edit(&JAN, "note", "mine", Raw::Null),
            edit(&FEB, "note", "mine", Raw::Null),
            edit(&JAN, "amount", "-5", "5.00"),
            edit(&["East", "Chairs", "2017-01-01"], "amount", "1", Raw::Null),
        ]
    };
    let mode = |mode| Batch { mode, ..batch(edits()) };
    let trial = mode(EditMode::Trial);
    let tried = world.apply(&wendy(), &trial).await.unwrap();
    assert_eq!(tried.status, BatchStatus::Tried);
    assert_eq!(world.log().await, before, "nothing is in the log");
    assert_eq!(world.count("select count(*) from {forecast} where amount is not null").await, 0, "nor in the table");

    // The same again, in earnest and under the same id: the trial has not used it up.
    let done = world.apply(&wendy(), &Batch { mode: EditMode::PerRow, ..trial }).await.unwrap();
    assert_eq!((done.status, done.replayed), (BatchStatus::Partial, false));
    let codes = |outcome: &model::BatchOutcome| {
        let codes =
            |row: &model::RowOutcome| (row.code, row.cells.iter().map(|cell| cell.code).collect::<Vec<_>>(), row.values.clone());
        outcome.rows.iter().map(codes).collect::<Vec<_>>()
    };
    assert_eq!(codes(&tried), codes(&done), "what was said is what became of it");
    assert!(codes(&done).iter().any(|(_, cells, _)| cells.contains(&Some(Code::Conflict))));
    let viewer = model::Principal { mode: AccessMode::View, ..wendy() };
    assert_eq!(world.apply(&viewer, &mode(EditMode::Trial)).await.err().map(|error| error.code), Some(Code::NotAllowed));
}

on_every_engine!(
    an_edit_is_in_the_table_and_in_the_log_once,
    a_replayed_batch_gets_the_first_outcome_over_restarts,
    a_replay_shows_values_under_todays_policy,
    nothing_is_overwritten_silently,
    undo_sees_a_b_a,
    a_hidden_row_answers_like_one_that_does_not_exist,
    who_reads_a_row_need_not_be_allowed_to_write_it,
    every_bad_value_has_its_code_and_changes_nothing,
    a_trial_says_what_would_become_of_a_batch_and_writes_nothing,
    a_batch_is_all_or_nothing_unless_asked_otherwise,
    the_first_of_404_403_422_409_is_the_batchs_status,
    a_direct_write_moves_no_row_out_of_ones_rights,
    a_form_adds_a_row_that_its_user_cant_read,
    a_null_key_is_shown_and_read_only,
    a_key_that_is_there_twice_is_shown_and_read_only,
    a_direct_write_leaves_a_hidden_row_of_the_same_key_alone,
    a_direct_write_is_told_to_every_workbook_over_the_same_table,
    tenants_never_meet,
    a_malformed_batch_is_refused_whole,
    the_edit_log_can_neither_be_changed_nor_deleted,
    many_writers_on_one_row_lose_nothing,
);
