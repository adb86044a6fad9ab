//! What a line of a gateway's list leads to: it is booked already, or it is booked now.

use domain::money::Money;
use domain::orders::OrderId;
use domain::payments::{PaymentId, Told};
use serde_json::json;

use super::Service;
use super::gateway::{Gateway, Reversal};
use super::gateways::payment_of;
use super::list::{Movement, MovementKind};
use super::reconcile::outside;
use super::reversals::Reversed;
use super::store::{self, BookedRow, NewAlert, Owner, Stored};
use crate::db::Lock;
use crate::error::{Error, Result};

impl Service {
    /// Compares a line with what was booked.
    pub(super) async fn line(&self, gateway: &dyn Gateway, movement: &Movement) -> Result<()> {
        match movement.kind {
            MovementKind::Charge => self.find_charge(gateway, movement).await,
            MovementKind::Refund | MovementKind::Dispute => self.find_reversal(gateway, movement).await,
        }
    }

    /// A charge of the list is booked with its amount, or it is booked now.
    async fn find_charge(&self, gateway: &dyn Gateway, movement: &Movement) -> Result<()> {
        let name = gateway.name();
        match store::booked_amount(&self.kit.db, name, &movement.reference).await? {
            Some(booked) if booked == movement.amount => return Ok(()),
            Some(_) => {
                return self.difference("list_differs", name, &row_of(movement)).await;
            }
            None => {}
        }
        let known = match movement.number.as_deref().and_then(payment_of) {
            Some(id) => store::owner(&self.kit.db, id, name).await?,
            None => None,
        };
        match known {
            Some(owner) => {
                let attempt = store::attempt(&self.kit.db, owner.payment_id).await?;
                let attempt = attempt.ok_or_else(Error::not_found)?;
                let told = gateway.query(&attempt).await.map_err(outside)?;
                match &told {
                    // The attempt was paid by other money: this came as well.
                    Told::Confirmed { charge, .. } if *charge != movement.reference => {
                        let told = listed(movement);
                        let Some(stored) = self.note_listed(name, movement).await? else { return Ok(()) };
                        self.tell(&stored, Some(attempt.id), &told).await
                    }
                    _ => self.learn(attempt.id, &told, "nightly list").await,
                }
            }
            None => {
                let told = listed(movement);
                let Some(stored) = self.note_listed(name, movement).await? else { return Ok(()) };
                self.tell(&stored, None, &told).await
            }
        }
    }

    /// A refund or dispute of the list is passed on, as its notice would have been: once for each of its stages.
    async fn find_reversal(&self, gateway: &dyn Gateway, movement: &Movement) -> Result<()> {
        let name = gateway.name();
        if self.is_dealt_with(name, movement).await? {
            return Ok(());
        }
        let owner = store::owner_of_charge(&self.kit.db, name, &movement.charge).await?;
        let Some(owner) = owner else {
            return self.difference("list_differs", name, &row_of(movement)).await;
        };
        self.pass_on_listed(gateway, owner, movement).await
    }

    /// Asks about something that went back, and passes the answer on.
    pub(super) async fn pass_on_listed(
        &self,
        gateway: &dyn Gateway,
        owner: Owner,
        movement: &Movement,
    ) -> Result<()> {
        let attempt = store::attempt(&self.kit.db, owner.payment_id).await?.ok_or_else(Error::not_found)?;
        let reversal = gateway.reversal(&attempt, &movement.reference).await.map_err(outside)?;
        let Some(reversal) = reversal else { return Ok(()) };
        let Some(stored) = self.note_listed(gateway.name(), movement).await? else { return Ok(()) };
        self.pass_on_stored(gateway.name(), owner, &stored, reversal).await
    }

    /// Passes on what a gateway said of something that went back, under the locks of its account and order.
    pub(super) async fn pass_on_stored(
        &self,
        gateway: &str,
        owner: Owner,
        stored: &Stored,
        reversal: Reversal,
    ) -> Result<()> {
        let Owner { account_id, order_id, payment_id } = owner;
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(account_id)).await?;
        tx.lock(Lock::Order(order_id.0)).await?;
        let gateway = gateway.to_owned();
        let reversed =
            Reversed { gateway, payment: payment_id, order: order_id, reversal, notice: stored.id };
        let (state, reason) = self.pass_on(&mut tx, &reversed, now).await?;
        store::finish_notice(&mut tx, stored.id, state, reason, Some(payment_id), now).await?;
        Ok(tx.commit().await?)
    }

    async fn is_dealt_with(&self, gateway: &str, movement: &Movement) -> Result<bool> {
        let db = &self.kit.db;
        Ok(match store::notice_of_event(db, gateway, &event_of(movement)).await? {
            Some(known) => store::waiting_notice(db, known).await?.is_none(),
            None => false,
        })
    }

    /// Stores a line of a list like a notice, once; nothing where it was dealt with before.
    pub(super) async fn note_listed(&self, gateway: &str, movement: &Movement) -> Result<Option<Stored>> {
        let body = json!({
            "listed": movement.kind.as_str(), "reference": movement.reference, "charge": movement.charge,
            "number": movement.number, "amount": movement.amount, "at": movement.at, "stage": movement.stage,
        });
        let body = body.to_string().into_bytes();
        let stored = Stored { id: self.kit.id(), gateway: gateway.to_owned(), body };
        let event = event_of(movement);
        if let Some(known) = store::notice_of_event(&self.kit.db, gateway, &event).await? {
            return store::waiting_notice(&self.kit.db, known).await;
        }
        let mut tx = self.kit.db.begin().await?;
        store::add_notice(&mut tx, &stored, &event, self.kit.now()).await?;
        tx.commit().await?;
        Ok(Some(stored))
    }

    /// Tells staff that our book and a list differ.
    pub(super) async fn difference(&self, reason: &str, gateway: &str, row: &BookedRow) -> Result<()> {
        let alert = NewAlert {
            id: self.kit.id(),
            reason,
            key: &format!("{reason}:{gateway}:{}", row.charge),
            detail: &format!("{gateway} {}", row.charge),
            notice: None,
            payment: row.payment_id.map(PaymentId),
            order: row.order_id.map(OrderId),
            amount: Money::new(row.amount, row.currency),
        };
        let mut tx = self.kit.db.begin().await?;
        store::add_alert(&mut tx, &alert, self.kit.now()).await?;
        Ok(tx.commit().await?)
    }
}

/// The id under which a line is stored: another one for each stage.
fn event_of(movement: &Movement) -> String {
    let Movement { kind, reference, stage, .. } = movement;
    match kind {
        MovementKind::Charge => format!("listed-{}-{reference}", kind.as_str()),
        _ => format!("listed-{}-{reference}-{stage}", kind.as_str()),
    }
}

/// A line of a list that belongs to nothing of ours, as staff is told of it.
fn row_of(movement: &Movement) -> BookedRow {
    BookedRow {
        charge: movement.reference.clone(),
        payment_id: None,
        order_id: None,
        amount: movement.amount.minor,
        currency: movement.amount.currency,
    }
}

/// What a charge of a list says.
fn listed(movement: &Movement) -> Told {
    Told::Confirmed { charge: movement.reference.clone(), amount: movement.amount }
}
