//! Credit as a gateway.

use async_trait::async_trait;
use axum::http::HeaderMap;
use domain::accounts::AccountId;
use domain::money::Currency;
use domain::payments::{Code, LedgerAccount, LedgerFault, PaymentId, Posting, Told};
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::{Count, Lock, Tx};
use crate::error::{Error, Result};
use crate::features::payments::gateway::{
    Checkout, Demand, Gateway, Hint, Opened, RefundDemand, RefundTold, Rejected, Unsure,
};
use crate::features::payments::ledger::{self, Belongs, derived, transfer_id};
use crate::features::payments::store::Attempt;
use crate::features::refunds::WALLET;
use crate::kit::Kit;
use crate::sql;

/// The gateway that takes customers' credit.
pub struct Wallet {
    kit: Kit,
}

/// The group of the transfer that pays an attempt from credit.
fn group_of(payment: PaymentId) -> Uuid {
    derived("wallet paid", payment.0)
}

/// What the transfer of an attempt says.
pub(super) fn told(attempt: &Attempt) -> Told {
    Told::Confirmed { charge: format!("wallet_{}", attempt.id.0.simple()), amount: attempt.amount }
}

/// Takes the amount of an attempt from credit, at most once; refuses what is not there, for ever.
pub(super) async fn take(tx: &mut Tx, kit: &Kit, attempt: &Attempt) -> Result<Result<(), LedgerFault>> {
    let credit = LedgerAccount::CustomerCredit(attempt.buyer);
    let clearing = LedgerAccount::of_gateway(WALLET);
    let posting = Posting::new(credit, clearing, attempt.amount, Code::WalletPaid);
    let belongs = Belongs { order: Some(attempt.order), payment: Some(attempt.id), ..Belongs::default() };
    ledger::try_book(tx, kit, group_of(attempt.id), vec![posting], belongs).await
}

fn unsure(error: impl std::fmt::Display) -> Unsure {
    Unsure(error.to_string())
}

impl Wallet {
    /// The gateway.
    pub fn new(kit: Kit) -> Self {
        Self { kit }
    }

    async fn asked(&self, attempt: &Attempt) -> Result<Told> {
        let id = transfer_id(group_of(attempt.id), 0);
        let db = &self.kit.db;
        let paid: Count = db.one(sql!("select count(*) as n from transfers where id = $1", id)).await?;
        let failed: Count =
            db.one(sql!("select count(*) as n from failed_transfers where id = $1", id)).await?;
        Ok(match (paid.n, failed.n) {
            (1.., _) => told(attempt),
            (_, 1..) => Told::Closed,
            _ => Told::Pending,
        })
    }

    /// Makes sure that an attempt can no longer be paid: its id fails from now on.
    async fn closed(&self, attempt: &Attempt) -> Result<Told> {
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(attempt.buyer)).await?;
        let id = transfer_id(group_of(attempt.id), 0);
        if ledger::find(&mut tx, id).await?.is_some() {
            return Ok(told(attempt));
        }
        tx.run(sql!(
            "insert into failed_transfers (id, fault, failed_at) select $1, 'closed', $2
             where not exists (select 1 from failed_transfers where id = $1) on conflict (id) do nothing",
            id,
            self.kit.now()
        ))
        .await?;
        tx.commit().await?;
        Ok(Told::Closed)
    }

    async fn returned(&self, refund: &RefundDemand) -> Result<RefundTold> {
        #[derive(sqlx::FromRow)]
        struct Buyer {
            #[sqlx(try_from = "Uuid")]
            account_id: AccountId,
        }
        let mut tx = self.kit.db.begin().await?;
        let buyer: Option<Buyer> = tx
            .maybe(sql!(
                "select o.account_id from payments p join orders o on o.id = p.order_id where p.id = $1",
                refund.payment
            ))
            .await?;
        let buyer = buyer.ok_or_else(|| Error::bug("a refund of no payment"))?.account_id;
        tx.lock(Lock::Account(buyer)).await?;
        let clearing = LedgerAccount::of_gateway(WALLET);
        let credit = LedgerAccount::CustomerCredit(buyer);
        let posting = Posting::new(clearing, credit, refund.amount, Code::WalletRefund);
        let belongs =
            Belongs { payment: Some(refund.payment), refund: Some(refund.refund), ..Belongs::default() };
        let group = derived("wallet refund", refund.refund.0);
        ledger::must_book(&mut tx, &self.kit, group, vec![posting], belongs).await?;
        tx.commit().await?;
        Ok(RefundTold::Succeeded)
    }
}

#[async_trait]
impl Gateway for Wallet {
    fn name(&self) -> &'static str {
        WALLET
    }
    fn is_outside(&self) -> bool {
        false
    }
    fn takes(&self, _currency: Currency) -> bool {
        true
    }
    async fn create(&self, demand: &Demand) -> Result<Opened, Unsure> {
        Ok(Checkout::Page(format!("/pay/wallet/{}", demand.attempt)).into())
    }
    /// Nobody outside has anything to tell about credit.
    fn verify(&self, _headers: &HeaderMap, _body: &[u8], _now: Timestamp) -> Result<String, Rejected> {
        Err(Rejected::Signature)
    }
    fn read(&self, _body: &[u8]) -> Option<Hint> {
        None
    }
    async fn query(&self, attempt: &Attempt) -> Result<Told, Unsure> {
        self.asked(attempt).await.map_err(unsure)
    }
    async fn close(&self, attempt: &Attempt) -> Result<Told, Unsure> {
        self.closed(attempt).await.map_err(unsure)
    }
    async fn refund(&self, refund: &RefundDemand) -> Result<RefundTold, Unsure> {
        self.returned(refund).await.map_err(unsure)
    }
    async fn query_refund(&self, refund: &RefundDemand) -> Result<RefundTold, Unsure> {
        let id = transfer_id(derived("wallet refund", refund.refund.0), 0);
        let sql = sql!("select count(*) as n from transfers where id = $1", id);
        let known: Count = self.kit.db.one(sql).await.map_err(unsure)?;
        Ok(if known.n > 0 { RefundTold::Succeeded } else { RefundTold::NotFound })
    }
}
