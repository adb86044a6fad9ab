//! Files for accountants and banks.

use std::sync::Arc;

use app::error::Fault;
use app::features::finance::api::{Filter, TransferView};
use axum::body::Body;
use axum::extract::{Extension, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::actor::Actor;
use domain::money::Money;
use domain::time::Timestamp;
use futures_util::{StreamExt, stream};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::features::payouts::store::Payout;
use crate::http::drafts;
use crate::services::Services;

/// How many transfers are read at once; a file holds them all.
const BATCH: usize = 1_000;

/// `GET /api/finance/transfers.csv`, `POST /api/payouts/export.csv` and `GET /api/payouts/exported.csv`, for staff.
pub fn routes(services: &Arc<Services>) -> Router {
    Router::new()
        .route("/api/finance/transfers.csv", get(transfers))
        .route("/api/payouts/export.csv", post(payouts))
        .route("/api/payouts/exported.csv", get(exported))
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

/// A field that a spreadsheet would take for a formula, as text.
fn plain(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}

/// Lines of a CSV file, as RFC 4180 writes them.
fn lines<const N: usize>(rows: impl IntoIterator<Item = [String; N]>) -> Result<String> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::<u8>::new());
    let fault = |error: String| Error::bug(format!("a file cannot be written: {error}"));
    for row in rows {
        writer.write_record(row.map(plain)).map_err(|error| fault(error.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|error| fault(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| fault(error.to_string()))
}

/// The first line. The mark before it tells spreadsheets that the text is UTF-8.
fn head<const N: usize>(names: [&str; N]) -> Result<String> {
    Ok(format!("\u{feff}{}", lines([names.map(str::to_owned)])?))
}

fn file(name: &str, body: Body) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, body).into_response()
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
    // The first lines are read before the answer begins: then a refusal still has a status of its own.
    let first = match services.finance.filtered(&actor, &filter, None, BATCH).await {
        Ok(first) => first,
        Err(error) => return refused(error.into()),
    };
    let rest = stream::try_unfold(Some(first), move |page| {
        let (services, actor, filter) = (Arc::clone(&services), actor.clone(), filter.clone());
        async move {
            let Some(page) = page else { return Ok(None) };
            let next = match &page.next {
                Some(after) => Some(services.finance.filtered(&actor, &filter, Some(after), BATCH).await?),
                None => None,
            };
            Ok::<_, Error>(Some((transfer_lines(page.items)?, next)))
        }
    });
    let names = ["at", "id", "code", "kind", "debit", "credit", "amount", "currency", "order"];
    let whole = stream::once(async move { head(names) }).chain(rest);
    file("transfers.csv", Body::from_stream(whole))
}

fn transfer_lines(transfers: Vec<TransferView>) -> Result<String> {
    lines(transfers.into_iter().map(|transfer| {
        let [decimal, currency] = amount(transfer.amount);
        let order = transfer.order.unwrap_or_default();
        let TransferView { id, code, kind, debit, credit, .. } = transfer;
        [app::parts::iso(transfer.at), id, code, kind, debit, credit, decimal, currency, order]
    }))
}

/// Marks approved payouts as exported and gives them as a file.
async fn payouts(
    State(services): State<Arc<Services>>,
    Extension(actor): Extension<Actor>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    match services.payouts.export(&actor).await.and_then(payout_lines) {
        Ok(text) => file("payouts.csv", Body::from(text)),
        Err(error) => drafts::refused(&services.kit, &headers, uri.path(), error.into()).await,
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Made {
    at: i64,
}

/// A file for the bank, once more: if it was lost on its way, its payouts are not lost with it.
async fn exported(
    State(services): State<Arc<Services>>,
    Extension(actor): Extension<Actor>,
    Query(made): Query<Made>,
) -> Response {
    let made = Timestamp::from_micros(made.at);
    match services.payouts.exported(&actor, made).await.and_then(payout_lines) {
        Ok(text) => file("payouts.csv", Body::from(text)),
        Err(error) => refused(error.into()),
    }
}

fn payout_lines(payouts: Vec<Payout>) -> Result<String> {
    let rows = payouts.into_iter().map(|payout| {
        let [decimal, currency] = amount(payout.amount);
        [payout.id.to_string(), payout.username, payout.holder, payout.bank, decimal, currency]
    });
    Ok(head(["payout", "username", "holder", "bank", "amount", "currency"])? + &lines(rows)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_only_text() {
        let row = ["=1+1", "@x", "a,\"b\"", "plain"].map(str::to_owned);
        assert_eq!(lines([row]).unwrap(), "'=1+1,'@x,\"a,\"\"b\"\"\",plain\r\n");
    }
}
