//! The cart: what an account means to order together. Its sums are found anew each time it is looked at.

use domain::actor::Actor;
use domain::invalid::{Denied, Invalid};
use domain::locale::Bilingual;
use domain::money::Money;
use domain::offers::{self, BundleId, Coupon, Means, Uses, code_key};
use domain::orders::{Draft, How, MAX_LINES, OrderId, OrderState, Purpose, Reduction, Thing, Wanted};
use domain::time::Timestamp;
use uuid::Uuid;

use super::store::cart::{self, Item};
use super::store::coupons::Stored;
use super::{Service, store};
use crate::db::{Lock, Tx};
use crate::error::{Error, Result};
use crate::features::orders::store as orders;

/// The most points that one may name.
const MAX_POINTS: i64 = 1_000_000_000;

/// Something in a cart as it is sold now.
pub(super) struct Shown {
    /// What it is.
    pub item: Item,
    /// Its title; nothing where it is not sold any more.
    pub title: Option<Bilingual>,
    /// Its price alone.
    pub price: Option<Money>,
    /// Its page.
    pub page: Option<String>,
}

/// A cart with its sums.
pub(super) struct Sums {
    /// What lies in it.
    pub items: Vec<Shown>,
    /// Its coupons.
    pub coupons: Vec<Coupon>,
    /// The points that shall be spent.
    pub points: i64,
    /// What everything would cost without reductions.
    pub list: Option<Money>,
    /// What makes it smaller.
    pub reductions: Vec<Reduction>,
    /// What remains to pay.
    pub total: Option<Money>,
    /// Why it cannot be ordered as it is.
    pub problem: Option<Denied>,
}

impl Service {
    fn item_of(thing: &str) -> Result<Item> {
        let item = match thing.strip_prefix("bundle:") {
            Some(id) => {
                id.parse::<Uuid>().ok().map(|id| Item { thing_kind: "bundle".to_owned(), thing_id: id })
            }
            None => Thing::parse(thing)
                .filter(|thing| !matches!(thing, Thing::Plan(_)))
                .map(|thing| Item { thing_kind: thing.kind().to_owned(), thing_id: thing.uuid() }),
        };
        item.ok_or_else(Error::not_found)
    }

    /// Puts something into the cart.
    pub async fn put(&self, actor: &Actor, thing: &str) -> Result<()> {
        let item = Self::item_of(thing)?;
        self.may_put(actor, &item).await?;
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(actor.account)).await?;
        self.put_in(&mut tx, actor, &item, now).await?;
        Ok(tx.commit().await?)
    }

    /// Refuses what is not sold, and what is theirs.
    async fn may_put(&self, actor: &Actor, item: &Item) -> Result<()> {
        if self.sold(item).await?.title.is_none() {
            return Err(Error::not_found());
        }
        if let Some(thing) = Thing::of(&item.thing_kind, item.thing_id)
            && self.orders.owns(actor.account, &thing, self.kit.now()).await?
        {
            return Err(Error::denied("already_yours"));
        }
        Ok(())
    }

    /// Puts something in that may be there; the caller holds the lock of the account.
    async fn put_in(&self, tx: &mut Tx, actor: &Actor, item: &Item, now: Timestamp) -> Result<()> {
        cart::open(tx, actor.account, now).await?;
        cart::put(tx, actor.account, item, now).await?;
        if cart::items_in(tx, actor.account).await?.len() > MAX_LINES {
            return Err(Denied::with("too_many_lines", &[&MAX_LINES]).into());
        }
        Ok(())
    }

    /// Puts everything of an ended order into the cart that can still be had: its things and bundles, its coupons
    /// that still hold, and its points, as far as they are there.
    pub async fn put_again(&self, actor: &Actor, id: OrderId) -> Result<()> {
        let order = orders::own_order(&self.kit.db, id, actor.account).await?.ok_or_else(Error::not_found)?;
        if order.purpose != Purpose::Purchase
            || !matches!(order.state, OrderState::Expired | OrderState::Cancelled)
        {
            return Err(Error::not_found());
        }
        let mut items: Vec<Item> = Vec::new();
        for line in orders::lines(&self.kit.db, id).await? {
            let item = match (line.bundle, line.thing) {
                (Some(bundle), _) => Item { thing_kind: "bundle".to_owned(), thing_id: bundle.0 },
                (None, Thing::Plan(_)) => continue,
                (None, thing) => Item { thing_kind: thing.kind().to_owned(), thing_id: thing.uuid() },
            };
            if items.contains(&item) {
                continue;
            }
            match self.may_put(actor, &item).await {
                Ok(()) => items.push(item),
                Err(Error::Fault(_)) => {}
                Err(other) => return Err(other),
            }
        }
        if items.is_empty() {
            return Err(Error::denied("not_sold_any_more"));
        }
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(actor.account)).await?;
        for item in &items {
            self.put_in(&mut tx, actor, item, now).await?;
        }
        for code in store::coupons::codes_of_order(&mut tx, id).await? {
            let Some(stored) = self.known_coupon(&mut tx, &code, now).await? else { continue };
            let uses = store::coupons::uses_in(&mut tx, &stored, actor.account).await?;
            if stored.coupon.may_be_used(uses, now).is_ok() {
                cart::add_coupon(&mut tx, actor.account, stored.coupon.id.0, now).await?;
            }
        }
        let spent = store::points::spent(&mut tx, id).await?;
        let points = spent.min(store::points::balance_in(&mut tx, actor.account).await?.balance);
        if points > 0 {
            cart::set_points(&mut tx, actor.account, points).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Takes something out of the cart.
    pub async fn take(&self, actor: &Actor, thing: &str) -> Result<()> {
        let item = Self::item_of(thing)?;
        let mut tx = self.kit.db.begin().await?;
        cart::take(&mut tx, actor.account, &item).await?;
        Ok(tx.commit().await?)
    }

    /// Adds a coupon to the cart by its code.
    pub async fn add_coupon(&self, actor: &Actor, code: &str) -> Result<()> {
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(actor.account)).await?;
        self.check_tries(&mut tx, actor, now).await?;
        let Some(stored) = self.known_coupon(&mut tx, code, now).await? else {
            store::coupons::add_try(&mut tx, self.kit.id(), actor.account, now).await?;
            tx.commit().await?;
            return Err(Invalid::field("code", "coupon_unknown").into());
        };
        let uses = store::coupons::uses_in(&mut tx, &stored, actor.account).await?;
        if let Err(denied) = stored.coupon.may_be_used(uses, now) {
            let params: Vec<&dyn ToString> =
                denied.params.iter().map(|param| param as &dyn ToString).collect();
            return Err(Invalid::with("code", &denied.code, &params).into());
        }
        cart::open(&mut tx, actor.account, now).await?;
        cart::add_coupon(&mut tx, actor.account, stored.coupon.id.0, now).await?;
        Ok(tx.commit().await?)
    }

    /// A coupon by its code; one that is not active, or not yet, is not known.
    pub(super) async fn known_coupon(
        &self,
        tx: &mut Tx,
        code: &str,
        now: Timestamp,
    ) -> Result<Option<Stored>> {
        let Some(key) = code_key(code) else { return Ok(None) };
        let found = store::coupons::by_code_in(tx, &key).await?;
        Ok(found.filter(|stored| stored.coupon.active && stored.coupon.from <= now))
    }

    /// Takes a coupon out of the cart.
    pub async fn take_coupon(&self, actor: &Actor, coupon: Uuid) -> Result<()> {
        let mut tx = self.kit.db.begin().await?;
        cart::take_coupon(&mut tx, actor.account, coupon).await?;
        Ok(tx.commit().await?)
    }

    /// Says how many points shall be spent.
    pub async fn set_points(&self, actor: &Actor, points: &str) -> Result<()> {
        let text = points.trim();
        let bad = || Error::from(Invalid::field("points", "points_number"));
        let points: i64 = if text.is_empty() { 0 } else { text.parse().map_err(|_| bad())? };
        if !(0..=MAX_POINTS).contains(&points) {
            return Err(bad());
        }
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(actor.account)).await?;
        if store::points::balance_in(&mut tx, actor.account).await?.balance < points {
            return Err(Invalid::field("points", "points_short").into());
        }
        cart::open(&mut tx, actor.account, self.kit.now()).await?;
        cart::set_points(&mut tx, actor.account, points).await?;
        Ok(tx.commit().await?)
    }

    /// Orders everything in the cart and empties it, or changes nothing.
    pub async fn order_cart(&self, actor: &Actor) -> Result<OrderId> {
        let account = actor.account;
        let mut wanted = Vec::new();
        let read = cart::items(&self.kit.db, account).await?;
        for item in &read {
            wanted.extend(self.wanted(actor, item).await?);
        }
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(account)).await?;
        if cart::items_in(&mut tx, account).await? != read {
            return Err(app::error::Fault::Conflict.into());
        }
        let coupons = store::coupons::codes_of_cart(&mut tx, account).await?;
        let how = How { coupons, points: cart::points_in(&mut tx, account).await?, ..How::default() };
        let order = self.orders.place_in(&mut tx, actor, &wanted, &how).await?;
        cart::clear(&mut tx, account).await?;
        tx.commit().await?;
        Ok(order)
    }

    async fn wanted(&self, actor: &Actor, item: &Item) -> Result<Vec<Wanted>> {
        match Thing::of(&item.thing_kind, item.thing_id) {
            Some(thing) => Ok(vec![Wanted::one(thing)]),
            None => self.missing(actor.account, BundleId(item.thing_id)).await,
        }
    }

    async fn sold(&self, item: &Item) -> Result<Shown> {
        if let Some(thing) = Thing::of(&item.thing_kind, item.thing_id) {
            let (offer, page) = self.orders.quote(&thing).await?;
            let (title, price) = offer.map(|offer| (offer.title, offer.price)).unzip();
            return Ok(Shown { item: item.clone(), title, price, page });
        }
        let id = BundleId(item.thing_id);
        let bundle =
            store::bundles::one(&self.kit.db, id).await?.filter(|bundle| bundle.state == "published");
        let (title, price) = bundle.map(|bundle| (bundle.title, bundle.price)).unzip();
        Ok(Shown { item: item.clone(), title, price, page: Some(format!("/bundles/{id}")) })
    }

    /// The cart with its sums, found by the rules that the order will use.
    pub(super) async fn sums(&self, actor: &Actor) -> Result<Sums> {
        let now = self.kit.now();
        let db = &self.kit.db;
        let mut items = Vec::new();
        let (mut drafts, mut bundles, mut problem) = (Vec::new(), Vec::new(), None);
        for item in cart::items(db, actor.account).await? {
            let shown = self.sold(&item).await?;
            if shown.title.is_none() {
                problem = Some(Denied::new("not_sold_any_more"));
            }
            let wanted = self.wanted(actor, &item).await?;
            for one in &wanted {
                if let (Some(offer), _) = self.orders.quote(&one.thing).await? {
                    let (list_price, price) = (offer.price, offer.price);
                    drafts.push(Draft {
                        line: self.kit.id(),
                        thing: one.thing,
                        bundle: one.bundle,
                        list_price,
                        price,
                    });
                }
            }
            if let Some(bundle) = store::bundles::one(db, BundleId(item.thing_id)).await? {
                bundles.push(self.priced(actor.account, &bundle, &wanted).await?);
            }
            items.push(shown);
        }
        let coupons = self.usable(actor, now, &mut problem).await?;
        let points = cart::points(db, actor.account).await?;
        let list = sum(drafts.iter().map(|draft| draft.list_price));
        let rates = store::points::rates(db).await?;
        let means = Means { bundles, coupons: coupons.clone(), points, rates };
        let (mut reductions, mut total) = (Vec::new(), None);
        if !drafts.is_empty() {
            match offers::price(&mut drafts, means) {
                Ok((found, _)) => {
                    reductions = found;
                    total = sum(drafts.iter().map(|draft| draft.price));
                }
                Err(denied) => problem = problem.or(Some(denied)),
            }
        }
        Ok(Sums { items, coupons, points, list, reductions, total, problem })
    }

    async fn usable(
        &self,
        actor: &Actor,
        now: Timestamp,
        problem: &mut Option<Denied>,
    ) -> Result<Vec<Coupon>> {
        let own = store::coupons::own_uses(&self.kit.db, actor.account).await?;
        let mut coupons = Vec::new();
        for stored in store::coupons::of_cart(&self.kit.db, actor.account).await? {
            let uses = Uses { all: stored.uses, own: own.get(&stored.coupon.id).copied().unwrap_or(0) };
            if let Err(denied) = stored.coupon.may_be_used(uses, now) {
                *problem = Some(denied);
            }
            coupons.push(stored.coupon);
        }
        Ok(coupons)
    }
}

fn sum(mut prices: impl Iterator<Item = Money>) -> Option<Money> {
    let first = prices.next()?;
    prices.try_fold(first, |sum, price| sum.plus(price).ok())
}
