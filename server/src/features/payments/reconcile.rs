//! Reconciliation: what was booked is compared with what each gateway lists, and what is missing is found.

use domain::orders::OrderId;
use domain::payments::{PaymentId, Told};
use domain::time::{Span, Timestamp};
use serde_json::json;

use super::Service;
use super::gateway::{Gateway, Movement, MovementKind};
use super::gateways::payment_of;
use super::jobs::{ApplyNotice, AskGateway, CompareList, CompareLists};
use super::reversals::Reversed;
use super::store::{self, BookedRow, NewAlert, Owner, Stored};
use crate::db::Lock;
use crate::error::{Error, Result};

/// How far back a night looks; a charge that was found late is seen twice, and changes nothing.
const BACK: Span = Span::days(2);
/// How much later than the gateway we may have booked a charge.
const LATE: Span = Span::days(3);
/// How long a notice has waited when a night tries it again: longer than its own job tries.
const WAITED: Span = Span::hours(1);
/// How many notices a night tries again.
const AGAIN: i64 = 500;

fn outside(unsure: super::gateway::Unsure) -> Error {
    Error::Outside { who: "gateway", what: unsure.0 }
}

impl Service {
    /// Asks about every attempt of an order that may still be paid; one whose order has ended is closed.
    pub(crate) async fn close_order(&self, order: OrderId) -> Result<()> {
        let open = store::attempts(&self.kit.db, order).await?;
        let mut tx = self.kit.db.begin().await?;
        for attempt in open.iter().filter(|attempt| attempt.state.is_open()) {
            tx.enqueue(&AskGateway { payment: attempt.id, turn: 0 }).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Records a comparison for each gateway, another try of each notice that still waits, and the next night.
    pub(crate) async fn compare_tonight(&self) -> Result<()> {
        let now = self.kit.now();
        let tomorrow = now.plus(Span::days(1));
        let mut tx = self.kit.db.begin().await?;
        for gateway in self.every_gateway() {
            let name = gateway.name().to_owned();
            let key = format!("{name} {}", now.seconds() / 86_400);
            tx.enqueue_once(&CompareList { gateway: name, from: now.minus(BACK), until: now }, &key).await?;
        }
        // What became of a charge may be told before the charge: when the tries of its job are used up, nights go on.
        for notice in store::notices_waiting_since(&self.kit.db, now.minus(WAITED), AGAIN).await? {
            let key = format!("{notice} {}", now.seconds() / 86_400);
            tx.enqueue_once(&ApplyNotice { notice }, &key).await?;
        }
        let key = (tomorrow.seconds() / 86_400).to_string();
        tx.enqueue_once_at(&CompareLists {}, &key, tomorrow).await?;
        Ok(tx.commit().await?)
    }

    /// Compares what was booked with the list of a gateway.
    pub async fn compare(&self, name: &str, from: Timestamp, until: Timestamp) -> Result<()> {
        let Some(gateway) = self.gateway(name) else { return Ok(()) };
        let Some(listed) = gateway.movements(from.minus(LATE), until).await.map_err(outside)? else {
            return self.ask_each(gateway.as_ref(), from, until).await;
        };
        for movement in &listed {
            match movement.kind {
                MovementKind::Charge => self.find_charge(gateway.as_ref(), movement).await?,
                MovementKind::Refund => self.find_refund(gateway.as_ref(), movement).await?,
            }
        }
        let is_listed = |row: &BookedRow| {
            let charge =
                |known: &&Movement| known.kind == MovementKind::Charge && known.reference == row.charge;
            listed.iter().any(|known| charge(&known))
        };
        for row in store::booked_between(&self.kit.db, name, from, until).await? {
            if !is_listed(&row) {
                self.difference("not_listed", name, &row).await?;
            }
        }
        Ok(())
    }

    /// A gateway without a list: every attempt that brought nothing is asked about once more, and every one
    /// that brought something, whether all of it went back in the gateway's console.
    async fn ask_each(&self, gateway: &dyn Gateway, from: Timestamp, until: Timestamp) -> Result<()> {
        for id in store::fruitless(&self.kit.db, gateway.name(), from, until).await? {
            let Some(attempt) = store::attempt(&self.kit.db, id).await? else { continue };
            match gateway.query(&attempt).await.map_err(outside)? {
                Told::Pending => {}
                told => self.learn(id, &told, "nightly query").await?,
            }
        }
        for row in store::held_between(&self.kit.db, gateway.name(), from, until).await? {
            let Some(id) = row.payment_id.map(PaymentId) else { continue };
            let Some(attempt) = store::attempt(&self.kit.db, id).await? else { continue };
            if gateway.query(&attempt).await.map_err(outside)? == Told::Closed {
                self.difference("list_differs", gateway.name(), &row).await?;
            }
        }
        Ok(())
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

    /// A refund of the list is passed on once, as its notice would have been.
    async fn find_refund(&self, gateway: &dyn Gateway, movement: &Movement) -> Result<()> {
        let name = gateway.name();
        let owner = store::owner_of_charge(&self.kit.db, name, &movement.charge).await?;
        let Some(Owner { account_id, order_id, payment_id }) = owner else {
            return self.difference("list_differs", name, &row_of(movement)).await;
        };
        let attempt = store::attempt(&self.kit.db, payment_id).await?.ok_or_else(Error::not_found)?;
        let reversal = gateway.reversal(&attempt, &movement.reference).await.map_err(outside)?;
        let Some(reversal) = reversal else { return Ok(()) };
        let Some(stored) = self.note_listed(name, movement).await? else { return Ok(()) };
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(account_id)).await?;
        tx.lock(Lock::Order(order_id.0)).await?;
        let gateway = name.to_owned();
        let reversed =
            Reversed { gateway, payment: payment_id, order: order_id, reversal, notice: stored.id };
        let (state, reason) = self.pass_on(&mut tx, &reversed, now).await?;
        store::finish_notice(&mut tx, stored.id, state, reason, Some(payment_id), now).await?;
        Ok(tx.commit().await?)
    }

    /// Stores a line of a list like a notice, once; nothing where it was dealt with before.
    async fn note_listed(&self, gateway: &str, movement: &Movement) -> Result<Option<Stored>> {
        let kind = if movement.kind == MovementKind::Charge { "charge" } else { "refund" };
        let body = json!({
            "listed": kind, "reference": movement.reference, "charge": movement.charge,
            "number": movement.number, "amount": movement.amount, "at": movement.at,
        });
        let body = body.to_string().into_bytes();
        let stored = Stored { id: self.kit.id(), gateway: gateway.to_owned(), body };
        let event = format!("listed-{kind}-{}", movement.reference);
        if let Some(known) = store::notice_of_event(&self.kit.db, gateway, &event).await? {
            return store::waiting_notice(&self.kit.db, known).await;
        }
        let mut tx = self.kit.db.begin().await?;
        store::add_notice(&mut tx, &stored, &event, self.kit.now()).await?;
        tx.commit().await?;
        Ok(Some(stored))
    }

    /// Tells staff that our book and a list differ.
    async fn difference(&self, reason: &str, gateway: &str, row: &BookedRow) -> Result<()> {
        let alert = NewAlert {
            id: self.kit.id(),
            reason,
            key: &format!("{reason}:{gateway}:{}", row.charge),
            detail: &format!("{gateway} {}", row.charge),
            notice: None,
            payment: row.payment_id.map(PaymentId),
            order: row.order_id.map(OrderId),
            amount: domain::money::Money::new(row.amount, row.currency),
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

/// What a charge of a list says.
fn listed(movement: &Movement) -> Told {
    Told::Confirmed { charge: movement.reference.clone(), amount: movement.amount }
}
