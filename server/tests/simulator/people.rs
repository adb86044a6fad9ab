//! How people, the bank and the platform do what was drawn.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::features::offers::Offers;
use app::features::payments::Payments;
use domain::actor::Actor;
use domain::money::{Currency, Money};
use domain::orders::{How, OrderId, Wanted};
use domain::payments::AlertId;
use domain::payouts::{PayoutId, Wish};
use server::Services;
use server::db::DbError;
use server::error::{Error, Result};
use server::features::orders::store as orders;
use server::features::subscriptions::service::Changed;
use server::sql;
use uuid::Uuid;

use super::bank::{Bank, Letter};
use super::deeds::{Deed, STAGES};
use super::town::{FIRST, Town};

/// Everybody who takes part.
pub struct Cast {
    pub town: Town,
    pub buyers: Vec<Actor>,
    pub names: Vec<String>,
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
        if self.orders.contains(&(order, buyer)) {
            return;
        }
        if self.orders.len() >= REMEMBERED {
            self.orders.remove(0);
        }
        self.orders.push((order, buyer));
    }
}

/// Which failures are no more than a refusal: what rules refuse, and one of two that met. Where the locks are taken
/// away, the keys that stand behind them refuse as well.
pub const fn is_refusal(error: &Error, unlocked: bool) -> bool {
    match error {
        Error::Fault(_) => true,
        Error::Bug { .. } => unlocked,
        Error::Db { source, .. } => match source {
            DbError::Rows { .. } | DbError::Repeat => true,
            DbError::Duplicate(_) => unlocked,
            _ => false,
        },
        _ => false,
    }
}

/// Does what somebody decided; the order that came of it, where it placed one. Refusals are expected.
pub async fn act(
    services: &Arc<Services>,
    bank: &Bank,
    deed: Deed,
    cast: &Cast,
    unlocked: bool,
) -> Result<Option<(OrderId, usize)>, String> {
    match tried(services, bank, deed.clone(), cast).await {
        Ok(placed) => Ok(placed),
        Err(error) if is_refusal(&error, unlocked) => Ok(None),
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
        Deed::Place(..) | Deed::BuyBundle(_) | Deed::BuyGift(..) | Deed::Redeem(..) => {
            return orders_something(services, deed, cast).await;
        }
        Deed::Subscribe(..)
        | Deed::ChangePlan(..)
        | Deed::EndPlan(_)
        | Deed::ResumePlan(_)
        | Deed::NextPeriod(_) => {
            return subscribes(services, deed, cast).await;
        }
        Deed::Begin(..) | Deed::PayFromWallet(..) | Deed::Cancel(..) | Deed::AskBack(..) => {
            deals(services, deed, cast).await?;
        }
        _ => steers(services, deed, cast).await?,
    }
    Ok(None)
}

async fn orders_something(
    services: &Arc<Services>,
    deed: Deed,
    cast: &Cast,
) -> Result<Option<(OrderId, usize)>> {
    Ok(match deed {
        Deed::Place(buyer, things, coupons, points) => {
            let wanted = things.into_iter().map(Wanted::one).collect();
            let coupons = coupons.into_iter().map(str::to_owned).collect();
            let how = How { coupons, points, ..How::default() };
            Some((services.orders.place_many(&cast.buyers[buyer], wanted, how).await?, buyer))
        }
        Deed::BuyBundle(buyer) => {
            Some((services.offers.buy_bundle(&cast.buyers[buyer], cast.town.bundle).await?, buyer))
        }
        Deed::BuyGift(buyer, thing) => {
            let thing = thing.to_string();
            let order = services.offers.buy_gift(&cast.buyers[buyer], &thing, Vec::new(), "Enjoy").await?;
            Some((order, buyer))
        }
        Deed::Redeem(buyer, giver) => {
            let bought = services.offers.gifts(&cast.buyers[giver], None).await;
            let code = bought.ok().and_then(|gifts| gifts.items.into_iter().find_map(|gift| gift.code));
            match code {
                Some(code) => Some((services.offers.redeem(&cast.buyers[buyer], &code).await?, buyer)),
                None => None,
            }
        }
        _ => None,
    })
}

async fn subscribes(services: &Arc<Services>, deed: Deed, cast: &Cast) -> Result<Option<(OrderId, usize)>> {
    let subscriptions = &services.subscriptions;
    Ok(match deed {
        Deed::Subscribe(buyer, plan, trial) => {
            let (actor, plan) = (&cast.buyers[buyer], cast.town.plans[plan]);
            // Half of them let renewals take what is in their balance.
            let wallet = buyer.is_multiple_of(2);
            Some((subscriptions.subscribe(actor, plan, Currency::Cny, trial, wallet).await?, buyer))
        }
        Deed::ChangePlan(buyer, plan) => {
            match subscriptions.change(&cast.buyers[buyer], cast.town.plans[plan]).await? {
                Changed::ByOrder(order) => Some((order, buyer)),
                Changed::At(_) => None,
            }
        }
        Deed::EndPlan(buyer) => {
            subscriptions.cancel(&cast.buyers[buyer]).await?;
            None
        }
        Deed::ResumePlan(buyer) => {
            subscriptions.resume(&cast.buyers[buyer]).await?;
            None
        }
        Deed::NextPeriod(buyer) => Some((subscriptions.next_order(&cast.buyers[buyer]).await?, buyer)),
        _ => None,
    })
}

/// What a buyer does with an order.
async fn deals(services: &Arc<Services>, deed: Deed, cast: &Cast) -> Result<()> {
    match deed {
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
        _ => {}
    }
    Ok(())
}

/// What the platform, the author and the organiser do.
async fn steers(services: &Arc<Services>, deed: Deed, cast: &Cast) -> Result<()> {
    match deed {
        Deed::GiveAway(buyer) => {
            services.offers.grant(&cast.staff[0], &cast.names[buyer], FIRST, "a scholarship").await?;
        }
        Deed::Grant(order, minor, to) => {
            let lines = orders::lines(&services.kit.db, order).await?;
            let amounts: BTreeMap<_, _> = lines
                .into_iter()
                .take(1)
                .map(|line| (line.id.to_string(), Money::new(minor, line.price.currency).decimal()))
                .collect();
            services.refunds.grant(&cast.staff[0], order, &amounts, to, "a friendly gesture").await?;
        }
        Deed::SendBack => {
            let oldest = sql!(
                "select id from money_alerts where closed_at is null
                   and reason in ('other_amount', 'paid_twice', 'seat_gone', 'refunded')
                 order by opened_at, id limit 1"
            );
            if let Some(alert) = one(services, oldest).await? {
                services.refunds.send_back(&cast.staff[0], AlertId(alert)).await?;
            }
        }
        Deed::CloseAlert => {
            // Nobody closes what says that the fee of a competition that was called off lies there for nobody.
            let oldest = sql!(
                "select a.id from money_alerts a where a.closed_at is null
                   and a.reason in ('other_amount', 'paid_twice', 'seat_gone', 'refunded', 'refund_failed')
                   and not exists (select 1 from order_lines l
                       join competition_cancellations c on c.competition_id = l.thing_id where l.order_id = a.order_id)
                 order by a.opened_at, a.id limit 1"
            );
            if let Some(alert) = one(services, oldest).await? {
                services
                    .payments
                    .close_alert(&cast.staff[0], alert.to_string(), "looked at".to_owned())
                    .await?;
            }
        }
        Deed::CallOff => {
            services.competitions.cancel(&cast.author, STAGES[1], "The hall has burnt down.").await?
        }
        Deed::Finalise => {
            for slug in STAGES {
                services.competitions.finalise(&cast.author, slug).await?;
            }
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
        _ => {}
    }
    Ok(())
}

/// Brings a letter to our door; whether it was let in.
pub async fn deliver(services: &Services, bank: &Bank, letter: &Letter) -> Result<bool> {
    Ok(services.payments.receive(bank, &letter.headers, &letter.body).await?.is_ok())
}

/// The first of what a statement finds.
async fn one(services: &Services, statement: server::db::Sql) -> Result<Option<Uuid>> {
    #[derive(sqlx::FromRow)]
    struct Found {
        id: Uuid,
    }
    Ok(services.kit.db.all::<Found>(statement).await?.pop().map(|found| found.id))
}

/// The payout that changed least lately, of those that can still change.
async fn payout(services: &Services) -> Result<Option<PayoutId>> {
    let sql = sql!(
        "select id from payouts where state in ('requested', 'approved', 'exported')
         order by changed_at, id limit 1"
    );
    Ok(one(services, sql).await?.map(PayoutId))
}
