//! Every account of the ledger.

use domain::page::Page;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};
use ui::PageHead;

use crate::error::Answer;
use crate::features::finance::api::{AccountView, load_accounts};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{encode, page};

/// The accounts of the ledger.
pub struct AccountsPage {
    accounts: Loaded<Answer<Page<AccountView>>>,
}

#[lazy_route]
impl LazyRoute for AccountsPage {
    fn data() -> Self {
        let query = use_query_map();
        Self { accounts: load(move || query.read().get("after"), load_accounts) }
    }

    fn view(this: Self) -> AnyView {
        page(this.accounts, whole)
    }
}

fn whole(accounts: Page<AccountView>) -> AnyView {
    let locale = use_locale();
    let title = t::finance::title(locale);
    let next = accounts.next.map(|next| {
        let address = format!("{}?after={}", href(locale, "/admin/finance"), encode(&next));
        view! { <p class="button-row"><a class="button" href=address>{t::finance::more(locale)}</a></p> }
    });
    let rows: Vec<_> = accounts
        .items
        .into_iter()
        .map(|account| {
            let address =
                format!("{}?account={}", href(locale, "/admin/finance/transfers"), encode(&account.name));
            // A cell of nothing is left out on a phone.
            let reserved = (!account.reserved.is_zero()).then(|| account.reserved.exact());
            view! {
                <tr>
                    <td data-label=t::finance::account(locale)><a href=address><code>{account.name}</code></a></td>
                    <td data-label=t::finance::owner(locale)>{account.owner}</td>
                    <td data-label=t::finance::reserved(locale) class="number">{reserved}</td>
                    <td data-label=t::finance::holds(locale) class="number">{account.holds.exact()}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <Title text=title/>
        <section class="wrap section stack">
            <PageHead title=title lead=t::finance::lead(locale)/>
            <p class="cluster">
                <a class="button" href=href(locale, "/admin/finance/transfers")>{t::finance::transfers(locale)}</a>
                <a class="button" href=href(locale, "/admin/finance/log")>{t::finance::log(locale)}</a>
                <a class="button" href=href(locale, "/admin/refunds")>{t::refunds::staff_title(locale)}</a>
                <a class="button" href=href(locale, "/admin/payouts")>{t::payouts::staff_title(locale)}</a>
                <a class="button" href=href(locale, "/admin/shares")>{t::payouts::shares_title(locale)}</a>
            </p>
            <table class="table cards-on-phone">
                <thead>
                    <tr>
                        <th>{t::finance::account(locale)}</th>
                        <th>{t::finance::owner(locale)}</th>
                        <th class="number">{t::finance::reserved(locale)}</th>
                        <th class="number">{t::finance::holds(locale)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            {next}
        </section>
    }
    .into_any()
}
