//! An application for a test, on either engine, and people who use it through HTTP.

mod app;
pub mod bank;
pub mod moody;
pub mod offers;
pub mod pdf;
mod people;
pub mod post;
mod postgres;
pub mod shop;
pub mod stage;

pub use app::{Engine, START, TestApp, run};
pub use people::{Person, Reply};

/// Runs each story on SQLite and on Postgres: `both! { async fn name(app: TestApp) { .. } }`.
#[macro_export]
macro_rules! both {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident: TestApp) $body:block)*) => { $(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;
            async fn story($app: $crate::support::TestApp) $body
            #[test]
            fn sqlite() { $crate::support::run($crate::support::Engine::Sqlite, story); }
            #[test]
            fn postgres() { $crate::support::run($crate::support::Engine::Postgres, story); }
        }
    )* };
}
