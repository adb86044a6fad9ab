//! What staff types into the forms of coupons and bundles.

use super::{Cut, code_key};
use crate::calendar::day;
use crate::invalid::Invalid;
use crate::locale::Bilingual;
use crate::money::{Currency, Money};
use crate::text;
use crate::time::Timestamp;

/// The largest amount that a coupon or a bundle may name.
const MAX_AMOUNT: i64 = 100_000_000;

/// A coupon as typed.
#[derive(Clone, Debug, Default)]
pub struct CouponForm {
    /// Its code.
    pub code: String,
    /// A decimal: percent or amount.
    pub value: String,
    /// `percent`, or the code of a currency.
    pub unit: String,
    /// Its first day, `2026-12-31`, in UTC; empty for now.
    pub from: String,
    /// Its last day; empty for no end.
    pub until: String,
    /// How often it may be used; empty for no limit.
    pub limit: String,
    /// How often by one account; empty for no limit.
    pub account_limit: String,
    /// A remark for staff.
    pub note: String,
}

/// A coupon that was typed well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCoupon {
    /// Its code.
    pub code: String,
    /// What it takes off.
    pub cut: Cut,
    /// Its first instant.
    pub from: Timestamp,
    /// Its last instant.
    pub until: Option<Timestamp>,
    /// How often it may be used.
    pub limit: Option<i64>,
    /// How often by one account.
    pub account_limit: Option<i64>,
    /// A remark for staff.
    pub note: String,
}

/// Reads the form of a coupon.
pub fn coupon(form: &CouponForm, now: Timestamp) -> Result<NewCoupon, Invalid> {
    let mut invalid = Invalid::default();
    let code = invalid.check(code_key(&form.code).ok_or_else(|| Invalid::field("code", "coupon_code")));
    let cut = invalid.check(cut(&form.value, &form.unit));
    let from = invalid.check(day("from", &form.from));
    let until = invalid.check(day("until", &form.until));
    let limit = invalid.check(count("limit", &form.limit));
    let account_limit = invalid.check(count("account_limit", &form.account_limit));
    let note = invalid.check(text::line("note", &form.note, 0..=200));
    // The last day belongs to the coupon as a whole.
    let until = until.map(|day| day.map(|day| Timestamp::from_micros(day.micros() + 86_400_000_000 - 1)));
    if let (Some(from), Some(Some(until))) = (from, until)
        && until < from.unwrap_or(now)
    {
        invalid.add("until", "coupon_ends_before", &[]);
    }
    match (code, cut, from, until, limit, account_limit, note) {
        (Some(code), Some(cut), Some(from), Some(until), Some(limit), Some(account_limit), Some(note))
            if invalid.0.is_empty() =>
        {
            Ok(NewCoupon { code, cut, from: from.unwrap_or(now), until, limit, account_limit, note })
        }
        _ => Err(invalid),
    }
}

fn cut(value: &str, unit: &str) -> Result<Cut, Invalid> {
    let bad = || Invalid::field("value", "coupon_value");
    if unit == "percent" {
        let points = Money::parse(value.trim(), Currency::Cny).ok_or_else(bad)?.minor;
        return if (1..=10_000).contains(&points) { Ok(Cut::Percent(points)) } else { Err(bad()) };
    }
    let currency = Currency::parse(unit).ok_or_else(|| Invalid::field("unit", "coupon_value"))?;
    let amount = Money::parse(value.trim(), currency).ok_or_else(bad)?;
    if (1..=MAX_AMOUNT).contains(&amount.minor) { Ok(Cut::Amount(amount)) } else { Err(bad()) }
}

/// The most points that a rule may name or somebody may be given at once.
const MAX_POINTS: i64 = 1_000_000;

/// A whole number of points that is at least so many.
pub fn points(field: &str, text: &str, least: i64) -> Result<i64, Invalid> {
    let parsed = text.trim().parse::<i64>().ok().filter(|points| (least..=MAX_POINTS).contains(points));
    parsed.ok_or_else(|| Invalid::with(field, "number_between", &[&least, &MAX_POINTS]))
}

/// A count of at least one, or none.
pub fn count(field: &str, text: &str) -> Result<Option<i64>, Invalid> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let digits = text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<i64>() {
        Ok(count) if digits && count > 0 => Ok(Some(count)),
        _ => Err(Invalid::field(field, "coupon_count")),
    }
}

/// A bundle as typed.
#[derive(Clone, Debug, Default)]
pub struct BundleForm {
    /// Its title in English.
    pub title_en: String,
    /// Its title in Chinese.
    pub title_zh: String,
    /// A few words about it in English.
    pub about_en: String,
    /// A few words about it in Chinese.
    pub about_zh: String,
    /// What all of it costs.
    pub price: String,
    /// The currency of the price.
    pub currency: String,
}

/// A bundle that was typed well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBundle {
    /// Its title.
    pub title: Bilingual,
    /// A few words about it.
    pub about: Bilingual,
    /// What all of it costs.
    pub price: Money,
}

/// Reads the form of a bundle.
pub fn bundle(form: &BundleForm) -> Result<NewBundle, Invalid> {
    let mut invalid = Invalid::default();
    let title_en = invalid.check(text::line("title_en", &form.title_en, 2..=120));
    let title_zh = invalid.check(text::line("title_zh", &form.title_zh, 2..=120));
    let about_en = invalid.check(text::block("about_en", &form.about_en, 0..=1_000));
    let about_zh = invalid.check(text::block("about_zh", &form.about_zh, 0..=1_000));
    let price = Currency::parse(&form.currency)
        .and_then(|currency| Money::parse(form.price.trim(), currency))
        .filter(|price| (1..=MAX_AMOUNT).contains(&price.minor));
    let price = invalid.check(price.ok_or_else(|| Invalid::field("price", "bundle_price")));
    match (title_en, title_zh, about_en, about_zh, price) {
        (Some(title_en), Some(title_zh), Some(about_en), Some(about_zh), Some(price)) => Ok(NewBundle {
            title: Bilingual::new(title_en, title_zh),
            about: Bilingual::new(about_en, about_zh),
            price,
        }),
        _ => Err(invalid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> CouponForm {
        let text = str::to_owned;
        CouponForm {
            code: text("spring"),
            value: text("12.5"),
            unit: text("percent"),
            ..CouponForm::default()
        }
    }

    #[test]
    fn a_coupon_is_read_from_its_form() {
        let now = Timestamp::from_seconds(1_000);
        let read = coupon(&form(), now).unwrap();
        assert_eq!(
            (read.code.as_str(), read.cut, read.from, read.until),
            ("SPRING", Cut::Percent(1_250), now, None)
        );
        let noon = Timestamp::from_seconds(1_772_236_800 + 43_200);
        let past = CouponForm { until: "2026-02-27".to_owned(), ..form() };
        assert_eq!(coupon(&past, noon).unwrap_err().0[0].code, "coupon_ends_before");
        let today = CouponForm { until: "2026-02-28".to_owned(), ..form() };
        assert!(coupon(&today, noon).unwrap().until.unwrap() > noon, "today is not over at noon");
        let dated = CouponForm { from: "2026-02-28".to_owned(), until: "2026-03-01".to_owned(), ..form() };
        let read = coupon(&dated, now).unwrap();
        assert_eq!(read.from, Timestamp::from_seconds(1_772_236_800));
        assert_eq!(read.until, Some(Timestamp::from_micros(1_772_409_600_000_000 - 1)));
    }

    #[test]
    fn nonsense_is_refused_field_by_field() {
        let now = Timestamp::from_seconds(1_000);
        for (value, unit) in [
            ("0", "percent"),
            ("100.01", "percent"),
            ("-1", "CNY"),
            ("0", "CNY"),
            ("1", "EUR"),
            ("", "USD"),
            ("1e3", "CNY"),
        ] {
            let bad = CouponForm { value: value.to_owned(), unit: unit.to_owned(), ..form() };
            assert!(coupon(&bad, now).is_err(), "{value} {unit}");
        }
        for limit in ["0", "-1", "1.5", "1e9", "99999999999"] {
            assert!(count("limit", limit).is_err(), "{limit}");
        }
        let turned = CouponForm { from: "2026-02-02".to_owned(), until: "2026-02-01".to_owned(), ..form() };
        assert_eq!(coupon(&turned, now).unwrap_err().0[0].field, "until");
    }
}
