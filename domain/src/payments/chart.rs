//! The chart of accounts, and why money moves between them.

use serde::{Deserialize, Serialize};

use crate::accounts::AccountId;
use crate::competitions::CompetitionId;

/// An account of the ledger; every currency has its own of each name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LedgerAccount {
    /// What a gateway holds for us.
    Clearing(String),
    /// What we owe to an organiser or author.
    Payable(AccountId),
    /// What the platform has earned.
    PlatformFee,
    /// What a customer has with us.
    CustomerCredit(AccountId),
    /// The entry fees of a competition, held for its prizes.
    PrizeEscrow(CompetitionId),
    /// Refunds on their way to customers.
    RefundInflight,
    /// What gateways charge us.
    GatewayFee,
    /// Money held back in disputes.
    DisputeHeld,
    /// Money that fits no order: each entry has an alert.
    Suspense,
    /// What our own bank account has paid out and taken in.
    BankClearing,
}

/// On which side an account grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What we have: grows by debits.
    Asset,
    /// What we owe: grows by credits and can never be overdrawn.
    Liability,
    /// What we earned: grows by credits.
    Income,
    /// What it cost us: grows by debits.
    Expense,
}

impl LedgerAccount {
    /// On which side the account grows.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Clearing(_) | Self::DisputeHeld | Self::BankClearing => Kind::Asset,
            Self::Payable(_)
            | Self::CustomerCredit(_)
            | Self::PrizeEscrow(_)
            | Self::RefundInflight
            | Self::Suspense => Kind::Liability,
            Self::PlatformFee => Kind::Income,
            Self::GatewayFee => Kind::Expense,
        }
    }
    /// Whether debits of the account may never exceed its credits.
    pub fn refuses_overdraft(&self) -> bool {
        self.kind() == Kind::Liability
    }
    /// The account at which a gateway's payments arrive.
    pub fn of_gateway(name: &str) -> Self {
        Self::Clearing(name.to_owned())
    }
    /// Reads the name of an account.
    pub fn parse(name: &str) -> Option<Self> {
        let parts: Vec<&str> = name.split(':').collect();
        Some(match parts.as_slice() {
            ["gateway", gateway, "clearing"] => Self::Clearing((*gateway).to_owned()),
            ["payable", "organiser", id] => Self::Payable(id.parse().ok()?),
            ["platform", "fee"] => Self::PlatformFee,
            ["customer", id, "credit"] => Self::CustomerCredit(id.parse().ok()?),
            ["prize", "escrow", id] => Self::PrizeEscrow(id.parse().ok()?),
            ["refund", "inflight"] => Self::RefundInflight,
            ["gateway", "fee"] => Self::GatewayFee,
            ["dispute", "held"] => Self::DisputeHeld,
            ["suspense", "unmatched"] => Self::Suspense,
            ["bank", "clearing"] => Self::BankClearing,
            _ => return None,
        })
    }
}

/// The name of the account: its database value.
impl std::fmt::Display for LedgerAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Clearing(gateway) => write!(f, "gateway:{gateway}:clearing"),
            Self::Payable(id) => write!(f, "payable:organiser:{id}"),
            Self::PlatformFee => f.write_str("platform:fee"),
            Self::CustomerCredit(id) => write!(f, "customer:{id}:credit"),
            Self::PrizeEscrow(id) => write!(f, "prize:escrow:{id}"),
            Self::RefundInflight => f.write_str("refund:inflight"),
            Self::GatewayFee => f.write_str("gateway:fee"),
            Self::DisputeHeld => f.write_str("dispute:held"),
            Self::Suspense => f.write_str("suspense:unmatched"),
            Self::BankClearing => f.write_str("bank:clearing"),
        }
    }
}

/// Why a transfer was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// A line of an order was paid.
    Sale,
    /// Money came that fits no order.
    Unmatched,
    /// A refund was decided: what its receivers had of the line goes on its way back.
    RefundRequested,
    /// The platform covers what a receiver of a refunded line no longer has.
    RefundCovered,
    /// The gateway has given the money back.
    RefundSucceeded,
    /// The gateway refused to give the money back: it returns to where it was.
    RefundFailed,
    /// A gateway took the money of a dispute.
    Disputed,
    /// The receivers of a disputed line may not have its money paid out.
    DisputeHeld,
    /// The money of a dispute came back.
    DisputeWon,
    /// A customer paid from credit.
    WalletPaid,
    /// A refund became credit of the customer.
    WalletRefund,
    /// Escrow went to a winner or to the organiser.
    Prize,
    /// Earnings go to a bank account.
    Payout,
    /// The bank sent a payout back.
    PayoutReturned,
    /// What a gateway keeps for its work.
    GatewayFee,
    /// A gateway sent what it held to our bank.
    Settlement,
}

impl Code {
    /// Every reason.
    pub const ALL: [Self; 16] = [
        Self::Sale,
        Self::Unmatched,
        Self::RefundRequested,
        Self::RefundCovered,
        Self::RefundSucceeded,
        Self::RefundFailed,
        Self::Disputed,
        Self::DisputeHeld,
        Self::DisputeWon,
        Self::WalletPaid,
        Self::WalletRefund,
        Self::Prize,
        Self::Payout,
        Self::PayoutReturned,
        Self::GatewayFee,
        Self::Settlement,
    ];
    /// The database value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sale => "sale",
            Self::Unmatched => "unmatched",
            Self::RefundRequested => "refund_requested",
            Self::RefundCovered => "refund_covered",
            Self::RefundSucceeded => "refund_succeeded",
            Self::RefundFailed => "refund_failed",
            Self::Disputed => "disputed",
            Self::DisputeHeld => "dispute_held",
            Self::DisputeWon => "dispute_won",
            Self::WalletPaid => "wallet_paid",
            Self::WalletRefund => "wallet_refund",
            Self::Prize => "prize",
            Self::Payout => "payout",
            Self::PayoutReturned => "payout_returned",
            Self::GatewayFee => "gateway_fee",
            Self::Settlement => "settlement",
        }
    }
}

impl Code {
    /// Whether money may move for this reason from the account that is debited to the one that is credited.
    pub fn may_move(self, debit: &LedgerAccount, credit: &LedgerAccount) -> bool {
        use LedgerAccount as A;
        let seller = |account: &A| matches!(account, A::Payable(_) | A::PlatformFee | A::PrizeEscrow(_));
        match (self, debit, credit) {
            (Self::Sale, A::Clearing(_), to) => seller(to),
            (Self::Unmatched, A::Clearing(_), A::Suspense) => true,
            (Self::RefundRequested, from, A::RefundInflight) => seller(from) || *from == A::Suspense,
            (Self::RefundCovered, A::PlatformFee, A::RefundInflight | A::DisputeHeld) => true,
            (Self::RefundSucceeded, A::RefundInflight, A::Clearing(_)) => true,
            (Self::RefundFailed, A::RefundInflight | A::Clearing(_), to) => seller(to) || *to == A::Suspense,
            (Self::Disputed, A::DisputeHeld, A::Clearing(_)) => true,
            (Self::DisputeHeld, from, A::DisputeHeld) => seller(from),
            (Self::DisputeWon, A::Clearing(_), A::DisputeHeld) => true,
            (Self::WalletPaid, A::CustomerCredit(_), A::Clearing(_)) => true,
            (Self::WalletRefund, A::RefundInflight | A::Clearing(_), A::CustomerCredit(_)) => true,
            (Self::Prize, A::PrizeEscrow(_), A::Payable(_)) => true,
            (Self::Payout, A::Payable(_), A::BankClearing) => true,
            (Self::PayoutReturned, A::BankClearing, A::Payable(_)) => true,
            (Self::GatewayFee, A::GatewayFee, A::Clearing(_))
            | (Self::GatewayFee, A::Clearing(_), A::GatewayFee) => true,
            (Self::Settlement, A::BankClearing, A::Clearing(_))
            | (Self::Settlement, A::Clearing(_), A::BankClearing) => true,
            _ => false,
        }
    }
}

impl TryFrom<String> for Code {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|code| code.as_str() == text)
            .ok_or_else(|| format!("unknown transfer code {text}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn money_moves_as_its_reason_allows() {
        let someone = LedgerAccount::Payable(AccountId(Uuid::from_u128(1)));
        let stripe = LedgerAccount::of_gateway("stripe");
        assert!(Code::Sale.may_move(&stripe, &someone) && !Code::Sale.may_move(&someone, &stripe));
        assert!(!Code::Settlement.may_move(&LedgerAccount::PlatformFee, &someone));
        assert!(!Code::Prize.may_move(&LedgerAccount::PlatformFee, &someone));
        assert!(Code::RefundCovered.may_move(&LedgerAccount::PlatformFee, &LedgerAccount::RefundInflight));
    }

    #[test]
    fn names_are_stable() {
        let id = Uuid::from_u128(5);
        for account in [
            LedgerAccount::of_gateway("sandbox"),
            LedgerAccount::Payable(AccountId(id)),
            LedgerAccount::PlatformFee,
            LedgerAccount::CustomerCredit(AccountId(id)),
            LedgerAccount::PrizeEscrow(CompetitionId(id)),
            LedgerAccount::RefundInflight,
            LedgerAccount::GatewayFee,
            LedgerAccount::DisputeHeld,
            LedgerAccount::Suspense,
            LedgerAccount::BankClearing,
        ] {
            assert_eq!(LedgerAccount::parse(&account.to_string()), Some(account));
        }
        for unknown in ["gateway:sandbox", "", "platform", "customer:1:credit", "payable:organiser:"] {
            assert_eq!(LedgerAccount::parse(unknown), None, "{unknown}");
        }
        for code in Code::ALL {
            assert_eq!(Code::try_from(code.as_str().to_owned()), Ok(code));
        }
    }
}
