//! What pages need of offers: the cart, points, gifts, bundles and coupons.

#[cfg(feature = "ssr")]
use async_trait::async_trait;
#[cfg(feature = "ssr")]
use domain::actor::Actor;
use domain::invalid::Denied;
use domain::locale::Bilingual;
use domain::money::Money;
#[cfg(feature = "ssr")]
use domain::offers::input::{BundleForm, CouponForm};
use domain::offers::{BundleId, CouponId, Rates};
use domain::orders::{OrderId, ReductionKind};
use domain::page::Page;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::desk::{CouponRow, GrantRow, PointDesk};
#[cfg(feature = "ssr")]
use crate::cx::{Cx, Origin};
use crate::error::Answer;
#[cfg(feature = "ssr")]
use crate::error::Fault;
#[cfg(feature = "ssr")]
use crate::i18n::href;
#[cfg(feature = "ssr")]
use crate::parts::encode;

/// Something in a cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartItem {
    /// Its text form.
    pub thing: String,
    /// Its title; nothing where it is not sold any more.
    pub title: Option<Bilingual>,
    /// Its price alone.
    pub price: Option<Money>,
    /// Its page.
    pub page: Option<String>,
}

/// A cart with its sums.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartView {
    /// What lies in it.
    pub items: Vec<CartItem>,
    /// Its coupons: id and code.
    pub coupons: Vec<(CouponId, String)>,
    /// The points that shall be spent.
    pub points: i64,
    /// The points that may be spent.
    pub balance: i64,
    /// What everything would cost without reductions.
    pub list: Option<Money>,
    /// What makes it smaller, by kind.
    pub reductions: Vec<(ReductionKind, Money)>,
    /// What remains to pay.
    pub total: Option<Money>,
    /// Why it cannot be ordered as it is.
    pub problem: Option<Denied>,
}

/// The points of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointsView {
    /// What may be spent.
    pub balance: i64,
    /// What was reversed after it was spent.
    pub owed: i64,
    /// What is earned for what, and what it is worth.
    pub rates: Rates,
    /// What happened, newest first.
    pub entries: Page<PointsEntry>,
}

/// Points that came or went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointsEntry {
    /// When.
    pub at: Timestamp,
    /// Why, in a word.
    pub kind: String,
    /// How many; below zero where they left.
    pub amount: i64,
    /// The order of it.
    pub order: Option<OrderId>,
    /// What the platform said with it, where the platform gave it.
    pub reason: Option<String>,
}

/// Something to give away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GiftOffer {
    /// Its text form.
    pub thing: String,
    /// Its title.
    pub title: Bilingual,
    /// Its price.
    pub price: Money,
}

/// A gift that was bought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GiftView {
    /// What is given.
    pub title: Bilingual,
    /// Its code, as long as nobody took it.
    pub code: Option<String>,
    /// `waiting`, `redeemed` or `void`.
    pub state: String,
    /// The order that paid for it.
    pub order: OrderId,
    /// When.
    pub made_at: Timestamp,
}

/// A course of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartView {
    /// Its address.
    pub slug: String,
    /// Its title.
    pub title: Bilingual,
    /// Its price alone.
    pub price: Money,
}

/// A bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleView {
    /// The bundle.
    pub id: BundleId,
    /// Its title.
    pub title: Bilingual,
    /// A few words about it.
    pub about: Bilingual,
    /// What all of it costs.
    pub price: Money,
    /// `draft`, `published` or `closed`.
    pub state: String,
    /// Its courses.
    pub parts: Vec<PartView>,
}

/// What the pages need from the server. Implemented in `server/src/features/offers`.
#[cfg(feature = "ssr")]
#[async_trait]
pub trait Offers: Send + Sync {
    /// The cart.
    async fn cart(&self, actor: &Actor) -> Answer<CartView>;
    /// Puts something in, or takes it out.
    async fn change_cart(&self, actor: &Actor, thing: String, put: bool) -> Answer<()>;
    /// Adds a coupon by its code.
    async fn use_coupon(&self, actor: &Actor, origin: &Origin, code: String) -> Answer<()>;
    /// Takes a coupon out.
    async fn drop_coupon(&self, actor: &Actor, coupon: String) -> Answer<()>;
    /// Says how many points shall be spent.
    async fn use_points(&self, actor: &Actor, points: String) -> Answer<()>;
    /// Orders the cart.
    async fn checkout(&self, actor: &Actor) -> Answer<OrderId>;
    /// Puts what can still be had of an ended order into the cart.
    async fn again(&self, actor: &Actor, order: String) -> Answer<()>;
    /// The points.
    async fn points(&self, actor: &Actor, after: Option<String>) -> Answer<PointsView>;
    /// Something to give away.
    async fn gift_offer(&self, thing: String) -> Answer<GiftOffer>;
    /// Buys a gift.
    async fn give(
        &self,
        actor: &Actor,
        origin: &Origin,
        thing: String,
        coupon: String,
        message: String,
    ) -> Answer<OrderId>;
    /// The gifts that were bought.
    async fn gifts(&self, actor: &Actor, after: Option<String>) -> Answer<Page<GiftView>>;
    /// Takes a gift.
    async fn take_gift(&self, actor: &Actor, origin: &Origin, code: String) -> Answer<OrderId>;
    /// The bundles that are sold.
    async fn bundles(&self, after: Option<String>) -> Answer<Page<BundleView>>;
    /// One bundle that is sold.
    async fn bundle(&self, id: String) -> Answer<BundleView>;
    /// Orders a bundle.
    async fn order_bundle(&self, actor: &Actor, id: String) -> Answer<OrderId>;
    /// The bundles that the caller may change.
    async fn desk_bundles(&self, actor: &Actor, after: Option<String>) -> Answer<Page<BundleView>>;
    /// Makes a bundle.
    async fn new_bundle(&self, actor: &Actor, form: BundleForm, courses: String) -> Answer<()>;
    /// Publishes or closes a bundle.
    async fn bundle_state(&self, actor: &Actor, id: String, state: String) -> Answer<()>;
    /// The coupons, for staff.
    async fn coupons(&self, actor: &Actor, after: Option<String>) -> Answer<Page<CouponRow>>;
    /// Makes a coupon.
    async fn new_coupon(&self, actor: &Actor, form: CouponForm, stacks: bool, bound: String) -> Answer<()>;
    /// Withdraws a coupon, or allows it again.
    async fn coupon_state(&self, actor: &Actor, id: String, active: bool) -> Answer<()>;
    /// The grants, for staff.
    async fn grants(&self, actor: &Actor, after: Option<String>) -> Answer<Page<GrantRow>>;
    /// Gives somebody a course for nothing.
    async fn new_grant(&self, actor: &Actor, username: String, course: String, note: String) -> Answer<()>;
    /// The rules about points and what the platform gave, for staff.
    async fn point_desk(&self, actor: &Actor, after: Option<String>) -> Answer<PointDesk>;
    /// Changes a rule about points.
    async fn set_point_rule(&self, actor: &Actor, rule: String, points: String) -> Answer<()>;
    /// Gives somebody points; of one id only once.
    async fn give_points(
        &self,
        actor: &Actor,
        username: String,
        points: String,
        reason: String,
        once: String,
    ) -> Answer<()>;
}

/// The cart.
#[server(endpoint = "offers/cart", input = GetUrl)]
pub async fn load_cart() -> Answer<CartView> {
    let cx = Cx::current();
    cx.ports.offers.cart(cx.actor()?).await
}

/// Puts something into the cart.
#[server(endpoint = "offers/put")]
pub async fn put_in_cart(thing: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.offers.change_cart(cx.actor()?, thing, true).await?;
    cx.redirect("/cart");
    Ok(())
}

/// Takes something out of the cart.
#[server(endpoint = "offers/take")]
pub async fn take_from_cart(thing: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.offers.change_cart(cx.actor()?, thing, false).await?;
    cx.redirect("/cart");
    Ok(())
}

/// Adds a coupon to the cart.
#[server(endpoint = "offers/use_coupon")]
pub async fn use_coupon(code: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.offers.use_coupon(cx.actor()?, &cx.origin(), code).await?;
    cx.redirect("/cart");
    Ok(())
}

/// Takes a coupon out of the cart.
#[server(endpoint = "offers/drop_coupon")]
pub async fn drop_coupon(coupon: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.offers.drop_coupon(cx.actor()?, coupon).await?;
    cx.redirect("/cart");
    Ok(())
}

/// Says how many points the cart shall spend.
#[server(endpoint = "offers/use_points")]
pub async fn use_points(points: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.offers.use_points(cx.actor()?, points).await?;
    cx.redirect("/cart");
    Ok(())
}

/// Orders the cart and leads to the order.
#[server(endpoint = "offers/checkout")]
pub async fn check_out() -> Answer<()> {
    let cx = Cx::current();
    let order = cx.ports.offers.checkout(cx.actor()?).await?;
    cx.redirect(&format!("/orders/{order}"));
    Ok(())
}

/// Puts what can still be had of an ended order into the cart, and leads there.
#[server(endpoint = "offers/again")]
pub async fn order_again(order: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.offers.again(cx.actor()?, order).await?;
    cx.redirect("/cart");
    Ok(())
}

/// The points of the caller.
#[server(endpoint = "offers/points", input = GetUrl)]
pub async fn load_points(after: Option<String>) -> Answer<PointsView> {
    let cx = Cx::current();
    cx.ports.offers.points(cx.actor()?, after).await
}

/// Something to give away.
#[server(endpoint = "offers/gift_offer", input = GetUrl)]
pub async fn load_gift_offer(thing: String) -> Answer<GiftOffer> {
    let cx = Cx::current();
    cx.actor()?;
    cx.ports.offers.gift_offer(thing).await
}

/// Buys a gift and leads to its order.
#[server(endpoint = "offers/give")]
pub async fn give(thing: String, coupon: String, message: String) -> Answer<()> {
    let cx = Cx::current();
    let order = cx.ports.offers.give(cx.actor()?, &cx.origin(), thing, coupon, message).await?;
    cx.redirect(&format!("/orders/{order}"));
    Ok(())
}

/// The gifts that the caller bought.
#[server(endpoint = "offers/gifts", input = GetUrl)]
pub async fn load_gifts(after: Option<String>) -> Answer<Page<GiftView>> {
    let cx = Cx::current();
    cx.ports.offers.gifts(cx.actor()?, after).await
}

/// Takes a gift and leads to its order. Who is not logged in is asked to, and comes back with the code.
#[server(endpoint = "offers/redeem")]
pub async fn redeem(code: String) -> Answer<()> {
    let cx = Cx::current();
    let Some(actor) = cx.viewer() else {
        let code: String = code.trim().chars().take(100).collect();
        let back = href(cx.locale, &format!("/redeem?code={}", encode(&code)));
        cx.redirect(&format!("/log-in?next={}", encode(&back)));
        return Ok(());
    };
    let order = cx.ports.offers.take_gift(actor, &cx.origin(), code).await?;
    cx.redirect(&format!("/orders/{order}"));
    Ok(())
}

/// The bundles that are sold.
#[server(endpoint = "offers/bundles", input = GetUrl)]
pub async fn load_bundles(after: Option<String>) -> Answer<Page<BundleView>> {
    Cx::current().ports.offers.bundles(after).await
}

/// One bundle that is sold.
#[server(endpoint = "offers/bundle", input = GetUrl)]
pub async fn load_bundle(id: String) -> Answer<BundleView> {
    Cx::current().ports.offers.bundle(id).await
}

/// Orders a bundle and leads to the order.
#[server(endpoint = "offers/order_bundle")]
pub async fn order_bundle(id: String) -> Answer<()> {
    let cx = Cx::current();
    let order = cx.ports.offers.order_bundle(cx.actor()?, id).await?;
    cx.redirect(&format!("/orders/{order}"));
    Ok(())
}

/// Reads an id of the wire; one that is none names nothing.
#[cfg(feature = "ssr")]
pub fn id_of<T: std::str::FromStr>(text: &str) -> Answer<T> {
    text.parse().map_err(|_| Fault::NotFound)
}
