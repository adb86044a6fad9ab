//! What staff sees of payments: alerts, payments of which nobody knows anything, notices that were not applied.

use app::features::payments::api::{
    AlertView, Asked, ComparedView, ReviewView, Shown, StuckView, UnknownView,
};
use domain::actor::Actor;
use domain::money::Money;
use domain::orders::OrderId;
use domain::page::Page;
use domain::payments::PaymentId;
use domain::time::{Span, Timestamp};

use super::port::staff;
use super::store::{AlertRow, AlertsAsked};
use super::{Service, store};
use crate::error::Result;
use crate::features::orders::store::number;

/// How many of a kind a page shows.
const PAGE: usize = 50;
/// After which time a notice should have been applied.
const PATIENCE: Span = Span::minutes(1);
/// After which time somebody should know what became of a payment.
const LONG: Span = Span::hours(1);
/// How long ago the last comparison with a gateway may end: its list of a day comes on the day after.
const COMPARED: Span = Span::days(3);

/// An alert as pages of staff show it.
pub(crate) fn alert_view(row: AlertRow) -> AlertView {
    let closed = row.closed_at.map(Timestamp::from_micros);
    AlertView {
        id: row.id,
        reason: row.reason,
        amount: Money::new(row.amount, row.currency),
        payment: row.payment_id.map(PaymentId),
        order: row.order_id.map(OrderId).map(|order| (order, number(order))),
        username: row.username,
        event: row.detail,
        parked: Some(Money::new(row.parked, row.currency)).filter(|money| money.minor > 0),
        opened_at: row.opened_at,
        closed: closed.map(|at| (at, row.closer.unwrap_or_default(), row.note)),
    }
}

/// A cursor of an address.
fn cursor<T: std::str::FromStr>(after: Option<&String>) -> Option<T> {
    after.and_then(|cursor| cursor.parse().ok())
}

impl Service {
    fn unknown_before(&self) -> Timestamp {
        self.kit.now().minus(LONG)
    }

    fn stuck_before(&self) -> Timestamp {
        self.kit.now().minus(PATIENCE)
    }

    /// How much waits for a person of the platform.
    pub async fn count_waiting(&self) -> Result<i64> {
        let db = &self.kit.db;
        Ok(store::count_open(db).await?
            + store::count_unknown(db, self.unknown_before()).await?
            + store::count_stuck(db, self.stuck_before()).await?)
    }

    pub(super) async fn review_view(&self, actor: &Actor, asked: Asked) -> Result<ReviewView> {
        staff(actor)?;
        let db = &self.kit.db;
        Ok(ReviewView {
            shown: self.shown(&asked).await?,
            open: store::count_open(db).await?,
            unknown: store::count_unknown(db, self.unknown_before()).await?,
            stuck: store::count_stuck(db, self.stuck_before()).await?,
            rejected: self.rejected(),
            compared: self.compared().await?,
            gateways: self.every_gateway().iter().map(|gateway| gateway.name().to_owned()).collect(),
        })
    }

    /// Until when each gateway was compared with what was booked.
    async fn compared(&self) -> Result<Vec<ComparedView>> {
        let late = self.kit.now().minus(COMPARED);
        let rows = store::compared(&self.kit.db).await?.into_iter().map(|row| ComparedView {
            gateway: row.gateway,
            late: row.compared_until < late,
            until: row.compared_until,
        });
        Ok(rows.collect())
    }

    async fn shown(&self, asked: &Asked) -> Result<Shown> {
        let db = &self.kit.db;
        let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
        Ok(match asked.show.as_str() {
            "unknown" => {
                let after = cursor(asked.after.as_ref());
                let rows = store::unknown(db, self.unknown_before(), after, limit).await?;
                Shown::Unknown(Page::cut(rows, PAGE, |row| row.id.to_string()).map(|row| UnknownView {
                    id: row.id,
                    number: number(row.order_id),
                    order: row.order_id,
                    username: row.username,
                    gateway: row.gateway,
                    amount: Money::new(row.amount, row.currency),
                    since: row.changed_at,
                }))
            }
            "stuck" => {
                let after = cursor(asked.after.as_ref());
                let rows = store::stuck_notices(db, self.stuck_before(), after, limit).await?;
                Shown::Stuck(Page::cut(rows, PAGE, |row| row.id.to_string()).map(|row| StuckView {
                    id: row.id,
                    event: format!("{} {}", row.gateway, row.event_id),
                    waiting: row.state == "received",
                    received_at: row.received_at,
                }))
            }
            show => {
                let chosen = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
                let alerts = AlertsAsked {
                    reason: chosen(&asked.reason),
                    gateway: chosen(&asked.gateway),
                    after: cursor(asked.after.as_ref()),
                };
                let rows = if show == "closed" {
                    store::closed_alerts(db, &alerts, limit).await?
                } else {
                    store::open_alerts(db, &alerts, limit).await?
                };
                Shown::Alerts(Page::cut(rows, PAGE, |row| row.id.to_string()).map(alert_view))
            }
        })
    }
}
