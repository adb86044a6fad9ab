//! The fake Alipay: one address, signed requests, signed answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{DateTime, FixedOffset, NaiveDateTime};
use serde_json::{Value, json};

use crate::keys;
use crate::trouble::failing;
use crate::world::{Kind, Refund, Stage, Step, Trade, World};
use crate::{Shared, notices};

/// Amounts as decimal text.
pub fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

fn fen(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.')?;
    if part.len() != 2 {
        return None;
    }
    Some(whole.parse::<i64>().ok()? * 100 + part.parse::<i64>().ok()?)
}

/// An instant by the clock of Beijing.
pub fn beijing(seconds: i64) -> String {
    let zone = FixedOffset::east_opt(8 * 3_600);
    let time = DateTime::from_timestamp(seconds, 0).zip(zone);
    time.map(|(time, zone)| time.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string())
        .unwrap_or_default()
}

fn seconds(text: &str) -> Option<i64> {
    Some(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?.and_utc().timestamp() - 8 * 3_600)
}

/// The text that is signed.
pub fn text(fields: &[(String, String)], without: &[&str]) -> String {
    let mut sorted: Vec<_> = fields
        .iter()
        .filter(|(name, value)| !without.contains(&name.as_str()) && !value.is_empty())
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    sorted.sort();
    sorted.join("&")
}

/// A form as it travels.
pub fn form(fields: &[(String, String)]) -> String {
    let part = |text: &str| {
        let one = |byte: u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
            b' ' => "+".to_owned(),
            _ => format!("%{byte:02X}"),
        };
        text.bytes().map(one).collect::<String>()
    };
    let pairs: Vec<_> =
        fields.iter().map(|(name, value)| format!("{}={}", part(name), part(value))).collect();
    pairs.join("&")
}

/// Reads a form.
pub fn fields(body: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(body).into_owned();
    let part = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            match byte {
                b'+' => bytes.push(b' '),
                b'%' => {
                    let pair: String = rest.by_ref().take(2).map(char::from).collect();
                    bytes.extend(u8::from_str_radix(&pair, 16).ok());
                }
                other => bytes.push(other),
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    };
    text.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (part(name), part(value)))
        .collect()
}

/// The state of a trade in Alipay's words.
pub fn status(world: &World, trade: &Trade) -> &'static str {
    match trade.stage {
        Stage::Paid if world.refunded(&trade.number) >= trade.taken => "TRADE_CLOSED",
        Stage::Paid => "TRADE_SUCCESS",
        Stage::Closed | Stage::Declined => "TRADE_CLOSED",
        Stage::Open | Stage::Slow => "WAIT_BUYER_PAY",
    }
}

fn get<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).unwrap_or_default()
}

/// `GET`: a buyer opens the signed address. `POST`: the merchant asks for something.
pub async fn gateway(State(fake): State<Arc<Shared>>, RawQuery(query): RawQuery, body: Bytes) -> Response {
    let mut all = fields(&body);
    all.extend(fields(query.unwrap_or_default().as_bytes()).into_iter().filter(|(name, _)| {
        // The charset stands in the address too.
        body.is_empty() || name != "charset"
    }));
    let method = get(&all, "method").to_owned();
    let fresh = seconds(get(&all, "timestamp")).is_some_and(|at| (fake.now() - at).abs() < 900);
    let signed = get(&all, "sign_type") == "RSA2"
        && get(&all, "app_id") == keys::ALIPAY_APP
        && keys::made_with(keys::APP_PRIVATE, text(&all, &["sign"]).as_bytes(), get(&all, "sign"));
    if method == "alipay.trade.page.pay" {
        // The address may be opened until the trade expires.
        return if signed { open(&fake, &all) } else { refuse(&fake, "isv.invalid-signature") };
    }
    if !signed || !fresh {
        return refuse(&fake, "isv.invalid-signature");
    }
    let content: Value = serde_json::from_str(get(&all, "biz_content")).unwrap_or_default();
    let failure = || (StatusCode::INTERNAL_SERVER_ERROR, "isp.unknown-error").into_response();
    fake.act(&method, |trouble| failing(trouble, || answer(&fake, &method, &content), failure)).await
}

fn refuse(fake: &Shared, code: &str) -> Response {
    fake.world().refused += 1;
    (StatusCode::BAD_REQUEST, code.to_owned()).into_response()
}

/// A buyer opens the page: now the trade exists.
fn open(fake: &Shared, all: &[(String, String)]) -> Response {
    let content: Value = serde_json::from_str(get(all, "biz_content")).unwrap_or_default();
    let part = |name: &str| content.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let number = part("out_trade_no");
    let (Some(amount), Some(expires)) = (fen(&part("total_amount")), seconds(&part("time_expire"))) else {
        return refuse(fake, "isv.invalid-parameter");
    };
    let now = fake.now();
    let mut world = fake.world();
    let id = world.name("20260000");
    let trade = Trade {
        kind: Kind::Alipay,
        number: number.clone(),
        id: id.clone(),
        charge: id,
        amount,
        taken: amount,
        fee: 0,
        stranger: false,
        currency: "cny".to_owned(),
        title: part("subject"),
        stage: if expires < now { Stage::Closed } else { Stage::Open },
        notify_url: get(all, "notify_url").to_owned(),
        return_url: get(all, "return_url").to_owned(),
        created: now,
        paid_at: 0,
        expires,
        card: None,
    };
    world.trades.entry(number.clone()).or_insert(trade);
    Redirect::to(&format!("/person/{number}")).into_response()
}

fn answer(fake: &Shared, method: &str, content: &Value) -> Response {
    let part = |name: &str| content.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut world = fake.world();
    world.tick(fake.now());
    let trade =
        world.trades.get(&part("out_trade_no")).or_else(|| world.by_charge(&part("trade_no"))).cloned();
    let trade = trade.filter(|trade| trade.kind == Kind::Alipay);
    let object = match (method, trade) {
        (_, None) => failure("ACQ.TRADE_NOT_EXIST"),
        ("alipay.trade.query", Some(trade)) => json!({
            "code": "10000", "msg": "Success", "trade_no": trade.charge,
            "out_trade_no": if trade.stranger { "another" } else { &trade.number },
            "trade_status": status(&world, &trade), "total_amount": yuan(trade.taken),
        }),
        ("alipay.trade.close", Some(trade)) if trade.stage == Stage::Open => {
            world.trades.entry(trade.number.clone()).and_modify(|trade| trade.stage = Stage::Closed);
            json!({ "code": "10000", "msg": "Success", "out_trade_no": trade.number, "trade_no": trade.charge })
        }
        ("alipay.trade.close", Some(_)) => failure("ACQ.TRADE_STATUS_ERROR"),
        ("alipay.trade.refund", Some(trade)) => {
            refund(&mut world, &trade, &part("refund_amount"), &part("out_request_no"), fake.now())
        }
        ("alipay.trade.fastpay.refund.query", Some(trade)) => {
            refund_query(&world, &trade, &part("out_request_no"))
        }
        _ => failure("ACQ.INVALID_PARAMETER"),
    };
    signed(method, &object)
}

/// What Alipay says of a refund. Where it came to nothing, or not yet to anything, the status is missing; where
/// it was made without a number, the number of the trade stands for it.
fn refund_query(world: &World, trade: &Trade, number: &str) -> Value {
    let named = |refund: &&Refund| match refund.number.as_deref() {
        Some(known) => known == number,
        None => refund.id == number || (refund.id.starts_with(UNNAMED) && trade.number == number),
    };
    let mut refunds = world.refunds.iter().filter(|refund| refund.of == trade.number);
    let Some(refund) = refunds.find(named) else {
        return json!({ "code": "10000", "msg": "Success" });
    };
    let mut told = json!({
        "code": "10000", "msg": "Success", "out_trade_no": trade.number, "trade_no": trade.charge,
        "out_request_no": number, "refund_amount": yuan(refund.amount), "total_amount": yuan(trade.taken),
    });
    if let (Step::Succeeded, Value::Object(fields)) = (refund.step, &mut told) {
        fields.insert("refund_status".to_owned(), "REFUND_SUCCESS".into());
    }
    told
}

/// How the names of refunds begin that a console made without a number of their own.
pub const UNNAMED: &str = "unnamed";

fn failure(code: &str) -> Value {
    json!({ "code": "40004", "msg": "Business Failed", "sub_code": code, "sub_msg": code })
}

fn refund(world: &mut World, trade: &Trade, amount: &str, number: &str, now: i64) -> Value {
    let known = world.refunds.iter().position(|refund| refund.number.as_deref() == Some(number));
    let Some(amount) = fen(amount).filter(|amount| *amount > 0 && !number.is_empty()) else {
        return failure("ACQ.INVALID_PARAMETER");
    };
    if trade.stage != Stage::Paid {
        return failure("ACQ.TRADE_STATUS_ERROR");
    }
    let step = world.next_step();
    // What came to nothing is tried again under its number.
    let changed = match known.and_then(|place| world.refunds.get_mut(place)) {
        Some(refund) if refund.step == Step::Failed => {
            refund.step = step;
            step == Step::Succeeded
        }
        Some(_) => false,
        None => {
            if world.claimed(&trade.number) + amount > trade.taken {
                return failure("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL");
            }
            let id = world.name("AR");
            let (of, number) = (trade.number.clone(), Some(number.to_owned()));
            world.refunds.push(Refund { kind: Kind::Alipay, of, id, number, amount, at: now, step, fee: 0 });
            step == Step::Succeeded
        }
    };
    if changed {
        let notice = told(world, trade, number.to_owned(), amount, now);
        world.outbox.push_back(notice);
    }
    let refunded = yuan(world.refunded(&trade.number));
    json!({
        "code": "10000", "msg": "Success", "out_trade_no": trade.number, "trade_no": trade.charge,
        "fund_change": if changed { "Y" } else { "N" }, "refund_fee": refunded,
    })
}

/// The notice of a refund: with the status of a sale, as Alipay sends it.
pub fn told(world: &mut World, trade: &Trade, number: String, amount: i64, now: i64) -> notices::Notice {
    let more = [("out_biz_no", number), ("refund_fee", yuan(amount)), ("gmt_refund", beijing(now))];
    // A refund without a number of its own is told without one.
    let more: Vec<_> = more.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    notices::alipay(world, trade, &more, now)
}

/// An answer whose signature covers the raw text of its object.
fn signed(method: &str, object: &Value) -> Response {
    let raw = object.to_string();
    let signature = keys::sign(keys::ALIPAY_PRIVATE, raw.as_bytes());
    let name = format!("{}_response", method.replace('.', "_"));
    let body = format!("{{\"{name}\":{raw},\"sign\":\"{signature}\"}}");
    ([(header::CONTENT_TYPE, "application/json;charset=utf-8")], body).into_response()
}

/// The query with which a buyer is sent back: signed, and of no meaning for the order.
pub fn return_query(trade: &Trade, now: i64) -> String {
    let mut all: Vec<(String, String)> = BTreeMap::from([
        ("app_id", keys::ALIPAY_APP.to_owned()),
        ("charset", "utf-8".to_owned()),
        ("method", "alipay.trade.page.pay.return".to_owned()),
        ("out_trade_no", trade.number.clone()),
        ("seller_id", keys::ALIPAY_SELLER.to_owned()),
        ("timestamp", beijing(now)),
        ("total_amount", yuan(trade.amount)),
        ("trade_no", trade.charge.clone()),
        ("version", "1.0".to_owned()),
    ])
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    let signature = keys::sign(keys::ALIPAY_PRIVATE, text(&all, &[]).as_bytes());
    all.push(("sign".to_owned(), signature));
    all.push(("sign_type".to_owned(), "RSA2".to_owned()));
    form(&all)
}
