//! What somebody has begun is kept: in the browser at once, and by the server after a pause, so that he goes on after a
//! reload, tomorrow, or on another device.

use std::collections::BTreeMap;

use leptos::prelude::*;
use model::{DraftRequest, FieldRole, FormDraft, FormRow, Raw, SaveDraft};
use serde::{Deserialize, Serialize};
use wasm_bindgen_futures::spawn_local;

use super::state::{FormState, Line};
use crate::api::{Draft as AskDraft, SaveDraft as KeepDraft};
use crate::client::{Api, Latest};

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
    let may = state.of.with_untracked(|of| of.as_ref().is_none_or(|of| of.may_edit));
    if !may || !state.form.with_value(|form| form.keeps) {
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
    let saved = save(state, None);
    spawn_local(async move {
        saved.await;
    });
}

/// What is in the form; tracked.
fn written(state: FormState) -> FormDraft {
    let lines = state.lines.get();
    let of = state.of.get();
    let key = |line: &Line| line.key.clone().unwrap_or(Raw::Null);
    let rows = lines.iter().map(|(table, lines)| (table.clone(), lines.iter().map(key).collect()));
    FormDraft {
        rows: if of.is_some() { rows.collect() } else { BTreeMap::new() },
        texts: state.texts.get(),
        lines: lines.into_iter().map(|(table, lines)| (table, lines.into_iter().map(|line| line.texts).collect())).collect(),
        step: state.step.get(),
        of,
    }
}

fn bring_back(state: FormState, is_ready: RwSignal<bool>) {
    match stored(state) {
        // It was on its way when the page was left. Either it still is, or it has arrived.
        Some(Kept { draft, sent: Some(id), .. }) => {
            let was_refused = state.store.outbox.refused.with_untracked(|refused| refused.contains_key(&id));
            if state.store.outbox.is_queued(&id) {
                show(state, draft);
                state.sending.set(Some(id));
            } else if was_refused {
                show(state, draft);
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
            let Some((api, workbook, form, row)) = place(state) else { return };
            spawn_local(async move {
                let draft = DraftRequest { workbook, form, row };
                let Ok(answer) = api.call(&AskDraft { draft }).await else { return };
                // Whoever types already goes on with that.
                if state.texts.try_get_untracked().is_none() || untrack(|| written(state)) != before {
                    return;
                }
                match answer.draft {
                    Some(draft) if draft != before => {
                        show(state, draft.clone());
                        store(state, Some(&Kept { draft, told: true, sent: None }));
                    }
                    // It was filed, or given up, elsewhere.
                    None if untrack(|| state.is_begun()) => {
                        state.begin_anew();
                        store(state, None);
                    }
                    _ => {}
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
            let key = |number: usize| draft.rows.get(&table)?.get(number).filter(|key| !key.is_null()).cloned();
            if let Some(known) = lines.get_mut(&table) {
                *known = all.into_iter().enumerate().map(|(number, texts)| Line { number, key: key(number), texts }).collect();
            }
        }
        // What somebody saw when he began is what he changes, whatever others have done since.
        if let Some(seen) = draft.of {
            let now = state.of.get_untracked().unwrap_or_default();
            state.of.set(Some(FormRow { may_edit: now.may_edit, filed: now.filed, ..seen }));
        }
        state.texts.set(texts);
        state.lines.set(lines);
        state.step.set(draft.step);
    });
    let is_begun = untrack(|| state.is_begun());
    state.resumed.set(is_begun);
    if is_begun {
        state.looks.set(false);
    }
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
fn save(state: FormState, draft: Option<FormDraft>) -> impl Future<Output = bool> {
    // The form may be gone before this has begun.
    let asked = place(state).map(|(api, workbook, form, row)| (api, SaveDraft { workbook, form, row, draft }));
    async move {
        match asked {
            Some((api, draft)) => api.call(&KeepDraft { draft }).await.is_ok(),
            None => false,
        }
    }
}

/// The way to the server, and what a draft is about: workbook, form, and key of the row.
fn place(state: FormState) -> Option<(Api, String, String, Vec<Raw>)> {
    let (api, id) = (state.store.api.try_get_value()??, state.id.try_get_value()?);
    Some((api, state.store.view.with_value(|view| view.id.clone()), id, state.key()))
}

/// What it is called in the browser's storage.
fn name(state: FormState) -> String {
    let key = state.key();
    if key.is_empty() { state.id.get_value() } else { format!("{} {}", state.id.get_value(), Raw::from(key)) }
}

fn stored(state: FormState) -> Option<Kept> {
    serde_json::from_str(&state.store.outbox.storage()?.load_form(&name(state))?).ok()
}

fn store(state: FormState, kept: Option<&Kept>) {
    let Some(storage) = state.store.outbox.storage() else { return };
    let text = kept.and_then(|kept| serde_json::to_string(kept).ok());
    storage.keep_form(&name(state), text.as_deref());
}
