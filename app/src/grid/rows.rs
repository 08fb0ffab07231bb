//! Fetches windows of rows as they come into sight, and again when they may have changed. What is on screen stays until
//! something newer is there.

use std::collections::HashSet;
use std::sync::Arc;

use leptos::prelude::*;
use model::{ApiError, BatchOutcome, Code, QueryAnswer, QueryRequest, Raw};
use wasm_bindgen_futures::spawn_local;

use super::geometry::rows_in_sight;
use super::state::{BLOCK, GridState, Row, Rows};
use crate::api::Query;

/// What was asked: a new question empties the grid's windows, a new version only makes them old.
#[derive(Clone, Debug, Default, PartialEq)]
struct Asked {
    request: QueryRequest,
    versions: Vec<i64>,
}

/// Keeps the grid's rows up to date for as long as it lives.
pub fn keep_rows(state: GridState) {
    let element = state.element.get_value();
    if let Some(boot) = state.store.take_boot(&element.id) {
        state.rows.update(|rows| take(state, rows, 0, &boot, true));
    }
    let asked = {
        let element = element.clone();
        Memo::new(move |_| Asked {
            request: QueryRequest {
                workbook: state.store.view.with_value(|view| view.id.clone()),
                element: element.id.clone(),
                controls: state.store.chosen(&element.controls),
                filters: state.filters.with(|filters| filters.values().cloned().collect()),
                sort: state.sort.get(),
                offset: 0,
                limit: BLOCK,
            },
            versions: state.store.versions_of(&element.depends_on),
        })
    };
    let wanted = Memo::new(move |_| {
        let (first, last) = rows_in_sight(state.viewport.get(), state.rows.with(|rows| rows.total).max(1));
        (first / BLOCK, last.saturating_sub(1) / BLOCK)
    });
    // Windows that are there or on their way, for the current question and versions.
    let fetched = StoredValue::new((Asked::default(), HashSet::<u64>::new()));
    let booted = state.rows.with_untracked(|rows| rows.loaded);
    Effect::new(move |ran: Option<()>| {
        let asked = asked.get();
        let (first, last) = wanted.get();
        let (mut before, mut windows) = fetched.get_value();
        let new_question = before.request != asked.request;
        if before != asked {
            windows.clear();
            if ran.is_none() && booted {
                windows.insert(0);
            }
            before = asked.clone();
        }
        let missing: Vec<u64> = (first..=last).filter(|window| windows.insert(*window)).collect();
        fetched.set_value((before, windows));
        let starts_over = new_question && ran.is_some();
        for window in missing {
            fetch(state, asked.clone(), window, starts_over, fetched);
        }
        if starts_over {
            state.active.set(None);
            if let Some(scroller) = state.scroller.get_untracked() {
                scroller.set_scroll_top(0);
            }
        }
    });
    Effect::new(move |_| {
        if let Some(outcome) = state.store.outbox.committed.get() {
            state.rows.update(|rows| patch(state, rows, &outcome));
        }
    });
}

fn fetch(state: GridState, asked: Asked, window: u64, starts_over: bool, fetched: StoredValue<(Asked, HashSet<u64>)>) {
    let Some(api) = state.store.api.get_value() else {
        return;
    };
    state.rows.update(|rows| rows.loading = true);
    spawn_local(async move {
        let query = QueryRequest { offset: window * BLOCK, ..asked.request.clone() };
        let answer = api.call(&Query { query }).await;
        // Overtaken by a newer question or version: that one's answer counts.
        if fetched.try_with_value(|(now, _)| *now == asked) != Some(true) {
            return;
        }
        match answer {
            Ok(answer) => {
                let _ = state.rows.try_update(|rows| take(state, rows, window, &answer, starts_over && window == 0));
            }
            Err(error) => {
                let _ = fetched.try_update_value(|(_, windows)| windows.remove(&window));
                let _ = state.rows.try_update(|rows| fail(rows, error));
            }
        }
    });
}

fn fail(rows: &mut Rows, error: ApiError) {
    rows.loading = false;
    if error.code != Code::Offline || !rows.loaded {
        rows.error = Some(error);
    }
}

fn take(state: GridState, rows: &mut Rows, window: u64, answer: &QueryAnswer, starts_over: bool) {
    let place = |name: &str| answer.columns.iter().position(|column| column.name == name);
    let cells: Vec<Option<usize>> =
        state.columns.with_value(|columns| columns.iter().map(|column| place(&column.name)).collect());
    let key: Vec<Option<usize>> = state.key.with_value(|key| key.iter().map(|name| place(name)).collect());
    let pick = |row: &[Raw], places: &[Option<usize>]| -> Vec<Raw> {
        places.iter().map(|place| place.and_then(|i| row.get(i)).cloned().unwrap_or(Raw::Null)).collect()
    };
    let made: Vec<Row> = answer
        .rows
        .iter()
        .enumerate()
        .map(|(i, row)| {
            let key = pick(row, &key);
            let key_text = serde_json::to_string(&key).unwrap_or_default();
            let read_only = answer.meta.get(i).and_then(|meta| meta.read_only.clone());
            Row { key, key_text, cells: pick(row, &cells), read_only }
        })
        .collect();
    if starts_over {
        rows.blocks.clear();
    }
    rows.blocks.insert(window, Arc::new(made));
    rows.total = answer.total;
    rows.totals.clone_from(&answer.totals);
    rows.loading = false;
    rows.loaded = true;
    rows.error = None;
}

/// Puts the values of a committed batch into the rows that are on screen, computed columns included.
fn patch(state: GridState, rows: &mut Rows, outcome: &BatchOutcome) {
    let Some(table) = state.table.get_value() else {
        return;
    };
    let names: Vec<String> = state.columns.with_value(|columns| columns.iter().map(|column| column.name.clone()).collect());
    for changed in outcome.rows.iter().filter(|row| row.table == table) {
        for block in rows.blocks.values_mut() {
            let Some(i) = block.iter().position(|row| row.key == changed.key) else {
                continue;
            };
            let row = &mut Arc::make_mut(block)[i];
            for (cell, name) in row.cells.iter_mut().zip(&names) {
                if let Some(value) = changed.values.get(name) {
                    *cell = value.clone();
                }
            }
        }
    }
}
