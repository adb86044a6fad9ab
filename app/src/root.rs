//! The application: context, frame and routes.

#[cfg(feature = "ssr")]
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{Router, Routes};

use crate::context;
use crate::error::Fault;
use crate::features::{
    accounts, competitions, courses, finance, gallery, home, jobs, judging, messages, offers, orders,
    payments, payouts, refunds, rewards, standings, subscriptions, wallet,
};
use crate::frame::Frame;
use crate::parts::FaultPage;

/// The application. The language and the page context are fixed for its life: a change of language
/// or of account loads a new document.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    #[cfg(feature = "hydrate")]
    mark_hydrated();
    provide_context(context::initial());
    provide_context(context::initial_locale());
    #[cfg(feature = "ssr")]
    set_content_security_policy();
    view! {
        <Title formatter=title/>
        <Router>
            <Frame>
                <Routes fallback=|| view! { <FaultPage fault=Fault::NotFound/> }>
                    <home::Routes/>
                    <gallery::Routes/>
                    <accounts::Routes/>
                    <competitions::Routes/>
                    <jobs::Routes/>
                    <courses::Routes/>
                    <judging::Routes/>
                    <messages::Routes/>
                    <offers::Routes/>
                    <orders::Routes/>
                    <payments::Routes/>
                    <finance::Routes/>
                    <payouts::Routes/>
                    <refunds::Routes/>
                    <wallet::Routes/>
                    <rewards::Routes/>
                    <standings::Routes/>
                    <subscriptions::Routes/>
                </Routes>
            </Frame>
        </Router>
    }
}

/// The title of the document. leptos_meta (0.8) writes it into the page without escaping it.
fn title(text: String) -> String {
    let text = if text.is_empty() { "Leitai".to_owned() } else { format!("{text} · Leitai") };
    if cfg!(feature = "ssr") { crate::form::area_text(&text) } else { text }
}

/// Says which scripts may run: ours, by the nonce of this response.
#[cfg(feature = "ssr")]
fn set_content_security_policy() {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<leptos_axum::ResponseOptions>()) else {
        return;
    };
    let policy = format!(
        "default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    );
    if let Ok(value) = http::HeaderValue::from_str(&policy) {
        response.insert_header(http::header::CONTENT_SECURITY_POLICY, value);
    }
}

/// Tells tests and styles that the page is alive.
#[cfg(feature = "hydrate")]
fn mark_hydrated() {
    Effect::new(|| {
        request_animation_frame(|| {
            if let Some(root) = document().document_element() {
                let _ = root.set_attribute("data-hydrated", "");
            }
        });
    });
}
