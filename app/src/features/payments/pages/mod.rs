//! The pages of payments.

mod pay;
mod review;
mod sandbox;

pub use pay::PayPage;
pub use review::ReviewPage;
pub use sandbox::SandboxPage;
