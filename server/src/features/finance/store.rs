//! Every statement that reads the ledger for people.

use app::features::finance::api::{Entry, Filter, Statement, TransferView};
use domain::accounts::AccountId;
use domain::locale::Bilingual;
use domain::money::{Currency, Money};
use domain::orders::OrderId;
use domain::page::Page;
use domain::payments::{Balance, LedgerAccount};
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::Db;
use crate::error::Result;
use crate::sql;

/// How many entries a page shows.
pub const PAGE: usize = 50;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    debit: String,
    credit: String,
    #[sqlx(try_from = "String")]
    currency: Currency,
    amount: i64,
    code: String,
    kind: String,
    matures_at: Option<i64>,
    order_id: Option<Uuid>,
    title_en: Option<String>,
    title_zh: Option<String>,
    number: Option<String>,
    #[sqlx(try_from = "i64")]
    created_at: Timestamp,
}

/// Where a page begins: an instant and the id of the last entry before.
fn cursor(text: Option<&str>) -> Option<(i64, Uuid)> {
    let (at, id) = text?.split_once('.')?;
    Some((at.parse().ok()?, id.parse().ok()?))
}

fn cursor_of(row: &Row) -> String {
    format!("{}.{}", row.created_at.micros(), row.id)
}

/// What came and went on an account in every currency, newest first; what was reserved and then moved is one
/// entry, and what was reserved and released are two that cancel each other.
pub async fn statement(
    db: &Db,
    account: &LedgerAccount,
    reader: AccountId,
    after: Option<&str>,
) -> Result<Statement> {
    let name = account.to_string();
    let (at, id) = cursor(after).unzip();
    let rows: Vec<Row> = db
        .all(sql!(
            "select t.id, t.debit, t.credit, t.currency, t.amount, t.code, t.kind, t.matures_at, t.order_id,
                    l.title_en, l.title_zh, o.number, t.created_at
             from transfers t left join order_lines l on l.id = t.line_id
                              left join orders o on o.id = t.order_id and o.account_id = $5
             where (t.debit = $1 or t.credit = $1)
               and not (t.kind = 'pending' and exists
                    (select 1 from transfers s where s.pending_id = t.id and s.kind = 'post'))
               and (cast($2 as bigint) is null or t.created_at < $2 or (t.created_at = $2 and t.id < $3))
             order by t.created_at desc, t.id desc limit $4",
            &name,
            at,
            id,
            PAGE as i64 + 1,
            reader
        ))
        .await?;
    Ok(Page::cut(rows, PAGE, cursor_of).map(|row| {
        // Everything shown here is owed to somebody: it grows by credits.
        let grows = (row.credit == name) != (row.kind == "void");
        let minor = if grows { row.amount } else { -row.amount };
        Entry {
            at: row.created_at,
            code: row.code,
            kind: row.kind,
            amount: Money::new(minor, row.currency),
            title: row.title_en.zip(row.title_zh).map(|(en, zh)| Bilingual::new(en, zh)),
            order: row.order_id.map(OrderId::from).zip(row.number),
            matures: row.matures_at.map(Timestamp::from),
        }
    }))
}

/// Transfers, newest first, between two instants.
pub async fn transfers(
    db: &Db,
    filter: &Filter,
    (from, until): (Option<Timestamp>, Option<Timestamp>),
    after: Option<&str>,
    limit: usize,
) -> Result<Page<TransferView>> {
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let (at, id) = cursor(after).unzip();
    let rows: Vec<Row> = db
        .all(sql!(
            "select t.id, t.debit, t.credit, t.currency, t.amount, t.code, t.kind, t.matures_at, t.order_id,
                    cast(null as text) as title_en, cast(null as text) as title_zh,
                    cast(null as text) as number, t.created_at
             from transfers t
             where (cast($1 as text) is null or t.debit = $1 or t.credit = $1)
               and (cast($2 as text) is null or t.code = $2)
               and (cast($3 as bigint) is null or t.created_at >= $3)
               and (cast($4 as bigint) is null or t.created_at < $4)
               and (cast($5 as bigint) is null or t.created_at < $5 or (t.created_at = $5 and t.id < $6))
             order by t.created_at desc, t.id desc limit $7",
            some(&filter.account),
            some(&filter.code),
            from,
            until,
            at,
            id,
            i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1
        ))
        .await?;
    Ok(Page::cut(rows, limit, cursor_of).map(|row| TransferView {
        id: row.id.to_string(),
        at: row.created_at,
        code: row.code,
        kind: row.kind,
        debit: row.debit,
        credit: row.credit,
        amount: Money::new(row.amount, row.currency),
        order: row.order_id.map(|order| order.to_string()),
    }))
}

/// An account of the ledger and its sums.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AccountRow {
    /// Its name.
    pub name: String,
    /// Its currency.
    #[sqlx(try_from = "String")]
    pub currency: Currency,
    debits: i64,
    credits: i64,
    debits_pending: i64,
    credits_pending: i64,
}

impl AccountRow {
    /// Its sums.
    pub fn balance(&self) -> Balance {
        Balance {
            debits: self.debits,
            credits: self.credits,
            debits_pending: self.debits_pending,
            credits_pending: self.credits_pending,
        }
    }
}

/// The accounts of the ledger by name, from a name on.
pub async fn accounts(db: &Db, after: Option<&str>) -> Result<Vec<AccountRow>> {
    let (name, currency) = after.and_then(|after| after.rsplit_once(' ')).unzip();
    Ok(db
        .all(sql!(
            "select name, currency, debits, credits, debits_pending, credits_pending from ledger_accounts
             where cast($1 as text) is null or name > $1 or (name = $1 and currency > $2)
             order by name, currency limit $3",
            name,
            currency,
            PAGE as i64 + 1
        ))
        .await?)
}

/// What an account holds in each currency in which it was ever booked.
pub async fn balances(db: &Db, account: &LedgerAccount) -> Result<Vec<AccountRow>> {
    Ok(db
        .all(sql!(
            "select name, currency, debits, credits, debits_pending, credits_pending from ledger_accounts
             where name = $1 order by currency",
            account.to_string()
        ))
        .await?)
}

/// The name of whoever an account of the ledger belongs to.
pub async fn owner_name(db: &Db, account: &LedgerAccount) -> Result<Option<String>> {
    #[derive(sqlx::FromRow)]
    struct Name {
        name: String,
    }
    let row: Option<Name> = match account {
        LedgerAccount::Payable(id) | LedgerAccount::CustomerCredit(id) => {
            db.maybe(sql!("select username as name from accounts where id = $1", *id)).await?
        }
        LedgerAccount::PrizeEscrow(id) => {
            db.maybe(sql!("select slug as name from competitions where id = $1", *id)).await?
        }
        _ => None,
    };
    Ok(row.map(|row| row.name))
}
