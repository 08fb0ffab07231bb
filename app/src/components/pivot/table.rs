//! A pivot as a table: heads above, rows below each other, totals at the ends.

use std::sync::Arc;

use leptos::ev::MouseEvent;
use leptos::html::Div;
use leptos::prelude::*;
use model::{Cube, Head, Opened, Order};

use super::cell::cell;
use super::{PivotState, Place};
use crate::components::measured;

/// Of the head above the rows, on both sides, in CSS pixels.
const CORNER_PADDING: f64 = 16.0;

/// A row as it is drawn.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Line {
    path: String,
    depth: usize,
    label: String,
    /// Whether it can be closed, or opened.
    open: Option<bool>,
    leaf: bool,
}

/// A column as it is drawn, with each of the values below its head.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Column {
    path: String,
    name: String,
    total: bool,
}

/// The lines of the head, each cell with what it says, and the columns below them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Top {
    /// What the levels of rows are called, and what the values.
    rows: Vec<String>,
    values: Vec<String>,
    heads: Vec<Vec<(Head, String)>>,
    columns: Vec<Column>,
}

/// The table itself.
#[component]
pub(super) fn Body(state: PivotState, title: String) -> impl IntoView {
    let top = Memo::new(move |_| {
        let Some(cube) = state.cube.get() else { return Top::default() };
        state.columns.with(|opened| top(state, &cube, opened))
    });
    let lines = Memo::new(move |_| {
        let Some(cube) = state.cube.get() else { return Vec::new() };
        let all = state.rows.with(|opened| state.order.with(|order| cube.lines(opened, order.as_ref())));
        // The whole comes last, however many are before it.
        let (whole, rows) = all.split_last().map_or((None, &[][..]), |(whole, rows)| (Some(whole), rows));
        rows.iter().take(state.drawn.get()).chain(whole).map(|row| line(state, &cube, *row)).collect::<Vec<_>>()
    });
    let rows = move || {
        let columns: Arc<[Column]> = top.with(|top| top.columns.clone().into());
        view! {
            <tbody>
                <For each=move || lines.get() key=Clone::clone let:line>
                    {row(state, line, &columns)}
                </For>
            </tbody>
        }
    };
    view! {
        <table role="grid" aria-label=title aria-multiselectable=state.marking.is_followed().then_some("true")>
            {move || top.with(|top| head(state, top))}
            {rows}
        </table>
    }
}

fn line(state: PivotState, cube: &Cube, row: usize) -> Line {
    let node = cube.rows.get(row);
    let label = if row == 0 { state.store.say(words::pivot_total()) } else { state.dimension(cube, node.depth - 1, &node.value) };
    let open = (row != 0 && !node.children.is_empty()).then(|| state.rows.with(|opened| opened.has(node)));
    Line { path: node.path.clone(), depth: node.depth, label, open, leaf: cube.rows.is_leaf(row) }
}

fn top(state: PivotState, cube: &Cube, opened: &Opened) -> Top {
    let (heads, columns) = cube.heads(opened);
    let rows = state.view.with_value(|view| view.rows);
    let called = |column: usize, total: bool| {
        let node = cube.columns.get(column);
        if total || node.depth == 0 {
            state.store.say(words::pivot_total())
        } else {
            state.dimension(cube, rows + node.depth - 1, &node.value)
        }
    };
    let columns = columns.into_iter().map(|column| {
        let node = cube.columns.get(column);
        Column { path: node.path.clone(), name: called(column, false), total: !cube.columns.is_leaf(column) }
    });
    let columns = columns.collect();
    let heads = heads
        .into_iter()
        .map(|line| line.into_iter().map(|head| (head.clone(), called(head.column, head.total))).collect())
        .collect();
    Top { rows: cube.row_labels(), values: cube.value_labels(), heads, columns }
}

fn head(state: PivotState, top: &Top) -> impl IntoView + use<> {
    let (rows, values) = (top.rows.join(" / "), &top.values);
    let corner = (top.heads.len() + 1).to_string();
    // What a group of columns is called stays in sight beside it.
    let inner: NodeRef<Div> = NodeRef::new();
    measured(inner, move |width, _| state.corner.set(width + CORNER_PADDING));
    let mut first = Some(view! { <th class="pivot-corner" scope="col" rowspan=corner><div node_ref=inner>{rows}</div></th> });
    let mut lines = Vec::new();
    for line in &top.heads {
        let cells = line.iter().map(|(head, label)| column_head(state, head, label.clone(), values.len())).collect_view();
        lines.push(view! { <tr>{first.take()}{cells}</tr> }.into_any());
    }
    let cells = top
        .columns
        .iter()
        .flat_map(|column| values.iter().enumerate().map(move |(value, label)| value_head(state, column, value, label.clone())));
    let cells = cells.collect_view();
    lines.push(view! { <tr class="pivot-values">{first.take()}{cells}</tr> }.into_any());
    view! { <thead>{lines}</thead> }
}

fn column_head(state: PivotState, head: &Head, label: String, values: usize) -> impl IntoView + use<> {
    let path = state.cube().map(|cube| cube.columns.get(head.column).path.clone()).unwrap_or_default();
    let (of, chosen) = (path.clone(), path.clone());
    let followed = state.marking.is_followed();
    let selected = move || followed.then(|| state.is_chosen("[]", &chosen).to_string());
    let toggle = move |_| {
        state.columns.update(|opened| opened.toggle(&path));
        state.focus_head(path.clone());
    };
    let words = named(label, head.open, None, followed, toggle);
    let span = (head.span * values).to_string();
    view! {
        <th
            scope="colgroup" class:is-total=head.total tabindex=followed.then_some("-1") colspan=span rowspan=head.lines.to_string()
            aria-selected=selected data-head=of
        >
            <span class="pivot-name">{words}</span>
        </th>
    }
}

/// What a row or a column is called, with what opens and closes it where there is something below it; beside the name if `apart`, where
/// the name is pressed for something else.
fn named(
    label: String,
    open: Option<bool>,
    tab: Option<&'static str>,
    apart: bool,
    toggle: impl Fn(MouseEvent) + 'static,
) -> AnyView {
    let Some(open) = open else { return label.into_any() };
    let (said, inside, beside) =
        if apart { (Some(label.clone()), None, Some(label)) } else { (None, Some(format!(" {label}")), None) };
    view! {
        <button type="button" class="pivot-toggle" tabindex=tab aria-expanded=open.to_string() aria-label=said on:click=toggle>
            <span aria-hidden="true">{if open { "▾" } else { "▸" }}</span> {inside}
        </button>
        {beside}
    }
    .into_any()
}

fn value_head(state: PivotState, column: &Column, value: usize, label: String) -> impl IntoView + use<> {
    let Column { path, name, total } = column.clone();
    let name = if path == "[]" { label.clone() } else { format!("{name}, {label}") };
    let (at, of) = (path.clone(), path.clone());
    let sorted = move || {
        let order = state.order.get().filter(|order| order.value == value && order.column == at)?;
        Some(order.descending)
    };
    let shown = sorted.clone();
    let aria = move || shown().map(|descending| if descending { "descending" } else { "ascending" });
    let said = state.store.say(words::pivot_sort(name));
    let sort = move |_| {
        // First the largest, then the least, then as they come.
        state.order.update(|order| {
            let now = order.take().filter(|order| order.value == value && order.column == path).map(|order| order.descending);
            let descending = match now {
                None => Some(true),
                Some(true) => Some(false),
                Some(false) => None,
            };
            *order = descending.map(|descending| Order { value, column: path.clone(), descending });
        });
    };
    let sign = move || sorted().map(|descending| if descending { " ↓" } else { " ↑" });
    view! {
        <th scope="col" class:is-total=total aria-sort=aria data-column=of>
            <button type="button" class="pivot-sort" tabindex="-1" aria-label=said on:click=sort>{label}{sign}</button>
        </th>
    }
}

fn row(state: PivotState, line: Line, columns: &[Column]) -> impl IntoView + use<> {
    let Line { path, depth, label, open, leaf } = line;
    let path_of = StoredValue::new(path.clone());
    let toggle = move |_| state.rows.update(|opened| path_of.with_value(|path| opened.toggle(path)));
    let followed = state.marking.is_followed();
    let selected = move || followed.then(|| path_of.with_value(|path| state.is_chosen(path, "[]")).to_string());
    // The keyboard opens and closes it by its row.
    let words = named(label, open, Some("-1"), followed, toggle);
    let values = state.view.with_value(|view| view.values.len());
    let cells = columns.iter().flat_map(|Column { path: column, total, .. }| {
        let path = path.clone();
        (0..values).map(move |value| cell(state, Place { row: path.clone(), column: column.clone(), value }, leaf && !total))
    });
    let cells = cells.collect_view();
    let style = format!("--depth:{}", depth.saturating_sub(1));
    let (is_whole, is_group) = (depth == 0, !leaf && depth != 0);
    view! {
        <tr data-row=path.clone() class:is-whole=is_whole class:is-group=is_group>
            <th scope="row" tabindex="-1" aria-selected=selected style=style class:has-toggle=open.is_some()>{words}</th>
            {cells}
        </tr>
    }
}
