//! The port: what pages see of attempts, alerts and notices.

use app::error::{Answer, Fault};
use app::features::payments::Payments;
use app::features::payments::api::{
    AlertView, AttemptView, ComparedView, PayStage, PayView, ReviewView, StuckView, UnknownView,
};
use async_trait::async_trait;
use domain::actor::{Actor, Role};
use domain::invalid::{Denied, Invalid};
use domain::money::Money;
use domain::orders::{OrderId, OrderState};
use domain::payments::{AlertId, AttemptState, Balance, LedgerAccount, NoticeId, PaymentId};
use domain::text::line;
use domain::time::Span;
use fast_qr::convert::svg::SvgBuilder;
use fast_qr::qr::QRBuilder;

use super::gateway::Checkout;
use super::store::Attempt;
use super::{Choice, Service, store};
use crate::error::{Error, Result};
use crate::features::orders::port::id_of;
use crate::features::orders::store::{self as orders, number};

/// How many alerts and notices the page shows.
const SHOWN: i64 = 100;
/// After which time a notice should have been applied.
const PATIENCE: Span = Span::minutes(1);

/// How long ago the last comparison with a gateway may end: its list of a day comes on the day after.
const COMPARED: Span = Span::days(3);

/// After which time somebody should know what became of a payment.
const LONG: Span = Span::hours(1);

/// Money matters are for administrators; for everybody else the page does not exist.
fn staff(actor: &Actor) -> Result<()> {
    if actor.is(Role::Admin) { Ok(()) } else { Err(Error::not_found()) }
}

impl Service {
    async fn attempt_view(&self, actor: &Actor, id: PaymentId) -> Result<AttemptView> {
        self.gateway("sandbox").ok_or_else(Error::not_found)?;
        let attempt =
            store::own_attempt(&self.kit.db, id, actor.account).await?.ok_or_else(Error::not_found)?;
        Ok(AttemptView {
            id,
            order: attempt.order,
            number: number(attempt.order),
            title: store::title(&self.kit.db, attempt.order).await?,
            amount: attempt.amount,
            state: attempt.state,
        })
    }

    async fn pay_view(&self, actor: &Actor, id: PaymentId) -> Result<PayView> {
        let db = &self.kit.db;
        let attempt = store::own_attempt(db, id, actor.account).await?.ok_or_else(Error::not_found)?;
        let order =
            orders::own_order(db, attempt.order, actor.account).await?.ok_or_else(Error::not_found)?;
        Ok(PayView {
            id,
            order: attempt.order,
            number: number(attempt.order),
            gateway: attempt.gateway.clone(),
            title: store::title(db, attempt.order).await?,
            amount: attempt.amount,
            stage: if self.is_stale(&attempt) && order.state.is_open() {
                PayStage::Closed
            } else {
                stage(&attempt, order.state)?
            },
            expires_at: attempt.expires_at,
            under_review: store::under_review(db, attempt.order).await?,
        })
    }

    /// Whether nobody can pay any more by what was shown for an open attempt.
    fn is_stale(&self, attempt: &Attempt) -> bool {
        let lasts = self.gateway(&attempt.gateway).and_then(|gateway| gateway.lasts());
        let shown = attempt.card.is_none() && attempt.state == AttemptState::Pending;
        shown && lasts.is_some_and(|span| self.kit.now() > attempt.created_at.plus(span))
    }

    async fn review_view(&self, actor: &Actor) -> Result<ReviewView> {
        staff(actor)?;
        let db = &self.kit.db;
        let alerts = store::open_alerts(db, SHOWN).await?.into_iter().map(|row| AlertView {
            id: row.id,
            reason: row.reason,
            amount: Money::new(row.amount, row.currency),
            order: row.order_id.map(OrderId).map(|order| (order, number(order))),
            username: row.username,
            event: row.detail,
            parked: row.parked > 0,
            opened_at: row.opened_at,
        });
        let unknown = store::unknown(db, self.kit.now().minus(LONG), SHOWN).await?;
        let unknown = unknown.into_iter().map(|row| UnknownView {
            id: row.id,
            number: number(row.order_id),
            order: row.order_id,
            username: row.username,
            gateway: row.gateway,
            amount: Money::new(row.amount, row.currency),
            since: row.changed_at,
        });
        let stuck = store::stuck_notices(db, self.kit.now().minus(PATIENCE), SHOWN).await?;
        let stuck = stuck.into_iter().map(|row| StuckView {
            id: row.id,
            event: format!("{} {}", row.gateway, row.event_id),
            waiting: row.state == "received",
            received_at: row.received_at,
        });
        let accounts = store::house_accounts(db).await?.into_iter().filter_map(|row| {
            let balance = Balance { debits: row.debits, credits: row.credits, ..Balance::default() };
            let holds = balance.of(LedgerAccount::parse(&row.name)?.kind());
            Some((row.name, Money::new(holds, row.currency)))
        });
        let late = self.kit.now().minus(COMPARED);
        let compared = store::compared(db).await?.into_iter().map(|row| ComparedView {
            gateway: row.gateway,
            late: row.compared_until < late,
            until: row.compared_until,
        });
        Ok(ReviewView {
            alerts: alerts.collect(),
            unknown: unknown.collect(),
            stuck: stuck.collect(),
            rejected: self.rejected(),
            accounts: accounts.collect(),
            compared: compared.collect(),
        })
    }

    async fn close(&self, actor: &Actor, id: AlertId, note: &str) -> Result<()> {
        staff(actor)?;
        let note = line("note", note, 1..=500)?;
        let mut tx = self.kit.db.begin().await?;
        if !store::close_alert(&mut tx, id, actor.account, &note, self.kit.now()).await? {
            return Err(Denied::new("alert_closed").into());
        }
        Ok(tx.commit().await?)
    }

    async fn again(&self, actor: &Actor, id: NoticeId) -> Result<()> {
        staff(actor)?;
        if store::waiting_notice(&self.kit.db, id).await?.is_none() {
            return Err(Denied::new("notice_done").into());
        }
        self.apply(id).await?;
        self.settle_turns(id).await
    }
}

/// What a buyer sees of an attempt.
fn stage(attempt: &Attempt, order: OrderState) -> Result<PayStage> {
    Ok(match attempt.state {
        AttemptState::Confirmed => PayStage::Confirmed,
        _ if order.entitles() => PayStage::Confirmed,
        AttemptState::Unknown => PayStage::Unknown,
        AttemptState::Failed => PayStage::Declined,
        _ if !order.is_open() => PayStage::Expired,
        AttemptState::Superseded => PayStage::Closed,
        AttemptState::Created | AttemptState::Pending => match &attempt.checkout {
            Some(Checkout::Redirect(address)) => PayStage::Go { address: address.clone() },
            Some(Checkout::Qr(code)) => PayStage::Scan { square: square(code)?, code: code.clone() },
            Some(Checkout::Page(_)) | None => PayStage::Unknown,
        },
    })
}

/// A code as a picture; drawn here, so that nobody else learns of it.
fn square(code: &str) -> Result<String> {
    let drawn = QRBuilder::new(code.to_owned()).build().map_err(|error| Error::bug(format!("{error:?}")))?;
    Ok(SvgBuilder::default().to_str(&drawn))
}

#[async_trait]
impl Payments for Service {
    async fn begin(&self, actor: &Actor, order: String, gateway: String) -> Answer<String> {
        let payment = Self::begin(self, actor, id_of(&order)?, &gateway).await?;
        let attempt = store::attempt(&self.kit.db, payment).await?.ok_or(Fault::NotFound)?;
        Ok(match attempt.checkout {
            Some(Checkout::Page(path)) => path,
            Some(Checkout::Redirect(_)) => format!("/pay/{payment}?go=1"),
            Some(Checkout::Qr(_)) | None => format!("/pay/{payment}"),
        })
    }
    async fn show(&self, actor: &Actor, payment: String) -> Answer<AttemptView> {
        Ok(self.attempt_view(actor, id_of(&payment)?).await?)
    }
    async fn wait(&self, actor: &Actor, payment: String) -> Answer<PayView> {
        Ok(self.pay_view(actor, id_of(&payment)?).await?)
    }
    async fn ask_now(&self, actor: &Actor, payment: String) -> Answer<()> {
        staff(actor)?;
        Ok(self.ask_once(id_of(&payment)?).await?)
    }
    async fn choose(&self, actor: &Actor, payment: String, choice: String) -> Answer<OrderId> {
        let choice = Choice::parse(&choice).ok_or_else(|| Invalid::field("choice", "unknown_choice"))?;
        Ok(Self::choose(self, actor, id_of(&payment)?, choice).await?)
    }
    async fn review(&self, actor: &Actor) -> Answer<ReviewView> {
        Ok(self.review_view(actor).await?)
    }
    async fn close_alert(&self, actor: &Actor, alert: String, note: String) -> Answer<()> {
        Ok(self.close(actor, id_of(&alert)?, &note).await?)
    }
    async fn forget_card(&self, actor: &Actor) -> Answer<()> {
        Ok(self.drop_card(actor).await?)
    }
    async fn retry(&self, actor: &Actor, notice: String) -> Answer<()> {
        Ok(self.again(actor, id_of(&notice)?).await?)
    }
}
