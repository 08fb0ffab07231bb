//! What a grid knows: its columns, the rows it has, what is selected, what is being typed.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use leptos::prelude::*;
use model::{ApiError, CellEdit, ColumnView, Edit, ElementView, Filter, Operation, Origin, Raw, Sort, Total, validate};

use super::geometry::{Cell, Viewport, rectangle, width};
use crate::client::{CellId, Mark, Store};

/// One row as the grid needs it.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub key: Vec<Raw>,
    /// The key as JSON text: the row's part of a cell's address.
    pub key_text: String,
    /// In the order of the grid's columns.
    pub cells: Vec<Raw>,
    pub read_only: Option<String>,
}

/// Windows of rows by their number, and how many rows there are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    pub blocks: HashMap<u64, Arc<Vec<Row>>>,
    pub total: u64,
    /// What stands under the columns.
    pub totals: Vec<Total>,
    pub loading: bool,
    /// Whether anything was ever loaded.
    pub loaded: bool,
    pub error: Option<ApiError>,
}

/// Rows in one window.
pub const BLOCK: u64 = 100;

impl Rows {
    #[must_use]
    pub fn get(&self, row: u64) -> Option<&Row> {
        self.blocks.get(&(row / BLOCK))?.get((row % BLOCK) as usize)
    }
}

/// Text being typed into the active cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Editing {
    pub cell: Cell,
    pub text: String,
}

/// A grid's state; a handle, cheap to copy.
#[derive(Clone, Copy, Debug)]
pub struct GridState {
    pub store: Store,
    pub element: StoredValue<ElementView>,
    /// The input table that edits go to; `None` for a table that is only read.
    pub table: StoredValue<Option<String>>,
    pub key: StoredValue<Vec<String>>,
    pub columns: StoredValue<Vec<ColumnView>>,
    pub widths: StoredValue<Vec<f64>>,
    pub frozen: usize,
    pub rows: RwSignal<Rows>,
    pub viewport: RwSignal<Viewport>,
    pub active: RwSignal<Option<Cell>>,
    /// The other corner of the selection; the active cell itself if only one is selected.
    pub anchor: RwSignal<Cell>,
    pub editing: RwSignal<Option<Editing>>,
    pub sort: RwSignal<Vec<Sort>>,
    pub filters: RwSignal<BTreeMap<String, Filter>>,
    /// The column whose filter is open.
    pub filtering: RwSignal<Option<usize>>,
    pub scroller: NodeRef<leptos::html::Div>,
}

impl GridState {
    #[must_use]
    pub fn new(
        store: Store,
        element: ElementView,
        table: Option<String>,
        key: Vec<String>,
        columns: Vec<ColumnView>,
        frozen: usize,
    ) -> Self {
        Self {
            store,
            element: StoredValue::new(element),
            table: StoredValue::new(table),
            key: StoredValue::new(key),
            widths: StoredValue::new(columns.iter().map(width).collect()),
            columns: StoredValue::new(columns),
            frozen,
            rows: RwSignal::default(),
            viewport: RwSignal::default(),
            active: RwSignal::default(),
            anchor: RwSignal::default(),
            editing: RwSignal::default(),
            sort: RwSignal::default(),
            filters: RwSignal::default(),
            filtering: RwSignal::default(),
            scroller: NodeRef::new(),
        }
    }

    #[must_use]
    pub fn column(self, col: usize) -> Option<ColumnView> {
        self.columns.with_value(|columns| columns.get(col).cloned())
    }

    #[must_use]
    pub fn column_count(self) -> usize {
        self.columns.with_value(Vec::len)
    }

    /// The cell's address in the outbox, if it belongs to an input table and its row is loaded.
    #[must_use]
    pub fn id(self, cell: Cell) -> Option<CellId> {
        let table = self.table.with_value(Clone::clone)?;
        let column = self.columns.with_value(|columns| columns.get(cell.col).map(|column| column.name.clone()))?;
        let key = self.rows.with(|rows| rows.get(cell.row).map(|row| row.key_text.clone()))?;
        Some(CellId { table, key, column })
    }

    /// What the warehouse last said of a cell.
    #[must_use]
    pub fn stored(self, cell: Cell) -> Option<Raw> {
        self.rows.with(|rows| rows.get(cell.row)?.cells.get(cell.col).cloned())
    }

    /// What a person sees in a cell: what he typed while it is on its way, else what the warehouse said.
    #[must_use]
    pub fn shown(self, cell: Cell) -> Option<Raw> {
        let pending = self.id(cell).and_then(|id| {
            self.store.outbox.marks.with(|marks| match marks.get(&id) {
                Some(Mark::Pending { value } | Mark::Conflict { value, .. }) => Some(value.clone()),
                _ => None,
            })
        });
        pending.or_else(|| self.stored(cell))
    }

    /// Why this cell can't be typed into, if it can't.
    #[must_use]
    pub fn locked(self, cell: Cell) -> Option<String> {
        let column = self.column(cell.col)?;
        if self.table.with_value(Option::is_none) || !column.editable {
            return Some(format!("{} can't be changed here.", column.label));
        }
        self.rows.with_untracked(|rows| match rows.get(cell.row) {
            Some(row) => row.read_only.clone(),
            None => Some("This row is still loading.".into()),
        })
    }

    /// The selected rectangle, tracked.
    #[must_use]
    pub fn selection(self) -> Option<(Cell, Cell)> {
        self.active.get().map(|active| rectangle(active, self.anchor.get()))
    }

    /// Takes typed texts as edits of their cells: what reads well goes out as one batch, what does not is marked.
    pub fn type_into(self, texts: impl IntoIterator<Item = (Cell, String)>, origin: Origin) {
        let mut edits: Vec<Edit> = Vec::new();
        let mut left_out = 0;
        for (cell, text) in texts {
            let (Some(id), None) = (untrack(|| self.id(cell)), self.locked(cell)) else {
                left_out += 1;
                continue;
            };
            let Some(column) = self.column(cell.col) else {
                continue;
            };
            let parsed = self.store.locale.with_value(|locale| locale.parse(&text, &column.ty));
            let checked =
                parsed.map_err(|e| e.message().to_owned()).and_then(|raw| validate(&column, &raw).map_err(|e| e.message));
            match checked {
                Ok(value) => self.add_edit(&mut edits, cell, &id, value.to_wire()),
                Err(message) => {
                    self.store.announcement.set(message.clone());
                    self.store.outbox.reject_locally(id, text, message);
                }
            }
        }
        if left_out > 0 {
            let plural = if left_out == 1 { "cell was" } else { "cells were" };
            self.store.announcement.set(format!("{left_out} read-only {plural} left as they are."));
        }
        if !edits.is_empty() {
            self.store.outbox.submit(edits, origin);
        }
    }

    fn add_edit(self, edits: &mut Vec<Edit>, cell: Cell, id: &CellId, value: Raw) {
        let was = untrack(|| self.was(cell, id));
        if was == value && untrack(|| self.store.outbox.marks.with(|marks| !matches!(marks.get(id), Some(Mark::Conflict { .. }))))
        {
            return self.store.outbox.discard(id);
        }
        // A cell that was refused before starts anew.
        self.store.outbox.discard(id);
        let edit = CellEdit { column: id.column.clone(), value, was, was_seq: None };
        let key = self.rows.with_untracked(|rows| rows.get(cell.row).map(|row| row.key.clone())).unwrap_or_default();
        match edits.iter_mut().find(|known| known.key == key) {
            Some(known) => known.cells.push(edit),
            None => edits.push(Edit { table: id.table.clone(), op: Operation::Set, key, cells: vec![edit] }),
        }
    }

    /// The value that the person replaces: his own pending one, the other's in a conflict, else the stored one.
    fn was(self, cell: Cell, id: &CellId) -> Raw {
        let marked = self.store.outbox.marks.with(|marks| match marks.get(id) {
            Some(Mark::Pending { value }) => Some(value.clone()),
            Some(Mark::Conflict { conflict, .. }) => Some(conflict.now.clone()),
            _ => None,
        });
        marked.or_else(|| self.stored(cell)).unwrap_or(Raw::Null)
    }
}
