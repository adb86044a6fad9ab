//! Payouts: requested by whoever earned, approved by two others, exported for the bank, paid or returned.

use domain::accounts::AccountId;
use domain::actor::{Actor, Role};
use domain::invalid::Denied;
use domain::locale::Bilingual;
use domain::messages::{MessageKind, Said};
use domain::money::{Currency, Money};
use domain::payments::{Balance, Code, LedgerAccount, LedgerFault, Phase, Posting};
use domain::payouts::{PayoutId, PayoutState, PayoutStep, Wish, may_approve};
use domain::time::Timestamp;

use super::Service;
use super::store::{self, Payout};
use crate::db::{Lock, Tx};
use crate::error::{Error, Result};
use crate::features::messages;
use crate::features::payments::ledger::{self, Belongs, derived, transfer_id};

/// What somebody has earned in a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Earned {
    /// Everything that is owed.
    pub owed: Money,
    /// What waits for the guarantee of buyers to end.
    pub held: Money,
    /// What may be paid out now.
    pub available: Money,
}

/// Only people of the platform; for everybody else the page does not exist.
pub(super) fn staff(actor: &Actor) -> Result<()> {
    if actor.is(Role::Admin) { Ok(()) } else { Err(Error::not_found()) }
}

/// How many payouts one file holds.
const FILE: i64 = 1_000;

impl Service {
    /// What an account has earned, in each currency in which it has anything.
    pub async fn earned(&self, account: AccountId) -> Result<Vec<Earned>> {
        let mut tx = self.kit.db.read().await?;
        let mut earned = Vec::new();
        for currency in Currency::ALL {
            let balance = ledger::balance(&mut tx, &LedgerAccount::Payable(account), currency).await?;
            let one = self.earned_of(&mut tx, account, balance, currency).await?;
            if !one.owed.is_zero() {
                earned.push(one);
            }
        }
        Ok(earned)
    }

    async fn earned_of(
        &self,
        tx: &mut Tx,
        account: AccountId,
        balance: Balance,
        currency: Currency,
    ) -> Result<Earned> {
        let (payable, free) = (LedgerAccount::Payable(account), balance.free());
        let held = store::held(tx, &payable.to_string(), currency, self.kit.now()).await?;
        let money = |minor: i64| Money::new(minor, currency);
        Ok(Earned { owed: money(free), held: money(held.min(free)), available: money((free - held).max(0)) })
    }

    /// Asks to be paid; the money is reserved from now on.
    pub async fn request(&self, actor: &Actor, wish: Wish) -> Result<PayoutId> {
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(actor.account)).await?;
        let currency = wish.amount.currency;
        let payable = LedgerAccount::Payable(actor.account);
        let balance = ledger::lock_balance(&mut tx, &payable, currency).await?;
        let earned = self.earned_of(&mut tx, actor.account, balance, currency).await?;
        if wish.amount.minor > earned.available.minor {
            return Err(Denied::with("payout_too_much", &[&earned.available]).into());
        }
        let payout = Payout {
            id: self.kit.id(),
            account: actor.account,
            amount: wish.amount,
            holder: wish.holder,
            bank: wish.bank,
            state: PayoutState::Requested,
            reason: None,
            requested_at: now,
            username: actor.username.clone(),
            approvals: 0,
        };
        store::add(&mut tx, &payout).await?;
        let booked = self.book(&mut tx, &payout, "payout requested", Phase::Pending).await?;
        if let Err(fault) = booked {
            return Err(match fault {
                LedgerFault::Overdraft(_) => Denied::with("payout_too_much", &[&earned.available]).into(),
                other => Error::bug(format!("a payout: {other}")),
            });
        }
        let event = PayoutState::Requested.as_str();
        store::note(&mut tx, self.kit.id(), payout.id, event, actor.account, "owner", now).await?;
        tx.commit().await?;
        Ok(payout.id)
    }

    /// Approves as one person of the platform; with the last approval that is needed it may be exported.
    pub async fn approve(&self, actor: &Actor, id: PayoutId) -> Result<()> {
        staff(actor)?;
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        let payout = self.locked(&mut tx, id).await?;
        let to = payout.state.after(PayoutStep::Approve)?;
        let last = may_approve(actor.account, payout.account, &store::approvals(&mut tx, id).await?)?;
        store::approve(&mut tx, id, actor.account, now).await?;
        if last {
            store::set_state(&mut tx, &payout, to, now).await?;
        }
        let event = if last { to.as_str() } else { "approved_once" };
        store::note(&mut tx, self.kit.id(), id, event, actor.account, "staff", now).await?;
        Ok(tx.commit().await?)
    }

    /// Moves a payout by one of its other steps; money that does not go out is earnings again.
    pub async fn step(&self, actor: &Actor, id: PayoutId, step: PayoutStep) -> Result<()> {
        self.step_because(actor, id, step, None).await
    }

    /// The same, and notes for its owner why.
    pub(super) async fn step_because(
        &self,
        actor: &Actor,
        id: PayoutId,
        step: PayoutStep,
        reason: Option<&str>,
    ) -> Result<()> {
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        let payout = self.locked(&mut tx, id).await?;
        let cause = if step == PayoutStep::Cancel {
            if payout.account != actor.account {
                return Err(Error::not_found());
            }
            "owner"
        } else {
            staff(actor)?;
            if payout.account == actor.account {
                return Err(Error::denied("payout_own"));
            }
            "staff"
        };
        let to = payout.state.after(step)?;
        let reserved = Phase::Void(transfer_id(derived("payout requested", id.0), 0));
        let posts = Phase::Post(transfer_id(derived("payout requested", id.0), 0));
        let booked = match (step, payout.state) {
            (PayoutStep::Approve | PayoutStep::Export, _) => Ok(()),
            (PayoutStep::Pay, _) => self.book(&mut tx, &payout, "payout paid", posts).await?,
            (PayoutStep::Fail, PayoutState::Paid) => self.book_return(&mut tx, &payout).await?,
            _ => self.book(&mut tx, &payout, "payout released", reserved).await?,
        };
        booked.map_err(|fault| Error::bug(format!("payout {id}: {fault}")))?;
        store::set_state(&mut tx, &payout, to, now).await?;
        self.say(&mut tx, &payout, to, now).await?;
        if let Some(reason) = reason {
            store::set_reason(&mut tx, id, reason).await?;
        }
        store::note(&mut tx, self.kit.id(), id, to.as_str(), actor.account, cause, now).await?;
        Ok(tx.commit().await?)
    }

    /// Tells its owner where a payout ended, where somebody else ended it.
    async fn say(&self, tx: &mut Tx, payout: &Payout, to: PayoutState, now: Timestamp) -> Result<()> {
        let kind = match to {
            PayoutState::Paid => MessageKind::PayoutPaid,
            PayoutState::Failed => MessageKind::PayoutFailed,
            PayoutState::Rejected => MessageKind::PayoutRejected,
            PayoutState::Requested
            | PayoutState::Approved
            | PayoutState::Exported
            | PayoutState::Cancelled => {
                return Ok(());
            }
        };
        let (title, amount) = (Bilingual::default(), Some(payout.amount));
        let said = Said { kind, title, amount, at: None, link: "/earnings".to_owned() };
        let key = format!("{}:{}", kind.as_str(), payout.id);
        Ok(messages::write(tx, self.kit.id(), payout.account, &key, &said, now).await?)
    }

    /// Hands approved payouts to the bank, each once and oldest first: what another file holds already is not in this
    /// one, and what is too much for one is in the next. The own ones are left to somebody else.
    pub async fn export(&self, actor: &Actor) -> Result<Vec<Payout>> {
        staff(actor)?;
        let now = self.kit.now();
        let mut approved = store::oldest(&self.kit.db, "approved", None, FILE).await?;
        approved.retain(|payout| payout.account != actor.account);
        // Everybody locks accounts in one order.
        approved.sort_by_key(|payout| (payout.account, payout.id));
        let mut exported = Vec::new();
        let mut tx = self.kit.db.begin().await?;
        for payout in approved {
            let payout = self.locked(&mut tx, payout.id).await?;
            // Somebody else was faster: it is in their file.
            let Ok(to) = payout.state.after(PayoutStep::Export) else { continue };
            store::set_state(&mut tx, &payout, to, now).await?;
            store::note(&mut tx, self.kit.id(), payout.id, to.as_str(), actor.account, "staff", now).await?;
            exported.push(payout);
        }
        tx.commit().await?;
        Ok(exported)
    }

    /// A file once more, as far as the bank has not answered; never with what another file holds, which was paid out
    /// by that one.
    pub async fn exported(&self, actor: &Actor, made: Timestamp) -> Result<Vec<Payout>> {
        staff(actor)?;
        let payouts = store::in_file(&self.kit.db, made).await?;
        if payouts.is_empty() { Err(Error::not_found()) } else { Ok(payouts) }
    }

    async fn locked(&self, tx: &mut Tx, id: PayoutId) -> Result<Payout> {
        let owner = store::owner(tx, id).await?.ok_or_else(Error::not_found)?;
        tx.lock(Lock::Account(owner)).await?;
        store::payout_in(tx, id).await?.ok_or_else(Error::not_found)
    }

    async fn book(
        &self,
        tx: &mut Tx,
        payout: &Payout,
        purpose: &str,
        phase: Phase,
    ) -> Result<Result<(), LedgerFault>> {
        let payable = LedgerAccount::Payable(payout.account);
        let posting = Posting::new(payable, LedgerAccount::BankClearing, payout.amount, Code::Payout);
        let belongs = Belongs { payout: Some(payout.id), ..Belongs::default() };
        let group = derived(purpose, payout.id.0);
        ledger::try_book(tx, &self.kit, group, vec![posting.in_phase(phase)], belongs).await
    }

    async fn book_return(&self, tx: &mut Tx, payout: &Payout) -> Result<Result<(), LedgerFault>> {
        let payable = LedgerAccount::Payable(payout.account);
        let posting = Posting::new(LedgerAccount::BankClearing, payable, payout.amount, Code::PayoutReturned);
        let belongs = Belongs { payout: Some(payout.id), ..Belongs::default() };
        ledger::try_book(tx, &self.kit, derived("payout returned", payout.id.0), vec![posting], belongs).await
    }
}
