//! What staff type about a plan.

use serde::{Deserialize, Serialize};

use super::{Interval, Opens, Rank, Terms, Tier};
use crate::invalid::Invalid;
use crate::locale::Bilingual;
use crate::money::{Currency, Money};
use crate::text;

/// The largest price of a plan in minor units.
const DEAREST: i64 = 100_000_000;

/// A plan as a form carries it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PlanInput {
    /// `free`, `basic` or `premium`.
    pub tier: String,
    /// `month`, `quarter` or `year`.
    pub interval: String,
    /// The name in English.
    pub title_en: String,
    /// The name in Chinese.
    pub title_zh: String,
    /// One sentence in English.
    pub summary_en: String,
    /// One sentence in Chinese.
    pub summary_zh: String,
    /// The price in yuan; empty where it cannot be bought in yuan.
    pub price_cny: String,
    /// The price in dollars; empty where it cannot be bought in dollars.
    pub price_usd: String,
    /// The days of the trial.
    pub trial_days: String,
    /// The days of grace.
    pub grace_days: String,
    /// The days of the retries: `1, 3, 5`.
    pub retry_days: String,
    /// What it opens, one a line: `courses`, `category:data`, `course:<id>`, `competitions`, `competition:<id>`.
    pub opens: String,
}

/// A plan that was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPlan {
    /// How much it opens and how long its period lasts.
    pub rank: Rank,
    /// Its name.
    pub title: Bilingual,
    /// What it is, in a sentence.
    pub summary: Bilingual,
    /// What it costs, in every currency in which it can be bought.
    pub prices: Vec<Money>,
    /// Trial, grace and retries.
    pub terms: Terms,
    /// What it opens.
    pub opens: Vec<Opens>,
}

impl NewPlan {
    /// The price in a currency.
    pub fn price(&self, currency: Currency) -> Option<Money> {
        self.prices.iter().copied().find(|price| price.currency == currency)
    }
}

fn price(field: &str, text: &str, currency: Currency) -> Result<Option<Money>, Invalid> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let money = Money::parse(text, currency).filter(|money| money.minor <= DEAREST);
    money.map(Some).ok_or_else(|| Invalid::field(field, "price_range"))
}

fn days(field: &str, text: &str, most: i64) -> Result<i64, Invalid> {
    let number = if text.trim().is_empty() { Some(0) } else { text.trim().parse::<i64>().ok() };
    number
        .filter(|days| (0..=most).contains(days))
        .ok_or_else(|| Invalid::with(field, "days_range", &[&0, &most]))
}

fn retries(text: &str) -> Result<Vec<i64>, Invalid> {
    let wrong = || Invalid::field("retry_days", "retry_days");
    let days: Option<Vec<i64>> = text
        .split([',', '，', ' '])
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok().filter(|days| (1..=30).contains(days)))
        .collect();
    let days = days.ok_or_else(wrong)?;
    let ascends = days.windows(2).all(|pair| matches!(pair, [one, two] if one < two));
    // Without one day to try again there is no moment at which a kept card could be charged.
    if ascends && (1..=6).contains(&days.len()) { Ok(days) } else { Err(wrong()) }
}

fn opens(text: &str) -> Result<Vec<Opens>, Invalid> {
    let mut found = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let one = Opens::parse(line).ok_or_else(|| {
            Invalid::with("opens", "plan_opens", &[&line.chars().take(60).collect::<String>()])
        })?;
        found.push(one);
    }
    found.sort();
    found.dedup();
    if found.len() > 500 { Err(Invalid::with("opens", "plan_opens_many", &[&500])) } else { Ok(found) }
}

impl PlanInput {
    /// Checks what was typed.
    pub fn check(&self) -> Result<NewPlan, Invalid> {
        let mut invalid = Invalid::default();
        let tier = Tier::parse(&self.tier);
        if tier.is_none() {
            invalid.add("tier", "choose_one", &[]);
        }
        let interval = Interval::parse(&self.interval);
        if interval.is_none() {
            invalid.add("interval", "choose_one", &[]);
        }
        let title_en = invalid.check(text::line("title_en", &self.title_en, 1..=60));
        let title_zh = invalid.check(text::line("title_zh", &self.title_zh, 1..=60));
        let summary_en = invalid.check(text::line("summary_en", &self.summary_en, 0..=200));
        let summary_zh = invalid.check(text::line("summary_zh", &self.summary_zh, 0..=200));
        let cny = invalid.check(price("price_cny", &self.price_cny, Currency::Cny));
        let usd = invalid.check(price("price_usd", &self.price_usd, Currency::Usd));
        let trial_days = invalid.check(days("trial_days", &self.trial_days, 90));
        let grace_days = invalid.check(days("grace_days", &self.grace_days, 30));
        let retry_days = invalid.check(retries(&self.retry_days));
        let opens = invalid.check(opens(&self.opens));
        let prices: Vec<Money> = [cny.flatten(), usd.flatten()].into_iter().flatten().collect();
        match tier {
            Some(Tier::Free) if prices.iter().any(|price| !price.is_zero()) => {
                invalid.add("price_cny", "free_costs_nothing", &[]);
            }
            // Nobody enters for nothing where others pay the prizes.
            Some(Tier::Free) if opens.iter().flatten().any(Opens::is_entry) => {
                invalid.add("opens", "free_opens_no_entries", &[]);
            }
            Some(Tier::Basic | Tier::Premium)
                if prices.is_empty() || prices.iter().any(|price| price.is_zero()) =>
            {
                invalid.add("price_cny", "plan_needs_price", &[]);
            }
            _ => {}
        }
        invalid.clone().into_result()?;
        let all = || {
            Some(NewPlan {
                rank: Rank { tier: tier?, interval: interval? },
                title: Bilingual::new(title_en?, title_zh?),
                summary: Bilingual::new(summary_en?, summary_zh?),
                prices,
                terms: Terms { trial_days: trial_days?, grace_days: grace_days?, retry_days: retry_days? },
                opens: opens?,
            })
        };
        all().ok_or(invalid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed() -> PlanInput {
        PlanInput {
            tier: "basic".into(),
            interval: "month".into(),
            title_en: "Basic".into(),
            title_zh: "基础".into(),
            price_cny: "29".into(),
            price_usd: "4.50".into(),
            trial_days: "7".into(),
            grace_days: "3".into(),
            retry_days: "1, 3, 5".into(),
            opens: "category:data\n\ncompetitions\ncategory:data".into(),
            ..PlanInput::default()
        }
    }
    fn refused(input: &PlanInput, field: &str) {
        let invalid = input.check().unwrap_err();
        assert!(invalid.0.iter().any(|fault| fault.field == field), "{field}: {invalid:?}");
    }

    #[test]
    fn a_plan_is_read() {
        let plan = typed().check().unwrap();
        assert_eq!(plan.price(Currency::Cny).map(|price| price.minor), Some(2_900));
        assert_eq!(plan.price(Currency::Usd).map(|price| price.minor), Some(450));
        assert_eq!(plan.terms, Terms { trial_days: 7, ..Terms::default() });
        assert_eq!(plan.opens, [Opens::Category("data".into()), Opens::Competitions]);
        let free = PlanInput {
            tier: "free".into(),
            price_cny: String::new(),
            price_usd: "0".into(),
            opens: "category:data".into(),
            ..typed()
        };
        assert!(free.check().is_ok());
        refused(&PlanInput { opens: "competitions".into(), ..free }, "opens");
    }

    #[test]
    fn bad_input_is_refused_by_field() {
        refused(&PlanInput { tier: "gold".into(), ..typed() }, "tier");
        refused(&PlanInput { interval: "week".into(), ..typed() }, "interval");
        refused(&PlanInput { title_en: " ".into(), ..typed() }, "title_en");
        refused(&PlanInput { title_zh: "长".repeat(5_000), ..typed() }, "title_zh");
        refused(&PlanInput { price_cny: "-1".into(), ..typed() }, "price_cny");
        refused(&PlanInput { price_usd: "1e9".into(), ..typed() }, "price_usd");
        refused(&PlanInput { price_usd: "99999999".into(), ..typed() }, "price_usd");
        refused(&PlanInput { price_cny: String::new(), price_usd: String::new(), ..typed() }, "price_cny");
        refused(&PlanInput { price_cny: "0".into(), ..typed() }, "price_cny");
        refused(&PlanInput { tier: "free".into(), ..typed() }, "price_cny");
        refused(&PlanInput { trial_days: "91".into(), ..typed() }, "trial_days");
        refused(&PlanInput { grace_days: "-1".into(), ..typed() }, "grace_days");
        for bad in ["", "5,3", "0", "x", "31", "1,1", "1,2,3,4,5,6,7"] {
            refused(&PlanInput { retry_days: bad.into(), ..typed() }, "retry_days");
        }
        refused(&PlanInput { opens: "everything".into(), ..typed() }, "opens");
        refused(&PlanInput { opens: "x".repeat(10_240), ..typed() }, "opens");
    }
}
