//! Offers: what makes things cheaper, or free, or something to give away.
//!
//! Coupons take a part or an amount off, bundles sell several courses at one price and count what was paid
//! before, points are spent like money, and a gift is paid by one and used by another. [`price`] puts them
//! together, for the cart as for the order, so that both say the same.

mod coupon;
mod credit;
pub mod input;
mod points;
mod price;

pub use coupon::{Coupon, Cut, Uses, code_key, combine};
pub use credit::Worth;
pub use points::{PointRule, Rate, Rates, worth, worth_of_lines};
pub use price::{Bundle, Means, Paid, price};

crate::id! {
    /// A coupon.
    CouponId,
    /// A bundle of courses.
    BundleId,
    /// A gift that somebody paid for.
    GiftId,
}
