//! What somebody has filed with a form himself: the last first, each to be looked at.

use leptos::prelude::*;
use model::{FormView, Submission, SubmissionsRequest};
use wasm_bindgen_futures::spawn_local;

use crate::api::Submissions;
use crate::client::{Latest, OpenRow, Store};

/// Closed until somebody opens it.
///
/// - `id`: of the form's element.
#[component]
pub fn Mine(store: Store, id: String, form: FormView) -> impl IntoView {
    let is_open = RwSignal::new(false);
    let known: RwSignal<Option<Result<Vec<Submission>, String>>> = RwSignal::new(None);
    let more = RwSignal::new(false);
    let latest = Latest::default();
    let (id, table) = (StoredValue::new(id), form.table.clone());
    let columns = StoredValue::new(form.submissions.clone());
    let ask = move |offset: usize| {
        let Some(api) = store.api.get_value() else { return };
        let asked = latest.begin();
        let workbook = store.view.with_value(|view| view.id.clone());
        let request = SubmissionsRequest { workbook, form: id.get_value(), offset: offset as u64 };
        spawn_local(async move {
            let answer = api.call(&Submissions { submissions: request }).await;
            if !asked.is_last() || known.try_get_untracked().is_none() {
                return;
            }
            match answer {
                Ok(answer) => {
                    more.set(answer.more);
                    let before = known.get_untracked().and_then(Result::ok).filter(|_| offset > 0).unwrap_or_default();
                    known.set(Some(Ok(before.into_iter().chain(answer.rows).collect())));
                }
                Err(error) => known.set(Some(Err(store.say(error.told())))),
            }
        });
    };
    Effect::new(move |_| {
        let _ = store.versions_of(std::slice::from_ref(&table));
        if is_open.get() {
            ask(0);
        }
    });
    let row = move |submission: Submission| {
        let key = submission.key;
        let open = move |_| _ = store.open_row(&id.get_value(), OpenRow { key: key.clone(), edit: false, said: None });
        let number = submission.filed.number.to_string();
        let when = store.local_time(submission.filed.at.as_str().unwrap_or_default());
        let cells = columns.with_value(|columns| {
            let cell = |(column, raw)| view! { <td>{store.show(raw, column)}</td> };
            columns.iter().zip(&submission.values).map(cell).collect_view()
        });
        view! {
            <tr>
                <th scope="row"><button type="button" class="is-link" on:click=open>{number}</button></th>
                <td>{when}</td>
                {cells}
            </tr>
        }
    };
    let rows = move || match known.get() {
        None => view! { <div class="skeleton-rows" aria-busy="true"></div> }.into_any(),
        Some(Err(message)) => view! { <p class="field-error" role="alert">{message}</p> }.into_any(),
        Some(Ok(rows)) if rows.is_empty() => view! { <p class="is-quiet">{store.say(words::form_mine_none())}</p> }.into_any(),
        Some(Ok(rows)) => {
            let heads = columns.with_value(|columns| {
                columns.iter().map(|column| view! { <th scope="col">{column.label.clone()}</th> }).collect_view()
            });
            let count = rows.len();
            view! {
                <div class="form-mine-rows" role="region" tabindex="0" aria-label=store.say(words::form_mine())>
                    <table>
                        <thead>
                            <tr>
                                <th scope="col">{store.say(words::form_mine_number())}</th>
                                <th scope="col">{store.say(words::form_mine_when())}</th>
                                {heads}
                            </tr>
                        </thead>
                        <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
                    </table>
                </div>
                <Show when=move || more.get()>
                    <button type="button" on:click=move |_| ask(count)>{store.say(words::form_mine_more())}</button>
                </Show>
            }
            .into_any()
        }
    };
    let toggle = move |_| is_open.update(|open| *open = !*open);
    view! {
        <div class="form-mine">
            <button type="button" class="form-mine-head" aria-expanded=move || is_open.get().to_string() on:click=toggle>{store.say(words::form_mine())}</button>
            <Show when=move || is_open.get()>{rows}</Show>
        </div>
    }
}
