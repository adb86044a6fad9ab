//! The part of offers in every order: smaller prices, counted uses, and giving back.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use domain::accounts::AccountId;
use domain::invalid::Denied;
use domain::offers::{self, BundleId, Coupon, CouponId, Means, Paid, Rates, code_key};
use domain::orders::{Draft, How, OrderLineId, Purpose, Reduction, ReductionKind, Thing};
use domain::time::Timestamp;

use super::{Service, store};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::features::orders::store::{self as orders, Order, OrderLine};
use crate::features::orders::{Companion, Placed, TakenBack};

/// The bundles of drafts, each once.
pub(super) fn bundles_of(drafts: &[Draft]) -> Vec<BundleId> {
    let mut bundles: Vec<BundleId> = drafts.iter().filter_map(|draft| draft.bundle).collect();
    bundles.sort();
    bundles.dedup();
    bundles
}

impl Service {
    async fn coupons_in(
        &self,
        tx: &mut Tx,
        account: AccountId,
        codes: &[String],
        now: Timestamp,
    ) -> Result<Vec<Coupon>> {
        let mut coupons = Vec::new();
        for code in codes {
            let unknown = || Denied::new("coupon_unknown");
            let key = code_key(code).ok_or_else(unknown)?;
            let stored = store::coupons::by_code_in(tx, &key).await?.ok_or_else(unknown)?;
            let uses = store::coupons::uses_in(tx, &stored, account).await?;
            stored.coupon.may_be_used(uses, now)?;
            coupons.push(stored.coupon);
        }
        Ok(coupons)
    }

    async fn bundle_in(
        &self,
        tx: &mut Tx,
        order: &Order,
        drafts: &[Draft],
        id: BundleId,
        now: Timestamp,
    ) -> Result<offers::Bundle> {
        let bundle = store::bundles::one_in(tx, id).await?.ok_or_else(Error::not_found)?;
        if bundle.state != "published" {
            return Err(Error::denied("bundle_closed"));
        }
        let mut paid = Vec::new();
        for part in store::bundles::parts_in(tx, id).await? {
            let thing = Thing::Course(part.course);
            if drafts.iter().any(|draft| draft.thing == thing && draft.bundle == Some(id)) {
                continue;
            }
            // What is not ordered must be theirs already: a bundle is sold whole.
            let owned = order.purpose == Purpose::Purchase
                && self.orders.has_in(tx, order.account, &thing, now).await?;
            if !owned {
                return Err(Error::denied("bundle_in_part"));
            }
            for line in store::bundles::paid_in(tx, order.account, part.course, bundle.price.currency).await?
            {
                let open = line.worth.open();
                if open > 0 {
                    let amount = domain::money::Money::new(open, bundle.price.currency);
                    paid.push(Paid { line: line.id, amount });
                }
            }
        }
        Ok(offers::Bundle { id, price: bundle.price, paid })
    }

    /// Whether what is not in an order of a bundle is still its buyer's: a bundle is sold whole.
    async fn has_the_rest(&self, tx: &mut Tx, order: &Order, now: Timestamp) -> Result<bool> {
        if order.purpose != Purpose::Purchase {
            return Ok(true);
        }
        let lines = orders::lines_in(tx, order.id).await?;
        let bundles: BTreeSet<BundleId> = lines.iter().filter_map(|line| line.bundle).collect();
        for id in bundles {
            for part in store::bundles::parts_in(tx, id).await? {
                let thing = Thing::Course(part.course);
                let ordered = lines.iter().any(|line| line.thing == thing && line.bundle == Some(id));
                if !ordered && !self.orders.has_in(tx, order.account, &thing, now).await? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

#[async_trait]
impl Companion for Service {
    async fn reduce(
        &self,
        tx: &mut Tx,
        order: &Order,
        drafts: &mut [Draft],
        how: &How,
        now: Timestamp,
    ) -> Result<Vec<Reduction>> {
        if !how.purpose.is_chosen() {
            return Ok(Vec::new());
        }
        let mut bundles = Vec::new();
        for id in bundles_of(drafts) {
            bundles.push(self.bundle_in(tx, order, drafts, id, now).await?);
        }
        let coupons = self.coupons_in(tx, order.account, &how.coupons, now).await?;
        // What points are worth matters to those alone who pay with some.
        let rates = if how.points > 0 { store::points::rates_in(tx).await? } else { Rates::default() };
        let means = Means { bundles, coupons, points: how.points, rates };
        Ok(offers::price(drafts, means)?.0)
    }

    async fn placed(&self, tx: &mut Tx, order: &Order, placed: Placed<'_>, now: Timestamp) -> Result<()> {
        let mut coupons: Vec<CouponId> = placed
            .reductions
            .iter()
            .filter_map(|one| one.source.strip_prefix("coupon:")?.parse().ok())
            .collect();
        coupons.sort();
        coupons.dedup();
        for coupon in coupons {
            if !store::coupons::count_use(tx, coupon).await? {
                return Err(Error::denied("coupon_gone"));
            }
            store::coupons::add_use(tx, coupon, order.id, order.account, now).await?;
        }
        let points = self.points_of(tx, placed.reductions).await?;
        if points > 0 && !self.spend(tx, order, points, now).await? {
            return Err(Error::denied("points_short"));
        }
        Ok(())
    }

    async fn paid(&self, tx: &mut Tx, order: &Order, lines: &[OrderLine], now: Timestamp) -> Result<()> {
        if order.purpose == Purpose::Gift {
            self.make_gift(tx, order, now).await?;
        }
        self.earn_for_order(tx, order, lines, now).await
    }

    async fn ended(&self, tx: &mut Tx, order: &Order, now: Timestamp) -> Result<()> {
        for coupon in store::coupons::used_by(tx, order.id, true).await? {
            store::coupons::give_back(tx, coupon, order.id).await?;
        }
        self.return_points(tx, order, None, now).await
    }

    async fn regain(&self, tx: &mut Tx, order: &Order, now: Timestamp) -> Result<bool> {
        let reductions = orders::reductions_in(tx, order.id).await?;
        let points = store::points::spent(tx, order.id).await?;
        if points > 0 && store::points::balance_in(tx, order.account).await?.balance < points {
            return Ok(false);
        }
        for (line, amount) in credits(&reductions) {
            if store::bundles::open_of_line(tx, line).await? < amount {
                return Ok(false);
            }
        }
        if !self.has_the_rest(tx, order, now).await? {
            return Ok(false);
        }
        let mut counted = Vec::new();
        for coupon in store::coupons::used_by(tx, order.id, false).await? {
            let own = store::coupons::may_use_again(tx, coupon, order.account).await?;
            if !own || !store::coupons::count_use(tx, coupon).await? {
                for coupon in counted {
                    store::coupons::give_back(tx, coupon, order.id).await?;
                }
                return Ok(false);
            }
            store::coupons::add_use(tx, coupon, order.id, order.account, now).await?;
            counted.push(coupon);
        }
        if points > 0 && !self.spend(tx, order, points, now).await? {
            return Err(Error::bug("points left between two looks"));
        }
        Ok(true)
    }

    async fn taken_back(&self, tx: &mut Tx, back: TakenBack<'_>, now: Timestamp) -> Result<()> {
        self.reverse_earned(tx, back, now).await?;
        self.return_points(tx, back.order, (!back.whole).then_some(back.gone), now).await?;
        if back.whole && back.order.purpose == Purpose::Gift {
            self.end_of_gift(tx, back.order).await?;
        }
        Ok(())
    }

    async fn completed(&self, tx: &mut Tx, account: AccountId, thing: &Thing, now: Timestamp) -> Result<()> {
        self.earn_for_completion(tx, account, thing, now).await
    }
}

/// What was paid before and counted, by the line it was paid for.
fn credits(reductions: &[Reduction]) -> BTreeMap<OrderLineId, i64> {
    let mut credits = BTreeMap::new();
    for one in reductions.iter().filter(|one| one.kind == ReductionKind::Credit) {
        if let Some(line) = one.source.strip_prefix("line:").and_then(|id| id.parse().ok()) {
            *credits.entry(line).or_insert(0) += one.amount.minor;
        }
    }
    credits
}

/// What points paid of each line.
pub(super) fn paid_by_points(reductions: &[Reduction]) -> Vec<&Reduction> {
    reductions.iter().filter(|one| one.kind == ReductionKind::Points).collect()
}
