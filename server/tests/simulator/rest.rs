//! What agrees once everything has come to rest: the ledger with the truth of the bank, cent by cent, and what people
//! have with what they paid. None of it looks at how Leitai came to its answer.

use domain::money::Currency;
use domain::orders::{OrderId, OrderState, Thing};
use domain::payments::PaymentId;
use domain::time::Span;
use server::features::orders::store as orders;
use server::sql;
use uuid::Uuid;

use super::World;
use super::people::deliver;

/// What became of an order, told by whoever holds its money.
pub struct Fate {
    /// What it says of itself.
    pub state: String,
    /// Whether its state gives rights.
    pub entitles: bool,
    /// Whether it costs anything.
    pub costs: bool,
    /// What was ordered.
    pub things: Vec<Thing>,
    /// Whether a balance paid for it.
    pub by_wallet: bool,
    /// What the bank took for it.
    pub taken: i64,
    /// What of that the bank still holds.
    pub left: i64,
    /// How often it was paid at the bank with what it costs.
    pub paid: usize,
    /// How often with anything.
    pub touched: usize,
    /// Whether it was bought for oneself.
    pub own: bool,
}

#[derive(sqlx::FromRow)]
struct Tried {
    id: Uuid,
    gateway: String,
    state: String,
}

#[derive(sqlx::FromRow)]
struct Became {
    body: Vec<u8>,
    state: String,
    reason: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Figure {
    what: String,
    n: i64,
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl World {
    /// What became of an order.
    pub async fn fate(&self, id: OrderId) -> Result<Fate, String> {
        let db = &self.app.services.kit.db;
        let order = orders::order(db, id).await.map_err(said)?.ok_or("an order is gone")?;
        let lines = orders::lines(db, id).await.map_err(said)?;
        let tried = db.all::<Tried>(sql!("select id, gateway, state from payments where order_id = $1", id));
        let tried = tried.await.map_err(said)?;
        let by_wallet = tried.iter().any(|one| one.gateway == "wallet" && one.state == "confirmed");
        let fates: Vec<_> = tried.iter().filter_map(|one| self.bank.fate(PaymentId(one.id))).collect();
        Ok(Fate {
            state: order.state.as_str().to_owned(),
            entitles: order.state.entitles(),
            costs: !order.total.is_zero(),
            things: lines.iter().map(|line| line.thing).collect(),
            by_wallet,
            taken: fates.iter().map(|(taken, _)| taken.minor).sum(),
            left: fates.iter().map(|(_, left)| left).sum(),
            paid: fates.iter().filter(|(taken, _)| *taken == order.total).count(),
            touched: fates.len(),
            own: order.purpose == domain::orders::Purpose::Purchase,
        })
    }

    /// Every letter arrives or stands in the list of a night, every question is answered; then all agrees.
    pub async fn comes_to_rest(&mut self) -> Result<(), String> {
        self.bank.spoil(None);
        for _ in 0..6 {
            self.bank.tick(self.app.services.kit.now());
            while let Some(letter) = self.bank.letter(0) {
                deliver(&self.app.services, &self.bank, &letter).await.map_err(said)?;
                self.bank.acknowledged(&letter);
            }
            while self.app.runs_jobs().await > 0 {}
            self.app.wait(Span::hours(20));
        }
        self.holds().await?;
        self.audited().await?;
        self.nothing_is_open().await?;
        self.agrees_with_the_bank().await?;
        self.everybody_has_what_they_paid_for().await
    }

    /// Nothing waits for an answer that nobody asks for any more, and nobody was alarmed by a list that is true: but
    /// of money of nothing of ours, whose letter may come here later than any gateway brings one.
    async fn nothing_is_open(&self) -> Result<(), String> {
        let overdue = self.app.services.kit.now().minus(Span::hours(21));
        let open = self.app.services.kit.db.all::<Figure>(sql!(
            "select 'a notice that was not applied' as what, count(*) as n from notice_states
             where state = 'received' having count(*) > 0
             union all select 'a false alarm, for the bank lists the truth: ' || reason || ' ' || detail, count(*)
             from money_alerts where reason in ('refund_not_listed', 'list_differs')
                or (reason = 'not_listed' and detail not like 'bank stray_%') group by reason, detail
             union all select 'a refund of which nobody knows: ' || gateway || ' ' || state, count(*) from refunds
             where kind <> 'dispute' and state in ('requested', 'sent', 'unknown') group by gateway, state
             union all select 'a payment of an order that is over: ' || p.gateway || ' ' || p.state || ' ' || o.state
                 || ' ' || o.purpose, count(*) from payments p join orders o on o.id = p.order_id
             where p.state in ('created', 'pending', 'unknown') and o.state not in ('reserved', 'awaiting_payment')
             group by p.gateway, p.state, o.state, o.purpose
             union all select 'an order whose time is over: ' || purpose, count(*) from orders
             where state in ('reserved', 'awaiting_payment') and expires_at < $1 group by purpose",
            overdue
        ));
        let open = open.await.map_err(said)?;
        let said: Vec<_> = open.iter().map(|open| format!("{} ({})", open.what, open.n)).collect();
        if said.is_empty() { Ok(()) } else { Err(format!("something stays open: {}", said.join("; "))) }
    }

    async fn agrees_with_the_bank(&self) -> Result<(), String> {
        for (charge, amount) in self.bank.charges() {
            let known = sql!(
                "select count(*) as n from charges where gateway = 'bank' and charge = $1 and amount = $2",
                &charge,
                amount.minor
            );
            if self.counts(known).await? != 1 {
                return Err(format!("I7 the bank took {amount:?} by {charge}, and we do not know"));
            }
        }
        for currency in [Currency::Cny, Currency::Usd] {
            let held = sql!(
                "select coalesce(cast(sum(debits - credits) as bigint), 0) as n from ledger_accounts
                 where name = 'gateway:bank:clearing' and currency = $1",
                currency.code()
            );
            let held = self.counts(held).await?;
            let (truth, told) = (self.bank.holds(currency), self.told(currency).await?);
            if held != truth + told {
                return Err(format!(
                    "I2 the bank holds {truth} {currency:?}, alerts {told}, the ledger {held}"
                ));
            }
        }
        Ok(())
    }

    /// What the bank took back that we could not book, since we were giving it back as well: a person was told of
    /// each.
    async fn told(&self, currency: Currency) -> Result<i64, String> {
        let mut told = 0;
        for (reference, amount) in self.bank.gone() {
            if amount.currency != currency {
                continue;
            }
            let booked = sql!(
                "select (select count(*) from refunds where outside = $1)
                      + (select count(*) from unmatched_refunds where reference = $1 and state <> 'failed') as n",
                &reference
            );
            if self.counts(booked).await? == 1 {
                continue;
            }
            let detail = format!("bank {reference}");
            let alert = sql!(
                "select count(*) as n from money_alerts
                 where (detail = $1 or detail like $1 || ' (%') and closed_at is null",
                &detail
            );
            if self.counts(alert).await? == 0 {
                let became = self.became_of(&reference).await;
                return Err(format!("I7 {reference} is neither booked nor told; its notices: {became:?}"));
            }
            told += amount.minor;
        }
        Ok(told)
    }

    /// What became of the notices that name something, for the message of a failure.
    async fn became_of(&self, reference: &str) -> Vec<(String, Option<String>)> {
        let rows = self.app.services.kit.db.all::<Became>(sql!(
            "select n.body, s.state, s.reason from notices n join notice_states s on s.notice_id = n.id
             where n.gateway = 'bank'"
        ));
        let named = |row: &Became| String::from_utf8_lossy(&row.body).contains(reference);
        rows.await.unwrap().into_iter().filter(named).map(|row| (row.state, row.reason)).collect()
    }

    /// Whoever paid has it; whoever did not, or has the money again, has not.
    async fn everybody_has_what_they_paid_for(&self) -> Result<(), String> {
        for (order, buyer) in self.every.iter().copied() {
            let fate = self.fate(order).await?;
            if !fate.costs || fate.by_wallet {
                continue;
            }
            if fate.taken == 0 && fate.entitles {
                return Err(format!("I6 order {order} is {}, and the bank took nothing", fate.state));
            }
            let gone = fate.left == 0;
            let paid = fate.paid == 1 && fate.touched == 1 && fate.left == fate.taken;
            if paid && fate.state != OrderState::Paid.as_str() && !self.is_explained(order).await? {
                return Err(format!("I7 order {order} was paid once and in full, and is {}", fate.state));
            }
            for thing in &fate.things {
                if gone && self.has_by(buyer, *thing, order).await? && !self.is_told(order).await? {
                    let known = self.known_of(order).await?;
                    return Err(format!("I9 {thing} is open by order {order}, whose money is gone: {known}"));
                }
                let bought = paid && fate.own && fate.entitles && !matches!(thing, Thing::Plan(_));
                if bought && !self.has(buyer, *thing).await? && !self.is_explained(order).await? {
                    return Err(format!("I7 {thing} of order {order} was paid for and is closed"));
                }
            }
        }
        Ok(())
    }

    /// Whether a person was told of what does not fit an order, or something of it went to a balance, or went back
    /// without money: of that no bank knows.
    async fn is_explained(&self, order: OrderId) -> Result<bool, String> {
        let known = sql!(
            "select (select count(*) from money_alerts where order_id = $1)
                  + (select count(*) from refunds where order_id = $1 and state = 'succeeded')
                  + (select count(*) from returns_without_money w join order_lines l on l.id = w.line_id
                     where l.order_id = $1) as n",
            order
        );
        Ok(self.counts(known).await? > 0)
    }

    /// Whether a person was told of money that the bank took back while we gave it back as well: then they decide.
    async fn is_told(&self, order: OrderId) -> Result<bool, String> {
        let known = sql!(
            "select count(*) as n from money_alerts where order_id = $1 and closed_at is null
               and reason in ('refund_outside', 'dispute_lost')",
            order
        );
        Ok(self.counts(known).await? > 0)
    }

    /// What we know of the money of an order, for the message of a failure.
    async fn known_of(&self, order: OrderId) -> Result<String, String> {
        let known = self.app.services.kit.db.all::<Figure>(sql!(
            "select 'refund ' || kind || ' ' || state || ' to ' || destination || ' ' || coalesce(outside, '') as what,
                 amount as n from refunds where order_id = $1
             union all select 'alert ' || reason || ' ' || detail || case when closed_at is null then '' else ' closed' end,
                 amount from money_alerts where order_id = $1
             union all select 'charge ' || charge || ' ' || outcome, amount from charges where order_id = $1",
            order
        ));
        let known = known.await.map_err(said)?;
        Ok(known.iter().map(|one| format!("{} {}", one.what, one.n)).collect::<Vec<_>>().join("; "))
    }

    /// Whether somebody may use a thing, by whatever right.
    async fn has(&self, buyer: usize, thing: Thing) -> Result<bool, String> {
        let (account, now) = (self.cast.buyers[buyer].account, self.app.services.kit.now());
        let access = self.app.services.orders.access(Some(account), &thing, now).await;
        Ok(access.map_err(said)?.is_allowed())
    }

    /// What came of it all, so that a world in which nothing happens cannot pass.
    pub async fn figures(&self) -> Vec<(String, i64)> {
        let found = self.app.services.kit.db.all::<Figure>(sql!(
            "select 'order ' || state as what, count(*) as n from orders group by state
             union all select 'order for ' || purpose, count(*) from orders group by purpose
             union all select 'reduction ' || kind, count(*) from order_reductions group by kind
             union all select 'refund ' || kind || ' ' || state, count(*) from refunds group by kind, state
             union all select 'refund to ' || destination, count(*) from refunds group by destination
             union all select 'returned without money', count(*) from returns_without_money
             union all select 'payment ' || gateway || ' ' || state, count(*) from payments group by gateway, state
             union all select 'came to ' || state, count(*) from payment_history group by state
             union all select 'refund came to ' || event, count(*) from refund_history group by event
             union all select 'notice ' || state, count(*) from notice_states group by state
             union all select 'payout ' || state, count(*) from payouts group by state
             union all select 'subscription ' || state, count(*) from subscriptions group by state
             union all select 'alert ' || reason, count(*) from money_alerts group by reason
             union all select 'event ' || event, count(*) from order_history group by event
             union all select 'transfer ' || code, count(*) from transfers group by code
             union all select 'unmatched ' || state, count(*) from unmatched_refunds group by state
             union all select 'called off', count(*) from competition_cancellations
             union all select 'prize round', count(*) from prize_rounds
             order by 1"
        ));
        found.await.unwrap().into_iter().map(|figure| (figure.what, figure.n)).collect()
    }
}
