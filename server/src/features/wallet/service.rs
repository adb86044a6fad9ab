//! Paying from credit.

use async_trait::async_trait;
use domain::accounts::AccountId;
use domain::actor::Actor;
use domain::invalid::Denied;
use domain::money::{Currency, Money};
use domain::orders::OrderId;
use domain::payments::{AttemptState, LedgerAccount, PaymentId, Told};

use super::{Service, gateway};
use crate::db::Lock;
use crate::error::{Error, Result};
use crate::features::finance::store as books;
use crate::features::orders::store as orders;
use crate::features::payments::store::{self as payments, Attempt};
use crate::features::refunds::WALLET;
use crate::features::subscriptions::Purse;

#[async_trait]
impl Purse for Service {
    async fn pay(&self, actor: &Actor, id: OrderId) -> Result<bool> {
        let Some(order) = orders::order(&self.kit.db, id).await? else { return Ok(false) };
        if self.balance(actor.account, order.total.currency).await?.minor < order.total.minor {
            return Ok(false);
        }
        let attempt = self.payments.begin(actor, id, WALLET).await?;
        Self::pay(self, actor, attempt).await?;
        Ok(true)
    }
}

impl Service {
    /// What a customer has, in each currency in which there ever was anything.
    pub async fn balances(&self, account: AccountId) -> Result<Vec<Money>> {
        let rows = books::balances(&self.kit.db, &LedgerAccount::CustomerCredit(account)).await?;
        let money = |row: books::AccountRow| Money::new(row.balance().free(), row.currency);
        Ok(rows.into_iter().map(money).collect())
    }

    pub(super) async fn balance(&self, account: AccountId, currency: Currency) -> Result<Money> {
        let balances = self.balances(account).await?;
        let found = balances.into_iter().find(|balance| balance.currency == currency);
        Ok(found.unwrap_or_else(|| Money::zero(currency)))
    }

    pub(super) async fn attempt(&self, actor: &Actor, id: PaymentId) -> Result<Attempt> {
        payments::own_attempt(&self.kit.db, id, actor.account)
            .await?
            .filter(|attempt| attempt.gateway == WALLET)
            .ok_or_else(Error::not_found)
    }

    /// Pays an own attempt from credit; what is not there is refused, and the attempt with it.
    pub async fn pay(&self, actor: &Actor, id: PaymentId) -> Result<OrderId> {
        let attempt = self.attempt(actor, id).await?;
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(actor.account)).await?;
        tx.lock(Lock::Order(attempt.order.0)).await?;
        let order = orders::order_in(&mut tx, attempt.order).await?.ok_or_else(Error::not_found)?;
        let attempt = payments::attempt_in(&mut tx, id).await?.ok_or_else(Error::not_found)?;
        if attempt.state == AttemptState::Confirmed {
            return Ok(order.id);
        }
        if !order.state.is_open() || !attempt.state.is_open() || order.expires_at < now {
            return Err(Denied::new("order_expired").into());
        }
        let taken = gateway::take(&mut tx, &self.kit, &attempt).await?;
        // A refusal is made durable as well: a late repetition of the same attempt surprises nobody.
        tx.commit().await?;
        match taken {
            Ok(()) => {
                self.payments.learn(id, &gateway::told(&attempt), "wallet").await?;
                Ok(order.id)
            }
            Err(_) => {
                self.payments.learn(id, &Told::Declined, "wallet").await?;
                Err(Denied::new("wallet_too_little").into())
            }
        }
    }
}
