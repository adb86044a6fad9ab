//! The timetable, and what is allowed at which moment of it.

use serde::{Deserialize, Serialize};

use super::State;
use crate::invalid::Invalid;
use crate::time::Timestamp;

/// The instants that move a published competition.
///
/// Every closing instant belongs to the time before it: what arrives at exactly `ends` still counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timetable {
    /// From here on people may register.
    pub registration_opens: Timestamp,
    /// Up to and including this instant people may register.
    pub registration_closes: Timestamp,
    /// From here on submissions are taken.
    pub starts: Timestamp,
    /// From here on the public standings stand still; they never do where there is none.
    pub freezes: Option<Timestamp>,
    /// Up to and including this instant submissions are taken.
    pub ends: Timestamp,
}

super::words! {
    /// What a competition is doing now.
    Phase {
        /// Not public yet.
        Draft = "draft",
        /// Public; registration is not open yet.
        Announced = "announced",
        /// Registration is open; submissions are not taken yet.
        Registration = "registration",
        /// Registration is closed; submissions are not taken yet.
        Waiting = "waiting",
        /// Submissions are taken.
        Running = "running",
        /// Submissions are taken, and the public standings stand still.
        Frozen = "frozen",
        /// Submissions are closed; the results are not final.
        Ended = "ended",
        /// The results are final.
        Finalised = "finalised",
        /// Called off.
        Cancelled = "cancelled",
    }
}

impl Phase {
    /// Whether submissions are taken.
    pub const fn takes_submissions(self) -> bool {
        matches!(self, Self::Running | Self::Frozen)
    }
    /// Whether submissions were ever taken.
    pub const fn has_started(self) -> bool {
        matches!(self, Self::Running | Self::Frozen | Self::Ended | Self::Finalised)
    }
}

impl Timetable {
    /// Checks the order of the instants.
    pub fn check(self) -> Result<Self, Invalid> {
        let mut invalid = Invalid::default();
        if self.registration_closes <= self.registration_opens {
            invalid.add("registration_closes", "timetable_closes_before_opens", &[]);
        }
        if self.registration_closes > self.ends {
            invalid.add("registration_closes", "timetable_closes_after_end", &[]);
        }
        if self.starts < self.registration_opens {
            invalid.add("starts", "timetable_starts_before_registration", &[]);
        }
        if self.ends <= self.starts {
            invalid.add("ends", "timetable_ends_before_start", &[]);
        }
        if self.freezes.is_some_and(|freezes| freezes <= self.starts || freezes >= self.ends) {
            invalid.add("freezes", "timetable_freeze_outside", &[]);
        }
        invalid.into_result().map(|()| self)
    }
    /// What the competition is doing at an instant.
    pub fn phase(&self, state: State, now: Timestamp) -> Phase {
        match state {
            State::Draft => Phase::Draft,
            State::Finalised => Phase::Finalised,
            State::Cancelled => Phase::Cancelled,
            State::Published if now > self.ends => Phase::Ended,
            State::Published if now >= self.starts && self.hidden(now) => Phase::Frozen,
            State::Published if now >= self.starts => Phase::Running,
            State::Published if now < self.registration_opens => Phase::Announced,
            State::Published if now <= self.registration_closes => Phase::Registration,
            State::Published => Phase::Waiting,
        }
    }
    /// Whether people may register at an instant.
    pub fn takes_registrations(&self, now: Timestamp) -> bool {
        now >= self.registration_opens && now <= self.registration_closes
    }
    /// Whether what happens at an instant stays hidden from the public until the results are final.
    pub fn hidden(&self, at: Timestamp) -> bool {
        self.freezes.is_some_and(|freezes| at >= freezes)
    }
    /// The next instant at which the phase changes by itself.
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        let instants = [
            Some(self.registration_opens),
            Some(self.registration_closes),
            Some(self.starts),
            self.freezes,
            Some(self.ends),
        ];
        instants.into_iter().flatten().filter(|instant| *instant >= now).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    fn timetable() -> Timetable {
        let at = Timestamp::from_seconds;
        Timetable {
            registration_opens: at(100),
            registration_closes: at(300),
            starts: at(200),
            freezes: Some(at(400)),
            ends: at(500),
        }
    }

    #[test]
    fn phases_follow_the_timetable() {
        let table = timetable().check().unwrap();
        let phase = |seconds| table.phase(State::Published, Timestamp::from_seconds(seconds));
        assert_eq!(phase(99), Phase::Announced);
        assert_eq!(phase(100), Phase::Registration);
        assert_eq!(phase(200), Phase::Running);
        assert_eq!(phase(399), Phase::Running);
        assert_eq!(phase(400), Phase::Frozen);
        assert_eq!(phase(500), Phase::Frozen);
        assert_eq!(phase(501), Phase::Ended);
        assert_eq!(table.phase(State::Finalised, Timestamp::from_seconds(1)), Phase::Finalised);
        assert_eq!(table.next_change(Timestamp::from_seconds(201)), Some(Timestamp::from_seconds(300)));
        assert_eq!(table.next_change(Timestamp::from_seconds(501)), None);
    }

    #[test]
    fn a_deadline_includes_its_instant() {
        let table = timetable();
        let phase = |at| table.phase(State::Published, at);
        assert!(phase(table.ends).takes_submissions());
        assert!(!phase(table.ends.plus(Span::from_micros(1))).takes_submissions());
        assert!(!phase(table.ends.plus(Span::from_micros(1_000))).takes_submissions());
        assert!(table.takes_registrations(table.registration_closes));
        assert!(!table.takes_registrations(table.registration_closes.plus(Span::from_micros(1))));
    }

    #[test]
    fn a_timetable_out_of_order_is_refused_field_by_field() {
        let at = Timestamp::from_seconds;
        let table = Timetable {
            registration_opens: at(300),
            registration_closes: at(300),
            starts: at(200),
            freezes: Some(at(100)),
            ends: at(200),
        };
        let invalid = table.check().unwrap_err();
        let fields: Vec<&str> = invalid.0.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["registration_closes", "registration_closes", "starts", "ends", "freezes"]);
    }
}
