//! Payments: attempts to pay an order at a gateway, what gateways tell, and the ledger that proves it.
//!
//! A notice is a hint that must be verified, stored once and then applied; it may come twice, late, in any
//! order or never. [`decide`] is the one function that says what a notice does to an order and to its money;
//! whatever does not fit exactly goes to `suspense:unmatched` and to a person, and is never discarded.

mod chart;
mod entries;
mod ledger;
mod log;
mod rules;
mod split;
mod transfer;
mod unmatched;

pub use chart::{Code, Kind, LedgerAccount};
pub use entries::{EntryKind, entry};
pub use ledger::{Balance, Book, Judged, LedgerFault, Sheet, check_group, judge};
pub use log::LogEvent;
pub use rules::{AttemptState, Case, Parked, Told, Unchanged, Verdict, decide, park};
pub use split::{Had, Line, Party, Share, Shares, WHOLE, default_shares, give_back, prizes, sale};
pub use transfer::{Belongs, Phase, Posting, Transfer};
pub use unmatched::{UnmatchedState, unmatched_refund};

crate::id! {
    /// One attempt to pay an order at a gateway.
    PaymentId,
    /// A two-legged entry of the ledger.
    TransferId,
    /// A notice of a gateway, as it was received.
    NoticeId,
    /// Something about money that a person must look at.
    AlertId,
    /// Money that goes back to a buyer.
    RefundId,
    /// A card that is kept at a gateway.
    CardId,
}
