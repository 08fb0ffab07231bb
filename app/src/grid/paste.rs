//! What a block from the clipboard would do, cell by cell, before it does it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use leptos::prelude::*;
use model::{Batch, CellOutcome, Edit, EditMode, Locale, Notation, Origin, Raw, RowOutcome};
use wasm_bindgen_futures::spawn_local;

use super::clipboard::{self, Separator};
use super::commands::{MOST_CELLS, cells_of};
use super::geometry::Cell;
use super::load::Loaded;
use super::selection::Bounds;
use super::state::{GridState, Row, checked};
use crate::api::Edits;
use crate::client::random_id;

/// Rows that one batch may change. What is larger is a matter for a file.
pub const MOST_ROWS: usize = 5_000;
/// A larger block is shown before it is applied, even if nothing is wrong with it.
const LARGE: usize = 500;
/// No clipboard text is read that is larger; in bytes.
const MOST_BYTES: usize = 10 << 20;

/// What becomes of one cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    Good(Raw),
    /// It holds this already.
    Same,
    /// It can't be typed into and holds something else.
    ReadOnly(String),
    Bad(String),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    pub cell: Cell,
    pub text: String,
    pub fate: Fate,
}

/// How far the warehouse has been asked what it would refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trial {
    Running,
    Done,
    Failed(String),
}

/// A block that waits for the person's word.
#[derive(Clone, Debug)]
pub struct Pasting {
    pub text: Arc<str>,
    pub separator: Separator,
    pub notation: Notation,
    /// Whether separator and notation are as this person writes.
    pub usual: bool,
    pub plan: Arc<Vec<Planned>>,
    pub rows: Arc<Loaded>,
    /// Cells that lie beyond the table.
    pub outside: usize,
    pub trial: Trial,
}

/// Counts of a plan, for its words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub good: usize,
    pub same: usize,
    pub read_only: usize,
    pub bad: usize,
}

#[must_use]
pub fn tally(plan: &[Planned]) -> Tally {
    let mut tally = Tally::default();
    for planned in plan {
        match planned.fate {
            Fate::Good(_) => tally.good += 1,
            Fate::Same => tally.same += 1,
            Fate::ReadOnly(_) => tally.read_only += 1,
            Fate::Bad(_) => tally.bad += 1,
        }
    }
    tally
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
            return self.tell("This is more than 10 MB of text: too much to paste at once.");
        }
        let separator = self.separator_of(text);
        self.plan_paste(text.into(), separator, None);
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

    /// Plans a block anew with what the person said of it; `notation` is found out if he said nothing.
    pub fn plan_paste(self, text: Arc<str>, separator: Separator, notation: Option<Notation>) {
        let Some(rectangles) = self.selected() else { return };
        let block = clipboard::read(&text, separator);
        let texts = aim(&block, &rectangles);
        let all = texts.len();
        let Bounds { rows, cols } = untrack(|| self.bounds());
        let grows = self.adds && self.rows.with_untracked(|rows| rows.counted);
        let within = |(cell, _): &(Cell, String)| (cell.row < rows || grows) && cell.col < cols;
        let texts: Vec<(Cell, String)> = texts.into_iter().filter(within).collect();
        let (outside, aimed) = (all - texts.len(), texts.iter().map(|(cell, _)| cell.row));
        let Some((first, last)) = aimed.clone().min().zip(aimed.max()) else {
            let why = if all == 0 { "There is no text to paste." } else { "This block lies beyond the table." };
            return self.tell(why);
        };
        if all as u64 > MOST_CELLS || last - first >= MOST_ROWS as u64 {
            return self.tell(format!(
                "Up to {MOST_CELLS} cells in {MOST_ROWS} rows can be pasted at once; this block has {all} cells."
            ));
        }
        let place = (Cell { row: first, col: 0 }, Cell { row: last.min(rows - 1), col: 0 });
        self.with_rows(vec![place], move |state, mut loaded| {
            (rows..=last).for_each(|row| loaded.add(row, Row::blank(cols)));
            let rows = Arc::new(loaded);
            let own = state.store.locale.get_value();
            let notation = notation.unwrap_or_else(|| state.notation_of(&own, &texts));
            let reading = own.reading(notation);
            let fate = |(cell, text): (Cell, String)| {
                let fate = state.fate(&reading, &rows, cell, &text);
                Planned { cell, text, fate }
            };
            let plan: Vec<Planned> = texts.into_iter().map(fate).collect();
            let usual = separator == Separator::Tab && notation == own.notation();
            let tally = tally(&plan);
            let plain = usual
                && outside == 0
                && state.is_whole(&plan, &rows)
                && tally.bad == 0
                && tally.read_only == 0
                && plan.len() <= LARGE;
            if plain && state.pasting.with_untracked(Option::is_none) {
                return state.apply_plan(&plan, &rows);
            }
            let pasting =
                Pasting { text, separator, notation, usual, plan: Arc::new(plan), rows, outside, trial: Trial::Running };
            state.pasting.set(Some(pasting));
            state.try_plan();
        });
    }

    /// The notation that most of the block can be read by; the person's own if it is as good as any.
    fn notation_of(self, own: &Locale, texts: &[(Cell, String)]) -> Notation {
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

    fn fate(self, reading: &Locale, rows: &Loaded, cell: Cell, text: &str) -> Fate {
        let (Some(row), Some(column)) = (rows.get(cell.row), self.column(cell.col)) else {
            return Fate::Bad("This row is no longer there.".into());
        };
        let shown = untrack(|| self.shown_in(row, cell.col));
        let read = reading.parse(text, &column.ty);
        let same = read.as_ref().is_ok_and(|raw| *raw == shown)
            || self.store.locale.with_value(|locale| locale.show(&shown, &column.ty, column.format)) == text.trim();
        // What is on the screen may have been rounded; put back, it must not round what is stored.
        if same {
            return Fate::Same;
        }
        if let Some(reason) = self.locked_in(row, cell.col) {
            return Fate::ReadOnly(reason);
        }
        match checked(&column, read) {
            Ok(value) => Fate::Good(value),
            Err(message) => Fate::Bad(message),
        }
    }

    /// Whether each new row has what it can't be without.
    fn is_whole(self, plan: &[Planned], rows: &Loaded) -> bool {
        let required: Vec<usize> = self.columns.with_value(|columns| {
            let all = columns.iter().enumerate().filter(|(_, column)| column.editable && column.constraints.required);
            all.map(|(col, _)| col).collect()
        });
        let good: BTreeSet<Cell> =
            plan.iter().filter(|planned| matches!(planned.fate, Fate::Good(_))).map(|planned| planned.cell).collect();
        let has = |row: u64, col: usize| {
            good.contains(&Cell { row, col })
                || rows.get(row).is_some_and(|row| row.cells.get(col).is_some_and(|raw| !raw.is_null()))
        };
        good.iter()
            .filter(|cell| rows.get(cell.row).is_some_and(|row| row.draft.is_some()))
            .all(|cell| required.iter().all(|col| has(cell.row, *col)))
    }

    fn edits(self, plan: &[Planned], rows: &Loaded) -> Vec<Edit> {
        let mut edits = Vec::new();
        for planned in plan {
            if let (Fate::Good(value), Some(row)) = (&planned.fate, rows.get(planned.cell.row)) {
                self.propose(&mut edits, row, planned.cell.col, value.clone());
            }
        }
        edits
    }

    fn apply_plan(self, plan: &[Planned], rows: &Loaded) {
        self.notice.set(None);
        self.send(self.edits(plan, rows), Origin::Paste);
        let Tally { good, same, .. } = tally(plan);
        self.store.announcement.set(format!("Pasted {good} cells; {same} held the same already."));
    }

    /// Applies what is good of the block that waits.
    pub fn confirm_paste(self) {
        if let Some(pasting) = self.pasting.try_update(Option::take).flatten() {
            self.apply_plan(&pasting.plan, &pasting.rows);
        }
        self.focus();
    }

    /// Asks the warehouse what it would refuse, and why.
    fn try_plan(self) {
        let Some(pasting) = self.pasting.get_untracked() else { return };
        let Some(api) = self.store.api.get_value() else { return };
        let edits = self.edits(&pasting.plan, &pasting.rows);
        let plan = pasting.plan;
        let still = move |waiting: &Option<Pasting>| waiting.as_ref().is_some_and(|now| Arc::ptr_eq(&now.plan, &plan));
        let finish = move |state: Self, trial: Trial, refused: HashMap<String, Refused>| {
            let _ = state.pasting.try_update(|waiting| {
                if still(waiting)
                    && let Some(pasting) = waiting
                {
                    let plan = pasting.plan.iter().cloned().map(|planned| state.refused(planned, &pasting.rows, &refused));
                    pasting.plan = Arc::new(plan.collect());
                    pasting.trial = trial;
                }
            });
        };
        if edits.is_empty() {
            return finish(self, Trial::Done, HashMap::new());
        }
        let workbook = self.store.view.with_value(|view| view.id.clone());
        let batch = Batch { batch_id: random_id(), workbook, edits, mode: EditMode::Trial, origin: Origin::Paste, reason: None };
        spawn_local(async move {
            let call = Edits { batch };
            match api.call(&call).await {
                Ok(outcome) => {
                    let both = call.batch.edits.iter().zip(&outcome.rows).filter(|(_, row)| row.is_refused());
                    let refused =
                        both.map(|(edit, row)| (serde_json::to_string(&edit.key).unwrap_or_default(), Refused::of(row)));
                    finish(self, Trial::Done, refused.collect());
                }
                Err(error) => finish(self, Trial::Failed(error.message), HashMap::new()),
            }
        });
    }

    /// A planned cell as the warehouse sees it.
    fn refused(self, planned: Planned, rows: &Loaded, refused: &HashMap<String, Refused>) -> Planned {
        let (Fate::Good(_), Some(row), Some(column)) = (&planned.fate, rows.get(planned.cell.row), self.column(planned.cell.col))
        else {
            return planned;
        };
        let Some(of_row) = refused.get(&row.key_text) else { return planned };
        let whole = of_row.whole.as_ref().or_else(|| of_row.cells.values().next().filter(|_| row.draft.is_some()));
        match of_row.cells.get(&column.name).or(whole) {
            Some(message) => Planned { fate: Fate::Bad(message.clone()), ..planned },
            None => planned,
        }
    }
}

/// Why the warehouse would refuse a row, or cells of it. A row that is new is added whole or not at all.
#[derive(Debug, Default)]
struct Refused {
    whole: Option<String>,
    cells: HashMap<String, String>,
}

impl Refused {
    fn of(row: &RowOutcome) -> Self {
        let whole = row.code.map(|_| row.message.clone().unwrap_or_else(|| "This row can't be changed.".into()));
        let cell = |cell: &CellOutcome| {
            cell.code?;
            Some((cell.column.clone(), cell.message.clone().or_else(|| whole.clone())?))
        };
        Self { cells: row.cells.iter().filter_map(cell).collect(), whole }
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
