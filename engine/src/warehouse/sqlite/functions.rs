//! Functions that SQLite lacks: `inlay_lower` and `inlay_upper` know all of Unicode, like PostgreSQL's `lower` and `upper`;
//! `inlay_local(time, zone)` and `inlay_utc` turn points in time into what a zone's clocks show, and back;
//! `inlay_divide(a, b, power)` is `a * power / b` in whole numbers, exact in between, rounded half away from zero;
//! the aggregates `inlay_middles(x)`, the sum of the two values in the middle (of one, twice that), and
//! `inlay_percentile(x, share)`, the least value that so many ten-thousandths of all are at or below.
//!
//! The one place with `unsafe`: SQLite's C interface is the only way to add a function, and sqlx has no wrapper for it.
//! <https://www.sqlite.org/c3ref/create_function.html>

#![expect(unsafe_code, reason = "registering a SQL function goes through SQLite's C interface")]

use std::ffi::{CStr, c_char, c_int};

use chrono::{NaiveDateTime, TimeDelta, TimeZone};
use chrono_tz::Tz;
use libsqlite3_sys as ffi;
use sqlx::sqlite::SqliteConnection;

/// Adds the functions to one connection.
pub(super) async fn register(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let mut handle = connection.lock_handle().await?;
    let db = handle.as_raw_handle().as_ptr();
    add(db, c"inlay_lower", 1, lower)?;
    add(db, c"inlay_upper", 1, upper)?;
    add(db, c"inlay_local", 2, local)?;
    add(db, c"inlay_utc", 2, utc)?;
    add(db, c"inlay_divide", 3, divide)?;
    add_aggregate(db, c"inlay_middles", 1, middles)?;
    add_aggregate(db, c"inlay_percentile", 2, percentile)
}

type Callback = unsafe extern "C" fn(*mut ffi::sqlite3_context, c_int, *mut *mut ffi::sqlite3_value);

fn add(db: *mut ffi::sqlite3, name: &CStr, arguments: c_int, callback: Callback) -> Result<(), sqlx::Error> {
    let flags = ffi::SQLITE_UTF8 | ffi::SQLITE_DETERMINISTIC;
    let none = std::ptr::null_mut();
    // SAFETY: `db` is open and locked by the caller; `name` ends in NUL; the callback keeps no state.
    let code =
        unsafe { ffi::sqlite3_create_function_v2(db, name.as_ptr(), arguments, flags, none, Some(callback), None, None, None) };
    if code == ffi::SQLITE_OK { Ok(()) } else { Err(sqlx::Error::Protocol(format!("sqlite3_create_function_v2: {code}"))) }
}

type Finish = unsafe extern "C" fn(*mut ffi::sqlite3_context);

fn add_aggregate(db: *mut ffi::sqlite3, name: &CStr, arguments: c_int, finish: Finish) -> Result<(), sqlx::Error> {
    let flags = ffi::SQLITE_UTF8 | ffi::SQLITE_DETERMINISTIC;
    let none = std::ptr::null_mut();
    // SAFETY: as of `add`; what `collect` keeps is freed by `finish`, which SQLite calls once for each group that was begun.
    let code = unsafe {
        ffi::sqlite3_create_function_v2(db, name.as_ptr(), arguments, flags, none, None, Some(collect), Some(finish), None)
    };
    if code == ffi::SQLITE_OK { Ok(()) } else { Err(sqlx::Error::Protocol(format!("sqlite3_create_function_v2: {code}"))) }
}

/// The values of one group; floats once there is one.
#[derive(Debug, Default)]
struct Collected {
    whole: Vec<i64>,
    floats: Vec<f64>,
    /// In ten-thousandths.
    share: i64,
}

unsafe extern "C" fn collect(context: *mut ffi::sqlite3_context, count: c_int, args: *mut *mut ffi::sqlite3_value) {
    // SAFETY: SQLite calls with as many arguments as were registered; its memory for the group is zero at first, and so is
    // the pointer in it.
    unsafe {
        let value = *args;
        let held = ffi::sqlite3_aggregate_context(context, size_of::<*mut Collected>() as c_int).cast::<*mut Collected>();
        if held.is_null() {
            return ffi::sqlite3_result_error_nomem(context);
        }
        if (*held).is_null() {
            let share = if count > 1 { ffi::sqlite3_value_int64(*args.add(1)) } else { 0 };
            *held = Box::into_raw(Box::new(Collected { share, ..Collected::default() }));
        }
        match ffi::sqlite3_value_type(value) {
            ffi::SQLITE_NULL => {}
            ffi::SQLITE_INTEGER => (**held).whole.push(ffi::sqlite3_value_int64(value)),
            _ => (**held).floats.push(ffi::sqlite3_value_double(value)),
        }
    }
}

/// The group's values, which nobody else has any more; `None` for a group without rows.
///
/// # Safety
/// `context` is that of a call of the aggregate's end.
unsafe fn collected(context: *mut ffi::sqlite3_context) -> Option<Collected> {
    // SAFETY: with no bytes asked for, the memory is what `collect` had, or null if it was never called.
    unsafe {
        let held = ffi::sqlite3_aggregate_context(context, 0).cast::<*mut Collected>();
        if held.is_null() || (*held).is_null() {
            return None;
        }
        let collected = *Box::from_raw(*held);
        *held = std::ptr::null_mut();
        Some(collected)
    }
}

unsafe extern "C" fn middles(context: *mut ffi::sqlite3_context) {
    // SAFETY: this is the aggregate's end.
    unsafe { finish(context, Collected::middles) }
}

unsafe extern "C" fn percentile(context: *mut ffi::sqlite3_context) {
    // SAFETY: this is the aggregate's end.
    unsafe { finish(context, Collected::percentile) }
}

/// Answers what the group's values come to.
///
/// # Safety
/// `context` is that of a call of the aggregate's end.
unsafe fn finish(context: *mut ffi::sqlite3_context, come_to: fn(Collected) -> Option<Number>) {
    // SAFETY: as of the caller; the text of the error is copied.
    unsafe {
        match collected(context).and_then(come_to) {
            Some(Number::Whole(n)) => ffi::sqlite3_result_int64(context, n),
            Some(Number::Float(f)) => ffi::sqlite3_result_double(context, f),
            Some(Number::TooLarge) => ffi::sqlite3_result_error(context, c"integer overflow".as_ptr(), -1),
            None => ffi::sqlite3_result_null(context),
        }
    }
}

#[derive(Debug, PartialEq)]
enum Number {
    Whole(i64),
    Float(f64),
    /// Of 64 bits.
    TooLarge,
}

impl Collected {
    /// The value that `at` others are before, by its place counted from 0.
    fn ranked(&mut self, at: usize) -> Number {
        if self.floats.is_empty() {
            return Number::Whole(*self.whole.select_nth_unstable(at).1);
        }
        self.floats.extend(self.whole.drain(..).map(|n| n as f64));
        Number::Float(*self.floats.select_nth_unstable_by(at, f64::total_cmp).1)
    }

    fn len(&self) -> usize {
        self.whole.len() + self.floats.len()
    }

    fn middles(mut self) -> Option<Number> {
        let len = self.len();
        let upper = len.checked_sub(1)?.div_ceil(2);
        Some(match (self.ranked((len - 1) / 2), self.ranked(upper)) {
            (Number::Whole(a), Number::Whole(b)) => a.checked_add(b).map_or(Number::TooLarge, Number::Whole),
            (Number::Float(a), Number::Float(b)) => Number::Float(a + b),
            _ => Number::TooLarge,
        })
    }

    fn percentile(mut self) -> Option<Number> {
        let last = self.len().checked_sub(1)?;
        let share = usize::try_from(self.share).unwrap_or(0);
        Some(self.ranked((self.len() * share).div_ceil(10_000).saturating_sub(1).min(last)))
    }
}

unsafe extern "C" fn divide(context: *mut ffi::sqlite3_context, _: c_int, args: *mut *mut ffi::sqlite3_value) {
    // SAFETY: SQLite calls with three arguments, as registered.
    unsafe {
        let values = std::slice::from_raw_parts(args, 3);
        if values.iter().any(|value| ffi::sqlite3_value_type(*value) == ffi::SQLITE_NULL) {
            return ffi::sqlite3_result_null(context);
        }
        let whole = values.iter().all(|value| ffi::sqlite3_value_type(*value) == ffi::SQLITE_INTEGER);
        let number = |i: usize| i128::from(ffi::sqlite3_value_int64(values[i]));
        match whole.then(|| quotient(number(0), number(1), number(2))) {
            Some(Quotient::Number(n)) => ffi::sqlite3_result_int64(context, n),
            Some(Quotient::ByZero) => ffi::sqlite3_result_null(context),
            // Minor units that had become a float, or a result past 64 bits.
            Some(Quotient::TooLarge) | None => ffi::sqlite3_result_error(context, c"integer overflow".as_ptr(), -1),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Quotient {
    Number(i64),
    ByZero,
    TooLarge,
}

/// `a * power / b`, half away from zero; the factors have 64 bits each, so 128 hold the product.
fn quotient(a: i128, b: i128, power: i128) -> Quotient {
    if b == 0 {
        return Quotient::ByZero;
    }
    let product = a * power;
    let (whole, rest) = (product / b, product % b);
    let up = i128::from(rest.unsigned_abs() * 2 >= b.unsigned_abs());
    let away = if (product < 0) == (b < 0) { up } else { -up };
    i64::try_from(whole + away).map_or(Quotient::TooLarge, Quotient::Number)
}

unsafe extern "C" fn lower(context: *mut ffi::sqlite3_context, _: c_int, args: *mut *mut ffi::sqlite3_value) {
    // SAFETY: SQLite calls with one argument, as registered.
    unsafe { answer(context, *args, |text| text.to_lowercase()) }
}

unsafe extern "C" fn upper(context: *mut ffi::sqlite3_context, _: c_int, args: *mut *mut ffi::sqlite3_value) {
    // SAFETY: SQLite calls with one argument, as registered.
    unsafe { answer(context, *args, |text| text.to_uppercase()) }
}

unsafe extern "C" fn local(context: *mut ffi::sqlite3_context, _: c_int, args: *mut *mut ffi::sqlite3_value) {
    // SAFETY: SQLite calls with two arguments, as registered.
    unsafe { answer_in_zone(context, args, shown) }
}

unsafe extern "C" fn utc(context: *mut ffi::sqlite3_context, _: c_int, args: *mut *mut ffi::sqlite3_value) {
    // SAFETY: SQLite calls with two arguments, as registered.
    unsafe { answer_in_zone(context, args, meant) }
}

/// What the clocks of a zone show at a point in time.
fn shown(time: NaiveDateTime, zone: Tz) -> NaiveDateTime {
    zone.from_utc_datetime(&time).naive_local()
}

/// When the clocks of a zone showed a time: the first time that they did, and where they were put forward over it as
/// late after that.
fn meant(time: NaiveDateTime, zone: Tz) -> NaiveDateTime {
    let exact = |time: NaiveDateTime| zone.from_local_datetime(&time).earliest().map(|time| time.naive_utc());
    exact(time).or_else(|| exact(time + TimeDelta::hours(1))).unwrap_or(time)
}

/// # Safety
/// `context` and two `args` are those of a running call.
unsafe fn answer_in_zone(
    context: *mut ffi::sqlite3_context,
    args: *mut *mut ffi::sqlite3_value,
    turn: fn(NaiveDateTime, Tz) -> NaiveDateTime,
) {
    // SAFETY: as of `answer`.
    unsafe {
        let zone = ffi::sqlite3_value_text(*args.add(1));
        let zone = if zone.is_null() { None } else { CStr::from_ptr(zone.cast::<c_char>()).to_str().ok() };
        let zone = zone.and_then(|name| name.parse::<Tz>().ok()).unwrap_or(Tz::UTC);
        answer(context, *args, |text| match read_time(text) {
            Some(time) => turn(time, zone).format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
            None => text.to_owned(),
        });
    }
}

fn read_time(text: &str) -> Option<NaiveDateTime> {
    let bare = text.strip_suffix('Z').unwrap_or(text).replace('T', " ");
    NaiveDateTime::parse_from_str(&bare, "%Y-%m-%d %H:%M:%S%.f").ok()
}

/// # Safety
/// `context` and `value` are those of a running call.
unsafe fn answer(context: *mut ffi::sqlite3_context, value: *mut ffi::sqlite3_value, change: impl Fn(&str) -> String) {
    // SAFETY: the pointers are valid for the call; the text is valid until the next call on `value`; the result is
    // copied by SQLite (SQLITE_TRANSIENT) before it is freed here.
    unsafe {
        let text = ffi::sqlite3_value_text(value);
        if text.is_null() {
            return ffi::sqlite3_result_null(context);
        }
        let changed = change(&CStr::from_ptr(text.cast::<c_char>()).to_string_lossy());
        let length = c_int::try_from(changed.len()).unwrap_or(c_int::MAX);
        ffi::sqlite3_result_text(context, changed.as_ptr().cast(), length, ffi::SQLITE_TRANSIENT());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_percentiles_are_values_that_are_there() {
        let of = |whole: &[i64], share| Collected { whole: whole.to_vec(), floats: Vec::new(), share };
        for (whole, middles) in [(&[5][..], 10), (&[4, 1], 5), (&[9, 1, 5], 10), (&[8, 1, 5, 2], 7)] {
            assert_eq!(of(whole, 0).middles(), Some(Number::Whole(middles)), "{whole:?}");
        }
        let hundred: Vec<i64> = (1..=100).rev().collect();
        for (share, value) in [(1, 1), (700, 7), (701, 8), (5_000, 50), (9_500, 95), (9_999, 100), (10_000, 100)] {
            assert_eq!(of(&hundred, share).percentile(), Some(Number::Whole(value)), "{share}");
        }
        assert_eq!(of(&[], 5_000).middles(), None);
        assert_eq!(of(&[i64::MAX, i64::MAX], 0).middles(), Some(Number::TooLarge));
        let mixed = Collected { whole: vec![3], floats: vec![0.5], share: 0 };
        assert_eq!(mixed.middles(), Some(Number::Float(3.5)));
    }

    #[test]
    fn quotients_are_rounded_half_away_from_zero() {
        for (a, b, power, expect) in
            [(7, 2, 1, 4), (-7, 2, 1, -4), (7, -2, 1, -4), (-7, -2, 1, 4), (1, 3, 1000, 333), (2, 3, 1000, 667), (0, 5, 1, 0)]
        {
            assert_eq!(quotient(a, b, power), Quotient::Number(expect), "{a} * {power} / {b}");
        }
        assert_eq!(quotient(1, 0, 1), Quotient::ByZero);
        assert_eq!(quotient(i64::MAX.into(), 1, 10), Quotient::TooLarge);
        assert_eq!(quotient(i64::MAX.into(), 10, 10), Quotient::Number(i64::MAX));
    }
}
