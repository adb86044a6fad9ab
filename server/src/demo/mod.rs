//! The demonstration world: real courses, real data, and people who compete.
//!
//! Everything goes through the services that a person's forms go through, under a clock that is moved
//! by hand and with randomness from a seed: the same seed and start instant make the same world, down
//! to the last id. A [`stage::Stage`] plays the deeds of a [`plan`] in the order of time.

pub mod assets;
mod bots;
pub mod career;
mod compete;
pub mod dataset;
pub mod dice;
pub mod learners;
pub mod models;
mod money;
mod offer;
pub mod people;
mod plan;
pub mod script;
mod stage;
mod subscribe;
mod teach;

use std::sync::Arc;

use domain::time::{Span, Timestamp};

pub use bots::run as run_bots;
pub use people::PASSWORD;

use crate::boot;
use crate::clock::{HandClock, SeededEntropy, SystemClock, SystemEntropy};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::services::Services;
use crate::sql;

/// The seed of the world that everybody sees.
pub const SEED: u64 = 20_260_501;

/// How long before its start the first people of the world registered.
const HISTORY: Span = Span::days(60);

/// What was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// People.
    pub accounts: usize,
    /// Courses.
    pub courses: usize,
    /// Competitions.
    pub competitions: usize,
    /// Files of predictions and quiz answers.
    pub submissions: usize,
}

/// Fills the empty installation of some settings with the world of a seed, as of an instant.
pub async fn make(config: Config, seed: u64, start: Timestamp) -> Result<Made> {
    let config = Config { demonstration: true, ..config };
    prepare(config.clone()).await?;
    let clock = Arc::new(HandClock::at(start.minus(HISTORY)));
    let kit = boot::open(config, clock.clone(), Arc::new(SeededEntropy::new(seed))).await?;
    let services = Services::new(kit);
    let made = create(&services, &clock, seed, start).await;
    services.kit.db.close().await;
    made
}

/// Makes the installation and its secret, which must not follow from the seed; refuses one that is in use.
async fn prepare(config: Config) -> Result<()> {
    #[derive(sqlx::FromRow)]
    struct Row {
        count: i64,
    }
    let kit = boot::open(config, Arc::new(SystemClock), Arc::new(SystemEntropy::new())).await?;
    let Row { count } = kit.db.one(sql!("select count(*) as count from accounts")).await?;
    kit.db.close().await;
    let refuse = |what: &str| Err(Error::Outside { who: "the data folder", what: what.to_owned() });
    match (kit.demonstration, count) {
        (false, _) => refuse("is a live one; a demonstration needs a folder of its own"),
        (true, 0) => Ok(()),
        (true, _) => refuse("is in use; a demonstration world needs an empty one"),
    }
}

/// Plays the history of the world on services whose clock is moved by hand.
pub async fn create(
    services: &Arc<Services>,
    clock: &Arc<HandClock>,
    seed: u64,
    start: Timestamp,
) -> Result<Made> {
    stage::Stage::new(Arc::clone(services), Arc::clone(clock), seed, start)?.play().await
}
