//! Subscriptions: the pricing page, my subscription, and the desk of plans.

pub mod api;
pub mod pages;
pub mod parts;

#[cfg(feature = "ssr")]
pub use api::Subscriptions;
use leptos::prelude::*;
use leptos_router::any_nested_route::{AnyNestedRoute, IntoAnyNestedRoute};
use leptos_router::components::Route;
use leptos_router::{Lazy, SsrMode, path};
use pages::{EditPlanPage, NewPlanPage, PlansPage, PricingPage, SubscriptionPage};
pub use parts::Included;

/// The routes of this feature.
#[component(transparent)]
pub fn Routes() -> AnyNestedRoute {
    view! {
        <Route path=path!("/:locale/pricing") view={Lazy::<PricingPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/subscription") view={Lazy::<SubscriptionPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/admin/plans") view={Lazy::<PlansPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/admin/plans/new") view={Lazy::<NewPlanPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/admin/plans/:id") view={Lazy::<EditPlanPage>::new()} ssr=SsrMode::Async/>
    }
    .into_inner()
    .into_any_nested_route()
}
