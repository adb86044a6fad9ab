//! What anybody may see: the catalogue, a course, a lesson or how to get it.

use app::features::courses::view::{
    Catalogue, CourseCard, CourseView, LessonContent, LessonView, NoteView, OutlineLesson, ProgressView,
    Standing,
};
use domain::actor::Actor;
use domain::courses::input::CatalogueFilter;
use domain::courses::policy::{self, Reading};
use domain::courses::rules::{Progress, Step};
use domain::courses::{CourseState, LessonId, LessonKind, search};
use domain::locale::Locale;
use domain::orders::{Access, GetItBy, Thing};
use domain::page::Page;
use domain::rewards::CertificateKind;
use uuid::Uuid;

use super::super::{Service, store};
use super::views;
use crate::error::{Error, Result};

/// How many courses a page of the catalogue shows.
const PAGE: usize = 12;
/// The most courses that a search looks at.
const MAX_FOUND: i64 = 2_000;

/// A course with what a reader may do with it.
pub(super) struct Seen {
    pub course: store::Course,
    pub chapters: Vec<store::Chapter>,
    pub lessons: Vec<store::LessonHead>,
    /// Whether the reader is enrolled and the right is good now.
    pub learns: bool,
    /// How far the reader has come, if they learn it.
    pub progress: Option<Progress>,
}

impl Seen {
    pub(super) fn steps(&self) -> Vec<Step> {
        self.lessons.iter().map(store::LessonHead::step).collect()
    }
    fn open_to(&self, actor: Option<&Actor>) -> bool {
        self.learns || actor.is_some_and(|actor| policy::may_edit(actor, &self.course.facts()))
    }
    fn outline(&self, actor: Option<&Actor>) -> Vec<app::features::courses::view::OutlineChapter> {
        let previews = self.course.state == CourseState::Published;
        let all = self.open_to(actor);
        views::outline(&self.chapters, &self.lessons, previews, all, self.progress.as_ref())
    }
}

impl Service {
    pub(in super::super) async fn list(&self, filter: &CatalogueFilter, after: &str) -> Result<Catalogue> {
        let terms = search::terms(&filter.query);
        if !terms.is_empty() {
            return self.find(filter, &terms, after).await;
        }
        let after = cursor(after);
        let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
        let listed = store::list(&self.kit.db, filter, after, limit).await?;
        let page = Page::cut(listed, PAGE, |entry| format!("{}_{}", entry.key, entry.id));
        Ok(Catalogue { items: page.items.into_iter().map(|entry| entry.card).collect(), next: page.next })
    }

    /// The courses that meet every word, best match first unless another order is wanted.
    async fn find(&self, filter: &CatalogueFilter, terms: &[search::Term], after: &str) -> Result<Catalogue> {
        let weights = store::search(&self.kit.db, terms).await?;
        let mut found: Vec<(i64, store::Listed)> = store::list(&self.kit.db, filter, None, MAX_FOUND)
            .await?
            .into_iter()
            .filter_map(|entry| weights.get(&entry.id).map(|weight| (*weight, entry)))
            .collect();
        if filter.sort.is_none() {
            // The order within one weight is that of the list, which is stable.
            found.sort_by_key(|right| std::cmp::Reverse(right.0));
        }
        let skipped: usize = after.parse().unwrap_or(0);
        let rest = found.len().saturating_sub(skipped);
        let next = (rest > PAGE).then(|| (skipped + PAGE).to_string());
        let items = found.into_iter().skip(skipped).take(PAGE).map(|(_, entry)| entry.card).collect();
        Ok(Catalogue { items, next })
    }

    /// A course that the reader may know of; nowhere for anybody else.
    pub(super) async fn seen(&self, viewer: Option<&Actor>, course: Option<store::Course>) -> Result<Seen> {
        let course = course.ok_or_else(Error::not_found)?;
        let learns = self.learns(viewer, &course).await?;
        if !policy::may_see(viewer, &course.facts(), learns) {
            return Err(Error::not_found());
        }
        let db = &self.kit.db;
        let chapters = store::chapters(db, course.id).await?;
        let lessons = store::heads(db, course.id).await?;
        let mut seen = Seen { course, chapters, lessons, learns, progress: None };
        if let (Some(actor), true) = (viewer, learns) {
            let events = store::events(db, seen.course.id, actor.account).await?;
            seen.progress = Some(Progress::of(&seen.steps(), &events));
        }
        Ok(seen)
    }

    /// Whether somebody is enrolled in a course and the order behind it, if any, gives the right now.
    pub(super) async fn learns(&self, viewer: Option<&Actor>, course: &store::Course) -> Result<bool> {
        let Some(actor) = viewer else { return Ok(false) };
        match store::enrolment(&self.kit.db, course.id, actor.account).await? {
            None => Ok(false),
            Some(enrolment) if enrolment.order.is_none() => Ok(true),
            Some(_) => {
                let thing = Thing::Course(course.id);
                let access = self.orders.access(Some(actor.account), &thing, self.kit.now()).await?;
                Ok(access.is_allowed())
            }
        }
    }

    pub(in super::super) async fn show_course(
        &self,
        viewer: Option<&Actor>,
        slug: &str,
    ) -> Result<CourseView> {
        let seen = self.seen(viewer, store::course_at(&self.kit.db, slug).await?).await?;
        let standing = self.standing(viewer, &seen).await?;
        let proves = store::proofs(&self.kit.db, &seen.course.proves).await?;
        let outline = seen.outline(viewer);
        let card = card(&seen);
        let course = seen.course;
        Ok(CourseView {
            id: course.id,
            card,
            state: course.state,
            goals: course.goals,
            tags: course.tags,
            author_username: course.author_username,
            outline,
            proves,
            standing,
        })
    }

    async fn standing(&self, viewer: Option<&Actor>, seen: &Seen) -> Result<Standing> {
        let course = &seen.course;
        if let (Some(actor), Some(progress)) = (viewer, &seen.progress) {
            return Ok(Standing::Learner(self.progress_view(actor, seen, progress).await?));
        }
        if viewer.is_some_and(|actor| policy::may_edit(actor, &course.facts())) {
            return Ok(Standing::Author(course.id));
        }
        if course.state != CourseState::Published {
            return Ok(Standing::Closed);
        }
        if course.price.is_zero() {
            return Ok(Standing::MayEnrol);
        }
        let account = viewer.map(|actor| actor.account);
        Ok(match self.orders.access(account, &Thing::Course(course.id), self.kit.now()).await? {
            Access::Denied(GetItBy::Paying(order)) => Standing::MayPay(order),
            // A plan opens it: nothing is to be paid.
            Access::Allowed(_) => Standing::MayEnrol,
            _ => Standing::MayBuy,
        })
    }

    pub(super) async fn progress_view(
        &self,
        actor: &Actor,
        seen: &Seen,
        progress: &Progress,
    ) -> Result<ProgressView> {
        let certificate = match progress.completed_at {
            None => None,
            Some(_) => self.rewards.code_for(actor.account, CertificateKind::Course(seen.course.id)).await?,
        };
        Ok(views::progress(&seen.steps(), progress, certificate))
    }

    pub(in super::super) async fn show_lesson(
        &self,
        viewer: Option<&Actor>,
        slug: &str,
        id: LessonId,
        locale: Locale,
    ) -> Result<LessonView> {
        let seen = self.seen(viewer, store::course_at(&self.kit.db, slug).await?).await?;
        let index = seen.lessons.iter().position(|lesson| lesson.id == id).ok_or_else(Error::not_found)?;
        let head = seen.lessons.get(index).ok_or_else(Error::not_found)?;
        let outline = seen.outline(viewer);
        let flat: Vec<OutlineLesson> =
            outline.iter().flat_map(|chapter| chapter.lessons.iter().cloned()).collect();
        let chapter = outline.iter().position(|chapter| chapter.lessons.iter().any(|lesson| lesson.id == id));
        let chapter = chapter.unwrap_or_default();
        let number = outline
            .get(chapter)
            .and_then(|chapter| chapter.lessons.iter().position(|lesson| lesson.id == id))
            .unwrap_or_default();
        let reading = policy::may_read(viewer, &seen.course.facts(), seen.learns, head.preview);
        let (content, notes) = match reading {
            Err(closed) => (LessonContent::Closed(closed), Vec::new()),
            Ok(reading) => (
                self.content(viewer, id, reading, locale).await?,
                self.notes_of(viewer, id, seen.learns).await?,
            ),
        };
        let progress = match (viewer, &seen.progress) {
            (Some(actor), Some(progress)) => Some(self.progress_view(actor, &seen, progress).await?),
            _ => None,
        };
        Ok(LessonView {
            slug: seen.course.slug.clone(),
            course: seen.course.title.clone(),
            chapter: ordinal(chapter),
            number: ordinal(number),
            lesson: flat.get(index).cloned().ok_or_else(Error::not_found)?,
            previous: index.checked_sub(1).and_then(|before| flat.get(before).cloned()),
            next: flat.get(index + 1).cloned(),
            outline,
            progress,
            content,
            notes,
        })
    }

    /// What a lesson says; called once the reader's right to it is known.
    async fn content(
        &self,
        viewer: Option<&Actor>,
        id: LessonId,
        reading: Reading,
        locale: Locale,
    ) -> Result<LessonContent> {
        let lesson = store::lesson(&self.kit.db, id).await?.ok_or_else(Error::not_found)?;
        if lesson.head.kind == LessonKind::Quiz {
            return Ok(LessonContent::Quiz(Box::new(self.quiz(viewer, lesson, reading, locale).await?)));
        }
        if let (Some(learner), Reading::Learner) = (viewer, reading) {
            self.note_opening(learner, &lesson.head).await?;
        }
        let (html, language) = views::prose(&lesson.body, locale);
        Ok(LessonContent::Document { reading, html, language })
    }

    /// Writes down that a learner was shown what was paid for: from now on it is consumed, whatever they say of it.
    async fn note_opening(&self, learner: &Actor, lesson: &store::LessonHead) -> Result<()> {
        if lesson.preview || store::was_opened(&self.kit.db, lesson.id, learner.account).await? {
            return Ok(());
        }
        let mut tx = self.kit.db.begin().await?;
        store::add_opening(&mut tx, lesson.id, learner.account, self.kit.now()).await?;
        Ok(tx.commit().await?)
    }

    async fn notes_of(
        &self,
        viewer: Option<&Actor>,
        lesson: LessonId,
        learns: bool,
    ) -> Result<Vec<NoteView>> {
        let Some(actor) = viewer.filter(|_| learns) else { return Ok(Vec::new()) };
        let notes = store::notes(&self.kit.db, lesson, actor.account).await?;
        Ok(notes
            .into_iter()
            .map(|note| NoteView { id: note.id, body: note.body, at: note.updated_at })
            .collect())
    }
}

fn ordinal(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1)
}

fn card(seen: &Seen) -> CourseCard {
    let course = seen.course.clone();
    CourseCard {
        slug: course.slug,
        title: course.title,
        summary: course.summary,
        category: course.category,
        level: course.level,
        languages: course.languages,
        price: course.price,
        author: course.author_name,
        learners: course.learners,
        lessons: u32::try_from(seen.lessons.len()).unwrap_or(u32::MAX),
        minutes: seen.lessons.iter().map(|lesson| lesson.minutes).sum(),
    }
}

/// Where a page begins: the place in the order and the id of the last entry before it. Nonsense is the beginning.
fn cursor(text: &str) -> Option<(i64, Uuid)> {
    let (key, id) = text.split_once('_')?;
    Some((key.parse().ok()?, id.parse().ok()?))
}
