//! One cell: what is in it, how its edit does, and the field that it is typed into with.

use leptos::prelude::*;
use model::Constraints;

use super::{PivotState, Place};
use crate::client::Mark;
use crate::editors::{Exit, Field, FieldBox};

/// - `leaf`: whether it is of the innermost rows and columns, and so no total.
pub(super) fn cell(state: PivotState, place: Place, leaf: bool) -> impl IntoView + use<> {
    let (heat, column) =
        state.view.with_value(|view| view.values.get(place.value).map(|v| (v.heat, v.column.clone()))).unwrap_or_default();
    let editable = column.is_some();
    let (path, value) = (place.column.clone(), place.value.to_string());
    let followed = state.marking.is_followed();
    let place = StoredValue::new(place);
    let mark = move || {
        let cube = state.cube.get()?;
        let id = place.with_value(|place| state.id(&cube, place))?;
        state.store.outbox.marks.with(|marks| marks.get(&id).cloned())
    };
    // Only cells that are typed into have marks.
    let mark = Memo::new(move |_| (editable && leaf).then(mark).flatten());
    let is_there = move || {
        state
            .cube
            .with(|cube| cube.as_ref().is_some_and(|cube| place.with_value(|p| cube.at(&p.row, &p.column, p.value).is_some())))
    };
    let text = move || {
        if let Some(Mark::Rejected { typed, .. }) = mark.get() {
            return typed;
        }
        state
            .cube
            .with(|cube| {
                let cube = cube.as_ref()?;
                let raw = place.with_value(|place| {
                    if leaf && editable {
                        state.held(cube, place)
                    } else {
                        cube.at(&place.row, &place.column, place.value).cloned()
                    }
                })?;
                Some(state.shown(cube, place.with_value(|place| place.value), &raw))
            })
            .unwrap_or_default()
    };
    let part = move || {
        state.cube.with(|cube| {
            let cube = cube.as_ref()?;
            let part = place.with_value(|place| cube.part(cube.at(&place.row, &place.column, place.value)?, place.value))?;
            Some(format!("--part:{:.0}%", part * 100.0))
        })
    };
    let shade = (heat && leaf).then_some(part);
    let typed = Memo::new(move |_| {
        editable && state.typing.with(|typing| typing.as_ref().is_some_and(|(at, _)| place.with_value(|place| place == at)))
    });
    let is_chosen = move || followed && place.with_value(|place| state.is_chosen(&place.row, &place.column));
    let class = move || {
        let mark = match mark.get() {
            Some(Mark::Pending { .. }) => " is-pending",
            Some(Mark::Saved) => " is-saved",
            Some(Mark::Rejected { .. }) => " is-rejected",
            Some(Mark::Conflict { .. }) => " is-conflict",
            None => "",
        };
        let kind = if leaf { "" } else { " is-total" };
        let input = if editable && is_there() { " is-input" } else { "" };
        let heat = if heat && leaf { " is-scaled" } else { "" };
        let chosen = if is_chosen() { " is-chosen" } else { "" };
        format!("pivot-cell{kind}{input}{heat}{mark}{chosen}")
    };
    let content = move || if typed.get() { field(state, place).into_any() } else { text.into_any() };
    let read_only = (!editable).then_some("true");
    let selected = move || followed.then(|| is_chosen().to_string());
    view! { <td class=class tabindex="-1" style=shade aria-readonly=read_only aria-selected=selected data-column=path data-value=value>{content}</td> }
}

/// What a cell is typed into with.
fn field(state: PivotState, place: StoredValue<Place>) -> Option<impl IntoView> {
    let at = place.get_value();
    let (_, begun) = state.typing.get_untracked()?;
    let mut column = state.column(at.value)?;
    if !state.is_leaf(&at) {
        // A total is not what the column's rules are about.
        column.constraints = Constraints::default();
    }
    let typed = begun.is_some();
    let text = begun.unwrap_or_else(|| untrack(|| state.typed_text(&at)));
    let id = format!("{}-field", state.element.with_value(|element| element.id.clone()));
    let field = Field::new(state.store, column, id, text, typed, Callback::new(|()| ()));
    let exit = Callback::new(move |way: Exit| state.leave(&place.get_value(), field.value(), way));
    Some(view! { <FieldBox field=field aid=None above=false exit=exit/> })
}
