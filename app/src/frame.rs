//! What surrounds every page: header, footer, the bar of a demonstration.

use domain::locale::Locale;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::context::{Viewer, use_page};
use crate::i18n::{href, t, use_locale};

/// Header, the page, footer.
#[component]
pub fn Frame(children: Children) -> impl IntoView {
    let locale = use_locale();
    let page = use_page();
    view! {
        <a class="skip-link" href="#main">{t::common::skip(locale)}</a>
        {page.demonstration.then(|| view! { <p class="demonstration-bar">{t::common::demonstration(locale)}</p> })}
        <Header viewer=page.viewer.clone()/>
        <main id="main" tabindex="-1">{children()}</main>
        <Footer theme=page.theme.clone()/>
        <BottomBar signed_in=page.viewer.is_some()/>
    }
}

/// The sections that the header and the bar of a phone lead to.
fn sections(locale: Locale) -> [(&'static str, &'static str); 3] {
    [
        ("/courses", t::common::courses(locale)),
        ("/competitions", t::common::competitions(locale)),
        ("/learning", t::common::learning(locale)),
    ]
}

/// Whether an address lies in a section.
fn is_within(path: &str, section: &str) -> bool {
    path == section || path.starts_with(&format!("{section}/"))
}

#[component]
fn Header(viewer: Option<Viewer>) -> impl IntoView {
    let locale = use_locale();
    let location = use_location();
    let links = sections(locale).map(|(path, text)| {
        let address = href(locale, path);
        let section = address.clone();
        let current = move || is_within(&location.pathname.get(), &section).then_some("page");
        view! { <a href=address aria-current=current>{text}</a> }
    });
    let location = use_location();
    let other = move || {
        let path = location.pathname.get();
        let rest = path
            .trim_start_matches('/')
            .split_once('/')
            .map_or(String::new(), |(_, rest)| format!("/{rest}"));
        format!("{}{}", href(locale.other(), &rest), query(&location.search.get()))
    };
    view! {
        <header class="top">
            <div class="wrap">
                <a class="brand" href=href(locale, "/")><span class="seal" aria-hidden="true">"擂"</span>"Leitai"</a>
                <nav aria-label=t::common::main_navigation(locale)>{links.into_iter().collect_view()}</nav>
                <div class="end">
                    <a class="button quiet" href=other rel="external" lang=locale.other().html_lang()>
                        {match locale { Locale::En => "中文", Locale::Zh => "English" }}
                    </a>
                    <AccountMenu viewer/>
                </div>
            </div>
        </header>
    }
}

fn query(search: &str) -> String {
    let search = search.trim_start_matches('?');
    if search.is_empty() { String::new() } else { format!("?{search}") }
}

#[component]
fn AccountMenu(viewer: Option<Viewer>) -> AnyView {
    let locale = use_locale();
    let Some(viewer) = viewer else {
        return view! {
            <a class="button" href=href(locale, "/log-in")>{t::common::log_in(locale)}</a>
        }
        .into_any();
    };
    let teaches = viewer.is(domain::actor::Role::Expert);
    let governs = viewer.is(domain::actor::Role::Admin);
    let link = |path: &str, text: &'static str| view! { <li><a href=href(locale, path)>{text}</a></li> };
    view! {
        <details class="menu">
            <summary class="button">{viewer.display_name.clone()}</summary>
            <ul class="menu-list">
                {link(&format!("/people/{}", viewer.username), t::common::my_page(locale))}
                {link("/learning", t::common::learning(locale))}
                {link("/orders", t::common::orders(locale))}
                {teaches.then(|| link("/teach", t::common::teach(locale)))}
                {teaches.then(|| link("/organise", t::common::organise(locale)))}
                {governs.then(|| link("/admin", t::common::admin(locale)))}
                {link("/settings", t::common::settings(locale))}
                <li>
                    <form method="post" action="/api/accounts/log_out">
                        <button class="menu-button">{t::common::log_out(locale)}</button>
                    </form>
                </li>
            </ul>
        </details>
    }
    .into_any()
}

#[component]
fn Footer(theme: String) -> impl IntoView {
    let locale = use_locale();
    let choice = move |value: &'static str, text: &'static str| {
        let pressed = if theme == value { "true" } else { "false" };
        view! { <button class="button quiet small" name="theme" value=value aria-pressed=pressed>{text}</button> }
    };
    view! {
        <footer class="foot">
            <div class="wrap split">
                <p class="dim small">{t::common::motto(locale)}</p>
                <form class="cluster" method="post" action="/api/accounts/set_theme" aria-label=t::common::theme(locale)>
                    {choice("light", t::common::theme_light(locale))}
                    {choice("dark", t::common::theme_dark(locale))}
                    {choice("system", t::common::theme_system(locale))}
                </form>
            </div>
        </footer>
    }
}

#[component]
fn BottomBar(signed_in: bool) -> impl IntoView {
    let locale = use_locale();
    let location = use_location();
    let own = if signed_in {
        ("/settings", t::common::settings(locale))
    } else {
        ("/log-in", t::common::log_in(locale))
    };
    let links: Vec<_> = sections(locale)
        .into_iter()
        .chain([own])
        .map(|(path, text)| {
            let address = href(locale, path);
            let section = address.clone();
            let pathname = location.pathname;
            let current = move || is_within(&pathname.get(), &section).then_some("page");
            view! { <a href=address aria-current=current>{text}</a> }
        })
        .collect();
    view! { <nav class="bottom-bar" aria-label=t::common::sections(locale)>{links}</nav> }
}
