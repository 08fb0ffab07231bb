//! The state that the elements of one workbook share.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate};
use leptos::prelude::*;
use model::{BatchOutcome, ColumnView, ElementKind, FileRef, Locale, Mark, OpenAnswer, QueryAnswer, Raw, WorkbookView, Zone};
use words::Message;

use super::{Api, Choices, Inspected, Look, OpenRow, Outbox};

/// Rows of a table that are put on paper: one of more is a file.
pub const MOST_ON_PAPER: usize = 500;

/// The rows under a mark, which somebody looks at.
#[derive(Clone, Debug, PartialEq)]
pub struct Details {
    pub element: String,
    pub mark: Mark,
    /// What the mark is, in words; empty for everything that the element shows.
    pub said: String,
}

/// A file that somebody has loaded, so that he can take it back.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    pub batch_id: String,
    /// How many rows it has changed or added.
    pub lines: u64,
}

/// A handle, cheap to copy; elements take it from context.
#[derive(Clone, Copy, Debug)]
pub struct Store {
    pub view: StoredValue<WorkbookView>,
    pub locale: StoredValue<Locale>,
    /// Chosen values by control.
    pub controls: RwSignal<Choices>,
    /// Last known version of each input table; an element asks again when one that it depends on grows.
    pub versions: RwSignal<BTreeMap<String, i64>>,
    pub outbox: Outbox,
    /// `None` on the server.
    pub api: StoredValue<Option<Api>, LocalStorage>,
    /// Answers that came with the workbook, by element.
    boot: StoredValue<BTreeMap<String, QueryAnswer>>,
    /// What the server had told of changes when it gave those answers.
    pub mark: StoredValue<Option<String>>,
    /// How the answers came about, by element, where the person may see that.
    pub inspected: RwSignal<BTreeMap<String, Inspected>>,
    /// What assistive technology is told.
    pub announcement: RwSignal<String>,
    /// Whether the page reads from right to left.
    from_right: StoredValue<bool>,
    /// The page that is shown, by its place.
    pub page: RwSignal<usize>,
    /// Of charts that one has gone down in, the x of each level, by element.
    pub drills: RwSignal<BTreeMap<String, Vec<Raw>>>,
    /// What was made of charts, by element.
    pub looks: RwSignal<BTreeMap<String, Look>>,
    /// The mark whose rows are looked at.
    pub details: RwSignal<Option<Details>>,
    /// The element that a file is loaded into.
    pub importing: RwSignal<Option<String>>,
    /// The file that was dropped on it.
    pub dropped: StoredValue<Option<web_sys::File>, LocalStorage>,
    /// What has been loaded since the page was opened, by element.
    pub loads: RwSignal<BTreeMap<String, Loaded>>,
    /// Rows that are open in forms, by these.
    pub rows: RwSignal<BTreeMap<String, OpenRow>>,
    /// Which of several tabs on a page is open, by the id of these.
    pub panes: RwSignal<BTreeMap<String, usize>>,
    /// Whether a chart has come near what is seen, so that what draws charts is worth its bytes.
    pub draws: RwSignal<bool>,
    /// Whether the page is put on paper: what is long is drawn as far as [`MOST_ON_PAPER`].
    pub on_paper: RwSignal<bool>,
    /// The author has changed the workbook since.
    pub outdated: RwSignal<bool>,
    /// How many places hold texts that are kept nowhere else.
    pub held: RwSignal<usize>,
    /// Of those, how many not even the browser keeps.
    pub unkept: RwSignal<usize>,
    /// Another store has taken the place of this one.
    pub over: StoredValue<bool>,
}

impl Store {
    #[must_use]
    pub fn new(opened: OpenAnswer, locale: &str) -> Self {
        let OpenAnswer { view, answers, mark } = opened;
        let outbox = Outbox::new(&view);
        let told = |(element, answer): (&String, &QueryAnswer)| {
            let inspection = answer.inspection.clone()?;
            Some((element.clone(), Inspected { inspection, at_ms: 0.0, took: None, drawing_ms: None }))
        };
        let inspected = answers.iter().filter_map(told).collect();
        Self {
            locale: StoredValue::new(Locale::new(locale, &view.currency).within(view.zone.clone())),
            controls: RwSignal::new(view.defaults()),
            view: StoredValue::new(view),
            versions: RwSignal::default(),
            outbox,
            api: StoredValue::new_local(None),
            boot: StoredValue::new(answers),
            mark: StoredValue::new(mark),
            inspected: RwSignal::new(inspected),
            announcement: RwSignal::default(),
            from_right: StoredValue::default(),
            page: RwSignal::default(),
            drills: RwSignal::default(),
            looks: RwSignal::default(),
            details: RwSignal::default(),
            importing: RwSignal::default(),
            dropped: StoredValue::new_local(None),
            loads: RwSignal::default(),
            rows: RwSignal::default(),
            panes: RwSignal::default(),
            draws: RwSignal::default(),
            on_paper: RwSignal::new(false),
            outdated: RwSignal::default(),
            held: RwSignal::default(),
            unkept: RwSignal::default(),
            over: StoredValue::default(),
        }
    }

    /// Whether anybody still looks.
    #[must_use]
    pub fn lives(self) -> bool {
        self.announcement.try_get_untracked().is_some() && !self.is_over()
    }

    #[must_use]
    pub fn is_over(self) -> bool {
        self.over.try_get_value().unwrap_or(true)
    }

    /// Keeps the workbook from being shown anew while something is typed here that would be lost with it.
    pub fn hold_while(self, holds: impl Fn() -> bool + Send + Sync + 'static) {
        count_while(self.held, holds);
    }

    /// Has the browser ask before it leaves the page while something is typed here that not even the browser keeps.
    pub fn warn_while(self, warns: impl Fn() -> bool + Send + Sync + 'static) {
        count_while(self.unkept, warns);
    }

    /// Takes over what a person has chosen and typed in an earlier store of the workbook, as far as it still fits.
    pub fn go_on_from(self, earlier: Self) {
        self.choose_again(earlier.controls.get_untracked());
        self.panes.set(earlier.panes.get_untracked());
        self.go_down_again(earlier.drills.get_untracked());
        self.look_again(earlier.looks.get_untracked());
        self.rows.set(earlier.rows.get_untracked());
        let at = earlier.page.get_untracked();
        let id = earlier.view.with_value(|view| view.pages.get(at).map(|page| page.id.clone()));
        let place = self.view.with_value(|view| view.pages.iter().position(|page| Some(&page.id) == id.as_ref()));
        self.page.set(place.unwrap_or(0));
        self.outbox.go_on_from(earlier.outbox);
    }

    /// An element that shows the rows of an input table, and the names of its key columns.
    #[must_use]
    pub fn shows(self, table: &str) -> Option<(String, Vec<String>)> {
        self.view.with_value(|view| {
            view.pages.iter().flat_map(|page| &page.elements).find_map(|element| match &element.kind {
                ElementKind::InputTable(shown) if shown.table == table => Some((element.id.clone(), shown.key.clone())),
                _ => None,
            })
        })
    }

    /// A value as this person reads it.
    #[must_use]
    pub fn show(self, raw: &Raw, column: &ColumnView) -> String {
        if column.file.is_some() {
            return FileRef::of(raw).map(|file| file.name).unwrap_or_default();
        }
        self.locale.with_value(|locale| locale.show(raw, &column.ty, column.format))
    }

    /// A point in time, in RFC 3339, as this person's clock and language show it.
    #[must_use]
    pub fn local_time(self, at: &str) -> String {
        let tag = self.locale.with_value(|locale| locale.tag.clone());
        js_sys::Date::new(&at.into()).to_locale_string(&tag, &js_sys::Object::new()).into()
    }

    /// Whether the page reads from right to left, as its host has it.
    #[must_use]
    pub fn from_right(self) -> bool {
        self.from_right.get_value()
    }

    pub fn read_from_right(self, from_right: bool) {
        self.from_right.set_value(from_right);
    }

    /// A sentence in this person's language.
    #[must_use]
    pub fn say(self, message: Message) -> String {
        self.locale.with_value(|locale| locale.say(message))
    }

    /// Says what went wrong, to whoever sees it and whoever does not.
    pub fn tell_problem(self, message: Message) {
        let _ = self.outbox.state.try_update(|state| state.note = Some(message.clone()));
        self.announce(message);
    }

    /// Says something to whoever does not see it.
    pub fn announce(self, message: Message) {
        // The page may be gone by the time an answer comes.
        if let Some(words) = self.locale.try_with_value(|locale| locale.say(message)) {
            let _ = self.announcement.try_set(words);
        }
    }

    /// The day that it is by the workbook's clocks, or where it names none by the person's own.
    #[must_use]
    pub fn today(self) -> NaiveDate {
        let now = js_sys::Date::new_0();
        let here = || NaiveDate::from_ymd_opt(now.get_full_year().cast_signed(), now.get_month() + 1, now.get_date());
        let utc = DateTime::from_timestamp_millis(now.get_time() as i64).map(|now| now.naive_utc());
        let there = |zone: &Zone| utc.map(|utc| zone.local(utc).date());
        let day = self.locale.with_value(|locale| if locale.zone().is_utc() { here() } else { there(locale.zone()) });
        day.unwrap_or_default()
    }

    /// The answer that came with the workbook, once: an element that is opened again later asks for itself.
    #[must_use]
    pub fn take_boot(self, element: &str) -> Option<QueryAnswer> {
        self.boot.try_update_value(|boot| boot.remove(element)).flatten()
    }

    /// Connects the store to its server, in the browser.
    pub fn connect(self, api: Api) {
        let scope = self.view.with_value(|view| view.person.scope.clone());
        self.api.set_value(Some(api.clone()));
        self.inspected.update(|all| all.values_mut().for_each(|one| one.at_ms = js_sys::Date::now()));
        self.outbox.open(api, &scope);
    }

    /// Says that a table is now at `version`; an older version is old news.
    pub fn changed(self, table: &str, version: i64) {
        let known = self.versions.with_untracked(|versions| versions.get(table).copied().unwrap_or(0));
        if version > known {
            self.versions.update(|versions| {
                versions.insert(table.to_owned(), version);
            });
        }
    }

    /// Says that any table may have changed.
    pub fn changed_all(self) {
        self.versions.update(|versions| {
            versions.entry("*".into()).and_modify(|n| *n += 1).or_insert(1);
        });
    }

    /// Takes in the versions of a committed batch of one's own.
    pub fn committed(self, outcome: &BatchOutcome) {
        for row in &outcome.rows {
            if let Some(seq) = row.cells.iter().filter_map(|cell| cell.seq).max() {
                self.changed(&row.table, seq);
            }
        }
    }

    /// The versions of these tables, tracked; it differs from the last time if one has changed.
    #[must_use]
    pub fn versions_of(self, tables: &[String]) -> Vec<i64> {
        self.versions.with(|versions| {
            let all = versions.get("*").copied().unwrap_or(0);
            std::iter::once(all).chain(tables.iter().map(|table| versions.get(table).copied().unwrap_or(0))).collect()
        })
    }
}

/// Has `count` one more as long as `holds` says so and whoever asks is there.
fn count_while(count: RwSignal<usize>, holds: impl Fn() -> bool + Send + Sync + 'static) {
    let held = StoredValue::new(false);
    let set = move |now: bool| {
        if held.try_get_value().is_some_and(|before| before != now) {
            held.set_value(now);
            let _ = count.try_update(|count| if now { *count += 1 } else { *count -= 1 });
        }
    };
    Effect::new(move |_| set(holds()));
    on_cleanup(move || set(false));
}
