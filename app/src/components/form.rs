//! A form over an empty input table: its fields are the table's columns, with the grid's own validation and messages.

use std::collections::BTreeMap;

use leptos::prelude::*;
use model::{ApiError, CellEdit, ColumnType, ColumnView, Edit, ElementKind, ElementView, FormView, Origin};

use crate::client::Store;
use crate::editors::read;

/// What has been typed and found wrong, by column.
#[derive(Clone, Copy, Default)]
struct Draft {
    texts: RwSignal<BTreeMap<String, String>>,
    problems: RwSignal<BTreeMap<String, String>>,
    /// The batch that is on its way, so that a second press sends nothing.
    sending: RwSignal<Option<String>>,
    done: RwSignal<bool>,
    failed: RwSignal<Option<String>>,
}

/// What is in the forms of a workbook, by their ids: it stays while another page is shown.
#[derive(Clone)]
struct Drafts(BTreeMap<String, Draft>);

/// Keeps what is typed into the forms for as long as the workbook is open.
pub fn keep_forms(store: Store) {
    let of = |element: &ElementView| match &element.kind {
        ElementKind::Form(form) if form.allowed => Some((element.id.clone(), form.clone())),
        _ => None,
    };
    let forms: Vec<_> = store.view.with_value(|view| view.pages.iter().flat_map(|page| &page.elements).filter_map(of).collect());
    let drafts = forms.into_iter().map(|(id, form)| {
        let draft = Draft::default();
        store.hold_while(move || !draft.done.get() && draft.texts.with(|texts| texts.values().any(|text| !text.is_empty())));
        settle(store, draft, StoredValue::new(form));
        (id, draft)
    });
    provide_context(Drafts(drafts.collect()));
}

/// The form, and its confirmation.
///
/// - `id`: of its element.
#[component]
pub fn Form(store: Store, id: String, form: FormView) -> impl IntoView {
    let draft = use_context::<Drafts>().and_then(|drafts| drafts.0.get(&id).copied());
    let Some(draft) = draft.filter(|_| form.allowed) else {
        return view! { <p class="element-empty">{store.say(words::form_not_allowed())}</p> }.into_any();
    };
    let form = StoredValue::new(form);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        send(store, draft, form);
    };
    let fields = move || {
        form.with_value(|form| form.fields.clone()).into_iter().map(|column| field(store, draft, column)).collect::<Vec<_>>()
    };
    let another = move |_| {
        draft.texts.set(BTreeMap::new());
        draft.done.set(false);
    };
    view! {
        <div class="form-body">
            <Show when=move || draft.done.get() fallback=move || view! {
                <form class="form" novalidate on:submit=submit>
                    {fields()}
                    {move || draft.failed.get().map(|message| view! { <p class="field-error" role="alert">{message}</p> })}
                    <div class="form-buttons">
                        <button type="submit" class="is-primary" disabled=move || draft.sending.with(Option::is_some)>
                            {move || if draft.sending.with(Option::is_some) { waiting_words(store) } else { submit_words(store, form) }}
                        </button>
                    </div>
                </form>
            }>
                <div class="form-done" role="status">
                    <p>{thanks_words(store, form)}</p>
                    <button type="button" on:click=another>{store.say(words::form_another())}</button>
                </div>
            </Show>
        </div>
    }
    .into_any()
}

/// The author's words, or ours in the person's language.
fn submit_words(store: Store, form: StoredValue<FormView>) -> String {
    form.with_value(|form| if form.submit == FormView::SUBMIT { store.say(words::form_submit()) } else { form.submit.clone() })
}

fn thanks_words(store: Store, form: StoredValue<FormView>) -> String {
    form.with_value(|form| if form.thanks == FormView::THANKS { store.say(words::form_thanks()) } else { form.thanks.clone() })
}

fn waiting_words(store: Store) -> String {
    store.say(if store.outbox.state.with(|state| state.offline) { words::form_waits() } else { words::form_sending() })
}

fn field(store: Store, draft: Draft, column: ColumnView) -> impl IntoView {
    let name = StoredValue::new(column.name.clone());
    let id = format!("field-{}", column.name);
    let value = move || draft.texts.with(|texts| name.with_value(|name| texts.get(name).cloned()).unwrap_or_default());
    let problem = move || draft.problems.with(|problems| name.with_value(|name| problems.get(name).cloned()));
    let set = move |text: String| {
        draft.texts.update(|texts| drop(texts.insert(name.get_value(), text)));
        // What was wrong is looked at again while it is being mended.
        if draft.problems.with_untracked(|problems| name.with_value(|name| problems.contains_key(name))) {
            draft.problems.update(|problems| drop(problems.remove(&name.get_value())));
        }
    };
    let checked = column.clone();
    let leave = move |_| {
        if untrack(value).is_empty() {
            return;
        }
        if let Err(message) = read(store, &checked, &untrack(value)) {
            draft.problems.update(|problems| drop(problems.insert(name.get_value(), store.say(message))));
        }
    };
    let invalid = move || problem().is_some().then_some("true");
    let required = column.constraints.required.then_some("true");
    let (help_id, problem_id) = (format!("{id}-help"), format!("{id}-problem"));
    let has_help = column.help.is_some();
    let described = {
        let (help, wrong) = (help_id.clone(), problem_id.clone());
        move || match (has_help, problem().is_some()) {
            (true, true) => Some(format!("{wrong} {help}")),
            (true, false) => Some(help.clone()),
            (false, true) => Some(wrong.clone()),
            (false, false) => None,
        }
    };
    let input = match &column.ty {
        ColumnType::Choice { options } => {
            let items: Vec<_> = options.iter().map(|o| view! { <option value=o.clone()>{o.clone()}</option> }).collect();
            view! {
                <select id=id.clone() aria-invalid=invalid aria-required=required aria-describedby=described prop:value=value on:change=move |event| set(event_target_value(&event))>
                    <option value="">{store.say(words::choose())}</option>
                    {items}
                </select>
            }
            .into_any()
        }
        ColumnType::Text if column.constraints.max_length.is_some_and(|max| max > 200) => view! {
            <textarea id=id.clone() rows="3" aria-invalid=invalid aria-required=required aria-describedby=described prop:value=value
                on:input=move |event| set(event_target_value(&event)) on:blur=leave></textarea>
        }
        .into_any(),
        ty => {
            let kind = if *ty == ColumnType::Date { "date" } else { "text" };
            let mode = if ty.is_numeric() { "decimal" } else { "text" };
            view! {
                <input id=id.clone() type=kind inputmode=mode aria-invalid=invalid aria-required=required aria-describedby=described prop:value=value autocomplete="off"
                    on:input=move |event| set(event_target_value(&event)) on:blur=leave/>
            }
            .into_any()
        }
    };
    view! {
        <div class="field">
            <label for=id>
                {column.label.clone()}
                {column.constraints.required.then(|| view! { <span class="field-required" aria-hidden="true">" *"</span> })}
            </label>
            {input}
            {column.help.clone().map(|help| view! { <p class="field-help" id=help_id.clone()>{help}</p> })}
            {move || problem().map(|message| view! { <p class="field-error" role="alert" id=problem_id.clone()>{message}</p> })}
        </div>
    }
}

fn send(store: Store, draft: Draft, form: StoredValue<FormView>) {
    if draft.sending.with_untracked(Option::is_some) {
        return;
    }
    let texts = draft.texts.get_untracked();
    let (mut cells, mut problems) = (Vec::new(), BTreeMap::new());
    form.with_value(|form| {
        for column in &form.fields {
            match read(store, column, texts.get(&column.name).map_or("", String::as_str)) {
                Ok(value) if value.is_null() => {}
                Ok(value) => cells.push(CellEdit::new(&column.name, value)),
                Err(message) => drop(problems.insert(column.name.clone(), store.say(message))),
            }
        }
    });
    draft.failed.set(None);
    let bad = !problems.is_empty();
    draft.problems.set(problems);
    if bad {
        return store.announce(words::form_attention());
    }
    let table = form.with_value(|form| form.table.clone());
    let edit = Edit::insert(table, Vec::new(), cells);
    draft.sending.set(Some(store.outbox.submit(vec![edit], Origin::Form)));
}

/// Watches for what became of the submission.
fn settle(store: Store, draft: Draft, form: StoredValue<FormView>) {
    Effect::new(move |_| {
        let Some(committed) = store.outbox.committed.get() else {
            return;
        };
        if draft.sending.get_untracked().as_ref() == Some(&committed.batch_id) {
            draft.sending.set(None);
            draft.done.set(true);
            store.announcement.set(thanks_words(store, form));
        }
    });
    Effect::new(move |_| {
        let refused = store.outbox.refused.get();
        let Some(error) = draft.sending.get_untracked().and_then(|id| refused.get(&id).cloned()) else {
            return;
        };
        draft.sending.set(None);
        show(store, draft, &error);
    });
}

/// Puts each refusal at its field; what belongs to none is said above the button.
fn show(store: Store, draft: Draft, error: &ApiError) {
    let cells = error.outcome.iter().flat_map(|outcome| &outcome.rows).flat_map(|row| &row.cells);
    let told: BTreeMap<String, String> = cells.filter_map(|cell| Some((cell.column.clone(), store.say(cell.told()?)))).collect();
    if told.is_empty() {
        draft.failed.set(Some(store.say(error.told())));
    }
    draft.problems.set(told);
}
