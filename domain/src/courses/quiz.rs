//! Quizzes: questions, answers and their marking, in whole points, on the server.
//!
//! A quiz lesson and a quiz competition use the same questions. [`Question`] holds the key and never
//! leaves the server; [`Asked`] is what a learner may see before the end.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::invalid::Invalid;
use crate::locale::Bilingual;

crate::id! {
    /// A question of a quiz.
    QuestionId,
}

impl QuestionId {
    /// The key of the question's answers in a form. It begins with a letter, because the reader of forms takes a
    /// key that begins with a digit for a position in a list.
    pub fn key(self) -> String {
        format!("q{self}")
    }
    /// The name of the form field for an answer.
    pub fn field(self) -> String {
        format!("answers[{}][]", self.key())
    }
}

/// How a question is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    /// Exactly one of several options.
    Single,
    /// Every right option and no wrong one.
    Multiple,
    /// True or false.
    TrueFalse,
    /// A number within a tolerance.
    Number,
}

impl QuestionKind {
    /// Every kind, in the order in which choices are offered.
    pub const ALL: [Self; 4] = [Self::Single, Self::Multiple, Self::TrueFalse, Self::Number];

    /// The form and database value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Multiple => "multiple",
            Self::TrueFalse => "true_false",
            Self::Number => "number",
        }
    }
    /// Reads a form or database value.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl TryFrom<String> for QuestionKind {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("unknown question kind {text}"))
    }
}

/// An exact decimal with up to nine places, so that marking never depends on floating point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Decimal(i128);

impl Decimal {
    const PLACES: usize = 9;
    const SCALE: i128 = 1_000_000_000;

    /// Reads `-12`, `0.492` or `.5`; refuses exponents, commas, and more than 15 digits before or 9 after the point.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (negative, digits) = match text.strip_prefix(['-', '−']) {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.len() + fraction.len() == 0
            || whole.len() > 15
            || fraction.len() > Self::PLACES
            || !all_digits(whole)
            || !all_digits(fraction)
        {
            return None;
        }
        let scaled: i128 = format!("0{whole}{fraction:0<width$}", width = Self::PLACES).parse().ok()?;
        Some(Self(if negative { -scaled } else { scaled }))
    }
    /// Whether the number is below zero.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }
    /// Whether `self` lies within `tolerance` of `other`, bounds included.
    pub const fn is_within(self, tolerance: Self, other: Self) -> bool {
        (self.0 - other.0).abs() <= tolerance.0
    }
}

impl TryFrom<String> for Decimal {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("not a decimal: {text}"))
    }
}
impl From<Decimal> for String {
    fn from(value: Decimal) -> Self {
        value.to_string()
    }
}
impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let magnitude = self.0.unsigned_abs();
        let scale = Self::SCALE.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}", magnitude / scale)?;
        let fraction = format!("{:09}", magnitude % scale);
        let fraction = fraction.trim_end_matches('0');
        if fraction.is_empty() { Ok(()) } else { write!(f, ".{fraction}") }
    }
}

/// One option of a question, with its key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What one may choose; empty for true/false, where the page has the words.
    pub text: Bilingual,
    /// Whether it is right to choose it.
    pub right: bool,
    /// What is said to somebody who chose it.
    pub feedback: Bilingual,
}

/// The right number and how far one may be off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberKey {
    /// The right number.
    pub value: Decimal,
    /// The largest difference that still counts.
    pub tolerance: Decimal,
}

/// A question with its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The question.
    pub id: QuestionId,
    /// How it is answered.
    pub kind: QuestionKind,
    /// What is asked (Markdown).
    pub prompt: Bilingual,
    /// What is explained after marking, whatever was answered (Markdown).
    pub explanation: Bilingual,
    /// What a right answer is worth.
    pub points: u32,
    /// The options; for true/false first true, then false; none for a number.
    pub choices: Vec<Choice>,
    /// The key of a number question.
    pub number: Option<NumberKey>,
}

/// A question without its key: what may be seen before the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The question.
    pub id: QuestionId,
    /// How it is answered.
    pub kind: QuestionKind,
    /// What is asked.
    pub prompt: Bilingual,
    /// What a right answer is worth.
    pub points: u32,
    /// The texts of the options.
    pub choices: Vec<Bilingual>,
}

impl Question {
    /// The question without its key.
    pub fn asked(&self) -> Asked {
        Asked {
            id: self.id,
            kind: self.kind,
            prompt: self.prompt.clone(),
            points: self.points,
            choices: self.choices.iter().map(|choice| choice.text.clone()).collect(),
        }
    }

    /// Checks that the question can be answered and marked.
    pub fn check(&self) -> Result<(), Invalid> {
        let mut invalid = Invalid::default();
        let right = self.choices.iter().filter(|choice| choice.right).count();
        let worded = self.choices.iter().all(|choice| !choice.text.is_empty());
        match self.kind {
            QuestionKind::Single if right != 1 => invalid.add("choices", "choices_one_right", &[]),
            QuestionKind::Multiple if right == 0 => invalid.add("choices", "choices_some_right", &[]),
            QuestionKind::TrueFalse if self.choices.len() != 2 || right != 1 => {
                invalid.add("choices", "choices_one_right", &[]);
            }
            QuestionKind::Number => match self.number {
                None => invalid.add("number_value", "required", &[]),
                Some(key) if key.tolerance.is_negative() => {
                    invalid.add("number_tolerance", "tolerance_negative", &[]);
                }
                Some(_) => {}
            },
            _ => {}
        }
        if matches!(self.kind, QuestionKind::Single | QuestionKind::Multiple) {
            if !(2..=MAX_CHOICES).contains(&self.choices.len()) {
                invalid.add("choices", "choices_count", &[&2, &MAX_CHOICES]);
            } else if !worded {
                invalid.add("choices", "choices_worded", &[]);
            }
        }
        if self.prompt.is_empty() {
            invalid.add("prompt_en", "required_in_one_language", &[]);
        }
        if !(1..=MAX_POINTS).contains(&self.points) {
            invalid.add("points", "number_range", &[&1, &MAX_POINTS]);
        }
        invalid.into_result()
    }

    /// Whether an answer is right in every respect.
    pub fn is_right(&self, answer: &Answer) -> bool {
        match (self.kind, answer) {
            (QuestionKind::Number, Answer::Number(given)) => {
                self.number.is_some_and(|key| given.is_within(key.tolerance, key.value))
            }
            (QuestionKind::Number, Answer::Choices(_)) | (_, Answer::Number(_)) => false,
            (_, Answer::Choices(chosen)) => {
                let right = self.choices.iter().enumerate().filter(|(_, choice)| choice.right);
                let mut chosen = chosen.clone();
                chosen.sort_unstable();
                chosen.dedup();
                !chosen.is_empty()
                    && right.map(|(index, _)| index).eq(chosen.iter().map(|index| *index as usize))
            }
        }
    }
}

/// The largest number of options of a question.
pub const MAX_CHOICES: usize = 8;
/// The most that one question can be worth.
pub const MAX_POINTS: u32 = 100;

/// What somebody answered to one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The positions of the chosen options.
    Choices(Vec<u32>),
    /// The number.
    Number(Decimal),
}

/// The answers of one attempt; an unanswered question is absent.
pub type Answers = BTreeMap<QuestionId, Answer>;

/// The mark of one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkedQuestion {
    /// The question.
    pub question: QuestionId,
    /// What was answered, if anything.
    pub answer: Option<Answer>,
    /// Whether it was right.
    pub right: bool,
    /// The points it brought.
    pub points: u32,
    /// The points it could have brought.
    pub out_of: u32,
}

/// The mark of one attempt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marked {
    /// The points reached.
    pub points: u32,
    /// The points that could be reached.
    pub out_of: u32,
    /// The questions in the order of the quiz.
    pub questions: Vec<MarkedQuestion>,
}

impl Marked {
    /// Whole percent, rounded down, so that 100 means everything.
    pub fn percent(&self) -> u32 {
        if self.out_of == 0 {
            return 0;
        }
        u32::try_from(u64::from(self.points) * 100 / u64::from(self.out_of)).unwrap_or(0)
    }
    /// Whether the mark reaches a pass mark in percent, without rounding in the learner's disfavour.
    pub fn passes(&self, pass_mark: u32) -> bool {
        u64::from(self.points) * 100 >= u64::from(pass_mark) * u64::from(self.out_of)
    }
}

/// Marks an attempt: whole points for a right answer, nothing for a wrong or missing one.
/// Answers to questions that are not in the quiz count for nothing.
pub fn mark(questions: &[Question], answers: &Answers) -> Marked {
    let mut marked = Marked::default();
    for question in questions {
        let answer = answers.get(&question.id);
        let right = answer.is_some_and(|answer| question.is_right(answer));
        let points = if right { question.points } else { 0 };
        marked.points = marked.points.saturating_add(points);
        marked.out_of = marked.out_of.saturating_add(question.points);
        marked.questions.push(MarkedQuestion {
            question: question.id,
            answer: answer.cloned(),
            right,
            points,
            out_of: question.points,
        });
    }
    marked
}

/// Reads the answers of a form: for each question id the chosen positions or the typed number.
/// Unknown questions are ignored, blanks are unanswered, anything else must have the right shape.
pub fn read_answers(asked: &[Asked], raw: &BTreeMap<String, Vec<String>>) -> Result<Answers, Invalid> {
    let mut invalid = Invalid::default();
    let mut answers = Answers::new();
    for question in asked {
        let (name, field) = (question.id.key(), question.id.field());
        let given: Vec<&str> = raw
            .get(&name)
            .map(|values| values.iter().map(|value| value.trim()).filter(|value| !value.is_empty()).collect())
            .unwrap_or_default();
        if given.is_empty() {
            continue;
        }
        match read_answer(question, &given) {
            Ok(answer) => {
                answers.insert(question.id, answer);
            }
            Err(code) => invalid.add(&field, code, &[]),
        }
    }
    invalid.into_result().map(|()| answers)
}

fn read_answer(question: &Asked, given: &[&str]) -> Result<Answer, &'static str> {
    match (question.kind, given) {
        (QuestionKind::Number, [number]) => Decimal::parse(number).map(Answer::Number).ok_or("number_shape"),
        (QuestionKind::Number, _) => Err("number_shape"),
        (QuestionKind::Single | QuestionKind::TrueFalse, [_, _, ..]) => Err("answer_only_one"),
        (_, positions) => {
            let mut chosen = Vec::new();
            for position in positions {
                let position: u32 = position.parse().map_err(|_| "answer_unknown")?;
                if position as usize >= question.choices.len() {
                    return Err("answer_unknown");
                }
                chosen.push(position);
            }
            chosen.sort_unstable();
            chosen.dedup();
            Ok(Answer::Choices(chosen))
        }
    }
}

#[cfg(test)]
#[path = "quiz_tests.rs"]
mod tests;
