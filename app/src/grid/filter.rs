//! The filter of one column, below its header: how to compare, and with what.

use leptos::html;
use leptos::prelude::*;
use model::{ColumnType, ColumnView, Filter, FilterOp, Raw};

use super::geometry::NUMBER_PX;
use super::state::GridState;
use crate::components::focused;

/// Drawn while a column's filter is open.
#[component]
pub fn FilterPanel(state: GridState) -> impl IntoView {
    move || {
        let col = state.filtering.get()?;
        let column = state.column(col)?;
        let widths = state.widths.get_value();
        let viewport = state.viewport.get_untracked();
        let scrolled = if col < state.frozen { 0.0 } else { viewport.left };
        let left = (NUMBER_PX + widths[..col].iter().sum::<f64>() - scrolled).clamp(0.0, (viewport.width - 248.0).max(0.0));
        Some(view! { <Panel state=state column=column left=left/> })
    }
}

fn operators(ty: &ColumnType) -> &'static [(&'static str, &'static str, FilterOp)] {
    const TEXT: &[(&str, &str, FilterOp)] = &[
        ("contains", "contains", FilterOp::Contains),
        ("equals", "is", FilterOp::Equals),
        ("blank", "is blank", FilterOp::Blank),
        ("not_blank", "is not blank", FilterOp::NotBlank),
    ];
    const ORDERED: &[(&str, &str, FilterOp)] = &[
        ("at_least", "is at least", FilterOp::AtLeast),
        ("at_most", "is at most", FilterOp::AtMost),
        ("equals", "is", FilterOp::Equals),
        ("blank", "is blank", FilterOp::Blank),
        ("not_blank", "is not blank", FilterOp::NotBlank),
    ];
    match ty {
        ColumnType::Text | ColumnType::Choice { .. } | ColumnType::Choices { .. } => TEXT,
        ColumnType::Boolean => &TEXT[1..],
        _ => ORDERED,
    }
}

#[component]
fn Panel(state: GridState, column: ColumnView, left: f64) -> impl IntoView {
    let known = state.filters.with_untracked(|filters| filters.get(&column.name).cloned());
    let list = operators(&column.ty);
    let first = known.as_ref().map_or(list[0].2, |filter| filter.op);
    let value = known.map(|filter| state.store.locale.with_value(|locale| locale.edit_text(&filter.value, &column.ty)));
    let problem = RwSignal::new(String::new());
    let (operator, field): (NodeRef<html::Select>, NodeRef<html::Input>) = (NodeRef::new(), NodeRef::new());
    focused(field);
    let name = StoredValue::new(column.name.clone());
    let ty = StoredValue::new(column.ty.clone());
    let close = move || state.filtering.set(None);
    let apply = move || {
        let (Some(operator), Some(field)) = (operator.get_untracked(), field.get_untracked()) else {
            return;
        };
        let op = list.iter().find(|(id, _, _)| *id == operator.value()).map_or(list[0].2, |(_, _, op)| *op);
        let blank = matches!(op, FilterOp::Blank | FilterOp::NotBlank);
        let text = field.value();
        let read = ty.with_value(|ty| match ty {
            _ if blank => Ok(Raw::Null),
            _ if op == FilterOp::Contains => Ok(Raw::from(text.trim())),
            ty => state.store.locale.with_value(|locale| locale.parse(&text, ty)),
        });
        match read {
            Ok(value) if !blank && text.trim().is_empty() => {
                let _ = value;
                state.filters.update(|filters| drop(filters.remove(&name.get_value())));
                close();
            }
            Ok(value) => {
                let filter = Filter { column: name.get_value(), op, value };
                state.filters.update(|filters| drop(filters.insert(name.get_value(), filter)));
                close();
            }
            Err(error) => problem.set(error.message().to_owned()),
        }
    };
    let clear = move |_| {
        state.filters.update(|filters| drop(filters.remove(&name.get_value())));
        close();
    };
    let options: Vec<_> =
        list.iter().map(|(id, label, op)| view! { <option value=*id selected=*op == first>{*label}</option> }).collect();
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        event.stop_propagation();
        match event.key().as_str() {
            "Enter" => apply(),
            "Escape" => close(),
            _ => {}
        }
    };
    view! {
        <div class="grid-filter" role="dialog" aria-label=format!("Filter {}", column.label) style=format!("inset-inline-start:{left}px") on:keydown=on_key>
            <select node_ref=operator aria-label="Comparison">{options}</select>
            <input node_ref=field prop:value=value.unwrap_or_default() aria-label="Value" autocomplete="off"/>
            <p class="field-error" role="alert">{problem}</p>
            <div class="grid-filter-buttons">
                <button type="button" on:click=clear>"Clear"</button>
                <button type="button" class="is-primary" on:click=move |_| apply()>"Apply"</button>
            </div>
        </div>
    }
}
