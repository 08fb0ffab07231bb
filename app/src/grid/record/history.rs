//! What happened to a row: who changed what, when and by which gesture, and the way back to it as a new edit.

use leptos::prelude::*;
use model::{ColumnView, HistoryAnswer, HistoryEntry, HistoryRequest, Origin, Raw};
use wasm_bindgen_futures::spawn_local;
use words::Message;

use crate::api;
use crate::grid::state::{GridState, Row};

/// The edits that one batch made to the row, newest batch first.
#[derive(Clone, Debug, PartialEq)]
struct Change {
    entries: Vec<HistoryEntry>,
}

fn changes(entries: &[HistoryEntry]) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    for entry in entries {
        match changes.last_mut().filter(|change| change.entries[0].batch_id == entry.batch_id) {
            Some(change) => change.entries.push(entry.clone()),
            None => changes.push(Change { entries: vec![entry.clone()] }),
        }
    }
    changes
}

/// What each column held when the first `newer` of the changes had not been made yet, as far as they changed it.
fn before(changes: &[Change], newer: usize) -> Vec<(String, Raw)> {
    let mut values: Vec<(String, Raw)> = Vec::new();
    // From the oldest of them on: what it replaced was there.
    for entry in changes[..newer].iter().rev().flat_map(|change| change.entries.iter().rev()) {
        if values.iter().all(|(column, _)| *column != entry.column) {
            values.push((entry.column.clone(), entry.old.clone()));
        }
    }
    values
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Known {
    entries: Vec<HistoryEntry>,
    more: bool,
    loaded: bool,
    problem: Option<Message>,
}

/// - `number`: of the row, counted from 0.
/// - `key`: its key values.
#[component]
pub fn History(state: GridState, number: Signal<u64>, key: Vec<Raw>) -> impl IntoView {
    let known = RwSignal::new(Known::default());
    let key = StoredValue::new(key);
    let tables: Vec<String> = state.table.get_value().into_iter().collect();
    Effect::new(move |_| {
        let _ = state.store.versions_of(&tables);
        load(state, key.get_value(), None, known);
    });
    let older = move |_| {
        let last = known.with_untracked(|known| known.entries.last().map(|entry| entry.seq));
        load(state, key.get_value(), last, known);
    };
    let list = move || {
        known.with(|known| {
            let changes = changes(&known.entries);
            let count = changes.len();
            (0..count).map(|i| change(state, number, &changes, i)).collect_view()
        })
    };
    let words = move || {
        known.with(|known| match (&known.problem, known.loaded, known.entries.is_empty()) {
            (Some(problem), ..) => Some(problem.clone()),
            (None, false, _) => Some(Message::given("…")),
            (None, true, true) => Some(words::history_empty()),
            _ => None,
        })
    };
    view! {
        {move || words().map(|words| view! { <p class="is-quiet" role="status">{state.say(words)}</p> })}
        <ol class="record-history" aria-label=state.say(words::history())>{list}</ol>
        {move || known.with(|known| known.more).then(|| view! { <button type="button" on:click=older>{state.say(words::older())}</button> })}
    }
}

fn load(state: GridState, key: Vec<Raw>, before: Option<i64>, known: RwSignal<Known>) {
    let (Some(api), Some(table)) = (state.store.api.get_value(), state.table.get_value()) else { return };
    let workbook = state.store.view.with_value(|view| view.id.clone());
    let history = HistoryRequest { workbook, table, key, before, ..HistoryRequest::default() };
    spawn_local(async move {
        let answer = api.call(&api::History { history }).await;
        known.try_update(|known| match answer {
            Ok(HistoryAnswer { entries, more }) => {
                if before.is_none() {
                    known.entries.clear();
                }
                known.entries.extend(entries);
                (known.more, known.loaded, known.problem) = (more, true, None);
            }
            Err(error) => known.problem = Some(error.told()),
        });
    });
}

fn change(state: GridState, number: Signal<u64>, changes: &[Change], i: usize) -> impl IntoView + use<> {
    let first = &changes[i].entries[0];
    let at = first.at.as_str().unwrap_or_default().to_owned();
    let (by, when, how) = (first.by.clone(), state.store.local_time(&at), state.say(words::by_gesture(&first.origin)));
    let lines = changes[i].entries.iter().rev().map(|entry| line(state, number, entry)).collect_view();
    let earlier = before(changes, i);
    // The newest one is what is there.
    let restore = (i > 0 && can_restore(state, &earlier)).then(|| {
        let back = move |_| put_back(state, number, &earlier);
        view! { <button type="button" on:click=back>{state.say(words::put_row_back())}</button> }
    });
    view! {
        <li>
            <p><b>{by}</b> " " <time datetime=at>{when}</time> <span class="is-quiet">" " {how}</span></p>
            {first.reason.clone().map(|reason| view! { <p class="is-quiet">{reason}</p> })}
            <ul>{lines}</ul>
            {restore}
        </li>
    }
}

fn line(state: GridState, number: Signal<u64>, entry: &HistoryEntry) -> impl IntoView + use<> {
    let column = column(state, &entry.column);
    let show = |raw: &Raw| {
        let text = column
            .as_ref()
            .map_or_else(|| raw.as_str().map_or_else(|| raw.to_string(), str::to_owned), |c| state.store.show(raw, c));
        if raw.is_null() || text.is_empty() { state.say(words::blank()) } else { text }
    };
    let label = column.as_ref().map_or_else(|| entry.column.clone(), |column| column.label.clone());
    let (old, new) = (show(&entry.old), show(&entry.new));
    let words = match entry.operation.as_str() {
        "insert" => view! { <b>{label}</b> ": " <span>{new}</span> }.into_any(),
        "delete" => view! { <b>{label}</b> ": " <del>{old.clone()}</del> }.into_any(),
        _ => view! { <b>{label}</b> ": " <del>{old.clone()}</del> " → " <span>{new}</span> }.into_any(),
    };
    let values = vec![(entry.column.clone(), entry.old.clone())];
    let restore = (entry.operation != "insert" && can_restore(state, &values)).then(|| {
        let name = state.say(words::put_value_back(old));
        view! { <button type="button" class="record-back" title=name.clone() aria-label=name on:click=move |_| put_back(state, number, &values)>"↶"</button> }
    });
    view! { <li><span>{words}</span>{restore}</li> }
}

fn column(state: GridState, name: &str) -> Option<ColumnView> {
    state.columns.with_value(|columns| columns.iter().find(|column| column.name == *name).cloned())
}

fn can_restore(state: GridState, values: &[(String, Raw)]) -> bool {
    values.iter().any(|(name, _)| column(state, name).is_some_and(|column| column.editable))
}

/// Types earlier values again: one batch, which can be taken back as any other.
fn put_back(state: GridState, number: Signal<u64>, values: &[(String, Raw)]) {
    let Some(row) = state.rows.with_untracked(|rows| rows.get(number.get_untracked()).cloned()) else { return };
    let edits = edits(state, &row, values);
    if edits.is_empty() {
        return state.tell(words::row_same_already());
    }
    state.send(edits, Origin::Restore);
    state.store.announce(words::put_back());
}

fn edits(state: GridState, row: &Row, values: &[(String, Raw)]) -> Vec<model::Edit> {
    let mut edits = Vec::new();
    for (name, value) in values {
        let col = state.columns.with_value(|columns| columns.iter().position(|column| column.name == *name && column.editable));
        if let Some(col) = col.filter(|col| state.locked_in(row, *col).is_none()) {
            state.propose(&mut edits, row, col, value.clone());
        }
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(batch: &str, column: &str, old: i64, new: i64) -> HistoryEntry {
        HistoryEntry {
            seq: 0,
            at: Raw::Null,
            user: String::new(),
            by: String::new(),
            column: column.into(),
            operation: "set".into(),
            old: old.into(),
            new: new.into(),
            version: 0,
            origin: "grid".into(),
            reason: None,
            batch_id: batch.into(),
        }
    }

    #[test]
    fn a_row_goes_back_to_what_it_was_after_a_change() {
        // Newest first.
        let entries = [entry("c", "a", 2, 3), entry("b", "b", 7, 8), entry("b", "a", 1, 2), entry("a", "a", 0, 1)];
        let changes = changes(&entries);
        assert_eq!(changes.iter().map(|change| change.entries.len()).collect::<Vec<_>>(), [1, 2, 1]);
        assert_eq!(before(&changes, 0), []);
        assert_eq!(before(&changes, 1), [("a".to_owned(), Raw::from(2))]);
        assert_eq!(before(&changes, 2), [("a".to_owned(), Raw::from(1)), ("b".to_owned(), Raw::from(7))]);
    }
}
