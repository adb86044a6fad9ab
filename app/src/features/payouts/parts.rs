//! Parts that show payouts.

use domain::locale::Locale;
use domain::payouts::PayoutState;
use leptos::prelude::*;
use ui::{Chip, ChipKind};

use crate::i18n::t;

/// Where a payout stands, in a word.
pub fn state_text(locale: Locale, state: PayoutState) -> &'static str {
    match state {
        PayoutState::Requested => t::payouts::state_requested(locale),
        PayoutState::Approved => t::payouts::state_approved(locale),
        PayoutState::Exported => t::payouts::state_exported(locale),
        PayoutState::Paid => t::payouts::state_paid(locale),
        PayoutState::Failed => t::payouts::state_failed(locale),
        PayoutState::Rejected => t::payouts::state_rejected(locale),
        PayoutState::Cancelled => t::payouts::state_cancelled(locale),
    }
}

/// Where a payout stands, as a chip.
pub fn state_chip(locale: Locale, state: PayoutState) -> AnyView {
    let kind = match state {
        PayoutState::Paid => ChipKind::Done,
        PayoutState::Failed | PayoutState::Rejected => ChipKind::Warning,
        _ => ChipKind::Plain,
    };
    view! { <Chip kind=kind>{state_text(locale, state)}</Chip> }.into_any()
}

/// Why a payout was refused, or came back.
pub fn reason_line(locale: Locale, reason: Option<String>) -> AnyView {
    reason.map(|reason| view! { <p class="small">{t::payouts::reason(locale)} ": " <span class="said">{reason}</span></p> }).into_any()
}
