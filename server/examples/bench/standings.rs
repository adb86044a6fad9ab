//! (c) The reducer: one event applied and its diff encoded, and a rebuild from nothing.

use domain::competitions::{Counting, RegistrationId, TieRule};
use domain::standings::{Audience, Event, Fact, Mode, Reducer, Rules, ScoreEvent};
use domain::time::Timestamp;
use serde_json::json;
use std::hint::black_box;
use std::time::Instant;
use uuid::Uuid;

const PROBLEMS: u16 = 20;
const RULES: Rules =
    Rules { mode: Mode::Points, counting: Counting::Best, ties: TieRule::Earlier, problems: PROBLEMS };
const APPLIED: u64 = 2000;

/// A cheap, repeatable source of spread-out numbers.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

fn entrant(number: u64) -> RegistrationId {
    RegistrationId(Uuid::from_u128(u128::from(number)))
}

fn scored(dice: &mut Dice, entrants: u64, sequence: i64) -> Event {
    let score = i64::try_from(dice.below(100)).unwrap() * 1_000_000;
    let fact = Fact::Scored(ScoreEvent {
        at: Timestamp::from_micros(sequence * 1000),
        entrant: entrant(1 + dice.below(entrants)),
        submission: Uuid::from_u128(u128::try_from(sequence).unwrap()),
        problem: u16::try_from(dice.below(u64::from(PROBLEMS))).unwrap(),
        public_score: score,
        private_score: score,
    });
    Event { sequence, public: Some(sequence), fact }
}

/// Everybody joins and has four submissions on average.
fn log(entrants: u64) -> Vec<Event> {
    let mut dice = Dice(7);
    let mut events = Vec::new();
    for number in 1..=entrants {
        let sequence = i64::try_from(number).unwrap();
        let fact = Fact::Joined {
            entrant: entrant(number),
            number: u32::try_from(number).unwrap(),
            name: format!("Entrant {number}"),
            note: String::new(),
        };
        events.push(Event { sequence, public: Some(sequence), fact });
    }
    let start = i64::try_from(entrants).unwrap() + 1;
    events.push(Event { sequence: start, public: Some(start), fact: Fact::Started });
    for step in 1..=i64::try_from(entrants * 4).unwrap() {
        events.push(scored(&mut dice, entrants, start + step));
    }
    events
}

/// Prints, for several numbers of entrants, microseconds for one event and for a rebuild.
pub fn measure() {
    let mut rows = Vec::new();
    for entrants in [1_000, 5_000, 15_000, 50_000, 100_000_u64] {
        let events = log(entrants);
        let last = events.last().map_or(0, |event| event.sequence);
        let copy = events.clone();
        let start = Instant::now();
        let mut reducer = Reducer::replay(RULES, Audience::Public, copy);
        let rebuild = start.elapsed();
        let mut dice = Dice(11);
        let fresh: Vec<Event> = (1..=APPLIED)
            .map(|step| scored(&mut dice, entrants, last + i64::try_from(step).unwrap()))
            .collect();
        let mut slowest = 0.0_f64;
        let mut all = 0.0_f64;
        for event in fresh {
            let start = Instant::now();
            let from = reducer.board().sequence();
            reducer.apply(event);
            let diff = reducer.board_mut().take_diff(from);
            black_box(serde_json::to_vec(&diff).unwrap());
            let took = start.elapsed().as_secs_f64() * 1e6;
            slowest = slowest.max(took);
            all += took;
        }
        #[expect(clippy::cast_precision_loss, reason = "a count of two thousand")]
        let mean = all / APPLIED as f64;
        rows.push(json!({
            "entrants": entrants,
            "events": events.len(),
            "apply_us": mean,
            "apply_max_us": slowest,
            "rebuild_us": rebuild.as_secs_f64() * 1e6,
        }));
    }
    println!("{}", json!({ "standings": rows }));
}
