//! What people, the bank and the platform do at random, one step at a time.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::actor::Actor;
use domain::money::{Currency, Money};
use domain::orders::{How, OrderId, Thing, Wanted};
use domain::payments::PaymentId;
use domain::payouts::{PayoutId, PayoutStep, Wish};
use domain::refunds::Destination;
use domain::time::Span;
use server::Services;
use server::error::{Error, Result};
use server::features::orders::store as orders;
use server::sql;

use super::bank::{Bank, Letter, Trouble};
use super::draw::Draw;
use crate::support::shop::{COURSE, ENTRY, LAST};

/// One thing that somebody does.
#[derive(Clone, Debug)]
pub enum Deed {
    Place(usize, Vec<Thing>),
    Begin(usize, OrderId, &'static str),
    PayFromWallet(usize, OrderId),
    Cancel(usize, OrderId),
    AskBack(usize, OrderId, Destination),
    Grant(OrderId, i64),
    AskForPayout(i64),
    Approve(usize),
    Step(PayoutStep),
    /// It comes again where its sender overhears that it has arrived.
    Deliver(Letter, bool),
    DeliverSpoilt(Letter),
    Jobs,
}

/// Everybody who takes part.
pub struct Cast {
    pub buyers: Vec<Actor>,
    pub author: Actor,
    pub staff: Vec<Actor>,
    /// The latest orders and who placed them.
    pub orders: Vec<(OrderId, usize)>,
}

/// How many orders are remembered: older ones come to rest.
const REMEMBERED: usize = 40;

impl Cast {
    /// Remembers an order.
    pub fn remember(&mut self, order: OrderId, buyer: usize) {
        if self.orders.len() >= REMEMBERED {
            self.orders.remove(0);
        }
        self.orders.push((order, buyer));
    }

    /// What happens at the bank or with the clock; nothing where somebody does something with us instead.
    pub fn outside(&self, draw: &mut Draw, bank: &Bank) -> Option<Outside> {
        Some(match draw.of(100) {
            0..=23 => Outside::Pays(*draw.one(&bank.open())?, if draw.of(40) == 0 { 1 } else { 0 }),
            24..=26 => Outside::Declines(*draw.one(&bank.open())?),
            27..=28 => Outside::TakesBack(*draw.one(&bank.paid())?, draw.of(2) == 0),
            29 => Outside::Decides(draw.of(2) == 0),
            30..=33 => Outside::Loses(draw.of(1_000)),
            34..=40 => Outside::Spoils(*draw.one(&[
                Trouble::Deaf,
                Trouble::LosesAnswer,
                Trouble::Refuses,
                Trouble::Slow,
            ])?),
            41..=46 => Outside::Waits(Span::seconds(i64::try_from(draw.of(120)).unwrap())),
            47 if draw.of(3) == 0 => Outside::Waits(Span::minutes(20)),
            48 if draw.of(8) == 0 => Outside::Waits(Span::hours(12)),
            _ => return None,
        })
    }

    /// What somebody does with us next.
    pub fn deed(&self, draw: &mut Draw, bank: &Bank) -> Deed {
        let buyer = draw.of(self.buyers.len());
        let Some((order, owner)) = draw.one(&self.orders).copied() else {
            return Deed::Place(buyer, vec![COURSE]);
        };
        match draw.of(100) {
            0..=21 => {
                let mut things = vec![*draw.one(&[COURSE, ENTRY, LAST]).unwrap_or(&COURSE)];
                if draw.of(4) == 0 && things == [ENTRY] {
                    things.push(COURSE);
                }
                Deed::Place(buyer, things)
            }
            22..=43 => Deed::Begin(owner, order, if draw.of(8) == 0 { "wallet" } else { "bank" }),
            44..=47 => Deed::PayFromWallet(owner, order),
            48..=50 => Deed::Cancel(owner, order),
            51..=58 => {
                let to = if draw.of(3) == 0 { Destination::Wallet } else { Destination::Gateway };
                Deed::AskBack(owner, order, to)
            }
            59..=60 => Deed::Grant(order, i64::try_from(draw.of(4_000)).unwrap() + 1),
            61..=62 => Deed::AskForPayout(i64::try_from(draw.of(9_000)).unwrap() + 1),
            63..=65 => Deed::Approve(draw.of(self.staff.len())),
            66..=68 => {
                let steps = [PayoutStep::Pay, PayoutStep::Fail, PayoutStep::Reject, PayoutStep::Export];
                Deed::Step(*draw.one(&steps).unwrap_or(&PayoutStep::Pay))
            }
            69..=87 => match bank.letter(draw.of(1_000)) {
                Some(letter) if draw.of(20) == 0 => Deed::DeliverSpoilt(letter),
                Some(letter) => Deed::Deliver(letter, draw.of(6) == 0),
                None => Deed::Jobs,
            },
            _ => Deed::Jobs,
        }
    }
}

/// One thing that happens without us.
#[derive(Clone, Debug)]
pub enum Outside {
    Pays(PaymentId, i64),
    Declines(PaymentId),
    TakesBack(PaymentId, bool),
    Decides(bool),
    Loses(usize),
    Spoils(Trouble),
    Waits(Span),
}

/// Does what somebody decided; the order that came of it, where it placed one. Refusals are expected.
pub async fn act(
    services: &Arc<Services>,
    bank: &Bank,
    deed: Deed,
    cast: &Cast,
) -> Result<Option<(OrderId, usize)>, String> {
    match tried(services, bank, deed.clone(), cast).await {
        Ok(placed) => Ok(placed),
        Err(Error::Fault(_)) => Ok(None),
        Err(error) => Err(format!("{deed:?}: {error}")),
    }
}

async fn tried(
    services: &Arc<Services>,
    bank: &Bank,
    deed: Deed,
    cast: &Cast,
) -> Result<Option<(OrderId, usize)>> {
    match deed {
        Deed::Place(buyer, things) => {
            let wanted = things.into_iter().map(Wanted::one).collect();
            let placed = services.orders.place_many(&cast.buyers[buyer], wanted, How::default()).await?;
            return Ok(Some((placed, buyer)));
        }
        Deed::Begin(buyer, order, gateway) => {
            services.payments.begin(&cast.buyers[buyer], order, gateway).await?;
        }
        Deed::PayFromWallet(buyer, order) => {
            let payment = services.payments.begin(&cast.buyers[buyer], order, "wallet").await?;
            services.wallet.pay(&cast.buyers[buyer], payment).await?;
        }
        Deed::Cancel(buyer, order) => services.orders.cancel(&cast.buyers[buyer], order).await?,
        Deed::AskBack(buyer, order, to) => {
            let lines = orders::lines(&services.kit.db, order).await?;
            let lines: Vec<_> = lines.into_iter().take(1).map(|line| line.id).collect();
            services.refunds.request(&cast.buyers[buyer], order, &lines, to).await?;
        }
        Deed::Grant(order, minor) => {
            let lines = orders::lines(&services.kit.db, order).await?;
            let amounts: BTreeMap<_, _> = lines
                .into_iter()
                .take(1)
                .map(|line| (line.id.to_string(), format!("{}.{:02}", minor / 100, minor % 100)))
                .collect();
            let reason = "a friendly gesture";
            services.refunds.grant(&cast.staff[0], order, &amounts, Destination::Gateway, reason).await?;
        }
        Deed::AskForPayout(minor) => {
            let amount = Money::new(minor, Currency::Cny);
            let wish = Wish { amount, holder: "Ada".to_owned(), bank: "Bank 1234".to_owned() };
            services.payouts.request(&cast.author, wish).await?;
        }
        Deed::Approve(staff) => {
            if let Some(payout) = payout(services).await? {
                services.payouts.approve(&cast.staff[staff], payout).await?;
            }
        }
        Deed::Step(step) => {
            if let Some(payout) = payout(services).await? {
                services.payouts.step(&cast.staff[0], payout, step).await?;
            }
        }
        Deed::Deliver(letter, again) => {
            if deliver(services, bank, &letter).await? && !again {
                bank.acknowledged(&letter);
            }
        }
        Deed::DeliverSpoilt(mut letter) => {
            if let Some(byte) = letter.body.last_mut() {
                *byte ^= 1;
            }
            if deliver(services, bank, &letter).await? {
                return Err(Error::bug("a spoilt letter was let in"));
            }
        }
        Deed::Jobs => drop(server::jobs::run_due(services).await?),
    }
    Ok(None)
}

/// Brings a letter to our door; whether it was let in.
pub async fn deliver(services: &Services, bank: &Bank, letter: &Letter) -> Result<bool> {
    Ok(services.payments.receive(bank, &letter.headers, &letter.body).await?.is_ok())
}

/// The payout that changed least lately.
async fn payout(services: &Services) -> Result<Option<PayoutId>> {
    #[derive(sqlx::FromRow)]
    struct Found {
        id: uuid::Uuid,
    }
    let sql = sql!("select id from payouts order by changed_at, id limit 1");
    Ok(services.kit.db.all::<Found>(sql).await?.pop().map(|found| PayoutId(found.id)))
}
