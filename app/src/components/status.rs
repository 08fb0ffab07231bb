//! The status line: whether everything typed is in the warehouse, and what to do if it is not.

use leptos::prelude::*;

use crate::client::{Mark, Stage, Store};

/// One line at the top of the workbook.
#[component]
pub fn Status(store: Store) -> impl IntoView {
    let trouble = move || {
        store
            .outbox
            .marks
            .with(|marks| marks.values().filter(|mark| matches!(mark, Mark::Rejected { .. } | Mark::Conflict { .. })).count())
    };
    let begun = move || store.outbox.drafts.with(|drafts| drafts.iter().filter(|draft| draft.stage == Stage::Open).count());
    let words = move || {
        let state = store.outbox.state.get();
        let kept = || if state.storage_blocked { words::kept_in_tab() } else { words::kept_in_browser() };
        match (state.waiting, trouble()) {
            (n @ 1.., _) if state.signed_out => ("is-bad", words::status_signed_out(n, kept())),
            (n @ 1.., _) if state.offline => ("is-bad", words::status_offline(n, kept())),
            (_, n @ 1..) => ("is-bad", words::status_attention(n)),
            (1.., _) => ("is-busy", words::status_saving()),
            _ if begun() > 0 && state.note.is_none() => ("is-busy", words::status_begun(begun(), kept())),
            _ => state.note.map_or_else(|| ("is-good", words::status_saved()), |note| ("is-busy", note)),
        }
    };
    view! {
        <p class=move || format!("status {}", words().0) role="status" part="status">{move || store.say(words().1)}</p>
    }
}
