//! Files for accountants and banks.

use std::sync::Arc;

use app::error::Fault;
use app::features::finance::api::Filter;
use axum::extract::{Extension, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::actor::Actor;
use domain::money::Money;
use serde::Deserialize;

use crate::error::Result;
use crate::http::drafts;
use crate::services::Services;

/// How many transfers a file holds.
const MOST: usize = 100_000;

/// `GET /api/finance/transfers.csv` and `POST /api/payouts/export.csv`, for staff.
pub fn routes(services: &Arc<Services>) -> Router {
    Router::new()
        .route("/api/finance/transfers.csv", get(transfers))
        .route("/api/payouts/export.csv", post(payouts))
        .with_state(Arc::clone(services))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    account: String,
    code: String,
    from: String,
    until: String,
}

/// A field of a CSV file. What a spreadsheet would take for a formula is quoted as text.
fn field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r', '\'']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

fn row(fields: &[String]) -> String {
    let mut line = fields.join(",");
    line.push_str("\r\n");
    line
}

fn file(name: &str, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, text).into_response()
}

fn amount(money: Money) -> [String; 2] {
    [money.decimal(), money.currency.code().to_owned()]
}

/// What is not a file: a status, and why.
fn refused(fault: Fault) -> Response {
    let status = StatusCode::from_u16(fault.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(fault)).into_response()
}

async fn transfers(
    State(services): State<Arc<Services>>,
    Extension(actor): Extension<Actor>,
    Query(Asked { account, code, from, until }): Query<Asked>,
) -> Response {
    let filter = Filter { account, code, from, until };
    match transfers_text(&services, &actor, &filter).await {
        Ok(text) => file("transfers.csv", text),
        Err(error) => refused(error.into()),
    }
}

async fn transfers_text(services: &Services, actor: &Actor, filter: &Filter) -> Result<String> {
    let page = services.finance.filtered(actor, filter, None, MOST).await?;
    let head = ["at", "id", "code", "kind", "debit", "credit", "amount", "currency", "order"];
    let mut text = row(&head.map(str::to_owned));
    for transfer in page.items {
        let [decimal, currency] = amount(transfer.amount);
        text.push_str(&row(&[
            app::parts::iso(transfer.at),
            transfer.id,
            field(&transfer.code),
            field(&transfer.kind),
            field(&transfer.debit),
            field(&transfer.credit),
            decimal,
            currency,
            transfer.order.unwrap_or_default(),
        ]));
    }
    Ok(text)
}

/// Marks approved payouts as exported and gives everything that waits for the bank.
async fn payouts(
    State(services): State<Arc<Services>>,
    Extension(actor): Extension<Actor>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    match payouts_text(&services, &actor).await {
        Ok(text) => file("payouts.csv", text),
        Err(error) => drafts::refused(&services.kit, &headers, uri.path(), error.into()).await,
    }
}

async fn payouts_text(services: &Services, actor: &Actor) -> Result<String> {
    let head = ["payout", "username", "holder", "bank", "amount", "currency"];
    let mut text = row(&head.map(str::to_owned));
    for payout in services.payouts.export(actor).await? {
        let [decimal, currency] = amount(payout.amount);
        text.push_str(&row(&[
            payout.id.to_string(),
            field(&payout.username),
            field(&payout.holder),
            field(&payout.bank),
            decimal,
            currency,
        ]));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_only_text() {
        assert_eq!(field("=1+1"), "\"'=1+1\"");
        assert_eq!(field("@x"), "\"'@x\"");
        assert_eq!(field("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(field("plain"), "plain");
    }
}
