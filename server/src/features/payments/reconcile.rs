//! Reconciliation: what was booked is compared with what each gateway lists, and what is missing is found.
//!
//! A night goes on where the last one ended: until when each gateway was compared is written down, and moves on
//! only as far as its list is complete. So a server that was down for a week compares the week, in steps.

use domain::orders::OrderId;
use domain::time::{Span, Timestamp};

use super::Service;
use super::gateway::{Gateway, Unsure};
use super::jobs::{ApplyNotice, AskGateway, CompareList, CompareLists};
use super::list::Listing;
use super::store::{self, NewAlert};
use super::turns;
use crate::error::{Error, Result};

/// How far each comparison looks back once more: what was found late is seen twice, and changes nothing.
pub(super) const BACK: Span = Span::days(2);
/// How much later than the gateway we may have booked a charge.
const LATE: Span = Span::days(3);
/// How far our clock and that of a gateway may be apart.
const SKEW: Span = Span::minutes(5);
/// How much time one step compares.
const STEP: Span = Span::days(3);
/// How far back gateways keep their lists.
const KEPT: Span = Span::days(80);
/// How long a notice has waited when a night tries it again: longer than the turns of its own job take.
const WAITED: Span = Span::hours(32);
/// How many notices a night tries again.
const AGAIN: i64 = 500;
/// How many lines of one step may be new to us as ones that cannot be compared: more, and the gateway is down.
const DOUBTS: usize = 5;

pub(super) fn outside(unsure: Unsure) -> Error {
    Error::Outside { who: "gateway", what: unsure.0 }
}

/// The lines of a step that could not be compared, of which nobody had been told.
#[derive(Default)]
pub(super) struct Doubts(usize);

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
        for gateway in self.every_gateway().into_iter().filter(|gateway| gateway.is_outside()) {
            let name = gateway.name().to_owned();
            let key = format!("{name} {}", now.seconds() / 86_400);
            tx.enqueue_once(&CompareList { gateway: name }, &key).await?;
        }
        // What became of a charge may be told before the charge: when the tries of its job are used up, nights go on.
        for notice in store::notices_waiting_since(&self.kit.db, now.minus(WAITED), AGAIN).await? {
            let key = format!("{notice} {}", now.seconds() / 86_400);
            tx.enqueue_once(&ApplyNotice { notice, turn: turns::LAST }, &key).await?;
        }
        let key = (tomorrow.seconds() / 86_400).to_string();
        tx.enqueue_once_at(&CompareLists {}, &key, tomorrow).await?;
        Ok(tx.commit().await?)
    }

    /// Compares a step with a gateway, and records the next one where time is left.
    pub(crate) async fn compare_step(&self, name: &str) -> Result<()> {
        let Some(reached) = self.compare(name).await? else { return Ok(()) };
        let mut tx = self.kit.db.begin().await?;
        let key = format!("{name} from {}", reached.micros());
        tx.enqueue_once(&CompareList { gateway: name.to_owned() }, &key).await?;
        Ok(tx.commit().await?)
    }

    /// Compares what was booked with what a gateway says, from where the last comparison ended, one step.
    ///
    /// Gives until when that was, where there is more to compare at once.
    pub async fn compare(&self, name: &str) -> Result<Option<Timestamp>> {
        let Some(gateway) = self.gateway(name) else { return Ok(None) };
        let now = self.kit.now();
        let known = store::compared_until(&self.kit.db, name).await?;
        let start = known.unwrap_or_else(|| now.minus(BACK)).max(now.minus(KEPT)).min(now);
        let (from, until) = (start.minus(BACK), start.plus(STEP).min(now));
        let mut doubts = Doubts::default();
        let reached = match gateway.movements(from.minus(LATE), until).await.map_err(outside)? {
            Some(listing) => self.compare_list(gateway.as_ref(), &listing, from, until, &mut doubts).await?,
            None => {
                self.ask_each(gateway.as_ref(), from, until, &mut doubts).await?;
                until
            }
        };
        let mut tx = self.kit.db.begin().await?;
        store::set_compared(&mut tx, name, reached.max(start), now).await?;
        tx.commit().await?;
        Ok((reached == until && until < now).then_some(until))
    }

    /// Compares what was booked with a list; until when it was complete.
    async fn compare_list(
        &self,
        gateway: &dyn Gateway,
        listing: &Listing,
        from: Timestamp,
        until: Timestamp,
        doubts: &mut Doubts,
    ) -> Result<Timestamp> {
        for line in &listing.unread {
            self.doubt(gateway.name(), &line.reference, &line.why, doubts).await?;
        }
        for movement in &listing.movements {
            let done = self.line(gateway, movement).await;
            self.or_doubt(gateway.name(), &movement.reference, done, doubts).await?;
        }
        let reached = listing.until.min(until);
        // What was booked around the last instant may stand a moment later in the list.
        let (from, settled) = (from.minus(SKEW), reached.minus(SKEW));
        self.find_missing(gateway, Some(listing), from, settled, doubts).await?;
        Ok(reached)
    }

    /// A gateway without a list: every attempt that brought nothing is asked about once more, and everything
    /// that was booked is asked for.
    async fn ask_each(
        &self,
        gateway: &dyn Gateway,
        from: Timestamp,
        until: Timestamp,
        doubts: &mut Doubts,
    ) -> Result<()> {
        for id in store::fruitless(&self.kit.db, gateway.name(), from, until).await? {
            let done = self.ask_fruitless(gateway, id).await;
            self.or_doubt(gateway.name(), &id.0.simple().to_string(), done, doubts).await?;
        }
        self.find_missing(gateway, None, from, until, doubts).await
    }

    /// Goes on after something that could not be compared, once somebody was told.
    pub(super) async fn or_doubt(
        &self,
        gateway: &str,
        reference: &str,
        done: Result<()>,
        doubts: &mut Doubts,
    ) -> Result<()> {
        match done {
            Err(Error::Outside { what, .. } | Error::Bug { what, .. }) => {
                self.doubt(gateway, reference, &what, doubts).await
            }
            other => other,
        }
    }

    /// Tells staff of a line that cannot be compared, and goes on, unless there are too many of them at once.
    async fn doubt(&self, gateway: &str, reference: &str, why: &str, doubts: &mut Doubts) -> Result<()> {
        tracing::warn!(gateway, reference, why, "a line cannot be compared");
        let alert = NewAlert {
            id: self.kit.id(),
            reason: "list_unread",
            key: &format!("list_unread:{gateway}:{reference}"),
            detail: &format!("{gateway} {reference}: {why}"),
            notice: None,
            payment: None,
            order: None,
            amount: domain::money::Money::zero(domain::money::Currency::default()),
        };
        let mut tx = self.kit.db.begin().await?;
        let new = store::add_alert(&mut tx, &alert, self.kit.now()).await?;
        tx.commit().await?;
        doubts.0 += usize::from(new);
        if doubts.0 > DOUBTS {
            return Err(outside(Unsure(format!("too much cannot be compared, last {reference}: {why}"))));
        }
        Ok(())
    }
}
