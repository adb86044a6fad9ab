//! The form of a competition, as an organiser fills it in.

use serde::{Deserialize, Serialize};

use super::calendar::Offset;
use super::rules::Timetable;
use super::{Counting, Kind, TieRule};
use crate::invalid::Invalid;
use crate::judging::Metric;
use crate::locale::Bilingual;
use crate::money::{Currency, Money};
use crate::text::{self, Slug};
use crate::time::{Span, Timestamp};

/// What was typed into the form: every field as text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RawCompetition {
    /// The last part of the address.
    pub slug: String,
    /// The title in English.
    pub title_en: String,
    /// The title in Chinese.
    pub title_zh: String,
    /// One or two sentences in English.
    pub summary_en: String,
    /// One or two sentences in Chinese.
    pub summary_zh: String,
    /// The rules in English, Markdown.
    pub rules_en: String,
    /// The rules in Chinese, Markdown.
    pub rules_zh: String,
    /// `quiz` or `prediction`.
    pub kind: String,
    /// Minutes east of Greenwich of the times below.
    pub offset: String,
    /// Local date and time.
    pub registration_opens: String,
    /// Local date and time.
    pub registration_closes: String,
    /// Local date and time.
    pub starts: String,
    /// Local date and time, or nothing.
    pub freezes: String,
    /// Local date and time.
    pub ends: String,
    /// The fee as a decimal; nothing or `0` for free.
    pub fee: String,
    /// The currency of the fee.
    pub currency: String,
    /// How many may enter; nothing for everybody.
    pub capacity: String,
    /// Which submission counts.
    pub counting: String,
    /// How ties are ordered.
    pub ties: String,
    /// Prediction: the metric.
    pub metric: String,
    /// Prediction: how many of a hundred rows are scored in public.
    pub public_share: String,
    /// Prediction: how many submissions a day; nothing for any number.
    pub daily_limit: String,
    /// Quiz: minutes for the answers.
    pub time_limit: String,
}

/// A competition as its organiser designed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewCompetition {
    /// The last part of the address.
    pub slug: Slug,
    /// The title.
    pub title: Bilingual,
    /// One or two sentences.
    pub summary: Bilingual,
    /// The rules, Markdown.
    pub rules: Bilingual,
    /// The zone in which the timetable is stated; also where a day begins.
    pub offset: Offset,
    /// When what happens.
    pub timetable: Timetable,
    /// The entry fee.
    pub fee: Money,
    /// How many may enter.
    pub capacity: Option<i64>,
    /// Which submission counts.
    pub counting: Counting,
    /// How ties are ordered.
    pub ties: TieRule,
    /// What is solved.
    pub task: Task,
}

/// What is solved in a competition, with what its kind needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Task {
    /// Questions against the clock.
    Quiz {
        /// The time for the answers.
        time_limit: Span,
    },
    /// A file of predictions.
    Prediction {
        /// How predictions are scored.
        metric: Metric,
        /// How many of a hundred rows are scored in public.
        public_share: u8,
        /// How many submissions a day.
        daily_limit: Option<i64>,
    },
}

impl Task {
    /// The kind of the task.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Quiz { .. } => Kind::Quiz,
            Self::Prediction { .. } => Kind::Prediction,
        }
    }
    /// How many submissions a day; a quiz is answered once and needs no limit.
    pub const fn daily_limit(&self) -> Option<i64> {
        match self {
            Self::Quiz { .. } => None,
            Self::Prediction { daily_limit, .. } => *daily_limit,
        }
    }
    /// Which way scores are better.
    pub const fn direction(&self) -> crate::judging::Direction {
        match self {
            Self::Quiz { .. } => crate::judging::Direction::Higher,
            Self::Prediction { metric, .. } => metric.direction(),
        }
    }
}

impl NewCompetition {
    /// Reads the form; says everything that is wrong with it.
    pub fn parse(raw: &RawCompetition) -> Result<Self, Invalid> {
        let mut invalid = Invalid::default();
        let slug = invalid.check(Slug::parse("slug", &raw.slug));
        let title = pair(&mut invalid, ("title", &raw.title_en, &raw.title_zh), 3..=120, text::line);
        let summary = pair(&mut invalid, ("summary", &raw.summary_en, &raw.summary_zh), 0..=400, text::line);
        let rules = pair(&mut invalid, ("rules", &raw.rules_en, &raw.rules_zh), 0..=40_000, text::block);
        let offset = number(&mut invalid, "offset", &raw.offset, -720..=840).flatten();
        let offset = offset.and_then(Offset::from_minutes);
        if offset.is_none() {
            invalid.add("offset", "choose_one", &[]);
        }
        let timetable = raw.timetable(offset.unwrap_or_default(), &mut invalid);
        let fee = raw.fee(&mut invalid);
        let capacity = number(&mut invalid, "capacity", &raw.capacity, 1..=1_000_000);
        let counting = choice(&mut invalid, "counting", Counting::parse(&raw.counting));
        let ties = choice(&mut invalid, "ties", TieRule::parse(&raw.ties));
        let task = raw.task(&mut invalid);
        let parsed = (|| {
            Some(Self {
                slug: slug?,
                title: title?,
                summary: summary?,
                rules: rules?,
                offset: offset?,
                timetable: timetable?,
                fee: fee?,
                capacity: capacity?,
                counting: counting?,
                ties: ties?,
                task: task?,
            })
        })();
        invalid.into_result()?;
        parsed.ok_or_else(|| Invalid::field("title_en", "required"))
    }

    /// The form filled in with this design.
    pub fn to_raw(&self) -> RawCompetition {
        let local = |at: Timestamp| self.offset.write(at);
        let count = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
        let mut raw = RawCompetition {
            slug: self.slug.to_string(),
            title_en: self.title.en.clone(),
            title_zh: self.title.zh.clone(),
            summary_en: self.summary.en.clone(),
            summary_zh: self.summary.zh.clone(),
            rules_en: self.rules.en.clone(),
            rules_zh: self.rules.zh.clone(),
            kind: self.task.kind().as_str().to_owned(),
            offset: self.offset.minutes().to_string(),
            registration_opens: local(self.timetable.registration_opens),
            registration_closes: local(self.timetable.registration_closes),
            starts: local(self.timetable.starts),
            freezes: self.timetable.freezes.map(local).unwrap_or_default(),
            ends: local(self.timetable.ends),
            fee: if self.fee.is_zero() { String::new() } else { self.fee.decimal() },
            currency: self.fee.currency.code().to_owned(),
            capacity: count(self.capacity),
            counting: self.counting.as_str().to_owned(),
            ties: self.ties.as_str().to_owned(),
            ..RawCompetition::default()
        };
        match &self.task {
            Task::Quiz { time_limit } => raw.time_limit = (time_limit.whole_seconds() / 60).to_string(),
            Task::Prediction { metric, public_share, daily_limit } => {
                metric.as_str().clone_into(&mut raw.metric);
                raw.public_share = public_share.to_string();
                raw.daily_limit = count(*daily_limit);
            }
        }
        raw
    }
}

impl RawCompetition {
    fn timetable(&self, offset: Offset, invalid: &mut Invalid) -> Option<Timetable> {
        let registration_opens = instant(invalid, "registration_opens", &self.registration_opens, offset);
        let registration_closes = instant(invalid, "registration_closes", &self.registration_closes, offset);
        let starts = instant(invalid, "starts", &self.starts, offset);
        let ends = instant(invalid, "ends", &self.ends, offset);
        let freezes = match self.freezes.trim() {
            "" => None,
            text => Some(instant(invalid, "freezes", text, offset)?),
        };
        let timetable = Timetable {
            registration_opens: registration_opens?,
            registration_closes: registration_closes?,
            starts: starts?,
            freezes,
            ends: ends?,
        };
        invalid.check(timetable.check())
    }

    fn fee(&self, invalid: &mut Invalid) -> Option<Money> {
        let currency = choice(invalid, "currency", Currency::parse(&self.currency))?;
        let text = if self.fee.trim().is_empty() { "0" } else { self.fee.trim() };
        let fee = Money::parse(text, currency).filter(|fee| fee.minor <= 10_000_000);
        if fee.is_none() {
            invalid.add("fee", "amount", &[]);
        }
        fee
    }

    fn task(&self, invalid: &mut Invalid) -> Option<Task> {
        match choice(invalid, "kind", Kind::parse(&self.kind))? {
            Kind::Quiz => {
                let minutes = needed(invalid, "time_limit", &self.time_limit, 1..=1_440)?;
                Some(Task::Quiz { time_limit: Span::minutes(minutes) })
            }
            Kind::Prediction => {
                let metric = choice(invalid, "metric", Metric::parse(&self.metric));
                let share = needed(invalid, "public_share", &self.public_share, 10..=100);
                let daily_limit = number(invalid, "daily_limit", &self.daily_limit, 1..=1_000);
                Some(Task::Prediction {
                    metric: metric?,
                    public_share: u8::try_from(share?).ok()?,
                    daily_limit: daily_limit?,
                })
            }
        }
    }
}

type TextRule = fn(&str, &str, std::ops::RangeInclusive<usize>) -> Result<String, Invalid>;

/// A text in two languages, of which at least one must meet the range; the other may be empty.
fn pair(
    invalid: &mut Invalid,
    (name, en, zh): (&str, &str, &str),
    range: std::ops::RangeInclusive<usize>,
    rule: TextRule,
) -> Option<Bilingual> {
    let both_empty = en.trim().is_empty() && zh.trim().is_empty();
    let mut read = |language: &str, text: &str, needed: bool| {
        let least = if needed || !text.trim().is_empty() { *range.start() } else { 0 };
        invalid.check(rule(&format!("{name}_{language}"), text, least..=*range.end()))
    };
    let english = read("en", en, both_empty);
    let chinese = read("zh", zh, false);
    Some(Bilingual { en: english?, zh: chinese? })
}

fn instant(invalid: &mut Invalid, field: &str, text: &str, offset: Offset) -> Option<Timestamp> {
    let read = offset.read(text);
    if read.is_none() {
        invalid.add(field, if text.trim().is_empty() { "required" } else { "date_time" }, &[]);
    }
    read
}

/// An optional whole number: `Some(None)` for an empty field.
fn number(
    invalid: &mut Invalid,
    field: &str,
    text: &str,
    range: std::ops::RangeInclusive<i64>,
) -> Option<Option<i64>> {
    if text.trim().is_empty() {
        return Some(None);
    }
    let number = text.trim().parse().ok().filter(|number| range.contains(number));
    if number.is_none() {
        invalid.add(field, "number_between", &[range.start(), range.end()]);
    }
    number.map(Some)
}

fn needed(
    invalid: &mut Invalid,
    field: &str,
    text: &str,
    range: std::ops::RangeInclusive<i64>,
) -> Option<i64> {
    let read = number(invalid, field, text, range)?;
    if read.is_none() {
        invalid.add(field, "required", &[]);
    }
    read
}

fn choice<T>(invalid: &mut Invalid, field: &str, read: Option<T>) -> Option<T> {
    if read.is_none() {
        invalid.add(field, "choose_one", &[]);
    }
    read
}

#[cfg(test)]
#[path = "input_tests.rs"]
mod tests;
