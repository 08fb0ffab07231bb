//! The mouse: a press on a cell, a row's number or a column's name selects it, a drag extends that, beyond the edge with
//! scrolling. Touch scrolls; a tap selects.

use std::time::Duration;

use gloo_timers::future::sleep;
use leptos::ev::{MouseEvent, PointerEvent};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Document, Element, ShadowRoot, window};

use super::fill::Filling;
use super::geometry::Cell;
use super::keys::How;
use super::record::Part;
use super::selection::{Along, Selection};
use super::state::GridState;

/// What a drag began on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grip {
    Cells,
    Rows,
    Columns,
    /// The corner of the selection, to fill from it.
    Corner,
    /// The name of the column that is selected, to move it.
    Name,
}

/// A button held down, and where the pointer is now, in pixels of the window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drag {
    grip: Grip,
    x: f64,
    y: f64,
}

/// What of the grid is within the window, in its pixels.
struct Edges {
    top: f64,
    bottom: f64,
    left: f64,
    right: f64,
}

impl Edges {
    fn of(grid: &Element) -> Self {
        let all = grid.get_bounding_client_rect();
        let size = |size: Option<Result<JsValue, JsValue>>| size.and_then(|size| size.ok()?.as_f64()).unwrap_or(f64::MAX);
        let (width, height) = (size(window().map(|w| w.inner_width())), size(window().map(|w| w.inner_height())));
        Self {
            top: all.top().max(0.0),
            bottom: all.bottom().min(height),
            left: all.left().max(0.0),
            right: all.right().min(width),
        }
    }
}

/// What lies under the pointer, by its row and its column as assistive technology knows it.
fn under(target: &Element) -> Option<(Grip, Cell)> {
    let number = |element: &Element, name| element.get_attribute(name)?.parse::<u64>().ok();
    let closest = |selector| target.closest(selector).ok().flatten();
    let corner = closest(".grid-corner-grip").is_some();
    let row = closest("[role=row]").and_then(|row| number(&row, "data-row"));
    let col = |cell: &Element| Some(usize::try_from(number(cell, "aria-colindex")?).ok()?.saturating_sub(1));
    if let (Some(cell), Some(row)) = (closest("[role=gridcell]"), row) {
        return Some((if corner { Grip::Corner } else { Grip::Cells }, Cell { row, col: col(&cell)? }));
    }
    if let (Some(_), Some(row)) = (closest(".grid-number"), row) {
        return Some((Grip::Rows, Cell { row, col: 0 }));
    }
    let header = closest("[role=columnheader]")?;
    Some((Grip::Columns, Cell { row: 0, col: col(&header)? }))
}

/// How often a drag beyond the edge scrolls on.
const STEP_MS: u64 = 50;
/// Room for a scroll bar, in CSS pixels.
const BAR_PX: f64 = 18.0;

impl GridState {
    pub fn on_press(self, event: &PointerEvent) {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let Some(target) = target.filter(|_| event.button() == 0) else { return };
        // Buttons do what they say.
        if target.closest("button, input, select, textarea, .grid-open").ok().flatten().is_some() {
            return;
        }
        let Some((mut grip, cell)) = under(&target) else { return };
        let plain = !(event.shift_key() || event.ctrl_key() || event.meta_key());
        if grip == Grip::Columns && plain && self.selection.with_untracked(Selection::column) == Some(cell.col) {
            grip = Grip::Name;
        }
        // Touch scrolls, but for the corner, which is there to be dragged.
        let touched = event.pointer_type() == "touch";
        if touched && grip != Grip::Corner {
            return;
        }
        // Under a finger the corner is the whole end of the cell, and two taps there begin to type.
        self.corner.set_value(grip == Grip::Corner && !touched);
        self.checking.set_value(target.closest(".grid-check").ok().flatten().map(|_| cell));
        match grip {
            Grip::Corner => self.take_corner(),
            Grip::Name => self.moving.set(Some((cell.col, cell.col))),
            grip => self.pick(grip, cell, event.shift_key(), event.ctrl_key() || event.meta_key()),
        }
        if let Some(scroller) = self.scroller.get_untracked() {
            let _ = scroller.set_pointer_capture(event.pointer_id());
        }
        self.drag.set(Some(Drag { grip, x: f64::from(event.client_x()), y: f64::from(event.client_y()) }));
        self.scroll_while_dragging();
    }

    /// A tap, which touch sends when it was no scroll.
    pub fn on_tap(self, event: &MouseEvent) {
        let pressed = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let opens = pressed.as_ref().filter(|pressed| pressed.closest(".grid-open").ok().flatten().is_some());
        if let Some((_, cell)) = opens.and_then(under) {
            let col = untrack(|| self.active()).map_or(0, |at| at.col);
            self.selection.set(Selection::at(Cell { col, ..cell }));
            let talked = self.rows.with_untracked(|rows| rows.get(cell.row).is_some_and(|row| row.threads > 0));
            return self.open_record(if talked { Part::Comments } else { Part::Fields });
        }
        let touched = event.dyn_ref::<PointerEvent>().is_some_and(|event| event.pointer_type() == "touch");
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok()).filter(|_| touched);
        if let Some((grip, cell)) = target.as_ref().and_then(under) {
            self.pick(grip, cell, false, false);
            if target.is_some_and(|target| target.closest(".grid-check").ok().flatten().is_some()) {
                self.switch(cell);
            }
        }
    }

    pub fn on_double(self, event: &MouseEvent) {
        // The pointer is held by the grid itself while a button is down, so the cell is the one that is active.
        if self.corner.get_value() {
            return self.fill_to_end();
        }
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let button = target.is_some_and(|target| target.closest("button, .grid-head, input, select").ok().flatten().is_some());
        if !button {
            self.edit(None);
        }
    }

    fn pick(self, grip: Grip, cell: Cell, extend: bool, add: bool) {
        // A whole row or column keeps the corner where it was, so that nothing scrolls away.
        match (extend, add) {
            (true, _) => self.selection.update(|selection| selection.extend(cell)),
            (_, true) => self.selection.update(|selection| selection.add(cell)),
            _ => self.selection.set(Selection::at(cell)),
        }
        self.widen(grip);
        if grip == Grip::Cells {
            self.reveal(cell);
        }
    }

    fn widen(self, grip: Grip) {
        match grip {
            Grip::Cells | Grip::Corner | Grip::Name => {}
            Grip::Rows => self.selection.update(|selection| selection.widen(Along::Rows)),
            Grip::Columns => self.selection.update(|selection| selection.widen(Along::Columns)),
        }
    }

    pub fn on_move(self, event: &PointerEvent) {
        if self.drag.with_untracked(Option::is_none) {
            return;
        }
        if event.buttons() != 1 {
            return self.on_cancel();
        }
        let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
        self.drag.update(|drag| drag.iter_mut().for_each(|drag| (drag.x, drag.y) = (x, y)));
        self.drag_to();
    }

    /// With Ctrl a fill copies what it would have gone on with.
    pub fn on_release(self, event: &PointerEvent) {
        self.drag.set(None);
        if let Some((from, to)) = self.moving.try_update(Option::take).flatten().filter(|(from, to)| from != to) {
            self.move_column(from, to);
        }
        if let Some(cell) =
            self.checking.try_update_value(Option::take).flatten().filter(|cell| {
                self.selection.with_untracked(|selection| selection.is_single() && selection.active() == Some(*cell))
            })
        {
            self.switch(cell);
        }
        if let Some(filling) = self.filling.try_update(Option::take).flatten().filter(|filling| filling.all != filling.source) {
            self.fill_from(filling, event.ctrl_key() || event.meta_key());
        }
    }

    pub fn on_cancel(self) {
        self.drag.set(None);
        self.filling.set(None);
        self.moving.set(None);
    }

    fn take_corner(self) {
        let bounds = untrack(|| self.bounds());
        let source = self.selection.with_untracked(|selection| selection.rectangles(bounds).first().copied());
        self.filling.set(source.map(|source| Filling { source, all: source }));
    }

    /// Extends the selection to what is under the pointer, or nearest to it.
    fn drag_to(self) {
        let (Some(drag), Some(scroller)) = (self.drag.get_untracked(), self.scroller.get_untracked()) else {
            return;
        };
        let edges = Edges::of(&scroller);
        let before_x = if drag.grip == Grip::Rows { 0.0 } else { self.number_px.get_untracked() };
        let row = self.row_px.get_untracked();
        let by_name = matches!(drag.grip, Grip::Columns | Grip::Name);
        let before_y = if by_name { 0.0 } else { row };
        // The scroll bars are at the ends.
        let clamp = |at: f64, from: f64, to: f64| at.max(from).min(to.max(from));
        let x = if self.store.from_right() {
            clamp(drag.x, edges.left + BAR_PX, edges.right - before_x - 2.0)
        } else {
            clamp(drag.x, edges.left + before_x + 2.0, edges.right - BAR_PX)
        };
        let y = clamp(drag.y, edges.top + before_y + 2.0, edges.bottom - BAR_PX);
        let root = scroller.get_root_node();
        let (x, y) = (x as f32, y as f32);
        let found = match root.dyn_ref::<ShadowRoot>() {
            Some(root) => root.element_from_point(x, y),
            None => root.dyn_ref::<Document>().and_then(|page| page.element_from_point(x, y)),
        };
        let Some((_, cell)) = found.as_ref().and_then(under) else { return };
        if let Some((from, _)) = self.moving.get_untracked() {
            return self.moving.set(Some((from, cell.col)));
        }
        if let Some(filling) = self.filling.get_untracked() {
            return self.filling.set(Some(Filling::to(filling.source, cell)));
        }
        if self.selection.with_untracked(Selection::corner) != Some(cell) {
            self.selection.update(|selection| selection.extend(cell));
            self.widen(drag.grip);
        }
    }

    /// As long as a drag is beyond the edge, the grid goes on scrolling towards it.
    fn scroll_while_dragging(self) {
        spawn_local(async move {
            loop {
                sleep(Duration::from_millis(STEP_MS)).await;
                let (Some(Some(drag)), Some(scroller)) = (self.drag.try_get_untracked(), self.scroller.get_untracked()) else {
                    return;
                };
                let edges = Edges::of(&scroller);
                let beyond = |at: f64, from: f64, to: f64| (at - to).max(0.0) - (from - at).max(0.0);
                let row = self.row_px.get_untracked();
                let down = beyond(drag.y, edges.top + row, edges.bottom);
                let right = beyond(drag.x, edges.left, edges.right);
                if down != 0.0 && !matches!(drag.grip, Grip::Columns | Grip::Name) {
                    let top = self.viewport.with_untracked(|viewport| viewport.top);
                    self.scroll_to(top + down.signum() * row * (1.0 + (down.abs() / 32.0).floor()));
                    self.drag_to();
                }
                if right != 0.0 && drag.grip != Grip::Rows {
                    scroller.set_scroll_left(scroller.scroll_left() + (right.signum() * 64.0) as i32);
                    self.drag_to();
                }
            }
        });
    }

    /// The number of a row extends or begins a selection of whole rows; the corner selects everything.
    pub fn select_all(self) {
        let at = untrack(|| self.active()).unwrap_or_default();
        self.go(at, How::Move);
        self.selection.set(Selection::all(at));
        self.focus();
    }
}
