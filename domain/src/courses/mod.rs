//! Courses: lessons that people buy, learn and finish.

crate::id! {
    /// A course.
    CourseId,
}
