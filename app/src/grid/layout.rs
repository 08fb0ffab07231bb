//! How a person has arranged the columns: their order, their widths, which ones stay in sight and which are hidden.
//!
//! Hidden columns stay behind those that are shown, with their cells, so that they come back without a question.

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::prelude::*;
use model::{ColumnView, Filter, Raw, TableShape};
use wasm_bindgen::JsCast;
use web_sys::CanvasRenderingContext2d;

use super::geometry::{Cell, width};
use super::selection::{Along, Selection};
use super::state::GridState;

/// No column is narrower, or wider; in pixels.
const NARROWEST: f64 = 48.0;
const WIDEST: f64 = 1_200.0;
/// A step of a key.
const STEP_PX: f64 = 24.0;
/// The part of the grid that columns which stay in sight may take.
const MOST_FIXED: f64 = 0.7;

impl GridState {
    /// Draws anew whatever calls this, once a column is wider or narrower.
    pub fn track_sizes(self) {
        self.sizes.track();
    }

    /// Draws anew whatever calls this, once the columns are arranged otherwise.
    pub fn track_layout(self) {
        self.layout.track();
        self.sizes.track();
    }

    /// How many columns stay in sight: in a narrow place one, however many are meant to.
    #[must_use]
    pub fn frozen(self) -> usize {
        let narrow = self.number_px.get_untracked() == 0.0;
        self.kept().min(if narrow { 1 } else { usize::MAX })
    }

    /// How many columns are to stay in sight where there is room.
    #[must_use]
    pub fn kept(self) -> usize {
        self.arranged.with_value(|(_, frozen)| *frozen)
    }

    /// The width of the row numbers, which the style sheet leaves out in a narrow place.
    pub fn set_number_px(self, px: f64) {
        if self.number_px.get_untracked() != px {
            self.number_px.set(px);
            self.layout.update(|turn| *turn += 1);
        }
    }

    /// The names and labels of the columns that are hidden.
    #[must_use]
    pub fn hidden(self) -> Vec<(String, String)> {
        let shown = self.column_count();
        self.columns.with_value(|columns| columns[shown..].iter().map(|c| (c.name.clone(), c.label.clone())).collect())
    }

    /// The arrangement as it is now, with sort and filters.
    #[must_use]
    pub fn shape(self) -> TableShape {
        let shown = self.column_count();
        let names = self.columns.with_value(|columns| columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>());
        let own = self.columns.with_value(|columns| columns.iter().map(width).collect::<Vec<_>>());
        let widths = self.widths.with_value(|widths| {
            let changed = names.iter().zip(widths).zip(own).filter(|((_, now), own)| **now != *own);
            changed.map(|((name, now), _)| (name.clone(), *now)).collect()
        });
        TableShape {
            columns: names[..shown].to_vec(),
            frozen: Some(self.kept()),
            widths,
            sort: self.sort.get_untracked(),
            filters: self.filters.with_untracked(|filters| filters.values().flatten().cloned().collect()),
            group: Some(self.group_by.get_untracked()),
        }
    }

    /// Arranges columns, sort and filters like this; what a shape names that is not there is left out.
    pub fn take_shape(self, shape: &TableShape) {
        let author = self.author.get_value();
        let names: Vec<String> = if shape.columns.is_empty() { author.0.clone() } else { shape.columns.clone() };
        self.show_columns(&names, shape.frozen.unwrap_or(author.1));
        self.columns.with_value(|columns| {
            self.widths.update_value(|widths| {
                for (px, column) in widths.iter_mut().zip(columns) {
                    let wanted = shape.widths.get(&column.name).copied().filter(|px| px.is_finite());
                    *px = wanted.map_or_else(|| width(column), |px| px.clamp(NARROWEST, WIDEST));
                }
            });
        });
        self.arrange(|| ());
        let known = |name: &String| self.columns.with_value(|columns| columns.iter().any(|column| column.name == *name));
        let sort = shape.sort.iter().filter(|sort| known(&sort.column)).cloned().collect();
        if self.sort.with_untracked(|now| *now != sort) {
            self.sort.set(sort);
        }
        let group = shape.group.clone().unwrap_or_else(|| self.element.with_value(|element| element.group.clone()));
        self.set_groups(group.into_iter().filter(known).collect());
        let mut filters = BTreeMap::<String, Vec<Filter>>::new();
        for filter in shape.filters.iter().filter(|filter| known(&filter.column)) {
            filters.entry(filter.column.clone()).or_default().push(filter.clone());
        }
        if self.filters.with_untracked(|now| *now != filters) {
            self.filters.set(filters);
        }
    }

    /// Shows these columns in this order and hides the others.
    fn show_columns(self, names: &[String], frozen: usize) {
        let order = self.columns.with_value(|columns| {
            let place = |name: &String| columns.iter().position(|column| column.name == *name);
            let mut order: Vec<usize> = Vec::new();
            names.iter().filter_map(place).for_each(|i| {
                if !order.contains(&i) {
                    order.push(i)
                }
            });
            order
        });
        if order.is_empty() {
            return self.tell(words::one_column_stays());
        }
        let shown = order.len();
        let all = self.columns.with_value(Vec::len);
        let order: Vec<usize> = order.iter().copied().chain((0..all).filter(|i| !order.contains(i))).collect();
        self.arrange(|| {
            self.permute(&order);
            self.arranged.set_value((shown, frozen.min(shown)));
        });
    }

    fn permute(self, order: &[usize]) {
        let pick = |cells: &Vec<Raw>| order.iter().map(|i| cells[*i].clone()).collect::<Vec<_>>();
        self.columns.update_value(|columns| *columns = order.iter().map(|i| columns[*i].clone()).collect());
        self.widths.update_value(|widths| *widths = order.iter().map(|i| widths[*i]).collect());
        self.rows.update(|rows| {
            for block in rows.blocks.values_mut() {
                for row in Arc::make_mut(block) {
                    row.cells = pick(&row.cells);
                }
            }
            for row in &mut rows.drafts {
                row.cells = pick(&row.cells);
            }
        });
    }

    /// Draws everything anew after `change`; the active cell stays in its column.
    fn arrange(self, change: impl FnOnce()) {
        self.editing.set(None);
        let at = untrack(|| self.active());
        let name = at.and_then(|at| self.column(at.col)).map(|column| column.name);
        change();
        self.layout.update(|turn| *turn += 1);
        if let (Some(at), Some(name)) = (at, name) {
            let col = self.columns.with_value(|columns| columns.iter().position(|column| column.name == name));
            let col = col.filter(|col| *col < self.column_count()).unwrap_or(0);
            self.selection.set(Selection::at(Cell { col, ..at }));
        }
    }

    fn shown_names(self) -> Vec<String> {
        let shown = self.column_count();
        self.columns.with_value(|columns| columns[..shown].iter().map(|column| column.name.clone()).collect())
    }

    pub fn hide(self, col: usize) {
        let mut names = self.shown_names();
        if names.len() == 1 {
            return self.tell(words::one_column_stays());
        }
        let name = names.remove(col);
        let frozen = self.kept();
        self.show_columns(&names, frozen - usize::from(col < frozen));
        // What one does not see does not narrow what one sees.
        if self.filters.with_untracked(|filters| filters.contains_key(&name)) {
            self.filters.update(|filters| drop(filters.remove(&name)));
        }
    }

    /// Shows a hidden column where the author has it, as far as its neighbours are there.
    pub fn unhide(self, name: &str) {
        let mut names = self.shown_names();
        let author = self.author.get_value().0;
        let before = author.iter().position(|other| other == name).unwrap_or(author.len());
        let neighbour = author[..before].iter().rev().find_map(|other| names.iter().position(|shown| shown == other));
        let at = neighbour.map_or(0, |i| i + 1);
        names.insert(at, name.to_owned());
        let frozen = self.kept();
        self.show_columns(&names, frozen + usize::from(at < frozen));
    }

    /// Moves a column by one place; between those that stay in sight and the others it changes sides.
    pub fn shift(self, col: usize, right: bool) {
        let mut names = self.shown_names();
        let other = if right { col + 1 } else { col.wrapping_sub(1) };
        if other >= names.len() {
            return;
        }
        names.swap(col, other);
        self.show_columns(&names, self.kept());
    }

    /// Puts a column where another one is; that one makes room. It stays selected.
    pub fn move_column(self, from: usize, to: usize) {
        let mut names = self.shown_names();
        if from.max(to) >= names.len() {
            return;
        }
        let name = names.remove(from);
        names.insert(to, name);
        self.show_columns(&names, self.kept());
        self.selection.update(|selection| selection.widen(Along::Columns));
    }

    /// The columns up to this one stay in sight, or none does.
    pub fn freeze(self, count: usize) {
        if self.px_before(count) > MOST_FIXED * self.viewport.with_untracked(|viewport| viewport.width) {
            return self.tell(words::frozen_too_wide());
        }
        let shown = self.column_count();
        self.arrange(|| self.arranged.set_value((shown, count)));
    }

    pub fn set_width(self, col: usize, px: f64) {
        self.widths.update_value(|widths| widths[col] = px.clamp(NARROWEST, WIDEST).round());
        self.sizes.update(|turn| *turn += 1);
    }

    pub fn stretch(self, col: usize, by: f64) {
        let now = self.widths.with_value(|widths| widths[col]);
        self.set_width(col, now + by * STEP_PX);
    }

    /// As wide as the widest of what is here of it.
    pub fn fit(self, col: usize) {
        let (Some(column), Some(pen)) = (self.column(col), self.pen()) else { return };
        let measure = |text: &str| pen.measure_text(text).map_or(0.0, |metrics| metrics.width());
        let show = |raw: &Raw| self.store.show(raw, &column);
        let cells = self.rows.with_untracked(|rows| {
            let all = rows.blocks.values().flat_map(|block| block.iter()).chain(&rows.drafts);
            let widths = all.map(|row| measure(show(&row.cells[col]).lines().next().unwrap_or_default()));
            widths.fold(0.0, f64::max)
        });
        // Room around the text, and in the header for its buttons.
        self.set_width(col, f64::max(cells + 20.0, measure(&column.label) * 1.1 + 92.0));
    }

    /// What measures texts as they are drawn.
    fn pen(self) -> Option<CanvasRenderingContext2d> {
        let scroller = self.scroller.get_untracked()?;
        let window = web_sys::window()?;
        let font = window.get_computed_style(&scroller).ok()??.get_property_value("font").ok()?;
        let canvas = window.document()?.create_element("canvas").ok()?.dyn_into::<web_sys::HtmlCanvasElement>().ok()?;
        let pen = canvas.get_context("2d").ok()??.dyn_into::<CanvasRenderingContext2d>().ok()?;
        pen.set_font(&font);
        Some(pen)
    }
}

/// Names of the author's columns, and how many of them stay in sight.
#[must_use]
pub fn author(columns: &[ColumnView], frozen: usize) -> (Vec<String>, usize) {
    (columns.iter().map(|column| column.name.clone()).collect(), frozen)
}
