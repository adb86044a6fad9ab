//! Parts that show refunds and what was promised.

use domain::locale::Locale;
use domain::refunds::{Destination, Policy, RefundState, Refundable, WhyNot};
use leptos::prelude::*;
use ui::{Chip, ChipKind};

use super::api::{QuoteLine, RefundView, load_promises};
use crate::features::payments::parts::gateway_name;
use crate::form::FormState;
use crate::i18n::{fault_text, href, t, use_locale};
use crate::load::load;
use crate::parts::{HERE, When, around};

/// Where a refund stands, in a word.
pub fn state_text(locale: Locale, state: RefundState) -> &'static str {
    match state {
        RefundState::Requested => t::refunds::state_requested(locale),
        RefundState::Sent => t::refunds::state_sent(locale),
        RefundState::Unknown => t::refunds::state_unknown(locale),
        RefundState::Succeeded => t::refunds::state_succeeded(locale),
        RefundState::Failed => t::refunds::state_failed(locale),
    }
}

/// What a policy promises, in a sentence.
pub fn policy_text(locale: Locale, policy: &Policy) -> String {
    if !policy.self_service {
        return t::refunds::by_staff(locale).to_owned();
    }
    let mut parts = Vec::new();
    match policy.hours {
        Some(hours) if hours > 24 && hours % 24 == 0 => {
            parts.push(t::refunds::within_days(locale, hours / 24))
        }
        Some(hours) => parts.push(t::refunds::within_hours(locale, hours)),
        None => {}
    }
    if let Some(percent) = policy.consumed_percent {
        parts.push(t::refunds::before_percent(locale, percent));
    }
    if policy.until_start {
        parts.push(t::refunds::until_start(locale).to_owned());
    }
    parts.join(t::refunds::and(locale))
}

/// What stands between sentences and after a colon: Chinese leaves no space.
pub fn gap(locale: Locale) -> &'static str {
    match locale {
        Locale::En => " ",
        Locale::Zh => "",
    }
}

/// What a line gives back and why, in sentences: to its buyer, or to staff about the buyer.
pub fn verdict_text(locale: Locale, line: &QuoteLine, staff: bool) -> AnyView {
    match &line.verdict {
        Refundable::Yes { amount, because } => {
            let gives = if staff { t::refunds::buyer_gets } else { t::refunds::gives };
            let gives = match (amount.is_zero(), line.points) {
                (true, 0) => t::refunds::gives_no_money(locale).to_owned(),
                (true, points) => t::refunds::gives_points(locale, points),
                (false, 0) => gives(locale, amount),
                (false, points) => {
                    format!("{} {}", gives(locale, amount), t::refunds::and_points(locale, points))
                }
            };
            let until = because.until.map(|until| {
                let text = t::refunds::holds_until(locale, HERE);
                view! { {gap(locale)} {around(&text, until, false)} }
            });
            let used = because.below.zip(because.consumed).map(|(below, consumed)| {
                let used = if staff { t::refunds::buyer_consumed } else { t::refunds::consumed };
                format!("{}{}", gap(locale), used(locale, consumed, below))
            });
            view! { {gives} {until} {used} }.into_any()
        }
        Refundable::No(why) => {
            let params = match why {
                WhyNot::Consumed(consumed, limit) => vec![consumed.to_string(), limit.to_string()],
                _ => Vec::new(),
            };
            fault_text(locale, why.code(), &params).into_any()
        }
    }
}

/// Why a refund was given, in words; what staff wrote stays as it is.
fn reason_text(locale: Locale, reason: &str) -> String {
    match reason {
        "guarantee" => t::refunds::reason_guarantee(locale).to_owned(),
        "console" => t::refunds::reason_console(locale).to_owned(),
        "called_off" => t::refunds::reason_called_off(locale).to_owned(),
        "dispute" => t::refunds::reason_dispute(locale).to_owned(),
        "staff" | "other_amount" | "paid_twice" | "seat_gone" | "refunded" => {
            t::refunds::reason_unused(locale).to_owned()
        }
        other => other.to_owned(),
    }
}

/// A refund in a list; `staff` leads to the page of staff.
pub fn refund_row(locale: Locale, refund: RefundView, staff: bool) -> AnyView {
    let kind = match refund.state {
        RefundState::Succeeded => ChipKind::Done,
        RefundState::Failed | RefundState::Unknown => ChipKind::Warning,
        RefundState::Requested | RefundState::Sent => ChipKind::Plain,
    };
    let way = match refund.destination {
        Destination::Wallet if staff => t::refunds::to_buyer(locale).to_owned(),
        Destination::Wallet => t::refunds::to_wallet(locale).to_owned(),
        Destination::Gateway => t::refunds::way_back(locale, gateway_name(locale, &refund.gateway)),
    };
    let number = if staff {
        let address = href(locale, &format!("/admin/refunds/{}", refund.order));
        view! { <a href=address>{t::refunds::order(locale)} " " <span class="number">{refund.number}</span></a> " · " }.into_any()
    } else {
        ().into_any()
    };
    let balance =
        (!staff && refund.destination == Destination::Wallet && refund.state == RefundState::Succeeded)
            .then(|| view! { " · " <a href=href(locale, "/wallet")>{t::refunds::to_balance(locale)}</a> });
    view! {
        <li>
            <div>
                <p class="title">{number} {reason_text(locale, &refund.reason)}</p>
                <p class="dim small"><When at=refund.requested_at/> " · " {way} {balance}</p>
            </div>
            <div class="cluster">
                <Chip kind=kind>{state_text(locale, refund.state)}</Chip>
                <span class="number">{refund.amount.to_string()}</span>
            </div>
        </li>
    }
    .into_any()
}

/// What is wrong with a list of fields, below it.
pub fn refused(form: FormState, field: &'static str) -> AnyView {
    let error = form.error(field);
    let text = move || {
        error.get().map(|text| view! { <div class="field"><p class="error" role="alert">{text}</p></div> })
    };
    text.into_any()
}

/// Where the money shall go: back the way it came, or to the wallet.
pub fn destinations(locale: Locale, form: FormState, gateway: Option<&str>, staff: bool) -> AnyView {
    let (only, wallet) = if staff {
        (t::refunds::buyer_wallet_only(locale), t::refunds::to_buyer(locale))
    } else {
        (t::refunds::wallet_only(locale), t::refunds::to_wallet(locale))
    };
    if gateway == Some("wallet") {
        return view! { <p class="dim small">{only}</p> }.into_any();
    }
    let to_wallet = form.kept("to", "gateway") == "wallet";
    view! {
        <fieldset class="field">
            <legend>{t::refunds::destination(locale)}</legend>
            <label class="check"><input type="radio" name="to" value="gateway" checked=!to_wallet/> <span>{t::refunds::to_gateway(locale)}</span></label>
            <label class="check"><input type="radio" name="to" value="wallet" checked=to_wallet/> <span>{wallet}</span></label>
        </fieldset>
    }
    .into_any()
}

/// What is promised, in one line; nothing where nothing is sold.
pub fn promise_line(locale: Locale, policies: &[Policy]) -> AnyView {
    let text = match policies {
        [] => return ().into_any(),
        [policy] if policy.self_service => t::refunds::money_back(locale, policy_text(locale, policy)),
        [_] => t::refunds::money_by_staff(locale).to_owned(),
        several => {
            let texts: Vec<String> = several.iter().map(|policy| policy_text(locale, policy)).collect();
            t::refunds::money_back_differs(locale, texts.join(t::refunds::or(locale)))
        }
    };
    view! { <p class="small dim promise">{text}</p> }.into_any()
}

/// Says under what buys a thing what is promised to whoever does.
#[component]
pub fn Promised(
    /// The text forms of what is bought, with commas between.
    #[prop(into)]
    things: String,
) -> impl IntoView {
    let locale = use_locale();
    let policies = load(|| (), move |()| load_promises(things.clone()));
    view! {
        <Transition fallback=|| ()>
            {move || Suspend::new(async move { promise_line(locale, &policies.await.unwrap_or_default()) })}
        </Transition>
    }
}
