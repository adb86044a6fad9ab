//! Parts that pages of payments and of orders share.

use domain::locale::Locale;

use crate::i18n::t;

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
        "disputed" => t::payments::reason_disputed(locale),
        "dispute_won" => t::payments::reason_dispute_won(locale),
        "dispute_lost" => t::payments::reason_dispute_lost(locale),
        "refund_failed" => t::payments::reason_refund_failed(locale),
        "refund_unresolved" => t::payments::reason_refund_unresolved(locale),
        "refund_stuck" => t::payments::reason_refund_stuck(locale),
        "credit_uncovered" => t::payments::reason_credit_uncovered(locale),
        "entry_not_returned" => t::payments::reason_entry_not_returned(locale),
        "list_differs" => t::payments::reason_list_differs(locale),
        "not_listed" => t::payments::reason_not_listed(locale),
        other => return other.to_owned(),
    }
    .to_owned()
}

/// What a person should do about it.
pub fn advice(locale: Locale, reason: &str) -> Option<&'static str> {
    Some(match reason {
        "other_amount" | "paid_twice" | "seat_gone" | "refunded" => t::payments::advise_give_back(locale),
        "no_such_payment" => t::payments::advise_find(locale),
        "contradiction" | "list_differs" | "not_listed" => t::payments::advise_compare(locale),
        "never_resolved" => t::payments::advise_look_there(locale),
        "refund" | "refund_outside" => t::payments::advise_book_refund(locale),
        "refund_failed" => t::payments::advise_refund_failed(locale),
        "refund_unresolved" | "refund_stuck" => t::payments::advise_look_at_refund(locale),
        "credit_uncovered" => t::payments::advise_credit_uncovered(locale),
        "entry_not_returned" => t::payments::advise_entry_not_returned(locale),
        "disputed" => t::payments::advise_answer(locale),
        "dispute_won" | "dispute_lost" => t::payments::advise_book_dispute(locale),
        _ => return None,
    })
}
