//! Points: earned by learning and paying, spent like money, never below nothing.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::money::{Currency, Money};

/// What points are earned for and what they are worth in one currency: a yuan and a dollar are not the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// Points for each whole unit of money that was paid.
    pub per_unit: i64,
    /// How many points stand for one whole unit of money; more than nothing.
    pub worth: i64,
}

/// How points are earned and what they are worth: data of the installation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rates {
    /// Points for a completed course.
    pub completed: i64,
    /// By currency; in one without a rate nothing is earned and nothing can be spent.
    pub currencies: BTreeMap<Currency, Rate>,
}

impl Rates {
    /// The points that a paid amount earns, rounded down.
    pub fn earned(&self, paid: Money) -> i64 {
        let per_unit = self.currencies.get(&paid.currency).map_or(0, |rate| rate.per_unit);
        let points = i128::from(paid.minor.max(0)) * i128::from(per_unit.max(0)) / unit(paid.currency);
        i64::try_from(points).unwrap_or(0)
    }
}

fn unit(currency: Currency) -> i128 {
    10_i128.pow(currency.exponent())
}

/// A rule about points that staff may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum PointRule {
    /// How many points a completed course earns.
    Completed,
    /// How many points each whole unit of a currency earns.
    PerUnit(Currency),
    /// How many points stand for one whole unit of a currency.
    Worth(Currency),
}

impl PointRule {
    /// Every rule.
    pub const ALL: [Self; 5] = [
        Self::Completed,
        Self::PerUnit(Currency::Cny),
        Self::Worth(Currency::Cny),
        Self::PerUnit(Currency::Usd),
        Self::Worth(Currency::Usd),
    ];

    /// The least that it may say: points that are worth a share of nothing would be worth everything.
    pub const fn least(self) -> i64 {
        match self {
            Self::Completed | Self::PerUnit(_) => 0,
            Self::Worth(_) => 1,
        }
    }
}

impl fmt::Display for PointRule {
    /// The database value: `completed`, `per_unit:CNY`, `worth:USD`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Completed => out.write_str("completed"),
            Self::PerUnit(currency) => write!(out, "per_unit:{}", currency.code()),
            Self::Worth(currency) => write!(out, "worth:{}", currency.code()),
        }
    }
}

impl TryFrom<String> for PointRule {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|rule| rule.to_string() == text);
        found.ok_or_else(|| format!("unknown rule about points {text}"))
    }
}

impl From<PointRule> for String {
    fn from(rule: PointRule) -> Self {
        rule.to_string()
    }
}

impl FromIterator<(PointRule, i64)> for Rates {
    /// Joins what the rules say; a currency has a rate where both of its rules are there.
    fn from_iter<I: IntoIterator<Item = (PointRule, i64)>>(rules: I) -> Self {
        let rules: BTreeMap<PointRule, i64> = rules.into_iter().collect();
        let of = |rule| rules.get(&rule).copied();
        let rate = |currency| {
            let (per_unit, worth) = (of(PointRule::PerUnit(currency))?, of(PointRule::Worth(currency))?);
            Some((currency, Rate { per_unit, worth }))
        };
        Self {
            completed: of(PointRule::Completed).unwrap_or(0),
            currencies: Currency::ALL.into_iter().filter_map(rate).collect(),
        }
    }
}

/// What points are worth against a demand: the points that are used, and the amount that they pay.
///
/// Never more than demanded, and never a point more than the amount needs; nothing where they are worth nothing.
pub fn worth(points: i64, demanded: Money, rates: &Rates) -> (i64, Money) {
    let each = rates.currencies.get(&demanded.currency).map_or(0, |rate| rate.worth);
    if each <= 0 {
        return (0, Money::zero(demanded.currency));
    }
    let (points, each) = (i128::from(points.max(0)), i128::from(each));
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
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Rates of both currencies.
    pub(in super::super) fn rates(cny: (i64, i64), usd: (i64, i64)) -> Rates {
        let rate = |(per_unit, worth)| Rate { per_unit, worth };
        let currencies = BTreeMap::from([(Currency::Cny, rate(cny)), (Currency::Usd, rate(usd))]);
        Rates { completed: 50, currencies }
    }
    fn usual() -> Rates {
        rates((1, 100), (7, 700))
    }
    fn yuan(minor: i64) -> Money {
        Money::new(minor, Currency::Cny)
    }
    fn dollars(minor: i64) -> Money {
        Money::new(minor, Currency::Usd)
    }

    #[test]
    fn points_are_worth_what_the_rate_of_the_currency_says() {
        assert_eq!(worth(100, yuan(3_900), &usual()), (100, yuan(100)));
        assert_eq!(worth(1_000_000, yuan(3_900), &usual()), (3_900, yuan(3_900)));
        assert_eq!(worth(-5, yuan(3_900), &usual()), (0, yuan(0)));
        assert_eq!(worth(7, yuan(10), &rates((1, 30), (1, 1))), (3, yuan(10)));
        assert_eq!(worth(700, dollars(3_900), &usual()), (700, dollars(100)), "a dollar is not a yuan");
        assert_eq!(worth(6, dollars(3_900), &usual()), (0, dollars(0)), "less than a cent");
    }

    #[test]
    fn without_a_rate_points_are_worth_nothing() {
        let nothing = (0, dollars(0));
        let mut only_yuan = usual();
        only_yuan.currencies.remove(&Currency::Usd);
        assert_eq!(worth(1_000_000, dollars(3_900), &only_yuan), nothing);
        assert_eq!(only_yuan.earned(dollars(3_900)), 0);
        assert_eq!(worth(1_000_000, dollars(3_900), &rates((1, 100), (1, 0))), nothing);
    }

    #[test]
    fn money_earns_points_by_whole_units() {
        assert_eq!(usual().earned(yuan(3_999)), 39);
        assert_eq!(usual().earned(yuan(99)), 0);
        assert_eq!(usual().earned(dollars(200)), 14);
        assert_eq!(rates((3, 1), (1, 1)).earned(yuan(150)), 4);
    }

    #[test]
    fn rules_have_one_text_form_and_make_rates() {
        for rule in PointRule::ALL {
            assert_eq!(PointRule::try_from(rule.to_string()), Ok(rule));
        }
        assert!(PointRule::try_from("worth:EUR".to_owned()).is_err());
        let said: Rates = PointRule::ALL.into_iter().zip([50, 1, 100, 7, 700]).collect();
        assert_eq!(said, usual());
        let half: Rates = [(PointRule::Worth(Currency::Usd), 5)].into_iter().collect();
        assert_eq!(half, Rates::default());
    }

    proptest! {
        #[test]
        fn points_never_pay_more_than_they_are_worth(points in 0_i64..1_000_000, demanded in 0_i64..500_000, each in 1_i64..500) {
            let (used, amount) = worth(points, yuan(demanded), &rates((1, each), (1, 1)));
            prop_assert!(used <= points && amount.minor <= demanded);
            prop_assert!(i128::from(amount.minor) * i128::from(each) <= i128::from(used) * 100);
        }
    }
}
