//! Draws the grid: a sticky header, the rows and columns in sight, the editor over them.

use leptos::ev::FocusEvent;
use leptos::prelude::*;
use model::{ColumnView, ElementView};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Node};
use words::Message;

use super::announce::keep_announcing;
use super::bulk::SetAll;
use super::columns::{Columns, column_style};
use super::conflicts::Conflicts;
use super::drafts::keep_drafts;
use super::editor::Editor;
use super::filter::FilterPanel;
use super::find::FindBar;
use super::geometry::{Cell, OVERSCAN, ROW_PX, TOUCH_ROW_PX, Track, Viewport, rows_in_sight};
use super::goto::GoTo;
use super::group_row::GroupRow;
use super::groups::Line;
use super::header::HeaderCell;
use super::help::Help;
use super::load::ProgressBar;
use super::menu::ColumnMenu;
use super::note::Note;
use super::paper::keep_paper;
use super::presence::keep_presence;
use super::preview::Preview;
use super::record::{Part, RecordPanel};
use super::row::{GridRow, cell_id};
use super::rows::{keep_rows, question};
use super::selection::Selection;
use super::state::{GridState, Rows};
use super::summary::Summary;
use super::views::ViewsMenu;
use crate::client::{MOST_ON_PAPER, Store};
use crate::components::{Problem, Tools, measured};

/// How long a person has stopped scrolling before the scroll bar is put right.
const REST_MS: u64 = 160;

/// Rows of a table or an input table.
///
/// - `table`: the input table that edits go to; without one the grid is only read.
/// - `key`: names of its key columns.
/// - `frozen`: how many of the first columns stay in sight.
/// - `files`: the input table whose files it shows, where it is only read.
/// - `under`: the mark of the element whose rows they are; the element's own if absent.
/// - `tools`: what can be done with the element.
#[component]
pub fn Grid(
    store: Store,
    element: ElementView,
    table: Option<String>,
    key: Vec<String>,
    columns: Vec<ColumnView>,
    frozen: usize,
    #[prop(optional)] under: Option<model::Mark>,
    #[prop(optional_no_strip)] files: Option<String>,
    #[prop(optional)] tools: Option<Tools>,
) -> impl IntoView {
    let title = element.title.clone();
    let is_under = under.is_some();
    let state = GridState::new(store, element, (table, files), key, columns, frozen, under);
    tools.into_iter().for_each(|tools| tools.asks(move || untrack(|| question(state))));
    keep_rows(state);
    keep_drafts(state);
    keep_presence(state);
    keep_announcing(state);
    state.store.hold_while(move || state.proposal.with(Option::is_some) || state.editing.with(Option::is_some));
    measured(state.scroller, move |width, height| {
        state.row_px.set(if touched() { TOUCH_ROW_PX } else { ROW_PX });
        state.viewport.update(|viewport| *viewport = Viewport { width, height, ..*viewport });
        state.scroller.get_untracked().and_then(|grid| number_px(&grid)).into_iter().for_each(|px| state.set_number_px(px));
    });
    let on_scroll = move |_| {
        if let Some(scroller) = state.scroller.get_untracked() {
            state.scrolled(f64::from(scroller.scroll_top()), state.scrolled_along(&scroller));
            rest(state);
        }
    };
    let total_width = Memo::new(move |_| {
        state.track_layout();
        state.px_before(state.column_count())
    });
    let lines = Memo::new(move |_| {
        let rows = state.rows.with(Rows::count);
        state.lines.with(|lines| lines.count(rows))
    });
    let lines_in_sight = Memo::new(move |_| {
        if state.store.on_paper.get() {
            return (0, lines.get().min(MOST_ON_PAPER as u64));
        }
        rows_in_sight(state.viewport.get(), state.row_px.get(), lines.get(), state.overscan.get())
    });
    let columns = Columns::new(state);
    keep_paper(state, lines);
    let left_out = move || lines.get() > MOST_ON_PAPER as u64 && state.store.on_paper.get();
    let drawn = move || {
        let (first, last) = lines_in_sight.get();
        state.lines.with(|lines| (first..last).map(|line| lines.at(line)).collect::<Vec<_>>())
    };
    let line = move |line| match line {
        Line::Row(row) => view! { <GridRow state=state row=row columns=columns/> }.into_any(),
        Line::Head(place) => view! { <GroupRow state=state place=place columns=columns/> }.into_any(),
    };
    let again = Callback::new(move |()| state.retries.update(|retries| *retries += 1));
    let empty = move || lines.get() == 0 && state.rows.with(|rows| rows.loaded && rows.error.is_none());
    let row_count = move || if state.rows.with(|rows| rows.counted) { (lines.get() + 1).to_string() } else { "-1".into() };
    let skeleton = move || state.rows.with(|rows| !rows.loaded && rows.error.is_none());
    let height = Memo::new(move |_| Track::new(lines.get(), state.row_px.get(), 0.0, 0.0).height());
    let height = move || format!("height:{}px;width:{}px", height.get(), total_width.get());
    // One that is scrolled away is not there to be named.
    let is_drawn = move |cell: &Cell| {
        let (lines, (frozen, _, others)) = (lines_in_sight.get(), columns.in_sight(state));
        let line = state.lines.with(|lines| lines.of_row(cell.row));
        (lines.0..lines.1).contains(&line) && (frozen.contains(&cell.col) || others.contains(&cell.col))
    };
    let selected = move || state.active().filter(is_drawn).map(|cell| cell_id(state, cell));
    let hint = move || {
        let single = state.selection.with(Selection::is_single);
        state
            .notice
            .get()
            .or_else(|| state.active().filter(|_| single).and_then(|cell| state.locked(cell)))
            .map(|words| state.say(words))
    };
    view! {
        <div class="grid-wrap" class:has-record=move || state.record.with(Option::is_some) on:focusout=move |event| left(state, &event)>
            <div
                class="grid" part="grid" role="grid" tabindex="0" node_ref=state.scroller aria-label=title
                aria-rowcount=row_count
                aria-colcount=move || { state.track_layout(); state.column_count().to_string() } aria-multiselectable="true" aria-activedescendant=selected
                on:scroll=on_scroll on:keydown=move |event| state.on_key(&event)
                on:pointerdown=move |event| state.on_press(&event) on:pointermove=move |event| state.on_move(&event)
                on:pointerup=move |event| state.on_release(&event) on:pointercancel=move |_| state.on_cancel()
                on:click=move |event| state.on_tap(&event) on:dblclick=move |event| state.on_double(&event)
                on:copy=move |event| state.on_copy(&event) on:cut=move |event| state.on_cut(&event) on:paste=move |event| state.on_paste(&event)
            >
                <div class="grid-head" role="row" style=move || format!("width:{}px", total_width.get())>
                    // Keys have Ctrl+A for it.
                    <div class="grid-number grid-corner" aria-hidden="true" title=state.say(words::select_all()) on:click=move |_| state.select_all()></div>
                    {columns.draw(state, move |col| header(state, col))}
                </div>
                <div class="grid-body" role="rowgroup" style=height>
                    <For each=drawn key=|line| *line children=line/>
                </div>
                <Totals state=state columns=columns width=total_width/>
                <Editor state=state/>
                {move || empty().then(|| view! { <p class="element-empty">{state.say(empty_words(state))}</p> })}
                {move || skeleton().then(|| view! { <div class="skeleton-rows" aria-hidden="true"></div> })}
                {move || state.rows.with(|rows| rows.error.clone()).map(|error| view! { <Problem error=error locale=state.store.locale again=again/> })}
            </div>
            <RecordPanel state=state/>
            <ColumnMenu state=state/>
            <FilterPanel state=state/>
            <FindBar state=state/>
            <Help state=state/>
            <SetAll state=state/>
            <Preview state=state/>
            <Note state=state/>
            <Conflicts state=state/>
            {move || left_out().then(|| view! { <p class="chart-note is-below">{state.say(words::printed_rows(MOST_ON_PAPER, lines.get()))}</p> })}
            <div class="grid-foot">
                <GoTo state=state/>
                {(!is_under).then(|| view! { <ViewsMenu state=state/> })}
                {state.columns.with_value(|columns| columns.iter().any(|column| column.editable)).then(|| set_button(state))}
                <button
                    class="grid-row-button" type="button" title=state.say(words::open_row_keys()) aria-pressed=move || state.record.with(Option::is_some).to_string()
                    on:click=move |_| if state.record.with_untracked(Option::is_some) { state.close_record() } else { state.open_record(Part::Fields) }
                >
                    {state.say(words::open_row())}
                </button>
                {state.adds.then(|| row_buttons(state))}
                <span class="grid-foot-hint">{hint}</span>
                <ProgressBar state=state/>
                <Summary state=state/>
                <button
                    class="grid-keys" type="button" aria-label=state.say(words::keys()) title=state.say(words::keys_title()) on:click=move |_| state.helping.set(true)
                >
                    "?"
                </button>
            </div>
        </div>
    }
}

/// How wide the style sheet has the row numbers, in pixels.
fn number_px(grid: &Element) -> Option<f64> {
    let style = window().get_computed_style(grid).ok().flatten()?;
    style.get_property_value("--_number").ok()?.trim().strip_suffix("px")?.parse().ok()
}

/// Whether the person has a finger rather than a mouse.
fn touched() -> bool {
    window().match_media("(pointer: coarse)").ok().flatten().is_some_and(|media| media.matches())
}

fn set_button(state: GridState) -> impl IntoView {
    let col = move || untrack(|| state.active()).map_or(0, |cell| cell.col);
    view! {
        <button class="grid-row-button" type="button" title=state.say(words::set_all_keys()) on:click=move |_| _ = state.ask_set_all(col())>
            {state.say(words::set_all_button())}
        </button>
    }
}

/// What touch has no keys for.
fn row_buttons(state: GridState) -> impl IntoView {
    view! {
        <button class="grid-row-button" type="button" title=state.say(words::add_row_keys()) on:click=move |_| _ = state.add_row()>{state.say(words::add_row())}</button>
        <button class="grid-row-button" type="button" title=state.say(words::delete_rows_keys()) on:click=move |_| _ = state.delete_rows()>{state.say(words::delete_rows())}</button>
    }
}

/// Whoever goes to another part of the page has left the row; whoever goes to another window has not.
fn left(state: GridState, event: &FocusEvent) {
    let frame = event.current_target().and_then(|frame| frame.dyn_into::<Node>().ok());
    let to = event.related_target().and_then(|to| to.dyn_into::<Node>().ok());
    let within = frame.is_some_and(|frame| frame.contains(to.as_ref()));
    let here = window().document().is_some_and(|page| page.has_focus().unwrap_or(false));
    if state.adds && here && !within {
        state.settle(None);
    }
}

fn empty_words(state: GridState) -> Message {
    if state.filters.with(|filters| filters.is_empty()) { words::no_rows() } else { words::no_rows_for_filters() }
}

/// Once the person rests, the scroll bar of a long table is put where it belongs.
fn rest(state: GridState) {
    let begun = state.scrolls.begin();
    spawn_local(async move {
        if begun.rests(REST_MS).await {
            state.overscan.set(OVERSCAN);
            state.scroll_to(state.viewport.with_untracked(|viewport| viewport.top));
        }
    });
}

fn header(state: GridState, col: usize) -> AnyView {
    let Some(column) = state.column(col) else {
        return ().into_any();
    };
    view! { <HeaderCell state=state col=col column=column frozen={col < state.frozen()}/> }.into_any()
}

/// The row under all others, in sight wherever the grid is scrolled to.
#[component]
fn Totals(state: GridState, columns: Columns, width: Memo<f64>) -> impl IntoView {
    let any = Memo::new(move |_| state.rows.with(|rows| !rows.totals.is_empty()));
    let cell = move |col: usize| {
        let name = state.columns.with_value(|columns| columns[col].name.clone());
        let total = Memo::new(move |_| state.rows.with(|rows| rows.totals.iter().find(|total| total.column == name).cloned()));
        let text = move || {
            total.with(|total| {
                total.as_ref().map(|t| state.store.locale.with_value(|locale| locale.show(&t.value, &t.ty, t.format)))
            })
        };
        let label = move || total.with(|total| total.as_ref().map(|total| state.say(words::total_label(&total.label))));
        view! {
            <div
                class="grid-total" class:is-frozen={col < state.frozen()} role="gridcell" aria-colindex=(col + 1).to_string()
                style=move || { state.track_layout(); column_style(state, col) }
            >
                <span>{text}</span>
                <span class="grid-total-label">{label}</span>
            </div>
        }
        .into_any()
    };
    move || {
        any.get().then(|| {
            view! {
                <div class="grid-totals" role="row" style=move || format!("width:{}px", width.get())>
                    <span class="grid-number" aria-hidden="true"></span>
                    {columns.draw(state, cell)}
                </div>
            }
        })
    }
}
