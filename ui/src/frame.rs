//! The frame round every page: header, footer, bottom bar, demonstration bar.
use leptos::prelude::*;

use crate::{Icon, Seal};

/// A section of the site in the header or the bottom bar.
#[derive(Clone, Debug)]
pub struct NavItem {
    /// Its words.
    pub label: String,
    /// Where it leads.
    pub href: String,
    /// Its outline in the bottom bar.
    pub icon: &'static str,
    /// Whether one is in this section.
    pub current: Signal<bool>,
}

/// The header: skip link, brand, sections, and at the end what the children hold (language, account).
#[component]
pub fn SiteHeader(
    /// The home page's address.
    #[prop(into)]
    brand_href: String,
    /// "Skip to content"; leads to `#main`.
    #[prop(into)]
    skip: String,
    /// The navigation's name for screen readers.
    #[prop(into)]
    label: String,
    /// The sections.
    items: Vec<NavItem>,
    children: Children,
) -> impl IntoView {
    view! {
        <a class="skip" href="#main">{skip}</a>
        <header class="site-header">
            <div class="wrap">
                <a class="brand" href=brand_href><Seal/> "Leitai"</a>
                <nav aria-label=label>
                    <ul class="sections">
                        {items
                            .into_iter()
                            .map(|NavItem { label, href, current, .. }| {
                                let here = move || current.get().then_some("page");
                                view! { <li><a href=href aria-current=here>{label}</a></li> }
                            })
                            .collect_view()}
                    </ul>
                </nav>
                <div class="end">{children()}</div>
            </div>
        </header>
    }
}

/// The sections at the bottom of a phone's screen.
#[component]
pub fn BottomBar(
    /// The navigation's name for screen readers.
    #[prop(into)]
    label: String,
    /// The sections, four or five.
    items: Vec<NavItem>,
) -> impl IntoView {
    view! {
        <nav class="bottom-bar" aria-label=label>
            <ul class="sections">
                {items
                    .into_iter()
                    .map(|NavItem { label, href, icon, current }| {
                        let here = move || current.get().then_some("page");
                        view! {
                            <li>
                                <a href=href aria-current=here><Icon name=icon/> <span>{label}</span></a>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </nav>
    }
}

/// The footer: links, and at the end what the children hold (theme, language).
#[component]
pub fn SiteFooter(
    /// What the house is, in a line.
    #[prop(into)]
    line: String,
    /// Words and addresses.
    links: Vec<(String, String)>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <footer class="site-footer">
            <div class="wrap">
                <p>{line}</p>
                <ul class="links">
                    {links.into_iter().map(|(label, href)| view! { <li><a href=href>{label}</a></li> }).collect_view()}
                </ul>
                {children.map(|children| view! { <div class="end">{children()}</div> })}
            </div>
        </footer>
    }
}

/// The bar that says on every page that nothing here is real money.
#[component]
pub fn DemonstrationBar(
    /// "Demonstration".
    #[prop(into)]
    label: String,
    /// What that means.
    #[prop(into)]
    text: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <aside class="demonstration" aria-label=label.clone()>
            <div class="wrap">
                <b>{label.clone()}</b>
                <span>{text}</span>
                {children.map(|children| children())}
            </div>
        </aside>
    }
}

/// System, light or dark: the buttons `name="theme"` of the form round it, so it works without scripts.
#[component]
pub fn ThemeSwitch(
    /// What is on now: `system`, `light` or `dark`.
    #[prop(into)]
    current: Signal<String>,
    /// The group's name and the three words, in this order: system, light, dark.
    #[prop(into)]
    label: String,
    /// The word for "as the device".
    #[prop(into)]
    system: String,
    /// The word for light.
    #[prop(into)]
    light: String,
    /// The word for dark.
    #[prop(into)]
    dark: String,
) -> impl IntoView {
    let choices = [("system", "monitor", system), ("light", "sun", light), ("dark", "moon", dark)];
    view! {
        <div class="theme" role="group" aria-label=label>
            {choices
                .into_iter()
                .map(|(value, icon, words)| {
                    let pressed = move || (current.get() == value).to_string();
                    view! {
                        <button type="submit" name="theme" value=value aria-pressed=pressed title=words.clone()>
                            <Icon name=icon label=words.clone()/>
                        </button>
                    }
                })
                .collect_view()}
        </div>
    }
}
