//! The pages of earnings and payouts.

mod earnings;
mod staff;

pub use earnings::EarningsPage;
pub use staff::PayoutsPage;
