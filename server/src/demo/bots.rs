//! Bots of a demonstration: its competitors go on submitting while somebody looks.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use app::error::Fault;
use domain::competitions::rules::Phase;
use domain::time::Timestamp;
use tokio::sync::watch;

use super::SEED;
use super::assets::COMPETITIONS;
use super::career::Career;
use super::compete::{Contest, hand_in};
use super::dice::Dice;
use super::people::COMPETITORS;
use crate::error::{Error, Result};
use crate::services::Services;

/// Between two submissions pass from two to this many seconds.
const SLOWEST: f64 = 6.0;

/// Lets the competitors of a demonstration submit to what is running, until told to stop.
///
/// A submission that is under way is finished; the daily limits and the deadline hold for bots as well.
pub async fn run(services: Arc<Services>, mut stop: watch::Receiver<bool>) {
    let mut bots = Bots::new(services);
    while !*stop.borrow() {
        let pause = Duration::from_secs_f64(bots.dice.between(2.0, SLOWEST));
        tokio::select! {
            _ = stop.changed() => continue,
            () = tokio::time::sleep(pause) => {}
        }
        if let Err(error) = bots.next().await {
            tracing::warn!(%error, "a bot could not submit");
        }
    }
}

struct Bots {
    services: Arc<Services>,
    contests: Vec<Contest>,
    dice: Dice,
    /// The competitors who have used up their day, with the instant at which the next begins.
    resting: BTreeMap<(usize, usize), Timestamp>,
}

impl Bots {
    fn new(services: Arc<Services>) -> Self {
        let contests = COMPETITIONS.iter().filter_map(|files| Contest::read(files).ok());
        let contests = contests.filter(|contest| contest.script.dataset.is_some()).collect();
        let dice = Dice::new(u64::from_le_bytes(services.kit.bytes()));
        Self { services, contests, dice, resting: BTreeMap::new() }
    }

    /// One competitor hands in one file, in a competition whose public table moves.
    async fn next(&mut self) -> Result<()> {
        let now = self.services.kit.now();
        self.resting.retain(|_, until| *until > now);
        let person = self.dice.below(COMPETITORS.len());
        for index in 0..self.contests.len() {
            if !self.resting.contains_key(&(index, person)) && self.submit(index, person).await? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Whether the competitor submitted.
    async fn submit(&mut self, index: usize, number: usize) -> Result<bool> {
        let (Some(contest), Some(person)) = (self.contests.get(index), COMPETITORS.get(number)) else {
            return Ok(false);
        };
        let Some(actor) = self.services.accounts.actor(person.username).await? else { return Ok(false) };
        let mine = match self.services.judging.submissions(&actor, &contest.script.slug).await {
            Ok(mine) => mine,
            Err(Error::Fault(Fault::NotFound)) => return Ok(false),
            Err(error) => return Err(error),
        };
        if mine.phase != Phase::Running || mine.registration.is_none() {
            return Ok(false);
        }
        if mine.left_today == Some(0) {
            self.resting.insert((index, number), mine.next_day);
            return Ok(false);
        }
        let attempt = u64::try_from(mine.rows.len()).unwrap_or(u64::MAX);
        let career = Career::new(SEED ^ index as u64, u64::try_from(number).unwrap_or(0));
        match hand_in(&self.services, &actor, contest, &career, attempt).await {
            // Closed, or its last try of the day was used meanwhile.
            Ok(()) | Err(Error::Fault(Fault::Denied(_))) => Ok(true),
            Err(error) => Err(error),
        }
    }
}
