//! Certificates: handing out, checking, showing.

mod service;
mod store;

pub use service::Service;
