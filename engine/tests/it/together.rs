//! PostgreSQL writes a batch in one statement where it can, SQLite one edit after the other: nobody can tell which.

use std::collections::BTreeMap;

use model::{ApiError, BatchOutcome, CellEdit, Edit, Raw};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use crate::world::{On, World, batch, edit, more_in_a_soak, walt, wendy};

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
    let at_once = together.count("select count(*) from inlay.batch where outcome = ''").await;
    let all = together.count("select count(*) from inlay.batch").await;
    assert!(
        at_once * 5 > all * 4,
        "{at_once} of {all}: a batch goes the long way only where somebody typed what was there already"
    );
    let logs = "select count(*) from {log}";
    assert_eq!(alone.count(logs).await, together.count(logs).await);
    assert_eq!(alone.log().await, together.log().await);
}
