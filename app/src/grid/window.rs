//! Which windows of rows to ask for, and where each begins. Values only.

use model::{Place, QueryRequest};

/// Rows in one window.
pub const BLOCK: u64 = 100;
/// Windows that are kept: some around those in sight. Memory does not grow with the way scrolled.
const KEPT: usize = 24;

/// The windows that the rows in sight need, and which way they went last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    pub first: u64,
    pub last: u64,
    pub upwards: bool,
}

impl Sight {
    /// Rows from `first` to before `last`, after `before` was in sight.
    #[must_use]
    pub fn new((first, last): (u64, u64), before: Option<&Self>) -> Self {
        let (first, last) = (first / BLOCK, last.max(1).saturating_sub(1) / BLOCK);
        let upwards = before.is_some_and(|before| first < before.first || first == before.first && before.upwards);
        Self { first, last, upwards }
    }

    #[must_use]
    pub fn needs(self, window: u64) -> bool {
        (self.first..=self.last).contains(&window)
    }

    /// What to ask for, most urgent first: what is in sight, then what comes next.
    #[must_use]
    pub fn wanted(self, windows: u64) -> Vec<u64> {
        let mut wanted: Vec<u64> = (self.first..=self.last).collect();
        wanted.extend(if self.upwards { self.first.checked_sub(1) } else { Some(self.last + 1) });
        wanted.retain(|window| *window < windows.max(1));
        wanted
    }

    fn distance(self, window: u64) -> u64 {
        self.first.saturating_sub(window).max(window.saturating_sub(self.last))
    }

    /// Those of `windows` to let go of: the ones furthest away.
    #[must_use]
    pub fn surplus(self, windows: impl Iterator<Item = u64>) -> Vec<u64> {
        let mut windows: Vec<u64> = windows.collect();
        windows.sort_by_key(|window| self.distance(*window));
        windows.split_off(KEPT.min(windows.len()))
    }
}

/// The place that row `start` is asked for from, and the rows between; the table's first row if no place is nearer.
fn address(start: u64, places: &[Place]) -> (Option<&Place>, u64) {
    let after = places.partition_point(|place| place.row <= start);
    let place = after.checked_sub(1).map(|i| &places[i]).filter(|place| place.row > 0);
    (place, start - place.map_or(0, |place| place.row))
}

/// The question's window of `limit` rows from `row` on.
#[must_use]
pub fn window_at(question: QueryRequest, row: u64, limit: u64, places: &[Place]) -> QueryRequest {
    let (place, offset) = address(row, places);
    QueryRequest { from: place.map(|place| place.from.clone()).unwrap_or_default(), offset, limit, ..question }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_sight_is_asked_for_first_then_what_comes_next() {
        let down = Sight::new((180, 230), None);
        assert_eq!(down.wanted(10), [1, 2, 3]);
        let up = Sight::new((90, 130), Some(&down));
        assert_eq!(up.wanted(10), [0, 1]);
        assert!(Sight::new((95, 135), Some(&up)).upwards, "within the same window");
        assert_eq!(Sight::new((0, 0), None).wanted(0), [0], "before anything is known");
        assert_eq!(Sight::new((900, 1_000), None).wanted(10), [9]);
    }

    #[test]
    fn windows_far_away_are_let_go() {
        let sight = Sight::new((100_000, 100_030), None);
        assert_eq!(sight.surplus(985..1_015), [1_012, 987, 1_013, 986, 1_014, 985]);
        assert!(sight.surplus(0..24).is_empty());
    }

    #[test]
    fn a_row_is_asked_for_from_the_place_before_it() {
        let place = |row| Place { row, from: vec![row.into()] };
        let places = [place(0), place(1_000), place(1_998)];
        assert_eq!(address(999, &places), (None, 999));
        assert_eq!(address(1_000, &places), (Some(&places[1]), 0));
        assert_eq!(address(2_100, &places), (Some(&places[2]), 102));
        assert_eq!(address(7, &[]), (None, 7));
    }
}
