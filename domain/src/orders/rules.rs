//! The states of an order and the only ways between them.

use serde::{Deserialize, Serialize};

use crate::invalid::Denied;
use crate::time::Span;

/// How long an order holds its price and its seat.
pub const HOLD: Span = Span::minutes(15);

/// How many unpaid orders an account may hold at once, so that nobody can block every seat.
pub const MAX_OPEN: i64 = 20;

/// How many lines an order may have.
pub const MAX_LINES: usize = 50;

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// The price is frozen and the seat is held; nobody has begun to pay.
    Reserved,
    /// A payment was begun; the gateway has not confirmed it.
    AwaitingPayment,
    /// The money is confirmed, or there was none to pay.
    Paid,
    /// Some of the money went back.
    PartiallyRefunded,
    /// All of the money went back.
    Refunded,
    /// Nobody paid in time; the seat is free again.
    Expired,
    /// The buyer gave up; the seat is free again.
    Cancelled,
}

/// Something that moves an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A payment begins.
    AwaitPayment,
    /// The gateway confirms the whole amount while the seat is held.
    Pay,
    /// The gateway confirms the whole amount after the seat was given back, and it was taken again.
    PayLate,
    /// The time of the reservation is over.
    Expire,
    /// The buyer gives up.
    Cancel,
    /// Part of the money goes back.
    RefundPart,
    /// The rest of the money goes back.
    RefundAll,
    /// Money that had gone back came again: some of it is still gone.
    ReturnPart,
    /// Money that had gone back came again: none of it is gone any more.
    ReturnAll,
}

impl OrderState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Reserved,
        Self::AwaitingPayment,
        Self::Paid,
        Self::PartiallyRefunded,
        Self::Refunded,
        Self::Expired,
        Self::Cancelled,
    ];

    /// The database value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::AwaitingPayment => "awaiting_payment",
            Self::Paid => "paid",
            Self::PartiallyRefunded => "partially_refunded",
            Self::Refunded => "refunded",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }
    /// Whether the order still waits for money and holds its seat.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Reserved | Self::AwaitingPayment)
    }
    /// Whether the lines of the order give rights.
    pub const fn entitles(self) -> bool {
        matches!(self, Self::Paid | Self::PartiallyRefunded)
    }
    /// The state after a step, or why the step is not possible.
    pub fn after(self, step: Step) -> Result<Self, Denied> {
        match (self, step) {
            (Self::Reserved | Self::AwaitingPayment, Step::AwaitPayment) => Ok(Self::AwaitingPayment),
            (Self::Reserved | Self::AwaitingPayment, Step::Pay) => Ok(Self::Paid),
            (Self::Reserved | Self::AwaitingPayment, Step::Expire) => Ok(Self::Expired),
            (Self::Reserved | Self::AwaitingPayment, Step::Cancel) => Ok(Self::Cancelled),
            (Self::Expired | Self::Cancelled, Step::PayLate) => Ok(Self::Paid),
            (Self::Paid | Self::PartiallyRefunded, Step::RefundPart) => Ok(Self::PartiallyRefunded),
            (Self::Paid | Self::PartiallyRefunded, Step::RefundAll) => Ok(Self::Refunded),
            (Self::Refunded | Self::PartiallyRefunded, Step::ReturnPart) => Ok(Self::PartiallyRefunded),
            (Self::Refunded | Self::PartiallyRefunded, Step::ReturnAll) => Ok(Self::Paid),
            (Self::Paid | Self::PartiallyRefunded, _) => Err(Denied::new("order_already_paid")),
            (Self::Refunded, _) => Err(Denied::new("order_refunded")),
            (Self::Expired, _) => Err(Denied::new("order_expired")),
            (Self::Cancelled, _) => Err(Denied::new("order_cancelled")),
            (Self::Reserved | Self::AwaitingPayment, _) => Err(Denied::new("order_not_paid")),
        }
    }
}

impl TryFrom<String> for OrderState {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| format!("unknown order state {text}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use OrderState as S;

    #[test]
    fn only_money_that_comes_again_leads_an_order_back() {
        assert_eq!(S::Reserved.after(Step::AwaitPayment), Ok(S::AwaitingPayment));
        assert_eq!(S::AwaitingPayment.after(Step::Pay), Ok(S::Paid));
        assert_eq!(S::Paid.after(Step::Pay), Err(Denied::new("order_already_paid")));
        assert_eq!(S::Paid.after(Step::Expire), Err(Denied::new("order_already_paid")));
        assert_eq!(S::Expired.after(Step::Pay), Err(Denied::new("order_expired")));
        assert_eq!(S::Expired.after(Step::PayLate), Ok(S::Paid));
        assert_eq!(S::Refunded.after(Step::PayLate), Err(Denied::new("order_refunded")));
        assert_eq!(S::Reserved.after(Step::RefundAll), Err(Denied::new("order_not_paid")));
        assert_eq!(S::Refunded.after(Step::ReturnAll), Ok(S::Paid));
        assert_eq!(S::Refunded.after(Step::ReturnPart), Ok(S::PartiallyRefunded));
        assert_eq!(S::Paid.after(Step::ReturnAll), Err(Denied::new("order_already_paid")));
    }

    #[test]
    fn only_paid_orders_entitle() {
        let entitling: Vec<_> = S::ALL.into_iter().filter(|state| state.entitles()).collect();
        assert_eq!(entitling, [S::Paid, S::PartiallyRefunded]);
        for state in S::ALL {
            assert_eq!(S::try_from(state.as_str().to_owned()), Ok(state));
        }
    }
}
