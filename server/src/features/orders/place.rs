//! Placing an order: seats are held, prices frozen, reductions found, all in one transaction.

use std::collections::BTreeMap;

use domain::accounts::AccountId;
use domain::actor::Actor;
use domain::invalid::Denied;
use domain::money::Money;
use domain::orders::{
    Draft, HOLD, How, MAX_LINES, MAX_OPEN, OrderId, OrderState, Purpose, Reduction, ReductionKind, Step,
    Thing, Wanted,
};
use domain::time::{Span, Timestamp};

use super::jobs::ExpireOrder;
use super::service::Cause;
use super::store::{self, Order, OrderLine};
use super::{Offer, Placed, Service};
use crate::db::{Lock, Tx};
use crate::error::{Error, Result};

impl Service {
    /// Places an order of one thing, or gives the open order that holds it already.
    ///
    /// What costs nothing is paid at once.
    pub async fn place(&self, actor: &Actor, thing: Thing) -> Result<OrderId> {
        self.place_many(actor, vec![Wanted::one(thing)], How::default()).await
    }

    /// Places an order of several things at once: all of them or none.
    pub async fn place_many(&self, actor: &Actor, wanted: Vec<Wanted>, how: How) -> Result<OrderId> {
        let gifts = self.quotes(&wanted, &how).await?;
        let mut tx = self.kit.db.begin().await?;
        let order = self.place_quoted(&mut tx, actor, &wanted, &how, gifts).await?;
        tx.commit().await?;
        Ok(order)
    }

    /// The same inside a transaction that holds no lock after the account's; not for gifts.
    pub async fn place_in(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        wanted: &[Wanted],
        how: &How,
    ) -> Result<OrderId> {
        self.place_quoted(tx, actor, wanted, how, BTreeMap::new()).await
    }

    /// What is given away is priced without asking whether the giver may have it.
    async fn quotes(&self, wanted: &[Wanted], how: &How) -> Result<BTreeMap<Thing, Offer>> {
        let mut quotes = BTreeMap::new();
        if how.purpose == Purpose::Gift {
            for one in wanted {
                let quote = self.seller(&one.thing)?.quote(&one.thing, self.kit.now()).await?;
                quotes.insert(one.thing, quote.ok_or_else(|| Error::denied("not_a_gift"))?);
            }
        }
        Ok(quotes)
    }

    async fn place_quoted(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        wanted: &[Wanted],
        how: &How,
        gifts: BTreeMap<Thing, Offer>,
    ) -> Result<OrderId> {
        let now = self.kit.now();
        let owner = how.recipient.unwrap_or(actor.account);
        check_list(wanted)?;
        tx.lock(Lock::Account(owner)).await?;
        if how.purpose != Purpose::Gift
            && let Some(open) = self.make_room(tx, owner, wanted, how, now).await?
        {
            return Ok(open);
        }
        if store::count_open(tx, owner).await? >= MAX_OPEN {
            return Err(Denied::with("too_many_open_orders", &[&MAX_OPEN]).into());
        }
        let offers = match how.purpose {
            Purpose::Gift => gifts,
            purpose => self.reserve(tx, owner, (wanted, purpose), now).await?,
        };
        let (order, lines, reductions) = self.draw_up(tx, owner, wanted, how, offers, now).await?;
        self.write(tx, &order, Placed { lines: &lines, reductions: &reductions, how }, now).await?;
        let by = how.granted_by.or(Some(actor.account));
        let through = if how.granted_by.is_some() { "staff" } else { "buyer" };
        self.note(tx, order.id, now, "placed", Cause { actor: by, by: through }).await?;
        if order.total.is_zero() {
            let cause =
                Cause { actor: by, by: if order.purpose == Purpose::Grant { "grant" } else { "free" } };
            self.pay(tx, &order, &lines, Step::Pay, cause, now).await?;
        } else {
            // The last instant belongs to the buyer.
            let after = order.expires_at.plus(Span::from_micros(1));
            tx.enqueue_at(&ExpireOrder { order: order.id }, after).await?;
        }
        Ok(order.id)
    }

    /// Refuses what is theirs already; ends open orders that hold the same, or gives the one to go on with.
    async fn make_room(
        &self,
        tx: &mut Tx,
        owner: AccountId,
        wanted: &[Wanted],
        how: &How,
        now: Timestamp,
    ) -> Result<Option<OrderId>> {
        let simple = matches!(wanted, [one] if *one == Wanted::one(one.thing)) && *how == How::default();
        let mut ending: BTreeMap<OrderId, bool> = BTreeMap::new();
        for one in wanted {
            if one.period.is_none() && self.owns_in(tx, owner, &one.thing, now).await? {
                return Err(Denied::new("already_yours").into());
            }
            let Some(open) = store::open_order(tx, owner, &one.thing).await? else { continue };
            let expired = open.expires_at < now;
            if !expired && simple {
                return Ok(Some(open.id));
            }
            if !expired && open.state != OrderState::Reserved {
                return Err(Denied::with("held_in_open_order", &[&store::number(open.id)]).into());
            }
            ending.insert(open.id, expired);
        }
        // Every lock before the first change: orders, then all things, theirs and ours, as everybody sorts them.
        let mut things: Vec<Thing> = wanted.iter().map(|one| one.thing).collect();
        for id in ending.keys() {
            tx.lock(Lock::Order(id.0)).await?;
            things.extend(store::lines_in(tx, *id).await?.iter().map(|line| line.thing));
        }
        self.lock_things(tx, things).await?;
        for (id, expired) in ending {
            let (step, event, cause) = if expired {
                (Step::Expire, "expired", Cause { actor: None, by: "clock" })
            } else {
                (Step::Cancel, "replaced", Cause { actor: Some(owner), by: "buyer" })
            };
            self.end(tx, id, step, event, cause, now).await?;
        }
        Ok(None)
    }

    /// Holds a seat of each thing, in the order in which everybody locks them.
    async fn reserve(
        &self,
        tx: &mut Tx,
        owner: AccountId,
        (wanted, purpose): (&[Wanted], Purpose),
        now: Timestamp,
    ) -> Result<BTreeMap<Thing, Offer>> {
        let mut things: Vec<Thing> = wanted.iter().map(|one| one.thing).collect();
        things.sort();
        let mut offers = BTreeMap::new();
        for thing in things {
            let seller = self.seller(&thing)?;
            let offer = match purpose {
                Purpose::Redeemed => seller.promised(tx, owner, &thing, now).await?,
                _ => seller.reserve(tx, owner, &thing, now).await?,
            };
            offers.insert(thing, offer);
        }
        Ok(offers)
    }

    /// The order with its lines, and what they do not demand.
    async fn draw_up(
        &self,
        tx: &mut Tx,
        owner: AccountId,
        wanted: &[Wanted],
        how: &How,
        mut offers: BTreeMap<Thing, Offer>,
        now: Timestamp,
    ) -> Result<(Order, Vec<OrderLine>, Vec<Reduction>)> {
        let id: OrderId = self.kit.id();
        let mut lines = Vec::new();
        for one in wanted {
            let offer = offers.remove(&one.thing).ok_or_else(|| Error::bug("a line without an offer"))?;
            let line = OrderLine::plain(self.kit.id(), id, one.thing, offer.title, offer.price);
            lines.push(OrderLine { bundle: one.bundle, period: one.period, ..line });
        }
        let hold = how.hold.unwrap_or(HOLD);
        let sum = total(lines.iter().map(|line| line.list_price))?;
        let mut order = Order {
            purpose: how.purpose,
            granted_by: how.granted_by,
            note: how.note.clone(),
            ..Order::purchase(id, owner, sum, now, now.plus(hold))
        };
        let mut drafts: Vec<Draft> = lines.iter().map(OrderLine::draft).collect();
        let reductions = self.reduce(tx, &order, &mut drafts, how, now).await?;
        for (line, draft) in lines.iter_mut().zip(&drafts) {
            line.price = draft.price;
        }
        order.total = total(lines.iter().map(|line| line.price))?;
        Ok((order, lines, reductions))
    }

    async fn reduce(
        &self,
        tx: &mut Tx,
        order: &Order,
        drafts: &mut [Draft],
        how: &How,
        now: Timestamp,
    ) -> Result<Vec<Reduction>> {
        let mut reductions = Vec::new();
        let whole = match (how.purpose, how.granted_by) {
            (Purpose::Grant, Some(by)) => Some((ReductionKind::Grant, format!("account:{by}"))),
            (Purpose::Grant, None) => return Err(Error::bug("a grant that nobody gives")),
            (Purpose::Redeemed, _) => {
                let gift = how.gift.ok_or_else(|| Error::bug("a gift out of nothing"))?;
                Some((ReductionKind::Gift, format!("order:{gift}")))
            }
            _ => None,
        };
        if let Some((kind, source)) = whole {
            for draft in drafts.iter_mut() {
                let all = draft.price;
                reductions.extend(draft.reduce(kind, &source, all).map_err(fault)?);
            }
            return Ok(reductions);
        }
        for companion in self.companions() {
            reductions.extend(companion.reduce(tx, order, drafts, how, now).await?);
        }
        Ok(reductions)
    }

    async fn write(&self, tx: &mut Tx, order: &Order, placed: Placed<'_>, now: Timestamp) -> Result<()> {
        store::add_order(tx, order).await?;
        for (position, line) in (0_i64..).zip(placed.lines) {
            store::add_line(tx, line, position).await?;
        }
        for (position, reduction) in (0_i64..).zip(placed.reductions) {
            store::add_reduction(tx, self.kit.id(), order.id, position, reduction).await?;
        }
        for companion in self.companions() {
            companion.placed(tx, order, placed, now).await?;
        }
        Ok(())
    }
}

/// At least one thing, not too many, none twice.
fn check_list(wanted: &[Wanted]) -> Result<(), Denied> {
    let mut things: Vec<Thing> = wanted.iter().map(|one| one.thing).collect();
    things.sort();
    things.dedup();
    if wanted.is_empty() {
        return Err(Denied::new("nothing_ordered"));
    }
    if wanted.len() > MAX_LINES {
        return Err(Denied::with("too_many_lines", &[&MAX_LINES]));
    }
    if things.len() < wanted.len() {
        return Err(Denied::new("twice_in_order"));
    }
    Ok(())
}

/// The sum of prices of one currency.
fn total(prices: impl Iterator<Item = Money>) -> Result<Money> {
    let mut sum: Option<Money> = None;
    for price in prices {
        sum = Some(match sum {
            Some(sum) => sum.plus(price).map_err(fault)?,
            None => price,
        });
    }
    sum.ok_or_else(|| Error::denied("nothing_ordered"))
}

/// What a failed sum means to the one who orders.
fn fault(fault: domain::money::MoneyFault) -> Error {
    match fault {
        domain::money::MoneyFault::Currency => Error::denied("two_currencies"),
        domain::money::MoneyFault::Range => Error::denied("order_too_large"),
    }
}
