//! The fake WeChat Pay's bills of a day, of trades and of funds, which exist from ten in the morning of the next day on.

use chrono::{NaiveDate, NaiveTime};
use serde_json::json;

use crate::Shared;
use crate::alipay::{beijing, fields, yuan};
use crate::keys;
use crate::wechatpay::failure;
use crate::world::{Kind, Refund, Stage, Step, Trade, World};

/// The clock of Beijing, in seconds before ours.
const ZONE: i64 = 8 * 3_600;
/// When the bill of a day exists, in seconds after the day.
const MADE: i64 = 10 * 3_600;

/// The names of the columns.
const COLUMNS: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,\
    交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,\
    退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注\n";

/// The day that a request names.
pub fn date(query: &str) -> String {
    let all = fields(query.as_bytes());
    all.into_iter().find(|(name, _)| name == "bill_date").map(|(_, value)| value).unwrap_or_default()
}

/// A bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bill {
    /// What was traded.
    Trades,
    /// What moved in the merchant's account.
    Funds,
}

impl Bill {
    /// A bill by the name with which it is fetched.
    pub fn named(query: &str) -> Self {
        if query.contains("bill=funds") { Self::Funds } else { Self::Trades }
    }
    const fn as_str(self) -> &'static str {
        match self {
            Self::Trades => "trades",
            Self::Funds => "funds",
        }
    }
    /// What stands in the bill of a day; nothing where nothing happened.
    pub fn of_day(self, world: &World, date: &str) -> String {
        match self {
            Self::Trades => trades(world, date),
            Self::Funds => funds(world, date),
        }
    }
}

/// Says where the bill of a day can be fetched.
pub fn announce(fake: &Shared, world: &World, query: &str, bill: Bill) -> (u16, String) {
    let date = date(query);
    let Ok(day) = NaiveDate::parse_from_str(&date, "%Y-%m-%d") else {
        return failure(400, "PARAM_ERROR");
    };
    let over = day.and_time(NaiveTime::MIN).and_utc().timestamp() - ZONE + 86_400;
    let now = fake.now();
    if now >= over && now < over + MADE {
        return failure(400, "STATEMENT_CREATING");
    }
    let text = bill.of_day(world, &date);
    if now < over || !text.contains('`') {
        return failure(400, "NO_STATEMENT_EXIST");
    }
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
    let name = bill.as_str();
    let url = format!("{}/wechatpay/v3/billdownload/file?bill={name}&bill_date={date}", fake.base());
    let told = json!({ "download_url": url, "hash_type": "SHA1", "hash_value": keys::hex(digest.as_ref()) });
    (200, told.to_string())
}

/// A line of a bill.
struct Line<'a> {
    at: i64,
    trade: &'a Trade,
    refund: Option<&'a Refund>,
}

impl Line<'_> {
    /// The line as it is written, a letter before each cell.
    fn text(&self) -> String {
        let Self { at, trade, refund } = self;
        let (paid, back) = refund.map_or((trade.taken, 0), |refund| (0, refund.amount));
        let number = |refund: &Refund| refund.number.clone().unwrap_or_else(|| refund.id.clone());
        let fee = refund.map_or(trade.fee, |refund| -refund.fee);
        let cells = [
            beijing(*at),
            keys::WECHAT_APP.to_owned(),
            if trade.stranger { "1900000009" } else { keys::WECHAT_MERCHANT }.to_owned(),
            "0".to_owned(),
            String::new(),
            trade.charge.clone(),
            trade.number.clone(),
            "buyer".to_owned(),
            "NATIVE".to_owned(),
            if refund.is_some() { "REFUND" } else { "SUCCESS" }.to_owned(),
            "OTHERS".to_owned(),
            trade.currency.to_uppercase(),
            yuan(paid),
            yuan(0),
            refund.map_or("0".to_owned(), |refund| refund.id.clone()),
            refund.map_or("0".to_owned(), number),
            yuan(back),
            yuan(0),
            refund.map_or("", |_| "ORIGINAL").to_owned(),
            refund.map_or("", |refund| status(refund.step)).to_owned(),
            trade.title.replace(',', " "),
            String::new(),
            format!("{}{}000", if fee < 0 { "-" } else { "" }, yuan(fee.abs())),
            "0.60%".to_owned(),
            yuan(trade.taken),
            yuan(back),
            String::new(),
        ];
        format!("{}\n", cells.map(|cell| format!("`{cell}")).join(","))
    }
}

const fn status(step: Step) -> &'static str {
    match step {
        Step::Pending => "PROCESSING",
        Step::Succeeded => "SUCCESS",
        Step::Failed => "FAIL",
        Step::Stuck => "CHANGE",
    }
}

/// What moved in the merchant's account: here what went to its bank, or came back, and one payment beside it.
fn funds(world: &World, date: &str) -> String {
    let line = |at: i64, id: &str, kind: &str, amount: i64| {
        let (direction, much) = if amount < 0 { ("收入", -amount) } else { ("支出", amount) };
        let cells = [
            beijing(at),
            id.to_owned(),
            format!("F{id}"),
            kind.to_owned(),
            kind.to_owned(),
            direction.to_owned(),
            yuan(much),
            yuan(0),
            "system".to_owned(),
            String::new(),
            String::new(),
        ];
        format!("{}\n", cells.map(|cell| format!("`{cell}")).join(","))
    };
    let payouts = world.payouts.iter().filter(|payout| payout.kind == Kind::WechatPay);
    let payouts = payouts.filter(|payout| beijing(payout.at).starts_with(date));
    let rows: String = payouts.map(|payout| line(payout.at, &payout.id, "提现", payout.amount)).collect();
    if rows.is_empty() {
        return rows;
    }
    let other = line(0, "other", "交易", -100);
    let names = "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号";
    format!(
        "\u{feff}{names}\n{other}{rows}资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\n`0,`0,`0.00,`0,`0.00\n"
    )
}

/// What was paid and what was asked back in a day.
fn trades(world: &World, date: &str) -> String {
    let paid = world.trades.values().filter(|trade| trade.stage == Stage::Paid);
    let mut lines: Vec<Line<'_>> =
        paid.map(|trade| Line { at: trade.paid_at, trade, refund: None }).collect();
    let back = world.refunds.iter().filter_map(|refund| Some((refund, world.trades.get(&refund.of)?)));
    lines.extend(back.map(|(refund, trade)| Line { at: refund.at, trade, refund: Some(refund) }));
    lines.retain(|line| line.trade.kind == Kind::WechatPay && beijing(line.at).starts_with(date));
    let rows: String = lines.iter().map(Line::text).collect();
    let sums =
        format!("总交易单数,应结订单总金额,退款总金额,手续费总金额\n`{},`0.00,`0.00,`0.00000\n", lines.len());
    if lines.is_empty() { String::new() } else { format!("\u{feff}{COLUMNS}{rows}{sums}") }
}
