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
mod append_only;
mod audit_rules;
mod binary;
mod books;
mod bundles;
mod busy;
mod called_off;
mod checkout;
mod competitions;
mod coupons;
mod courses;
mod demo;
mod doors;
mod faults;
mod finance;
mod gateways;
mod gifts;
mod house;
mod http;
mod jobs;
mod judging;
mod killed;
mod lists;
mod nights;
mod offers;
mod orders;
mod parked;
mod payments;
mod payouts;
mod points;
mod receipts;
mod reconcile;
mod refunds;
mod rewards;
mod rush;
mod sharing;
mod silence;
mod simulator;
mod standings;
mod subscriptions;
mod turns;
mod unmatched;
mod waiting;
mod without_money;
