//! What a gateway's own list tells of a time.

use domain::money::Money;
use domain::time::Timestamp;

use super::gateway::Unsure;

/// A gateway's own list of a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Until when it is complete. Later lines may stand in it, and others be missing: a day that is not over
    /// yet is no day on which nothing happened.
    pub until: Timestamp,
    /// What it tells.
    pub movements: Vec<Movement>,
    /// The lines that cannot be read.
    pub unread: Vec<Unread>,
}

/// A line that cannot be read, of a currency that we do not have, say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The gateway's name of it.
    pub reference: String,
    /// Why.
    pub why: String,
}

/// A movement of money in a gateway's own list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// The gateway's name of it; of a reversal what [`Gateway::reversal`](super::Gateway::reversal) takes.
    pub reference: String,
    /// The charge that it is, or of which it takes something back.
    pub charge: String,
    /// Our number that it carries.
    pub number: Option<String>,
    /// How much; never nothing.
    pub amount: Money,
    /// When.
    pub at: Timestamp,
    /// What moved.
    pub kind: MovementKind,
    /// Where it stands, in the words of the gateway: what was dealt with is looked at again when that changes.
    pub stage: String,
}

/// What kind of movement it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MovementKind {
    /// From a buyer to us.
    Charge,
    /// From us to a buyer.
    Refund,
    /// A buyer's bank takes money back.
    Dispute,
    /// What the gateway keeps for its work, of a charge or of a dispute; less than nothing where it gives it back.
    Fee,
    /// From the gateway to our bank; less than nothing where it came back.
    Payout,
}

impl MovementKind {
    /// A name in snake case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::Dispute => "dispute",
            Self::Fee => "fee",
            Self::Payout => "payout",
        }
    }
}

impl Movement {
    /// An entry of a gateway's balance: a fee, or a payout.
    pub fn entry(kind: MovementKind, reference: &str, charge: &str, amount: Money, at: Timestamp) -> Self {
        let (reference, charge) = (reference.to_owned(), charge.to_owned());
        Self { reference, charge, number: None, amount, at, kind, stage: String::new() }
    }
}

impl Listing {
    /// An empty list that is complete until an instant.
    pub const fn complete(until: Timestamp) -> Self {
        Self { until, movements: Vec::new(), unread: Vec::new() }
    }

    /// Takes a line in, whether it could be read or not.
    pub fn take(&mut self, reference: &str, line: Result<Movement, Unsure>) {
        match line {
            Ok(movement) => self.movements.push(movement),
            Err(Unsure(why)) => self.unread.push(Unread { reference: reference.to_owned(), why }),
        }
    }

    /// Whether a charge stands in it.
    pub fn has_charge(&self, charge: &str) -> bool {
        let found = |known: &&Movement| known.kind == MovementKind::Charge && known.reference == charge;
        self.movements.iter().any(|known| found(&known)) || self.is_unread(charge)
    }

    /// Whether a refund stands in it, by our number of it or by the gateway's name; or a dispute, by which a bank
    /// took back what paid nothing.
    pub fn has_refund(&self, number: &str, outside: Option<&str>) -> bool {
        let named = |name: &str| name == number || Some(name) == outside;
        let found = |known: &Movement| {
            matches!(known.kind, MovementKind::Refund | MovementKind::Dispute)
                && (named(&known.reference) || known.number.as_deref().is_some_and(named))
        };
        self.movements.iter().any(found) || outside.is_some_and(|outside| self.is_unread(outside))
    }

    fn is_unread(&self, reference: &str) -> bool {
        self.unread.iter().any(|line| line.reference == reference)
    }
}
