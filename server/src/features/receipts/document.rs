//! What stands on a receipt.

use app::features::offers::parts::reduction_text;
use app::features::payments::parts::gateway_name;
use app::i18n::t;
use app::parts::{date_text, instant_text};
use domain::locale::Locale;
use domain::money::Money;
use domain::orders::ReductionKind;
use domain::refunds::{RefundKind, RefundState};

use super::sheet::{BLACK, GREY, Sheets};
use super::store::Receipt;
use super::typeface::Typeface;
use crate::error::Result;
use crate::features::orders::store::{self as orders, Order, OrderLine};
use crate::features::refunds::store::Refund;

/// Everything that a receipt says.
pub(super) struct Facts {
    pub(super) receipt: Receipt,
    pub(super) order: Order,
    pub(super) lines: Vec<OrderLine>,
    pub(super) reductions: Vec<(ReductionKind, Money)>,
    pub(super) refunds: Vec<Refund>,
    pub(super) gateway: Option<String>,
}

/// The number of a receipt, as people read it.
pub(super) fn number_text(number: i64) -> String {
    format!("R{number:06}")
}

/// Draws the receipt.
pub(super) fn draw(facts: &Facts, typeface: &Typeface, locale: Locale) -> Result<Vec<u8>> {
    let mut sheets = Sheets::new(typeface)?;
    let number = number_text(facts.receipt.number);
    let title = format!("{} {number}", t::receipts::title(locale));
    head(&mut sheets, facts, &title, &number, locale);
    sums(&mut sheets, facts, locale);
    // What came twice and was sent back is no part of what was paid for.
    let of_order =
        |refund: &&Refund| refund.state == RefundState::Succeeded && refund.kind != RefundKind::Parked;
    for refund in facts.refunds.iter().filter(of_order) {
        let text = t::receipts::refunded(locale, date_text(refund.requested_at, locale));
        sheets.pair(&text, &format!("− {}", refund.amount), 10.0, BLACK);
    }
    sheets.skip(18.0);
    sheets.paragraph(t::receipts::lives_on(locale), 8.5, GREY);
    sheets.finish(&title, locale.html_lang())
}

fn head(sheets: &mut Sheets<'_>, facts: &Facts, title: &str, number: &str, locale: Locale) {
    let Facts { receipt, order, gateway, .. } = facts;
    sheets.paragraph(title, 20.0, BLACK);
    sheets.skip(6.0);
    for line in receipt.seller.split(';') {
        sheets.paragraph(line.trim(), 10.0, GREY);
    }
    sheets.skip(12.0);
    let rows = [
        (t::receipts::number(locale), number.to_owned()),
        (t::receipts::issued(locale), format!("{} UTC", instant_text(receipt.issued_at, locale))),
        (t::receipts::order(locale), orders::number(order.id)),
        (t::receipts::buyer(locale), receipt.buyer.clone()),
    ];
    for (term, value) in rows {
        sheets.pair(term, &value, 10.0, BLACK);
    }
    if let Some(gateway) = gateway {
        sheets.pair(t::receipts::paid_by(locale), &gateway_name(locale, gateway), 10.0, BLACK);
    }
    sheets.skip(10.0);
    sheets.rule();
}

fn sums(sheets: &mut Sheets<'_>, facts: &Facts, locale: Locale) {
    for line in &facts.lines {
        sheets.pair(line.title.get(locale), &line.list_price.to_string(), 10.0, BLACK);
        if let Some((from, until)) = line.period {
            let text = format!("{} – {}", date_text(from, locale), date_text(until, locale));
            sheets.paragraph(&text, 8.5, GREY);
        }
    }
    for (kind, amount) in &facts.reductions {
        sheets.pair(reduction_text(locale, *kind), &format!("− {amount}"), 10.0, BLACK);
    }
    sheets.rule();
    sheets.pair(t::receipts::total(locale), &facts.order.total.to_string(), 12.0, BLACK);
}
