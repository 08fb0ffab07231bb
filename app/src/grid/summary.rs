//! What the selected cells come to: counted here where their rows are here, else by the warehouse.

use leptos::prelude::*;
use model::{ApiError, Code, ColumnView, Decimal, Format, QueryRequest, Raw, Value};
use wasm_bindgen_futures::spawn_local;

use super::commands::{MOST_CELLS, cells_of};
use super::geometry::Cell;
use super::rows::question;
use super::selection::Selection;
use super::state::GridState;
use super::window::window_at;
use crate::client::Latest;

/// Cells that are not blank, and of the numbers among them what they come to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Sums {
    count: u64,
    numbers: u64,
    sum: Decimal,
    ends: Option<(Decimal, Decimal)>,
}

impl Sums {
    /// Takes in some cells of one column; `None` where the sum can't be exact.
    fn add(&mut self, count: u64, numbers: Option<(Decimal, Decimal, Decimal)>) -> Option<()> {
        self.count += count;
        if let Some((sum, min, max)) = numbers {
            self.numbers += count;
            self.sum = self.sum.checked_add(sum)?;
            let (least, most) = self.ends.unwrap_or((min, max));
            self.ends = Some((least.min(min), most.max(max)));
        }
        Some(())
    }
}

fn number(raw: &Raw, column: &ColumnView) -> Option<Decimal> {
    Value::from_wire(raw, &column.ty).ok().filter(|_| column.ty.is_numeric())?.as_decimal()
}

/// The line under the grid for a selection of several cells.
#[component]
pub fn Summary(state: GridState) -> impl IntoView {
    let sums = RwSignal::new(None::<Sums>);
    let latest = Latest::default();
    Effect::new(move |_| {
        let selection = state.selection.get();
        state.rows.track();
        let begun = latest.begin();
        if selection.is_single() {
            return sums.set(None);
        }
        let here = local(state, &selection);
        sums.set(here);
        if here.is_none() {
            spawn_local(async move {
                // While a drag or a held key goes on nobody reads it.
                if !begun.rests(QUIET_MS).await {
                    return;
                }
                let asked = remote(state, &selection).await.ok().flatten();
                if begun.is_last() {
                    sums.set(asked);
                }
            });
        }
    });
    let words = move || sums.get().map(|sums| words(state, &sums));
    view! { <span class="grid-summary" role="status">{words}</span> }
}

const QUIET_MS: u64 = 150;

/// `None` if not all rows are here.
fn local(state: GridState, selection: &Selection) -> Option<Sums> {
    let bounds = untrack(|| state.bounds());
    if selection.count(bounds) > MOST_CELLS {
        return None;
    }
    let mut sums = Sums::default();
    for cell in selection.rectangles(bounds).into_iter().flat_map(cells_of) {
        let shown = untrack(|| state.shown(cell))?;
        if !shown.is_null() {
            let number = state.columns.with_value(|columns| number(&shown, &columns[cell.col]));
            sums.add(1, number.map(|n| (n, n, n)))?;
        }
    }
    Some(sums)
}

async fn remote(state: GridState, selection: &Selection) -> Result<Option<Sums>, ApiError> {
    let api = state.store.api.get_value().ok_or_else(|| ApiError::new(Code::Offline))?;
    let mut sums = Sums::default();
    for (from, to) in selection.rectangles(untrack(|| state.bounds())) {
        let query = untrack(|| asked(state, from, to));
        let answer = api.query(query).await?;
        for (column, summary) in (from.col..=to.col).zip(&answer.summary) {
            let number = |raw| state.columns.with_value(|columns| number(raw, &columns[column]));
            let numbers = number(&summary.sum).zip(number(&summary.min)).zip(number(&summary.max));
            if sums.add(summary.count, numbers.map(|((sum, min), max)| (sum, min, max))).is_none() {
                return Ok(None);
            }
        }
    }
    Ok(Some(sums))
}

fn asked(state: GridState, from: Cell, to: Cell) -> QueryRequest {
    let places = state.rows.with(|rows| rows.places.clone());
    let summarize = state.columns.with_value(|columns| columns[from.col..=to.col].iter().map(|c| c.name.clone()).collect());
    window_at(QueryRequest { summarize, ..question(state) }, from.row, to.row - from.row + 1, &places)
}

/// Amounts of one kind are shown as their cells are.
fn words(state: GridState, sums: &Sums) -> String {
    let bounds = untrack(|| state.bounds());
    let rectangles = state.selection.with_untracked(|selection| selection.rectangles(bounds));
    let formats: Vec<Option<Format>> = state.columns.with_value(|columns| {
        let cols = rectangles.iter().flat_map(|(from, to)| from.col..=to.col);
        cols.map(|col| &columns[col]).filter(|column| column.ty.is_numeric()).map(|column| column.format).collect()
    });
    let format = formats.first().copied().flatten().filter(|first| formats.iter().all(|other| *other == Some(*first)));
    let show =
        |n: Decimal| state.store.locale.with_value(|locale| locale.format(&Value::Decimal(n), format.or(Some(Format::Number))));
    let mut words = Vec::new();
    if let Some((min, max)) = sums.ends {
        let average = (sums.sum / Decimal::from(sums.numbers)).round_dp(sums.sum.scale().max(2));
        words.push(words::sum(show(sums.sum)));
        words.push(words::average(show(average)));
        words.push(words::min(show(min)));
        words.push(words::max(show(max)));
    }
    words.push(words::count(sums.count));
    words.into_iter().map(|message| state.say(message)).collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_exact_or_not_there() {
        let mut sums = Sums::default();
        let tenth = Decimal::new(1, 1);
        for _ in 0..3 {
            sums.add(1, Some((tenth, tenth, tenth))).unwrap();
        }
        sums.add(2, None).unwrap();
        assert_eq!((sums.sum, sums.count, sums.numbers), (Decimal::new(3, 1), 5, 3));
        let most = Some((Decimal::MAX, tenth, Decimal::MAX));
        assert!(sums.add(1, most).and_then(|()| sums.add(1, most)).is_none(), "twice the most there is");
    }
}
