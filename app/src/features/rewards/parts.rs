//! Parts that other features show.

use domain::rewards::CertificateRow;
use leptos::prelude::*;

use crate::i18n::{href, t, use_locale};
use crate::parts::When;

/// The certificate shelf of a person.
#[component]
pub fn Shelf(certificates: Vec<CertificateRow>) -> impl IntoView {
    let locale = use_locale();
    let empty = certificates.is_empty();
    let rows: Vec<_> = certificates
        .into_iter()
        .map(|row| {
            view! {
                <li>
                    <div>
                        <h3><a href=href(locale, &format!("/certificates/{}", row.code))>{row.title.get(locale).to_owned()}</a></h3>
                        <p class="dim small">{row.detail.get(locale).to_owned()}</p>
                    </div>
                    <span class="small dim"><When at=row.awarded_at date_only=true/></span>
                </li>
            }
        })
        .collect();
    view! {
        <section class="section" aria-labelledby="shelf-title">
            <h2 id="shelf-title">{t::rewards::shelf(locale)}</h2>
            {if empty {
                view! { <p class="empty">{t::rewards::empty(locale)}</p> }.into_any()
            } else {
                view! { <ul class="rows">{rows}</ul> }.into_any()
            }}
        </section>
    }
}
