//! Messages: what the platform writes to a person, worded in the reader's language when it is shown.

use serde::{Deserialize, Serialize};

use crate::competitions::words;
use crate::locale::Bilingual;
use crate::money::Money;
use crate::time::Timestamp;

crate::id! {
    /// A message.
    MessageId,
}

words! {
    /// What a message is about.
    MessageKind {
        /// A trial began.
        TrialBegan = "trial_began",
        /// A subscription began, was renewed or changed, and is paid.
        PeriodPaid = "period_paid",
        /// The next period is billed.
        BillSoon = "bill_soon",
        /// A renewal is not paid though its period began.
        PastDue = "past_due",
        /// Payment was tried again in vain.
        StillUnpaid = "still_unpaid",
        /// A subscription will not be renewed.
        WillEnd = "will_end",
        /// A subscription is over.
        Ended = "ended",
        /// Money came after its order had ended, and the order is paid after all.
        PaidLate = "paid_late",
        /// Money came too late, and goes back.
        TooLate = "too_late",
        /// Money came a second time, and goes back.
        PaidTwice = "paid_twice",
        /// A refund went back the way its money came.
        RefundDone = "refund_done",
        /// A refund went to the buyer's balance.
        RefundToBalance = "refund_to_balance",
        /// A refund could not go back.
        RefundFailed = "refund_failed",
        /// A payout was paid by our bank.
        PayoutPaid = "payout_paid",
        /// A payout came back from its bank.
        PayoutFailed = "payout_failed",
        /// A payout was refused.
        PayoutRejected = "payout_rejected",
        /// A competition was called off; what was paid for it goes back.
        CalledOff = "called_off",
        /// The same, where what was paid counts elsewhere or is held by a bank.
        CalledOffHeld = "called_off_held",
    }
}

/// What a message says; no words, so that a change of language changes them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// What it is about.
    pub kind: MessageKind,
    /// The name of what it is about.
    pub title: Bilingual,
    /// How much, where money is meant.
    pub amount: Option<Money>,
    /// When.
    pub at: Option<Timestamp>,
    /// The page to go to, without its language.
    pub link: String,
}
