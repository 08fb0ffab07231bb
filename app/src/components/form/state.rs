//! What is in a form: the texts that were typed, over a row where one is changed, what they come to, and what is wrong with them.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime};
use leptos::prelude::*;
use model::{
    ColumnView, ControlKind, Decimal, Filing, Filled, FormField, FormLines, FormRow, FormView, LineRow, Raw, Surroundings, Value,
};
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
    /// Its key, of one that is there already.
    pub key: Option<Raw>,
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
    /// The row that is looked at or changed, as somebody saw it.
    pub of: RwSignal<Option<FormRow>>,
    /// Whether it is only looked at.
    pub looks: RwSignal<bool>,
    pub texts: RwSignal<Texts>,
    /// By table.
    pub lines: RwSignal<BTreeMap<String, Vec<Line>>>,
    pub filled: Memo<Filled>,
    pub problems: RwSignal<BTreeMap<Place, String>>,
    /// What somebody else has put at a place meanwhile, as it is shown.
    pub theirs: RwSignal<BTreeMap<Place, String>>,
    /// The section that is shown, where they are steps.
    pub step: RwSignal<usize>,
    /// The batch that is on its way, so that a second press sends nothing.
    pub sending: RwSignal<Option<String>>,
    /// Of what was sent, the lines in their order.
    pub sent: StoredValue<Vec<(String, usize)>>,
    pub done: RwSignal<bool>,
    /// The key of what was filed, and when that was.
    pub filed: RwSignal<Option<(Vec<Raw>, Option<Filing>)>>,
    pub failed: RwSignal<Option<String>>,
    /// What was said of the last submission, above the form that is empty again.
    pub said: RwSignal<Option<String>>,
    /// What is in it was begun earlier, and brought back.
    pub resumed: RwSignal<bool>,
    /// How many files are on their way.
    pub uploads: RwSignal<usize>,
    /// How often somebody was told that something is wrong; each time the keyboard goes there.
    pub told: RwSignal<usize>,
    now: RwSignal<NaiveDateTime>,
}

impl FormState {
    /// - `of`: the row that is in it, if it is not to be a new one.
    pub fn new(store: Store, id: String, form: FormView, of: Option<FormRow>) -> Self {
        let lines = RwSignal::new(first_lines(&form, of.as_ref()));
        let form = StoredValue::new(form);
        let of = RwSignal::new(of);
        let (texts, now) = (RwSignal::new(Texts::new()), RwSignal::new(NaiveDateTime::default()));
        // Not while a server paints the page: there is no clock in what both paint alike.
        Effect::new(move |_| now.set(clock()));
        let stored = Memo::new(move |_| {
            of.with(|of| {
                of.as_ref().map(|of| form.with_value(|form| values(&of.values, form.sections.iter().flat_map(|s| &s.fields))))
            })
        });
        let filled = Memo::new(move |_| {
            texts.with(|texts| {
                form.with_value(|form| {
                    let fields = || form.sections.iter().flat_map(|section| &section.fields);
                    let typed = |name: &str| typed(store, fields(), texts, name);
                    around(store, now.get(), |around| {
                        stored.with(|stored| match stored {
                            Some(stored) => Filled::changed(&form.sections, &typed, stored, around),
                            None => Filled::of(&form.sections, &typed, around),
                        })
                    })
                })
            })
        });
        Self {
            store,
            id: StoredValue::new(id),
            form,
            of,
            looks: RwSignal::default(),
            texts,
            lines,
            filled,
            problems: RwSignal::default(),
            theirs: RwSignal::default(),
            step: RwSignal::default(),
            sending: RwSignal::default(),
            sent: StoredValue::default(),
            done: RwSignal::default(),
            filed: RwSignal::default(),
            failed: RwSignal::default(),
            said: RwSignal::default(),
            resumed: RwSignal::default(),
            uploads: RwSignal::default(),
            told: RwSignal::default(),
            now,
        }
    }

    /// Key of the row that is changed; empty for a new one.
    pub fn key(self) -> Vec<Raw> {
        self.of.with_untracked(|of| of.as_ref().map(|of| of.key.clone()).unwrap_or_default())
    }

    /// Whether there is anything in it that somebody would miss; tracked.
    pub fn is_begun(self) -> bool {
        let any = |texts: &Texts| texts.values().any(|text| !text.is_empty());
        // A value of a row that was taken away is a change; a new row's field without one is none.
        let touched = |texts: &Texts| if self.of.with(Option::is_some) { !texts.is_empty() } else { any(texts) };
        let of_lines = |lines: &BTreeMap<String, Vec<Line>>| lines.values().flatten().any(|line| touched(&line.texts));
        !self.done.get() && (self.texts.with(touched) || self.lines.with(of_lines) || self.has_other_lines())
    }

    /// Whether a row has more lines or less than it came with; tracked.
    fn has_other_lines(self) -> bool {
        let changed = |of: &FormRow, lines: &BTreeMap<String, Vec<Line>>| {
            of.lines.iter().any(|(table, known)| {
                let lines = lines.get(table).map(Vec::as_slice).unwrap_or_default();
                lines.len() != known.len() || lines.iter().any(|line| line.key.is_none())
            })
        };
        self.of.with(|of| self.lines.with(|lines| of.as_ref().is_some_and(|of| changed(of, lines))))
    }

    /// Empty again, or as the row is.
    pub fn begin_anew(self) {
        self.texts.set(Texts::new());
        self.lines.set(self.form.with_value(|form| self.of.with_untracked(|of| first_lines(form, of.as_ref()))));
        self.problems.set(BTreeMap::new());
        self.theirs.set(BTreeMap::new());
        self.failed.set(None);
        self.resumed.set(false);
        self.step.set(0);
        self.now.set(clock());
        self.done.set(false);
    }

    /// What is in one line; tracked.
    pub fn filled_line(self, lines: &FormLines, number: usize) -> Filled {
        self.lines.with(|all| {
            let line = all.get(&lines.table).and_then(|all| all.iter().find(|line| line.number == number));
            let nothing = Texts::new();
            let texts = line.map_or(&nothing, |line| &line.texts);
            let typed = |name: &str| typed(self.store, lines.fields.iter(), texts, name);
            let stored = line.and_then(|line| line.key.as_ref()).map(|key| self.stored_line(lines, key));
            around(self.store, self.now.get(), |around| match &stored {
                Some(stored) => Filled::changed_line(&lines.fields, &typed, stored, around),
                None => Filled::of_line(&lines.fields, &typed, around),
            })
        })
    }

    /// What is in a line of the row that is changed; tracked.
    fn stored_line(self, lines: &FormLines, key: &Raw) -> BTreeMap<String, Value> {
        self.of.with(|of| {
            let line = of.as_ref().and_then(|of| line_of(of, &lines.table, key));
            line.map(|line| values(&line.values, lines.fields.iter())).unwrap_or_default()
        })
    }

    /// What somebody saw at a place of the row that he changes.
    pub fn was(self, place: &Place) -> Raw {
        let key = self.line_key(place);
        self.of.with_untracked(|of| {
            let values = match (&place.line, &key) {
                (None, _) => of.as_ref().map(|of| &of.values),
                (Some((table, _)), Some(key)) => of.as_ref().and_then(|of| line_of(of, table, key)).map(|line| &line.values),
                (Some(_), None) => None,
            };
            values.and_then(|values| values.get(&place.column).cloned()).unwrap_or_default()
        })
    }

    /// Takes in that somebody else has changed a place: what is sent after this goes over that.
    pub fn overtaken(self, place: &Place, now: &Raw) {
        let key = self.line_key(place);
        self.of.update(|of| {
            let Some(of) = of else { return };
            let values = match (&place.line, &key) {
                (Some((table, _)), Some(key)) => {
                    let line = of.lines.get_mut(table).and_then(|lines| lines.iter_mut().find(|line| line.key == *key));
                    line.map(|line| &mut line.values)
                }
                _ => Some(&mut of.values),
            };
            values.into_iter().for_each(|values| drop(values.insert(place.column.clone(), now.clone())));
        });
    }

    /// Puts back what is stored at a place.
    pub fn take_theirs(self, place: &Place) {
        match &place.line {
            None => self.texts.update(|texts| drop(texts.remove(&place.column))),
            Some(_) => self.at_line(place, |texts| drop(texts.remove(&place.column))),
        }
        self.theirs.update(|theirs| drop(theirs.remove(place)));
        self.problems.update(|problems| drop(problems.remove(place)));
    }

    pub fn line_key(self, place: &Place) -> Option<Raw> {
        let (table, number) = place.line.as_ref()?;
        self.lines.with_untracked(|lines| lines.get(table)?.iter().find(|line| line.number == *number)?.key.clone())
    }

    fn at_line(self, place: &Place, change: impl FnOnce(&mut Texts)) {
        let Some((table, number)) = &place.line else { return };
        self.lines.update(|lines| {
            let line = lines.get_mut(table).and_then(|lines| lines.iter_mut().find(|line| line.number == *number));
            if let Some(line) = line {
                change(&mut line.texts);
            }
        });
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
        if self.said.with_untracked(Option::is_some) {
            self.said.set(None);
        }
        match &place.line {
            None => self.texts.update(|texts| drop(texts.insert(place.column.clone(), text))),
            Some(_) => self.at_line(place, |texts| drop(texts.insert(place.column.clone(), text))),
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
            lines.push(Line { number, key: None, texts: Texts::new() });
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

    /// The column that a place is of.
    pub fn column(self, place: &Place) -> Option<ColumnView> {
        self.form.with_value(|form| {
            let of = |fields: &[FormField]| {
                fields.iter().find(|field| field.column.name == place.column).map(|field| field.column.clone())
            };
            form.sections.iter().find_map(|section| match &place.line {
                None => of(&section.fields),
                Some((table, _)) => of(&section.lines.as_ref().filter(|lines| lines.table == *table)?.fields),
            })
        })
    }

    /// What a place is called where it stands alone.
    pub fn label(self, place: &Place) -> String {
        let label = self.column(place).map(|column| column.label).unwrap_or_default();
        match &place.line {
            None => label,
            Some((table, number)) => {
                let numbers = untrack(|| self.numbers(table));
                let nth = numbers.iter().position(|known| known == number).unwrap_or(0) + 1;
                format!("{}, {label}", self.store.say(words::form_line(nth)))
            }
        }
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

/// The lines of a row, or as many as a new one has at least.
fn first_lines(form: &FormView, of: Option<&FormRow>) -> BTreeMap<String, Vec<Line>> {
    let lines = form.sections.iter().filter_map(|section| section.lines.as_ref());
    let first = |lines: &FormLines| {
        let known = of.and_then(|of| of.lines.get(&lines.table)).map(Vec::as_slice).unwrap_or_default();
        let count = if of.is_some() { known.len() } else { lines.least };
        (0..count)
            .map(|number| Line { number, key: known.get(number).map(|line| line.key.clone()), texts: Texts::new() })
            .collect()
    };
    lines.map(|lines| (lines.table.clone(), first(lines))).collect()
}

fn line_of<'r>(of: &'r FormRow, table: &str, key: &Raw) -> Option<&'r LineRow> {
    of.lines.get(table)?.iter().find(|line| line.key == *key)
}

/// The values of a row, typed as its fields are.
fn values<'f>(raws: &BTreeMap<String, Raw>, fields: impl Iterator<Item = &'f FormField>) -> BTreeMap<String, Value> {
    let value =
        |field: &FormField| Some(Value::from_wire(raws.get(&field.column.name)?, &field.column.ty).unwrap_or(Value::Null));
    fields.filter_map(|field| Some((field.column.name.clone(), value(field)?))).collect()
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

/// The wire form of what is in a field that nobody has typed into.
pub fn made(field: &FormField, filled: &Filled) -> Option<Raw> {
    let value = filled.value(&field.column.name);
    (!value.is_null()).then(|| value.to_wire())
}
