//! Courses: the catalogue, lessons, quizzes, one's own learning, and the desks of authors.

mod api;
mod desk;
mod pages;
mod parts;
pub mod view;

use leptos::prelude::*;
use leptos_router::any_nested_route::{AnyNestedRoute, IntoAnyNestedRoute};
use leptos_router::components::Route;
use leptos_router::{Lazy, SsrMode, path};

pub use api::*;
pub use desk::*;
use pages::{
    catalogue::CataloguePage, course::CoursePage, course_desk::CourseDeskPage, learning::LearningPage,
    lesson::LessonPage, lesson_desk::LessonDeskPage, question::QuestionPage, teach::TeachPage,
};
pub use parts::Card;

/// The routes of this feature.
#[component(transparent)]
pub fn Routes() -> AnyNestedRoute {
    view! {
        <Route path=path!("/:locale/courses") view={Lazy::<CataloguePage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/courses/:slug") view={Lazy::<CoursePage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/courses/:slug/lessons/:lesson") view={Lazy::<LessonPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/learning") view={Lazy::<LearningPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/teach") view={Lazy::<TeachPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/teach/courses/:course") view={Lazy::<CourseDeskPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/teach/lessons/:lesson") view={Lazy::<LessonDeskPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/teach/lessons/:lesson/questions/:question") view={Lazy::<QuestionPage>::new()} ssr=SsrMode::Async/>
    }
    .into_inner()
    .into_any_nested_route()
}
