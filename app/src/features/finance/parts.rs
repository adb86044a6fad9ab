//! Parts that show the ledger.

use domain::locale::Locale;
use domain::money::Money;
use leptos::prelude::*;

use super::api::{Entry, Statement};
use crate::features::refunds::parts::gap;
use crate::i18n::{href, t};
use crate::parts::{When, encode};

/// Why money moved, in words.
pub fn code_text(locale: Locale, code: &str) -> String {
    match code {
        "sale" => t::finance::code_sale(locale).to_owned(),
        "unmatched" => t::finance::code_unmatched(locale).to_owned(),
        "refund_requested" => t::finance::code_refund_requested(locale).to_owned(),
        "refund_covered" => t::finance::code_refund_covered(locale).to_owned(),
        "refund_succeeded" => t::finance::code_refund_succeeded(locale).to_owned(),
        "refund_failed" => t::finance::code_refund_failed(locale).to_owned(),
        "disputed" => t::finance::code_disputed(locale).to_owned(),
        "dispute_held" => t::finance::code_dispute_held(locale).to_owned(),
        "dispute_won" => t::finance::code_dispute_won(locale).to_owned(),
        "wallet_paid" => t::finance::code_wallet_paid(locale).to_owned(),
        "wallet_refund" => t::finance::code_wallet_refund(locale).to_owned(),
        "prize" => t::finance::code_prize(locale).to_owned(),
        "payout" => t::finance::code_payout(locale).to_owned(),
        "payout_returned" => t::finance::code_payout_returned(locale).to_owned(),
        "gateway_fee" => t::finance::code_gateway_fee(locale).to_owned(),
        "settlement" => t::finance::code_settlement(locale).to_owned(),
        other => other.to_owned(),
    }
}

/// Whether a transfer moves money, reserves it or releases it, in words; nothing where it simply moves it.
pub fn kind_text(locale: Locale, kind: &str) -> Option<&'static str> {
    match kind {
        "pending" => Some(t::finance::kind_pending(locale)),
        "post" => Some(t::finance::kind_post(locale)),
        "void" => Some(t::finance::kind_void(locale)),
        _ => None,
    }
}

/// An amount with its sign.
fn signed(amount: Money) -> String {
    if amount.minor > 0 { format!("+{}", amount.exact()) } else { amount.exact() }
}

fn entry_row(locale: Locale, entry: Entry) -> AnyView {
    let title = entry.title.map(|title| title.get(locale).to_owned());
    let order = entry.order.filter(|_| title.is_none()).map(|(id, number)| {
        let path = href(locale, &format!("/orders/{id}"));
        view! { <a href=path>{t::orders::order(locale)} " " {number}</a> }
    });
    let matures = entry.matures.map(
        |at| view! { <br/> <span class="dim small">{t::finance::matures(locale)} {gap(locale)} <When at/></span> },
    );
    let kind = kind_text(locale, &entry.kind).map(|text| view! { " " <span class="chip">{text}</span> });
    view! {
        <tr>
            <td data-label=t::finance::at(locale)><When at=entry.at/></td>
            <td data-label=t::finance::why(locale)><div>{code_text(locale, &entry.code)} {kind} {matures}</div></td>
            <td data-label=t::finance::about(locale)><div>{title} {order}</div></td>
            <td data-label=t::finance::amount(locale) class="number">{signed(entry.amount)}</td>
        </tr>
    }
    .into_any()
}

/// What came and went on an account, with a way to what is older.
pub fn statement(locale: Locale, statement: Statement, path: &str) -> AnyView {
    if statement.items.is_empty() {
        return view! { <p class="dim">{t::finance::nothing(locale)}</p> }.into_any();
    }
    let next = statement.next.map(|next| {
        let address = format!("{}?after={}", href(locale, path), encode(&next));
        view! { <p class="button-row"><a class="button" href=address>{t::finance::older(locale)}</a></p> }
    });
    let rows: Vec<_> = statement.items.into_iter().map(|entry| entry_row(locale, entry)).collect();
    view! {
        <table class="table cards-on-phone">
            <thead>
                <tr>
                    <th>{t::finance::at(locale)}</th>
                    <th>{t::finance::why(locale)}</th>
                    <th>{t::finance::about(locale)}</th>
                    <th class="number">{t::finance::amount(locale)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        {next}
    }
    .into_any()
}
