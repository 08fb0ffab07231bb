//! What a person does with a drawing, as the chart chunk tells it.

use leptos::prelude::*;
use serde::Deserialize;

use super::state::ChartState;

/// Rows are those of the small chart that is drawn; places are those of x in sight.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gesture {
    /// A mark, or the place of an x. `more`: beside what is chosen already.
    Press { row: Option<usize>, place: Option<usize>, more: bool },
    /// Twice.
    Deeper { row: Option<usize>, place: Option<usize> },
    /// Drawn from one x to another.
    Span { from: usize, to: usize },
    /// Drawn around points.
    Area { rows: Vec<usize> },
}

impl ChartState {
    /// - `place`: of the small chart.
    pub fn does(self, place: usize, gesture: Gesture) {
        match gesture {
            Gesture::Press { row, place: at, more } => {
                if let Some(mark) = self.pressed(place, row, at) {
                    self.toggle(mark, more);
                }
            }
            Gesture::Deeper { row, place: at } => {
                if let Some(mark) = self.pressed(place, row, at) {
                    self.go_down(&mark);
                }
            }
            Gesture::Span { from, to } => self.choose_span(place, from, to),
            Gesture::Area { rows } => {
                let marks = rows.into_iter().filter_map(|row| self.mark(self.row_of(place, row)?));
                self.choose(&marks.collect::<Vec<_>>());
            }
        }
    }

    fn pressed(self, place: usize, row: Option<usize>, at: Option<usize>) -> Option<model::Mark> {
        if let Some(row) = row {
            return self.mark(self.row_of(place, row)?);
        }
        let x = untrack(|| self.with_part(place, |marks| marks.in_sight().get(at?).map(|(x, _)| (*x).clone())))??;
        Some(self.at_x(x, Vec::new()))
    }
}
