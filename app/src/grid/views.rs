//! Views: arrangements of the table that the author gives and that a person saves, to go back to.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use model::{SaveView as SaveViewRequest, SavedView, TableShape, ViewsRequest};
use wasm_bindgen_futures::spawn_local;
use words::Message;

use super::state::GridState;
use crate::api::{SaveView, Views};
use crate::components::focused;
use crate::components::{Action, Menu};

/// The button that opens the list of views, the list, and the field for a new one's name.
#[component]
pub fn ViewsMenu(state: GridState) -> impl IntoView {
    let views = RwSignal::new(None::<Vec<SavedView>>);
    let naming = RwSignal::new(false);
    let open = move |_| {
        if views.with_untracked(Option::is_some) {
            return views.set(None);
        }
        spawn_local(async move {
            match load(state).await {
                Ok(found) => drop(views.try_set(Some(found))),
                Err(message) => state.tell(message),
            }
        });
    };
    let list = move || {
        let found = views.get()?;
        let close = Callback::new(move |()| views.set(None));
        let items = items(state, found, naming);
        Some(
            view! { <Menu label=state.say(words::views()) items=items close=close back=state.back() style=String::new() class="grid-menu is-below"/> },
        )
    };
    view! {
        <button class="grid-row-button" type="button" aria-haspopup="menu" on:click=open on:mousedown=|event| event.prevent_default()>{state.say(words::views())}</button>
        {list}
        {move || naming.get().then(|| name_field(state, naming))}
    }
}

async fn load(state: GridState) -> Result<Vec<SavedView>, Message> {
    let (workbook, element) = place(state);
    let api = state.store.api.get_value().ok_or_else(words::server_unreachable)?;
    api.call(&Views { views: ViewsRequest { workbook, element } }).await.map_err(|error| error.told())
}

fn place(state: GridState) -> (String, String) {
    (state.store.view.with_value(|view| view.id.clone()), state.element.with_value(|element| element.id.clone()))
}

fn items(state: GridState, views: Vec<SavedView>, naming: RwSignal<bool>) -> Vec<(String, Action)> {
    let mut items: Vec<(String, Action)> =
        vec![(state.say(words::view_of_author()), Box::new(move || state.take_shape(&TableShape::default())))];
    for SavedView { name, shape, own } in views.iter().cloned() {
        let words = if own { state.say(words::view_yours(&name)) } else { name.clone() };
        items.push((
            words,
            Box::new(move || {
                state.take_shape(&shape);
                state.store.announce(words::view_shown(&name));
            }),
        ));
    }
    items.push((state.say(words::view_save_as()), Box::new(move || naming.set(true))));
    for SavedView { name, .. } in views.into_iter().filter(|view| view.own) {
        items.push((state.say(words::view_delete(&name)), Box::new(move || save(state, name.clone(), None))));
    }
    items
}

fn save(state: GridState, name: String, shape: Option<TableShape>) {
    let (workbook, element) = place(state);
    let Some(api) = state.store.api.get_value() else { return };
    let done = if shape.is_some() { words::view_saved(&name) } else { words::view_deleted(&name) };
    spawn_local(async move {
        let view = SaveViewRequest { workbook, element, name, shape };
        match api.call(&SaveView { view }).await {
            Ok(()) => state.tell(done),
            Err(error) => state.tell(error.told()),
        }
    });
}

fn name_field(state: GridState, naming: RwSignal<bool>) -> impl IntoView {
    let field: NodeRef<html::Input> = NodeRef::new();
    focused(field);
    let close = move || {
        naming.set(false);
        state.focus();
    };
    let keep = move || {
        let name = field.get_untracked().map(|field| field.value().trim().to_owned()).unwrap_or_default();
        if !name.is_empty() {
            save(state, name, Some(state.shape()));
            close();
        }
    };
    let on_key = move |event: KeyboardEvent| {
        event.stop_propagation();
        match event.key().as_str() {
            "Enter" => keep(),
            "Escape" => close(),
            _ => {}
        }
    };
    view! {
        <div class="grid-set" role="dialog" aria-label=state.say(words::view_save()) on:keydown=on_key>
            <label class="grid-set-field">
                <span>{state.say(words::view_name())}</span>
                <input node_ref=field autocomplete="off" maxlength="80"/>
            </label>
            <p class="is-quiet">{state.say(words::view_help())}</p>
            <div class="grid-filter-buttons">
                <button type="button" on:click=move |_| close()>{state.say(words::cancel())}</button>
                <button type="button" class="is-primary" on:click=move |_| keep()>{state.say(words::save())}</button>
            </div>
        </div>
    }
}
