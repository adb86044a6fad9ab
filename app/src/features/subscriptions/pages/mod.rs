//! The pages of this feature.

mod desk;
mod mine;
mod pricing;

pub use desk::{EditPlanPage, NewPlanPage, PlansPage};
pub use mine::SubscriptionPage;
pub use pricing::PricingPage;
