//! Courses: the catalogue, lessons, quizzes, one's own learning, and the desks of authors.

mod api;
mod desk;
pub mod view;

pub use api::*;
pub use desk::*;
