//! My credit.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};
use ui::{EmptyState, Fact, Facts, PageHead};

use crate::error::Answer;
use crate::features::finance::parts::statement;
use crate::features::wallet::api::{WalletView, load_wallet};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::page;

/// What a customer has with us, and what came and went.
pub struct WalletPage {
    wallet: Loaded<Answer<WalletView>>,
}

#[lazy_route]
impl LazyRoute for WalletPage {
    fn data() -> Self {
        let query = use_query_map();
        Self { wallet: load(move || query.read().get("after"), load_wallet) }
    }

    fn view(this: Self) -> AnyView {
        page(this.wallet, whole)
    }
}

fn whole(data: WalletView) -> AnyView {
    let locale = use_locale();
    let title = t::wallet::title(locale);
    let none = data.statement.items.is_empty().then(|| {
        view! {
            <EmptyState title=t::wallet::none_title(locale) text=t::wallet::none_text(locale) icon="card">
                <a class="button" href=href(locale, "/orders")>{t::wallet::to_orders(locale)}</a>
            </EmptyState>
        }
    });
    let entries = (!data.statement.items.is_empty()).then(|| {
        view! {
            <h2>{t::wallet::statement(locale)}</h2>
            {statement(locale, data.statement, "/wallet")}
        }
    });
    let balances: Vec<_> = data
        .balances
        .into_iter()
        .map(|balance| {
            view! {
                <Fact term=t::wallet::balance(locale, balance.currency.code())>
                    <span class="number">{balance.to_string()}</span>
                </Fact>
            }
        })
        .collect();
    view! {
        <Title text=title/>
        <section class="wrap reading section stack">
            <PageHead title=title lead=t::wallet::lead(locale)/>
            {(!balances.is_empty()).then(|| view! { <Facts>{balances}</Facts> })}
            {none}
            {entries}
            <p><a href=href(locale, "/earnings")>{t::wallet::to_earnings(locale)}</a></p>
        </section>
    }
    .into_any()
}
