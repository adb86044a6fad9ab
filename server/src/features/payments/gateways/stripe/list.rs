//! Stripe's lists: what was made between two instants, page by page.

use domain::time::{Span, Timestamp};
use serde_json::Value;

use super::super::super::gateway::Unsure;
use super::super::super::list::{Listing, MovementKind, Unread};
use super::super::wire::Member;
use super::api::{Call, Reply};
use super::{Stripe, read, text};

/// A refund that succeeded may fail for as long as this: its line is looked at again.
const REFUNDS_BACK: Span = Span::days(30);
/// What changes a balance besides charges and refunds: what goes to our bank and comes back, and disputes, of which
/// only the fee is new.
const ENTRIES: [&str; 4] = ["payout", "payout_failure", "payout_cancel", DISPUTED];
const DISPUTED: &str = "adjustment";
/// How many pages of a hundred are read of one list.
const PAGES: usize = 1_000;

impl Stripe {
    /// What was paid, given back and disputed in a time, what it cost, and what went to our bank. A list holds
    /// everything up to the moment.
    pub(super) async fn listing(&self, from: Timestamp, until: Timestamp) -> Result<Listing, Unsure> {
        let mut listing = Listing::complete(until);
        let path = "/v1/charges?expand[]=data.balance_transaction&";
        for charge in self.listed(path, from, until).await? {
            // What failed, or is on its way, is no money yet; what has no intent was not asked for by us.
            let intent = text(&charge, "payment_intent");
            let name = if intent.is_empty() { text(&charge, "id") } else { intent };
            if *charge.member("paid") == Value::Bool(true) && text(&charge, "status") != "pending" {
                let line = read::movement(&charge, name, MovementKind::Charge);
                // Of what cannot be read one line is enough.
                if line.is_ok() {
                    let entry = charge.member("balance_transaction");
                    take_fee(&mut listing, name, name, entry, text(&charge, "currency"));
                }
                listing.take(name, line);
            }
        }
        for refund in self.listed("/v1/refunds?", from.minus(REFUNDS_BACK), until).await? {
            let name = text(&refund, "id");
            listing.take(name, read::movement(&refund, name, MovementKind::Refund));
        }
        let mut disputes = self.listed("/v1/disputes?", from, until).await?;
        for kind in ENTRIES {
            let path = format!("/v1/balance_transactions?type={kind}&expand[]=data.source&");
            for entry in self.listed(&path, from, until).await? {
                let name = text(&entry, "id");
                if kind == DISPUTED {
                    // One that was opened long ago brings its money again when it is won.
                    let source = entry.member("source");
                    disputes.extend((text(source, "object") == "dispute").then(|| source.clone()));
                } else {
                    listing.take(name, read::payout(&entry));
                }
                take_fee(&mut listing, name, "", &entry, text(&entry, "currency"));
            }
        }
        disputes.sort_by(|one, other| text(one, "id").cmp(text(other, "id")));
        disputes.dedup_by(|one, other| text(one, "id") == text(other, "id"));
        for dispute in disputes {
            let name = text(&dispute, "id");
            listing.take(name, read::movement(&dispute, name, MovementKind::Dispute));
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

/// Takes in what Stripe kept for its work, by the name of what it worked on, if it kept anything.
fn take_fee(listing: &mut Listing, name: &str, charge: &str, entry: &Value, currency: &str) {
    match read::fee(entry, name, charge, currency) {
        Ok(None) => {}
        Ok(Some(fee)) => listing.movements.push(fee),
        // Of a balance in another currency one line is enough: each charge says the same.
        Err(Unsure(why)) => {
            listing.unread.push(Unread { reference: format!("fees {}", text(entry, "currency")), why })
        }
    }
}
