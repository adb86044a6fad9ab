//! Subscriptions: plans that open things for a period.

crate::id! {
    /// A plan: what is opened, for how long, at which price.
    PlanId,
}
