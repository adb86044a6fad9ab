//! The pages of payments.

mod review;
mod sandbox;

pub use review::ReviewPage;
pub use sandbox::SandboxPage;
