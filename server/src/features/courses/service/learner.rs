//! What a learner does: enrol, finish lessons, keep notes.

use std::collections::{HashMap, HashSet};

use app::features::courses::view::{Enrolled, LearningRow};
use domain::accounts::AccountId;
use domain::actor::Actor;
use domain::courses::policy;
use domain::courses::rules::{LearningEvent, Progress, Step};
use domain::courses::{CourseId, EventKind, LessonId, LessonKind, NoteId, input};
use domain::invalid::Denied;
use domain::locale::Bilingual;
use domain::orders::{Access, Because, OrderId, Source, Thing, access};
use domain::rewards::{CertificateKind, NewCertificate};
use domain::time::Timestamp;

use super::super::{Service, store};
use super::views;
use crate::bus::Tag;
use crate::db::{Lock, Tx};
use crate::error::{Error, Result};

/// The most notes of one learner on one lesson.
const MAX_NOTES: i64 = 100;

impl Service {
    pub(in super::super) async fn take_seat(&self, actor: &Actor, slug: &str) -> Result<Enrolled> {
        let course = store::course_at(&self.kit.db, slug).await?.ok_or_else(Error::not_found)?;
        let learns = self.learns(Some(actor), &course).await?;
        if !policy::may_see(Some(actor), &course.facts(), learns) {
            return Err(Error::not_found());
        }
        policy::may_enrol(&course.facts(), learns)?;
        if !course.price.is_zero() {
            if let Some(order) = self.opened_by_plan(actor, course.id).await? {
                let now = self.kit.now();
                let mut tx = self.kit.db.begin().await?;
                tx.lock(Lock::Course(course.id.0)).await?;
                self.give_seat(&mut tx, course.id, actor.account, order, now).await?;
                tx.commit().await?;
                return Ok(Enrolled::Started);
            }
            return Ok(Enrolled::ToPay(self.orders.place(actor, Thing::Course(course.id)).await?));
        }
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Course(course.id.0)).await?;
        // The price and state of this very instant decide.
        let course = store::course_in(&mut tx, course.id).await?.ok_or_else(Error::not_found)?;
        policy::may_enrol(&course.facts(), false)?;
        if !course.price.is_zero() {
            return Err(Denied::new("price_changed").into());
        }
        self.give_seat(&mut tx, course.id, actor.account, None, now).await?;
        tx.commit().await?;
        Ok(Enrolled::Started)
    }

    /// Whether a plan opens a course for somebody now, and its order where they have paid for it. The place in the
    /// course belongs to that order: whether it may be used is asked of the rights each time.
    async fn opened_by_plan(&self, actor: &Actor, course: CourseId) -> Result<Option<Option<OrderId>>> {
        let thing = Thing::Course(course);
        match self.orders.access(Some(actor.account), &thing, self.kit.now()).await? {
            Access::Allowed(Because { source: Source::Plan(order), .. }) => Ok(Some(Some(order))),
            Access::Allowed(Because { source: Source::FreePlan(_), .. }) => Ok(Some(None)),
            _ => Ok(None),
        }
    }

    /// Gives somebody a place in a course; a second time changes nothing but the order behind it.
    pub(in super::super) async fn give_seat(
        &self,
        tx: &mut Tx,
        course: CourseId,
        account: AccountId,
        order: Option<OrderId>,
        now: Timestamp,
    ) -> Result<()> {
        if store::enrol(tx, self.kit.id(), course, account, order, now).await? {
            let event = LearningEvent { kind: EventKind::Enrolled, lesson: None, at: now };
            store::add_event(tx, self.kit.id(), course, account, &event).await?;
            tx.touch(Tag::Courses);
        }
        Ok(())
    }

    /// A lesson that the caller learns now, with its course; otherwise the way to get it, or nowhere.
    pub(super) async fn learnt_lesson(
        &self,
        actor: &Actor,
        id: LessonId,
    ) -> Result<(store::Course, store::Lesson)> {
        let lesson = store::lesson(&self.kit.db, id).await?.ok_or_else(Error::not_found)?;
        let course = store::course(&self.kit.db, lesson.head.course).await?.ok_or_else(Error::not_found)?;
        if self.learns(Some(actor), &course).await? {
            return Ok((course, lesson));
        }
        if !policy::may_see(Some(actor), &course.facts(), false) {
            return Err(Error::not_found());
        }
        Err(Denied::new("not_enrolled").into())
    }

    pub(in super::super) async fn read_lesson(&self, actor: &Actor, id: LessonId) -> Result<String> {
        let (course, lesson) = self.learnt_lesson(actor, id).await?;
        if lesson.head.kind != LessonKind::Document {
            return Err(Denied::new("quiz_must_be_passed").into());
        }
        let mut tx = self.kit.db.begin().await?;
        self.record(&mut tx, actor.account, &course, EventKind::Read, id).await?;
        tx.commit().await?;
        let lessons = store::heads(&self.kit.db, course.id).await?;
        let next = lessons.iter().skip_while(|other| other.id != id).nth(1);
        Ok(match next {
            Some(next) => lesson_path(&course.slug, next.id),
            None => format!("/courses/{}", course.slug),
        })
    }

    /// Records an event once, and the completion that it may bring.
    pub(super) async fn record(
        &self,
        tx: &mut Tx,
        account: AccountId,
        course: &store::Course,
        kind: EventKind,
        lesson: LessonId,
    ) -> Result<()> {
        let at = self.kit.now();
        tx.lock(Lock::Account(account)).await?;
        let known = store::events_in(tx, course.id, account).await?;
        let again = known.iter().any(|event| event.kind == kind && event.lesson == Some(lesson));
        if !again || kind == EventKind::Failed {
            let event = LearningEvent { kind, lesson: Some(lesson), at };
            store::add_event(tx, self.kit.id(), course.id, account, &event).await?;
        }
        self.settle(tx, account, course).await
    }

    /// Completes a course for a learner who has done every lesson of it, once; with the certificate.
    async fn settle(&self, tx: &mut Tx, account: AccountId, course: &store::Course) -> Result<()> {
        let events = store::events_in(tx, course.id, account).await?;
        let lessons = store::heads_in(tx, course.id).await?;
        let steps: Vec<_> = lessons.iter().map(store::LessonHead::step).collect();
        let progress = Progress::of(&steps, &events);
        if !progress.completes() {
            return Ok(());
        }
        let at = self.kit.now();
        let event = LearningEvent { kind: EventKind::Completed, lesson: None, at };
        store::add_event(tx, self.kit.id(), course.id, account, &event).await?;
        self.orders.completed(tx, account, &Thing::Course(course.id), at).await?;
        let certificate = NewCertificate {
            account,
            kind: CertificateKind::Course(course.id),
            title: course.title.clone(),
            holder: store::display_name(tx, account).await?,
            detail: detail(progress.total),
            awarded_at: at,
        };
        self.rewards.issue(tx, &certificate).await?;
        Ok(())
    }

    /// Settles every learner of a course; changes nothing for those who are settled.
    pub(in super::super) async fn settle_course(&self, id: CourseId) -> Result<()> {
        let Some(course) = store::course(&self.kit.db, id).await? else { return Ok(()) };
        for account in store::learners(&self.kit.db, id).await? {
            let mut tx = self.kit.db.begin().await?;
            tx.lock(Lock::Account(account)).await?;
            self.settle(&mut tx, account, &course).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    pub(in super::super) async fn new_note(
        &self,
        actor: &Actor,
        lesson: LessonId,
        body: &str,
    ) -> Result<String> {
        let body = input::note(body)?;
        let (course, _) = self.learnt_lesson(actor, lesson).await?;
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(actor.account)).await?;
        if store::count_notes(&mut tx, lesson, actor.account).await? >= MAX_NOTES {
            return Err(Denied::with("too_many_notes", &[&MAX_NOTES]).into());
        }
        let note = store::Note { id: self.kit.id(), lesson_id: lesson, body, updated_at: self.kit.now() };
        store::add_note(&mut tx, &note, actor.account).await?;
        tx.commit().await?;
        Ok(lesson_path(&course.slug, lesson))
    }

    pub(in super::super) async fn edit_note(
        &self,
        actor: &Actor,
        id: NoteId,
        body: &str,
        delete: bool,
    ) -> Result<String> {
        let mut tx = self.kit.db.begin().await?;
        let note = store::note_in(&mut tx, id, actor.account).await?.ok_or_else(Error::not_found)?;
        if delete {
            store::delete_note(&mut tx, id).await?;
        } else {
            store::change_note(&mut tx, id, &input::note(body)?, self.kit.now()).await?;
        }
        tx.commit().await?;
        let lesson = store::lesson(&self.kit.db, note.lesson_id).await?;
        let course = match &lesson {
            Some(lesson) => store::course(&self.kit.db, lesson.head.course).await?,
            None => None,
        };
        Ok(course.map_or_else(|| "/learning".to_owned(), |course| lesson_path(&course.slug, note.lesson_id)))
    }

    /// The courses that somebody learns, those whose right has ended left out.
    pub(in super::super) async fn learnt_by(&self, actor: &Actor) -> Result<Vec<LearningRow>> {
        let (db, account, now) = (&self.kit.db, actor.account, self.kit.now());
        let learnt = store::learnt_by(db, account).await?;
        let rights = self.orders.rights(account).await?;
        let mut certificates = self.rewards.course_codes(account).await?;
        let mut steps: HashMap<CourseId, Vec<Step>> = HashMap::new();
        for (course, step) in store::steps_of(db, account).await? {
            steps.entry(course).or_default().push(step);
        }
        let mut events: HashMap<CourseId, Vec<LearningEvent>> = HashMap::new();
        for (course, event) in store::events_of(db, account).await? {
            events.entry(course).or_default().push(event);
        }
        // Only who ever had a plan can have courses opened by one: their rights are asked for one by one.
        let planned = rights.iter().any(|right| matches!(right.thing, Thing::Plan(_)));
        let mut opened = HashSet::new();
        for course in learnt.iter().filter(|course| course.bought) {
            let thing = Thing::Course(course.id);
            let bought = access(&rights, &thing, now).is_allowed();
            if bought || (planned && self.orders.access(Some(account), &thing, now).await?.is_allowed()) {
                opened.insert(course.id);
            }
        }
        let open = |course: &store::LearntCourse| !course.bought || opened.contains(&course.id);
        let row = |course: store::LearntCourse| {
            let steps = steps.remove(&course.id).unwrap_or_default();
            let progress = Progress::of(&steps, &events.remove(&course.id).unwrap_or_default());
            let certificate = certificates.remove(&course.id).filter(|_| progress.completed_at.is_some());
            LearningRow {
                slug: course.slug,
                title: course.title,
                progress: views::progress(&steps, &progress, certificate),
                enrolled_at: course.enrolled_at,
            }
        };
        Ok(learnt.into_iter().filter(open).map(row).collect())
    }
}

/// The address of a lesson without its language.
pub(super) fn lesson_path(slug: &str, lesson: LessonId) -> String {
    format!("/courses/{slug}/lessons/{lesson}")
}

/// What stands on the certificate of a course.
fn detail(lessons: u32) -> Bilingual {
    let noun = if lessons == 1 { "lesson" } else { "lessons" };
    Bilingual::new(
        format!("Completed all {lessons} {noun}, every quiz passed"),
        format!("完成全部 {lessons} 课，通过所有测验"),
    )
}
