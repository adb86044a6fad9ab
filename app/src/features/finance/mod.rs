//! PLACEHOLDER

pub mod api;

#[cfg(feature = "ssr")]
pub use api::Finance;
