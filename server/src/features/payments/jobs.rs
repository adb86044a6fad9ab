//! What follows a notice.

use async_trait::async_trait;
use domain::orders::OrderId;
use domain::payments::{CardId, NoticeId, PaymentId};
use serde::{Deserialize, Serialize};

use crate::jobs::{Job, JobError};
use crate::services::Services;

/// Applies a stored notice to its order.
#[derive(Debug, Serialize, Deserialize)]
pub struct ApplyNotice {
    /// The notice.
    pub notice: NoticeId,
    /// How often it was tried before.
    #[serde(default)]
    pub turn: usize,
}

#[async_trait]
impl Job for ApplyNotice {
    const KIND: &'static str = "payments.apply_notice";
    async fn run(self, services: &Services) -> Result<(), JobError> {
        Ok(services.payments.apply_in_turn(self.notice, self.turn).await?)
    }
}

/// Lets the sandbox confirm an attempt that a person chose to delay.
#[derive(Debug, Serialize, Deserialize)]
pub struct ConfirmLater {
    /// The attempt.
    pub payment: PaymentId,
    /// The id that the sandbox gives the event.
    pub event: String,
}

#[async_trait]
impl Job for ConfirmLater {
    const KIND: &'static str = "payments.sandbox_confirm_later";
    async fn run(self, services: &Services) -> Result<(), JobError> {
        Ok(services.payments.confirm_later(self.payment, &self.event).await?)
    }
}

/// Asks a gateway about an attempt that is not settled.
#[derive(Debug, Serialize, Deserialize)]
pub struct AskGateway {
    /// The attempt.
    pub payment: PaymentId,
    /// How often it was asked about before.
    pub turn: usize,
}

#[async_trait]
impl Job for AskGateway {
    const KIND: &'static str = "payments.ask_gateway";
    async fn run(self, services: &Services) -> Result<(), JobError> {
        Ok(services.payments.ask(self.payment, self.turn).await?)
    }
}

/// Writes down the card by which an attempt was paid.
#[derive(Debug, Serialize, Deserialize)]
pub struct KeepCard {
    /// The attempt.
    pub payment: PaymentId,
    /// How often its gateway was asked before.
    #[serde(default)]
    pub turn: usize,
}

#[async_trait]
impl Job for KeepCard {
    const KIND: &'static str = "payments.keep_card";
    async fn run(self, services: &Services) -> Result<(), JobError> {
        let asked = services.payments.keep_card(self.payment).await;
        let next = Self { turn: self.turn.saturating_add(1), ..self };
        Ok(services.payments.ask_again(asked, &next, self.turn).await?)
    }
}

/// Makes a gateway forget a card.
#[derive(Debug, Serialize, Deserialize)]
pub struct ForgetCard {
    /// The card.
    pub card: CardId,
    /// How often its gateway was asked before.
    #[serde(default)]
    pub turn: usize,
}

#[async_trait]
impl Job for ForgetCard {
    const KIND: &'static str = "payments.forget_card";
    async fn run(self, services: &Services) -> Result<(), JobError> {
        let asked = services.payments.forget_there(self.card).await;
        let next = Self { turn: self.turn.saturating_add(1), ..self };
        Ok(services.payments.ask_again(asked, &next, self.turn).await?)
    }
}

/// Closes whatever may still be paid of an order that no longer waits for money.
#[derive(Debug, Serialize, Deserialize)]
pub struct CloseOrder {
    /// The order.
    pub order: OrderId,
}

#[async_trait]
impl Job for CloseOrder {
    const KIND: &'static str = "payments.close_order";
    async fn run(self, services: &Services) -> Result<(), JobError> {
        Ok(services.payments.close_order(self.order).await?)
    }
}

/// Once a day: compares what was booked with the list of every gateway.
#[derive(Debug, Serialize, Deserialize)]
pub struct CompareLists {}

#[async_trait]
impl Job for CompareLists {
    const KIND: &'static str = "payments.compare_lists";
    async fn run(self, services: &Services) -> Result<(), JobError> {
        Ok(services.payments.compare_tonight().await?)
    }
}

/// Compares what was booked with the list of one gateway, a step.
#[derive(Debug, Serialize, Deserialize)]
pub struct CompareList {
    /// The gateway.
    pub gateway: String,
}

#[async_trait]
impl Job for CompareList {
    const KIND: &'static str = "payments.compare_list";
    async fn run(self, services: &Services) -> Result<(), JobError> {
        Ok(services.payments.compare_step(&self.gateway).await?)
    }
}
