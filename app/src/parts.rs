//! Parts of pages that every feature uses.

use domain::locale::Locale;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos_meta::Title;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::context::use_viewer;
use crate::error::{Answer, Fault};
use crate::i18n::{href, t, use_locale};
use crate::load::Loaded;

/// Shows what a resource holds, or its fault with a way on; the status of the response follows.
pub fn page<T>(
    resource: Loaded<Answer<T>>,
    view: impl Fn(T) -> AnyView + Clone + Send + Sync + 'static,
) -> AnyView
where
    T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
{
    let shown = move || {
        let view = view.clone();
        Suspend::new(async move {
            match resource.await {
                Ok(data) => view(data),
                Err(fault) => view! { <FaultPage fault/> }.into_any(),
            }
        })
    };
    view! { <Transition fallback=|| view! { <div class="wrap skeleton-page" aria-busy="true"></div> }>{shown}</Transition> }
        .into_any()
}

/// A fault in place of a page.
#[component]
pub fn FaultPage(fault: Fault) -> impl IntoView {
    let locale = use_locale();
    set_status(fault.status());
    if let Some(seconds) = fault.retry_after() {
        ask_to_wait(seconds);
    }
    if fault == Fault::Unauthenticated {
        ask_to_log_in(locale);
    }
    let title = match &fault {
        Fault::NotFound => t::common::not_found_title(locale),
        Fault::Unauthenticated => t::common::log_in_title(locale),
        _ => t::common::failed_title(locale),
    };
    view! {
        <Title text=title/>
        <section class="wrap way-on">
            <p class="code" aria-hidden="true">{fault.status()}</p>
            <h1>{title}</h1>
            <p class="lead">{fault.text(locale)}</p>
            <p class="cluster">
                {(use_viewer().is_none() && fault == Fault::Unauthenticated).then(|| view! {
                    <a class="button primary" href=href(locale, "/log-in")>{t::common::log_in(locale)}</a>
                })}
                <a class="button" href=href(locale, "/")>{t::common::to_home(locale)}</a>
                <a class="button" href=href(locale, "/courses")>{t::common::courses(locale)}</a>
                <a class="button" href=href(locale, "/competitions")>{t::common::competitions(locale)}</a>
            </p>
        </section>
    }
}

/// Sets the status of the response while the page is rendered on the server.
pub fn set_status(status: u16) {
    #[cfg(feature = "ssr")]
    if let (Some(response), Ok(status)) =
        (use_context::<leptos_axum::ResponseOptions>(), http::StatusCode::from_u16(status))
    {
        response.set_status(status);
    }
    #[cfg(not(feature = "ssr"))]
    let _ = status;
}

/// Says when to try again while the page is rendered on the server.
fn ask_to_wait(seconds: u32) {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.insert_header(http::header::RETRY_AFTER, http::HeaderValue::from(seconds));
    }
    #[cfg(not(feature = "ssr"))]
    let _ = seconds;
}

/// Sends a browser that asked for a private page to the log-in page, and back afterwards.
fn ask_to_log_in(locale: Locale) {
    #[cfg(feature = "ssr")]
    if let Some(parts) = use_context::<http::request::Parts>() {
        let next = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
        leptos_axum::redirect(&format!("{}?next={}", href(locale, "/log-in"), encode(&next)));
    }
    #[cfg(not(feature = "ssr"))]
    let _ = locale;
}

/// The way to the next page of a list: `path` without its language, and with what is asked beside the cursor.
pub fn older(locale: Locale, path: &str, next: Option<String>) -> AnyView {
    let next = next.map(|next| {
        let joint = if path.contains('?') { '&' } else { '?' };
        let address = format!("{}{joint}after={}", href(locale, path), encode(&next));
        view! { <p class="button-row"><a class="button" href=address>{t::common::older(locale)}</a></p> }
    });
    next.into_any()
}

/// Percent-encodes a text for a query.
pub fn encode(text: &str) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'/') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// A label, with how many wait there.
pub fn counted(label: &str, count: i64) -> String {
    if count > 0 { format!("{label} ({count})") } else { label.to_owned() }
}

/// How many of a list by state are in one of them.
pub fn count_of<S: PartialEq>(counts: &[(S, i64)], state: &S) -> i64 {
    counts.iter().find(|(one, _)| one == state).map_or(0, |(_, count)| *count)
}

/// A way to the next page of a list; `address` gets the cursor as it stands in an address.
pub fn more(locale: Locale, next: Option<String>, address: impl FnOnce(&str) -> String) -> AnyView {
    next.map(|next| {
        let address = address(&encode(&next));
        view! { <p class="button-row"><a class="button" href=address>{t::common::more(locale)}</a></p> }
    })
    .into_any()
}

/// An instant: in UTC from the server, in the reader's zone once scripts run.
#[component]
pub fn When(
    /// The instant.
    at: Timestamp,
    /// Whether the date alone is enough.
    #[prop(optional)]
    date_only: bool,
) -> impl IntoView {
    let locale = use_locale();
    let text = RwSignal::new(if date_only {
        date_text(at, locale)
    } else {
        format!("{} UTC", instant_text(at, locale))
    });
    #[cfg(feature = "hydrate")]
    Effect::new(move || {
        let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64((at.micros() / 1000) as f64));
        let local = Timestamp::from_micros(at.micros() - (date.get_timezone_offset() as i64) * 60_000_000);
        text.set(if date_only { date_text(local, locale) } else { instant_text(local, locale) });
    });
    view! { <time datetime=iso(at)>{move || text.get()}</time> }
}

/// Stands in a text where an instant comes: see [`around`].
pub const HERE: &str = "\u{FFFC}";

/// A text with an instant in place of [`HERE`].
pub fn around(text: &str, at: Timestamp, date_only: bool) -> AnyView {
    let (before, after) = text.split_once(HERE).unwrap_or((text, ""));
    let (before, after) = (before.to_owned(), after.to_owned());
    let when = text.contains(HERE).then(|| view! { <When at date_only/> });
    view! { {before} {when} {after} }.into_any()
}

/// Year, month, day, hour, minute, second of an instant in UTC.
pub fn civil(at: Timestamp) -> (i64, u32, u32, u32, u32, u32) {
    let seconds = at.seconds();
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400) as u32);
    let (year, month, day) = domain::calendar::civil_from_days(days);
    let (month, day) = (month as u32, day as u32);
    (year, month, day, rest / 3_600, rest / 60 % 60, rest % 60)
}

/// An instant in ISO 8601, UTC, to the second.
pub fn iso(at: Timestamp) -> String {
    let (year, month, day, hour, minute, second) = civil(at);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The date of an instant as a reader writes it.
pub fn date_text(at: Timestamp, locale: Locale) -> String {
    let (year, month, day, ..) = civil(at);
    match locale {
        Locale::En => format!("{day} {} {year}", MONTHS.get(month as usize - 1).unwrap_or(&"")),
        Locale::Zh => format!("{year}年{month}月{day}日"),
    }
}

/// The date and minute of an instant as a reader writes it.
pub fn instant_text(at: Timestamp, locale: Locale) -> String {
    let (_, _, _, hour, minute, _) = civil(at);
    match locale {
        Locale::En => format!("{}, {hour:02}:{minute:02}", date_text(at, locale)),
        Locale::Zh => format!("{} {hour:02}:{minute:02}", date_text(at, locale)),
    }
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_civil() {
        let leap = Timestamp::from_seconds(1_709_210_096);
        assert_eq!(iso(leap), "2024-02-29T12:34:56Z");
        assert_eq!(iso(Timestamp::from_seconds(-1)), "1969-12-31T23:59:59Z");
        assert_eq!(instant_text(leap, Locale::Zh), "2024年2月29日 12:34");
        assert_eq!(date_text(leap, Locale::En), "29 Feb 2024");
    }

    #[test]
    fn queries_are_encoded() {
        assert_eq!(encode("/zh/a?b=擂&c"), "/zh/a%3Fb%3D%E6%93%82%26c");
    }
}
