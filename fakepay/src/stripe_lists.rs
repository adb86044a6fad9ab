//! The fake Stripe's lists: newest first, in pages, between two instants.

use serde_json::{Value, json};

use crate::cards;
use crate::stripe::{dispute_object, disputed, of, refund_object};
use crate::world::{Kind, Payout, Stage, Trade, World};

/// How many things a page holds at most, and where nobody says how many.
const MOST: usize = 100;
const USUAL: usize = 10;

/// A list by its name; nothing where there is none.
pub fn list(world: &World, name: &str, query: &[(String, String)]) -> Option<Value> {
    let all = match name {
        "payment_intents" => {
            let customer = of(query, "customer");
            let charges = world.trades.values().filter(|trade| cards::is_charge(trade));
            charges.filter(|trade| cards::is_of(trade, customer)).map(cards::intent).collect()
        }
        "refunds" => {
            let intent = of(query, "payment_intent");
            let all = world.refunds.iter().filter(|refund| refund.kind == Kind::Stripe);
            let objects = all.map(|refund| refund_object(world, refund));
            objects.filter(|refund| intent.is_empty() || refund["payment_intent"] == intent).collect()
        }
        "charges" => {
            let expanded = of(query, "expand[]") == "data.balance_transaction";
            let paid = world.trades.values().filter(|trade| trade.stage == Stage::Paid);
            paid.filter(|trade| trade.kind == Kind::Stripe).map(|trade| charge(trade, expanded)).collect()
        }
        "disputes" => world.disputes.iter().map(|dispute| dispute_object(world, dispute)).collect(),
        "balance_transactions" => {
            let payouts = world.payouts.iter().filter(|payout| payout.kind == Kind::Stripe).map(entry);
            let expanded = of(query, "expand[]") == "data.source";
            let disputes = world.disputes.iter().flat_map(|dispute| {
                let source = if expanded { dispute_object(world, dispute) } else { json!(dispute.id) };
                disputed(world, dispute, &source)
            });
            let kind = of(query, "type");
            payouts.chain(disputes).filter(|entry| kind.is_empty() || entry["type"] == kind).collect()
        }
        _ => return None,
    };
    Some(page(world, all, query))
}

/// A page of what lies between two instants.
fn page(world: &World, mut all: Vec<Value>, query: &[(String, String)]) -> Value {
    let number = |name: &str| of(query, name).parse::<i64>().ok();
    let at = |item: &Value| item["created"].as_i64().unwrap_or_default();
    all.retain(|item| {
        number("created[gte]").is_none_or(|from| from <= at(item))
            && number("created[lte]").is_none_or(|until| at(item) <= until)
    });
    all.sort_by(|one, two| at(two).cmp(&at(one)).then_with(|| two["id"].as_str().cmp(&one["id"].as_str())));
    let after = of(query, "starting_after");
    if !after.is_empty() {
        let place = all.iter().position(|item| item["id"] == after);
        all.drain(..place.map_or(all.len(), |place| place + 1));
    }
    let asked = of(query, "limit").parse::<usize>().unwrap_or(USUAL).clamp(1, MOST);
    let size = world.page.map_or(asked, |page| page.clamp(1, asked));
    let more = all.len() > size;
    all.truncate(size);
    json!({ "object": "list", "data": all, "has_more": more })
}

/// A charge as Stripe shows it.
pub fn charge(trade: &Trade, expanded: bool) -> Value {
    let entry = format!("txn_{}", trade.charge);
    let entry = if expanded {
        json!({
            "id": entry, "object": "balance_transaction", "type": "charge", "amount": trade.taken,
            "fee": trade.fee, "net": trade.taken - trade.fee, "currency": trade.currency, "created": trade.paid_at,
        })
    } else {
        entry.into()
    };
    json!({
        "id": format!("ch_{}", trade.number), "object": "charge", "paid": true, "status": "succeeded",
        "amount": trade.taken, "currency": trade.currency, "payment_intent": trade.charge,
        "created": trade.paid_at, "metadata": { "payment": trade.number }, "balance_transaction": entry,
    })
}

/// What a payout, or one that came back, did to the balance.
fn entry(payout: &Payout) -> Value {
    let kind = if payout.amount > 0 { "payout" } else { "payout_failure" };
    json!({
        "id": payout.id, "object": "balance_transaction", "type": kind, "amount": -payout.amount, "fee": 0,
        "net": -payout.amount, "currency": payout.currency, "created": payout.at,
    })
}
