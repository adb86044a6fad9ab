//! What a verified notice does to an attempt, to its order and to the money.

use serde::{Deserialize, Serialize};

use super::chart::{Code, LedgerAccount};
use super::transfer::Posting;
use crate::messages::MessageKind;
use crate::money::Money;
use crate::orders::OrderState;

/// Where an attempt to pay stands, in the order in which states outrank each other.
///
/// Notices come in any order, so an attempt takes the highest state it was ever told; money outranks all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptState {
    /// Begun; the gateway has said nothing.
    Created,
    /// The gateway works on it.
    Pending,
    /// Nobody knows: the gateway must be asked.
    Unknown,
    /// Closed: the buyer began another attempt, or the time was over.
    Superseded,
    /// The gateway declined.
    Failed,
    /// The gateway has the money.
    Confirmed,
}

impl AttemptState {
    /// Every state, in rank order.
    pub const ALL: [Self; 6] =
        [Self::Created, Self::Pending, Self::Unknown, Self::Superseded, Self::Failed, Self::Confirmed];

    /// The database value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Pending => "pending",
            Self::Unknown => "unknown",
            Self::Superseded => "superseded",
            Self::Failed => "failed",
            Self::Confirmed => "confirmed",
        }
    }
    /// Whether the attempt may still bring money without surprise.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Created | Self::Pending | Self::Unknown)
    }
}

impl TryFrom<String> for AttemptState {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| format!("unknown payment state {text}"))
    }
}

/// What a gateway says about an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Told {
    /// Nothing was paid so far, and the buyer may still pay.
    Pending,
    /// The buyer has done their part, and it works on it: a slow method.
    Working,
    /// It declined.
    Declined,
    /// It closed it: nothing was paid, and nothing can be paid any more.
    Closed,
    /// It took money: which charge, how much.
    Confirmed {
        /// The gateway's name for the money it took.
        charge: String,
        /// How much it took.
        amount: Money,
    },
}

/// What must be known to judge a notice, read under the lock of the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Where the order stands.
    pub order: OrderState,
    /// What the attempt demanded.
    pub demanded: Money,
    /// Where the attempt stands.
    pub attempt: AttemptState,
    /// With which amount the charge of the notice was booked before, if it was.
    pub booked: Option<Money>,
}

/// Why a notice changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unchanged {
    /// It repeats what is known.
    Repeated,
    /// It is older than what is known.
    Outdated,
}

/// Why money is parked in suspense until a person looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parked {
    /// Not the amount or currency that was demanded.
    OtherAmount,
    /// The order was paid by another charge.
    PaidTwice,
    /// The order was given back and its seat is gone.
    SeatGone,
    /// The order was refunded.
    Refunded,
    /// No attempt of ours is named.
    NoSuchPayment,
    /// The charge was booked before, with another amount; this notice books nothing.
    Contradiction,
}

impl Parked {
    /// What its payer is told where the money goes back by itself; nothing where a person must look first.
    pub const fn goes_back(self) -> Option<MessageKind> {
        match self {
            Self::PaidTwice => Some(MessageKind::PaidTwice),
            Self::SeatGone | Self::Refunded => Some(MessageKind::TooLate),
            Self::OtherAmount | Self::NoSuchPayment | Self::Contradiction => None,
        }
    }
    /// Every reason.
    pub const ALL: [Self; 6] = [
        Self::OtherAmount,
        Self::PaidTwice,
        Self::SeatGone,
        Self::Refunded,
        Self::NoSuchPayment,
        Self::Contradiction,
    ];
    /// The database value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OtherAmount => "other_amount",
            Self::PaidTwice => "paid_twice",
            Self::SeatGone => "seat_gone",
            Self::Refunded => "refunded",
            Self::NoSuchPayment => "no_such_payment",
            Self::Contradiction => "contradiction",
        }
    }
}

impl TryFrom<String> for Parked {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::ALL.into_iter().find(|why| why.as_str() == text).ok_or_else(|| format!("unknown reason {text}"))
    }
}

/// What to do with a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Nothing(Unchanged),
    /// The attempt moves, the order does not.
    Attempt(AttemptState),
    /// The attempt is confirmed and pays the order, whose seat is held.
    Pay,
    /// The attempt is confirmed and pays the order if its seat can be had again; else the money is parked.
    PayIfSeat,
    /// The money goes to suspense and to a person; the attempt is confirmed unless the amount was another.
    Park(Parked),
    /// A person must look; nothing is booked.
    Quarantine(Parked),
}

/// Decides what a notice does. Amounts fit exactly or not at all.
pub fn decide(case: &Case, told: &Told) -> Verdict {
    match told {
        Told::Pending | Told::Working => move_attempt(case.attempt, AttemptState::Pending),
        Told::Declined => move_attempt(case.attempt, AttemptState::Failed),
        Told::Closed => move_attempt(case.attempt, AttemptState::Superseded),
        Told::Confirmed { amount, .. } => match case.booked {
            Some(booked) if booked == *amount => Verdict::Nothing(Unchanged::Repeated),
            Some(_) => Verdict::Quarantine(Parked::Contradiction),
            None if *amount != case.demanded => Verdict::Park(Parked::OtherAmount),
            None => match case.order {
                OrderState::Reserved | OrderState::AwaitingPayment => Verdict::Pay,
                OrderState::Expired | OrderState::Cancelled => Verdict::PayIfSeat,
                OrderState::Paid | OrderState::PartiallyRefunded => Verdict::Park(Parked::PaidTwice),
                OrderState::Refunded => Verdict::Park(Parked::Refunded),
            },
        },
    }
}

fn move_attempt(now: AttemptState, told: AttemptState) -> Verdict {
    // Whatever a gateway says ends the time of not knowing.
    if now == AttemptState::Unknown {
        return Verdict::Attempt(told);
    }
    match told.cmp(&now) {
        std::cmp::Ordering::Greater => Verdict::Attempt(told),
        std::cmp::Ordering::Equal => Verdict::Nothing(Unchanged::Repeated),
        std::cmp::Ordering::Less => Verdict::Nothing(Unchanged::Outdated),
    }
}

/// The posting of money that fits no order.
pub fn park(gateway: &str, amount: Money) -> Posting {
    Posting::new(LedgerAccount::of_gateway(gateway), LedgerAccount::Suspense, amount, Code::Unmatched)
}
