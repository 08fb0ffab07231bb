//! What happened to the active cell, where the person is looking: why it was refused, who was faster, what to do.

use leptos::prelude::*;
use model::{Edit, Origin};

use super::geometry::{NUMBER_PX, ROW_PX};
use super::state::GridState;
use crate::client::Mark;

/// Drawn beside the active cell when its edit was refused or overtaken.
#[component]
pub fn Note(state: GridState) -> impl IntoView {
    move || {
        let cell = state.active()?;
        if state.editing.with(Option::is_some) {
            return None;
        }
        let id = state.id(cell)?;
        let mark = state.store.outbox.marks.with(|marks| marks.get(&id).cloned())?;
        let widths = state.widths.get_value();
        let viewport = state.viewport.get();
        let scrolled = if cell.col < state.frozen() { 0.0 } else { viewport.left };
        let left = (NUMBER_PX + widths[..cell.col].iter().sum::<f64>() - scrolled).clamp(0.0, (viewport.width - 288.0).max(0.0));
        let top = state.row_top(cell.row) - viewport.top;
        let below = top + 2.0 * ROW_PX + 4.0;
        let place = if below + 96.0 < viewport.height {
            format!("top:{below}px;inset-inline-start:{left}px")
        } else {
            let above = viewport.height - top - ROW_PX + 4.0;
            format!("bottom:{above}px;inset-inline-start:{left}px")
        };
        let draft = state.rows.with(|rows| rows.get(cell.row).and_then(|row| row.draft.clone()));
        let discard_words = if draft.is_some() { "Discard row" } else { "Discard" };
        let discard = {
            let id = id.clone();
            move |_| match &draft {
                Some(name) => state.store.outbox.drop_draft(name),
                None => state.store.outbox.discard(&id),
            }
        };
        Some(match mark {
            Mark::Rejected { message, .. } => view! {
                <div class="grid-note is-rejected" role="alert" style=place>
                    <p>{message}</p>
                    <div class="grid-note-buttons">
                        <button type="button" class="is-primary" on:click=move |_| state.edit(None)>"Edit"</button>
                        <button type="button" on:click=discard>{discard_words}</button>
                    </div>
                </div>
            }
            .into_any(),
            Mark::Conflict { value, conflict, message, .. } => {
                let column = state.column(cell.col)?;
                let show = |raw| state.store.show(raw, &column);
                let when = conflict.at.as_deref().map(local_time);
                let (theirs, mine) = (show(&conflict.now), show(&value));
                let keep = {
                    let id = id.clone();
                    move |_| keep_mine(state, &id)
                };
                view! {
                    <div class="grid-note is-conflict" role="alert" style=place>
                        <p>{message} " " <time datetime=conflict.at.clone()>{when}</time></p>
                        <div class="grid-note-buttons">
                            <button type="button" on:click=discard>"Use theirs: " <b>{blank(theirs)}</b></button>
                            <button type="button" class="is-primary" on:click=keep>"Keep mine: " <b>{blank(mine)}</b></button>
                        </div>
                    </div>
                }
                .into_any()
            }
            Mark::Pending { .. } | Mark::Saved => return None,
        })
    }
}

/// A time as this person's clock and language show it.
fn local_time(at: &str) -> String {
    let date = js_sys::Date::new(&at.into());
    date.to_locale_string("default", &js_sys::Object::new()).into()
}

fn blank(text: String) -> String {
    if text.is_empty() { "blank".into() } else { text }
}

/// Sends one's own value again, this time knowing what it replaces.
fn keep_mine(state: GridState, id: &crate::client::CellId) {
    let Some(Mark::Conflict { value, conflict, .. }) = state.store.outbox.marks.with_untracked(|marks| marks.get(id).cloned())
    else {
        return;
    };
    state.store.outbox.discard(id);
    let key = serde_json::from_str(&id.key).unwrap_or_default();
    let cell = model::CellEdit { column: id.column.clone(), value, was: conflict.now, was_seq: None };
    state.store.outbox.submit(vec![Edit::set(&id.table, key, vec![cell])], Origin::Grid);
}
