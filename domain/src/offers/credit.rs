//! What was paid for something and may count towards a bundle that holds it too.

/// What was paid for a line and where it went since, in minor units of one currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Worth {
    /// What was paid for it.
    pub price: i64,
    /// What was paid for other lines before and counted towards it.
    pub carried: i64,
    /// What of it counts towards other lines already.
    pub counted: i64,
    /// What went back, or is on its way.
    pub returned: i64,
    /// What a bank holds back while it looks at the case.
    pub disputed: i64,
}

impl Worth {
    /// What may still count towards something else: along a chain of bundles nothing is lost, and nothing counts
    /// two times.
    pub fn open(&self) -> i64 {
        let had = self.price.saturating_add(self.carried);
        let gone = self.counted.saturating_add(self.returned).saturating_add(self.disputed);
        had.saturating_sub(gone).max(0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Bundle, BundleId, Means, Paid, Rates, price};
    use super::*;
    use crate::courses::CourseId;
    use crate::money::{Currency, Money};
    use crate::orders::{Draft, OrderLineId, ReductionKind, Thing};
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use uuid::Uuid;

    fn yuan(minor: i64) -> Money {
        Money::new(minor, Currency::Cny)
    }

    #[test]
    fn what_counts_already_went_back_or_is_disputed_does_not_count_again() {
        let paid = Worth { price: 100, ..Worth::default() };
        assert_eq!(paid.open(), 100);
        assert_eq!(Worth { carried: 90, ..paid }.open(), 190);
        assert_eq!(Worth { counted: 30, returned: 20, disputed: 10, ..paid }.open(), 40);
        assert_eq!(Worth { disputed: 100, counted: 50, ..paid }.open(), 0);
    }

    proptest! {
        /// Somebody buys ever larger bundles, of courses with these list prices, for these prices.
        #[test]
        fn credit_along_a_chain_of_bundles_is_neither_lost_nor_made(
            steps in prop::collection::vec((prop::collection::vec(1_i64..20_000, 1..4), 1_i64..40_000), 1..6),
        ) {
            let mut lines: BTreeMap<OrderLineId, Worth> = BTreeMap::new();
            let (mut next, mut spent) = (0_u128, 0_i64);
            for (list, bundle_price) in steps {
                let id = BundleId(Uuid::from_u128(next + 1_000));
                let mut drafts: Vec<Draft> = list.iter().map(|minor| {
                    next += 1;
                    let thing = Thing::Course(CourseId(Uuid::from_u128(next)));
                    let line = OrderLineId(Uuid::from_u128(next));
                    Draft { line, thing, bundle: Some(id), list_price: yuan(*minor), price: yuan(*minor) }
                }).collect();
                let paid = lines.iter().filter(|(_, worth)| worth.open() > 0)
                    .map(|(line, worth)| Paid { line: *line, amount: yuan(worth.open()) }).collect();
                let bundle = Bundle { id, price: yuan(bundle_price), paid };
                let means = Means { bundles: vec![bundle], coupons: vec![], points: 0, rates: Rates::default() };
                let (reductions, _) = price(&mut drafts, means).unwrap();
                for draft in &drafts {
                    lines.insert(draft.line, Worth { price: draft.price.minor, ..Worth::default() });
                }
                for one in reductions.iter().filter(|one| one.kind == ReductionKind::Credit) {
                    let from: OrderLineId = one.source.strip_prefix("line:").unwrap().parse().unwrap();
                    lines.get_mut(&from).unwrap().counted += one.amount.minor;
                    lines.get_mut(&one.line).unwrap().carried += one.amount.minor;
                }
                let alone: i64 = list.iter().sum();
                let due: i64 = drafts.iter().map(|draft| draft.price.minor).sum();
                prop_assert_eq!(due, alone.min(bundle_price).min((bundle_price - spent).max(0)));
                spent += due;
                for worth in lines.values() {
                    prop_assert!(worth.counted <= worth.price + worth.carried, "{:?}", worth);
                }
                prop_assert_eq!(lines.values().map(Worth::open).sum::<i64>(), spent, "every cent counts once");
            }
        }
    }
}
