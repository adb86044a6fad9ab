//! `leitai audit`: every rule about money and standings that stored rows can show, checked in one pass.
//!
//! Each rule is one statement that gives the rows which break it. Nothing is repaired here: an entry is
//! never edited, and a person decides what the other entry should be.

use domain::payments::LedgerAccount;
use uuid::Uuid;

use crate::db::{Count, Db};
use crate::error::Result;
use crate::sql;

/// A row that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static str,
    /// The table and key of the row.
    pub row: String,
    /// What is wrong with it.
    pub what: String,
}

/// What an audit saw.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How many transfers the ledger has.
    pub transfers: i64,
    /// How many orders there are.
    pub orders: i64,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

impl Report {
    fn add(&mut self, rule: &'static str, table: &str, key: impl std::fmt::Display, what: impl Into<String>) {
        self.findings.push(Finding { rule, row: format!("{table} {key}"), what: what.into() });
    }
    fn ids(&mut self, rule: &'static str, table: &str, rows: Vec<Id>, what: &str) {
        rows.into_iter().for_each(|row| self.add(rule, table, row.id, what));
    }
}

#[derive(sqlx::FromRow)]
struct Id {
    id: Uuid,
}

/// Checks everything; changes nothing.
pub async fn audit(db: &Db) -> Result<Report> {
    let transfers: Count = db.one(sql!("select count(*) as n from transfers")).await?;
    let orders: Count = db.one(sql!("select count(*) as n from orders")).await?;
    let mut report = Report { transfers: transfers.n, orders: orders.n, findings: Vec::new() };
    balances(db, &mut report).await?;
    accounts(db, &mut report).await?;
    groups(db, &mut report).await?;
    paid_orders(db, &mut report).await?;
    unpaid_orders(db, &mut report).await?;
    charges(db, &mut report).await?;
    attempts(db, &mut report).await?;
    notices(db, &mut report).await?;
    for (slug, what) in crate::features::standings::audit::faults(db).await? {
        report.add("a board equals its log", "competitions", slug, what);
    }
    Ok(report)
}

/// Debits equal credits in each currency, and the cached sums equal a recount of the transfers.
async fn balances(db: &Db, report: &mut Report) -> Result<()> {
    #[derive(sqlx::FromRow)]
    struct Sums {
        currency: String,
        debits: i64,
        credits: i64,
    }
    let sums: Vec<Sums> = db
        .all(sql!(
            "select currency, cast(sum(debits) as bigint) as debits, cast(sum(credits) as bigint) as credits
             from ledger_accounts group by currency having sum(debits) <> sum(credits) order by currency"
        ))
        .await?;
    for row in sums {
        let what = format!("debits {} and credits {} differ", row.debits, row.credits);
        report.add("the ledger balances", "currency", row.currency, what);
    }
    #[derive(sqlx::FromRow)]
    struct Recount {
        name: String,
        currency: String,
        debits: i64,
        credits: i64,
        counted_debits: i64,
        counted_credits: i64,
    }
    let wrong: Vec<Recount> = db
        .all(sql!(
            "select a.name, a.currency, a.debits, a.credits,
                    coalesce(d.total, 0) as counted_debits, coalesce(c.total, 0) as counted_credits
             from ledger_accounts a
             left join (select debit as name, currency, cast(sum(amount) as bigint) as total
                        from transfers group by debit, currency) d
                    on d.name = a.name and d.currency = a.currency
             left join (select credit as name, currency, cast(sum(amount) as bigint) as total
                        from transfers group by credit, currency) c
                    on c.name = a.name and c.currency = a.currency
             where a.debits <> coalesce(d.total, 0) or a.credits <> coalesce(c.total, 0)
             order by a.name, a.currency"
        ))
        .await?;
    for row in wrong {
        let what = format!(
            "cached {}/{}, counted {}/{}",
            row.debits, row.credits, row.counted_debits, row.counted_credits
        );
        report.add(
            "balances equal a recount",
            "ledger_accounts",
            format!("{} {}", row.name, row.currency),
            what,
        );
    }
    Ok(())
}

/// Every account is one of the chart, and nothing owed is overdrawn.
async fn accounts(db: &Db, report: &mut Report) -> Result<()> {
    #[derive(sqlx::FromRow)]
    struct Account {
        name: String,
        currency: String,
        liability: bool,
        debits: i64,
        credits: i64,
    }
    let rows: Vec<Account> = db
        .all(sql!(
            "select name, currency, liability, debits, credits from ledger_accounts order by name, currency"
        ))
        .await?;
    for row in rows {
        let key = format!("{} {}", row.name, row.currency);
        match LedgerAccount::parse(&row.name) {
            None => report.add("accounts are of the chart", "ledger_accounts", key, "an unknown name"),
            Some(account) if account.refuses_overdraft() != row.liability => {
                report.add("accounts are of the chart", "ledger_accounts", key, "the wrong kind");
            }
            Some(account) if account.refuses_overdraft() && row.debits > row.credits => {
                report.add("nothing owed is overdrawn", "ledger_accounts", key, "debits exceed credits");
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// The transfers of a group belong together: one currency, one moment of booking.
async fn groups(db: &Db, report: &mut Report) -> Result<()> {
    let rows: Vec<Id> = db
        .all(sql!(
            "select group_id as id from transfers group by group_id
             having min(currency) <> max(currency) or min(created_at) <> max(created_at) order by group_id"
        ))
        .await?;
    report.ids("linked transfers belong together", "transfers group", rows, "several currencies or moments");
    let rows: Vec<Id> = db
        .all(sql!(
            "select distinct t.group_id as id from transfers t
             where not exists (select 1 from charges c where c.group_id = t.group_id) order by t.group_id"
        ))
        .await?;
    report.ids("every transfer has its cause", "transfers group", rows, "no charge caused it");
    Ok(())
}

/// A paid order is the sum of its lines, and has exactly its charge and its transfers.
async fn paid_orders(db: &Db, report: &mut Report) -> Result<()> {
    let rows: Vec<Id> = db
        .all(sql!(
            "select o.id from orders o left join order_lines l on l.order_id = o.id
             group by o.id, o.total having o.total <> coalesce(sum(l.price), 0) or count(l.id) = 0 order by o.id"
        ))
        .await?;
    report.ids("an order is the sum of its lines", "orders", rows, "total and lines differ");
    let rows: Vec<Id> = db
        .all(sql!(
            "select o.id from orders o
             where o.state in ('paid', 'partially_refunded', 'refunded') and o.total > 0
               and (select count(*) from charges c where c.order_id = o.id and c.outcome = 'order'
                    and c.amount = o.total and c.currency = o.currency) <> 1 order by o.id"
        ))
        .await?;
    report.ids("a paid order has one charge of its amount", "orders", rows, "no such charge");
    let rows: Vec<Id> = db
        .all(sql!(
            "select l.id from order_lines l join orders o on o.id = l.order_id
             where o.state in ('paid', 'partially_refunded', 'refunded') and l.price > 0
               and ((select count(*) from transfers t where t.line_id = l.id and t.code = 'sale') <> 1
                 or (select count(*) from transfers t where t.line_id = l.id and t.code = 'sale'
                       and t.amount = l.price and t.currency = o.currency and t.order_id = o.id) <> 1)
             order by l.id"
        ))
        .await?;
    report.ids(
        "a paid line has one transfer of its price",
        "order_lines",
        rows,
        "no such transfer, or several",
    );
    Ok(())
}

/// What is not paid, or free, has moved no money and gives no right.
async fn unpaid_orders(db: &Db, report: &mut Report) -> Result<()> {
    let rows: Vec<Id> = db
        .all(sql!(
            "select distinct o.id from orders o join transfers t on t.order_id = o.id and t.code = 'sale'
             where o.total = 0 or o.state in ('reserved', 'awaiting_payment', 'expired', 'cancelled') order by o.id"
        ))
        .await?;
    report.ids("an unpaid order has no sale", "orders", rows, "a sale was booked for it");
    let rows: Vec<Id> = db
        .all(sql!(
            "select o.id from orders o
             where (o.state in ('paid', 'partially_refunded', 'refunded')) <> (o.paid_at is not null) order by o.id"
        ))
        .await?;
    report.ids("rights follow from paid orders", "orders", rows, "state and time of payment disagree");
    Ok(())
}

/// Every charge is booked in full, for its order or in suspense with an alert.
async fn charges(db: &Db, report: &mut Report) -> Result<()> {
    #[derive(sqlx::FromRow)]
    struct Charge {
        gateway: String,
        charge: String,
    }
    let rows: Vec<Charge> = db
        .all(sql!(
            "select c.gateway, c.charge from charges c
             left join transfers t on t.group_id = c.group_id and t.currency = c.currency
                   and t.debit = 'gateway:' || c.gateway || ':clearing'
                   and t.code = case c.outcome when 'order' then 'sale' else 'unmatched' end
             group by c.gateway, c.charge, c.amount having c.amount <> coalesce(sum(t.amount), 0)
             order by c.gateway, c.charge"
        ))
        .await?;
    for row in rows {
        report.add(
            "a charge is booked in full",
            "charges",
            format!("{} {}", row.gateway, row.charge),
            "transfers differ",
        );
    }
    let rows: Vec<Charge> = db
        .all(sql!(
            "select c.gateway, c.charge from charges c
             where c.outcome = 'suspense'
               and not exists (select 1 from money_alerts a where a.notice_id = c.notice_id)
             order by c.gateway, c.charge"
        ))
        .await?;
    for row in rows {
        report.add(
            "suspense has an alert",
            "charges",
            format!("{} {}", row.gateway, row.charge),
            "nobody was told",
        );
    }
    let rows: Vec<Charge> = db
        .all(sql!(
            "select c.gateway, c.charge from charges c join orders o on o.id = c.order_id
             where c.outcome = 'order' and o.state not in ('paid', 'partially_refunded', 'refunded')
             order by c.gateway, c.charge"
        ))
        .await?;
    for row in rows {
        report.add(
            "no capture is lost",
            "charges",
            format!("{} {}", row.gateway, row.charge),
            "its order is not paid",
        );
    }
    Ok(())
}

/// A confirmed attempt brought money, and demanded what its order costs.
async fn attempts(db: &Db, report: &mut Report) -> Result<()> {
    let rows: Vec<Id> = db
        .all(sql!(
            "select p.id from payments p where p.state = 'confirmed'
               and not exists (select 1 from charges c where c.payment_id = p.id) order by p.id"
        ))
        .await?;
    report.ids("a confirmed attempt has its charge", "payments", rows, "no money came of it");
    let rows: Vec<Id> = db
        .all(sql!(
            "select p.id from payments p join orders o on o.id = p.order_id
             where p.amount <> o.total or p.currency <> o.currency order by p.id"
        ))
        .await?;
    report.ids("an attempt demands what its order costs", "payments", rows, "amounts differ");
    let rows: Vec<Id> = db
        .all(sql!(
            "select p.id from payments p join charges c on c.payment_id = p.id and c.outcome = 'order'
             where c.amount <> p.amount or c.currency <> p.currency or p.state <> 'confirmed' order by p.id"
        ))
        .await?;
    report.ids("never close enough", "payments", rows, "the charge that pays it differs");
    Ok(())
}

/// Every stored notice has a state.
async fn notices(db: &Db, report: &mut Report) -> Result<()> {
    let rows: Vec<Id> = db
        .all(sql!(
            "select n.id from notices n
             where not exists (select 1 from notice_states s where s.notice_id = n.id) order by n.id"
        ))
        .await?;
    report.ids("a stored notice has a state", "notices", rows, "nobody will apply it");
    Ok(())
}
