//! Every statement about offers, by what they are about.

pub mod bundles;
pub mod cart;
pub mod coupons;
pub mod gifts;
pub mod points;
