//! The clocks of a time zone as a table: from when on they were, and will be, how far ahead of UTC.

use chrono::{NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::{TZ_VARIANTS, Tz};
use model::Zone;

/// Years that the table covers; before and after them clocks are as at its ends.
const YEARS: (i32, i32) = (1970, 2100);
/// No zone changes its clocks twice within as many days.
const STEP_DAYS: i64 = 5;

/// The zone of an IANA name.
#[must_use]
pub fn zone(name: &str) -> Option<Zone> {
    let tz: Tz = name.parse().ok()?;
    let offset = |utc: NaiveDateTime| tz.offset_from_utc_datetime(&utc).fix().local_minus_utc();
    let midnight = |year| NaiveDate::from_ymd_opt(year, 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0));
    let (mut at, end) = (midnight(YEARS.0)?, midnight(YEARS.1)?);
    let mut offsets = vec![(at.and_utc().timestamp(), offset(at))];
    while at < end {
        let next = at + TimeDelta::days(STEP_DAYS);
        if offset(next) != offset(at) {
            // The first second of the new offset lies between them.
            let (mut before, mut after) = (at.and_utc().timestamp(), next.and_utc().timestamp());
            while after - before > 1 {
                let middle = before.midpoint(after);
                let changed = chrono::DateTime::from_timestamp(middle, 0)?.naive_utc();
                if offset(changed) == offset(at) { before = middle } else { after = middle }
            }
            offsets.push((after, offset(next)));
        }
        at = next;
    }
    Some(Zone { name: name.to_owned(), offsets })
}

/// The names that there are.
pub fn names() -> Vec<String> {
    TZ_VARIANTS.iter().map(|tz| tz.name().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_as_its_clocks_are() {
        let at = |zone: &Zone, text: &str| {
            let utc = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap();
            zone.offset_at(utc)
        };
        let berlin = zone("Europe/Berlin").unwrap();
        assert_eq!((at(&berlin, "2024-03-31 00:59:59"), at(&berlin, "2024-03-31 01:00:00")), (3_600, 7_200));
        assert_eq!((at(&berlin, "2024-10-27 00:59:59"), at(&berlin, "2024-10-27 01:00:00")), (7_200, 3_600));
        assert_eq!(at(&berlin, "2077-07-01 12:00:00"), 7_200);
        let kathmandu = zone("Asia/Kathmandu").unwrap();
        assert_eq!(at(&kathmandu, "2024-01-01 00:00:00"), 20_700);
        // Half an hour of summer time, and a day that was left out.
        assert_eq!(at(&zone("Australia/Lord_Howe").unwrap(), "2024-01-01 00:00:00"), 39_600);
        assert_eq!(at(&zone("Pacific/Apia").unwrap(), "2011-12-31 12:00:00"), 50_400);
        assert!(zone("UTC").unwrap().is_utc());
        assert_eq!(zone("Europe/Belrin"), None);
        // Every hour of some years, where clocks are changed twice within weeks.
        for name in ["Africa/Casablanca", "America/Sao_Paulo", "America/St_Johns"] {
            let (found, tz) = (zone(name).unwrap(), name.parse::<Tz>().unwrap());
            for hour in 0..24 * 365 * 5 {
                let utc = NaiveDate::from_ymd_opt(2010, 1, 1).unwrap().and_hms_opt(0, 30, 0).unwrap() + TimeDelta::hours(hour);
                assert_eq!(found.offset_at(utc), tz.offset_from_utc_datetime(&utc).fix().local_minus_utc(), "{name} {utc}");
            }
        }
    }
}
