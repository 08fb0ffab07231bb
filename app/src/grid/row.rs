//! One row of the grid: what the warehouse said, or what became of what the person typed.
//!
//! Cells are drawn as text, not as components: a screenful of them changes with every frame of a fast scroll, and a node of
//! the reactive graph for each would take longer than the frame lasts (ADR 9). Everything that comes from outside goes
//! through [`escape`].

use leptos::html;
use leptos::prelude::*;
use model::{ColumnType, ColumnView, Raw};
use wasm_bindgen::JsCast;

use super::columns::{Columns, column_style};
use super::formats::Dress;
use super::geometry::Cell;
use super::presence::initials;
use super::state::{GridState, Row};
use crate::client::{Mark, Store};

/// Drawn while it is in sight; a row that has not arrived yet is drawn empty.
#[component]
pub fn GridRow(state: GridState, row: u64, columns: Columns) -> impl IntoView {
    let index = move || (state.lines.with(|lines| lines.of_row(row)) + 2).to_string();
    let style = move || format!("transform:translateY({}px)", state.px_of(row));
    let loading = Memo::new(move |_| state.rows.with(|rows| rows.get(row).is_none()));
    let cells = Memo::new(move |_| cells(state, row, columns));
    let node: NodeRef<html::Div> = NodeRef::new();
    let first = cells.get_untracked();
    let html = first.concat();
    let drawn = StoredValue::new(first);
    Effect::new(move |_| {
        let now = cells.get();
        if let Some(node) = node.get() {
            drawn.update_value(|drawn| redraw(&node, std::mem::replace(drawn, now.clone()), &now));
        }
    });
    view! {
        <div
            class="grid-row" class:is-loading=loading role="row" data-row=row.to_string() aria-rowindex=index style=style
            aria-busy=move || loading.get().then_some("true") node_ref=node inner_html=html
        ></div>
    }
}

/// Draws again what has changed: assistive technology keeps its place in what has not.
fn redraw(row: &web_sys::Element, before: Vec<String>, now: &[String]) {
    if before.len() != now.len() {
        return row.set_inner_html(&now.concat());
    }
    let children = row.children();
    let changed = now.iter().enumerate().zip(before).filter(|((_, now), before)| *now != before);
    for ((i, html), _) in changed {
        if let Some(cell) = u32::try_from(i).ok().and_then(|i| children.item(i)) {
            cell.unchecked_into::<web_sys::Element>().set_outer_html(html);
        }
    }
}

/// A cell's id in the page, for `aria-activedescendant`.
#[must_use]
pub fn cell_id(state: GridState, cell: Cell) -> String {
    format!("{}-r{}c{}", state.element.with_value(|element| element.id.clone()), cell.row, cell.col)
}

/// What the sign at a row's number does, as HTML.
#[must_use]
pub fn open_title(store: Store) -> String {
    escape(&store.say(words::open_row()))
}

/// The HTML of each cell in sight, with the gap that stands for those that are not.
fn cells(state: GridState, row: u64, columns: Columns) -> Vec<String> {
    state.track_layout();
    let (frozen, gap, scrolled) = columns.in_sight(state);
    let gap = format!("<span class=\"grid-gap\" role=\"presentation\" style=\"width:{gap}px\"></span>");
    state.rows.with(|rows| {
        let known = rows.get(row);
        let draw = |col| state.columns.with_value(|columns| cell(state, Cell { row, col }, &columns[col], known));
        let (whole, active) = state.selection.with(|selection| (selection.has_row(row), selection.active()));
        let on = if whole { " is-on" } else { "" };
        let at = if active.is_some_and(|at| at.row == row) { " is-at" } else { "" };
        let number = if rows.is_blank(row) { "+".to_owned() } else { (row + 1).to_string() };
        let threads = known.map_or(0, |row| row.threads);
        let talked = if threads > 0 { format!("<b class=\"grid-threads\">{threads}</b>") } else { String::new() };
        // Its sign is drawn by the style sheet: a node less for each row of a fast scroll.
        let opens = state.open_title.with_value(|title| format!("<span class=\"grid-open\" title=\"{title}\"></span>"));
        let number = format!("<div class=\"grid-number{on}{at}\" aria-hidden=\"true\">{opens}{talked}{number}</div>");
        [number].into_iter().chain(frozen.map(draw)).chain([gap]).chain(scrolled.map(draw)).collect()
    })
}

/// The initials of a colleague who types here.
fn typist(state: GridState, name: &str) -> String {
    let (letters, words) = (escape(&initials(name)), escape(&state.say(words::types_here(name))));
    format!(
        "<span class=\"grid-typist\" title=\"{words}\"><span aria-hidden=\"true\">{letters}</span><span class=\"visually-hidden\">({words})</span></span>"
    )
}

fn cell(state: GridState, cell: Cell, column: &ColumnView, row: Option<&Row>) -> String {
    let read_only = !column.editable || state.table.with_value(Option::is_none);
    let mark = row.and_then(|row| state.mark(row, cell.col));
    let show = |raw: &Raw| state.store.show(raw, column);
    let stored = || row.and_then(|row| row.cells.get(cell.col)).map(show).unwrap_or_default();
    let (text, state_class, invalid) = match &mark {
        Some(Mark::Pending { value }) => (show(value), " is-pending", false),
        Some(Mark::Saved) => (stored(), " is-saved", false),
        Some(Mark::Rejected { typed, .. }) => (typed.clone(), " is-rejected", true),
        Some(Mark::Conflict { value, .. }) => (show(value), " is-conflict", true),
        None => (stored(), "", false),
    };
    let dress = row.map(|row| {
        let value = row.cells.get(cell.col).unwrap_or(&Raw::Null);
        state
            .rows
            .with_untracked(|rows| state.formats.with_value(|formats| formats.dress(&column.name, value, row, &rows.extents)))
    });
    // What becomes of what one types is more than what the author says of it.
    let Dress { class: dressed, style: dress, before } = dress.filter(|_| state_class.is_empty()).unwrap_or_default();
    let check = column.ty == ColumnType::Boolean && !invalid;
    let content = if check && !text.is_empty() { checkbox(&text, is_on(mark.as_ref(), row, cell.col)) } else { escape(&text) };
    let (active, selected) = state.selection.with(|selection| (selection.active() == Some(cell), selection.contains(cell)));
    let filled = state.filling.with(|filling| filling.is_some_and(|filling| filling.covers(cell)));
    let handle = !read_only && state.selection.with(|selection| selection.handle() == Some(cell));
    let typist = row.and_then(|row| state.typist(row, cell.col)).map(|name| typist(state, &name)).unwrap_or_default();
    let class = |on: bool, name: &'static str| if on { name } else { "" };
    format!(
        "<div class=\"grid-td{}{}{}{}{state_class}{dressed}{}{}{}{}{}\" role=\"gridcell\" id=\"{}\" aria-colindex=\"{}\"{}{} aria-selected=\"{selected}\" style=\"{}{dress}\">{before}{}{typist}{}</div>",
        class(cell.col < state.frozen(), " is-frozen"),
        class(column.ty.is_numeric(), " is-number"),
        class(read_only, " is-read-only"),
        class(column.file.is_some() && row.is_some_and(|row| state.file(row, cell.col).is_some()), " is-file"),
        class(active, " is-active"),
        class(selected, " is-selected"),
        class(filled, " is-filling"),
        class(handle, " has-grip"),
        class(!typist.is_empty(), " has-typist"),
        cell_id(state, cell),
        cell.col + 1,
        class(read_only, " aria-readonly=\"true\""),
        class(invalid, " aria-invalid=\"true\""),
        column_style(state, cell.col),
        content,
        class(handle, "<span class=\"grid-corner-grip\"></span>"),
    )
}

fn is_on(mark: Option<&Mark>, row: Option<&Row>, col: usize) -> bool {
    match mark {
        Some(Mark::Pending { value }) => *value == Raw::Bool(true),
        _ => row.and_then(|row| row.cells.get(col)) == Some(&Raw::Bool(true)),
    }
}

/// A yes or no: drawn as a box, told as a word.
fn checkbox(word: &str, on: bool) -> String {
    format!(
        "<span class=\"grid-check{}\"></span><span class=\"grid-check-word\">{}</span>",
        if on { " is-on" } else { "" },
        escape(word)
    )
}

/// Text as the content of an element or an attribute.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_never_markup() {
        assert_eq!(
            escape("<img src=x onerror=\"alert('1')\"> & more"),
            "&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt; &amp; more"
        );
        assert_eq!(escape("plain ü 漢"), "plain ü 漢");
    }
}
