//! The fake WeChat Pay, version 3.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, FixedOffset, SecondsFormat};
use serde_json::{Value, json};

use crate::Shared;
use crate::bill::{self, Bill};
use crate::keys;
use crate::trouble::failing;
use crate::world::{Kind, Refund, Stage, Step, Trade, World, fee};

/// An instant as WeChat Pay writes it.
pub fn rfc3339(seconds: i64) -> String {
    let zone = FixedOffset::east_opt(8 * 3_600);
    let time = DateTime::from_timestamp(seconds, 0).zip(zone);
    let text = time.map(|(time, zone)| time.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Secs, false));
    text.unwrap_or_default()
}

/// The headers of an answer or a notice.
pub fn signed(now: i64, body: &[u8]) -> Vec<(String, String)> {
    let nonce = "fakepaynonce";
    let mut text = format!("{now}\n{nonce}\n").into_bytes();
    text.extend_from_slice(body);
    text.push(b'\n');
    [
        ("content-type", "application/json".to_owned()),
        ("wechatpay-timestamp", now.to_string()),
        ("wechatpay-nonce", nonce.to_owned()),
        ("wechatpay-serial", keys::WECHAT_PLATFORM_SERIAL.to_owned()),
        ("wechatpay-signature-type", "WECHATPAY2-SHA256-RSA2048".to_owned()),
        ("wechatpay-signature", keys::sign(keys::PLATFORM_PRIVATE, &text)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// A transaction as WeChat Pay shows it.
pub fn transaction(world: &World, trade: &Trade) -> Value {
    let state = match trade.stage {
        Stage::Open | Stage::Slow => "NOTPAY",
        Stage::Paid if world.refunded(&trade.number) > 0 => "REFUND",
        Stage::Paid => "SUCCESS",
        Stage::Declined => "PAYERROR",
        Stage::Closed => "CLOSED",
    };
    let object = json!({
        "mchid": if trade.stranger { "1900000009" } else { keys::WECHAT_MERCHANT },
        "appid": keys::WECHAT_APP, "out_trade_no": trade.number,
        "trade_type": "NATIVE", "trade_state": state, "trade_state_desc": state,
        "amount": { "total": trade.taken, "payer_total": trade.taken, "currency": trade.currency.to_uppercase() },
    });
    if trade.stage != Stage::Paid {
        return object;
    }
    let paid = json!({ "transaction_id": trade.charge, "success_time": rfc3339(trade.paid_at) });
    joined(object, paid)
}

/// One object with the members of both.
fn joined(mut object: Value, more: Value) -> Value {
    if let (Value::Object(all), Value::Object(more)) = (&mut object, more) {
        all.extend(more);
    }
    object
}

/// A refund as WeChat Pay shows it.
pub fn refund_object(world: &World, refund: &Refund) -> Value {
    let trade = world.trades.get(&refund.of);
    let taken = trade.map_or(0, |trade| trade.taken);
    json!({
        "refund_id": refund.id, "out_refund_no": refund.number.clone().unwrap_or_else(|| refund.id.clone()),
        "out_trade_no": refund.of, "transaction_id": trade.map(|trade| trade.charge.clone()),
        "status": status(refund.step), "amount": { "refund": refund.amount, "total": taken, "currency": "CNY" },
    })
}

const fn status(step: Step) -> &'static str {
    match step {
        Step::Pending => "PROCESSING",
        Step::Succeeded => "SUCCESS",
        Step::Failed => "CLOSED",
        Step::Stuck => "ABNORMAL",
    }
}

/// The notice of a refund; while it is worked on there is none.
pub fn told(world: &mut World, trade: &Trade, refund: &Refund, now: i64) -> Option<crate::notices::Notice> {
    if refund.step == Step::Pending {
        return None;
    }
    let status = status(refund.step);
    let more = json!({ "mchid": keys::WECHAT_MERCHANT, "refund_status": status });
    let inside = joined(refund_object(world, refund), more);
    Some(crate::notices::wechatpay(world, &trade.notify_url, &format!("REFUND.{status}"), &inside, now))
}

/// What of its fee WeChat Pay gives back with a part of a payment.
pub fn fee_back(world: &World, amount: i64) -> i64 {
    if world.fees_back { fee(Kind::WechatPay, amount) } else { 0 }
}

fn part(header: &str, name: &str) -> String {
    let found = header
        .split(',')
        .filter_map(|pair| pair.split_once('='))
        .find(|(known, _)| known.trim().trim_start_matches("WECHATPAY2-SHA256-RSA2048 ") == name);
    found.map(|(_, value)| value.trim_matches('"').to_owned()).unwrap_or_default()
}

/// Whether a request is signed as it must be; its nonce is used up.
fn is_ours(fake: &Shared, method: &Method, path: &str, header: &str, body: &[u8]) -> bool {
    let (time, nonce) = (part(header, "timestamp"), part(header, "nonce_str"));
    let signature = header.split("signature=\"").nth(1).unwrap_or_default().trim_end_matches('"');
    let text = format!("{method}\n{path}\n{time}\n{nonce}\n{}\n", String::from_utf8_lossy(body));
    header.starts_with("WECHATPAY2-SHA256-RSA2048 ")
        && part(header, "mchid") == keys::WECHAT_MERCHANT
        && part(header, "serial_no") == keys::WECHAT_SERIAL
        && time.parse::<i64>().is_ok_and(|at| (fake.now() - at).abs() < 300)
        && keys::made_with(keys::MERCHANT_PRIVATE, text.as_bytes(), signature)
        && fake.world().nonces.insert(nonce)
}

fn respond(fake: &Shared, (status, body): (u16, String)) -> Response {
    let mut response = Response::builder().status(StatusCode::from_u16(status).unwrap_or_default());
    for (name, value) in signed(fake.now(), body.as_bytes()) {
        response = response.header(name, value);
    }
    response.body(Body::from(body)).unwrap_or_default()
}

/// A refusal as WeChat Pay words it.
pub fn failure(status: u16, code: &str) -> (u16, String) {
    (status, json!({ "code": code, "message": code }).to_string())
}

/// Every request to WeChat Pay.
pub async fn api(
    State(fake): State<Arc<Shared>>,
    method: Method,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let header = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let whole = uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let path = whole.trim_start_matches("/wechatpay");
    if !is_ours(&fake, &method, path, header, &body) {
        fake.world().refused += 1;
        return (StatusCode::UNAUTHORIZED, failure(401, "SIGN_ERROR").1).into_response();
    }
    let named = format!("{method} {path}");
    let work = || {
        let content: Value = serde_json::from_slice(&body).unwrap_or_default();
        respond(&fake, answer(&fake, &method, path, &content))
    };
    let broken = || respond(&fake, failure(500, "SYSTEM_ERROR"));
    fake.act(&named, |trouble| failing(trouble, work, broken)).await
}

fn answer(fake: &Shared, method: &Method, path: &str, content: &Value) -> (u16, String) {
    let now = fake.now();
    let mut world = fake.world();
    let (plain, query) = path.split_once('?').unwrap_or((path, ""));
    let parts: Vec<&str> = plain.trim_matches('/').split('/').collect();
    match (method.as_str(), parts.as_slice()) {
        ("POST", ["v3", "pay", "transactions", "native"]) => create(&mut world, content, now),
        ("GET", ["v3", "pay", "transactions", "out-trade-no", number]) => match world.trades.get(*number) {
            Some(trade) if query.contains(keys::WECHAT_MERCHANT) => {
                (200, transaction(&world, trade).to_string())
            }
            _ => failure(404, "ORDER_NOT_EXIST"),
        },
        ("POST", ["v3", "pay", "transactions", "out-trade-no", number, "close"]) => {
            match world.trades.get_mut(*number) {
                None => failure(404, "ORDER_NOT_EXIST"),
                Some(trade) if trade.stage == Stage::Paid => failure(400, "ORDERPAID"),
                Some(trade) => {
                    trade.stage = Stage::Closed;
                    (204, String::new())
                }
            }
        }
        ("POST", ["v3", "refund", "domestic", "refunds"]) => refund(&mut world, content, now),
        ("GET", ["v3", "refund", "domestic", "refunds", number]) => {
            let found = world.refunds.iter().find(|refund| {
                refund.kind == Kind::WechatPay
                    && (refund.number.as_deref() == Some(number) || refund.id == *number)
            });
            match found {
                Some(refund) => (200, refund_object(&world, refund).to_string()),
                None => failure(404, "RESOURCE_NOT_EXISTS"),
            }
        }
        ("GET", ["v3", "bill", "tradebill"]) => bill::announce(fake, &world, query, Bill::Trades),
        ("GET", ["v3", "bill", "fundflowbill"]) => bill::announce(fake, &world, query, Bill::Funds),
        ("GET", ["v3", "billdownload", "file"]) => {
            (200, Bill::named(query).of_day(&world, &bill::date(query)))
        }
        _ => failure(404, "NOT_FOUND"),
    }
}

/// The amount in fen at a place of a request; 0, which nobody can pay, when there is none.
fn amount_of(content: &Value, place: &str) -> i64 {
    content.pointer(place).and_then(Value::as_i64).unwrap_or(0)
}

fn create(world: &mut World, content: &Value, now: i64) -> (u16, String) {
    let text = |name: &str| content[name].as_str().unwrap_or_default().to_owned();
    let (number, amount) = (text("out_trade_no"), amount_of(content, "/amount/total"));
    let expires = DateTime::parse_from_rfc3339(&text("time_expire")).map(|at| at.timestamp()).unwrap_or(0);
    let valid = (6..=32).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-|*".contains(&byte))
        && amount > 0
        && content.pointer("/amount/currency").is_some_and(|currency| currency == "CNY")
        && text("mchid") == keys::WECHAT_MERCHANT
        && text("appid") == keys::WECHAT_APP
        && (1..=127).contains(&text("description").len())
        && !text("notify_url").contains('?')
        && expires > now;
    if !valid {
        return failure(400, "PARAM_ERROR");
    }
    if let Some(known) = world.trades.get(&number) {
        return match known.stage {
            Stage::Paid => failure(400, "ORDERPAID"),
            Stage::Open if known.amount == amount => (200, code(&known.id)),
            _ => failure(400, "OUT_TRADE_NO_USED"),
        };
    }
    let (id, charge) = (world.name("wx"), world.name("420000"));
    let trade = Trade {
        kind: Kind::WechatPay,
        number: number.clone(),
        id: id.clone(),
        charge,
        amount,
        taken: amount,
        fee: 0,
        stranger: false,
        currency: "cny".to_owned(),
        title: text("description"),
        stage: Stage::Open,
        notify_url: text("notify_url"),
        return_url: String::new(),
        created: now,
        paid_at: 0,
        expires,
        card: None,
    };
    world.trades.insert(number, trade);
    (200, code(&id))
}

fn code(id: &str) -> String {
    json!({ "code_url": format!("weixin://wxpay/bizpayurl?pr={id}") }).to_string()
}

fn refund(world: &mut World, content: &Value, now: i64) -> (u16, String) {
    let text = |name: &str| content[name].as_str().unwrap_or_default().to_owned();
    let number = text("out_refund_no");
    let known = world.refunds.iter().find(|refund| refund.number.as_deref() == Some(&number)).cloned();
    if let Some(known) = known {
        return (200, refund_object(world, &known).to_string());
    }
    let Some(trade) = world.by_charge(&text("transaction_id")).cloned() else {
        return failure(404, "RESOURCE_NOT_EXISTS");
    };
    let amount = amount_of(content, "/amount/refund");
    let fits = amount_of(content, "/amount/total") == trade.taken
        && amount > 0
        && world.claimed(&trade.number) + amount <= trade.taken;
    if trade.stage != Stage::Paid || !fits {
        return failure(400, "INVALID_REQUEST");
    }
    let (id, step, fee) = (world.name("503000"), world.next_step(), fee_back(world, amount));
    let (of, number) = (trade.number.clone(), Some(number));
    let refund = Refund { kind: Kind::WechatPay, of, id, number, amount, at: now, step, fee };
    world.refunds.push(refund.clone());
    if let Some(notice) = told(world, &trade, &refund, now) {
        world.outbox.push_back(notice);
    }
    (200, refund_object(world, &refund).to_string())
}
