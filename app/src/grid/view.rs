//! Draws the grid: a sticky header, the rows and columns in sight, the editor over them.

use leptos::prelude::*;
use model::{ColumnView, ElementView, Raw};

use super::editor::Editor;
use super::filter::FilterPanel;
use super::geometry::{Cell, ROW_PX, Viewport, columns_in_sight, contains, rows_in_sight};
use super::header::HeaderCell;
use super::note::Note;
use super::rows::keep_rows;
use super::state::GridState;
use crate::client::{Mark, Store};
use crate::components::{Problem, measured};

/// Rows of a table or an input table.
///
/// - `table`: the input table that edits go to; without one the grid is only read.
/// - `key`: names of its key columns.
/// - `frozen`: how many of the first columns stay in sight.
#[component]
pub fn Grid(
    store: Store,
    element: ElementView,
    table: Option<String>,
    key: Vec<String>,
    columns: Vec<ColumnView>,
    frozen: usize,
) -> impl IntoView {
    let title = element.title.clone();
    let state = GridState::new(store, element, table, key, columns, frozen);
    keep_rows(state);
    measured(state.scroller, move |width, height| {
        state.viewport.update(|viewport| *viewport = Viewport { width, height, ..*viewport });
    });
    let on_scroll = move |_| {
        if let Some(scroller) = state.scroller.get_untracked() {
            let (top, left) = (f64::from(scroller.scroll_top()), f64::from(scroller.scroll_left()));
            state.viewport.update(|viewport| *viewport = Viewport { top, left, ..*viewport });
        }
    };
    let total_width = state.widths.with_value(|widths| widths.iter().sum::<f64>());
    let rows_in_sight = Memo::new(move |_| rows_in_sight(state.viewport.get(), state.rows.with(|rows| rows.total)));
    let columns_in_sight =
        Memo::new(move |_| state.widths.with_value(|widths| columns_in_sight(state.viewport.get(), widths, state.frozen)));
    let rows = move || {
        let (first, last) = rows_in_sight.get();
        (first..last).collect::<Vec<_>>()
    };
    let empty = move || state.rows.with(|rows| rows.loaded && rows.total == 0 && rows.error.is_none());
    let skeleton = move || state.rows.with(|rows| !rows.loaded && rows.error.is_none());
    let height = move || format!("height:{}px;width:{total_width}px", state.rows.with(|rows| rows.total) as f64 * ROW_PX);
    let selected = move || state.active.get().map(|cell| cell_id(state, cell));
    view! {
        <div class="grid-wrap">
            <div
                class="grid" part="grid" role="grid" tabindex="0" node_ref=state.scroller aria-label=title
                aria-rowcount=move || state.rows.with(|rows| rows.total + 1).to_string()
                aria-colcount=state.column_count().to_string() aria-multiselectable="true" aria-activedescendant=selected
                on:scroll=on_scroll on:keydown=move |event| state.on_key(&event)
                on:copy=move |event| { state.on_copy(&event); } on:cut=move |event| state.on_cut(&event) on:paste=move |event| state.on_paste(&event)
            >
                <div class="grid-head" role="row" style=format!("width:{total_width}px")>
                    {move || header(state, columns_in_sight.get())}
                </div>
                <div class="grid-body" role="rowgroup" style=height>
                    <For each=rows key=|row| *row let:row>
                        <GridRow state=state row=row columns=columns_in_sight/>
                    </For>
                </div>
                {move || totals(state, columns_in_sight.get(), total_width)}
                <Editor state=state/>
                {move || empty().then(|| view! { <p class="element-empty">{empty_words(state)}</p> })}
                {move || skeleton().then(|| view! { <div class="skeleton-rows" aria-hidden="true"></div> })}
                {move || state.rows.with(|rows| rows.error.clone()).map(|error| view! { <Problem error=error/> })}
            </div>
            <FilterPanel state=state/>
            <Note state=state/>
            <div class="grid-foot">
                <span>{move || count_words(state)}</span>
                <span class="grid-foot-hint">{move || state.active.get().and_then(|cell| state.locked(cell))}</span>
            </div>
        </div>
    }
}

fn empty_words(state: GridState) -> &'static str {
    if state.filters.with(|filters| filters.is_empty()) {
        "There are no rows here that you may see."
    } else {
        "No row fits these filters."
    }
}

fn count_words(state: GridState) -> String {
    let total = state.rows.with(|rows| rows.total);
    let locale = |n| state.store.locale.with_value(|l| l.format(&model::Value::Integer(n), Some(model::Format::Integer)));
    let rows = if total == 1 { "row" } else { "rows" };
    match state.selection() {
        Some((from, to)) if from != to => {
            let cells = (to.row - from.row + 1) * (to.col - from.col + 1) as u64;
            format!("{} {rows} · {} cells selected", locale(total as i64), locale(cells as i64))
        }
        _ => format!("{} {rows}", locale(total as i64)),
    }
}

fn cell_id(state: GridState, cell: Cell) -> String {
    format!("{}-r{}c{}", state.element.with_value(|element| element.id.clone()), cell.row, cell.col)
}

/// The columns to draw with their styles: frozen ones stick, the others follow behind a gap.
fn placed(state: GridState, (first, last, gap): (usize, usize, f64)) -> Vec<(usize, String, bool)> {
    let widths = state.widths.get_value();
    let mut placed = Vec::new();
    let mut left = 0.0;
    for (col, width) in widths.iter().enumerate().take(state.frozen) {
        placed.push((col, format!("width:{width}px;inset-inline-start:{left}px"), true));
        left += width;
    }
    for (col, width) in widths.iter().enumerate().take(last).skip(first) {
        let margin = if col == first && gap > 0.0 { format!(";margin-inline-start:{gap}px") } else { String::new() };
        placed.push((col, format!("width:{width}px{margin}"), false));
    }
    placed
}

fn header(state: GridState, in_sight: (usize, usize, f64)) -> Vec<AnyView> {
    let cell = |(col, style, frozen): (usize, String, bool)| {
        let column = state.column(col)?;
        Some(view! { <HeaderCell state=state col=col column=column style=style frozen=frozen/> }.into_any())
    };
    placed(state, in_sight).into_iter().filter_map(cell).collect()
}

/// The row under all others, in sight wherever the grid is scrolled to.
fn totals(state: GridState, in_sight: (usize, usize, f64), width: f64) -> Option<impl IntoView + use<>> {
    let totals = state.rows.with(|rows| rows.totals.clone());
    if totals.is_empty() {
        return None;
    }
    let cell = |(col, style, frozen): (usize, String, bool)| {
        let name = state.columns.with_value(|columns| columns[col].name.clone());
        let total = totals.iter().find(|total| total.column == name);
        let text = total.map(|t| state.store.locale.with_value(|locale| locale.show(&t.value, &t.ty, t.format)));
        let label = total.map(|t| t.label.clone());
        view! {
            <div class="grid-total" class:is-frozen=frozen role="gridcell" aria-colindex=(col + 1).to_string() style=style>
                <span>{text}</span>
                <span class="grid-total-label">{label}</span>
            </div>
        }
    };
    let cells: Vec<_> = placed(state, in_sight).into_iter().map(cell).collect();
    Some(view! { <div class="grid-totals" role="row" style=format!("width:{width}px")>{cells}</div> })
}

#[component]
fn GridRow(state: GridState, row: u64, columns: Memo<(usize, usize, f64)>) -> impl IntoView {
    let cells = move || {
        let drawn = placed(state, columns.get());
        drawn.into_iter().map(|(col, style, frozen)| cell(state, Cell { row, col }, style, frozen)).collect::<Vec<_>>()
    };
    view! {
        <div class="grid-row" role="row" aria-rowindex=(row + 2).to_string() style=format!("transform:translateY({}px)", row as f64 * ROW_PX)>
            {cells}
        </div>
    }
}

/// How a cell looks, compared before anything is drawn again.
#[derive(Clone, Debug, PartialEq)]
struct Look {
    text: String,
    class: &'static str,
    active: bool,
    selected: bool,
}

fn look(state: GridState, cell: Cell, column: &ColumnView) -> Look {
    let mark = state.id(cell).and_then(|id| state.store.outbox.marks.with(|marks| marks.get(&id).cloned()));
    let show = |raw: &Raw| state.store.locale.with_value(|locale| locale.show(raw, &column.ty, column.format));
    let stored = || state.stored(cell).map(|raw| show(&raw)).unwrap_or_default();
    let (text, class) = match &mark {
        Some(Mark::Pending { value }) => (show(value), "is-pending"),
        Some(Mark::Saved) => (stored(), "is-saved"),
        Some(Mark::Rejected { typed, .. }) => (typed.clone(), "is-rejected"),
        Some(Mark::Conflict { value, .. }) => (show(value), "is-conflict"),
        None => (stored(), ""),
    };
    let active = state.active.get() == Some(cell);
    let selected = state.selection().is_some_and(|range| contains(range, cell));
    Look { text, class, active, selected }
}

fn cell(state: GridState, cell: Cell, style: String, frozen: bool) -> AnyView {
    let Some(column) = state.column(cell.col) else {
        return ().into_any();
    };
    let fixed = format!(
        "grid-td{}{}{}",
        if frozen { " is-frozen" } else { "" },
        if column.ty.is_numeric() { " is-number" } else { "" },
        if column.editable && state.table.with_value(Option::is_some) { "" } else { " is-read-only" },
    );
    let read_only = fixed.ends_with("is-read-only");
    let look = Memo::new(move |_| look(state, cell, &column));
    let class = move || {
        let Look { class, active, selected, .. } = look.get();
        format!("{fixed} {class}{}{}", if active { " is-active" } else { "" }, if selected { " is-selected" } else { "" })
    };
    let press = move |event: leptos::ev::MouseEvent| {
        if event.button() == 0 {
            state.go(cell, event.shift_key());
        }
    };
    // Dragging with the button held extends the selection.
    let drag = move |event: leptos::ev::MouseEvent| {
        if event.buttons() == 1 && state.active.with_untracked(Option::is_some) {
            state.active.set(Some(cell));
        }
    };
    let invalid = move || look.with(|look| matches!(look.class, "is-rejected" | "is-conflict")).then_some("true");
    view! {
        <div
            class=class role="gridcell" id=cell_id(state, cell) style=style aria-colindex=(cell.col + 1).to_string()
            aria-readonly=read_only.then_some("true") aria-invalid=invalid
            aria-selected=move || look.with(|look| look.selected).to_string()
            on:mousedown=press on:mouseenter=drag on:dblclick=move |_| state.edit(None)
        >
            {move || look.with(|look| look.text.clone())}
        </div>
    }
    .into_any()
}
