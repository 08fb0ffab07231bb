//! Spans of days around today, as filters name them: `yesterday`, `last_3_months`, `year_to_date`.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use words::Message;

/// A span of days around a day, whose bounds are days too. Weeks begin on Monday (ISO 8601).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    Yesterday,
    Today,
    Tomorrow,
    /// The whole period that today lies in: `this_month`.
    This(Period),
    /// So many whole periods before that one: `last_3_months`. Of days, those that end today.
    Last(u32, Period),
    /// The same after it. Of days, those that begin today.
    Next(u32, Period),
    /// From the first day of the period to today: `year_to_date`.
    ToDate(Period),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    Day,
    Week,
    Month,
    Quarter,
    Year,
    FiscalQuarter,
    FiscalYear,
}

impl Period {
    const ALL: [(Self, &str); 7] = [
        (Self::Day, "day"),
        (Self::Week, "week"),
        (Self::Month, "month"),
        (Self::Quarter, "quarter"),
        (Self::Year, "year"),
        (Self::FiscalQuarter, "fiscal_quarter"),
        (Self::FiscalYear, "fiscal_year"),
    ];

    /// As it stands in a span's name: `month`.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(period, _)| *period == self).map_or("", |(_, name)| name)
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(period, _)| *period)
    }

    /// How many months it has; none of what is counted in days.
    fn months(self) -> Option<u32> {
        match self {
            Self::Day | Self::Week => None,
            Self::Month => Some(1),
            Self::Quarter | Self::FiscalQuarter => Some(3),
            Self::Year | Self::FiscalYear => Some(12),
        }
    }

    /// The first day of the one that `day` lies in; `fiscal_year_starts` is a month, 1 to 12.
    fn first_day(self, day: NaiveDate, fiscal_year_starts: u32) -> Option<NaiveDate> {
        match self.months() {
            Some(months) => {
                let shift = if matches!(self, Self::FiscalQuarter | Self::FiscalYear) { fiscal_year_starts - 1 } else { 0 };
                let into = (day.month0() + 12 - shift) % months;
                day.with_day(1)?.checked_sub_months(Months::new(into))
            }
            None if self == Self::Week => day.week(Weekday::Mon).checked_first_day(),
            None => Some(day),
        }
    }

    /// `first`, which is one's first day, so many of them later.
    fn later(self, first: NaiveDate, count: i64) -> Option<NaiveDate> {
        let size = u32::try_from(count.unsigned_abs()).ok()?;
        match (self.months(), count < 0) {
            (Some(months), false) => first.checked_add_months(Months::new(size.checked_mul(months)?)),
            (Some(months), true) => first.checked_sub_months(Months::new(size.checked_mul(months)?)),
            (None, back) => {
                let days = Days::new(u64::from(size) * if self == Self::Week { 7 } else { 1 });
                if back { first.checked_sub_days(days) } else { first.checked_add_days(days) }
            }
        }
    }
}

impl Span {
    /// Those that are offered where nobody says which.
    pub const USUAL: [Self; 17] = [
        Self::Today,
        Self::Yesterday,
        Self::Tomorrow,
        Self::Last(7, Period::Day),
        Self::Last(30, Period::Day),
        Self::Next(7, Period::Day),
        Self::Next(30, Period::Day),
        Self::This(Period::Week),
        Self::Last(1, Period::Week),
        Self::This(Period::Month),
        Self::Last(1, Period::Month),
        Self::Next(1, Period::Month),
        Self::This(Period::Quarter),
        Self::Last(1, Period::Quarter),
        Self::This(Period::Year),
        Self::Last(1, Period::Year),
        Self::ToDate(Period::Year),
    ];
    /// The most periods of one span.
    pub const MOST: u32 = 1_000;

    /// First and last day; `None` beyond the years that a date may be in.
    ///
    /// - `fiscal_year_starts`: the month that a fiscal year begins with, 1 to 12.
    #[must_use]
    pub fn days(self, today: NaiveDate, fiscal_year_starts: u32) -> Option<(NaiveDate, NaiveDate)> {
        let periods = |period: Period, from: i64, count: u32| {
            let now = period.first_day(today, fiscal_year_starts)?;
            let end = period.later(now, from + i64::from(count))?;
            Some((period.later(now, from)?, end.pred_opt()?))
        };
        match self {
            Self::Yesterday => periods(Period::Day, -1, 1),
            Self::Today => Some((today, today)),
            Self::Tomorrow => periods(Period::Day, 1, 1),
            Self::This(period) => periods(period, 0, 1),
            // Today is one of them.
            Self::Last(count, Period::Day) => periods(Period::Day, 1 - i64::from(count), count),
            Self::Next(count, Period::Day) => periods(Period::Day, 0, count),
            Self::Last(count, period) => periods(period, -i64::from(count), count),
            Self::Next(count, period) => periods(period, 1, count),
            Self::ToDate(period) => Some((period.first_day(today, fiscal_year_starts)?, today)),
        }
    }

    /// As it is called by people.
    #[must_use]
    pub fn said(self) -> Message {
        match self {
            Self::Yesterday => words::span_yesterday(),
            Self::Today => words::span_today(),
            Self::Tomorrow => words::span_tomorrow(),
            Self::This(period) => words::span_this(period.name()),
            Self::Last(1, period) => words::span_last_one(period.name()),
            Self::Last(count, period) => words::span_last(period.name(), count),
            Self::Next(1, period) => words::span_next_one(period.name()),
            Self::Next(count, period) => words::span_next(period.name(), count),
            Self::ToDate(period) => words::span_to_date(period.name()),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counted = |f: &mut fmt::Formatter<'_>, way: &str, count: u32, period: Period| match count {
            1 => write!(f, "{way}_{}", period.name()),
            count => write!(f, "{way}_{count}_{}s", period.name()),
        };
        match *self {
            Self::Yesterday => f.write_str("yesterday"),
            Self::Today => f.write_str("today"),
            Self::Tomorrow => f.write_str("tomorrow"),
            Self::This(period) => write!(f, "this_{}", period.name()),
            Self::Last(count, period) => counted(f, "last", count, period),
            Self::Next(count, period) => counted(f, "next", count, period),
            Self::ToDate(period) => write!(f, "{}_to_date", period.name()),
        }
    }
}

/// There is no such span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownSpan;

impl FromStr for Span {
    type Err = UnknownSpan;

    fn from_str(name: &str) -> Result<Self, UnknownSpan> {
        let counted = |rest: &str| match rest.split_once('_') {
            Some((count, periods)) if count.starts_with(|c: char| c.is_ascii_digit()) => {
                let period = Period::named(periods.strip_suffix('s')?)?;
                let count = count.parse().ok().filter(|count| (2..=Self::MOST).contains(count))?;
                Some((count, period))
            }
            // One day has names of its own.
            _ => Some((1, Period::named(rest).filter(|period| *period != Period::Day)?)),
        };
        let whole = |name: &str| Period::named(name).filter(|period| *period != Period::Day);
        let found = match name {
            "yesterday" => Some(Self::Yesterday),
            "today" => Some(Self::Today),
            "tomorrow" => Some(Self::Tomorrow),
            name => match (name.split_once('_'), name.strip_suffix("_to_date")) {
                (_, Some(period)) => whole(period).map(Self::ToDate),
                (Some(("this", period)), _) => whole(period).map(Self::This),
                (Some(("last", rest)), _) => counted(rest).map(|(count, period)| Self::Last(count, period)),
                (Some(("next", rest)), _) => counted(rest).map(|(count, period)| Self::Next(count, period)),
                _ => None,
            },
        };
        found.ok_or(UnknownSpan)
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(|_| serde::de::Error::custom("there is no such span of days"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, today: &str, from: &str, to: &str) {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        let span: Span = name.parse().unwrap();
        assert_eq!(span.days(date(today), 4), Some((date(from), date(to))), "{name}");
        assert_eq!(span.to_string(), name);
    }

    #[test]
    fn spans_begin_and_end_on_days() {
        check("yesterday", "2024-03-01", "2024-02-29", "2024-02-29");
        check("tomorrow", "2024-02-29", "2024-03-01", "2024-03-01");
        check("last_7_days", "2024-03-03", "2024-02-26", "2024-03-03");
        check("next_30_days", "2024-02-01", "2024-02-01", "2024-03-01");
        check("this_week", "2024-03-03", "2024-02-26", "2024-03-03");
        check("last_week", "2024-03-04", "2024-02-26", "2024-03-03");
        check("last_2_weeks", "2024-03-04", "2024-02-19", "2024-03-03");
        check("last_month", "2024-03-31", "2024-02-01", "2024-02-29");
        check("last_3_months", "2024-03-31", "2023-12-01", "2024-02-29");
        check("next_month", "2023-12-31", "2024-01-01", "2024-01-31");
        check("next_6_months", "2023-12-31", "2024-01-01", "2024-06-30");
        check("this_quarter", "2024-06-30", "2024-04-01", "2024-06-30");
        check("last_quarter", "2024-02-10", "2023-10-01", "2023-12-31");
        check("last_4_quarters", "2024-02-10", "2023-01-01", "2023-12-31");
        check("last_year", "2024-02-29", "2023-01-01", "2023-12-31");
        check("year_to_date", "2024-02-29", "2024-01-01", "2024-02-29");
        check("month_to_date", "2024-02-29", "2024-02-01", "2024-02-29");
        check("this_fiscal_year", "2024-03-31", "2023-04-01", "2024-03-31");
        check("last_fiscal_year", "2024-04-01", "2023-04-01", "2024-03-31");
        check("fiscal_year_to_date", "2024-05-05", "2024-04-01", "2024-05-05");
        check("last_fiscal_quarter", "2024-05-05", "2024-01-01", "2024-03-31");
    }

    #[test]
    fn what_is_no_span_is_refused_and_what_is_too_far_has_no_days() {
        let wrong =
            ["", "last", "last_", "last_1_months", "last_0_months", "last_1001_days", "last_3_month", "last_3_", "this_day"];
        for name in wrong.into_iter().chain(["day_to_date", "last_day", "last_-3_days", "next_99999999999_days", "_to_date"]) {
            assert_eq!(name.parse::<Span>(), Err(UnknownSpan), "{name}");
        }
        let first = NaiveDate::MIN;
        assert_eq!(Span::Last(1_000, Period::Year).days(first, 1), None);
        for span in Span::USUAL {
            assert_eq!(serde_json::from_value::<Span>(serde_json::to_value(span).unwrap()).unwrap(), span);
        }
    }
}
