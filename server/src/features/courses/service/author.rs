//! What an author does with a course as a whole.

use std::collections::HashMap;

use app::features::courses::view::{CourseDesk, DeskChapter, TaughtRow};
use domain::actor::Actor;
use domain::courses::input::{self, CourseForm};
use domain::courses::rules::CourseDraft;
use domain::courses::{CourseId, CourseState, LessonId, policy, search};
use domain::invalid::Invalid;
use domain::text::{Slug, line};
use domain::time::Timestamp;

use super::super::{Service, jobs::SettleCourse, store};
use super::views;
use crate::bus::Tag;
use crate::db::{Lock, Tx};
use crate::error::{Error, OrDuplicate, Result};

/// The most courses that one person may write.
const MAX_COURSES: usize = 200;

impl Service {
    pub(in super::super) async fn taught_by(&self, actor: &Actor) -> Result<Vec<TaughtRow>> {
        policy::may_write(actor)?;
        let courses = store::courses_of(&self.kit.db, actor.account).await?;
        let row = |course: store::Course| TaughtRow {
            id: course.id,
            slug: course.slug,
            title: course.title,
            state: course.state,
            price: course.price,
            learners: course.learners,
            updated_at: course.updated_at,
        };
        Ok(courses.into_iter().map(row).collect())
    }

    pub(in super::super) async fn begin_course(&self, actor: &Actor, en: &str, zh: &str) -> Result<CourseId> {
        policy::may_write(actor)?;
        let title = input::title(en, zh)?;
        if store::courses_of(&self.kit.db, actor.account).await?.len() >= MAX_COURSES {
            return Err(domain::invalid::Denied::with("too_many_courses", &[&MAX_COURSES]).into());
        }
        let course: CourseId = self.kit.id();
        let tail: String = course.0.simple().to_string().chars().skip(20).collect();
        let stem = Slug::propose(&title.en).map_or_else(|| "course".to_owned(), String::from);
        let stem: String = stem.chars().take(50).collect();
        let mut tx = self.kit.db.begin().await?;
        let slug = match Slug::propose(&title.en) {
            Some(slug) if store::slug_is_free(&mut tx, slug.as_str()).await? => slug.as_str().to_owned(),
            _ => format!("{}-{tail}", stem.trim_end_matches('-')),
        };
        store::add_course(&mut tx, course, &slug, actor.account, &title, self.kit.now()).await?;
        tx.commit().await?;
        Ok(course)
    }

    /// A course that the caller looks after; nowhere for anybody else.
    pub(super) async fn own_course(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        course: CourseId,
    ) -> Result<store::Course> {
        tx.lock(Lock::Course(course.0)).await?;
        let course = store::course_in(tx, course).await?.ok_or_else(Error::not_found)?;
        if policy::may_edit(actor, &course.facts()) { Ok(course) } else { Err(Error::not_found()) }
    }

    /// A lesson of a course that the caller looks after; nowhere for anybody else.
    pub(super) async fn own_lesson(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        lesson: LessonId,
    ) -> Result<(store::Course, store::Lesson)> {
        let lesson = store::lesson_in(tx, lesson).await?.ok_or_else(Error::not_found)?;
        let course = self.own_course(tx, actor, lesson.head.course).await?;
        Ok((course, lesson))
    }

    pub(in super::super) async fn desk_of(&self, actor: &Actor, id: CourseId) -> Result<CourseDesk> {
        let db = &self.kit.db;
        let course = store::course(db, id).await?.ok_or_else(Error::not_found)?;
        if !policy::may_edit(actor, &course.facts()) {
            return Err(Error::not_found());
        }
        let lessons = store::lessons(db, id).await?;
        let chapters = store::chapters(db, id).await?;
        let draft = draft(&course, &lessons);
        let chapters = chapters
            .into_iter()
            .map(|chapter| DeskChapter {
                lessons: lessons
                    .iter()
                    .filter(|lesson| lesson.head.chapter == chapter.id)
                    .map(|lesson| views::outline_lesson(&lesson.head, true, false))
                    .collect(),
                id: chapter.id,
                title: chapter.title,
            })
            .collect();
        Ok(CourseDesk {
            id,
            slug: course.slug,
            state: course.state,
            title: course.title,
            summary: course.summary,
            goals: course.goals,
            category: course.category,
            level: course.level,
            tags: course.tags,
            proves: course.proves,
            price: course.price,
            learners: course.learners,
            chapters,
            lacks: draft.lacks(),
            languages: draft.languages(),
        })
    }

    pub(in super::super) async fn describe_course(
        &self,
        actor: &Actor,
        course: CourseId,
        form: &CourseForm,
        proves: &str,
    ) -> Result<()> {
        let mut tx = self.kit.db.begin().await?;
        let before = self.own_course(&mut tx, actor, course).await?;
        let mut invalid = Invalid::default();
        let text = invalid.check(form.parse());
        let proves = invalid.check(slugs(proves));
        let (Some(text), Some(proves)) = (text, proves) else { return Err(invalid.into()) };
        store::describe(&mut tx, course, &text, &proves, self.kit.now())
            .await
            .or_duplicate("courses.slug", Invalid::field("slug", "course_slug_taken"))?;
        self.course_changed(&mut tx, course, before.state).await?;
        Ok(tx.commit().await?)
    }

    pub(in super::super) async fn move_course(&self, actor: &Actor, id: CourseId, state: &str) -> Result<()> {
        let to = input::state(state)?;
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        let course = self.own_course(&mut tx, actor, id).await?;
        if to == CourseState::Published {
            let lacks = draft(&course, &store::lessons_in(&mut tx, id).await?).lacks();
            Invalid(lacks).into_result()?;
        }
        if course.state != to {
            store::set_state(&mut tx, id, course.state, to, now).await?;
        }
        self.course_changed(&mut tx, id, to).await?;
        Ok(tx.commit().await?)
    }

    /// What follows every change of a course: its languages, and for a published one its words and pages.
    ///
    /// A published course stays in the catalogue while it is being changed; where a change leaves it
    /// incomplete, its author sees what is missing, and learners go on.
    pub(super) async fn course_changed(&self, tx: &mut Tx, id: CourseId, state: CourseState) -> Result<()> {
        let course = store::course_in(tx, id).await?.ok_or_else(Error::not_found)?;
        let lessons = store::lessons_in(tx, id).await?;
        let now: Timestamp = self.kit.now();
        store::set_languages(tx, id, &draft(&course, &lessons).languages(), now).await?;
        let words = if state == CourseState::Published { words(&course, &lessons) } else { HashMap::new() };
        store::index(tx, id, &words).await?;
        tx.touch(Tag::Courses);
        Ok(())
    }

    /// As [`Self::course_changed`], after lessons came or went: whoever has done what is left has completed it.
    pub(super) async fn outline_changed(&self, tx: &mut Tx, course: &store::Course) -> Result<()> {
        self.course_changed(tx, course.id, course.state).await?;
        if course.learners > 0 {
            tx.enqueue(&SettleCourse { course: course.id }).await?;
        }
        Ok(())
    }
}

/// The course as publishing sees it.
fn draft(course: &store::Course, lessons: &[store::Lesson]) -> CourseDraft {
    CourseDraft {
        title: course.title.clone(),
        summary: course.summary.clone(),
        goals: course.goals.clone(),
        has_category: course.category.is_some(),
        lessons: lessons.iter().map(store::Lesson::draft).collect(),
    }
}

/// The words by which a course is found, and what each weighs; texts of lessons are not among them.
fn words(course: &store::Course, lessons: &[store::Lesson]) -> HashMap<String, i64> {
    let mut words = HashMap::new();
    let mut add = |text: &str, weight: i64| {
        for (token, count) in search::tokens(text) {
            *words.entry(token).or_insert(0) += weight * i64::from(count.min(3));
        }
    };
    for (text, weight) in [(&course.title, 8), (&course.summary, 3), (&course.goals, 2)] {
        add(&text.en, weight);
        add(&text.zh, weight);
    }
    course.tags.iter().for_each(|tag| add(tag, 5));
    add(&course.author_name, 4);
    for lesson in lessons {
        add(&lesson.head.title.en, 2);
        add(&lesson.head.title.zh, 2);
    }
    words
}

/// Addresses of competitions, parted by commas or spaces; at most five.
fn slugs(text: &str) -> Result<Vec<String>, Invalid> {
    let text = line("proves", text, 0..=400)?;
    let mut slugs = Vec::new();
    for part in text.split([',', '，', ' ']).filter(|part| !part.is_empty()) {
        let slug = String::from(Slug::parse("proves", part)?);
        if !slugs.contains(&slug) {
            slugs.push(slug);
        }
    }
    if slugs.len() > 5 { Err(Invalid::with("proves", "too_many", &[&5])) } else { Ok(slugs) }
}
