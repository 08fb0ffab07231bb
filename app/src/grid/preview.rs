//! Shows what a block from the clipboard would do before it does it: where each cell goes, what is refused and why.

use std::collections::{BTreeMap, BTreeSet};

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use model::Notation;

use super::clipboard::Separator;
use super::paste::{Fate, Pasting, Planned, Tally, Trial, tally};
use super::state::GridState;
use crate::components::focused;

/// Rows that the preview shows at most; its words count them all.
const SHOWN: usize = 100;

/// Drawn while a block waits for the person's word.
#[component]
pub fn PastePreview(state: GridState) -> impl IntoView {
    let open = Memo::new(move |_| state.pasting.with(Option::is_some));
    move || open.get().then(|| dialog(state))
}

fn dialog(state: GridState) -> impl IntoView {
    let troubled = RwSignal::new(state.pasting.with_untracked(|p| p.as_ref().is_some_and(|p| tally(&p.plan).bad > 0)));
    let frame: NodeRef<html::Div> = NodeRef::new();
    focused(frame);
    let cancel = move || {
        state.pasting.set(None);
        state.store.announcement.set("Nothing was pasted.".into());
        state.focus();
    };
    let on_key = move |event: KeyboardEvent| {
        event.stop_propagation();
        if event.key() == "Escape" {
            cancel();
        }
    };
    let counts = move || state.pasting.with(|pasting| pasting.as_ref().map(|p| tally(&p.plan)).unwrap_or_default());
    let words = move || state.pasting.with(|pasting| pasting.as_ref().map(facts));
    let button = move || match counts() {
        Tally { good: 0, .. } => "Nothing to paste".to_owned(),
        Tally { good, bad: 0, read_only: 0, .. } => format!("Paste {good} {}", cells(good)),
        Tally { good, .. } => format!("Paste only the {good} good {}", cells(good)),
    };
    view! {
        <div class="grid-paste" role="dialog" aria-modal="true" aria-label="Paste" tabindex="-1" node_ref=frame on:keydown=on_key>
            <ul class="grid-paste-facts" role="status">{words}</ul>
            {move || state.pasting.with(|pasting| pasting.as_ref().map(|pasting| notations(state, pasting)))}
            <label class="grid-paste-only">
                <input
                    type="checkbox" prop:checked=troubled
                    on:change=move |event| troubled.set(event_target_checked(&event))
                />
                "Only rows that need a look"
            </label>
            <div class="grid-paste-table" tabindex="0" role="region" aria-label="What would change">
                {move || state.pasting.with(|pasting| pasting.as_ref().map(|pasting| table(state, pasting, troubled.get())))}
            </div>
            <div class="grid-filter-buttons">
                <button type="button" on:click=move |_| cancel()>"Cancel"</button>
                <button
                    type="button" class="is-primary" prop:disabled=move || counts().good == 0
                    on:click=move |_| state.confirm_paste()
                >
                    {button}
                </button>
            </div>
        </div>
    }
}

fn cells(n: usize) -> &'static str {
    if n == 1 { "cell" } else { "cells" }
}

/// What there is to say of the block as a whole.
fn facts(pasting: &Pasting) -> Vec<AnyView> {
    let Tally { good, same, read_only, bad } = tally(&pasting.plan);
    let mut lines = vec![("is-good", format!("{good} {} will change.", cells(good)))];
    let added = added(pasting);
    if added > 0 {
        lines.push(("is-good", format!("{added} {} added.", if added == 1 { "row is" } else { "rows are" })));
    }
    if same > 0 {
        lines.push(("", format!("{same} {} already what is pasted.", if same == 1 { "is" } else { "are" })));
    }
    if bad > 0 {
        lines.push(("is-bad", format!("{bad} {} refused.", if bad == 1 { "is" } else { "are" })));
    }
    if read_only > 0 {
        lines.push((
            "is-warn",
            format!("{read_only} can't be changed here and hold something else: does the block lie where it should?"),
        ));
    }
    if pasting.outside > 0 {
        lines.push((
            "is-warn",
            format!("{} {} beyond the table.", pasting.outside, if pasting.outside == 1 { "lies" } else { "lie" }),
        ));
    }
    match &pasting.trial {
        Trial::Running => lines.push(("", "The warehouse is being asked …".into())),
        Trial::Done => {}
        Trial::Failed(message) => lines.push(("is-warn", format!("The warehouse could not be asked: {message}"))),
    }
    lines.into_iter().map(|(class, words)| view! { <li class=class>{words}</li> }.into_any()).collect()
}

/// How many rows the block would add.
fn added(pasting: &Pasting) -> usize {
    let good = pasting.plan.iter().filter(|planned| matches!(planned.fate, Fate::Good(_))).map(|planned| planned.cell.row);
    let new = good.filter(|row| pasting.rows.get(*row).is_some_and(|row| row.draft.is_some()));
    new.collect::<BTreeSet<u64>>().len()
}

/// How the block is read, to be seen and to be changed.
fn notations(state: GridState, pasting: &Pasting) -> impl IntoView + use<> {
    let Pasting { notation, separator, usual, .. } = *pasting;
    let text = pasting.text.clone();
    let again = {
        let text = text.clone();
        move |separator, notation| state.plan_paste(text.clone(), separator, Some(notation))
    };
    let numbers = {
        let again = again.clone();
        move |event| {
            let decimal = if event_target_value(&event) == "," { ',' } else { '.' };
            again(separator, Notation { decimal, ..notation });
        }
    };
    let dates = {
        let again = again.clone();
        move |event| again(separator, Notation { day_first: event_target_value(&event) == "day", ..notation })
    };
    let columns = move |event| {
        let separator = match event_target_value(&event).as_str() {
            "," => Separator::Comma,
            ";" => Separator::Semicolon,
            _ => Separator::Tab,
        };
        state.plan_paste(text.clone(), separator, None);
    };
    let option = |value: &'static str, words: &'static str, on: bool| view! { <option value=value selected=on>{words}</option> };
    view! {
        <p class="grid-paste-notation" class:is-unusual=!usual>
            <label>"Numbers " <select on:change=numbers>
                {option(".", "1,234.56", notation.decimal == '.')} {option(",", "1.234,56", notation.decimal == ',')}
            </select></label>
            <label>"Dates " <select on:change=dates>
                {option("month", "month/day/year", !notation.day_first)} {option("day", "day/month/year", notation.day_first)}
            </select></label>
            <label>"Columns at " <select on:change=columns>
                {option("tab", "tabs", separator == Separator::Tab)} {option(",", "commas", separator == Separator::Comma)}
                {option(";", "semicolons", separator == Separator::Semicolon)}
            </select></label>
        </p>
    }
}

fn table(state: GridState, pasting: &Pasting, troubled: bool) -> impl IntoView + use<> {
    let mut rows: BTreeMap<u64, Vec<&Planned>> = BTreeMap::new();
    for planned in pasting.plan.iter() {
        rows.entry(planned.cell.row).or_default().push(planned);
    }
    let needs_look = |cells: &Vec<&Planned>| cells.iter().any(|p| matches!(p.fate, Fate::Bad(_) | Fate::ReadOnly(_)));
    rows.retain(|_, cells| !troubled || needs_look(cells));
    let cols = pasting.plan.iter().map(|planned| planned.cell.col);
    let (first, last) = (cols.clone().min().unwrap_or(0), cols.max().unwrap_or(0));
    let head = (first..=last).filter_map(|col| state.column(col)).map(|column| view! { <th scope="col">{column.label}</th> });
    let head: Vec<_> = head.collect();
    let more = rows.len().saturating_sub(SHOWN);
    let line = |(number, cells): (&u64, &Vec<&Planned>)| {
        let of = |col| cells.iter().find(|planned| planned.cell.col == col);
        let cells: Vec<_> = (first..=last)
            .map(|col| of(col).map(|planned| cell(state, pasting, planned)))
            .map(|cell| match cell {
                Some(cell) => cell.into_any(),
                None => view! { <td></td> }.into_any(),
            })
            .collect();
        view! { <tr><th scope="row">{number + 1}</th>{cells}</tr> }
    };
    let lines: Vec<_> = rows.iter().take(SHOWN).map(line).collect();
    view! {
        <table>
            <thead><tr><th scope="col">"Row"</th>{head}</tr></thead>
            <tbody>{lines}</tbody>
        </table>
        {(more > 0).then(|| view! { <p class="is-quiet">{format!("… and {more} more rows.")}</p> })}
        {rows.is_empty().then(|| view! { <p class="is-quiet">"No row needs a look."</p> })}
    }
}

fn cell(state: GridState, pasting: &Pasting, planned: &Planned) -> impl IntoView + use<> {
    let column = state.column(planned.cell.col);
    let show =
        |raw| column.as_ref().map(|column| state.store.locale.with_value(|locale| locale.show(raw, &column.ty, column.format)));
    let before = pasting.rows.get(planned.cell.row).map(|row| untrack(|| state.shown_in(row, planned.cell.col)));
    let before = before.as_ref().and_then(show).filter(|text| !text.is_empty());
    let (class, text, reason) = match &planned.fate {
        Fate::Good(value) => ("is-good", show(value).unwrap_or_default(), None),
        Fate::Same => ("is-same", before.clone().unwrap_or_default(), None),
        Fate::ReadOnly(reason) => ("is-warn", planned.text.clone(), Some(reason.clone())),
        Fate::Bad(reason) => ("is-bad", planned.text.clone(), Some(reason.clone())),
    };
    let before = before.filter(|_| planned.fate != Fate::Same);
    let numeric = column.is_some_and(|column| column.ty.is_numeric());
    view! {
        <td class=class class:is-number=numeric>
            {before.map(|before| view! { <del>{before}</del> " " })}
            <span>{if text.is_empty() { "(blank)".into() } else { text }}</span>
            {reason.map(|reason| view! { <small>{reason}</small> })}
        </td>
    }
}
