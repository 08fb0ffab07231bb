//! Shows what many edits would do before they are made: where each value goes, what is refused and why.

use std::collections::{BTreeMap, BTreeSet};

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use model::{Notation, Origin};

use super::clipboard::Separator;
use super::paste::{Asked, Block};
use super::plan::{Fate, Planned, Proposal, Tally, Trial, tally};
use super::state::GridState;
use crate::components::focused;

/// Rows that the preview shows at most; its words count them all.
const SHOWN: usize = 100;
/// Words about what found no place.
const SHOWN_ASTRAY: usize = 3;

/// Drawn while edits wait for the person's word.
#[component]
pub fn Preview(state: GridState) -> impl IntoView {
    let open = Memo::new(move |_| state.proposal.with(Option::is_some));
    move || open.get().then(|| dialog(state))
}

fn dialog(state: GridState) -> impl IntoView {
    let pastes = state.proposal.with_untracked(|proposal| proposal.as_ref().is_none_or(|p| p.origin == Origin::Paste));
    let title = state.say(if pastes { words::paste() } else { words::set_all_button() });
    let troubled = RwSignal::new(state.proposal.with_untracked(|p| p.as_ref().is_some_and(|p| tally(&p.plan).bad > 0)));
    let frame: NodeRef<html::Div> = NodeRef::new();
    focused(frame);
    let cancel = move || {
        state.proposal.set(None);
        state.store.announce(if pastes { words::nothing_pasted() } else { words::nothing_set() });
        state.focus();
    };
    let on_key = move |event: KeyboardEvent| {
        event.stop_propagation();
        if event.key() == "Escape" {
            cancel();
        }
    };
    let counts = move || state.proposal.with(|proposal| proposal.as_ref().map(|p| tally(&p.plan)).unwrap_or_default());
    let words = move || state.proposal.with(|proposal| proposal.as_ref().map(|proposal| facts(state, proposal)));
    let button = move || {
        state.say(match (counts(), pastes) {
            (Tally { good: 0, .. }, true) => words::nothing_to_paste(),
            (Tally { good: 0, .. }, false) => words::nothing_to_set(),
            (Tally { good, bad: 0, read_only: 0, .. }, true) => words::paste_cells(good),
            (Tally { good, bad: 0, read_only: 0, .. }, false) => words::set_cells(good),
            (Tally { good, .. }, true) => words::paste_good_cells(good),
            (Tally { good, .. }, false) => words::set_good_cells(good),
        })
    };
    view! {
        <div class="grid-paste" role="dialog" aria-modal="true" aria-label=title tabindex="-1" node_ref=frame on:keydown=on_key>
            <div role="status"><ul class="grid-paste-facts">{words}</ul></div>
            {move || state.proposal.with(|proposal| proposal.as_ref().and_then(|proposal| Some(readings(state, proposal.block.as_ref()?))))}
            <label class="grid-paste-only">
                <input
                    type="checkbox" prop:checked=troubled
                    on:change=move |event| troubled.set(event_target_checked(&event))
                />
                {state.say(words::only_troubled())}
            </label>
            <div class="grid-paste-table" tabindex="0" role="region" aria-label=state.say(words::what_would_change())>
                {move || state.proposal.with(|proposal| proposal.as_ref().map(|proposal| table(state, proposal, troubled.get())))}
            </div>
            <div class="grid-filter-buttons">
                <button type="button" on:click=move |_| cancel()>{state.say(words::cancel())}</button>
                <button
                    type="button" class="is-primary" prop:disabled=move || counts().good == 0
                    on:click=move |_| state.confirm()
                >
                    {button}
                </button>
            </div>
        </div>
    }
}

/// What there is to say of the block as a whole.
fn facts(state: GridState, proposal: &Proposal) -> Vec<AnyView> {
    let Tally { good, same, read_only, bad } = tally(&proposal.plan);
    let mut lines = vec![("is-good", words::cells_will_change(good))];
    let added = added(proposal);
    if added > 0 {
        lines.push(("is-good", words::rows_added(added)));
    }
    if same > 0 {
        lines.push(("", words::cells_same(same)));
    }
    if bad > 0 {
        lines.push(("is-bad", words::cells_refused(bad)));
    }
    if read_only > 0 {
        let words = if proposal.block.is_some() { words::cells_locked_in_block } else { words::cells_locked };
        lines.push(("is-warn", words(read_only)));
    }
    lines.extend(proposal.astray.iter().take(SHOWN_ASTRAY).map(|words| ("is-warn", words.clone())));
    if proposal.astray.len() > SHOWN_ASTRAY {
        lines.push(("is-warn", words::more_astray(proposal.astray.len() - SHOWN_ASTRAY)));
    }
    match &proposal.trial {
        Trial::Running => lines.push(("", words::trial_running())),
        Trial::Done => {}
        Trial::Failed(message) => lines.push(("is-warn", words::trial_failed(message.clone()))),
    }
    lines.into_iter().map(|(class, words)| view! { <li class=class>{state.say(words)}</li> }.into_any()).collect()
}

/// How many rows the block would add.
fn added(proposal: &Proposal) -> usize {
    let good = proposal.plan.iter().filter(|planned| matches!(planned.fate, Fate::Good(_))).map(|planned| planned.cell.row);
    let new = good.filter(|row| proposal.rows.get(*row).is_some_and(|row| row.draft.is_some()));
    new.collect::<BTreeSet<u64>>().len()
}

/// How the block is read, to be seen and to be changed.
fn readings(state: GridState, block: &Block) -> impl IntoView + use<> {
    let Block { notation, separator, usual, crosstab, .. } = *block;
    let text = block.text.clone();
    let again = move |asked: Asked| state.plan_paste(text.clone(), asked);
    let now = Asked { separator, notation: Some(notation), crosstab };
    let numbers = {
        let again = again.clone();
        move |event| {
            let decimal = if event_target_value(&event) == "," { ',' } else { '.' };
            again(Asked { notation: Some(Notation { decimal, ..notation }), ..now });
        }
    };
    let dates = {
        let again = again.clone();
        move |event| {
            let day_first = event_target_value(&event) == "day";
            again(Asked { notation: Some(Notation { day_first, ..notation }), ..now });
        }
    };
    let edges = {
        let again = again.clone();
        move |event| again(Asked { notation: None, crosstab: Some(event_target_value(&event) == "edges"), ..now })
    };
    let columns = move |event| {
        let separator = match event_target_value(&event).as_str() {
            "," => Separator::Comma,
            ";" => Separator::Semicolon,
            _ => Separator::Tab,
        };
        again(Asked { separator, notation: None, crosstab: None });
    };
    let option = |value: &'static str, words: String, on: bool| view! { <option value=value selected=on>{words}</option> };
    let layout = crosstab.map(|on| {
        view! {
            <label>{state.say(words::rows_found())} " " <select on:change=edges>
                {option("edges", state.say(words::by_edges()), on)} {option("place", state.say(words::as_it_lies()), !on)}
            </select></label>
        }
    });
    view! {
        <p class="grid-paste-notation" class:is-unusual=!usual>
            {layout}
            <label>{state.say(words::numbers())} " " <select on:change=numbers>
                {option(".", "1,234.56".into(), notation.decimal == '.')} {option(",", "1.234,56".into(), notation.decimal == ',')}
            </select></label>
            <label>{state.say(words::dates())} " " <select on:change=dates>
                {option("month", state.say(words::month_first()), !notation.day_first)} {option("day", state.say(words::day_first()), notation.day_first)}
            </select></label>
            <label>{state.say(words::columns_at())} " " <select on:change=columns>
                {option("tab", state.say(words::tabs()), separator == Separator::Tab)} {option(",", state.say(words::commas()), separator == Separator::Comma)}
                {option(";", state.say(words::semicolons()), separator == Separator::Semicolon)}
            </select></label>
        </p>
    }
}

fn table(state: GridState, proposal: &Proposal, troubled: bool) -> impl IntoView + use<> {
    let mut rows: BTreeMap<u64, Vec<&Planned>> = BTreeMap::new();
    for planned in proposal.plan.iter() {
        rows.entry(planned.cell.row).or_default().push(planned);
    }
    let needs_look = |cells: &Vec<&Planned>| cells.iter().any(|p| matches!(p.fate, Fate::Bad(_) | Fate::ReadOnly(_)));
    rows.retain(|_, cells| !troubled || needs_look(cells));
    let cols = proposal.plan.iter().map(|planned| planned.cell.col);
    let (first, last) = (cols.clone().min().unwrap_or(0), cols.max().unwrap_or(0));
    let head = (first..=last).filter_map(|col| state.column(col)).map(|column| view! { <th scope="col">{column.label}</th> });
    let head: Vec<_> = head.collect();
    let more = rows.len().saturating_sub(SHOWN);
    let line = |(number, cells): (&u64, &Vec<&Planned>)| {
        let of = |col| cells.iter().find(|planned| planned.cell.col == col);
        let cells: Vec<_> = (first..=last)
            .map(|col| of(col).map(|planned| cell(state, proposal, planned)))
            .map(|cell| match cell {
                Some(cell) => cell.into_any(),
                None => view! { <td></td> }.into_any(),
            })
            .collect();
        view! { <tr><th scope="row">{number + 1} " " <small>{key_words(state, proposal, *number)}</small></th>{cells}</tr> }
    };
    let lines: Vec<_> = rows.iter().take(SHOWN).map(line).collect();
    view! {
        <table>
            <thead><tr><th scope="col">{state.say(words::row())}</th>{head}</tr></thead>
            <tbody>{lines}</tbody>
        </table>
        {(more > 0).then(|| view! { <p class="is-quiet">{state.say(words::more_rows(more))}</p> })}
        {rows.is_empty().then(|| view! { <p class="is-quiet">{state.say(words::no_row_troubled())}</p> })}
    }
}

/// What a row is known by.
fn key_words(state: GridState, proposal: &Proposal, number: u64) -> String {
    let Some(row) = proposal.rows.get(number).filter(|row| row.draft.is_none()) else { return String::new() };
    let show = |col: usize| {
        let column = state.column(col)?;
        Some(state.store.show(&row.cells[col], &column))
    };
    state.key_columns().into_iter().filter_map(show).collect::<Vec<_>>().join(" · ")
}

fn cell(state: GridState, proposal: &Proposal, planned: &Planned) -> impl IntoView + use<> {
    let column = state.column(planned.cell.col);
    let show = |raw| column.as_ref().map(|column| state.store.show(raw, column));
    let before = proposal.rows.get(planned.cell.row).map(|row| untrack(|| state.shown_in(row, planned.cell.col)));
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
            <span>{if text.is_empty() { state.say(words::blank_value()) } else { text }}</span>
            {reason.map(|reason| view! { <small>{state.say(reason)}</small> })}
        </td>
    }
}
