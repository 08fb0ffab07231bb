//! Rows that are open in forms, and how one gets to an element.

use leptos::prelude::*;
use model::{Block, ElementKind, ElementView, Raw};
use serde_json::json;

use super::Store;

/// A row that is open in a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenRow {
    pub key: Vec<Raw>,
    /// Whether it is to be changed, if it may be.
    pub edit: bool,
    /// What is said of it first.
    pub said: Option<String>,
}

impl Store {
    /// The forms in which rows of a table can be opened: ids and titles.
    #[must_use]
    pub fn forms_of(self, table: &str) -> Vec<(String, String)> {
        let of = |element: &ElementView| match &element.kind {
            ElementKind::Form(form) if form.opens && form.table == table => Some((element.id.clone(), element.title.clone())),
            _ => None,
        };
        self.view.with_value(|view| view.pages.iter().flat_map(|page| &page.elements).filter_map(of).collect())
    }

    /// Opens a row in a form and goes there; false if the form opens none.
    pub fn open_row(self, form: &str, row: OpenRow) -> bool {
        let opens = |element: &ElementView| matches!(&element.kind, ElementKind::Form(form) if form.opens);
        if row.key.is_empty() || !self.view.with_value(|view| view.element(form).is_some_and(opens)) {
            return false;
        }
        self.rows.update(|rows| drop(rows.insert(form.to_owned(), row)));
        self.go_to_element(form);
        true
    }

    /// Takes a form's row away: it is there for new ones again.
    pub fn close_row(self, form: &str) {
        self.rows.update(|rows| drop(rows.remove(form)));
    }

    /// Shows a page, by its place, and tells the host.
    pub fn turn_to(self, page: usize) {
        self.page.set(page);
        let title = self.view.with_value(|view| view.pages.get(page).map(|page| page.title.clone()));
        if let Some(api) = self.api.get_value() {
            api.emit("inlay-navigate", &json!({ "page": title }));
        }
    }

    /// Shows a page, by its id.
    pub fn go_to_page(self, id: &str) {
        let place = self.view.with_value(|view| view.pages.iter().position(|page| page.id == id));
        place.into_iter().for_each(|place| self.turn_to(place));
    }

    /// Shows the page, and the tabs, that an element is on.
    fn go_to_element(self, id: &str) {
        let found = self.view.with_value(|view| {
            let on = |page: &model::PageView| page.elements.iter().any(|element| element.id == id);
            let place = view.pages.iter().position(on)?;
            let mut tabs = Vec::new();
            find(&view.pages[place].layout, id, &mut tabs);
            Some((place, tabs))
        });
        let Some((page, tabs)) = found else { return };
        self.panes.update(|panes| panes.extend(tabs));
        // Rows under a mark are closed with the page that they are of.
        if self.page.get_untracked() == page { self.details.set(None) } else { self.turn_to(page) }
    }
}

/// Whether an element is among blocks; `tabs` gets the tab of each set that it is in.
fn find(blocks: &[Block], id: &str, tabs: &mut Vec<(String, usize)>) -> bool {
    blocks.iter().any(|block| match block {
        Block::Element { id: known } => known == id,
        Block::Container(container) => find(&container.blocks, id, tabs),
        Block::Tabs(set) => match set.panes.iter().position(|pane| find(&pane.blocks, id, tabs)) {
            Some(at) => {
                tabs.push((set.id.clone(), at));
                true
            }
            None => false,
        },
    })
}
