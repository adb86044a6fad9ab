//! What moved in our account at WeChat Pay: of that, what went to our bank and what came back from it.
//!
//! Payments, refunds and fees stand in the bill of trades, each with the payment that it belongs to.

use super::super::super::list::{Movement, MovementKind, Unread};
use super::super::yuan;
use super::bill::{Line, cells, instant, names};

/// What withdrawals to a bank are called, whoever asked for them, and what came back of them.
const WITHDRAWN: &str = "提现";

/// Reads a bill of funds; nothing where it is none.
pub fn read(text: &str) -> Option<Vec<Line>> {
    let mut lines = text.lines();
    let names = names(lines.next()?);
    let column = |name: &str| names.iter().position(|known| known.starts_with(name));
    let (time, entry, kind) = (column("记账时间")?, column("资金流水单号")?, column("业务类型")?);
    let (direction, amount) = (column("收支类型")?, column("收支金额")?);
    let line = |line: &str| {
        let cells = cells(line);
        let cell = |at: usize| cells.get(at).copied().unwrap_or_default();
        if !cell(kind).contains(WITHDRAWN) {
            return None;
        }
        let unread = || Unread {
            reference: cell(entry).to_owned(),
            why: format!("{} {}", cell(direction), cell(amount)),
        };
        let much = yuan::read(cell(amount)).filter(|amount| amount.minor > 0);
        let much = match (cell(direction), much) {
            ("支出", Some(amount)) => Some(amount.minor),
            ("收入", Some(amount)) => Some(-amount.minor),
            _ => None,
        };
        let (Some(minor), Some(at)) = (much, instant(cell(time))) else { return Some(Err(unread())) };
        let amount = domain::money::Money::new(minor, domain::money::Currency::Cny);
        Some(Ok(Movement::entry(MovementKind::Payout, cell(entry), "", amount, at)))
    };
    Some(lines.take_while(|line| line.starts_with('`')).filter_map(line).collect())
}
