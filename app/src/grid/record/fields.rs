//! The fields of one row, hidden columns among them, to be read and typed into.

use leptos::prelude::*;
use model::{ColumnType, Raw};

use crate::client::Mark;
use crate::components::save_attached;
use crate::editors::{Exit, Field, FieldBox};
use crate::grid::geometry::Cell;
use crate::grid::note::trouble;
use crate::grid::state::{Editing, GridState};

/// - `number`: of the row, counted from 0.
#[component]
pub fn Fields(state: GridState, number: Signal<u64>) -> impl IntoView {
    on_cleanup(move || _ = state.beside.try_set(None));
    let count = state.columns.with_value(Vec::len);
    let fields = move || {
        state.track_layout();
        (0..count).map(|col| field(state, number, col)).collect_view()
    };
    view! { <dl class="record-fields">{fields}</dl> }
}

fn field(state: GridState, number: Signal<u64>, col: usize) -> impl IntoView {
    let cell = move || Cell { row: number.get(), col };
    let here = move || untrack(cell);
    let Some(column) = state.column(col) else { return ().into_any() };
    let (label, required) = (column.label.clone(), column.constraints.required);
    let column = StoredValue::new(column);
    let locked = Memo::new(move |_| {
        state.rows.track();
        state.locked(cell()).is_some()
    });
    let mark = move || state.rows.with(|rows| rows.get(number.get()).and_then(|row| state.mark(row, col)));
    let text = move || match mark() {
        Some(Mark::Rejected { typed, .. }) => typed,
        _ => state.shown(cell()).map(|raw| column.with_value(|column| state.store.show(&raw, column))).unwrap_or_default(),
    };
    let class = move || match mark() {
        Some(Mark::Pending { .. }) => "record-value is-pending",
        Some(Mark::Saved) => "record-value is-saved",
        Some(Mark::Rejected { .. }) => "record-value is-rejected",
        Some(Mark::Conflict { .. }) => "record-value is-conflict",
        None => "record-value",
    };
    let is_switch = column.with_value(|column| column.ty == ColumnType::Boolean);
    let file = Memo::new(move |_| state.rows.with(|rows| state.file(rows.get(number.get())?, col)));
    let name = label.clone();
    let value = move || {
        let name = name.clone();
        if let Some((request, file)) = file.get() {
            let press = move |_| save_attached(state.store, request.clone(), file.clone());
            return view! { <button type="button" class="record-value is-link" aria-label=state.say(words::file_save(text())) on:click=press>{text}</button> }
                .into_any();
        }
        if locked.get() {
            return view! { <span class="record-value is-read-only">{text}</span> }.into_any();
        }
        let open = move |_| if is_switch { state.switch(here()) } else { begin(state, here()) };
        view! {
            <button type="button" class=class aria-label=move || format!("{name}: {}", or_blank(state, text())) on:click=open>{text}</button>
        }
        .into_any()
    };
    let at = Memo::new(move |_| state.beside.with(|editing| editing.as_ref().is_some_and(|editing| editing.cell.col == col)));
    let body = move || {
        let begun = at.get().then(|| state.beside.get_untracked()).flatten();
        begun.map_or_else(|| value().into_any(), |begun| edited(state, begun).into_any())
    };
    let told = move || (!at.get()).then(|| trouble(state, cell())).flatten();
    view! {
        <div class="record-field" class:is-fact=locked>
            <dt>{label}{required.then(|| view! { <span class="field-required" aria-hidden="true">" *"</span> })}</dt>
            <dd>{body}{told}</dd>
        </div>
    }
    .into_any()
}

fn or_blank(state: GridState, text: String) -> String {
    if text.is_empty() { state.say(words::blank()) } else { text }
}

fn begin(state: GridState, cell: Cell) {
    let (Some(column), Some(row)) = (state.column(cell.col), state.rows.with_untracked(|rows| rows.get(cell.row).cloned()))
    else {
        return;
    };
    let raw = untrack(|| state.shown(cell)).unwrap_or(Raw::Null);
    let current = state.store.locale.with_value(|locale| locale.typed_text(&raw, &column.ty, column.format));
    let text = untrack(|| state.rejected_text(cell)).unwrap_or(current);
    state.beside.set(Some(Editing { cell, text, typed: false, row }));
}

fn edited(state: GridState, begun: Editing) -> Option<impl IntoView> {
    let column = state.column(begun.cell.col)?;
    let id = format!("{}-record-{}", state.element.with_value(|element| element.id.clone()), column.name);
    let row = begun.row.draft.is_none().then(|| begun.row.key.clone());
    let held = StoredValue::new(None::<Field>);
    let text = begun.text.clone();
    let take = move |next: Option<bool>| {
        // Only once, however often the field is left.
        let Some(editing) = state.beside.try_update(Option::take).flatten() else { return };
        if let Some(text) = held.get_value().and_then(Field::value) {
            state.take(&editing, text);
        }
        let next = next.and_then(|back| next_open(state, editing.cell, back));
        next.into_iter().for_each(|next| begin(state, next));
    };
    let done = Callback::new(move |()| take(None));
    let field = Field::new(state.store, column, id, text, false, done);
    held.set_value(Some(field));
    let aid = field.aid(&state.table.get_value().unwrap_or_default(), row);
    let exit = Callback::new(move |exit| match exit {
        Exit::Cancel => state.beside.set(None),
        Exit::Enter { back } | Exit::Tab { back } => take(Some(back)),
        Exit::Everywhere | Exit::Away => take(None),
    });
    Some(view! { <FieldBox field=field aid=aid above=false exit=exit/> })
}

/// The next field that can be typed into; `None` behind the last one.
fn next_open(state: GridState, cell: Cell, back: bool) -> Option<Cell> {
    let count = state.columns.with_value(Vec::len);
    let is_open = |col: &usize| {
        let is_switch = state.column(*col).is_some_and(|column| column.ty == ColumnType::Boolean);
        !is_switch && untrack(|| state.locked(Cell { col: *col, ..cell })).is_none()
    };
    let col = if back { (0..cell.col).rev().find(is_open) } else { (cell.col + 1..count).find(is_open) };
    col.map(|col| Cell { col, ..cell })
}
