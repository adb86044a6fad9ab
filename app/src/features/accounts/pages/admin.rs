//! Administration: people and their roles, and the way to the other pages of staff.

use domain::actor::Role;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};

use crate::context::use_page;
use crate::error::Answer;
use crate::features::accounts::{AccountRow, SetBan, SetRole, list_accounts};
use crate::form::{FormAlert, FormState};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{counted, page};

/// The administration page.
pub struct AdminPage {
    accounts: Loaded<Answer<Vec<AccountRow>>>,
}

#[lazy_route]
impl LazyRoute for AdminPage {
    fn data() -> Self {
        let query = use_query_map();
        let accounts = load(move || query.read().get("search").unwrap_or_default(), list_accounts);
        Self { accounts }
    }

    fn view(this: Self) -> AnyView {
        let locale = use_locale();
        let search = use_query_map().read_untracked().get("search").unwrap_or_default();
        let (granting, banning) = (FormState::plain(SetRole::PATH), FormState::plain(SetBan::PATH));
        let payments = counted(t::accounts::payments(locale), use_page().waiting);
        page(this.accounts, move |accounts| {
            let rows: Vec<_> = accounts.into_iter().map(|account| view! { <AccountItem account/> }).collect();
            view! {
                <Title text=t::common::admin(locale)/>
                <section class="wrap section">
                    <div class="page-head"><h1>{t::common::admin(locale)}</h1></div>
                    <p class="cluster">
                        <a class="button" href=href(locale, "/admin/payments")>{payments.clone()}</a>
                        <a class="button" href=href(locale, "/admin/plans")>{t::subscriptions::admin_link(locale)}</a>
                        <a class="button" href=href(locale, "/admin/finance")>{t::finance::title(locale)}</a>
                        <a class="button" href=href(locale, "/admin/refunds")>{t::refunds::staff_title(locale)}</a>
                        <a class="button" href=href(locale, "/admin/payouts")>{t::payouts::staff_title(locale)}</a>
                        <a class="button" href=href(locale, "/admin/orders")>{t::orders::every_title(locale)}</a>
                        <a class="button" href=href(locale, "/admin/coupons")>{t::offers::coupons(locale)}</a>
                        <a class="button" href=href(locale, "/admin/bundles")>{t::offers::bundles(locale)}</a>
                        <a class="button" href=href(locale, "/admin/grants")>{t::offers::grants(locale)}</a>
                        <a class="button" href=href(locale, "/admin/points")>{t::offers::points(locale)}</a>
                        <a class="button" href=href(locale, "/admin/jobs")>{t::accounts::jobs(locale)}</a>
                    </p>
                    <FormAlert form=granting/>
                    <FormAlert form=banning/>
                    <h2>{t::accounts::people(locale)}</h2>
                    <form class="filters" method="get" role="search">
                        <label class="visually-hidden" for="search">{t::accounts::search_people(locale)}</label>
                        <input id="search" name="search" type="search" value=search.clone() placeholder=t::accounts::search_people(locale)/>
                        <button class="button">{t::accounts::search(locale)}</button>
                    </form>
                    <ul class="rows">{rows}</ul>
                </section>
            }
            .into_any()
        })
    }
}

#[component]
fn AccountItem(account: AccountRow) -> impl IntoView {
    let locale = use_locale();
    let buttons: Vec<_> = Role::ALL
        .into_iter()
        .map(|role| {
            let has = account.roles.contains(&role);
            let text = match (role, has) {
                (Role::Admin, false) => t::accounts::give_admin(locale),
                (Role::Admin, true) => t::accounts::take_admin(locale),
                (Role::Moderator, false) => t::accounts::give_moderator(locale),
                (Role::Moderator, true) => t::accounts::take_moderator(locale),
                (Role::Expert, false) => t::accounts::give_expert(locale),
                (Role::Expert, true) => t::accounts::take_expert(locale),
            };
            view! {
                <form method="post" action=SetRole::url()>
                    <input type="hidden" name="username" value=account.username.clone()/>
                    <input type="hidden" name="role" value=role.as_str()/>
                    <input type="hidden" name="granted" value=(!has).to_string()/>
                    <button class="button small">{text}</button>
                </form>
            }
        })
        .collect();
    let ban = if account.banned { t::accounts::lift_ban(locale) } else { t::accounts::ban(locale) };
    view! {
        <li>
            <div>
                <h3><a href=href(locale, &format!("/people/{}", account.username))>{account.display_name.clone()}</a></h3>
                <p class="dim small">{format!("@{}", account.username)}</p>
            </div>
            <div class="cluster">
                {buttons}
                <form method="post" action=SetBan::url()>
                    <input type="hidden" name="username" value=account.username.clone()/>
                    <input type="hidden" name="banned" value=(!account.banned).to_string()/>
                    <button class="button small danger">{ban}</button>
                </form>
            </div>
        </li>
    }
}
