//! A clock that counts down to an instant.

use domain::time::Timestamp;
use leptos::prelude::*;

#[cfg(feature = "hydrate")]
use crate::i18n::t;
use crate::i18n::use_locale;

/// What is left until an instant, ticking; nothing where scripts do not run, so say the instant beside it.
#[component]
pub fn Clock(
    /// What it counts down to.
    until: Timestamp,
) -> impl IntoView {
    let locale = use_locale();
    let left = RwSignal::new(None::<i64>);
    #[cfg(feature = "hydrate")]
    tick(until, left);
    #[cfg(not(feature = "hydrate"))]
    let _ = until;
    view! {
        <span class="clock" role="timer" aria-live="off">
            {move || match left.get() {
                None => ().into_any(),
                Some(seconds) => left_text(locale, seconds).into_any(),
            }}
        </span>
    }
}

/// Counts every second, as long as the clock is shown.
#[cfg(feature = "hydrate")]
fn tick(until: Timestamp, left: RwSignal<Option<i64>>) {
    use std::time::Duration;
    let look = move || {
        let now = (js_sys::Date::now() * 1000.0) as i64;
        let seconds = (until.micros() - now).max(0) / 1_000_000;
        if left.get_untracked() != Some(seconds) {
            left.set(Some(seconds));
        }
    };
    Effect::new(move || {
        look();
        if let Ok(handle) = set_interval_with_handle(look, Duration::from_millis(250)) {
            on_cleanup(move || handle.clear());
        }
    });
}

/// Days, hours, minutes and seconds.
#[cfg(feature = "hydrate")]
fn left_text(locale: domain::locale::Locale, seconds: i64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let clock = format!("{:02}:{:02}:{:02}", rest / 3_600, rest / 60 % 60, rest % 60);
    if days > 0 { t::common::days_and_clock(locale, days, clock) } else { clock }
}

/// Only browsers count.
#[cfg(not(feature = "hydrate"))]
fn left_text(_: domain::locale::Locale, _: i64) -> String {
    String::new()
}
