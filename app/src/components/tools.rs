//! What can be done with any element: its values, its rows, all of the screen, files.

use leptos::html;
use leptos::prelude::*;
use model::{ElementKind, ElementView, ExportFormat, Mark, QueryRequest};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::files::{Picture, PictureKind, save_picture, save_rows};
use super::import::table_of;
use super::menu::{Action, Menu};
use crate::client::{Details, Store};

type Question = Box<dyn Fn() -> QueryRequest>;
type Under = Box<dyn Fn() -> Option<(Mark, String)>>;
type Draws = Box<dyn Fn(&Picture) -> Option<String>>;

/// An element's tools; a handle, cheap to copy.
#[derive(Clone, Copy)]
pub struct Tools {
    pub store: Store,
    pub element: StoredValue<ElementView>,
    /// Whether a chart's values are shown in its place.
    pub as_table: RwSignal<bool>,
    /// Whether the element has all of the screen.
    full: RwSignal<bool>,
    question: StoredValue<Option<Question>, LocalStorage>,
    under: StoredValue<Option<Under>, LocalStorage>,
    drawing: StoredValue<Option<Draws>, LocalStorage>,
    frame: NodeRef<html::Section>,
}

impl Tools {
    pub fn new(store: Store, element: &ElementView) -> Self {
        Self {
            store,
            element: StoredValue::new(element.clone()),
            as_table: RwSignal::default(),
            full: RwSignal::default(),
            question: StoredValue::new_local(None),
            under: StoredValue::new_local(None),
            drawing: StoredValue::new_local(None),
            frame: NodeRef::new(),
        }
    }

    /// The element itself, which can have all of the screen.
    pub fn frame(self) -> NodeRef<html::Section> {
        self.frame
    }

    pub fn is_full(self) -> bool {
        self.full.get()
    }

    /// How to ask for what is shown now, for a file.
    pub fn asks(self, question: impl Fn() -> QueryRequest + 'static) {
        self.question.set_value(Some(Box::new(question)));
    }

    /// Which mark's rows are looked at, and what it is in words; everything that is shown if there is none.
    pub fn looks_under(self, mark: impl Fn() -> Option<(Mark, String)> + 'static) {
        self.under.set_value(Some(Box::new(mark)));
    }

    /// How it is drawn for a picture.
    pub fn draws(self, draw: impl Fn(&Picture) -> Option<String> + 'static) {
        self.drawing.set_value(Some(Box::new(draw)));
    }

    /// What the element shows now, untracked.
    pub fn asked(self) -> QueryRequest {
        let own = || self.element.with_value(|element| self.store.question(&element.id, &element.controls));
        untrack(|| self.question.with_value(|question| question.as_ref().map_or_else(own, |question| question())))
    }

    fn set_full(self, full: bool) {
        self.full.set(full);
        let Some(section) = self.frame.get_untracked() else { return };
        // Where the browser has no way to do it, or a frame may not, it has all of the page.
        if full {
            let _ = section.request_fullscreen();
        } else if let Some(page) = document().fullscreen_element().and(Some(document())) {
            page.exit_fullscreen();
        }
    }

    /// Escape leaves the screen by itself.
    pub fn screen_changed(self) {
        if document().fullscreen_element().is_none() {
            self.full.set(false);
        }
    }

    fn items(self) -> Vec<(String, Action)> {
        let store = self.store;
        let say = |message| store.say(message);
        let mut items: Vec<(String, Action)> = Vec::new();
        let (kind, details) = self.element.with_value(|element| (element.kind.clone(), element.details.is_some()));
        let is_chart = matches!(kind, ElementKind::Chart(_));
        if is_chart {
            let words = if self.as_table.get_untracked() { words::show_chart() } else { words::show_values() };
            items.push((say(words), Box::new(move || self.as_table.update(|on| *on = !*on))));
        }
        if details {
            items.push((say(words::show_rows()), Box::new(move || self.look_at_rows())));
        }
        if !matches!(kind, ElementKind::Kpi(_)) {
            let full = self.full.get_untracked();
            let words = if full { words::full_screen_leave() } else { words::full_screen() };
            items.push((say(words), Box::new(move || self.set_full(!full))));
        }
        if is_chart && !self.as_table.get_untracked() {
            items.push((say(words::save_png()), Box::new(move || self.save_picture(PictureKind::Png))));
            items.push((say(words::save_svg()), Box::new(move || self.save_picture(PictureKind::Svg))));
        }
        if self.element.with_value(table_of).is_some() {
            let element = self.element.with_value(|element| element.id.clone());
            items.push((say(words::import_open()), Box::new(move || store.importing.set(Some(element.clone())))));
        }
        items.push((say(words::save_csv()), Box::new(move || save_rows(self, ExportFormat::Csv))));
        items.push((say(words::save_xlsx()), Box::new(move || save_rows(self, ExportFormat::Xlsx))));
        items
    }

    /// Shows the rows that the element, or a mark of it, is made of.
    pub fn look_at_rows(self) {
        let all = || (Mark { x: self.asked().drill, ..Mark::default() }, String::new());
        let of = untrack(|| self.under.with_value(|under| under.as_ref().and_then(|under| under())));
        let (mark, said) = of.unwrap_or_else(all);
        let element = self.element.with_value(|element| element.id.clone());
        self.store.details.set(Some(Details { element, mark, said }));
    }

    pub fn has_details(self) -> bool {
        self.element.with_value(|element| element.details.is_some())
    }

    fn save_picture(self, kind: PictureKind) {
        let picture = Picture::of(self);
        match self.drawing.with_value(|draw| draw.as_ref().and_then(|draw| draw(&picture))) {
            Some(svg) => save_picture(self, kind, svg),
            None => self.store.announce(words::chart_not_drawn_yet()),
        }
    }
}

/// A button at the corner of an element, and its menu.
#[component]
pub fn ToolsButton(tools: Tools) -> impl IntoView {
    let store = tools.store;
    let open = RwSignal::new(false);
    let button: NodeRef<html::Button> = NodeRef::new();
    let title = tools.element.with_value(|element| element.title.clone());
    let label = store.say(words::element_tools(title));
    let said = label.clone();
    let close = Callback::new(move |()| open.set(false));
    let back = Callback::new(move |()| {
        if let Some(button) = button.get_untracked() {
            let _ = button.unchecked_into::<HtmlElement>().focus();
        }
    });
    let menu = move || {
        open.get().then(|| view! { <Menu label=said.clone() items=untrack(|| tools.items()) close=close back=back style=String::new() class="grid-menu is-tools"/> })
    };
    view! {
        <div class="tools">
            <button
                type="button" class="tools-button" node_ref=button aria-haspopup="menu" aria-expanded=move || open.get().to_string() aria-label=label.clone()
                title=label on:click=move |_| open.update(|open| *open = !*open) on:mousedown=|event| event.prevent_default()
            >
                "⋯"
            </button>
            {menu}
        </div>
    }
}

/// Whether there is anything that can be done with an element.
#[must_use]
pub fn has_tools(kind: &ElementKind) -> bool {
    matches!(
        kind,
        ElementKind::Kpi(_) | ElementKind::Chart(_) | ElementKind::Table(_) | ElementKind::InputTable(_) | ElementKind::Pivot(_)
    )
}
