//! What Stripe's objects say.

use super::super::wire::Member;
use domain::money::{Currency, Money};
use domain::payments::{RefundId, Told};
use domain::time::Timestamp;
use serde_json::Value;

use super::super::super::gateway::{Card, Hint, Of, RefundTold, Reversal, ReversalKind, Unsure};
use super::super::super::list::{Movement, MovementKind};
use super::super::payment_of;
use super::text;

/// What a session says of the attempt with a number.
pub fn session(session: &Value, number: &str, test: bool) -> Result<Told, Unsure> {
    if text(session, "client_reference_id") != number {
        return Err(Unsure("a session of somebody else".to_owned()));
    }
    if session["livemode"].as_bool() != Some(!test) {
        return Err(Unsure("play money and real money are mixed".to_owned()));
    }
    let intent = &session["payment_intent"];
    match (text(session, "status"), text(session, "payment_status")) {
        (_, "paid") => {
            let charge = intent.as_str().or_else(|| intent["id"].as_str()).unwrap_or_default().to_owned();
            let amount = money(session, "amount_total")?;
            if charge.is_empty() {
                return Err(Unsure("money without a name".to_owned()));
            }
            Ok(Told::Confirmed { charge, amount })
        }
        ("expired", _) => Ok(Told::Closed),
        ("open", _) => Ok(Told::Pending),
        // Completed with a slow method: the intent knows whether it failed since.
        ("complete", "unpaid") => Ok(match text(intent, "status") {
            "requires_payment_method" | "canceled" => Told::Declined,
            _ => Told::Working,
        }),
        (status, paid) => Err(Unsure(format!("a session is {status:?} and {paid:?}"))),
    }
}

/// What the charge of a kept card says of the attempt with a number.
pub fn intent(intent: &Value, number: &str, test: bool) -> Result<Told, Unsure> {
    if text(&intent["metadata"], "payment") != number {
        return Err(Unsure("a charge of somebody else".to_owned()));
    }
    if intent["livemode"].as_bool() != Some(!test) {
        return Err(Unsure("play money and real money are mixed".to_owned()));
    }
    Ok(match text(intent, "status") {
        "succeeded" => Told::Confirmed {
            charge: text(intent, "id").to_owned(),
            amount: money(intent, "amount_received")?,
        },
        "processing" => Told::Working,
        // Off session nobody is there to prove who they are: that is a refusal as well.
        "requires_payment_method" | "requires_confirmation" | "requires_action" | "canceled" => {
            Told::Declined
        }
        other => return Err(Unsure(format!("a charge is {other:?}"))),
    })
}

/// The card by which a session was paid, where it was kept; its payment method is expanded.
pub fn card(session: &Value) -> Option<Card> {
    let method = session.member("payment_intent").member("payment_method");
    let (customer, id) = (text(session, "customer"), text(method, "id"));
    let card = text(method, "type") == "card";
    if !card || customer.is_empty() || id.is_empty() || !is_name(customer) || !is_name(id) {
        return None;
    }
    let brand = text(method.member("card"), "brand");
    // Stripe writes them small: `visa`.
    let brand: String =
        brand.chars().take(1).flat_map(char::to_uppercase).chain(brand.chars().skip(1)).collect();
    let label = format!("{brand} ···· {}", text(method.member("card"), "last4"));
    Some(Card { customer: customer.to_owned(), method: id.to_owned(), label })
}

/// What an event is about.
pub fn event(event: &Value) -> Option<Hint> {
    let object = event.member("data").member("object");
    let kind = event["type"].as_str()?;
    Some(match kind.split('.').next().unwrap_or_default() {
        "checkout" => about_session(object)?,
        "payment_intent" => match payment_of(text(&object["metadata"], "payment")) {
            Some(payment) => Hint::Payment { payment: Some(payment), claimed: Told::Pending },
            None => Hint::Other,
        },
        "refund" => about_reversal(object)?,
        "charge" if kind.starts_with("charge.dispute.") || kind.starts_with("charge.refund.") => {
            about_reversal(object)?
        }
        _ => Hint::Other,
    })
}

fn about_session(session: &Value) -> Option<Hint> {
    if text(session, "object") != "checkout.session" {
        return None;
    }
    if text(session, "mode") != "payment" {
        return Some(Hint::Other);
    }
    let charge = text(session, "payment_intent").to_owned();
    let claimed = match (text(session, "payment_status"), charge.is_empty()) {
        ("paid", false) => Told::Confirmed { charge, amount: money(session, "amount_total").ok()? },
        _ => Told::Pending,
    };
    Some(Hint::Payment { payment: payment_of(text(session, "client_reference_id")), claimed })
}

fn about_reversal(object: &Value) -> Option<Hint> {
    let reference = object["id"].as_str().filter(|id| !id.is_empty() && is_name(id))?.to_owned();
    let of = Of::named(payment_of(text(&object["metadata"], "payment")), text(object, "payment_intent"))?;
    Some(Hint::Reversal { of, reference })
}

/// Names become parts of paths: letters, digits and underscores alone.
fn is_name(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Where a refund stands.
pub fn refund_told(refund: &Value) -> Result<RefundTold, Unsure> {
    Ok(match text(refund, "status") {
        "succeeded" => RefundTold::Succeeded,
        "pending" | "requires_action" => RefundTold::Pending,
        "failed" | "canceled" => RefundTold::Failed(text(refund, "failure_reason").to_owned()),
        other => return Err(Unsure(format!("a refund is {other:?}"))),
    })
}

/// A refund, ours or one made in the console.
pub fn refund(refund: &Value) -> Result<Reversal, Unsure> {
    let ours = payment_of(text(&refund["metadata"], "refund")).map(|id| RefundId(id.0));
    Ok(Reversal {
        reference: text(refund, "id").to_owned(),
        kind: ReversalKind::Refund { ours, told: refund_told(refund)? },
        amount: money(refund, "amount")?,
    })
}

/// A dispute; an early warning holds no money back and is none.
pub fn dispute(dispute: &Value) -> Result<Option<Reversal>, Unsure> {
    let kind = match text(dispute, "status") {
        "needs_response" | "under_review" => ReversalKind::Disputed,
        "won" => ReversalKind::DisputeWon,
        "lost" => ReversalKind::DisputeLost,
        _ => return Ok(None),
    };
    let reference = text(dispute, "id").to_owned();
    Ok(Some(Reversal { reference, kind, amount: money(dispute, "amount")? }))
}

/// One line of a list.
pub fn movement(object: &Value, reference: &str, kind: MovementKind) -> Result<Movement, Unsure> {
    let number = match kind {
        MovementKind::Refund => text(object.member("metadata"), "refund"),
        _ => text(object.member("metadata"), "payment"),
    };
    Ok(Movement {
        reference: reference.to_owned(),
        charge: text(object, "payment_intent").to_owned(),
        number: (!number.is_empty()).then(|| number.to_owned()),
        amount: money(object, "amount")?,
        at: at(object)?,
        kind,
        stage: text(object, "status").to_owned(),
    })
}

/// What Stripe kept of something for its work, in the currency of that; nothing where it kept nothing, or does not
/// say yet. What is settled in another currency was exchanged, which no account of ours can say.
pub fn fee(entry: &Value, name: &str, charge: &str, currency: &str) -> Result<Option<Movement>, Unsure> {
    let Some(minor) = entry.member("fee").as_i64().filter(|minor| *minor != 0) else { return Ok(None) };
    if text(entry, "currency") != currency {
        return Err(Unsure(format!("{currency} is settled in {}", text(entry, "currency"))));
    }
    let fee = signed(minor, entry)?;
    Ok(Some(Movement::entry(MovementKind::Fee, name, charge, fee, at(entry)?)))
}

/// What left the balance for our bank, or came back.
pub fn payout(entry: &Value) -> Result<Movement, Unsure> {
    let minor = entry.member("amount").as_i64().filter(|minor| *minor != 0);
    let minor = minor.ok_or_else(|| Unsure("a payout without an amount".to_owned()))?;
    let amount = signed(minor.saturating_neg(), entry)?;
    Ok(Movement::entry(MovementKind::Payout, text(entry, "id"), "", amount, at(entry)?))
}

fn at(object: &Value) -> Result<Timestamp, Unsure> {
    let at = object.member("created").as_i64().map(Timestamp::from_seconds);
    at.ok_or_else(|| Unsure("a movement without a time".to_owned()))
}

/// An amount, less than nothing or more, in the currency of an entry.
fn signed(minor: i64, entry: &Value) -> Result<Money, Unsure> {
    let code = text(entry, "currency").to_uppercase();
    let currency =
        Currency::parse(&code).ok_or_else(|| Unsure(format!("no balance of ours: {minor} {code}")))?;
    Ok(Money::new(minor, currency))
}

/// An amount in minor units, with its currency beside it.
fn money(object: &Value, name: &str) -> Result<Money, Unsure> {
    let code = text(object, "currency").to_uppercase();
    match (object[name].as_i64(), Currency::parse(&code)) {
        (Some(minor), Some(currency)) if minor > 0 => Ok(Money::new(minor, currency)),
        _ => Err(Unsure(format!("{name} is no amount of ours: {} {code}", object[name]))),
    }
}
