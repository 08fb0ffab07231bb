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
        let edits = |n: usize| {
            if n == 1 { "1 edit".to_owned() } else { format!("{n} edits") }
        };
        let kept = if state.storage_blocked {
            "only in this tab: your browser keeps nothing for this page"
        } else {
            "kept in this browser"
        };
        match (state.waiting, trouble()) {
            (n @ 1.., _) if state.signed_out => ("is-bad", format!("Signed out. {} {kept}; reload to sign in.", edits(n))),
            (n @ 1.., _) if state.offline => ("is-bad", format!("Offline. {} {kept}, sent when the server answers.", edits(n))),
            (_, 1) => ("is-bad", "1 cell needs your attention.".to_owned()),
            (_, n @ 2..) => ("is-bad", format!("{n} cells need your attention.")),
            (1.., _) => ("is-busy", "Saving …".to_owned()),
            _ if state.note.is_some() => ("is-busy", state.note.unwrap_or_default()),
            _ if begun() == 1 => ("is-busy", format!("1 new row, {kept}; it is saved when you leave it.")),
            _ if begun() > 1 => ("is-busy", format!("{} new rows, {kept}.", begun())),
            _ => ("is-good", "All changes saved".to_owned()),
        }
    };
    view! {
        <p class=move || format!("status {}", words().0) role="status" part="status">{move || words().1}</p>
    }
}
