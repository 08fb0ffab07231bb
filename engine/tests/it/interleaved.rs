//! Races as interleavings that are the same each time: two batches are held at the gate that every batch goes through, come
//! up in a known order, and go on in that order.

use std::sync::Arc;
use std::time::Duration;

use model::{ApiError, Batch, BatchOutcome, Code, Principal, Raw};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor, Row};

use crate::cluster;
use crate::world::{World, batch, edit, walt, wendy};

const JAN: [&str; 3] = ["West", "Chairs", "2017-01-01"];
const FEB: [&str; 3] = ["West", "Chairs", "2017-02-01"];

type Answer = Result<BatchOutcome, ApiError>;

struct Gate {
    world: Arc<World>,
    admin: PgConnection,
    database: String,
}

impl Gate {
    async fn new() -> Self {
        let database = cluster::database().await;
        let admin = PgConnection::connect(&database.admin).await.unwrap();
        let name = database.name.clone();
        Self { world: Arc::new(World::within(database).await), admin, database: name }
    }

    /// Runs both at once; each waits at the row until the one before it waits there too.
    async fn both(&mut self, row: &[&str; 3], first: (Principal, Batch), second: (Principal, Batch)) -> [Answer; 2] {
        let key = serde_json::to_string(row).unwrap();
        let lock = format!("hashtextextended(E'acme\\nplan\\nforecast\\n' || '{key}', 0)");
        self.admin.execute(AssertSqlSafe(format!("select pg_advisory_lock({lock})"))).await.unwrap();
        let mut tasks = Vec::new();
        for (n, (who, batch)) in [first, second].into_iter().enumerate() {
            let world = self.world.clone();
            tasks.push(tokio::spawn(async move { world.apply(&who, &batch).await }));
            self.waiting(n + 1).await;
        }
        self.admin.execute(AssertSqlSafe(format!("select pg_advisory_unlock({lock})"))).await.unwrap();
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.unwrap());
        }
        answers.try_into().unwrap()
    }

    async fn waiting(&mut self, count: usize) {
        let sql = format!(
            "select count(*) from pg_locks l join pg_database d on d.oid = l.database where not granted and datname = '{}'",
            self.database
        );
        for _ in 0..500 {
            let row = self.admin.fetch_one(AssertSqlSafe(sql.clone())).await.unwrap();
            if row.get::<i64, _>(0) == count as i64 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{count} do not wait");
    }
}

fn one(column: &str, value: &str, was: impl Into<Raw>) -> Batch {
    batch(vec![edit(&JAN, column, value, was)])
}

fn code(answer: &Answer) -> Option<Code> {
    answer.as_ref().err().map(|error| error.code)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_on_one_cell_the_second_is_told_of_the_first() {
    let mut gate = Gate::new().await;
    let [first, second] =
        gate.both(&JAN, (wendy(), one("note", "hers", Raw::Null)), (walt(), one("note", "his", Raw::Null))).await;
    assert_eq!((code(&first), code(&second)), (None, Some(Code::Conflict)));
    let conflict = second.unwrap_err().outcome.unwrap().rows[0].cells[0].conflict.clone().unwrap();
    assert_eq!((conflict.by.as_deref(), conflict.now), (Some("WENDY"), Raw::from("hers")));
    let [first, second] = gate.both(&JAN, (walt(), one("note", "his", "hers")), (wendy(), one("note", "again", "hers"))).await;
    assert_eq!((code(&first), code(&second)), (None, Some(Code::Conflict)));
    assert_eq!(gate.world.count("select count(*) from {log}").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_on_different_cells_of_a_row_merge() {
    let mut gate = Gate::new().await;
    let [first, second] =
        gate.both(&JAN, (wendy(), one("note", "hers", Raw::Null)), (walt(), one("amount", "5", Raw::Null))).await;
    assert_eq!((code(&first), code(&second)), (None, None));
    let versions = [first, second].map(|answer| answer.unwrap().rows[0].version);
    assert_eq!(versions, [1, 2]);
    assert_eq!(gate.world.count("select count(*) from {forecast} where note = 'hers' and amount = 5 and _version = 2").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_batch_that_comes_twice_at_once_is_applied_once() {
    let mut gate = Gate::new().await;
    let batch = one("note", "once", Raw::Null);
    let other = Batch { edits: vec![edit(&JAN, "note", "other", Raw::Null)], ..batch.clone() };
    // The first holds its batch's lock, so that is where the second waits.
    let [first, second] = gate.both(&JAN, (wendy(), batch.clone()), (wendy(), batch)).await;
    let [first, second] = [first.unwrap(), second.unwrap()];
    assert_eq!((first.replayed, second.replayed), (false, true));
    assert_eq!(first.rows, second.rows, "the first answer again");
    assert_eq!(code(&gate.world.apply(&wendy(), &other).await), Some(Code::BatchReused));
    assert_eq!(gate.world.count("select count(*) from {log}").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_undone_and_done_again_is_no_longer_what_one_saw() {
    let mut gate = Gate::new().await;
    let first = gate.world.apply(&wendy(), &one("note", "a", Raw::Null)).await.unwrap();
    let mut undo = one("note", "undone", "a");
    undo.edits[0].cells[0].was_seq = first.rows[0].cells[0].seq;
    // Between the undo and what it would undo, a colleague writes another value and the old one again.
    let there_and_back = batch(vec![edit(&JAN, "note", "b", "a"), edit(&JAN, "note", "a", "b")]);
    let [walts, undone] = gate.both(&JAN, (walt(), there_and_back), (wendy(), undo)).await;
    assert_eq!((code(&walts), code(&undone)), (None, Some(Code::Conflict)));
    assert_eq!(gate.world.count("select count(*) from {forecast} where note = 'a'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_over_the_same_rows_in_opposite_order_both_go_through() {
    let mut gate = Gate::new().await;
    let rows = |a: &[&str; 3], b: &[&str; 3], column: &str| {
        batch(vec![edit(a, column, "1", Raw::Null), edit(b, column, "2", Raw::Null)])
    };
    let [first, second] = gate.both(&JAN, (wendy(), rows(&JAN, &FEB, "amount")), (walt(), rows(&FEB, &JAN, "note"))).await;
    assert_eq!((code(&first), code(&second)), (None, None), "no deadlock: locks are taken in one order");
    assert_eq!(gate.world.count("select count(*) from {log}").await, 4);
}
