//! A pivot as a table: heads above, rows below each other, totals at the ends.

use std::sync::Arc;

use leptos::prelude::*;

use super::cube::{Cube, Head, Order};
use super::{PivotState, Place};
use crate::client::Mark;
use crate::editors::{Exit, Field, FieldBox};

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

/// What stands above the columns.
#[derive(Clone, Debug, PartialEq)]
struct Top {
    heads: Vec<Vec<(Head, String)>>,
    /// Paths of the columns, whether they are totals, and what they are called.
    columns: Vec<(String, bool, String)>,
}

/// The table itself.
#[component]
pub(super) fn Body(state: PivotState, title: String) -> impl IntoView {
    let top = Memo::new(move |_| {
        let Some(cube) = state.cube.get() else { return Top { heads: Vec::new(), columns: Vec::new() } };
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
        let columns: Arc<[(String, bool, String)]> = top.with(|top| top.columns.clone().into());
        view! {
            <tbody>
                <For each=move || lines.get() key=Clone::clone let:line>
                    {row(state, line, &columns)}
                </For>
            </tbody>
        }
    };
    view! {
        <table role="grid" aria-label=title>
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

fn top(state: PivotState, cube: &Cube, opened: &super::cube::Opened) -> Top {
    let (heads, columns) = cube.heads(opened);
    let rows = state.view.with_value(|view| view.rows.len());
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
        (node.path.clone(), !cube.columns.is_leaf(column), called(column, false))
    });
    let columns = columns.collect();
    let heads = heads
        .into_iter()
        .map(|line| line.into_iter().map(|head| (head.clone(), called(head.column, head.total))).collect())
        .collect();
    Top { heads, columns }
}

fn head(state: PivotState, top: &Top) -> impl IntoView + use<> {
    let (rows, values) = state
        .view
        .with_value(|view| (view.rows.join(" / "), view.values.iter().map(|value| value.label.clone()).collect::<Vec<_>>()));
    let corner = (top.heads.len() + 1).to_string();
    let mut first = Some(view! { <th class="pivot-corner" scope="col" rowspan=corner>{rows}</th> });
    let mut lines = Vec::new();
    for line in &top.heads {
        let cells = line.iter().map(|(head, label)| column_head(state, head, label.clone(), values.len())).collect_view();
        lines.push(view! { <tr>{first.take()}{cells}</tr> }.into_any());
    }
    let cells = top.columns.iter().flat_map(|(path, total, name)| {
        values.iter().enumerate().map(move |(value, label)| value_head(state, path.clone(), *total, name, value, label.clone()))
    });
    let cells = cells.collect_view();
    lines.push(view! { <tr class="pivot-values">{first.take()}{cells}</tr> }.into_any());
    view! { <thead>{lines}</thead> }
}

fn column_head(state: PivotState, head: &Head, label: String, values: usize) -> impl IntoView + use<> {
    let path = state.cube().map(|cube| cube.columns.get(head.column).path.clone()).unwrap_or_default();
    let of = path.clone();
    let toggle = move |_| {
        state.columns.update(|opened| opened.toggle(&path));
        state.focus_head(path.clone());
    };
    let words = match head.open {
        Some(open) => view! {
            <button type="button" class="pivot-toggle" aria-expanded=open.to_string() on:click=toggle>
                <span aria-hidden="true">{if open { "▾" } else { "▸" }}</span> " " {label}
            </button>
        }
        .into_any(),
        None => label.into_any(),
    };
    let span = (head.span * values).to_string();
    view! { <th scope="colgroup" class:is-total=head.total colspan=span rowspan=head.lines.to_string() data-head=head.open.map(|_| of)><span class="pivot-name">{words}</span></th> }
}

fn value_head(state: PivotState, path: String, total: bool, column: &str, value: usize, label: String) -> impl IntoView + use<> {
    let name = if path == "[]" { label.clone() } else { format!("{column}, {label}") };
    let at = path.clone();
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
        <th scope="col" class:is-total=total aria-sort=aria>
            <button type="button" class="pivot-sort" tabindex="-1" aria-label=said on:click=sort>{label}{sign}</button>
        </th>
    }
}

fn row(state: PivotState, line: Line, columns: &Arc<[(String, bool, String)]>) -> impl IntoView + use<> {
    let Line { path, depth, label, open, leaf } = line;
    let path_of = StoredValue::new(path.clone());
    let toggle = move |_| state.rows.update(|opened| path_of.with_value(|path| opened.toggle(path)));
    let words = match open {
        Some(open) => view! {
            <button type="button" class="pivot-toggle" tabindex="-1" aria-expanded=open.to_string() on:click=toggle>
                <span aria-hidden="true">{if open { "▾" } else { "▸" }}</span> " " {label}
            </button>
        }
        .into_any(),
        None => label.into_any(),
    };
    let values = state.view.with_value(|view| view.values.len());
    let cells = columns.iter().flat_map(|(column, total, _)| {
        let path = path.clone();
        (0..values).map(move |value| cell(state, Place { row: path.clone(), column: column.clone(), value }, leaf && !total))
    });
    let cells = cells.collect_view();
    let style = format!("--depth:{}", depth.saturating_sub(1));
    let (is_whole, is_group) = (depth == 0, !leaf && depth != 0);
    view! {
        <tr data-row=path.clone() class:is-whole=is_whole class:is-group=is_group>
            <th scope="row" tabindex="-1" style=style class:has-toggle=open.is_some()>{words}</th>
            {cells}
        </tr>
    }
}

fn cell(state: PivotState, place: Place, leaf: bool) -> impl IntoView + use<> {
    let (heat, column) =
        state.view.with_value(|view| view.values.get(place.value).map(|v| (v.heat, v.column.clone()))).unwrap_or_default();
    let editable = column.is_some();
    let (path, value) = (place.column.clone(), place.value.to_string());
    let place = StoredValue::new(place);
    let mark = move || {
        let cube = state.cube.get()?;
        let id = place.with_value(|place| state.id(&cube, place))?;
        state.store.outbox.marks.with(|marks| marks.get(&id).cloned())
    };
    // Only cells that are typed into have marks.
    let mark = Memo::new(move |_| (editable && leaf).then(mark).flatten());
    let is_there = move || {
        state
            .cube
            .with(|cube| cube.as_ref().is_some_and(|cube| place.with_value(|p| cube.at(&p.row, &p.column, p.value).is_some())))
    };
    let text = move || {
        if let Some(Mark::Rejected { typed, .. }) = mark.get() {
            return typed;
        }
        state
            .cube
            .with(|cube| {
                let cube = cube.as_ref()?;
                let raw = place.with_value(|place| {
                    if leaf && editable {
                        state.held(cube, place)
                    } else {
                        cube.at(&place.row, &place.column, place.value).cloned()
                    }
                })?;
                Some(state.shown(cube, place.with_value(|place| place.value), &raw))
            })
            .unwrap_or_default()
    };
    let part = move || {
        state.cube.with(|cube| {
            let cube = cube.as_ref()?;
            let part = place.with_value(|place| cube.part(cube.at(&place.row, &place.column, place.value)?, place.value))?;
            Some(format!("--part:{:.0}%", part * 100.0))
        })
    };
    let shade = (heat && leaf).then_some(part);
    let typed = Memo::new(move |_| {
        editable && state.typing.with(|typing| typing.as_ref().is_some_and(|(at, _)| place.with_value(|place| place == at)))
    });
    let class = move || {
        let mark = match mark.get() {
            Some(Mark::Pending { .. }) => " is-pending",
            Some(Mark::Saved) => " is-saved",
            Some(Mark::Rejected { .. }) => " is-rejected",
            Some(Mark::Conflict { .. }) => " is-conflict",
            None => "",
        };
        let kind = if leaf { "" } else { " is-total" };
        let input = if editable && is_there() { " is-input" } else { "" };
        let heat = if heat && leaf { " is-scaled" } else { "" };
        format!("pivot-cell{kind}{input}{heat}{mark}")
    };
    let content = move || if typed.get() { field(state, place).into_any() } else { text.into_any() };
    let read_only = (!editable).then_some("true");
    view! { <td class=class tabindex="-1" style=shade aria-readonly=read_only data-column=path data-value=value>{content}</td> }
}

/// What a cell is typed into with.
fn field(state: PivotState, place: StoredValue<Place>) -> Option<impl IntoView> {
    let at = place.get_value();
    let (_, begun) = state.typing.get_untracked()?;
    let mut column = state.column(at.value)?;
    if !state.is_leaf(&at) {
        // A total is not what the column's rules are about.
        column.constraints = model::Constraints::default();
    }
    let typed = begun.is_some();
    let text = begun.unwrap_or_else(|| untrack(|| state.typed_text(&at)));
    let id = format!("{}-field", state.element.with_value(|element| element.id.clone()));
    let field = Field::new(state.store, column, id, text, typed, Callback::new(|()| ()));
    let exit = Callback::new(move |way: Exit| state.leave(&place.get_value(), field.value(), way));
    Some(view! { <FieldBox field=field aid=None above=false exit=exit/> })
}
