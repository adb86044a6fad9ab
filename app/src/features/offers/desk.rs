//! What the pages of staff and experts need of offers: coupons, bundles, grants.

use domain::locale::Bilingual;
use domain::offers::Coupon;
#[cfg(feature = "ssr")]
use domain::offers::input::{BundleForm, CouponForm};
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

use super::api::BundleView;
#[cfg(feature = "ssr")]
use crate::cx::Cx;
use crate::error::Answer;

/// A coupon as staff sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CouponRow {
    /// The coupon.
    pub coupon: Coupon,
    /// How often it is used.
    pub uses: i64,
    /// A remark.
    pub note: String,
}

/// A place that the platform gave for nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantRow {
    /// Who got it.
    pub username: String,
    /// Who gave it.
    pub granter: String,
    /// What.
    pub title: Bilingual,
    /// Why.
    pub note: String,
    /// When.
    pub at: Timestamp,
}

/// The bundles that the caller may change.
#[server(endpoint = "offers/desk_bundles", input = GetUrl)]
pub async fn load_desk_bundles() -> Answer<Vec<BundleView>> {
    let cx = Cx::current();
    cx.ports.offers.desk_bundles(cx.actor()?).await
}

/// Makes a bundle.
#[server(endpoint = "offers/new_bundle")]
pub async fn new_bundle(
    title_en: String,
    title_zh: String,
    about_en: String,
    about_zh: String,
    price: String,
    currency: String,
    courses: String,
) -> Answer<()> {
    let cx = Cx::current();
    let form = BundleForm { title_en, title_zh, about_en, about_zh, price, currency };
    cx.ports.offers.new_bundle(cx.actor()?, form, courses).await?;
    cx.redirect("/admin/bundles");
    Ok(())
}

/// Publishes or closes a bundle.
#[server(endpoint = "offers/bundle_state")]
pub async fn bundle_state(id: String, state: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.offers.bundle_state(cx.actor()?, id, state).await?;
    cx.redirect("/admin/bundles");
    Ok(())
}

/// The coupons, for staff.
#[server(endpoint = "offers/coupons", input = GetUrl)]
pub async fn load_coupons() -> Answer<Vec<CouponRow>> {
    let cx = Cx::current();
    cx.ports.offers.coupons(cx.actor()?).await
}

/// Makes a coupon.
#[server(endpoint = "offers/new_coupon")]
pub async fn new_coupon(
    code: String,
    value: String,
    unit: String,
    from: String,
    until: String,
    limit: String,
    account_limit: String,
    stacks: Option<bool>,
    bound: String,
    note: String,
) -> Answer<()> {
    let cx = Cx::current();
    let form = CouponForm { code, value, unit, from, until, limit, account_limit, note };
    cx.ports.offers.new_coupon(cx.actor()?, form, stacks.unwrap_or(false), bound).await?;
    cx.redirect("/admin/coupons");
    Ok(())
}

/// Withdraws a coupon, or allows it again.
#[server(endpoint = "offers/coupon_state")]
pub async fn coupon_state(id: String, active: bool) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.offers.coupon_state(cx.actor()?, id, active).await?;
    cx.redirect("/admin/coupons");
    Ok(())
}

/// The grants, for staff.
#[server(endpoint = "offers/grants", input = GetUrl)]
pub async fn load_grants() -> Answer<Vec<GrantRow>> {
    let cx = Cx::current();
    cx.ports.offers.grants(cx.actor()?).await
}

/// Gives somebody a course for nothing.
#[server(endpoint = "offers/new_grant")]
pub async fn new_grant(username: String, course: String, note: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.offers.new_grant(cx.actor()?, username, course, note).await?;
    cx.redirect("/admin/grants");
    Ok(())
}
