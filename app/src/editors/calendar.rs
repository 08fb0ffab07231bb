//! The calendar under a date's field. The field keeps the keyboard: an arrow down leads into the calendar, and each step
//! writes its day into the field.

use chrono::{Datelike, NaiveDate, Weekday};
use leptos::prelude::*;
use model::{ColumnType, Raw};

use super::month::{step, weeks};
use super::{Aid, Field};

/// Which day is shown, and whether the arrows are the calendar's by now.
#[derive(Clone, Copy, Debug)]
pub struct Calendar {
    field: Field,
    shown: RwSignal<NaiveDate>,
    inside: RwSignal<bool>,
    first: Weekday,
}

impl Calendar {
    pub fn new(field: Field) -> Self {
        let first =
            if field.store.locale.with_value(|locale| locale.week_begins_on_sunday()) { Weekday::Sun } else { Weekday::Mon };
        let calendar = Self { field, shown: RwSignal::new(field.store.today()), inside: RwSignal::default(), first };
        // What is typed is shown as soon as it is a day.
        Effect::new(move |_| calendar.day().into_iter().for_each(|day| calendar.shown.set(day)));
        calendar
    }

    /// The day that is in the field, tracked.
    fn day(self) -> Option<NaiveDate> {
        let text = self.field.text.get();
        let ty = self.field.column.with_value(|column| column.ty.clone());
        // As the clocks have it, not as it is stored.
        let shown = self.field.store.locale.with_value(|locale| Some(locale.edit_text(&locale.parse(&text, &ty).ok()?, &ty)))?;
        shown.get(..10)?.parse().ok()
    }

    /// Writes a day into the field; of a point in time its clock stays.
    fn put(self, day: NaiveDate) {
        let (text, ty) = (self.field.text.get_untracked(), self.field.column.with_value(|column| column.ty.clone()));
        let clock = match ty {
            ColumnType::Timestamp => {
                let raw = self.field.store.locale.with_value(|locale| locale.parse(&text, &ty)).unwrap_or(Raw::Null);
                let edited = self.field.store.locale.with_value(|locale| locale.edit_text(&raw, &ty));
                format!(" {}", edited.split(' ').nth(1).unwrap_or("00:00"))
            }
            _ => String::new(),
        };
        self.field.put(format!("{}{clock}", day.format("%Y-%m-%d")));
        self.shown.set(day);
    }

    /// Which of the arrows goes to the day after: weeks read as the page does.
    fn arrow(self, key: &str) -> &str {
        match (key, self.field.store.from_right()) {
            ("ArrowLeft", true) => "ArrowRight",
            ("ArrowRight", true) => "ArrowLeft",
            _ => key,
        }
    }

    fn id(self, day: NaiveDate) -> String {
        format!("{}-day-{day}", self.field.id())
    }
}

impl Aid for Calendar {
    fn on_key(&self, key: &str, shift: bool) -> bool {
        let inside = self.inside.get_untracked();
        if !inside && key != "ArrowDown" {
            return false;
        }
        let from = untrack(|| self.day());
        let day = match from {
            Some(day) if inside => step(day, self.arrow(key), shift, self.first),
            Some(day) => Some(day),
            None => Some(self.shown.get_untracked()),
        };
        match day {
            Some(day) => {
                self.inside.set(true);
                self.put(day);
            }
            // A character goes into the text again.
            None => self.inside.set(false),
        }
        day.is_some()
    }

    fn active(&self) -> Option<String> {
        self.day().filter(|_| self.inside.get()).map(|day| self.id(day))
    }

    fn role(&self) -> &'static str {
        "grid"
    }

    fn view(&self) -> AnyView {
        let this = *self;
        let say = move |message| this.field.store.say(message);
        let head = move || {
            let shown = this.shown.get();
            say(words::calendar_head(words::month_name(shown.month()), shown.year().to_string()))
        };
        let turn = move |key: &'static str| {
            move |_| this.shown.update(|shown| *shown = step(*shown, key, false, this.first).unwrap_or(*shown))
        };
        let names = (0..7).map(|n| {
            let day = (this.first.num_days_from_monday() + n) % 7 + 1;
            view! { <th scope="col" abbr=say(words::weekday(day))>{say(words::weekday_short(day))}</th> }
        });
        let body = move || {
            let (shown, picked, now) = (this.shown.get(), this.day(), this.field.store.today());
            let day = |day: NaiveDate| {
                let weekday = words::weekday(day.weekday().number_from_monday());
                let name = words::calendar_day(weekday, day.day(), words::month_name(day.month()), day.year().to_string());
                let name = say(name);
                view! {
                    <td
                        role="gridcell" id=this.id(day) aria-label=name aria-selected=(picked == Some(day)).to_string()
                        class:is-other={day.month() != shown.month()} class:is-today={day == now} class:is-on={picked == Some(day)}
                        on:click=move |_| { this.put(day); this.field.done(); }
                    >
                        {day.day()}
                    </td>
                }
            };
            weeks(shown, this.first).into_iter().map(|week| view! { <tr>{week.map(day).collect_view()}</tr> }).collect_view()
        };
        view! {
            <div class="editor-aid calendar" id=this.field.aid_id()>
                <div class="calendar-head">
                    <button type="button" tabindex="-1" aria-label=say(words::month_before()) on:click=turn("PageUp")>"‹"</button>
                    <span aria-live="polite">{head}</span>
                    <button type="button" tabindex="-1" aria-label=say(words::month_after()) on:click=turn("PageDown")>"›"</button>
                </div>
                <table role="grid" aria-label=say(words::calendar())>
                    <thead><tr>{names.collect_view()}</tr></thead>
                    <tbody>{body}</tbody>
                </table>
            </div>
        }
        .into_any()
    }
}
