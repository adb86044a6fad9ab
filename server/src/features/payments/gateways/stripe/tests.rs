//! Stripe against the golden vector and against forgeries.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::HeaderMap;
use domain::money::{Currency, Money};
use domain::payments::{PaymentId, Told};
use domain::time::Timestamp;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use uuid::Uuid;

use super::super::super::gateway::{Card, Gateway, Hint, Of, Rejected};
use super::super::super::signature;
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
    let seconds = vectors::vectors().pointer("/stripe/timestamp").and_then(Value::as_i64).unwrap();
    assert_eq!(seconds, NOW);
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, text("/stripe/secret").as_bytes());
    let header = signature::sign(&key, Timestamp::from_seconds(seconds), body.as_bytes());
    assert_eq!(header, text("/stripe/header"), "we sign as the golden one is signed");
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

#[test]
fn what_stripe_keeps_is_read_in_the_currency_that_was_paid() {
    let entry =
        |fee: Value, currency: &str| json!({ "id": "txn_1", "fee": fee, "currency": currency, "created": 5 });
    let fee = read::fee(&entry(json!(88), "usd"), "pi_1", "pi_1", "usd").unwrap().unwrap();
    assert_eq!((fee.reference.as_str(), fee.amount), ("pi_1", Money::new(88, Currency::Usd)));
    let back = read::fee(&entry(json!(-88), "usd"), "pi_1", "pi_1", "usd").unwrap().unwrap();
    assert_eq!(back.amount, Money::new(-88, Currency::Usd));
    for nothing in [entry(json!(0), "usd"), entry(Value::Null, "usd"), json!("txn_1"), Value::Null] {
        assert_eq!(read::fee(&nothing, "pi_1", "pi_1", "usd"), Ok(None));
    }
    assert!(read::fee(&entry(json!(88), "cny"), "pi_1", "pi_1", "usd").is_err(), "exchanged");
    assert!(read::fee(&entry(json!(88), "hkd"), "pi_1", "pi_1", "hkd").is_err(), "no currency of ours");
    let payout = |amount: i64| json!({ "id": "txn_2", "amount": amount, "currency": "usd", "created": 5 });
    assert_eq!(read::payout(&payout(-500)).unwrap().amount, Money::new(500, Currency::Usd));
    assert_eq!(read::payout(&payout(500)).unwrap().amount, Money::new(-500, Currency::Usd));
    assert!(read::payout(&payout(0)).is_err());
}

/// A server that answers everything with the same bytes, and counts how often it was called.
async fn answering(bytes: Vec<u8>) -> (std::net::SocketAddr, Arc<AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let (address, calls) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&calls);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            let mut head = [0; 4_096];
            let _ = socket.read(&mut head).await;
            let _ = socket.write_all(&bytes).await;
            let _ = socket.shutdown().await;
        }
    });
    (address, calls)
}

#[tokio::test]
async fn what_another_try_cannot_mend_is_not_tried_again() {
    let answer = |head: &str, body: usize| {
        let mut bytes = format!("HTTP/1.1 {head}\r\ncontent-length: {body}\r\n\r\n").into_bytes();
        bytes.resize(bytes.len() + body, b' ');
        bytes
    };
    for (what, scheme, bytes, calls) in [
        ("no TLS", "https", answer("200 OK", 2), 1),
        ("elsewhere", "http", answer("302 Found\r\nlocation: https://evil.example", 0), 1),
        ("too large", "http", answer("200 OK", 9 * 1024 * 1024), 1),
        ("a failure", "http", answer("503 Service Unavailable", 0), 3),
        ("nothing", "http", Vec::new(), 3),
    ] {
        let (address, called) = answering(bytes).await;
        let settings = super::StripeSettings { url: format!("{scheme}://{address}"), ..vectors::stripe() };
        let stripe = Stripe::new(&settings, outside(NOW)).unwrap();
        let listed = stripe.movements(Timestamp::from_seconds(0), Timestamp::from_seconds(1)).await;
        assert!(listed.is_err(), "{what}");
        assert_eq!(called.load(Ordering::Relaxed), calls, "{what}: {listed:?}");
    }
}
