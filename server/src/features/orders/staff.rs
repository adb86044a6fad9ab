//! What staff sees of orders: everybody's, who moved them, and every try to pay.

use app::features::orders::api::{OrderRow, OrderView, StaffOrder, StaffRow, Trace, Tried, TryStep};
use domain::actor::{Actor, Role};
use domain::orders::{OrderId, OrderState};
use domain::page::Page;
use domain::payments::PaymentId;
use uuid::Uuid;

use super::{Service, store};
use crate::error::{Error, Result};
use crate::features::accounts::username_key;
use crate::features::payments::{alert_view, store as payments};

/// How many orders a page of staff shows.
const PAGE: usize = 50;

/// How many alerts of an order staff sees.
const ALERTS: i64 = 50;

/// Orders of others are for administrators; for everybody else the page does not exist.
fn staff(actor: &Actor) -> Result<()> {
    if actor.is(Role::Admin) { Ok(()) } else { Err(Error::not_found()) }
}

/// An order in a list.
pub(super) fn row(one: &store::Found) -> OrderRow {
    OrderRow {
        id: one.id,
        number: store::number(one.id),
        state: one.state,
        title: one.title(),
        more: one.lines - 1,
        total: one.total(),
        placed_at: one.placed_at,
    }
}

fn try_step(step: &payments::AttemptStep) -> TryStep {
    TryStep { at: step.at, state: step.state, cause: step.cause.clone() }
}

/// Everything that a searched text may be.
fn wanted(search: &str) -> store::Wanted {
    store::Wanted {
        username: username_key(search),
        number: search.to_uppercase(),
        receipt: search.trim_start_matches(['R', 'r']).parse().ok(),
        reference: search.to_owned(),
        payment: search.parse::<Uuid>().ok().map(PaymentId),
    }
}

impl Service {
    /// The orders of everybody: of a person or with a number, in a state.
    pub(super) async fn every_order(
        &self,
        actor: &Actor,
        search: &str,
        state: &str,
        after: Option<String>,
    ) -> Result<Page<StaffRow>> {
        staff(actor)?;
        let search: String = search.trim().trim_start_matches('@').chars().take(100).collect();
        let state = OrderState::try_from(state.to_owned()).ok();
        let before: Option<OrderId> = after.and_then(|cursor| cursor.parse().ok());
        let state = state.map(OrderState::as_str);
        let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
        let found = if search.is_empty() {
            store::every(&self.kit.db, state, before, limit).await?
        } else {
            store::searched(&self.kit.db, &wanted(&search), state, before, limit).await?
        };
        let page = Page::cut(found, PAGE, |one| one.id.to_string());
        let items = page.items.into_iter().map(|one| StaffRow {
            purpose: one.purpose,
            username: one.username.clone(),
            row: row(&one),
        });
        Ok(Page { items: items.collect(), next: page.next })
    }

    /// Anybody's order.
    pub(super) async fn look_at(&self, actor: &Actor, id: OrderId) -> Result<StaffOrder> {
        staff(actor)?;
        let db = &self.kit.db;
        let order = store::order(db, id).await?.ok_or_else(Error::not_found)?;
        let steps = payments::attempt_steps(db, id).await?;
        let tries = payments::attempts(db, id).await?.into_iter().map(|attempt| Tried {
            at: attempt.created_at,
            steps: steps.iter().filter(|step| step.payment_id == attempt.id).map(try_step).collect(),
            gateway: attempt.gateway,
            amount: attempt.amount,
            state: attempt.state,
            reference: attempt.reference,
        });
        let traces = store::traces(db, id).await?.into_iter().map(|trace| Trace {
            at: trace.at,
            event: trace.event,
            by: trace.username,
            cause: trace.cause,
        });
        let alerts = payments::alerts_of(db, id, ALERTS).await?;
        Ok(StaffOrder {
            alerts: alerts.into_iter().map(alert_view).collect(),
            username: store::username(db, order.account).await?,
            // The code of a gift is its giver's alone.
            view: OrderView { gift: None, ..self.view(order).await? },
            traces: traces.collect(),
            tries: tries.collect(),
        })
    }
}
