//! What pages show of competitions.

use app::features::competitions::{CompetitionPage, CompetitionRow, Design, RawQuestion};
use domain::actor::{Actor, Role};
use domain::competitions::{RegistrationState, State, policy};
use domain::courses::input::QuestionForm;
use domain::courses::quiz::{Question, QuestionId};
use domain::invalid::{Denied, Invalid};
use domain::locale::Locale;
use domain::orders::{Access, GetItBy, OrderId, Thing};
use domain::time::Timestamp;

use super::Service;
use super::store::{self, Competition, files, registrations};
use crate::error::Result;

impl Service {
    /// Everything public.
    pub async fn list(&self) -> Result<Vec<CompetitionRow>> {
        let now = self.kit.now();
        Ok(store::public(&self.kit.db).await?.iter().map(|found| row(found, now)).collect())
    }

    /// What an account organises; for an administrator, everything.
    pub async fn organised(&self, actor: &Actor) -> Result<Vec<CompetitionRow>> {
        let now = self.kit.now();
        let found = if actor.is(Role::Admin) {
            store::everything(&self.kit.db).await?
        } else {
            store::organised(&self.kit.db, actor.account).await?
        };
        Ok(found.iter().map(|found| row(found, now)).collect())
    }

    /// What an account is registered for.
    pub async fn entered(&self, actor: &Actor) -> Result<Vec<CompetitionRow>> {
        let now = self.kit.now();
        Ok(store::entered(&self.kit.db, actor.account).await?.iter().map(|found| row(found, now)).collect())
    }

    /// One competition.
    pub async fn show(&self, viewer: Option<&Actor>, slug: &str, locale: Locale) -> Result<CompetitionPage> {
        let found = self.visible(viewer, slug).await?;
        let (db, now) = (&self.kit.db, self.kit.now());
        let registration = match viewer {
            Some(actor) => registrations::registration(db, found.id, actor.account).await?,
            None => None,
        };
        let registration = registration
            .map(|registration| registration.state)
            .filter(|state| *state != RegistrationState::Withdrawn);
        let order = match (viewer, registration) {
            (Some(actor), Some(RegistrationState::AwaitingPayment)) => self.open_order(actor, &found).await?,
            _ => None,
        };
        let truth = files::files(db, found.id, "truth").await?;
        let (organiser, organiser_name) = store::names(db, found.organiser).await?;
        Ok(CompetitionPage {
            id: found.id,
            row: row(&found, now),
            rules_html: crate::markdown::render_below(
                found.design.rules.get(locale),
                pulldown_cmark::HeadingLevel::H2,
            )
            .to_string(),
            prizes: store::prizes(db, found.id).await?,
            files: files::files(db, found.id, "data").await?,
            rows: truth.iter().map(|file| file.lines).sum(),
            questions: files::count_questions(db, found.id).await?,
            organiser,
            organiser_name,
            organises: viewer.is_some_and(|actor| policy::organises(actor, found.organiser)),
            closed: self.closed(viewer, &found, registration, now).await?,
            cancelled: match found.state {
                State::Cancelled => store::cancellation(db, found.id).await?,
                _ => None,
            },
            registration,
            order,
            task: found.design.task,
            counting: found.design.counting,
            ties: found.design.ties,
        })
    }

    async fn open_order(&self, actor: &Actor, found: &Competition) -> Result<Option<OrderId>> {
        let thing = Thing::Competition(found.id);
        Ok(match self.orders.access(Some(actor.account), &thing, self.kit.now()).await? {
            Access::Denied(GetItBy::Paying(order)) => Some(order),
            _ => None,
        })
    }

    /// Why nobody, or not this viewer, may register now; the same rule decides under the lock.
    async fn closed(
        &self,
        viewer: Option<&Actor>,
        found: &Competition,
        registration: Option<RegistrationState>,
        now: Timestamp,
    ) -> Result<Option<Denied>> {
        let taken = registrations::seats(&self.kit.db, found.id).await?;
        // Nobody is a stranger to their own seat, so an id that no account has stands for a stranger.
        let account = viewer.map_or(domain::accounts::AccountId(uuid::Uuid::nil()), |actor| actor.account);
        let timing = (found.state, &found.design.timetable);
        let seats = (taken, found.design.capacity);
        Ok(policy::may_register(account, found.organiser, timing, registration, seats, now).err())
    }

    /// A competition as its organiser works on it.
    pub async fn design(&self, actor: &Actor, slug: &str) -> Result<Design> {
        let found = self.own(actor, slug).await?;
        let (db, now) = (&self.kit.db, self.kit.now());
        let missing = policy::may_publish(&self.readiness(&found).await?, now).err().unwrap_or_default();
        let submissions = registrations::submission_counts(db, found.id).await?;
        let phase = found.design.timetable.phase(found.state, now);
        Ok(Design {
            id: found.id,
            row: row(&found, now),
            raw: found.design.to_raw(),
            prizes: store::prizes(db, found.id).await?,
            truth: files::files(db, found.id, "truth").await?.into_iter().next(),
            files: files::files(db, found.id, "data").await?,
            questions: files::questions(db, found.id).await?,
            missing: missing.0,
            submissions,
            not_final: policy::may_finalise(phase, submissions.1).err(),
        })
    }
}

/// What a list shows of a competition.
pub(super) fn row(found: &Competition, now: Timestamp) -> CompetitionRow {
    let design = &found.design;
    CompetitionRow {
        slug: design.slug.to_string(),
        title: design.title.clone(),
        summary: design.summary.clone(),
        kind: design.task.kind(),
        phase: design.timetable.phase(found.state, now),
        timetable: design.timetable,
        offset: design.offset,
        fee: design.fee,
        entrants: found.entrants,
        capacity: design.capacity,
    }
}

/// Reads the form of a question: one option a line, right ones with a star in front.
pub(super) fn question(id: QuestionId, raw: &RawQuestion) -> Result<Question, Invalid> {
    let lines = |text: &str| -> Vec<String> {
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    };
    let starred = |line: &String| line.starts_with('*');
    let plain = |line: &String| line.trim_start_matches('*').trim().to_owned();
    let (english, chinese) = (lines(&raw.choices_en), lines(&raw.choices_zh));
    if !english.is_empty() && !chinese.is_empty() && english.len() != chinese.len() {
        return Err(Invalid::field("choices_zh", "choices_parallel"));
    }
    let rows = english.len().max(chinese.len());
    let right = match raw.kind.as_str() {
        "true_false" => vec![if raw.truth == "true" { "0" } else { "1" }.to_owned()],
        _ => (0..rows)
            .filter(|row| english.get(*row).is_some_and(starred) || chinese.get(*row).is_some_and(starred))
            .map(|row| row.to_string())
            .collect(),
    };
    let form = QuestionForm {
        kind: raw.kind.clone(),
        prompt_en: raw.prompt_en.clone(),
        prompt_zh: raw.prompt_zh.clone(),
        points: raw.points.clone(),
        choices_en: english.iter().map(plain).collect(),
        choices_zh: chinese.iter().map(plain).collect(),
        right,
        number_value: raw.number_value.clone(),
        number_tolerance: raw.number_tolerance.clone(),
        ..QuestionForm::default()
    };
    form.parse(id).map_err(|mut invalid| {
        // The options stand in one field of this form.
        for fault in &mut invalid.0 {
            if fault.field.starts_with("choices") {
                "choices_en".clone_into(&mut fault.field);
            }
        }
        invalid
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_starred_line_is_a_right_option() {
        let raw = RawQuestion {
            kind: "multiple".to_owned(),
            prompt_en: "Which are even?".to_owned(),
            points: "2".to_owned(),
            choices_en: "* two\nthree\n\n*four".to_owned(),
            choices_zh: "二\n三\n四".to_owned(),
            ..RawQuestion::default()
        };
        let read = question(QuestionId(uuid::Uuid::nil()), &raw).unwrap();
        assert_eq!(read.choices.iter().map(|choice| choice.right).collect::<Vec<_>>(), [true, false, true]);
        assert_eq!(read.choices[2].text.zh, "四");
        let short = RawQuestion { choices_zh: "二".to_owned(), ..raw.clone() };
        assert_eq!(question(read.id, &short).unwrap_err().0[0].code, "choices_parallel");
        let none = RawQuestion { choices_en: "two\nthree".to_owned(), choices_zh: String::new(), ..raw };
        assert_eq!(question(read.id, &none).unwrap_err().0[0].field, "choices_en");
    }
}
