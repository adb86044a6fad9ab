//! The port: what a customer sees of credit.

use app::error::Answer;
use app::features::wallet::Wallet;
use app::features::wallet::api::{WalletPayView, WalletView};
use async_trait::async_trait;
use domain::actor::Actor;
use domain::orders::OrderId;
use domain::payments::LedgerAccount;

use super::Service;
use crate::error::Result;
use crate::features::finance::store as books;
use crate::features::orders::port::id_of;
use crate::features::payments::store as payments;

impl Service {
    async fn view(&self, actor: &Actor, after: Option<&str>) -> Result<WalletView> {
        let account = LedgerAccount::CustomerCredit(actor.account);
        Ok(WalletView {
            balances: self.balances(actor.account).await?,
            statement: books::statement(&self.kit.db, &account, actor.account, after).await?,
        })
    }
}

#[async_trait]
impl Wallet for Service {
    async fn wallet(&self, actor: &Actor, after: Option<String>) -> Answer<WalletView> {
        Ok(self.view(actor, after.as_deref()).await?)
    }
    async fn show(&self, actor: &Actor, payment: String) -> Answer<WalletPayView> {
        let attempt = self.attempt(actor, id_of(&payment)?).await?;
        Ok(WalletPayView {
            payment: attempt.id.to_string(),
            order: attempt.order,
            balance: self.balance(actor.account, attempt.amount.currency).await?,
            open: attempt.state.is_open() && attempt.expires_at >= self.kit.now(),
            title: payments::title(&self.kit.db, attempt.order).await?,
            amount: attempt.amount,
        })
    }
    async fn pay(&self, actor: &Actor, payment: String) -> Answer<OrderId> {
        Ok(Self::pay(self, actor, id_of(&payment)?).await?)
    }
}
