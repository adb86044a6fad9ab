//! Parts that more than one page shows.

use domain::locale::Locale;
use domain::orders::ReductionKind;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::api::{GiftView, OrderAgain, PutInCart};
use crate::context::use_page;
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

/// A button that puts what can still be had of an ended order into the cart.
#[component]
pub fn Again(
    /// The order.
    #[prop(into)]
    order: String,
) -> impl IntoView {
    let locale = use_locale();
    view! {
        <form method="post" action=OrderAgain::url()>
            <input type="hidden" name="order" value=order/>
            <button class="button">{t::offers::again(locale)}</button>
        </form>
    }
}

/// What [`Again`] was refused with.
#[component]
pub fn AgainAlert() -> impl IntoView {
    view! { <FormAlert form=FormState::plain(OrderAgain::PATH)/> }
}

/// How a gift reaches who is to have it: its code, and the address at which it is taken.
pub fn gift_code(locale: Locale, gift: &GiftView) -> AnyView {
    let Some(code) = gift.code.clone() else { return ().into_any() };
    let address = format!("{}{}?code={}", use_page().public_url, href(locale, "/redeem"), encode(&code));
    let id = format!("gift-{}", gift.order);
    view! {
        <p><code>{code}</code></p>
        <div class="field">
            <label for=id.clone()>{t::offers::gift_address(locale)}</label>
            <input id=id readonly=true value=address/>
        </div>
    }
    .into_any()
}
