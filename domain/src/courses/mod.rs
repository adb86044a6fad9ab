//! Courses: what is taught, who may read it, when it is completed.
//!
//! An expert writes a course of chapters and lessons (Markdown documents and quizzes) in one or both
//! languages and publishes it once nothing is missing. Learners enrol (free courses at once, paid ones
//! through an order), read, note, answer quizzes. Progress and completion are folded on the server from
//! append-only learning events. A lesson body, picture or quiz is never shown to somebody without a right
//! to it; a course that is taken off the catalogue stays open to those who learn it.

pub mod category;
pub mod input;
pub mod policy;
pub mod quiz;
pub mod rules;
pub mod search;

use serde::{Deserialize, Serialize};

pub use quiz::QuestionId;

crate::id! {
    /// A course.
    CourseId,
    /// A chapter of a course.
    ChapterId,
    /// A lesson of a chapter.
    LessonId,
    /// One attempt at a quiz lesson.
    AttemptId,
    /// A learner's note on a lesson.
    NoteId,
    /// A picture of a course.
    PictureId,
}

/// Declares a closed list of words with a database value each.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$variant_doc])* $variant),* }

        impl $name {
            /// Every value, in the order in which choices are offered.
            pub const ALL: &[Self] = &[$(Self::$variant),*];
            /// The form and database value.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
            /// Reads a form or database value.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text)
            }
        }
        impl TryFrom<String> for $name {
            type Error = String;
            fn try_from(text: String) -> Result<Self, String> {
                Self::parse(&text).ok_or_else(|| format!(concat!("unknown ", stringify!($name), " {}"), text))
            }
        }
    };
}

words! {
    /// Where a course stands in its life.
    CourseState {
        /// Being written; only its author sees it, and those who already learn it.
        Draft = "draft",
        /// In the catalogue.
        Published = "published",
        /// Out of the catalogue for good; learners keep it.
        Archived = "archived",
    }
}

words! {
    /// How much a course expects of its learners.
    Level {
        /// No knowledge of the subject.
        Beginner = "beginner",
        /// The basics of the subject.
        Intermediate = "intermediate",
        /// Practice in the subject.
        Advanced = "advanced",
    }
}

words! {
    /// What a lesson is.
    LessonKind {
        /// A page of Markdown.
        Document = "document",
        /// Questions that the server marks.
        Quiz = "quiz",
    }
}

words! {
    /// The order of the catalogue.
    Sort {
        /// The latest first.
        Newest = "newest",
        /// The most learners first.
        Popular = "popular",
        /// The lowest price first.
        Price = "price",
    }
}

words! {
    /// Which prices the catalogue shows.
    PriceFilter {
        /// Courses without a price.
        Free = "free",
        /// Courses with a price.
        Paid = "paid",
    }
}

words! {
    /// What happened between a learner and a course; events are only ever added.
    EventKind {
        /// The learner enrolled.
        Enrolled = "enrolled",
        /// The learner declared a document lesson read.
        Read = "read",
        /// An attempt at a quiz reached the pass mark.
        Passed = "passed",
        /// An attempt at a quiz missed the pass mark.
        Failed = "failed",
        /// Every lesson of the course was done.
        Completed = "completed",
    }
}
