//! The port: texts of the wire become ids, records become what pages show.

use app::error::{Answer, Fault};
use app::features::offers::Offers;
use app::features::offers::api::{
    BundleView, CartItem, CartView, GiftOffer, GiftView, PartView, PointsView, id_of,
};
use app::features::offers::desk::{CouponRow, GrantRow};
use async_trait::async_trait;
use domain::actor::{Actor, Role};
use domain::locale::Bilingual;
use domain::offers::BundleId;
use domain::offers::input::{BundleForm, CouponForm};
use domain::orders::{OrderId, Thing, by_kind};

use super::{Service, store};
use crate::error::{Error, Result};

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

    async fn bundle_views(&self, bundles: Vec<store::bundles::Bundle>) -> Result<Vec<BundleView>> {
        let mut views = Vec::new();
        for bundle in bundles {
            views.push(self.bundle_view(bundle).await?);
        }
        Ok(views)
    }

    async fn published(&self, id: BundleId) -> Result<store::bundles::Bundle> {
        let bundle = store::bundles::one(&self.kit.db, id).await?;
        bundle.filter(|bundle| bundle.state == "published").ok_or_else(Error::not_found)
    }

    async fn points_view(&self, actor: &Actor) -> Result<PointsView> {
        let db = &self.kit.db;
        let (balance, rates) =
            (store::points::balance(db, actor.account).await?, store::points::rates(db).await?);
        let past = store::points::latest(db, actor.account, 100).await?;
        let entry = |past: store::points::Past| (past.at, past.kind, past.amount, past.order_id.map(OrderId));
        Ok(PointsView {
            balance: balance.balance,
            owed: balance.owed,
            rates: (rates.per_unit, rates.completed, rates.worth),
            entries: past.into_iter().map(entry).collect(),
        })
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

    async fn gift_views(&self, actor: &Actor) -> Result<Vec<GiftView>> {
        let gifts = store::gifts::bought_by(&self.kit.db, actor.account).await?;
        let view = |gift: store::gifts::Bought| GiftView {
            code: (gift.state == "waiting").then(|| self.code_of(gift.id)),
            title: Bilingual::new(gift.title_en, gift.title_zh),
            state: gift.state,
            order: gift.order_id,
            made_at: gift.made_at,
        };
        Ok(gifts.into_iter().map(view).collect())
    }

    async fn desk(&self, actor: &Actor) -> Result<Vec<BundleView>> {
        if !actor.is(Role::Expert) {
            return Err(Error::not_found());
        }
        let author = (!actor.is(Role::Admin)).then_some(actor.account);
        self.bundle_views(store::bundles::list(&self.kit.db, None, author).await?).await
    }
}

fn staff(actor: &Actor) -> Answer<()> {
    if actor.is(Role::Admin) { Ok(()) } else { Err(Fault::NotFound) }
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
    async fn use_coupon(&self, actor: &Actor, code: String) -> Answer<()> {
        Ok(self.add_coupon(actor, &code).await?)
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
    async fn points(&self, actor: &Actor) -> Answer<PointsView> {
        Ok(self.points_view(actor).await?)
    }
    async fn gift_offer(&self, thing: String) -> Answer<GiftOffer> {
        Ok(self.offered_gift(thing).await?)
    }
    async fn give(&self, actor: &Actor, thing: String, coupon: String, message: String) -> Answer<OrderId> {
        let coupons = Some(coupon).filter(|code| !code.trim().is_empty()).into_iter().collect();
        Ok(self.buy_gift(actor, &thing, coupons, &message).await?)
    }
    async fn gifts(&self, actor: &Actor) -> Answer<Vec<GiftView>> {
        Ok(self.gift_views(actor).await?)
    }
    async fn take_gift(&self, actor: &Actor, code: String) -> Answer<OrderId> {
        Ok(self.redeem(actor, &code).await?)
    }
    async fn bundles(&self) -> Answer<Vec<BundleView>> {
        let bundles =
            store::bundles::list(&self.kit.db, Some("published"), None).await.map_err(Fault::from)?;
        Ok(self.bundle_views(bundles).await?)
    }
    async fn bundle(&self, id: String) -> Answer<BundleView> {
        let bundle = self.published(id_of(&id)?).await?;
        Ok(self.bundle_view(bundle).await?)
    }
    async fn order_bundle(&self, actor: &Actor, id: String) -> Answer<OrderId> {
        Ok(self.buy_bundle(actor, id_of(&id)?).await?)
    }
    async fn desk_bundles(&self, actor: &Actor) -> Answer<Vec<BundleView>> {
        Ok(self.desk(actor).await?)
    }
    async fn new_bundle(&self, actor: &Actor, form: BundleForm, courses: String) -> Answer<()> {
        self.make_bundle(actor, &form, &courses).await?;
        Ok(())
    }
    async fn bundle_state(&self, actor: &Actor, id: String, state: String) -> Answer<()> {
        Ok(self.set_bundle_state(actor, id_of(&id)?, &state).await?)
    }
    async fn coupons(&self, actor: &Actor) -> Answer<Vec<CouponRow>> {
        staff(actor)?;
        let coupons = store::coupons::list(&self.kit.db).await.map_err(Fault::from)?;
        let row =
            |one: store::coupons::Stored| CouponRow { coupon: one.coupon, uses: one.uses, note: one.note };
        Ok(coupons.into_iter().map(row).collect())
    }
    async fn new_coupon(&self, actor: &Actor, form: CouponForm, stacks: bool, bound: String) -> Answer<()> {
        self.make_coupon(actor, &form, stacks, &bound).await?;
        Ok(())
    }
    async fn coupon_state(&self, actor: &Actor, id: String, active: bool) -> Answer<()> {
        Ok(self.set_coupon(actor, id_of(&id)?, active).await?)
    }
    async fn grants(&self, actor: &Actor) -> Answer<Vec<GrantRow>> {
        staff(actor)?;
        let grants = store::gifts::grants(&self.kit.db).await.map_err(Fault::from)?;
        let row = |one: store::gifts::Granted| GrantRow {
            title: one.title(),
            username: one.username,
            granter: one.granter,
            note: one.note,
            at: one.placed_at,
        };
        Ok(grants.into_iter().map(row).collect())
    }
    async fn new_grant(&self, actor: &Actor, username: String, course: String, note: String) -> Answer<()> {
        self.grant(actor, &username, &course, &note).await?;
        Ok(())
    }
}
