//! The HTML document around the application.

use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::App;
use crate::context::{self, PageContext};

/// The whole document. Its only scripts carry the response's nonce.
pub fn shell() -> impl IntoView {
    let page = context::initial();
    let locale = context::initial_locale();
    let theme = (page.theme == "light" || page.theme == "dark").then(|| page.theme.clone());
    let package = page.package.clone();
    view! {
        <!DOCTYPE html>
        <html lang=locale.html_lang() data-theme=theme>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#fbf8f3"/>
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#14120f"/>
                <link rel="stylesheet" href=format!("{package}/leitai.css")/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <Scripts package/>
                {page.start_id.clone().map(|id| view! { <Reload id/> })}
                // Not in the body: hydration takes the body's first child for the application's.
                <script type="application/json" id=context::ELEMENT inner_html=data_block(&page)></script>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// Preloads and starts the browser's half.
///
/// Ours in place of leptos's own, which (in 0.8.23) writes the nonce into `crossorigin` of the WASM
/// preload and so breaks loading in Firefox.
#[component]
fn Scripts(package: String) -> impl IntoView {
    let nonce = use_nonce().map(|nonce| nonce.to_string());
    let (script, module) = (format!("{package}/leitai.js"), format!("{package}/leitai.wasm"));
    let start = format!(
        "import init, {{ hydrate }} from {script:?};\ninit({{ module_or_path: {module:?} }}).then(() => hydrate());"
    );
    view! {
        <link rel="modulepreload" href=script nonce=nonce.clone()/>
        <link rel="preload" href=module r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
        <script type="module" nonce=nonce>{start}</script>
    }
}

/// Loads the page again when another process answers than the one that rendered it.
#[component]
fn Reload(id: String) -> impl IntoView {
    let nonce = use_nonce().map(|nonce| nonce.to_string());
    let follow = format!(
        "new EventSource('/live/reload').onmessage = (event) => {{ if (event.data !== {id:?}) location.reload(); }};"
    );
    view! { <script nonce=nonce>{follow}</script> }
}

/// The page context as JSON that cannot end its own element.
fn data_block(page: &PageContext) -> String {
    serde_json::to_string(page).unwrap_or_default().replace('<', "\\u003c")
}
