//! Groups of rows: where their lines are between the rows, which are open, and what a person does with them.
//!
//! A row keeps its number whatever stands between: selections, pastes and fills know of rows only. A line is what is drawn
//! one below the other: the heads of groups, and the rows of those that are open.

use std::collections::HashSet;

use leptos::prelude::*;
use model::{Group, Grouping, MOST_LEVELS, Raw};

use super::geometry::Cell;
use super::keys::How;
use super::state::GridState;

/// The head of a group, over its rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    pub group: Group,
    pub open: bool,
    /// Rows before it.
    row: u64,
}

impl Head {
    /// How deep it is, counted from 0.
    #[must_use]
    pub fn level(&self) -> usize {
        self.group.values.len() - 1
    }
}

/// What is drawn in one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Line {
    Row(u64),
    /// By its place among the heads.
    Head(usize),
}

/// Heads between the rows, as they are drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lines {
    heads: Vec<Head>,
    /// In groups that are open.
    rows: u64,
}

impl Lines {
    /// Of the groups of `levels` levels, each followed by those within it.
    #[must_use]
    pub fn new(groups: &[Group], levels: usize, closed: &[Vec<Raw>]) -> Self {
        let closed: HashSet<String> = closed.iter().map(|values| path(values)).collect();
        let (mut heads, mut row) = (Vec::new(), 0);
        // The values of a group that is closed: those within it are not drawn.
        let mut within: Option<&[Raw]> = None;
        for group in groups {
            if within.is_some_and(|outer| group.values.starts_with(outer)) {
                continue;
            }
            let open = !closed.contains(&path(&group.values));
            within = (!open).then_some(&group.values);
            heads.push(Head { group: group.clone(), open, row });
            row += if open && group.values.len() == levels { group.count } else { 0 };
        }
        Self { heads, rows: row }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    #[must_use]
    pub fn head(&self, place: usize) -> Option<&Head> {
        self.heads.get(place)
    }

    /// How many lines there are with this many rows.
    #[must_use]
    pub fn count(&self, rows: u64) -> u64 {
        rows + self.heads.len() as u64
    }

    /// The line that a row is drawn in.
    #[must_use]
    pub fn of_row(&self, row: u64) -> u64 {
        row + self.heads.partition_point(|head| head.row <= row) as u64
    }

    /// The line that a head is drawn in.
    #[must_use]
    pub fn of_head(&self, place: usize) -> u64 {
        self.heads.get(place).map_or(0, |head| head.row) + place as u64
    }

    #[must_use]
    pub fn at(&self, line: u64) -> Line {
        let (mut low, mut high) = (0, self.heads.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.of_head(middle) < line { low = middle + 1 } else { high = middle }
        }
        if low < self.heads.len() && self.of_head(low) == line { Line::Head(low) } else { Line::Row(line - low as u64) }
    }

    /// The rows that are drawn from one line to before another: the first, and one past the last.
    #[must_use]
    pub fn rows_within(&self, (from, to): (u64, u64)) -> (u64, u64) {
        let row = |line: u64| match self.at(line) {
            Line::Row(row) => row,
            Line::Head(place) => self.heads[place].row,
        };
        (row(from), row(to))
    }

    /// The innermost head over a row.
    #[must_use]
    pub fn over(&self, row: u64) -> Option<usize> {
        self.heads.partition_point(|head| head.row <= row).checked_sub(1)
    }

    /// How many rows there are in groups that are open.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }
}

fn path(values: &[Raw]) -> String {
    serde_json::to_string(values).unwrap_or_default()
}

impl GridState {
    /// How rows are grouped, and which groups are closed; tracked.
    #[must_use]
    pub fn grouping(self) -> Option<Grouping> {
        let grouping = Grouping::by(&self.group_by.get())?;
        Some(Grouping { closed: self.closed.get(), ..grouping })
    }

    /// Groups by these columns, with all groups open.
    pub fn set_groups(self, columns: Vec<String>) {
        self.closed.set(Vec::new());
        if self.group_by.with_untracked(|now| *now != columns) {
            self.group_by.set(columns);
        }
    }

    /// Groups by one more column, within the groups that there are.
    pub fn group_by(self, col: usize) -> bool {
        let Some(column) = self.column(col) else { return false };
        let mut columns = self.group_by.get_untracked();
        if columns.contains(&column.name) {
            self.tell(words::grouped_already(&column.label));
        } else if columns.len() == MOST_LEVELS {
            self.tell(words::grouped_at_most(MOST_LEVELS));
        } else {
            columns.push(column.name);
            self.store.announce(words::grouped_by(&column.label));
            self.set_groups(columns);
        }
        true
    }

    pub fn ungroup(self) -> bool {
        let grouped = self.group_by.with_untracked(|columns| !columns.is_empty());
        if grouped {
            self.set_groups(Vec::new());
            self.focus();
        }
        grouped
    }

    /// Opens a group that is closed, and closes one that is open.
    pub fn toggle(self, values: &[Raw]) {
        self.closed.update(|closed| {
            let before = closed.len();
            closed.retain(|other| other != values);
            if closed.len() == before {
                closed.push(values.to_vec());
            }
        });
    }

    pub fn open_all(self) -> bool {
        self.closed.set(Vec::new());
        self.group_by.with_untracked(|columns| !columns.is_empty())
    }

    /// Closes every group of the outermost level.
    pub fn close_all(self) {
        let outer = self
            .groups
            .with_value(|groups| groups.iter().map(|group| &group.values).filter(|values| values.len() == 1).cloned().collect());
        self.closed.set(outer);
        self.at_head.set(Some(0));
    }

    /// Closes the group that the active row is in and goes to its head.
    pub fn close_group(self) -> bool {
        let Some(at) = untrack(|| self.active()) else { return false };
        let head = self.lines.with_untracked(|lines| {
            let place = lines.over(at.row)?;
            Some((place, lines.head(place)?.group.values.clone()))
        });
        let Some((place, values)) = head else { return false };
        self.toggle(&values);
        self.go_to_head(place);
        true
    }

    /// The line above a row is the head of its group: a step upwards goes there.
    pub fn head_above(self, row: u64) -> Option<usize> {
        self.lines.with_untracked(|lines| match lines.of_row(row).checked_sub(1).map(|line| lines.at(line)) {
            Some(Line::Head(place)) => Some(place),
            _ => None,
        })
    }

    pub fn go_to_head(self, place: usize) {
        self.reveal_line(self.lines.with_untracked(|lines| lines.of_head(place)));
        self.at_head.set(Some(place));
    }

    /// To the head of the group that a group is within.
    pub fn go_to_outer(self, place: usize) {
        let outer = self.lines.with_untracked(|lines| {
            let level = lines.head(place)?.level();
            (0..place).rev().find(|before| lines.head(*before).is_some_and(|head| head.level() < level))
        });
        outer.into_iter().for_each(|outer| self.go_to_head(outer));
    }

    /// To the line above a head, or below it.
    pub fn step_from_head(self, place: usize, down: bool) {
        let count = untrack(|| self.bounds()).rows;
        let next = self.lines.with_untracked(|lines| {
            let line = lines.of_head(place);
            let next = if down { Some(line + 1).filter(|next| *next < lines.count(count)) } else { line.checked_sub(1) };
            next.map(|line| lines.at(line))
        });
        match next {
            Some(Line::Head(next)) => self.go_to_head(next),
            Some(Line::Row(row)) => {
                let col = untrack(|| self.active()).map_or(0, |at| at.col);
                self.go(Cell { row, col }, How::Move);
                self.focus();
            }
            None => {}
        }
    }

    /// Takes in groups that were counted, or that others are open; true if it is known now how many rows there are.
    pub fn draw_lines(self) -> Option<u64> {
        let levels = self.group_by.with_untracked(Vec::len);
        let lines = self.closed.with_untracked(|closed| self.groups.with_value(|groups| Lines::new(groups, levels, closed)));
        let rows = (!lines.is_empty()).then(|| lines.rows());
        if self.lines.with_untracked(|now| *now != lines) {
            self.lines.set(lines);
        }
        rows
    }

    /// The line that a row is drawn in, in pixels from the first one.
    #[must_use]
    pub fn row_top(self, row: u64) -> f64 {
        self.lines.with(|lines| lines.of_row(row)) as f64 * self.row_px.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn group(values: Raw, count: u64) -> Group {
        Group { values: serde_json::from_value(values).unwrap(), count, totals: Vec::new() }
    }

    fn drawn(lines: &Lines, rows: u64) -> String {
        let line = |line| match lines.at(line) {
            Line::Row(row) => {
                assert_eq!(lines.of_row(row), line);
                row.to_string()
            }
            Line::Head(place) => {
                assert_eq!(lines.of_head(place), line);
                let head = lines.head(place).unwrap();
                format!("{}{}", if head.open { "-" } else { "+" }, head.group.values.last().unwrap().as_str().unwrap())
            }
        };
        (0..lines.count(rows)).map(line).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn heads_stand_over_the_rows_of_groups_that_are_open() {
        let groups = [
            group(json!(["a"]), 3),
            group(json!(["a", "x"]), 2),
            group(json!(["a", "y"]), 1),
            group(json!(["b"]), 2),
            group(json!(["b", "x"]), 2),
        ];
        let lines = |closed: Raw| Lines::new(&groups, 2, &serde_json::from_value::<Vec<Vec<Raw>>>(closed).unwrap());
        let is = |closed: Raw, expected: &str| {
            let lines = lines(closed);
            assert_eq!(drawn(&lines, lines.rows()), expected);
        };
        is(json!([]), "-a -x 0 1 -y 2 -b -x 3 4");
        is(json!([["a"]]), "+a -b -x 0 1");
        is(json!([["a", "x"]]), "-a +x -y 0 -b -x 1 2");
        is(json!([["a", "y"], ["b"]]), "-a -x 0 1 +y +b");
        is(json!([["a"], ["b"], ["a", "x"]]), "+a +b");
        assert_eq!(drawn(&lines(json!([["b"]])), 5), "-a -x 0 1 -y 2 +b 3 4", "rows that are being added come last");
        assert_eq!(drawn(&Lines::default(), 3), "0 1 2");
    }

    #[test]
    fn the_rows_between_two_lines_are_those_to_be_fetched() {
        let lines = Lines::new(&[group(json!(["a"]), 3), group(json!(["b"]), 2)], 1, &[]);
        // -a 0 1 2 -b 3 4
        assert_eq!(lines.rows_within((0, 7)), (0, 5));
        assert_eq!(lines.rows_within((2, 5)), (1, 3));
        assert_eq!(lines.rows_within((4, 5)), (3, 3));
        assert_eq!((lines.over(2), lines.over(3)), (Some(0), Some(1)));
        assert_eq!(Lines::default().over(3), None);
    }
}
