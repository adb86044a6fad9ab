//! A transfer: two legs and an amount, what it is for, and what it belongs to.

use uuid::Uuid;

use super::chart::{Code, LedgerAccount};
use super::{PaymentId, RefundId, TransferId};
use crate::money::Money;
use crate::orders::{OrderId, OrderLineId};
use crate::payouts::PayoutId;
use crate::time::Timestamp;

/// What is to be booked: two legs and an amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// The account that is debited.
    pub debit: LedgerAccount,
    /// The account that is credited.
    pub credit: LedgerAccount,
    /// How much; more than nothing.
    pub amount: Money,
    /// Why.
    pub code: Code,
    /// The line of an order for which it is booked.
    pub line: Option<OrderLineId>,
    /// The last instant at which what is credited may not yet be paid out.
    pub matures: Option<Timestamp>,
    /// Whether it moves money at once.
    pub phase: Phase,
}

/// Whether a transfer moves money at once, reserves it, or settles a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It moves money.
    Single,
    /// It reserves money until it is posted or voided.
    Pending,
    /// It moves what a pending transfer reserved, all or less; the rest is released.
    Post(TransferId),
    /// It releases what a pending transfer reserved.
    Void(TransferId),
}

impl Phase {
    /// The database value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Pending => "pending",
            Self::Post(_) => "post",
            Self::Void(_) => "void",
        }
    }
    /// The pending transfer that it settles.
    pub const fn settles(self) -> Option<TransferId> {
        match self {
            Self::Post(id) | Self::Void(id) => Some(id),
            Self::Single | Self::Pending => None,
        }
    }
    /// Joins the two columns of the database.
    pub fn of(kind: &str, settles: Option<TransferId>) -> Option<Self> {
        Some(match (kind, settles) {
            ("single", None) => Self::Single,
            ("pending", None) => Self::Pending,
            ("post", Some(id)) => Self::Post(id),
            ("void", Some(id)) => Self::Void(id),
            _ => return None,
        })
    }
}

impl Posting {
    /// Money that moves at once.
    pub const fn new(debit: LedgerAccount, credit: LedgerAccount, amount: Money, code: Code) -> Self {
        Self { debit, credit, amount, code, line: None, matures: None, phase: Phase::Single }
    }
    /// The same, for a line of an order.
    #[must_use]
    pub const fn for_line(mut self, line: OrderLineId) -> Self {
        self.line = Some(line);
        self
    }
    /// The same, in another phase.
    #[must_use]
    pub const fn in_phase(mut self, phase: Phase) -> Self {
        self.phase = phase;
        self
    }
}

/// What linked transfers belong to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Belongs {
    /// The order that they pay.
    pub order: Option<OrderId>,
    /// The attempt that brought the money.
    pub payment: Option<PaymentId>,
    /// The refund that takes it back.
    pub refund: Option<RefundId>,
    /// The payout of it.
    pub payout: Option<PayoutId>,
}

/// An entry of the ledger; never edited, corrected only by another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Made by whoever books, so that booking twice is noticed.
    pub id: TransferId,
    /// The transfers that are booked together or not at all.
    pub group: Uuid,
    /// The two legs.
    pub posting: Posting,
    /// What it belongs to.
    pub belongs: Belongs,
}

impl Transfer {
    /// The first field in which another transfer of the same id differs.
    pub fn differs(&self, other: &Self) -> Option<&'static str> {
        let (mine, theirs) = (&self.posting, &other.posting);
        [
            ("group", self.group == other.group),
            ("debit", mine.debit == theirs.debit),
            ("credit", mine.credit == theirs.credit),
            ("currency", mine.amount.currency == theirs.amount.currency),
            ("amount", mine.amount.minor == theirs.amount.minor),
            ("code", mine.code == theirs.code),
            ("line", mine.line == theirs.line),
            ("matures", mine.matures == theirs.matures),
            ("phase", mine.phase == theirs.phase),
            ("order", self.belongs.order == other.belongs.order),
            ("payment", self.belongs.payment == other.belongs.payment),
            ("refund", self.belongs.refund == other.belongs.refund),
            ("payout", self.belongs.payout == other.belongs.payout),
        ]
        .into_iter()
        .find_map(|(field, same)| (!same).then_some(field))
    }
}
