//! A form is sent, once, and what became of it is told at its fields.

use std::collections::BTreeMap;

use leptos::prelude::*;
use model::{ApiError, CellEdit, Code, Edit, Filled, FormField, RowOutcome};

use super::state::{FormState, Place, Texts, made};
use super::thanks_words;
use crate::editors::read;

/// Sends what is in the form, unless something is wrong with it.
pub fn send(state: FormState) {
    if state.sending.with_untracked(Option::is_some) {
        return;
    }
    state.failed.set(None);
    if !looks_good(state, &untrack(|| state.sections())) {
        return;
    }
    let (edits, sent) = edits(state);
    state.sent.set_value(sent);
    let form = state.id.get_value();
    state.sending.set(Some(state.store.outbox.submit_form(form, edits)));
}

/// Whether all is well in these sections; what is not is said at its place, and the keyboard goes to the first of it.
pub fn looks_good(state: FormState, sections: &[usize]) -> bool {
    let wrong = state.wrong_in(sections);
    let good = wrong.is_empty();
    state.problems.set(wrong);
    if !good {
        tell(state);
    }
    good
}

/// Shows the first step that has something wrong, and takes the keyboard there.
fn tell(state: FormState) {
    let first = state.problems.with_untracked(|problems| problems.keys().filter_map(|place| state.section_of(place)).min());
    first.into_iter().for_each(|section| state.show_section(section));
    state.store.announce(words::form_attention());
    state.told.update(|told| *told += 1);
}

/// The form's own row and its lines, with where each line is on the screen.
fn edits(state: FormState) -> (Vec<Edit>, Vec<(String, usize)>) {
    state.form.with_value(|form| {
        let filled = state.filled.get_untracked();
        let fields: Vec<&FormField> = form.sections.iter().flat_map(|section| &section.fields).collect();
        let own = state.texts.with_untracked(|texts| cells(state, &fields, texts, &filled));
        let (mut edits, mut sent) = (vec![Edit::insert(&form.table, Vec::new(), own)], Vec::new());
        let there = untrack(|| state.sections());
        for lines in there.into_iter().filter_map(|i| form.sections[i].lines.as_ref()) {
            let fields: Vec<&FormField> = lines.fields.iter().collect();
            for line in state.lines.with_untracked(|all| all.get(&lines.table).cloned().unwrap_or_default()) {
                let filled = untrack(|| state.filled_line(lines, line.number));
                edits.push(Edit::insert(&lines.table, Vec::new(), cells(state, &fields, &line.texts, &filled)));
                sent.push((lines.table.clone(), line.number));
            }
        }
        (edits, sent)
    })
}

/// What is in the fields that are there. What was cleared where the form would have put a value is sent as nothing.
fn cells(state: FormState, fields: &[&FormField], texts: &Texts, filled: &Filled) -> Vec<CellEdit> {
    let there = fields.iter().filter(|field| field.role.is_typed() && filled.there.contains(&field.column.name));
    let value = |field: &&&FormField| match texts.get(&field.column.name) {
        Some(text) => read(state.store, &field.column, text).ok().filter(|raw| !raw.is_null() || field.value.is_some()),
        None => made(field, filled),
    };
    there.filter_map(|field| Some(CellEdit::new(&field.column.name, value(&field)?))).collect()
}

/// Watches for what became of the submission.
pub fn settle(state: FormState) {
    let store = state.store;
    Effect::new(move |_| {
        let Some(committed) = store.outbox.committed.get() else {
            return;
        };
        if state.sending.get_untracked().as_ref() == Some(&committed.batch_id) {
            state.sending.set(None);
            state.done.set(true);
            store.announcement.set(thanks_words(state));
        }
    });
    Effect::new(move |_| {
        let refused = store.outbox.refused.get();
        let Some(error) = state.sending.get_untracked().and_then(|id| refused.get(&id).cloned()) else {
            return;
        };
        state.sending.set(None);
        show(state, &error);
    });
}

/// Puts each refusal at its field; what belongs to none is said above the button.
fn show(state: FormState, error: &ApiError) {
    let sent = state.sent.get_value();
    let mut problems = BTreeMap::new();
    let rows: &[RowOutcome] = error.outcome.as_ref().map_or(&[], |outcome| &outcome.rows);
    for (i, row) in rows.iter().enumerate() {
        let line = i.checked_sub(1).and_then(|line| sent.get(line).cloned());
        for cell in &row.cells {
            // What nothing is wrong with was not saved either, which needs no words of its own.
            if let Some(message) = cell.told().filter(|_| cell.code != Some(Code::NotApplied)) {
                problems.insert(Place { line: line.clone(), column: cell.column.clone() }, state.store.say(message));
            }
        }
    }
    // A field that is not shown can't say anything.
    let (at_fields, others): (BTreeMap<_, _>, BTreeMap<_, _>) =
        problems.into_iter().partition(|(place, _)| state.section_of(place).is_some());
    let first = others.into_values().next().or_else(|| Some(state.store.say(rows.iter().find_map(RowOutcome::told)?)));
    if at_fields.is_empty() || first.is_some() {
        state.failed.set(Some(first.unwrap_or_else(|| state.store.say(error.told()))));
    }
    let any = !at_fields.is_empty();
    state.problems.set(at_fields);
    if any {
        tell(state);
    }
}
