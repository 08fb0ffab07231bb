//! What comes after some values, as a spreadsheet would go on: numbers and dates by their step, texts by the number at their
//! end. What has no step is repeated. Whole days from one point in time to the next keep the clock, whenever clocks are changed.

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, TimeDelta};
use model::{ColumnType, Decimal, Format, Moment, Value, Zone};

/// The `count` values after `values`; before them, and outwards, if `backwards`. Of one value a date goes on by a day (or a
/// month, where only months are shown), a text by one, a number not at all. Empty without values.
#[must_use]
pub fn continued(
    values: &[Value],
    ty: &ColumnType,
    format: Option<Format>,
    zone: &Zone,
    count: usize,
    backwards: bool,
) -> Vec<Value> {
    let mut known = values.to_vec();
    if backwards {
        known.reverse();
    }
    let rule = Rule::of(&known, ty, format, zone, if backwards { -1 } else { 1 });
    let repeated = |i: usize| known.get(i % known.len().max(1)).cloned();
    let one = |i: usize| rule.as_ref().and_then(|rule| rule.after(i as i64 + 1)).or_else(|| repeated(i));
    (0..count).filter_map(one).collect()
}

/// How values go on behind the last one.
#[derive(Debug)]
enum Rule<'a> {
    Number {
        last: Value,
        step: Decimal,
    },
    Days {
        last: NaiveDate,
        step: i64,
    },
    /// On the same day of the month as far as it has one, or on its last.
    Months {
        first: NaiveDate,
        day: u32,
        from: i64,
        step: i64,
    },
    Time {
        last: NaiveDateTime,
        step: TimeDelta,
    },
    /// By whole days, at the same time on the clock.
    Clock {
        last: NaiveDateTime,
        step: TimeDelta,
        zone: &'a Zone,
    },
    Text {
        before: String,
        last: i64,
        width: usize,
        step: i64,
    },
}

impl<'a> Rule<'a> {
    fn of(known: &[Value], ty: &ColumnType, format: Option<Format>, zone: &'a Zone, sign: i64) -> Option<Self> {
        match (known.last()?, ty) {
            (Value::Integer(_) | Value::Decimal(_) | Value::Float(_), _) => {
                let numbers = known.iter().map(Value::as_decimal).collect::<Option<Vec<_>>>()?;
                Some(Self::Number { last: known.last()?.clone(), step: step(&numbers, |a, b| b.checked_sub(*a))? })
            }
            (Value::Date(_), _) => {
                let date = |value: &Value| if let Value::Date(date) = value { Some(*date) } else { None };
                Self::of_dates(&known.iter().map(date).collect::<Option<Vec<_>>>()?, format, sign)
            }
            (Value::Timestamp(last), _) => {
                let time = |value: &Value| if let Value::Timestamp(time) = value { Some(*time) } else { None };
                let times = known.iter().map(time).collect::<Option<Vec<_>>>()?;
                let clocks: Vec<NaiveDateTime> = times.iter().map(|time| zone.local(*time)).collect();
                let days = step(&clocks, |a, b| Some(*b - *a)).filter(|step| step.num_seconds() % 86_400 == 0);
                match (days, clocks.last()) {
                    (Some(step), Some(last)) => Some(Self::Clock { last: *last, step, zone }),
                    _ => Some(Self::Time { last: *last, step: step(&times, |a, b| Some(*b - *a))? }),
                }
            }
            (Value::Text(last), ColumnType::Text) => {
                let (before, _, width) = numbered(last)?;
                let number = |value: &Value| {
                    let Value::Text(text) = value else { return None };
                    numbered(text).filter(|(same, ..)| *same == before).map(|(_, number, _)| number)
                };
                let numbers = known.iter().map(number).collect::<Option<Vec<_>>>()?;
                let step = if numbers.len() == 1 { sign } else { step(&numbers, |a, b| b.checked_sub(*a))? };
                Some(Self::Text { before: before.to_owned(), last: *numbers.last()?, width, step })
            }
            _ => None,
        }
    }

    fn of_dates(dates: &[NaiveDate], format: Option<Format>, sign: i64) -> Option<Self> {
        let last = *dates.last()?;
        let months: Vec<i64> = dates.iter().map(|date| i64::from(date.year()) * 12 + i64::from(date.month0())).collect();
        let by_months = |step| {
            let month_ends = dates.iter().all(|date| date.day() == last_day(*date));
            let day = if month_ends { 31 } else { dates.iter().map(NaiveDate::day).max()? };
            let fits = dates.iter().all(|date| date.day() == day.min(last_day(*date)));
            let first = NaiveDate::from_ymd_opt(1, 1, 1)?;
            (fits && step != 0).then_some(Self::Months { first, day, from: *months.last()? - 12, step })
        };
        match dates {
            [_] if format == Some(Format::Month) => by_months(sign),
            [_] => Some(Self::Days { last, step: sign }),
            _ => step(&months, |a, b| b.checked_sub(*a)).and_then(by_months).or_else(|| {
                let step = step(dates, |a, b| Some((*b - *a).num_days()))?;
                Some(Self::Days { last, step })
            }),
        }
    }

    /// The value `i` steps on; `None` beyond what there is.
    fn after(&self, i: i64) -> Option<Value> {
        match self {
            Self::Number { last, step } => {
                let next = last.as_decimal()?.checked_add(step.checked_mul(Decimal::from(i))?)?;
                Some(match last {
                    Value::Integer(_) => Value::Integer(i64::try_from(next).ok()?),
                    Value::Float(_) => Value::Float(f64::try_from(next).ok()?),
                    _ => Value::Decimal(next),
                })
            }
            Self::Days { last, step } => {
                let days = step.checked_mul(i)?;
                let by = Days::new(days.unsigned_abs());
                let date = if days < 0 { last.checked_sub_days(by) } else { last.checked_add_days(by) };
                date.map(Value::Date)
            }
            Self::Months { first, day, from, step } => {
                let month = u32::try_from(from.checked_add(step.checked_mul(i)?)?).ok()?;
                let date = first.checked_add_months(Months::new(month))?;
                date.with_day((*day).min(last_day(date))).map(Value::Date)
            }
            Self::Time { last, step } => {
                Some(Value::Timestamp(last.checked_add_signed(step.checked_mul(i32::try_from(i).ok()?)?)?))
            }
            Self::Clock { last, step, zone } => {
                let local = last.checked_add_signed(step.checked_mul(i32::try_from(i).ok()?)?)?;
                // Where clocks are put forward over it, the time that they show then.
                let shown = |local| match zone.moment(local) {
                    Moment::One(utc) | Moment::Twice(utc, _) => Some(utc),
                    Moment::Never => None,
                };
                shown(local).or_else(|| shown(local + TimeDelta::hours(1))).map(Value::Timestamp)
            }
            Self::Text { before, last, width, step } => {
                let number = u64::try_from(last.checked_add(step.checked_mul(i)?)?).ok()?;
                Some(Value::Text(format!("{before}{number:0width$}")))
            }
        }
    }
}

/// The difference between each value and the next, if it is the same all along.
fn step<T, D: PartialEq>(values: &[T], difference: impl Fn(&T, &T) -> Option<D>) -> Option<D> {
    let mut steps = values.windows(2).map(|pair| difference(&pair[0], &pair[1]));
    let first = steps.next()??;
    steps.all(|step| step.as_ref() == Some(&first)).then_some(first)
}

/// The number at the end of a text, what stands before it, and its digits as far as they are padded.
fn numbered(text: &str) -> Option<(&str, i64, usize)> {
    let before = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &text[before.len()..];
    let padded = digits.len() > 1 && digits.starts_with('0');
    Some((before, digits.parse().ok()?, if padded { digits.len() } else { 1 }))
}

fn last_day(date: NaiveDate) -> u32 {
    date.with_day(1)
        .and_then(|first| first.checked_add_months(Months::new(1)))
        .and_then(|next| next.pred_opt())
        .map_or(31, |d| d.day())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn goes_on(ty: ColumnType, values: &[&str], expect: &[&str]) {
        check(ty, None, values, expect, false);
    }

    #[track_caller]
    fn check(ty: ColumnType, format: Option<Format>, values: &[&str], expect: &[&str], backwards: bool) {
        let read = |text: &&str| Value::from_wire(&model::Raw::from(*text), &ty).unwrap();
        let values: Vec<Value> = values.iter().map(read).collect();
        let expect: Vec<Value> = expect.iter().map(read).collect();
        assert_eq!(continued(&values, &ty, format, &Zone::default(), expect.len(), backwards), expect);
    }

    const MONEY: ColumnType = ColumnType::Decimal { scale: 2 };

    #[test]
    fn numbers_go_on_by_their_step() {
        goes_on(MONEY, &["10", "12.50"], &["15", "17.5"]);
        goes_on(MONEY, &["0.1", "0.2"], &["0.3", "0.4"]);
        goes_on(ColumnType::Integer, &["3", "2", "1"], &["0", "-1"]);
        goes_on(ColumnType::Integer, &["9223372036854775806", "9223372036854775807"], &["9223372036854775806"]);
        check(MONEY, None, &["10", "12"], &["8", "6"], true);
        // Without a step they are repeated.
        goes_on(MONEY, &["7"], &["7", "7"]);
        goes_on(MONEY, &["1", "2", "4"], &["1", "2", "4", "1"]);
    }

    #[test]
    fn dates_go_on_by_days_or_months() {
        let date = || ColumnType::Date;
        goes_on(date(), &["2024-02-28"], &["2024-02-29", "2024-03-01"]);
        check(date(), Some(Format::Month), &["2024-12-01"], &["2025-01-01", "2025-02-01"], false);
        check(date(), None, &["2024-03-01"], &["2024-02-29"], true);
        goes_on(date(), &["2024-01-05", "2024-01-12"], &["2024-01-19"]);
        goes_on(date(), &["2024-01-31", "2024-02-29"], &["2024-03-31", "2024-04-30"]);
        goes_on(date(), &["2023-01-30", "2023-02-28"], &["2023-03-30"]);
        goes_on(date(), &["2020-06-15", "2021-06-15"], &["2022-06-15"]);
        goes_on(date(), &["2024-01-01", "2024-01-02", "2024-01-05"], &["2024-01-01"]);
        goes_on(ColumnType::Timestamp, &["2024-01-01T08:00:00Z", "2024-01-01T08:30:00Z"], &["2024-01-01T09:00:00Z"]);
    }

    #[test]
    fn days_keep_the_clock_when_clocks_are_changed() {
        // Berlin, where clocks are put forward on 2024-03-31 at 01:00 UTC.
        let zone = Zone { name: "Europe/Berlin".into(), offsets: vec![(0, 3_600), (1_711_846_800, 7_200)] };
        let time = |text: &str| Value::from_wire(&model::Raw::from(text), &ColumnType::Timestamp).unwrap();
        let goes_on = |values: &[&str], expect: &[&str]| {
            let values: Vec<Value> = values.iter().map(|text| time(text)).collect();
            let expect: Vec<Value> = expect.iter().map(|text| time(text)).collect();
            assert_eq!(continued(&values, &ColumnType::Timestamp, None, &zone, expect.len(), false), expect);
        };
        goes_on(&["2024-03-29T08:00:00Z", "2024-03-30T08:00:00Z"], &["2024-03-31T07:00:00Z", "2024-04-01T07:00:00Z"]);
        // At half past two there is no such time on that day.
        goes_on(&["2024-03-29T01:30:00Z", "2024-03-30T01:30:00Z"], &["2024-03-31T01:30:00Z", "2024-04-01T00:30:00Z"]);
        goes_on(&["2024-03-31T00:00:00Z", "2024-03-31T00:30:00Z"], &["2024-03-31T01:00:00Z", "2024-03-31T01:30:00Z"]);
    }

    #[test]
    fn texts_go_on_by_the_number_at_their_end() {
        goes_on(ColumnType::Text, &["Week 9"], &["Week 10", "Week 11"]);
        goes_on(ColumnType::Text, &["A008", "A010"], &["A012"]);
        check(ColumnType::Text, None, &["Item 1"], &["Item 0", "Item 1"], true);
        goes_on(ColumnType::Text, &["north", "south"], &["north", "south", "north"]);
        goes_on(ColumnType::Text, &["99999999999999999999"], &["99999999999999999999"]);
        let options = vec!["Q1".to_owned(), "Q2".to_owned()];
        goes_on(ColumnType::Choice { options }, &["Q1"], &["Q1"]);
        assert!(continued(&[], &ColumnType::Text, None, &Zone::default(), 3, false).is_empty());
    }
}
