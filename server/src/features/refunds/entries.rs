//! A competition that was called off gives every fee back (invariant I20), and what a plan opened ends with its money.

use domain::competitions::{CompetitionId, RegistrationId};
use domain::messages::{MessageKind, Said};
use domain::money::Money;
use domain::orders::{OrderId, Step, Thing};
use domain::refunds::Destination;
use domain::time::Timestamp;

use super::Service;
use super::jobs::GiveEntriesBack;
use super::service::{Given, Quoted};
use super::store::{self, Part};
use crate::db::Tx;
use crate::error::Result;
use crate::features::messages;
use crate::features::orders::service::Cause;
use crate::features::orders::store::{self as orders, Order};
use crate::features::payments::store::{NewAlert, add_alert};
use crate::features::subscriptions::store::ended_lines;

/// How many entries one job deals with; the next one begins behind them.
const BATCH: i64 = 50;

impl Service {
    /// Gives back what was paid for the entries of a competition that was called off, some at a time and each in a
    /// transaction of its own; again changes nothing.
    pub(crate) async fn give_entries_back(
        &self,
        competition: CompetitionId,
        after: Option<RegistrationId>,
    ) -> Result<()> {
        let entries = store::entries_of(&self.kit.db, competition, after, BATCH).await?;
        for order in entries.iter().filter_map(|(_, order)| *order) {
            self.give_entry_back(competition, order).await?;
        }
        // A registration without a live order is no end: others may come behind it.
        if let Some((last, _)) = entries.last() {
            let mut tx = self.kit.db.begin().await?;
            let key = format!("{competition}:{last}");
            tx.enqueue_once(&GiveEntriesBack { competition, after: Some(*last) }, &key).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn give_entry_back(&self, competition: CompetitionId, id: OrderId) -> Result<()> {
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        let order = self.locked(&mut tx, id).await?;
        if order.state.is_open() {
            let cause = Cause { actor: None, by: "called_off" };
            self.orders.end(&mut tx, id, Step::Cancel, "cancelled", cause, now).await?;
        } else if order.state.entitles() {
            let quoted = self.quote(&mut tx, &order, now).await?;
            let ours = |quoted: &&Quoted| quoted.line.thing == Thing::Competition(competition);
            let Some(entry) = quoted.iter().find(ours).filter(|entry| !entry.facts.ended) else {
                return Ok(());
            };
            self.end_entry(&mut tx, &order, entry, now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Gives up what a plan had opened for nothing in an order, after the money of the plan went back; again changes
    /// nothing.
    pub(crate) async fn end_opened(&self, id: OrderId) -> Result<()> {
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        let order = self.locked(&mut tx, id).await?;
        let mut parts = Vec::new();
        for line in ended_lines(&mut tx, id).await? {
            if !orders::facts_in(&mut tx, line).await?.ended {
                parts.push(Part { line, amount: 0, whole: true });
            }
        }
        if parts.is_empty() || !order.state.entitles() {
            return Ok(());
        }
        let destination = Destination::Gateway;
        let given = Given { parts, destination, reason: "plan", policy: "", cause: "plan" };
        self.give(&mut tx, &order, given, None, now).await?;
        Ok(tx.commit().await?)
    }

    /// Gives the fee of one entry back, or the seat alone where nothing was paid for it.
    async fn end_entry(&self, tx: &mut Tx, order: &Order, entry: &Quoted, now: Timestamp) -> Result<()> {
        let left = entry.facts.left();
        let back = Money::new(left, order.total.currency);
        if left > 0 || entry.facts.is_open() {
            let parts = vec![Part { line: entry.line.id, amount: left, whole: entry.facts.is_all(left) }];
            let given = Given {
                parts,
                destination: Destination::Gateway,
                reason: "called_off",
                policy: "",
                cause: "called_off",
            };
            self.give(tx, order, given, None, now).await?;
        }
        if left < entry.line.price.minor - entry.facts.returned.minor {
            // The rest counts elsewhere, or a bank decides about it.
            self.entry_alert(tx, order, entry, now).await?;
        }
        let said = Said {
            kind: if left == 0 && entry.line.price.minor > 0 {
                MessageKind::CalledOffHeld
            } else {
                MessageKind::CalledOff
            },
            title: entry.line.title.clone(),
            amount: (left > 0).then_some(back),
            at: None,
            link: format!("/orders/{}", order.id),
        };
        let key = format!("called_off:{}", entry.line.id);
        Ok(messages::write(tx, self.kit.id(), order.account, &key, &said, now).await?)
    }

    /// Tells staff of a fee that could not go back by itself, or not all of it.
    async fn entry_alert(&self, tx: &mut Tx, order: &Order, entry: &Quoted, now: Timestamp) -> Result<()> {
        let alert = NewAlert {
            id: self.kit.id(),
            reason: "entry_not_returned",
            key: &format!("entry_not_returned:{}", entry.line.id),
            detail: &entry.line.title.en,
            notice: None,
            payment: None,
            order: Some(order.id),
            amount: entry.line.price,
        };
        add_alert(tx, &alert, now).await?;
        Ok(())
    }
}
