//! What is in a form: the texts that were typed, what they come to, and what is wrong with them.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime};
use leptos::prelude::*;
use model::{ControlKind, Decimal, Filled, FormField, FormLines, FormView, Raw, Surroundings, Value};
use words::Message;

use crate::client::Store;
use crate::editors::read;

/// What was typed, by column; what nobody has touched is not among them.
pub type Texts = BTreeMap<String, String>;

/// One of the rows that belong to the form's own.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Of its table's lines in this form; never used again.
    pub number: usize,
    pub texts: Texts,
}

/// Where a field is: in the form itself, or in a line of a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub line: Option<(String, usize)>,
    pub column: String,
}

/// A form and what is in it; a handle, cheap to copy. It stays while another page is shown.
#[derive(Clone, Copy, Debug)]
pub struct FormState {
    pub store: Store,
    pub id: StoredValue<String>,
    pub form: StoredValue<FormView>,
    pub texts: RwSignal<Texts>,
    /// By table.
    pub lines: RwSignal<BTreeMap<String, Vec<Line>>>,
    pub filled: Memo<Filled>,
    pub problems: RwSignal<BTreeMap<Place, String>>,
    /// The section that is shown, where they are steps.
    pub step: RwSignal<usize>,
    /// The batch that is on its way, so that a second press sends nothing.
    pub sending: RwSignal<Option<String>>,
    /// Of what was sent, the lines in their order.
    pub sent: StoredValue<Vec<(String, usize)>>,
    pub done: RwSignal<bool>,
    pub failed: RwSignal<Option<String>>,
    /// What is in it was begun earlier, and brought back.
    pub resumed: RwSignal<bool>,
    /// How often somebody was told that something is wrong; each time the keyboard goes there.
    pub told: RwSignal<usize>,
    now: RwSignal<NaiveDateTime>,
}

impl FormState {
    pub fn new(store: Store, id: String, form: FormView) -> Self {
        let lines = RwSignal::new(first_lines(&form));
        let form = StoredValue::new(form);
        let (texts, now) = (RwSignal::new(Texts::new()), RwSignal::new(NaiveDateTime::default()));
        // Not while a server paints the page: there is no clock in what both paint alike.
        Effect::new(move |_| now.set(clock()));
        let filled = Memo::new(move |_| {
            texts.with(|texts| {
                form.with_value(|form| {
                    let fields = || form.sections.iter().flat_map(|section| &section.fields);
                    around(store, now.get(), |around| {
                        Filled::of(&form.sections, &|name| typed(store, fields(), texts, name), around)
                    })
                })
            })
        });
        Self {
            store,
            id: StoredValue::new(id),
            form,
            texts,
            lines,
            filled,
            problems: RwSignal::default(),
            step: RwSignal::default(),
            sending: RwSignal::default(),
            sent: StoredValue::default(),
            done: RwSignal::default(),
            failed: RwSignal::default(),
            resumed: RwSignal::default(),
            told: RwSignal::default(),
            now,
        }
    }

    /// Whether there is anything in it that somebody would miss; tracked.
    pub fn is_begun(self) -> bool {
        let any = |texts: &Texts| texts.values().any(|text| !text.is_empty());
        let of_lines = |lines: &BTreeMap<String, Vec<Line>>| lines.values().flatten().any(|line| any(&line.texts));
        !self.done.get() && (self.texts.with(any) || self.lines.with(of_lines))
    }

    /// Empty again.
    pub fn begin_anew(self) {
        self.texts.set(Texts::new());
        self.lines.set(self.form.with_value(first_lines));
        self.problems.set(BTreeMap::new());
        self.failed.set(None);
        self.resumed.set(false);
        self.step.set(0);
        self.now.set(clock());
        self.done.set(false);
    }

    /// What is in one line; tracked.
    pub fn filled_line(self, lines: &FormLines, number: usize) -> Filled {
        self.lines.with(|all| {
            let texts = all.get(&lines.table).and_then(|all| all.iter().find(|line| line.number == number));
            let nothing = Texts::new();
            let texts = texts.map_or(&nothing, |line| &line.texts);
            around(self.store, self.now.get(), |around| {
                Filled::of_line(&lines.fields, &|name| typed(self.store, lines.fields.iter(), texts, name), around)
            })
        })
    }

    /// The sum of a field over all lines of a table; tracked.
    pub fn total(self, lines: &FormLines, column: &str) -> Decimal {
        let numbers = self.numbers(&lines.table);
        let values = numbers.into_iter().filter_map(|number| self.filled_line(lines, number).value(column).as_decimal());
        values.fold(Decimal::ZERO, |sum, value| sum.checked_add(value).unwrap_or(sum))
    }

    /// The numbers of a table's lines, in their order; tracked.
    pub fn numbers(self, table: &str) -> Vec<usize> {
        self.lines.with(|lines| lines.get(table).into_iter().flatten().map(|line| line.number).collect())
    }

    /// What was typed at a place, if anybody has; tracked.
    pub fn text(self, place: &Place) -> Option<String> {
        match &place.line {
            None => self.texts.with(|texts| texts.get(&place.column).cloned()),
            Some((table, number)) => self
                .lines
                .with(|lines| lines.get(table)?.iter().find(|line| line.number == *number)?.texts.get(&place.column).cloned()),
        }
    }

    /// What somebody types at a place; what was wrong there is looked at again while it is being mended.
    pub fn type_in(self, place: &Place, text: String) {
        match &place.line {
            None => self.texts.update(|texts| drop(texts.insert(place.column.clone(), text))),
            Some((table, number)) => self.lines.update(|lines| {
                let line = lines.get_mut(table).and_then(|lines| lines.iter_mut().find(|line| line.number == *number));
                line.into_iter().for_each(|line| drop(line.texts.insert(place.column.clone(), text.clone())));
            }),
        }
        if self.problems.with_untracked(|problems| problems.contains_key(place)) {
            self.problems.update(|problems| drop(problems.remove(place)));
        }
    }

    /// Says whether what is at a place would be taken, once somebody leaves it with anything in it.
    pub fn leave(self, place: &Place, field: &FormField) {
        let Some(text) = untrack(|| self.text(place)).filter(|text| !text.is_empty()) else { return };
        if let Err(message) = read(self.store, &field.column, &text) {
            self.problems.update(|problems| drop(problems.insert(place.clone(), self.store.say(message))));
        }
    }

    pub fn add_line(self, table: &str) {
        self.lines.update(|lines| {
            let lines = lines.entry(table.to_owned()).or_default();
            let number = lines.iter().map(|line| line.number + 1).max().unwrap_or(0);
            lines.push(Line { number, texts: Texts::new() });
        });
    }

    pub fn remove_line(self, table: &str, number: usize) {
        self.lines.update(|lines| lines.entry(table.to_owned()).or_default().retain(|line| line.number != number));
        let of_line = |place: &Place| place.line.as_ref().is_some_and(|(known, of)| known == table && *of == number);
        self.problems.update(|problems| problems.retain(|place, _| !of_line(place)));
    }

    /// The sections that are there and have anything to show, by their places; tracked.
    pub fn sections(self) -> Vec<usize> {
        self.form.with_value(|form| {
            self.filled.with(|filled| {
                let there = |i: &usize| {
                    let shown = |field: &FormField| filled.there.contains(&field.column.name);
                    let section = &form.sections[*i];
                    filled.sections.get(*i) == Some(&true) && (section.lines.is_some() || section.fields.iter().any(shown))
                };
                (0..form.sections.len()).filter(there).collect()
            })
        })
    }

    /// What is wrong in these sections.
    pub fn wrong_in(self, sections: &[usize]) -> BTreeMap<Place, String> {
        let mut wrong = BTreeMap::new();
        self.form.with_value(|form| {
            let filled = self.filled.get_untracked();
            for section in sections.iter().filter_map(|i| form.sections.get(*i)) {
                self.wrong_fields(&section.fields, &filled, None, &mut wrong);
                let Some(lines) = &section.lines else { continue };
                for number in untrack(|| self.numbers(&lines.table)) {
                    let filled = untrack(|| self.filled_line(lines, number));
                    self.wrong_fields(&lines.fields, &filled, Some((lines.table.clone(), number)), &mut wrong);
                }
            }
        });
        wrong
    }

    fn wrong_fields(
        self,
        fields: &[FormField],
        filled: &Filled,
        line: Option<(String, usize)>,
        wrong: &mut BTreeMap<Place, String>,
    ) {
        for field in fields.iter().filter(|field| field.role.is_typed() && filled.there.contains(&field.column.name)) {
            let place = Place { line: line.clone(), column: field.column.name.clone() };
            if let Some(message) = self.wrong(field, &place, filled) {
                wrong.insert(place, self.store.say(message));
            }
        }
    }

    fn wrong(self, field: &FormField, place: &Place, filled: &Filled) -> Option<Message> {
        let name = &field.column.name;
        if let Some(text) = untrack(|| self.text(place)).filter(|text| !text.is_empty())
            && let Err(message) = read(self.store, &field.column, &text)
        {
            return Some(message);
        }
        (filled.value(name).is_blank() && filled.required.contains(name)).then(|| words::required(&field.column.label))
    }

    /// The section that a place is in.
    pub fn section_of(self, place: &Place) -> Option<usize> {
        self.form.with_value(|form| {
            form.sections.iter().position(|section| match &place.line {
                None => section.fields.iter().any(|field| field.column.name == place.column),
                Some((table, _)) => section.lines.as_ref().is_some_and(|lines| lines.table == *table),
            })
        })
    }

    /// Shows a section, where they are steps.
    pub fn show_section(self, section: usize) {
        let step = untrack(|| self.sections()).iter().position(|known| *known == section);
        step.into_iter().for_each(|step| self.step.set(step));
    }

    /// Where a place is in the form, from its beginning: section, line, field.
    pub fn order(self, place: &Place) -> (usize, usize, usize) {
        let section = self.section_of(place).unwrap_or(usize::MAX);
        let nth = |fields: &[FormField]| fields.iter().position(|field| field.column.name == place.column).unwrap_or(usize::MAX);
        self.form.with_value(|form| match (form.sections.get(section), &place.line) {
            (Some(section_of), None) => (section, 0, nth(&section_of.fields)),
            (Some(section_of), Some((_, line))) => {
                (section, line + 1, section_of.lines.as_ref().map_or(usize::MAX, |lines| nth(&lines.fields)))
            }
            (None, _) => (section, 0, 0),
        })
    }

    /// What a place is called where it stands alone.
    pub fn label(self, place: &Place) -> String {
        self.form.with_value(|form| {
            let called = |fields: &[FormField]| {
                fields.iter().find(|field| field.column.name == place.column).map(|field| field.column.label.clone())
            };
            let label = form.sections.iter().find_map(|section| match &place.line {
                None => called(&section.fields),
                Some((table, _)) => called(&section.lines.as_ref().filter(|lines| lines.table == *table)?.fields),
            });
            let label = label.unwrap_or_default();
            match &place.line {
                None => label,
                Some((table, number)) => {
                    let numbers = untrack(|| self.numbers(table));
                    let nth = numbers.iter().position(|known| known == number).unwrap_or(0) + 1;
                    format!("{}, {label}", self.store.say(words::form_line(nth)))
                }
            }
        })
    }

    /// Id of a field in its page.
    pub fn id_of(self, place: &Place) -> String {
        let id = self.id.get_value();
        match &place.line {
            None => format!("{id}-{}", place.column),
            Some((table, number)) => format!("{id}-{table}-{number}-{}", place.column),
        }
    }
}

fn first_lines(form: &FormView) -> BTreeMap<String, Vec<Line>> {
    let lines = form.sections.iter().filter_map(|section| section.lines.as_ref());
    let blank = |number| Line { number, texts: Texts::new() };
    lines.map(|lines| (lines.table.clone(), (0..lines.least).map(blank).collect())).collect()
}

/// What somebody has typed into a field; a text that is no value of its column is nothing yet.
fn typed<'f>(store: Store, mut fields: impl Iterator<Item = &'f FormField>, texts: &Texts, name: &str) -> Option<Value> {
    let text = texts.get(name)?;
    let column = &fields.find(|field| field.column.name == name)?.column;
    let read = store.locale.with_value(|locale| locale.parse(&locale.as_typed(text, column.format), &column.ty));
    Some(read.ok().and_then(|raw| Value::from_wire(&raw, &column.ty).ok()).unwrap_or(Value::Null))
}

/// Runs `with` what stands around a form; what is chosen in controls is tracked.
fn around<T>(store: Store, now: NaiveDateTime, with: impl FnOnce(Surroundings<'_>) -> T) -> T {
    let control = |id: &str| {
        let kind = store.control(id).map(|control| control.kind);
        let chosen = store.controls.with(|chosen| chosen.get(id).and_then(|values| values.first().cloned()));
        match (kind, chosen) {
            (Some(ControlKind::Parameter { column, .. }), Some(raw)) => Value::from_wire(&raw, &column.ty).unwrap_or(Value::Null),
            _ => Value::Null,
        }
    };
    store.view.with_value(|view| with(Surroundings { control: &control, now, zone: &view.zone }))
}

/// UTC, in a browser.
fn clock() -> NaiveDateTime {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 are far below 2^53")]
    let millis = js_sys::Date::now() as i64;
    DateTime::from_timestamp_millis(millis).unwrap_or_default().naive_utc()
}

/// The wire form of what a form has put into a field by itself.
pub fn made(field: &FormField, filled: &Filled) -> Option<Raw> {
    let value = filled.value(&field.column.name);
    (field.value.is_some() && !value.is_null()).then(|| value.to_wire())
}
