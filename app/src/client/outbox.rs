//! Edits on their way: shown at once, kept over a reload, sent in order, exactly once, and marked with what became of them.

mod drafts;
mod insist;
mod undo;

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use gloo_timers::future::sleep;
use leptos::prelude::*;
use model::{
    ApiError, Batch, BatchOutcome, CellEdit, CellOutcome, Code, ColumnView, Conflict, Edit, ElementKind, Operation, Origin,
    PivotView, Raw, RowOutcome, WorkbookView,
};
use serde_json::json;
use wasm_bindgen_futures::spawn_local;
use words::Message;

use super::api::{Api, random_id};
use super::storage::{BatchStorage, Stored};
use crate::api::Edits;

pub use drafts::{Draft, Stage};

/// One cell of one input table; the key as JSON text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CellId {
    pub table: String,
    pub key: String,
    pub column: String,
}

impl CellId {
    #[must_use]
    pub fn new(table: &str, key: &[Raw], column: &str) -> Self {
        let key = serde_json::to_string(key).unwrap_or_default();
        Self { table: table.into(), key, column: column.into() }
    }
}

/// What is to be seen at a cell while its edit is under way or in trouble.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    Pending {
        value: Raw,
    },
    Saved,
    /// Refused; `typed` is kept until the person changes or discards it.
    Rejected {
        typed: String,
        message: Message,
        batch_id: Option<String>,
    },
    Conflict {
        value: Raw,
        conflict: Conflict,
        message: Message,
        batch_id: String,
    },
}

/// How the outbox does, for the status line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OutboxState {
    /// Batches not yet acknowledged.
    pub waiting: usize,
    pub offline: bool,
    pub signed_out: bool,
    /// The browser would not keep unsent edits.
    pub storage_blocked: bool,
    /// What could not be taken back, until the next edit.
    pub note: Option<Message>,
}

/// The outbox of one workbook; a handle, cheap to copy.
#[derive(Clone, Copy, Debug)]
pub struct Outbox {
    pub marks: RwSignal<HashMap<CellId, Mark>>,
    pub state: RwSignal<OutboxState>,
    /// The last outcome that was committed, for grids to show its values at once.
    pub committed: RwSignal<Option<BatchOutcome>>,
    /// Batches refused as a whole, by id: forms look here for theirs.
    pub refused: RwSignal<HashMap<String, ApiError>>,
    /// Rows that are being added, in the order they were begun in.
    pub drafts: RwSignal<Vec<Draft>>,
    /// For each batch what takes it back.
    pub undo: RwSignal<Vec<Vec<Edit>>>,
    pub redo: RwSignal<Vec<Vec<Edit>>>,
    inner: StoredValue<Inner>,
    api: StoredValue<Option<Api>, LocalStorage>,
}

#[derive(Debug, Default)]
struct Inner {
    workbook: String,
    /// Tables and their columns that the person sees, to tell what no longer fits.
    columns: HashSet<(String, String)>,
    storage: Option<BatchStorage>,
    queue: VecDeque<Stored>,
    sending: bool,
    counter: u32,
    /// Undo and redo that wait for what is on its way: they are meant for that, not for what was before it.
    reversals: VecDeque<Origin>,
    /// Batches that go on with the one before: together they are one to undo or redo.
    continued: HashSet<String>,
}

/// How long a saved mark is to be seen.
const SAVED_MS: u64 = 1_600;
/// Waiting between tries, in seconds; the last one repeats.
const BACKOFF_S: [u64; 5] = [1, 2, 4, 8, 15];

impl Outbox {
    #[must_use]
    pub fn new(view: &WorkbookView) -> Self {
        let inner = Inner { workbook: view.id.clone(), columns: columns(view), ..Inner::default() };
        Self {
            marks: RwSignal::default(),
            state: RwSignal::default(),
            committed: RwSignal::default(),
            refused: RwSignal::default(),
            drafts: RwSignal::default(),
            undo: RwSignal::default(),
            redo: RwSignal::default(),
            inner: StoredValue::new(inner),
            api: StoredValue::new_local(None),
        }
    }

    /// Takes up what an earlier page left for this person, and begins to send.
    pub fn open(self, api: Api, scope: &str) {
        let storage = BatchStorage::new(api.base(), scope, &self.inner.with_value(|inner| inner.workbook.clone()));
        let left = storage.load();
        self.inner.update_value(|inner| inner.storage = Some(storage));
        self.api.set_value(Some(api));
        for stored in &left {
            let stage = match (&stored.refused, stored.draft) {
                (Some(_), _) => Stage::Refused,
                (None, true) => Stage::Open,
                (None, false) => Stage::Sent,
            };
            self.take_drafts(&stored.batch, stage);
            match &stored.refused {
                Some(outcome) => self.mark_refused(&stored.batch, outcome),
                None => self.mark_pending(&stored.batch),
            }
        }
        self.inner.update_value(|inner| {
            inner.queue.extend(left.into_iter().filter(|stored| stored.refused.is_none() && !stored.draft));
        });
        self.count();
        self.pump();
    }

    /// Takes over texts that could not be read as values, which are kept nowhere else.
    pub fn go_on_from(self, earlier: Self) {
        let names =
            |outbox: Self| outbox.drafts.with_untracked(|drafts| drafts.iter().map(Draft::key_text).collect::<HashSet<_>>());
        let (before, now) = (names(earlier), names(self));
        let unread = earlier.marks.with_untracked(|marks| {
            // What was said of a new row goes with the row.
            let is_gone = |id: &CellId| before.contains(&id.key) && !now.contains(&id.key);
            let is_one = |(id, mark): &(&CellId, &Mark)| matches!(mark, Mark::Rejected { batch_id: None, .. }) && !is_gone(id);
            marks.iter().filter(is_one).map(|(id, mark)| (id.clone(), mark.clone())).collect::<Vec<_>>()
        });
        let (fitting, lost): (Vec<_>, Vec<_>) = unread.into_iter().partition(|(id, _)| self.fits(&id.table, &id.column));
        self.marks.update(|marks| marks.extend(fitting));
        self.leave_out(lost.iter().filter_map(|(id, mark)| match mark {
            Mark::Rejected { typed, .. } => Some((id.column.clone(), typed.clone())),
            _ => None,
        }));
    }

    /// Whether there is still such a column.
    fn fits(self, table: &str, column: &str) -> bool {
        self.inner.with_value(|inner| inner.columns.contains(&(table.to_owned(), column.to_owned())))
    }

    /// Tells of what was typed into columns that there are no more, with the texts themselves.
    pub fn leave_out(self, cells: impl Iterator<Item = (String, String)>) {
        let cells: Vec<String> = cells.map(|(column, text)| format!("“{text}” ({column})")).collect();
        if !cells.is_empty() {
            let words = words::left_out_by_change(cells.join(", "));
            self.state.update(|state| state.note = Some(words));
        }
    }

    /// The browser's storage, once there is one.
    #[must_use]
    pub fn storage(self) -> Option<BatchStorage> {
        self.inner.with_value(|inner| inner.storage.clone())
    }

    /// Whether a batch is still on its way.
    #[must_use]
    pub fn is_queued(self, batch_id: &str) -> bool {
        self.inner.with_value(|inner| inner.queue.iter().any(|stored| stored.batch.batch_id == batch_id))
    }

    /// Queues edits as one batch and gives its id.
    pub fn submit(self, edits: Vec<Edit>, origin: Origin) -> String {
        let batch_id = random_id();
        self.send(self.batch_of(edits, &batch_id, origin));
        batch_id
    }

    /// Queues what was filled into a form, as one batch, and gives its id.
    pub fn submit_form(self, form: String, edits: Vec<Edit>) -> String {
        let batch_id = random_id();
        self.send(Batch { form: Some(form), ..self.batch_of(edits, &batch_id, Origin::Form) });
        batch_id
    }

    fn send(self, batch: Batch) {
        self.state.update(|state| state.note = None);
        self.take_drafts(&batch, Stage::Sent);
        self.mark_pending(&batch);
        self.emit("inlay-edit", &json!({ "batch_id": batch.batch_id, "edits": batch.edits.len() }));
        let stored = self.stored(batch);
        self.keep(&stored);
        self.inner.update_value(|inner| inner.queue.push_back(stored));
        self.count();
        self.pump();
    }

    /// The batch as it is kept, after all that was typed before.
    fn stored(self, batch: Batch) -> Stored {
        let counter = self.inner.try_update_value(|inner| {
            inner.counter += 1;
            inner.counter
        });
        Stored { at: (js_sys::Date::now(), counter.unwrap_or(0)), batch, refused: None, draft: false }
    }

    fn keep(self, stored: &Stored) {
        let kept = self.inner.with_value(|inner| inner.storage.as_ref().is_some_and(|storage| storage.keep(stored)));
        if !kept && !self.state.with_untracked(|state| state.storage_blocked) {
            self.state.update(|state| state.storage_blocked = true);
        }
    }

    /// Marks a cell whose text could not even be read as a value; nothing is sent.
    pub fn reject_locally(self, id: CellId, typed: String, message: Message) {
        self.marks.update(|marks| drop(marks.insert(id, Mark::Rejected { typed, message, batch_id: None })));
    }

    /// Takes a refused edit away: the cell shows what the warehouse holds.
    pub fn discard(self, id: &CellId) {
        let removed = self.marks.try_update(|marks| marks.remove(id)).flatten();
        let batch_id = match removed {
            Some(Mark::Rejected { batch_id, .. }) => batch_id,
            Some(Mark::Conflict { batch_id, .. }) => Some(batch_id),
            _ => None,
        };
        let Some(batch_id) = batch_id else { return };
        let others = self.marks.with_untracked(|marks| {
            marks.values().any(|mark| match mark {
                Mark::Rejected { batch_id: Some(id), .. } | Mark::Conflict { batch_id: id, .. } => *id == batch_id,
                _ => false,
            })
        });
        if !others {
            self.forget(&batch_id);
        }
    }

    fn forget(self, batch_id: &str) {
        self.inner.with_value(|inner| inner.storage.iter().for_each(|storage| storage.forget(batch_id)));
    }

    fn emit(self, name: &str, detail: &serde_json::Value) {
        self.api.with_value(|api| api.iter().for_each(|api| api.emit(name, detail)));
    }

    fn count(self) {
        let waiting = self.inner.with_value(|inner| inner.queue.len());
        self.state.update(|state| state.waiting = waiting);
    }

    /// Cells of these tables whose edits are on their way, tracked.
    #[must_use]
    pub fn pending_of(self, tables: &[String]) -> usize {
        let of = |(id, mark): &(&CellId, &Mark)| matches!(mark, Mark::Pending { .. }) && tables.contains(&id.table);
        self.marks.with(|marks| marks.iter().filter(of).count())
    }

    fn mark_pending(self, batch: &Batch) {
        self.marks.update(|marks| {
            for (id, cell) in cells(batch) {
                marks.insert(id, Mark::Pending { value: cell.value.clone() });
            }
        });
    }

    /// Sends what is queued, one batch after the other, until the queue is empty.
    fn pump(self) {
        let Some(api) = self.api.get_value() else {
            return;
        };
        let busy = self.inner.try_update_value(|inner| std::mem::replace(&mut inner.sending, true));
        if busy != Some(false) {
            return;
        }
        spawn_local(async move {
            let mut tries = 0;
            while let Some(stored) = self.inner.try_with_value(|inner| inner.queue.front().cloned()).flatten() {
                let answer = api.call(&Edits { batch: stored.batch.clone() }).await;
                let again = self.settle(stored, answer);
                if self.inner.try_with_value(|_| ()).is_none() {
                    return;
                }
                tries = if again { tries + 1 } else { 0 };
                if again {
                    sleep(Duration::from_secs(BACKOFF_S[(tries - 1).min(BACKOFF_S.len() - 1)])).await;
                }
            }
            let reversal = self.inner.try_update_value(|inner| {
                inner.sending = false;
                inner.reversals.pop_front()
            });
            match reversal.flatten() {
                Some(Origin::Undo) => drop(self.undo()),
                Some(_) => drop(self.redo()),
                None => {}
            }
        });
    }

    /// Takes an answer in; true if the batch must be sent again.
    fn settle(self, stored: Stored, answer: Result<BatchOutcome, ApiError>) -> bool {
        let again = matches!(&answer, Err(error) if matches!(error.status(), 401 | 500..));
        let signed_out = matches!(&answer, Err(error) if error.status() == 401);
        let gone = self.state.try_update(|state| {
            state.offline = again && !signed_out;
            state.signed_out = signed_out;
        });
        if gone.is_none() || again {
            return again;
        }
        self.inner.update_value(|inner| drop(inner.queue.pop_front()));
        match answer {
            Ok(outcome) => {
                self.forget(&stored.batch.batch_id);
                self.commit(&stored.batch, outcome);
            }
            Err(error) => self.refuse(stored, error),
        }
        self.count();
        false
    }

    fn commit(self, batch: &Batch, outcome: BatchOutcome) {
        let ids: Vec<CellId> = cells(batch).map(|(id, _)| id).collect();
        self.added(batch, &outcome);
        self.marks.update(|marks| {
            for (edit, row) in batch.edits.iter().zip(&outcome.rows) {
                for cell in &edit.cells {
                    let id = CellId::new(&edit.table, &edit.key, &cell.column);
                    // A newer edit of the same cell may be pending already; its mark stays.
                    let current = marks.get(&id) == Some(&Mark::Pending { value: cell.value.clone() });
                    match (current, row.is_refused()) {
                        (true, true) => drop(marks.remove(&id)),
                        (true, false) => drop(marks.insert(id, Mark::Saved)),
                        (false, _) => {}
                    }
                }
            }
        });
        self.remember(batch, &outcome);
        self.go_on(batch, &outcome);
        self.emit("inlay-committed", &json!({ "batch_id": batch.batch_id, "rows": outcome.rows.len() }));
        self.committed.set(Some(outcome));
        spawn_local(async move {
            sleep(Duration::from_millis(SAVED_MS)).await;
            let _ = self.marks.try_update(|marks| {
                for id in &ids {
                    if marks.get(id) == Some(&Mark::Saved) {
                        marks.remove(id);
                    }
                }
            });
        });
    }

    fn refuse(self, mut stored: Stored, error: ApiError) {
        // Nothing came of it, so there is nothing to take back either.
        self.inner.update_value(|inner| inner.reversals.clear());
        let batch_id = stored.batch.batch_id.clone();
        let is_form = stored.batch.origin == Origin::Form;
        let outcome = error.outcome.clone().map(|outcome| *outcome);
        let name = if error.code == Code::Conflict { "inlay-conflict" } else { "inlay-rejected" };
        let cells = outcome.iter().flat_map(|outcome| &outcome.rows).flat_map(refused_cells).collect::<Vec<_>>();
        self.emit(name, &json!({ "batch_id": batch_id, "code": error.code, "message": error.message, "cells": cells }));
        if is_form {
            self.forget(&batch_id);
            return self.refused.update(|refused| drop(refused.insert(batch_id, error)));
        }
        let mut outcome = outcome.unwrap_or_else(|| whole(&stored.batch, &error));
        if stored.batch.edits.iter().all(|edit| edit.op == Operation::Delete) {
            // The rows stay, and there is nothing to mend.
            self.forget(&batch_id);
            let why = outcome.rows.iter().find(|row| row.code != Some(Code::NotApplied)).and_then(RowOutcome::told);
            let words = words::nothing_deleted(why.unwrap_or_else(|| error.told()));
            return self.state.update(|state| state.note = Some(words));
        }
        let parted = self.part(&mut stored.batch, &mut outcome);
        if !stored.batch.edits.is_empty() {
            self.mark_refused(&stored.batch, &outcome);
            self.keep(&Stored { refused: Some(outcome), ..stored });
        } else if !parted.contains(&batch_id) {
            self.forget(&batch_id);
        }
    }

    fn mark_refused(self, batch: &Batch, outcome: &BatchOutcome) {
        let mut lost = Vec::new();
        self.marks.update(|marks| {
            for (edit, row) in batch.edits.iter().zip(&outcome.rows) {
                for cell in &edit.cells {
                    let id = CellId::new(&edit.table, &edit.key, &cell.column);
                    let told = row.cells.iter().find(|told| told.column == cell.column);
                    if self.fits(&id.table, &id.column) {
                        marks.insert(id, refusal(&batch.batch_id, cell, row, told));
                    } else {
                        lost.push((id.column, text_of(&cell.value)));
                    }
                }
            }
        });
        let all = batch.edits.iter().map(|edit| edit.cells.len()).sum::<usize>();
        // Nobody could mend what has no place any more.
        if !lost.is_empty() && lost.len() == all {
            self.forget(&batch.batch_id);
        }
        self.leave_out(lost.into_iter());
    }
}

/// The cells of a row that were not written, as a host page is told of them.
fn refused_cells(row: &RowOutcome) -> impl Iterator<Item = serde_json::Value> + '_ {
    row.cells.iter().filter(|cell| cell.code.is_some()).map(|cell| {
        json!({
            "table": row.table, "key": row.key, "column": cell.column,
            "code": cell.code, "message": cell.message, "conflict": cell.conflict,
        })
    })
}

fn cells(batch: &Batch) -> impl Iterator<Item = (CellId, &CellEdit)> {
    // What is in a form is told there.
    let edits = batch.edits.iter().filter(|edit| batch.form.is_none() && !edit.key.is_empty());
    edits.flat_map(|edit| edit.cells.iter().map(|cell| (CellId::new(&edit.table, &edit.key, &cell.column), cell)))
}

/// The refusal of a batch that the server answered without an outcome.
fn whole(batch: &Batch, error: &ApiError) -> BatchOutcome {
    let row = |edit: &Edit| {
        let mut row = RowOutcome::applied((edit.table.clone(), edit.key.clone()), 0, Vec::new());
        row.refuse(error.code, &error.told());
        row
    };
    let rows = batch.edits.iter().map(row).collect();
    BatchOutcome { batch_id: batch.batch_id.clone(), status: model::BatchStatus::Refused, replayed: false, rows }
}

fn refusal(batch_id: &str, cell: &CellEdit, row: &RowOutcome, told: Option<&CellOutcome>) -> Mark {
    let message = told.and_then(CellOutcome::told).or_else(|| row.told()).unwrap_or_else(|| Code::NotApplied.message());
    let batch_id = batch_id.to_owned();
    if let Some(conflict) = told.and_then(|told| told.conflict.clone()) {
        return Mark::Conflict { value: cell.value.clone(), conflict, message, batch_id };
    }
    Mark::Rejected { typed: text_of(&cell.value), message, batch_id: Some(batch_id) }
}

fn text_of(value: &Raw) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn columns(view: &WorkbookView) -> HashSet<(String, String)> {
    fn of<'a>(table: &'a str, columns: impl IntoIterator<Item = &'a ColumnView>) -> Vec<(String, String)> {
        columns.into_iter().map(|column| (table.to_owned(), column.name.clone())).collect()
    }
    let elements = view.pages.iter().flat_map(|page| &page.elements);
    let columns = elements.flat_map(|element| match &element.kind {
        ElementKind::InputTable(table) => of(&table.table, &table.columns),
        ElementKind::Form(form) => form.columns().flat_map(|(table, column)| of(table, [column])).collect(),
        ElementKind::Pivot(PivotView { table: Some(table), values, .. }) => {
            of(&table.name, values.iter().filter_map(|value| value.column.as_ref()))
        }
        _ => Vec::new(),
    });
    columns.collect()
}
