//! Rows that a person adds. Until the warehouse has given it a key, a row is known by a name that the browser makes: the
//! cells of its [`Edit`] are marked under that name, like those of any other row. What is typed into it is kept over a
//! reload, and goes out as a whole when the person leaves the row.

use std::collections::BTreeMap;
use std::time::Duration;

use gloo_timers::future::sleep;
use leptos::prelude::*;
use model::{Batch, BatchOutcome, CellEdit, Edit, EditMode, Operation, Origin, Raw, RowOutcome};
use wasm_bindgen_futures::spawn_local;

use super::super::storage::Stored;
use super::{CellId, Mark, Outbox};

/// How far a row has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Being typed.
    Open,
    /// As the warehouse refused it; it goes out again once it is changed.
    Refused,
    Sent,
    /// It is in the warehouse, and will be among the rows of the next answer.
    Added,
}

/// A row that is not among those of the warehouse yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub table: String,
    pub name: String,
    /// What could be read, by column.
    pub cells: BTreeMap<String, Raw>,
    pub stage: Stage,
    /// What the warehouse calls it, once it has it.
    pub key: Option<Vec<Raw>>,
}

/// How long a row that was added is shown at most, should no rows come that have it among them.
const ADDED_MS: u64 = 2_000;

impl Draft {
    fn of(edit: &Edit, stage: Stage) -> Option<Self> {
        let name = name_of(edit)?.to_owned();
        let cells = edit.cells.iter().map(|cell| (cell.column.clone(), cell.value.clone())).collect();
        Some(Self { table: edit.table.clone(), name, cells, stage, key: None })
    }

    fn edit(&self) -> Edit {
        let cells = self.cells.iter().map(|(column, value)| CellEdit::new(column, value.clone())).collect();
        Edit::insert(&self.table, vec![self.name.as_str().into()], cells)
    }

    /// The part of its cells' addresses that is a row's key elsewhere.
    #[must_use]
    pub fn key_text(&self) -> String {
        serde_json::to_string(&[&self.name]).unwrap_or_default()
    }
}

/// What an added row is called.
fn name_of(edit: &Edit) -> Option<&str> {
    edit.key.first()?.as_str().filter(|_| edit.op == Operation::Insert)
}

impl Outbox {
    /// Takes a cell of a new row; the first one begins it.
    pub fn draft(self, table: &str, name: &str, cell: Option<(&str, Raw)>) {
        let changed = self.drafts.try_update(|drafts| {
            let place = drafts.iter().position(|draft| draft.name == name).unwrap_or_else(|| {
                let (table, name, cells) = (table.into(), name.into(), BTreeMap::new());
                drafts.push(Draft { table, name, cells, stage: Stage::Open, key: None });
                drafts.len() - 1
            });
            let draft = &mut drafts[place];
            draft.stage = Stage::Open;
            draft.cells.extend(cell.clone().map(|(column, value)| (column.to_owned(), value)));
            draft.clone()
        });
        let Some(draft) = changed else { return };
        if let Some((column, value)) = cell {
            let id = CellId { table: table.into(), key: draft.key_text(), column: column.into() };
            self.marks.update(|marks| drop(marks.insert(id, Mark::Pending { value })));
        }
        let stored = Stored { draft: true, ..self.stored(self.batch_of(vec![draft.edit()], &draft.name, Origin::Grid)) };
        self.keep(&stored);
    }

    /// Sends a new row; one that was refused waits until it is changed.
    pub fn send_draft(self, name: &str) {
        let of = |drafts: &Vec<Draft>| drafts.iter().find(|draft| draft.name == name && draft.stage == Stage::Open).cloned();
        let Some(draft) = self.drafts.with_untracked(of) else { return };
        // A row goes out under its own name, so that it is never kept, and never sent, as two.
        self.send(self.batch_of(vec![draft.edit()], name, Origin::Grid));
    }

    /// Lets go of a new row and of all that was typed into it.
    pub fn drop_draft(self, name: &str) {
        let gone = self.drafts.try_update(|drafts| {
            let place =
                drafts.iter().position(|draft| draft.name == name && matches!(draft.stage, Stage::Open | Stage::Refused))?;
            Some(drafts.remove(place))
        });
        let Some(draft) = gone.flatten() else { return };
        let key = draft.key_text();
        self.marks.update(|marks| marks.retain(|id, _| id.table != draft.table || id.key != key));
        self.forget(name);
    }

    /// The rows of a batch are in the warehouse, under these keys.
    pub(super) fn added(self, batch: &Batch, outcome: &BatchOutcome) {
        let keys: BTreeMap<&str, &Vec<Raw>> =
            batch.edits.iter().zip(&outcome.rows).filter_map(|(edit, row)| Some((name_of(edit)?, &row.key))).collect();
        if keys.is_empty() {
            return;
        }
        self.take_drafts(batch, Stage::Added);
        self.drafts.update(|drafts| {
            for draft in drafts.iter_mut() {
                draft.key = keys.get(draft.name.as_str()).map(|key| (*key).clone()).or_else(|| draft.key.take());
            }
        });
        let table = batch.edits[0].table.clone();
        spawn_local(async move {
            sleep(Duration::from_millis(ADDED_MS)).await;
            if self.drafts.try_with_untracked(|_| ()).is_some() {
                self.drop_added(&table);
            }
        });
    }

    /// Rows of the warehouse have come: those that were added are among them.
    pub fn drop_added(self, table: &str) {
        let added = |draft: &Draft| draft.stage == Stage::Added && draft.table == table;
        if self.drafts.with_untracked(|drafts| drafts.iter().any(added)) {
            self.drafts.update(|drafts| drafts.retain(|draft| !added(draft)));
        }
    }

    /// Shows the rows that a batch adds, unless they are known.
    pub(super) fn take_drafts(self, batch: &Batch, stage: Stage) {
        let mut named: Vec<Draft> = batch.edits.iter().filter_map(|edit| Draft::of(edit, stage)).collect();
        let mut lost = Vec::new();
        for draft in &mut named {
            let table = draft.table.clone();
            draft.cells.retain(|column, value| {
                let fits = self.fits(&table, column);
                if !fits && !value.is_null() {
                    lost.push((column.clone(), super::text_of(value)));
                }
                fits
            });
        }
        if !lost.is_empty() {
            // A row of which nothing is left is none.
            named.retain(|draft| {
                let is_left = draft.cells.values().any(|value| !value.is_null());
                if !is_left {
                    self.forget(&draft.name);
                }
                is_left
            });
        }
        self.leave_out(lost.into_iter());
        if named.is_empty() {
            return;
        }
        self.drafts.update(|drafts| {
            for named in named {
                match drafts.iter_mut().find(|draft| draft.name == named.name) {
                    Some(draft) => *draft = named,
                    None => drafts.push(named),
                }
            }
        });
    }

    /// Takes the rows out of a refused batch that it would have added: each waits on its own to be mended. Gives their names.
    pub(super) fn part(self, batch: &mut Batch, outcome: &mut BatchOutcome) -> Vec<String> {
        let both = std::mem::take(&mut batch.edits).into_iter().zip(std::mem::take(&mut outcome.rows));
        let (rows, rest): (Vec<(Edit, RowOutcome)>, Vec<_>) = both.partition(|(edit, _)| name_of(edit).is_some());
        (batch.edits, outcome.rows) = rest.into_iter().unzip();
        let mut names = Vec::with_capacity(rows.len());
        for (edit, row) in rows {
            let name = name_of(&edit).unwrap_or_default().to_owned();
            let one = self.batch_of(vec![edit], &name, batch.origin);
            let told = BatchOutcome { batch_id: name.clone(), rows: vec![row], ..outcome.clone() };
            self.take_drafts(&one, Stage::Refused);
            self.mark_refused(&one, &told);
            self.keep(&Stored { refused: Some(told), ..self.stored(one) });
            names.push(name);
        }
        names
    }

    pub(super) fn batch_of(self, edits: Vec<Edit>, batch_id: &str, origin: Origin) -> Batch {
        let workbook = self.inner.with_value(|inner| inner.workbook.clone());
        // Of what is taken back each row stands for itself: somebody may have changed one of them since.
        let mode = if matches!(origin, Origin::Undo | Origin::Redo) { EditMode::PerRow } else { EditMode::AllOrNothing };
        Batch { batch_id: batch_id.into(), workbook, edits, mode, origin, reason: None, form: None }
    }
}
