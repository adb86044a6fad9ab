//! What a line of a gateway's list leads to: it is booked already, or it is booked now.

use domain::money::Money;
use domain::orders::OrderId;
use domain::payments::{EntryKind, PaymentId, Told, entry};
use domain::time::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::Service;
use super::gateway::Gateway;
use super::gateways::payment_of;
use super::ledger::{self, Belongs};
use super::list::{Movement, MovementKind};
use super::reconcile::outside;
use super::store::{self, BookedRow, NewAlert, Owner, Stored};
use crate::db::Tx;
use crate::error::{Error, Result};

/// What something is booked by: a notice, or what a gateway listed or answered, which is stored like one.
pub(super) struct Evidence {
    /// What is stored.
    pub stored: Stored,
    /// The id under which it is to be stored; nothing where it is stored already.
    pub event: Option<String>,
}

impl Evidence {
    /// Stores it with what follows from it; says whether nobody was faster.
    pub async fn is_new(&self, tx: &mut Tx, now: Timestamp) -> Result<bool> {
        match &self.event {
            Some(event) => store::add_notice(tx, &self.stored, event, now).await,
            None => Ok(true),
        }
    }
}

impl Service {
    /// Compares a line with what was booked.
    pub(super) async fn line(&self, gateway: &dyn Gateway, movement: &Movement) -> Result<()> {
        match movement.kind {
            MovementKind::Charge => self.find_charge(gateway, movement).await,
            MovementKind::Refund | MovementKind::Dispute => self.find_reversal(gateway, movement).await,
            MovementKind::Fee => self.find_entry(gateway.name(), EntryKind::Fee, movement).await,
            MovementKind::Payout => self.find_entry(gateway.name(), EntryKind::Payout, movement).await,
        }
    }

    /// What a gateway kept or sent to our bank is booked with its amount, or it is booked now.
    async fn find_entry(&self, gateway: &str, kind: EntryKind, movement: &Movement) -> Result<()> {
        let Movement { reference, amount, at, .. } = movement;
        match store::entry(&self.kit.db, gateway, kind, reference).await? {
            Some(booked) if booked == *amount => return Ok(()),
            Some(_) => return self.difference("list_differs", gateway, &row_of(movement)).await,
            None => {}
        }
        let group = ledger::derived(&format!("{} {gateway} {reference}", kind.as_str()), Uuid::nil());
        let mut tx = self.kit.db.begin().await?;
        let named = (gateway, kind, reference.as_str());
        if !store::add_entry(&mut tx, named, *amount, *at, group, self.kit.now()).await? {
            return Ok(());
        }
        let posting = entry(gateway, kind, *amount);
        ledger::must_book(&mut tx, &self.kit, group, vec![posting], Belongs::default()).await?;
        Ok(tx.commit().await?)
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
        let told = Told::Confirmed { charge: movement.reference.clone(), amount: movement.amount };
        let evidence = self.evidence_of_charge(name, movement);
        let Some(owner) = known else { return self.tell_new(&evidence, None, &told).await };
        let attempt = store::attempt(&self.kit.db, owner.payment_id).await?;
        let attempt = attempt.ok_or_else(Error::not_found)?;
        let answer = gateway.query(&attempt).await.map_err(outside)?;
        match &answer {
            // The attempt was paid by other money: this came as well.
            Told::Confirmed { charge, .. } if *charge != movement.reference => {
                self.tell_new(&evidence, Some(attempt.id), &told).await
            }
            _ => self.learn(attempt.id, &answer, "nightly list").await,
        }
    }

    /// A refund or dispute of the list is passed on, as its notice would have been: once for each of its stages.
    async fn find_reversal(&self, gateway: &dyn Gateway, movement: &Movement) -> Result<()> {
        let name = gateway.name();
        let Some(evidence) = self.evidence_of_reversal(name, movement).await? else { return Ok(()) };
        if let Some(owner) = store::owner_of_charge(&self.kit.db, name, &movement.charge).await? {
            return self.pass_on_listed(gateway, owner, &evidence, &movement.reference).await;
        }
        if !store::is_unmatched(&self.kit.db, name, &movement.charge).await? {
            return self.difference("list_differs", name, &row_of(movement)).await;
        }
        let reversal = gateway.reversal_of_charge(&movement.charge, &movement.reference).await;
        match reversal.map_err(outside)? {
            Some(reversal) => self.unmatched_reversal(&movement.charge, &evidence, reversal).await,
            None => Ok(()),
        }
    }

    /// Asks about something that went back, and passes the answer on.
    async fn pass_on_listed(
        &self,
        gateway: &dyn Gateway,
        owner: Owner,
        evidence: &Evidence,
        reference: &str,
    ) -> Result<()> {
        let attempt = store::attempt(&self.kit.db, owner.payment_id).await?.ok_or_else(Error::not_found)?;
        match gateway.reversal(&attempt, reference).await.map_err(outside)? {
            Some(reversal) => self.pass_on_told(gateway.name(), owner, evidence, reversal).await,
            None => Ok(()),
        }
    }

    /// A line as it is stored once something is booked by it. A charge is booked once by its name, so that its
    /// lines may have any id.
    fn evidence_of_charge(&self, gateway: &str, movement: &Movement) -> Evidence {
        let stored = self.stored(gateway, movement);
        let event = Some(format!("listed-{}", stored.id));
        Evidence { stored, event }
    }

    /// The same of a reversal: each of its stages is dealt with once, and then there is nothing to do.
    pub(super) async fn evidence_of_reversal(
        &self,
        gateway: &str,
        movement: &Movement,
    ) -> Result<Option<Evidence>> {
        let Movement { kind, reference, stage, .. } = movement;
        let event = format!("listed-{}-{reference}-{stage}", kind.as_str());
        let known = store::notice_of_event(&self.kit.db, gateway, &event).await?;
        let stored = self.stored(gateway, movement);
        Ok(known.is_none().then_some(Evidence { stored, event: Some(event) }))
    }

    fn stored(&self, gateway: &str, movement: &Movement) -> Stored {
        let body = json!({
            "listed": movement.kind.as_str(), "reference": movement.reference, "charge": movement.charge,
            "number": movement.number, "amount": movement.amount, "at": movement.at, "stage": movement.stage,
        });
        let body = body.to_string().into_bytes();
        Stored { id: self.kit.id(), gateway: gateway.to_owned(), body }
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
