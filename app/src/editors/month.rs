//! A month as a calendar shows it. Values only.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

/// The weeks that a month touches, each of seven days from `first` on.
#[must_use]
pub fn weeks(day: NaiveDate, first: Weekday) -> Vec<[NaiveDate; 7]> {
    let Some(start) = day.with_day(1) else { return Vec::new() };
    let month = (start.year(), start.month());
    let mut at = start.week(first).checked_first_day();
    let mut weeks = Vec::new();
    while let Some(monday) = at {
        if !weeks.is_empty() && (monday.year(), monday.month()) != month {
            break;
        }
        let days = (0..7).map_while(|n| monday.checked_add_days(Days::new(n))).collect::<Vec<_>>();
        let Ok(week) = <[NaiveDate; 7]>::try_from(days) else { break };
        weeks.push(week);
        at = monday.checked_add_days(Days::new(7));
    }
    weeks
}

/// Where a key leads from a day: arrows by days and weeks, Page keys by months or, with Shift, years, Home and End within
/// the week. `None` for any other key, and beyond the years that a date may be in.
#[must_use]
pub fn step(day: NaiveDate, key: &str, shift: bool, first: Weekday) -> Option<NaiveDate> {
    let months = Months::new(if shift { 12 } else { 1 });
    let next = match key {
        "ArrowLeft" => day.checked_sub_days(Days::new(1)),
        "ArrowRight" => day.checked_add_days(Days::new(1)),
        "ArrowUp" => day.checked_sub_days(Days::new(7)),
        "ArrowDown" => day.checked_add_days(Days::new(7)),
        "PageUp" => day.checked_sub_months(months),
        "PageDown" => day.checked_add_months(months),
        "Home" => day.week(first).checked_first_day(),
        "End" => day.week(first).checked_last_day(),
        _ => None,
    };
    next.filter(|day| (1..=9999).contains(&day.year()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_is_shown_in_whole_weeks() {
        let march = weeks(date("2018-03-15"), Weekday::Sun);
        assert_eq!((march[0][0], march[0][6], march.len()), (date("2018-02-25"), date("2018-03-03"), 5));
        assert_eq!(weeks(date("2018-03-15"), Weekday::Mon)[0][0], date("2018-02-26"));
        // The shortest month there is, and one that begins and ends within its weeks.
        assert_eq!(weeks(date("2015-02-01"), Weekday::Sun).len(), 4);
        assert_eq!(weeks(date("2018-09-30"), Weekday::Sun).len(), 6);
    }

    #[test]
    fn keys_lead_as_in_any_calendar() {
        let day = date("2018-03-31");
        for (key, shift, expect) in [
            ("ArrowRight", false, "2018-04-01"),
            ("ArrowUp", false, "2018-03-24"),
            ("PageUp", false, "2018-02-28"),
            ("PageDown", true, "2019-03-31"),
            ("Home", false, "2018-03-25"),
            ("End", false, "2018-03-31"),
        ] {
            assert_eq!(step(day, key, shift, Weekday::Sun), Some(date(expect)), "{key}");
        }
        assert_eq!(step(date("9999-12-31"), "ArrowRight", false, Weekday::Sun), None);
        assert_eq!(step(date("0001-01-01"), "PageUp", false, Weekday::Sun), None);
        assert_eq!(step(day, "x", false, Weekday::Sun), None);
    }
}
