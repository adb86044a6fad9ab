//! What an order says of itself: of what happened to it, and of its money only what is known.

use domain::locale::Locale;
use domain::orders::{OrderState, Purpose, ReductionKind};
use leptos::prelude::*;
use ui::{Alert, AlertKind};

use crate::features::orders::api::{Before, Begun, OrderView, Waits};
use crate::features::orders::parts::event_text;
use crate::features::payments::parts::gateway_name;
use crate::i18n::t;

/// Whether points alone paid for the order.
pub(super) fn paid_with_points(data: &OrderView) -> bool {
    data.total.is_zero() && data.reductions.iter().any(|(kind, _)| *kind == ReductionKind::Points)
}

/// What happened to an order, in words.
pub(super) fn happened(locale: Locale, data: &OrderView, event: &str) -> String {
    match event {
        "given" if paid_with_points(data) => t::orders::event_paid_with_points(locale).to_owned(),
        _ => event_text(locale, event),
    }
}

/// What there is to say about the state.
pub(super) fn notices(locale: Locale, data: &OrderView) -> AnyView {
    let (kind, text) = match data.state {
        OrderState::Paid | OrderState::PartiallyRefunded => paid_notice(locale, data),
        OrderState::Refunded => (AlertKind::Note, refunded_notice(locale, data).to_owned()),
        OrderState::Expired | OrderState::Cancelled => {
            (AlertKind::Note, ended_notice(locale, data).to_owned())
        }
        OrderState::Reserved | OrderState::AwaitingPayment => open_notice(locale, &data.waits),
    };
    let review = data
        .under_review
        .then(|| view! { <Alert kind=AlertKind::Warning>{t::orders::is_under_review(locale)}</Alert> });
    view! {
        <Alert kind=kind>{text}</Alert>
        {review}
    }
    .into_any()
}

fn paid_notice(locale: Locale, data: &OrderView) -> (AlertKind, String) {
    if data.lines.iter().all(|line| line.ended) {
        return (AlertKind::Note, t::orders::is_given_back(locale).to_owned());
    }
    let text = match data.purpose {
        Purpose::Gift => t::orders::is_paid_gift(locale),
        Purpose::Grant | Purpose::Redeemed => t::orders::is_given(locale),
        _ if paid_with_points(data) => t::orders::is_paid_with_points(locale),
        _ if data.total.is_zero() => t::orders::is_given(locale),
        _ => t::orders::is_paid(locale),
    };
    (AlertKind::Success, text.to_owned())
}

fn refunded_notice(locale: Locale, data: &OrderView) -> &'static str {
    if paid_with_points(data) {
        t::orders::is_refunded_in_points(locale)
    } else if data.total.is_zero() {
        t::orders::is_given_up(locale)
    } else {
        t::orders::is_refunded(locale)
    }
}

/// Nothing is said of money before it is known what became of it.
fn ended_notice(locale: Locale, data: &OrderView) -> &'static str {
    let ended_by = |how: &str| data.history.iter().any(|(_, event)| event == how);
    match data.state {
        // Below it says that the money is safe with us: nothing else may be said of it.
        _ if data.under_review => t::orders::is_over(locale),
        _ if ended_by("sent_back") => t::orders::event_sent_back(locale),
        _ if data.waits == Waits::Outcome => t::orders::is_outcome(locale),
        OrderState::Cancelled if ended_by("replaced_by_grant") => t::orders::event_replaced_by_grant(locale),
        OrderState::Cancelled if ended_by("replaced") => t::orders::event_replaced(locale),
        OrderState::Cancelled => t::orders::is_cancelled(locale),
        _ => t::orders::is_expired(locale),
    }
}

fn open_notice(locale: Locale, waits: &Waits) -> (AlertKind, String) {
    let name = |begun: &Begun| gateway_name(locale, &begun.gateway);
    match waits {
        Waits::Nothing | Waits::Outcome | Waits::End => {
            (AlertKind::Note, t::orders::is_ending(locale).to_owned())
        }
        Waits::Choice(Before::Nothing) => (AlertKind::Note, t::orders::is_held(locale).to_owned()),
        Waits::Choice(Before::Declined) => (AlertKind::Warning, t::orders::is_declined(locale).to_owned()),
        Waits::Choice(Before::Silent) => (AlertKind::Warning, t::orders::is_silent(locale).to_owned()),
        Waits::Buyer(begun) => (AlertKind::Note, t::orders::is_begun(locale, name(begun))),
        Waits::Answer(begun) => (AlertKind::Warning, t::orders::is_unknown(locale, name(begun))),
        Waits::Gateway => (AlertKind::Note, t::orders::is_pending(locale).to_owned()),
    }
}
