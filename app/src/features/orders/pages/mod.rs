//! The pages of orders.

mod mine;
mod notices;
mod show;
mod staff;

pub use mine::OrdersPage;
pub use show::OrderPage;
pub use staff::{EveryOrderPage, StaffOrderPage};
