//! Does what keys mean: moves, selects, opens the editor, empties and fills.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use model::{ColumnType, Origin, Raw};

use super::geometry::{Cell, scroll_into};
use super::keys::{Command, Go, How, Key, command};
use super::load::Loaded;
use super::record::Part;
use super::selection::{Along, Selection, Step};
use super::state::{Editing, GridState};
use crate::client::Mark;
use crate::components::save_attached;

/// Cells that one gesture may change or copy. What is larger is a matter for a file.
pub const MOST_CELLS: u64 = 50_000;

impl GridState {
    /// A key on the grid itself, while no editor is open.
    pub fn on_key(self, event: &KeyboardEvent) {
        if self.editing.with_untracked(Option::is_some) || event.is_composing() {
            return;
        }
        let (key, control) = (self.arrow(event.key()), event.ctrl_key() || event.meta_key());
        let key = Key { key: &key, control, shift: event.shift_key(), alt: event.alt_key() };
        if command(key).is_some_and(|command| self.execute(command)) {
            event.prevent_default();
        }
    }

    /// False if there was nothing to do, so that the browser does what it always does.
    pub fn execute(self, command: Command) -> bool {
        let active = untrack(|| self.active());
        let at = active.unwrap_or_default();
        match command {
            // Where all groups are closed there is no row to go to.
            Command::Go(Go::Step(_), _) if active.is_none() && self.lines.with_untracked(|lines| !lines.is_empty()) => {
                self.go_to_head(0)
            }
            // The first arrow only shows where one is.
            Command::Go(Go::Step(_), _) if active.is_none() => self.go(at, How::Move),
            Command::Go(Go::Step(Step::Up), How::Move) if self.head_above(at.row).is_some() => {
                self.head_above(at.row).into_iter().for_each(|place| self.go_to_head(place))
            }
            Command::Go(to, how) => {
                self.go(untrack(|| self.target(to, how, at)), how);
                // A frozen column is in sight anyway; who goes to the start wants to see what follows it.
                if matches!(to, Go::RowStart | Go::First) {
                    self.scroller.get_untracked().iter().for_each(|scroller| self.scroll_along(scroller, 0.0));
                }
            }
            Command::Next(step) => return self.next(step),
            Command::Edit => self.edit(None),
            Command::Type(text) => return self.typed(at, active, text),
            Command::Clear => self.fill_with(""),
            Command::SelectAll => self.selection.set(Selection::all(at)),
            Command::SelectRows => self.selection.update(|selection| selection.widen(Along::Rows)),
            Command::SelectColumns => self.selection.update(|selection| selection.widen(Along::Columns)),
            Command::FillDown => self.fill(Step::Down),
            Command::FillRight => self.fill(Step::Right),
            Command::FillSeries => self.fill_series(),
            Command::SetAll => return self.ask_set_all(at.col),
            Command::OpenRow => self.open_record(Part::Fields),
            Command::Comment if self.table.with_value(Option::is_some) => self.open_record(Part::Comments),
            Command::Comment => return false,
            Command::GroupBy => return self.group_by(at.col),
            Command::Ungroup => return self.ungroup(),
            Command::CloseGroup => return self.close_group(),
            Command::OpenGroups => return self.open_all(),
            Command::AddRow => return self.add_row(),
            Command::DeleteRows => return self.delete_rows(),
            Command::Today => self.today(at),
            Command::Undo => drop(self.store.outbox.undo()),
            Command::Redo => drop(self.store.outbox.redo()),
            Command::GoToRow => self.going.set(true),
            Command::Find => self.finding.set(true),
            Command::Help => self.helping.set(true),
            Command::Note => return self.to_note(),
            Command::Menu => self.menu.set(Some(at.col)),
            Command::Escape => self.leave(at),
        }
        true
    }

    /// Makes a cell the active one, or the corner that the selection reaches to.
    pub fn go(self, cell: Cell, how: How) {
        let cell = untrack(|| self.bounds()).clamp(cell);
        match how {
            How::Move => self.selection.set(Selection::at(cell)),
            How::Extend => self.selection.update(|selection| selection.extend(cell)),
        }
        self.reveal(cell);
    }

    /// Scrolls no more than needed for a cell to be in sight.
    pub fn reveal(self, cell: Cell) {
        let Some(scroller) = self.scroller.get_untracked() else {
            return;
        };
        let width = f64::from(scroller.client_width());
        if cell.col >= self.frozen() {
            let (start, column) =
                self.widths.with_value(|widths| (widths[self.frozen()..cell.col].iter().sum(), widths[cell.col]));
            let left = self.scrolled_along(&scroller);
            if let Some(left) = scroll_into(start, column, left, width - self.fixed_px()) {
                self.scroll_along(&scroller, left);
            }
        }
        self.reveal_line(self.lines.with_untracked(|lines| lines.of_row(cell.row)));
    }

    /// The same for a line, whatever is in it.
    pub fn reveal_line(self, line: u64) {
        let Some(scroller) = self.scroller.get_untracked() else {
            return;
        };
        let top = self.viewport.with_untracked(|viewport| viewport.top);
        let height = self.row_px.get_untracked();
        let (row, room) = (line as f64 * height, self.track().room);
        if let Some(near) = scroll_into(row, height, top, room) {
            // What is far away comes into the middle, with its neighbours.
            let far = (near - top).abs() > 2.0 * room;
            self.scroll_to(if far { (row - (room - height) / 2.0).ceil() } else { near.ceil() });
        }
        // The grid may be partly outside the window.
        let top = self.viewport.with_untracked(|viewport| viewport.top);
        let from = scroller.get_bounding_client_rect().top() + height + row - top;
        let Some(window) = web_sys::window() else { return };
        let window_px = window.inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(f64::MAX);
        if let Some(by) = scroll_into(from, height, 0.0, window_px) {
            window.scroll_by_with_x_and_y(0.0, by);
        }
    }

    fn target(self, to: Go, how: How, at: Cell) -> Cell {
        // An extension goes on from the corner that moves.
        let at = match how {
            How::Extend => self.selection.with_untracked(Selection::corner).unwrap_or(at),
            How::Move => at,
        };
        let bounds = self.bounds();
        let Cell { row, col } = bounds.clamp(at);
        let last = bounds.clamp(Cell { row: u64::MAX, col: usize::MAX });
        match to {
            Go::Step(step) => beside(Cell { row, col }, step),
            Go::Edge(step) => edge(Cell { row, col }, last, step, |cell| self.is_filled(cell)),
            Go::Screen(step) => {
                let rows = ((self.track().room / self.row_px.get_untracked()) as u64).saturating_sub(1).max(1);
                match step {
                    Step::Down => Cell { row: row + rows, col },
                    Step::Up => Cell { row: row.saturating_sub(rows), col },
                    step => Cell { row, col: self.screen_beside(col, step) },
                }
            }
            Go::RowStart => Cell { row, col: 0 },
            Go::RowEnd => Cell { row, col: last.col },
            Go::First => Cell::default(),
            Go::Last => last,
        }
    }

    /// The column that is a screen's width away.
    fn screen_beside(self, col: usize, step: Step) -> usize {
        let room = self.viewport.with_untracked(|viewport| viewport.width) - self.fixed_px();
        let fitting = |widths: &mut dyn Iterator<Item = &f64>| {
            let sums = widths.scan(0.0, |sum, width| {
                *sum += width;
                Some(*sum)
            });
            sums.take_while(|sum| *sum <= room).count().max(1)
        };
        self.widths.with_value(|widths| match step {
            Step::Right => col + fitting(&mut widths[col..].iter()),
            _ => col.saturating_sub(fitting(&mut widths[..col].iter().rev())),
        })
    }

    /// Whether a cell has a value; `None` if its row is not here.
    fn is_filled(self, cell: Cell) -> Option<bool> {
        self.rows.with_untracked(|rows| rows.get(cell.row).map(drop))?;
        let shown = untrack(|| self.shown(cell)).unwrap_or(Raw::Null);
        Some(!shown.is_null() && shown.as_str() != Some(""))
    }

    /// Enter and Tab. In a single cell Enter edits, and at the end of a row Tab leaves the grid, so that nobody is caught.
    fn next(self, step: Step) -> bool {
        let bounds = untrack(|| self.bounds());
        if self.selection.try_update(|selection| selection.walk(step, bounds)) == Some(true) {
            untrack(|| self.active()).into_iter().for_each(|cell| self.reveal(cell));
            return true;
        }
        let Some(at) = untrack(|| self.active()) else { return false };
        match step {
            Step::Down | Step::Up if self.is_switch(at) => self.go(beside(at, step), How::Move),
            Step::Down | Step::Up => self.edit(None),
            Step::Left if at.col == 0 => return false,
            Step::Right if at.col + 1 >= bounds.cols => return false,
            step => self.go(beside(at, step), How::Move),
        }
        true
    }

    /// After an edit: on within the selection, or to the cell beside.
    pub fn step(self, step: Step) {
        let bounds = untrack(|| self.bounds());
        let walked = self.selection.try_update(|selection| selection.walk(step, bounds)) == Some(true);
        match untrack(|| self.active()) {
            Some(at) if walked || step == Step::Stay => self.reveal(at),
            Some(at) => self.go(beside(at, step), How::Move),
            None => {}
        }
    }

    /// A character: it replaces what is there, switches a yes or no, or asks for help where nothing can be typed.
    fn typed(self, at: Cell, active: Option<Cell>, text: String) -> bool {
        let column = self.column(at.col).filter(|_| active.is_some());
        let locked = active.is_none() || untrack(|| self.locked(at)).is_some();
        match (text.as_str(), column.map(|column| column.ty)) {
            ("?", ty)
                if locked || !matches!(ty, Some(ColumnType::Text | ColumnType::Choice { .. } | ColumnType::Choices { .. })) =>
            {
                self.helping.set(true)
            }
            (_, None) => return false,
            (" ", Some(ColumnType::Boolean)) => self.switch(at),
            ("y" | "Y" | "j" | "J" | "1", Some(ColumnType::Boolean)) if !locked => {
                self.type_into([(at, "yes".to_owned())], Origin::Grid)
            }
            ("n" | "N" | "0", Some(ColumnType::Boolean)) if !locked => self.type_into([(at, "no".to_owned())], Origin::Grid),
            (_, Some(ColumnType::Boolean)) if !locked => self.tell(words::space_switches()),
            _ => self.edit(Some(text)),
        }
        true
    }

    /// Turns a yes into a no, and anything else into a yes.
    pub fn switch(self, cell: Cell) {
        match self.locked(cell) {
            Some(reason) => self.store.announce(reason),
            None => {
                let on = untrack(|| self.shown(cell)) == Some(Raw::Bool(true));
                self.type_into([(cell, if on { "no" } else { "yes" }.to_owned())], Origin::Grid);
            }
        }
    }

    fn is_switch(self, cell: Cell) -> bool {
        self.column(cell.col).is_some_and(|column| column.ty == ColumnType::Boolean)
    }

    fn leave(self, at: Cell) {
        if !self.selection.with_untracked(Selection::is_single) {
            return self.selection.set(Selection::at(at));
        }
        if let Some(id) = untrack(|| self.id(at)) {
            self.store.outbox.discard(&id);
        }
    }

    /// Opens the editor, or saves the file that is there; `typed` replaces what is there, as in a spreadsheet.
    pub fn edit(self, typed: Option<String>) {
        let Some(cell) = untrack(|| self.active()) else {
            return;
        };
        let file = || self.rows.with_untracked(|rows| self.file(rows.get(cell.row)?, cell.col));
        if let Some((request, name)) = typed.is_none().then(file).flatten() {
            return save_attached(self.store, request, name);
        }
        if let Some(reason) = self.locked(cell) {
            return self.store.announce(reason);
        }
        if self.is_switch(cell) && typed.is_none() {
            return self.switch(cell);
        }
        let (Some(column), Some(row)) = (self.column(cell.col), self.rows.with_untracked(|rows| rows.get(cell.row).cloned()))
        else {
            return;
        };
        let current = || {
            let raw = untrack(|| self.shown(cell)).unwrap_or(Raw::Null);
            self.store.locale.with_value(|locale| locale.typed_text(&raw, &column.ty, column.format))
        };
        let is_typed = typed.is_some();
        let text = typed.or_else(|| untrack(|| self.rejected_text(cell))).unwrap_or_else(current);
        self.editing.set(Some(Editing { cell, text, typed: is_typed, row }));
    }

    /// Closes the editor; `text` is what was typed, `None` to leave the cell as it was.
    pub fn finish(self, text: Option<String>, step: Step) {
        let Some(editing) = self.editing.get_untracked() else {
            return;
        };
        self.editing.set(None);
        if let Some(text) = text {
            self.take(&editing, text);
        }
        self.step(step);
        self.focus();
    }

    /// Closes the editor and fills the whole selection with what was typed.
    pub fn finish_everywhere(self, text: &str) {
        let format =
            self.editing.get_untracked().and_then(|editing| self.column(editing.cell.col)).and_then(|column| column.format);
        self.editing.set(None);
        self.fill_with(&self.store.locale.with_value(|locale| locale.as_typed(text, format)));
        self.focus();
    }

    /// Puts the keyboard back on the grid.
    /// The same as what a menu does when it is closed.
    #[must_use]
    pub fn back(self) -> Callback<()> {
        Callback::new(move |()| self.focus())
    }

    pub fn focus(self) {
        if let Some(scroller) = self.scroller.get_untracked() {
            let _ = scroller.focus();
        }
    }

    /// What was typed into a cell and refused, so that its person can mend it instead of typing it again.
    pub fn rejected_text(self, cell: Cell) -> Option<String> {
        let id = self.id(cell)?;
        self.store.outbox.marks.with(|marks| match marks.get(&id) {
            Some(Mark::Rejected { typed, .. }) => Some(typed.clone()),
            _ => None,
        })
    }

    /// The selection's rectangles, if one gesture may change or copy as many cells; else that is said.
    pub fn selected(self) -> Option<Vec<(Cell, Cell)>> {
        let bounds = untrack(|| self.bounds());
        let (rectangles, count) =
            self.selection.with_untracked(|selection| (selection.rectangles(bounds), selection.count(bounds)));
        if count > MOST_CELLS {
            self.tell(words::selected_at_most(count, MOST_CELLS));
            return None;
        }
        (!rectangles.is_empty()).then_some(rectangles)
    }

    /// A cell's value as it would be typed.
    pub fn text_of(self, rows: &Loaded, cell: Cell) -> String {
        let (Some(row), Some(own)) = (rows.get(cell.row), self.column(cell.col)) else {
            return String::new();
        };
        let raw = untrack(|| self.shown_in(row, cell.col));
        self.store.locale.with_value(|locale| locale.edit_text(&raw, &own.ty))
    }

    fn today(self, at: Cell) {
        let day = Raw::from(self.store.today().to_string());
        let text = match self.column(at.col).map(|column| column.ty) {
            Some(ColumnType::Timestamp) => {
                let now = Raw::from(String::from(js_sys::Date::new_0().to_iso_string()));
                self.store.locale.with_value(|locale| locale.edit_text(&now, &ColumnType::Timestamp))
            }
            _ => self.store.locale.with_value(|locale| locale.edit_text(&day, &ColumnType::Date)),
        };
        self.type_into([(at, text)], Origin::Grid);
    }
}

/// The cells of a rectangle, row by row.
pub fn cells_of((from, to): (Cell, Cell)) -> impl Iterator<Item = Cell> {
    (from.row..=to.row).flat_map(move |row| (from.col..=to.col).map(move |col| Cell { row, col }))
}

fn beside(Cell { row, col }: Cell, step: Step) -> Cell {
    match step {
        Step::Stay => Cell { row, col },
        Step::Down => Cell { row: row + 1, col },
        Step::Up => Cell { row: row.saturating_sub(1), col },
        Step::Right => Cell { row, col: col + 1 },
        Step::Left => Cell { row, col: col.saturating_sub(1) },
    }
}

/// From a filled cell the last of those that follow each other, else the next that is filled; the table's edge if there is
/// none, or if what lies on the way is not known.
fn edge(at: Cell, last: Cell, step: Step, is_filled: impl Fn(Cell) -> Option<bool>) -> Cell {
    let edge = match step {
        Step::Down => Cell { row: last.row, ..at },
        Step::Up => Cell { row: 0, ..at },
        Step::Right => Cell { col: last.col, ..at },
        _ => Cell { col: 0, ..at },
    };
    let filled_after = |cell| if cell == edge { Some(false) } else { is_filled(beside(cell, step)) };
    let within = is_filled(at) == Some(true) && filled_after(at) == Some(true);
    let mut cell = at;
    while cell != edge {
        match (filled_after(cell), within) {
            (None, _) => return edge,
            (Some(false), true) => return cell,
            (Some(true), false) => return beside(cell, step),
            _ => cell = beside(cell, step),
        }
    }
    edge
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_an_arrow_go_from_block_to_block() {
        let column = [true, true, false, false, true, false];
        let is_filled = |cell: Cell| if cell.row < 8 { column.get(cell.row as usize).copied().or(Some(false)) } else { None };
        let go = |row, step, last| edge(Cell { row, col: 0 }, Cell { row: last, col: 0 }, step, is_filled).row;
        assert_eq!(go(0, Step::Down, 7), 1, "the end of the block");
        assert_eq!(go(1, Step::Down, 7), 4, "the next block");
        assert_eq!(go(4, Step::Down, 7), 7, "the end of the table");
        assert_eq!(go(7, Step::Up, 7), 4);
        assert_eq!(go(4, Step::Up, 7), 1);
        assert_eq!(go(4, Step::Down, 900), 900, "where rows are not here");
        assert_eq!(go(0, Step::Up, 7), 0);
    }
}
