use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::competitions::{Counting, RegistrationId, TieRule};
use crate::time::Timestamp;

const PROBLEMS: u16 = 3;

fn entrant(number: u8) -> RegistrationId {
    RegistrationId(Uuid::from_u128(1_000 + u128::from(number)))
}

fn fact() -> impl Strategy<Value = Fact> {
    let who = 0_u8..8;
    let scored = (who.clone(), 0_u128..24, 0..PROBLEMS, -2_i64..4, -2_i64..4, 0_i64..6).prop_map(
        |(who, submission, problem, public, private, at)| {
            Fact::Scored(ScoreEvent {
                at: Timestamp::from_micros(at),
                entrant: entrant(who),
                submission: Uuid::from_u128(submission),
                problem,
                public_score: public * 500_000,
                private_score: private * 500_000,
            })
        },
    );
    prop_oneof![
        12 => scored,
        2 => (who.clone(), 0_u128..24).prop_map(|(who, submission)| Fact::Rejected {
            entrant: entrant(who),
            submission: Uuid::from_u128(submission),
        }),
        2 => (who.clone(), 0..PROBLEMS, proptest::option::of(0_u128..24)).prop_map(|(who, problem, chosen)| {
            Fact::Chosen { entrant: entrant(who), problem, submission: chosen.map(Uuid::from_u128) }
        }),
        1 => who.clone().prop_map(|who| Fact::Hidden { entrant: entrant(who) }),
        1 => who.clone().prop_map(|who| Fact::Shown { entrant: entrant(who) }),
        1 => (who, "[a-z]{1,4}").prop_map(|(who, name)| Fact::Renamed {
            entrant: entrant(who),
            name,
            note: String::new(),
        }),
    ]
}

fn stage() -> impl Strategy<Value = Fact> {
    prop_oneof![Just(Fact::Started), Just(Fact::Frozen), Just(Fact::Thawed), Just(Fact::Finalised)]
}

fn rules() -> impl Strategy<Value = Rules> {
    let mode = prop_oneof![
        Just(Mode::Points),
        any::<bool>().prop_map(|higher_is_better| Mode::Metric { higher_is_better })
    ];
    let counting = prop_oneof![Just(Counting::Best), Just(Counting::Chosen)];
    let ties = prop_oneof![Just(TieRule::Earlier), Just(TieRule::Shared)];
    (mode, counting, ties).prop_map(|(mode, counting, ties)| Rules {
        mode,
        counting,
        ties,
        problems: PROBLEMS,
    })
}

/// Numbers facts as the server does: embargoed ones get no public number.
fn number(facts: Vec<Fact>) -> Vec<Event> {
    let (mut public, mut frozen, mut last) = (0, false, false);
    let joins = (0..6_u8).map(|who| Fact::Joined {
        entrant: entrant(who),
        number: u32::from(who) + 1,
        name: format!("n{who}"),
        note: String::new(),
    });
    let mut events = Vec::new();
    for (fact, sequence) in joins.chain(facts).zip(1..) {
        frozen = frozen && !matches!(fact, Fact::Thawed | Fact::Finalised);
        public += i64::from(!frozen);
        events.push(Event { sequence, public: (!frozen).then_some(public), fact: fact.clone() });
        last = last || fact == Fact::Finalised;
        frozen = !last && (frozen || fact == Fact::Frozen);
    }
    events
}

fn bytes(board: &Board) -> String {
    serde_json::to_string(&board.snapshot()).unwrap()
}

/// Ranks by the definition: one more than the number of those who are strictly better.
fn naive(board: &Board) -> Vec<(u32, Option<u32>)> {
    let rules = *board.rules();
    let mut keys: Vec<Key> = (0..40)
        .filter_map(|number| board.entrant(number))
        .map(|entrant| rules.key(entrant.number, &entrant.cells))
        .collect();
    keys.sort();
    keys.iter()
        .map(|key| {
            let before = keys.iter().filter(|other| other.floor() < key.floor()).count();
            (key.number, (!key.unscored).then_some(before as u32 + 1))
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn one_event_after_the_other_equals_a_rebuild_and_so_does_a_viewer_who_applies_diffs(
        rules in rules(),
        facts in prop::collection::vec(prop_oneof![8 => fact(), 1 => stage()], 0..60),
        batch in 1_usize..5,
        jury in any::<bool>(),
    ) {
        let audience = if jury { Audience::Jury { private: true } } else { Audience::Public };
        let events = number(facts);
        let mut reducer = Reducer::new(rules, audience);
        let mut viewer = Board::from_snapshot(&reducer.board().snapshot());
        let mut overlapping = viewer.clone();
        let mut last: Option<Diff<'static>> = None;
        for (count, event) in events.iter().enumerate() {
            reducer.apply(event.clone());
            if count % batch == 0 {
                let diff = reducer.board_mut().take_diff(viewer.sequence());
                let wire = serde_json::to_string(&diff).unwrap();
                let diff: Diff<'_> = serde_json::from_str(&wire).unwrap();
                if diff.seq > viewer.sequence() {
                    viewer.apply(&diff).unwrap();
                    // Whoever hears a diff twice sees the same.
                    if let Some(last) = &last { overlapping.apply(last).unwrap(); }
                    overlapping.apply(&diff).unwrap();
                    prop_assert_eq!(bytes(&viewer), bytes(reducer.board()));
                    prop_assert_eq!(bytes(&overlapping), bytes(reducer.board()));
                    last = Some(diff);
                }
            }
            let rebuilt = Reducer::replay(rules, audience, events.iter().take(count + 1).cloned());
            prop_assert_eq!(bytes(rebuilt.board()), bytes(reducer.board()));
        }
    }

    #[test]
    fn the_frozen_public_board_does_not_depend_on_what_happens_later(
        rules in rules(),
        before in prop::collection::vec(fact(), 0..30),
        later in prop::collection::vec(fact(), 1..30),
    ) {
        let frozen: Vec<Fact> = before.into_iter().chain([Fact::Frozen]).collect();
        let more: Vec<Fact> = frozen.iter().cloned().chain(later).collect();
        let quiet = Reducer::replay(rules, Audience::Public, number(frozen));
        let mut busy = Reducer::new(rules, Audience::Public);
        for event in number(more) {
            busy.apply(event);
        }
        prop_assert_eq!(bytes(quiet.board()), bytes(busy.board()));
        prop_assert_eq!(quiet.board().len(), busy.board().len());
        prop_assert_eq!(quiet.board().scored(), busy.board().scored());
    }

    #[test]
    fn ranks_and_places_are_those_of_the_definition(
        rules in rules(),
        facts in prop::collection::vec(fact(), 0..60),
        from in 0_u32..8,
    ) {
        let reducer = Reducer::replay(rules, Audience::Public, number(facts));
        let board = reducer.board();
        let expected = naive(board);
        let rows: Vec<_> = board.rows(0).map(|row| (row.entrant.number, row.rank)).collect();
        prop_assert_eq!(&rows, &expected);
        let rest: Vec<_> = board.rows(from).map(|row| (row.entrant.number, row.rank)).collect();
        prop_assert_eq!(rest.as_slice(), expected.get(from as usize..).unwrap_or_default());
        for (place, (number, rank)) in expected.iter().enumerate() {
            let row = board.at(place as u32).unwrap();
            prop_assert_eq!((row.entrant.number, row.rank), (*number, *rank));
            prop_assert_eq!(board.row(*number).unwrap().place, place as u32);
            let why = board.why(*number);
            prop_assert_eq!(why.as_ref().map(|why| why.rank), *rank);
            if let Some(why) = why {
                let sharing = expected.iter().filter(|(_, other)| other == rank).count() as u32 - 1;
                prop_assert_eq!(why.sharing, sharing);
            }
        }
    }

    #[test]
    fn the_published_log_gives_the_public_board(
        rules in rules(),
        facts in prop::collection::vec(prop_oneof![8 => fact(), 1 => stage()], 0..40),
    ) {
        let events = number(facts);
        let server = Reducer::replay(rules, Audience::Public, events.clone());
        let last = server.board().stage() == Stage::Final;
        let published = events.into_iter().map(|event| Event { fact: event.fact.published(last), ..event });
        let viewer = Reducer::replay(rules, Audience::Public, published);
        prop_assert_eq!(bytes(viewer.board()), bytes(server.board()));
    }
}

fn scored(who: u8, submission: u128, at: i64, public: i64, private: i64) -> Fact {
    Fact::Scored(ScoreEvent {
        at: Timestamp::from_seconds(at),
        entrant: entrant(who),
        submission: Uuid::from_u128(submission),
        problem: 0,
        public_score: public,
        private_score: private,
    })
}

const METRIC: Rules = Rules {
    mode: Mode::Metric { higher_is_better: true },
    counting: Counting::Best,
    ties: TieRule::Earlier,
    problems: PROBLEMS,
};

#[test]
fn the_private_split_decides_the_final_table_through_the_submission_with_the_best_public_score() {
    let facts = vec![
        scored(0, 1, 10, 900_000, 500_000),
        scored(0, 2, 20, 800_000, 999_000),
        scored(1, 3, 30, 700_000, 600_000),
    ];
    let open = Reducer::replay(METRIC, Audience::Public, number(facts.clone()));
    assert_eq!(open.board().at(0).unwrap().entrant.number, 1);
    let last = facts.into_iter().chain([Fact::Finalised]).collect();
    let last = Reducer::replay(METRIC, Audience::Public, number(last));
    let top: Vec<_> =
        last.board().rows(0).take(2).map(|row| (row.entrant.number, row.entrant.total())).collect();
    assert_eq!(top, [(2, 600_000), (1, 500_000)]);
}

#[test]
fn a_row_says_why_it_stands_where_it_stands() {
    let facts = vec![scored(0, 1, 20, 900_000, 0), scored(1, 2, 10, 900_000, 0), scored(2, 3, 5, 850_000, 0)];
    let reducer = Reducer::replay(METRIC, Audience::Public, number(facts));
    let board = reducer.board();
    assert_eq!(board.why(2).unwrap().above, None);
    assert_eq!(board.why(1).unwrap().above, Some((2, Versus::Earlier { by: 10_000_000 })));
    assert_eq!(board.why(3).unwrap().above, Some((1, Versus::Total { by: 50_000 })));
    assert_eq!(board.why(4), None);
    assert_eq!((board.len(), board.scored()), (6, 3));
}

#[test]
fn a_diff_that_begins_too_late_is_refused() {
    let mut board = Board::new(METRIC);
    let diff = Diff { from: 3, seq: 4, stage: Stage::Open, entrants: vec![], rows: vec![], gone: vec![] };
    assert_eq!(board.apply(&diff), Err(Gap { have: 0, from: 3 }));
}
