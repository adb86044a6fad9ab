//! Texts in both languages, and the addresses that carry the language.

use domain::locale::Locale;
use leptos::prelude::*;

/// Every text, one function each, made from `locales/` by the build script.
pub mod t {
    include!(concat!(env!("OUT_DIR"), "/text.rs"));
}

/// The language of the page that is being shown.
pub fn use_locale() -> Locale {
    use_context::<Locale>().unwrap_or_default()
}

/// The address of a page in a language: `href(Zh, "/courses")` is `/zh/courses`.
pub fn href(locale: Locale, path: &str) -> String {
    let path = path.trim_end_matches('/');
    format!("/{}{path}", locale.as_str())
}

/// The sentence of a fault code with its parameters filled in; the code itself where none is known.
pub fn fault_text(locale: Locale, code: &str, params: &[String]) -> String {
    let mut text = t::fault(locale, code).unwrap_or(code).to_owned();
    for (index, param) in params.iter().enumerate() {
        text = text.replace(&format!("{{{index}}}"), param);
    }
    text
}
