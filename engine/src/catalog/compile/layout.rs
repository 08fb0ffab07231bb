//! Pages: what is on them, where, and which controls filter what.

use std::collections::HashSet;

use model::{Block, Container, Pane, TabSet, file};
use serde_json::Value as Json;

use super::{Compiler, below, beneath};
use crate::catalog::document::{Step, at};
use crate::catalog::shape;
use crate::catalog::{Element, Page, Workbook};

/// Containers and tabs within each other.
const DEEPEST: usize = 4;

/// What the pages have, wherever it stands.
#[derive(Default)]
struct Found {
    /// Of the page that is read.
    elements: Vec<Element>,
    ids: HashSet<String>,
    controls: Vec<(Vec<Step>, file::Control)>,
    /// What has marks.
    marked: Vec<(Vec<Step>, Marked)>,
    /// Elements with a mistake of their own: that they are missing is not told again where they are named.
    broken: HashSet<String>,
}

/// An element with marks, by its id, and what is named to follow them.
pub(super) struct Marked {
    pub id: String,
    pub targets: Option<Vec<file::ControlTarget>>,
}

/// What a page is called in addresses and events, where its author says nothing made of its title.
pub(super) fn page_id(page: &file::Page) -> String {
    let made = || page.title.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    page.id.clone().unwrap_or_else(made)
}

impl Compiler<'_> {
    pub(super) fn pages(&mut self, workbook: &mut Workbook, file: &file::Workbook) {
        let mut found = Found::default();
        for (p, page) in file.pages.iter().enumerate() {
            let layout = self.blocks(workbook, &at!["pages", p, "elements"], &page.elements, 0, &mut found);
            let (id, title) = (page_id(page), page.title.clone());
            workbook.pages.push(Page { id, title, elements: std::mem::take(&mut found.elements), layout });
        }
        for (at, control) in &found.controls {
            self.connect(workbook, at, control, &found.broken);
        }
        for (at, marked) in &found.marked {
            self.mark(workbook, at, marked, &found.broken);
        }
    }

    fn blocks(&mut self, workbook: &Workbook, at: &[Step], items: &[Json], depth: usize, found: &mut Found) -> Vec<Block> {
        let block = |(i, json): (usize, &Json)| self.block(workbook, &beneath(at, i), json, depth, found);
        items.iter().enumerate().filter_map(block).collect()
    }

    fn block(&mut self, workbook: &Workbook, at: &[Step], json: &Json, depth: usize, found: &mut Found) -> Option<Block> {
        let mut mistakes = Vec::new();
        let read = shape::element(&mut self.doc, at, json, &mut mistakes);
        self.mistakes.append(&mut mistakes);
        let read = read?;
        let id = read.id().to_owned();
        self.identifier(at, &id);
        let there = !found.ids.insert(id.clone());
        if there {
            self.mistake(at, format!("element `{id}` is there twice"));
        }
        if !(1..=12).contains(&read.width()) {
            self.mistake(&below(at, "width"), "`width` is 1 to 12 columns");
        }
        let width = read.width();
        match read {
            file::Element::Container(x) => {
                let at = below(at, "elements");
                let inside = self.inside(&at, &x.elements, depth)?;
                let blocks = self.blocks(workbook, &at, inside, depth + 1, found);
                Some(Block::Container(Container { id, title: x.title, width, blocks }))
            }
            file::Element::Tabs(x) => {
                let panes_at = below(at, "panes");
                if x.panes.is_empty() {
                    self.mistake(&panes_at, "there is nothing in it");
                }
                let mut panes = Vec::new();
                for (i, pane) in x.panes.iter().enumerate() {
                    let at = below(&beneath(&panes_at, i), "elements");
                    let inside = self.inside(&at, &pane.elements, depth)?;
                    let blocks = self.blocks(workbook, &at, inside, depth + 1, found);
                    panes.push(Pane { title: pane.title.clone(), blocks });
                }
                Some(Block::Tabs(TabSet { id, title: x.title, width, panes }))
            }
            read => {
                let Some(element) = self.variants(workbook, at, json, &read) else {
                    found.broken.insert(id);
                    return None;
                };
                let mut marked = |id, targets| found.marked.push((at.to_vec(), Marked { id, targets }));
                match read {
                    file::Element::Control(control) => found.controls.push((at.to_vec(), control)),
                    file::Element::Chart(x) => marked(x.chart, x.targets),
                    file::Element::Pivot(x) => marked(x.pivot, x.targets),
                    _ => {}
                }
                if !there {
                    found.elements.push(element);
                }
                Some(Block::Element { id })
            }
        }
    }

    /// What a container or a tab holds; `None` where it is too deep to look.
    fn inside<'j>(&mut self, at: &[Step], elements: &'j [Json], depth: usize) -> Option<&'j [Json]> {
        if elements.is_empty() {
            self.mistake(at, "there is nothing in it");
        }
        if depth >= DEEPEST {
            self.mistake(at, format!("containers and tabs are at most {DEEPEST} deep in each other"));
            return None;
        }
        Some(elements)
    }
}
