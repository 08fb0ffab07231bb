//! A form over an input table: its fields are the table's columns, with the grid's own validation and messages. What is in it
//! stays while another page is shown; a row that is opened in it has a state of its own.

mod attach;
mod combo;
mod done;
mod draft;
mod field;
mod lines;
mod mine;
mod opened;
mod send;
mod state;

use std::collections::BTreeMap;

use leptos::html;
use leptos::prelude::*;
use model::{ElementKind, ElementView, FormView};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::client::Store;
use done::done;
use field::FormInput;
use lines::Lines;
use mine::Mine;
use opened::Opened;
use send::{looks_good, send, settle};
use state::{FormState, Place};

/// The forms of a workbook, by their ids.
#[derive(Clone)]
struct Forms(BTreeMap<String, FormState>);

/// Keeps what is typed into the forms for as long as the workbook is open.
pub fn keep_forms(store: Store) {
    let of = |element: &ElementView| match &element.kind {
        ElementKind::Form(form) if form.allowed => Some((element.id.clone(), form.clone())),
        _ => None,
    };
    let forms: Vec<_> = store.view.with_value(|view| view.pages.iter().flat_map(|page| &page.elements).filter_map(of).collect());
    let forms = forms.into_iter().map(|(id, form)| {
        let state = FormState::new(store, id.clone(), form, None);
        begin(state);
        (id, state)
    });
    provide_context(Forms(forms.collect()));
}

/// Watches over what is typed into a form.
fn begin(state: FormState) {
    state.store.hold_while(move || state.is_begun());
    if !state.form.with_value(|form| form.keeps) {
        state.store.warn_while(move || state.is_begun());
    }
    settle(state);
    draft::keep(state);
}

/// The form, and its confirmation, or a row that is open in it; below that what one has filed.
///
/// - `id`: of its element.
#[component]
pub fn Form(store: Store, id: String, form: FormView) -> impl IntoView {
    let fresh = use_context::<Forms>().and_then(|forms| forms.0.get(&id).copied()).filter(|_| form.allowed);
    let mine = (!form.submissions.is_empty()).then(|| view! { <Mine store=store id=id.clone() form=form.clone()/> });
    let (id, form) = (StoredValue::new(id), StoredValue::new(form));
    let row = Memo::new(move |_| store.rows.with(|rows| id.with_value(|id| rows.get(id).cloned())));
    let current = move || match (row.get(), fresh) {
        (Some(row), _) => view! { <Opened store=store id=id.get_value() form=form.get_value() row=row/> }.into_any(),
        (None, Some(state)) => filling(state).into_any(),
        (None, None) => {
            let adds = form.with_value(|form| !form.changes);
            let words = if adds { words::form_not_allowed() } else { words::form_choose_row() };
            view! { <p class="element-empty">{store.say(words)}</p> }.into_any()
        }
    };
    view! {
        <div class="form-body">
            {current}
            {mine}
        </div>
    }
}

/// A new row, or what is said once it is filed.
fn filling(state: FormState) -> impl IntoView {
    let root: NodeRef<html::Form> = NodeRef::new();
    view! {
        <Show when=move || state.done.get() fallback=move || body(state, root)>{done(state)}</Show>
    }
}

fn body(state: FormState, root: NodeRef<html::Form>) -> impl IntoView {
    let store = state.store;
    // What one was told of is where the keyboard goes, once it is drawn.
    Effect::new(move |before: Option<usize>| {
        let told = state.told.get();
        if before.is_some_and(|before| before != told) {
            request_animation_frame(move || focus_in(root, ".field.is-wrong :is(input, select, textarea)"));
        }
        told
    });
    let (steps, count) = state.form.with_value(|form| (form.steps, form.sections.len()));
    let there = Memo::new(move |_| state.sections());
    // A step may go away by what is typed elsewhere.
    let at = Memo::new(move |_| state.step.get().min(there.with(Vec::len).saturating_sub(1)));
    let is_last = move || !steps || at.get() + 1 >= there.with(Vec::len);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if untrack(is_last) {
            return send(state);
        }
        let section = there.with_untracked(|there| there.get(at.get_untracked()).copied());
        if looks_good(state, section.as_slice()) {
            go(state, root, there, at.get_untracked() + 1);
        }
    };
    let back = move |_| go(state, root, there, at.get_untracked().saturating_sub(1));
    let sections = (0..count).map(|i| {
        let shown = Memo::new(move |_| {
            let nth = there.with(|there| there.iter().position(|known| *known == i));
            nth.is_some_and(|nth| !steps || nth == at.get())
        });
        view! { <Show when=move || shown.get()>{section(state, i)}</Show> }
    });
    view! {
        <form class="form" novalidate node_ref=root on:submit=submit>
            {steps.then(|| progress(state, there, at))}
            {move || state.resumed.get().then(|| view! { <p class="form-resumed">{store.say(words::form_resumed())}</p> })}
            {move || state.said.get().map(|said| view! { <p class="form-said">{said}</p> })}
            {summary(state, root)}
            {sections.collect_view()}
            {move || state.failed.get().map(|message| view! { <p class="field-error" role="alert">{message}</p> })}
            <div class="form-buttons">
                {start_over(state)}
                {move || (steps && at.get() > 0).then(|| view! { <button type="button" on:click=back>{store.say(words::form_back())}</button> })}
                <button type="submit" class="is-primary" disabled=move || state.sending.with(Option::is_some) || (is_last() && state.uploads.get() > 0)>
                    {move || match (state.sending.with(Option::is_some), is_last()) {
                        (true, _) => waiting_words(store),
                        (false, true) => submit_words(state),
                        (false, false) => store.say(words::form_next()),
                    }}
                </button>
            </div>
        </form>
    }
}

/// Empties the form, once one has said so twice.
fn start_over(state: FormState) -> impl IntoView {
    let is_sure = RwSignal::new(false);
    let press = move |_| {
        if is_sure.get_untracked() {
            state.begin_anew();
        }
        is_sure.update(|sure| *sure = !*sure);
    };
    let words = move || state.store.say(if is_sure.get() { words::form_really_start_over() } else { words::form_start_over() });
    view! {
        <Show when=move || state.is_begun() && state.sending.with(Option::is_none)>
            <button type="button" class="form-start-over" on:click=press on:blur=move |_| is_sure.set(false)>{words}</button>
        </Show>
    }
}

/// Shows another step, and says which.
fn go(state: FormState, root: NodeRef<html::Form>, there: Memo<Vec<usize>>, to: usize) {
    let (count, section) = there.with_untracked(|there| (there.len(), there.get(to).copied()));
    state.step.set(to);
    let title = state.form.with_value(|form| section.and_then(|i| form.sections.get(i)?.title.clone())).unwrap_or_default();
    state.store.announce(words::form_step(to + 1, count, title));
    request_animation_frame(move || focus_in(root, ".form-section :is(input, select, textarea, button)"));
}

/// The keyboard goes to the first of what a selector finds in the form.
fn focus_in(root: NodeRef<html::Form>, selector: &str) {
    let found = root.get_untracked().and_then(|root| root.query_selector(selector).ok().flatten());
    if let Some(found) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
        let _ = found.focus();
    }
}

/// Where one is among the steps.
fn progress(state: FormState, there: Memo<Vec<usize>>, at: Memo<usize>) -> impl IntoView {
    let item = move |(nth, i): (usize, usize)| {
        let title = state.form.with_value(|form| form.sections.get(i).and_then(|section| section.title.clone()));
        let current = move || (at.get() == nth).then_some("step");
        view! {
            <li aria-current=current class:is-done=move || nth < at.get()>
                <span class="form-step-number" aria-hidden="true">{nth + 1}</span>
                <span class="form-step-title">{title}</span>
            </li>
        }
    };
    let items = move || there.get().into_iter().enumerate().map(item).collect_view();
    let short = move || state.store.say(words::form_step_of(at.get() + 1, there.with(Vec::len)));
    view! {
        <div class="form-progress">
            <p class="form-progress-short">{short}</p>
            <ol class="form-steps">{items}</ol>
        </div>
    }
}

/// All that is wrong, in the form's order, each to be gone to.
fn summary(state: FormState, root: NodeRef<html::Form>) -> impl IntoView {
    let link = move |(place, message): (Place, String)| {
        let (label, id) = (state.label(&place), state.id_of(&place));
        let to = move |_| {
            state.section_of(&place).into_iter().for_each(|section| state.show_section(section));
            let selector = format!("[id=\"{id}\"]");
            request_animation_frame(move || focus_in(root, &selector));
        };
        // Many a message says by itself what it is about.
        let text = if message.starts_with(&label) { message } else { format!("{label}: {message}") };
        view! { <li><button type="button" class="is-link" on:click=to>{text}</button></li> }
    };
    // One problem is said where it is.
    let many = move || state.told.get() > 0 && state.problems.with(|problems| problems.len() > 1);
    let links = move || {
        let mut problems: Vec<(Place, String)> = state.problems.get().into_iter().collect();
        problems.sort_by_key(|(place, _)| state.order(place));
        problems.into_iter().map(link).collect_view()
    };
    view! {
        <Show when=many>
            <div class="form-summary">
                <p>{state.store.say(words::form_attention())}</p>
                <ul>{links}</ul>
            </div>
        </Show>
    }
}

fn section(state: FormState, i: usize) -> impl IntoView {
    let section = state.form.with_value(|form| form.sections[i].clone());
    let field = move |field| view! { <FormInput state=state line=None field=field filled=state.filled/> };
    let has_fields = !section.fields.is_empty();
    let fields = section.fields.into_iter().map(field).collect_view();
    view! {
        <fieldset class="form-section">
            {section.title.map(|title| view! { <legend>{title}</legend> })}
            {section.text.map(|text| view! { <p class="form-section-text">{text}</p> })}
            {has_fields.then(|| view! { <div class="form-fields" style=format!("--_columns: {}", section.columns)>{fields}</div> })}
            {section.lines.map(|lines| view! { <Lines state=state lines=lines/> })}
        </fieldset>
    }
}

/// All sections of a row that is only looked at.
fn looking(state: FormState) -> impl IntoView {
    let there = Memo::new(move |_| state.sections());
    let sections = move || there.get().into_iter().map(|i| section(state, i)).collect_view();
    view! { <div class="form is-looked-at">{sections}</div> }
}

/// The author's words, or ours in the person's language.
fn submit_words(state: FormState) -> String {
    let store = state.store;
    state.form.with_value(|form| match state.of.with(Option::is_some) {
        true => store.say(words::form_save()),
        false if form.submit == FormView::SUBMIT => store.say(words::form_submit()),
        false => form.submit.clone(),
    })
}

fn waiting_words(store: Store) -> String {
    store.say(if store.outbox.state.with(|state| state.offline) { words::form_waits() } else { words::form_sending() })
}
