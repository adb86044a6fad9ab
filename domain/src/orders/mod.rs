//! Orders: who wants which thing at which frozen price, until when it is held, and what follows.
//!
//! A person places an order; the seller of the thing holds a seat for fifteen minutes; a confirmed payment
//! (or a price of nothing) makes the order paid. Rights are never stored: [`access`] derives them from the
//! lines of paid orders, and says why. An order never changes its price, and goes
//! back only when money of a refund comes again.

mod policy;
mod pricing;
mod rules;
mod wanted;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::competitions::CompetitionId;
use crate::courses::CourseId;
use crate::subscriptions::PlanId;

pub use policy::{Access, Because, Entitlement, GetItBy, Source, access};
pub use pricing::{Draft, Reduction, ReductionKind, by_kind, spread};
pub use rules::{HOLD, MAX_LINES, MAX_OPEN, OrderState, Step};
pub use wanted::{How, Period, Purpose, Wanted};

crate::id! {
    /// An order: one purchase of one account.
    OrderId,
    /// A line of an order: one thing at one price.
    OrderLineId,
}

/// Something that can be bought; its text form is its kind, a colon and its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Thing {
    /// The lessons of a course.
    Course(CourseId),
    /// The entry to a competition.
    Competition(CompetitionId),
    /// A period of a subscription plan.
    Plan(PlanId),
}

impl Thing {
    /// The kind part of the text form: a database value.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Course(_) => "course",
            Self::Competition(_) => "competition",
            Self::Plan(_) => "plan",
        }
    }
    /// The id part of the text form.
    pub const fn uuid(self) -> Uuid {
        match self {
            Self::Course(id) => id.0,
            Self::Competition(id) => id.0,
            Self::Plan(id) => id.0,
        }
    }
    /// Joins the two parts of the text form.
    pub fn of(kind: &str, id: Uuid) -> Option<Self> {
        match kind {
            "course" => Some(Self::Course(CourseId(id))),
            "competition" => Some(Self::Competition(CompetitionId(id))),
            "plan" => Some(Self::Plan(PlanId(id))),
            _ => None,
        }
    }
    /// Reads the text form.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, id) = text.split_once(':')?;
        Self::of(kind, id.parse().ok()?)
    }
}

impl std::fmt::Display for Thing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.kind(), self.uuid())
    }
}

impl From<Thing> for String {
    fn from(thing: Thing) -> Self {
        thing.to_string()
    }
}

impl TryFrom<String> for Thing {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("not a thing to buy: {text}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_has_one_text_form() {
        for thing in [
            Thing::Course(CourseId(Uuid::from_u128(7))),
            Thing::Competition(CompetitionId(Uuid::from_u128(8))),
            Thing::Plan(PlanId(Uuid::from_u128(9))),
        ] {
            assert_eq!(Thing::parse(&thing.to_string()), Some(thing));
            let json = serde_json::to_string(&thing).unwrap();
            assert_eq!(serde_json::from_str::<Thing>(&json).unwrap(), thing);
        }
        for bad in ["", "course", "course:", "course:x", "ticket:00000000-0000-0000-0000-000000000007"] {
            assert_eq!(Thing::parse(bad), None, "{bad}");
        }
    }
}
