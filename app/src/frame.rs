//! What surrounds every page: header, footer, the bar of a demonstration.

use domain::actor::Role;
use domain::locale::Locale;
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use ui::{BottomBar, DemonstrationBar, Icon, Menu, MenuItem, NavItem, SiteFooter, SiteHeader, ThemeSwitch};

use crate::context::{Viewer, use_page};
use crate::i18n::{href, t, use_locale};
use crate::parts::counted;

/// Header, the page, footer.
#[component]
pub fn Frame(children: Children) -> impl IntoView {
    let l = use_locale();
    let page = use_page();
    let own = if page.viewer.is_some() {
        item(l, "/settings", t::common::settings(l), "settings")
    } else {
        item(l, "/log-in", t::common::log_in(l), "log-in")
    };
    let pricing = item(l, "/pricing", t::common::pricing(l), "card");
    let below = sections(l).into_iter().chain([own]).collect();
    view! {
        <SiteHeader
            brand_href=href(l, "/")
            skip=t::common::skip(l)
            label=t::common::main_navigation(l)
            items=sections(l).into_iter().chain([pricing]).collect()
        >
            <LanguageLink/>
            <AccountMenu viewer=page.viewer.clone() waiting=page.waiting/>
        </SiteHeader>
        {page
            .demonstration
            .then(|| {
                view! { <DemonstrationBar label=t::common::demonstration_title(l) text=t::common::demonstration(l)/> }
            })}
        <main id="main" tabindex="-1">{children()}</main>
        <Footer theme=page.theme.clone()/>
        <BottomBar label=t::common::sections(l) items=below/>
    }
}

/// The sections that the header and the bar of a phone lead to.
fn sections(l: Locale) -> Vec<NavItem> {
    vec![
        item(l, "/courses", t::common::courses(l), "book-open"),
        item(l, "/competitions", t::common::competitions(l), "trophy"),
        item(l, "/learning", t::common::learning(l), "graduation-cap"),
    ]
}

/// A section, and whether the page that is shown lies in it.
fn item(l: Locale, path: &str, label: &str, icon: &'static str) -> NavItem {
    let pathname = use_location().pathname;
    let address = href(l, path);
    let section = address.clone();
    let current = Signal::derive(move || is_within(&pathname.get(), &section));
    NavItem { label: label.to_owned(), href: address, icon, current }
}

/// Whether an address lies in a section.
fn is_within(path: &str, section: &str) -> bool {
    path == section || path.starts_with(&format!("{section}/"))
}

/// The same page in the other language.
#[component]
fn LanguageLink() -> impl IntoView {
    let l = use_locale();
    let location = use_location();
    let other = move || {
        let path = location.pathname.get();
        let rest = path
            .trim_start_matches('/')
            .split_once('/')
            .map_or(String::new(), |(_, rest)| format!("/{rest}"));
        format!("{}{}", href(l.other(), &rest), query(&location.search.get()))
    };
    let name = match l {
        Locale::En => "中文",
        Locale::Zh => "English",
    };
    view! { <a class="button quiet" href=other rel="external" lang=l.other().html_lang()>{name}</a> }
}

fn query(search: &str) -> String {
    let search = search.trim_start_matches('?');
    if search.is_empty() { String::new() } else { format!("?{search}") }
}

#[component]
fn AccountMenu(viewer: Option<Viewer>, waiting: i64) -> AnyView {
    let l = use_locale();
    let Some(viewer) = viewer else {
        return view! { <a class="button" href=href(l, "/log-in")>{t::common::log_in(l)}</a> }.into_any();
    };
    let teaches = viewer.is(Role::Expert);
    let governs = viewer.is(Role::Admin);
    let link = move |path: &str, label: &'static str, icon: &'static str| view! { <MenuItem href=href(l, path) label icon/> };
    let admin = counted(t::common::admin(l), waiting);
    view! {
        <Menu label=viewer.display_name.clone() class="quiet">
            {link(&format!("/people/{}", viewer.username), t::common::my_page(l), "user")}
            {link("/learning", t::common::learning(l), "graduation-cap")}
            {link("/cart", t::offers::cart(l), "receipt")}
            {link("/orders", t::common::orders(l), "receipt")}
            {link("/subscription", t::subscriptions::mine(l), "card")}
            {link("/messages", t::messages::title(l), "inbox")}
            {link("/wallet", t::wallet::title(l), "card")}
            {teaches.then(|| link("/earnings", t::payouts::title(l), "award"))}
            {link("/points", t::offers::points(l), "receipt")}
            {link("/gifts", t::offers::gifts(l), "receipt")}
            {link("/redeem", t::offers::redeem(l), "receipt")}
            {teaches.then(|| link("/teach", t::common::teach(l), "pencil"))}
            {teaches.then(|| link("/organise", t::common::organise(l), "flag"))}
            {governs.then(|| view! { <MenuItem href=href(l, "/admin") label=admin icon="users"/> })}
            {link("/settings", t::common::settings(l), "settings")}
            <li class="rule">
                <form method="post" action="/api/accounts/log_out">
                    <button type="submit"><Icon name="log-out"/><span>{t::common::log_out(l)}</span></button>
                </form>
            </li>
        </Menu>
    }
    .into_any()
}

#[component]
fn Footer(theme: String) -> impl IntoView {
    let l = use_locale();
    let links = vec![
        (t::common::courses(l).to_owned(), href(l, "/courses")),
        (t::common::competitions(l).to_owned(), href(l, "/competitions")),
        (t::subscriptions::pricing(l).to_owned(), href(l, "/pricing")),
        (t::offers::redeem(l).to_owned(), href(l, "/redeem")),
        (t::rewards::check_title(l).to_owned(), href(l, "/certificates")),
        (t::common::gallery(l).to_owned(), href(l, "/gallery")),
    ];
    view! {
        <SiteFooter line=t::common::motto(l) links>
            <form method="post" action="/api/accounts/set_theme">
                <ThemeSwitch
                    current=theme
                    label=t::common::theme(l)
                    system=t::common::theme_system(l)
                    light=t::common::theme_light(l)
                    dark=t::common::theme_dark(l)
                />
            </form>
        </SiteFooter>
    }
}
