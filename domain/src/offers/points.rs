//! Points: earned by learning and paying, spent like money, never below nothing.

use serde::{Deserialize, Serialize};

use crate::money::{Currency, Money};

/// How points are earned and what they are worth: data of the installation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rates {
    /// Points for each whole unit of money that was paid.
    pub per_unit: i64,
    /// Points for a completed course.
    pub completed: i64,
    /// How many points stand for one whole unit of money.
    pub worth: i64,
}

impl Rates {
    /// The points that a paid amount earns, rounded down.
    pub fn earned(&self, paid: Money) -> i64 {
        let points = i128::from(paid.minor.max(0)) * i128::from(self.per_unit.max(0)) / unit(paid.currency);
        i64::try_from(points).unwrap_or(0)
    }
}

fn unit(currency: Currency) -> i128 {
    10_i128.pow(currency.exponent())
}

/// What points are worth against a demand: the points that are used, and the amount that they pay.
///
/// Never more than demanded, and never a point more than the amount needs.
pub fn worth(points: i64, demanded: Money, rates: &Rates) -> (i64, Money) {
    let (points, each) = (i128::from(points.max(0)), i128::from(rates.worth.max(1)));
    let whole = unit(demanded.currency);
    let amount = (points * whole / each).min(i128::from(demanded.minor.max(0)));
    let used = (amount * each + whole - 1) / whole;
    let amount = Money::new(i64::try_from(amount).unwrap_or(0), demanded.currency);
    (i64::try_from(used).unwrap_or(0), amount)
}

/// Which of the points that an order used belong to which of its lines, by what they paid of each.
pub fn worth_of_lines(points: i64, paid: &[Money]) -> Vec<i64> {
    let weights: Vec<i64> = paid.iter().map(|amount| amount.minor).collect();
    Money::new(points, Currency::default())
        .split_over(&weights)
        .into_iter()
        .map(|share| share.minor)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RATES: Rates = Rates { per_unit: 1, completed: 50, worth: 100 };

    fn yuan(minor: i64) -> Money {
        Money::new(minor, Currency::Cny)
    }

    #[test]
    fn a_hundred_points_are_one_yuan() {
        assert_eq!(worth(100, yuan(3_900), &RATES), (100, yuan(100)));
        assert_eq!(worth(1_000_000, yuan(3_900), &RATES), (3_900, yuan(3_900)));
        assert_eq!(worth(-5, yuan(3_900), &RATES), (0, yuan(0)));
        assert_eq!(worth(7, yuan(10), &Rates { worth: 30, ..RATES }), (3, yuan(10)));
    }

    #[test]
    fn money_earns_points_by_whole_units() {
        assert_eq!(RATES.earned(yuan(3_999)), 39);
        assert_eq!(RATES.earned(yuan(99)), 0);
        assert_eq!(Rates { per_unit: 3, ..RATES }.earned(yuan(150)), 4);
    }

    proptest! {
        #[test]
        fn points_never_pay_more_than_they_are_worth(points in 0_i64..1_000_000, demanded in 0_i64..500_000, each in 1_i64..500) {
            let rates = Rates { worth: each, ..RATES };
            let (used, amount) = worth(points, yuan(demanded), &rates);
            prop_assert!(used <= points && amount.minor <= demanded);
            prop_assert!(i128::from(amount.minor) * i128::from(each) <= i128::from(used) * 100);
        }
    }
}
