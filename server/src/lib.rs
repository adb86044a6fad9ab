//! The host of Leitai: it owns the data, the jobs, the live streams and the outside world.
//!
//! `boot` puts everything together; `db` is the only place that names the database's library;
//! `features` holds one folder a feature, with the same file names in each.

#![recursion_limit = "512"]

pub mod audit;
pub mod backup;
pub mod boot;
pub mod bus;
pub mod cli;
pub mod clock;
pub mod config;
pub mod db;
pub mod demo;
pub mod error;
pub mod files;
pub mod http;
pub mod jobs;
pub mod kit;
pub mod live;
pub mod mail;
pub mod markdown;
pub mod services;

/// The features, one module each.
pub mod features {
    pub mod accounts;
    pub mod competitions;
    pub mod courses;
    pub mod finance;
    pub mod home;
    pub mod judging;
    pub mod messages;
    pub mod offers;
    pub mod orders;
    pub mod payments;
    pub mod payouts;
    pub mod receipts;
    pub mod refunds;
    pub mod rewards;
    pub mod standings;
    pub mod subscriptions;
    pub mod wallet;
}

pub use error::{Error, Result};
pub use kit::Kit;
pub use services::Services;
