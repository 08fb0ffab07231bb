//! The editor over the active cell. Enter and Tab take, Escape leaves.

use leptos::prelude::*;

use super::selection::Step;
use super::state::{Editing, GridState};
use crate::editors::{Exit, Field, FieldBox};

/// Drawn while a cell is being edited.
#[component]
pub fn Editor(state: GridState) -> impl IntoView {
    // Drawn anew for another cell, not when its row has moved.
    let begun = Memo::new(move |_| {
        state.editing.with(|editing| editing.as_ref().map(|editing| (editing.row.key_text.clone(), editing.cell.col)))
    });
    move || {
        begun.get()?;
        Some(editor(state, state.editing.get_untracked()?))
    }
}

fn place(state: GridState, editing: &Editing) -> String {
    let widths = state.widths.get_value();
    let left: f64 = widths[..editing.cell.col].iter().sum();
    let top = state.px_of(editing.cell.row) + state.row_px.get();
    format!("top:{top}px;inset-inline-start:calc(var(--_number) + {left}px);width:{}px", widths[editing.cell.col])
}

/// Room that a list or a calendar takes.
const AID_PX: f64 = 280.0;

fn editor(state: GridState, editing: Editing) -> Option<impl IntoView> {
    let column = state.column(editing.cell.col)?;
    let place = move || state.editing.with(|editing| editing.as_ref().map(|editing| place(state, editing)));
    let id = format!("{}-editor", state.element.with_value(|element| element.id.clone()));
    let row = editing.row.draft.is_none().then(|| editing.row.key.clone());
    // Above the cell where there is no room below.
    let viewport = state.viewport.get_untracked();
    let below = untrack(|| state.row_top(editing.cell.row)) + 2.0 * state.row_px.get_untracked() - viewport.top;
    let above = below + AID_PX > viewport.height && below > viewport.height / 2.0;
    let take = StoredValue::new(None::<Field>);
    let done = Callback::new(move |()| {
        if let Some(field) = take.get_value() {
            state.finish(field.value(), Step::Stay);
        }
    });
    let field = Field::new(state.store, column, id, editing.text, editing.typed, done);
    take.set_value(Some(field));
    let aid = field.aid(&state.table.get_value().unwrap_or_default(), row);
    let is_long = field.is_long();
    let exit = Callback::new(move |exit| match exit {
        Exit::Cancel => state.finish(None, Step::Stay),
        Exit::Enter { back } => state.finish(field.value(), if back { Step::Up } else { Step::Down }),
        Exit::Tab { back } => state.finish(field.value(), if back { Step::Left } else { Step::Right }),
        Exit::Everywhere => state.finish_everywhere(&field.text.get_untracked()),
        Exit::Away => state.finish(field.value(), Step::Stay),
    });
    Some(view! {
        // The cell itself lies below it: this is what stands for it while it is open.
        <div class="grid-editor" class:is-long=is_long style=place role="row">
            <div role="gridcell" aria-colindex=(editing.cell.col + 1).to_string()>
                <FieldBox field=field aid=aid above=above exit=exit/>
            </div>
        </div>
    })
}
