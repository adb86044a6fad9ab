//! What happens in a competition, as far as its standings are concerned.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::competitions::RegistrationId;
use crate::locale::Bilingual;
use crate::time::Timestamp;

/// A judged submission. Scores are millionths: 0.981200 is 981 200, ten points are 10 000 000.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreEvent {
    /// When the submission arrived; what "earlier" means where scores are equal.
    pub at: Timestamp,
    /// Who submitted.
    pub entrant: RegistrationId,
    /// The submission; judged again, it replaces its earlier score.
    pub submission: Uuid,
    /// The problem, counted from 0.
    pub problem: u16,
    /// The score on the part of the data that is shown while the competition runs.
    pub public_score: i64,
    /// The score that decides the final table; the same as the public one where there is no split.
    pub private_score: i64,
}

/// Something that standings depend on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// An entrant takes part.
    Joined {
        /// Who.
        entrant: RegistrationId,
        /// The short number on this board, counted from 1 in the order of joining.
        number: u32,
        /// The name on the board.
        name: String,
        /// What stands under the name: a town, a school; may be empty.
        note: String,
    },
    /// An entrant is called something else from now on.
    Renamed {
        /// Who.
        entrant: RegistrationId,
        /// The new name.
        name: String,
        /// The new note.
        note: String,
    },
    /// An entrant is taken off the public board.
    Hidden {
        /// Who.
        entrant: RegistrationId,
    },
    /// A hidden entrant is back.
    Shown {
        /// Who.
        entrant: RegistrationId,
    },
    /// A submission was judged.
    Scored(ScoreEvent),
    /// A submission no longer counts: withdrawn or disqualified.
    Rejected {
        /// Whose.
        entrant: RegistrationId,
        /// Which.
        submission: Uuid,
    },
    /// An entrant picked the submission that shall count for a problem.
    Chosen {
        /// Who.
        entrant: RegistrationId,
        /// The problem, counted from 0.
        problem: u16,
        /// Which; nothing takes the choice back.
        submission: Option<Uuid>,
    },
    /// The organiser told everyone something; heard at once, also during a freeze.
    Announced {
        /// What, in either language.
        text: Bilingual,
        /// When.
        at: Timestamp,
    },
    /// The competition began.
    Started,
    /// From now on the public board stands still.
    Frozen,
    /// What was withheld is shown.
    Thawed,
    /// The table is final; the private split decides.
    Finalised,
}

impl Fact {
    /// Whom the fact is about, if anybody.
    pub const fn entrant(&self) -> Option<RegistrationId> {
        match self {
            Self::Joined { entrant, .. }
            | Self::Renamed { entrant, .. }
            | Self::Hidden { entrant }
            | Self::Shown { entrant }
            | Self::Rejected { entrant, .. }
            | Self::Chosen { entrant, .. } => Some(*entrant),
            Self::Scored(score) => Some(score.entrant),
            Self::Announced { .. } | Self::Started | Self::Frozen | Self::Thawed | Self::Finalised => None,
        }
    }
    /// The fact as the public may read it: until the table is final, the public score stands in
    /// place of the private one.
    pub fn published(mut self, last: bool) -> Self {
        if let (Self::Scored(score), false) = (&mut self, last) {
            score.private_score = score.public_score;
        }
        self
    }
}

impl From<ScoreEvent> for Fact {
    fn from(score: ScoreEvent) -> Self {
        Self::Scored(score)
    }
}

/// A fact with its place in the order of commits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The number in the jury's order, without gaps per competition.
    pub sequence: i64,
    /// The number of the public message that told it; nothing where the public was not told.
    pub public: Option<i64>,
    /// What happened.
    pub fact: Fact,
}
