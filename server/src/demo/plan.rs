//! What happens in the demonstration, and when.

use domain::refunds::Destination;
use domain::subscriptions::Interval;
use domain::time::{Span, Timestamp};

use super::career::Career;
use super::dice::Dice;
use super::people::{self, COMPETITORS, Person};
use super::script::{CompetitionScript, CourseScript};

/// Something that somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Somebody registers, and gets the roles that belong to them.
    Register(&'static Person),
    /// A course is written and published.
    Teach(usize),
    /// A competition is designed and published.
    Announce(usize),
    /// Somebody takes a place in a competition, and pays.
    Enter(usize, &'static Person),
    /// Somebody hands predictions in.
    Submit(usize, &'static Person),
    /// Somebody opens the questions of a quiz race.
    BeginRace(usize, &'static Person),
    /// Somebody hands the answers in.
    EndRace(usize, &'static Person),
    /// The results of a competition become final.
    Finalise(usize),
    /// Somebody buys or begins a course.
    Enrol(usize, &'static Person),
    /// The steward offers plans.
    OfferPlans,
    /// Somebody does something with a subscription.
    Subscribe(Subscribes, &'static Person),
    /// The steward makes courses cheaper: a bundle, coupons, a place given for nothing.
    Offer,
    /// Somebody moves money that was paid.
    Settle(Settles, &'static Person),
    /// Somebody learns so many lessons of a course.
    Learn(usize, &'static Person, usize),
}

/// What somebody does with a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subscribes {
    /// Subscribes to the plan of a tier and an interval, and pays.
    Begins(&'static str, Interval),
    /// Tries the plan of a tier.
    Tries(&'static str),
    /// Pays the next period.
    Renews,
    /// Cancels at the end of the period.
    Cancels,
}

/// What somebody does with money that was paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settles {
    /// Gives the last order back.
    GivesBack(Destination),
    /// Buys a course for somebody else.
    BuysGift(usize),
    /// Asks for an amount of what was earned, in whole units of CNY.
    AsksForPayout(&'static str),
    /// Is approved by the steward in what was asked for.
    IsApproved,
}

/// The deeds of a world with their instants.
pub struct Plan {
    start: Timestamp,
    seed: u64,
    deeds: Vec<(Timestamp, Deed)>,
}

impl Plan {
    /// Everything that happens in the world of a seed before `start`, in the order of time.
    pub fn of(
        seed: u64,
        start: Timestamp,
        courses: &[CourseScript],
        competitions: &[&CompetitionScript],
    ) -> Vec<(Timestamp, Deed)> {
        let mut plan = Self { start, seed, deeds: Vec::new() };
        for (number, person) in people::everybody().enumerate() {
            plan.add(-1_440 + 3 * i64::try_from(number).unwrap_or(0), Deed::Register(person));
        }
        plan.subscriptions();
        for (index, course) in courses.iter().enumerate() {
            plan.course(index, course);
        }
        plan.add(-400, Deed::Offer);
        plan.settlements(courses);
        for (index, competition) in competitions.iter().enumerate() {
            plan.competition(index, competition);
        }
        // A stable sort: what was planned first happens first at the same instant.
        plan.deeds.sort_by_key(|(at, _)| *at);
        plan.deeds
    }

    fn hour(&self, hours: i64) -> Timestamp {
        self.start.plus(Span::hours(hours))
    }
    fn add(&mut self, hours: i64, deed: Deed) {
        let at = self.hour(hours);
        self.deeds.push((at, deed));
    }

    /// Plans from early on, and subscribers in every state that a subscription has; nobody loses a course
    /// that they are going to learn.
    fn subscriptions(&mut self) {
        self.add(-1_000, Deed::OfferPlans);
        let all: &'static [Person] = &COMPETITORS;
        let who = |number: usize| all.get(number).unwrap_or(&people::LEARNER);
        let deeds = [
            (-780, 3, Subscribes::Begins("premium", Interval::Month)),
            (-78, 3, Subscribes::Renews),
            // Due since yesterday where the month is long, for a few days more where it is short.
            (-764, 7, Subscribes::Begins("basic", Interval::Month)),
            (-600, 11, Subscribes::Begins("premium", Interval::Year)),
            (-400, 15, Subscribes::Begins("basic", Interval::Quarter)),
            (-300, 19, Subscribes::Begins("premium", Interval::Month)),
            (-120, 19, Subscribes::Cancels),
            (-60, 23, Subscribes::Tries("premium")),
        ];
        for (hours, number, deed) in deeds {
            self.add(hours, Deed::Subscribe(deed, who(number)));
        }
    }

    /// Two authors try each other's courses and give them back, the learner buys a gift, and the authors ask
    /// for what they earned: one waits for two people, the other for one more.
    fn settlements(&mut self, courses: &[CourseScript]) {
        let index = |slug: &str| courses.iter().position(|course| course.slug == slug);
        let (Some(splits), Some(errors), Some(neighbours)) =
            (index("honest-splits"), index("regression-errors"), index("nearest-neighbours"))
        else {
            return;
        };
        let [_, tomas, amara] = &people::EXPERTS;
        self.add(-96, Deed::Enrol(splits, tomas));
        self.add(-92, Deed::Settle(Settles::GivesBack(Destination::Wallet), tomas));
        self.add(-70, Deed::Enrol(errors, amara));
        self.add(-66, Deed::Settle(Settles::GivesBack(Destination::Gateway), amara));
        self.add(-40, Deed::Settle(Settles::BuysGift(neighbours), &people::LEARNER));
        self.add(-30, Deed::Settle(Settles::AsksForPayout("20"), amara));
        self.add(-28, Deed::Settle(Settles::IsApproved, amara));
        self.add(-6, Deed::Settle(Settles::AsksForPayout("25"), tomas));
    }

    /// A course is published every five days, and some of the people learn it, most of them to its end.
    fn course(&mut self, index: usize, course: &CourseScript) {
        let published = -1_200 + 120 * i64::try_from(index).unwrap_or(0);
        self.add(published, Deed::Teach(index));
        let lessons: usize = course.chapters.iter().map(|chapter| chapter.lessons.len()).sum();
        for (number, person) in (0_u64..).zip(&COMPETITORS) {
            let mut dice = Dice::branch(self.seed ^ 0xC0, number * 100 + index as u64);
            if !dice.happens(if course.is_free() { 0.35 } else { 0.2 }) {
                continue;
            }
            let enrolled = dice.between(published as f64 + 2.0, -30.0).floor() as i64;
            self.add(enrolled, Deed::Enrol(index, person));
            let learnt = if dice.happens(0.6) { lessons } else { dice.below(lessons) };
            self.add(enrolled + 20, Deed::Learn(index, person, learnt));
        }
        if course.slug == "regression-errors" {
            self.add(-50, Deed::Enrol(index, &people::LEARNER));
            self.add(-26, Deed::Learn(index, &people::LEARNER, 2));
        }
    }

    fn competition(&mut self, index: usize, script: &CompetitionScript) {
        let hours = script.hours;
        self.add(hours.registration_opens - 24, Deed::Announce(index));
        let is_race = script.dataset.is_none();
        for (number, person) in (0_u64..).zip(&COMPETITORS) {
            let mut dice = Dice::branch(self.seed ^ 0xCE, number * 100 + index as u64);
            if !dice.happens(if is_race { 0.6 } else { 0.92 }) {
                continue;
            }
            // Early enough for what follows, and never in the last hours before the world is made.
            let last = hours.registration_closes.min(-4).min(hours.starts + 48);
            let entered = dice.between(hours.registration_opens as f64, last as f64).floor() as i64;
            self.add(entered, Deed::Enter(index, person));
            // What is over ended on a full hour, so up to an hour before the count from the start says.
            let (from, to) = (entered.max(hours.starts), (hours.ends - 1).min(0));
            if is_race {
                self.race(index, person, (from, to), &mut dice);
            } else {
                self.career(index, person, (from, to), &mut dice);
            }
        }
        if let Some(finalised) = hours.finalised {
            self.add(finalised, Deed::Finalise(index));
        }
    }

    /// An instant between two hours, to the second, never the last minute.
    fn instant(&self, (from, to): (i64, i64), dice: &mut Dice) -> Timestamp {
        let seconds = dice.between((from * 3_600 + 60) as f64, (to * 3_600 - 60) as f64);
        self.start.plus(Span::seconds(seconds as i64))
    }

    fn race(&mut self, index: usize, person: &'static Person, hours: (i64, i64), dice: &mut Dice) {
        if dice.happens(0.3) {
            return;
        }
        let begun = self.instant((hours.0, hours.1 - 1), dice);
        self.deeds.push((begun, Deed::BeginRace(index, person)));
        let took = Span::seconds(dice.between(240.0, 880.0) as i64);
        self.deeds.push((begun.plus(took), Deed::EndRace(index, person)));
    }

    fn career(&mut self, index: usize, person: &'static Person, hours: (i64, i64), dice: &mut Dice) {
        let days = usize::try_from((hours.1 - hours.0) / 24).unwrap_or(0);
        let many = Career::new(self.seed ^ index as u64, number_of(person)).submissions(days);
        for _ in 0..many {
            let at = self.instant(hours, dice);
            self.deeds.push((at, Deed::Submit(index, person)));
        }
    }
}

/// The number of a competitor; everybody else has the one after the last.
pub fn number_of(person: &Person) -> u64 {
    let others = COMPETITORS.iter().take_while(|other| other.username != person.username);
    u64::try_from(others.count()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::assets::{COMPETITIONS, COURSES};
    use crate::demo::script::read;

    #[test]
    fn a_plan_is_ordered_repeatable_and_over_in_time() {
        let start = Timestamp::from_seconds(1_795_000_000);
        let courses: Vec<CourseScript> = COURSES.iter().map(|files| read(files.course).unwrap()).collect();
        let competitions: Vec<CompetitionScript> =
            COMPETITIONS.iter().map(|files| read(files.competition).unwrap()).collect();
        let refs: Vec<&CompetitionScript> = competitions.iter().collect();
        let plan = Plan::of(7, start, &courses, &refs);
        assert_eq!(plan, Plan::of(7, start, &courses, &refs));
        assert_ne!(plan, Plan::of(8, start, &courses, &refs));
        assert!(plan.is_sorted_by_key(|(at, _)| *at));
        assert!(plan.iter().all(|(at, _)| *at <= start));
        let submissions = plan.iter().filter(|(_, deed)| matches!(deed, Deed::Submit(..))).count();
        assert!((500..1_800).contains(&submissions), "{submissions}");
    }
}
