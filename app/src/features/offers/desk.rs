//! What the pages of staff and experts need of offers: coupons, bundles, grants, points.

use domain::locale::Bilingual;
#[cfg(feature = "ssr")]
use domain::offers::input::{BundleForm, CouponForm};
use domain::offers::{Coupon, PointRule};
use domain::page::Page;
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

/// A rule about points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointRuleRow {
    /// The rule.
    pub rule: PointRule,
    /// How many points.
    pub points: i64,
    /// When it was changed last.
    pub changed_at: Option<Timestamp>,
    /// By whom.
    pub changed_by: Option<String>,
}

/// Points that the platform gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointGrantRow {
    /// Who got them.
    pub username: String,
    /// Who gave them.
    pub granter: String,
    /// How many.
    pub points: i64,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// The desk of points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointDesk {
    /// What is earned for what, and what it is worth.
    pub rules: Vec<PointRuleRow>,
    /// What was given to whom, newest first.
    pub grants: Page<PointGrantRow>,
    /// The id of what would be given next: a button that is pressed two times gives once.
    pub next: String,
}

/// The bundles that the caller may change.
#[server(endpoint = "offers/desk_bundles", input = GetUrl)]
pub async fn load_desk_bundles(after: Option<String>) -> Answer<Page<BundleView>> {
    let cx = Cx::current();
    cx.ports.offers.desk_bundles(cx.actor()?, after).await
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
pub async fn load_coupons(after: Option<String>) -> Answer<Page<CouponRow>> {
    let cx = Cx::current();
    cx.ports.offers.coupons(cx.actor()?, after).await
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
pub async fn load_grants(after: Option<String>) -> Answer<Page<GrantRow>> {
    let cx = Cx::current();
    cx.ports.offers.grants(cx.actor()?, after).await
}

/// Gives somebody a course for nothing.
#[server(endpoint = "offers/new_grant")]
pub async fn new_grant(username: String, course: String, note: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.offers.new_grant(cx.actor()?, username, course, note).await?;
    cx.redirect("/admin/grants");
    Ok(())
}

/// The rules about points and what the platform gave, for staff.
#[server(endpoint = "offers/point_desk", input = GetUrl)]
pub async fn load_point_desk(after: Option<String>) -> Answer<PointDesk> {
    let cx = Cx::current();
    cx.ports.offers.point_desk(cx.actor()?, after).await
}

/// Changes a rule about points.
#[server(endpoint = "offers/set_point_rule")]
pub async fn set_point_rule(rule: String, points: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.offers.set_point_rule(cx.actor()?, rule, points).await?;
    cx.redirect("/admin/points");
    Ok(())
}

/// Gives somebody points.
#[server(endpoint = "offers/give_points")]
pub async fn give_points(
    username: String,
    given: String,
    reason: String,
    #[server(default)] once: String,
) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.offers.give_points(cx.actor()?, username, given, reason, once).await?;
    cx.redirect("/admin/points");
    Ok(())
}
