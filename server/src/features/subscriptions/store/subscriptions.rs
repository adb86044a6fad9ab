//! Subscriptions themselves: where they stand, and what happened to them.

use domain::accounts::AccountId;
use domain::actor::Actor;
use domain::locale::Locale;
use domain::money::Currency;
use domain::orders::Period;
use domain::subscriptions::{PlanId, SubscriptionId, SubscriptionState};
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::{Count, Db, DbError, Tx};
use crate::error::Result;
use crate::sql;

/// A subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The subscription.
    pub id: SubscriptionId,
    /// Whose it is.
    pub account: AccountId,
    /// The plan of the running period.
    pub plan: PlanId,
    /// The plan of the next period, where it is another.
    pub next_plan: Option<PlanId>,
    /// In what it is paid.
    pub currency: Currency,
    /// Where it stands.
    pub state: SubscriptionState,
    /// Whether renewals are paid from the balance where it is enough.
    pub wallet: bool,
    /// From when the calendar counts.
    pub anchor: Timestamp,
    /// The running period.
    pub period: Period,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(try_from = "Uuid")]
    id: SubscriptionId,
    #[sqlx(try_from = "Uuid")]
    account_id: AccountId,
    #[sqlx(try_from = "Uuid")]
    plan_id: PlanId,
    next_plan_id: Option<Uuid>,
    #[sqlx(try_from = "String")]
    currency: Currency,
    #[sqlx(try_from = "String")]
    state: SubscriptionState,
    wallet: bool,
    #[sqlx(try_from = "i64")]
    anchor_at: Timestamp,
    #[sqlx(try_from = "i64")]
    period_from: Timestamp,
    #[sqlx(try_from = "i64")]
    period_until: Timestamp,
    #[sqlx(try_from = "i64")]
    started_at: Timestamp,
    ended_at: Option<i64>,
}

impl From<Row> for Subscription {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            account: row.account_id,
            plan: row.plan_id,
            next_plan: row.next_plan_id.map(PlanId::from),
            currency: row.currency,
            state: row.state,
            wallet: row.wallet,
            anchor: row.anchor_at,
            period: (row.period_from, row.period_until),
            started_at: row.started_at,
            ended_at: row.ended_at.map(Timestamp::from),
        }
    }
}

/// The subscription of an account that goes on, read where it may be changed.
pub async fn live_in(tx: &mut Tx, account: AccountId) -> Result<Option<Subscription>> {
    let row: Option<Row> = tx
        .maybe(sql!(
            "select id, account_id, plan_id, next_plan_id, currency, state, wallet, anchor_at, period_from,
                    period_until, started_at, ended_at
             from subscriptions where account_id = $1 and state <> 'expired' order by id",
            account
        ))
        .await?;
    Ok(row.map(Subscription::from))
}

/// A subscription, read where it may be changed.
pub async fn in_tx(tx: &mut Tx, id: SubscriptionId) -> Result<Option<Subscription>> {
    let row: Option<Row> = tx
        .maybe(sql!(
            "select id, account_id, plan_id, next_plan_id, currency, state, wallet, anchor_at, period_from,
                    period_until, started_at, ended_at
             from subscriptions where id = $1",
            id
        ))
        .await?;
    Ok(row.map(Subscription::from))
}

/// The subscription of an account that goes on, or else its last one.
pub async fn latest(db: &Db, account: AccountId) -> Result<Option<Subscription>> {
    let row: Option<Row> = db
        .maybe(sql!(
            "select id, account_id, plan_id, next_plan_id, currency, state, wallet, anchor_at, period_from,
                    period_until, started_at, ended_at
             from subscriptions where account_id = $1
             order by case state when 'expired' then 1 else 0 end, started_at desc, id desc limit 1",
            account
        ))
        .await?;
    Ok(row.map(Subscription::from))
}

/// Whether the subscriber ended a subscription that was overdue.
pub async fn ended_by_owner(tx: &mut Tx, id: SubscriptionId) -> Result<bool> {
    let row: Count = tx
        .one(sql!(
            "select count(*) as n from subscription_history
             where subscription_id = $1 and event = 'ended' and actor_id is not null",
            id
        ))
        .await?;
    Ok(row.n > 0)
}

/// Whose a subscription is.
pub async fn owner(db: &Db, id: SubscriptionId) -> Result<Option<AccountId>> {
    #[derive(sqlx::FromRow)]
    struct Owner {
        #[sqlx(try_from = "Uuid")]
        account_id: AccountId,
    }
    let row: Option<Owner> = db.maybe(sql!("select account_id from subscriptions where id = $1", id)).await?;
    Ok(row.map(|row| row.account_id))
}

/// A subscriber as rules see them, when a job acts on their behalf.
pub async fn subscriber(db: &Db, account: AccountId) -> Result<Option<Actor>> {
    #[derive(sqlx::FromRow)]
    struct Who {
        username: String,
        display_name: String,
        #[sqlx(try_from = "String")]
        locale: Locale,
    }
    let row: Option<Who> =
        db.maybe(sql!("select username, display_name, locale from accounts where id = $1", account)).await?;
    Ok(row.map(|who| Actor {
        account,
        username: who.username,
        display_name: who.display_name,
        roles: Vec::new(),
        locale: who.locale,
    }))
}

/// Writes a new subscription.
pub async fn add(tx: &mut Tx, new: &Subscription, now: Timestamp) -> Result<(), DbError> {
    let sql = sql!(
        "insert into subscriptions (id, account_id, plan_id, next_plan_id, currency, state, wallet, anchor_at,
                                    period_from, period_until, started_at, ended_at, changed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        new.id,
        new.account,
        new.plan,
        new.next_plan,
        new.currency.code(),
        new.state.as_str(),
        new.wallet,
        new.anchor,
        new.period.0,
        new.period.1,
        new.started_at,
        new.ended_at,
        now
    );
    tx.exactly(1, sql).await
}

/// Writes what changed of a subscription.
pub async fn save(tx: &mut Tx, changed: &Subscription, now: Timestamp) -> Result<(), DbError> {
    let sql = sql!(
        "update subscriptions set plan_id = $2, next_plan_id = $3, state = $4, wallet = $5, anchor_at = $6,
             period_from = $7, period_until = $8, ended_at = $9, changed_at = $10 where id = $1",
        changed.id,
        changed.plan,
        changed.next_plan,
        changed.state.as_str(),
        changed.wallet,
        changed.anchor,
        changed.period.0,
        changed.period.1,
        changed.ended_at,
        now
    );
    tx.exactly(1, sql).await
}

/// Notes that an account has had its trial; refused where it had one.
pub async fn add_trial(
    tx: &mut Tx,
    account: AccountId,
    subscription: SubscriptionId,
    now: Timestamp,
) -> Result<(), DbError> {
    let sql = sql!(
        "insert into subscription_trials (account_id, subscription_id, began_at) values ($1, $2, $3)",
        account,
        subscription,
        now
    );
    tx.exactly(1, sql).await
}

/// Whether an account has had its trial, read where one may begin.
pub async fn had_trial_in(tx: &mut Tx, account: AccountId) -> Result<bool> {
    let count: Count =
        tx.one(sql!("select count(*) as n from subscription_trials where account_id = $1", account)).await?;
    Ok(count.n > 0)
}

/// Whether an account has had its trial.
pub async fn had_trial(db: &Db, account: AccountId) -> Result<bool> {
    let count: Count =
        db.one(sql!("select count(*) as n from subscription_trials where account_id = $1", account)).await?;
    Ok(count.n > 0)
}

/// Notes what happened to a subscription, who did it and through what.
pub async fn add_history(
    tx: &mut Tx,
    id: Uuid,
    subscription: SubscriptionId,
    at: Timestamp,
    event: &str,
    actor: Option<AccountId>,
    cause: &str,
) -> Result<(), DbError> {
    let sql = sql!(
        "insert into subscription_history (id, subscription_id, at, event, actor_id, cause)
         values ($1, $2, $3, $4, $5, $6)",
        id,
        subscription,
        at,
        event,
        actor,
        cause
    );
    tx.exactly(1, sql).await
}

/// What happened to a subscription, in order: when, and what in snake case.
pub async fn history(db: &Db, subscription: SubscriptionId) -> Result<Vec<(Timestamp, String)>> {
    #[derive(sqlx::FromRow)]
    struct Past {
        #[sqlx(try_from = "i64")]
        at: Timestamp,
        event: String,
    }
    let rows: Vec<Past> = db
        .all(sql!(
            "select at, event from subscription_history where subscription_id = $1 order by at, id",
            subscription
        ))
        .await?;
    Ok(rows.into_iter().map(|row| (row.at, row.event)).collect())
}
