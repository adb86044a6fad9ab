//! Changing the plan: when it happens, and what of the paid period counts.

use serde::{Deserialize, Serialize};

use super::Rank;
use crate::invalid::Denied;
use crate::money::Money;
use crate::time::Timestamp;

/// When a change of plan happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// At once: a new period begins with its payment, and what is unused of the old one counts.
    Now,
    /// When the paid period ends: nothing is paid before.
    AtPeriodEnd,
}

/// When a change from one plan to another happens.
///
/// Up is at once: more opened, or the same for longer. Everything else waits for the end of the period, and
/// so does a change whose credit is larger than its price: nobody is asked to leave money behind.
pub fn when(from: Rank, to: Rank, credit: Money, price: Money) -> Result<When, Denied> {
    if from == to {
        return Err(Denied::new("same_plan"));
    }
    let up = to.tier > from.tier || (to.tier == from.tier && to.interval > from.interval);
    Ok(if up && credit.minor <= price.minor { When::Now } else { When::AtPeriodEnd })
}

/// What the unused seconds of a paid period are worth: never more than was paid for it.
///
/// Split into used and unused by largest remainder, so that the two parts are the whole.
pub fn credit(paid: Money, period: (Timestamp, Timestamp), now: Timestamp) -> Money {
    let (from, until) = (period.0.seconds(), period.1.seconds());
    let unused = until.saturating_sub(now.seconds().max(from)).max(0);
    let used = until.saturating_sub(from).saturating_sub(unused).max(0);
    let paid = Money::new(paid.minor.max(0), paid.currency);
    paid.split_over(&[unused, used]).into_iter().next().unwrap_or(Money::zero(paid.currency))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use crate::subscriptions::{Interval, Tier};
    use proptest::prelude::*;

    fn yuan(minor: i64) -> Money {
        Money::new(minor, Currency::Cny)
    }
    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }
    const fn rank(tier: Tier, interval: Interval) -> Rank {
        Rank { tier, interval }
    }

    #[test]
    fn up_is_at_once_and_down_waits() {
        let basic = rank(Tier::Basic, Interval::Month);
        let premium = rank(Tier::Premium, Interval::Month);
        assert_eq!(when(basic, premium, yuan(100), yuan(900)), Ok(When::Now));
        assert_eq!(when(basic, rank(Tier::Basic, Interval::Year), yuan(1), yuan(2)), Ok(When::Now));
        assert_eq!(when(premium, basic, yuan(100), yuan(900)), Ok(When::AtPeriodEnd));
        assert_eq!(when(rank(Tier::Basic, Interval::Year), basic, yuan(0), yuan(1)), Ok(When::AtPeriodEnd));
        // More for a shorter time, but the credit would not fit into the price.
        assert_eq!(
            when(rank(Tier::Basic, Interval::Year), premium, yuan(901), yuan(900)),
            Ok(When::AtPeriodEnd)
        );
        assert_eq!(when(basic, basic, yuan(0), yuan(1)), Err(Denied::new("same_plan")));
    }

    #[test]
    fn unused_seconds_count_cent_by_cent() {
        // Thirty days for 30.00: a day is 1.00.
        let day = 86_400;
        let period = (at(0), at(30 * day));
        assert_eq!(credit(yuan(3_000), period, at(0)), yuan(3_000));
        assert_eq!(credit(yuan(3_000), period, at(10 * day)), yuan(2_000));
        assert_eq!(credit(yuan(3_000), period, at(30 * day)), yuan(0));
        assert_eq!(credit(yuan(3_000), period, at(99 * day)), yuan(0));
        assert_eq!(credit(yuan(3_000), period, at(-5)), yuan(3_000));
        // 10.00 over three seconds: two unused are 6.67, one is 3.33.
        assert_eq!(credit(yuan(1_000), (at(0), at(3)), at(1)), yuan(667));
        assert_eq!(credit(yuan(1_000), (at(0), at(3)), at(2)), yuan(333));
        // Of one cent for two seconds the unused half comes first.
        assert_eq!(credit(yuan(1), (at(0), at(2)), at(1)), yuan(1));
        assert_eq!(credit(yuan(0), period, at(day)), yuan(0));
    }

    proptest! {
        #[test]
        fn a_credit_is_never_more_than_paid_and_shrinks(
            minor in 0_i64..1_000_000_000,
            length in 1_i64..40_000_000,
            first in 0_i64..40_000_000,
            later in 0_i64..40_000_000,
        ) {
            let period = (at(1_000), at(1_000 + length));
            let early = credit(yuan(minor), period, at(1_000 + first.min(later)));
            let late = credit(yuan(minor), period, at(1_000 + first.max(later)));
            prop_assert!((0..=minor).contains(&early.minor));
            prop_assert!(late.minor <= early.minor);
        }

        #[test]
        fn a_chain_of_changes_never_credits_more_than_was_paid(
            prices in prop::collection::vec(1_i64..1_000_000, 1..8),
            steps in prop::collection::vec(0_i64..3_000_000, 8),
        ) {
            let (mut now, mut paid, mut worth) = (0_i64, 0_i64, 0_i64);
            let mut from = 0_i64;
            for (price, step) in prices.into_iter().zip(steps) {
                let carried = credit(yuan(worth), (at(from), at(from + 2_592_000)), at(now));
                // What is not used of all that was paid is the most that may be carried on.
                prop_assert!(carried.minor <= paid);
                let price = price.max(carried.minor);
                paid += price - carried.minor;
                worth = price;
                from = now;
                now += step;
            }
        }
    }
}
