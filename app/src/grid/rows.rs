//! Fetches windows of rows as they come into sight, ahead of the scroll, and again when they may have changed. What is on
//! screen stays until something newer is there. How many rows there are, and places to ask for far ones from, is a
//! question of its own where the table is long.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use gloo_timers::future::sleep;
use leptos::prelude::*;
use model::{ApiError, BatchOutcome, COMMENTS_SUFFIX, Code, ColumnRole, Extent, QueryAnswer, QueryRequest, Raw, RowMeta};
use wasm_bindgen_futures::spawn_local;

use super::geometry::rows_in_sight;
use super::selection::Selection;
use super::state::{GridState, Row, Rows};
use super::window::{BLOCK, Sight, window_at};
use crate::client::Flight;

/// What was asked: a new question empties the grid's windows, a new version only makes them old.
#[derive(Clone, Debug, Default, PartialEq)]
struct Asked {
    request: QueryRequest,
    versions: Vec<i64>,
    /// Of the tables whose change may put rows elsewhere.
    order: Vec<i64>,
    /// Of what is said about rows, and rows tell of.
    said: Vec<i64>,
}

/// What is on its way, and what need not be asked again.
#[derive(Default)]
struct Traffic {
    asked: Asked,
    sight: Sight,
    /// Windows that are there as they are now.
    fresh: HashSet<u64>,
    flying: HashMap<u64, Flight>,
    /// The most rows that there ever were, once they have been counted.
    longest: Option<u64>,
    /// Whether the windows of this question bring the number of rows along.
    along: bool,
    /// What the rows were last counted for on their own.
    counted: Option<Asked>,
    counting: bool,
}

impl Traffic {
    fn is_short(&self) -> bool {
        self.longest.is_some_and(|longest| longest <= COUNTED_ALONG)
    }

    fn saw(&mut self, total: Option<u64>) {
        self.longest = self.longest.max(total);
    }
}

type Held = StoredValue<Traffic, LocalStorage>;

/// Seconds after which a window that could not be had is asked for again.
const AGAIN_S: u64 = 3;
/// Windows on their way at once. One more, and one that nobody needs any longer is given up.
const MOST_FLYING: usize = 3;
/// Up to here counting costs so little that every window does.
const COUNTED_ALONG: u64 = 10_000;

/// Keeps the grid's rows up to date for as long as it lives.
pub fn keep_rows(state: GridState) {
    let element = state.element.get_value();
    let traffic: Held = StoredValue::new_local(Traffic::default());
    let boot = if state.under.with_value(Option::is_none) { state.store.take_boot(&element.id) } else { None };
    if let Some(boot) = &boot {
        state.rows.update(|rows| take(state, rows, 0, boot));
    }
    let controls = element.controls.clone();
    let asked = Memo::new(move |_| ask(state, &element.depends_on));
    let sight = Memo::new(move |before: Option<&Sight>| {
        let total = state.rows.with(|rows| rows.total);
        let rows = state
            .lines
            .with(|lines| lines.rows_within(rows_in_sight(state.viewport.get(), state.row_px.get(), lines.count(total), 0)));
        Sight::new(rows, before)
    });
    Effect::new(move |ran: Option<()>| {
        let (asked, sight) = (asked.get(), sight.get());
        let (mut starts_over, mut toggles) = (false, false);
        traffic.update_value(|traffic| {
            traffic.sight = sight;
            if traffic.asked == asked {
                return;
            }
            starts_over = ran.is_some() && traffic.asked.request != asked.request;
            toggles = starts_over && only_toggles(&traffic.asked.request, &asked.request);
            if starts_over {
                // Even if it is a question that was counted before: what was known of it is let go.
                traffic.counted = None;
            }
            traffic.fresh.clear();
            traffic.flying.clear();
            traffic.asked = asked;
            // What came with the page need not be asked again, if it is for what is chosen.
            if let Some(boot) = boot.as_ref().filter(|_| ran.is_none()) {
                if untrack(|| state.store.is_as_at_first(&controls)) {
                    traffic.fresh.insert(0);
                    traffic.saw(boot.total);
                } else {
                    starts_over = true;
                }
            }
            traffic.along = traffic.is_short();
        });
        if starts_over {
            state.rows.update(|rows| {
                rows.places = Arc::default();
                rows.starting_over = true;
            });
            state.selection.set(Selection::default());
            // A group that is opened or closed stays where it is.
            if !toggles {
                state.groups.set_value(Vec::new());
                state.scroll_to(0.0);
            }
        }
        fetch(state, traffic);
        count(state, traffic);
    });
    Effect::new(move |_| {
        if let Some(outcome) = state.store.outbox.committed.get() {
            state.rows.update(|rows| patch(state, rows, &outcome));
        }
    });
    on_cleanup(move || drop(traffic.try_update_value(std::mem::take)));
}

/// Whether nothing but groups was opened or closed.
fn only_toggles(before: &QueryRequest, now: &QueryRequest) -> bool {
    let columns = |request: &QueryRequest| request.group.as_ref().map(|group| group.columns.clone());
    let same = QueryRequest { group: before.group.clone(), ..now.clone() } == *before;
    same && columns(before) == columns(now)
}

/// What the grid shows, but for the window; tracked.
pub fn question(state: GridState) -> QueryRequest {
    state.element.with_value(|element| QueryRequest {
        filters: state.filters.with(|filters| filters.values().flatten().cloned().collect()),
        sort: state.sort.get(),
        group: state.grouping(),
        under: state.under.get_value(),
        ..state.store.question(&element.id, &element.controls)
    })
}

fn ask(state: GridState, tables: &[String]) -> Asked {
    let request = question(state);
    let versions = state.store.versions_of(tables);
    // An edit of a linked table leaves the rows where they are, unless they are filtered or sorted by what was typed.
    let typed = |name: &String| {
        state.columns.with_value(|columns| {
            let role = columns.iter().find(|column| column.name == *name).map(|column| column.role);
            matches!(role, Some(ColumnRole::Input | ColumnRole::Computed))
        })
    };
    let by = request.filters.iter().map(|filter| &filter.column).chain(request.sort.iter().map(|sort| &sort.column));
    let by_typed = by.chain(request.group.iter().flat_map(|group| &group.columns)).any(typed);
    let own = state.table.with_value(|table| tables.iter().position(|name| Some(name) == table.as_ref()));
    let mut order = versions.clone();
    // Asked for again, rows are counted again too.
    order.push(state.retries.get());
    if let Some(own) = own.filter(|_| !by_typed) {
        // The first version is everybody's.
        order[own + 1] = 0;
    }
    let said = state.table.get_value().map(|table| state.store.versions_of(&[format!("{table}{COMMENTS_SUFFIX}")]));
    Asked { request, versions, order, said: said.unwrap_or_default() }
}

/// Asks for what is in sight and not there, and for what comes next.
fn fetch(state: GridState, traffic: Held) {
    let Some(api) = state.store.api.get_value() else {
        return;
    };
    let (total, places, counted) = state.rows.with_untracked(|rows| (rows.total, rows.places.clone(), rows.counted));
    // Until the rows are counted nobody knows which window is the last.
    let windows = if counted { total.div_ceil(BLOCK) } else { u64::MAX };
    let starting = traffic.try_update_value(|traffic| {
        let (mut starting, along) = (Vec::new(), traffic.along);
        for window in traffic.sight.wanted(windows) {
            if traffic.fresh.contains(&window) || traffic.flying.contains_key(&window) {
                continue;
            }
            if traffic.flying.len() >= MOST_FLYING {
                let sight = traffic.sight;
                let Some(idle) = traffic.flying.keys().copied().find(|flying| !sight.needs(*flying)) else { break };
                traffic.flying.remove(&idle);
            }
            let flight = Flight::default();
            let signal = flight.signal();
            traffic.flying.insert(window, flight);
            starting.push((window, signal, along, traffic.asked.clone()));
        }
        starting
    });
    for (window, signal, along, asked) in starting.into_iter().flatten() {
        let question = QueryRequest { uncounted: !along, ..asked.request.clone() };
        let query = window_at(question, window * BLOCK, BLOCK, &places);
        let api = api.clone();
        spawn_local(async move {
            let answer = state.store.query(&api, query, signal.as_ref()).await;
            landed(state, traffic, window, &asked, answer);
        });
    }
}

fn landed(state: GridState, traffic: Held, window: u64, asked: &Asked, answer: Result<QueryAnswer, ApiError>) {
    // Given up, overtaken by a newer question or version, or its grid is gone: this answer is no news.
    let awaited = traffic.try_update_value(|traffic| {
        let awaited = traffic.asked == *asked && traffic.flying.remove(&window).is_some();
        if let (true, Ok(answer)) = (awaited, &answer) {
            traffic.fresh.insert(window);
            traffic.saw(answer.total);
        }
        awaited.then_some(traffic.sight)
    });
    let Some(Some(sight)) = awaited else { return };
    // One that took too long would only take as long again.
    let passes = |error: &ApiError| error.status() >= 500 && error.code != Code::WarehouseTooSlow;
    let (failed, passes) = (answer.is_err(), answer.as_ref().is_err_and(passes));
    let held = Anchor::of(state);
    let gone = state.rows.try_update(|rows| match answer {
        Ok(answer) => {
            take(state, rows, window, &answer);
            let surplus = sight.surplus(rows.blocks.keys().copied());
            for window in &surplus {
                rows.blocks.remove(window);
            }
            surplus
        }
        Err(error) => {
            fail(rows, error);
            Vec::new()
        }
    });
    let Some(surplus) = gone else { return };
    held.follow(state);
    state.arrived();
    traffic.update_value(|traffic| traffic.fresh.retain(|window| !surplus.contains(window)));
    if !failed {
        fetch(state, traffic);
        return count(state, traffic);
    }
    if !passes {
        return;
    }
    // What could not be had now is asked for again.
    spawn_local(async move {
        sleep(Duration::from_secs(AGAIN_S)).await;
        if traffic.try_with_value(|_| ()).is_some() {
            fetch(state, traffic);
        }
    });
}

/// The row that the person is at, by its key, while others add and delete rows around it.
struct Anchor {
    row: u64,
    key: Option<String>,
}

impl Anchor {
    fn of(state: GridState) -> Self {
        let row = untrack(|| state.active()).map_or(0, |at| at.row);
        let key = state.rows.with_untracked(|rows| rows.get(row).filter(|_| !rows.starting_over).map(|row| row.key_text.clone()));
        Self { row, key }
    }

    /// Takes the selection, what is being typed and the place in the scroll bar to where the row is now.
    fn follow(self, state: GridState) {
        let (Some(key), Some(_)) = (self.key, untrack(|| state.active())) else { return };
        let now = state.rows.with_untracked(|rows| {
            let stayed = rows.get(self.row).is_none_or(|row| row.key_text == key);
            if stayed { None } else { rows.find(|row| row.key_text == key) }
        });
        let Some(now) = now else { return };
        let by = now.cast_signed() - self.row.cast_signed();
        state.selection.update(|selection| selection.shift(by));
        for editing in [state.editing, state.beside] {
            // The field that is open keeps what is in it; only its place changes.
            if editing.with_untracked(Option::is_some) {
                let moved = |row: u64| row.saturating_add_signed(by);
                editing.update(|editing| editing.iter_mut().for_each(|editing| editing.cell.row = moved(editing.cell.row)));
            }
        }
        let top = state.viewport.with_untracked(|viewport| viewport.top) + by as f64 * state.row_px.get_untracked();
        state.scroll_to(top);
    }
}

/// Counts the rows of a long table, one question at a time, and asks for places where they may have moved.
fn count(state: GridState, traffic: Held) {
    let Some(api) = state.store.api.get_value() else {
        return;
    };
    let starting = traffic.try_update_value(|traffic| {
        let current = traffic.counted.as_ref() == Some(&traffic.asked);
        if current || traffic.counting || traffic.along && traffic.is_short() {
            return None;
        }
        traffic.counting = true;
        traffic.along = false;
        let places = traffic
            .counted
            .as_ref()
            .is_none_or(|counted| counted.request != traffic.asked.request || counted.order != traffic.asked.order);
        Some((traffic.asked.clone(), places))
    });
    let Some((asked, places)) = starting.flatten() else { return };
    spawn_local(async move {
        let query = QueryRequest { limit: 1, places, ..asked.request.clone() };
        let answer = api.query(query).await;
        let done = traffic.try_update_value(|traffic| {
            traffic.counting = false;
            let awaited = traffic.asked.request == asked.request;
            if let (true, Ok(answer)) = (awaited, &answer) {
                traffic.saw(answer.total);
                traffic.counted = Some(asked);
            }
            awaited
        });
        let Some(awaited) = done else { return };
        if let (true, Ok(answer)) = (awaited, &answer) {
            let moved = state.rows.try_update(|rows| counted(state, rows, answer, places)).unwrap_or(false);
            if moved {
                // What is on its way was asked for from places that are no more.
                traffic.update_value(|traffic| {
                    traffic.fresh.clear();
                    traffic.flying.clear();
                });
            }
        }
        if answer.is_ok() || !awaited {
            fetch(state, traffic);
            count(state, traffic);
        }
    });
}

/// Takes in how many rows there are; true if rows may lie elsewhere than they did.
fn counted(state: GridState, rows: &mut Rows, answer: &QueryAnswer, asked_places: bool) -> bool {
    rows.start_over();
    state.groups.set_value(answer.groups.clone());
    state.draw_lines();
    rows.totals.clone_from(&answer.totals);
    rows.extents = extents(answer);
    rows.counted = answer.total.is_some();
    rows.total = answer.total.unwrap_or(rows.total);
    let places = answer.places.as_deref().unwrap_or_default();
    let moved = asked_places && !rows.places.is_empty() && *rows.places != *places;
    if asked_places {
        rows.places = places.into();
    }
    moved
}

fn fail(rows: &mut Rows, error: ApiError) {
    if error.code != Code::Offline || !rows.loaded {
        rows.error = Some(error);
    }
}

/// The rows of an answer, cells in the order of the grid's columns.
pub fn made(state: GridState, answer: &QueryAnswer) -> Vec<Row> {
    let place = |name: &str| answer.columns.iter().position(|column| column.name == name);
    let cells: Vec<Option<usize>> =
        state.columns.with_value(|columns| columns.iter().map(|column| place(&column.name)).collect());
    let key: Vec<Option<usize>> = state.key.with_value(|key| key.iter().map(|name| place(name)).collect());
    let pick = |row: &[Raw], places: &[Option<usize>]| -> Vec<Raw> {
        places.iter().map(|place| place.and_then(|i| row.get(i)).cloned().unwrap_or(Raw::Null)).collect()
    };
    let flags: Vec<Option<usize>> = state.formats.with_value(|formats| formats.flags.iter().map(|flag| place(flag)).collect());
    let row = |(i, row): (usize, &Vec<Raw>)| {
        let key = pick(row, &key);
        let key_text = serde_json::to_string(&key).unwrap_or_default();
        let meta = answer.meta.get(i);
        let flags_of = |row: &[Raw]| flags.iter().map(|flag| flag.and_then(|i| row.get(i)) == Some(&Raw::Bool(true))).collect();
        let read_only = meta.and_then(RowMeta::told);
        let (version, threads) = meta.map_or((0, 0), |meta| (meta.version, meta.threads));
        Row { key, key_text, cells: pick(row, &cells), read_only, version, threads, flags: flags_of(row), draft: None }
    };
    answer.rows.iter().enumerate().map(row).collect()
}

fn take(state: GridState, rows: &mut Rows, window: u64, answer: &QueryAnswer) {
    let made = made(state, answer);
    let started = rows.start_over();
    if answer.total.is_some() {
        state.groups.set_value(answer.groups.clone());
    }
    if started || answer.total.is_some() {
        // Of groups that were counted before it is known how many rows are in those that are open now.
        if let Some(total) = state.draw_lines() {
            (rows.total, rows.counted) = (total, true);
        }
    }
    let end = window * BLOCK + made.len() as u64;
    match answer.total {
        Some(total) => {
            rows.total = total;
            rows.counted = true;
            rows.totals.clone_from(&answer.totals);
            rows.extents = extents(answer);
        }
        // A window that is not full is the last one.
        None if (made.len() as u64) < BLOCK && (window == 0 || !made.is_empty()) => {
            rows.total = end;
            rows.counted = true;
        }
        None if !rows.counted => rows.total = rows.total.max(end),
        None => {}
    }
    rows.blocks.insert(window, Arc::new(made));
    rows.loaded = true;
    rows.error = None;
}

/// The ends of the columns that are drawn by how large their numbers are.
fn extents(answer: &QueryAnswer) -> BTreeMap<String, (f64, f64)> {
    let number = |raw: &Raw| raw.as_f64().or_else(|| raw.as_str()?.parse::<f64>().ok());
    let ends = |extent: &Extent| Some((extent.column.clone(), (number(&extent.min)?, number(&extent.max)?)));
    answer.extents.iter().filter_map(ends).collect()
}

/// Puts the values of a committed batch into the rows that are on screen, computed columns included.
fn patch(state: GridState, rows: &mut Rows, outcome: &BatchOutcome) {
    let Some(table) = state.table.get_value() else {
        return;
    };
    let names: Vec<String> = state.columns.with_value(|columns| columns.iter().map(|column| column.name.clone()).collect());
    for changed in outcome.rows.iter().filter(|row| row.table == table) {
        let key_text = serde_json::to_string(&changed.key).unwrap_or_default();
        rows.put(&key_text, &names, &changed.values.iter().collect::<Vec<_>>());
    }
}
