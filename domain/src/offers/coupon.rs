//! Coupons: what they take off, for what, until when, how often, and beside which others.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{BundleId, CouponId};
use crate::invalid::Denied;
use crate::money::Money;
use crate::orders::{Draft, Thing};
use crate::time::Timestamp;

/// What a coupon takes off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// A part of the price, in hundredths of a percent.
    Percent(i64),
    /// An amount of one currency.
    Amount(Money),
}

impl fmt::Display for Cut {
    /// `12.5%`, or the amount.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Percent(points) if points % 100 == 0 => write!(out, "{}%", points / 100),
            Self::Percent(points) => {
                let digits = format!("{}.{:02}", points / 100, points % 100);
                write!(out, "{}%", digits.trim_end_matches('0'))
            }
            Self::Amount(amount) => amount.fmt(out),
        }
    }
}

/// A coupon as its rules see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coupon {
    /// The coupon.
    pub id: CouponId,
    /// Its code, as [`code_key`] writes it.
    pub code: String,
    /// What it takes off.
    pub cut: Cut,
    /// Its first instant.
    pub from: Timestamp,
    /// Its last instant; without one it does not end.
    pub until: Option<Timestamp>,
    /// How often it may be used by everybody together.
    pub limit: Option<i64>,
    /// How often one account may use it.
    pub account_limit: Option<i64>,
    /// Whether it may be used beside others that may, too.
    pub stacks: bool,
    /// Whether it was not withdrawn.
    pub active: bool,
    /// The things for which it counts; none means every thing.
    pub things: Vec<Thing>,
    /// The bundles for which it counts.
    pub bundles: Vec<BundleId>,
}

/// How often a coupon was used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// By everybody.
    pub all: i64,
    /// By the account that wants to use it.
    pub own: i64,
}

impl Coupon {
    /// Whether the coupon may be used once more now.
    pub fn may_be_used(&self, uses: Uses, now: Timestamp) -> Result<(), Denied> {
        let code = &self.code;
        if !self.active || now < self.from {
            return Err(Denied::new("coupon_unknown"));
        }
        if self.until.is_some_and(|until| now > until) {
            return Err(Denied::with("coupon_expired", &[code]));
        }
        if self.limit.is_some_and(|limit| uses.all >= limit) {
            return Err(Denied::with("coupon_used_up", &[code]));
        }
        if self.account_limit.is_some_and(|limit| uses.own >= limit) {
            return Err(Denied::with("coupon_used_by_you", &[code]));
        }
        Ok(())
    }

    /// Whether the coupon counts for a line.
    pub fn covers(&self, draft: &Draft) -> bool {
        let everything = self.things.is_empty() && self.bundles.is_empty();
        let currency = match self.cut {
            Cut::Percent(_) => true,
            Cut::Amount(amount) => amount.currency == draft.price.currency,
        };
        let bundle = draft.bundle.is_some_and(|bundle| self.bundles.contains(&bundle));
        currency && (everything || bundle || self.things.contains(&draft.thing))
    }

    /// How much the coupon takes off lines that together demand so much.
    pub fn takes(&self, demanded: Money) -> Money {
        let minor = match self.cut {
            Cut::Percent(points) => {
                let part = i128::from(demanded.minor) * i128::from(points.clamp(0, 10_000)) / 10_000;
                i64::try_from(part).unwrap_or(0)
            }
            Cut::Amount(amount) => amount.minor,
        };
        Money::new(minor.clamp(0, demanded.minor.max(0)), demanded.currency)
    }
}

/// Puts coupons into the order in which they are applied: parts first, then amounts, as they were typed.
///
/// Several only where each of them stacks; the same one counts once.
pub fn combine(mut coupons: Vec<Coupon>) -> Result<Vec<Coupon>, Denied> {
    let mut seen = Vec::new();
    coupons.retain(|coupon| {
        let fresh = !seen.contains(&coupon.id);
        seen.push(coupon.id);
        fresh
    });
    if coupons.len() > 1
        && let Some(alone) = coupons.iter().find(|coupon| !coupon.stacks)
    {
        return Err(Denied::with("coupon_alone", &[&alone.code]));
    }
    coupons.sort_by_key(|coupon| matches!(coupon.cut, Cut::Amount(_)));
    Ok(coupons)
}

/// A code as it is looked up: without spaces around, in capitals; nothing where it cannot be one.
pub fn code_key(text: &str) -> Option<String> {
    // A few spaces around it are a slip of the hand; thousands are something else.
    let text = Some(text).filter(|text| text.len() <= 100)?.trim();
    let fits = (3..=40).contains(&text.len());
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (fits && plain).then(|| text.to_ascii_uppercase())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::money::Currency;
    use uuid::Uuid;

    pub(in super::super) fn coupon(number: u128, cut: Cut) -> Coupon {
        Coupon {
            id: CouponId(Uuid::from_u128(number)),
            code: format!("CODE{number}"),
            cut,
            from: Timestamp::from_seconds(10),
            until: Some(Timestamp::from_seconds(20)),
            limit: Some(2),
            account_limit: Some(1),
            stacks: true,
            active: true,
            things: Vec::new(),
            bundles: Vec::new(),
        }
    }

    #[test]
    fn what_is_taken_off_is_written_short() {
        let of = |points| Cut::Percent(points).to_string();
        assert_eq!([of(1_000), of(1_250), of(1_205), of(5)], ["10%", "12.5%", "12.05%", "0.05%"]);
        let five = Money::new(500, Currency::Cny);
        assert_eq!(Cut::Amount(five).to_string(), five.to_string());
    }

    #[test]
    fn a_coupon_has_a_window_and_limits() {
        let ours = coupon(1, Cut::Percent(1_000));
        let at = Timestamp::from_seconds;
        let code = |uses, now| ours.may_be_used(uses, now).err().map(|denied| denied.code);
        assert_eq!(code(Uses::default(), at(10)), None);
        assert_eq!(code(Uses::default(), at(20)), None);
        assert_eq!(code(Uses::default(), at(9)).as_deref(), Some("coupon_unknown"));
        assert_eq!(code(Uses::default(), at(21)).as_deref(), Some("coupon_expired"));
        assert_eq!(code(Uses { all: 2, own: 0 }, at(15)).as_deref(), Some("coupon_used_up"));
        assert_eq!(code(Uses { all: 1, own: 1 }, at(15)).as_deref(), Some("coupon_used_by_you"));
        let withdrawn = Coupon { active: false, ..ours };
        assert_eq!(withdrawn.may_be_used(Uses::default(), at(15)).unwrap_err().code, "coupon_unknown");
    }

    #[test]
    fn parts_come_before_amounts_and_loners_stay_alone() {
        let amount = coupon(1, Cut::Amount(Money::new(100, Currency::Cny)));
        let part = coupon(2, Cut::Percent(1_000));
        let order = combine(vec![amount.clone(), part.clone(), amount.clone()]).unwrap();
        assert_eq!(order, [part.clone(), amount.clone()]);
        let alone = Coupon { stacks: false, ..part };
        assert_eq!(combine(vec![amount, alone.clone()]).unwrap_err().code, "coupon_alone");
        assert_eq!(combine(vec![alone.clone(), alone.clone()]), Ok(vec![alone]));
    }

    #[test]
    fn a_part_is_rounded_down_and_an_amount_is_never_more_than_demanded() {
        let yuan = |minor| Money::new(minor, Currency::Cny);
        assert_eq!(coupon(1, Cut::Percent(3_333)).takes(yuan(100)), yuan(33));
        assert_eq!(coupon(1, Cut::Percent(10_000)).takes(yuan(i64::MAX)), yuan(i64::MAX));
        assert_eq!(coupon(1, Cut::Amount(yuan(500))).takes(yuan(300)), yuan(300));
    }

    #[test]
    fn codes_are_plain_and_bounded() {
        assert_eq!(code_key(" summer-10 ").as_deref(), Some("SUMMER-10"));
        for bad in ["", "ab", "a%b", "a*b", "a b", "夏天夏天", &"x".repeat(10_000)] {
            assert_eq!(code_key(bad), None);
        }
    }
}
