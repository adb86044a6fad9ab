//! Certificates: the shelf of a person, the printable page, the public check.

mod api;
mod pages;
mod parts;

use leptos::prelude::*;
use leptos_router::components::Route;
use leptos_router::{Lazy, MatchNestedRoutes, SsrMode, path};

pub use api::*;
use pages::certificate::CertificatePage;
pub use parts::Shelf;

/// The routes of this feature.
#[component(transparent)]
pub fn Routes() -> impl MatchNestedRoutes + Clone {
    view! { <Route path=path!("/:locale/certificates/:code") view={Lazy::<CertificatePage>::new()} ssr=SsrMode::Async/> }
        .into_inner()
}
