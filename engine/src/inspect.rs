//! What is noted of statements while an answer is made for somebody who may inspect it.

use std::future::Future;
use std::sync::{Mutex, PoisonError};

use model::{InspectedStatement, Value};

use crate::sql::Sql;
use crate::warehouse::Answered;

tokio::task_local! {
    static NOTES: Mutex<Vec<InspectedStatement>>;
}

/// Does `work`, and gives the statements that were [noted](Note::take) meanwhile too.
pub(crate) async fn noting<T>(work: impl Future<Output = T>) -> (T, Vec<InspectedStatement>) {
    let work = async {
        let done = work.await;
        (done, NOTES.with(|notes| std::mem::take(&mut *notes.lock().unwrap_or_else(PoisonError::into_inner))))
    };
    NOTES.scope(Mutex::default(), work).await
}

/// A statement that is to be noted, where somebody inspects.
pub(crate) struct Note(Option<Sql>);

impl Note {
    pub fn of(sql: &Sql) -> Self {
        Self(NOTES.try_with(|_| sql.clone()).ok())
    }

    pub fn take(self, answered: &Answered, shared: bool) {
        let Some(sql) = self.0 else { return };
        let micros = |duration: std::time::Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        let note = InspectedStatement {
            sql: sql.text,
            binds: sql.binds.iter().map(Value::to_wire).collect(),
            rows: answered.rows.len() as u64,
            waited_us: micros(answered.waited),
            ran_us: micros(answered.ran),
            shared,
        };
        let _ = NOTES.try_with(|notes| notes.lock().unwrap_or_else(PoisonError::into_inner).push(note));
    }
}
