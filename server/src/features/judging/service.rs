//! Accepting submissions, choosing the one that counts, and what their owner sees of them.

use app::features::judging::{MySubmissions, SubmissionRow};
use domain::actor::Actor;
use domain::competitions::input::Task;
use domain::competitions::policy;
use domain::competitions::rules::Phase;
use domain::competitions::{Counting, RegistrationState};
use domain::invalid::Denied;
use domain::judging::{SubmissionId, Verdict};
use domain::standings::Fact;
use domain::time::{Span, Timestamp};

use super::Service;
use super::jobs::JudgeSubmission;
use super::store::{self, Submission};
use crate::db::{Lock, Tx};
use crate::error::{Error, Result};
use crate::features::competitions::store as competitions;
use crate::features::competitions::store::Competition;
use crate::features::competitions::store::registrations::{self, Registration};

/// A file that arrived.
pub struct Incoming {
    /// The name that the browser gives it.
    pub file_name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// When the headers of the request arrived.
    pub received_at: Timestamp,
}

impl Service {
    /// Refuses somebody who may not submit at an instant, before anything is read.
    pub async fn may_submit(&self, actor: &Actor, slug: &str, at: Timestamp) -> Result<Competition> {
        let found = self.competitions.visible(Some(actor), slug).await?;
        let registration = registrations::registration(&self.kit.db, found.id, actor.account)
            .await?
            .map(|found| found.state);
        policy::may_submit(registration, found.design.timetable.phase(found.state, at))?;
        Ok(found)
    }

    /// Takes a file of predictions: checks it line by line, stores it, and queues its judgement.
    pub async fn submit(&self, actor: &Actor, slug: &str, incoming: Incoming) -> Result<SubmissionId> {
        let found = self.may_submit(actor, slug, incoming.received_at).await?;
        if !matches!(found.design.task, Task::Prediction { .. }) {
            return Err(Denied::new("quiz_has_no_files").into());
        }
        let truth =
            self.competitions.truth(&found).await?.ok_or_else(|| Error::bug("no truth to hold against"))?;
        let Incoming { file_name, bytes, received_at } = incoming;
        let check = move || truth.read_predictions("file", &bytes).map(|_| bytes);
        let bytes =
            tokio::task::spawn_blocking(check).await.map_err(|error| Error::bug(error.to_string()))??;
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Competition(found.id.0)).await?;
        let (found, registration) = self.entrant_in(&mut tx, actor, &found, received_at).await?;
        let (from, before) = found.design.offset.day(received_at);
        let made = store::count_between(&mut tx, registration.id, from, before).await?;
        policy::within_daily_limit(made, found.design.task.daily_limit())?;
        let file_name = shown_name(&file_name);
        let id = self.store(&mut tx, actor, &registration, &found, (file_name, bytes, received_at)).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The competition and the entrant as they are under the lock; refuses who may not submit.
    pub(super) async fn entrant_in(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        found: &Competition,
        at: Timestamp,
    ) -> Result<(Competition, Registration)> {
        let found = competitions::in_tx(tx, found.id).await?.ok_or_else(Error::not_found)?;
        let registration = registrations::registration_in(tx, found.id, actor.account).await?;
        let phase = found.design.timetable.phase(found.state, at);
        policy::may_submit(registration.map(|registration| registration.state), phase)?;
        let registration = registration.ok_or_else(|| Denied::new("not_registered"))?;
        self.competitions.still_entered(tx, actor.account, found.id, &registration, self.kit.now()).await?;
        Ok((found, registration))
    }

    /// Stores a submission and its job; both or neither.
    pub(super) async fn store(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        registration: &Registration,
        found: &Competition,
        (file_name, content, received_at): (String, Vec<u8>, Timestamp),
    ) -> Result<SubmissionId> {
        let id: SubmissionId = self.kit.id();
        let new = Submission {
            id,
            competition: found.id,
            registration: registration.id,
            account: actor.account,
            received_at,
            file_name,
            size: i64::try_from(content.len()).unwrap_or(i64::MAX),
            verdict: Verdict::Queued,
            scores: None,
            chosen: false,
        };
        store::add(tx, &new, content).await?;
        tx.enqueue_once(&JudgeSubmission { submission: id }, &id.to_string()).await?;
        Ok(id)
    }

    /// Makes a judged submission the one that counts.
    pub async fn choose(&self, actor: &Actor, slug: &str, submission: &str) -> Result<()> {
        let submission: SubmissionId = submission.parse().map_err(|_| Error::not_found())?;
        let now = self.kit.now();
        let found = self.competitions.visible(Some(actor), slug).await?;
        if found.design.counting != Counting::Chosen {
            return Err(Denied::new("best_counts").into());
        }
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Competition(found.id.0)).await?;
        let (found, registration) = self.entrant_in(&mut tx, actor, &found, now).await?;
        if !store::choose(&mut tx, registration.id, submission).await? {
            return Err(Error::not_found());
        }
        let fact = Fact::Chosen { entrant: registration.id, problem: 0, submission: Some(submission.0) };
        self.standings.record(&mut tx, found.id, fact).await?;
        Ok(tx.commit().await?)
    }

    /// The own submissions to a competition.
    pub async fn submissions(&self, actor: &Actor, slug: &str) -> Result<MySubmissions> {
        let found = self.competitions.visible(Some(actor), slug).await?;
        let (db, now) = (&self.kit.db, self.kit.now());
        let phase = found.design.timetable.phase(found.state, now);
        let registration = registrations::registration(db, found.id, actor.account).await?;
        let (from, next_day) = found.design.offset.day(now);
        let mut left_today = None;
        let mut rows = Vec::new();
        if let Some(registration) = &registration {
            let stored = store::of_entrant(db, registration.id).await?;
            let counts = counting(&found, &stored);
            for submission in &stored {
                rows.push(self.row(submission, counts, phase).await?);
            }
            if let Some(limit) = found.design.task.daily_limit() {
                let made = store::seen_between(db, registration.id, from, next_day).await?;
                left_today = Some((limit - made).max(0));
            }
        }
        let state = registration.map(|registration| registration.state);
        Ok(MySubmissions {
            slug: found.design.slug.to_string(),
            title: found.design.title.clone(),
            phase,
            timetable: found.design.timetable,
            counting: found.design.counting,
            registration: state.filter(|state| *state != RegistrationState::Withdrawn),
            left_today,
            next_day,
            rows,
            task: found.design.task,
        })
    }

    /// A submission as its owner sees it.
    pub(super) async fn row(
        &self,
        submission: &Submission,
        counts: Option<SubmissionId>,
        phase: Phase,
    ) -> Result<SubmissionRow> {
        let waiting = submission.verdict == Verdict::Queued;
        let (mut place, mut expected) = (None, None);
        if waiting {
            let ahead = store::place(&self.kit.db, submission).await?;
            let usual = store::usual_time(&self.kit.db).await?.unwrap_or(Span::seconds(1));
            place = Some(ahead);
            expected = Some(Span::from_micros(usual.micros().saturating_mul(ahead)));
        }
        Ok(SubmissionRow {
            id: submission.id,
            received_at: submission.received_at,
            file_name: submission.file_name.clone(),
            size: submission.size,
            verdict: submission.verdict,
            public_score: submission.scores.map(|scores| scores.public),
            private_score: submission
                .scores
                .map(|scores| scores.private)
                .filter(|_| phase == Phase::Finalised),
            place,
            expected,
            counts: counts == Some(submission.id),
        })
    }
}

/// The submission that counts: the chosen one, or else the best in public, the earlier of equals.
fn counting(found: &Competition, rows: &[Submission]) -> Option<SubmissionId> {
    let chosen = rows.iter().find(|row| row.chosen && found.design.counting == Counting::Chosen);
    let direction = found.design.task.direction();
    let best = || {
        rows.iter()
            .filter_map(|row| Some((row, direction.key(row.scores?.public))))
            .max_by_key(|(row, key)| (*key, std::cmp::Reverse((row.received_at, row.id))))
            .map(|(row, _)| row)
    };
    chosen.or_else(best).map(|row| row.id)
}

/// The name of a file as it is shown to its owner again.
fn shown_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = name.chars().filter(|c| !c.is_control()).take(80).collect();
    if clean.trim().is_empty() { "predictions.csv".to_owned() } else { clean }
}
