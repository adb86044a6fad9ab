//! Pages on which a person pays: the gateway's side of the counter.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};

use crate::Shared;
use crate::alipay::{return_query, yuan};
use crate::world::{Kind, Stage, Trade};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}\
    button{font:inherit;padding:.5rem 1rem;margin:0 .5rem .5rem 0}form{display:inline}li{margin:.75rem 0}\
    .note{background:#fff3cd;padding:.5rem 1rem}";

fn shell(title: &str, body: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}</style><p class=\"note\">Fake gateways: no money moves here.</p>\
         <h1>{title}</h1>{body}</html>"
    ))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn stage(trade: &Trade) -> &'static str {
    match trade.stage {
        Stage::Open => "waits to be paid",
        Stage::Slow => "is on its way",
        Stage::Paid => "is paid",
        Stage::Declined => "was declined",
        Stage::Closed => "is closed",
    }
}

fn describe(trade: &Trade) -> String {
    let currency = trade.currency.to_uppercase();
    format!("{}: {} {currency}, {}", trade.kind.as_str(), yuan(trade.amount), escaped(&trade.title))
}

/// Everything that can be paid: for WeChat Pay this is the phone that scans.
pub async fn index(State(fake): State<Arc<Shared>>) -> Html<String> {
    let mut trades: Vec<Trade> = fake.world().trades.values().cloned().collect();
    trades.sort_by(|one, two| two.created.cmp(&one.created).then_with(|| two.id.cmp(&one.id)));
    let rows: String = trades
        .iter()
        .take(50)
        .map(|trade| {
            format!("<li><a href=\"/person/{}\">{}</a> {}</li>", trade.number, describe(trade), stage(trade))
        })
        .collect();
    shell(
        "Payments",
        &format!(
            "<p>Open a payment to pay or decline it. A WeChat Pay code is \"scanned\" here. \
             What else can be ordered stands in the <a href=\"/control\">table of acts</a>.</p><ul>{rows}</ul>"
        ),
    )
}

/// One payment.
pub async fn page(State(fake): State<Arc<Shared>>, Path(number): Path<String>) -> Response {
    let Some(trade) = fake.world().trades.get(&number).cloned() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let button = |choice: &str, text: &str| {
        format!("<form method=\"post\" action=\"/person/{number}/{choice}\"><button>{text}</button></form>")
    };
    let buttons = match trade.stage {
        Stage::Open | Stage::Declined => {
            let slow = if trade.kind == Kind::Stripe {
                button("slow", "Pay by a slow method")
            } else {
                String::new()
            };
            format!("{}{}{slow}", button("pay", "Pay"), button("decline", "Decline"))
        }
        Stage::Slow => format!("{}{}", button("pay", "The money arrives"), button("decline", "It fails")),
        Stage::Paid => {
            let bank = button("dispute", "The bank takes it back");
            let bank = if trade.kind == Kind::Stripe { bank } else { String::new() };
            format!("{}{bank}", button("refund", "Give it back in the console"))
        }
        Stage::Closed => String::new(),
    };
    let back = back(&fake, &trade)
        .map_or(String::new(), |url| format!("<p><a href=\"{}\">Back to the shop</a></p>", escaped(&url)));
    let body = format!("<p>{}</p><p>This payment {}.</p>{buttons}{back}", describe(&trade), stage(&trade));
    shell("Payment", &body).into_response()
}

/// What the person does.
pub async fn choose(
    State(fake): State<Arc<Shared>>,
    Path((number, choice)): Path<(String, String)>,
) -> Response {
    match choice.as_str() {
        "pay" => fake.pay(&number, None, None),
        "decline" => fake.stage(&number, Stage::Declined),
        "slow" => fake.stage(&number, Stage::Slow),
        "refund" => {
            let left = fake.world().trades.get(&number).map_or(0, |trade| trade.taken);
            let left = left - fake.world().claimed(&number);
            left > 0 && !fake.console_refund(&number, left, true).is_empty()
        }
        "dispute" => !fake.dispute(&number, None).is_empty(),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let trade = fake.world().trades.get(&number).cloned();
    let to = trade.and_then(|trade| back(&fake, &trade)).unwrap_or_else(|| format!("/person/{number}"));
    Redirect::to(&to).into_response()
}

/// Where the buyer goes afterwards.
fn back(fake: &Shared, trade: &Trade) -> Option<String> {
    match trade.kind {
        _ if trade.return_url.is_empty() => None,
        Kind::Alipay => Some(format!("{}?{}", trade.return_url, return_query(trade, fake.now()))),
        _ => Some(trade.return_url.replace("{CHECKOUT_SESSION_ID}", &trade.id)),
    }
}
