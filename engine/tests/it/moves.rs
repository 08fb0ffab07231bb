//! Every way that we know to move a row out of somebody's rows or into them, tried under our policy node on both engines
//! and under PostgreSQL's own policies: none works, and nothing is changed.

use model::{Batch, CellEdit, Code, Edit, EditMode, Operation, Origin, Principal, Raw};

use crate::oracle::{NAMES, Trial, same};
use crate::world::{batch, edit, person};

/// Rows 1 and 2 are Wendy's, row 3 is of the East, row 4 of nobody.
const ROWS: [(i64, Option<&str>, i64); 4] = [(1, Some("West"), 1), (2, Some("West"), 2), (3, Some("East"), 3), (4, None, 4)];

fn cell(column: &str, value: impl Into<Raw>, was: impl Into<Raw>) -> CellEdit {
    edit(&[], column, value, was).cells.remove(0)
}

fn of(id: i64, cells: Vec<CellEdit>) -> Edit {
    Edit::set("fact", vec![id.into()], cells)
}

/// What is tried, and what it gets.
fn ways() -> Vec<(&'static str, Batch, Code)> {
    let all = |edits| batch(edits);
    let each = |edits| Batch { mode: EditMode::PerRow, ..batch(edits) };
    let out = |id| of(id, vec![cell("region", "East", "West")]);
    let units = |id, was: i64| of(id, vec![cell("units", 9, was)]);
    let from = |origin, edits| Batch { origin, ..batch(edits) };
    let undo = {
        let mut undo = cell("region", "East", "West");
        undo.was_seq = Some(1);
        undo
    };
    vec![
        ("out, one cell", all(vec![out(1)]), Code::RowReadOnly),
        ("out, to nobody", all(vec![of(1, vec![cell("region", Raw::Null, "West")])]), Code::RowReadOnly),
        ("out, to a name that looks the same", all(vec![of(1, vec![cell("region", "west", "West")])]), Code::RowReadOnly),
        ("out, with a space", all(vec![of(1, vec![cell("region", "West ", "West")])]), Code::RowReadOnly),
        ("out, to an empty name", all(vec![of(1, vec![cell("region", "", "West")])]), Code::RowReadOnly),
        (
            "out, beside another cell",
            all(vec![of(1, vec![cell("units", 9, 1), cell("region", "East", "West")])]),
            Code::RowReadOnly,
        ),
        ("out, among many", all(vec![units(1, 1), out(2)]), Code::RowReadOnly),
        ("out, each row for itself", each(vec![out(1), out(2)]), Code::RowReadOnly),
        ("out and back again", all(vec![out(1), of(1, vec![cell("region", "West", "East")])]), Code::RowNotFound),
        ("out by a paste", from(Origin::Paste, vec![out(1)]), Code::RowReadOnly),
        ("out by an undo that never was", from(Origin::Undo, vec![of(1, vec![undo])]), Code::Conflict),
        ("in, from a neighbour", all(vec![of(3, vec![cell("region", "West", "East")])]), Code::RowNotFound),
        ("in, from nobody", all(vec![of(4, vec![cell("region", "West", Raw::Null)])]), Code::RowNotFound),
        (
            "in, each row for itself",
            each(vec![of(3, vec![cell("region", "West", "East")]), of(4, vec![cell("region", "West", Raw::Null)])]),
            Code::RowNotFound,
        ),
        ("in, as if it were new", all(vec![of(99, vec![cell("region", "West", Raw::Null)])]), Code::RowNotFound),
        ("a change where it stands", all(vec![units(3, 3)]), Code::RowNotFound),
        ("a swap of two rows", all(vec![out(1), of(3, vec![cell("region", "West", "East")])]), Code::RowNotFound),
        (
            "a row that is added",
            all(vec![Edit { op: Operation::Insert, key: Vec::new(), ..of(0, vec![cell("region", "East", Raw::Null)]) }]),
            Code::NotSupported,
        ),
        ("another key", all(vec![of(1, vec![cell("id", 3, 1)])]), Code::ColumnReadOnly),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn no_way_moves_a_row_between_people() {
    let wendy: Principal = person("wendy", Some("West"), &["planner"]);
    let trial = Trial::new().await;
    let ours = same("region = @user.region");
    let theirs = "region = (nullif(current_setting('inlay.claims', true), '')::jsonb -> 'attrs' ->> 'region')";
    trial.under(&crate::oracle::Pair { theirs: theirs.into(), ..ours }, &ROWS).await;
    let before = trial.stored().await;
    assert_eq!(before[0], before[1]);
    let ways = ways();
    assert!(ways.len() >= 11);
    // Where the database itself refuses an edit, those after it are not looked at, and the batch has the first one's code.
    let also = |name: &str, code: Code| ["out and back again", "a swap of two rows"].contains(&name) && code == Code::RowReadOnly;
    for (name, batch, expect) in ways {
        for (engine, on) in trial.engines.iter().zip(NAMES) {
            let codes: Vec<Code> = match engine.apply(&wendy, &batch, "req").await {
                Ok(outcome) => outcome.rows.iter().filter_map(|row| row.code).collect(),
                Err(error) => vec![error.to_api().code],
            };
            assert!(
                !codes.is_empty() && codes.iter().all(|code| *code == expect || also(name, *code)),
                "{name}, {on}: {codes:?}, not {expect:?}"
            );
        }
        assert_eq!(trial.stored().await, before, "{name} has changed something");
    }
    // The same batch ids by her colleague are other batches, and as much refused.
    for (name, batch, _) in self::ways().into_iter().take(5) {
        let walt = person("walt", Some("West"), &["planner"]);
        for engine in &trial.engines {
            assert!(engine.apply(&walt, &batch, "req").await.is_err(), "{name}");
        }
    }
    assert_eq!(trial.stored().await, before);
    for engine in &trial.engines {
        engine.apply(&wendy, &batch(vec![of(1, vec![cell("units", 9, 1)])]), "req").await.expect("what is hers she may change");
    }
}
