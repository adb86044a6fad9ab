//! Cards that buyers let us keep: written down when they paid a plan, charged for its renewals, forgotten.
//!
//! The card itself never comes here: its gateway keeps it, and we know its name there.

use async_trait::async_trait;
use domain::accounts::AccountId;
use domain::actor::Actor;
use domain::orders::OrderId;
use domain::payments::{AttemptState, CardId, PaymentId};
use domain::time::Span;

use super::jobs::ForgetCard;
use super::store::KeptCard;
use super::{Service, store};
use crate::db::{Lock, Tx};
use crate::error::{Error, Result};
use crate::features::subscriptions::Purse;

/// A card is charged at most once in this time, whatever is due; the turns of a period are a day apart.
const PAUSE: Span = Span::hours(20);

#[async_trait]
impl Purse for Service {
    async fn pay(&self, actor: &Actor, order: OrderId) -> Result<bool> {
        let Some(card) = store::kept_card(&self.kit.db, actor.account).await? else { return Ok(false) };
        let since = self.kit.now().minus(PAUSE);
        if self.gateway(&card.gateway).is_none() || store::was_charged(&self.kit.db, card.id, since).await? {
            return Ok(false);
        }
        let id = self.begin_by(actor, order, &card.gateway, Some(&card)).await?;
        let attempt = store::attempt(&self.kit.db, id).await?.ok_or_else(Error::not_found)?;
        Ok(attempt.state == AttemptState::Confirmed)
    }

    async fn released(&self, tx: &mut Tx, account: AccountId) -> Result<()> {
        match store::kept_card_in(tx, account).await? {
            Some(card) => self.forget_card(tx, &card).await,
            None => Ok(()),
        }
    }
}

impl Service {
    /// Writes down the card by which an attempt was paid, in place of an earlier one of its owner.
    pub(crate) async fn keep_card(&self, id: PaymentId) -> Result<()> {
        let Some(attempt) = store::attempt(&self.kit.db, id).await? else { return Ok(()) };
        let outside = |what| Error::Outside { who: "gateway", what };
        let gateway = self
            .gateway(&attempt.gateway)
            .ok_or_else(|| outside(format!("{} is not configured", attempt.gateway)))?;
        let card = gateway.card_of(&attempt).await.map_err(|unsure| outside(unsure.0))?;
        let Some(card) = card else { return Ok(()) };
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(attempt.buyer)).await?;
        if store::was_kept(&mut tx, gateway.name(), &card.method).await? {
            return Ok(());
        }
        self.released(&mut tx, attempt.buyer).await?;
        store::keep_card(&mut tx, self.kit.id(), attempt.buyer, gateway.name(), &card, now).await?;
        Ok(tx.commit().await?)
    }

    /// Forgets the own card: from now on nothing is charged to it, and its gateway forgets it soon.
    pub(super) async fn drop_card(&self, actor: &Actor) -> Result<()> {
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(actor.account)).await?;
        let card = store::kept_card_in(&mut tx, actor.account).await?.ok_or_else(Error::not_found)?;
        self.forget_card(&mut tx, &card).await?;
        Ok(tx.commit().await?)
    }

    /// Charges a card no more; its gateway is told by a job.
    async fn forget_card(&self, tx: &mut Tx, card: &KeptCard) -> Result<()> {
        store::forget_card(tx, card.id, self.kit.now()).await?;
        Ok(tx.enqueue(&ForgetCard { card: card.id, turn: 0 }).await?)
    }

    /// Makes a gateway forget a card.
    pub(crate) async fn forget_there(&self, id: CardId) -> Result<()> {
        let Some(card) = store::card(&self.kit.db, id).await? else { return Ok(()) };
        let Some(gateway) = self.gateway(&card.gateway) else { return Ok(()) };
        gateway.forget(&card.card()).await.map_err(|unsure| Error::Outside { who: "gateway", what: unsure.0 })
    }
}
