//! Where the deeds of the demonstration are done: one after the other, each at its instant.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::features::accounts::{Accounts, ProfileInput, Registration};
use domain::actor::{Actor, Role};
use domain::orders::OrderId;
use domain::subscriptions::{Interval, PlanId};
use domain::time::Timestamp;

use super::Made;
use super::assets::{COMPETITIONS, COURSES};
use super::compete::Contest;
use super::people::{EXPERTS, ORGANISER, PASSWORD, Person, STEWARD};
use super::plan::{Deed, Plan};
use super::script::{CompetitionScript, CourseScript, read};
use crate::clock::HandClock;
use crate::error::{Error, Result};
use crate::features::payments::Choice;
use crate::jobs::run_due;
use crate::services::Services;

/// The services, the clock, and who is who.
pub struct Stage {
    pub(super) services: Arc<Services>,
    pub(super) clock: Arc<HandClock>,
    pub(super) start: Timestamp,
    pub(super) seed: u64,
    pub(super) courses: Vec<CourseScript>,
    pub(super) contests: Vec<Contest>,
    pub(super) plans: Vec<(&'static str, Interval, PlanId)>,
    actors: BTreeMap<&'static str, Actor>,
    pub(super) made: Made,
}

impl Stage {
    /// A stage on which nothing has happened.
    pub fn new(services: Arc<Services>, clock: Arc<HandClock>, seed: u64, start: Timestamp) -> Result<Self> {
        let courses = COURSES.iter().map(|files| read(files.course)).collect::<Result<_>>()?;
        let contests = COMPETITIONS.iter().map(Contest::read).collect::<Result<_>>()?;
        let (plans, actors, made) = (Vec::new(), BTreeMap::new(), Made::default());
        Ok(Self { services, clock, start, seed, courses, contests, plans, actors, made })
    }

    /// Does everything, and ends at the start instant with no job left that is due.
    pub async fn play(mut self) -> Result<Made> {
        let scripts: Vec<&CompetitionScript> = self.contests.iter().map(|contest| &contest.script).collect();
        for (at, deed) in Plan::of(self.seed, self.start, &self.courses, &scripts) {
            self.turn_to(at).await?;
            self.act(deed).await.inspect_err(|_| tracing::error!(?deed, "the demonstration stumbled"))?;
        }
        self.turn_to(self.start).await?;
        Ok(self.made)
    }

    /// Puts the clock to an instant and does every job that is due by then.
    async fn turn_to(&self, at: Timestamp) -> Result<()> {
        run_due(&self.services).await?;
        self.clock.set(at);
        run_due(&self.services).await?;
        Ok(())
    }

    async fn act(&mut self, deed: Deed) -> Result<()> {
        match deed {
            Deed::Register(person) => self.register(person).await,
            Deed::Teach(course) => self.teach(course).await,
            Deed::Announce(contest) => self.announce(contest).await,
            Deed::Enter(contest, person) => self.enter(contest, person).await,
            Deed::Submit(contest, person) => self.submit(contest, person).await,
            Deed::BeginRace(contest, person) => self.begin_race(contest, person).await,
            Deed::EndRace(contest, person) => self.end_race(contest, person).await,
            Deed::Finalise(contest) => self.finalise(contest).await,
            Deed::Offer => self.offer().await,
            Deed::Enrol(course, person) => self.enrol(course, person).await,
            Deed::OfferPlans => self.offer_plans().await,
            Deed::Subscribe(deed, person) => self.subscribe(deed, person).await,
            Deed::Settle(deed, person) => self.settle(deed, person).await,
            Deed::Learn(course, person, lessons) => self.learn(course, person, lessons).await,
        }
    }

    async fn register(&mut self, person: &'static Person) -> Result<()> {
        let accounts = &self.services.accounts;
        let registration = Registration {
            username: person.username.to_owned(),
            email: format!("{}@leitai.example", person.username),
            password: PASSWORD.to_owned(),
            display_name: person.name.to_owned(),
        };
        accounts.create(registration, person.locale).await?;
        let role = match person.username {
            name if name == STEWARD.username => Some(Role::Admin),
            name if name == ORGANISER.username => Some(Role::Expert),
            name if EXPERTS.iter().any(|expert| expert.username == name) => Some(Role::Expert),
            _ => None,
        };
        if let Some(role) = role {
            let by = self.actors.get(STEWARD.username);
            accounts.change_role(by, person.username, role, true).await?;
        }
        let actor = accounts.actor(person.username).await?.ok_or_else(|| Error::bug("nobody registered"))?;
        let profile = ProfileInput {
            display_name: person.name.to_owned(),
            city: person.city.to_owned(),
            locale: person.locale.as_str().to_owned(),
            ..ProfileInput::default()
        };
        accounts.update_profile(&actor, profile).await?;
        self.actors.insert(person.username, actor);
        self.made.accounts += 1;
        Ok(())
    }

    /// Somebody who has registered.
    pub(super) fn actor(&self, username: &str) -> Result<Actor> {
        self.actors.get(username).cloned().ok_or_else(|| Error::bug(format!("{username} is not there yet")))
    }

    /// Pays an order in the sandbox: mostly at the first try.
    pub(super) async fn pay(&self, actor: &Actor, order: OrderId, luck: u64) -> Result<()> {
        let payments = &self.services.payments;
        if luck.is_multiple_of(11) {
            let declined = payments.begin(actor, order, "sandbox").await?;
            payments.choose(actor, declined, Choice::Declined).await?;
        }
        let payment = payments.begin(actor, order, "sandbox").await?;
        let choice = if luck % 7 == 3 { Choice::Twice } else { Choice::Paid };
        payments.choose(actor, payment, choice).await?;
        Ok(())
    }
}
