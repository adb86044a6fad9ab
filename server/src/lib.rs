//!
pub mod markdown;
