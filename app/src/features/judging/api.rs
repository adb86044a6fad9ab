//! What the pages of submissions and quizzes ask of the server.

use std::collections::BTreeMap;

#[cfg(feature = "ssr")]
use async_trait::async_trait;
#[cfg(feature = "ssr")]
use domain::actor::Actor;
use domain::competitions::input::Task;
use domain::competitions::rules::{Phase, Timetable};
use domain::competitions::{Counting, RegistrationState};
use domain::courses::quiz::Asked;
use domain::judging::{Score, SubmissionId, Verdict};
use domain::locale::Bilingual;
use domain::time::{Span, Timestamp};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::cx::Cx;
use crate::error::Answer;

/// One of the viewer's own submissions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubmissionRow {
    /// The submission.
    pub id: SubmissionId,
    /// When it arrived.
    pub received_at: Timestamp,
    /// The name of the file.
    pub file_name: String,
    /// Its size in bytes.
    pub size: i64,
    /// What became of it.
    pub verdict: Verdict,
    /// The score on the public rows.
    pub public_score: Option<Score>,
    /// The score that decides the final table; not before the results are final.
    pub private_score: Option<Score>,
    /// Its place in the queue, counted from 1, while it waits.
    pub place: Option<i64>,
    /// When its judgement may be expected, while it waits.
    pub expected: Option<Span>,
    /// Whether it is the one that counts.
    pub counts: bool,
}

/// The viewer's own submissions to a competition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MySubmissions {
    /// The last part of the competition's address.
    pub slug: String,
    /// The title of the competition.
    pub title: Bilingual,
    /// What is solved, and how it is scored.
    pub task: Task,
    /// What the competition is doing now.
    pub phase: Phase,
    /// When what happens.
    pub timetable: Timetable,
    /// Which submission counts.
    pub counting: Counting,
    /// The viewer's registration.
    pub registration: Option<RegistrationState>,
    /// How many submissions are left today, where days have a limit.
    pub left_today: Option<i64>,
    /// When the next day begins.
    pub next_day: Timestamp,
    /// The submissions, latest first.
    pub rows: Vec<SubmissionRow>,
}

/// A quiz as one who takes part sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuizView {
    /// The last part of the competition's address.
    pub slug: String,
    /// The title of the competition.
    pub title: Bilingual,
    /// What the competition is doing now.
    pub phase: Phase,
    /// The time for the answers.
    pub time_limit: Span,
    /// How many questions there are.
    pub questions: i64,
    /// The viewer's registration.
    pub registration: Option<RegistrationState>,
    /// The viewer's attempt, once it was begun.
    pub attempt: Option<AttemptView>,
}

/// The one attempt at a quiz.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttemptView {
    /// When it was begun.
    pub started_at: Timestamp,
    /// The last instant at which answers are taken.
    pub deadline: Timestamp,
    /// The time that is left.
    pub left: Span,
    /// What is asked; nothing once the answers are in or the time is over.
    pub asked: Vec<Asked>,
    /// The answers that were handed in.
    pub submission: Option<SubmissionRow>,
}

/// What the pages need from the server.
#[cfg(feature = "ssr")]
#[async_trait]
pub trait Judging: Send + Sync {
    /// The own submissions to a competition.
    async fn submissions(&self, actor: &Actor, slug: &str) -> Answer<MySubmissions>;
    /// Makes a submission the one that counts.
    async fn choose(&self, actor: &Actor, slug: &str, submission: &str) -> Answer<()>;
    /// A quiz.
    async fn quiz(&self, actor: &Actor, slug: &str) -> Answer<QuizView>;
    /// Begins the one attempt.
    async fn start_quiz(&self, actor: &Actor, slug: &str) -> Answer<()>;
    /// Hands the answers in.
    async fn answer_quiz(
        &self,
        actor: &Actor,
        slug: &str,
        answers: &BTreeMap<String, Vec<String>>,
        received_at: Timestamp,
    ) -> Answer<()>;
}

/// The own submissions to a competition.
#[server(endpoint = "judging/submissions", input = GetUrl)]
pub async fn load_submissions(slug: String) -> Answer<MySubmissions> {
    let cx = Cx::current();
    cx.ports.judging.submissions(cx.actor()?, &slug).await
}

/// Makes a submission the one that counts.
#[server(endpoint = "judging/choose")]
pub async fn choose_submission(slug: String, submission: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.judging.choose(cx.actor()?, &slug, &submission).await?;
    cx.redirect(&format!("/competitions/{slug}/submissions"));
    Ok(())
}

/// A quiz.
#[server(endpoint = "judging/quiz", input = GetUrl)]
pub async fn quiz(slug: String) -> Answer<QuizView> {
    let cx = Cx::current();
    cx.ports.judging.quiz(cx.actor()?, &slug).await
}

/// Begins the one attempt at a quiz.
#[server(endpoint = "judging/start_quiz")]
pub async fn start_quiz(slug: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.judging.start_quiz(cx.actor()?, &slug).await?;
    cx.redirect(&format!("/competitions/{slug}/quiz"));
    Ok(())
}

/// Hands the answers to a quiz in.
#[server(endpoint = "judging/answer_quiz")]
pub async fn answer_quiz(
    slug: String,
    #[server(default)] answers: BTreeMap<String, Vec<String>>,
) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.judging.answer_quiz(cx.actor()?, &slug, &answers, cx.origin().received_at).await?;
    cx.redirect(&format!("/competitions/{slug}/quiz"));
    Ok(())
}
