//! Files that are loaded into an input table: `state` is its way, `mapping` how it is read and where its columns go, `outcome` what
//! became of its lines, before it is done and after.

mod mapping;
mod outcome;
mod state;

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, Element, HtmlElement};

use super::details::place;
use super::focus::{active_in, focused, show_whole};
use crate::client::Store;
use mapping::mapping;
use outcome::outcome;
pub use state::table_of;
use state::{Import, Step, first};

/// Drawn while somebody loads a file.
///
/// - `frame`: the workbook, in which it lies below its element's head.
#[component]
pub fn ImportPanel(store: Store, frame: NodeRef<html::Div>) -> impl IntoView {
    // Another page has other tables.
    Effect::new(move |before: Option<usize>| {
        let page = store.page.get();
        if before.is_some_and(|before| before != page) {
            store.importing.set(None);
        }
        page
    });
    move || store.importing.get().and_then(|element| panel(store, frame, &element))
}

fn panel(store: Store, frame: NodeRef<html::Div>, element: &str) -> Option<impl IntoView + use<>> {
    let top = frame.get_untracked().and_then(|frame| place(&frame, element)).unwrap_or(0.0);
    let element = store.view.with_value(|view| view.element(element).cloned())?;
    let title = store.say(words::import_title(element.title.as_str()));
    let import = Import::new(store, element)?;
    let dialog: NodeRef<html::Section> = NodeRef::new();
    focused(dialog);
    let back: StoredValue<Option<Element>, LocalStorage> =
        StoredValue::new_local(frame.get_untracked().and_then(|frame| active_in(&frame)));
    on_cleanup(move || {
        // Whoever closes it is where he was.
        if let Some(element) = back.try_get_value().flatten() {
            let _ = element.unchecked_into::<HtmlElement>().focus();
        }
    });
    if let Some(file) = store.dropped.try_update_value(Option::take).flatten() {
        import.take(file);
    }
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" && !event.default_prevented() {
            event.stop_propagation();
            import.close();
        }
    };
    let problem =
        move || import.problem.get().map(|message| view! { <p class="import-problem" role="alert">{import.say(message)}</p> });
    let kind = Memo::new(move |_| import.step.with(std::mem::discriminant));
    // What had the keyboard goes with its step, and the next one may be longer than what is in sight.
    Effect::new(move |before: Option<()>| {
        let _ = kind.get();
        let Some(dialog) = dialog.get() else { return };
        let dialog = dialog.unchecked_into::<HtmlElement>();
        if before.is_some() {
            let _ = dialog.focus();
        }
        request_animation_frame(move || show_whole(&dialog));
    });
    let body = move || {
        // Which step it is, not how far that is.
        let _ = kind.get();
        match import.step.get_untracked() {
            Step::Choose => choose(import).into_any(),
            Step::Sending { .. } | Step::Running { .. } => running(import).into_any(),
            Step::Map => mapping(import).into_any(),
            Step::Tried(of) | Step::Loaded(of) | Step::TakenBack(of) => outcome(import, &of).into_any(),
        }
    };
    let label = title.clone();
    Some(view! {
        <section class="details import" role="dialog" aria-modal="true" aria-label=label tabindex="-1" node_ref=dialog style=format!("inset-block-start:{top}px") on:keydown=on_key>
            <header class="details-head">
                <h2 class="element-title">{title}</h2>
                <button type="button" on:click=move |_| import.close()>{store.say(words::close())}</button>
            </header>
            {problem}
            {body}
        </section>
    })
}

fn choose(import: Import) -> impl IntoView {
    let input: NodeRef<html::Input> = NodeRef::new();
    let is_over = RwSignal::new(false);
    let take = move |file: Option<web_sys::File>| file.into_iter().for_each(|file| import.take(file));
    let drop = move |event: DragEvent| {
        event.prevent_default();
        event.stop_propagation();
        is_over.set(false);
        take(first(event.data_transfer().and_then(|data| data.files())));
    };
    let over = move |event: DragEvent| {
        event.prevent_default();
        is_over.set(true);
    };
    // What was loaded since the page was opened can still be taken back.
    let loaded = import.loaded_before().map(|lines| {
        view! {
            <p class="import-before">
                {import.say(words::import_loaded(lines))} " "
                <button type="button" on:click=move |_| import.take_back()>{import.say(words::import_take_back())}</button>
            </p>
        }
    });
    view! {
        <div class="attach import-choose" class:is-over=is_over on:dragover=over on:dragleave=move |_| is_over.set(false) on:drop=drop>
            <input
                id="import-file" type="file" class="attach-input" node_ref=input accept=".csv,.tsv,.txt,.xlsx,text/csv" aria-describedby="import-hint"
                on:change=move |_| take(input.get_untracked().and_then(|input| first(input.files())))
            />
            <label class="attach-choose" for="import-file">{import.say(words::file_choose())}</label>
            <span class="attach-drop">{import.say(words::file_drop())}</span>
            <p class="attach-hint" id="import-hint">{import.say(words::import_hint())}</p>
        </div>
        {loaded}
    }
}

fn running(import: Import) -> impl IntoView {
    let percent = move || match import.step.get() {
        Step::Sending { percent } | Step::Running { percent, .. } => percent,
        _ => 100,
    };
    let said = move || match import.step.get() {
        Step::Sending { .. } => import.say(words::import_sending(import.name.get())),
        Step::Running { lines, trial: true, .. } => import.say(words::import_checking(lines)),
        Step::Running { lines, .. } => import.say(words::import_loading(lines)),
        _ => String::new(),
    };
    view! {
        <div class="import-running">
            <p role="status">{said}</p>
            <progress max="100" prop:value=percent aria-label=import.say(words::import_progress())></progress>
            <div class="grid-filter-buttons"><button type="button" on:click=move |_| import.stop()>{import.say(words::cancel())}</button></div>
        </div>
    }
}

/// Lets a file that is dropped on an element be loaded into it.
pub fn drops(
    store: Store,
    id: StoredValue<String>,
    is_over: RwSignal<bool>,
) -> (impl Fn(DragEvent) + Copy, impl Fn(DragEvent) + Copy) {
    let has_file = |event: &DragEvent| {
        event.data_transfer().is_some_and(|data| data.types().iter().any(|ty| ty.as_string().as_deref() == Some("Files")))
    };
    let over = move |event: DragEvent| {
        if has_file(&event) {
            event.prevent_default();
            is_over.set(true);
        }
    };
    let drop = move |event: DragEvent| {
        is_over.set(false);
        if !has_file(&event) || event.default_prevented() {
            return;
        }
        event.prevent_default();
        if let Some(file) = first(event.data_transfer().and_then(|data| data.files())) {
            store.dropped.set_value(Some(file));
            store.importing.set(Some(id.get_value()));
        }
    };
    (over, drop)
}
