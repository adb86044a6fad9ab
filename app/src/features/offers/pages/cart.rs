//! The cart.

use domain::locale::Locale;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};
use ui::{Alert, AlertKind, EmptyState, Fact, Facts, PageHead};

use crate::error::{Answer, Fault};
use crate::features::offers::api::{
    CartItem, CartView, CheckOut, DropCoupon, TakeFromCart, UseCoupon, UsePoints, load_cart,
};
use crate::features::offers::parts::reduction_text;
use crate::features::refunds::parts::Promised;
use crate::form::{FormAlert, FormState, TextInput};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::page;

/// What the account means to order together.
pub struct CartPage {
    cart: Loaded<Answer<CartView>>,
}

#[lazy_route]
impl LazyRoute for CartPage {
    fn data() -> Self {
        Self { cart: load(|| (), |()| load_cart()) }
    }

    fn view(this: Self) -> AnyView {
        let locale = use_locale();
        let title = t::offers::cart(locale);
        view! {
            <Title text=title/>
            <section class="wrap narrow section stack">
                <PageHead title=title lead=t::offers::cart_lead(locale)/>
                {page(this.cart, whole)}
            </section>
        }
        .into_any()
    }
}

fn whole(cart: CartView) -> AnyView {
    let locale = use_locale();
    if cart.items.is_empty() {
        return view! {
            <EmptyState title=t::offers::empty_title(locale) text=t::offers::empty_text(locale)>
                <a class="button" href=href(locale, "/courses")>{t::orders::to_courses(locale)}</a>
                <a class="button" href=href(locale, "/bundles")>{t::offers::bundles(locale)}</a>
            </EmptyState>
        }
        .into_any();
    }
    let items: Vec<_> = cart.items.iter().map(|one| item(locale, one)).collect();
    let priced = cart.items.iter().filter(|item| item.price.is_some_and(|price| !price.is_zero()));
    let things = priced.map(|item| item.thing.clone()).collect::<Vec<_>>().join(",");
    let (ordering, taking) = (FormState::plain(CheckOut::PATH), FormState::plain(TakeFromCart::PATH));
    let blocked = cart.problem.is_some();
    let problem = cart
        .problem
        .clone()
        .map(|denied| view! { <Alert kind=AlertKind::Warning>{Fault::Denied(denied).text(locale)}</Alert> });
    view! {
        <FormAlert form=ordering/>
        <FormAlert form=taking/>
        {problem}
        <ul class="rows">{items}</ul>
        {means(locale, &cart)}
        {sums(locale, &cart)}
        <form method="post" action=CheckOut::url()>
            <button class="button primary" disabled=blocked>{t::offers::order_all(locale)}</button>
        </form>
        <Promised things=things/>
        <p class="note">{t::offers::held_note(locale)}</p>
    }
    .into_any()
}

fn item(locale: Locale, item: &CartItem) -> AnyView {
    let title = item.title.as_ref().map_or(t::offers::gone(locale), |title| title.get(locale)).to_owned();
    let title = match &item.page {
        Some(page) => view! { <a href=href(locale, page)>{title}</a> }.into_any(),
        None => title.into_any(),
    };
    view! {
        <li>
            <div><h2 class="title">{title}</h2></div>
            <div class="cluster">
                <span class="number">{item.price.map(|price| price.to_string())}</span>
                <form method="post" action=TakeFromCart::url()>
                    <input type="hidden" name="thing" value=item.thing.clone()/>
                    <button class="button small quiet">{t::offers::take_out(locale)}</button>
                </form>
            </div>
        </li>
    }
    .into_any()
}

/// Coupons and points.
fn means(locale: Locale, cart: &CartView) -> AnyView {
    let (coupon, points) = (FormState::plain(UseCoupon::PATH), FormState::plain(UsePoints::PATH));
    let dropping = FormState::plain(DropCoupon::PATH);
    let chosen: Vec<_> = cart
        .coupons
        .iter()
        .map(|(id, code)| {
            view! {
                <form method="post" action=DropCoupon::url()>
                    <input type="hidden" name="coupon" value=id.to_string()/>
                    <button class="button small">{t::offers::drop_coupon(locale, code)}</button>
                </form>
            }
        })
        .collect();
    let spent = if cart.points == 0 { String::new() } else { cart.points.to_string() };
    let balance = t::offers::balance_hint(locale, cart.balance);
    view! {
        <div class="fields">
            <form class="stack" method="post" action=UseCoupon::url()>
                <TextInput form=coupon name="code" maxlength=40 label=t::offers::coupon(locale) required=true/>
                <button class="button">{t::offers::use_it(locale)}</button>
            </form>
            <form class="stack" method="post" action=UsePoints::url()>
                <TextInput form=points name="points" maxlength=9 label=t::offers::points_to_spend(locale) value=spent
                    hint=balance inputmode="numeric"/>
                <button class="button">{t::offers::use_it(locale)}</button>
            </form>
        </div>
        <FormAlert form=coupon/>
        <FormAlert form=points/>
        <FormAlert form=dropping/>
        <div class="cluster">{chosen}</div>
    }
    .into_any()
}

fn sums(locale: Locale, cart: &CartView) -> AnyView {
    let less: Vec<_> = cart
        .reductions
        .iter()
        .map(|(kind, amount)| {
            let (term, amount) = (reduction_text(locale, *kind), format!("− {amount}"));
            view! {
                <Fact term=term><span class="number">{amount}</span></Fact>
            }
        })
        .collect();
    let list = cart.list.map(|list| list.to_string());
    let total = cart.total.map(|total| total.to_string());
    view! {
        <Facts>
            {list.map(|list| view! { <Fact term=t::offers::list_price(locale)><span class="number">{list}</span></Fact> })}
            {less}
            {total.map(|total| view! { <Fact term=t::orders::total(locale)><strong class="number">{total}</strong></Fact> })}
        </Facts>
    }
    .into_any()
}
