//! Applying a notice: judged under the locks of its account and order, written in one transaction.

use domain::messages::{MessageKind, Said};
use domain::money::Money;
use domain::orders::{OrderId, Step};
use domain::payments::{
    AttemptState, Case, NoticeId, Parked, PaymentId, Told, Unchanged, Verdict, decide, park, sale,
};
use domain::time::Timestamp;

use super::Service;
use super::ask::never_resolved;
use super::gateway::Hint;
use super::jobs::{AskGateway, KeepCard};
use super::ledger::{self, Belongs};
use super::lines::Evidence;
use super::store::{self, Attempt, Charge, NewAlert, Stored};
use crate::db::{Lock, Tx};
use crate::error::{Error, Result};
use crate::features::messages;
use crate::features::orders::service::Cause;
use crate::features::orders::store::{self as orders, Order};
use crate::features::payouts::ledger_lines;

/// What became of a notice: its state in the database, and why.
type Outcome = (&'static str, Option<&'static str>);

impl Service {
    /// Applies a stored notice; one that was applied before is left alone.
    pub async fn apply(&self, id: NoticeId) -> Result<()> {
        let Some(stored) = store::waiting_notice(&self.kit.db, id).await? else { return Ok(()) };
        let gateway = self.gateway(&stored.gateway).ok_or_else(|| Error::Outside {
            who: "gateway",
            what: format!("{} is not configured", stored.gateway),
        })?;
        match gateway.read(&stored.body) {
            None => self.finish(id, "unreadable", None).await,
            Some(Hint::Other) => self.finish(id, "ignored", Some("no_concern")).await,
            Some(Hint::Told { payment, told }) => self.tell(&stored, Some(payment), &told).await,
            Some(Hint::Payment { payment, claimed }) => {
                // A notice is only a reason to ask; where there is nobody to ask about, its word must do.
                let known = match payment {
                    Some(id) => store::attempt(&self.kit.db, id).await?,
                    None => None,
                };
                let known = known.filter(|attempt| attempt.gateway == stored.gateway);
                let Some(attempt) = known else { return self.tell(&stored, None, &claimed).await };
                let told = gateway
                    .query(&attempt)
                    .await
                    .map_err(|unsure| Error::Outside { who: "gateway", what: unsure.0 })?;
                self.tell(&stored, Some(attempt.id), &told).await
            }
            Some(Hint::Reversal { of, reference }) => {
                self.reverse(&stored, gateway.as_ref(), &of, &reference).await
            }
        }
    }

    async fn finish(&self, id: NoticeId, state: &str, reason: Option<&str>) -> Result<()> {
        let mut tx = self.kit.db.begin().await?;
        store::finish_notice(&mut tx, id, state, reason, None, self.kit.now()).await?;
        Ok(tx.commit().await?)
    }

    /// Applies what a stored notice told of an attempt.
    async fn tell(&self, stored: &Stored, payment: Option<PaymentId>, told: &Told) -> Result<()> {
        self.tell_new(&Evidence { stored: stored.clone(), event: None }, payment, told).await
    }

    /// Applies what is known of an attempt under the locks of its account and order, with what it is known by.
    pub(super) async fn tell_new(
        &self,
        evidence: &Evidence,
        payment: Option<PaymentId>,
        told: &Told,
    ) -> Result<()> {
        let stored = &evidence.stored;
        let now = self.kit.now();
        let owner = match payment {
            Some(id) => store::owner(&self.kit.db, id, &stored.gateway).await?,
            None => None,
        };
        let mut tx = self.kit.db.begin().await?;
        if !evidence.is_new(&mut tx, now).await? {
            return Ok(());
        }
        let outcome = match owner {
            Some(owner) => {
                // The account first, as everywhere: then two changes never wait for each other in a circle.
                tx.lock(Lock::Account(owner.account_id)).await?;
                tx.lock(Lock::Order(owner.order_id.0)).await?;
                let order = orders::order_in(&mut tx, owner.order_id).await?.ok_or_else(Error::not_found)?;
                let attempt =
                    store::attempt_in(&mut tx, owner.payment_id).await?.ok_or_else(Error::not_found)?;
                self.judge(&mut tx, stored, &order, &attempt, told, now).await?
            }
            None => self.strange(&mut tx, stored, told, now).await?,
        };
        let payment = owner.map(|owner| owner.payment_id);
        if !store::finish_notice(&mut tx, stored.id, outcome.0, outcome.1, payment, now).await? {
            // Somebody else was faster: what was written here is undone.
            return Ok(());
        }
        Ok(tx.commit().await?)
    }

    pub(super) async fn judge(
        &self,
        tx: &mut Tx,
        stored: &Stored,
        order: &Order,
        attempt: &Attempt,
        told: &Told,
        now: Timestamp,
    ) -> Result<Outcome> {
        let booked = match told {
            Told::Confirmed { charge, .. } => {
                // What is given or taken again is locked before money is booked, as everywhere.
                self.orders.lock_things_of(tx, order.id).await?;
                store::booked(tx, &stored.gateway, charge).await?
            }
            Told::Pending | Told::Working | Told::Declined | Told::Closed => None,
        };
        let case = Case { order: order.state, demanded: attempt.amount, attempt: attempt.state, booked };
        let verdict = match decide(&case, told) {
            // Nobody pays late by a card that is charged without its owner: it goes back.
            Verdict::PayIfSeat if attempt.card.is_some() => Verdict::Park(Parked::SeatGone),
            Verdict::PayIfSeat => {
                let lines = orders::lines_in(tx, order.id).await?;
                let free = self.orders.regain(tx, order, &lines, now).await?;
                if free { Verdict::PayIfSeat } else { Verdict::Park(Parked::SeatGone) }
            }
            other => other,
        };
        // That the buyer has done their part is news, though the attempt stays pending.
        let works = *told == Told::Working && attempt.state.is_open();
        let news = works && store::set_working(tx, attempt.id, now).await?;
        match verdict {
            Verdict::Nothing(Unchanged::Repeated) if news => Ok(("applied", None)),
            Verdict::Nothing(Unchanged::Repeated) => Ok(("ignored", Some("repeated"))),
            Verdict::Nothing(Unchanged::Outdated) => Ok(("ignored", Some("outdated"))),
            Verdict::Attempt(to) => {
                self.move_to(tx, stored, attempt, to, now).await?;
                if to == AttemptState::Failed {
                    self.note(tx, stored, order, "declined", now).await?;
                }
                Ok(("applied", None))
            }
            Verdict::Pay => self.settle(tx, stored, order, attempt, told, Step::Pay, now).await,
            Verdict::PayIfSeat => self.settle(tx, stored, order, attempt, told, Step::PayLate, now).await,
            Verdict::Park(why) => {
                match why {
                    // It brought what it can bring, and the order may be paid in another way.
                    Parked::OtherAmount if attempt.state.is_open() => {
                        let to = AttemptState::Superseded;
                        self.move_to(tx, stored, attempt, to, now).await?;
                    }
                    Parked::OtherAmount => {}
                    _ if attempt.state == AttemptState::Confirmed => {}
                    _ => {
                        self.move_to(tx, stored, attempt, AttemptState::Confirmed, now).await?;
                    }
                }
                self.put_aside(tx, stored, Some((order, attempt)), told, why, now).await
            }
            Verdict::Quarantine(why) => {
                self.alert(tx, stored, Some((order, attempt)), told, why, now).await?;
                Ok(("quarantined", Some(why.as_str())))
            }
        }
    }

    /// Moves an attempt by a notice; whoever was told that nobody knows of it need not look any more.
    async fn move_to(
        &self,
        tx: &mut Tx,
        stored: &Stored,
        attempt: &Attempt,
        to: AttemptState,
        now: Timestamp,
    ) -> Result<()> {
        let cause = format!("notice:{}", stored.id);
        store::set_attempt(tx, self.kit.id(), attempt.id, attempt.state, to, &cause, now).await?;
        if to.is_open() {
            return Ok(());
        }
        store::settle_alert(tx, &never_resolved(attempt.id), to.as_str(), now).await
    }

    /// The whole amount is here: the attempt is confirmed, the order paid, the money booked.
    async fn settle(
        &self,
        tx: &mut Tx,
        stored: &Stored,
        order: &Order,
        attempt: &Attempt,
        told: &Told,
        step: Step,
        now: Timestamp,
    ) -> Result<Outcome> {
        let Told::Confirmed { charge, amount } = told else {
            return Err(Error::bug("settled without money"));
        };
        if attempt.state != AttemptState::Confirmed {
            self.move_to(tx, stored, attempt, AttemptState::Confirmed, now).await?;
        }
        self.ask_about_others(tx, order.id, attempt.id).await?;
        if attempt.keeps {
            tx.enqueue_once(&KeepCard { payment: attempt.id, turn: 0 }, &attempt.number()).await?;
        }
        let lines = orders::lines_in(tx, order.id).await?;
        let shared = ledger_lines(tx, &self.kit, order.id, now).await?;
        let belongs = Belongs { order: Some(order.id), payment: Some(attempt.id), ..Belongs::default() };
        let group = ledger::derived("sale", attempt.id.0);
        ledger::must_book(tx, &self.kit, group, sale(&stored.gateway, &shared), belongs).await?;
        let charge = Charge {
            gateway: &stored.gateway,
            charge,
            payment: Some(attempt.id),
            order: Some(order.id),
            notice: stored.id,
            amount: *amount,
            pays: true,
            group,
        };
        store::add_charge(tx, &charge, now).await?;
        let by = format!("notice:{}", stored.id);
        self.orders.pay(tx, order, &lines, step, Cause { actor: None, by: &by }, now).await?;
        if step == Step::PayLate {
            let key = format!("paid_late:{}", attempt.id);
            self.say(tx, order, MessageKind::PaidLate, &key, *amount, now).await?;
        }
        Ok(("applied", None))
    }

    /// Another attempt of the order that may still bring money is closed at its gateway: soon, by its job.
    async fn ask_about_others(&self, tx: &mut Tx, order: OrderId, but: PaymentId) -> Result<()> {
        for other in store::attempts_in(tx, order).await? {
            if other.id != but && other.state.is_open() {
                tx.enqueue(&AskGateway { payment: other.id, turn: 0 }).await?;
            }
        }
        Ok(())
    }

    /// A notice about an attempt that is not ours, or not this gateway's.
    async fn strange(&self, tx: &mut Tx, stored: &Stored, told: &Told, now: Timestamp) -> Result<Outcome> {
        let Told::Confirmed { charge, amount } = told else {
            return Ok(("ignored", Some("no_such_payment")));
        };
        match store::booked(tx, &stored.gateway, charge).await? {
            Some(booked) if booked == *amount => Ok(("ignored", Some("repeated"))),
            Some(_) => {
                self.alert(tx, stored, None, told, Parked::Contradiction, now).await?;
                Ok(("quarantined", Some(Parked::Contradiction.as_str())))
            }
            None => self.put_aside(tx, stored, None, told, Parked::NoSuchPayment, now).await,
        }
    }

    /// Money that fits no order goes to suspense and to a person.
    async fn put_aside(
        &self,
        tx: &mut Tx,
        stored: &Stored,
        of: Option<(&Order, &Attempt)>,
        told: &Told,
        why: Parked,
        now: Timestamp,
    ) -> Result<Outcome> {
        let Told::Confirmed { charge, amount } = told else { return Err(Error::bug("parked without money")) };
        let order = of.map(|(order, _)| order.id);
        let payment: Option<PaymentId> = of.map(|(_, attempt)| attempt.id);
        let belongs = Belongs { order, payment, ..Belongs::default() };
        let group = ledger::book(tx, &self.kit, vec![park(&stored.gateway, *amount)], belongs).await?;
        let gateway = &stored.gateway;
        let charge = Charge {
            gateway,
            charge,
            payment,
            order,
            notice: stored.id,
            amount: *amount,
            pays: false,
            group,
        };
        store::add_charge(tx, &charge, now).await?;
        let goes_back = match (of, why.goes_back()) {
            (Some((order, _)), Some(kind)) => self.sent_back(tx, order, &charge, why, kind, now).await?,
            _ => false,
        };
        if !goes_back {
            self.alert(tx, stored, of, told, why, now).await?;
        }
        Ok(("parked", Some(why.as_str())))
    }

    /// Sends money back that came for nothing, and tells whose it is; whether it is on its way.
    async fn sent_back(
        &self,
        tx: &mut Tx,
        order: &Order,
        charge: &Charge<'_>,
        why: Parked,
        kind: MessageKind,
        now: Timestamp,
    ) -> Result<bool> {
        let Some(keeper) = self.keeper() else { return Ok(false) };
        if !keeper.unwanted(tx, order, charge.gateway, charge.charge, why.as_str(), now).await? {
            return Ok(false);
        }
        let cause = Cause { actor: None, by: why.as_str() };
        self.orders.note(tx, order.id, now, "sent_back", cause).await?;
        let key = format!("{}:{}:{}", kind.as_str(), charge.gateway, charge.charge);
        self.say(tx, order, kind, &key, charge.amount, now).await?;
        Ok(true)
    }

    /// Tells a buyer what became of money.
    async fn say(
        &self,
        tx: &mut Tx,
        order: &Order,
        kind: MessageKind,
        key: &str,
        amount: Money,
        now: Timestamp,
    ) -> Result<()> {
        let lines = orders::lines_in(tx, order.id).await?;
        let title = lines.into_iter().next().map(|line| line.title).unwrap_or_default();
        let link = format!("/orders/{}", order.id);
        let said = Said { kind, title, amount: Some(amount), at: None, link };
        Ok(messages::write(tx, self.kit.id(), order.account, key, &said, now).await?)
    }

    async fn alert(
        &self,
        tx: &mut Tx,
        stored: &Stored,
        of: Option<(&Order, &Attempt)>,
        told: &Told,
        why: Parked,
        now: Timestamp,
    ) -> Result<()> {
        let Told::Confirmed { amount, charge } = told else {
            return Err(Error::bug("an alert without money"));
        };
        tracing::warn!(notice = %stored.id, reason = why.as_str(), %amount, "money waits for a person");
        let alert = NewAlert {
            id: self.kit.id(),
            reason: why.as_str(),
            key: &format!("notice:{}", stored.id),
            detail: &stored.detail(charge),
            notice: Some(stored.id),
            payment: of.map(|(_, attempt)| attempt.id),
            order: of.map(|(order, _)| order.id),
            amount: *amount,
        };
        store::add_alert(tx, &alert, now).await?;
        if let Some((order, _)) = of {
            self.note(tx, stored, order, "under_review", now).await?;
        }
        Ok(())
    }

    async fn note(
        &self,
        tx: &mut Tx,
        stored: &Stored,
        order: &Order,
        event: &str,
        now: Timestamp,
    ) -> Result<()> {
        let by = format!("notice:{}", stored.id);
        self.orders.note(tx, order.id, now, event, Cause { actor: None, by: &by }).await
    }
}
