//! WeChat Pay against the golden vectors and against forgeries.

use axum::http::HeaderMap;
use domain::money::{Currency, Money};
use domain::payments::Told;
use domain::time::Timestamp;
use serde_json::Value;

use super::super::super::gateway::{Gateway, Hint, Rejected};
use super::super::super::list::MovementKind;
use super::super::rsa::{Signer, Verifier};
use super::super::vectors::{self, outside, text, vectors};
use super::{WechatPay, bill, funds, sign};

const NOW: i64 = 1_700_000_000;

fn wechatpay() -> WechatPay {
    WechatPay::new(&vectors::wechatpay(), outside(NOW)).unwrap()
}

fn headers() -> HeaderMap {
    let all = vectors();
    let named = all.pointer("/wechat/notify_headers").and_then(Value::as_object).unwrap();
    named
        .iter()
        .map(|(name, value)| (name.parse().unwrap(), value.as_str().unwrap().parse().unwrap()))
        .collect()
}

fn body() -> Vec<u8> {
    text("/wechat/notify_body").into_bytes()
}

fn verify(headers: &HeaderMap, body: &[u8], seconds: i64) -> Result<String, Rejected> {
    wechatpay().verify(headers, body, Timestamp::from_seconds(seconds))
}

/// The headers of a body, signed by the platform.
fn signed(body: &[u8]) -> HeaderMap {
    let signer = Signer::parse(&text("/wechat/platform_private_key_pem")).unwrap();
    let string = format!("{NOW}\nn\n{}\n", String::from_utf8_lossy(body));
    let mut headers = headers();
    headers.insert("wechatpay-nonce", "n".parse().unwrap());
    headers.insert("wechatpay-signature", signer.sign(string.as_bytes()).unwrap().parse().unwrap());
    headers
}

#[test]
fn requests_are_signed_as_the_golden_ones() {
    let wechatpay = wechatpay();
    let (body, nonce) = (text("/wechat/create_body"), "nonce00000000000000000000000000A");
    let string = sign::request("POST", "/v3/pay/transactions/native", NOW, nonce, &body);
    assert_eq!(string, text("/wechat/create_string_to_sign"));
    let now = Timestamp::from_seconds(NOW);
    let header = wechatpay.authorization("POST", "/v3/pay/transactions/native", &body, nonce, now);
    assert_eq!(header.unwrap(), text("/wechat/create_authorization"));
    let path = "/v3/pay/transactions/out-trade-no/ord1A_0001?mchid=1900000001";
    let nonce = "nonce00000000000000000000000000B";
    assert_eq!(sign::request("GET", path, NOW, nonce, ""), text("/wechat/query_string_to_sign"));
    let header = wechatpay.authorization("GET", path, "", nonce, now).unwrap();
    assert!(header.ends_with(&format!("signature=\"{}\"", text("/wechat/query_signature"))));
    assert_eq!(sign::rfc3339(now), "2023-11-15T06:13:20+08:00");
    // What the other side does with it: our public key accepts the text that was signed, and no other.
    let verifier = Verifier::parse(&text("/wechat/merchant_public_key_pem")).unwrap();
    let authorization = text("/wechat/create_authorization");
    let signature = authorization.split("signature=\"").nth(1).unwrap().trim_end_matches('"');
    assert!(verifier.accepts(text("/wechat/create_string_to_sign").as_bytes(), signature));
    assert!(
        verifier.accepts(text("/wechat/query_string_to_sign").as_bytes(), &text("/wechat/query_signature"))
    );
    assert!(!verifier.accepts(text("/wechat/query_string_to_sign").as_bytes(), signature));
}

#[test]
fn the_text_of_a_notice_is_the_golden_one() {
    let headers = headers();
    let part = |name: &str| headers[name].to_str().unwrap();
    let string = sign::answer(part("wechatpay-timestamp"), part("wechatpay-nonce"), &body());
    assert_eq!(String::from_utf8(string).unwrap(), text("/wechat/notify_string_to_verify"));
}

#[test]
fn the_golden_notice_is_let_in_and_opened() {
    assert_eq!(verify(&headers(), &body(), NOW), Ok("EV-1".to_owned()));
    let (kind, inside) = wechatpay().unseal_notice(&body()).unwrap();
    assert_eq!(kind, "TRANSACTION.SUCCESS");
    let plain: Value = serde_json::from_str(&text("/wechat/notify_plaintext")).unwrap();
    assert_eq!(inside, plain);
    let hint = wechatpay().read(&body());
    let money = Told::Confirmed {
        charge: "4200000000202601020000000001".to_owned(),
        amount: Money::new(1999, Currency::Cny),
    };
    assert_eq!(hint, Some(Hint::Payment { payment: None, claimed: money }));
}

#[test]
fn row_10_times_serials_and_signatures_are_checked() {
    for seconds in [NOW - 301, NOW - 300, NOW + 300, NOW + 301] {
        assert_eq!(verify(&headers(), &body(), seconds), Err(Rejected::Signature), "{seconds}");
    }
    for seconds in [NOW - 299, NOW + 299] {
        assert!(verify(&headers(), &body(), seconds).is_ok(), "{seconds}");
    }
    for name in ["wechatpay-timestamp", "wechatpay-nonce", "wechatpay-serial", "wechatpay-signature"] {
        let mut without = headers();
        without.remove(name);
        assert_eq!(verify(&without, &body(), NOW), Err(Rejected::Signature), "without {name}");
        let mut other = headers();
        other.insert(name, "1700000001".parse().unwrap());
        assert_eq!(verify(&other, &body(), NOW), Err(Rejected::Signature), "another {name}");
    }
    let mut scheme = headers();
    scheme.insert("wechatpay-signature-type", "WECHATPAY2-SM2-WITH-SM3".parse().unwrap());
    assert_eq!(verify(&scheme, &body(), NOW), Err(Rejected::Signature));
    // A probe: WeChat Pay sends wrong signatures on purpose.
    let mut probe = headers();
    let signature = format!("WECHATPAY/SIGNTEST/{}", text("/wechat/notify_headers/Wechatpay-Signature"));
    probe.insert("wechatpay-signature", signature.parse().unwrap());
    assert_eq!(verify(&probe, &body(), NOW), Err(Rejected::Signature));
    let golden = body();
    for at in 0..golden.len() {
        let mut flipped = golden.clone();
        flipped[at] ^= 1;
        assert_eq!(verify(&headers(), &flipped, NOW), Err(Rejected::Signature), "byte {at}");
    }
}

#[test]
fn row_10_what_is_signed_but_sealed_otherwise_is_refused() {
    let change = |pointer: &str, value: &str| {
        let mut envelope: Value = serde_json::from_slice(&body()).unwrap();
        *envelope.pointer_mut(pointer).unwrap() = value.into();
        envelope.to_string().into_bytes()
    };
    let same = change("/id", "EV-2");
    assert_eq!(verify(&signed(&same), &same, NOW), Ok("EV-2".to_owned()), "the harness signs well");
    let sealed = serde_json::from_slice::<Value>(&body()).unwrap()["resource"]["ciphertext"].clone();
    let sealed = sealed.as_str().unwrap().to_owned();
    let flipped = format!("{}{}", if sealed.starts_with('A') { 'B' } else { 'A' }, &sealed[1..]);
    for (pointer, value) in [
        ("/resource/ciphertext", flipped.as_str()),
        ("/resource/ciphertext", &sealed[..sealed.len() - 4]),
        ("/resource/ciphertext", ""),
        ("/resource/ciphertext", "!"),
        ("/resource/nonce", "short"),
        ("/resource/nonce", "a nonce that is too long"),
        ("/resource/algorithm", "AEAD_AES_128_GCM"),
        ("/resource/associated_data", "another"),
        ("/id", ""),
    ] {
        let odd = change(pointer, value);
        assert_eq!(verify(&signed(&odd), &odd, NOW), Err(Rejected::Unreadable), "{pointer}={value}");
    }
    for odd in [&b""[..], b"[]", b"{}", b"\xff"] {
        assert!(verify(&signed(odd), odd, NOW).is_err());
    }
}

#[test]
fn row_10_a_key_of_sixteen_bytes_is_refused_at_the_start() {
    let mut settings = vectors::wechatpay();
    for key in ["0123456789abcdef", "", "0123456789abcdef0123456789abcdef0"] {
        settings.api_key = key.to_owned();
        assert_eq!(WechatPay::check(&settings).first().map(|fault| fault.0), Some("WECHATPAY_API_KEY"));
        assert!(WechatPay::new(&settings, outside(NOW)).is_err());
    }
}

/// A bill of trades with these lines.
fn trades(lines: &[&str]) -> String {
    let names = "交易时间,公众账号ID,商户号,微信订单号,商户订单号,交易状态,货币种类,微信退款单号,商户退款单号,退款金额,退款状态,手续费,订单金额,申请退款金额";
    format!("\u{feff}{names}\n{}\n总交易单数,应结订单总金额\n`3,`19.99\n", lines.join("\n"))
}

#[test]
fn a_bill_is_read_by_the_names_of_its_columns() {
    let text = trades(&[
        "`2026-01-02 03:04:20,`wx,`19,`T1,`ord1,`SUCCESS,`CNY,`0,`0,`0.00,`,`0.12000,`19.99,`0.00",
        "`2026-01-02 05:00:00,`wx,`19,`T1,`ord1,`REFUND,`CNY,`R1,`ref1,`5.00,`SUCCESS,`-0.03000,`19.99,`5.00",
        "`2026-01-02 05:00:01,`wx,`19,`T2,`ord2,`REVOKED,`CNY,`0,`0,`0.00,`,`0.00000,`1.00,`0.00",
        "`2026-01-02 05:00:02,`wx,`19,`T3,`ord3,`SUCCESS,`HKD,`0,`0,`0.00,`,`0.01000,`1.00,`0.00",
        "`2026-01-02 05:00:03,`wx,`19,`T4,`ord4,`SUCCESS,`CNY,`0,`0,`0.00,`,`0.00000,`1.005,`0.00",
        "`yesterday,`wx,`19,`T5,`ord5,`SUCCESS,`CNY,`0,`0,`0.00,`,`0.00000,`1.00,`0.00",
        "`2026-01-02 05:00:04,`wx,`19,`T6,`ord6,`SUCCESS,`CNY,`0,`0,`0.00,`,`0.00600,`1.00,`0.00",
    ]);
    let lines = bill::read(&text).unwrap();
    let read: Vec<_> = lines.iter().filter_map(|line| line.as_ref().ok()).collect();
    let seen: Vec<_> =
        read.iter().map(|line| (line.kind, line.reference.as_str(), line.amount.minor)).collect();
    let expected = [
        (MovementKind::Charge, "T1", 1999),
        (MovementKind::Fee, "T1", 12),
        (MovementKind::Refund, "ref1", 500),
        (MovementKind::Fee, "ref1", -3),
        (MovementKind::Charge, "T6", 100),
    ];
    assert_eq!(seen, expected, "a line that cannot be read does not end the others");
    assert_eq!(read[0].at, Timestamp::from_seconds(1_767_294_260));
    assert_eq!((read[2].charge.as_str(), read[2].stage.as_str()), ("T1", "SUCCESS"));
    let odd: Vec<_> = lines.iter().filter_map(|line| line.as_ref().err()).collect();
    let odd: Vec<_> = odd.iter().map(|line| (line.reference.as_str(), line.why.as_str())).collect();
    assert_eq!(odd, [("T3", "1.00 HKD"), ("T4", "1.005 CNY"), ("T5", "1.00 CNY"), ("T6", "fee 0.00600 CNY")]);
    assert!(bill::read("交易时间\n`x").is_none());
}

#[test]
fn a_bill_of_funds_tells_what_went_to_the_bank() {
    let text = "\u{feff}记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额（元）,账户结余（元）,备注\n\
        `2026-01-02 03:04:20,`1,`F1,`交易,`交易,`收入,`19.99,`19.99,`\n\
        `2026-01-02 03:04:20,`1,`F2,`扣除交易手续费,`扣除交易手续费,`支出,`0.12,`19.87,`\n\
        `2026-01-02 09:00:00,`2,`F3,`提现,`提现,`支出,`19.87,`0.00,`\n\
        `2026-01-02 10:00:00,`2,`F4,`提现,`提现退回,`收入,`19.87,`19.87,`\n\
        `2026-01-02 11:00:00,`3,`F5,`提现,`提现,`其他,`1.00,`0.00,`\n\
        资金流水总笔数,收入笔数\n`5,`2\n";
    let lines = funds::read(text).unwrap();
    let read: Vec<_> = lines.iter().filter_map(|line| line.as_ref().ok()).collect();
    let seen: Vec<_> =
        read.iter().map(|line| (line.kind, line.reference.as_str(), line.amount.minor)).collect();
    assert_eq!(seen, [(MovementKind::Payout, "F3", 1987), (MovementKind::Payout, "F4", -1987)]);
    assert_eq!(lines.iter().filter_map(|line| line.as_ref().err()).count(), 1);
    assert!(funds::read("记账时间\n`x").is_none());
}
