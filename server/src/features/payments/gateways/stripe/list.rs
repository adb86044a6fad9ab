//! Stripe's lists: what was made between two instants, page by page.

use domain::time::{Span, Timestamp};
use serde_json::Value;

use super::super::super::gateway::Unsure;
use super::super::super::list::{Listing, MovementKind};
use super::super::wire::Member;
use super::api::{Call, Reply};
use super::{Stripe, read, text};

/// A refund that succeeded may fail for as long as this: its line is looked at again.
const REFUNDS_BACK: Span = Span::days(30);
/// How many pages of a hundred are read of one list.
const PAGES: usize = 1_000;

impl Stripe {
    /// What was paid, given back and disputed in a time. A list holds everything up to the moment.
    pub(super) async fn listing(&self, from: Timestamp, until: Timestamp) -> Result<Listing, Unsure> {
        let mut listing = Listing::complete(until);
        for charge in self.listed("/v1/charges?", from, until).await? {
            // What failed, or is on its way, is no money yet; what has no intent was not asked for by us.
            let intent = text(&charge, "payment_intent");
            let name = if intent.is_empty() { text(&charge, "id") } else { intent };
            if *charge.member("paid") == Value::Bool(true) && text(&charge, "status") != "pending" {
                listing.take(name, read::movement(&charge, name, MovementKind::Charge));
            }
        }
        let lists = [
            ("/v1/refunds?", from.minus(REFUNDS_BACK), MovementKind::Refund),
            ("/v1/disputes?", from, MovementKind::Dispute),
        ];
        for (path, from, kind) in lists {
            for object in self.listed(path, from, until).await? {
                let name = text(&object, "id");
                listing.take(name, read::movement(&object, name, kind));
            }
        }
        Ok(listing)
    }

    /// Every page of a list of things made in a time; the path ends where further parameters begin.
    pub(super) async fn listed(
        &self,
        path: &str,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Value>, Unsure> {
        let (from, until) = (from.seconds(), until.seconds());
        let mut all: Vec<Value> = Vec::new();
        for _ in 0..PAGES {
            let after = all.last().map(|last| format!("&starting_after={}", text(last, "id")));
            let path = format!(
                "{path}limit=100&created[gte]={from}&created[lte]={until}{}",
                after.unwrap_or_default()
            );
            let Reply::Ok(page) = self.call(Call::get(path)).await? else {
                return Err(Unsure("a list is refused".to_owned()));
            };
            all.extend(page.member("data").as_array().cloned().unwrap_or_default());
            if *page.member("has_more") != Value::Bool(true) {
                return Ok(all);
            }
        }
        Err(Unsure("a list without an end".to_owned()))
    }
}
