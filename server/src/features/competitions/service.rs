//! Designing: drafts, their files and questions, publication.

use app::features::competitions::{DataFile, RawQuestion};
use domain::actor::Actor;
use domain::competitions::input::{NewCompetition, RawCompetition, Task};
use domain::competitions::policy::{self, Readiness};
use domain::competitions::{FileId, Kind, State};
use domain::courses::quiz::QuestionId;
use domain::invalid::Invalid;
use domain::judging::{Truth, csv};
use domain::text;

use super::Service;
use super::store::{self, Competition, files};
use super::timetable::touch;
use crate::db::Lock;
use crate::error::{Error, OrDuplicate, Result};

/// How many data files a competition may have.
const MOST_FILES: i64 = 10;

/// What an uploaded file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The hidden truth; a new one replaces the old one.
    Truth,
    /// Something that competitors load; a new one of the same name replaces the old one.
    Data,
}

impl Service {
    /// Begins a draft; its slug.
    pub async fn create(&self, actor: &Actor, raw: &RawCompetition) -> Result<String> {
        policy::may_create(actor)?;
        let new = NewCompetition::parse(raw)?;
        let seed = i64::from_le_bytes(self.kit.bytes());
        let mut tx = self.kit.db.begin().await?;
        store::add(&mut tx, self.kit.id(), actor.account, &new, seed, self.kit.now())
            .await
            .or_duplicate("competitions.slug", Invalid::field("slug", "competition_slug_taken"))?;
        tx.commit().await?;
        Ok(new.slug.into())
    }

    /// Changes a draft; its slug.
    pub async fn update(&self, actor: &Actor, slug: &str, raw: &RawCompetition) -> Result<String> {
        let found = self.own(actor, slug).await?;
        policy::may_edit(found.state)?;
        let new = NewCompetition::parse(raw)?;
        let mut tx = self.kit.db.begin().await?;
        store::update(&mut tx, found.id, &new, self.kit.now())
            .await
            .or_duplicate("competitions.slug", Invalid::field("slug", "competition_slug_taken"))?;
        tx.commit().await?;
        Ok(new.slug.into())
    }

    /// Adds a file to a draft.
    pub async fn upload(
        &self,
        actor: &Actor,
        slug: &str,
        purpose: Purpose,
        name: &str,
        bytes: Vec<u8>,
    ) -> Result<()> {
        let found = self.own(actor, slug).await?;
        policy::may_edit(found.state)?;
        let name = file_name(name)?;
        let id: FileId = self.kit.id();
        let lines = checked(&found, purpose, &bytes)?;
        let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        let file = DataFile { id, name: name.clone(), size, lines };
        // The bytes are safe before anything refers to them; without the row nobody sees them.
        self.kit.files.put(id.0, bytes).await?;
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Competition(found.id.0)).await?;
        let (word, replaced) = match purpose {
            Purpose::Truth => ("truth", None),
            Purpose::Data => ("data", Some(name.as_str())),
        };
        let gone = files::drop_file(&mut tx, found.id, word, replaced).await?;
        if purpose == Purpose::Data && files::count_data_files(&mut tx, found.id).await? >= MOST_FILES {
            return Err(Invalid::with("data", "too_many_files", &[&MOST_FILES]).into());
        }
        files::add_file(&mut tx, found.id, word, &file, self.kit.now()).await?;
        tx.commit().await?;
        for old in gone {
            self.kit.files.remove(old.0).await?;
        }
        Ok(())
    }

    /// Takes a file away from a draft.
    pub async fn remove_file(&self, actor: &Actor, slug: &str, file: &str) -> Result<()> {
        let found = self.own(actor, slug).await?;
        policy::may_edit(found.state)?;
        let file: FileId = file.parse().map_err(|_| Error::not_found())?;
        let mut tx = self.kit.db.begin().await?;
        if !files::remove_file(&mut tx, found.id, file).await? {
            return Err(Error::not_found());
        }
        tx.commit().await?;
        self.kit.files.remove(file.0).await
    }

    /// Adds a question to a draft of a quiz.
    pub async fn add_question(&self, actor: &Actor, slug: &str, raw: &RawQuestion) -> Result<()> {
        let found = self.own(actor, slug).await?;
        policy::may_edit(found.state)?;
        let question = super::read::question(self.kit.id(), raw)?;
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Competition(found.id.0)).await?;
        files::add_question(&mut tx, found.id, &question, self.kit.now()).await?;
        Ok(tx.commit().await?)
    }

    /// Takes a question out of a draft of a quiz.
    pub async fn remove_question(&self, actor: &Actor, slug: &str, question: &str) -> Result<()> {
        let found = self.own(actor, slug).await?;
        policy::may_edit(found.state)?;
        let question: QuestionId = question.parse().map_err(|_| Error::not_found())?;
        let mut tx = self.kit.db.begin().await?;
        if !files::remove_question(&mut tx, found.id, question).await? {
            return Err(Error::not_found());
        }
        Ok(tx.commit().await?)
    }

    /// What a draft has, as far as publishing asks.
    pub(super) async fn readiness(&self, found: &Competition) -> Result<Readiness> {
        let db = &self.kit.db;
        let questions = files::count_questions(db, found.id).await?;
        Ok(Readiness {
            state: found.state,
            kind: found.design.task.kind(),
            timetable: found.design.timetable,
            has_rules: !found.design.rules.is_empty(),
            has_truth: self.truth(found).await?.is_some(),
            data_files: files::files(db, found.id, "data").await?.len(),
            questions: usize::try_from(questions).unwrap_or(0),
        })
    }

    /// Makes a draft public, or says everything that is missing.
    pub async fn publish(&self, actor: &Actor, slug: &str) -> Result<()> {
        let found = self.own(actor, slug).await?;
        let now = self.kit.now();
        policy::may_publish(&self.readiness(&found).await?, now)?;
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Competition(found.id.0)).await?;
        store::set_state(&mut tx, found.id, State::Draft, State::Published, now).await?;
        let found = store::in_tx(&mut tx, found.id).await?.ok_or_else(Error::not_found)?;
        self.advance_in(&mut tx, &found, now).await?;
        self.schedule(&mut tx, &found, now).await?;
        touch(&mut tx, found.id);
        Ok(tx.commit().await?)
    }
}

/// Checks an uploaded file; how many lines it has.
fn checked(found: &Competition, purpose: Purpose, bytes: &[u8]) -> Result<i64> {
    let (field, kind) = match purpose {
        Purpose::Truth => ("truth", found.design.task.kind()),
        Purpose::Data => ("data", Kind::Prediction),
    };
    let text = csv::decode(field, bytes)?;
    match found.design.task {
        Task::Prediction { metric, .. } if purpose == Purpose::Truth => {
            let truth = Truth::parse(field, bytes, metric, found.split())?;
            Ok(i64::try_from(truth.len()).unwrap_or(i64::MAX))
        }
        _ if kind == Kind::Quiz => Err(Error::denied("quiz_has_no_files")),
        _ => Ok(i64::try_from(text.lines().count()).unwrap_or(i64::MAX)),
    }
}

/// The last part of the name that a browser gives, as a plain file name.
fn file_name(name: &str) -> Result<String> {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = text::line("data", name, 1..=80)?;
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ');
    let name: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    Ok(name.trim_start_matches('.').to_owned()).and_then(|name| {
        if name.is_empty() { Err(Invalid::field("data", "required").into()) } else { Ok(name) }
    })
}
