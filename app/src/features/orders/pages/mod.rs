//! The pages of orders.

mod mine;
mod show;

pub use mine::OrdersPage;
pub use show::OrderPage;
