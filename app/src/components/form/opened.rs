//! A row that is open in a form: looked at, or changed.

use leptos::html;
use leptos::prelude::*;
use model::{FormRow, FormRowRequest, FormView};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlElement;

use super::state::FormState;
use super::{begin, body, looking};
use crate::api::FormRow as AskRow;
use crate::client::{Latest, OpenRow, Store};

/// Asks for the row, and again when it may have changed while nobody types into it.
///
/// - `id`: of the form's element.
#[component]
pub fn Opened(store: Store, id: String, form: FormView, row: OpenRow) -> impl IntoView {
    let found: RwSignal<Option<Result<FormRow, String>>> = RwSignal::new(None);
    let begun = RwSignal::new(false);
    let latest = Latest::default();
    let mut tables: Vec<String> = form.columns().map(|(table, _)| table.to_owned()).collect();
    tables.push(form.table.clone());
    tables.dedup();
    let (workbook, key) = (store.view.with_value(|view| view.id.clone()), row.key.clone());
    let request = FormRowRequest { workbook, form: id.clone(), row: key };
    Effect::new(move |before: Option<Vec<i64>>| {
        let now = store.versions_of(&tables);
        let asks = before.is_none_or(|before| before != now) && !begun.get_untracked();
        if let Some(api) = store.api.get_value().filter(|_| asks) {
            let (asked, request) = (latest.begin(), request.clone());
            spawn_local(async move {
                let answer = api.call(&AskRow { row: request }).await;
                if asked.is_last() && !begun.try_get_untracked().unwrap_or(true) {
                    let answer = answer.map_err(|error| store.say(error.told()));
                    if found.with_untracked(|known| known.as_ref() != Some(&answer)) {
                        found.set(Some(answer));
                    }
                }
            });
        }
        now
    });
    let (id, form, row) = (StoredValue::new(id), StoredValue::new(form), StoredValue::new(row));
    move || match found.get() {
        None => view! { <div class="skeleton-rows" aria-busy="true"></div> }.into_any(),
        Some(Err(message)) => {
            let close = move |_| store.close_row(&id.get_value());
            view! {
                <div class="element-problem" role="alert">
                    <p>{message}</p>
                    <button type="button" on:click=close>{store.say(words::close())}</button>
                </div>
            }
            .into_any()
        }
        Some(Ok(of)) => {
            let edits = row.with_value(|row| row.edit) && of.may_edit;
            let state = FormState::new(store, id.get_value(), form.get_value(), Some(of));
            state.looks.set(!edits);
            begin(state);
            Effect::new(move |_| begun.set(!state.looks.get()));
            content(state, row.with_value(|row| row.said.clone())).into_any()
        }
    }
}

fn content(state: FormState, said: Option<String>) -> impl IntoView {
    let store = state.store;
    let root: NodeRef<html::Form> = NodeRef::new();
    let head: NodeRef<html::Div> = NodeRef::new();
    // Wherever it was opened from, this is where one goes on.
    Effect::new(move |_| {
        if let Some(head) = head.get() {
            request_animation_frame(move || {
                let head: HtmlElement = head.unchecked_into();
                head.scroll_into_view_with_bool(true);
                let _ = head.focus();
            });
        }
    });
    let (may_edit, what) = state.of.with_untracked(|of| {
        let of = of.as_ref();
        let filed = of.and_then(|of| of.filed.clone());
        let told = |filed: model::Filing| {
            let when = store.local_time(filed.at.as_str().unwrap_or_default());
            store.say(words::form_filed(filed.number.to_string(), when))
        };
        (of.is_some_and(|of| of.may_edit), filed.map(told))
    });
    let is_sending = move || state.sending.with(Option::is_some);
    let close = move |_| store.close_row(&state.id.get_value());
    let edit = move |_| state.looks.set(false);
    let current = move || if state.looks.get() { looking(state).into_any() } else { body(state, root).into_any() };
    view! {
        <div class="form-of" tabindex="-1" node_ref=head>
            <div class="form-of-what">
                {said.map(|said| view! { <p class="form-said" role="status">{said}</p> })}
                {what.map(|what| view! { <p class="is-quiet">{what}</p> })}
                {(!may_edit).then(|| view! { <p class="is-quiet">{store.say(words::form_closed())}</p> })}
            </div>
            <div class="form-buttons">
                <button type="button" disabled=is_sending on:click=close>{store.say(words::close())}</button>
                <Show when=move || may_edit && state.looks.get()>
                    <button type="button" class="is-primary" on:click=edit>{store.say(words::form_edit())}</button>
                </Show>
            </div>
        </div>
        {current}
    }
}
