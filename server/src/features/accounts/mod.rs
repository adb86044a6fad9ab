//! Accounts: registering, logging in, sessions, roles.

pub mod jobs;
pub mod passwords;
mod profile;
mod service;
mod sessions;
mod store;
pub(crate) mod throttle;

pub use service::{Service, username_key};
