//! The record panel: one row with all its fields, beside the grid, what happened to it and what people say about it.
//!
//! It shows the row of the active cell and follows it. On a phone it covers the grid, so that a row opens as a form.

mod comments;
mod fields;
mod history;
mod mention;

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;

use super::keys::How;
use super::state::{GridState, Row};
use crate::client::OpenRow;
use crate::components::{Tabs, focused};
use comments::Comments;
use fields::Fields;
use history::History;

/// What of a row is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Fields,
    History,
    Comments,
}

/// Drawn while a row is open.
#[component]
pub fn RecordPanel(state: GridState) -> impl IntoView {
    let open = Memo::new(move |_| state.record.with(Option::is_some));
    move || open.get().then(|| panel(state))
}

fn panel(state: GridState) -> impl IntoView {
    let row = Memo::new(move |_| {
        let at = state.active()?;
        state.rows.with(|rows| rows.get(at.row).map(|row| (at.row, row.clone())))
    });
    // A part is drawn anew for another row, not for each change of this one.
    let key = Memo::new(move |_| row.with(|row| row.as_ref().map(|(_, row)| (row.key.clone(), row.draft.is_some()))));
    let number = Signal::derive(move || row.with(|row| row.as_ref().map_or(0, |(number, _)| *number)));
    let frame: NodeRef<html::Div> = NodeRef::new();
    focused(frame);
    let on_key = move |event: KeyboardEvent| {
        event.stop_propagation();
        if event.key() == "Escape" {
            event.prevent_default();
            state.close_record();
        }
    };
    let has_table = state.table.with_value(Option::is_some);
    let id = format!("{}-row", state.element.with_value(|element| element.id.clone()));
    let tabs = has_table.then(|| {
        let titles = vec![state.say(words::fields()), state.say(words::history()), state.say(words::comments())];
        let place = move || state.record.get().and_then(|open| Part::ALL.iter().position(|part| *part == open)).unwrap_or(0);
        let choose = Callback::new(move |i: usize| state.record.set(Part::ALL.get(i).copied()));
        view! {
            <Tabs
                store=state.store label=Some(state.say(words::parts_of_row())) titles=titles chosen=Signal::derive(place) choose=choose
                panel=id.clone()
            />
        }
    });
    // Forms in which such a row can be opened.
    let forms = state.table.with_value(|table| table.as_ref().map(|table| state.store.forms_of(table)).unwrap_or_default());
    let form = move |(id, title): (String, String)| {
        let open = move |_| {
            let key = key.get_untracked().filter(|(_, is_new)| !is_new).map(|(key, _)| key);
            key.into_iter().for_each(|key| _ = state.store.open_row(&id, OpenRow { key, edit: true, said: None }));
        };
        let is_new = move || key.with(|key| key.as_ref().is_none_or(|(_, is_new)| *is_new));
        view! { <button type="button" disabled=is_new on:click=open>{state.say(words::open_in_form(title))}</button> }
    };
    let forms = (!forms.is_empty()).then(|| view! { <p class="record-forms">{forms.into_iter().map(form).collect_view()}</p> });
    let title = move || row.with(|row| row.as_ref().map(|(_, row)| title(state, row)));
    let name = move || format!("{} {}", state.say(words::row()), title().unwrap_or_default());
    let body = move || {
        let Some((key, is_new)) = key.get() else {
            return view! { <p class="is-quiet">{state.say(words::select_a_row())}</p> }.into_any();
        };
        match state.record.get() {
            Some(Part::History) if is_new => view! { <p class="is-quiet">{state.say(words::row_not_saved())}</p> }.into_any(),
            Some(Part::Comments) if is_new => view! { <p class="is-quiet">{state.say(words::row_not_saved())}</p> }.into_any(),
            Some(Part::History) => view! { <History state=state number=number key=key/> }.into_any(),
            Some(Part::Comments) => view! { <Comments state=state key=key/> }.into_any(),
            _ => view! { <Fields state=state number=number/> }.into_any(),
        }
    };
    view! {
        <div class="record" part="record" role="complementary" aria-label=name tabindex="-1" node_ref=frame on:keydown=on_key>
            <div class="record-head">
                <h3>{title}</h3>
                <button type="button" aria-label=state.say(words::row_above()) on:click=move |_| state.step_record(false)>"↑"</button>
                <button type="button" aria-label=state.say(words::row_below()) on:click=move |_| state.step_record(true)>"↓"</button>
                <button type="button" aria-label=state.say(words::close_row()) on:click=move |_| state.close_record()>"×"</button>
            </div>
            {forms}
            {tabs}
            <div class="record-body" id=id role=has_table.then_some("tabpanel")>{body}</div>
        </div>
    }
}

/// What a row is called: its key, as far as the person sees it, else what comes first.
fn title(state: GridState, row: &Row) -> String {
    if row.draft.is_some() {
        return state.say(words::new_row());
    }
    let names = state.key.get_value();
    let words = state.columns.with_value(|columns| {
        let cells = columns.iter().zip(&row.cells);
        let of_key = cells.clone().filter(|(column, _)| names.contains(&column.name));
        let words: Vec<String> = of_key.map(|(column, raw)| state.store.show(raw, column)).collect();
        if words.is_empty() { cells.take(1).map(|(column, raw)| state.store.show(raw, column)).collect() } else { words }
    });
    words.join(" · ")
}

impl Part {
    const ALL: [Self; 3] = [Self::Fields, Self::History, Self::Comments];
}

impl GridState {
    /// Opens the row of the active cell beside the grid.
    pub fn open_record(self, part: Part) {
        let at = untrack(|| self.active()).unwrap_or_default();
        self.go(at, How::Move);
        self.record.set(Some(part));
        // The grid is narrower now.
        request_animation_frame(move || {
            if self.record.try_get_untracked().flatten().is_some() {
                self.reveal(at);
            }
        });
    }

    pub fn close_record(self) {
        self.record.set(None);
        self.focus();
    }

    fn step_record(self, down: bool) {
        let Some(mut at) = untrack(|| self.active()) else { return };
        at.row = if down { at.row + 1 } else { at.row.saturating_sub(1) };
        self.go(at, How::Move);
    }
}
