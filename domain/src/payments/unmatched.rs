//! Money of no order that goes back by the console of its gateway: out of suspense, on its way, and gone.

use serde::{Deserialize, Serialize};

use super::chart::{Code, LedgerAccount};
use super::transfer::Posting;
use crate::money::Money;

/// Where money of no order stands that goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnmatchedState {
    /// It is on its way back.
    Requested,
    /// It is back with whom it came from.
    Succeeded,
    /// It came to nothing: the money lies in suspense again.
    Failed,
}

impl UnmatchedState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Requested, Self::Succeeded, Self::Failed];

    /// The database value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

impl TryFrom<String> for UnmatchedState {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| format!("unknown state of an unmatched refund {text}"))
    }
}

/// What is booked when money of no order comes from a state to what a gateway tells; nothing where that is
/// known, or was overtaken. What has failed stays failed: whatever comes after it is a person's matter.
pub fn unmatched_refund(
    gateway: &str,
    amount: Money,
    from: Option<UnmatchedState>,
    told: UnmatchedState,
) -> Vec<Posting> {
    let (suspense, inflight) = (LedgerAccount::Suspense, LedgerAccount::RefundInflight);
    let clearing = LedgerAccount::of_gateway(gateway);
    let leaves = || Posting::new(suspense.clone(), inflight.clone(), amount, Code::RefundRequested);
    let arrives = || Posting::new(inflight.clone(), clearing.clone(), amount, Code::RefundSucceeded);
    match (from, told) {
        (None, UnmatchedState::Requested) => vec![leaves()],
        (None, UnmatchedState::Succeeded) => vec![leaves(), arrives()],
        (Some(UnmatchedState::Requested), UnmatchedState::Succeeded) => vec![arrives()],
        (Some(UnmatchedState::Requested), UnmatchedState::Failed) => {
            vec![Posting::new(inflight, suspense, amount, Code::RefundFailed)]
        }
        (Some(UnmatchedState::Succeeded), UnmatchedState::Failed) => {
            vec![Posting::new(clearing, suspense, amount, Code::RefundFailed)]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use std::collections::BTreeMap;

    /// What each account holds after a gateway told these things, credits less debits.
    fn after(told: &[UnmatchedState]) -> (Option<UnmatchedState>, BTreeMap<String, i64>) {
        let amount = Money::new(500, Currency::Cny);
        let (mut state, mut sums) = (None, BTreeMap::new());
        for told in told {
            let postings = unmatched_refund("bank", amount, state, *told);
            state = if postings.is_empty() { state } else { Some(*told) };
            for posting in postings {
                *sums.entry(posting.debit.to_string()).or_default() -= posting.amount.minor;
                *sums.entry(posting.credit.to_string()).or_default() += posting.amount.minor;
            }
        }
        sums.retain(|_, sum| *sum != 0);
        (state, sums)
    }

    #[test]
    fn what_is_told_ends_alike_however_often_it_is_told() {
        use UnmatchedState::{Failed, Requested, Succeeded};
        let gone = BTreeMap::from([
            ("suspense:unmatched".to_owned(), -500),
            ("gateway:bank:clearing".to_owned(), 500),
        ]);
        for told in [&[Succeeded][..], &[Requested, Succeeded], &[Succeeded, Requested, Succeeded]] {
            assert_eq!(after(told), (Some(Succeeded), gone.clone()), "{told:?}");
        }
        for told in
            [&[Requested, Failed][..], &[Succeeded, Failed], &[Requested, Succeeded, Failed, Succeeded]]
        {
            assert_eq!(after(told), (Some(Failed), BTreeMap::new()), "{told:?}: it lies where it lay");
        }
        assert_eq!(after(&[Failed]), (None, BTreeMap::new()), "nothing had left");
        let (state, sums) = after(&[Requested, Requested]);
        assert_eq!((state, sums.get("refund:inflight")), (Some(Requested), Some(&500)));
    }
}
