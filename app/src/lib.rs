//! What people see and may call: pages, parts, and the server functions between them.
//!
//! Compiled twice: natively with `ssr` to render pages and host server functions, and to WASM with
//! `hydrate` to bring the pages to life. What a server function needs from the server is declared
//! here as a port (a trait beside it) and implemented in the `server` crate.

#![recursion_limit = "512"]

pub mod clock;
mod confirm;
pub mod context;
#[cfg(feature = "ssr")]
pub mod cx;
pub mod error;
pub mod form;
mod frame;
pub mod i18n;
pub mod load;
pub mod parts;
mod root;
mod shell;

/// The features, one module each.
pub mod features {
    pub mod accounts;
    pub mod competitions;
    pub mod courses;
    pub mod finance;
    pub mod gallery;
    pub mod home;
    pub mod jobs;
    pub mod judging;
    pub mod messages;
    pub mod offers;
    pub mod orders;
    pub mod payments;
    pub mod payouts;
    pub mod refunds;
    pub mod rewards;
    pub mod standings;
    pub mod subscriptions;
    pub mod wallet;
}

pub use root::App;
pub use shell::shell;
