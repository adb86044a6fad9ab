//! Parts that pages of payments and of orders share.

use domain::locale::Locale;
use domain::orders::OrderId;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::api::{AlertView, AskNow, CloseAlert};
use crate::confirm::Confirm;
use crate::features::refunds::api::SendBack;
use crate::form::FormState;
use crate::i18n::{href, t};
use crate::parts::When;

/// What people call a gateway.
pub fn gateway_name(locale: Locale, gateway: &str) -> String {
    match gateway {
        "sandbox" => t::payments::sandbox(locale).to_owned(),
        "stripe" => t::payments::stripe(locale).to_owned(),
        "alipay" => t::payments::alipay(locale).to_owned(),
        "wechatpay" => t::payments::wechatpay(locale).to_owned(),
        "wallet" => t::payments::wallet(locale).to_owned(),
        other => other.to_owned(),
    }
}

/// Why something may wait for a person, most frequent first.
pub const REASONS: [&str; 23] = [
    "other_amount",
    "paid_twice",
    "seat_gone",
    "refunded",
    "no_such_payment",
    "contradiction",
    "never_resolved",
    "refund",
    "refund_outside",
    "disputed",
    "dispute_won",
    "dispute_lost",
    "refund_failed",
    "refund_unresolved",
    "refund_stuck",
    "credit_uncovered",
    "entry_not_returned",
    "notice_unresolved",
    "refund_unnamed",
    "list_differs",
    "not_listed",
    "list_unread",
    "refund_not_listed",
];

/// Why something waits for a person, in words.
pub fn reason_text(locale: Locale, reason: &str) -> String {
    match reason {
        "other_amount" => t::payments::reason_other_amount(locale),
        "paid_twice" => t::payments::reason_paid_twice(locale),
        "seat_gone" => t::payments::reason_seat_gone(locale),
        "refunded" => t::payments::reason_refunded(locale),
        "no_such_payment" => t::payments::reason_no_such_payment(locale),
        "contradiction" => t::payments::reason_contradiction(locale),
        "never_resolved" => t::payments::reason_never_resolved(locale),
        "refund" => t::payments::reason_refund(locale),
        "refund_outside" => t::payments::reason_refund_outside(locale),
        "refund_unnamed" => t::payments::reason_refund_unnamed(locale),
        "disputed" => t::payments::reason_disputed(locale),
        "dispute_won" => t::payments::reason_dispute_won(locale),
        "dispute_lost" => t::payments::reason_dispute_lost(locale),
        "refund_failed" => t::payments::reason_refund_failed(locale),
        "refund_unresolved" => t::payments::reason_refund_unresolved(locale),
        "refund_stuck" => t::payments::reason_refund_stuck(locale),
        "credit_uncovered" => t::payments::reason_credit_uncovered(locale),
        "entry_not_returned" => t::payments::reason_entry_not_returned(locale),
        "notice_unresolved" => t::payments::reason_notice_unresolved(locale),
        "list_differs" => t::payments::reason_list_differs(locale),
        "not_listed" => t::payments::reason_not_listed(locale),
        "list_unread" => t::payments::reason_list_unread(locale),
        "refund_not_listed" => t::payments::reason_refund_not_listed(locale),
        other => return other.to_owned(),
    }
    .to_owned()
}

/// What a person can do about it, and must not do.
pub fn advice(locale: Locale, reason: &str) -> Option<&'static str> {
    Some(match reason {
        "other_amount" | "paid_twice" | "seat_gone" | "refunded" => t::payments::advise_send_back(locale),
        "no_such_payment" => t::payments::advise_find(locale),
        "contradiction" | "list_differs" | "not_listed" | "list_unread" | "refund_not_listed" => {
            t::payments::advise_compare(locale)
        }
        "never_resolved" => t::payments::advise_look_there(locale),
        "refund" | "refund_outside" | "refund_unnamed" => t::payments::advise_gone_already(locale),
        "refund_failed" => t::payments::advise_refund_failed(locale),
        "refund_unresolved" | "refund_stuck" => t::payments::advise_look_at_refund(locale),
        "credit_uncovered" => t::payments::advise_credit_uncovered(locale),
        "entry_not_returned" => t::payments::advise_entry_not_returned(locale),
        "notice_unresolved" => t::payments::advise_wait(locale),
        "disputed" => t::payments::advise_answer(locale),
        "dispute_won" | "dispute_lost" => t::payments::advise_dispute_over(locale),
        _ => return None,
    })
}

/// The page of an order for staff, where everything that happened to it stands.
pub fn order_link(locale: Locale, id: OrderId, number: &str) -> AnyView {
    let address = href(locale, &format!("/admin/orders/{id}"));
    let number = number.to_owned();
    view! { <a href=address>{t::orders::order(locale)} " " <span class="number">{number}</span></a> }
        .into_any()
}

/// What an alert is about, and what was done about it.
pub fn alert_text(locale: Locale, alert: &AlertView) -> AnyView {
    let order = alert.order.as_ref().map(|(id, number)| {
        let name = alert.username.as_ref().map(|name| format!(" · @{name}"));
        view! { " · " {order_link(locale, *id, number)} {name} }
    });
    let advice = advice(locale, &alert.reason).filter(|_| alert.closed.is_none());
    let closed = alert.closed.clone().map(|(at, by, note)| {
        view! {
            <p class="small"><span class="said">{note}</span></p>
            <p class="dim small">{t::payments::closed_by(locale, by)} " · " <When at/></p>
        }
    });
    view! {
        <div>
            <p class="title"><span class="number">{alert.amount.to_string()}</span> " · " {reason_text(locale, &alert.reason)}</p>
            <p class="dim small"><When at=alert.opened_at/> {order} " · " <code>{alert.event.clone()}</code></p>
            {advice.map(|text| view! { <p class="small">{text}</p> })}
            {closed}
        </div>
    }
    .into_any()
}

/// An alert with what can be done about it.
pub fn alert_row(locale: Locale, form: FormState, alert: AlertView) -> AnyView {
    let doing = alert.closed.is_none().then(|| {
        view! {
            <div class="stack tight doing">
                {send_back(locale, &alert)} {ask_again(locale, &alert)} {closing(locale, form, &alert)}
            </div>
        }
    });
    view! { <li>{alert_text(locale, &alert)} {doing}</li> }.into_any()
}

/// Sends the money back, after asking once more.
fn send_back(locale: Locale, alert: &AlertView) -> AnyView {
    let Some((name, parked)) = alert.username.clone().zip(alert.parked) else { return ().into_any() };
    view! {
        <Confirm
            id=format!("back-{}", alert.id)
            label=t::payments::send_back(locale)
            class="small"
            title=t::payments::send_back_title(locale, parked, &name)
            text=t::payments::send_back_text(locale)
            deed=t::payments::send_back(locale)
            action=SendBack::url()
            fields=vec![("alert", alert.id.to_string())]
        />
    }
    .into_any()
}

/// Asks the gateway at once, where it could not be asked for long.
fn ask_again(locale: Locale, alert: &AlertView) -> AnyView {
    let payment = alert.payment.filter(|_| alert.reason == "never_resolved");
    payment
        .map(|payment| {
            view! {
                <form method="post" action=AskNow::url()>
                    <input type="hidden" name="payment" value=payment.to_string()/>
                    <button class="button small">{t::payments::ask_now(locale)}</button>
                </form>
            }
        })
        .into_any()
}

/// Closes an alert with a note; of many forms the one that was refused shows what was typed, and why.
fn closing(locale: Locale, form: FormState, alert: &AlertView) -> AnyView {
    let id = alert.id.to_string();
    let (field, error_id) = (format!("note-{id}"), format!("note-{id}-error"));
    let refused = form.kept("alert", "") == id;
    let typed = if refused { form.kept("note", "") } else { String::new() };
    let error = form.error("note").get_untracked().filter(|_| refused);
    let (invalid, described) = match error {
        Some(_) => (Some("true"), Some(error_id.clone())),
        None => (None, None),
    };
    view! {
        <form class="cluster" method="post" action=CloseAlert::url()>
            <input type="hidden" name="alert" value=id/>
            <label class="visually-hidden" for=field.clone()>{t::payments::note(locale)}</label>
            <input id=field name="note" required=true maxlength="500" value=typed placeholder=t::payments::note(locale)
                aria-invalid=invalid aria-describedby=described/>
            <button class="button small">{t::payments::close(locale)}</button>
            {error.map(|text| view! { <p class="field-error" id=error_id>{text}</p> })}
        </form>
    }
    .into_any()
}
