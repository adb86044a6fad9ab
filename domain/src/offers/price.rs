//! The price of several things together, after everything that makes it smaller.

use std::collections::BTreeMap;

use super::{BundleId, Coupon, Rates, combine, worth};
use crate::invalid::Denied;
use crate::money::{Money, MoneyFault};
use crate::orders::{Draft, OrderLineId, Reduction, ReductionKind, spread};

/// A bundle as prices see it: what all of it costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The bundle.
    pub id: BundleId,
    /// What all of it costs.
    pub price: Money,
    /// What was paid for parts of it before and was not given back or counted elsewhere.
    pub paid: Vec<Paid>,
}

/// What was paid for a part of a bundle before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paid {
    /// The line of the earlier order.
    pub line: OrderLineId,
    /// What still counts of it.
    pub amount: Money,
}

/// By which means prices are made smaller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Means {
    /// The bundles of the lines.
    pub bundles: Vec<Bundle>,
    /// The coupons, checked against window and limits.
    pub coupons: Vec<Coupon>,
    /// How many points may be spent.
    pub points: i64,
    /// What points are worth.
    pub rates: Rates,
}

/// Makes drafted prices smaller: bundles, credit, coupons (parts before amounts), points, in this order.
///
/// Gives every reduction and how many points are used. A coupon that fits no line is refused.
pub fn price(drafts: &mut [Draft], means: Means) -> Result<(Vec<Reduction>, i64), Denied> {
    let mut reductions = Vec::new();
    let mut counted = Counted::new();
    for bundle in &means.bundles {
        bundle_price(drafts, bundle, &mut counted, &mut reductions)?;
    }
    for coupon in combine(means.coupons)? {
        let covers = |draft: &Draft| coupon.covers(draft);
        if !drafts.iter().any(covers) {
            return Err(Denied::with("coupon_not_for_this", &[&coupon.code]));
        }
        let amount = coupon.takes(demanded(drafts, covers)?);
        let source = format!("coupon:{}", coupon.id);
        take(drafts, covers, amount, ReductionKind::Coupon, &source, &mut reductions)?;
    }
    let (points, amount) = worth(means.points, demanded(drafts, |_| true)?, &means.rates);
    take(drafts, |_| true, amount, ReductionKind::Points, "points", &mut reductions)?;
    Ok((reductions, points))
}

/// What of earlier lines counts towards a bundle of this order already, in minor units.
type Counted = BTreeMap<OrderLineId, i64>;

/// The lines of a bundle demand its price together, less what was paid for parts of it before; never more
/// than they would one by one. What was paid once counts once, in however many bundles of the order it is a part.
fn bundle_price(
    drafts: &mut [Draft],
    bundle: &Bundle,
    counted: &mut Counted,
    into: &mut Vec<Reduction>,
) -> Result<(), Denied> {
    let ours = |draft: &Draft| draft.bundle == Some(bundle.id);
    if !drafts.iter().any(ours) {
        return Ok(());
    }
    let list = demanded(drafts, ours)?;
    // The price of a course may have changed its currency since it was bundled.
    if list.currency != bundle.price.currency {
        return Err(Denied::new("bundle_currency"));
    }
    let base = bundle.price.minor.min(list.minor);
    let of = |minor: i64| Money::new(minor, list.currency);
    let source = format!("bundle:{}", bundle.id);
    take(drafts, ours, of(list.minor.saturating_sub(base)), ReductionKind::Bundle, &source, into)?;
    let open = |paid: &Paid, counted: &Counted| {
        paid.amount.minor.saturating_sub(counted.get(&paid.line).copied().unwrap_or(0)).max(0)
    };
    let paid = bundle.paid.iter().fold(0_i64, |sum, paid| sum.saturating_add(open(paid, counted)));
    let left = base.min(bundle.price.minor.saturating_sub(paid).max(0));
    let mut credit = base.saturating_sub(left);
    for paid in &bundle.paid {
        let part = open(paid, counted).min(credit).max(0);
        let before = counted.entry(paid.line).or_insert(0);
        *before = before.saturating_add(part);
        take(drafts, ours, of(part), ReductionKind::Credit, &format!("line:{}", paid.line), into)?;
        credit = credit.saturating_sub(part);
    }
    Ok(())
}

/// What lines demand together now.
fn demanded(drafts: &[Draft], which: impl Fn(&Draft) -> bool) -> Result<Money, Denied> {
    let mut sum: Option<Money> = None;
    for draft in drafts.iter().filter(|draft| which(draft)) {
        sum = Some(match sum {
            Some(sum) => sum.plus(draft.price).map_err(fault)?,
            None => draft.price,
        });
    }
    sum.ok_or_else(|| Denied::new("nothing_ordered"))
}

/// Takes an amount off lines, spread by what they demand.
fn take(
    drafts: &mut [Draft],
    which: impl Fn(&Draft) -> bool,
    amount: Money,
    kind: ReductionKind,
    source: &str,
    into: &mut Vec<Reduction>,
) -> Result<(), Denied> {
    let mut lines: Vec<&mut Draft> = drafts.iter_mut().filter(|draft| which(draft)).collect();
    let prices: Vec<Money> = lines.iter().map(|draft| draft.price).collect();
    for (draft, part) in lines.iter_mut().zip(spread(amount, &prices)) {
        into.extend(draft.reduce(kind, source, part).map_err(fault)?);
    }
    Ok(())
}

fn fault(fault: MoneyFault) -> Denied {
    match fault {
        MoneyFault::Currency => Denied::new("two_currencies"),
        MoneyFault::Range => Denied::new("order_too_large"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::coupon::tests::coupon;
    use super::super::points::tests::rates;
    use super::super::{Coupon, Cut};
    use super::*;
    use crate::courses::CourseId;
    use crate::money::Currency;
    use crate::orders::Thing;
    use proptest::prelude::*;
    use uuid::Uuid;

    const BUNDLE: BundleId = BundleId(Uuid::from_u128(77));

    fn yuan(minor: i64) -> Money {
        Money::new(minor, Currency::Cny)
    }
    fn draft(number: u128, minor: i64, bundle: Option<BundleId>) -> Draft {
        let thing = Thing::Course(CourseId(Uuid::from_u128(number)));
        Draft {
            line: OrderLineId(Uuid::from_u128(number)),
            thing,
            bundle,
            list_price: yuan(minor),
            price: yuan(minor),
        }
    }
    fn means(bundles: Vec<Bundle>, coupons: Vec<Coupon>, points: i64) -> Means {
        Means { bundles, coupons, points, rates: rates((1, 100), (7, 700)) }
    }
    fn prices(drafts: &[Draft]) -> Vec<i64> {
        drafts.iter().map(|draft| draft.price.minor).collect()
    }

    #[test]
    fn a_percent_comes_before_an_amount_and_points_come_last() {
        let mut drafts = [draft(1, 10_000, None)];
        let coupons = vec![coupon(1, Cut::Amount(yuan(1_000))), coupon(2, Cut::Percent(1_000))];
        let (reductions, points) = price(&mut drafts, means(vec![], coupons, 500)).unwrap();
        assert_eq!(prices(&drafts), [7_500], "10000 less 10 %, less 1000, less 500");
        assert_eq!(points, 500);
        let amounts: Vec<_> = reductions.iter().map(|one| one.amount.minor).collect();
        assert_eq!(amounts, [1_000, 1_000, 500]);
    }

    #[test]
    fn nothing_falls_below_nothing() {
        let mut drafts = [draft(1, 300, None), draft(2, 200, None)];
        let coupons = vec![coupon(1, Cut::Amount(yuan(9_999)))];
        let (_, points) = price(&mut drafts, means(vec![], coupons, 500)).unwrap();
        assert_eq!((prices(&drafts), points), (vec![0, 0], 0), "no point is spent for nothing");
    }

    #[test]
    fn a_coupon_of_one_thing_leaves_the_other_alone() {
        let mut drafts = [draft(1, 300, None), draft(2, 200, None)];
        let bound = Coupon { things: vec![drafts[1].thing], ..coupon(1, Cut::Percent(5_000)) };
        price(&mut drafts, means(vec![], vec![bound.clone()], 0)).unwrap();
        assert_eq!(prices(&drafts), [300, 100]);
        let mut other = [draft(1, 300, None)];
        assert_eq!(price(&mut other, means(vec![], vec![bound], 0)).unwrap_err().code, "coupon_not_for_this");
        let dollars = coupon(3, Cut::Amount(Money::new(100, Currency::Usd)));
        assert_eq!(
            price(&mut other, means(vec![], vec![dollars], 0)).unwrap_err().code,
            "coupon_not_for_this"
        );
    }

    #[test]
    fn what_was_paid_once_counts_once_in_however_many_bundles() {
        const OTHER: BundleId = BundleId(Uuid::from_u128(78));
        let mut drafts = [draft(2, 100, Some(BUNDLE)), draft(3, 100, Some(OTHER))];
        let earlier = OrderLineId(Uuid::from_u128(1));
        let of = |id| Bundle { id, price: yuan(100), paid: vec![Paid { line: earlier, amount: yuan(90) }] };
        let (reductions, _) = price(&mut drafts, means(vec![of(BUNDLE), of(OTHER)], vec![], 0)).unwrap();
        assert_eq!(prices(&drafts), [10, 100], "the second bundle costs what it costs");
        let credit = reductions.iter().filter(|one| one.kind == ReductionKind::Credit);
        assert_eq!(credit.map(|one| one.amount.minor).sum::<i64>(), 90);
    }

    #[test]
    fn a_bundle_is_spread_over_its_lines_and_credits_what_was_paid() {
        let mut drafts = [
            draft(1, 100, Some(BUNDLE)),
            draft(2, 100, Some(BUNDLE)),
            draft(3, 100, Some(BUNDLE)),
            draft(4, 50, None),
        ];
        let bundle = Bundle { id: BUNDLE, price: yuan(200), paid: vec![] };
        price(&mut drafts, means(vec![bundle], vec![], 0)).unwrap();
        assert_eq!(prices(&drafts), [66, 67, 67, 50], "no cent is lost");
        // One of three was bought for 90 before: the other two cost 200 - 90.
        let mut drafts = [draft(2, 100, Some(BUNDLE)), draft(3, 100, Some(BUNDLE))];
        let paid = vec![Paid { line: OrderLineId(Uuid::from_u128(9)), amount: yuan(90) }];
        let bundle = Bundle { id: BUNDLE, price: yuan(200), paid };
        let (reductions, _) = price(&mut drafts, means(vec![bundle], vec![], 0)).unwrap();
        assert_eq!(prices(&drafts), [55, 55]);
        assert!(reductions.iter().all(|one| one.kind == ReductionKind::Credit));
        // What was paid is more than the bundle costs: the rest is theirs for nothing, and nothing comes back.
        let mut drafts = [draft(2, 100, Some(BUNDLE))];
        let paid = vec![Paid { line: OrderLineId(Uuid::from_u128(9)), amount: yuan(900) }];
        price(&mut drafts, means(vec![Bundle { id: BUNDLE, price: yuan(200), paid }], vec![], 0)).unwrap();
        assert_eq!(prices(&drafts), [0]);
    }

    proptest! {
        #[test]
        fn list_price_is_price_and_reductions(
            list in prop::collection::vec(0_i64..100_000, 1..8),
            bundled in prop::collection::vec(any::<bool>(), 8),
            price_of_bundle in 0_i64..200_000,
            paid in prop::collection::vec(1_i64..50_000, 0..4),
            percent in 0_i64..=10_000,
            amount in 0_i64..100_000,
            points in 0_i64..100_000,
        ) {
            let mut drafts: Vec<Draft> = list.iter().zip(&bundled).enumerate()
                .map(|(number, (minor, bundled))| draft(number as u128, *minor, bundled.then_some(BUNDLE)))
                .collect();
            let paid = paid.iter().map(|minor| Paid { line: OrderLineId(Uuid::from_u128(9)), amount: yuan(*minor) }).collect();
            let bundle = Bundle { id: BUNDLE, price: yuan(price_of_bundle), paid };
            let coupons = vec![coupon(1, Cut::Amount(yuan(amount))), coupon(2, Cut::Percent(percent))];
            let (reductions, used) = price(&mut drafts, means(vec![bundle], coupons, points)).unwrap();
            prop_assert!(used <= points);
            for draft in &drafts {
                let off: i64 = reductions.iter().filter(|one| one.line == draft.line).map(|one| one.amount.minor).sum();
                prop_assert!(draft.price.minor >= 0);
                prop_assert_eq!(draft.list_price.minor, draft.price.minor + off);
            }
        }
    }
}
