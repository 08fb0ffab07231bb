//! A field with the grid's own help below it while it has the keyboard: what is looked up, or a calendar.

use std::sync::Arc;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::field::At;
use crate::editors::{Aid, Field};

/// What helps while it is open.
type Helping = (Field, Option<Arc<dyn Aid>>);

#[component]
pub fn Combo(at: At) -> impl IntoView {
    let is_open = RwSignal::new(false);
    // Whether it was opened by typing, so that the list is narrowed at once.
    let by_typing = StoredValue::new(false);
    let open = move |typing: bool| {
        if !is_open.get_untracked() {
            by_typing.set_value(typing);
            is_open.set(true);
        }
    };
    let helping: StoredValue<Option<Helping>> = StoredValue::new(None);
    let active = RwSignal::new(None::<String>);
    let role = RwSignal::new("listbox");
    let id = at.id();
    let aid_id = format!("{id}-help-list-aid");
    let (column, placeholder) = at.field.with_value(|field| (field.column.clone(), field.placeholder.clone()));
    let table = at.table();
    let close = move || {
        if let Some((_, Some(aid))) = helping.get_value() {
            aid.before_done();
        }
        is_open.set(false);
    };
    let popup = move || {
        if !is_open.get() {
            helping.set_value(None);
            active.set(None);
            return None;
        }
        let field_id = format!("{}-help-list", untrack(|| at.id()));
        let done = Callback::new(move |()| is_open.set(false));
        let field = Field::new(at.state.store, column.clone(), field_id, at.text.get_untracked(), by_typing.get_value(), done);
        // What is picked is as good as typed.
        Effect::new(move |_| {
            let text = field.text.get();
            if text != at.text.get_untracked() {
                at.set(text);
            }
        });
        let aid = field.aid(&table, None);
        helping.set_value(Some((field, aid.clone())));
        if let Some(aid) = aid.clone() {
            role.set(aid.role());
            Effect::new(move |_| active.set(aid.active()));
        }
        Some(view! { <div class="combo-aid" on:mousedown=|event| event.prevent_default()>{aid.map(|aid| aid.view())}</div> })
    };
    let type_in = move |event| {
        let text: String = event_target_value(&event);
        at.set(text.clone());
        open(true);
        helping.with_value(|helping| helping.iter().for_each(|(field, _)| field.type_in(text.clone())));
    };
    let on_key = move |event: KeyboardEvent| {
        if event.is_composing() || event.ctrl_key() || event.meta_key() {
            return;
        }
        let key = event.key();
        let is_down = matches!(key.as_str(), "ArrowDown" | "ArrowUp");
        match key.as_str() {
            "Escape" if is_open.get_untracked() => {
                event.prevent_default();
                event.stop_propagation();
                is_open.set(false);
            }
            // What is chosen is not sent with the same key.
            "Enter" if is_open.get_untracked() => {
                event.prevent_default();
                close();
            }
            _ if is_down && !is_open.get_untracked() => {
                event.prevent_default();
                open(false);
            }
            _ => {
                let taken = helping.with_value(|helping| {
                    helping.as_ref().and_then(|(_, aid)| aid.as_ref()).is_some_and(|aid| aid.on_key(&key, event.shift_key()))
                });
                if taken {
                    event.prevent_default();
                }
            }
        }
    };
    let leave = move |_| {
        close();
        at.leave();
    };
    view! {
        <div class="combo">
            <input
                id=id type="text" autocomplete="off" spellcheck="false" placeholder=placeholder role="combobox" aria-haspopup=move || role.get()
                aria-expanded=move || is_open.get().to_string() aria-controls=move || is_open.get().then(|| aid_id.clone()) aria-activedescendant=active
                aria-invalid=move || at.invalid() aria-required=move || at.is_required().then_some("true") aria-describedby=move || at.described()
                prop:value=at.text on:input=type_in on:keydown=on_key on:focus=move |_| open(false) on:click=move |_| open(false) on:blur=leave
            />
            {popup}
        </div>
    }
}
