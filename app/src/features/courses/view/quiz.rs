//! What the server tells the page of a quiz.

use domain::courses::policy::Reading;
use domain::courses::quiz::QuestionKind;
use domain::courses::{AttemptId, QuestionId};
use domain::locale::Bilingual;
use serde::{Deserialize, Serialize};

/// A quiz lesson.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuizView {
    /// Why it may be read.
    pub reading: Reading,
    /// What stands before it, as safe HTML.
    pub html: String,
    /// How many questions it has.
    pub questions: u32,
    /// The pass mark in percent.
    pub pass_mark: u32,
    /// How many attempts are allowed; zero for any number.
    pub attempts: u32,
    /// How many attempts were begun.
    pub used: u32,
    /// Whether it was passed.
    pub passed: bool,
    /// The attempt that is going on.
    pub open: Option<OpenAttempt>,
    /// The last attempt that was marked.
    pub last: Option<MarkedView>,
}

/// An attempt that is going on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenAttempt {
    /// The attempt.
    pub id: AttemptId,
    /// The questions without their keys.
    pub questions: Vec<AskedView>,
}

/// A question as it is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AskedView {
    /// The question.
    pub id: QuestionId,
    /// How it is answered.
    pub kind: QuestionKind,
    /// What is asked, as safe HTML.
    pub prompt: String,
    /// What it is worth.
    pub points: u32,
    /// The options; empty texts for true and false.
    pub choices: Vec<Bilingual>,
}

/// A marked attempt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarkedView {
    /// Which attempt it was, from one.
    pub number: u32,
    /// Points reached.
    pub points: u32,
    /// Points that could be reached.
    pub out_of: u32,
    /// Whole percent.
    pub percent: u32,
    /// Whether it reached the pass mark.
    pub passed: bool,
    /// The questions.
    pub questions: Vec<MarkedQuestionView>,
}

/// A marked question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarkedQuestionView {
    /// What was asked, as safe HTML.
    pub prompt: String,
    /// How it is answered.
    pub kind: QuestionKind,
    /// Whether the answer was right.
    pub right: bool,
    /// Points reached.
    pub points: u32,
    /// Points that could be reached.
    pub out_of: u32,
    /// The options with what is said of them.
    pub choices: Vec<MarkedChoice>,
    /// The number that was typed.
    pub number: Option<String>,
    /// The right number, once it may be known.
    pub right_number: Option<String>,
    /// What is explained, as safe HTML, once it may be known.
    pub explanation: String,
}

/// An option after marking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarkedChoice {
    /// Its text; empty for true and false.
    pub text: Bilingual,
    /// Whether it was chosen.
    pub chosen: bool,
    /// Whether it is right; known of chosen ones, and of all once the quiz is over.
    pub right: Option<bool>,
    /// What is said to one who chose it.
    pub feedback: Bilingual,
}
