//! What a line gives back to its buyer, and why not.

use serde::{Deserialize, Serialize};

use super::Policy;
use crate::money::Money;
use crate::time::{Span, Timestamp};

/// Whether a bundle was sold for less because its buyer had something already: it is sold whole, so that what it was
/// sold with cannot go back before it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Carries {
    /// No bundle that its buyer has.
    Nothing,
    /// A bundle of an order that waits for money.
    Waiting,
    /// A bundle that its buyer has.
    Held,
}

/// What is known of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// When it was paid; nothing where it was not.
    pub paid_at: Option<Timestamp>,
    /// What was paid for it.
    pub price: Money,
    /// What went back, or is on its way.
    pub returned: Money,
    /// What of it counted towards a bundle, and was paid with it.
    pub credited: Money,
    /// What of that counts in orders that are not paid yet, and may come free again.
    pub waiting: Money,
    /// What of it a bank took back while it looks at the case.
    pub disputed: Money,
    /// Whether a bundle was sold to its buyer for less because of it.
    pub carries: Carries,
    /// Whether its right was ended by giving it back.
    pub ended: bool,
    /// Whether it is the gift of somebody else, who paid for it.
    pub given: bool,
    /// Whether it was a gift, and somebody took it.
    pub redeemed: bool,
    /// How much of it was consumed, in per cent; nothing where that cannot be said.
    pub consumed: Option<u32>,
    /// When it starts; nothing for what has no start.
    pub starts: Option<Timestamp>,
}

impl Facts {
    /// What of the price can still go back, in minor units: what counted towards a bundle goes back with the
    /// bundle, and of what is disputed the bank decides.
    pub const fn left(&self) -> i64 {
        let elsewhere = self.credited.minor.saturating_add(self.disputed.minor);
        self.price.minor.saturating_sub(self.returned.minor).saturating_sub(elsewhere)
    }
    /// Whether something of it can still go back: money that is left, or all of what cost no money, unless that
    /// counted towards a bundle.
    pub const fn is_open(&self) -> bool {
        if self.price.is_zero() { !self.ended && !self.given && self.left() == 0 } else { self.left() > 0 }
    }
    /// Whether giving an amount back leaves nothing of the line, now or later: then its right ends with it.
    pub const fn is_all(&self, minor: i64) -> bool {
        minor == self.left() && self.credited.is_zero() && self.waiting.is_zero() && self.disputed.is_zero()
    }
}

/// What one gets back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refundable {
    /// This much, because the policy promises it; no money for what cost none.
    Yes {
        /// What is left of the price.
        amount: Money,
        /// What holds, and until when.
        because: Promise,
    },
    /// Nothing, and why.
    No(WhyNot),
}

/// Why a line is given back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// The last instant at which this holds.
    pub until: Option<Timestamp>,
    /// As long as less than this was consumed, in per cent.
    pub below: Option<u32>,
    /// How much was consumed, in per cent.
    pub consumed: Option<u32>,
}

/// Why a line is not given back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WhyNot {
    /// It was not paid.
    NotPaid,
    /// It is the gift of somebody else.
    Given,
    /// All of it went back, or is on its way.
    Returned,
    /// It counted towards a bundle, which can be given back.
    Credited,
    /// It counts in an order that is not paid yet, which has to be paid or cancelled first.
    Waiting,
    /// A bank looks at the case.
    Disputed,
    /// It was a gift, and somebody took it.
    Redeemed,
    /// Only a person of the platform may decide.
    StaffOnly,
    /// The time ended.
    TooLate(Timestamp),
    /// So many per cent were consumed, and it must be less than the second.
    Consumed(u32, u32),
    /// It started.
    Started(Timestamp),
}

impl WhyNot {
    /// The code of the refusal: a key of the `[fault]` tables.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotPaid => "refund_not_paid",
            Self::Given => "refund_given",
            Self::Returned => "refund_returned",
            Self::Credited => "refund_credited",
            Self::Waiting => "refund_waiting",
            Self::Disputed => "refund_disputed",
            Self::Redeemed => "refund_redeemed",
            Self::StaffOnly => "refund_staff_only",
            Self::TooLate(_) => "refund_too_late",
            Self::Consumed(..) => "refund_consumed",
            Self::Started(_) => "refund_started",
        }
    }
}

/// Decides what a line gives back to its buyer now. The last instant belongs to the buyer.
pub fn refundable(facts: &Facts, policy: &Policy, now: Timestamp) -> Refundable {
    let Some(paid_at) = facts.paid_at else { return Refundable::No(WhyNot::NotPaid) };
    if facts.given {
        return Refundable::No(WhyNot::Given);
    }
    if facts.ended || (!facts.price.is_zero() && facts.returned.minor >= facts.price.minor) {
        return Refundable::No(WhyNot::Returned);
    }
    // What would go back now and what would be left over cannot be said before these are settled.
    if !facts.disputed.is_zero() {
        return Refundable::No(WhyNot::Disputed);
    }
    if !facts.waiting.is_zero() || facts.carries == Carries::Waiting {
        return Refundable::No(WhyNot::Waiting);
    }
    // What counts elsewhere goes back after what it counts for: the rest would be left over for ever.
    if !facts.credited.is_zero() || facts.carries == Carries::Held || !facts.is_open() {
        return Refundable::No(WhyNot::Credited);
    }
    if facts.redeemed {
        return Refundable::No(WhyNot::Redeemed);
    }
    // A promise that would never end is none: nobody could ever be paid out.
    if policy.ends(paid_at, facts.starts).is_none() {
        return Refundable::No(WhyNot::StaffOnly);
    }
    if let Some(hours) = policy.hours {
        let end = paid_at.plus(Span::hours(hours));
        if now > end {
            return Refundable::No(WhyNot::TooLate(end));
        }
    }
    if policy.until_start
        && let Some(starts) = facts.starts.filter(|starts| now >= *starts)
    {
        return Refundable::No(WhyNot::Started(starts));
    }
    if let (Some(limit), Some(consumed)) = (policy.consumed_percent, facts.consumed)
        && consumed >= limit
    {
        return Refundable::No(WhyNot::Consumed(consumed, limit));
    }
    Refundable::Yes {
        amount: Money::new(facts.left(), facts.price.currency),
        because: Promise {
            until: policy.ends(paid_at, facts.starts),
            below: policy.consumed_percent.filter(|_| facts.consumed.is_some()),
            consumed: facts.consumed,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use proptest::prelude::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_seconds(0).plus(Span::hours(hours))
    }
    fn yuan(minor: i64) -> Money {
        Money::new(minor, Currency::Cny)
    }
    fn paid() -> Facts {
        Facts {
            paid_at: Some(at(10)),
            price: yuan(3_900),
            returned: yuan(0),
            credited: yuan(0),
            waiting: yuan(0),
            disputed: yuan(0),
            carries: Carries::Nothing,
            ended: false,
            given: false,
            redeemed: false,
            consumed: Some(19),
            starts: None,
        }
    }
    fn week() -> Policy {
        Policy {
            code: "week".to_owned(),
            self_service: true,
            hours: Some(168),
            consumed_percent: Some(20),
            until_start: false,
        }
    }
    fn until_start() -> Policy {
        Policy { hours: None, consumed_percent: None, until_start: true, ..week() }
    }

    #[test]
    fn a_week_and_less_than_a_fifth() {
        let yes = |facts: &Facts, now| matches!(refundable(facts, &week(), now), Refundable::Yes { .. });
        assert!(yes(&paid(), at(178)), "the last instant belongs to the buyer");
        let late = at(178).plus(Span::from_micros(1));
        assert_eq!(refundable(&paid(), &week(), late), Refundable::No(WhyNot::TooLate(at(178))));
        let consumed = Facts { consumed: Some(20), ..paid() };
        assert_eq!(refundable(&consumed, &week(), at(11)), Refundable::No(WhyNot::Consumed(20, 20)));
        assert!(yes(&Facts { consumed: None, ..paid() }, at(11)), "what cannot be said does not count");
    }

    #[test]
    fn until_the_instant_at_which_it_starts() {
        let facts = Facts { starts: Some(at(50)), ..paid() };
        let before = at(50).minus(Span::from_micros(1));
        assert!(matches!(refundable(&facts, &until_start(), before), Refundable::Yes { .. }));
        assert_eq!(refundable(&facts, &until_start(), at(50)), Refundable::No(WhyNot::Started(at(50))));
        assert_eq!(until_start().ends(at(10), Some(at(50))), Some(at(50)));
        assert!(until_start().needs_start() && !week().needs_start());
        // Promised of something that never starts.
        assert_eq!(refundable(&paid(), &until_start(), at(11)), Refundable::No(WhyNot::StaffOnly));
    }

    #[test]
    fn what_is_left_and_nothing_more() {
        let part = Facts { returned: yuan(900), ..paid() };
        let Refundable::Yes { amount, because } = refundable(&part, &week(), at(11)) else {
            panic!("refused")
        };
        assert_eq!((amount, because.until, because.below), (yuan(3_000), Some(at(178)), Some(20)));
        for (facts, why) in [
            (Facts { returned: yuan(3_900), ..paid() }, WhyNot::Returned),
            (Facts { ended: true, ..paid() }, WhyNot::Returned),
            (Facts { credited: yuan(3_900), ..paid() }, WhyNot::Credited),
            (Facts { credited: yuan(1), ..paid() }, WhyNot::Credited),
            (Facts { carries: Carries::Held, ..paid() }, WhyNot::Credited),
            (Facts { carries: Carries::Waiting, ..paid() }, WhyNot::Waiting),
            (Facts { disputed: yuan(3_900), ..paid() }, WhyNot::Disputed),
            (Facts { returned: yuan(3_000), disputed: yuan(900), ..paid() }, WhyNot::Disputed),
            (Facts { disputed: yuan(1), ..paid() }, WhyNot::Disputed),
            (Facts { credited: yuan(3_000), waiting: yuan(3_000), ..paid() }, WhyNot::Waiting),
            (Facts { returned: yuan(900), credited: yuan(3_000), ..paid() }, WhyNot::Credited),
            (Facts { redeemed: true, ..paid() }, WhyNot::Redeemed),
            (Facts { given: true, ..paid() }, WhyNot::Given),
            (Facts { price: yuan(0), ended: true, ..paid() }, WhyNot::Returned),
            (Facts { price: yuan(0), credited: yuan(900), ..paid() }, WhyNot::Credited),
            (Facts { paid_at: None, ..paid() }, WhyNot::NotPaid),
        ] {
            assert_eq!(refundable(&facts, &week(), at(11)), Refundable::No(why));
        }
        assert_eq!(refundable(&paid(), &Policy::staff(), at(11)), Refundable::No(WhyNot::StaffOnly));
    }

    #[test]
    fn what_cost_no_money_goes_back_without_any_under_the_same_promise() {
        let free = Facts { price: yuan(0), ..paid() };
        let Refundable::Yes { amount, because } = refundable(&free, &week(), at(178)) else {
            panic!("refused")
        };
        assert_eq!((amount, because.until), (yuan(0), Some(at(178))));
        let late = at(178).plus(Span::from_micros(1));
        assert_eq!(refundable(&free, &week(), late), Refundable::No(WhyNot::TooLate(at(178))));
        let consumed = Facts { consumed: Some(20), ..free };
        assert_eq!(refundable(&consumed, &week(), at(11)), Refundable::No(WhyNot::Consumed(20, 20)));
        assert_eq!(refundable(&free, &Policy::staff(), at(11)), Refundable::No(WhyNot::StaffOnly));
    }

    #[test]
    fn a_right_ends_with_the_last_of_its_money_alone() {
        assert!(paid().is_all(3_900) && !paid().is_all(3_899));
        assert!(
            !Facts { credited: yuan(900), ..paid() }.is_all(3_000),
            "the rest goes back after what it counts for"
        );
        assert!(
            !Facts { credited: yuan(900), waiting: yuan(900), ..paid() }.is_all(3_000),
            "it may come free again"
        );
        assert!(!Facts { disputed: yuan(900), ..paid() }.is_all(3_000), "the bank may decide for us");
    }

    proptest! {
        #[test]
        fn never_more_than_is_left_and_never_after_the_end(
            price in 0_i64..10_000, returned in 0_i64..12_000, credited in 0_i64..5_000, consumed in prop::option::of(0_u32..=100),
            starts in prop::option::of(0_i64..500), now in 0_i64..500, hours in prop::option::of(1_i64..400),
            limit in prop::option::of(1_u32..=100), until_start: bool, self_service: bool
        ) {
            let facts = Facts { price: yuan(price), returned: yuan(returned), credited: yuan(credited), consumed, starts: starts.map(at), ..paid() };
            let policy = Policy { code: String::new(), self_service, hours, consumed_percent: limit, until_start };
            if let Refundable::Yes { amount, because } = refundable(&facts, &policy, at(now)) {
                prop_assert!(self_service);
                prop_assert_eq!(amount.minor, price - returned - credited);
                prop_assert!(amount.minor > 0 || price == 0);
                prop_assert!(because.until.is_some_and(|end| at(now) <= end), "a promise that has ended, or never ends");
                prop_assert!(limit.is_none_or(|limit| consumed.is_none_or(|consumed| consumed < limit)));
            }
        }
    }
}
