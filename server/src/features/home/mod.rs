//! The first page: figures put together from what the other features hold.

mod service;
mod store;

pub use service::Service;
