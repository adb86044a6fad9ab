//! What people type about courses, parsed once for the browser and the server.

use super::category::Category;
use super::quiz::{Choice, Decimal, MAX_CHOICES, MAX_POINTS, NumberKey, Question, QuestionId, QuestionKind};
use super::{CourseState, LessonKind, Level, PriceFilter, Sort};
use crate::invalid::Invalid;
use crate::locale::{Bilingual, Locale};
use crate::money::{Currency, Money};
use crate::text::{Slug, block, line};

/// The longest Markdown text of a lesson, in characters.
pub const MAX_BODY: usize = 30_000;
/// The highest price of a course, in minor units.
pub const MAX_PRICE: i64 = 10_000_000;

/// The title of a course, chapter or lesson, in at least one language.
pub fn title(en: &str, zh: &str) -> Result<Bilingual, Invalid> {
    let mut invalid = Invalid::default();
    let en = invalid.check(line("title_en", en, 0..=120));
    let zh = invalid.check(line("title_zh", zh, 0..=120));
    let text = Bilingual::new(en.unwrap_or_default(), zh.unwrap_or_default());
    if invalid.0.is_empty() && text.is_empty() {
        invalid.add("title_en", "required_in_one_language", &[]);
    }
    invalid.into_result().map(|()| text)
}

/// A text of several lines in both languages, either or both of which may be empty; `name` without the language.
pub fn both_blocks(name: &str, en: &str, zh: &str, longest: usize) -> Result<Bilingual, Invalid> {
    let mut invalid = Invalid::default();
    let en = invalid.check(block(&format!("{name}_en"), en, 0..=longest));
    let zh = invalid.check(block(&format!("{name}_zh"), zh, 0..=longest));
    invalid.into_result().map(|()| Bilingual::new(en.unwrap_or_default(), zh.unwrap_or_default()))
}

/// The form that describes a course, as typed.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "each field is the form field of the same name")]
pub struct CourseForm {
    pub title_en: String,
    pub title_zh: String,
    pub summary_en: String,
    pub summary_zh: String,
    pub goals_en: String,
    pub goals_zh: String,
    pub slug: String,
    pub category: String,
    pub level: String,
    pub tags: String,
    pub price: String,
    pub currency: String,
}

/// What a course says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CourseText {
    /// Its title.
    pub title: Bilingual,
    /// Its summary.
    pub summary: Bilingual,
    /// Its goals, one a line.
    pub goals: Bilingual,
    /// The readable part of its address.
    pub slug: Slug,
    /// Its subject, if chosen yet.
    pub category: Option<&'static str>,
    /// How much it expects.
    pub level: Level,
    /// Its tags.
    pub tags: Vec<String>,
    /// What it costs.
    pub price: Money,
}

impl CourseForm {
    /// Reads the form.
    pub fn parse(&self) -> Result<CourseText, Invalid> {
        let mut invalid = Invalid::default();
        let title = invalid.check(title(&self.title_en, &self.title_zh));
        let summary = invalid.check(both_blocks("summary", &self.summary_en, &self.summary_zh, 600));
        let goals = invalid.check(both_blocks("goals", &self.goals_en, &self.goals_zh, 1_200));
        let slug = invalid.check(Slug::parse("slug", &self.slug));
        let category = invalid.check(category(&self.category));
        let level =
            invalid.check(Level::parse(&self.level).ok_or_else(|| Invalid::field("level", "choice_unknown")));
        let tags = invalid.check(tags(&self.tags));
        let price = invalid.check(price(&self.price, &self.currency));
        match (title, summary, goals, slug, category, level, tags, price) {
            (
                Some(title),
                Some(summary),
                Some(goals),
                Some(slug),
                Some(category),
                Some(level),
                Some(tags),
                Some(price),
            ) => Ok(CourseText { title, summary, goals, slug, category, level, tags, price }),
            _ => Err(invalid),
        }
    }
}

fn category(text: &str) -> Result<Option<&'static str>, Invalid> {
    if text.is_empty() {
        return Ok(None);
    }
    Category::find(text)
        .map(|category| Some(category.slug))
        .ok_or_else(|| Invalid::field("category", "choice_unknown"))
}

/// Tags parted by commas (of either language), lower-cased, each once.
pub fn tags(text: &str) -> Result<Vec<String>, Invalid> {
    let mut tags: Vec<String> = Vec::new();
    for part in text.split([',', '，', '、']).filter(|part| !part.trim().is_empty()) {
        let tag = line("tags", part, 1..=30)?.to_lowercase();
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    if tags.len() > 8 { Err(Invalid::with("tags", "too_many", &[&8])) } else { Ok(tags) }
}

/// A price: empty or `0` is free.
pub fn price(text: &str, currency: &str) -> Result<Money, Invalid> {
    let currency = if currency.is_empty() {
        Currency::default()
    } else {
        Currency::parse(currency).ok_or_else(|| Invalid::field("currency", "choice_unknown"))?
    };
    let text = text.trim();
    if text.is_empty() {
        return Ok(Money::zero(currency));
    }
    let money = Money::parse(text, currency).ok_or_else(|| Invalid::field("price", "price_shape"))?;
    if money.minor > MAX_PRICE {
        return Err(Invalid::with("price", "price_too_high", &[&Money::new(MAX_PRICE, currency)]));
    }
    Ok(money)
}

/// The form that describes a lesson, as typed.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "each field is the form field of the same name")]
pub struct LessonForm {
    pub title_en: String,
    pub title_zh: String,
    pub body_en: String,
    pub body_zh: String,
    pub preview: bool,
    pub minutes: String,
    pub pass_mark: String,
    pub attempts: String,
}

/// What a lesson says, and how its quiz is passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LessonText {
    /// Its title.
    pub title: Bilingual,
    /// Its Markdown.
    pub body: Bilingual,
    /// Whether anybody may read it.
    pub preview: bool,
    /// How long it takes, in minutes.
    pub minutes: u32,
    /// The pass mark of its quiz in percent.
    pub pass_mark: u32,
    /// How many attempts its quiz allows; zero for any number.
    pub attempts: u32,
}

impl LessonForm {
    /// Reads the form; figures that are left empty take their usual value.
    pub fn parse(&self) -> Result<LessonText, Invalid> {
        let mut invalid = Invalid::default();
        let title = invalid.check(title(&self.title_en, &self.title_zh));
        let body = invalid.check(both_blocks("body", &self.body_en, &self.body_zh, MAX_BODY));
        let minutes = invalid.check(figure("minutes", &self.minutes, 5, 1..=600));
        let pass_mark = invalid.check(figure("pass_mark", &self.pass_mark, 70, 1..=100));
        let attempts = invalid.check(figure("attempts", &self.attempts, 0, 0..=100));
        match (title, body, minutes, pass_mark, attempts) {
            (Some(title), Some(body), Some(minutes), Some(pass_mark), Some(attempts)) => {
                Ok(LessonText { title, body, preview: self.preview, minutes, pass_mark, attempts })
            }
            _ => Err(invalid),
        }
    }
}

/// A kind of lesson.
pub fn lesson_kind(text: &str) -> Result<LessonKind, Invalid> {
    LessonKind::parse(text).ok_or_else(|| Invalid::field("kind", "choice_unknown"))
}

/// A whole number within bounds, or `usual` where nothing was typed.
fn figure(field: &str, text: &str, usual: u32, range: std::ops::RangeInclusive<u32>) -> Result<u32, Invalid> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(usual);
    }
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse()
        .ok()
        .filter(|number| digits && range.contains(number))
        .ok_or_else(|| Invalid::with(field, "number_range", &[range.start(), range.end()]))
}

/// The form of a question, as typed; options are parallel lists, empty rows are dropped.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "each field is the form field of the same name")]
pub struct QuestionForm {
    pub kind: String,
    pub prompt_en: String,
    pub prompt_zh: String,
    pub explanation_en: String,
    pub explanation_zh: String,
    pub points: String,
    pub choices_en: Vec<String>,
    pub choices_zh: Vec<String>,
    pub feedback_en: Vec<String>,
    pub feedback_zh: Vec<String>,
    /// The positions of the right rows.
    pub right: Vec<String>,
    pub number_value: String,
    pub number_tolerance: String,
}

impl QuestionForm {
    /// Reads the form into a question that can be marked.
    pub fn parse(&self, id: QuestionId) -> Result<Question, Invalid> {
        let mut invalid = Invalid::default();
        let kind = QuestionKind::parse(&self.kind).ok_or_else(|| Invalid::field("kind", "choice_unknown"))?;
        let prompt = invalid.check(both_blocks("prompt", &self.prompt_en, &self.prompt_zh, 4_000));
        let explanation =
            invalid.check(both_blocks("explanation", &self.explanation_en, &self.explanation_zh, 4_000));
        let points = invalid.check(figure("points", &self.points, 1, 1..=MAX_POINTS));
        let choices = invalid.check(self.choices(kind));
        let number = match kind {
            QuestionKind::Number => invalid.check(self.number()),
            _ => None,
        };
        let (Some(prompt), Some(explanation), Some(points), Some(choices)) =
            (prompt, explanation, points, choices)
        else {
            return Err(invalid);
        };
        invalid.into_result()?;
        let question = Question { id, kind, prompt, explanation, points, choices, number };
        question.check().map(|()| question)
    }

    fn choices(&self, kind: QuestionKind) -> Result<Vec<Choice>, Invalid> {
        let rows = match kind {
            QuestionKind::Number => 0,
            QuestionKind::TrueFalse => 2,
            _ => self.choices_en.len().max(self.choices_zh.len()),
        };
        if rows > MAX_CHOICES {
            return Err(Invalid::with("choices", "choices_count", &[&2, &MAX_CHOICES]));
        }
        let cell = |list: &[String], row: usize| list.get(row).cloned().unwrap_or_default();
        let mut choices = Vec::new();
        for row in 0..rows {
            let text =
                both_blocks("choices", &cell(&self.choices_en, row), &cell(&self.choices_zh, row), 500)?;
            let feedback =
                both_blocks("feedback", &cell(&self.feedback_en, row), &cell(&self.feedback_zh, row), 1_000)?;
            let right = self.right.contains(&row.to_string());
            if kind == QuestionKind::TrueFalse {
                choices.push(Choice { text: Bilingual::default(), right, feedback });
            } else if !text.is_empty() {
                choices.push(Choice { text, right, feedback });
            } else if right {
                return Err(Invalid::field("choices", "choices_worded"));
            }
        }
        Ok(choices)
    }

    fn number(&self) -> Result<NumberKey, Invalid> {
        let read = |field: &str, text: &str| {
            Decimal::parse(text).ok_or_else(|| Invalid::field(field, "number_shape"))
        };
        let value = read("number_value", &self.number_value)?;
        let tolerance = match self.number_tolerance.trim() {
            "" => Decimal::default(),
            text => read("number_tolerance", text)?,
        };
        Ok(NumberKey { value, tolerance })
    }
}

/// A learner's note.
pub fn note(text: &str) -> Result<String, Invalid> {
    block("body", text, 1..=2_000)
}

/// What of the catalogue somebody wants to see; unknown values in an address filter nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CatalogueFilter {
    /// The words looked for.
    pub query: String,
    /// A subject with those below it.
    pub category: Option<&'static Category>,
    /// How much the course expects.
    pub level: Option<Level>,
    /// The language it must be written in.
    pub language: Option<Locale>,
    /// Whether it must be free or priced.
    pub price: Option<PriceFilter>,
    /// The order; nothing means best match first with a query, the latest first without.
    pub sort: Option<Sort>,
}

impl CatalogueFilter {
    /// Reads the parameters of a catalogue address.
    pub fn parse(query: &str, category: &str, level: &str, language: &str, price: &str, sort: &str) -> Self {
        Self {
            query: query.trim().chars().take(100).collect(),
            category: Category::find(category),
            level: Level::parse(level),
            language: Locale::parse(language),
            price: PriceFilter::parse(price),
            sort: Sort::parse(sort),
        }
    }
}

/// A state that an author may ask for.
pub fn state(text: &str) -> Result<CourseState, Invalid> {
    CourseState::parse(text).ok_or_else(|| Invalid::field("state", "choice_unknown"))
}

#[cfg(test)]
#[path = "input_tests.rs"]
mod tests;
