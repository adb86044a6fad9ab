//! Periods on the calendar: 31 January and one month is the last day of February, and the month after
//! that ends on 31 March again.
//!
//! Months are counted in UTC, always from the anchor, so that a short month shortens one period alone.

use super::Interval;
use crate::calendar::{civil_from_days, days_from_civil, days_in_month};
use crate::time::{Span, Timestamp};

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// Year, month and day of an instant, and what is left of the day.
const fn civil(at: Timestamp) -> (i64, i64, i64, Span) {
    let days = at.micros().div_euclid(MICROS_PER_DAY);
    let (year, month, day) = civil_from_days(days);
    (year, month, day, Span::from_micros(at.micros().rem_euclid(MICROS_PER_DAY)))
}

/// The instant so many calendar months after an anchor, on the anchor's day or the last of the month.
pub fn months_after(anchor: Timestamp, months: i64) -> Timestamp {
    let (year, month, day, time) = civil(anchor);
    let count = year * 12 + (month - 1) + months;
    let (year, month) = (count.div_euclid(12), count.rem_euclid(12) + 1);
    let day = day.min(days_in_month(year, month));
    Timestamp::from_micros(days_from_civil(year, month, day) * MICROS_PER_DAY).plus(time)
}

/// The end of the period that begins at `from`, counted from the anchor where `from` belongs to it.
pub fn period_end(anchor: Timestamp, from: Timestamp, interval: Interval) -> Timestamp {
    let (from_year, from_month, ..) = civil(from);
    let (year, month, ..) = civil(anchor);
    let passed = (from_year * 12 + from_month) - (year * 12 + month);
    if passed >= 0 && months_after(anchor, passed) == from {
        months_after(anchor, passed + interval.months())
    } else {
        months_after(from, interval.months())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::competitions::calendar::Offset;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        Offset::UTC.read(text).unwrap()
    }

    #[test]
    fn a_month_ends_where_the_calendar_says() {
        let anchor = at("2027-01-31T10:20:30");
        let ends: Vec<String> =
            (1..=5).map(|months| Offset::UTC.write(months_after(anchor, months))).collect();
        assert_eq!(
            ends,
            [
                "2027-02-28T10:20:30",
                "2027-03-31T10:20:30",
                "2027-04-30T10:20:30",
                "2027-05-31T10:20:30",
                "2027-06-30T10:20:30"
            ]
        );
        assert_eq!(months_after(at("2028-02-29T00:00"), 12), at("2029-02-28T00:00"));
        assert_eq!(months_after(at("2028-02-29T00:00"), 48), at("2032-02-29T00:00"));
        assert_eq!(months_after(at("2027-01-31T00:00"), 13), at("2028-02-29T00:00"));
        assert_eq!(months_after(at("2027-12-31T23:59:59"), 2), at("2028-02-29T23:59:59"));
    }

    #[test]
    fn another_interval_goes_on_from_the_same_day() {
        let anchor = at("2027-01-31T00:00");
        let february = period_end(anchor, anchor, Interval::Month);
        assert_eq!(period_end(anchor, february, Interval::Quarter), at("2027-05-31T00:00"));
        assert_eq!(period_end(anchor, february, Interval::Year), at("2028-02-29T00:00"));
        // What does not begin on a day of the anchor is counted from itself.
        assert_eq!(period_end(anchor, at("2027-03-15T00:00"), Interval::Month), at("2027-04-15T00:00"));
    }

    proptest! {
        #[test]
        fn periods_follow_each_other_and_keep_the_day(
            seconds in 0_i64..4_000_000_000,
            intervals in prop::collection::vec(0_usize..3, 1..40),
        ) {
            let anchor = Timestamp::from_seconds(seconds);
            let (.., day, time) = civil(anchor);
            let (mut from, mut months) = (anchor, 0);
            for index in intervals {
                let interval = Interval::ALL[index];
                let end = period_end(anchor, from, interval);
                months += interval.months();
                // Never drifts: however the way was, the end is so many months after the anchor.
                prop_assert_eq!(end, months_after(anchor, months));
                prop_assert!(end > from);
                let (year, month, end_day, end_time) = civil(end);
                prop_assert_eq!(end_day, day.min(days_in_month(year, month)));
                prop_assert_eq!(end_time, time);
                let days = end.since(from).micros() / MICROS_PER_DAY;
                prop_assert!((28 * interval.months()..=31 * interval.months()).contains(&days));
                from = end;
            }
        }
    }
}
