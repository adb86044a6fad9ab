//! The pages of earnings and payouts.

mod earnings;
mod shares;
mod staff;

pub use earnings::EarningsPage;
pub use shares::SharesPage;
pub use staff::PayoutsPage;
