//! The fake Stripe: sessions, refunds, and keys of idempotence, under which a failure is saved as well.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::Shared;
use crate::alipay::fields;
use crate::cards;
use crate::keys;
use crate::stripe_lists::list;
use crate::trouble::Trouble;
use crate::world::{Card, Dispute, Kind, Refund, Stage, Step, Trade, World};

/// A status and an object.
pub type Answer = (u16, Value);

/// An error as Stripe words it.
pub fn error(status: u16, kind: &str, code: &str) -> Answer {
    (status, json!({ "error": { "type": kind, "code": code, "message": code } }))
}

fn respond((status, body): (u16, String)) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// A session as Stripe shows it.
pub fn session(fake: &Shared, trade: &Trade, expanded: bool) -> Value {
    let (status, paid) = match trade.stage {
        Stage::Open => ("open", "unpaid"),
        Stage::Slow | Stage::Declined => ("complete", "unpaid"),
        Stage::Paid => ("complete", "paid"),
        Stage::Closed => ("expired", "unpaid"),
    };
    let intent = match trade.stage {
        Stage::Open | Stage::Closed => Value::Null,
        _ if !expanded => json!(trade.charge),
        stage => json!({
            "id": trade.charge, "object": "payment_intent", "metadata": { "payment": trade.number },
            "status": match stage { Stage::Paid => "succeeded", Stage::Slow => "processing", _ => "requires_payment_method" },
            "payment_method": trade.card.as_ref().map(cards::method),
        }),
    };
    let customer =
        trade.card.as_ref().filter(|_| trade.stage == Stage::Paid).map(|card| card.customer.clone());
    json!({
        "id": trade.id, "object": "checkout.session", "mode": "payment", "livemode": trade.stranger, "status": status,
        "payment_status": paid, "client_reference_id": trade.number, "metadata": { "payment": trade.number },
        "customer": customer, "amount_total": trade.taken, "currency": trade.currency, "payment_intent": intent,
        "url": format!("{}/person/{}", fake.base(), trade.number), "expires_at": trade.expires,
    })
}

/// A refund as Stripe shows it.
pub fn refund_object(world: &World, refund: &Refund) -> Value {
    let trade = world.trades.get(&refund.of);
    let metadata = match &refund.number {
        Some(number) => json!({ "refund": number, "payment": refund.of }),
        None => json!({}),
    };
    let status = match refund.step {
        Step::Pending => "pending",
        Step::Succeeded => "succeeded",
        Step::Failed => "failed",
        Step::Stuck => "requires_action",
    };
    let reason = (refund.step == Step::Failed).then_some("lost_or_stolen_card");
    json!({
        "id": refund.id, "object": "refund", "amount": refund.amount, "status": status, "created": refund.at,
        "currency": trade.map(|trade| trade.currency.clone()), "metadata": metadata, "failure_reason": reason,
        "payment_intent": trade.map(|trade| trade.charge.clone()),
    })
}

/// A dispute as Stripe shows it, with what it did to the balance.
pub fn dispute_object(world: &World, dispute: &Dispute) -> Value {
    let trade = world.trades.get(&dispute.of);
    json!({
        "id": dispute.id, "object": "dispute", "amount": dispute.amount, "status": dispute.status,
        "currency": trade.map(|trade| trade.currency.clone()), "metadata": {}, "created": dispute.at,
        "balance_transactions": disputed(world, dispute, &json!(dispute.id)),
        "payment_intent": trade.map(|trade| trade.charge.clone()),
    })
}

/// What a dispute did to the balance: it took the money and a fee, and brought the money again where it was won.
/// What it names as its source is the dispute, or its id.
pub fn disputed(world: &World, dispute: &Dispute, source: &Value) -> Vec<Value> {
    let currency = world.trades.get(&dispute.of).map(|trade| trade.currency.clone());
    let entry = |id: String, amount: i64, fee: i64, at: i64| {
        json!({
            "id": id, "object": "balance_transaction", "type": "adjustment", "amount": amount, "fee": fee,
            "net": amount - fee, "currency": currency, "created": at, "source": source,
        })
    };
    let mut entries = vec![entry(format!("txn_{}", dispute.id), -dispute.amount, dispute.fee, dispute.at)];
    if dispute.status == "won" {
        entries.push(entry(format!("txn_{}_won", dispute.id), dispute.amount, 0, dispute.ended));
    }
    entries
}

/// Every request to Stripe.
pub async fn api(
    State(fake): State<Arc<Shared>>,
    method: Method,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let post = method == Method::POST;
    let key = text("idempotency-key").to_owned();
    if text("authorization") != format!("Bearer {}", keys::STRIPE_KEY) {
        fake.world().refused += 1;
        return respond(flat(error(401, "invalid_request_error", "api_key_invalid")));
    }
    if text("stripe-version").is_empty() || (post && (key.is_empty() || key.len() > 255)) {
        return respond(flat(error(400, "invalid_request_error", "parameter_missing")));
    }
    let path = uri.path().trim_start_matches("/stripe").to_owned();
    let query = fields(uri.query().unwrap_or_default().as_bytes());
    let form = String::from_utf8_lossy(&body).into_owned();
    let named = format!("{method} {path}");
    fake.act(&named, |trouble| {
        if !post {
            let failed = trouble.is_some_and(Trouble::is_failure);
            return respond(flat(if failed { failure() } else { get(&fake, &path, &query) }));
        }
        let (answer, replayed) = once(&fake, &key, &path, &form, trouble);
        let mut response = respond(answer);
        if replayed {
            response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
        }
        response
    })
    .await
}

fn failure() -> Answer {
    error(500, "api_error", "api_error")
}

/// Does what a request wants once for its key, and answers it from then on as the first time; whether it did.
fn once(fake: &Shared, key: &str, path: &str, form: &str, trouble: Option<Trouble>) -> ((u16, String), bool) {
    let whole = format!("{path}?{form}");
    let known = fake.world().answered.get(key).cloned();
    if let Some((before, status, body)) = known {
        let same = before == whole;
        let other = || flat(error(400, "idempotency_error", "idempotency_key_in_use"));
        return if same { ((status, body), true) } else { (other(), false) };
    }
    let made = if trouble.is_none_or(Trouble::is_done) {
        flat(make(fake, path, &fields(form.as_bytes())))
    } else {
        flat(failure())
    };
    let failed = trouble.is_some_and(Trouble::is_failure);
    let answer = if failed { flat(failure()) } else { made };
    // Whatever is not a mistake in the request is remembered under its key, a failure of Stripe's own included.
    let saved = if failed { trouble.is_some_and(Trouble::is_saved) } else { answer.0 != 400 };
    if saved {
        fake.world().answered.insert(key.to_owned(), (whole, answer.0, answer.1.clone()));
    }
    (answer, false)
}

fn flat((status, body): Answer) -> (u16, String) {
    (status, body.to_string())
}

/// A field of a form, or nothing.
pub fn of<'a>(form: &'a [(String, String)], name: &str) -> &'a str {
    form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).unwrap_or_default()
}

fn get(fake: &Shared, path: &str, query: &[(String, String)]) -> Answer {
    let mut world = fake.world();
    world.tick(fake.now());
    let found = match path.trim_matches('/').split('/').collect::<Vec<_>>().as_slice() {
        ["v1", "checkout", "sessions", id] => {
            let expanded = of(query, "expand[]").starts_with("payment_intent");
            world.by_id(id).map(|trade| session(fake, trade, expanded))
        }
        ["v1", "payment_intents", id] => world.by_charge(id).map(cards::intent),
        ["v1", "refunds", id] => {
            let refund = world.refunds.iter().find(|refund| refund.id == *id);
            refund.map(|refund| refund_object(&world, refund))
        }
        ["v1", "disputes", id] => {
            let dispute = world.disputes.iter().find(|dispute| dispute.id == *id);
            dispute.map(|dispute| dispute_object(&world, dispute))
        }
        ["v1", name] => list(&world, name, query),
        _ => None,
    };
    found.map_or_else(|| error(404, "invalid_request_error", "resource_missing"), |object| (200, object))
}

fn make(fake: &Shared, path: &str, form: &[(String, String)]) -> Answer {
    let now = fake.now();
    let mut world = fake.world();
    world.tick(now);
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    match parts.as_slice() {
        ["v1", "checkout", "sessions"] => create(fake, &mut world, form, now),
        ["v1", "checkout", "sessions", id, "expire"] => {
            let Some(mut trade) = world.by_id(id).cloned() else {
                return error(404, "invalid_request_error", "resource_missing");
            };
            if trade.stage != Stage::Open {
                return error(400, "invalid_request_error", "session_not_open");
            }
            trade.stage = Stage::Closed;
            let shown = session(fake, &trade, false);
            world
                .trades
                .values_mut()
                .filter(|known| known.id == trade.id)
                .for_each(|known| *known = trade.clone());
            (200, shown)
        }
        ["v1", "refunds"] => refund(fake, &mut world, form, now),
        ["v1", "payment_intents"] => cards::charge(fake, &mut world, form, now),
        ["v1", "payment_intents", id, "cancel"] => cards::cancel(&mut world, id),
        ["v1", "payment_methods", id, "detach"] => cards::detach(&mut world, id),
        _ => error(404, "invalid_request_error", "resource_missing"),
    }
}

fn create(fake: &Shared, world: &mut World, form: &[(String, String)], now: i64) -> Answer {
    let amount = of(form, "line_items[0][price_data][unit_amount]").parse::<i64>().unwrap_or(0);
    let expires = of(form, "expires_at").parse::<i64>().unwrap_or(0);
    if amount <= 0 || of(form, "mode") != "payment" || !(now + 1_800..=now + 86_400).contains(&expires) {
        return error(400, "invalid_request_error", "parameter_invalid");
    }
    let number = of(form, "client_reference_id").to_owned();
    let trade = Trade {
        kind: Kind::Stripe,
        number,
        id: world.name("cs_test_"),
        charge: world.name("pi_"),
        amount,
        taken: amount,
        fee: 0,
        stranger: false,
        currency: of(form, "line_items[0][price_data][currency]").to_owned(),
        title: of(form, "line_items[0][price_data][product_data][name]").to_owned(),
        stage: Stage::Open,
        notify_url: fake.stripe_endpoint(),
        return_url: of(form, "success_url").to_owned(),
        created: now,
        paid_at: 0,
        expires,
        card: (of(form, "payment_intent_data[setup_future_usage]") == "off_session")
            .then(|| Card { customer: world.name("cus_"), method: world.name("pm_") }),
    };
    let shown = session(fake, &trade, false);
    world.add(trade);
    (200, shown)
}

fn refund(fake: &Shared, world: &mut World, form: &[(String, String)], now: i64) -> Answer {
    let Some(trade) = world.by_charge(of(form, "payment_intent")).cloned() else {
        return error(404, "invalid_request_error", "resource_missing");
    };
    let left = trade.taken - world.claimed(&trade.number);
    let amount = of(form, "amount").parse::<i64>().unwrap_or(left);
    if trade.stage != Stage::Paid || amount <= 0 || amount > left {
        let code = if left == 0 { "charge_already_refunded" } else { "amount_too_large" };
        return error(400, "invalid_request_error", code);
    }
    let number = Some(of(form, "metadata[refund]").to_owned()).filter(|number| !number.is_empty());
    let (id, step) = (world.name("re_"), world.next_step());
    let of = trade.number.clone();
    let refund = Refund { kind: Kind::Stripe, of, id, number, amount, at: now, step, fee: 0 };
    world.refunds.push(refund.clone());
    let object = refund_object(world, &refund);
    let notice = crate::notices::stripe(world, &fake.stripe_endpoint(), "refund.created", &object, now);
    world.outbox.push_back(notice);
    (200, object)
}
