//! What is selected: ranges of cells, the last of which can be extended, and the active cell within it. Values only.

use super::geometry::{Cell, contains, rectangle};

/// Where typed text goes after Enter and Tab, and which way an arrow goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Stay,
    Down,
    Up,
    Right,
    Left,
}

/// How many rows and columns there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    pub rows: u64,
    pub cols: usize,
}

impl Bounds {
    /// The nearest cell that there is.
    #[must_use]
    pub fn clamp(self, cell: Cell) -> Cell {
        Cell { row: cell.row.min(self.rows.saturating_sub(1)), col: cell.col.min(self.cols.saturating_sub(1)) }
    }
}

/// A rectangle by two of its corners: one stays, the other moves with the pointer or with Shift and an arrow.
///
/// Whole columns reach to the last row that there will ever be, whole rows to the last column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    from: Cell,
    to: Cell,
}

const LAST: Cell = Cell { row: u64::MAX, col: usize::MAX };

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    ranges: Vec<Range>,
    active: Option<Cell>,
}

impl Selection {
    /// One cell, which is the active one.
    #[must_use]
    pub fn at(cell: Cell) -> Self {
        Self { ranges: vec![Range { from: cell, to: cell }], active: Some(cell) }
    }

    /// All cells; the active one stays.
    #[must_use]
    pub fn all(active: Cell) -> Self {
        Self { ranges: vec![Range { from: Cell::default(), to: LAST }], active: Some(active) }
    }

    /// The cell that is typed into.
    #[must_use]
    pub fn active(&self) -> Option<Cell> {
        self.active
    }

    /// The corner of the last range that moves.
    #[must_use]
    pub fn corner(&self) -> Option<Cell> {
        self.ranges.last().map(|range| range.to)
    }

    /// The last range grows or shrinks so that `to` is its corner.
    pub fn extend(&mut self, to: Cell) {
        match self.ranges.last_mut() {
            Some(range) => range.to = to,
            None => *self = Self::at(to),
        }
    }

    /// The last range reaches from one cell to another; the active cell stays.
    pub fn reach(&mut self, from: Cell, to: Cell) {
        if let Some(range) = self.ranges.last_mut() {
            *range = Range { from, to };
        }
    }

    /// The column that is selected, if it is one as a whole and nothing else.
    #[must_use]
    pub fn column(&self) -> Option<usize> {
        let [only] = self.ranges.as_slice() else { return None };
        let whole = only.from.row == 0 && only.to.row == LAST.row && only.from.col == only.to.col;
        whole.then_some(only.from.col)
    }

    /// Where a range can be taken hold of to be filled further: its last cell, if it is the only one and has an end.
    #[must_use]
    pub fn handle(&self) -> Option<Cell> {
        let [only] = self.ranges.as_slice() else { return None };
        let (_, last) = rectangle(only.from, only.to);
        (last.row < LAST.row && last.col < LAST.col).then_some(last)
    }

    /// One more range, of one cell.
    pub fn add(&mut self, cell: Cell) {
        self.ranges.push(Range { from: cell, to: cell });
        self.active = Some(cell);
    }

    /// The last range becomes whole rows, or whole columns.
    pub fn widen(&mut self, along: Along) {
        if let Some(range) = self.ranges.last_mut() {
            match along {
                Along::Rows => (range.from.col, range.to.col) = (0, LAST.col),
                Along::Columns => (range.from.row, range.to.row) = (0, LAST.row),
            }
        }
    }

    /// Everything `by` rows further down, or up; whole columns stay what they are.
    pub fn shift(&mut self, by: i64) {
        let moved = |cell: &mut Cell| {
            if cell.row != LAST.row {
                cell.row = cell.row.saturating_add_signed(by);
            }
        };
        for range in &mut self.ranges {
            let whole = range.from.row == 0 && range.to.row == LAST.row;
            if !whole {
                moved(&mut range.from);
                moved(&mut range.to);
            }
        }
        self.active.iter_mut().for_each(moved);
    }

    #[must_use]
    pub fn contains(&self, cell: Cell) -> bool {
        self.ranges.iter().any(|range| contains(rectangle(range.from, range.to), cell))
    }

    /// Whether any cell of a row is in it.
    #[must_use]
    pub fn has_row(&self, row: u64) -> bool {
        self.ranges.iter().any(|range| (range.from.row.min(range.to.row)..=range.from.row.max(range.to.row)).contains(&row))
    }

    /// Whether it is no more than the active cell.
    #[must_use]
    pub fn is_single(&self) -> bool {
        match self.ranges.as_slice() {
            [] => true,
            [only] => only.from == only.to,
            _ => false,
        }
    }

    /// Its rectangles as far as there are cells: top left and bottom right, both within, in the order they were made.
    #[must_use]
    pub fn rectangles(&self, bounds: Bounds) -> Vec<(Cell, Cell)> {
        if bounds.rows == 0 || bounds.cols == 0 {
            return Vec::new();
        }
        self.ranges.iter().map(|range| rectangle(bounds.clamp(range.from), bounds.clamp(range.to))).collect()
    }

    /// How many cells its rectangles have together.
    #[must_use]
    pub fn count(&self, bounds: Bounds) -> u64 {
        let area = |(from, to): (Cell, Cell)| (to.row - from.row + 1).saturating_mul((to.col - from.col + 1) as u64);
        self.rectangles(bounds).into_iter().map(area).fold(0, u64::saturating_add)
    }

    /// The active cell goes on within a selection of several cells, from its end to its beginning; false for a single cell.
    pub fn walk(&mut self, step: Step, bounds: Bounds) -> bool {
        let rectangles = self.rectangles(bounds);
        let (Some(active), false) = (self.active, self.is_single()) else {
            return false;
        };
        let here = rectangles.iter().rposition(|range| contains(*range, active)).unwrap_or(0);
        let Some((from, to)) = rectangles.get(here).copied() else {
            return false;
        };
        let Cell { row, col } = active;
        let next = match step {
            Step::Stay => Some(active),
            Step::Down if row < to.row => Some(Cell { row: row + 1, col }),
            Step::Down if col < to.col => Some(Cell { row: from.row, col: col + 1 }),
            Step::Up if row > from.row => Some(Cell { row: row - 1, col }),
            Step::Up if col > from.col => Some(Cell { row: to.row, col: col - 1 }),
            Step::Right if col < to.col => Some(Cell { row, col: col + 1 }),
            Step::Right if row < to.row => Some(Cell { row: row + 1, col: from.col }),
            Step::Left if col > from.col => Some(Cell { row, col: col - 1 }),
            Step::Left if row > from.row => Some(Cell { row: row - 1, col: to.col }),
            _ => None,
        };
        self.active = Some(next.unwrap_or_else(|| {
            let count = rectangles.len();
            match step {
                Step::Up | Step::Left => rectangles[(here + count - 1) % count].1,
                _ => rectangles[(here + 1) % count].0,
            }
        }));
        true
    }
}

/// What a selection is widened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Along {
    Rows,
    Columns,
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { rows: 10, cols: 4 };

    fn cell(row: u64, col: usize) -> Cell {
        Cell { row, col }
    }

    #[test]
    fn extending_leaves_the_active_cell_where_it_is() {
        let mut selection = Selection::at(cell(3, 2));
        assert!(selection.is_single());
        selection.extend(cell(1, 1));
        assert_eq!(selection.rectangles(BOUNDS), [(cell(1, 1), cell(3, 2))]);
        assert_eq!((selection.active(), selection.corner()), (Some(cell(3, 2)), Some(cell(1, 1))));
        assert_eq!(selection.count(BOUNDS), 6);
        selection.add(cell(9, 3));
        selection.extend(cell(8, 3));
        assert_eq!(selection.rectangles(BOUNDS).len(), 2);
        assert!(selection.contains(cell(2, 1)) && selection.contains(cell(8, 3)) && !selection.contains(cell(5, 2)));
    }

    #[test]
    fn whole_rows_and_columns_are_as_long_as_the_table() {
        let mut selection = Selection::at(cell(3, 2));
        selection.widen(Along::Columns);
        assert_eq!(selection.rectangles(BOUNDS), [(cell(0, 2), cell(9, 2))]);
        assert!(selection.contains(cell(1_000_000, 2)), "rows that will come too");
        selection.widen(Along::Rows);
        assert_eq!(selection.count(BOUNDS), 40);
        assert_eq!(Selection::all(cell(1, 1)).count(BOUNDS), 40);
        assert_eq!(selection.rectangles(Bounds { rows: 0, cols: 4 }), []);
    }

    #[track_caller]
    fn walks(selection: &mut Selection, step: Step, expect: &[(u64, usize)]) {
        for (row, col) in expect {
            assert!(selection.walk(step, BOUNDS));
            assert_eq!(selection.active(), Some(cell(*row, *col)));
        }
    }

    #[test]
    fn tab_and_enter_go_round_within_the_selection() {
        let mut selection = Selection::at(cell(1, 1));
        assert!(!selection.walk(Step::Down, BOUNDS), "of one cell there is nothing to go round in");
        selection.extend(cell(2, 2));
        walks(&mut selection, Step::Down, &[(2, 1), (1, 2), (2, 2), (1, 1)]);
        walks(&mut selection, Step::Right, &[(1, 2), (2, 1), (2, 2), (1, 1)]);
        walks(&mut selection, Step::Left, &[(2, 2), (2, 1)]);
        walks(&mut selection, Step::Up, &[(1, 1), (2, 2)]);
        assert_eq!(selection.count(BOUNDS), 4, "which stays as it is");
        selection.add(cell(5, 0));
        walks(&mut selection, Step::Down, &[(1, 1)]);
        walks(&mut selection, Step::Up, &[(5, 0)]);
    }
}
