//! Offers: what makes things cheaper, or free, or something to give away.

crate::id! {
    /// A coupon.
    CouponId,
    /// A bundle of courses.
    BundleId,
    /// A gift that somebody paid for.
    GiftId,
}
