//! The pages of orders.

mod mine;
mod show;
mod staff;

pub use mine::OrdersPage;
pub use show::OrderPage;
pub use staff::{EveryOrderPage, StaffOrderPage};
