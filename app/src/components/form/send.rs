//! A form is sent, once, and what became of it is told at its fields.

use std::collections::BTreeMap;

use leptos::prelude::*;
use model::{
    ApiError, BatchOutcome, CellEdit, Code, Conflict, Edit, Filing, Filled, FormField, Next, Operation, Raw, RowOutcome, Value,
};
use serde_json::json;

use super::done::thanks_words;
use super::state::{FormState, Place, Texts, made};
use crate::client::OpenRow;
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
    let is_nothing = |edit: &Edit| edit.op == Operation::Set && edit.cells.is_empty();
    if edits.iter().all(is_nothing) {
        return state.failed.set(Some(state.store.say(words::form_unchanged())));
    }
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
        let changes = state.of.with_untracked(Option::is_some);
        let own = state.texts.with_untracked(|texts| cells(state, &fields, texts, &filled, (None, changes)));
        let own = if changes { Edit::set(&form.table, state.key(), own) } else { Edit::insert(&form.table, Vec::new(), own) };
        let (mut edits, mut sent) = (vec![own], Vec::new());
        let there = untrack(|| state.sections());
        for lines in there.into_iter().filter_map(|i| form.sections[i].lines.as_ref()) {
            let fields: Vec<&FormField> = lines.fields.iter().collect();
            let now = state.lines.with_untracked(|all| all.get(&lines.table).cloned().unwrap_or_default());
            for line in &now {
                let at = (lines.table.clone(), line.number);
                let filled = untrack(|| state.filled_line(lines, line.number));
                let cells = cells(state, &fields, &line.texts, &filled, (Some(at.clone()), line.key.is_some()));
                let edit = match &line.key {
                    None => Edit::insert(&lines.table, Vec::new(), cells),
                    Some(_) if cells.is_empty() => continue,
                    Some(key) => Edit::set(&lines.table, vec![key.clone()], cells),
                };
                edits.push(edit);
                sent.push(at);
            }
            let gone = state.of.with_untracked(|of| {
                let known = of.as_ref().and_then(|of| of.lines.get(&lines.table)).map(Vec::as_slice).unwrap_or_default();
                let gone = known.iter().filter(|known| now.iter().all(|line| line.key.as_ref() != Some(&known.key)));
                gone.map(|line| Edit::delete(&lines.table, vec![line.key.clone()], line.version)).collect::<Vec<_>>()
            });
            // A line that is gone is nowhere on the screen.
            sent.extend(gone.iter().map(|_| (lines.table.clone(), usize::MAX)));
            edits.extend(gone);
        }
        (edits, sent)
    })
}

/// What is in the fields that are there. What was cleared where the form would have put a value is sent as nothing; of a row
/// that is `changed` only what is another value than before.
fn cells(
    state: FormState,
    fields: &[&FormField],
    texts: &Texts,
    filled: &Filled,
    (line, changed): (Option<(String, usize)>, bool),
) -> Vec<CellEdit> {
    let there = fields.iter().filter(|field| field.role.is_typed() && filled.there.contains(&field.column.name));
    let cell = |field: &&&FormField| {
        let name = &field.column.name;
        let typed = texts.get(name).map(|text| read(state.store, &field.column, text).ok());
        if !changed {
            let value = match typed {
                Some(raw) => raw.filter(|raw| !raw.is_null() || field.value.is_some()),
                None => made(field, filled),
            };
            return Some(CellEdit::new(name, value?));
        }
        let (value, was) = (typed??, state.was(&Place { line: line.clone(), column: name.clone() }));
        let same = |raw: &Raw| Value::from_wire(raw, &field.column.ty).ok();
        (same(&value) != same(&was)).then(|| CellEdit { was, ..CellEdit::new(name, value) })
    };
    there.filter_map(|field| cell(&field)).collect()
}

/// Watches for what became of the submission.
pub fn settle(state: FormState) {
    let store = state.store;
    Effect::new(move |_| {
        let Some(committed) = store.outbox.committed.get() else {
            return;
        };
        if state.sending.get_untracked().as_ref() == Some(&committed.batch_id) {
            arrived(state, &committed);
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

/// It is saved: says so, and goes on as its author wants.
fn arrived(state: FormState, outcome: &BatchOutcome) {
    let store = state.store;
    let first = outcome.rows.first();
    let number = first.and_then(|row| row.cells.iter().filter_map(|cell| cell.seq).min());
    let known = state.of.with_untracked(|of| of.as_ref().and_then(|of| of.filed.clone()));
    let filing = known.or_else(|| number.map(|number| Filing { number, at: Raw::Null }));
    let number = filing.as_ref().map(|filing| filing.number);
    let key = first.map(|row| row.key.clone()).unwrap_or_default();
    state.filed.set(Some((key.clone(), filing)));
    state.sending.set(None);
    state.done.set(true);
    let thanks = thanks_words(state);
    if let Some(api) = store.api.get_value() {
        let detail = json!({ "form": state.id.get_value(), "row": key, "number": number, "batch_id": outcome.batch_id });
        api.emit("inlay-submitted", &detail);
    }
    if state.of.with_untracked(Option::is_some) {
        store.announcement.set(thanks.clone());
        store.open_row(&state.id.get_value(), OpenRow { key, edit: false, said: Some(thanks) });
        return;
    }
    match state.form.with_value(|form| form.then.clone()) {
        Next::Another => {
            state.begin_anew();
            state.said.set(Some(thanks.clone()));
        }
        Next::Page(id) => store.go_to_page(&id),
        Next::Choice | Next::Close => {}
    }
    store.announcement.set(thanks);
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
            let Some(message) = cell.told().filter(|_| cell.code != Some(Code::NotApplied)) else { continue };
            let place = Place { line: line.clone(), column: cell.column.clone() };
            let message = match &cell.conflict {
                Some(conflict) => overtaken(state, &place, conflict),
                None => state.store.say(message),
            };
            problems.insert(place, message);
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

/// Somebody else was faster: what he has put there is what is changed now.
fn overtaken(state: FormState, place: &Place, conflict: &Conflict) -> String {
    let store = state.store;
    let shown = state.column(place).map(|column| store.show(&conflict.now, &column)).unwrap_or_default();
    let shown = if shown.is_empty() { store.say(words::blank()) } else { shown };
    state.overtaken(place, &conflict.now);
    state.theirs.update(|theirs| drop(theirs.insert(place.clone(), shown.clone())));
    let who = conflict.by.clone().unwrap_or_else(|| store.say(words::somebody()));
    store.say(words::form_overtaken(who, shown))
}
