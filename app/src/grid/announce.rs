//! Tells those who don't see it what became of the table as a whole: how it is sorted, and how many rows its filters leave.

use leptos::prelude::*;
use words::Message;

use super::state::GridState;

/// Announces for as long as the grid lives.
pub fn keep_announcing(state: GridState) {
    let sorted = Memo::new(move |_| state.sort.get());
    Effect::new(move |ran: Option<()>| {
        sorted.with(|_| ());
        if ran.is_some() {
            state.store.announce(untrack(|| sorted_by(state)));
        }
    });
    // What was filtered is told once the new number of rows is known.
    let waits = StoredValue::new(false);
    let filters = Memo::new(move |_| state.filters.get());
    Effect::new(move |ran: Option<()>| {
        filters.with(|_| ());
        waits.set_value(ran.is_some());
    });
    let count = Memo::new(move |_| state.rows.with(|rows| (rows.counted && !rows.starting_over).then_some(rows.total)));
    Effect::new(move |_| {
        if let Some(count) = count.get().filter(|_| waits.get_value()) {
            waits.set_value(false);
            state.store.announce(words::count_rows(count));
        }
    });
}

fn sorted_by(state: GridState) -> Message {
    let label = |name: &str| {
        let label = |columns: &Vec<model::ColumnView>| columns.iter().find(|column| column.name == name).map(|c| c.label.clone());
        state.columns.with_value(label).unwrap_or_else(|| name.to_owned())
    };
    let one = |sort: &model::Sort| {
        let label = label(&sort.column);
        state.say(if sort.descending { words::sorted_down(label) } else { words::sorted_up(label) })
    };
    match state.sort.with(|sort| sort.iter().map(one).collect::<Vec<_>>()) {
        none if none.is_empty() => words::sorted_by_nothing(),
        all => words::sorted_by(all.join(", ")),
    }
}
