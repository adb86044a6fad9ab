//! The states of a subscription, the turns of its periods, and when access ends.

use serde::{Deserialize, Serialize};

use crate::competitions::words;
use crate::invalid::Denied;
use crate::time::{Span, Timestamp};

/// How long before a period ends its renewal is billed.
const LEAD: Span = Span::hours(24);
/// How long after its last retry a renewal can still be paid: turns are taken after their moment, never at it, and
/// whoever hears of the last retry needs time to act.
const LAST_WORD: Span = Span::days(1);

words! {
    /// Where a subscription stands: what happens next, never what is open now.
    SubscriptionState {
        /// The first period costs nothing; then it goes on as paid.
        Trialing = "trialing",
        /// Paid, and to be renewed.
        Active = "active",
        /// The period is over and its renewal is not paid.
        PastDue = "past_due",
        /// Paid, but not to be renewed.
        Canceled = "canceled",
        /// Over.
        Expired = "expired",
    }
}

words! {
    /// What an invoice is for.
    InvoiceKind {
        /// A first period without a price.
        Trial = "trial",
        /// The first paid period.
        Start = "start",
        /// The period after one.
        Renewal = "renewal",
        /// A period of another plan that begins at once.
        Change = "change",
    }
}

/// Something that moves a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// An invoice was paid.
    Paid(InvoiceKind),
    /// The paid period is over.
    PeriodEnds,
    /// The subscriber does not want another period.
    Cancel,
    /// The subscriber wants it after all; whether the running period is the trial.
    Resume {
        /// Whether the running period is the trial.
        trial: bool,
    },
    /// Nobody paid, however often it was tried.
    GiveUp,
    /// The money of the running period went back.
    Refunded,
}

impl SubscriptionState {
    /// Whether the subscription goes on in some way; an account has one such at most.
    pub const fn is_live(self) -> bool {
        !matches!(self, Self::Expired)
    }
    /// Whether it will be billed again.
    pub const fn renews(self) -> bool {
        matches!(self, Self::Trialing | Self::Active | Self::PastDue)
    }
    /// The state after something happened, or why it cannot happen.
    pub fn after(self, happening: Happening) -> Result<Self, Denied> {
        match (self, happening) {
            (_, Happening::Paid(InvoiceKind::Trial)) => Ok(Self::Trialing),
            // Paid for the next period, yet still not to be renewed after it.
            (Self::Canceled, Happening::Paid(InvoiceKind::Renewal)) => Ok(Self::Canceled),
            (_, Happening::Paid(_)) => Ok(Self::Active),
            (Self::Trialing | Self::Active, Happening::PeriodEnds) => Ok(Self::PastDue),
            (Self::Canceled, Happening::PeriodEnds) => Ok(Self::Expired),
            (state, Happening::PeriodEnds) => Ok(state),
            (Self::Trialing | Self::Active, Happening::Cancel) => Ok(Self::Canceled),
            (Self::PastDue, Happening::Cancel) => Ok(Self::Expired),
            (Self::Canceled, Happening::Cancel) => Err(Denied::new("subscription_canceled")),
            (Self::Canceled, Happening::Resume { trial: true }) => Ok(Self::Trialing),
            (Self::Canceled, Happening::Resume { trial: false }) => Ok(Self::Active),
            (Self::Expired, Happening::Cancel | Happening::Resume { .. }) => {
                Err(Denied::new("subscription_over"))
            }
            (_, Happening::Resume { .. }) => Err(Denied::new("subscription_goes_on")),
            (Self::PastDue, Happening::GiveUp) => Ok(Self::Expired),
            (state, Happening::GiveUp) => Ok(state),
            (_, Happening::Refunded) => Ok(Self::Expired),
        }
    }
}

/// What a plan says about time beside its period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The days of the trial; nothing where there is none.
    pub trial_days: i64,
    /// The days for which things stay open after the last paid period.
    pub grace_days: i64,
    /// The days after the end of a period on which payment is tried again, ascending.
    pub retry_days: Vec<i64>,
}

impl Default for Terms {
    fn default() -> Self {
        Self { trial_days: 0, grace_days: 3, retry_days: vec![1, 3, 5] }
    }
}

/// A moment at which a subscription is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// Some hours before the period ends: the next one is billed.
    Bill,
    /// The period ends.
    Due,
    /// Payment is tried again; the how-many-eth time, from one.
    Retry(u32),
    /// Nothing more is tried.
    GiveUp,
}

impl Terms {
    /// The grace as a span.
    pub const fn grace(&self) -> Span {
        Span::days(self.grace_days)
    }
    /// The last instant at which the renewal of a period can be paid: a day after it was last tried.
    pub fn last_chance(&self, period_until: Timestamp) -> Timestamp {
        period_until.plus(Span::days(self.retry_days.iter().copied().max().unwrap_or(0))).plus(LAST_WORD)
    }
    /// Every turn of a period, in order of time.
    pub fn turns(&self, period_until: Timestamp) -> Vec<(Turn, Timestamp)> {
        let mut turns = vec![(Turn::Bill, period_until.minus(LEAD)), (Turn::Due, period_until)];
        for (number, days) in (1_u32..).zip(&self.retry_days) {
            turns.push((Turn::Retry(number), period_until.plus(Span::days(*days))));
        }
        // The last instant belongs to the subscriber.
        turns.push((Turn::GiveUp, self.last_chance(period_until).plus(Span::from_micros(1))));
        turns
    }
}

impl Turn {
    /// A key for a job: one word.
    pub fn key(self) -> String {
        match self {
            Self::Bill => "bill".to_owned(),
            Self::Due => "due".to_owned(),
            Self::Retry(number) => format!("retry{number}"),
            Self::GiveUp => "give_up".to_owned(),
        }
    }
}

/// When access by subscription ends: the latest end of a paid period, and the grace (invariant I21).
pub fn access_end(paid_until: &[Timestamp], grace: Span) -> Option<Timestamp> {
    paid_until.iter().max().map(|end| end.plus(grace))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Happening as H;
    use SubscriptionState as S;

    #[test]
    fn a_subscription_moves_as_described() {
        assert_eq!(S::Trialing.after(H::PeriodEnds), Ok(S::PastDue));
        assert_eq!(S::PastDue.after(H::Paid(InvoiceKind::Renewal)), Ok(S::Active));
        assert_eq!(S::PastDue.after(H::GiveUp), Ok(S::Expired));
        assert_eq!(S::Active.after(H::GiveUp), Ok(S::Active));
        assert_eq!(S::Active.after(H::Cancel), Ok(S::Canceled));
        assert_eq!(S::Canceled.after(H::Resume { trial: false }), Ok(S::Active));
        assert_eq!(S::Canceled.after(H::Resume { trial: true }), Ok(S::Trialing));
        assert_eq!(S::Canceled.after(H::PeriodEnds), Ok(S::Expired));
        assert_eq!(S::Canceled.after(H::Paid(InvoiceKind::Renewal)), Ok(S::Canceled));
        assert_eq!(S::Canceled.after(H::Paid(InvoiceKind::Change)), Ok(S::Active));
        assert_eq!(S::PastDue.after(H::Cancel), Ok(S::Expired));
        assert_eq!(S::Expired.after(H::Cancel), Err(Denied::new("subscription_over")));
        assert_eq!(S::Active.after(H::Resume { trial: false }), Err(Denied::new("subscription_goes_on")));
        assert_eq!(S::Canceled.after(H::Cancel), Err(Denied::new("subscription_canceled")));
        for state in S::ALL {
            assert_eq!(S::parse(state.as_str()), Some(*state));
            assert_eq!(state.after(H::Refunded), Ok(S::Expired));
        }
    }

    #[test]
    fn a_period_has_its_turns() {
        let end = Timestamp::from_seconds(1_000_000);
        let turns = Terms::default().turns(end);
        let days = |days| end.plus(Span::days(days));
        assert_eq!(
            turns,
            [
                (Turn::Bill, days(-1)),
                (Turn::Due, end),
                (Turn::Retry(1), days(1)),
                (Turn::Retry(2), days(3)),
                (Turn::Retry(3), days(5)),
                (Turn::GiveUp, days(6).plus(Span::from_micros(1))),
            ]
        );
        let strict = Terms { retry_days: Vec::new(), ..Terms::default() };
        assert_eq!(strict.last_chance(end), days(1));
    }

    #[test]
    fn access_ends_with_the_last_paid_period_and_the_grace() {
        let at = Timestamp::from_seconds;
        assert_eq!(access_end(&[], Span::days(3)), None);
        assert_eq!(access_end(&[at(50), at(10)], Span::seconds(3)), Some(at(53)));
    }
}
