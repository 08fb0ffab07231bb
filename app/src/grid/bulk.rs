//! Sets one column in all rows that the filters show: to one value, or to what an expression comes to in each row.

use std::sync::Arc;

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use model::{ColumnView, Compute, MOST_EDITS, Origin, QueryAnswer, QueryRequest, Raw};
use wasm_bindgen_futures::spawn_local;
use words::Message;

use super::geometry::Cell;
use super::load::Loaded;
use super::plan::{Planned, Proposal};
use super::rows::{made, question};
use super::state::GridState;
use crate::components::focused;
use crate::editors::read;

/// Drawn while a person says what to set.
#[component]
pub fn SetAll(state: GridState) -> impl IntoView {
    move || {
        let column = state.column(state.setting.get()?)?;
        Some(dialog(state, column))
    }
}

fn dialog(state: GridState, column: ColumnView) -> impl IntoView {
    let field: NodeRef<html::Input> = NodeRef::new();
    focused(field);
    let problem = RwSignal::new(String::new());
    let close = move || {
        state.setting.set(None);
        state.focus();
    };
    let names =
        state.columns.with_value(|columns| columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>().join(", "));
    let (name, label) = (state.say(words::set_all_of(&column.label)), column.label.clone());
    let count = untrack(|| state.rows.with(|rows| rows.total));
    let column = StoredValue::new(column);
    let preview = move || {
        let text = field.get_untracked().map(|field| field.value()).unwrap_or_default();
        problem.set(String::new());
        if let Err(message) = column.with_value(|column| state.set_all(column, &text, problem)) {
            problem.set(state.say(message));
        }
    };
    let on_key = move |event: KeyboardEvent| {
        event.stop_propagation();
        match event.key().as_str() {
            "Enter" => preview(),
            "Escape" => close(),
            _ => {}
        }
    };
    view! {
        <div class="grid-set" role="dialog" aria-label=name on:keydown=on_key>
            <label class="grid-set-field">
                <span>{state.say(words::set_all_title(label, count))}</span>
                <input node_ref=field autocomplete="off" spellcheck="false" placeholder=state.say(words::set_all_placeholder())/>
            </label>
            <p class="field-error" role="alert">{problem}</p>
            <p class="is-quiet">{state.say(words::set_all_help("= round(1.05 * actual, 0)", names))}</p>
            <div class="grid-filter-buttons">
                <button type="button" on:click=move |_| close()>{state.say(words::cancel())}</button>
                <button type="button" class="is-primary" on:click=move |_| preview()>{state.say(words::preview())}</button>
            </div>
        </div>
    }
}

impl GridState {
    /// Asks what to set in the active column.
    pub fn ask_set_all(self, col: usize) -> bool {
        let Some(column) = self.column(col).filter(|_| self.table.with_value(Option::is_some)) else { return false };
        let (counted, total) = self.rows.with_untracked(|rows| (rows.counted, rows.total));
        if !column.editable {
            self.tell(words::column_locked(column.label));
        } else if !counted || total == 0 {
            self.tell(words::set_all_no_rows());
        } else if total > MOST_EDITS as u64 {
            self.tell(words::set_all_at_most(total, MOST_EDITS));
        } else {
            self.setting.set(Some(col));
        }
        true
    }

    /// Suggests the edits; or says what is wrong with the text, at once or when the server has said so.
    fn set_all(self, column: &ColumnView, text: &str, problem: RwSignal<String>) -> Result<(), Message> {
        let Some(col) = self.setting.get_untracked() else { return Ok(()) };
        let total = self.rows.with_untracked(|rows| rows.total);
        let expression = text.trim_start().strip_prefix('=').filter(|_| !text.trim_start().starts_with("=="));
        let value = match expression {
            Some(_) => Raw::Null,
            None => read(self.store, column, text)?,
        };
        let compute = expression.map(|expression| Compute { column: column.name.clone(), expression: expression.trim().into() });
        let computed = compute.is_some();
        let columns = self.names(std::iter::once(col));
        let asked = QueryRequest { uncounted: true, compute, columns, ..untrack(|| question(self)) };
        let (rows, column) = ((0..total).collect::<Vec<u64>>(), column.clone());
        spawn_local(async move {
            let (mut loaded, mut values) = (Loaded::default(), Vec::new());
            let take = |first: u64, answer: &QueryAnswer| {
                for ((number, row), cells) in (first..).zip(made(self, answer)).zip(&answer.rows) {
                    loaded.add(number, row);
                    values.push((number, if computed { cells.last().cloned().unwrap_or_default() } else { value.clone() }));
                }
            };
            match self.fetch_rows(asked, &rows, take).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => return drop(problem.try_set(self.say(error.told()))),
            }
            self.setting.set(None);
            let show = |raw: &Raw| self.store.show(raw, &column);
            let planned = |(row, value): (u64, Raw)| {
                let (cell, text) = (Cell { row, col }, show(&value));
                let fate = self.fate(&loaded, cell, &column, None, Ok(value));
                Planned { cell, text, fate }
            };
            let plan = values.into_iter().map(planned).collect();
            self.suggest(Proposal::new(Origin::Fill, None, plan, Arc::new(loaded), Vec::new()));
        });
        Ok(())
    }
}
