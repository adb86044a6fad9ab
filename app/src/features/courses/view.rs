//! What the server tells the pages of courses; each made for one page, without anything its reader may not know.

mod quiz;

pub use quiz::{AskedView, MarkedChoice, MarkedQuestionView, MarkedView, OpenAttempt, QuizView};

use domain::courses::policy::{Closed, Reading};
use domain::courses::quiz::Question;
use domain::courses::{ChapterId, CourseId, CourseState, LessonId, LessonKind, Level, NoteId, PictureId};
use domain::invalid::FieldFault;
use domain::locale::{Bilingual, Locale};
use domain::money::Money;
use domain::orders::OrderId;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A course in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CourseCard {
    /// The readable part of its address.
    pub slug: String,
    /// Its title.
    pub title: Bilingual,
    /// What it is about.
    pub summary: Bilingual,
    /// Its subject.
    pub category: Option<String>,
    /// How much it expects.
    pub level: Level,
    /// The languages in which it is complete.
    pub languages: Vec<Locale>,
    /// What it costs.
    pub price: Money,
    /// The name of its author.
    pub author: String,
    /// How many learn it.
    pub learners: u32,
    /// How many lessons it has.
    pub lessons: u32,
    /// How long it takes, in minutes.
    pub minutes: u32,
}

/// A page of the catalogue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Catalogue {
    /// The courses of this page.
    pub items: Vec<CourseCard>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// A chapter in an outline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutlineChapter {
    /// Its title.
    pub title: Bilingual,
    /// Its lessons.
    pub lessons: Vec<OutlineLesson>,
}

/// A lesson in an outline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutlineLesson {
    /// The lesson.
    pub id: LessonId,
    /// Its title.
    pub title: Bilingual,
    /// What it is.
    pub kind: LessonKind,
    /// How long it takes, in minutes.
    pub minutes: u32,
    /// Whether anybody may read it.
    pub preview: bool,
    /// Whether the reader may open it.
    pub open: bool,
    /// Whether the reader has done it.
    pub done: bool,
}

/// How far a learner has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProgressView {
    /// Lessons done.
    pub done: u32,
    /// Lessons there are.
    pub total: u32,
    /// When the course was completed.
    pub completed_at: Option<Timestamp>,
    /// The lesson to go on with.
    pub next: Option<LessonId>,
    /// The code of the certificate.
    pub certificate: Option<String>,
}

/// What a reader may do with a course.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Standing {
    /// Learns it.
    Learner(ProgressView),
    /// Looks after it.
    Author(CourseId),
    /// May start it: it is free.
    MayEnrol,
    /// May buy it.
    MayBuy,
    /// Placed an order that is not paid yet.
    MayPay(OrderId),
    /// It takes nobody.
    Closed,
}

/// A competition in which what the course teaches can be proved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProofLink {
    /// The readable part of its address.
    pub slug: String,
    /// Its title.
    pub title: Bilingual,
}

/// The page of a course.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CourseView {
    /// Which course it is.
    pub id: CourseId,
    /// Its row of the catalogue.
    pub card: CourseCard,
    /// Where it stands in its life.
    pub state: CourseState,
    /// What one can do afterwards, one a line.
    pub goals: Bilingual,
    /// Its tags.
    pub tags: Vec<String>,
    /// The name of its author in addresses.
    pub author_username: String,
    /// Its chapters and lessons.
    pub outline: Vec<OutlineChapter>,
    /// Where what it teaches can be proved.
    pub proves: Vec<ProofLink>,
    /// What the reader may do.
    pub standing: Standing,
}

/// The page of a lesson.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LessonView {
    /// The readable part of the course's address.
    pub slug: String,
    /// The title of the course.
    pub course: Bilingual,
    /// The number of the chapter, from one.
    pub chapter: u32,
    /// The number of the lesson in its chapter, from one.
    pub number: u32,
    /// The lesson.
    pub lesson: OutlineLesson,
    /// The chapters and lessons of the course.
    pub outline: Vec<OutlineChapter>,
    /// How far the reader has come, if they learn the course.
    pub progress: Option<ProgressView>,
    /// The lesson before.
    pub previous: Option<OutlineLesson>,
    /// The lesson after.
    pub next: Option<OutlineLesson>,
    /// What it says, or how to get it.
    pub content: LessonContent,
    /// The reader's notes.
    pub notes: Vec<NoteView>,
}

/// What a lesson says, or how to get it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum LessonContent {
    /// Not for this reader; nothing of the lesson is here.
    Closed(Closed),
    /// A document as safe HTML.
    Document {
        /// Why it may be read.
        reading: Reading,
        /// The HTML.
        html: String,
        /// The language it is written in.
        language: Locale,
    },
    /// A quiz.
    Quiz(Box<QuizView>),
}

/// A learner's note.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoteView {
    /// The note.
    pub id: NoteId,
    /// What it says.
    pub body: String,
    /// When it was last changed.
    pub at: Timestamp,
}

/// A course in the list of one's own learning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LearningRow {
    /// The readable part of its address.
    pub slug: String,
    /// Its title.
    pub title: Bilingual,
    /// How far the learner has come.
    pub progress: ProgressView,
    /// When it was begun.
    pub enrolled_at: Timestamp,
}

/// A course in the list of its author.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaughtRow {
    /// The course.
    pub id: CourseId,
    /// The readable part of its address.
    pub slug: String,
    /// Its title.
    pub title: Bilingual,
    /// Where it stands in its life.
    pub state: CourseState,
    /// What it costs.
    pub price: Money,
    /// How many learn it.
    pub learners: u32,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A course as its author sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CourseDesk {
    /// The course.
    pub id: CourseId,
    /// The readable part of its address.
    pub slug: String,
    /// Where it stands in its life.
    pub state: CourseState,
    /// Its title.
    pub title: Bilingual,
    /// What it is about.
    pub summary: Bilingual,
    /// What one can do afterwards.
    pub goals: Bilingual,
    /// Its subject.
    pub category: Option<String>,
    /// How much it expects.
    pub level: Level,
    /// Its tags.
    pub tags: Vec<String>,
    /// The addresses of competitions in which it can be proved.
    pub proves: Vec<String>,
    /// What it costs.
    pub price: Money,
    /// How many learn it.
    pub learners: u32,
    /// Its chapters.
    pub chapters: Vec<DeskChapter>,
    /// What is missing before it may be published.
    pub lacks: Vec<FieldFault>,
    /// The languages in which it is complete.
    pub languages: Vec<Locale>,
}

/// A chapter as its author sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeskChapter {
    /// The chapter.
    pub id: ChapterId,
    /// Its title.
    pub title: Bilingual,
    /// Its lessons.
    pub lessons: Vec<OutlineLesson>,
}

/// A lesson as its author sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LessonDesk {
    /// The lesson.
    pub id: LessonId,
    /// Its course.
    pub course: CourseId,
    /// The readable part of the course's address.
    pub slug: String,
    /// The title of the course.
    pub course_title: Bilingual,
    /// Its title.
    pub title: Bilingual,
    /// What it is.
    pub kind: LessonKind,
    /// Its Markdown.
    pub body: Bilingual,
    /// Whether anybody may read it.
    pub preview: bool,
    /// How long it takes, in minutes.
    pub minutes: u32,
    /// The pass mark of its quiz.
    pub pass_mark: u32,
    /// How many attempts its quiz allows.
    pub attempts: u32,
    /// The questions with their keys.
    pub questions: Vec<Question>,
    /// Its pictures, latest first.
    pub pictures: Vec<PictureId>,
}

/// What came of wanting a course.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Enrolled {
    /// It can be learnt at once.
    Started,
    /// It is to be paid first.
    ToPay(OrderId),
}
