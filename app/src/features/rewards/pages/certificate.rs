//! A certificate: printable, and the page on which anyone can check it.

use domain::rewards::CertificateKind;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use leptos_router::{LazyRoute, lazy_route};

use crate::error::Answer;
use crate::features::rewards::{CertificateView, load_certificate};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{When, page};

/// The page of a certificate.
pub struct CertificatePage {
    certificate: Loaded<Answer<CertificateView>>,
}

#[lazy_route]
impl LazyRoute for CertificatePage {
    fn data() -> Self {
        let params = use_params_map();
        let certificate = load(move || params.read().get("code").unwrap_or_default(), load_certificate);
        Self { certificate }
    }

    fn view(this: Self) -> AnyView {
        let locale = use_locale();
        page(this.certificate, move |view| {
            let certificate = view.certificate;
            let kind = match certificate.kind {
                CertificateKind::Course(_) => t::rewards::of_completion(locale),
                CertificateKind::Competition(_) => t::rewards::of_achievement(locale),
            };
            view! {
                <Title text=format!("{}, {}", certificate.holder, certificate.title.get(locale))/>
                <section class="wrap section certificate-page">
                    <p class="alert success no-print" role="status">{t::rewards::genuine(locale)}</p>
                    {view.given_back.map(|at| view! { <p class="alert">{t::rewards::given_back(locale)}" "<When at date_only=true/></p> })}
                    <article class="certificate">
                        <ui::Seal/>
                        <p class="eyebrow">{kind}</p>
                        <p class="holder">{certificate.holder.clone()}</p>
                        <h1>{certificate.title.get(locale).to_owned()}</h1>
                        <p class="lead">{certificate.detail.get(locale).to_owned()}</p>
                        <div class="foot">
                            <div>
                                <p><When at=certificate.awarded_at date_only=true/></p>
                                <p class="dim small">{t::rewards::code(locale)}</p>
                                <p class="code">{certificate.code.to_string()}</p>
                                <p class="dim small">{view.address.clone()}</p>
                            </div>
                            <div class="qr" role="img" aria-label=t::rewards::square(locale) inner_html=view.square></div>
                        </div>
                    </article>
                    <p class="dim no-print">{t::rewards::print_hint(locale)}</p>
                    <p class="no-print"><a class="button" href=href(locale, &format!("/people/{}", certificate.username))>{t::rewards::whole_shelf(locale)}</a></p>
                </section>
            }
            .into_any()
        })
    }
}
