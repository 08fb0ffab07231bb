//! Where things are: rows of one height, columns of their own widths, and the part of them that is in sight.

use model::{ColumnType, ColumnView, Format};

/// Height of a row and of the header, in CSS pixels.
pub const ROW_PX: f64 = 32.0;
/// Rows drawn beyond the edge of the viewport.
const OVERSCAN: u64 = 6;

/// A cell by its place, counted from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    pub row: u64,
    pub col: usize,
}

/// The scroll container's position and size, in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    pub top: f64,
    pub left: f64,
    pub width: f64,
    pub height: f64,
}

impl Default for Viewport {
    /// What the server assumes for the first paint.
    fn default() -> Self {
        Self { top: 0.0, left: 0.0, width: 960.0, height: 448.0 }
    }
}

/// A column's width in CSS pixels, by what it holds.
#[must_use]
pub fn width(column: &ColumnView) -> f64 {
    let content = match (&column.ty, column.format) {
        (_, Some(Format::Month)) => 104.0,
        (ColumnType::Boolean, _) => 88.0,
        (ColumnType::Date, _) => 116.0,
        (ColumnType::Timestamp, _) => 160.0,
        (ColumnType::Integer | ColumnType::Decimal { .. } | ColumnType::Float, _) => 128.0,
        (ColumnType::Choice { .. }, _) => 124.0,
        (ColumnType::Text, _) if column.constraints.max_length.is_some_and(|max| max > 100) => 240.0,
        (ColumnType::Text, _) => 152.0,
    };
    // Room for the pen, the arrow and the filter beside the name.
    let label = 64.0 + 8.0 * column.label.chars().count() as f64;
    f64::max(content, label.min(220.0))
}

/// The rows to draw: first and one past the last.
#[must_use]
pub fn rows_in_sight(viewport: Viewport, total: u64) -> (u64, u64) {
    let first = (viewport.top / ROW_PX).max(0.0) as u64;
    let count = (viewport.height / ROW_PX).ceil() as u64 + 1;
    (first.saturating_sub(OVERSCAN).min(total), (first + count + OVERSCAN).min(total))
}

/// The columns to draw behind the frozen ones: first, one past the last, and the width left out before them.
#[must_use]
pub fn columns_in_sight(viewport: Viewport, widths: &[f64], frozen: usize) -> (usize, usize, f64) {
    let frozen_px: f64 = widths[..frozen].iter().sum();
    let (from, to) = (viewport.left - 200.0, viewport.left + viewport.width - frozen_px.min(viewport.width) + 200.0);
    let (mut x, mut first, mut last, mut before) = (0.0, None, frozen, 0.0);
    for (i, w) in widths.iter().enumerate().skip(frozen) {
        if x + w >= from && x <= to {
            if first.is_none() {
                first = Some(i);
                before = x;
            }
            last = i + 1;
        }
        x += w;
    }
    (first.unwrap_or(frozen), last, before)
}

/// The rectangle between two cells: top left and bottom right, both within it.
#[must_use]
pub fn rectangle(a: Cell, b: Cell) -> (Cell, Cell) {
    (Cell { row: a.row.min(b.row), col: a.col.min(b.col) }, Cell { row: a.row.max(b.row), col: a.col.max(b.col) })
}

#[must_use]
pub fn contains((from, to): (Cell, Cell), cell: Cell) -> bool {
    (from.row..=to.row).contains(&cell.row) && (from.col..=to.col).contains(&cell.col)
}

/// How far to scroll so that a span of `size` at `start` is within `[offset, offset + room)`; `None` if it is already.
#[must_use]
pub fn scroll_into(start: f64, size: f64, offset: f64, room: f64) -> Option<f64> {
    if start < offset {
        Some(start)
    } else if start + size > offset + room {
        Some(start + size - room)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_rows_draw_a_screenful() {
        let viewport = Viewport { top: 16_000_000.0, height: 400.0, ..Viewport::default() };
        assert_eq!(rows_in_sight(viewport, 1_000_000), (499_994, 500_020));
        assert_eq!(rows_in_sight(viewport, 10), (10, 10));
        assert_eq!(rows_in_sight(Viewport::default(), 0), (0, 0));
    }

    #[test]
    fn columns_out_of_sight_are_left_out() {
        let widths = [100.0; 60];
        let viewport = Viewport { left: 2_000.0, width: 500.0, ..Viewport::default() };
        let (first, last, before) = columns_in_sight(viewport, &widths, 2);
        assert_eq!((first, last), (19, 28));
        assert_eq!(before, 1_700.0);
        let all = columns_in_sight(Viewport::default(), &[100.0; 4], 2);
        assert_eq!(all, (2, 4, 0.0));
    }

    #[test]
    fn scrolling_moves_no_more_than_needed() {
        assert_eq!(scroll_into(50.0, 32.0, 0.0, 100.0), None);
        assert_eq!(scroll_into(90.0, 32.0, 0.0, 100.0), Some(22.0));
        assert_eq!(scroll_into(10.0, 32.0, 40.0, 100.0), Some(10.0));
    }
}
