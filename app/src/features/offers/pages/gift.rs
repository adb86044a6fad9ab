//! Giving something away, and taking it.

use domain::locale::Locale;
use domain::page::Page;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};
use ui::{Chip, ChipKind, EmptyState, Fact, Facts, PageHead};

use crate::context::use_viewer;
use crate::error::Answer;
use crate::features::offers::api::{GiftOffer, GiftView, Give, Redeem, load_gift_offer, load_gifts};
use crate::features::offers::parts::gift_code;
use crate::form::{FormAlert, FormState, TextArea, TextInput};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{When, older, page};

/// Buying something for somebody else.
pub struct GiftPage {
    offer: Loaded<Answer<GiftOffer>>,
}

#[lazy_route]
impl LazyRoute for GiftPage {
    fn data() -> Self {
        let query = use_query_map();
        let thing = move || query.read().get("thing").unwrap_or_default();
        Self { offer: load(thing, load_gift_offer) }
    }

    fn view(this: Self) -> AnyView {
        page(this.offer, offered)
    }
}

fn offered(offer: GiftOffer) -> AnyView {
    let locale = use_locale();
    let form = FormState::plain(Give::PATH);
    let title = t::offers::gift_title(locale, offer.title.get(locale));
    view! {
        <Title text=title.clone()/>
        <section class="wrap narrow section stack">
            <PageHead title=title lead=t::offers::gift_lead(locale)/>
            <Facts>
                <Fact term=t::orders::total(locale)><strong class="number">{offer.price.to_string()}</strong></Fact>
            </Facts>
            <form class="stack" method="post" action=Give::url()>
                <FormAlert form/>
                <input type="hidden" name="thing" value=offer.thing/>
                <TextArea form name="message" maxlength=500 label=t::offers::message(locale) rows=3/>
                <TextInput form name="coupon" maxlength=40 label=t::offers::coupon(locale)/>
                <button class="button primary">{t::offers::buy_gift(locale)}</button>
            </form>
        </section>
    }
    .into_any()
}

/// The gifts that the account bought, with their codes.
pub struct GiftsPage {
    gifts: Loaded<Answer<Page<GiftView>>>,
}

#[lazy_route]
impl LazyRoute for GiftsPage {
    fn data() -> Self {
        let query = use_query_map();
        Self { gifts: load(move || query.read().get("after"), load_gifts) }
    }

    fn view(this: Self) -> AnyView {
        let locale = use_locale();
        let title = t::offers::gifts(locale);
        view! {
            <Title text=title/>
            <section class="wrap narrow section stack">
                <PageHead title=title lead=t::offers::gifts_lead(locale)/>
                {page(this.gifts, list)}
                <p><a class="button" href=href(locale, "/redeem")>{t::offers::redeem(locale)}</a></p>
            </section>
        }
        .into_any()
    }
}

fn list(gifts: Page<GiftView>) -> AnyView {
    let locale = use_locale();
    if gifts.items.is_empty() {
        return view! { <EmptyState title=t::offers::no_gifts(locale) text=t::offers::no_gifts_text(locale) icon="book-open"/> }
            .into_any();
    }
    let rows: Vec<_> = gifts.items.into_iter().map(|gift| row(locale, gift)).collect();
    let next = older(locale, "/gifts", gifts.next);
    view! {
        <ul class="rows">{rows}</ul>
        {next}
    }
    .into_any()
}

fn row(locale: Locale, gift: GiftView) -> AnyView {
    let (kind, state) = match gift.state.as_str() {
        "waiting" => (ChipKind::Warning, t::offers::gift_waiting(locale)),
        "redeemed" => (ChipKind::Done, t::offers::gift_taken(locale)),
        _ => (ChipKind::Plain, t::offers::gift_ended(locale)),
    };
    let code = gift_code(locale, &gift);
    view! {
        <li>
            <div>
                <h2 class="title"><a href=href(locale, &format!("/orders/{}", gift.order))>{gift.title.get(locale).to_owned()}</a></h2>
                {code}
                <p class="dim small"><When at=gift.made_at/></p>
            </div>
            <div><Chip kind=kind>{state}</Chip></div>
        </li>
    }
    .into_any()
}

/// Taking a gift by its code.
pub struct RedeemPage;

#[lazy_route]
impl LazyRoute for RedeemPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let locale = use_locale();
        let form = FormState::plain(Redeem::PATH);
        let title = t::offers::redeem(locale);
        // Whoever gave it sent an address with the code in it.
        let code = use_query_map().read_untracked().get("code").unwrap_or_default();
        let asked = use_viewer()
            .is_none()
            .then(|| view! { <p class="note">{t::offers::redeem_asks_to_log_in(locale)}</p> });
        view! {
            <Title text=title/>
            <section class="wrap narrow section stack">
                <PageHead title=title lead=t::offers::redeem_lead(locale)/>
                <form class="stack" method="post" action=Redeem::url()>
                    <FormAlert form/>
                    <TextInput form name="code" maxlength=64 label=t::offers::gift_code(locale) value=code required=true/>
                    <button class="button primary">{t::offers::redeem_now(locale)}</button>
                </form>
                {asked}
            </section>
        }
        .into_any()
    }
}
