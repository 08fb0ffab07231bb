//! The grid on paper: from its first row and column on, whatever was in sight, as far as paper goes.

use leptos::prelude::*;

use super::geometry::Viewport;
use super::state::GridState;
use crate::client::MOST_ON_PAPER;

/// Columns beyond this are not printed, in CSS pixels.
const MOST_PX: f64 = 4_000.0;

/// Draws the lines that go on paper as long as the page is put there, and then what was in sight before.
pub fn keep_paper(state: GridState, lines: Memo<u64>) {
    let before = StoredValue::new(None::<Viewport>);
    Effect::new(move |_| {
        let printing = state.store.on_paper.get();
        let seen = before.get_value();
        if printing && seen.is_none() {
            let seen = state.viewport.get_untracked();
            before.set_value(Some(seen));
            go_to(state, 0.0, 0.0);
            let lines = lines.get_untracked().min(MOST_ON_PAPER as u64);
            let height = lines as f64 * state.row_px.get_untracked();
            state.viewport.set(Viewport { top: 0.0, left: 0.0, width: MOST_PX, height: height.max(seen.height) });
        } else if let (false, Some(seen)) = (printing, seen) {
            before.set_value(None);
            state.viewport.set(seen);
            go_to(state, seen.top, seen.left);
        }
    });
}

fn go_to(state: GridState, top: f64, left: f64) {
    state.scroll_to(top);
    state.scroller.get_untracked().into_iter().for_each(|scroller| state.scroll_along(&scroller, left));
}
