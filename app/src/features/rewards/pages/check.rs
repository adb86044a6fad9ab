//! Checking a certificate by the code that stands on it.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};

use crate::error::{Answer, Fault};
use crate::features::rewards::{CertificateView, load_certificate};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{When, page};

/// The page on which anyone checks a code.
pub struct CheckPage {
    found: Loaded<Answer<Option<Found>>>,
}

/// What a typed code led to: the code, and the certificate if there is one.
type Found = (String, Option<CertificateView>);

#[lazy_route]
impl LazyRoute for CheckPage {
    fn data() -> Self {
        let query = use_query_map();
        let found = load(
            move || query.read().get("code").unwrap_or_default(),
            |code| async move {
                if code.trim().is_empty() {
                    return Ok(None);
                }
                match load_certificate(code.clone()).await {
                    Ok(view) => Ok(Some((code, Some(view)))),
                    Err(Fault::NotFound) => Ok(Some((code, None))),
                    Err(fault) => Err(fault),
                }
            },
        );
        Self { found }
    }

    fn view(this: Self) -> AnyView {
        let locale = use_locale();
        page(this.found, move |found| {
            let (code, certificate) = found.unwrap_or_default();
            let refused = !code.is_empty() && certificate.is_none();
            view! {
                <Title text=t::rewards::check_title(locale)/>
                <section class="wrap section narrow">
                    <div class="page-head">
                        <h1>{t::rewards::check_title(locale)}</h1>
                        <p class="lead">{t::rewards::check_lead(locale)}</p>
                    </div>
                    <form class="stack" method="get" action=href(locale, "/certificates")>
                        <div class="field">
                            <label for="code">{t::rewards::code(locale)}</label>
                            <input
                                id="code" name="code" required=true maxlength="64" autocomplete="off" value=code
                                aria-describedby="code-note" aria-invalid=refused.then_some("true")
                            />
                            <div id="code-note" class="field-note">
                                {refused.then(|| view! { <p class="field-error">{t::rewards::unknown(locale)}</p> })}
                                <p class="field-hint">{t::rewards::code_hint(locale)}</p>
                            </div>
                        </div>
                        <button class="button primary">{t::rewards::check(locale)}</button>
                    </form>
                    {certificate.map(|view| view! { <Genuine view/> })}
                </section>
            }
            .into_any()
        })
    }
}

/// A certificate that was found.
#[component]
fn Genuine(view: CertificateView) -> impl IntoView {
    let locale = use_locale();
    let certificate = view.certificate;
    let address = href(locale, &format!("/certificates/{}", certificate.code));
    view! {
        <div class="section" role="status">
            <p class="alert success">{t::rewards::genuine(locale)}</p>
            {view.given_back.map(|at| view! { <p class="alert">{t::rewards::given_back(locale)}" "<When at date_only=true/></p> })}
            <h2><a href=address>{certificate.title.get(locale).to_owned()}</a></h2>
            <p>{certificate.holder.clone()}</p>
            <p class="dim">{certificate.detail.get(locale).to_owned()}</p>
            <p class="dim small"><When at=certificate.awarded_at date_only=true/></p>
        </div>
    }
}
