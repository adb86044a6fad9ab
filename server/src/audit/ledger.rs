//! Rules about transfers and the cached sums of their accounts.

use domain::payments::LedgerAccount;

use super::{Check, Report, check};
use crate::db::Db;
use crate::error::Result;
use crate::sql;

pub(super) const CHECKS: &[Check] = &[
    check!("I1", "the ledger balances", "currency", words
        "select currency as key, 'debits ' || cast(sum(debits) as text) || ' and credits '
                || cast(sum(credits) as text) || ' differ' as what
         from ledger_accounts group by currency
         having sum(debits) <> sum(credits) or sum(debits_pending) <> sum(credits_pending) order by currency"),
    check!("I1", "balances equal a recount", "ledger_accounts", words
        "select a.name || ' ' || a.currency as key, 'cached ' || cast(a.debits as text) || '/'
                || cast(a.credits as text) || ', counted ' || cast(coalesce(d.total, 0) as text) || '/'
                || cast(coalesce(c.total, 0) as text) as what
         from ledger_accounts a
         left join (select debit as name, currency, sum(amount) as total from transfers
                    where kind in ('single', 'post') group by debit, currency) d
                on d.name = a.name and d.currency = a.currency
         left join (select credit as name, currency, sum(amount) as total from transfers
                    where kind in ('single', 'post') group by credit, currency) c
                on c.name = a.name and c.currency = a.currency
         where a.debits <> coalesce(d.total, 0) or a.credits <> coalesce(c.total, 0)
         order by a.name, a.currency"),
    check!("I1", "reserved money equals a recount", "ledger_accounts", words
        "select a.name || ' ' || a.currency as key, 'reserved ' || cast(a.debits_pending as text) || '/'
                || cast(a.credits_pending as text) || ', counted ' || cast(coalesce(d.total, 0) as text) || '/'
                || cast(coalesce(c.total, 0) as text) as what
         from ledger_accounts a
         left join (select t.debit as name, t.currency, sum(t.amount) as total from transfers t
                    where t.kind = 'pending'
                      and not exists (select 1 from transfers s where s.pending_id = t.id)
                    group by t.debit, t.currency) d on d.name = a.name and d.currency = a.currency
         left join (select t.credit as name, t.currency, sum(t.amount) as total from transfers t
                    where t.kind = 'pending'
                      and not exists (select 1 from transfers s where s.pending_id = t.id)
                    group by t.credit, t.currency) c on c.name = a.name and c.currency = a.currency
         where a.debits_pending <> coalesce(d.total, 0) or a.credits_pending <> coalesce(c.total, 0)
         order by a.name, a.currency"),
    check!("I1", "a transfer has two accounts", "transfers", "an account of it does not exist", ids
        "select t.id from transfers t
         left join ledger_accounts d on d.name = t.debit and d.currency = t.currency
         left join ledger_accounts c on c.name = t.credit and c.currency = t.currency
         where d.name is null or c.name is null or t.debit = t.credit or t.amount <= 0 order by t.id"),
    check!("I1", "linked transfers belong together", "transfers group", "several currencies or moments", ids
        "select group_id as id from transfers group by group_id
         having min(currency) <> max(currency) or min(created_at) <> max(created_at) order by group_id"),
    check!("I1", "what settles a reservation fits it", "transfers", "another account, or more than was reserved", ids
        "select s.id from transfers s left join transfers p on p.id = s.pending_id
         where s.kind in ('post', 'void')
           and (p.id is null or p.kind <> 'pending' or p.debit <> s.debit or p.credit <> s.credit
                or p.currency <> s.currency or s.amount > p.amount
                or (s.kind = 'void' and s.amount <> p.amount)) order by s.id"),
    check!("I1", "a reservation is settled once", "transfers", "posted or voided more than once", ids
        "select pending_id as id from transfers where pending_id is not null
         group by pending_id having count(*) > 1 order by pending_id"),
    check!("I1", "a refused id stays refused", "transfers", "booked under an id that had failed", ids
        "select t.id from transfers t join failed_transfers f on f.id = t.id order by t.id"),
    check!("I19", "every transfer has its cause", "transfers group", "nothing caused it", ids
        "select distinct t.group_id as id from transfers t
         where t.refund_id is null and t.payout_id is null
           and t.code not in ('wallet_paid', 'gateway_fee', 'settlement')
           and not exists (select 1 from charges c where c.group_id = t.group_id)
           and not exists (select 1 from prize_rounds p where p.group_id = t.group_id)
         order by t.group_id"),
];

/// Every account is one of the chart, and nothing owed is overdrawn.
pub(super) async fn chart(db: &Db, report: &mut Report) -> Result<()> {
    #[derive(sqlx::FromRow)]
    struct Account {
        name: String,
        currency: String,
        liability: bool,
        debits: i64,
        debits_pending: i64,
        credits: i64,
    }
    let rows: Vec<Account> = db
        .all(sql!(
            "select name, currency, liability, debits, debits_pending, credits
             from ledger_accounts order by name, currency"
        ))
        .await?;
    for row in rows {
        let key = format!("ledger_accounts {} {}", row.name, row.currency);
        match LedgerAccount::parse(&row.name) {
            None => report.add("I1", "accounts are of the chart", key, "an unknown name"),
            Some(account) if account.refuses_overdraft() != row.liability => {
                report.add("I1", "accounts are of the chart", key, "the wrong kind");
            }
            Some(account)
                if account.refuses_overdraft()
                    && row.debits.saturating_add(row.debits_pending) > row.credits =>
            {
                report.add("I10", "nothing owed is overdrawn", key, "debits exceed credits");
            }
            Some(_) => {}
        }
    }
    Ok(())
}
