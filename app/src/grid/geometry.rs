//! Where things are: rows of one height, columns of their own widths, and the part of them that is in sight.

use model::{ColumnType, ColumnView, Format};

/// Height of a row and of the header, in CSS pixels.
pub const ROW_PX: f64 = 32.0;
/// The same for fingers.
pub const TOUCH_ROW_PX: f64 = 44.0;
/// Width of the row numbers, in CSS pixels.
pub const NUMBER_PX: f64 = 56.0;
/// Rows drawn beyond either edge of the viewport, so that a step of the wheel finds them there.
pub const OVERSCAN: u64 = 5;

/// A cell by its place, counted from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    pub row: u64,
    pub col: usize,
}

/// The scroll container's position and size, in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    /// Of the rows; [`Track`] says where the scroll bar is then.
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

/// How high an element may be: browsers put what is below some 17 million pixels nowhere, or somewhere else.
const MOST_PX: f64 = 15_000_000.0;

/// Where rows lie in a scroll bar that is too short for all of them.
///
/// The bar shows the place in proportion. While a person scrolls by hand the rows move with his hand all the same, pixel
/// by pixel: `skipped` of them were left out above. It is put right when he rests, or jumps.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Track {
    /// Of all rows, in pixels.
    content: f64,
    /// Of the part of the container where rows are to be seen, in pixels.
    pub room: f64,
    /// Pixels of rows above what the scroll bar reaches now.
    pub skipped: f64,
}

impl Track {
    #[must_use]
    pub fn new(total: u64, row_px: f64, room: f64, skipped: f64) -> Self {
        let content = total as f64 * row_px;
        let mut track = Self { content, room, skipped: 0.0 };
        track.skipped = skipped.clamp(0.0, content - track.height());
        track
    }

    /// How high the element is that holds the rows.
    #[must_use]
    pub fn height(self) -> f64 {
        self.content.min(MOST_PX)
    }

    /// Pixels of rows for each pixel of the scroll bar.
    fn ratio(self) -> f64 {
        let (rows, bar) = (self.content - self.room, self.height() - self.room);
        if bar > 0.0 && rows > bar { rows / bar } else { 1.0 }
    }

    /// The track for rows that begin at `top`, and where the scroll bar is then.
    #[must_use]
    pub fn at(self, top: f64) -> (Self, f64) {
        let top = top.clamp(0.0, (self.content - self.room).max(0.0));
        // Browsers keep whole pixels.
        let bar = (top / self.ratio()).round();
        (Self { skipped: top - bar, ..self }, bar)
    }

    /// The track after the scroll bar went from `before` to `bar`, and the top of the rows in sight.
    #[must_use]
    pub fn scrolled(self, before: f64, bar: f64) -> (Self, f64) {
        let jumped = (bar - before).abs() > 3.0 * self.room;
        let ends = bar <= 0.0 || bar >= self.height() - self.room;
        let skipped = if jumped || ends { bar * (self.ratio() - 1.0) } else { self.skipped };
        (Self { skipped, ..self }, bar + skipped)
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
        (ColumnType::Choices { .. }, _) => 200.0,
        (ColumnType::Text, _) if column.constraints.max_length.is_some_and(|max| max > 100) => 240.0,
        (ColumnType::Text, _) => 152.0,
    };
    // Room for the pen, the sort and the filter beside the name.
    let label = 96.0 + 8.0 * column.label.chars().count() as f64;
    f64::max(content, label.min(232.0))
}

/// The rows to draw, with `overscan` beyond either edge: first and one past the last.
#[must_use]
pub fn rows_in_sight(viewport: Viewport, row_px: f64, total: u64, overscan: u64) -> (u64, u64) {
    let first = (viewport.top / row_px).max(0.0) as u64;
    let count = (viewport.height / row_px).ceil() as u64 + 1;
    (first.saturating_sub(overscan).min(total), (first + count + overscan).min(total))
}

/// The columns to draw behind the frozen ones, which with the row numbers take `fixed_px`: first, one past the last, and the
/// width left out before them.
#[must_use]
pub fn columns_in_sight(viewport: Viewport, widths: &[f64], frozen: usize, fixed_px: f64) -> (usize, usize, f64) {
    let (from, to) = (viewport.left - 200.0, viewport.left + viewport.width - fixed_px.min(viewport.width) + 200.0);
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
        assert_eq!(rows_in_sight(viewport, ROW_PX, 1_000_000, 6), (499_994, 500_020));
        assert_eq!(rows_in_sight(viewport, ROW_PX, 10, 6), (10, 10));
        assert_eq!(rows_in_sight(Viewport::default(), ROW_PX, 0, 6), (0, 0));
    }

    #[test]
    fn a_short_table_scrolls_as_it_is() {
        let track = Track::new(1_000, ROW_PX, 400.0, 0.0);
        assert_eq!((track.height(), track.at(9_000.0)), (32_000.0, (track, 9_000.0)));
        assert_eq!(track.scrolled(0.0, 31_600.0), (track, 31_600.0));
        assert_eq!(Track::new(0, ROW_PX, 400.0, 0.0).at(10.0).1, 0.0);
    }

    #[test]
    fn every_row_of_a_long_table_is_within_reach() {
        let track = Track::new(10_000_000, ROW_PX, 400.0, 0.0);
        assert_eq!(track.height(), MOST_PX);
        for top in [0.0, 32.0, 16_000.0, 1e8, 319_999_000.0, 319_999_600.0] {
            let (track, bar) = track.at(top);
            assert_eq!(bar + track.skipped, top);
            assert!((0.0..=MOST_PX - 400.0).contains(&bar), "{bar}");
        }
        // By hand rows move with the hand, and at either end there are no more of them.
        let (track, bar) = track.at(1e8);
        assert_eq!(track.scrolled(bar, bar + 100.0).1, 1e8 + 100.0);
        assert_eq!(track.scrolled(100.0, 0.0).1, 0.0);
        let end = MOST_PX - 400.0;
        assert_eq!(track.scrolled(end - 100.0, end).1.round(), 319_999_600.0);
        // By a jump they are where the bar says.
        let half = track.scrolled(0.0, end / 2.0).1;
        assert_eq!(half.round(), 159_999_800.0);
    }

    #[test]
    fn columns_out_of_sight_are_left_out() {
        let widths = [100.0; 60];
        let viewport = Viewport { left: 2_000.0, width: 500.0, ..Viewport::default() };
        let (first, last, before) = columns_in_sight(viewport, &widths, 2, 256.0);
        assert_eq!((first, last), (19, 27));
        assert_eq!(before, 1_700.0);
        let all = columns_in_sight(Viewport::default(), &[100.0; 4], 2, 256.0);
        assert_eq!(all, (2, 4, 0.0));
    }

    #[test]
    fn scrolling_moves_no_more_than_needed() {
        assert_eq!(scroll_into(50.0, 32.0, 0.0, 100.0), None);
        assert_eq!(scroll_into(90.0, 32.0, 0.0, 100.0), Some(22.0));
        assert_eq!(scroll_into(10.0, 32.0, 40.0, 100.0), Some(10.0));
    }
}
