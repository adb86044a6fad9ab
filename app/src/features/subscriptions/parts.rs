//! Parts that more than one page shows.

use domain::locale::Locale;
use domain::orders::Thing;
use domain::subscriptions::{Interval, InvoiceKind, Opens, SubscriptionState, Tier};
use leptos::prelude::*;
use ui::{Chip, ChipKind};

use super::api::{Opened, plans_opening};
use crate::i18n::{href, t, use_locale};
use crate::load::load;

/// The length of a period in words.
pub fn interval_text(l: Locale, interval: Interval) -> &'static str {
    match interval {
        Interval::Month => t::subscriptions::monthly(l),
        Interval::Quarter => t::subscriptions::quarterly(l),
        Interval::Year => t::subscriptions::yearly(l),
    }
}

/// For how long a price is: `a month`.
pub fn per_text(l: Locale, interval: Interval) -> &'static str {
    match interval {
        Interval::Month => t::subscriptions::per_month(l),
        Interval::Quarter => t::subscriptions::per_quarter(l),
        Interval::Year => t::subscriptions::per_year(l),
    }
}

/// How much a plan opens, in a word.
pub fn tier_text(l: Locale, tier: Tier) -> &'static str {
    match tier {
        Tier::Free => t::subscriptions::tier_free(l),
        Tier::Basic => t::subscriptions::tier_basic(l),
        Tier::Premium => t::subscriptions::tier_premium(l),
    }
}

/// What an invoice is for, in a word.
pub fn kind_text(l: Locale, kind: InvoiceKind) -> &'static str {
    match kind {
        InvoiceKind::Trial => t::subscriptions::kind_trial(l),
        InvoiceKind::Start => t::subscriptions::kind_start(l),
        InvoiceKind::Renewal => t::subscriptions::kind_renewal(l),
        InvoiceKind::Change => t::subscriptions::kind_change(l),
    }
}

/// What happened to a subscription, in words.
pub fn event_text(l: Locale, event: &str) -> String {
    match event {
        "began" => t::subscriptions::event_began(l),
        "renewed" => t::subscriptions::event_renewed(l),
        "changed" => t::subscriptions::event_changed(l),
        "change_planned" => t::subscriptions::event_change_planned(l),
        "change_forgotten" => t::subscriptions::event_change_forgotten(l),
        "canceled" => t::subscriptions::event_canceled(l),
        "resumed" => t::subscriptions::event_resumed(l),
        "wallet_on" => t::subscriptions::event_wallet_on(l),
        "wallet_off" => t::subscriptions::event_wallet_off(l),
        "past_due" => t::subscriptions::event_past_due(l),
        "refunded" => t::subscriptions::event_refunded(l),
        "ended" => t::subscriptions::event_ended(l),
        other => return other.to_owned(),
    }
    .to_owned()
}

/// The state of a subscription as a chip.
#[component]
pub fn StateChip(
    /// The state.
    state: SubscriptionState,
) -> impl IntoView {
    let l = use_locale();
    let (kind, text) = match state {
        SubscriptionState::Trialing => (ChipKind::Done, t::subscriptions::state_trialing(l)),
        SubscriptionState::Active => (ChipKind::Done, t::subscriptions::state_active(l)),
        SubscriptionState::PastDue => (ChipKind::Warning, t::subscriptions::state_past_due(l)),
        SubscriptionState::Canceled => (ChipKind::Plain, t::subscriptions::state_canceled(l)),
        SubscriptionState::Expired => (ChipKind::Plain, t::subscriptions::state_expired(l)),
    };
    view! { <Chip kind=kind>{text}</Chip> }
}

/// Something that a plan opens, as an item of a list.
pub fn opened_item(l: Locale, opened: Opened) -> AnyView {
    let name = opened.name.map(|name| name.get(l).to_owned()).unwrap_or_default();
    let text = match opened.opens {
        Opens::Courses => t::subscriptions::opens_courses(l).to_owned(),
        Opens::Competitions => t::subscriptions::opens_competitions(l).to_owned(),
        Opens::Category(_) => t::subscriptions::opens_category(l, name),
        Opens::Course(_) => t::subscriptions::opens_course(l, name),
        Opens::Competition(_) => t::subscriptions::opens_competition(l, name),
    };
    match opened.page {
        Some(page) => view! { <li><a href=href(l, &page)>{text}</a></li> }.into_any(),
        None => view! { <li>{text}</li> }.into_any(),
    }
}

/// Says which plans open a thing; nothing where none does.
#[component]
pub fn Included(
    /// What is opened.
    thing: Thing,
) -> impl IntoView {
    let l = use_locale();
    let plans = load(|| (), move |()| plans_opening(thing.to_string()));
    view! {
        <Transition fallback=|| ()>
            {move || Suspend::new(async move {
                let names: Vec<String> =
                    plans.await.unwrap_or_default().iter().map(|title| title.get(l).to_owned()).collect();
                let joined = names.join(match l { Locale::En => ", ", Locale::Zh => "、" });
                (!names.is_empty()).then(|| view! {
                    <p class="small"><a href=href(l, "/pricing")>{t::subscriptions::included(l, joined)}</a></p>
                })
            })}
        </Transition>
    }
}
