//! Stories of the doors for notices: what strangers send there, through HTTP, at each gateway.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Request;
use fakepay::{Notice, Part};
use ring::hmac;
use serde_json::Value;
use server::features::payments::signature;
use server::sql;

use crate::both;
use crate::support::TestApp;
use crate::support::bank::{self, Bank, Buyer, GATEWAYS, count};
use crate::support::shop::COURSE;

/// The header of a notice of Stripe.
const SIGNATURE: &str = "stripe-signature";

/// How long the slowest answer to a stranger may take.
const SOON: Duration = Duration::from_millis(50);

/// What a stranger sends: headers and a body.
struct Knock {
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Knock {
    fn new(headers: &[(&'static str, &str)], body: impl Into<Vec<u8>>) -> Self {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self { headers, body: body.into() }
    }
}

/// The status of the answer, and how long it took at best: the machine has other work as well.
async fn knocks(app: &TestApp, gateway: &str, knock: &Knock) -> (u16, Duration) {
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let mut request = Request::post(format!("/pay/{gateway}/notify"));
        for (name, value) in &knock.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Body::from(knock.body.clone())).unwrap();
        let mut stranger = app.stranger();
        let start = Instant::now();
        let status = stranger.sends(request).await.status.as_u16();
        best = best.min(start.elapsed());
        if best < SOON {
            return (status, best);
        }
    }
    panic!("{gateway} takes {best:?} for {} bytes", knock.body.len());
}

/// Bodies that make whoever reads them carelessly work for seconds, or need memory that they do not have.
fn floods(seconds: i64) -> Vec<(&'static str, Knock, u16)> {
    let mega = 1024 * 1024;
    let fields = |count: usize| (0..count).map(|at| format!("f{at}=1")).collect::<Vec<_>>().join("&");
    let escaped = |bytes: usize| format!("sign_type=RSA2&sign=x&subject={}", "%E8%AF%BE".repeat(bytes / 9));
    let signed = |tags: String| format!("t={seconds}{tags}");
    let wechatpay = |signature: &str| {
        [
            ("wechatpay-timestamp", seconds.to_string()),
            ("wechatpay-nonce", "n".to_owned()),
            ("wechatpay-serial", "PUB_KEY_ID_TEST01".to_owned()),
            ("wechatpay-signature", signature.to_owned()),
        ]
    };
    let with = |headers: &[(&'static str, String)], body: Vec<u8>| Knock { headers: headers.to_vec(), body };
    let tags = |tag: &str, times: usize| [("stripe-signature", signed(format!(",v1={tag}").repeat(times)))];
    let body = vec![b'x'; mega];
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)).into_bytes();
    vec![
        ("two megabytes", Knock::new(&[], vec![b' '; 2 * mega]), 413),
        ("a bomb", Knock::new(&[("content-encoding", "gzip")], bomb()), 413),
        (
            "two codings",
            Knock::new(&[("content-encoding", "identity"), ("content-encoding", "br")], "x"),
            413,
        ),
        ("depth", Knock::new(&[], deep.clone()), 400),
        ("no text", Knock::new(&[], &b"\xff\xfe{}"[..]), 400),
        ("sixty thousand fields", Knock::new(&[], fields(60_000)), 400),
        ("six thousand fields", Knock::new(&[], fields(6_000)), 400),
        ("a long name", Knock::new(&[], format!("{}=1", "a".repeat(60_000))), 400),
        ("a long value", Knock::new(&[], escaped(mega - 100)), 400),
        ("a value", Knock::new(&[], escaped(60_000)), 400),
        ("a long signature", Knock::new(&[], format!("sign_type=RSA2&sign={}", "A".repeat(60_000))), 400),
        ("empty tags", with(&tags("", 90_000), body.clone()), 400),
        ("short tags", with(&tags("00", 60_000), body.clone()), 400),
        ("many tags", with(&tags(&"0".repeat(64), 5_000), body.clone()), 400),
        ("as many tags as are read", with(&tags(&"0".repeat(64), 8), body.clone()), 400),
        ("signed depth", with(&wechatpay("AAAA"), deep), 400),
        ("a long text", with(&wechatpay(&"A".repeat(340)), body.clone()), 400),
        ("a long header", with(&wechatpay(&"A".repeat(300_000)), body), 400),
    ]
}

/// Ten megabytes in ten thousand bytes.
fn bomb() -> Vec<u8> {
    use std::io::Write;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&vec![b' '; 10 * 1024 * 1024]).unwrap();
    packed.finish().unwrap()
}

/// A notice of somebody who has paid at a gateway, and who that is.
async fn paid(bank: &Bank, name: &str, gateway: &str) -> (Buyer, Notice) {
    let bob = Buyer::of(bank, name, COURSE, gateway).await;
    bank.fake.pay(&bob.number);
    (bob, bank.fake.outbox().remove(0))
}

/// The same notice with another header, or without it.
fn with(notice: &Notice, name: &str, value: Option<&str>) -> Notice {
    let mut notice = notice.clone();
    notice.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    notice.headers.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    notice
}

fn header<'a>(notice: &'a Notice, name: &str) -> &'a str {
    &notice.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).expect("a header").1
}

/// The same notice with other bytes.
fn saying(notice: &Notice, body: impl Into<Vec<u8>>) -> Notice {
    Notice { body: body.into(), ..notice.clone() }
}

/// Every forgery is refused in the words of the gateway and leaves nothing but a count; then the good one is let in.
async fn refuses(bank: &Bank, forged: &[(&str, Notice)], good: &Notice, word: &str) {
    let before = bank.app.services.payments.rejected();
    for (what, notice) in forged {
        let (status, body) = bank.fake.send(notice).await;
        assert_eq!(status, 400, "{what}");
        assert!(!body.contains("success") && body.contains(word), "{what}: {body}");
    }
    let refused = bank.app.services.payments.rejected() - before;
    assert_eq!(refused, u64::try_from(forged.len()).unwrap(), "each is counted");
    assert_eq!(count(&bank.app, sql!("select count(*) as n from notices")).await, 0, "nothing is stored");
    bank.app.runs_jobs().await;
    assert_eq!(count(&bank.app, sql!("select count(*) as n from charges")).await, 0);
    assert_eq!(bank.fake.send(good).await.0, 200, "nobody is kept out for what others sent");
}

both! {
    async fn row_1_forged_notices_of_stripe_are_refused(app: TestApp) {
        let bank = bank::open(app).await;
        let (bob, good) = paid(&bank, "bob", "stripe").await;
        let now = bank.app.services.kit.now();
        let key = |secret: &[u8]| hmac::Key::new(hmac::HMAC_SHA256, secret);
        let signed = |notice: &Notice| header(notice, SIGNATURE).to_owned();
        let spaced = saying(&good, [good.body.as_slice(), b" "].concat());
        let other = signature::sign(&key(b"whsec_other"), now, &good.body);
        let forged = [
            ("no header", with(&good, SIGNATURE, None)),
            ("an empty header", with(&good, SIGNATURE, Some(""))),
            ("another secret", with(&good, SIGNATURE, Some(&other))),
            ("a space more", spaced),
            ("a byte less", saying(&good, &good.body[1..])),
            ("only v0", with(&good, SIGNATURE, Some(&signed(&good).replace("v1=", "v0=")))),
            ("no hexadecimal", with(&good, SIGNATURE, Some(&signed(&good).replace("v1=", "v1=zz")))),
            ("half a tag", with(&good, SIGNATURE, Some(&signed(&good)[..signed(&good).len() - 32]))),
            ("no time", with(&good, SIGNATURE, Some(signed(&good).split_once(',').unwrap().1))),
            ("another time", with(&good, SIGNATURE, Some(&signed(&good).replacen("t=", "t=1", 1)))),
        ];
        refuses(&bank, &forged, &good, "").await;
        bank.app.runs_jobs().await;
        assert!(bob.owns(&bank.app, COURSE).await);
    }

    async fn row_2_times_of_stripe_are_bounded_and_secrets_roll(app: TestApp) {
        let bank = bank::open(app).await;
        let (bob, good) = paid(&bank, "bob", "stripe").await;
        let now = bank.app.services.kit.now().seconds();
        let at = |seconds: i64| good.clone().signed_at(now + seconds);
        let early_and_late = [("five minutes and a second ago", at(-301)), ("in five minutes and a second", at(301))];
        let wrong = "0".repeat(64);
        let rolled = header(&at(-299), SIGNATURE).replacen("v1=", &format!("v1={wrong},v1="), 1);
        refuses(&bank, &early_and_late, &with(&good, SIGNATURE, Some(&rolled)), "").await;
        for seconds in [-299, 299] {
            assert_eq!(bank.fake.send(&at(seconds)).await.0, 200, "{seconds}");
        }
        bank.app.runs_jobs().await;
        assert!(bob.owns(&bank.app, COURSE).await);
        assert_eq!(count(&bank.app, sql!("select count(*) as n from notices")).await, 1, "one event, however often");
    }

    async fn row_8_forged_notices_of_alipay_never_get_the_word(app: TestApp) {
        let bank = bank::open(app).await;
        let (bob, good) = paid(&bank, "bob", "alipay").await;
        let text = String::from_utf8(good.body.clone()).unwrap();
        let without = |name: &str| {
            let fields: Vec<_> = text.split('&').filter(|field| !field.starts_with(&format!("{name}="))).collect();
            saying(&good, fields.join("&"))
        };
        let says = |field: &str, value: &str| good.clone().says(field, value, 0).expect("a field");
        let more = |field: &str| saying(&good, format!("{text}&{field}"));
        let forged = [
            ("a bad signature", good.clone().corrupt(Part::Signature, 0).unwrap()),
            ("another body", good.clone().corrupt(Part::Body, 0).unwrap()),
            ("a weaker signature", saying(&good, text.replace("sign_type=RSA2", "sign_type=RSA"))),
            ("no signature", without("sign")),
            ("no kind of signature", without("sign_type")),
            ("another application", says("app_id", "2021000000000009")),
            ("another seller", says("seller_id", "2088000000000009")),
            ("an amount twice", more("total_amount=0.01")),
            ("a status twice", more("trade_status=TRADE_CLOSED")),
            ("a name twice, escaped", more("total%5Famount=0.01")),
            ("three decimals", says("total_amount", "39.000")),
            ("an exponent", says("total_amount", "3.9e1")),
            ("a space", says("total_amount", "39.00 ")),
            ("a sign", says("total_amount", "+39.00")),
            ("no text", saying(&good, [text.as_bytes(), b"&x=%ff"].concat())),
        ];
        refuses(&bank, &forged, &good, "failure").await;
        assert_eq!(bank.fake.send(&good).await.1, "success", "seven bytes and no more");
        bank.app.runs_jobs().await;
        assert!(bob.owns(&bank.app, COURSE).await);
    }

    async fn row_10_forged_notices_of_wechat_pay_fail_in_its_words(app: TestApp) {
        let bank = bank::open(app).await;
        let (bob, good) = paid(&bank, "bob", "wechatpay").await;
        let now = bank.app.services.kit.now().seconds();
        let part = |part: Part| good.clone().corrupt(part, now).expect("a part");
        let probe = format!("WECHATPAY/SIGNTEST/{}", header(&good, "wechatpay-signature"));
        // Well signed, and sealed otherwise.
        let sealed = |place: &str, value: &str| {
            let mut body: Value = serde_json::from_slice(&good.body).unwrap();
            *body.pointer_mut(place).unwrap() = value.into();
            saying(&good, body.to_string()).signed_at(now)
        };
        let forged = [
            ("301 seconds ago", good.clone().signed_at(now - 301)),
            ("in 301 seconds", good.clone().signed_at(now + 301)),
            ("an unknown key", part(Part::Serial)),
            ("another nonce", part(Part::Nonce)),
            ("a probe", with(&good, "wechatpay-signature", Some(&probe))),
            ("no signature", with(&good, "wechatpay-signature", None)),
            ("a bad signature", part(Part::Signature)),
            ("another body", part(Part::Body)),
            ("a bit of the tag", part(Part::Tag)),
            ("a nonce of thirteen bytes", part(Part::SealNonce)),
            ("a nonce of eleven bytes", sealed("/resource/nonce", "elevenbytes")),
            ("no nonce", sealed("/resource/nonce", "")),
            ("another algorithm", sealed("/resource/algorithm", "AEAD_AES_128_GCM")),
            ("no base64", sealed("/resource/ciphertext", "!")),
            ("less than a tag", sealed("/resource/ciphertext", "AAAA")),
            ("another merchant", good.clone().says("mchid", "1900000009", now).unwrap()),
            ("another application", good.clone().says("appid", "wx0000000000000009", now).unwrap()),
        ];
        refuses(&bank, &forged, &good, "FAIL").await;
        bank.app.runs_jobs().await;
        assert!(bob.owns(&bank.app, COURSE).await);
    }

    async fn row_11_what_is_well_signed_and_no_notice_is_refused(app: TestApp) {
        let bank = bank::open(app).await;
        let now = bank.app.services.kit.now().seconds();
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        for (gateway, word) in [("stripe", ""), ("wechatpay", "FAIL")] {
            let (_, good) = paid(&bank, gateway, gateway).await;
            let half = good.body.get(..good.body.len() / 2).unwrap().to_vec();
            // With the right key: it is the body alone that is none.
            let bodies = [
                ("depth", deep.clone().into_bytes()),
                ("depth inside", format!("{{\"id\":\"evt_1\",\"type\":\"x\",\"data\":{deep}}}").into_bytes()),
                ("no text", b"\xff\xfe{}".to_vec()),
                ("half of it", half),
                ("nothing", Vec::new()),
                ("null", b"null".to_vec()),
                ("a list", b"[]".to_vec()),
                ("an object of nothing", b"{}".to_vec()),
            ];
            let forged = bodies.map(|(what, body)| (what, saying(&good, body).signed_at(now)));
            let before = count(&bank.app, sql!("select count(*) as n from notices")).await;
            for (what, notice) in &forged {
                let (status, body) = bank.fake.send(notice).await;
                assert_eq!(status, 400, "{gateway} {what}: {body}");
                assert!(!body.contains("success") && body.contains(word), "{what}: {body}");
            }
            assert_eq!(count(&bank.app, sql!("select count(*) as n from notices")).await, before, "nothing is stored");
            assert_eq!(bank.fake.send(&good).await.0, 200);
        }
    }

    async fn row_11_floods_are_refused_soon(app: TestApp) {
        let bank = bank::open(app).await;
        let floods = floods(bank.app.services.kit.now().seconds());
        for gateway in GATEWAYS.into_iter().chain(["sandbox"]) {
            for (what, flood, expected) in &floods {
                let (status, took) = knocks(&bank.app, gateway, flood).await;
                assert_eq!(status, *expected, "{gateway}: {what} took {took:?}");
            }
        }
        assert_eq!(count(&bank.app, sql!("select count(*) as n from notices")).await, 0);
    }
}
