//! What would become of a file's lines, and what has become of them.

use leptos::prelude::*;
use model::{ChangedLine, ColumnView, ElementKind, ImportOutcome, ImportReason, RefusedCell, RefusedLine};
use words::Message;

use super::state::{Import, Step};

/// Lines of each kind that are shown.
const SHOWN: usize = 20;

pub fn outcome(import: Import, outcome: &ImportOutcome) -> impl IntoView + use<> {
    let facts = facts(import, outcome).into_iter().map(|(class, words)| view! { <li class=class>{import.say(words)}</li> });
    let facts = facts.collect::<Vec<_>>();
    let refused = (!outcome.refusals.is_empty()).then(|| refusals(import, outcome));
    let changes = (outcome.trial && !outcome.changes.is_empty()).then(|| changes(import, outcome));
    view! {
        <div class="import-outcome">
            <div role="status"><ul class="grid-paste-facts">{facts}</ul></div>
            {refused}
            {changes}
            <div class="grid-filter-buttons">{buttons(import, outcome)}</div>
        </div>
    }
}

fn facts(import: Import, outcome: &ImportOutcome) -> Vec<(&'static str, Message)> {
    let ImportOutcome { inserted, updated, unchanged, refused, deleted, .. } = *outcome;
    let step = import.step.get_untracked();
    let mut facts = Vec::new();
    match step {
        Step::TakenBack(_) => facts.push(("is-good", words::import_taken_back(deleted + updated))),
        Step::Loaded(_) => facts.push(("is-good", words::import_loaded(inserted + updated))),
        _ => {}
    }
    let taken_back = matches!(step, Step::TakenBack(_));
    if !taken_back && inserted > 0 {
        facts.push(("is-good", words::import_inserted(inserted)));
    }
    if !taken_back && updated > 0 {
        facts.push(("is-good", words::import_updated(updated)));
    }
    if unchanged > 0 {
        facts.push(("", words::import_unchanged(unchanged)));
    }
    if refused > 0 {
        facts.push(("is-bad", if taken_back { words::import_stays(refused) } else { words::import_refused(refused) }));
    }
    facts
}

fn buttons(import: Import, outcome: &ImportOutcome) -> impl IntoView + use<> {
    let good = outcome.inserted + outcome.updated;
    let save = (outcome.refused > 0 && import.has_refused()).then(|| {
        view! { <button type="button" on:click=move |_| import.save_refused()>{import.say(words::import_save_refused())}</button> }
    });
    let rest = match import.step.get_untracked() {
        Step::Tried(_) => {
            let words = if good == 0 { words::import_nothing_to_load() } else { words::import_load_lines(good) };
            view! {
                <button type="button" on:click=move |_| import.back()>{import.say(words::form_back())}</button>
                <button type="button" class="is-primary" disabled=good == 0 on:click=move |_| import.load()>{import.say(words)}</button>
            }
            .into_any()
        }
        Step::Loaded(_) => {
            let undo = (good > 0).then(|| view! { <button type="button" on:click=move |_| import.take_back()>{import.say(words::import_take_back())}</button> });
            view! { {undo} <button type="button" class="is-primary" on:click=move |_| import.close()>{import.say(words::import_done())}</button> }.into_any()
        }
        _ => view! { <button type="button" class="is-primary" on:click=move |_| import.close()>{import.say(words::import_done())}</button> }.into_any(),
    };
    view! { {save} {rest} }
}

fn column(import: Import, name: &str) -> Option<ColumnView> {
    import.element.with_value(|element| match &element.kind {
        ElementKind::InputTable(input) => input.columns.iter().find(|column| column.name == name).cloned(),
        _ => None,
    })
}

fn label(import: Import, name: &str) -> String {
    column(import, name).map_or_else(|| name.to_owned(), |column| column.label)
}

/// Why, how often, and the first lines.
fn refusals(import: Import, outcome: &ImportOutcome) -> impl IntoView + use<> {
    let why = |why: &RefusedCell| {
        let said = import.say(why.told());
        why.column.as_ref().map_or(said.clone(), |name| format!("{}: {said}", label(import, name)))
    };
    let reason = |reason: &ImportReason| {
        // One reason has many texts; the code's own words are of all of them.
        let column = reason.why.column.as_ref().map(|name| format!("{}: ", label(import, name))).unwrap_or_default();
        let said = if reason.lines == 1 { import.say(reason.why.told()) } else { import.say(reason.why.code.message()) };
        view! { <li>{import.say(words::import_lines(reason.lines))} " · " {column} {said}</li> }
    };
    let reasons = outcome.reasons.iter().map(reason).collect::<Vec<_>>();
    let line = |line: &RefusedLine| {
        let cell = |cell: &RefusedCell| {
            let said = why(cell);
            // Some reasons name what they are about.
            let text = (!cell.text.is_empty() && !said.contains(&cell.text)).then(|| view! { <q>{cell.text.clone()}</q> " " });
            view! { <span>{text}{said}</span> }
        };
        let cells = line.why.iter().map(cell);
        view! { <tr><th scope="row">{line.line}</th><td class="is-bad import-why">{cells.collect::<Vec<_>>()}</td></tr> }
    };
    let lines = outcome.refusals.iter().take(SHOWN).map(line).collect::<Vec<_>>();
    let (shown, all) = (lines.len() as u64, outcome.refused);
    let title = import.say(words::import_refused_lines());
    view! {
        <ul class="import-reasons">{reasons}</ul>
        <div class="grid-paste-table" tabindex="0" role="region" aria-label=title>
            <table>
                <thead><tr><th scope="col">{import.say(words::import_line())}</th><th scope="col">{import.say(words::import_why())}</th></tr></thead>
                <tbody>{lines}</tbody>
            </table>
            {(all > shown).then(|| view! { <p class="is-quiet">{import.say(words::import_more(all - shown))}</p> })}
        </div>
    }
}

/// The first lines that change something, with what was there.
fn changes(import: Import, outcome: &ImportOutcome) -> impl IntoView + use<> {
    let shown: Vec<&ChangedLine> = outcome.changes.iter().take(SHOWN).collect();
    let mut names: Vec<&str> = Vec::new();
    for cell in shown.iter().flat_map(|line| &line.cells) {
        if !names.contains(&cell.column.as_str()) {
            names.push(&cell.column);
        }
    }
    let heads = names.iter().map(|name| view! { <th scope="col">{label(import, name)}</th> }).collect::<Vec<_>>();
    let line = |line: &&ChangedLine| {
        let cell = |name: &&str| {
            let cell = line.cells.iter().find(|cell| cell.column == **name);
            let show =
                |raw: &model::Raw| column(import, name).map_or_else(|| raw.to_string(), |column| import.store.show(raw, &column));
            let shown = cell.map(|cell| (show(&cell.was), show(&cell.now)));
            let numeric = column(import, name).is_some_and(|column| column.ty.is_numeric());
            let class = if cell.is_some() { "is-good" } else { "" };
            let parts = shown.map(|(was, now)| {
                let now = if now.is_empty() { import.say(words::blank_value()) } else { now };
                view! { {(!was.is_empty()).then(|| view! { <del>{was}</del> " " })} <span>{now}</span> }
            });
            view! { <td class=class class:is-number=numeric>{parts}</td> }
        };
        let cells = names.iter().map(cell).collect::<Vec<_>>();
        let kind = if line.updates { None } else { Some(view! { " " <small>{import.say(words::import_new())}</small> }) };
        view! { <tr><th scope="row">{line.line} {kind}</th>{cells}</tr> }
    };
    let lines = shown.iter().map(line).collect::<Vec<_>>();
    let (shown, all) = (lines.len() as u64, outcome.inserted + outcome.updated);
    view! {
        <div class="grid-paste-table" tabindex="0" role="region" aria-label=import.say(words::what_would_change())>
            <table>
                <thead><tr><th scope="col">{import.say(words::import_line())}</th>{heads}</tr></thead>
                <tbody>{lines}</tbody>
            </table>
            {(all > shown).then(|| view! { <p class="is-quiet">{import.say(words::import_more(all - shown))}</p> })}
        </div>
    }
}
