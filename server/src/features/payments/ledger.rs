//! Booking: linked transfers and the cached sums of their accounts, in one transaction.

use domain::orders::OrderId;
use domain::payments::{LedgerAccount, PaymentId, Posting, Transfer, check_group};
use uuid::Uuid;

use crate::db::{DbError, Tx};
use crate::error::{Error, Result};
use crate::kit::Kit;
use crate::sql;

/// What linked transfers belong to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Belongs {
    /// The order that they pay.
    pub order: Option<OrderId>,
    /// The attempt that brought the money.
    pub payment: Option<PaymentId>,
}

/// Books linked transfers, all of them or none, and gives the id of their group.
pub async fn book(tx: &mut Tx, kit: &Kit, postings: Vec<Posting>, belongs: Belongs) -> Result<Uuid> {
    let group: Uuid = kit.id();
    let transfers: Vec<Transfer> =
        postings.into_iter().map(|posting| Transfer { id: kit.id(), group, posting }).collect();
    let currency = check_group(&transfers).map_err(|fault| Error::bug(format!("booking: {fault}")))?.code();
    let mut sums: Vec<(&LedgerAccount, i64, i64)> = Vec::new();
    for Transfer { posting, .. } in &transfers {
        sums.push((&posting.debit, posting.amount.minor, 0));
        sums.push((&posting.credit, 0, posting.amount.minor));
    }
    // One order for everybody, so that two bookings never wait for each other in a circle.
    sums.sort_by_key(|(account, ..)| (*account).to_string());
    for (account, debit, credit) in sums {
        add_to(tx, account, currency, debit, credit).await?;
    }
    for transfer in &transfers {
        add_transfer(tx, kit, transfer, belongs).await?;
    }
    Ok(group)
}

async fn add_to(tx: &mut Tx, account: &LedgerAccount, currency: &str, debit: i64, credit: i64) -> Result<()> {
    let name = account.to_string();
    tx.run(sql!(
        "insert into ledger_accounts (name, currency, liability, debits, credits) values ($1, $2, $3, 0, 0)
         on conflict (name, currency) do nothing",
        &name,
        currency,
        account.refuses_overdraft()
    ))
    .await?;
    let sql = sql!(
        "update ledger_accounts set debits = debits + $3, credits = credits + $4 where name = $1 and currency = $2",
        &name,
        currency,
        debit,
        credit
    );
    tx.exactly(1, sql).await.map_err(|error| match error {
        DbError::Check(_) => Error::bug(format!("{name} would be overdrawn")),
        other => other.into(),
    })
}

async fn add_transfer(tx: &mut Tx, kit: &Kit, transfer: &Transfer, belongs: Belongs) -> Result<()> {
    let posting = &transfer.posting;
    let sql = sql!(
        "insert into transfers
             (id, group_id, debit, credit, currency, amount, code, order_id, line_id, payment_id, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        transfer.id,
        transfer.group,
        posting.debit.to_string(),
        posting.credit.to_string(),
        posting.amount.currency.code(),
        posting.amount.minor,
        posting.code.as_str(),
        belongs.order,
        posting.line,
        belongs.payment,
        kit.now()
    );
    Ok(tx.exactly(1, sql).await?)
}
