//! What is frozen with a line when it is ordered: who shares what it brings, and what was promised.

use domain::accounts::AccountId;
use domain::competitions::CompetitionId;
use domain::orders::{OrderId, OrderLineId, Thing};
use domain::payments::{Line, Party, Share, Shares, default_shares};
use domain::refunds::Policy;
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{Error, Result};
use crate::features::orders::store::{self as orders, OrderLine};
use crate::kit::Kit;
use crate::sql;

/// What refunds and revenue need to know of a product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Whose it is: the author or organiser.
    pub owner: Option<AccountId>,
    /// When it starts; nothing for what has no start.
    pub starts: Option<Timestamp>,
}

/// What refunds and revenue need to know of a product.
pub async fn about(tx: &mut Tx, thing: Thing) -> Result<About> {
    #[derive(sqlx::FromRow)]
    struct Row {
        owner: Uuid,
        starts: Option<i64>,
    }
    let row: Option<Row> = match thing {
        Thing::Course(id) => {
            tx.maybe(sql!(
                "select author_id as owner, cast(null as bigint) as starts from courses where id = $1",
                id
            ))
            .await?
        }
        Thing::Competition(id) => {
            tx.maybe(sql!("select organiser_id as owner, starts from competitions where id = $1", id)).await?
        }
        Thing::Plan(_) => None,
    };
    Ok(row.map_or_else(About::default, |row| About {
        owner: Some(AccountId(row.owner)),
        starts: row.starts.map(Timestamp::from),
    }))
}

/// How much of a product an account has consumed, in whole per cent; nothing where that cannot be said.
///
/// Consumed is what was shown: a document that was opened, a quiz that was begun. Previews are everybody's and count
/// for neither side.
pub async fn consumed(tx: &mut Tx, account: AccountId, thing: Thing) -> Result<Option<u32>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        lessons: i64,
        opened: i64,
    }
    let Thing::Course(course) = thing else { return Ok(None) };
    let row: Row = tx
        .one(sql!(
            "select count(*) as lessons, count(case when
                 exists (select 1 from lesson_openings o where o.lesson_id = l.id and o.account_id = $2)
                 or exists (select 1 from lesson_attempts a where a.lesson_id = l.id and a.account_id = $2)
                 or exists (select 1 from learning_events e where e.lesson_id = l.id and e.account_id = $2
                            and e.course_id = l.course_id)
                 then 1 end) as opened
             from lessons l where l.course_id = $1 and l.removed_at is null and l.preview = $3",
            course,
            account,
            false
        ))
        .await?;
    if row.lessons == 0 {
        return Ok(None);
    }
    let percent = row.opened * 100 / row.lessons;
    Ok(Some(u32::try_from(percent.clamp(0, 100)).unwrap_or(100)))
}

#[derive(sqlx::FromRow)]
struct ShareRow {
    #[sqlx(try_from = "String")]
    party: Party,
    account_id: Option<Uuid>,
    basis_points: i64,
}

impl From<ShareRow> for Share {
    fn from(row: ShareRow) -> Self {
        let basis_points = u32::try_from(row.basis_points).unwrap_or_default();
        Self { party: row.party, account: row.account_id.map(AccountId), basis_points }
    }
}

/// The shares of a product now: its own rule, that of its kind, or the settings.
pub async fn shares_now(tx: &mut Tx, kit: &Kit, thing: Thing, owner: Option<AccountId>) -> Result<Shares> {
    let rows: Vec<ShareRow> = tx
        .all(sql!(
            "select party, account_id, basis_points from revenue_rules
             where thing_kind = $1 and thing_id = (select thing_id from revenue_rules
                 where thing_kind = $1 and thing_id in ($2, $3) order by thing_id desc limit 1)
             order by position",
            thing.kind(),
            thing.uuid(),
            Uuid::nil()
        ))
        .await?;
    if rows.is_empty() {
        return Ok(default_shares(thing, owner, kit.config.platform_share));
    }
    // A rule of a whole kind names no author: it is whoever made the product.
    let whose = |share: Share| match share.party {
        Party::Author | Party::Organiser if share.account.is_none() => Share { account: owner, ..share },
        _ => share,
    };
    let shares = rows.into_iter().map(Share::from).map(whose).collect();
    Shares::of(shares, thing).map_err(|bad| Error::bug(format!("revenue rule: {bad:?}")))
}

#[derive(sqlx::FromRow)]
struct PolicyRow {
    code: String,
    self_service: bool,
    hours: Option<i64>,
    consumed_percent: Option<i64>,
    until_start: bool,
}

impl From<PolicyRow> for Policy {
    fn from(row: PolicyRow) -> Self {
        Self {
            code: row.code,
            self_service: row.self_service,
            hours: row.hours,
            consumed_percent: row.consumed_percent.and_then(|percent| u32::try_from(percent).ok()),
            until_start: row.until_start,
        }
    }
}

/// The policy of a product now: its own, that of its kind, or a person's decision.
pub async fn policy_now(tx: &mut Tx, thing: Thing) -> Result<Policy> {
    // The nil id stands for the whole kind, and comes last.
    let row: Option<PolicyRow> = tx
        .maybe(sql!(
            "select p.code, p.self_service, p.hours, p.consumed_percent, p.until_start
             from refund_policy_bindings b join refund_policies p on p.code = b.policy
             where b.thing_kind = $1 and b.thing_id in ($2, $3) order by b.thing_id desc limit 1",
            thing.kind(),
            thing.uuid(),
            Uuid::nil()
        ))
        .await?;
    Ok(row.map_or_else(Policy::staff, Policy::from))
}

/// The policy that was promised with a line, and the start that was known then.
pub async fn promised(tx: &mut Tx, line: OrderLineId) -> Result<Option<(Policy, Option<Timestamp>)>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        policy: String,
        self_service: bool,
        hours: Option<i64>,
        consumed_percent: Option<i64>,
        until_start: bool,
        starts_at: Option<i64>,
    }
    let row: Option<Row> = tx
        .maybe(sql!(
            "select policy, self_service, hours, consumed_percent, until_start, starts_at
             from order_line_terms where line_id = $1",
            line
        ))
        .await?;
    Ok(row.map(|row| {
        let policy = PolicyRow {
            code: row.policy,
            self_service: row.self_service,
            hours: row.hours,
            consumed_percent: row.consumed_percent,
            until_start: row.until_start,
        };
        (policy.into(), row.starts_at.map(Timestamp::from))
    }))
}

/// Until when somebody may still take the fee of a competition back by a promise.
pub async fn promised_until(tx: &mut Tx, competition: CompetitionId) -> Result<Option<Timestamp>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        self_service: bool,
        hours: Option<i64>,
        until_start: bool,
        starts_at: Option<i64>,
        paid_at: i64,
    }
    let rows: Vec<Row> = tx
        .all(sql!(
            "select t.self_service, t.hours, t.until_start, t.starts_at, max(o.paid_at) as paid_at
             from registrations g join orders o on o.id = g.order_id
             join order_lines l on l.order_id = o.id and l.thing_kind = 'competition' and l.thing_id = g.competition_id
             join order_line_terms t on t.line_id = l.id
             where g.competition_id = $1 and g.state = 'approved' and l.price > 0
             group by t.self_service, t.hours, t.until_start, t.starts_at
             order by t.self_service, t.hours nulls first, t.until_start, t.starts_at nulls first",
            competition
        ))
        .await?;
    let ends = |row: Row| {
        let policy = Policy {
            self_service: row.self_service,
            hours: row.hours,
            until_start: row.until_start,
            ..Policy::staff()
        };
        policy.ends(row.paid_at.into(), row.starts_at.map(Timestamp::from))
    };
    Ok(rows.into_iter().filter_map(ends).max())
}

/// Freezes shares and promises of new lines, once each.
pub async fn freeze(tx: &mut Tx, kit: &Kit, lines: &[OrderLine]) -> Result<()> {
    for line in lines {
        let about = about(tx, line.thing).await?;
        let policy = policy_now(tx, line.thing).await?;
        tx.run(sql!(
            "insert into order_line_terms
                 (line_id, policy, self_service, hours, consumed_percent, until_start, starts_at)
             values ($1, $2, $3, $4, $5, $6, $7) on conflict (line_id) do nothing",
            line.id,
            policy.code,
            policy.self_service,
            policy.hours,
            policy.consumed_percent.map(i64::from),
            policy.until_start,
            about.starts
        ))
        .await?;
        let shares = shares_now(tx, kit, line.thing, about.owner).await?;
        for (position, share) in (0_i64..).zip(shares.as_slice()) {
            tx.run(sql!(
                "insert into order_line_shares (line_id, position, party, account_id, basis_points)
                 values ($1, $2, $3, $4, $5) on conflict (line_id, position) do nothing",
                line.id,
                position,
                share.party.as_str(),
                share.account,
                i64::from(share.basis_points)
            ))
            .await?;
        }
    }
    Ok(())
}

/// The lines of an order as the ledger sees them when it is paid now; what was not frozen is frozen first.
pub async fn ledger_lines(tx: &mut Tx, kit: &Kit, order: OrderId, paid_at: Timestamp) -> Result<Vec<Line>> {
    let lines = orders::lines_in(tx, order).await?;
    let mut seen = Vec::new();
    for line in lines {
        let terms = match promised(tx, line.id).await? {
            Some(terms) => terms,
            None => {
                freeze(tx, kit, std::slice::from_ref(&line)).await?;
                promised(tx, line.id).await?.ok_or_else(|| Error::bug("a line without terms"))?
            }
        };
        let rows: Vec<ShareRow> = tx
            .all(sql!(
                "select party, account_id, basis_points from order_line_shares
                 where line_id = $1 order by position",
                line.id
            ))
            .await?;
        let shares = Shares::of(rows.into_iter().map(Share::from).collect(), line.thing)
            .map_err(|bad| Error::bug(format!("the shares of line {}: {bad:?}", line.id)))?;
        let matures = terms.0.ends(paid_at, terms.1);
        seen.push(Line { id: line.id, thing: line.thing, price: line.price, shares, matures });
    }
    Ok(seen)
}
