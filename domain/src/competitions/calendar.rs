//! Local date and time at a fixed offset from UTC, as date-time fields of a form carry it.

use serde::{Deserialize, Serialize};

use crate::calendar::{civil_from_days, read_date};
use crate::time::{Span, Timestamp};

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// A time zone as a fixed offset from UTC in minutes: what an organiser states beside a timetable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Offset(i32);

impl Offset {
    /// The offsets in use, from west to east, in minutes.
    pub const ALL: [Self; 38] = [
        Self(-720),
        Self(-660),
        Self(-600),
        Self(-570),
        Self(-540),
        Self(-480),
        Self(-420),
        Self(-360),
        Self(-300),
        Self(-240),
        Self(-210),
        Self(-180),
        Self(-150),
        Self(-120),
        Self(-60),
        Self(0),
        Self(60),
        Self(120),
        Self(180),
        Self(210),
        Self(240),
        Self(270),
        Self(300),
        Self(330),
        Self(345),
        Self(360),
        Self(390),
        Self(420),
        Self(480),
        Self(525),
        Self(540),
        Self(570),
        Self(600),
        Self(630),
        Self(660),
        Self(720),
        Self(780),
        Self(840),
    ];
    /// Coordinated universal time.
    pub const UTC: Self = Self(0);
    /// China standard time.
    pub const CHINA: Self = Self(480);

    /// The offset of a number of minutes, where one is in use.
    pub fn from_minutes(minutes: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|offset| i64::from(offset.0) == minutes)
    }
    /// Minutes east of Greenwich.
    pub const fn minutes(self) -> i64 {
        self.0 as i64
    }
    const fn span(self) -> Span {
        Span::minutes(self.0 as i64)
    }
    /// The day that an instant falls into: its first instant, and the first one of the next day.
    pub const fn day(self, at: Timestamp) -> (Timestamp, Timestamp) {
        let local = at.plus(self.span()).micros();
        let start =
            Timestamp::from_micros(local.div_euclid(MICROS_PER_DAY) * MICROS_PER_DAY).minus(self.span());
        (start, start.plus(Span::days(1)))
    }
    /// Reads `2026-11-21T09:30`, with or without seconds, as local time.
    pub fn read(self, text: &str) -> Option<Timestamp> {
        let (date, time) = text.trim().split_once(['T', ' '])?;
        let days = read_date(date)?;
        let mut time = time.splitn(3, ':').map(digits);
        let (hour, minute) = (time.next()??, time.next()??);
        let second = time.next().unwrap_or(Some(0))?;
        let fits = hour < 24 && minute < 60 && second < 60;
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second;
        fits.then(|| Timestamp::from_seconds(seconds).minus(self.span()))
    }
    /// Writes local time as a date-time field wants it: `2026-11-21T09:30`.
    pub fn write(self, at: Timestamp) -> String {
        let seconds = at.plus(self.span()).seconds();
        let (year, month, day) = civil_from_days(seconds.div_euclid(86_400));
        let second = seconds.rem_euclid(86_400);
        let clock = format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}", second / 3_600, second / 60 % 60);
        if second % 60 == 0 { clock } else { format!("{clock}:{:02}", second % 60) }
    }
}

/// Shown as `UTC+08:00`.
impl std::fmt::Display for Offset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { '−' } else { '+' };
        let minutes = self.0.unsigned_abs();
        if minutes == 0 {
            f.write_str("UTC")
        } else {
            write!(f, "UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60)
        }
    }
}

/// A short run of digits as a number; nothing else.
fn digits(text: &str) -> Option<i64> {
    let plain = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_local_times() {
        assert_eq!(Offset::UTC.read("1970-01-01T00:00"), Some(Timestamp::from_seconds(0)));
        assert_eq!(Offset::UTC.read("2026-11-21T09:30"), Some(Timestamp::from_seconds(1_795_253_400)));
        assert_eq!(Offset::CHINA.read("2026-11-21T17:30:00"), Offset::UTC.read("2026-11-21 09:30"));
        for bad in
            ["", "2026-11-21", "2026-02-29T00:00", "2026-13-01T00:00", "2026-1-1T24:00", "2026-11-21T09", "x"]
        {
            assert_eq!(Offset::UTC.read(bad), None, "{bad}");
        }
        assert_eq!(Offset::CHINA.to_string(), "UTC+08:00");
        assert_eq!(Offset(-210).to_string(), "UTC−03:30");
    }

    #[test]
    fn a_day_begins_at_local_midnight() {
        let midnight = Offset::CHINA.read("2026-11-21T00:00").unwrap();
        let (start, next) = Offset::CHINA.day(midnight);
        assert_eq!(start, midnight);
        assert_eq!(Offset::CHINA.day(midnight.minus(Span::from_micros(1))).1, midnight);
        assert_eq!(next.since(start), Span::days(1));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(seconds in 0_i64..200_000_000_000, index in 0_usize..38) {
            let offset = Offset::ALL[index];
            let at = Timestamp::from_seconds(seconds + 86_400);
            prop_assert_eq!(offset.read(&offset.write(at)), Some(at));
        }
    }
}
