//! The clock of a place: points in time are stored in UTC, and shown and typed as that place's clocks have them.
//!
//! The offsets come as a table that the server makes, so that the browser needs no time zone database and both say the same.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use serde::{Deserialize, Serialize};

/// A time zone with its offsets from UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// IANA, such as `Europe/Berlin`.
    pub name: String,
    /// From which second since the epoch on clocks are how many seconds ahead of UTC, in order; what comes before the first
    /// is as the first.
    pub offsets: Vec<(i64, i32)>,
}

impl Default for Zone {
    fn default() -> Self {
        Self { name: "UTC".into(), offsets: vec![(0, 0)] }
    }
}

/// What a time on the clock stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// In UTC.
    One(NaiveDateTime),
    /// Clocks were put back, so it was there twice: the earlier and the later one, in UTC.
    Twice(NaiveDateTime, NaiveDateTime),
    /// Clocks were put forward over it.
    Never,
}

impl Zone {
    #[must_use]
    pub fn is_utc(&self) -> bool {
        self.offsets.iter().all(|(_, offset)| *offset == 0)
    }

    /// Its IANA name; `UTC` for each zone whose clocks are UTC's.
    #[must_use]
    pub fn iana(&self) -> &str {
        if self.is_utc() { "UTC" } else { &self.name }
    }

    /// Seconds that clocks are ahead of UTC at a point in time.
    #[must_use]
    pub fn offset_at(&self, utc: NaiveDateTime) -> i32 {
        let after = self.offsets.partition_point(|(from, _)| *from <= utc.and_utc().timestamp());
        self.offsets.get(after.saturating_sub(1)).map_or(0, |(_, offset)| *offset)
    }

    /// What clocks show at a point in time.
    #[must_use]
    pub fn local(&self, utc: NaiveDateTime) -> NaiveDateTime {
        shifted(utc, self.offset_at(utc))
    }

    /// What clocks stood for when they showed this.
    #[must_use]
    pub fn moment(&self, local: NaiveDateTime) -> Moment {
        // No place changes its clocks twice within two days.
        let around = [TimeDelta::days(-1), TimeDelta::days(1)];
        let offsets = around.map(|by| self.offset_at(local.checked_add_signed(by).unwrap_or(local)));
        let mut found: Vec<NaiveDateTime> = offsets
            .into_iter()
            .map(|offset| (shifted(local, -offset), offset))
            .filter(|(utc, offset)| self.offset_at(*utc) == *offset)
            .map(|(utc, _)| utc)
            .collect();
        found.sort_unstable();
        found.dedup();
        match found.as_slice() {
            [] => Moment::Never,
            [one] => Moment::One(*one),
            [first, .., last] => Moment::Twice(*first, *last),
        }
    }

    /// The first moment of a day, in UTC; where clocks are put forward at midnight it begins later.
    #[must_use]
    pub fn start_of(&self, day: NaiveDate) -> NaiveDateTime {
        let midnight = day.and_time(NaiveTime::MIN);
        let quarters = (0..=96).map(|quarter| midnight + TimeDelta::minutes(15 * quarter));
        let begun = quarters.filter_map(|local| match self.moment(local) {
            Moment::One(utc) | Moment::Twice(utc, _) => Some(utc),
            Moment::Never => None,
        });
        begun.into_iter().next().unwrap_or(midnight)
    }

    /// Whether clocks show the same at another point in time too.
    #[must_use]
    pub fn is_twice(&self, utc: NaiveDateTime) -> bool {
        matches!(self.moment(self.local(utc)), Moment::Twice(..))
    }
}

fn shifted(time: NaiveDateTime, seconds: i32) -> NaiveDateTime {
    time.checked_add_signed(TimeDelta::seconds(seconds.into())).unwrap_or(time)
}

/// `+02:00`.
#[must_use]
pub fn offset_text(seconds: i32) -> String {
    let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.unsigned_abs() / 60);
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// A text's offset at its end, in seconds, and what is before it: `02:30 +01:00`, `02:30 (+01:00)`, `02:30Z`.
#[must_use]
pub fn split_offset(text: &str) -> Option<(&str, i32)> {
    if let Some(rest) = text.strip_suffix(['Z', 'z']) {
        return Some((rest.trim_end(), 0));
    }
    let bare = text.strip_suffix(')').unwrap_or(text);
    let (rest, offset) = bare.split_at_checked(bare.len().checked_sub(6)?)?;
    let sign = match offset.chars().next()? {
        '+' => 1,
        '-' | '−' => -1,
        _ => return None,
    };
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let number = |text: &str| text.parse::<i32>().ok().filter(|_| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit()));
    let (hours, minutes) = (number(hours)?, number(minutes).filter(|minutes| *minutes < 60)?);
    // A date's last dash is none: `2024-10-12:30` has no time before it.
    let rest = rest.trim_end().trim_end_matches('(').trim_end();
    (hours <= 18 && rest.contains(':')).then_some((rest, sign * (hours * 3_600 + minutes * 60)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Berlin in 2024: put forward on March 31st at 01:00 UTC, back on October 27th at 01:00 UTC.
    fn berlin() -> Zone {
        Zone { name: "Europe/Berlin".into(), offsets: vec![(0, 3_600), (1_711_846_800, 7_200), (1_729_990_800, 3_600)] }
    }

    fn time(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
    }

    #[test]
    fn clocks_are_put_forward_and_back() {
        let zone = berlin();
        assert_eq!(zone.local(time("2024-03-31 00:59")), time("2024-03-31 01:59"));
        assert_eq!(zone.local(time("2024-03-31 01:00")), time("2024-03-31 03:00"));
        assert_eq!(zone.moment(time("2024-03-31 01:59")), Moment::One(time("2024-03-31 00:59")));
        assert_eq!(zone.moment(time("2024-03-31 02:00")), Moment::Never);
        assert_eq!(zone.moment(time("2024-03-31 02:59")), Moment::Never);
        assert_eq!(zone.moment(time("2024-03-31 03:00")), Moment::One(time("2024-03-31 01:00")));
        let twice = Moment::Twice(time("2024-10-27 00:30"), time("2024-10-27 01:30"));
        assert_eq!(zone.moment(time("2024-10-27 02:30")), twice);
        assert!(zone.is_twice(time("2024-10-27 00:00")) && zone.is_twice(time("2024-10-27 01:59")));
        assert!(!zone.is_twice(time("2024-10-26 23:59")) && !zone.is_twice(time("2024-10-27 02:00")));
        assert_eq!(zone.moment(time("2024-10-27 03:00")), Moment::One(time("2024-10-27 02:00")));
        assert_eq!(zone.local(time("1969-05-05 12:00")), time("1969-05-05 13:00"), "before the table as at its beginning");
        assert_eq!(zone.start_of(time("2024-07-01 15:00").date()), time("2024-06-30 22:00"));
        // At midnight itself: 2024-03-31 is as long as it is, and begins an hour later.
        let cairo = Zone { name: "Africa/Cairo".into(), offsets: vec![(0, 7_200), (1_714_082_400, 10_800)] };
        assert_eq!(cairo.moment(time("2024-04-26 00:00")), Moment::Never);
        assert_eq!(cairo.start_of(time("2024-04-26 00:00").date()), time("2024-04-25 22:00"));
        assert_eq!(Zone::default().moment(time("2024-03-31 02:30")), Moment::One(time("2024-03-31 02:30")));
    }

    #[test]
    fn every_moment_comes_back_from_the_clock() {
        let zone = berlin();
        for hour in 0..24 * 366 {
            let utc = time("2024-01-01 00:15") + TimeDelta::hours(hour);
            match zone.moment(zone.local(utc)) {
                Moment::One(back) => assert_eq!(back, utc),
                Moment::Twice(first, last) => assert!(utc == first || utc == last),
                Moment::Never => panic!("{utc} is on the clock"),
            }
        }
    }

    #[test]
    fn an_offset_is_read_at_the_end() {
        assert_eq!(split_offset("2024-10-27 02:30 +01:00"), Some(("2024-10-27 02:30", 3_600)));
        assert_eq!(split_offset("27.10.2024 02:30 (+02:00)"), Some(("27.10.2024 02:30", 7_200)));
        assert_eq!(split_offset("2024-10-27T02:30-05:30"), Some(("2024-10-27T02:30", -19_800)));
        assert_eq!(split_offset("2024-10-27 02:30Z"), Some(("2024-10-27 02:30", 0)));
        for none in ["2024-10-27 02:30", "27.10.2024", "2024-10-12:30", "", "x", "+01:00", "02:30 +1:00", "02:30 +99:00"] {
            assert_eq!(split_offset(none), None, "{none}");
        }
        assert_eq!(
            (offset_text(3_600), offset_text(-19_800), offset_text(0)),
            ("+01:00".into(), "-05:30".into(), "+00:00".into())
        );
    }
}
