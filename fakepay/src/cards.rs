//! Stripe's kept cards: charged when their owner is not there, refused by a bank, forgotten.

use serde_json::{Value, json};

use crate::Shared;
use crate::notices;
use crate::stripe::{Answer, error, of};
use crate::world::{Card, Kind, Stage, Trade, World, fee};

/// A card as Stripe shows it.
pub fn method(card: &Card) -> Value {
    json!({
        "id": card.method, "object": "payment_method", "type": "card",
        "card": { "brand": "visa", "last4": "4242" }, "customer": card.customer,
    })
}

/// Whether a payment is the charge of a kept card, rather than a session.
pub fn is_charge(trade: &Trade) -> bool {
    trade.kind == Kind::Stripe && trade.id == trade.charge
}

/// Whether a payment is by the card of a customer.
pub fn is_of(trade: &Trade, customer: &str) -> bool {
    trade.card.as_ref().is_some_and(|card| card.customer == customer)
}

/// A charge as Stripe shows it.
pub fn intent(trade: &Trade) -> Value {
    let status = match trade.stage {
        Stage::Paid => "succeeded",
        Stage::Slow => "processing",
        Stage::Closed => "canceled",
        Stage::Open | Stage::Declined => "requires_payment_method",
    };
    let received = if trade.stage == Stage::Paid { trade.taken } else { 0 };
    json!({
        "id": trade.charge, "object": "payment_intent", "livemode": false, "status": status,
        "amount": trade.amount, "amount_received": received, "currency": trade.currency,
        "customer": trade.card.as_ref().map(|card| card.customer.clone()), "created": trade.created,
        "metadata": { "payment": trade.number },
    })
}

/// Charges a kept card.
pub fn charge(fake: &Shared, world: &mut World, form: &[(String, String)], now: i64) -> Answer {
    let amount = of(form, "amount").parse::<i64>().unwrap_or(0);
    if amount <= 0 || of(form, "off_session") != "true" || of(form, "confirm") != "true" {
        return error(400, "invalid_request_error", "parameter_invalid");
    }
    let card =
        Card { customer: of(form, "customer").to_owned(), method: of(form, "payment_method").to_owned() };
    let kept =
        world.trades.values().any(|trade| trade.stage == Stage::Paid && trade.card == Some(card.clone()));
    if !kept || world.detached.contains(&card.method) {
        return error(400, "invalid_request_error", "resource_missing");
    }
    let declined = world.declining.contains(&card.method);
    let name = world.name("pi_");
    let number = of(form, "metadata[payment]").to_owned();
    let trade = Trade {
        kind: Kind::Stripe,
        number,
        id: name.clone(),
        charge: name,
        amount,
        taken: amount,
        fee: fee(Kind::Stripe, amount),
        stranger: false,
        currency: of(form, "currency").to_owned(),
        title: of(form, "description").to_owned(),
        stage: if declined { Stage::Declined } else { Stage::Paid },
        notify_url: fake.stripe_endpoint(),
        return_url: String::new(),
        created: now,
        paid_at: now,
        expires: now,
        card: Some(card),
    };
    let shown = intent(&trade);
    world.add(trade);
    let event = if declined { "payment_intent.payment_failed" } else { "payment_intent.succeeded" };
    let notice = notices::stripe(world, &fake.stripe_endpoint(), event, &shown, now);
    world.outbox.push_back(notice);
    if declined {
        let code = "card_declined";
        let error = json!({ "type": "card_error", "code": code, "message": code, "payment_intent": shown });
        return (402, json!({ "error": error }));
    }
    (200, shown)
}

/// Takes a charge back that brought no money.
pub fn cancel(world: &mut World, id: &str) -> Answer {
    let Some(trade) = world.trades.values_mut().find(|trade| is_charge(trade) && trade.charge == id) else {
        return error(404, "invalid_request_error", "resource_missing");
    };
    if matches!(trade.stage, Stage::Paid | Stage::Closed) {
        return error(400, "invalid_request_error", "payment_intent_unexpected_state");
    }
    trade.stage = Stage::Closed;
    (200, intent(trade))
}

/// Forgets a card.
pub fn detach(world: &mut World, id: &str) -> Answer {
    let card = world.trades.values().filter_map(|trade| trade.card.clone()).find(|card| card.method == id);
    match card {
        Some(card) if world.detached.insert(id.to_owned()) => (200, method(&card)),
        _ => error(400, "invalid_request_error", "resource_missing"),
    }
}
