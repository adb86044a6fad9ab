//! Standings: recorded facts, boards in memory, live streams.
//!
//! `record` appends a fact in the transaction that makes it true. Each process keeps one [`desk`]
//! per competition that somebody looks at: it reads new events once, folds them into the public
//! board, and sends what changed as one frame to all viewers.

pub mod audit;
mod desk;
pub mod http;
mod port;
mod service;
mod store;
mod subject;

pub use service::{Ranked, Service};
