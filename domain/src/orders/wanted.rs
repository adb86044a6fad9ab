//! What somebody wants to order, and how.

use serde::{Deserialize, Serialize};

use super::{OrderId, Thing};
use crate::accounts::AccountId;
use crate::offers::BundleId;
use crate::time::{Span, Timestamp};

/// The first and the last instant of something bought for a time.
pub type Period = (Timestamp, Timestamp);

/// One line of an order to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// What is wanted.
    pub thing: Thing,
    /// For which time, where it is bought for a time.
    pub period: Option<Period>,
    /// The bundle as part of which it is wanted.
    pub bundle: Option<BundleId>,
}

impl Wanted {
    /// A thing by itself, without end.
    pub const fn one(thing: Thing) -> Self {
        Self { thing, period: None, bundle: None }
    }
}

/// What an order is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// The buyer uses what is bought.
    #[default]
    Purchase,
    /// The buyer gives it away by a code: the order itself gives no right.
    Gift,
    /// Somebody takes a gift that was paid for.
    Redeemed,
    /// The platform gives it for nothing.
    Grant,
    /// A plan goes on.
    Renewal,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 5] = [Self::Purchase, Self::Gift, Self::Redeemed, Self::Grant, Self::Renewal];

    /// The database value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Purchase => "purchase",
            Self::Gift => "gift",
            Self::Redeemed => "redeemed",
            Self::Grant => "grant",
            Self::Renewal => "renewal",
        }
    }
    /// Whether somebody chose it for themselves, so that coupons, points and credit count.
    pub const fn is_chosen(self) -> bool {
        matches!(self, Self::Purchase | Self::Gift)
    }
}

impl TryFrom<String> for Purpose {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|purpose| purpose.as_str() == text)
            .ok_or_else(|| format!("unknown purpose {text}"))
    }
}

/// How an order is placed: for what, by which means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct How {
    /// What the order is for.
    pub purpose: Purpose,
    /// The codes of coupons, as typed.
    pub coupons: Vec<String>,
    /// The points to be spent at most.
    pub points: i64,
    /// Who gets it, where it is not the one who orders.
    pub recipient: Option<AccountId>,
    /// Who of the platform gives it.
    pub granted_by: Option<AccountId>,
    /// The order that paid for the gift which is taken.
    pub gift: Option<OrderId>,
    /// How long it is held; without it as long as any other order.
    pub hold: Option<Span>,
    /// Why it is given, or what is said with a gift.
    pub note: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_have_one_text_form() {
        for purpose in Purpose::ALL {
            assert_eq!(Purpose::try_from(purpose.as_str().to_owned()), Ok(purpose));
        }
        assert!(Purpose::try_from("theft".to_owned()).is_err());
    }
}
