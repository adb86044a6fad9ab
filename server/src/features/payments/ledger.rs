//! Booking: linked transfers and the cached sums of their accounts, in one transaction.
//!
//! What a group does is judged by [`domain::payments::judge`]; here its accounts are locked and read, and
//! what was judged is written. The ledger is locked before its first row is, after everything else: then bookings
//! never wait for each other, or for whoever holds a seat, in a circle.

use std::collections::BTreeMap;

use domain::money::{Currency, Money};
use domain::orders::{OrderId, OrderLineId};
use domain::payments::{
    Balance, Code, Judged, LedgerAccount, LedgerFault, PaymentId, Phase, Posting, RefundId, Sheet, Transfer,
    TransferId, judge,
};
use domain::payouts::PayoutId;
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::{Count, DbError, Lock, Tx};
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
    /// The refund that takes it back.
    pub refund: Option<RefundId>,
    /// The payout of it.
    pub payout: Option<PayoutId>,
}

/// An id that follows from what is booked, so that booking it again is noticed: SHA-256 over a purpose and
/// what it is about, as a UUID of version 8.
pub fn derived(purpose: &str, about: Uuid) -> Uuid {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    context.update(purpose.as_bytes());
    context.update(b"\0");
    context.update(about.as_bytes());
    let digest = context.finish();
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest.as_ref()).for_each(|(to, from)| *to = *from);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// The id of a transfer of a group, by its place in it.
pub fn transfer_id(group: Uuid, place: usize) -> TransferId {
    TransferId(derived(&format!("transfer {place}"), group))
}

/// Books linked transfers under a fresh group, all of them or none, and gives the id of the group.
pub async fn book(tx: &mut Tx, kit: &Kit, postings: Vec<Posting>, belongs: Belongs) -> Result<Uuid> {
    let group = kit.id();
    must_book(tx, kit, group, postings, belongs).await?;
    Ok(group)
}

/// Books linked transfers under a group that the caller made; a refusal is a fault of ours.
///
/// The same group with the same postings again is a success that changes nothing.
pub async fn must_book(
    tx: &mut Tx,
    kit: &Kit,
    group: Uuid,
    postings: Vec<Posting>,
    belongs: Belongs,
) -> Result<()> {
    let booked = try_book(tx, kit, group, postings, belongs).await?;
    booked.map_err(|fault| Error::bug(format!("booking {group}: {fault}")))
}

/// Books linked transfers under a group that the caller made, or says why not.
///
/// A refusal for want of balance is remembered, if the caller commits: the ids fail for ever.
pub async fn try_book(
    tx: &mut Tx,
    kit: &Kit,
    group: Uuid,
    postings: Vec<Posting>,
    belongs: Belongs,
) -> Result<Result<(), LedgerFault>> {
    let place = |(place, posting)| Transfer { id: transfer_id(group, place), group, posting };
    let transfers: Vec<Transfer> = postings.into_iter().enumerate().map(place).collect();
    if let Err(fault) = domain::payments::check_group(&transfers) {
        return Ok(Err(fault));
    }
    let sheet = read_sheet(tx, &transfers).await?;
    // One moment for all of them: they belong together.
    let now = kit.now();
    match judge(&sheet, &transfers) {
        Ok(Judged::Exists) => Ok(Ok(())),
        Ok(Judged::New(after)) => {
            let currency = transfers.first().map(|first| first.posting.amount.currency).unwrap_or_default();
            for (account, balance) in &after {
                set_balance(tx, account, currency, *balance).await?;
            }
            for transfer in &transfers {
                add_transfer(tx, transfer, belongs, now).await?;
            }
            Ok(Ok(()))
        }
        Err(fault) => {
            if fault.is_transient() {
                for transfer in &transfers {
                    fail(tx, transfer.id, &fault, now).await?;
                }
            }
            Ok(Err(fault))
        }
    }
}

/// Reads what is needed to judge transfers, and locks their accounts.
async fn read_sheet(tx: &mut Tx, transfers: &[Transfer]) -> Result<Sheet> {
    let mut sheet = Sheet::default();
    let mut accounts: Vec<(String, &LedgerAccount, Currency)> = transfers
        .iter()
        .flat_map(|Transfer { posting, .. }| [&posting.debit, &posting.credit].map(|one| (one, posting)))
        .map(|(account, posting)| (account.to_string(), account, posting.amount.currency))
        .collect();
    accounts.sort_by(|left, right| left.0.cmp(&right.0));
    accounts.dedup_by(|left, right| left.0 == right.0);
    tx.lock(Lock::Ledger).await?;
    for (name, account, currency) in accounts {
        sheet.balances.insert(account.clone(), lock_balance(tx, &name, account, currency).await?);
    }
    for transfer in transfers {
        if let Some(booked) = find(tx, transfer.id).await? {
            sheet.booked.insert(transfer.id, booked);
        }
        let failed: Count =
            tx.one(sql!("select count(*) as n from failed_transfers where id = $1", transfer.id)).await?;
        if failed.n > 0 {
            sheet.failed.insert(transfer.id);
        }
        if let Some(pending) = transfer.posting.phase.settles() {
            if let Some(booked) = find(tx, pending).await? {
                sheet.booked.insert(pending, booked);
            }
            let settled: Count =
                tx.one(sql!("select count(*) as n from transfers where pending_id = $1", pending)).await?;
            if settled.n > 0 {
                sheet.settled.insert(pending);
            }
        }
    }
    Ok(sheet)
}

#[derive(sqlx::FromRow)]
struct BalanceRow {
    debits: i64,
    credits: i64,
    debits_pending: i64,
    credits_pending: i64,
}

impl From<BalanceRow> for Balance {
    fn from(row: BalanceRow) -> Self {
        let BalanceRow { debits, credits, debits_pending, credits_pending } = row;
        Self { debits, credits, debits_pending, credits_pending }
    }
}

/// Makes the row of an account where there is none, locks it, and reads it: one statement.
async fn lock_balance(
    tx: &mut Tx,
    name: &str,
    account: &LedgerAccount,
    currency: Currency,
) -> Result<Balance> {
    let row: BalanceRow = tx
        .one(sql!(
            "insert into ledger_accounts (name, currency, liability, debits, credits) values ($1, $2, $3, 0, 0)
             on conflict (name, currency) do update set debits = ledger_accounts.debits
             returning debits, credits, debits_pending, credits_pending",
            name,
            currency.code(),
            account.refuses_overdraft()
        ))
        .await?;
    Ok(row.into())
}

async fn set_balance(
    tx: &mut Tx,
    account: &LedgerAccount,
    currency: Currency,
    balance: Balance,
) -> Result<()> {
    let name = account.to_string();
    let sql = sql!(
        "update ledger_accounts set debits = $3, credits = $4, debits_pending = $5, credits_pending = $6
         where name = $1 and currency = $2",
        &name,
        currency.code(),
        balance.debits,
        balance.credits,
        balance.debits_pending,
        balance.credits_pending
    );
    tx.exactly(1, sql).await.map_err(|error| match error {
        DbError::Check(_) => Error::bug(format!("{name} would be overdrawn")),
        other => other.into(),
    })
}

async fn fail(tx: &mut Tx, id: TransferId, fault: &LedgerFault, now: Timestamp) -> Result<()> {
    let sql = sql!(
        "insert into failed_transfers (id, fault, failed_at) values ($1, $2, $3) on conflict (id) do nothing",
        id,
        fault.to_string(),
        now
    );
    tx.run(sql).await?;
    Ok(())
}

async fn add_transfer(tx: &mut Tx, transfer: &Transfer, belongs: Belongs, now: Timestamp) -> Result<()> {
    let posting = &transfer.posting;
    let sql = sql!(
        "insert into transfers
             (id, group_id, debit, credit, currency, amount, code, order_id, line_id, payment_id, refund_id,
              payout_id, kind, pending_id, matures_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
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
        belongs.refund,
        belongs.payout,
        posting.phase.as_str(),
        posting.phase.settles(),
        posting.matures,
        now
    );
    Ok(tx.exactly(1, sql).await?)
}

#[derive(sqlx::FromRow)]
struct TransferRow {
    #[sqlx(try_from = "Uuid")]
    id: TransferId,
    group_id: Uuid,
    debit: String,
    credit: String,
    #[sqlx(try_from = "String")]
    currency: Currency,
    amount: i64,
    #[sqlx(try_from = "String")]
    code: Code,
    line_id: Option<Uuid>,
    kind: String,
    pending_id: Option<Uuid>,
    matures_at: Option<i64>,
}

impl TryFrom<TransferRow> for Transfer {
    type Error = Error;
    fn try_from(row: TransferRow) -> Result<Self> {
        let account =
            |name: &str| LedgerAccount::parse(name).ok_or_else(|| Error::bug(format!("no account {name}")));
        let posting = Posting {
            debit: account(&row.debit)?,
            credit: account(&row.credit)?,
            amount: Money::new(row.amount, row.currency),
            code: row.code,
            line: row.line_id.map(OrderLineId),
            matures: row.matures_at.map(Timestamp::from),
            phase: Phase::of(&row.kind, row.pending_id.map(TransferId))
                .ok_or_else(|| Error::bug(format!("transfer {} of no phase", row.id)))?,
        };
        Ok(Self { id: row.id, group: row.group_id, posting })
    }
}

/// A booked transfer.
pub async fn find(tx: &mut Tx, id: TransferId) -> Result<Option<Transfer>> {
    let row: Option<TransferRow> = tx
        .maybe(sql!(
            "select id, group_id, debit, credit, currency, amount, code, line_id, kind, pending_id, matures_at
             from transfers where id = $1",
            id
        ))
        .await?;
    row.map(Transfer::try_from).transpose()
}

/// The transfers of a group, in the order of their ids.
pub async fn group(tx: &mut Tx, group: Uuid) -> Result<Vec<Transfer>> {
    let rows: Vec<TransferRow> = tx
        .all(sql!(
            "select id, group_id, debit, credit, currency, amount, code, line_id, kind, pending_id, matures_at
             from transfers where group_id = $1 order by id",
            group
        ))
        .await?;
    rows.into_iter().map(Transfer::try_from).collect()
}

/// What an account could give in a currency now; the row stays locked until the transaction ends.
pub async fn free(tx: &mut Tx, account: &LedgerAccount, currency: Currency) -> Result<i64> {
    tx.lock(Lock::Ledger).await?;
    Ok(lock_balance(tx, &account.to_string(), account, currency).await?.free())
}

/// What each account got for a line of an order, less what it gave back; those of people, the house and
/// prizes alone.
pub async fn had_of_line(tx: &mut Tx, line: OrderLineId) -> Result<Vec<(LedgerAccount, i64)>> {
    let mut had: BTreeMap<LedgerAccount, i64> = BTreeMap::new();
    let rows: Vec<TransferRow> = tx
        .all(sql!(
            "select id, group_id, debit, credit, currency, amount, code, line_id, kind, pending_id, matures_at
             from transfers where line_id = $1 and kind in ('single', 'post') order by created_at, id",
            line
        ))
        .await?;
    for row in rows {
        let Transfer { posting, .. } = row.try_into()?;
        *had.entry(posting.credit).or_default() += posting.amount.minor;
        *had.entry(posting.debit).or_default() -= posting.amount.minor;
    }
    let receives = |account: &LedgerAccount| {
        matches!(
            account,
            LedgerAccount::Payable(_) | LedgerAccount::PlatformFee | LedgerAccount::PrizeEscrow(_)
        )
    };
    Ok(had.into_iter().filter(|(account, _)| receives(account)).collect())
}
