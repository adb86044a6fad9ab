//! The pages of staff: accounts, transfers and the log.

mod accounts;
mod log;
mod transfers;

pub use accounts::AccountsPage;
pub use log::LogPage;
pub use transfers::TransfersPage;
