//! Rules about transfers and the cached sums of their accounts.

use domain::payments::{Code, LedgerAccount};

use super::{Check, Report, check};
use crate::db::Tx;
use crate::error::Result;
use crate::sql;

pub(super) const CHECKS: &[Check] = &[
    check!("I1", "the ledger balances", "currency", words
        "select currency as key, 'debits ' || cast(sum(debits) as text) || ' and credits '
                || cast(sum(credits) as text) || ' differ' as what
         from ledger_accounts group by currency
         having sum(debits) <> sum(credits) or sum(debits_pending) <> sum(credits_pending)"),
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
         where a.debits <> coalesce(d.total, 0) or a.credits <> coalesce(c.total, 0)"),
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
         where a.debits_pending <> coalesce(d.total, 0) or a.credits_pending <> coalesce(c.total, 0)"),
    // What is missing is looked for first: there are as few accounts as there are many transfers.
    check!("I1", "a transfer has two accounts", "transfers", "an account of it does not exist", ids
        "select t.id from (select debit as name, currency from transfers group by debit, currency
                           union select credit as name, currency from transfers group by credit, currency
                           except select name, currency from ledger_accounts) m
         cross join transfers t where t.currency = m.currency and (t.debit = m.name or t.credit = m.name)"),
    check!("I1", "a transfer moves something", "transfers", "it moves nothing, or in a circle", ids
        "select t.id from transfers t where t.debit = t.credit or t.amount <= 0"),
    check!("I1", "linked transfers belong together", "transfers group", "several currencies or moments", ids
        "select group_id as id from transfers group by group_id
         having min(currency) <> max(currency) or min(created_at) <> max(created_at)"),
    check!("I1", "what settles a reservation fits it", "transfers", "another account, or more than was reserved", ids
        "select s.id from transfers s left join transfers p on p.id = s.pending_id
         where s.pending_id is not null
           and (p.id is null or p.kind <> 'pending' or p.debit <> s.debit or p.credit <> s.credit
                or p.currency <> s.currency or s.amount > p.amount
                or (s.kind = 'void' and s.amount <> p.amount))"),
    check!("I1", "a reservation is settled once", "transfers", "posted or voided more than once", ids
        "select pending_id as id from transfers where pending_id is not null
         group by pending_id having count(*) > 1"),
    check!("I1", "a refused id stays refused", "transfers", "booked under an id that had failed", ids
        "select t.id from transfers t join failed_transfers f on f.id = t.id"),
    check!("I19", "every transfer has its cause", "transfers group", "nothing caused it", ids
        "select distinct t.group_id as id from transfers t
         where t.refund_id is null and t.payout_id is null
           and t.code <> 'wallet_paid'
           and not exists (select 1 from gateway_entries e where e.group_id = t.group_id)
           and not exists (select 1 from charges c where c.group_id = t.group_id)
           and not exists (select 1 from prize_rounds p where p.group_id = t.group_id)
           and not exists (select 1 from unmatched_refund_steps u where u.group_id = t.group_id)"),
    check!("I2", "credit that was spent paid something", "transfers", "no payment took it", ids
        "select t.id from transfers t where t.code = 'wallet_paid'
           and not exists (select 1 from charges c where c.payment_id = t.payment_id and c.gateway = 'wallet'
                           and c.amount = t.amount and c.currency = t.currency)
           and not exists (select 1 from payments p where p.id = t.payment_id and p.gateway = 'wallet'
                           and p.state in ('created', 'pending', 'unknown'))"),
];

/// Money moves only between accounts that the reason allows.
pub(super) async fn reasons(db: &mut Tx, report: &mut Report) -> Result<()> {
    #[derive(sqlx::FromRow)]
    struct Moves {
        code: String,
        kind: String,
        debit: String,
        credit: String,
    }
    // One account stands for all of its kind.
    let rows: Vec<Moves> = db
        .all(sql!(
            "select code, kind, min(debit) as debit, min(credit) as credit from transfers
             group by code, kind,
                 case when debit like 'gateway:%:clearing' then 'clearing' when debit like 'customer:%' then 'customer'
                      when debit like 'payable:%' then 'payable' when debit like 'prize:%' then 'prize' else debit end,
                 case when credit like 'gateway:%:clearing' then 'clearing' when credit like 'customer:%' then 'customer'
                      when credit like 'payable:%' then 'payable' when credit like 'prize:%' then 'prize' else credit end
             order by code, kind, debit, credit"
        ))
        .await?;
    for row in rows {
        let accounts = LedgerAccount::parse(&row.debit).zip(LedgerAccount::parse(&row.credit));
        let code = Code::try_from(row.code.clone());
        let fits =
            matches!((&accounts, &code), (Some((debit, credit)), Ok(code)) if code.may_move(debit, credit));
        if !fits {
            let what = format!("{} from {} to {}", row.kind, row.debit, row.credit);
            report.add("I1", "money moves as its reason allows", format!("transfers {}", row.code), what);
        }
    }
    Ok(())
}

/// Every account is one of the chart, and nothing owed is overdrawn.
pub(super) async fn chart(db: &mut Tx, report: &mut Report) -> Result<()> {
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
