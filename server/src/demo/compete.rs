//! Competitions of the demonstration: designed by their organiser, fought over by the others.

use std::collections::BTreeMap;

use app::error::Fault;
use app::features::competitions::RawQuestion;
use app::features::judging::Judging;
use app::features::standings::Standings;
use domain::actor::Actor;
use domain::orders::OrderId;

use super::assets::CompetitionFiles;
use super::career::Career;
use super::dataset::{self, Halves};
use super::dice::Dice;
use super::people::Person;
use super::plan::number_of;
use super::script::{CompetitionScript, QuestionScript, read};
use super::stage::Stage;
use crate::error::{Error, Result};
use crate::features::competitions::service::Purpose;
use crate::features::judging::Incoming;
use crate::services::Services;

/// How the rows of the data sets are cut; the same in every demonstration, so that bots know the halves.
const CUT: u64 = 442;

/// What the organiser says when a competition is published.
const WELCOME: (&str, &str) = (
    "Welcome. Read the rules first, and begin with something simple.",
    "欢迎参赛。请先读规则，从简单的做起。",
);

/// A competition: what is said of it, its data, and who has submitted how often.
pub struct Contest {
    /// What is said of it.
    pub script: CompetitionScript,
    rules: (&'static str, &'static str),
    halves: Option<Halves>,
    tries: BTreeMap<&'static str, u64>,
}

impl Contest {
    /// Reads the files of a competition.
    pub fn read(files: &CompetitionFiles) -> Result<Self> {
        let script: CompetitionScript = read(files.competition)?;
        let halves = script.dataset.as_deref().and_then(dataset::by_name).map(|set| set.halves(CUT));
        Ok(Self { script, rules: (files.en, files.zh), halves, tries: BTreeMap::new() })
    }
    /// The data, for a prediction.
    pub fn halves(&self) -> Result<&Halves> {
        self.halves.as_ref().ok_or_else(|| Error::bug("a quiz has no data"))
    }
}

/// Hands in what a competitor predicts at the attempt of a number.
pub async fn hand_in(
    services: &Services,
    actor: &Actor,
    contest: &Contest,
    career: &Career,
    attempt: u64,
) -> Result<()> {
    let halves = contest.halves()?;
    let text = halves.predictions_csv(&career.submission(halves, attempt));
    let incoming = Incoming {
        file_name: format!("attempt-{}.csv", attempt + 1),
        bytes: text.into_bytes(),
        received_at: services.kit.now(),
    };
    services.judging.submit(actor, &contest.script.slug, incoming).await?;
    Ok(())
}

impl Stage {
    fn contest(&self, index: usize) -> Result<&Contest> {
        self.contests.get(index).ok_or_else(|| Error::bug("no such competition"))
    }

    /// Designs a competition, adds its files or questions, and publishes it.
    pub(super) async fn announce(&mut self, index: usize) -> Result<()> {
        let contest = self.contest(index)?;
        let organiser = self.actor(&contest.script.organiser)?;
        let desk = &self.services.competitions;
        let slug = desk.create(&organiser, &contest.script.form(contest.rules, self.start)?).await?;
        if let Some(halves) = &contest.halves {
            let truth = halves.truth_csv().into_bytes();
            desk.upload(&organiser, &slug, Purpose::Truth, "truth.csv", truth).await?;
            let files = [
                ("train.csv", halves.train_csv()),
                ("test.csv", halves.test_csv()),
                ("sample_submission.csv", halves.sample_csv()),
            ];
            for (name, text) in files {
                desk.upload(&organiser, &slug, Purpose::Data, name, text.into_bytes()).await?;
            }
        }
        for question in &contest.script.questions {
            desk.add_question(&organiser, &slug, &raw(question)).await?;
        }
        desk.publish(&organiser, &slug).await?;
        let (en, zh) = WELCOME;
        self.services.standings.announce(&organiser, &slug, en, zh).await?;
        self.made.competitions += 1;
        Ok(())
    }

    /// Takes a place, and pays the fee where there is one.
    pub(super) async fn enter(&self, index: usize, person: &Person) -> Result<()> {
        let script = &self.contest(index)?.script;
        let actor = self.actor(person.username)?;
        let next = self.services.competitions.register(&actor, &script.slug).await?;
        if script.is_free() {
            return Ok(());
        }
        let order = next.rsplit('/').next().and_then(|id| id.parse::<OrderId>().ok());
        let order = order.ok_or_else(|| Error::bug("no order to pay"))?;
        let placed = crate::features::orders::store::order(&self.services.kit.db, order).await?;
        if placed.is_some_and(|placed| !placed.state.is_open()) {
            // A plan opens it: nothing is to be paid.
            return Ok(());
        }
        self.pay(&actor, order, number_of(person) + 5 * index as u64).await
    }

    /// Hands the next file of predictions in.
    pub(super) async fn submit(&mut self, index: usize, person: &'static Person) -> Result<()> {
        let career = Career::new(self.seed ^ index as u64, number_of(person));
        let actor = self.actor(person.username)?;
        let contest = self.contests.get_mut(index).ok_or_else(|| Error::bug("no such competition"))?;
        let tries = contest.tries.entry(person.username).or_default();
        let attempt = *tries;
        *tries += 1;
        match hand_in(&self.services, &actor, contest, &career, attempt).await {
            Ok(()) => self.made.submissions += 1,
            // Even here nobody exceeds the limit of a day.
            Err(Error::Fault(Fault::Denied(denied))) if denied.code == "daily_limit_reached" => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Opens the questions of a quiz race.
    pub(super) async fn begin_race(&self, index: usize, person: &Person) -> Result<()> {
        let actor = self.actor(person.username)?;
        self.services.judging.start_quiz(&actor, &self.contest(index)?.script.slug).await
    }

    /// Answers the questions of a quiz race, as well as the person can.
    pub(super) async fn end_race(&mut self, index: usize, person: &Person) -> Result<()> {
        let actor = self.actor(person.username)?;
        let script = &self.contest(index)?.script;
        let mut dice = Dice::branch(self.seed ^ 0x9E, number_of(person));
        let knowledge = dice.between(0.35, 1.0);
        let view = Judging::quiz(self.services.judging.as_ref(), &actor, &script.slug).await?;
        let attempt = view.attempt.ok_or_else(|| Error::bug("no attempt was begun"))?;
        let mut answers: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for question in &script.questions {
            let right = dice.happens(knowledge);
            let answer = if right { question.right_answer() } else { question.wrong_answer() };
            if let Some(asked) = attempt.asked.iter().find(|asked| asked.prompt == question.prompt) {
                answers.insert(asked.id.key(), answer);
            }
        }
        let now = self.services.kit.now();
        self.services.judging.answer_quiz(&actor, &script.slug, &answers, now).await?;
        self.made.submissions += 1;
        Ok(())
    }

    /// Makes the results final.
    pub(super) async fn finalise(&self, index: usize) -> Result<()> {
        let script = &self.contest(index)?.script;
        self.services.competitions.finalise(&self.actor(&script.organiser)?, &script.slug).await
    }
}

/// A question as the form of a competition takes it.
fn raw(question: &QuestionScript) -> RawQuestion {
    let form = question.form();
    let is_choice = matches!(form.kind.as_str(), "single" | "multiple");
    RawQuestion {
        truth: question.is_true().to_string(),
        choices_en: if is_choice { question.starred(|text| &text.en) } else { String::new() },
        choices_zh: if is_choice { question.starred(|text| &text.zh) } else { String::new() },
        kind: form.kind,
        prompt_en: form.prompt_en,
        prompt_zh: form.prompt_zh,
        points: form.points,
        number_value: form.number_value,
        number_tolerance: form.number_tolerance,
    }
}
