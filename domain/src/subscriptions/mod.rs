//! Subscriptions: plans that open things for a period.
//!
//! A person subscribes to a plan and pays it period by period; each period is a line of an order, an
//! *invoice*. What a subscription opens follows from paid invoices alone (plus a grace), never from the
//! state of the subscription: the state only says what happens next.

pub mod calendar;
pub mod change;
pub mod input;
mod opens;
mod rules;

pub use opens::Opens;
pub use rules::{Happening, InvoiceKind, SubscriptionState, Terms, Turn, access_end};

use serde::{Deserialize, Serialize};

use crate::competitions::words;

crate::id! {
    /// A plan: what is opened, for how long, at which price.
    PlanId,
    /// A subscription of one account.
    SubscriptionId,
    /// An invoice: the order of one period of a subscription.
    InvoiceId,
}

words! {
    /// How much a plan opens, from less to more.
    Tier {
        /// What everybody has.
        Free = "free",
        /// A part.
        Basic = "basic",
        /// Everything.
        Premium = "premium",
    }
}

words! {
    /// How long a period of a plan lasts on the calendar.
    Interval {
        /// One month.
        Month = "month",
        /// Three months.
        Quarter = "quarter",
        /// Twelve months.
        Year = "year",
    }
}

impl Interval {
    /// The number of calendar months.
    pub const fn months(self) -> i64 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Year => 12,
        }
    }
}

/// What makes a plan the plan it is: two plans are compared by this alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rank {
    /// How much it opens.
    pub tier: Tier,
    /// How long its period lasts.
    pub interval: Interval,
}
