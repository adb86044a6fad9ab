//! Offers: the cart, coupons, bundles, gifts and points.

pub mod api;
pub mod desk;
pub mod pages;
pub mod parts;

#[cfg(feature = "ssr")]
pub use api::Offers;
use leptos::prelude::*;
use leptos_router::any_nested_route::{AnyNestedRoute, IntoAnyNestedRoute};
use leptos_router::components::Route;
use leptos_router::{Lazy, SsrMode, path};
use pages::{
    BundleDeskPage, BundlePage, BundlesPage, CartPage, CouponsPage, GiftPage, GiftsPage, GrantsPage,
    PointDeskPage, PointsPage, RedeemPage,
};

/// The routes of this feature.
#[component(transparent)]
pub fn Routes() -> AnyNestedRoute {
    view! {
        <Route path=path!("/:locale/cart") view={Lazy::<CartPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/points") view={Lazy::<PointsPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/gift") view={Lazy::<GiftPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/gifts") view={Lazy::<GiftsPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/redeem") view={Lazy::<RedeemPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/bundles") view={Lazy::<BundlesPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/bundles/:id") view={Lazy::<BundlePage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/admin/points") view={Lazy::<PointDeskPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/admin/coupons") view={Lazy::<CouponsPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/admin/bundles") view={Lazy::<BundleDeskPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/admin/grants") view={Lazy::<GrantsPage>::new()} ssr=SsrMode::Async/>
    }
    .into_inner()
    .into_any_nested_route()
}
