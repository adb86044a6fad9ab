//! The bill of a day: the list of everything that WeChat Pay took and gave back.

use super::super::wire::Member;
use axum::http::Method;
use chrono::{DateTime, FixedOffset, NaiveDateTime};
use domain::money::{Currency, Money};
use domain::time::Timestamp;

use super::super::super::gateway::{Movement, MovementKind, Unsure};
use super::super::yuan;
use super::WechatPay;
use super::api::Reply;

/// The zone of bills: the clock of Beijing.
const ZONE: i64 = 8 * 3_600;

impl WechatPay {
    /// The movements of a time, from the bills of its days.
    pub(super) async fn bills(&self, from: Timestamp, until: Timestamp) -> Result<Vec<Movement>, Unsure> {
        let day = |at: Timestamp| (at.seconds() + ZONE).div_euclid(86_400);
        let mut movements = Vec::new();
        for number in day(from)..=day(until) {
            let at = Timestamp::from_seconds(number * 86_400);
            movements.extend(self.bill(&date(at)).await?);
        }
        movements.retain(|movement| from <= movement.at && movement.at <= until);
        Ok(movements)
    }

    async fn bill(&self, date: &str) -> Result<Vec<Movement>, Unsure> {
        let path = format!("/v3/bill/tradebill?bill_date={date}&bill_type=ALL");
        let made = match self.call(Method::GET, &path, None).await? {
            Reply::Ok(made) => made,
            // A day on which nothing happened has no bill.
            Reply::Refused { code, .. } if code == "NO_STATEMENT_EXIST" => return Ok(Vec::new()),
            Reply::Refused { code, .. } => return Err(Unsure(format!("a bill is refused: {code}"))),
        };
        let address = made.member("download_url").as_str().unwrap_or_default();
        // Never to another host than the one that we trust.
        let path = address.strip_prefix(self.url.as_str()).filter(|path| path.starts_with('/'));
        let path = path.ok_or_else(|| Unsure("a bill elsewhere".to_owned()))?;
        let answer = self.send(Method::GET, path, None).await?;
        let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, &answer.body);
        let digest: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        if answer.status != 200 || made.member("hash_value").as_str() != Some(digest.as_str()) {
            return Err(Unsure("a bill that is not the one that was announced".to_owned()));
        }
        let text = String::from_utf8(answer.body).map_err(|_| Unsure("a bill of no text".to_owned()))?;
        read(&text).ok_or_else(|| Unsure("a bill that cannot be read".to_owned()))
    }
}

fn date(at: Timestamp) -> String {
    DateTime::from_timestamp(at.seconds(), 0).unwrap_or_default().format("%Y-%m-%d").to_string()
}

/// Reads a bill: a line of names, a line for each movement, and two lines of sums that are not needed.
pub fn read(text: &str) -> Option<Vec<Movement>> {
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let names: Vec<&str> = lines.next()?.split(',').map(str::trim).collect();
    let column = |name: &str| names.iter().position(|known| *known == name);
    let (time, charge, number) = (column("交易时间")?, column("微信订单号")?, column("商户订单号")?);
    let (state, amount) = (column("交易状态")?, column("订单金额")?);
    let back = column("商户退款单号")?;
    let refunded = column("申请退款金额").or_else(|| column("退款金额"))?;
    let mut movements = Vec::new();
    for line in lines.take_while(|line| line.starts_with('`')) {
        let cells: Vec<&str> = line.split(",`").map(|cell| cell.trim().trim_start_matches('`')).collect();
        let cell = |at: usize| cells.get(at).copied().unwrap_or_default();
        let (kind, reference, number, amount) = match cell(state) {
            "SUCCESS" => (MovementKind::Charge, cell(charge), cell(number), cell(amount)),
            "REFUND" => (MovementKind::Refund, cell(back), cell(back), cell(refunded)),
            _ => continue,
        };
        let amount = yuan::read(amount).filter(|amount| amount.minor > 0);
        let amount = amount.map(|amount| Money::new(amount.minor, Currency::Cny))?;
        let number = Some(number.to_owned()).filter(|number| !number.is_empty());
        movements.push(Movement {
            reference: reference.to_owned(),
            charge: cell(charge).to_owned(),
            number,
            amount,
            at: instant(cell(time))?,
            kind,
        });
    }
    Some(movements)
}

fn instant(text: &str) -> Option<Timestamp> {
    let naive = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
    let zone = FixedOffset::east_opt(i32::try_from(ZONE).ok()?)?;
    let at = naive.and_local_timezone(zone).single()?;
    Some(Timestamp::from_seconds(at.timestamp()))
}
