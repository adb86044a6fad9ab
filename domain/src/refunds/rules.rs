//! Where a refund stands, and what an answer of the gateway makes of it.

use serde::{Deserialize, Serialize};

use crate::time::Span;

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    /// Decided; the gateway was not asked yet.
    Requested,
    /// The gateway works on it.
    Sent,
    /// Nobody knows: the gateway must be asked, and never again under another id.
    Unknown,
    /// The money is back.
    Succeeded,
    /// The gateway refused for good.
    Failed,
}

impl RefundState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Requested, Self::Sent, Self::Unknown, Self::Succeeded, Self::Failed];
    /// The database value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Sent => "sent",
            Self::Unknown => "unknown",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
    /// Whether nothing can change it any more, except a gateway that takes its word back.
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }
    /// Whether its money counts as given back.
    pub const fn counts(self) -> bool {
        !matches!(self, Self::Failed)
    }
}

impl TryFrom<String> for RefundState {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| format!("unknown refund state {text}"))
    }
}

/// What kind of giving back it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundKind {
    /// Of lines of a paid order.
    Lines,
    /// Of money that fits no order.
    Parked,
    /// A bank takes it back for its customer.
    Dispute,
}

impl RefundKind {
    /// The database value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lines => "lines",
            Self::Parked => "parked",
            Self::Dispute => "dispute",
        }
    }
}

impl TryFrom<String> for RefundKind {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        [Self::Lines, Self::Parked, Self::Dispute]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| format!("unknown kind of refund {text}"))
    }
}

/// Where the money goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// Back the way it came.
    Gateway,
    /// To the buyer's credit, at once.
    Wallet,
}

impl Destination {
    /// The database value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Wallet => "wallet",
        }
    }
}

impl TryFrom<String> for Destination {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "gateway" => Ok(Self::Gateway),
            "wallet" => Ok(Self::Wallet),
            _ => Err(format!("unknown destination {text}")),
        }
    }
}

/// What the gateway says of a refund, or that nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It is done.
    Succeeded,
    /// It is under way.
    Pending,
    /// It was refused for good.
    Failed,
    /// The gateway has never heard of it: it may be sent again, under the same id.
    NotFound,
    /// No answer.
    Unsure,
}

/// The state after an answer; nothing where it changes nothing.
///
/// Success and failure outrank all else, and a success may still turn into a failure, as cards do it.
pub const fn settle(state: RefundState, told: Settled) -> Option<RefundState> {
    match (state, told) {
        (RefundState::Failed, _)
        | (
            RefundState::Succeeded,
            Settled::Succeeded | Settled::Pending | Settled::NotFound | Settled::Unsure,
        )
        | (RefundState::Sent, Settled::Pending)
        | (RefundState::Unknown, Settled::Unsure)
        | (RefundState::Requested, Settled::NotFound) => None,
        (_, Settled::Succeeded) => Some(RefundState::Succeeded),
        (_, Settled::Failed) => Some(RefundState::Failed),
        (_, Settled::Pending) => Some(RefundState::Sent),
        (_, Settled::Unsure) => Some(RefundState::Unknown),
        (_, Settled::NotFound) => Some(RefundState::Requested),
    }
}

/// How long to wait before the gateway is asked again, after so many questions; nothing after the last.
pub const fn ask_again_after(asked: u32) -> Option<Span> {
    Some(match asked {
        0 => Span::minutes(1),
        1 => Span::minutes(5),
        2 => Span::minutes(15),
        3 => Span::hours(1),
        4 => Span::hours(6),
        5..=12 => Span::days(1),
        _ => return None,
    })
}

/// Whether a person is told that nobody knows what became of a refund, after so many questions: when nobody has
/// answered for more than an hour, or the gateway has worked on it for more than a week.
pub fn tells_staff(state: RefundState, asked: u32) -> bool {
    match state {
        RefundState::Unknown => asked >= 4,
        _ => ask_again_after(asked).is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_is_not_failed() {
        assert_eq!(settle(RefundState::Requested, Settled::Unsure), Some(RefundState::Unknown));
        assert_eq!(settle(RefundState::Unknown, Settled::Unsure), None);
        assert_eq!(settle(RefundState::Unknown, Settled::NotFound), Some(RefundState::Requested));
        assert_eq!(settle(RefundState::Unknown, Settled::Succeeded), Some(RefundState::Succeeded));
    }

    #[test]
    fn what_failed_stays_failed_and_a_success_may_be_taken_back() {
        for told in
            [Settled::Succeeded, Settled::Pending, Settled::Failed, Settled::NotFound, Settled::Unsure]
        {
            assert_eq!(settle(RefundState::Failed, told), None);
        }
        assert_eq!(settle(RefundState::Succeeded, Settled::Failed), Some(RefundState::Failed));
        assert_eq!(settle(RefundState::Succeeded, Settled::Unsure), None);
        for state in RefundState::ALL {
            assert_eq!(RefundState::try_from(state.as_str().to_owned()), Ok(state));
        }
    }

    #[test]
    fn the_gateway_is_asked_ever_more_rarely() {
        let spans: Vec<Span> = (0..).map_while(ask_again_after).collect();
        assert!(spans.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!(spans.first(), Some(&Span::minutes(1)));
        // The question at which a person is told comes after more than an hour, and is the first such.
        let told = (0..).find(|asked| tells_staff(RefundState::Unknown, *asked)).unwrap_or_default();
        let until = |asked: u32| (0..asked).filter_map(ask_again_after).map(Span::micros).sum::<i64>();
        assert!(until(told) > Span::hours(1).micros() && until(told - 1) < Span::hours(1).micros());
        assert!(!tells_staff(RefundState::Sent, told));
    }
}
