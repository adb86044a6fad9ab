//! Points: earned, spent, returned, reversed; the balance never falls below nothing.

use std::collections::BTreeMap;

use domain::accounts::AccountId;
use domain::actor::{Actor, Role};
use domain::invalid::Invalid;
use domain::offers::input;
use domain::offers::{PointRule, worth, worth_of_lines};
use domain::orders::{OrderId, OrderLineId, Purpose, Reduction, Thing};
use domain::text;
use domain::time::Timestamp;
use uuid::Uuid;

use super::Service;
use super::part::paid_by_points;
use super::store::gifts;
use super::store::points::{self as store, Entry};
use crate::db::{Lock, Tx};
use crate::error::{Error, Result};
use crate::features::accounts::username_key;
use crate::features::orders::TakenBack;
use crate::features::orders::store::{self as orders, Order, OrderLine};

/// The points that each line of an order took, by what they paid of it: they return with the line.
pub async fn of_lines(tx: &mut Tx, order: OrderId) -> Result<BTreeMap<OrderLineId, i64>> {
    let spent = store::spent(tx, order).await?;
    if spent == 0 {
        return Ok(BTreeMap::new());
    }
    let reductions = orders::reductions_in(tx, order).await?;
    let parts = paid_by_points(&reductions);
    let paid: Vec<_> = parts.iter().map(|part| part.amount).collect();
    Ok(parts.iter().map(|part| part.line).zip(worth_of_lines(spent, &paid)).collect())
}

impl Service {
    fn entry(
        &self,
        account: AccountId,
        amount: i64,
        kind: &'static str,
        source: String,
        now: Timestamp,
    ) -> Entry {
        Entry { id: self.kit.id(), account, amount, kind, source, order: None, at: now }
    }

    /// How many points reductions used.
    pub(super) async fn points_of(&self, tx: &mut Tx, reductions: &[Reduction]) -> Result<i64> {
        let parts = paid_by_points(reductions);
        let Some(first) = parts.first() else { return Ok(0) };
        let minor = parts.iter().fold(0_i64, |sum, part| sum.saturating_add(part.amount.minor));
        let rates = store::rates_in(tx).await?;
        let amount = domain::money::Money::new(minor, first.amount.currency);
        Ok(worth(i64::MAX / 1_000, amount, &rates).0)
    }

    /// Spends points for an order; whether there were enough.
    pub(super) async fn spend(
        &self,
        tx: &mut Tx,
        order: &Order,
        points: i64,
        now: Timestamp,
    ) -> Result<bool> {
        if !store::shift(tx, order.account, -points, 0).await? {
            return Ok(false);
        }
        let entry = self.entry(order.account, -points, "spent", format!("spent:{}", order.id), now);
        store::add(tx, &Entry { order: Some(order.id), ..entry }).await?;
        Ok(true)
    }

    /// Gives points back that an order spent: all that is left, or the share of some of its lines.
    pub(super) async fn return_points(
        &self,
        tx: &mut Tx,
        order: &Order,
        gone: Option<&[OrderLine]>,
        now: Timestamp,
    ) -> Result<()> {
        let source = format!("spent:{}", order.id);
        let left = store::sum(tx, order.account, &source).await?.saturating_neg();
        if left <= 0 {
            return Ok(());
        }
        let points = match gone {
            None => left,
            Some(gone) => {
                let of_lines = of_lines(tx, order.id).await?;
                gone.iter().filter_map(|line| of_lines.get(&line.id)).sum::<i64>().min(left)
            }
        };
        if points > 0 {
            let entry = self.entry(order.account, points, "returned", source, now);
            self.gain(tx, Entry { order: Some(order.id), ..entry }).await?;
        }
        Ok(())
    }

    /// Adds points; what is owed is paid first. An entry that stands already adds nothing.
    async fn gain(&self, tx: &mut Tx, entry: Entry) -> Result<()> {
        let (account, points, now) = (entry.account, entry.amount, entry.at);
        if !store::add(tx, &entry).await? {
            return Ok(());
        }
        let owed = store::balance_in(tx, account).await?.owed.min(points);
        if !store::shift(tx, account, points - owed, -owed).await? {
            return Err(Error::bug("points could not be added"));
        }
        if owed > 0 {
            let debt = self.entry(account, -owed, "reversed", format!("debt:{}", entry.id), now);
            store::add(tx, &debt).await?;
        }
        Ok(())
    }

    /// What paying earns, line by line.
    pub(super) async fn earn_for_order(
        &self,
        tx: &mut Tx,
        order: &Order,
        lines: &[OrderLine],
        now: Timestamp,
    ) -> Result<()> {
        if order.purpose == Purpose::Grant || order.purpose == Purpose::Redeemed {
            return Ok(());
        }
        let rates = store::rates_in(tx).await?;
        for line in lines {
            let points = rates.earned(line.price);
            if points > 0 {
                let entry = self.entry(order.account, points, "paid", format!("line:{}", line.id), now);
                self.gain(tx, Entry { order: Some(order.id), ..entry }).await?;
            }
        }
        Ok(())
    }

    /// What completing something earns, once.
    pub(super) async fn earn_for_completion(
        &self,
        tx: &mut Tx,
        account: AccountId,
        thing: &Thing,
        now: Timestamp,
    ) -> Result<()> {
        let points = store::rates_in(tx).await?.completed;
        if points > 0 {
            self.gain(tx, self.entry(account, points, "completed", thing.to_string(), now)).await?;
        }
        Ok(())
    }

    /// Takes back what paying for lines earned; what was spent meanwhile is owed.
    pub(super) async fn reverse_earned(
        &self,
        tx: &mut Tx,
        back: TakenBack<'_>,
        now: Timestamp,
    ) -> Result<()> {
        let order = back.order;
        let lines = if back.whole { orders::lines_in(tx, order.id).await? } else { back.gone.to_vec() };
        for line in lines {
            let source = format!("line:{}", line.id);
            let earned = store::sum(tx, order.account, &source).await?;
            if earned <= 0 {
                continue;
            }
            let taken = earned.min(store::balance_in(tx, order.account).await?.balance);
            if !store::shift(tx, order.account, -taken, earned - taken).await? {
                return Err(Error::bug("points could not be taken"));
            }
            // The entry says all of it; what is owed stands against it until it is paid.
            let entry = self.entry(order.account, -earned, "reversed", source, now);
            store::add(tx, &Entry { order: Some(order.id), ..entry }).await?;
            if earned > taken {
                let owed =
                    self.entry(order.account, earned - taken, "given", format!("owed:{}", line.id), now);
                store::add(tx, &owed).await?;
            }
        }
        Ok(())
    }

    /// Changes a rule about points; what was earned and spent before stays as it is.
    pub async fn set_point_rule(&self, actor: &Actor, rule: &str, points: &str) -> Result<()> {
        if !actor.is(Role::Admin) {
            return Err(Error::not_found());
        }
        let mut invalid = Invalid::default();
        let rule = PointRule::try_from(rule.to_owned()).map_err(|_| Invalid::field("rule", "unknown_choice"));
        let rule = invalid.check(rule);
        let least = rule.map_or(0, PointRule::least);
        let points = invalid.check(input::points("points", points, least));
        let (Some(rule), Some(points)) = (rule, points) else { return Err(invalid.into()) };
        let mut tx = self.kit.db.begin().await?;
        store::set_rule(&mut tx, rule, points, actor.account, self.kit.now()).await?;
        Ok(tx.commit().await?)
    }

    /// Staff gives points to somebody; who gave them and why stays on record.
    pub async fn give_points(&self, actor: &Actor, username: &str, points: &str, reason: &str) -> Result<()> {
        self.give_points_once(actor, username, points, reason, self.kit.id()).await
    }

    /// The same; what was given under an id before is not given again.
    pub(super) async fn give_points_once(
        &self,
        actor: &Actor,
        username: &str,
        points: &str,
        reason: &str,
        id: Uuid,
    ) -> Result<()> {
        if !actor.is(Role::Admin) {
            return Err(Error::not_found());
        }
        let mut invalid = Invalid::default();
        let reason = invalid.check(text::line("reason", reason, 3..=300));
        let points = invalid.check(input::points("given", points, 1));
        let recipient = gifts::account(&self.kit.db, &username_key(username.trim())).await?;
        if recipient.is_none() {
            invalid.add("username", "grant_no_such_person", &[]);
        }
        let (Some(reason), Some(points), Some(account)) = (reason, points, recipient) else {
            return Err(invalid.into());
        };
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(account)).await?;
        if store::is_given(&mut tx, id).await? {
            return Ok(());
        }
        let entry = self.entry(account, points, "given", format!("grant:{id}"), now);
        self.gain(&mut tx, Entry { id, ..entry }).await?;
        store::add_grant(&mut tx, id, actor.account, &reason).await?;
        Ok(tx.commit().await?)
    }
}
