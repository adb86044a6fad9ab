//! The pages of credit.

mod pay;
mod show;

pub use pay::WalletPayPage;
pub use show::WalletPage;
