//! Stories: what people do, through the public door, on both engines.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a story that meets what it did not expect must fail loudly"
)]
#![recursion_limit = "512"]

mod support;

mod accounts;
mod audit_rules;
mod binary;
mod books;
mod bundles;
mod checkout;
mod competitions;
mod courses;
mod demo;
mod gateways;
mod house;
mod http;
mod jobs;
mod judging;
mod offers;
mod orders;
mod parked;
mod payments;
mod payouts;
mod receipts;
mod reconcile;
mod refunds;
mod rewards;
mod rush;
mod sharing;
mod simulator;
mod standings;
mod subscriptions;
mod waiting;
