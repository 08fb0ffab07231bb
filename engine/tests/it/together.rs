//! A batch has three ways: all of it in one statement (PostgreSQL, where nothing is wrong), a few statements for many edits
//! of one shape, one edit after the other. Nobody can tell which it went.

use std::collections::BTreeMap;

use model::{ApiError, Batch, BatchOutcome, CellEdit, Code, Edit, EditMode, Operation, QueryRequest, Raw, RowOutcome};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use crate::world::{On, WORKBOOK, World, batch, edit, for_postgres, more_in_a_soak, walt, wendy};

/// What people see, by table, key and column.
type Seen = BTreeMap<(String, String, String), Raw>;

fn cell(random: &mut StdRng, table: &str, key: &[Raw], column: &str, values: &[Raw], first: Raw, seen: &Seen) -> CellEdit {
    let place = (table.to_owned(), serde_json::to_string(key).unwrap(), column.to_owned());
    let right = seen.get(&place).cloned().unwrap_or(first);
    let was = if random.random_bool(0.93) { right } else { values.choose(random).unwrap().clone() };
    CellEdit { column: column.into(), value: values.choose(random).unwrap().clone(), was, was_seq: None }
}

fn forecast(random: &mut StdRng, seen: &Seen) -> Edit {
    let rows = [["West", "Chairs", "2017-01-01"], ["West", "Chairs", "2017-02-01"], ["West", "Tables", "2017-01-01"]];
    let mut key = *rows.choose(random).unwrap();
    if random.random_bool(0.04) {
        key = *[["East", "Chairs", "2017-01-01"], ["West", "Nothing", "2017-01-01"]].choose(random).unwrap();
    }
    let key = key.map(Raw::from).to_vec();
    let columns: [(&str, &[Raw], Raw); 3] = [
        ("amount", &["1.50".into(), 20.into(), "300.25".into(), Raw::Null, 99_999.into(), "-1".into()], Raw::Null),
        ("status", &["draft".into(), "done".into()], "draft".into()),
        ("note", &["".into(), "'; drop table".into(), "ö\n\"".into(), Raw::Null, "23 letters are too many".into()], Raw::Null),
    ];
    let mut cells = Vec::new();
    for (column, values, first) in columns {
        if random.random_bool(0.4) {
            let good = if random.random_bool(0.9) { values.len().min(4) } else { values.len() };
            cells.push(cell(random, "forecast", &key, column, &values[..good], first, seen));
        }
    }
    if cells.is_empty() {
        cells.push(cell(random, "forecast", &key, "status", &["draft".into(), "done".into()], "draft".into(), seen));
    }
    Edit::set("forecast", key, cells)
}

fn state(random: &mut StdRng, seen: &Seen) -> Edit {
    // The fourth is hidden, the fifth has no region, the sixth is not there.
    let id = if random.random_bool(0.06) { random.random_range(4..7) } else { random.random_range(1..4) };
    let key = vec![Raw::from(id)];
    let mut values = vec!["open".into(), "shipped".into()];
    if random.random_bool(0.02) {
        values.push("locked".into());
    }
    let cells = vec![cell(random, "state", &key, "state", &values, "open".into(), seen)];
    Edit::set("state", key, cells)
}

fn loose(random: &mut StdRng, seen: &Seen) -> Edit {
    let key = vec![Raw::from(*["b", "c", "b", "c", "a"].choose(random).unwrap())];
    let cells = vec![cell(random, "loose_state", &key, "state", &["open".into(), "done".into()], "open".into(), seen)];
    Edit::set("loose_state", key, cells)
}

fn visit(random: &mut StdRng) -> Edit {
    let customer = *["Ann", "Bob", "Ann", "Bob", "Cy", "forbidden"].choose(random).unwrap();
    let mut cells = edit(&[], "customer", customer, Raw::Null).cells;
    if random.random_bool(0.5) {
        cells.extend(edit(&[], "score", random.random_range(1..6), Raw::Null).cells);
    }
    Edit::insert("visits", Vec::new(), cells)
}

/// Sequences have gaps where something was rolled back, and times differ.
fn plain(outcome: Result<BatchOutcome, ApiError>) -> Result<BatchOutcome, ApiError> {
    let plain = |mut outcome: BatchOutcome| {
        for cell in outcome.rows.iter_mut().flat_map(|row| &mut row.cells) {
            assert_eq!(cell.seq.is_some(), cell.code.is_none());
            cell.seq = None;
            if let Some(conflict) = &mut cell.conflict {
                conflict.seq = None;
                conflict.at = None;
            }
        }
        outcome
    };
    match outcome {
        Ok(outcome) => Ok(plain(outcome)),
        Err(mut error) => {
            error.outcome = error.outcome.map(|outcome| Box::new(plain(*outcome)));
            Err(error)
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_in_one_statement_is_a_batch_of_one_edit_after_the_other() {
    let (alone, together) = (World::on(On::Sqlite).await, World::on(On::Postgres).await);
    let random = &mut StdRng::seed_from_u64(7);
    let mut seen = Seen::new();
    let (mut good, mut refused) = (0, 0);
    let mut last = None;
    for n in 0..more_in_a_soak(400, 20_000) {
        let who = if random.random_bool(0.5) { wendy() } else { walt() };
        let edits = (0..random.random_range(1..7)).map(|_| match random.random_range(0..6) {
            0..3 => forecast(random, &seen),
            3 => state(random, &seen),
            4 => loose(random, &seen),
            _ => visit(random),
        });
        let edits: Vec<Edit> = edits.collect();
        let batch = match last.take() {
            // A replay now and then.
            Some(batch) if random.random_bool(0.1) => batch,
            _ => batch(edits),
        };
        let [a, b] = [alone.apply(&who, &batch).await, together.apply(&who, &batch).await].map(plain);
        assert_eq!(a, b, "batch {n}: {batch:#?}");
        match a {
            Ok(outcome) => {
                good += 1;
                for (edit, row) in batch.edits.iter().zip(&outcome.rows) {
                    let key = serde_json::to_string(&edit.key).unwrap();
                    for cell in &edit.cells {
                        let now = row.values.get(&cell.column).cloned().unwrap_or_default();
                        seen.insert((edit.table.clone(), key.clone(), cell.column.clone()), now);
                    }
                }
            }
            Err(_) => refused += 1,
        }
        last = Some(batch);
    }
    println!("{good} batches applied, {refused} refused");
    assert!(good > 100 && refused > 50, "too one-sided to mean anything");
    // A single edit has no shapes, so what is remembered of it by the log alone went in one statement.
    let single = "select count(*) from inlay.batch b where (select count(distinct edit_id) from inlay.edit_log l where l.batch_id = b.batch_id) = 1";
    let at_once = together.count(&format!("{single} and outcome = ''")).await;
    let all = together.count(single).await;
    assert!(
        at_once * 5 > all * 4,
        "{at_once} of {all}: an edit goes the long way only where somebody typed what was there already"
    );
    let logs = "select count(*) from {log}";
    assert_eq!(alone.count(logs).await, together.count(logs).await);
    assert_eq!(alone.log().await, together.log().await);
}

/// What became of an edit, without what is another's batch: its place in the log, the key that a new row was given.
fn of_edit(edit: &Edit, mut row: RowOutcome) -> RowOutcome {
    for cell in &mut row.cells {
        cell.seq = cell.seq.map(|_| 0);
        if let Some(conflict) = &mut cell.conflict {
            conflict.seq = None;
            conflict.at = None;
        }
    }
    if edit.op == Operation::Insert {
        row.key.clear();
    }
    row
}

/// Edits of a few rows, none of them twice, each cell with the sequence that was last seen of it or without.
fn distinct(random: &mut StdRng, seen: &Seen, sequences: &BTreeMap<(String, String, String), i64>) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    for _ in 0..random.random_range(2..12) {
        let mut edit = match random.random_range(0..6) {
            0..3 => forecast(random, seen),
            3 => state(random, seen),
            4 => loose(random, seen),
            _ => visit(random),
        };
        if random.random_bool(0.02) {
            edit.cells[0].column = "no_such_column".into();
        }
        let key = serde_json::to_string(&edit.key).unwrap();
        for cell in edit.cells.iter_mut().filter(|_| edit.op == Operation::Set) {
            let seq = sequences.get(&(edit.table.clone(), key.clone(), cell.column.clone()));
            cell.was_seq = seq.copied().filter(|_| random.random_bool(0.3));
            if random.random_bool(0.03) {
                cell.was_seq = Some(1);
            }
        }
        let twice = |known: &Edit| edit.op == Operation::Set && known.table == edit.table && known.key == edit.key;
        if !edits.iter().any(twice) {
            edits.push(edit);
        }
    }
    edits
}

async fn many_edits_are_what_each_of_them_is_alone(world: World, on: On) {
    let alone = World::on(on).await;
    let random = &mut StdRng::seed_from_u64(11);
    let mut seen = Seen::new();
    // Sequences run apart in the two worlds.
    let (mut here, mut there) = (BTreeMap::new(), BTreeMap::new());
    let mut codes: BTreeMap<Option<Code>, usize> = BTreeMap::new();
    for n in 0..more_in_a_soak(150, 5_000) {
        let who = if random.random_bool(0.5) { wendy() } else { walt() };
        let edits = distinct(random, &seen, &here);
        let many = Batch { mode: EditMode::PerRow, ..batch(edits.clone()) };
        let tried = world.apply(&who, &Batch { mode: EditMode::Trial, ..many.clone() }).await.unwrap();
        let done = world.apply(&who, &many).await.unwrap();
        for (i, (edit, row)) in edits.iter().zip(done.rows).enumerate() {
            let key = serde_json::to_string(&edit.key).unwrap();
            let mut single = edit.clone();
            for cell in &mut single.cells {
                let place = (edit.table.clone(), key.clone(), cell.column.clone());
                cell.was_seq = cell.was_seq.map(|seq| if here.get(&place) == Some(&seq) { there[&place] } else { 1 });
            }
            let single =
                alone.apply(&who, &Batch { mode: EditMode::PerRow, ..batch(vec![single]) }).await.unwrap().rows.remove(0);
            for (outcome, sequences) in [(&row, &mut here), (&single, &mut there)] {
                for cell in outcome.cells.iter().filter(|_| edit.op == Operation::Set) {
                    let place = (edit.table.clone(), key.clone(), cell.column.clone());
                    sequences.extend(cell.seq.map(|seq| (place, seq)));
                }
            }
            for (column, value) in row.values.iter().filter(|_| !row.is_refused()) {
                seen.insert((edit.table.clone(), key.clone(), column.clone()), value.clone());
            }
            *codes.entry(row.code.or_else(|| row.cells.iter().find_map(|cell| cell.code))).or_default() += 1;
            let mut trial = tried.rows[i].clone();
            assert!(trial.cells.iter().all(|cell| cell.seq.is_none()), "nothing is in the log");
            for (cell, done) in trial.cells.iter_mut().zip(&row.cells) {
                cell.seq = done.seq;
            }
            let [trial, row, single] = [trial, row, single].map(|row| of_edit(edit, row));
            assert_eq!(row, single, "batch {n}, edit {i}: {many:#?}");
            assert_eq!(trial, row, "the trial of batch {n}, edit {i}: {many:#?}");
        }
    }
    println!("{codes:?}");
    assert!(codes[&None] > 100 && codes.values().filter(|n| **n > 5).count() > 4, "too one-sided to mean anything");
    let plain = |line: &String| line.split_once(' ').unwrap().1.split_once(' ').unwrap().1.to_owned();
    let mut logs = [world.log().await, alone.log().await].map(|log| log.iter().map(plain).collect::<Vec<_>>());
    // A new row's key is made of its batch.
    for log in &mut logs {
        log.retain(|line| !line.contains(" visits "));
        log.sort();
    }
    assert_eq!(logs[0], logs[1]);
    assert!(world.count("select count(*) from {log}").await == alone.count("select count(*) from {log}").await);
    let whole = world.count("select count(*) from {batch} where outcome = ''").await;
    assert!(whole > 5, "{whole} batches of many edits were applied whole");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_edits_are_what_each_of_them_is_alone_on_sqlite() {
    many_edits_are_what_each_of_them_is_alone(World::on(On::Sqlite).await, On::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_edits_are_what_each_of_them_is_alone_on_postgres() {
    many_edits_are_what_each_of_them_is_alone(World::on(On::Postgres).await, On::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_rows_of_many_columns_are_written_to_the_last_bit() {
    const COLUMNS: usize = 60;
    let columns: String = (0..COLUMNS).map(|i| format!("      n{i}: {{ type: float }}\n")).collect();
    let rows = "    rows: { read: \"@user.has_role('planner')\", write: \"@user.has_role('planner')\" }";
    let table = format!("input_tables:\n  measured:\n{rows}\n    columns:\n{columns}");
    let page = "  - title: Measured\n    elements:\n      - { input_table: measured, table: measured }\n";
    let workbook = format!("{}\n{page}", WORKBOOK.replace("input_tables:\n", &table));
    for on in [On::Sqlite, On::Postgres] {
        let workbook = if on == On::Postgres { for_postgres(&workbook) } else { workbook.clone() };
        let world = World::with(on, &workbook).await.unwrap_or_else(|mistakes| panic!("{mistakes}"));
        let random = &mut StdRng::seed_from_u64(11);
        let number = |random: &mut StdRng| loop {
            let number = f64::from_bits(random.random());
            if number.is_finite() {
                return Raw::from(number);
            }
        };
        let row = |random: &mut StdRng| (0..COLUMNS).map(|i| CellEdit::new(format!("n{i}"), number(random))).collect();
        let edits: Vec<Edit> = (0..200).map(|_| Edit::insert("measured", Vec::new(), row(random))).collect();
        world.apply(&wendy(), &batch(edits.clone())).await.unwrap();
        let request =
            QueryRequest { workbook: "plan".into(), element: "measured".into(), limit: 1_000, ..QueryRequest::default() };
        let answer = world.engine.query(&wendy(), &request, "req-1").await.unwrap();
        let first = answer.columns.iter().position(|column| column.name == "n0").unwrap();
        let sorted = |mut rows: Vec<Vec<Raw>>| {
            rows.sort_by_key(|row| row[0].to_string());
            rows
        };
        let written = answer.rows.iter().map(|row| row[first..first + COLUMNS].to_vec()).collect();
        let meant = edits.iter().map(|edit| edit.cells.iter().map(|cell| cell.value.clone()).collect()).collect();
        assert_eq!(sorted(written), sorted(meant), "{on:?}");
        assert_eq!(world.count("select count(*) from {log} where table_name = 'measured'").await, 200 * COLUMNS as i64);
    }
}
