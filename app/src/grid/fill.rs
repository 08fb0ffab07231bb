//! Fills: the selection's first row or column into the rest, or what it holds beyond its edge, as a series.

use leptos::prelude::*;
use model::{MOST_EACH, MOST_EDITS, Origin, Value};

use super::commands::{MOST_CELLS, cells_of};
use super::geometry::{Cell, contains};
use super::load::Loaded;
use super::selection::{Selection, Step};
use super::series::continued;
use super::state::GridState;

/// A fill that the pointer is about to make.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Filling {
    /// What is filled from.
    pub source: (Cell, Cell),
    /// All that there is afterwards: the source and what is filled, on one side of it.
    pub all: (Cell, Cell),
}

impl Filling {
    /// The fill from `source` to a cell that the pointer is at: along rows or columns, wherever it is further out.
    #[must_use]
    pub fn to(source: (Cell, Cell), at: Cell) -> Self {
        let (from, to) = source;
        let rows = at.row.saturating_sub(to.row).max(from.row.saturating_sub(at.row));
        let cols = at.col.saturating_sub(to.col).max(from.col.saturating_sub(at.col));
        // A column is some four rows wide.
        let all = if rows >= 4 * cols as u64 {
            (Cell { row: from.row.min(at.row), ..from }, Cell { row: to.row.max(at.row), ..to })
        } else {
            (Cell { col: from.col.min(at.col), ..from }, Cell { col: to.col.max(at.col), ..to })
        };
        Self { source, all }
    }

    /// Whether a cell would be filled.
    #[must_use]
    pub fn covers(&self, cell: Cell) -> bool {
        contains(self.all, cell) && !contains(self.source, cell)
    }
}

impl GridState {
    /// Puts the same text into every selected cell that can be typed into.
    pub fn fill_with(self, text: &str) {
        let Some(rectangles) = self.selected() else { return };
        let text = text.to_owned();
        self.with_rows(rectangles.clone(), move |state, rows| {
            let cells = rectangles.into_iter().flat_map(cells_of).filter(|cell| state.is_open(&rows, *cell));
            state.type_rows(&rows, cells.map(|cell| (cell, text.clone())), Origin::Fill);
        });
    }

    /// Each range's first row goes into the rows below it, or its first column into those after; of a single row or column
    /// what is before it.
    pub fn fill(self, step: Step) {
        let Some(rectangles) = self.selected() else { return };
        let before = |(from, to): (Cell, Cell)| match step {
            Step::Down if from.row == to.row => (Cell { row: from.row.saturating_sub(1), ..from }, to),
            Step::Right if from.col == to.col => (Cell { col: from.col.saturating_sub(1), ..from }, to),
            _ => (from, to),
        };
        let rectangles: Vec<(Cell, Cell)> = rectangles.into_iter().map(before).collect();
        self.with_rows(rectangles.clone(), move |state, rows| {
            let copy = |(from, to): (Cell, Cell)| {
                cells_of((from, to)).filter_map(move |cell| {
                    let model = if step == Step::Down { Cell { row: from.row, ..cell } } else { Cell { col: from.col, ..cell } };
                    (model != cell).then_some((model, cell))
                })
            };
            let texts = rectangles.iter().copied().flat_map(copy).filter(|(_, cell)| state.is_open(&rows, *cell));
            let texts: Vec<(Cell, String)> = texts.map(|(model, cell)| (cell, state.text_of(&rows, model))).collect();
            state.type_rows(&rows, texts, Origin::Fill);
        });
    }

    /// The selection's filled rows go on into the blank ones below them.
    pub fn fill_series(self) {
        let Some(rectangles) = self.selected() else { return };
        let [(from, to)] = rectangles[..] else {
            return self.tell(words::series_one_range());
        };
        self.with_rows(rectangles, move |state, rows| {
            let filled = |row: &u64| (from.col..=to.col).all(|col| state.has_value(&rows, Cell { row: *row, col }));
            let last = from.row + ((from.row..=to.row).take_while(filled).count() as u64).max(1) - 1;
            state.fill_from(Filling { source: (from, Cell { row: last, ..to }), all: (from, to) }, false);
        });
    }

    /// Fills what a drag has covered: by a series, or with copies.
    pub fn fill_from(self, filling: Filling, copies: bool) {
        let Filling { source, all } = filling;
        let (from, to) = all;
        let cells = (to.row - from.row + 1).saturating_mul((to.col - from.col + 1) as u64);
        if cells > MOST_CELLS || to.row - from.row >= MOST_EDITS as u64 {
            return self.tell(words::fill_at_most(MOST_CELLS, MOST_EDITS));
        }
        let mut selection = Selection::at(source.0);
        selection.reach(from, to);
        self.selection.set(selection);
        self.with_rows(vec![all], move |state, rows| {
            let texts: Vec<(Cell, String)> = lines(filling)
                .into_iter()
                .flat_map(|line| state.go_on(&rows, &line, copies))
                .filter(|(cell, _)| state.is_open(&rows, *cell))
                .collect();
            if texts.is_empty() && source != all {
                return state.tell(words::fill_nothing());
            }
            state.type_rows(&rows, texts, Origin::Fill);
        });
    }

    /// One line's values go on into its blank cells, as they would be typed there.
    fn go_on(self, rows: &Loaded, line: &Line, copies: bool) -> Vec<(Cell, String)> {
        let Some(column) = line.known.first().and_then(|cell| self.column(cell.col)) else { return Vec::new() };
        let repeated = || (0..line.blank.len()).map(|i| self.text_of(rows, line.model(i))).collect::<Vec<_>>();
        // Only along one type there is a series.
        let same = |cell: &Cell| self.column(cell.col).is_some_and(|other| other.ty == column.ty);
        let texts = if copies || !line.known.iter().all(same) {
            repeated()
        } else {
            let value = |cell: &Cell| {
                let raw = untrack(|| rows.get(cell.row).map(|row| self.shown_in(row, cell.col)))?;
                Value::from_wire(&raw, &column.ty).ok()
            };
            match line.known.iter().map(value).collect::<Option<Vec<Value>>>() {
                Some(values) => {
                    let next = self.store.locale.with_value(|locale| {
                        continued(&values, &column.ty, column.format, locale.zone(), line.blank.len(), line.backwards)
                    });
                    let text =
                        |value: &Value| self.store.locale.with_value(|locale| locale.edit_text(&value.to_wire(), &column.ty));
                    next.iter().map(text).collect()
                }
                None => repeated(),
            }
        };
        line.blank.iter().copied().zip(texts).collect()
    }

    fn has_value(self, rows: &Loaded, cell: Cell) -> bool {
        let shown = rows.get(cell.row).map(|row| untrack(|| self.shown_in(row, cell.col)));
        shown.is_some_and(|raw| !raw.is_null() && raw.as_str() != Some(""))
    }

    /// Fills the selection down as far as the column beside it goes, as a double click on its corner does.
    pub fn fill_to_end(self) {
        let Some(rectangles) = self.selected() else { return };
        let [source @ (from, to)] = rectangles[..] else { return };
        let stored = self.rows.with_untracked(|rows| rows.total);
        let reach = (to.row + MOST_EACH as u64).min(stored.saturating_sub(1));
        if reach <= to.row {
            return;
        }
        let beside = [from.col.checked_sub(1), (to.col + 1 < self.column_count()).then_some(to.col + 1)];
        let around = |col: usize| (Cell { row: from.row, col }, Cell { row: reach, col });
        let all = (from.col..=to.col).chain(beside.into_iter().flatten()).map(around).collect();
        self.with_rows(all, move |state, rows| {
            let filled = |row: u64, col: usize| state.has_value(&rows, Cell { row, col });
            let Some(col) = beside.into_iter().flatten().find(|col| filled(to.row + 1, *col)) else {
                return state.tell(words::fill_no_neighbour());
            };
            let last = (to.row + 1..=reach).take_while(|row| filled(*row, col)).last().unwrap_or(to.row);
            if last == reach && reach + 1 < stored {
                return state.tell(words::fill_neighbour_too_long(MOST_EACH));
            }
            state.fill_from(Filling { source, all: (from, Cell { row: last, ..to }) }, false);
        });
    }
}

/// A row or column of a fill: the cells that are known, and those that follow them, from the edge outwards.
struct Line {
    known: Vec<Cell>,
    blank: Vec<Cell>,
    backwards: bool,
}

impl Line {
    /// The cell that is copied into the blank one at `i`.
    fn model(&self, i: usize) -> Cell {
        let n = self.known.len();
        self.known[if self.backwards { n - 1 - i % n } else { i % n }]
    }
}

fn lines(Filling { source: (from, to), all: (first, last) }: Filling) -> Vec<Line> {
    let line = |known: Vec<Cell>, before: Vec<Cell>, after: Vec<Cell>| {
        let backwards = after.is_empty();
        Line { known, blank: if backwards { before } else { after }, backwards }
    };
    if first.row < from.row || last.row > to.row {
        let of = |col| {
            let at = move |row| Cell { row, col };
            let (before, after) = ((first.row..from.row).rev().map(at), (to.row + 1..=last.row).map(at));
            line((from.row..=to.row).map(at).collect(), before.collect(), after.collect())
        };
        (from.col..=to.col).map(of).collect()
    } else {
        let of = |row| {
            let at = move |col| Cell { row, col };
            let (before, after) = ((first.col..from.col).rev().map(at), (to.col + 1..=last.col).map(at));
            line((from.col..=to.col).map(at).collect(), before.collect(), after.collect())
        };
        (from.row..=to.row).map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(row: u64, col: usize) -> Cell {
        Cell { row, col }
    }

    #[test]
    fn a_fill_goes_the_way_that_the_pointer_is_further_out() {
        let source = (cell(5, 2), cell(6, 3));
        assert_eq!(Filling::to(source, cell(9, 3)).all, (cell(5, 2), cell(9, 3)));
        assert_eq!(Filling::to(source, cell(1, 2)).all, (cell(1, 2), cell(6, 3)));
        assert_eq!(Filling::to(source, cell(7, 6)).all, (cell(5, 2), cell(6, 6)));
        assert_eq!(Filling::to(source, cell(6, 0)).all, (cell(5, 0), cell(6, 3)));
        assert_eq!(Filling::to(source, cell(6, 3)).all, source);
        assert!(Filling::to(source, cell(9, 3)).covers(cell(8, 2)) && !Filling::to(source, cell(9, 3)).covers(cell(6, 2)));
    }

    #[test]
    fn cells_follow_from_the_edge_outwards() {
        let source = (cell(5, 2), cell(6, 2));
        let up = lines(Filling::to(source, cell(2, 2)));
        assert_eq!(up[0].blank, [cell(4, 2), cell(3, 2), cell(2, 2)]);
        assert!(up[0].backwards);
        assert_eq!((up[0].model(0), up[0].model(1), up[0].model(2)), (cell(6, 2), cell(5, 2), cell(6, 2)));
        let down = lines(Filling::to(source, cell(8, 2)));
        assert_eq!(down[0].blank, [cell(7, 2), cell(8, 2)]);
        assert_eq!((down[0].model(0), down[0].model(1)), (cell(5, 2), cell(6, 2)));
    }
}
