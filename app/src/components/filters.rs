//! The filters that a page shows less by: each as a chip that takes it away, whatever page its control is on.

use std::collections::BTreeSet;

use leptos::html;
use leptos::prelude::*;
use model::{ControlKind, PageView};

use super::control::said;
use crate::client::Store;

/// Drawn above the elements of a page that follow controls; always as high, so that nothing moves when a filter comes.
///
/// - `page`: the one that is open.
#[component]
pub fn Filters(store: Store, page: PageView) -> impl IntoView {
    let followed: BTreeSet<String> = page.elements.into_iter().flat_map(|element| element.controls).collect();
    let kind = |id: &String| store.control(id).map(|control| (id.clone(), control.label, control.kind));
    // In the order of the workbook.
    let ids: Vec<String> = store.view.with_value(|view| view.controls().map(|(id, _)| id.to_owned()).collect());
    let controls: Vec<(String, String, ControlKind)> = ids.iter().filter(|id| followed.contains(*id)).filter_map(kind).collect();
    if controls.is_empty() {
        return None;
    }
    let controls = StoredValue::new(controls);
    let frame: NodeRef<html::Div> = NodeRef::new();
    let applied = Memo::new(move |_| {
        store.controls.with(|chosen| {
            controls.with_value(|controls| {
                let applied = controls.iter().filter(|(_, _, kind)| kind.is_filter()).filter_map(|(id, label, kind)| {
                    let values = chosen.get(id).filter(|values| !values.is_empty())?;
                    let said = store.locale.with_value(|locale| said(kind, values, locale));
                    Some((id.clone(), label.clone(), (*kind != ControlKind::Checkbox).then_some(said)))
                });
                applied.collect::<Vec<_>>()
            })
        })
    });
    let changed = Memo::new(move |_| {
        let ids: Vec<String> = controls.with_value(|controls| controls.iter().map(|(id, ..)| id.clone()).collect());
        !store.is_as_at_first(&ids)
    });
    // What had the keyboard is gone.
    let stay = move || frame.get_untracked().into_iter().for_each(|frame| _ = frame.focus());
    let chip = move |(id, label, said): (String, String, Option<String>)| {
        let words = said.map_or_else(|| label.clone(), |said| store.say(words::filter_chip(label.as_str(), said)));
        let remove = move |_| {
            store.choose(&id, Vec::new());
            store.announce(words::filter_removed(label.as_str()));
            stay();
        };
        view! {
            <span class="chip">
                <bdi>{words.clone()}</bdi>
                <button type="button" aria-label=store.say(words::filter_remove(words)) on:click=remove>"×"</button>
            </span>
        }
    };
    let reset = move |_| {
        store.reset();
        stay();
    };
    // A page without controls says how it is filtered.
    let only_marks = controls.with_value(|all| all.iter().all(|(_, _, kind)| matches!(kind, ControlKind::Marks { .. })));
    let hint = if only_marks { words::filters_by_marks() } else { words::filters_none() };
    let hint = store.say(hint);
    let none = move || applied.with(Vec::is_empty).then(|| view! { <span class="is-quiet">{hint.clone()}</span> });
    let back = move || {
        changed.get().then(|| view! { <button type="button" on:click=reset>{store.say(words::filters_reset())}</button> })
    };
    Some(view! {
        <div class="filters" role="group" aria-label=store.say(words::filters_applied()) tabindex="-1" node_ref=frame>
            {none}
            {move || applied.get().into_iter().map(chip).collect_view()}
            {back}
        </div>
    })
}
