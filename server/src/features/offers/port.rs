//! The port: texts of the wire become ids, records become what pages show.

use app::cx::Origin;
use app::error::Answer;
use app::features::offers::Offers;
use app::features::offers::api::{
    BundleView, CartItem, CartView, GiftOffer, GiftView, PartView, PointsEntry, PointsView, id_of,
};
use app::features::offers::desk::{CouponRow, GrantRow, PointDesk, PointGrantRow, PointRuleRow};
use async_trait::async_trait;
use domain::accounts::AccountId;
use domain::actor::{Actor, Role};
use domain::offers::BundleId;
use domain::offers::input::{BundleForm, CouponForm};
use domain::orders::{OrderId, Thing, by_kind};
use domain::page::Page;
use domain::time::Timestamp;
use uuid::Uuid;

use super::{Service, gifts, store};
use crate::error::{Error, Result};

/// How many entries a page shows.
const PAGE: usize = 50;
/// One more than a page shows: whether there is a next one.
const LIMIT: i64 = PAGE as i64 + 1;

impl Service {
    async fn cart_view(&self, actor: &Actor) -> Result<CartView> {
        let sums = self.sums(actor).await?;
        let by_kind = by_kind(&sums.reductions).map_err(|_| Error::denied("order_too_large"))?;
        let items = sums.items.into_iter().map(|shown| CartItem {
            thing: format!("{}:{}", shown.item.thing_kind, shown.item.thing_id),
            title: shown.title,
            price: shown.price,
            page: shown.page,
        });
        Ok(CartView {
            items: items.collect(),
            coupons: sums.coupons.into_iter().map(|coupon| (coupon.id, coupon.code)).collect(),
            points: sums.points,
            balance: store::points::balance(&self.kit.db, actor.account).await?.balance,
            list: sums.list,
            reductions: by_kind,
            total: sums.total,
            problem: sums.problem,
        })
    }

    async fn bundle_view(&self, bundle: store::bundles::Bundle) -> Result<BundleView> {
        let parts = store::bundles::parts(&self.kit.db, bundle.id).await?;
        let parts =
            parts.into_iter().map(|part| PartView { slug: part.slug, title: part.title, price: part.price });
        Ok(BundleView {
            id: bundle.id,
            title: bundle.title,
            about: bundle.about,
            price: bundle.price,
            state: bundle.state,
            parts: parts.collect(),
        })
    }

    async fn bundle_views(
        &self,
        state: Option<&str>,
        author: Option<AccountId>,
        after: Option<String>,
    ) -> Result<Page<BundleView>> {
        let bundles = store::bundles::list(&self.kit.db, state, author, cursor(after), LIMIT).await?;
        let page = Page::cut(bundles, PAGE, |bundle| bundle.id.to_string());
        let mut items = Vec::new();
        for bundle in page.items {
            items.push(self.bundle_view(bundle).await?);
        }
        Ok(Page { items, next: page.next })
    }

    async fn published(&self, id: BundleId) -> Result<store::bundles::Bundle> {
        let bundle = store::bundles::one(&self.kit.db, id).await?;
        bundle.filter(|bundle| bundle.state == "published").ok_or_else(Error::not_found)
    }

    async fn points_view(&self, actor: &Actor, after: Option<String>) -> Result<PointsView> {
        let db = &self.kit.db;
        let (balance, rates) =
            (store::points::balance(db, actor.account).await?, store::points::rates(db).await?);
        let past = store::points::latest(db, actor.account, cursor(after), LIMIT).await?;
        let entries = Page::cut(past, PAGE, |past| past.id.to_string()).map(|past| PointsEntry {
            at: past.at,
            kind: past.kind,
            amount: past.amount,
            order: past.order_id.map(OrderId),
            reason: past.reason,
        });
        Ok(PointsView { balance: balance.balance, owed: balance.owed, rates, entries })
    }

    async fn point_desk_view(&self, actor: &Actor, after: Option<String>) -> Result<PointDesk> {
        staff(actor)?;
        let db = &self.kit.db;
        let rule = |rule: store::points::Rule| PointRuleRow {
            rule: rule.code,
            points: rule.points,
            changed_at: rule.changed_at.map(Timestamp::from),
            changed_by: rule.username,
        };
        let rules = store::points::rules(db).await?.into_iter().map(rule).collect();
        let given = store::points::grants(db, cursor(after), LIMIT).await?;
        let grants = Page::cut(given, PAGE, |one| one.id.to_string()).map(|one| PointGrantRow {
            username: one.username,
            granter: one.granter,
            points: one.amount,
            reason: one.reason,
            at: one.at,
        });
        Ok(PointDesk { rules, grants, next: self.kit.id::<Uuid>().to_string() })
    }

    async fn coupon_rows(&self, actor: &Actor, after: Option<String>) -> Result<Page<CouponRow>> {
        staff(actor)?;
        let coupons = store::coupons::list(&self.kit.db, cursor(after), LIMIT).await?;
        let page = Page::cut(coupons, PAGE, |one| one.coupon.id.to_string());
        Ok(page.map(|one| CouponRow { coupon: one.coupon, uses: one.uses, note: one.note }))
    }

    async fn grant_rows(&self, actor: &Actor, after: Option<String>) -> Result<Page<GrantRow>> {
        staff(actor)?;
        let grants = store::gifts::grants(&self.kit.db, cursor(after), LIMIT).await?;
        Ok(Page::cut(grants, PAGE, |one| one.order_id.to_string()).map(|one| GrantRow {
            title: one.title(),
            username: one.username,
            granter: one.granter,
            note: one.note,
            at: one.placed_at,
        }))
    }

    async fn offered_gift(&self, thing: String) -> Result<GiftOffer> {
        if let Some(id) = thing.strip_prefix("bundle:") {
            let bundle = self.published(id.parse().map_err(|_| Error::not_found())?).await?;
            return Ok(GiftOffer { thing, title: bundle.title, price: bundle.price });
        }
        let Some(parsed @ Thing::Course(_)) = Thing::parse(&thing) else { return Err(Error::not_found()) };
        let offer = self.orders.quote(&parsed).await?.0.ok_or_else(Error::not_found)?;
        Ok(GiftOffer { thing, title: offer.title, price: offer.price })
    }

    async fn gift_views(&self, actor: &Actor, after: Option<String>) -> Result<Page<GiftView>> {
        let gifts = store::gifts::bought_by(&self.kit.db, actor.account, cursor(after), LIMIT).await?;
        let page = Page::cut(gifts, PAGE, |gift| gift.id.to_string());
        Ok(page.map(|gift| gifts::shown(&self.kit, gift)))
    }

    async fn desk(&self, actor: &Actor, after: Option<String>) -> Result<Page<BundleView>> {
        if !actor.is(Role::Expert) {
            return Err(Error::not_found());
        }
        let author = (!actor.is(Role::Admin)).then_some(actor.account);
        self.bundle_views(None, author, after).await
    }
}

fn staff(actor: &Actor) -> Result<()> {
    if actor.is(Role::Admin) { Ok(()) } else { Err(Error::not_found()) }
}

/// Where a page begins: the id of the last entry before it.
fn cursor<T: std::str::FromStr>(after: Option<String>) -> Option<T> {
    after.and_then(|after| after.parse().ok())
}

#[async_trait]
impl Offers for Service {
    async fn cart(&self, actor: &Actor) -> Answer<CartView> {
        Ok(self.cart_view(actor).await?)
    }
    async fn change_cart(&self, actor: &Actor, thing: String, put: bool) -> Answer<()> {
        if put {
            self.put(actor, &thing).await?;
        } else {
            self.take(actor, &thing).await?;
        }
        Ok(())
    }
    async fn use_coupon(&self, actor: &Actor, origin: &Origin, code: String) -> Answer<()> {
        Ok(self.counted(origin, self.add_coupon(actor, &code)).await?)
    }
    async fn drop_coupon(&self, actor: &Actor, coupon: String) -> Answer<()> {
        Ok(self.take_coupon(actor, id_of(&coupon)?).await?)
    }
    async fn use_points(&self, actor: &Actor, points: String) -> Answer<()> {
        Ok(self.set_points(actor, &points).await?)
    }
    async fn checkout(&self, actor: &Actor) -> Answer<OrderId> {
        Ok(self.order_cart(actor).await?)
    }
    async fn again(&self, actor: &Actor, order: String) -> Answer<()> {
        Ok(self.put_again(actor, id_of(&order)?).await?)
    }
    async fn points(&self, actor: &Actor, after: Option<String>) -> Answer<PointsView> {
        Ok(self.points_view(actor, after).await?)
    }
    async fn gift_offer(&self, thing: String) -> Answer<GiftOffer> {
        Ok(self.offered_gift(thing).await?)
    }
    async fn give(
        &self,
        actor: &Actor,
        origin: &Origin,
        thing: String,
        coupon: String,
        message: String,
    ) -> Answer<OrderId> {
        let coupons = Some(coupon).filter(|code| !code.trim().is_empty()).into_iter().collect();
        Ok(self.counted(origin, self.buy_gift(actor, &thing, coupons, &message)).await?)
    }
    async fn gifts(&self, actor: &Actor, after: Option<String>) -> Answer<Page<GiftView>> {
        Ok(self.gift_views(actor, after).await?)
    }
    async fn take_gift(&self, actor: &Actor, origin: &Origin, code: String) -> Answer<OrderId> {
        Ok(self.counted(origin, self.redeem(actor, &code)).await?)
    }
    async fn bundles(&self, after: Option<String>) -> Answer<Page<BundleView>> {
        Ok(self.bundle_views(Some("published"), None, after).await?)
    }
    async fn bundle(&self, id: String) -> Answer<BundleView> {
        let bundle = self.published(id_of(&id)?).await?;
        Ok(self.bundle_view(bundle).await?)
    }
    async fn order_bundle(&self, actor: &Actor, id: String) -> Answer<OrderId> {
        Ok(self.buy_bundle(actor, id_of(&id)?).await?)
    }
    async fn desk_bundles(&self, actor: &Actor, after: Option<String>) -> Answer<Page<BundleView>> {
        Ok(self.desk(actor, after).await?)
    }
    async fn new_bundle(&self, actor: &Actor, form: BundleForm, courses: String) -> Answer<()> {
        self.make_bundle(actor, &form, &courses).await?;
        Ok(())
    }
    async fn bundle_state(&self, actor: &Actor, id: String, state: String) -> Answer<()> {
        Ok(self.set_bundle_state(actor, id_of(&id)?, &state).await?)
    }
    async fn coupons(&self, actor: &Actor, after: Option<String>) -> Answer<Page<CouponRow>> {
        Ok(self.coupon_rows(actor, after).await?)
    }
    async fn new_coupon(&self, actor: &Actor, form: CouponForm, stacks: bool, bound: String) -> Answer<()> {
        self.make_coupon(actor, &form, stacks, &bound).await?;
        Ok(())
    }
    async fn coupon_state(&self, actor: &Actor, id: String, active: bool) -> Answer<()> {
        Ok(self.set_coupon(actor, id_of(&id)?, active).await?)
    }
    async fn grants(&self, actor: &Actor, after: Option<String>) -> Answer<Page<GrantRow>> {
        Ok(self.grant_rows(actor, after).await?)
    }
    async fn new_grant(&self, actor: &Actor, username: String, course: String, note: String) -> Answer<()> {
        self.grant(actor, &username, &course, &note).await?;
        Ok(())
    }
    async fn point_desk(&self, actor: &Actor, after: Option<String>) -> Answer<PointDesk> {
        Ok(self.point_desk_view(actor, after).await?)
    }
    async fn set_point_rule(&self, actor: &Actor, rule: String, points: String) -> Answer<()> {
        Ok(Self::set_point_rule(self, actor, &rule, &points).await?)
    }
    async fn give_points(
        &self,
        actor: &Actor,
        username: String,
        points: String,
        reason: String,
        once: String,
    ) -> Answer<()> {
        let once = once.parse().unwrap_or_else(|_| self.kit.id());
        Ok(self.give_points_once(actor, &username, &points, &reason, once).await?)
    }
}
