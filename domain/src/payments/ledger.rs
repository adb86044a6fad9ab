//! The double-entry ledger: a chart of accounts per currency, and transfers that are never edited.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::TransferId;
use crate::accounts::AccountId;
use crate::competitions::CompetitionId;
use crate::money::{Currency, Money};

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
            Self::Clearing(_) | Self::DisputeHeld => Kind::Asset,
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
}

impl Code {
    /// The database value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sale => "sale",
            Self::Unmatched => "unmatched",
        }
    }
}

impl TryFrom<String> for Code {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        [Self::Sale, Self::Unmatched]
            .into_iter()
            .find(|code| code.as_str() == text)
            .ok_or_else(|| format!("unknown transfer code {text}"))
    }
}

/// What is to be booked: two legs and an amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// The account that is debited.
    pub debit: LedgerAccount,
    /// The account that is credited.
    pub credit: LedgerAccount,
    /// How much; more than nothing.
    pub amount: Money,
    /// Why.
    pub code: Code,
    /// The line of an order for which it is booked.
    pub line: Option<crate::orders::OrderLineId>,
}

/// An entry of the ledger; never edited, corrected only by another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Made by whoever books, so that booking twice is noticed.
    pub id: TransferId,
    /// The transfers that are booked together or not at all.
    pub group: Uuid,
    /// The two legs.
    pub posting: Posting,
}

/// Why transfers were refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerFault {
    /// A group has no transfer.
    #[error("an empty group")]
    Empty,
    /// The amount is not more than nothing.
    #[error("an amount that is not positive")]
    Amount,
    /// Both legs are one account.
    #[error("both legs on one account")]
    OneLeg,
    /// The transfers of a group are of several currencies.
    #[error("several currencies in one group")]
    Currency,
    /// The transfers of a group carry different group ids, or an id twice.
    #[error("a group that does not belong together")]
    Group,
    /// The transfer has been booked before.
    #[error("booked before")]
    Booked,
    /// The account would owe less than nothing.
    #[error("{0} would be overdrawn")]
    Overdraft(String),
    /// A balance leaves 64 bits.
    #[error("a balance out of range")]
    Range,
}

/// Checks linked transfers: positive, two legs, one currency, one group, no id twice.
pub fn check_group(transfers: &[Transfer]) -> Result<Currency, LedgerFault> {
    let first = transfers.first().ok_or(LedgerFault::Empty)?;
    let currency = first.posting.amount.currency;
    let mut seen = HashSet::new();
    for transfer in transfers {
        let posting = &transfer.posting;
        if posting.amount.minor <= 0 {
            return Err(LedgerFault::Amount);
        }
        if posting.debit == posting.credit {
            return Err(LedgerFault::OneLeg);
        }
        if posting.amount.currency != currency {
            return Err(LedgerFault::Currency);
        }
        if transfer.group != first.group || !seen.insert(transfer.id) {
            return Err(LedgerFault::Group);
        }
    }
    Ok(currency)
}

/// The two sums of an account in one currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// Everything debited.
    pub debits: i64,
    /// Everything credited.
    pub credits: i64,
}

impl Balance {
    /// What the account holds, counted on the side on which it grows.
    pub fn of(self, kind: Kind) -> i64 {
        match kind {
            Kind::Asset | Kind::Expense => self.debits.saturating_sub(self.credits),
            Kind::Liability | Kind::Income => self.credits.saturating_sub(self.debits),
        }
    }
}

/// A ledger in memory: the rules of booking, for tests and for recounts.
#[derive(Clone, Debug, Default)]
pub struct Book {
    booked: HashSet<TransferId>,
    balances: BTreeMap<(LedgerAccount, Currency), Balance>,
}

impl Book {
    /// Books linked transfers: all of them or none.
    pub fn book(&mut self, transfers: &[Transfer]) -> Result<(), LedgerFault> {
        let currency = check_group(transfers)?;
        if transfers.iter().any(|transfer| self.booked.contains(&transfer.id)) {
            return Err(LedgerFault::Booked);
        }
        let mut changed = self.balances.clone();
        for Transfer { posting, .. } in transfers {
            let debit = changed.entry((posting.debit.clone(), currency)).or_default();
            debit.debits = debit.debits.checked_add(posting.amount.minor).ok_or(LedgerFault::Range)?;
            let credit = changed.entry((posting.credit.clone(), currency)).or_default();
            credit.credits = credit.credits.checked_add(posting.amount.minor).ok_or(LedgerFault::Range)?;
        }
        let overdrawn = |(key, balance): &(&(LedgerAccount, Currency), &Balance)| {
            key.0.refuses_overdraft() && balance.debits > balance.credits
        };
        if let Some((key, _)) = changed.iter().find(overdrawn) {
            return Err(LedgerFault::Overdraft(key.0.to_string()));
        }
        self.balances = changed;
        self.booked.extend(transfers.iter().map(|transfer| transfer.id));
        Ok(())
    }
    /// Every account that was ever booked.
    pub fn balances(&self) -> &BTreeMap<(LedgerAccount, Currency), Balance> {
        &self.balances
    }
    /// What an account holds in a currency.
    pub fn balance(&self, account: &LedgerAccount, currency: Currency) -> i64 {
        let balance = self.balances.get(&(account.clone(), currency)).copied().unwrap_or_default();
        balance.of(account.kind())
    }
    /// Whether debits equal credits in every currency.
    pub fn balanced(&self) -> bool {
        Currency::ALL.into_iter().all(|currency| {
            let of = |pick: fn(&Balance) -> i64| -> i128 {
                let own = self.balances.iter().filter(|(key, _)| key.1 == currency);
                own.map(|(_, balance)| i128::from(pick(balance))).sum()
            };
            of(|balance| balance.debits) == of(|balance| balance.credits)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transfer(id: u128, debit: LedgerAccount, credit: LedgerAccount, minor: i64) -> Transfer {
        let amount = Money::new(minor, Currency::Cny);
        let posting = Posting { debit, credit, amount, code: Code::Sale, line: None };
        Transfer { id: TransferId(Uuid::from_u128(id)), group: Uuid::nil(), posting }
    }
    fn clearing() -> LedgerAccount {
        LedgerAccount::Clearing("sandbox".to_owned())
    }

    #[test]
    fn names_are_stable() {
        let id = Uuid::from_u128(5);
        for account in [
            clearing(),
            LedgerAccount::Payable(AccountId(id)),
            LedgerAccount::PlatformFee,
            LedgerAccount::CustomerCredit(AccountId(id)),
            LedgerAccount::PrizeEscrow(CompetitionId(id)),
            LedgerAccount::RefundInflight,
            LedgerAccount::GatewayFee,
            LedgerAccount::DisputeHeld,
            LedgerAccount::Suspense,
        ] {
            assert_eq!(LedgerAccount::parse(&account.to_string()), Some(account));
        }
        assert_eq!(LedgerAccount::parse("gateway:sandbox"), None);
    }

    #[test]
    fn a_group_is_booked_once_and_whole() {
        let mut book = Book::default();
        let good = [transfer(1, clearing(), LedgerAccount::PlatformFee, 300)];
        assert_eq!(book.book(&good), Ok(()));
        assert_eq!(book.book(&good), Err(LedgerFault::Booked));
        let half = [
            transfer(2, clearing(), LedgerAccount::Suspense, 10),
            transfer(3, LedgerAccount::RefundInflight, clearing(), 10),
        ];
        assert_eq!(book.book(&half), Err(LedgerFault::Overdraft("refund:inflight".to_owned())));
        assert_eq!(book.balance(&LedgerAccount::Suspense, Currency::Cny), 0);
        assert_eq!(book.balance(&clearing(), Currency::Cny), 300);
        assert!(book.balanced());
    }

    #[test]
    fn senseless_groups_are_refused() {
        let fee = LedgerAccount::PlatformFee;
        assert_eq!(check_group(&[]), Err(LedgerFault::Empty));
        assert_eq!(check_group(&[transfer(1, clearing(), fee.clone(), 0)]), Err(LedgerFault::Amount));
        assert_eq!(check_group(&[transfer(1, fee.clone(), fee.clone(), 5)]), Err(LedgerFault::OneLeg));
        let one = transfer(1, clearing(), fee.clone(), 5);
        assert_eq!(check_group(&[one.clone(), one.clone()]), Err(LedgerFault::Group));
        let mut dollars = transfer(2, clearing(), fee, 5);
        dollars.posting.amount.currency = Currency::Usd;
        assert_eq!(check_group(&[one, dollars]), Err(LedgerFault::Currency));
    }
}
