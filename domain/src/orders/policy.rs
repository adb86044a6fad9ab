//! Who may use what: one function decides, and says why.

use serde::{Deserialize, Serialize};

use super::{OrderId, Thing};
use crate::subscriptions::PlanId;
use crate::time::Timestamp;

/// Where a right comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A paid order.
    Bought(OrderId),
    /// An order of a thing without a price.
    Free(OrderId),
    /// A place that the platform gave for nothing.
    Granted(OrderId),
    /// A gift of somebody else.
    Gift(OrderId),
    /// A plan that opens the thing.
    Plan(OrderId),
    /// A plan that costs nothing and is everybody's.
    FreePlan(PlanId),
}

impl Source {
    /// Whether a plan opens the thing, for as long as the plan does: then it may still be bought for good.
    pub const fn is_plan(self) -> bool {
        matches!(self, Self::Plan(_) | Self::FreePlan(_))
    }
}

/// A right to use a thing during a time; derived from the lines of paid orders, never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entitlement {
    /// What may be used.
    pub thing: Thing,
    /// Where the right comes from.
    pub source: Source,
    /// The first instant of the right.
    pub from: Timestamp,
    /// The last instant of the right; without one it does not end.
    pub until: Option<Timestamp>,
}

/// Whether an account may use a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Yes, and why.
    Allowed(Because),
    /// No, and how to get it.
    Denied(GetItBy),
}

impl Access {
    /// Whether the thing may be used.
    pub const fn is_allowed(self) -> bool {
        matches!(self, Self::Allowed(_))
    }
}

/// Why a thing may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Because {
    /// Where the right comes from.
    pub source: Source,
    /// Since when.
    pub since: Timestamp,
    /// Until when; without one it does not end.
    pub until: Option<Timestamp>,
}

/// What opens a thing that may not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GetItBy {
    /// Logging in: rights belong to accounts.
    LoggingIn,
    /// Buying it.
    Buying,
    /// Paying the order that already holds it.
    Paying(OrderId),
    /// Buying it again: the right ended at this instant.
    Renewing(Timestamp),
    /// Waiting: the right begins at this instant.
    Waiting(Timestamp),
}

/// Decides whether a thing may be used at a moment, over the rights of one account.
///
/// Both ends of a right belong to it. Of several rights the one that lasts longest is named, and as its end
/// the end of those that follow it without a gap.
pub fn access(entitlements: &[Entitlement], thing: &Thing, moment: Timestamp) -> Access {
    let lasts = |right: &&Entitlement| right.until.map_or(i64::MAX, Timestamp::micros);
    let rights = || entitlements.iter().filter(|right| right.thing == *thing);
    let holds = |right: &&Entitlement| right.from <= moment && right.until.is_none_or(|end| moment <= end);
    if let Some(right) = rights().filter(holds).max_by_key(lasts) {
        let mut until = right.until;
        while let Some(end) = until {
            let goes_on = |right: &&Entitlement| right.from <= end && lasts(right) > end.micros();
            match rights().filter(goes_on).max_by_key(lasts) {
                Some(next) => until = next.until,
                None => break,
            }
        }
        return Access::Allowed(Because { source: right.source, since: right.from, until });
    }
    if let Some(begin) = rights().map(|right| right.from).filter(|from| *from > moment).min() {
        return Access::Denied(GetItBy::Waiting(begin));
    }
    match rights().filter_map(|right| right.until).max() {
        Some(end) => Access::Denied(GetItBy::Renewing(end)),
        None => Access::Denied(GetItBy::Buying),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::courses::CourseId;
    use uuid::Uuid;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }
    fn right(course: u128, from: i64, until: Option<i64>) -> Entitlement {
        let source = Source::Bought(OrderId(Uuid::from_u128(u128::from(from.unsigned_abs()))));
        Entitlement { thing: course_of(course), source, from: at(from), until: until.map(at) }
    }
    fn course_of(number: u128) -> Thing {
        Thing::Course(CourseId(Uuid::from_u128(number)))
    }

    #[test]
    fn a_right_holds_from_its_first_to_its_last_instant() {
        let rights = [right(1, 10, Some(20))];
        assert_eq!(access(&rights, &course_of(1), at(9)), Access::Denied(GetItBy::Waiting(at(10))));
        assert!(access(&rights, &course_of(1), at(10)).is_allowed());
        assert!(access(&rights, &course_of(1), at(20)).is_allowed());
        assert_eq!(access(&rights, &course_of(1), at(21)), Access::Denied(GetItBy::Renewing(at(20))));
    }

    #[test]
    fn rights_that_follow_one_another_are_one() {
        let rights =
            [right(1, 10, Some(20)), right(1, 20, Some(30)), right(1, 25, Some(40)), right(1, 41, Some(50))];
        let until = |rights: &[Entitlement], moment| match access(rights, &course_of(1), at(moment)) {
            Access::Allowed(because) => (because.since, because.until),
            denied => panic!("{denied:?}"),
        };
        assert_eq!(until(&rights, 15), (at(10), Some(at(40))), "a second without a right is a gap");
        assert_eq!(until(&rights, 20), (at(20), Some(at(40))), "of two that hold, the one that lasts longer");
        let bought = [right(1, 10, Some(20)), right(1, 15, None)];
        assert_eq!(until(&bought, 12), (at(10), None));
    }

    #[test]
    fn the_longest_right_is_named() {
        let rights = [right(1, 10, Some(20)), right(1, 12, None), right(1, 13, Some(90))];
        let Access::Allowed(because) = access(&rights, &course_of(1), at(15)) else { panic!("denied") };
        assert_eq!((because.since, because.until), (at(12), None));
    }

    #[test]
    fn a_right_to_one_thing_opens_no_other() {
        assert_eq!(access(&[right(1, 0, None)], &course_of(2), at(1)), Access::Denied(GetItBy::Buying));
        assert_eq!(access(&[], &course_of(2), at(1)), Access::Denied(GetItBy::Buying));
    }
}
