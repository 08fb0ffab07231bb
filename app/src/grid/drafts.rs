//! Rows that the person adds, below those of the warehouse: the ones that are begun, and a blank one to begin another.

use std::collections::BTreeSet;

use leptos::prelude::*;
use model::{Edit, MOST_EACH, Origin, Raw};

use super::commands::cells_of;
use super::geometry::Cell;
use super::keys::How;
use super::state::{GridState, Row, Rows};
use crate::client::{CellId, Draft, Mark, Stage};

/// Keeps the rows that are being added up to date, and sends each one when the person leaves it.
pub fn keep_drafts(state: GridState) {
    if !state.adds {
        return;
    }
    Effect::new(move |_| {
        state.store.outbox.drafts.track();
        state.show_drafts();
    });
    let at = Memo::new(move |_| {
        let row = state.active()?.row;
        state.rows.with(|rows| rows.get(row)?.draft.clone())
    });
    Effect::new(move |before: Option<Option<String>>| {
        let now = at.get();
        if before.is_some_and(|before| before != now) {
            untrack(|| state.settle(now.as_deref()));
        }
        now
    });
}

fn put(rows: &mut Rows, drafts: Vec<Row>, columns: usize) {
    // The blank row stays the same one until something is typed into it.
    let blank = rows.drafts.pop().filter(|blank| drafts.iter().all(|draft| draft.draft != blank.draft));
    rows.drafts = drafts;
    rows.drafts.push(blank.unwrap_or_else(|| Row::blank(columns)));
}

impl GridState {
    /// Shows what has become of new rows at once, so that a key can go to the blank row below.
    pub fn show_drafts(self) {
        let drafts = untrack(|| self.drafts());
        let columns = self.columns.with_value(Vec::len);
        self.rows.update(|rows| put(rows, drafts, columns));
    }

    fn drafts(self) -> Vec<Row> {
        let table = self.table.get_value();
        let of_table = |draft: &&Draft| Some(&draft.table) == table.as_ref();
        let row = |draft: &Draft| {
            let cell = |column: &model::ColumnView| draft.cells.get(&column.name).cloned().unwrap_or(Raw::Null);
            let sent = matches!(draft.stage, Stage::Sent | Stage::Added);
            Row {
                key: vec![draft.name.as_str().into()],
                key_text: draft.key_text(),
                cells: self.columns.with_value(|columns| columns.iter().map(cell).collect()),
                read_only: sent.then(words::row_being_added),
                draft: Some(draft.name.clone()),
                version: 0,
                threads: 0,
                flags: Vec::new(),
            }
        };
        // News of a row may come before the word that it is added.
        let is_here = |draft: &&Draft| {
            draft.key.as_ref().is_some_and(|key| {
                self.rows.with_untracked(|rows| rows.blocks.values().any(|block| block.iter().any(|row| row.key == *key)))
            })
        };
        self.store.outbox.drafts.with(|drafts| drafts.iter().filter(of_table).filter(|draft| !is_here(draft)).map(row).collect())
    }

    /// Sends each begun row but the one that is being typed. One that can't be added yet says why, and stays.
    pub fn settle(self, typing: Option<&str>) {
        let open = |draft: &&Draft| draft.stage == Stage::Open && Some(draft.name.as_str()) != typing;
        let table = self.table.get_value();
        let left: Vec<Draft> = self.store.outbox.drafts.with_untracked(|drafts| {
            drafts.iter().filter(open).filter(|draft| Some(&draft.table) == table.as_ref()).cloned().collect()
        });
        for draft in left {
            if draft.cells.values().all(Raw::is_null) && !self.has_unread(&draft) {
                self.store.outbox.drop_draft(&draft.name);
                continue;
            }
            self.require(&draft);
            if self.has_unread(&draft) {
                self.tell(words::row_not_added());
            } else {
                self.store.outbox.send_draft(&draft.name);
            }
        }
    }

    /// Marks the cells that a row can't be without.
    fn require(self, draft: &Draft) {
        let blank = |raw: &Raw| raw.is_null() || raw.as_str().is_some_and(|text| text.trim().is_empty());
        let missing = |column: &&model::ColumnView| {
            column.editable && column.constraints.required && draft.cells.get(&column.name).is_none_or(blank)
        };
        let missing: Vec<(String, String)> = self.columns.with_value(|columns| {
            columns.iter().filter(missing).map(|column| (column.name.clone(), column.label.clone())).collect()
        });
        for (column, label) in missing {
            let id = CellId { table: draft.table.clone(), key: draft.key_text(), column };
            let told = self.store.outbox.marks.with_untracked(|marks| matches!(marks.get(&id), Some(Mark::Rejected { .. })));
            if !told {
                self.store.outbox.reject_locally(id, String::new(), words::required(label));
            }
        }
    }

    /// Whether something was typed into a new row that can't be sent.
    fn has_unread(self, draft: &Draft) -> bool {
        let key = draft.key_text();
        self.store.outbox.marks.with_untracked(|marks| {
            marks.iter().any(|(id, mark)| {
                id.table == draft.table && id.key == key && matches!(mark, Mark::Rejected { batch_id: None, .. })
            })
        })
    }

    /// Rows of the warehouse have come.
    pub fn arrived(self) {
        if self.adds {
            self.table.with_value(|table| table.iter().for_each(|table| self.store.outbox.drop_added(table)));
        }
    }

    /// Goes to the blank row.
    pub fn add_row(self) -> bool {
        if self.adds {
            let last = untrack(|| self.bounds()).rows.saturating_sub(1);
            self.go(Cell { row: last, col: 0 }, How::Move);
            self.focus();
        }
        self.adds
    }

    /// Deletes the selected rows: at once those that were only begun, and by one batch those of the warehouse.
    pub fn delete_rows(self) -> bool {
        let Some(table) = self.table.get_value().filter(|_| self.adds) else { return false };
        let bounds = untrack(|| self.bounds());
        let rows = self.selection.with_untracked(|selection| selection.rectangles(bounds));
        let narrow: Vec<(Cell, Cell)> =
            rows.into_iter().map(|(from, to)| (Cell { col: 0, ..from }, Cell { col: 0, ..to })).collect();
        if narrow.iter().map(|(from, to)| to.row - from.row + 1).sum::<u64>() > MOST_EACH as u64 {
            self.tell(words::delete_at_most(MOST_EACH));
            return true;
        }
        self.with_rows(narrow.clone(), move |state, rows| {
            let mut edits: Vec<Edit> = Vec::new();
            let numbers: BTreeSet<u64> = narrow.into_iter().flat_map(cells_of).map(|cell| cell.row).collect();
            for row in numbers.into_iter().filter_map(|row| rows.get(row)) {
                match &row.draft {
                    Some(name) => state.store.outbox.drop_draft(name),
                    None => edits.push(Edit::delete(&table, row.key.clone(), row.version)),
                }
            }
            state.store.announce(words::deleting_rows(edits.len()));
            state.send(edits, Origin::Grid);
        });
        true
    }
}
