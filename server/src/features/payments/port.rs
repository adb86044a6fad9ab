//! The port: what pages see of attempts, alerts and notices.

use app::error::{Answer, Fault};
use app::features::payments::Payments;
use app::features::payments::api::{Asked, AttemptView, PayStage, PayView, ReviewView};
use async_trait::async_trait;
use domain::actor::{Actor, Role};
use domain::invalid::{Denied, Invalid};
use domain::locale::Locale;
use domain::orders::{OrderId, OrderState};
use domain::payments::{AlertId, AttemptState, LogEvent, NoticeId, PaymentId};
use domain::text::line;
use fast_qr::convert::svg::SvgBuilder;
use fast_qr::qr::QRBuilder;

use super::gateway::Checkout;
use super::store::Attempt;
use super::waits::page_of;
use super::{Choice, Service, store};
use crate::error::{Error, Result};
use crate::features::finance::log;
use crate::features::orders::port::id_of;
use crate::features::orders::store::{self as orders, Order, number};

/// Money matters are for administrators; for everybody else the page does not exist.
pub(super) fn staff(actor: &Actor) -> Result<()> {
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
            stage: self.stage(&attempt, &order).await?,
            expires_at: attempt.expires_at,
            under_review: store::under_review(db, attempt.order).await?,
        })
    }

    /// What a buyer sees of an attempt.
    async fn stage(&self, attempt: &Attempt, order: &Order) -> Result<PayStage> {
        let paid = attempt.state == AttemptState::Confirmed;
        Ok(match order.state {
            OrderState::Paid | OrderState::PartiallyRefunded | OrderState::Refunded => PayStage::Confirmed,
            OrderState::Expired | OrderState::Cancelled if paid => PayStage::Unused,
            OrderState::Expired | OrderState::Cancelled if attempt.state.is_open() => PayStage::Outcome,
            OrderState::Expired => PayStage::Expired,
            OrderState::Cancelled => PayStage::Cancelled,
            OrderState::Reserved | OrderState::AwaitingPayment if paid => PayStage::Confirmed,
            OrderState::Reserved | OrderState::AwaitingPayment => self.open_stage(attempt).await?,
        })
    }

    /// What a buyer sees of an attempt while its order can be paid.
    async fn open_stage(&self, attempt: &Attempt) -> Result<PayStage> {
        let unknown = attempt.state == AttemptState::Unknown;
        Ok(match &attempt.checkout {
            _ if attempt.state == AttemptState::Failed => PayStage::Declined,
            _ if attempt.state == AttemptState::Superseded => PayStage::Closed,
            _ if attempt.card.is_some() || store::is_working(&self.kit.db, attempt.id).await? => {
                PayStage::Working
            }
            _ if attempt.expires_at < self.kit.now() => PayStage::Outcome,
            None => PayStage::Silent,
            Some(_) if self.is_stale(attempt) => PayStage::Stale,
            Some(Checkout::Redirect(address) | Checkout::Page(address)) if unknown => {
                PayStage::Unknown { address: Some(address.clone()) }
            }
            Some(Checkout::Qr(_)) if unknown => PayStage::Unknown { address: None },
            Some(Checkout::Redirect(address) | Checkout::Page(address)) => {
                PayStage::Go { address: address.clone() }
            }
            Some(Checkout::Qr(code)) => PayStage::Scan { square: square(code)?, code: code.clone() },
        })
    }

    async fn close(&self, actor: &Actor, id: AlertId, note: &str) -> Result<()> {
        staff(actor)?;
        let note = line("note", note, 1..=500)?;
        let mut tx = self.kit.db.begin().await?;
        // Money in suspense is somebody's: as long as it is here, somebody is told of it.
        if store::keeps_money(&mut tx, id).await? {
            return Err(Denied::new("money_is_here").into());
        }
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
        self.write_down(actor, LogEvent::NoticeRetried, &id.to_string()).await?;
        self.apply(id).await?;
        self.settle_turns(id).await
    }

    async fn write_down(&self, actor: &Actor, event: LogEvent, about: &str) -> Result<()> {
        let mut tx = self.kit.db.begin().await?;
        log::write(&mut tx, &self.kit, actor, event, about, "").await?;
        Ok(tx.commit().await?)
    }
}

/// A code as a picture; drawn here, so that nobody else learns of it.
fn square(code: &str) -> Result<String> {
    let drawn = QRBuilder::new(code.to_owned()).build().map_err(|error| Error::bug(format!("{error:?}")))?;
    Ok(SvgBuilder::default().to_str(&drawn))
}

#[async_trait]
impl Payments for Service {
    async fn begin(&self, actor: &Actor, order: String, gateway: String, locale: Locale) -> Answer<String> {
        // The gateway speaks the language of the page that one comes from, and leads back to it.
        let reader = Actor { locale, ..actor.clone() };
        let payment = Self::begin(self, &reader, id_of(&order)?, &gateway).await?;
        let attempt = store::attempt(&self.kit.db, payment).await?.ok_or(Fault::NotFound)?;
        Ok(page_of(&attempt).unwrap_or_else(|| format!("/pay/{payment}")))
    }
    async fn show(&self, actor: &Actor, payment: String) -> Answer<AttemptView> {
        Ok(self.attempt_view(actor, id_of(&payment)?).await?)
    }
    async fn wait(&self, actor: &Actor, payment: String) -> Answer<PayView> {
        Ok(self.pay_view(actor, id_of(&payment)?).await?)
    }
    async fn ask_now(&self, actor: &Actor, payment: String) -> Answer<()> {
        staff(actor)?;
        let id: PaymentId = id_of(&payment)?;
        store::attempt(&self.kit.db, id).await?.ok_or(Fault::NotFound)?;
        self.write_down(actor, LogEvent::PaymentAsked, &id.to_string()).await?;
        Ok(self.ask_once(id).await?)
    }
    async fn choose(&self, actor: &Actor, payment: String, choice: String) -> Answer<OrderId> {
        let choice = Choice::parse(&choice).ok_or_else(|| Invalid::field("choice", "unknown_choice"))?;
        Ok(Self::choose(self, actor, id_of(&payment)?, choice).await?)
    }
    async fn review(&self, actor: &Actor, asked: Asked) -> Answer<ReviewView> {
        Ok(self.review_view(actor, asked).await?)
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
