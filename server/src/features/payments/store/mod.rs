//! Every statement of this feature.

mod alerts;
mod attempts;
mod cards;
mod charges;
mod comparisons;
mod entries;
mod history;
mod keys;
mod notices;
mod unmatched;
mod working;

pub use alerts::{
    AlertRow, AlertsAsked, NewAlert, add_alert, alerts_of, close_alert, closed_alerts, count_open,
    keeps_money, open_alerts, settle_alert, under_review,
};
pub use attempts::{
    Attempt, Owner, UnknownRow, add_attempt, attempt, attempt_in, attempts, attempts_in, count_unknown,
    fruitless, own_attempt, owner, owner_of_charge, set_attempt, set_checkout, set_reference, title, unknown,
};
pub use cards::{KeptCard, card, forget_card, keep_card, kept_card, kept_card_in, was_charged, was_kept};
pub use charges::{
    BookedRefund, BookedRow, Charge, add_charge, booked, booked_amount, booked_between, is_given_back,
    open_disputes, refunds_booked_between,
};
pub use comparisons::{ComparedRow, compared, compared_until, set_compared};
pub use entries::{add_entry, entry};
pub use history::{AttemptStep, attempt_steps};
pub use keys::{spend_key, spent_keys};
pub use notices::{
    Stored, StuckRow, add_notice, count_stuck, finish_notice, notice_of_event, notices_waiting_since,
    stuck_notices, waiting_notice, waiting_since,
};
pub use unmatched::{
    UnmatchedCharge, UnmatchedRefund, is_unmatched, set_unmatched, tell_of_unmatched, unmatched_charge,
    unmatched_refund,
};
pub use working::{is_working, set_working};
