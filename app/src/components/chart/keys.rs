//! The marks for the keyboard and for whoever does not see them: a list of which the arrows go from one to the next.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::marks::Marks;
use super::state::ChartState;

/// Lies over the drawing; what is seen of it is where the keyboard is.
#[component]
pub fn Keys(state: ChartState) -> impl IntoView {
    let store = state.store;
    let title = state.element.with_value(|element| element.title.clone());
    let id = state.element.with_value(|element| format!("{}-mark", element.id));
    let active = id.clone();
    let count = move || state.answer().map_or(0, |answer| answer.rows.len());
    let at = move || state.at.get().filter(|at| *at < count()).or((count() > 0).then_some(0));
    let option = move || {
        let row = at()?;
        let said = state.with_whole(|marks| said(marks, row))?;
        let chosen = state.marked().contains(&row);
        Some(view! {
            <div role="option" id=id.clone() aria-selected=chosen.to_string() aria-posinset=(row + 1).to_string() aria-setsize=count().to_string()>
                {said}
            </div>
        })
    };
    let show = move || {
        let row = untrack(at);
        let Some((place, row)) = row.and_then(|row| state.part_of(row)) else { return };
        state.drawings.with_value(|all| all.get(&place).into_iter().for_each(|drawing| drawing.show(row)));
    };
    let hide = move || state.drawings.with_value(|all| all.values().for_each(super::panel::Drawing::hide));
    let on_key = move |event: KeyboardEvent| {
        if state.on_key(&event, untrack(at)) {
            event.prevent_default();
            event.stop_propagation();
            hide();
            show();
        }
    };
    // Only whoever comes by keys has a mark before him.
    let on_focus = move |_| show();
    view! {
        <div
            class="chart-keys" role="listbox" tabindex="0" aria-multiselectable="true" aria-label=store.say(words::chart_marks(title))
            aria-activedescendant=move || at().map(|_| active.clone()) on:keydown=on_key on:focus=on_focus on:blur=move |_| hide()
        >
            <div class="visually-hidden">{option}</div>
        </div>
    }
}

/// What a mark stands for, and its numbers.
fn said(marks: Marks<'_>, row: usize) -> String {
    let Some(row) = marks.answer.rows.get(row) else { return String::new() };
    let places: Vec<String> = (0..marks.first_measure()).map(|dimension| marks.label(row, dimension)).collect();
    let number = |i: usize| {
        let label = marks.measure(i).map(|column| column.label.as_str()).unwrap_or_default();
        marks.say(words::chart_mark_number(label, marks.figure(row, i)))
    };
    let numbers: Vec<String> = (0..marks.chart.series.len()).map(number).collect();
    marks.say(words::chart_mark(places.join(", "), numbers.join(", ")))
}

impl ChartState {
    /// Does what a key says; false for one that is none of the marks'.
    fn on_key(self, event: &KeyboardEvent, at: Option<usize>) -> bool {
        let Some(at) = at else { return false };
        let key = event.key();
        if event.alt_key() {
            let Some(mark) = self.mark(at) else { return false };
            match key.as_str() {
                "ArrowDown" => self.go_down(&mark),
                "ArrowUp" => {
                    let depth = untrack(|| self.path()).len();
                    if depth > 0 {
                        self.go_up(depth - 1);
                    }
                }
                "Enter" if self.has_details() => self.look_at_rows(mark),
                _ => return false,
            }
            return true;
        }
        let forward = if self.store.from_right() { "ArrowLeft" } else { "ArrowRight" };
        let next = match key.as_str() {
            "ArrowRight" | "ArrowLeft" => self.next(at, key == forward, false),
            "ArrowDown" | "ArrowUp" => self.next(at, key == "ArrowDown", true),
            "Home" => Some(0),
            "End" => untrack(|| self.answer()).map(|answer| answer.rows.len().saturating_sub(1)),
            "Enter" | " " => {
                if let Some(mark) = self.mark(at) {
                    self.toggle(mark, event.ctrl_key() || event.meta_key() || event.shift_key());
                }
                return true;
            }
            "Escape" if !untrack(|| self.chosen()).is_empty() => {
                self.choose(&[]);
                return true;
            }
            _ => return false,
        };
        if let Some(next) = next {
            self.at.set(Some(next));
        }
        true
    }

    /// The next mark along x, or beside it at the same x.
    fn next(self, at: usize, forward: bool, beside: bool) -> Option<usize> {
        let answer = untrack(|| self.answer())?;
        let by = untrack(|| self.axes()).1.len();
        let rows = &answer.rows;
        let here = rows.get(at)?;
        let fits = |row: &usize| {
            let row = &rows[*row];
            match (beside, by) {
                (true, 0) => true,
                (true, _) => row.first() == here.first(),
                (false, _) => row.iter().skip(1).take(by).eq(here.iter().skip(1).take(by)),
            }
        };
        if forward { (at + 1..rows.len()).find(fits) } else { (0..at).rev().find(fits) }
    }
}
