//! The pages of staff: accounts and transfers.

mod accounts;
mod transfers;

pub use accounts::AccountsPage;
pub use transfers::TransfersPage;
