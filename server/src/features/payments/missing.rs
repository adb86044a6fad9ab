//! What was booked and does not stand in a gateway's list: it is asked about, thing by thing.

use domain::payments::{PaymentId, RefundId, Told};
use domain::time::Timestamp;

use super::Service;
use super::gateway::{Gateway, RefundDemand, RefundTold, Reversal, ReversalKind};
use super::list::{Listing, Movement, MovementKind};
use super::reconcile::{Doubts, outside};
use super::store::{self, BookedRefund, BookedRow, Owner};
use crate::error::{Error, Result};

/// How many disputes that are not decided a night asks about.
const DISPUTES: i64 = 500;

impl Service {
    /// Asks about everything that was booked in a time and that no list holds, and about open disputes.
    pub(super) async fn find_missing(
        &self,
        gateway: &dyn Gateway,
        listing: Option<&Listing>,
        from: Timestamp,
        until: Timestamp,
        doubts: &mut Doubts,
    ) -> Result<()> {
        let name = gateway.name();
        let db = &self.kit.db;
        for row in store::booked_between(db, name, from, until).await? {
            if !listing.is_some_and(|listing| listing.has_charge(&row.charge)) {
                let done = self.ask_charge(gateway, &row, listing.is_some()).await;
                self.or_doubt(name, &row.charge, done, doubts).await?;
            }
        }
        for refund in store::refunds_booked_between(db, name, from, until).await? {
            let outside = refund.outside.as_deref();
            if !listing.is_some_and(|listing| listing.has_refund(&refund.number(), outside)) {
                let done = self.ask_refund(gateway, &refund).await;
                self.or_doubt(name, &refund.name(), done, doubts).await?;
            }
        }
        for dispute in store::open_disputes(db, name, DISPUTES).await? {
            let done = self.ask_dispute(gateway, &dispute).await;
            self.or_doubt(name, &dispute.name(), done, doubts).await?;
        }
        Ok(())
    }

    /// An attempt that brought nothing: perhaps it did, and nobody told.
    pub(super) async fn ask_fruitless(&self, gateway: &dyn Gateway, id: PaymentId) -> Result<()> {
        let Some(attempt) = store::attempt(&self.kit.db, id).await? else { return Ok(()) };
        match gateway.query(&attempt).await.map_err(outside)? {
            Told::Pending => Ok(()),
            told => self.learn(id, &told, "nightly query").await,
        }
    }

    /// Money that was booked, and that its gateway may not have taken, or may have given back.
    async fn ask_charge(&self, gateway: &dyn Gateway, row: &BookedRow, has_list: bool) -> Result<()> {
        let name = gateway.name();
        let attempt = match row.payment_id.map(PaymentId) {
            Some(id) => store::attempt(&self.kit.db, id).await?,
            None => None,
        };
        if !has_list && (attempt.is_none() || store::is_given_back(&self.kit.db, name, &row.charge).await?) {
            return Ok(());
        }
        let Some(attempt) = attempt else { return self.difference("not_listed", name, row).await };
        match (gateway.query(&attempt).await, has_list) {
            (Ok(Told::Confirmed { charge, amount }), _) if charge == row.charge && amount == row.money() => {
                Ok(())
            }
            // The list was to be had, and neither there nor asked for is there such money.
            (_, true) => self.difference("not_listed", name, row).await,
            // Closed after it was paid: its console gave everything back.
            (Ok(Told::Closed), false) => self.difference("list_differs", name, row).await,
            (Ok(_), false) => Ok(()),
            (Err(unsure), false) => Err(outside(unsure)),
        }
    }

    /// A refund that was booked as given back: perhaps it failed since, or there is none.
    async fn ask_refund(&self, gateway: &dyn Gateway, refund: &BookedRefund) -> Result<()> {
        let told = match &refund.outside {
            Some(reference) => {
                let attempt = store::attempt(&self.kit.db, refund.payment()).await?;
                let attempt = attempt.ok_or_else(Error::not_found)?;
                match gateway.reversal(&attempt, reference).await.map_err(outside)? {
                    Some(Reversal { kind: ReversalKind::Refund { told, .. }, .. }) => told,
                    // A bank took back what paid nothing: it has it, until a dispute is won.
                    Some(Reversal { kind: ReversalKind::Disputed | ReversalKind::DisputeLost, .. }) => {
                        RefundTold::Succeeded
                    }
                    Some(Reversal { kind: ReversalKind::DisputeWon, .. }) => {
                        RefundTold::Failed("the dispute was won".to_owned())
                    }
                    _ => RefundTold::NotFound,
                }
            }
            None => gateway.query_refund(&refund.demand()).await.map_err(outside)?,
        };
        match told {
            RefundTold::Succeeded => Ok(()),
            RefundTold::Failed(_) => {
                let owner = store::owner(&self.kit.db, refund.payment(), gateway.name()).await?;
                let owner = owner.ok_or_else(Error::not_found)?;
                self.pass_on_booked(gateway, owner, refund, &told).await
            }
            RefundTold::Pending | RefundTold::Stuck(_) | RefundTold::NotFound => {
                self.difference("refund_not_listed", gateway.name(), &refund.row()).await
            }
        }
    }

    async fn pass_on_booked(
        &self,
        gateway: &dyn Gateway,
        owner: Owner,
        refund: &BookedRefund,
        told: &RefundTold,
    ) -> Result<()> {
        let movement = refund.movement(MovementKind::Refund, "failed", self.kit.now());
        let evidence = self.evidence_of_reversal(gateway.name(), &movement).await?;
        let Some(evidence) = evidence else { return Ok(()) };
        let ours = refund.outside.is_none().then_some(RefundId(refund.id));
        let kind = ReversalKind::Refund { ours, told: told.clone() };
        let reversal = Reversal { reference: movement.reference, kind, amount: movement.amount };
        self.pass_on_told(gateway.name(), owner, &evidence, reversal).await
    }

    /// A dispute that is not decided: perhaps it was, and nobody told.
    async fn ask_dispute(&self, gateway: &dyn Gateway, dispute: &BookedRefund) -> Result<()> {
        let Some(reference) = &dispute.outside else { return Ok(()) };
        let owner = store::owner(&self.kit.db, dispute.payment(), gateway.name()).await?;
        let owner = owner.ok_or_else(Error::not_found)?;
        let attempt = store::attempt(&self.kit.db, owner.payment_id).await?.ok_or_else(Error::not_found)?;
        let reversal = gateway.reversal(&attempt, reference).await.map_err(outside)?;
        let Some(reversal) = reversal.filter(|reversal| reversal.kind != ReversalKind::Disputed) else {
            return Ok(());
        };
        let movement = dispute.movement(MovementKind::Dispute, reversal.kind.as_str(), self.kit.now());
        let evidence = self.evidence_of_reversal(gateway.name(), &movement).await?;
        let Some(evidence) = evidence else { return Ok(()) };
        self.pass_on_told(gateway.name(), owner, &evidence, reversal).await
    }
}

impl BookedRefund {
    /// Our number of it at its gateway.
    fn number(&self) -> String {
        self.id.simple().to_string()
    }
    /// What its gateway calls it: its own name, else our number.
    fn name(&self) -> String {
        self.outside.clone().unwrap_or_else(|| self.number())
    }
    fn payment(&self) -> PaymentId {
        PaymentId(self.payment_id)
    }
    fn demand(&self) -> RefundDemand {
        RefundDemand {
            refund: RefundId(self.id),
            payment: self.payment(),
            charge: self.charge.clone(),
            charged: domain::money::Money::new(self.charged, self.currency),
            amount: domain::money::Money::new(self.amount, self.currency),
        }
    }
    /// As staff is told of it.
    fn row(&self) -> BookedRow {
        BookedRow {
            charge: self.name(),
            payment_id: Some(self.payment_id),
            order_id: Some(self.order_id),
            amount: self.amount,
            currency: self.currency,
        }
    }
    /// As a line of a list that says this of it.
    fn movement(&self, kind: MovementKind, stage: &str, at: Timestamp) -> Movement {
        Movement {
            reference: self.name(),
            charge: self.charge.clone(),
            number: Some(self.number()),
            amount: domain::money::Money::new(self.amount, self.currency),
            at,
            kind,
            stage: stage.to_owned(),
        }
    }
}
