//! Parts that more than one page shows.

use domain::locale::Locale;
use domain::orders::ReductionKind;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::api::PutInCart;
use crate::form::{FormAlert, FormState};
use crate::i18n::{href, t, use_locale};
use crate::parts::encode;

/// Why something costs less, in a word.
pub fn reduction_text(locale: Locale, kind: ReductionKind) -> &'static str {
    match kind {
        ReductionKind::Bundle => t::offers::by_bundle(locale),
        ReductionKind::Credit => t::offers::by_credit(locale),
        ReductionKind::Plan => t::offers::by_plan(locale),
        ReductionKind::Coupon => t::offers::by_coupon(locale),
        ReductionKind::Points => t::offers::by_points(locale),
        ReductionKind::Grant => t::offers::by_grant(locale),
        ReductionKind::Gift => t::offers::by_gift(locale),
    }
}

/// The quiet ways to get something beside buying it at once: the cart, and giving it away.
#[component]
pub fn OtherWays(
    /// Its text form: `course:<id>`, `competition:<id>`, `bundle:<id>`.
    #[prop(into)]
    thing: String,
    /// Whether it may be given as a gift.
    #[prop(optional)]
    giftable: bool,
) -> impl IntoView {
    let locale = use_locale();
    let form = FormState::plain(PutInCart::PATH);
    let gift = giftable.then(|| {
        let address = format!("{}?thing={}", href(locale, "/gift"), encode(&thing));
        view! { <a class="button quiet" href=address>{t::offers::give_it(locale)}</a> }
    });
    view! {
        <FormAlert form/>
        <div class="button-row">
            <form method="post" action=PutInCart::url()>
                <input type="hidden" name="thing" value=thing.clone()/>
                <button class="button">{t::offers::put(locale)}</button>
            </form>
            {gift}
        </div>
    }
}
