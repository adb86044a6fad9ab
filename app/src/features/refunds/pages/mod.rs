//! The pages of refunds.

mod grant;
mod list;
mod own;

pub use grant::GrantPage;
pub use list::RefundsPage;
pub use own::RefundPage;
