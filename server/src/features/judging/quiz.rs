//! Quizzes: one attempt against the clock.

use std::collections::BTreeMap;

use app::features::judging::{AttemptView, QuizView};
use domain::actor::Actor;
use domain::competitions::RegistrationState;
use domain::competitions::input::Task;
use domain::competitions::rules::Phase;
use domain::courses::quiz::{Asked, read_answers};
use domain::invalid::Denied;
use domain::time::{Span, Timestamp};

use super::Service;
use super::store::{self, Attempt};
use crate::db::Lock;
use crate::error::{Error, Result};
use crate::features::competitions::store::{Competition, files, registrations};

impl Service {
    async fn find_quiz(&self, actor: &Actor, slug: &str) -> Result<(Competition, Span)> {
        let found = self.competitions.visible(Some(actor), slug).await?;
        match found.design.task {
            Task::Quiz { time_limit } => Ok((found, time_limit)),
            Task::Prediction { .. } => Err(Error::not_found()),
        }
    }

    async fn asked(&self, found: &Competition) -> Result<Vec<Asked>> {
        Ok(files::questions(&self.kit.db, found.id).await?.iter().map(|question| question.asked()).collect())
    }

    /// A quiz as one who takes part sees it: no question before the attempt has begun.
    pub async fn quiz(&self, actor: &Actor, slug: &str) -> Result<QuizView> {
        let (found, time_limit) = self.find_quiz(actor, slug).await?;
        let (db, now) = (&self.kit.db, self.kit.now());
        let phase = found.design.timetable.phase(found.state, now);
        let registration = registrations::registration(db, found.id, actor.account).await?;
        let attempt = match &registration {
            Some(registration) => store::attempt(db, registration.id).await?,
            None => None,
        };
        let attempt = match attempt {
            Some(attempt) => Some(self.attempt_view(&found, attempt, phase, now).await?),
            None => None,
        };
        let state = registration.map(|registration| registration.state);
        Ok(QuizView {
            slug: found.design.slug.to_string(),
            title: found.design.title.clone(),
            phase,
            time_limit,
            questions: files::count_questions(db, found.id).await?,
            registration: state.filter(|state| *state != RegistrationState::Withdrawn),
            attempt,
        })
    }

    async fn attempt_view(
        &self,
        found: &Competition,
        attempt: Attempt,
        phase: Phase,
        now: Timestamp,
    ) -> Result<AttemptView> {
        let deadline = attempt.deadline.min(found.design.timetable.ends);
        let open = attempt.submission.is_none() && now <= deadline && phase.takes_submissions();
        let submission = match attempt.submission {
            Some(id) => {
                let stored = store::find(&self.kit.db, id).await?.ok_or_else(Error::not_found)?;
                Some(self.row(&stored, Some(id), phase).await?)
            }
            None => None,
        };
        let left = deadline.since(now);
        Ok(AttemptView {
            started_at: attempt.started_at,
            deadline,
            left: if left.micros() > 0 { left } else { Span::default() },
            asked: if open { self.asked(found).await? } else { Vec::new() },
            submission,
        })
    }

    /// Begins the one attempt; its end is fixed here, on the server.
    pub async fn start_quiz(&self, actor: &Actor, slug: &str) -> Result<()> {
        let (found, time_limit) = self.find_quiz(actor, slug).await?;
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Competition(found.id.0)).await?;
        let (found, registration) = self.entrant_in(&mut tx, actor, &found, now).await?;
        let deadline = now.plus(time_limit).min(found.design.timetable.ends);
        store::begin_attempt(&mut tx, self.kit.id(), found.id, registration.id, (now, deadline)).await?;
        Ok(tx.commit().await?)
    }

    /// Hands the answers in, once, up to and including the last instant of the attempt.
    pub async fn answer_quiz(
        &self,
        actor: &Actor,
        slug: &str,
        raw: &BTreeMap<String, Vec<String>>,
        received_at: Timestamp,
    ) -> Result<()> {
        let (found, _) = self.find_quiz(actor, slug).await?;
        let answers = read_answers(&self.asked(&found).await?, raw)?;
        let content = serde_json::to_vec(&answers).map_err(|error| Error::bug(error.to_string()))?;
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Competition(found.id.0)).await?;
        let (found, registration) = self.entrant_in(&mut tx, actor, &found, received_at).await?;
        let attempt = store::attempt_in(&mut tx, registration.id).await?;
        let attempt = attempt.ok_or_else(|| Denied::new("quiz_not_started"))?;
        if attempt.submission.is_some() {
            return Err(Denied::new("quiz_answered").into());
        }
        if received_at > attempt.deadline {
            return Err(Denied::new("quiz_time_over").into());
        }
        let what = ("answers".to_owned(), content, received_at);
        let id = self.store(&mut tx, actor, &registration, &found, what).await?;
        store::end_attempt(&mut tx, registration.id, id).await?;
        Ok(tx.commit().await?)
    }
}
