//! What somebody has begun is kept: in the browser at once, and by the server after a pause, so that he goes on after a
//! reload, tomorrow, or on another device.

use std::collections::BTreeMap;

use leptos::prelude::*;
use model::{DraftRequest, FieldRole, FormDraft, SaveDraft};
use serde::{Deserialize, Serialize};
use wasm_bindgen_futures::spawn_local;

use super::state::{FormState, Line};
use crate::api::{Draft as AskDraft, SaveDraft as KeepDraft};
use crate::client::Latest;

/// How long somebody has not typed before the server is told.
const REST_MS: u64 = 1_200;

/// A draft in the browser's storage.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    draft: FormDraft,
    /// The server has it too.
    told: bool,
    /// The batch that it went out with.
    sent: Option<String>,
}

/// Brings back what was begun, and keeps what is typed from then on.
pub fn keep(state: FormState) {
    if !state.form.with_value(|form| form.keeps) {
        return;
    }
    let is_ready = RwSignal::new(false);
    let latest = Latest::default();
    // Once, in a browser.
    Effect::new(move |_| bring_back(state, is_ready));
    Effect::new(move |before: Option<FormDraft>| {
        let now = written(state);
        let is_new = before.is_some_and(|before| before != now);
        if is_ready.get() && is_new && !state.done.get_untracked() {
            let begun = latest.begin();
            store(state, Some(&Kept { draft: now.clone(), ..Kept::default() }));
            spawn_local(async move {
                if begun.rests(REST_MS).await {
                    tell(state).await;
                }
            });
        }
        now
    });
    // What goes out is not begun any more once it has arrived; should it be refused, it still is.
    Effect::new(move |before: Option<Option<String>>| {
        let sending = state.sending.get();
        if let Some(id) = &sending {
            latest.begin();
            store(state, Some(&Kept { draft: untrack(|| written(state)), sent: Some(id.clone()), ..Kept::default() }));
        } else if before.flatten().is_some() {
            if state.done.get_untracked() {
                // The server has forgotten it too, unless something of it was still on its way there.
                forget(state);
            } else {
                store(state, Some(&Kept { draft: untrack(|| written(state)), ..Kept::default() }));
            }
        }
        sending
    });
}

/// Forgets what was begun, here and on the server.
pub fn forget(state: FormState) {
    store(state, None);
    spawn_local(async move {
        save(state, None).await;
    });
}

/// What is in the form; tracked.
fn written(state: FormState) -> FormDraft {
    let lines = state.lines.get();
    FormDraft {
        texts: state.texts.get(),
        lines: lines.into_iter().map(|(table, lines)| (table, lines.into_iter().map(|line| line.texts).collect())).collect(),
        step: state.step.get(),
    }
}

fn bring_back(state: FormState, is_ready: RwSignal<bool>) {
    match stored(state) {
        // It was on its way when the page was left. Either it still is, or it has arrived.
        Some(Kept { draft, sent: Some(id), .. }) => {
            if state.store.outbox.is_queued(&id) {
                show(state, draft);
                state.sending.set(Some(id));
            } else {
                forget(state);
            }
            is_ready.set(true);
        }
        Some(Kept { draft, told: false, sent: None }) => {
            show(state, draft);
            is_ready.set(true);
            spawn_local(tell(state));
        }
        // The server may know what was typed elsewhere since.
        known => {
            if let Some(Kept { draft, .. }) = known {
                show(state, draft);
            }
            let before = untrack(|| written(state));
            is_ready.set(true);
            spawn_local(async move {
                let Some(Some(api)) = state.store.api.try_get_value() else { return };
                let (workbook, form) = place(state);
                let Ok(answer) = api.call(&AskDraft { draft: DraftRequest { workbook, form } }).await else { return };
                // Whoever types already goes on with that.
                if state.texts.try_get_untracked().is_none() || untrack(|| written(state)) != before {
                    return;
                }
                let draft = answer.draft.unwrap_or_default();
                if draft != before {
                    show(state, draft.clone());
                    store(state, Some(&Kept { draft, told: true, sent: None }));
                }
            });
        }
    }
}

/// Puts a draft into the form; what it has no field for any more is told, with its text.
fn show(state: FormState, draft: FormDraft) {
    let mut left_out = Vec::new();
    state.form.with_value(|form| {
        let typed = |table: &str, column: &str| {
            form.sections
                .iter()
                .flat_map(|section| section.fields_of(&form.table, table))
                .any(|field| field.column.name == column && field.role == FieldRole::Typed)
        };
        let mut fitting = |table: &str, texts: BTreeMap<String, String>| {
            let (fits, others): (BTreeMap<_, _>, BTreeMap<_, _>) =
                texts.into_iter().partition(|(column, _)| typed(table, column));
            left_out.extend(others.into_iter().filter(|(_, text)| !text.is_empty()));
            fits
        };
        let texts = fitting(&form.table, draft.texts);
        let mut lines = state.lines.get_untracked();
        for (table, all) in draft.lines {
            let all: Vec<_> = all.into_iter().map(|texts| fitting(&table, texts)).collect();
            if let Some(known) = lines.get_mut(&table) {
                *known = all.into_iter().enumerate().map(|(number, texts)| Line { number, texts }).collect();
            }
        }
        state.texts.set(texts);
        state.lines.set(lines);
        state.step.set(draft.step);
    });
    state.resumed.set(untrack(|| state.is_begun()));
    state.store.outbox.leave_out(left_out.into_iter());
}

/// Tells the server what is in the form now.
async fn tell(state: FormState) {
    let Some(draft) = state.texts.try_get_untracked().map(|_| untrack(|| written(state))) else { return };
    let is_empty = !untrack(|| state.is_begun());
    if save(state, (!is_empty).then(|| draft.clone())).await
        && state.texts.try_get_untracked().is_some()
        && untrack(|| written(state)) == draft
        && state.sending.get_untracked().is_none()
        && !state.done.get_untracked()
    {
        store(state, Some(&Kept { draft, told: true, sent: None }));
    }
}

/// Whether the server has it. One that can't be reached is told with the next change, or when the form is opened again.
async fn save(state: FormState, draft: Option<FormDraft>) -> bool {
    let Some(Some(api)) = state.store.api.try_get_value() else { return false };
    let (workbook, form) = place(state);
    api.call(&KeepDraft { draft: SaveDraft { workbook, form, draft } }).await.is_ok()
}

fn place(state: FormState) -> (String, String) {
    (state.store.view.with_value(|view| view.id.clone()), state.id.get_value())
}

fn stored(state: FormState) -> Option<Kept> {
    serde_json::from_str(&state.store.outbox.storage()?.load_form(&state.id.get_value())?).ok()
}

fn store(state: FormState, kept: Option<&Kept>) {
    let Some(storage) = state.store.outbox.storage() else { return };
    let text = kept.and_then(|kept| serde_json::to_string(kept).ok());
    storage.keep_form(&state.id.get_value(), text.as_deref());
}
