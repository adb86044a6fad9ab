//! What holds after every step, and every hundred.

use domain::orders::Thing;
use server::db::{Count, Sql};
use server::sql;

use super::World;
use crate::support::shop::ENTRY;

#[derive(sqlx::FromRow)]
struct Broken {
    rule: String,
}

impl World {
    /// How many a statement counts.
    pub async fn counts(&self, statement: Sql) -> Result<i64, String> {
        let found = self.app.services.kit.db.one::<Count>(statement).await;
        found.map(|found| found.n).map_err(|error| error.to_string())
    }

    async fn none_of(&self, rules: Sql) -> Result<(), String> {
        let broken =
            self.app.services.kit.db.all::<Broken>(rules).await.map_err(|error| error.to_string())?;
        broken.first().map_or(Ok(()), |broken| Err(broken.rule.clone()))
    }

    /// The invariants that one statement can show: of the ledger, of seats, and of what is used up.
    pub async fn holds(&self) -> Result<(), String> {
        self.none_of(sql!(
            "select 'I1 the ledger balances' as rule from ledger_accounts group by currency
             having sum(debits) <> sum(credits) or sum(debits_pending) <> sum(credits_pending)
             union all select 'I10 nothing owed is overdrawn' from ledger_accounts
             where liability and debits + debits_pending > credits
             union all select 'I10 never more goes back than was taken' from charges c
             join refunds r on r.gateway = c.gateway and r.charge = c.charge and r.state <> 'failed'
             group by c.gateway, c.charge, c.amount having sum(r.amount) > c.amount
             union all select 'I12 an order is paid once' from charges where outcome = 'order'
             group by order_id having count(*) > 1
             union all select 'I3 nothing is posted or voided twice' from transfers where pending_id is not null
             group by pending_id having count(*) > 1
             union all select 'I13 no seat is sold twice' from order_lines l join orders o on o.id = l.order_id
             left join competitions c on c.id = l.thing_id
             where o.state in ('reserved', 'awaiting_payment', 'paid', 'partially_refunded')
               and l.thing_kind = 'competition'
               and not exists (select 1 from returns_without_money w where w.line_id = l.id)
               and not exists (select 1 from refund_lines b join refunds r on r.id = b.refund_id
                               where b.line_id = l.id and b.whole and r.state <> 'failed')
             group by l.thing_id, c.capacity
             having count(*) > coalesce(c.capacity, case when l.thing_id = $1 then 3 else 1 end)",
            ENTRY.uuid()
        ))
        .await?;
        self.none_of(sql!(
            "select 'I22 a coupon is used no more often than it may be' as rule from coupons c
             join coupon_uses u on u.coupon_id = c.id join orders o on o.id = u.order_id
             where o.state in ('reserved', 'awaiting_payment', 'paid', 'partially_refunded')
             group by c.id, c.uses_limit having count(*) > c.uses_limit
             union all select 'points are the sum of their entries' from point_accounts a
             where a.balance <> (select coalesce(sum(e.amount), 0) from point_entries e where e.account_id = a.account_id)
             union all select 'a gift is taken once' from gifts
             where redeemed_order is not null group by redeemed_order having count(*) > 1
             union all select 'what was taken was given'
             where (select count(*) from gifts where redeemed_order is not null)
                 < (select count(*) from orders where purpose = 'redeemed')
             union all select 'two people approved what is paid out' from payouts p
             where p.state in ('approved', 'exported', 'paid')
               and (select count(*) from payout_approvals a where a.payout_id = p.id) < 2"
        ))
        .await
    }

    /// The whole audit, and that no job failed of a fault of ours.
    pub async fn audited(&self) -> Result<(), String> {
        let report =
            server::audit::audit(&self.app.services.kit.db).await.map_err(|error| error.to_string())?;
        if !report.findings.is_empty() {
            return Err(format!("audit {:?}", report.findings));
        }
        #[derive(sqlx::FromRow)]
        struct Failed {
            kind: String,
            last_error: String,
        }
        // A failure of ours says where in our text it was found; one of two that met is tried again.
        let failed = self.app.services.kit.db.all::<Failed>(sql!(
            "select kind, last_error from jobs where state = 'dead' or last_error like '%(at %'
               and last_error not like 'changed % rows%' and last_error not like 'transaction must be repeated%'
             limit 1"
        ));
        let failed = failed.await.map_err(|error| error.to_string())?;
        match failed.first() {
            Some(Failed { kind, last_error }) if !self.unlocked => Err(format!("job {kind}: {last_error}")),
            _ => Ok(()),
        }
    }

    /// Nobody has by an order what nobody paid for, as the bank knows it: one of the latest orders is looked at.
    pub async fn nobody_has_it_for_nothing(&mut self) -> Result<(), String> {
        let Some((order, buyer)) = self.draw.one(&self.cast.orders).copied() else { return Ok(()) };
        let fate = self.fate(order).await?;
        if !fate.costs || fate.by_wallet || fate.taken > 0 {
            return Ok(());
        }
        if fate.entitles {
            return Err(format!("I6 order {order} is {} and nobody paid", fate.state));
        }
        for thing in fate.things {
            if self.has_by(buyer, thing, order).await? {
                return Err(format!("I6 {thing} is open by order {order}, and nobody paid"));
            }
        }
        Ok(())
    }

    /// Whether somebody may use a thing by this very order.
    pub async fn has_by(
        &self,
        buyer: usize,
        thing: Thing,
        order: domain::orders::OrderId,
    ) -> Result<bool, String> {
        use domain::orders::{Access, Source};
        let account = self.cast.buyers[buyer].account;
        let now = self.app.services.kit.now();
        let access = self.app.services.orders.access(Some(account), &thing, now).await;
        Ok(match access.map_err(|error| error.to_string())? {
            Access::Allowed(because) => matches!(
                because.source,
                Source::Bought(by) | Source::Free(by) | Source::Plan(by) if by == order
            ),
            _ => false,
        })
    }
}
