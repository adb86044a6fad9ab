//! What a gateway keeps for its work, and what it sends to our bank, as its own list tells.

use super::chart::{Code, LedgerAccount};
use super::transfer::Posting;
use crate::money::Money;

/// What kind of entry it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// The gateway kept it for its work.
    Fee,
    /// The gateway sent it to our bank.
    Payout,
}

impl EntryKind {
    /// The database value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fee => "fee",
            Self::Payout => "payout",
        }
    }
}

/// The posting of an entry: it leaves what the gateway holds for us. Less than nothing comes back: a fee that is
/// given back, a payout that the bank refused.
pub fn entry(gateway: &str, kind: EntryKind, amount: Money) -> Posting {
    let (to, code) = match kind {
        EntryKind::Fee => (LedgerAccount::GatewayFee, Code::GatewayFee),
        EntryKind::Payout => (LedgerAccount::BankClearing, Code::Settlement),
    };
    let clearing = LedgerAccount::of_gateway(gateway);
    let much = Money::new(amount.minor.saturating_abs(), amount.currency);
    if amount.minor < 0 {
        Posting::new(clearing, to, much, code)
    } else {
        Posting::new(to, clearing, much, code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    #[test]
    fn what_leaves_a_gateway_and_comes_back_ends_where_it_began() {
        for (kind, account) in [(EntryKind::Fee, "gateway:fee"), (EntryKind::Payout, "bank:clearing")] {
            let there = entry("bank", kind, Money::new(30, Currency::Cny));
            let back = entry("bank", kind, Money::new(-30, Currency::Cny));
            assert_eq!(
                (there.debit.to_string(), there.credit.to_string()),
                (account.to_owned(), "gateway:bank:clearing".to_owned())
            );
            assert_eq!((&back.debit, &back.credit), (&there.credit, &there.debit));
            assert_eq!(
                (there.amount, back.amount),
                (Money::new(30, Currency::Cny), Money::new(30, Currency::Cny))
            );
        }
    }
}
