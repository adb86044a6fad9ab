//! Giving money back: what a policy promises, what a line still gives, and where a refund stands.

mod granted;
mod policy;
mod refundable;
mod rules;

pub use granted::{Left, NotGranted, granted};
pub use policy::{Policy, PolicyForm};
pub use refundable::{Carries, Facts, Promise, Refundable, WhyNot, refundable};
pub use rules::{Destination, RefundKind, RefundState, Settled, ask_again_after, settle, tells_staff};

pub use crate::payments::RefundId;
