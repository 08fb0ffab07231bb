//! Numbers and dates as a person reads and types them. One formatter for the server's first paint and the browser, so
//! that hydration never changes a character.

use std::borrow::Borrow;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use rust_decimal::{Decimal, RoundingStrategy};
use words::{Language, Message};

use crate::arithmetic::calculate;
use crate::value::{parse_date, parse_timestamp};
use crate::zone::{offset_text, split_offset};
use crate::{ColumnType, Format, Moment, NumberFormat, Raw, Value, ValueError, Zone};

/// How one language and region writes numbers and dates, and the workbook's currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locale {
    /// BCP 47, as given.
    pub tag: String,
    language: Language,
    decimal: char,
    group: char,
    date: DateOrder,
    symbol_first: bool,
    currency: String,
    /// Whose clocks points in time are shown and typed by.
    zone: Zone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DateOrder {
    MonthDay,
    DayMonth(char),
    Iso,
}

/// How numbers and dates are written in a text from elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notation {
    /// `.` or `,`.
    pub decimal: char,
    /// Whether `5/10/2025` is in October. With dots the day is always first.
    pub day_first: bool,
}

const NARROW_SPACE: char = '\u{202f}';

impl Locale {
    /// Finds the conventions of a BCP 47 tag; an unknown language reads like `en` with ISO dates.
    #[must_use]
    pub fn new(tag: &str, currency: &str) -> Self {
        let language = language_of(tag);
        let region = tag.split(['-', '_']).nth(1).unwrap_or_default().to_ascii_uppercase();
        let (decimal, group, date, symbol_first) = match (language.as_str(), region.as_str()) {
            ("en", "US" | "") => ('.', ',', DateOrder::MonthDay, true),
            ("en", _) => ('.', ',', DateOrder::DayMonth('/'), true),
            ("de", "CH") => ('.', '’', DateOrder::DayMonth('.'), true),
            ("de" | "tr" | "da", _) => (',', '.', DateOrder::DayMonth('.'), false),
            ("es" | "it" | "nl" | "pt" | "id", _) => (',', '.', DateOrder::DayMonth('/'), false),
            ("fr", _) => (',', NARROW_SPACE, DateOrder::DayMonth('/'), false),
            ("pl" | "cs" | "ru" | "fi" | "nb" | "no" | "uk", _) => (',', NARROW_SPACE, DateOrder::DayMonth('.'), false),
            _ => ('.', ',', DateOrder::Iso, true),
        };
        Self {
            tag: tag.to_owned(),
            language: Language::of(tag),
            decimal,
            group,
            date,
            symbol_first,
            currency: currency.to_owned(),
            zone: Zone::default(),
        }
    }

    /// The same with points in time as the clocks of a zone have them.
    #[must_use]
    pub fn within(self, zone: Zone) -> Self {
        Self { zone, ..self }
    }

    /// Whether the language of a BCP 47 tag is written from right to left.
    #[must_use]
    pub fn is_from_right(tag: &str) -> bool {
        ["ar", "fa", "he", "iw", "ur", "ps", "sd", "ug", "yi", "dv", "ckb"].contains(&language_of(tag).as_str())
    }

    /// A sentence in the person's language.
    #[must_use]
    pub fn say(&self, message: impl Borrow<Message>) -> String {
        message.borrow().say(self.language, self.group)
    }

    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// Whether the person's own language is one that Inlay speaks.
    #[must_use]
    pub fn speaks(&self) -> bool {
        Language::spoken(&self.tag).is_some()
    }

    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Whether calendars begin weeks on Sunday.
    #[must_use]
    pub fn week_begins_on_sunday(&self) -> bool {
        self.date == DateOrder::MonthDay || ["pt-BR", "ja", "he", "en-CA", "en-AU"].iter().any(|tag| self.tag.starts_with(tag))
    }

    #[must_use]
    pub fn notation(&self) -> Notation {
        Notation { decimal: self.decimal, day_first: self.date != DateOrder::MonthDay }
    }

    /// The same for reading what is written otherwise.
    #[must_use]
    pub fn reading(&self, notation: Notation) -> Self {
        if notation == self.notation() {
            return self.clone();
        }
        let group = if notation.decimal == ',' { '.' } else { ',' };
        let date = if notation.day_first { DateOrder::DayMonth('/') } else { DateOrder::MonthDay };
        Self { decimal: notation.decimal, group, date, ..self.clone() }
    }

    /// A wire value as text for the screen; empty for null. What can't be read is shown as it is.
    #[must_use]
    pub fn show(&self, raw: &Raw, ty: &ColumnType, format: Option<Format>) -> String {
        match Value::from_wire(raw, ty) {
            Ok(Value::Text(text)) if matches!(ty, ColumnType::Choices { .. }) => listed(&text),
            Ok(value) => self.format(&value, format),
            Err(_) => raw.as_str().map_or_else(|| raw.to_string(), str::to_owned),
        }
    }

    /// The same where a value stands by itself: null and an empty text have a name.
    #[must_use]
    pub fn named(&self, raw: &Raw, ty: &ColumnType, format: Option<Format>) -> String {
        let shown = self.show(raw, ty, format);
        if shown.is_empty() { self.say(words::blank_value()) } else { shown }
    }

    /// A number that was calculated here, for a chart.
    #[must_use]
    pub fn show_number(&self, number: f64, format: Option<Format>) -> String {
        self.format(&Value::Float(number), format)
    }

    /// A value as text for the screen; empty for null.
    #[must_use]
    pub fn format(&self, value: &Value, format: Option<Format>) -> String {
        match value {
            Value::Null => String::new(),
            Value::Boolean(flag) => self.say(if *flag { words::yes() } else { words::no() }),
            Value::Text(text) => text.clone(),
            Value::Integer(n) => match format {
                Some(format) => self.number(Decimal::from(*n), 0, format),
                None => n.to_string(),
            },
            Value::Decimal(d) => self.number(*d, d.scale(), format.unwrap_or(Format::Number)),
            Value::Float(f) => match Decimal::try_from(*f) {
                Ok(d) => self.number(d, d.scale().min(6), format.unwrap_or(Format::Number)),
                Err(_) => f.to_string(),
            },
            Value::Date(date) => self.date(*date, format),
            Value::Timestamp(utc) => {
                let time = self.zone.local(*utc);
                format!("{} {}{}", self.date(time.date(), format), time.format("%H:%M"), self.offset_of(*utc))
            }
        }
    }

    /// A value as text for an editor: full precision, no grouping, the locale's decimal sign.
    #[must_use]
    pub fn edit_text(&self, raw: &Raw, ty: &ColumnType) -> String {
        match Value::from_wire(raw, ty) {
            Ok(Value::Text(text)) if matches!(ty, ColumnType::Choices { .. }) => listed(&text),
            Ok(Value::Decimal(d)) => d.normalize().to_string().replace('.', &self.decimal.to_string()),
            Ok(Value::Float(f)) => f.to_string().replace('.', &self.decimal.to_string()),
            Ok(Value::Date(_)) => raw.as_str().unwrap_or_default().to_owned(),
            // As short as keeps every digit.
            Ok(Value::Timestamp(utc)) => {
                let time = self.zone.local(utc);
                let clock = match (time.second(), time.nanosecond()) {
                    (0, 0) => time.format("%Y-%m-%d %H:%M").to_string(),
                    (_, 0) => time.format("%Y-%m-%d %H:%M:%S").to_string(),
                    _ => time.format("%Y-%m-%d %H:%M:%S%.6f").to_string().trim_end_matches('0').to_owned(),
                };
                clock + &self.offset_of(utc)
            }
            Ok(value) => self.format(&value, None),
            Err(_) => raw.as_str().unwrap_or_default().to_owned(),
        }
    }

    /// The same in the words of the column's format: 0.25 of a percentage is edited as 25%.
    #[must_use]
    pub fn typed_text(&self, raw: &Raw, ty: &ColumnType, format: Option<Format>) -> String {
        match Value::from_wire(raw, ty).ok().and_then(|value| value.as_decimal()).filter(|_| format == Some(Format::Percent)) {
            Some(d) => format!("{}%", (d * Decimal::ONE_HUNDRED).normalize()).replace('.', &self.decimal.to_string()),
            None => self.edit_text(raw, ty),
        }
    }

    /// What a person means who types this into a column of this format: a number alone is a number of percents there.
    #[must_use]
    pub fn as_typed(&self, text: &str, format: Option<Format>) -> String {
        let percents = format == Some(Format::Percent) && !text.contains('%') && self.plain_number(text).is_some();
        if percents { format!("{}%", text.trim()) } else { text.to_owned() }
    }

    /// Reads what a person typed into a cell of type `ty`: his locale's numbers and dates, ISO dates always; blank is null.
    ///
    /// # Errors
    /// What was expected, in words.
    pub fn parse(&self, text: &str, ty: &ColumnType) -> Result<Raw, ValueError> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Ok(Raw::Null);
        }
        let wrong = || ValueError::WrongType(words::text_is_not_type(trimmed, ty.kind()));
        if let Some(sum) = trimmed.strip_prefix('=').filter(|_| ty.is_numeric()) {
            return self.worked_out(sum, ty);
        }
        let raw = match ty {
            ColumnType::Text => Raw::from(text),
            ColumnType::Choice { options } => {
                let same = options.iter().find(|option| option.eq_ignore_ascii_case(trimmed));
                Raw::from(same.map_or(trimmed, String::as_str))
            }
            ColumnType::Choices { options } => {
                // A list as it is stored, or texts with commas between them; with semicolons, where an option has a comma.
                let separator = if trimmed.contains(';') { ';' } else { ',' };
                let parts = trimmed.split(separator).map(str::trim).filter(|part| !part.is_empty());
                let option = |part: &str| {
                    let same = options.iter().find(|option| option.eq_ignore_ascii_case(part));
                    same.cloned().unwrap_or_else(|| part.to_owned())
                };
                let whole = options.iter().find(|option| option.eq_ignore_ascii_case(trimmed));
                match (whole, serde_json::from_str::<Vec<String>>(trimmed)) {
                    (Some(whole), _) => Raw::from(vec![whole.clone()]),
                    (None, Ok(list)) => Raw::from(list),
                    (None, Err(_)) => Raw::from(parts.map(option).collect::<Vec<String>>()),
                }
            }
            ColumnType::Integer | ColumnType::Decimal { .. } => Raw::from(self.plain_number(trimmed).ok_or_else(wrong)?),
            ColumnType::Float => {
                let plain = self.plain_number(trimmed).ok_or_else(wrong)?;
                plain.parse::<f64>().map(Raw::from).map_err(|_| wrong())?
            }
            ColumnType::Boolean => match trimmed.to_ascii_lowercase().as_str() {
                "true" | "yes" | "y" | "1" | "x" | "ja" | "j" | "wahr" => Raw::Bool(true),
                "false" | "no" | "n" | "0" | "nein" | "falsch" => Raw::Bool(false),
                _ => return Err(wrong()),
            },
            ColumnType::Date => Value::Date(self.read_date(trimmed).ok_or_else(wrong)?).to_wire(),
            ColumnType::Timestamp => Value::Timestamp(self.read_moment(trimmed, &wrong)?).to_wire(),
        };
        Ok(Value::from_wire(&raw, ty)?.to_wire())
    }

    /// What a person worked out in the cell, in the decimals that are kept there.
    fn worked_out(&self, sum: &str, ty: &ColumnType) -> Result<Raw, ValueError> {
        let value = calculate(sum, self.decimal, self.group).map_err(ValueError::WrongType)?;
        let rounded = |scale| value.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero).normalize();
        let raw = match ty {
            ColumnType::Decimal { scale } => Raw::from(rounded(*scale).to_string()),
            ColumnType::Integer => Raw::from(rounded(0).to_string()),
            _ => f64::try_from(value).map(Raw::from).map_err(|_| ValueError::OutOfRange(words::number_too_large()))?,
        };
        Ok(Value::from_wire(&raw, ty)?.to_wire())
    }

    /// The offset behind a time that clocks showed twice, so that it is told which one is meant.
    fn offset_of(&self, utc: NaiveDateTime) -> String {
        if self.zone.is_twice(utc) { format!(" {}", offset_text(self.zone.offset_at(utc))) } else { String::new() }
    }

    /// A point in time as the zone's clocks showed it, or with an offset of its own; in UTC.
    fn read_moment(&self, text: &str, wrong: &impl Fn() -> ValueError) -> Result<NaiveDateTime, ValueError> {
        if let Some(utc) = parse_timestamp(text) {
            return Ok(utc);
        }
        if let Some((clock, offset)) = split_offset(text) {
            let time = self.read_timestamp(clock).ok_or_else(wrong)?;
            return time.checked_sub_signed(TimeDelta::seconds(offset.into())).ok_or_else(wrong);
        }
        match self.zone.moment(self.read_timestamp(text).ok_or_else(wrong)?) {
            Moment::One(utc) => Ok(utc),
            Moment::Never => Err(ValueError::WrongType(words::time_never_was(text, &self.zone.name))),
            Moment::Twice(first, last) => Err(ValueError::WrongType(words::time_was_twice(
                text,
                &self.zone.name,
                offset_text(self.zone.offset_at(first)),
                offset_text(self.zone.offset_at(last)),
            ))),
        }
    }

    fn number(&self, d: Decimal, scale: u32, format: Format) -> String {
        match format {
            Format::Number | Format::Month | Format::Quarter | Format::Year => self.grouped(d, scale),
            Format::Integer => self.grouped(d, 0),
            Format::Percent => format!("{}%", self.grouped(d * Decimal::ONE_HUNDRED, scale.saturating_sub(2).min(1))),
            Format::Currency => self.money(d, |d| self.grouped(d, 2)),
            Format::CurrencyRounded => self.money(d, |d| self.grouped(d, 0)),
            Format::Compact => self.compact(d, scale),
            Format::CurrencyCompact => self.money(d, |d| self.compact(d, scale)),
            Format::Custom(NumberFormat { decimals, prefix, suffix }) => {
                let digits = self.grouped(d.abs(), decimals.map_or(scale, |decimals| u32::from(decimals.min(9))));
                let sign = if d.is_sign_negative() && digits.contains(|c: char| ('1'..='9').contains(&c)) { "-" } else { "" };
                format!("{sign}{}{digits}{}", prefix.as_str(), suffix.as_str())
            }
        }
    }

    /// Three digits or so, and how many thousands.
    fn compact(&self, d: Decimal, scale: u32) -> String {
        let sizes = [("trillion", 12), ("billion", 9), ("million", 6), ("thousand", 3)];
        let in_size = |power: u32| d / Decimal::from(10_u64.pow(power));
        // What would be rounded to a thousand is one of the next size.
        let size = sizes.into_iter().find(|(_, power)| in_size(*power).abs().round_dp(1) >= Decimal::ONE);
        let Some((size, power)) = size else { return self.grouped(d, scale.min(1)) };
        let part = in_size(power);
        let digits = if part.abs() >= Decimal::ONE_HUNDRED || part.round_dp(1).fract().is_zero() { 0 } else { 1 };
        self.say(words::number_compact(size, self.grouped(part, digits)))
    }

    fn money(&self, d: Decimal, digits: impl Fn(Decimal) -> String) -> String {
        let symbol = match self.currency.as_str() {
            "USD" => "$",
            "EUR" => "€",
            "GBP" => "£",
            "JPY" => "¥",
            other => other,
        };
        let digits = digits(d.abs());
        let sign = if d.is_sign_negative() && digits.contains(|c: char| ('1'..='9').contains(&c)) { "-" } else { "" };
        if self.symbol_first { format!("{sign}{symbol}{digits}") } else { format!("{sign}{digits}\u{a0}{symbol}") }
    }

    fn grouped(&self, d: Decimal, scale: u32) -> String {
        let mut rounded = d.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero);
        rounded.rescale(scale);
        let text = rounded.abs().to_string();
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let mut out = String::with_capacity(text.len() + 8);
        if rounded.is_sign_negative() && !rounded.is_zero() {
            out.push('-');
        }
        for (i, digit) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i).is_multiple_of(3) {
                out.push(self.group);
            }
            out.push(digit);
        }
        if !fraction.is_empty() {
            out.push(self.decimal);
            out.push_str(fraction);
        }
        out
    }

    fn date(&self, date: NaiveDate, format: Option<Format>) -> String {
        let (y, m, d) = (date.year(), date.month(), date.day());
        match (format, self.date) {
            (Some(Format::Month), _) if self.speaks() => self.say(words::month_year(m, y.to_string())),
            (Some(Format::Month), _) => format!("{y:04}-{m:02}"),
            (Some(Format::Quarter), _) => format!("Q{} {y}", date.quarter()),
            (Some(Format::Year), _) => y.to_string(),
            (_, DateOrder::MonthDay) => format!("{m}/{d}/{y}"),
            (_, DateOrder::DayMonth(separator)) => format!("{d:02}{separator}{m:02}{separator}{y}"),
            (_, DateOrder::Iso) => date.format("%Y-%m-%d").to_string(),
        }
    }

    fn read_date(&self, text: &str) -> Option<NaiveDate> {
        parse_date(text).or_else(|| {
            let mut parts = text.split(['/', '.', '-']).map(str::trim);
            let (a, b, c) = (parts.next()?.parse::<u32>().ok()?, parts.next()?.parse().ok()?, parts.next()?);
            let year: i32 = c.parse().ok()?;
            // `2017/5/3` is one day everywhere, and so is `3.5.2017`.
            if a >= 1_000 {
                return NaiveDate::from_ymd_opt(i32::try_from(a).ok()?, b, c.parse().ok()?);
            }
            let year = if c.len() == 2 { 2000 + year } else { year };
            let month_first = self.date == DateOrder::MonthDay && !text.contains('.');
            let (month, day) = if month_first { (a, b) } else { (b, a) };
            if parts.next().is_some() || !(1..=9999).contains(&year) {
                return None;
            }
            NaiveDate::from_ymd_opt(year, month, day)
        })
    }

    /// A date, and a time of the day if there is one: `5/3/2017 14:30`, `3.5.2017 2:30 pm`.
    fn read_timestamp(&self, text: &str) -> Option<NaiveDateTime> {
        let (date, time) = text.split_once([' ', 'T', ',']).unwrap_or((text, ""));
        let date = self.read_date(date.trim())?;
        let time = time.trim().trim_end_matches('Z').to_ascii_lowercase();
        if time.is_empty() {
            return Some(date.and_time(NaiveTime::MIN));
        }
        let (clock, half) = match time.strip_suffix("am").map(|rest| (rest, 0)).or(time.strip_suffix("pm").map(|rest| (rest, 12)))
        {
            Some((clock, half)) => (clock.trim(), Some(half)),
            None => (time.as_str(), None),
        };
        let (hour, rest) = clock.split_once(':').unwrap_or((clock, "00"));
        let hour: u32 = hour.trim().parse().ok()?;
        let hour = match half {
            Some(half) => (1..=12).contains(&hour).then_some(hour % 12 + half)?,
            None => hour,
        };
        let rest = if rest.contains(':') { rest.to_owned() } else { format!("{rest}:00") };
        let time = NaiveTime::parse_from_str(&format!("{hour:02}:{rest}"), "%H:%M:%S%.f").ok()?;
        (time.nanosecond() % 1_000 == 0 && time.nanosecond() < 1_000_000_000).then_some(date.and_time(time))
    }

    /// `$1,234.50` or `1.234,50 €` as `1234.50`, `25 %` as `0.25`; groups must be of three digits, so that `1,5` is never
    /// read as 15.
    fn plain_number(&self, text: &str) -> Option<String> {
        let trimmed = text.trim();
        if let Some(percent) = trimmed.strip_suffix('%').or_else(|| trimmed.strip_prefix('%')) {
            let hundred = self.plain_number(percent)?.parse::<Decimal>().ok()?;
            return Some((hundred / Decimal::ONE_HUNDRED).normalize().to_string());
        }
        let text = text.trim_matches(|c: char| "$€£¥".contains(c) || c.is_whitespace());
        let text = text.strip_suffix(self.currency.as_str()).unwrap_or(text).trim();
        let (negative, text) = match text.strip_prefix(['-', '−']) {
            Some(rest) => (true, rest.trim_start_matches(['$', '€', '£', '¥'])),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = text.split_once(self.decimal).unwrap_or((text, ""));
        // Spaces and apostrophes group digits in many countries, and mean nothing else in any.
        let is_group = |c: char| c == self.group || c.is_whitespace() || matches!(c, '\'' | '’');
        let groups: Vec<&str> = whole.split(is_group).collect();
        let well_grouped = groups.len() == 1 || groups[1..].iter().all(|g| g.len() == 3) && (1..=3).contains(&groups[0].len());
        let digits = groups.concat();
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if !well_grouped || !all_digits(&digits) || !all_digits(fraction) || (digits.is_empty() && fraction.is_empty()) {
            return None;
        }
        let sign = if negative { "-" } else { "" };
        let whole = if digits.is_empty() { "0" } else { &digits };
        Some(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
    }
}

/// The language of a BCP 47 tag, in small letters.
fn language_of(tag: &str) -> String {
    tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase()
}

/// Several choices as they are read, one after the other.
fn listed(stored: &str) -> String {
    let parts = serde_json::from_str::<Vec<String>>(stored).unwrap_or_else(|_| vec![stored.to_owned()]);
    parts.join(if parts.iter().any(|part| part.contains(',')) { "; " } else { ", " })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONEY: ColumnType = ColumnType::Decimal { scale: 2 };

    #[track_caller]
    fn shows(tag: &str, currency: &str, raw: &str, format: Format, expect: &str) {
        assert_eq!(Locale::new(tag, currency).show(&Raw::from(raw), &MONEY, Some(format)), expect);
    }

    #[track_caller]
    fn reads(tag: &str, text: &str, ty: &ColumnType, expect: Option<&str>) {
        let got = Locale::new(tag, "EUR").parse(text, ty).ok();
        assert_eq!(got, expect.map(Raw::from), "{tag} {text}");
    }

    #[test]
    fn numbers_are_shown_in_the_locale() {
        shows("en-US", "USD", "1234567.50", Format::Currency, "$1,234,567.50");
        shows("en-US", "USD", "-12.50", Format::Currency, "-$12.50");
        shows("de-DE", "EUR", "1234.50", Format::Currency, "1.234,50\u{a0}€");
        shows("en-US", "USD", "1234.50", Format::CurrencyRounded, "$1,235");
        shows("en-US", "USD", "0.25", Format::Percent, "25%");
        shows("fr-FR", "EUR", "1234.50", Format::Number, "1\u{202f}234,50");
        for (raw, expect) in [
            ("12.34", "12.3"),
            ("999.99", "1K"),
            ("1234.00", "1.2K"),
            ("-1250000.00", "-1.3M"),
            ("345678901.00", "346M"),
            ("2000000000.00", "2B"),
        ] {
            shows("en-US", "USD", raw, Format::Compact, expect);
        }
        shows("en-US", "USD", "-1250000.00", Format::CurrencyCompact, "-$1.3M");
        shows("de-DE", "EUR", "1250000.00", Format::CurrencyCompact, "1,3 Mio.\u{a0}€");
        let format = |json: &str| serde_json::from_str::<Format>(json).unwrap();
        shows("en-US", "USD", "-1234.50", format(r#"{ "decimals": 1, "prefix": "~", "suffix": " kg" }"#), "-~1,234.5 kg");
        shows("en-US", "USD", "-0.04", format(r#"{ "decimals": 1 }"#), "0.0");
        assert_eq!(serde_json::to_string(&format(r#"{ "suffix": " kg" }"#)).unwrap(), r#"{"suffix":" kg"}"#);
        assert_eq!(format("\"percent\""), Format::Percent);
        for bad in [r#"{ "suffix": "kilogrammes of it" }"#, r#"{ "digits": 1 }"#, "\"curency\""] {
            assert!(serde_json::from_str::<Format>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn numbers_are_read_in_the_locale_and_never_guessed() {
        reads("en-US", "$1,234.50", &MONEY, Some("1234.50"));
        reads("en-US", "-$1,234.5", &MONEY, Some("-1234.50"));
        reads("en-US", "1,5", &MONEY, None);
        reads("de-DE", "1.234,5", &MONEY, Some("1234.50"));
        reads("de-DE", "1.5", &MONEY, None);
        reads("de-DE", "1,5", &MONEY, Some("1.50"));
        reads("en-US", ".5", &MONEY, Some("0.50"));
        reads("en-US", "12 apples", &MONEY, None);
        reads("en-US", "25%", &MONEY, Some("0.25"));
        reads("de-DE", "-7,5 %", &ColumnType::Decimal { scale: 3 }, Some("-0.075"));
        reads("en-US", "%", &MONEY, None);
    }

    #[test]
    fn what_is_worked_out_is_kept_in_the_decimals_of_the_column() {
        reads("en-US", "=1,200*1.05", &MONEY, Some("1260.00"));
        reads("de-DE", "= 1.200,5 / 7", &MONEY, Some("171.50"));
        reads("en-US", "=10/3", &ColumnType::Decimal { scale: 4 }, Some("3.3333"));
        reads("en-US", "=1/0", &MONEY, None);
        assert_eq!(Locale::new("en-US", "USD").parse("=7/2", &ColumnType::Integer), Ok(Raw::from(4)));
        assert_eq!(Locale::new("en-US", "USD").parse("=1+1", &ColumnType::Text), Ok(Raw::from("=1+1")));
    }

    #[test]
    fn what_is_written_elsewhere_is_read_by_its_own_notation() {
        let read = |decimal, day_first, text: &str, ty: &ColumnType| {
            Locale::new("en-US", "USD").reading(Notation { decimal, day_first }).parse(text, ty).ok()
        };
        assert_eq!(read(',', false, "1.234,56", &MONEY), Some(Raw::from("1234.56")));
        assert_eq!(read(',', false, "1,234.56", &MONEY), None);
        assert_eq!(read('.', true, "5/10/25", &ColumnType::Date), Some(Raw::from("2025-10-05")));
        assert_eq!(read('.', false, "1 234.5", &MONEY), Some(Raw::from("1234.50")));
        assert_eq!(read('.', false, "1'234.5", &MONEY), Some(Raw::from("1234.50")));
        assert_eq!(read('.', false, "12 34", &MONEY), None);
    }

    #[test]
    fn dates_are_read_in_the_locale() {
        reads("en-US", "5/3/2017", &ColumnType::Date, Some("2017-05-03"));
        reads("de-DE", "3.5.2017", &ColumnType::Date, Some("2017-05-03"));
        reads("en-GB", "3/5/17", &ColumnType::Date, Some("2017-05-03"));
        reads("xx", "2017-05-03", &ColumnType::Date, Some("2017-05-03"));
        reads("en-US", "13/13/2017", &ColumnType::Date, None);
        reads("en-US", "3.5.2017", &ColumnType::Date, Some("2017-05-03"));
        reads("en-US", "2017/5/3", &ColumnType::Date, Some("2017-05-03"));
    }

    #[test]
    fn percents_are_typed_as_they_are_shown() {
        let share = ColumnType::Decimal { scale: 3 };
        let locale = Locale::new("de-DE", "EUR");
        let typed = |text: &str| locale.parse(&locale.as_typed(text, Some(Format::Percent)), &share).ok();
        assert_eq!(typed("12,5"), Some(Raw::from("0.125")));
        assert_eq!(typed("12,5 %"), Some(Raw::from("0.125")));
        assert_eq!(typed("=1/8"), Some(Raw::from("0.125")));
        assert_eq!(typed("many"), None);
        assert_eq!(typed(""), Some(Raw::Null));
        assert_eq!(locale.as_typed("12,5", Some(Format::Number)), "12,5");
        let text = locale.typed_text(&Raw::from("-0.125"), &share, Some(Format::Percent));
        assert_eq!((text.as_str(), typed(&text)), ("-12,5%", Some(Raw::from("-0.125"))));
        assert_eq!(locale.typed_text(&Raw::Null, &share, Some(Format::Percent)), "");
        assert_eq!(locale.typed_text(&Raw::from("0.5"), &share, None), "0,5");
    }

    #[test]
    fn several_choices_are_read_as_they_are_shown() {
        let options = ["red", "green", "light, blue"].map(str::to_owned).to_vec();
        let ty = ColumnType::Choices { options };
        let locale = Locale::new("en-US", "USD");
        for (text, stored, shown) in [
            ("green, RED", r#"["red","green"]"#, "red, green"),
            ("light, blue", r#"["light, blue"]"#, "light, blue"),
            ("green; light, blue; green", r#"["green","light, blue"]"#, "green; light, blue"),
            (r#"["green"]"#, r#"["green"]"#, "green"),
        ] {
            let raw = locale.parse(text, &ty).unwrap();
            assert_eq!((raw.clone(), locale.show(&raw, &ty, None).as_str()), (Raw::from(stored), shown), "{text}");
            assert_eq!(locale.parse(&locale.edit_text(&raw, &ty), &ty), Ok(raw));
        }
        assert_eq!(locale.parse(" , ", &ty), Ok(Raw::Null));
    }

    #[test]
    fn points_in_time_are_read_and_edited_to_the_microsecond() {
        let time = ColumnType::Timestamp;
        reads("en-US", "5/3/2017 14:30", &time, Some("2017-05-03T14:30:00.000000Z"));
        reads("de-DE", "3.5.2017, 2:30 pm", &time, Some("2017-05-03T14:30:00.000000Z"));
        reads("en-US", "5/3/2017 12am", &time, Some("2017-05-03T00:00:00.000000Z"));
        reads("en-US", "5/3/2017", &time, Some("2017-05-03T00:00:00.000000Z"));
        for wrong in ["5/3/2017 25:00", "5/3/2017 13 pm", "5/3/2017 0:60", "5/3/2017 1:2:3.1234567", "5/3/2017 x"] {
            reads("en-US", wrong, &time, None);
        }
        for raw in ["2017-05-03T14:30:00.000000Z", "2017-05-03T14:30:07.000000Z", "2017-05-03T14:30:07.012300Z"] {
            let locale = Locale::new("en-US", "USD");
            let text = locale.edit_text(&Raw::from(raw), &time);
            assert_eq!(locale.parse(&text, &time), Ok(Raw::from(raw)), "{text}");
        }
    }

    #[test]
    fn points_in_time_are_shown_and_typed_as_the_clocks_of_the_zone_have_them() {
        // Put forward on 2024-03-31 and back on 2024-10-27, both at 01:00 UTC.
        let offsets = vec![(0, 3_600), (1_711_846_800, 7_200), (1_729_990_800, 3_600)];
        let locale = Locale::new("de-DE", "EUR").within(Zone { name: "Europe/Berlin".into(), offsets });
        let (time, date) = (ColumnType::Timestamp, ColumnType::Date);
        let shown = |raw: &str| locale.show(&Raw::from(raw), &time, None);
        let read = |text: &str| locale.parse(text, &time).map(|raw| raw.as_str().unwrap_or_default()[..16].to_owned());
        assert_eq!(shown("2024-07-01T22:30:00Z"), "02.07.2024 00:30");
        assert_eq!(read("2.7.2024 0:30"), Ok("2024-07-01T22:30".into()));
        assert_eq!(shown("2024-10-27T00:30:00Z"), "27.10.2024 02:30 +02:00");
        assert_eq!(shown("2024-10-27T01:30:00Z"), "27.10.2024 02:30 +01:00");
        assert_eq!(read("27.10.2024 02:30 +01:00"), Ok("2024-10-27T01:30".into()));
        assert_eq!(read("2024-10-27T02:30:00Z"), Ok("2024-10-27T02:30".into()), "the wire form is itself");
        let twice = read("27.10.2024 2:30").unwrap_err();
        assert_eq!(
            twice.message().to_string(),
            "“27.10.2024 2:30” was there twice in Europe/Berlin, as clocks were put back: add +02:00 or +01:00."
        );
        let never = read("31.3.2024 2:30").unwrap_err();
        assert_eq!(
            never.message().to_string(),
            "“31.3.2024 2:30” does not exist in Europe/Berlin: clocks were put forward over it."
        );
        for raw in ["2024-10-27T00:30:00.000000Z", "2024-10-27T01:30:00.000000Z", "2024-03-31T01:00:07.500000Z"] {
            let text = locale.edit_text(&Raw::from(raw), &time);
            assert_eq!(locale.parse(&text, &time), Ok(Raw::from(raw)), "{text}");
        }
        // A date is no point in time.
        assert_eq!(locale.show(&Raw::from("2024-03-31"), &date, None), "31.03.2024");
        assert_eq!(locale.parse("31.3.2024", &date), Ok(Raw::from("2024-03-31")));
    }
}
