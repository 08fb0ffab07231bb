//! Reads under way: whoever asks the same meanwhile waits for the same answer, so that a hundred people who look at one page
//! ask the warehouse once.
//!
//! What makes two reads the same is all that their answer can depend on: the statement with its binds, where the row policy
//! is; for an engine with policies of its own whatever they may look at of the person; and what has been committed before, so that nobody is given
//! an answer from before his own edit. (An edit over another server counts as soon as this one has heard of it.)

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use futures::FutureExt;
use futures::future::{BoxFuture, Shared, WeakShared};
use model::ColumnType;

use crate::error::EngineError;
use crate::inspect::Note;
use crate::sql::Sql;
use crate::warehouse::{Answered, Caller, Rows, Warehouse, WarehouseError};

type Answer = Result<Arc<Answered>, WarehouseError>;
type Read = BoxFuture<'static, Answer>;

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    /// How many changes there had been.
    mark: u64,
    person: Option<String>,
    text: String,
    /// Binds and what the answer's columns are, each with its type and every digit.
    values: String,
}

/// Reads under way by what they ask, each with its number.
type Flying = HashMap<Key, (u64, WeakShared<Read>)>;

#[derive(Default)]
pub(crate) struct Flights {
    flying: Arc<Mutex<Flying>>,
    begun: AtomicU64,
    joined: AtomicU64,
}

impl std::fmt::Debug for Flights {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Flights").field("joined", &self.joined).finish_non_exhaustive()
    }
}

impl Flights {
    /// How many questions were answered by what another had asked.
    pub fn joined(&self) -> u64 {
        self.joined.load(Ordering::Relaxed)
    }

    /// Reads, or waits for the same read; given up when nobody waits for it any more.
    pub async fn read(
        &self,
        warehouse: &Arc<dyn Warehouse>,
        caller: &Caller<'_>,
        sql: Sql,
        types: Vec<ColumnType>,
        mark: u64,
    ) -> Result<Rows, EngineError> {
        let person = warehouse.seen_of(caller.principal);
        let key = Key { mark, person, text: sql.text.clone(), values: format!("{:?} {types:?}", sql.binds) };
        let note = Note::of(&sql);
        let (read, shared) = self.board(key, warehouse, caller, sql, types);
        let answered = read.await?;
        note.take(&answered, shared);
        Ok(Arc::try_unwrap(answered).map_or_else(|answered| answered.rows.clone(), |answered| answered.rows))
    }

    /// The read, and whether it was under way.
    fn board(
        &self,
        key: Key,
        warehouse: &Arc<dyn Warehouse>,
        caller: &Caller<'_>,
        sql: Sql,
        types: Vec<ColumnType>,
    ) -> (Shared<Read>, bool) {
        let mut flying = self.flying.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(read) = flying.get(&key).and_then(|(_, read)| read.upgrade()) {
            self.joined.fetch_add(1, Ordering::Relaxed);
            return (read, true);
        }
        let number = self.begun.fetch_add(1, Ordering::Relaxed);
        let landing = Landing { flying: Arc::downgrade(&self.flying), key: key.clone(), number };
        let warehouse = warehouse.clone();
        let (principal, workbook) = (caller.principal.clone(), caller.workbook.to_owned());
        let (element, request_id) = (caller.element.to_owned(), caller.request_id.to_owned());
        let read = async move {
            let _landing = landing;
            let caller = Caller { principal: &principal, workbook: &workbook, element: &element, request_id: &request_id };
            warehouse.ask(Some(&caller), &sql, &types).await.map(Arc::new)
        };
        let read = read.boxed().shared();
        flying.extend(read.downgrade().map(|weak| (key, (number, weak))));
        (read, false)
    }
}

/// Takes a read off the list when it is answered or given up.
struct Landing {
    flying: Weak<Mutex<Flying>>,
    key: Key,
    number: u64,
}

impl Drop for Landing {
    fn drop(&mut self) {
        let Some(flying) = self.flying.upgrade() else { return };
        let mut flying = flying.lock().unwrap_or_else(PoisonError::into_inner);
        // Another read of the same may have begun, if this one was given up at that very moment.
        if flying.get(&self.key).is_some_and(|(number, _)| *number == self.number) {
            flying.remove(&self.key);
        }
    }
}
