//! The rules and types of Leitai.
//!
//! Nothing here touches a clock, a database, a socket or a screen, so everything compiles to native
//! code and to WASM, and every rule can be tested in a millisecond. Time and randomness come in as
//! parameters. Each feature is one module; what all of them share stands first.

pub mod actor;
pub mod calendar;
pub mod id;
pub mod invalid;
pub mod locale;
pub mod money;
pub mod page;
pub mod text;
pub mod time;

pub mod accounts;
pub mod competitions;
pub mod courses;
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
