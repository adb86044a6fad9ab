//! Paying people what they earned: requested by its owner, approved by two others, done by the bank.

pub mod rules;

use serde::{Deserialize, Serialize};

use crate::accounts::AccountId;
use crate::invalid::{Denied, Invalid};
use crate::money::{Currency, Money};
use crate::text;

crate::id! {
    /// A request to be paid what was earned.
    PayoutId,
}

/// The least that is paid out, in minor units: a bank transfer is not free.
pub const LEAST: i64 = 1_000;

/// How many different people of the platform must approve.
pub const APPROVALS: usize = 2;

/// Where a payout stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayoutState {
    /// It waits for approvals.
    Requested,
    /// Two people approved; it waits for the bank's file.
    Approved,
    /// It stands in a file for the bank.
    Exported,
    /// The bank has paid.
    Paid,
    /// The bank could not pay: the money is earnings again.
    Failed,
    /// The platform refused: the money is earnings again.
    Rejected,
    /// Its owner gave it up: the money is earnings again.
    Cancelled,
}

/// Something that moves a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PayoutStep {
    /// The last approval is there.
    Approve,
    /// It is written into a file for the bank.
    Export,
    /// The bank has paid.
    Pay,
    /// The bank could not pay, or sent the money back.
    Fail,
    /// The platform refuses.
    Reject,
    /// Its owner gives up.
    Cancel,
}

impl PayoutState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Requested,
        Self::Approved,
        Self::Exported,
        Self::Paid,
        Self::Failed,
        Self::Rejected,
        Self::Cancelled,
    ];
    /// The database value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Approved => "approved",
            Self::Exported => "exported",
            Self::Paid => "paid",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
        }
    }
    /// Whether its money is reserved.
    pub const fn reserves(self) -> bool {
        matches!(self, Self::Requested | Self::Approved | Self::Exported)
    }
    /// The state after a step, or why the step is not possible.
    pub fn after(self, step: PayoutStep) -> Result<Self, Denied> {
        match (self, step) {
            (Self::Requested, PayoutStep::Approve) => Ok(Self::Approved),
            (Self::Approved, PayoutStep::Export) => Ok(Self::Exported),
            (Self::Exported, PayoutStep::Pay) => Ok(Self::Paid),
            // A bank may also send back what it had paid.
            (Self::Exported | Self::Paid, PayoutStep::Fail) => Ok(Self::Failed),
            (Self::Requested | Self::Approved, PayoutStep::Reject) => Ok(Self::Rejected),
            (Self::Requested, PayoutStep::Cancel) => Ok(Self::Cancelled),
            _ => Err(Denied::new("payout_state")),
        }
    }
}

impl TryFrom<String> for PayoutState {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| format!("unknown payout state {text}"))
    }
}

/// Why a payout is refused or came back, as its owner reads it; the other steps say enough themselves.
pub fn reason(step: PayoutStep, text: &str) -> Result<Option<String>, Invalid> {
    match step {
        PayoutStep::Fail | PayoutStep::Reject => text::line("reason", text, 3..=300).map(Some),
        PayoutStep::Approve | PayoutStep::Export | PayoutStep::Pay | PayoutStep::Cancel => Ok(None),
    }
}

/// Whether a person may approve, and whether that is the last approval that is needed.
pub fn may_approve(staff: AccountId, owner: AccountId, approved: &[AccountId]) -> Result<bool, Denied> {
    if staff == owner {
        return Err(Denied::new("payout_own"));
    }
    if approved.contains(&staff) {
        return Err(Denied::new("payout_approved_twice"));
    }
    Ok(approved.len() + 1 >= APPROVALS)
}

/// What somebody asks to be paid, and to which bank account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// How much.
    pub amount: Money,
    /// Who holds the bank account.
    pub holder: String,
    /// The bank and its account, as the bank's own form wants it.
    pub bank: String,
}

impl Wish {
    /// Reads the fields of the form.
    pub fn parse(amount: &str, currency: &str, holder: &str, bank: &str) -> Result<Self, Invalid> {
        let mut invalid = Invalid::default();
        let money = Currency::parse(currency).and_then(|currency| Money::parse(amount.trim(), currency));
        match money {
            None => invalid.add("amount", "amount", &[]),
            Some(money) if money.minor < LEAST => {
                invalid.add("amount", "payout_too_small", &[&Money::new(LEAST, money.currency)]);
            }
            Some(_) => {}
        }
        let holder = invalid.check(text::line("holder", holder, 1..=80)).unwrap_or_default();
        let bank = invalid.check(text::line("bank", bank, 4..=120)).unwrap_or_default();
        invalid.into_result()?;
        let amount = money.ok_or_else(|| Invalid::field("amount", "amount"))?;
        Ok(Self { amount, holder, bank })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_payout_never_goes_back() {
        use PayoutState as S;
        use PayoutStep as Step;
        assert_eq!(S::Requested.after(Step::Approve), Ok(S::Approved));
        assert_eq!(S::Approved.after(Step::Export), Ok(S::Exported));
        assert_eq!(S::Exported.after(Step::Pay), Ok(S::Paid));
        assert_eq!(S::Paid.after(Step::Fail), Ok(S::Failed));
        assert_eq!(S::Requested.after(Step::Cancel), Ok(S::Cancelled));
        for (state, step) in [
            (S::Requested, Step::Export),
            (S::Requested, Step::Pay),
            (S::Approved, Step::Cancel),
            (S::Exported, Step::Reject),
            (S::Paid, Step::Pay),
            (S::Failed, Step::Fail),
            (S::Rejected, Step::Approve),
            (S::Cancelled, Step::Approve),
        ] {
            assert_eq!(state.after(step), Err(Denied::new("payout_state")), "{state:?} {step:?}");
        }
        for state in S::ALL {
            assert_eq!(S::try_from(state.as_str().to_owned()), Ok(state));
        }
    }

    #[test]
    fn two_different_people_approve_and_never_the_owner() {
        let who = |number| AccountId(Uuid::from_u128(number));
        assert_eq!(may_approve(who(1), who(9), &[]), Ok(false));
        assert_eq!(may_approve(who(2), who(9), &[who(1)]), Ok(true));
        assert_eq!(may_approve(who(1), who(9), &[who(1)]), Err(Denied::new("payout_approved_twice")));
        assert_eq!(may_approve(who(9), who(9), &[who(1)]), Err(Denied::new("payout_own")));
    }

    #[test]
    fn a_wish_is_more_than_small_change() {
        assert!(Wish::parse("10", "CNY", "Ada", "Bank 1234").is_ok());
        for (amount, currency, holder, bank) in [
            ("9.99", "CNY", "Ada", "Bank 1234"),
            ("-10", "CNY", "Ada", "Bank 1234"),
            ("10", "EUR", "Ada", "Bank 1234"),
            ("10", "CNY", "", "Bank 1234"),
            ("10", "CNY", "Ada", "\n"),
        ] {
            assert!(
                Wish::parse(amount, currency, holder, bank).is_err(),
                "{amount} {currency} {holder} {bank}"
            );
        }
    }
}
