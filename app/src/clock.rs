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
    /// Called once, when nothing is left of it.
    #[prop(optional, into)]
    over: Option<Callback<()>>,
) -> impl IntoView {
    let locale = use_locale();
    let left = RwSignal::new(None::<i64>);
    #[cfg(feature = "hydrate")]
    tick(until, left, over);
    #[cfg(not(feature = "hydrate"))]
    let _ = (until, over);
    view! {
        <span class="clock" role="timer" aria-live="off">
            {move || match left.get() {
                None => ().into_any(),
                Some(seconds) => left_text(locale, seconds).into_any(),
            }}
        </span>
    }
}

/// Now, by the clock of the browser.
#[cfg(feature = "hydrate")]
fn now() -> i64 {
    (js_sys::Date::now() * 1000.0) as i64
}

/// Whether an instant has passed by the clock of the browser.
#[cfg(feature = "hydrate")]
pub fn has_passed(at: Timestamp) -> bool {
    at.micros() <= now()
}

/// Counts every second, as long as the clock is shown.
#[cfg(feature = "hydrate")]
fn tick(until: Timestamp, left: RwSignal<Option<i64>>, over: Option<Callback<()>>) {
    use std::time::Duration;
    let look = move || {
        // Begun seconds count: where nothing is left, the instant has passed.
        let seconds = (until.micros() - now() + 999_999).max(0) / 1_000_000;
        let before = left.get_untracked();
        if before != Some(seconds) {
            left.set(Some(seconds));
            // Not where it was over from the start.
            if let Some(over) = over.filter(|_| seconds == 0 && before.is_some()) {
                over.run(());
            }
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
