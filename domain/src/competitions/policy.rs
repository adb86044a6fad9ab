//! Who may do what with a competition, and when.

use super::rules::{Phase, Timetable};
use super::{Kind, RegistrationState, State};
use crate::accounts::AccountId;
use crate::actor::{Actor, Role};
use crate::invalid::{Denied, Invalid};
use crate::time::Timestamp;

/// Whether an account may write competitions.
pub fn may_create(actor: &Actor) -> Result<(), Denied> {
    if actor.is(Role::Expert) { Ok(()) } else { Err(Denied::new("experts_only")) }
}

/// Whether an account runs a competition: its organiser, or an administrator.
pub fn organises(actor: &Actor, organiser: AccountId) -> bool {
    actor.account == organiser || actor.is(Role::Admin)
}

/// Whether a competition is shown to someone at all.
pub fn may_see(viewer: Option<&Actor>, organiser: AccountId, state: State) -> bool {
    state != State::Draft || viewer.is_some_and(|actor| organises(actor, organiser))
}

/// Whether the design may still be changed: rules that people have read do not move.
pub fn may_edit(state: State) -> Result<(), Denied> {
    if state == State::Draft { Ok(()) } else { Err(Denied::new("competition_published")) }
}

/// What a draft has, as far as publishing asks.
#[derive(Clone, Copy, Debug)]
pub struct Readiness {
    /// The state.
    pub state: State,
    /// What is solved.
    pub kind: Kind,
    /// The timetable.
    pub timetable: Timetable,
    /// Whether there are rules in at least one language.
    pub has_rules: bool,
    /// Whether there is a truth file that suits the metric.
    pub has_truth: bool,
    /// How many data files competitors can load.
    pub data_files: usize,
    /// How many questions there are.
    pub questions: usize,
}

/// Whether a draft may be published; says everything that is missing.
pub fn may_publish(ready: &Readiness, now: Timestamp) -> Result<(), Invalid> {
    let mut invalid = Invalid::default();
    if ready.state != State::Draft {
        return Err(Invalid::field("publish", "competition_published"));
    }
    if !ready.has_rules {
        invalid.add("publish", "publish_needs_rules", &[]);
    }
    if ready.timetable.ends <= now {
        invalid.add("publish", "publish_after_end", &[]);
    } else if ready.timetable.registration_closes <= now {
        invalid.add("publish", "publish_after_registration", &[]);
    }
    match ready.kind {
        Kind::Prediction => {
            if !ready.has_truth {
                invalid.add("publish", "publish_needs_truth", &[]);
            }
            if ready.data_files == 0 {
                invalid.add("publish", "publish_needs_data", &[]);
            }
        }
        Kind::Quiz if ready.questions == 0 => invalid.add("publish", "publish_needs_questions", &[]),
        Kind::Quiz => {}
    }
    invalid.into_result()
}

/// Whether someone may register now; seats are counted by the caller, under a lock.
pub fn may_register(
    actor: AccountId,
    organiser: AccountId,
    (state, timetable): (State, &Timetable),
    registration: Option<RegistrationState>,
    (taken, capacity): (i64, Option<i64>),
    now: Timestamp,
) -> Result<(), Denied> {
    if actor == organiser {
        return Err(Denied::new("organiser_may_not_enter"));
    }
    if state != State::Published || now > timetable.registration_closes {
        return Err(Denied::new("registration_closed"));
    }
    if now < timetable.registration_opens {
        return Err(Denied::new("registration_not_open"));
    }
    if registration.is_some_and(RegistrationState::holds_a_seat) {
        return Err(Denied::new("already_registered"));
    }
    if registration == Some(RegistrationState::Rejected) {
        return Err(Denied::new("registration_rejected"));
    }
    if capacity.is_some_and(|capacity| taken >= capacity) {
        return Err(Denied::new("competition_full"));
    }
    Ok(())
}

/// Whether an entrant's submission that arrived at an instant is taken.
pub fn may_submit(registration: Option<RegistrationState>, phase: Phase) -> Result<(), Denied> {
    if registration != Some(RegistrationState::Approved) {
        return Err(Denied::new("not_registered"));
    }
    match phase {
        Phase::Running | Phase::Frozen => Ok(()),
        Phase::Ended | Phase::Finalised | Phase::Cancelled => Err(Denied::new("competition_over")),
        _ => Err(Denied::new("competition_not_started")),
    }
}

/// Whether one more submission fits into the day.
pub fn within_daily_limit(made_today: i64, limit: Option<i64>) -> Result<(), Denied> {
    match limit {
        Some(limit) if made_today >= limit => Err(Denied::with("daily_limit_reached", &[&limit])),
        _ => Ok(()),
    }
}

/// Whether the results may become final.
pub fn may_finalise(phase: Phase, unjudged: i64) -> Result<(), Denied> {
    match phase {
        Phase::Finalised => Err(Denied::new("competition_finalised")),
        Phase::Ended if unjudged > 0 => Err(Denied::with("submissions_unjudged", &[&unjudged])),
        Phase::Ended => Ok(()),
        _ => Err(Denied::new("competition_not_over")),
    }
}

/// Whether a competition may be called off: once it is public, and as long as its results are not final.
pub fn may_cancel(state: State) -> Result<(), Denied> {
    match state {
        State::Published => Ok(()),
        State::Draft => Err(Denied::new("competition_not_public")),
        State::Finalised => Err(Denied::new("competition_finalised")),
        State::Cancelled => Err(Denied::new("competition_cancelled")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORGANISER: AccountId = AccountId(uuid::Uuid::from_u128(1));
    const PERSON: AccountId = AccountId(uuid::Uuid::from_u128(2));

    fn timetable() -> Timetable {
        let at = Timestamp::from_seconds;
        Timetable {
            registration_opens: at(100),
            registration_closes: at(300),
            starts: at(200),
            freezes: None,
            ends: at(500),
        }
    }

    fn registering(
        actor: AccountId,
        registration: Option<RegistrationState>,
        taken: i64,
        seconds: i64,
    ) -> Result<(), String> {
        let now = Timestamp::from_seconds(seconds);
        may_register(actor, ORGANISER, (State::Published, &timetable()), registration, (taken, Some(2)), now)
            .map_err(|denied| denied.code)
    }

    #[test]
    fn registration_has_its_time_and_its_seats() {
        let refused = |code: &str| Err(code.to_owned());
        assert_eq!(registering(PERSON, None, 1, 300), Ok(()));
        assert_eq!(registering(PERSON, None, 1, 301), refused("registration_closed"));
        assert_eq!(registering(PERSON, None, 1, 99), refused("registration_not_open"));
        assert_eq!(registering(PERSON, None, 2, 200), refused("competition_full"));
        assert_eq!(registering(ORGANISER, None, 0, 200), refused("organiser_may_not_enter"));
        assert_eq!(
            registering(PERSON, Some(RegistrationState::Approved), 1, 200),
            refused("already_registered")
        );
        assert_eq!(registering(PERSON, Some(RegistrationState::Withdrawn), 1, 200), Ok(()));
    }

    #[test]
    fn only_approved_entrants_submit_and_only_while_it_runs() {
        let approved = Some(RegistrationState::Approved);
        assert!(may_submit(approved, Phase::Frozen).is_ok());
        assert_eq!(may_submit(approved, Phase::Ended).unwrap_err().code, "competition_over");
        assert_eq!(may_submit(approved, Phase::Waiting).unwrap_err().code, "competition_not_started");
        let waiting = Some(RegistrationState::AwaitingPayment);
        assert_eq!(may_submit(waiting, Phase::Running).unwrap_err().code, "not_registered");
        assert!(within_daily_limit(2, Some(3)).is_ok());
        assert!(within_daily_limit(3, Some(3)).is_err());
        assert!(within_daily_limit(300, None).is_ok());
    }

    #[test]
    fn an_incomplete_draft_says_all_that_is_missing() {
        let draft = Readiness {
            state: State::Draft,
            kind: Kind::Prediction,
            timetable: timetable(),
            has_rules: false,
            has_truth: false,
            data_files: 0,
            questions: 0,
        };
        let codes = |ready: &Readiness, seconds| {
            let refused = may_publish(ready, Timestamp::from_seconds(seconds)).unwrap_err();
            refused.0.into_iter().map(|fault| fault.code).collect::<Vec<_>>()
        };
        assert_eq!(codes(&draft, 1), ["publish_needs_rules", "publish_needs_truth", "publish_needs_data"]);
        let quiz = Readiness { kind: Kind::Quiz, has_rules: true, ..draft };
        assert_eq!(codes(&quiz, 501), ["publish_after_end", "publish_needs_questions"]);
    }

    #[test]
    fn results_wait_for_the_last_judgement() {
        assert!(may_finalise(Phase::Ended, 0).is_ok());
        assert_eq!(may_finalise(Phase::Ended, 3).unwrap_err().params, ["3"]);
        assert!(may_finalise(Phase::Running, 0).is_err());
    }
}
