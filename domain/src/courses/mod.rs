//! Courses: what is taught, who may read it, when it is completed.

pub mod quiz;

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

pub use quiz::QuestionId;
