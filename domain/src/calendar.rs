//! The Gregorian calendar: days as numbers, and days as people type them.

use crate::invalid::Invalid;
use crate::time::Timestamp;

const SECONDS_PER_DAY: i64 = 86_400;

/// How many days a month has.
pub const fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
pub const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The inverse of [`days_from_civil`].
pub const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

/// Reads `2026-12-31`, a day that there is, as days since 1970-01-01.
pub fn read_date(text: &str) -> Option<i64> {
    let fits = |(place, byte): (usize, u8)| {
        if matches!(place, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() }
    };
    let plain = text.len() == 10 && text.bytes().enumerate().all(fits);
    let mut parts = text.split('-').filter(|_| plain).map(str::parse::<i64>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    let fits = parts.next().is_none()
        && (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_in_month(year, month)).contains(&day);
    fits.then(|| days_from_civil(year, month, day))
}

/// Reads a field that holds a day or nothing: its first instant in UTC.
pub fn day(field: &str, text: &str) -> Result<Option<Timestamp>, Invalid> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let days = read_date(text).ok_or_else(|| Invalid::field(field, "not_a_day"))?;
    Ok(Some(Timestamp::from_seconds(days * SECONDS_PER_DAY)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_day_is_one_that_there_is() {
        let read = |text| day("from", text).map(|at| at.map(Timestamp::seconds));
        assert_eq!(read("2026-09-01"), Ok(Some(1_788_220_800)));
        assert_eq!(read(" 2028-02-29 "), Ok(Some(1_835_395_200)));
        assert_eq!(read(" "), Ok(None));
        for bad in [
            "2026-02-29",
            "2026-02-31",
            "2026-04-31",
            "2026-13-01",
            "2026-00-10",
            "2026-09-32",
            "2026-09-00",
            "2026",
            "26-01-01",
            "2026-1-1",
            "2026-1-010",
            "1969-12-31",
            "x-y-z",
            "2026-01-01-01",
            "+026-01-01",
            "-026-01-01",
            "2026-09-0１",
        ] {
            assert_eq!(read(bad), Err(Invalid::field("from", "not_a_day")), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_a_day_is_read_as_it_is_written(days in 0_i64..2_900_000) {
            let (year, month, day) = civil_from_days(days);
            prop_assert_eq!(days_from_civil(year, month, day), days);
            prop_assert_eq!(read_date(&format!("{year:04}-{month:02}-{day:02}")), Some(days));
        }
    }
}
