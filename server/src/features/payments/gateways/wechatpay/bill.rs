//! The bills of a day: what WeChat Pay took and gave back, and what it kept for its work; what it sent to our bank.
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
    /// This is what stands in it.
    Text(String),
    /// Nothing happened.
    Nothing,
    /// It does not exist yet.
    NotYet,
}

/// A line: what it says, or that it cannot be read.
pub type Line = Result<Movement, Unread>;
/// Reads the lines of a bill; nothing where it is none.
type Reader = fn(&str) -> Option<Vec<Line>>;

/// The bills of a day, and how each is read: what was traded, and what moved in our account.
const BILLS: [(&str, Reader); 2] =
    [("tradebill?bill_type=ALL", read), ("fundflowbill?account_type=BASIC", super::funds::read)];

impl WechatPay {
    /// The movements of a time, from the bills of its days, as far as there are bills.
    pub(super) async fn bills(&self, from: Timestamp, until: Timestamp) -> Result<Listing, Unsure> {
        let day = |at: Timestamp| (at.seconds() + ZONE).div_euclid(86_400);
        let start = |day: i64| Timestamp::from_seconds(day * 86_400 - ZONE);
        let mut listing = Listing::complete(until);
        for number in day(from)..=day(until) {
            if !self.take_day(&mut listing, start(number), start(number + 1)).await? {
                listing.until = start(number).minus(Span::from_micros(1)).min(until);
                break;
            }
        }
        listing.movements.retain(|movement| from <= movement.at && movement.at <= until);
        Ok(listing)
    }

    /// Takes the bills of a day in; says whether there are all of them.
    async fn take_day(
        &self,
        listing: &mut Listing,
        start: Timestamp,
        end: Timestamp,
    ) -> Result<bool, Unsure> {
        let mut lines = Vec::new();
        for (bill, reader) in BILLS {
            match self.bill(bill, start, end).await? {
                Bill::Text(text) => {
                    let read =
                        reader(&text).ok_or_else(|| Unsure("a bill that cannot be read".to_owned()))?;
                    lines.extend(read);
                }
                Bill::Nothing => {}
                Bill::NotYet => return Ok(false),
            }
        }
        for line in lines {
            match line {
                Ok(movement) => listing.movements.push(movement),
                Err(unread) => listing.unread.push(unread),
            }
        }
        Ok(true)
    }

    async fn bill(&self, bill: &str, start: Timestamp, end: Timestamp) -> Result<Bill, Unsure> {
        let now = self.outside.clock.now();
        if now < end.plus(MADE) {
            return Ok(Bill::NotYet);
        }
        let path = format!("/v3/bill/{bill}&bill_date={}", date(start));
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
        let answer = self.list(&path).await?;
        let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, &answer.body);
        let digest: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        if answer.status != 200 || made.member("hash_value").as_str() != Some(digest.as_str()) {
            return Err(Unsure("a bill that is not the one that was announced".to_owned()));
        }
        let text = String::from_utf8(answer.body).map_err(|_| Unsure("a bill of no text".to_owned()))?;
        Ok(Bill::Text(text))
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
    fee: Option<usize>,
}

/// The names of the columns of a bill.
pub fn names(line: &str) -> Vec<&str> {
    line.trim_start_matches('\u{feff}').split(',').map(str::trim).collect()
}

/// The cells of a line; before each stands a mark, so that tables take none for a number.
pub fn cells(line: &str) -> Vec<&str> {
    line.split(",`").map(|cell| cell.trim().trim_start_matches('`')).collect()
}

impl Columns {
    fn of(line: &str) -> Option<Self> {
        let names = names(line);
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
            fee: column("手续费"),
        })
    }
}

/// Reads a bill: a line of names, a line for each movement, and two lines of sums that are not needed. Nothing
/// where it is no bill; a line that cannot be read is only that.
pub fn read(text: &str) -> Option<Vec<Line>> {
    let mut lines = text.lines();
    let columns = Columns::of(lines.next()?)?;
    Some(lines.take_while(|line| line.starts_with('`')).flat_map(|line| lines_of(&columns, line)).collect())
}

/// What a line says: the money that moved, and what was kept of it; nothing where no money moved.
fn lines_of(columns: &Columns, line: &str) -> Vec<Line> {
    let cells = cells(line);
    let cell = |at: usize| cells.get(at).copied().unwrap_or_default();
    let (kind, reference, number, amount) = match cell(columns.state) {
        "SUCCESS" => (MovementKind::Charge, cell(columns.charge), cell(columns.number), cell(columns.amount)),
        "REFUND" => (MovementKind::Refund, cell(columns.back), cell(columns.back), cell(columns.refunded)),
        _ => return Vec::new(),
    };
    let unread = |what: &str| {
        Err(Unread { reference: reference.to_owned(), why: format!("{what} {}", cell(columns.currency)) })
    };
    let charge = cell(columns.charge).to_owned();
    let money = yuan::read(amount).filter(|money| money.minor > 0);
    let money = money.filter(|_| cell(columns.currency) == Currency::Cny.code());
    let (Some(amount), Some(at)) = (money, instant(cell(columns.time))) else { return vec![unread(amount)] };
    let fee = columns.fee.map(cell).filter(|fee| !fee.is_empty());
    let fee = fee.map(|fee| match yuan::read_signed(fee) {
        Some(fee) => Ok(Movement::entry(MovementKind::Fee, reference, &charge, fee, at)),
        None => unread(&format!("fee {fee}")),
    });
    let fee = fee.filter(|fee| fee.as_ref().map_or(true, |fee| !fee.amount.is_zero()));
    let number = Some(number.to_owned()).filter(|number| !number.is_empty());
    let stage = columns.refund_state.map(cell).unwrap_or_default().to_owned();
    let reference = reference.to_owned();
    let movement = Movement { reference, charge: charge.clone(), number, amount, at, kind, stage };
    [Some(Ok(movement)), fee].into_iter().flatten().collect()
}

/// An instant as bills write it.
pub fn instant(text: &str) -> Option<Timestamp> {
    let naive = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
    let zone = FixedOffset::east_opt(i32::try_from(ZONE).ok()?)?;
    let at = naive.and_local_timezone(zone).single()?;
    Some(Timestamp::from_seconds(at.timestamp()))
}
