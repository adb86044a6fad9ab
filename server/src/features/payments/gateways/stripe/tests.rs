//! Stripe against the golden vector and against forgeries.

use axum::http::HeaderMap;
use domain::money::{Currency, Money};
use domain::payments::{PaymentId, Told};
use domain::time::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::super::gateway::{Card, Gateway, Hint, Of, Rejected};
use super::super::vectors::{self, outside, text};
use super::{Stripe, read};

const NOW: i64 = 1_700_000_000;

fn stripe() -> Stripe {
    Stripe::new(&vectors::stripe(), outside(NOW)).unwrap()
}

fn verify(header: &str, body: &[u8], seconds: i64) -> Result<String, Rejected> {
    let headers = HeaderMap::from_iter([("stripe-signature".parse().unwrap(), header.parse().unwrap())]);
    stripe().verify(&headers, body, Timestamp::from_seconds(seconds))
}

#[test]
fn the_golden_notice_is_let_in() {
    let body = text("/stripe/payload");
    for header in ["/stripe/header", "/stripe/rolled_header"] {
        assert_eq!(verify(&text(header), body.as_bytes(), NOW), Ok("evt_test_1".to_owned()), "{header}");
    }
}

#[test]
fn every_flipped_bit_is_refused() {
    let (header, body) = (text("/stripe/header"), text("/stripe/payload").into_bytes());
    for at in 0..body.len() {
        let mut flipped = body.clone();
        flipped[at] ^= 1;
        assert_eq!(verify(&header, &flipped, NOW), Err(Rejected::Signature), "byte {at}");
    }
    assert_eq!(verify(&header, &body, NOW + 301), Err(Rejected::Signature));
    assert_eq!(verify(&header, &body, NOW - 301), Err(Rejected::Signature));
    let other = Stripe::new(
        &super::StripeSettings { webhook_secrets: vec!["whsec_other".to_owned()], ..vectors::stripe() },
        outside(NOW),
    )
    .unwrap();
    let headers = HeaderMap::from_iter([("stripe-signature".parse().unwrap(), header.parse().unwrap())]);
    assert_eq!(other.verify(&headers, &body, Timestamp::from_seconds(NOW)), Err(Rejected::Signature));
}

#[test]
fn real_money_is_no_play_money() {
    let mut live = outside(NOW);
    live.test = false;
    let live = Stripe::new(&vectors::stripe(), live).unwrap();
    let headers = HeaderMap::from_iter([(
        "stripe-signature".parse().unwrap(),
        text("/stripe/header").parse().unwrap(),
    )]);
    let body = text("/stripe/payload");
    let verdict = live.verify(&headers, body.as_bytes(), Timestamp::from_seconds(NOW));
    assert_eq!(verdict, Err(Rejected::Unreadable));
}

fn session(status: &str, paid: &str, intent: Value) -> Value {
    json!({
        "id": "cs_1", "object": "checkout.session", "mode": "payment", "livemode": false,
        "client_reference_id": "0123456789abcdef0123456789abcdef", "status": status, "payment_status": paid,
        "amount_total": 1999, "currency": "usd", "payment_intent": intent,
    })
}

#[test]
fn only_a_paid_session_pays() {
    let number = "0123456789abcdef0123456789abcdef";
    let paid = Told::Confirmed { charge: "pi_1".to_owned(), amount: Money::new(1999, Currency::Usd) };
    let intent = |status: &str| json!({ "id": "pi_1", "status": status });
    for (status, state, object, told) in [
        ("complete", "paid", json!("pi_1"), paid.clone()),
        ("complete", "paid", intent("succeeded"), paid),
        ("complete", "unpaid", intent("processing"), Told::Working),
        ("complete", "unpaid", intent("requires_payment_method"), Told::Declined),
        ("open", "unpaid", Value::Null, Told::Pending),
        ("expired", "unpaid", Value::Null, Told::Closed),
    ] {
        assert_eq!(
            read::session(&session(status, state, object), number, true),
            Ok(told),
            "{status} {state}"
        );
    }
    for (name, value) in [
        ("client_reference_id", json!("another")),
        ("livemode", json!(true)),
        ("livemode", Value::Null),
        ("amount_total", json!(19.99)),
        ("amount_total", json!(0)),
        ("amount_total", json!("1999")),
        ("currency", json!("xxx")),
        ("payment_intent", Value::Null),
    ] {
        let mut odd = session("complete", "paid", json!("pi_1"));
        odd[name] = value;
        assert!(read::session(&odd, number, true).is_err(), "{name}");
    }
}

#[test]
fn events_are_hints() {
    let payment = PaymentId(Uuid::parse_str("0123456789abcdef0123456789abcdef").unwrap());
    let event =
        |kind: &str, object: Value| read::event(&json!({ "type": kind, "data": { "object": object } }));
    let hint = event("checkout.session.completed", session("complete", "paid", json!("pi_1")));
    assert!(
        matches!(hint, Some(Hint::Payment { payment: Some(id), claimed: Told::Confirmed { .. } }) if id == payment)
    );
    let hint = event("charge.dispute.created", json!({ "id": "dp_1", "payment_intent": "pi_1" }));
    let of = Of::Charge("pi_1".to_owned());
    assert_eq!(hint, Some(Hint::Reversal { of, reference: "dp_1".to_owned() }));
    assert_eq!(event("customer.created", json!({})), Some(Hint::Other));
    assert_eq!(event("refund.created", json!({ "id": "re_1/../x", "payment_intent": "pi_1" })), None);
    assert_eq!(event("checkout.session.completed", json!({ "object": "other" })), None);
    assert_eq!(read::event(&json!([])), None);
}

#[test]
fn a_charge_of_a_kept_card_pays_only_when_it_succeeded() {
    let number = "0123456789abcdef0123456789abcdef";
    let intent = |status: &str| {
        json!({
            "id": "pi_1", "object": "payment_intent", "livemode": false, "status": status, "currency": "usd",
            "amount": 1999, "amount_received": if status == "succeeded" { 1999 } else { 0 },
            "metadata": { "payment": number },
        })
    };
    let amount = Money::new(1_999, Currency::Usd);
    let paid = Told::Confirmed { charge: "pi_1".to_owned(), amount };
    assert_eq!(read::intent(&intent("succeeded"), number, true), Ok(paid));
    assert_eq!(read::intent(&intent("processing"), number, true), Ok(Told::Working));
    for refused in ["requires_payment_method", "requires_confirmation", "requires_action", "canceled"] {
        assert_eq!(read::intent(&intent(refused), number, true), Ok(Told::Declined), "{refused}");
    }
    assert!(read::intent(&intent("requires_capture"), number, true).is_err());
    assert!(read::intent(&intent("succeeded"), number, false).is_err(), "play money pays nothing real");
    assert!(read::intent(&intent("succeeded"), "another", true).is_err());
    let mut odd = intent("succeeded");
    odd["amount_received"] = json!(0);
    assert!(read::intent(&odd, number, true).is_err());
}

#[test]
fn a_card_is_kept_where_stripe_keeps_it() {
    let kept = json!({
        "customer": "cus_1",
        "payment_intent": {
            "payment_method": { "id": "pm_1", "type": "card", "card": { "brand": "visa", "last4": "4242" } },
        },
    });
    let card =
        Card {
            customer: "cus_1".to_owned(), method: "pm_1".to_owned(), label: "Visa ···· 4242".to_owned()
        };
    assert_eq!(read::card(&kept), Some(card));
    assert_eq!(read::card(&session("complete", "paid", json!("pi_1"))), None);
    let mut odd = kept.clone();
    odd["payment_intent"]["payment_method"]["id"] = json!("pm_1/../x");
    assert_eq!(read::card(&odd), None, "names become parts of paths");
}
