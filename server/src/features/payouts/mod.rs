//! Revenue: who shares what a product brings, when it may be paid out, and the payouts.

pub mod terms;

pub use terms::{freeze, ledger_lines};
