//! Stories of the doors for notices: what strangers send there, through HTTP, at each gateway.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Request;
use server::sql;

use crate::both;
use crate::support::TestApp;
use crate::support::bank::{self, GATEWAYS, count};

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

both! {
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
