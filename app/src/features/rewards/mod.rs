//! Certificates: the shelf of a person, the printable page, the public check.

mod api;
mod pages;
mod parts;

use leptos::prelude::*;
use leptos_router::any_nested_route::{AnyNestedRoute, IntoAnyNestedRoute};
use leptos_router::components::Route;
use leptos_router::{Lazy, SsrMode, path};

pub use api::*;
use pages::certificate::CertificatePage;
use pages::check::CheckPage;
pub use parts::Shelf;

/// The routes of this feature.
#[component(transparent)]
pub fn Routes() -> AnyNestedRoute {
    view! {
        <Route path=path!("/:locale/certificates") view={Lazy::<CheckPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/certificates/:code") view={Lazy::<CertificatePage>::new()} ssr=SsrMode::Async/>
    }
    .into_inner()
    .into_any_nested_route()
}
