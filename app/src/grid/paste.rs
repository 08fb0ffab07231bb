//! Takes a block from the clipboard: finds out how it is written, and where each of its texts goes.

use std::sync::Arc;

use leptos::prelude::*;
use model::{Locale, MOST_EDITS, Notation, Origin};

use super::clipboard::{self, Separator};
use super::commands::{MOST_CELLS, cells_of};
use super::geometry::Cell;
use super::load::Loaded;
use super::plan::{Planned, Proposal, tally};
use super::selection::Bounds;
use super::state::{GridState, Row};

/// A larger block is shown before it is applied, even if nothing is wrong with it.
const LARGE: usize = 500;
/// No clipboard text is read that is larger; in bytes.
const MOST_BYTES: usize = 10 << 20;

/// How a block is to be read, as far as the person has said so; else it is found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    pub separator: Separator,
    pub notation: Option<Notation>,
    /// By the keys at its edges, instead of as it lies.
    pub crosstab: Option<bool>,
}

/// A block from the clipboard, and how it was read.
#[derive(Clone, Debug)]
pub struct Block {
    pub text: Arc<str>,
    pub separator: Separator,
    pub notation: Notation,
    /// Whether separator and notation are as this person writes.
    pub usual: bool,
    /// Whether it was read by the keys at its edges; `None` where it has none.
    pub crosstab: Option<bool>,
}

/// Where each text of a block goes: as often as it fits into the selection as a whole, else once from its first cell on.
#[must_use]
pub fn aim(block: &[Vec<String>], rectangles: &[(Cell, Cell)]) -> Vec<(Cell, String)> {
    let (height, width) = (block.len(), block.iter().map(Vec::len).max().unwrap_or(0));
    let (Some((from, to)), 1..) = (rectangles.first().copied(), height.min(width)) else {
        return Vec::new();
    };
    let of = |row: usize, col: usize| block[row].get(col).cloned();
    if height == 1 && width == 1 {
        let cells = rectangles.iter().copied().flat_map(cells_of);
        return cells.filter_map(|cell| Some((cell, of(0, 0)?))).collect();
    }
    // How often it fits into so many cells; a selection of one is only where it begins.
    let times = |selected: u64, block: usize| match selected {
        1 => Some(1),
        n => n.is_multiple_of(block as u64).then(|| n / block as u64),
    };
    let fits = times(to.row - from.row + 1, height).zip(times((to.col - from.col + 1) as u64, width));
    let (down, right) = fits.filter(|_| rectangles.len() == 1).unwrap_or((1, 1));
    let mut texts = Vec::with_capacity(height * width);
    for row in 0..down * height as u64 {
        for col in 0..right as usize * width {
            let text = of((row % height as u64) as usize, col % width);
            texts.extend(text.map(|text| (Cell { row: from.row + row, col: from.col + col }, text)));
        }
    }
    texts
}

/// All notations, this person's own first.
fn notations(usual: Notation) -> [Notation; 4] {
    let other = if usual.decimal == '.' { ',' } else { '.' };
    [(usual.decimal, usual.day_first), (other, usual.day_first), (usual.decimal, !usual.day_first), (other, !usual.day_first)]
        .map(|(decimal, day_first)| Notation { decimal, day_first })
}

impl GridState {
    /// Takes a clipboard text: at once if it is small and plain, else after the person has seen what it would do.
    pub fn paste(self, text: &str) {
        if text.len() > MOST_BYTES {
            return self.tell(words::paste_too_long());
        }
        let asked = Asked { separator: self.separator_of(text), notation: None, crosstab: None };
        self.plan_paste(text.into(), asked);
    }

    /// What stands between cells; lines that the column they go to can read whole are not taken apart.
    fn separator_of(self, text: &str) -> Separator {
        let guess = Separator::guess(text);
        let column = untrack(|| self.active()).and_then(|at| self.column(at.col));
        let Some(column) = column.filter(|column| guess != Separator::Tab && !column.ty.is_text()) else {
            return guess;
        };
        let own = self.store.locale.get_value();
        let reads = |notation: Notation| {
            let reading = own.reading(notation);
            text.lines().all(|line| reading.parse(line, &column.ty).is_ok())
        };
        if notations(own.notation()).into_iter().any(reads) { Separator::Tab } else { guess }
    }

    /// Plans a block anew with what the person said of it.
    pub fn plan_paste(self, text: Arc<str>, asked: Asked) {
        let block = clipboard::read(&text, asked.separator);
        if asked.crosstab != Some(false) && self.may_be_crosstab(&block) {
            return self.plan_crosstab(text, asked, block);
        }
        self.plan_block(text, asked, block, false);
    }

    /// Plans a block that goes to the selected cells as it lies.
    pub fn plan_block(self, text: Arc<str>, asked: Asked, block: Vec<Vec<String>>, crosstab: bool) {
        let Some(rectangles) = self.selected() else { return };
        let texts = aim(&block, &rectangles);
        let all = texts.len();
        let Bounds { rows, cols } = untrack(|| self.bounds());
        let grows = self.adds && self.rows.with_untracked(|rows| rows.counted);
        let within = |(cell, _): &(Cell, String)| (cell.row < rows || grows) && cell.col < cols;
        let texts: Vec<(Cell, String)> = texts.into_iter().filter(within).collect();
        let (outside, aimed) = (all - texts.len(), texts.iter().map(|(cell, _)| cell.row));
        let cols = texts.iter().map(|(cell, _)| cell.col);
        let (Some((first, last)), Some((left, right))) =
            (aimed.clone().min().zip(aimed.max()), cols.clone().min().zip(cols.max()))
        else {
            let why = if all == 0 { words::paste_nothing() } else { words::paste_beyond() };
            return self.tell(why);
        };
        if all as u64 > MOST_CELLS || last - first >= MOST_EDITS as u64 {
            return self.tell(words::paste_at_most(MOST_CELLS, MOST_EDITS, all));
        }
        let place = (Cell { row: first, col: left }, Cell { row: last.min(rows - 1), col: right });
        self.with_rows(vec![place], move |state, mut loaded| {
            let columns = state.columns.with_value(Vec::len);
            (rows..=last).for_each(|row| loaded.add(row, Row::blank(columns)));
            let rows = Arc::new(loaded);
            let own = state.store.locale.get_value();
            let notation = asked.notation.unwrap_or_else(|| state.notation_of(&own, &texts));
            let plan = state.read_by(&own.reading(notation), &rows, texts);
            let usual = asked.separator == Separator::Tab && notation == own.notation();
            let tally = tally(&plan);
            let plain = usual
                && outside == 0
                && state.is_whole(&plan, &rows)
                && tally.bad == 0
                && tally.read_only == 0
                && plan.len() <= LARGE;
            if plain && state.proposal.with_untracked(Option::is_none) {
                return state.apply_plan(Origin::Paste, &plan, &rows);
            }
            let astray = (outside > 0).then(|| words::paste_outside(outside));
            let block = Block { text, separator: asked.separator, notation, usual, crosstab: crosstab.then_some(false) };
            state.suggest(Proposal::new(Origin::Paste, Some(block), plan, rows, astray.into_iter().collect()));
        });
    }

    /// What becomes of each cell if its text is read like this.
    pub fn read_by(self, reading: &Locale, rows: &Loaded, texts: Vec<(Cell, String)>) -> Vec<Planned> {
        self.columns.with_value(|columns| {
            let planned = |(cell, text): (Cell, String)| {
                let column = columns.get(cell.col)?;
                let fate = self.fate(rows, cell, column, Some(&text), reading.parse(&text, &column.ty));
                Some(Planned { cell, text, fate })
            };
            texts.into_iter().filter_map(planned).collect()
        })
    }

    /// The notation that most of the block can be read by; the person's own if it is as good as any.
    pub fn notation_of(self, own: &Locale, texts: &[(Cell, String)]) -> Notation {
        let usual = own.notation();
        let unread = |notation: Notation| {
            let reading = own.reading(notation);
            let fails = |(cell, text): &&(Cell, String)| {
                self.columns.with_value(|columns| {
                    let ty = &columns[cell.col].ty;
                    !ty.is_text() && reading.parse(text, ty).is_err()
                })
            };
            texts.iter().filter(fails).count()
        };
        let mut best = (usize::MAX, usual);
        for notation in notations(usual) {
            let count = unread(notation);
            if count < best.0 {
                best = (count, notation);
            }
            if count == 0 {
                break;
            }
        }
        best.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn aims(block: &str, from: (u64, usize), to: (u64, usize), expect: &[(u64, usize, &str)]) {
        let cell = |(row, col)| Cell { row, col };
        let found = aim(&clipboard::read(block, Separator::Tab), &[(cell(from), cell(to))]);
        let expect: Vec<(Cell, String)> = expect.iter().map(|(row, col, text)| (cell((*row, *col)), (*text).into())).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn a_block_is_put_down_once_or_repeated_where_it_fits() {
        aims("a\tb", (1, 1), (1, 1), &[(1, 1, "a"), (1, 2, "b")]);
        aims("a", (1, 1), (2, 2), &[(1, 1, "a"), (1, 2, "a"), (2, 1, "a"), (2, 2, "a")]);
        aims("a\tb", (1, 1), (2, 2), &[(1, 1, "a"), (1, 2, "b"), (2, 1, "a"), (2, 2, "b")]);
        aims("a\tb", (1, 1), (2, 1), &[(1, 1, "a"), (1, 2, "b"), (2, 1, "a"), (2, 2, "b")]);
        aims("a\nb", (1, 1), (4, 1), &[(1, 1, "a"), (2, 1, "b"), (3, 1, "a"), (4, 1, "b")]);
        aims("a\nb", (1, 1), (3, 1), &[(1, 1, "a"), (2, 1, "b")]);
        aims("a\tb\nc", (0, 0), (0, 0), &[(0, 0, "a"), (0, 1, "b"), (1, 0, "c")]);
        aims("", (0, 0), (5, 5), &[]);
    }
}
