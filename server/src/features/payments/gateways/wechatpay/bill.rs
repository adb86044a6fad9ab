//! The bill of a day: the list of everything that WeChat Pay took and gave back.
//!
//! It exists from ten in the morning of the next day on, by the clock of Beijing. Before that WeChat Pay answers
//! as on a day without any bill, so a day that is not over is never asked for.

use super::super::wire::Member;
use axum::http::Method;
use chrono::{DateTime, FixedOffset, NaiveDateTime};
use domain::money::Currency;
use domain::time::{Span, Timestamp};
use reqwest::Url;

use super::super::super::gateway::Unsure;
use super::super::super::list::{Listing, Movement, MovementKind, Unread};
use super::super::yuan;
use super::WechatPay;
use super::api::Reply;

/// The zone of bills: the clock of Beijing.
const ZONE: i64 = 8 * 3_600;
/// When the bill of a day is made, after its end.
const MADE: Span = Span::hours(10);
/// When a bill that is still being made is made no more: nothing happened on its day.
const NEVER: Span = Span::days(3);

/// The bill of a day.
enum Bill {
    /// It lists this.
    Lists(Vec<Line>),
    /// Nothing happened.
    Nothing,
    /// It does not exist yet.
    NotYet,
}

/// A line: what it says, or that it cannot be read.
type Line = Result<Movement, Unread>;

impl WechatPay {
    /// The movements of a time, from the bills of its days, as far as there are bills.
    pub(super) async fn bills(&self, from: Timestamp, until: Timestamp) -> Result<Listing, Unsure> {
        let day = |at: Timestamp| (at.seconds() + ZONE).div_euclid(86_400);
        let start = |day: i64| Timestamp::from_seconds(day * 86_400 - ZONE);
        let mut listing = Listing::complete(until);
        for number in day(from)..=day(until) {
            match self.bill(start(number), start(number + 1)).await? {
                Bill::Lists(lines) => {
                    for line in lines {
                        match line {
                            Ok(movement) => listing.movements.push(movement),
                            Err(unread) => listing.unread.push(unread),
                        }
                    }
                }
                Bill::Nothing => {}
                Bill::NotYet => {
                    listing.until = start(number).minus(Span::from_micros(1)).min(until);
                    break;
                }
            }
        }
        listing.movements.retain(|movement| from <= movement.at && movement.at <= until);
        Ok(listing)
    }

    async fn bill(&self, start: Timestamp, end: Timestamp) -> Result<Bill, Unsure> {
        let now = self.outside.clock.now();
        if now < end.plus(MADE) {
            return Ok(Bill::NotYet);
        }
        let path = format!("/v3/bill/tradebill?bill_date={}&bill_type=ALL", date(start));
        let made = match self.call(Method::GET, &path, None).await? {
            Reply::Ok(made) => made,
            Reply::Refused { code, .. } => {
                return match code.as_str() {
                    "NO_STATEMENT_EXIST" => Ok(Bill::Nothing),
                    "STATEMENT_CREATING" if now < end.plus(NEVER) => Ok(Bill::NotYet),
                    "STATEMENT_CREATING" => Ok(Bill::Nothing),
                    _ => Err(Unsure(format!("a bill is refused: {code}"))),
                };
            }
        };
        let address = made.member("download_url").as_str().unwrap_or_default();
        // Whatever host it names: it is asked for where everything is asked for.
        let path = self.path_within(address).ok_or_else(|| Unsure("a bill elsewhere".to_owned()))?;
        let answer = self.send(Method::GET, &path, None).await?;
        let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, &answer.body);
        let digest: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        if answer.status != 200 || made.member("hash_value").as_str() != Some(digest.as_str()) {
            return Err(Unsure("a bill that is not the one that was announced".to_owned()));
        }
        let text = String::from_utf8(answer.body).map_err(|_| Unsure("a bill of no text".to_owned()))?;
        read(&text).map(Bill::Lists).ok_or_else(|| Unsure("a bill that cannot be read".to_owned()))
    }

    /// The path of an address below the base address of WeChat Pay, as it is signed.
    fn path_within(&self, address: &str) -> Option<String> {
        let (address, base) = (Url::parse(address).ok()?, Url::parse(&self.url).ok()?);
        let path = address.path().strip_prefix(base.path().trim_end_matches('/'))?;
        let query = address.query().map(|query| format!("?{query}")).unwrap_or_default();
        path.starts_with("/v3/").then(|| format!("{path}{query}"))
    }
}

/// The day that begins at an instant.
fn date(start: Timestamp) -> String {
    let local = start.plus(Span::seconds(ZONE));
    DateTime::from_timestamp(local.seconds(), 0).unwrap_or_default().format("%Y-%m-%d").to_string()
}

/// The places of the columns that are read.
struct Columns {
    time: usize,
    charge: usize,
    number: usize,
    state: usize,
    currency: usize,
    amount: usize,
    back: usize,
    refunded: usize,
    refund_state: Option<usize>,
}

impl Columns {
    fn of(names: &str) -> Option<Self> {
        let names: Vec<&str> = names.split(',').map(str::trim).collect();
        let column = |name: &str| names.iter().position(|known| *known == name);
        Some(Self {
            time: column("交易时间")?,
            charge: column("微信订单号")?,
            number: column("商户订单号")?,
            state: column("交易状态")?,
            currency: column("货币种类")?,
            amount: column("订单金额")?,
            back: column("商户退款单号")?,
            refunded: column("申请退款金额").or_else(|| column("退款金额"))?,
            refund_state: column("退款状态"),
        })
    }
}

/// Reads a bill: a line of names, a line for each movement, and two lines of sums that are not needed. Nothing
/// where it is no bill; a line that cannot be read is only that.
pub fn read(text: &str) -> Option<Vec<Line>> {
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let columns = Columns::of(lines.next()?)?;
    Some(lines.take_while(|line| line.starts_with('`')).filter_map(|line| line_of(&columns, line)).collect())
}

/// A line; nothing where no money moved.
fn line_of(columns: &Columns, line: &str) -> Option<Line> {
    let cells: Vec<&str> = line.split(",`").map(|cell| cell.trim().trim_start_matches('`')).collect();
    let cell = |at: usize| cells.get(at).copied().unwrap_or_default();
    let (kind, reference, number, amount) = match cell(columns.state) {
        "SUCCESS" => (MovementKind::Charge, cell(columns.charge), cell(columns.number), cell(columns.amount)),
        "REFUND" => (MovementKind::Refund, cell(columns.back), cell(columns.back), cell(columns.refunded)),
        _ => return None,
    };
    let unread =
        || Unread { reference: reference.to_owned(), why: format!("{amount} {}", cell(columns.currency)) };
    let money = yuan::read(amount).filter(|money| money.minor > 0);
    let money = money.filter(|_| cell(columns.currency) == Currency::Cny.code());
    let (Some(amount), Some(at)) = (money, instant(cell(columns.time))) else { return Some(Err(unread())) };
    Some(Ok(Movement {
        reference: reference.to_owned(),
        charge: cell(columns.charge).to_owned(),
        number: Some(number.to_owned()).filter(|number| !number.is_empty()),
        amount,
        at,
        kind,
        stage: columns.refund_state.map(cell).unwrap_or_default().to_owned(),
    }))
}

fn instant(text: &str) -> Option<Timestamp> {
    let naive = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
    let zone = FixedOffset::east_opt(i32::try_from(ZONE).ok()?)?;
    let at = naive.and_local_timezone(zone).single()?;
    Some(Timestamp::from_seconds(at.timestamp()))
}
