//! The pages of courses, one lazy route a file.

pub mod catalogue;
pub mod course;
pub mod course_desk;
pub mod learning;
pub mod lesson;
pub mod lesson_desk;
pub mod question;
pub mod quiz;
pub mod teach;
