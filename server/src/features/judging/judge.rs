//! The judge: what a stored submission is worth.

use std::time::Instant;

use domain::competitions::input::Task;
use domain::courses::quiz::{Answers, mark};
use domain::judging::{Score, Scores, SubmissionId, Verdict};
use domain::standings::ScoreEvent;
use domain::time::Span;

use super::Service;
use super::store::{self, Judgement, Submission};
use crate::db::Lock;
use crate::error::{Error, Result};
use crate::features::competitions::store as competitions;
use crate::features::competitions::store::{Competition, files};

impl Service {
    /// Judges a submission that waits; does nothing where it was judged before.
    ///
    /// Only the database failing makes the job try again: everything else ends in a verdict, so that no
    /// submission waits for ever. What is not the entrant's fault is `JE`, which gives the try back.
    pub async fn judge(&self, id: SubmissionId) -> Result<()> {
        let Some(submission) = store::find(&self.kit.db, id).await? else { return Ok(()) };
        if submission.verdict != Verdict::Queued {
            return Ok(());
        }
        let found = competitions::by_id(&self.kit.db, submission.competition).await?;
        let found = found.ok_or_else(Error::not_found)?;
        let begun = Instant::now();
        let outcome = match self.score(&found, &submission).await {
            Err(error @ Error::Db { .. }) => return Err(error),
            Err(error) => Err(error.to_string()),
            Ok(scores) => Ok(scores),
        };
        let took = Span::from_micros(i64::try_from(begun.elapsed().as_micros()).unwrap_or(i64::MAX));
        self.settle(&submission, outcome, took).await
    }

    async fn settle(
        &self,
        submission: &Submission,
        outcome: Result<Scores, String>,
        took: Span,
    ) -> Result<()> {
        let now = self.kit.now();
        let scores = outcome.as_ref().ok().copied();
        let verdict = if scores.is_some() { Verdict::Accepted } else { Verdict::JudgingError };
        let reason = outcome.err().unwrap_or_default();
        if verdict == Verdict::JudgingError {
            tracing::error!(submission = %submission.id, %reason, "a submission could not be judged");
        }
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Competition(submission.competition.0)).await?;
        if !store::settle(&mut tx, submission.id, verdict, scores, now).await? {
            return Ok(());
        }
        let judgement = Judgement { submission: submission.id, verdict, scores, reason: &reason, took };
        store::add_judgement(&mut tx, self.kit.id(), &judgement, now).await?;
        if let Some(scores) = scores {
            let event = ScoreEvent {
                at: submission.received_at,
                entrant: submission.registration,
                submission: submission.id.0,
                problem: 0,
                public_score: scores.public.0,
                private_score: scores.private.0,
            };
            self.standings.record(&mut tx, submission.competition, event).await?;
        }
        Ok(tx.commit().await?)
    }

    async fn score(&self, found: &Competition, submission: &Submission) -> Result<Scores> {
        let content = store::content(&self.kit.db, submission.id).await?;
        let content = content.ok_or_else(|| Error::bug("a submission without content"))?;
        match found.design.task {
            Task::Quiz { .. } => {
                let answers: Answers =
                    serde_json::from_slice(&content).map_err(|error| Error::bug(error.to_string()))?;
                let questions = files::questions(&self.kit.db, found.id).await?;
                let points = Score::points(i64::from(mark(&questions, &answers).points));
                Ok(Scores { public: points, private: points })
            }
            Task::Prediction { .. } => {
                let truth = self.competitions.truth(found).await?;
                let truth = truth.ok_or_else(|| Error::bug("the truth is gone"))?;
                let split = found.split();
                let work = move || {
                    let predictions = truth.read_predictions("file", &content).ok()?;
                    truth.score(&predictions, split)
                };
                let scores = tokio::task::spawn_blocking(work).await;
                let scores = scores.map_err(|error| Error::bug(error.to_string()))?;
                scores.ok_or_else(|| Error::bug("accepted predictions cannot be scored"))
            }
        }
    }
}
