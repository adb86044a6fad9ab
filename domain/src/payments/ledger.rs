//! Booking: linked transfers that are judged together, and never edited.
//!
//! The semantics are those of TigerBeetle: ids are made by whoever books, so that booking twice is noticed;
//! a group is booked whole or not at all; a pending transfer is posted or voided at most once, and counts
//! against limits from the start; what was refused for want of balance stays refused under its id.

use std::collections::{BTreeMap, BTreeSet};

use super::TransferId;
use super::chart::{Kind, LedgerAccount};
use super::transfer::{Phase, Posting, Transfer};
use crate::money::Currency;

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
    /// A transfer of this id exists and differs in the named field.
    #[error("exists with different {0}")]
    Differs(&'static str),
    /// Some transfers of the group exist and others do not.
    #[error("a linked transfer exists already")]
    Linked,
    /// The id was refused before for want of balance: a new attempt needs a new id.
    #[error("the id has failed before")]
    FailedBefore,
    /// There is no such pending transfer.
    #[error("no such pending transfer")]
    NotPending,
    /// The pending transfer was posted or voided before.
    #[error("posted or voided before")]
    Resolved,
    /// A post differs from its pending transfer in the named field, or exceeds it.
    #[error("does not fit its pending transfer: {0}")]
    Misfit(&'static str),
    /// The account would owe less than nothing.
    #[error("{0} would be overdrawn")]
    Overdraft(LedgerAccount),
    /// A balance leaves 64 bits.
    #[error("a balance out of range")]
    Range,
}

impl LedgerFault {
    /// Whether the same transfers might have been booked at another time; their ids then fail for ever.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Overdraft(_))
    }
}

/// Checks linked transfers: positive, two legs, one currency, one group, no id twice.
pub fn check_group(transfers: &[Transfer]) -> Result<Currency, LedgerFault> {
    let first = transfers.first().ok_or(LedgerFault::Empty)?;
    let currency = first.posting.amount.currency;
    let mut seen = BTreeSet::new();
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

/// The sums of an account in one currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// Everything debited.
    pub debits: i64,
    /// Everything credited.
    pub credits: i64,
    /// Debits that are reserved.
    pub debits_pending: i64,
    /// Credits that are reserved.
    pub credits_pending: i64,
}

impl Balance {
    /// What the account holds, counted on the side on which it grows.
    pub fn of(self, kind: Kind) -> i64 {
        match kind {
            Kind::Asset | Kind::Expense => self.debits.saturating_sub(self.credits),
            Kind::Liability | Kind::Income => self.credits.saturating_sub(self.debits),
        }
    }
    /// What may still be debited of something that we owe.
    pub fn free(self) -> i64 {
        self.credits.saturating_sub(self.debits).saturating_sub(self.debits_pending)
    }
    fn add(&mut self, debits: i64, credits: i64, pending: bool) -> Result<(), LedgerFault> {
        let (debit, credit) = if pending {
            (&mut self.debits_pending, &mut self.credits_pending)
        } else {
            (&mut self.debits, &mut self.credits)
        };
        *debit = debit.checked_add(debits).ok_or(LedgerFault::Range)?;
        *credit = credit.checked_add(credits).ok_or(LedgerFault::Range)?;
        Ok(())
    }
}

/// What must be known to judge a group, read where nobody else can change it.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// Booked transfers: those of the group's ids, and the pending ones that it settles.
    pub booked: BTreeMap<TransferId, Transfer>,
    /// Ids of the group that were refused before for want of balance.
    pub failed: BTreeSet<TransferId>,
    /// Pending transfers that were settled before.
    pub settled: BTreeSet<TransferId>,
    /// The accounts of the group in its currency; those not named hold nothing.
    pub balances: BTreeMap<LedgerAccount, Balance>,
}

/// What judging a group comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judged {
    /// Every transfer exists with the same fields: nothing to do, and that is a success.
    Exists,
    /// The group is new; these are its accounts afterwards.
    New(BTreeMap<LedgerAccount, Balance>),
}

/// Judges linked transfers: all of them or none.
pub fn judge(sheet: &Sheet, transfers: &[Transfer]) -> Result<Judged, LedgerFault> {
    check_group(transfers)?;
    let mut known = 0;
    for transfer in transfers {
        if let Some(booked) = sheet.booked.get(&transfer.id) {
            if let Some(field) = transfer.differs(booked) {
                return Err(LedgerFault::Differs(field));
            }
            known += 1;
        }
    }
    if known == transfers.len() {
        return Ok(Judged::Exists);
    }
    if known > 0 {
        return Err(LedgerFault::Linked);
    }
    if transfers.iter().any(|transfer| sheet.failed.contains(&transfer.id)) {
        return Err(LedgerFault::FailedBefore);
    }
    let mut after = sheet.balances.clone();
    let mut settled = sheet.settled.clone();
    for transfer in transfers {
        let posting = &transfer.posting;
        let moved = match posting.phase {
            Phase::Single | Phase::Pending => posting.amount.minor,
            Phase::Post(id) | Phase::Void(id) => {
                let reserved = settles(sheet, posting, id)?;
                if !settled.insert(id) {
                    return Err(LedgerFault::Resolved);
                }
                after.entry(posting.debit.clone()).or_default().add(-reserved, 0, true)?;
                after.entry(posting.credit.clone()).or_default().add(0, -reserved, true)?;
                if matches!(posting.phase, Phase::Post(_)) { posting.amount.minor } else { 0 }
            }
        };
        let pending = posting.phase == Phase::Pending;
        after.entry(posting.debit.clone()).or_default().add(moved, 0, pending)?;
        after.entry(posting.credit.clone()).or_default().add(0, moved, pending)?;
    }
    let short = |(account, balance): &(&LedgerAccount, &Balance)| {
        let before = sheet.balances.get(*account).copied().unwrap_or_default();
        account.refuses_overdraft() && balance.free() < 0 && balance.free() < before.free()
    };
    match after.iter().find(short) {
        Some((account, _)) => Err(LedgerFault::Overdraft(account.clone())),
        None => Ok(Judged::New(after)),
    }
}

/// How much the pending transfer of a post or void reserved, where they fit each other.
fn settles(sheet: &Sheet, posting: &Posting, id: TransferId) -> Result<i64, LedgerFault> {
    let pending = sheet.booked.get(&id).map(|transfer| &transfer.posting).ok_or(LedgerFault::NotPending)?;
    if pending.phase != Phase::Pending {
        return Err(LedgerFault::NotPending);
    }
    let whole = pending.amount.minor;
    for (field, fits) in [
        ("debit", pending.debit == posting.debit),
        ("credit", pending.credit == posting.credit),
        ("currency", pending.amount.currency == posting.amount.currency),
        (
            "amount",
            match posting.phase {
                Phase::Void(_) => posting.amount.minor == whole,
                _ => posting.amount.minor <= whole,
            },
        ),
    ] {
        if !fits {
            return Err(LedgerFault::Misfit(field));
        }
    }
    Ok(whole)
}

/// A ledger in memory: the rules of booking, for tests and for recounts.
#[derive(Clone, Debug, Default)]
pub struct Book {
    booked: BTreeMap<TransferId, Transfer>,
    failed: BTreeSet<TransferId>,
    settled: BTreeSet<TransferId>,
    balances: BTreeMap<(LedgerAccount, Currency), Balance>,
}

impl Book {
    /// Books linked transfers: all of them or none.
    pub fn book(&mut self, transfers: &[Transfer]) -> Result<(), LedgerFault> {
        let currency = check_group(transfers)?;
        let of_currency = self.balances.iter().filter(|(key, _)| key.1 == currency);
        let sheet = Sheet {
            booked: self.booked.clone(),
            failed: self.failed.clone(),
            settled: self.settled.clone(),
            balances: of_currency.map(|(key, balance)| (key.0.clone(), *balance)).collect(),
        };
        match judge(&sheet, transfers) {
            Ok(Judged::Exists) => Ok(()),
            Ok(Judged::New(after)) => {
                self.balances
                    .extend(after.into_iter().map(|(account, balance)| ((account, currency), balance)));
                self.settled.extend(transfers.iter().filter_map(|transfer| transfer.posting.phase.settles()));
                self.booked.extend(transfers.iter().map(|transfer| (transfer.id, transfer.clone())));
                Ok(())
            }
            Err(fault) => {
                if fault.is_transient() {
                    self.failed.extend(transfers.iter().map(|transfer| transfer.id));
                }
                Err(fault)
            }
        }
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
    /// Whether debits equal credits in every currency, moved and reserved.
    pub fn balanced(&self) -> bool {
        Currency::ALL.into_iter().all(|currency| {
            let of = |pick: fn(&Balance) -> i64| -> i128 {
                let own = self.balances.iter().filter(|(key, _)| key.1 == currency);
                own.map(|(_, balance)| i128::from(pick(balance))).sum()
            };
            of(|balance| balance.debits) == of(|balance| balance.credits)
                && of(|balance| balance.debits_pending) == of(|balance| balance.credits_pending)
        })
    }
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
