//! Alipay against the golden vectors and against forgeries.

use axum::http::HeaderMap;
use domain::money::{Currency, Money};
use domain::payments::Told;
use domain::time::Timestamp;
use serde_json::Value;

use super::super::super::gateway::{Gateway, Hint, Of, Rejected};
use super::super::form;
use super::super::rsa::{Signer, Verifier};
use super::super::vectors::{self, outside, text, vectors};
use super::api::{Reply, beijing};
use super::{Alipay, notice, sign};

fn alipay() -> Alipay {
    Alipay::new(&vectors::alipay(), outside(1_767_294_245)).unwrap()
}

fn pairs(pointer: &str) -> Vec<(String, String)> {
    let all = vectors();
    let object = all.pointer(pointer).and_then(Value::as_object).unwrap();
    object.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
}

/// What Alipay answers: an object and its signature.
fn answer(object: &str) -> (String, String) {
    let signer = Signer::parse(&text("/alipay/alipay_private_key_pem")).unwrap();
    (object.to_owned(), signer.sign(object.as_bytes()).unwrap())
}

/// A notice with these fields, signed by Alipay.
fn signed(mut fields: Vec<(String, String)>) -> Vec<u8> {
    let signer = Signer::parse(&text("/alipay/alipay_private_key_pem")).unwrap();
    let sign = signer.sign(sign::text(&fields, &[]).as_bytes()).unwrap();
    fields.push(("sign".to_owned(), sign));
    fields.push(("sign_type".to_owned(), "RSA2".to_owned()));
    form::encode(&fields).into_bytes()
}

fn admit(body: &[u8]) -> Result<String, Rejected> {
    alipay().verify(&HeaderMap::new(), body, Timestamp::from_seconds(0))
}

fn golden() -> Vec<(String, String)> {
    let mut fields = pairs("/alipay/notify_params_without_sign");
    fields.push(("sign".to_owned(), text("/alipay/notify_sign")));
    fields.push(("sign_type".to_owned(), text("/alipay/notify_sign_type")));
    fields
}

#[test]
fn a_request_is_signed_as_the_golden_one() {
    let fields = pairs("/alipay/page_pay_params");
    let string = sign::text(&fields, &["sign"]);
    assert_eq!(string, text("/alipay/page_pay_string_to_sign"));
    let signer = Signer::parse(&text("/alipay/app_private_key_pem")).unwrap();
    assert_eq!(signer.sign(string.as_bytes()).unwrap(), text("/alipay/page_pay_sign"));
    let bare: String =
        text("/alipay/app_private_key_pem").lines().filter(|line| !line.starts_with("---")).collect();
    assert!(Signer::parse(&bare).is_ok(), "bare base64 is how Alipay hands keys out");
}

#[test]
fn a_signed_address_verifies_with_our_public_key() {
    let address = alipay().page_pay(&serde_json::json!({ "subject": "课程 A" }), "https://x/y").unwrap();
    let query = address.split_once('?').unwrap().1;
    let fields = form::decode(query.as_bytes()).unwrap();
    let verifier = Verifier::parse(&text("/alipay/app_public_key_pem")).unwrap();
    let sign = &fields.iter().find(|(name, _)| name == "sign").unwrap().1;
    assert!(verifier.accepts(sign::text(&fields, &["sign"]).as_bytes(), sign));
    assert!(query.contains("timestamp=2026-01-02%2003%3A04%3A05"), "{query}");
    assert_eq!(beijing(Timestamp::from_seconds(1_767_294_245)), "2026-01-02 03:04:05");
}

#[test]
fn the_golden_notice_is_let_in() {
    assert_eq!(admit(form::encode(&golden()).as_bytes()), Ok("n-1".to_owned()));
    let string = sign::text(&golden(), &["sign", "sign_type"]);
    assert_eq!(string, text("/alipay/notify_string_to_sign"));
    let with_type = sign::text(&golden(), &["sign"]);
    let verifier = Verifier::parse(&text("/alipay/alipay_public_key_pem")).unwrap();
    assert!(!verifier.accepts(with_type.as_bytes(), &text("/alipay/notify_sign")), "the sign_type trap");
}

#[test]
fn a_changed_field_is_refused() {
    for at in 0..golden().len() {
        let mut fields = golden();
        fields[at].1.push('1');
        assert!(admit(form::encode(&fields).as_bytes()).is_err(), "{}", fields[at].0);
    }
    for gone in ["sign", "sign_type", "total_amount"] {
        let fields: Vec<_> = golden().into_iter().filter(|(name, _)| name != gone).collect();
        assert_eq!(admit(form::encode(&fields).as_bytes()), Err(Rejected::Signature), "{gone}");
    }
    let mut swapped = golden();
    let (one, two) = (swapped[0].1.clone(), swapped[2].1.clone());
    (swapped[0].1, swapped[2].1) = (two, one);
    assert!(admit(form::encode(&swapped).as_bytes()).is_err());
}

#[test]
fn row_8_what_is_signed_but_not_ours_is_refused() {
    let with = |name: &str, value: &str| {
        let mut fields = pairs("/alipay/notify_params_without_sign");
        fields.iter_mut().filter(|(known, _)| known == name).for_each(|(_, old)| *old = value.to_owned());
        signed(fields)
    };
    assert!(admit(&with("subject", "another")).is_ok(), "the harness signs well");
    for (name, value) in [
        ("app_id", "2021000000000009"),
        ("seller_id", "2088000000000009"),
        ("total_amount", "19.990"),
        ("total_amount", "1e1"),
        ("total_amount", "19.99 "),
        ("total_amount", "-19.99"),
        ("notify_id", ""),
    ] {
        assert_eq!(admit(&with(name, value)), Err(Rejected::Unreadable), "{name}={value}");
    }
    let downgraded = form::encode(&golden()).replace("sign_type=RSA2", "sign_type=RSA");
    assert_eq!(admit(downgraded.as_bytes()), Err(Rejected::Signature));
    let twice = format!("{}&total_amount=0.01", form::encode(&golden()));
    assert_eq!(admit(twice.as_bytes()), Err(Rejected::Unreadable));
    assert_eq!(admit(b"\xff"), Err(Rejected::Unreadable));
}

#[test]
fn refunds_told_as_sales_are_reversals() {
    let number = "0123456789abcdef0123456789abcdef";
    let base = |more: &str| {
        format!("out_trade_no={number}&trade_no=T1&total_amount=19.99&trade_status=TRADE_SUCCESS{more}")
    };
    let hint = notice::read(base("").as_bytes()).unwrap();
    let money = Told::Confirmed { charge: "T1".to_owned(), amount: Money::new(1999, Currency::Cny) };
    assert!(matches!(hint, Hint::Payment { payment: Some(_), claimed } if claimed == money));
    let hint = notice::read(base("&refund_fee=1.00&gmt_refund=2026&out_biz_no=R1").as_bytes()).unwrap();
    assert!(
        matches!(hint, Hint::Reversal { of: Of::Both(_, charge), reference } if reference == "R1" && charge == "T1")
    );
    let hint = notice::read(base("&refund_fee=1.00").as_bytes()).unwrap();
    assert!(
        matches!(hint, Hint::Reversal { reference, .. } if reference == number),
        "it goes by the number of its trade"
    );
    let strange = "out_trade_no=x&trade_no=T2&total_amount=1.00&trade_status=TRADE_CLOSED&refund_fee=1.00&out_biz_no=R2";
    let hint = notice::read(strange.as_bytes()).unwrap();
    assert_eq!(hint, Hint::Reversal { of: Of::Charge("T2".to_owned()), reference: "R2".to_owned() });
    assert_eq!(notice::read(b"out_trade_no=x&refund_fee=1.00"), None, "of nothing that has a name");
}

#[test]
fn the_golden_answer_is_believed_and_a_changed_one_is_not() {
    let body = text("/alipay/sync_response_body");
    let raw = sign::raw_object(&body, "alipay_trade_query_response").unwrap();
    assert_eq!(raw, text("/alipay/sync_signed_substring"));
    let reply = alipay().read("alipay.trade.query", body.as_bytes());
    assert!(matches!(reply, Ok(Reply::Ok(trade)) if trade["trade_no"] == "2026010222000000000000000001"));
    for (from, to) in
        [("19.99", "19.98"), ("TRADE_SUCCESS", "TRADE_FINISHED"), ("\"sign\":\"", "\"sign\":\"A")]
    {
        let changed = body.replacen(from, to, 1);
        assert_ne!(changed, body);
        assert!(alipay().read("alipay.trade.query", changed.as_bytes()).is_err(), "{from}");
    }
    assert!(alipay().read("alipay.trade.close", body.as_bytes()).is_err(), "the answer to another question");
    for odd in ["", "{}", "{\"alipay_trade_query_response\":", "{\"alipay_trade_query_response\":1}"] {
        assert!(alipay().read("alipay.trade.query", odd.as_bytes()).is_err(), "{odd}");
    }
}

#[test]
fn what_was_signed_is_what_is_read() {
    const NAME: &str = "\"alipay_trade_query_response\"";
    let (open, sign) = answer(r#"{"code":"10000","trade_status":"WAIT_BUYER_PAY"}"#);
    let paid = r#"{"code":"10000","trade_status":"TRADE_SUCCESS"}"#;
    for body in [
        // The member that was signed, and a second one, of which a parser takes the last.
        format!("{{{NAME}:{open},{NAME}:{paid},\"sign\":\"{sign}\"}}"),
        format!("{{{NAME}:{open},\"sign\":\"{sign}\",{NAME}:{paid}}}"),
        // What was signed, deeper or in a text, and the member of that name beside it.
        format!("{{\"a\":{{{NAME}:{open}}},{NAME}:{paid},\"sign\":\"{sign}\"}}"),
        format!("{{{NAME}:{paid},\"a\":{{{NAME}:{open}}},\"sign\":\"{sign}\"}}"),
        format!("{{{NAME} :{paid},{NAME}:{open},\"sign\":\"{sign}\"}}"),
    ] {
        match alipay().read("alipay.trade.query", body.as_bytes()) {
            Ok(Reply::Ok(trade)) => assert_eq!(trade["trade_status"], "WAIT_BUYER_PAY", "{body}"),
            other => assert!(other.is_err(), "{body}: {other:?}"),
        }
    }
    // Signed with its slashes escaped: the same object, as it was signed.
    let (escaped, sign) = answer(r#"{"code":"10000","a":"x\/y"}"#);
    let body = format!("{{{NAME}:{},\"sign\":\"{sign}\"}}", escaped.replace("\\/", "/"));
    let reply = alipay().read("alipay.trade.query", body.as_bytes());
    assert!(matches!(&reply, Ok(Reply::Ok(object)) if object["a"] == "x/y"), "{reply:?}");
}
