//! The reducer: events in, a board out.

use std::collections::HashMap;

use uuid::Uuid;

use super::board::{Board, Cell};
use super::event::{Event, Fact, ScoreEvent};
use super::rules::Rules;
use super::stage::Stage;
use crate::competitions::{Counting, RegistrationId};
use crate::time::Timestamp;

/// Who looks at the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody: respects the freeze and hidden entrants, and shows the public split until the
    /// table is final.
    Public,
    /// Those who run the competition: everything at once.
    Jury {
        /// Whether the private split decides the order already.
        private: bool,
    },
}

#[derive(Clone, Copy, Debug)]
struct Try {
    submission: Uuid,
    at: Timestamp,
    public: i64,
    private: i64,
}

#[derive(Clone, Debug, Default)]
struct History {
    number: u32,
    hidden: bool,
    problems: Vec<Problem>,
}

#[derive(Clone, Debug, Default)]
struct Problem {
    tries: Vec<Try>,
    chosen: Option<Uuid>,
    counts: Option<Try>,
}

/// Folds the events of one competition, in order, into the board of one audience.
///
/// An event that names an unknown entrant or problem changes nothing.
#[derive(Clone, Debug)]
pub struct Reducer {
    audience: Audience,
    board: Board,
    histories: HashMap<RegistrationId, History>,
    withheld: Vec<Event>,
    /// While a whole log is replayed, the order is made once, at the end.
    replaying: bool,
}

impl Reducer {
    /// A reducer that has seen nothing.
    pub fn new(rules: Rules, audience: Audience) -> Self {
        Self {
            audience,
            board: Board::new(rules),
            histories: HashMap::new(),
            withheld: Vec::new(),
            replaying: false,
        }
    }
    /// Folds a whole log at once; gives the same as one event after the other, sooner.
    pub fn replay(rules: Rules, audience: Audience, events: impl IntoIterator<Item = Event>) -> Self {
        let mut reducer = Self::new(rules, audience);
        reducer.begin_replay();
        for event in events {
            reducer.apply(event);
        }
        reducer.end_replay();
        reducer.board.settle();
        reducer
    }
    /// Leaves the order as it is until [`Self::end_replay`]; for a long past.
    pub const fn begin_replay(&mut self) {
        self.replaying = true;
    }
    /// Makes the order of what was replayed.
    pub fn end_replay(&mut self) {
        if self.replaying {
            self.replaying = false;
            self.place_all();
        }
    }
    /// Whether an entrant was taken off the board, as far as this audience knows.
    pub fn hides(&self, entrant: RegistrationId) -> bool {
        self.histories.get(&entrant).is_some_and(|history| history.hidden)
    }
    /// The board as it stands.
    pub const fn board(&self) -> &Board {
        &self.board
    }
    /// The board, to take what changed.
    pub const fn board_mut(&mut self) -> &mut Board {
        &mut self.board
    }
    /// The number of an entrant on the board.
    pub fn number(&self, entrant: RegistrationId) -> Option<u32> {
        self.histories.get(&entrant).map(|history| history.number)
    }
    /// Takes in the next event.
    pub fn apply(&mut self, event: Event) {
        let public = self.audience == Audience::Public;
        if public && self.board.stage() == Stage::Frozen && !matches!(event.fact, Fact::Announced { .. }) {
            if !matches!(event.fact, Fact::Thawed | Fact::Finalised) {
                self.withheld.push(event);
                return;
            }
            for withheld in std::mem::take(&mut self.withheld) {
                self.take_in(withheld);
            }
        }
        self.take_in(event);
    }

    fn take_in(&mut self, event: Event) {
        // The jury counts every event, the public those that it was told.
        let number = if self.audience == Audience::Public { event.public } else { Some(event.sequence) };
        if let Some(number) = number {
            self.board.set_sequence(number);
        }
        match event.fact {
            Fact::Joined { entrant, number, name, note } => {
                self.board.name(number, &name, &note);
                self.histories.entry(entrant).or_default().number = number;
                self.place(entrant);
            }
            Fact::Renamed { entrant, name, note } => {
                if let Some(number) = self.number(entrant) {
                    self.board.name(number, &name, &note);
                }
            }
            Fact::Hidden { entrant } => self.hide(entrant, true),
            Fact::Shown { entrant } => self.hide(entrant, false),
            Fact::Scored(score) => self.score(&score),
            Fact::Rejected { entrant, submission } => self.reject(entrant, submission),
            Fact::Chosen { entrant, problem, submission } => {
                let rules = *self.board.rules();
                if let Some(problem) = self.problem(entrant, problem) {
                    problem.chosen = submission;
                    problem.count(&rules);
                    self.place(entrant);
                }
            }
            Fact::Announced { .. } => {}
            // A competition begins once, and what is final stays so.
            Fact::Started if self.board.stage() != Stage::Waiting => {}
            Fact::Started => self.board.set_stage(Stage::Open),
            Fact::Frozen | Fact::Thawed if self.board.stage() == Stage::Final => {}
            Fact::Frozen => self.board.set_stage(Stage::Frozen),
            Fact::Thawed => self.board.set_stage(Stage::Thawed),
            Fact::Finalised => {
                self.board.set_stage(Stage::Final);
                self.place_all();
            }
        }
    }
    fn problem(&mut self, entrant: RegistrationId, problem: u16) -> Option<&mut Problem> {
        if problem >= self.board.rules().problems {
            return None;
        }
        let history = self.histories.get_mut(&entrant)?;
        let problem = usize::from(problem);
        if history.problems.len() <= problem {
            history.problems.resize_with(problem + 1, Problem::default);
        }
        history.problems.get_mut(problem)
    }
    fn score(&mut self, score: &ScoreEvent) {
        let rules = *self.board.rules();
        let Some(problem) = self.problem(score.entrant, score.problem) else { return };
        let fresh = Try {
            submission: score.submission,
            at: score.at,
            public: score.public_score,
            private: score.private_score,
        };
        match problem.tries.iter_mut().find(|attempt| attempt.submission == score.submission) {
            Some(attempt) => {
                *attempt = fresh;
                problem.count(&rules);
            }
            None => {
                problem.tries.push(fresh);
                problem.count_new(&rules, fresh);
            }
        }
        self.place(score.entrant);
    }
    fn reject(&mut self, entrant: RegistrationId, submission: Uuid) {
        let rules = *self.board.rules();
        let Some(history) = self.histories.get_mut(&entrant) else { return };
        for problem in &mut history.problems {
            problem.tries.retain(|attempt| attempt.submission != submission);
            problem.count(&rules);
        }
        self.place(entrant);
    }
    fn hide(&mut self, entrant: RegistrationId, hidden: bool) {
        if let Some(history) = self.histories.get_mut(&entrant) {
            history.hidden = hidden;
            self.place(entrant);
        }
    }
    fn place(&mut self, entrant: RegistrationId) {
        if self.replaying {
            return;
        }
        let private = match self.audience {
            Audience::Public => self.board.stage() == Stage::Final,
            Audience::Jury { private } => private,
        };
        let public = self.audience == Audience::Public;
        if let Some(history) = self.histories.get(&entrant) {
            self.board.place(history.number, history.cells(private), !(public && history.hidden));
        }
    }
    fn place_all(&mut self) {
        if !self.replaying {
            for entrant in self.histories.keys().copied().collect::<Vec<_>>() {
                self.place(entrant);
            }
        }
    }
}

impl History {
    fn cells(&self, private: bool) -> Vec<Option<Cell>> {
        let cell = |problem: &Problem| {
            problem.counts.map(|counts| Cell {
                score: if private { counts.private } else { counts.public },
                tries: u32::try_from(problem.tries.len()).unwrap_or(u32::MAX),
                at: counts.at,
            })
        };
        self.problems.iter().map(cell).collect()
    }
}

impl Problem {
    /// Finds anew which submission counts. The public score decides even where the private one is
    /// shown: what counts must not depend on what the entrant could not see.
    fn count(&mut self, rules: &Rules) {
        self.counts = None;
        for attempt in self.tries.clone() {
            self.count_new(rules, attempt);
        }
    }
    fn count_new(&mut self, rules: &Rules, fresh: Try) {
        let better = match (self.counts, rules.counting) {
            (None, _) => true,
            (Some(counts), Counting::Best) if fresh.public != counts.public => {
                rules.beats(fresh.public, counts.public)
            }
            (Some(counts), Counting::Best) => (fresh.at, fresh.submission) < (counts.at, counts.submission),
            (Some(counts), Counting::Chosen) if self.chosen == Some(counts.submission) => false,
            (Some(_), Counting::Chosen) if self.chosen == Some(fresh.submission) => true,
            (Some(counts), Counting::Chosen) => (fresh.at, fresh.submission) > (counts.at, counts.submission),
        };
        if better {
            self.counts = Some(fresh);
        }
    }
}
