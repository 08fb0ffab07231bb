//! Controls: what a person chooses for other elements to follow. One file, one way to choose.

mod checkbox;
mod days;
mod ends;
mod list;
mod number;
mod parameter;
mod picker;
mod rest;
mod said;
mod segments;
mod text;

use leptos::prelude::*;
use model::{ControlKind, ControlView, ElementView, Raw};

use crate::client::Store;
pub use said::{mark_said, place_said, said};

/// What the parts of one control share; a handle, cheap to copy.
#[derive(Clone, Copy)]
struct Choosing {
    store: Store,
    element: StoredValue<ElementView>,
    control: StoredValue<ControlView>,
}

impl Choosing {
    fn id(self) -> String {
        self.element.with_value(|element| element.id.clone())
    }

    fn label(self) -> String {
        self.control.with_value(|control| control.label.clone())
    }

    /// What is chosen, tracked.
    fn chosen(self) -> Vec<Raw> {
        self.store.controls.with(|all| self.element.with_value(|element| all.get(&element.id).cloned())).unwrap_or_default()
    }

    fn choose(self, values: Vec<Raw>) {
        self.element.with_value(|element| self.store.choose(&element.id, values));
    }

    /// What is chosen in words, tracked; `None` for nothing.
    fn said(self) -> Option<String> {
        let chosen = self.chosen();
        (!chosen.is_empty()).then(|| {
            self.store.locale.with_value(|locale| self.control.with_value(|control| said(&control.kind, &chosen, locale)))
        })
    }
}

/// A control with its name beside it.
#[component]
pub fn Control(store: Store, element: ElementView, control: ControlView) -> impl IntoView {
    let kind = control.kind.clone();
    let label = control.label.clone();
    let choosing = Choosing { store, element: StoredValue::new(element), control: StoredValue::new(control) };
    let body = match kind {
        // It says its name itself.
        ControlKind::Checkbox => return checkbox::checkbox(choosing).into_any(),
        ControlKind::List { segmented: true, multiple, of, format, .. } => {
            segments::of_column(choosing, multiple, of, format).into_any()
        }
        ControlKind::List { multiple, of, format, column, .. } => list::list(choosing, multiple, of, format, column).into_any(),
        ControlKind::NumberRange { of, format } => number::range(choosing, of, format).into_any(),
        ControlKind::DateRange { spans } => days::range(choosing, spans).into_any(),
        ControlKind::Text => text::text(choosing).into_any(),
        // Chosen where the marks are.
        ControlKind::Marks { .. } => return ().into_any(),
        ControlKind::Top { options } => segments::top(choosing, options).into_any(),
        ControlKind::Switch { options } => segments::switch(choosing, options).into_any(),
        ControlKind::Parameter { column, step } => parameter::parameter(choosing, *column, step).into_any(),
    };
    view! {
        <span class="control-label">{label}</span>
        {body}
    }
    .into_any()
}
