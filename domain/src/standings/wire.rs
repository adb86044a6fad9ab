//! What travels: a snapshot of everything, and diffs of what changed. Compact, because thousands read it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::board::{Cell, Entrant};
use super::rules::Rules;
use super::stage::Stage;
use crate::time::Timestamp;

/// The version of the shapes in this module; a client that does not know it reloads its page.
pub const WIRE_VERSION: u32 = 1;

/// An entrant: number, name, note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named<'a>(pub u32, pub Cow<'a, str>, pub Cow<'a, str>);

/// A result: number, total, when it was reached, and what counts for each problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed<'a>(pub u32, pub i64, pub Timestamp, pub Cow<'a, [Option<Cell>]>);

/// A whole board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot<'a> {
    /// The version of this shape.
    pub v: u32,
    /// The public sequence number that it stands for.
    pub seq: i64,
    /// How far the competition has come.
    pub stage: Stage,
    /// The rules that the order follows.
    pub rules: Rules,
    /// Everybody, in order.
    pub entrants: Vec<Named<'a>>,
    /// The results of those who have any, in order.
    pub rows: Vec<Placed<'a>>,
}

/// What changed between two public sequence numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diff<'a> {
    /// The number before the first change.
    pub from: i64,
    /// The number of the last change.
    pub seq: i64,
    /// How far the competition has come.
    pub stage: Stage,
    /// Who is new, or is called something else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entrants: Vec<Named<'a>>,
    /// The results that changed, whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<Placed<'a>>,
    /// Who is no longer listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<u32>,
}

/// A diff does not follow on what one has: take a fresh snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the board stands at {have}, the diff begins after {from}")]
pub struct Gap {
    /// The number that the board stands for.
    pub have: i64,
    /// The number that the diff begins after.
    pub from: i64,
}

impl<'a> Named<'a> {
    pub(super) fn of(entrant: &'a Entrant) -> Self {
        Self(entrant.number, Cow::Borrowed(&entrant.name), Cow::Borrowed(&entrant.note))
    }
    pub(super) fn owned(self) -> Named<'static> {
        Named(self.0, Cow::Owned(self.1.into_owned()), Cow::Owned(self.2.into_owned()))
    }
}

impl<'a> Placed<'a> {
    pub(super) fn of(entrant: &'a Entrant) -> Self {
        Self(
            entrant.number,
            entrant.total(),
            entrant.reached().unwrap_or_default(),
            Cow::Borrowed(&entrant.cells),
        )
    }
    pub(super) fn owned(self) -> Placed<'static> {
        Placed(self.0, self.1, self.2, Cow::Owned(self.3.into_owned()))
    }
}
