//! Prices of an order before it is placed: list prices, and what makes them smaller.

use serde::{Deserialize, Serialize};

use super::{OrderLineId, Thing};
use crate::money::{Money, MoneyFault};
use crate::offers::BundleId;

/// Why a line demands less than its list price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReductionKind {
    /// It is part of a bundle.
    Bundle,
    /// What was paid for parts of a bundle counts.
    Credit,
    /// A plan of the buyer opens it.
    Plan,
    /// A coupon.
    Coupon,
    /// Points were spent.
    Points,
    /// The platform gives it for nothing.
    Grant,
    /// Somebody else paid it.
    Gift,
}

impl ReductionKind {
    /// Every kind, in the order in which they are applied.
    pub const ALL: [Self; 7] =
        [Self::Bundle, Self::Credit, Self::Plan, Self::Coupon, Self::Points, Self::Grant, Self::Gift];

    /// The database value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bundle => "bundle",
            Self::Credit => "credit",
            Self::Plan => "plan",
            Self::Coupon => "coupon",
            Self::Points => "points",
            Self::Grant => "grant",
            Self::Gift => "gift",
        }
    }
}

impl TryFrom<String> for ReductionKind {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| format!("unknown kind of reduction {text}"))
    }
}

/// A part of the list price of a line that is not demanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reduction {
    /// The line.
    pub line: OrderLineId,
    /// Why.
    pub kind: ReductionKind,
    /// Through what: `coupon:<id>`, `bundle:<id>`, `line:<id>`, `points`, `account:<id>`, `order:<id>`.
    pub source: String,
    /// How much.
    pub amount: Money,
}

/// A line that is being priced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The line to be.
    pub line: OrderLineId,
    /// What is ordered.
    pub thing: Thing,
    /// The bundle as part of which it is ordered.
    pub bundle: Option<BundleId>,
    /// The price without any reduction.
    pub list_price: Money,
    /// What is demanded after the reductions so far.
    pub price: Money,
}

impl Draft {
    /// Takes a part off the price and says so; nothing where the amount is nothing.
    ///
    /// The price never falls below nothing: such an amount is a fault of the caller.
    pub fn reduce(
        &mut self,
        kind: ReductionKind,
        source: &str,
        amount: Money,
    ) -> Result<Option<Reduction>, MoneyFault> {
        if amount.is_zero() {
            return Ok(None);
        }
        let left = self.price.minus(amount)?;
        if amount.minor < 0 || left.minor < 0 {
            return Err(MoneyFault::Range);
        }
        self.price = left;
        Ok(Some(Reduction { line: self.line, kind, source: source.to_owned(), amount }))
    }
}

/// What reductions take off by kind, in the order in which they are applied.
pub fn by_kind(reductions: &[Reduction]) -> Result<Vec<(ReductionKind, Money)>, MoneyFault> {
    let mut sums = Vec::new();
    for kind in ReductionKind::ALL {
        let mut parts = reductions.iter().filter(|one| one.kind == kind).map(|one| one.amount);
        if let Some(first) = parts.next() {
            sums.push((kind, parts.try_fold(first, Money::plus)?));
        }
    }
    Ok(sums)
}

/// Spreads an amount over lines by their present prices, never more than a line has left.
///
/// Largest remainder: no unit is lost. An amount above the sum is cut to it.
pub fn spread(amount: Money, prices: &[Money]) -> Vec<Money> {
    let weights: Vec<i64> = prices.iter().map(|price| price.minor.max(0)).collect();
    let sum = weights.iter().fold(0_i64, |sum, weight| sum.saturating_add(*weight));
    Money::new(amount.minor.clamp(0, sum), amount.currency).split_over(&weights)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::courses::CourseId;
    use crate::money::Currency;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn yuan(minor: i64) -> Money {
        Money::new(minor, Currency::Cny)
    }

    #[test]
    fn a_price_never_falls_below_nothing() {
        let mut draft = Draft {
            line: OrderLineId(Uuid::from_u128(1)),
            thing: Thing::Course(CourseId(Uuid::from_u128(2))),
            bundle: None,
            list_price: yuan(100),
            price: yuan(100),
        };
        assert_eq!(draft.reduce(ReductionKind::Coupon, "x", yuan(0)), Ok(None));
        assert!(draft.reduce(ReductionKind::Coupon, "x", yuan(60)).unwrap().is_some());
        assert_eq!(draft.reduce(ReductionKind::Coupon, "x", yuan(41)), Err(MoneyFault::Range));
        assert_eq!(draft.reduce(ReductionKind::Coupon, "x", yuan(-1)), Err(MoneyFault::Range));
        assert_eq!(
            draft.reduce(ReductionKind::Coupon, "x", Money::new(1, Currency::Usd)),
            Err(MoneyFault::Currency)
        );
        assert!(draft.reduce(ReductionKind::Points, "x", yuan(40)).unwrap().is_some());
        assert_eq!(draft.price, yuan(0));
    }

    #[test]
    fn kinds_have_one_text_form() {
        for kind in ReductionKind::ALL {
            assert_eq!(ReductionKind::try_from(kind.as_str().to_owned()), Ok(kind));
        }
    }

    proptest! {
        #[test]
        fn a_spread_fits_each_line_and_loses_nothing(
            amount in 0_i64..2_000_000,
            prices in prop::collection::vec(0_i64..500_000, 1..20),
        ) {
            let prices: Vec<Money> = prices.into_iter().map(yuan).collect();
            let sum: i64 = prices.iter().map(|price| price.minor).sum();
            let shares = spread(yuan(amount), &prices);
            prop_assert_eq!(shares.iter().map(|share| share.minor).sum::<i64>(), amount.min(sum));
            for (share, price) in shares.iter().zip(&prices) {
                prop_assert!((0..=price.minor).contains(&share.minor));
            }
        }
    }
}
