//! Rules about payouts and prizes.

use domain::payments::LedgerAccount;

use super::{Check, Report, check};
use crate::db::{Count, Tx};
use crate::error::Result;
use crate::sql;

pub(super) const CHECKS: &[Check] = &[
    check!("I1", "a payout reserves its amount", "payouts", "no such reservation", ids
        "select p.id from payouts p where
            (select count(*) from transfers t where t.payout_id = p.id and t.kind = 'pending'
               and t.amount = p.amount and t.currency = p.currency) <> 1"),
    check!("I20", "a payout is settled as its state says", "payouts", "its reservation says something else", ids
        "select p.id from payouts p where
            (select count(*) from transfers t where t.payout_id = p.id and t.kind = 'post')
              <> case when p.state = 'paid' or (p.state = 'failed' and exists
                     (select 1 from payout_history h where h.payout_id = p.id and h.event = 'paid'))
                 then 1 else 0 end
            or (select count(*) from transfers t where t.payout_id = p.id and t.kind = 'void')
              <> case when p.state in ('rejected', 'cancelled') or (p.state = 'failed' and not exists
                     (select 1 from payout_history h where h.payout_id = p.id and h.event = 'paid'))
                 then 1 else 0 end"),
    check!("I19", "two different people approved a payout", "payouts", "too few approvals, or its owner's own", ids
        "select p.id from payouts p where
            (p.state in ('approved', 'exported', 'paid', 'failed')
             and (select count(distinct a.staff_id) from payout_approvals a where a.payout_id = p.id) < 2)
            or exists (select 1 from payout_approvals a where a.payout_id = p.id and a.staff_id = p.account_id)"),
    check!("I19", "a payout has its history", "payouts", "nobody wrote down how it came to its state", ids
        "select p.id from payouts p where not exists
             (select 1 from payout_history h where h.payout_id = p.id and h.event = p.state)"),
    check!("I20", "a prize pool is given out in full", "competitions", "its transfers are not what it held", ids
        "select s.competition_id as id from prize_rounds s
         left join transfers t on t.group_id = s.group_id and t.code = 'prize' and t.currency = s.currency
         group by s.competition_id, s.currency, s.round, s.amount having s.amount <> coalesce(sum(t.amount), 0)"),
    check!("I20", "the prizes of a competition are at most a whole", "competitions", "its prizes exceed its pool", ids
        "select competition_id as id from competition_prizes group by competition_id
         having sum(basis_points) > 10000"),
];

/// The escrow of a competition that is over has been given out, or given back, or somebody is about to, or
/// a person was told that it could not be.
pub(super) async fn escrow(db: &mut Tx, report: &mut Report) -> Result<()> {
    #[derive(sqlx::FromRow)]
    struct Held {
        name: String,
        currency: String,
        held: i64,
    }
    let rows: Vec<Held> = db
        .all(sql!(
            "select name, currency, credits - debits - debits_pending as held from ledger_accounts
             where name like 'prize:escrow:%' and credits > debits + debits_pending order by name, currency"
        ))
        .await?;
    for row in rows {
        let Some(LedgerAccount::PrizeEscrow(id)) = LedgerAccount::parse(&row.name) else { continue };
        let over = db.one::<Count>(sql!(
            "select count(*) as n from competitions where id = $1 and state in ('finalised', 'cancelled')",
            id
        ));
        if over.await?.n == 0 {
            continue;
        }
        let coming = db.one::<Count>(sql!(
            "select (select count(*) from jobs
                     where kind in ('payouts.settle_prizes', 'refunds.give_entries_back')
                       and state in ('ready', 'running') and cast(payload as text) like $1)
                  + (select count(*) from money_alerts a join order_lines l on l.order_id = a.order_id
                     where l.thing_kind = 'competition' and l.thing_id = $2 and a.closed_at is null
                       and a.reason in ('refund_failed', 'refund_stuck', 'entry_not_returned')) as n",
            format!("%{id}%"),
            id
        ));
        if coming.await?.n == 0 {
            let key = format!("{} {}", row.name, row.currency);
            let what = format!("{} is held for nobody", row.held);
            report.add("I20", "the escrow of what is over is empty", key, what);
        }
    }
    Ok(())
}
