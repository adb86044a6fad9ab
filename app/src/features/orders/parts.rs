//! Parts that more than one page shows.

use domain::locale::Locale;
use domain::orders::{OrderState, Thing};
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use ui::{Chip, ChipKind};

use super::api::{OrderRow, Place};
use crate::clock::Clock;
use crate::form::{FormAlert, FormState};
use crate::i18n::t;
use crate::parts::When;

/// A button that orders a thing and leads to its order.
#[component]
pub fn Buy(
    /// What is ordered.
    thing: Thing,
    /// What the button says.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let form = FormState::plain(Place::PATH);
    view! {
        <form method="post" action=Place::url()>
            <FormAlert form/>
            <input type="hidden" name="thing" value=thing.to_string()/>
            <button class="button primary full">{label}</button>
        </form>
    }
}

/// What an order in a list is called: by its first line, and how many more it has.
pub fn row_title(locale: Locale, row: &OrderRow) -> String {
    let title = row.title.get(locale);
    if row.more > 0 { t::orders::and_more(locale, title, row.more) } else { title.to_owned() }
}

/// The state of an order in a word.
pub fn state_text(locale: Locale, state: OrderState) -> &'static str {
    match state {
        OrderState::Reserved => t::orders::state_reserved(locale),
        OrderState::AwaitingPayment => t::orders::state_awaiting_payment(locale),
        OrderState::Paid => t::orders::state_paid(locale),
        OrderState::PartiallyRefunded => t::orders::state_partially_refunded(locale),
        OrderState::Refunded => t::orders::state_refunded(locale),
        OrderState::Expired => t::orders::state_expired(locale),
        OrderState::Cancelled => t::orders::state_cancelled(locale),
    }
}

/// The state of an order as a chip.
#[component]
pub fn StateChip(
    /// The state.
    state: OrderState,
    /// The language.
    locale: Locale,
) -> impl IntoView {
    let kind = match state {
        OrderState::Reserved | OrderState::AwaitingPayment => ChipKind::Warning,
        OrderState::Paid => ChipKind::Done,
        _ => ChipKind::Plain,
    };
    view! { <Chip kind=kind>{state_text(locale, state)}</Chip> }
}

/// What happened to an order, in words.
pub fn event_text(locale: Locale, event: &str) -> String {
    match event {
        "placed" => t::orders::event_placed(locale).to_owned(),
        "payment_begun" => t::orders::event_payment_begun(locale).to_owned(),
        "declined" => t::orders::event_declined(locale).to_owned(),
        "paid" => t::orders::event_paid(locale).to_owned(),
        "paid_late" => t::orders::event_paid_late(locale).to_owned(),
        "given" => t::orders::event_given(locale).to_owned(),
        "expired" => t::orders::event_expired(locale).to_owned(),
        "cancelled" => t::orders::event_cancelled(locale).to_owned(),
        "replaced" => t::orders::event_replaced(locale).to_owned(),
        "replaced_by_grant" => t::orders::event_replaced_by_grant(locale).to_owned(),
        "partially_refunded" => t::orders::event_partially_refunded(locale).to_owned(),
        "refunded" => t::orders::event_refunded(locale).to_owned(),
        "refund_returned" => t::orders::event_refund_returned(locale).to_owned(),
        "sent_back" => t::orders::event_sent_back(locale).to_owned(),
        "under_review" => t::orders::event_under_review(locale).to_owned(),
        other => other.to_owned(),
    }
}

/// The instant until which an order is held; counts down once scripts run.
#[component]
pub fn HeldUntil(
    /// The instant.
    at: Timestamp,
    /// Called once when the time is over.
    #[prop(into)]
    over: Callback<()>,
) -> impl IntoView {
    view! { <span class="held"><When at/>" "<Clock until=at over/></span> }
}
