//! What people do about money without moving any.

use serde::{Deserialize, Serialize};

/// Something that a person changed, or asked of a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogEvent {
    /// A coupon may be used no more.
    CouponWithdrawn,
    /// A coupon may be used again.
    CouponAllowed,
    /// A plan has other words, prices, terms or contents.
    PlanChanged,
    /// A plan is offered.
    PlanOffered,
    /// A plan is offered no more.
    PlanWithdrawn,
    /// Who shares what a product brings.
    SharesWritten,
    /// A rule about shares is gone.
    SharesRemoved,
    /// Which places win which part of the entry fees.
    PrizesWritten,
    /// A product has another promise.
    PromiseBound,
    /// A product has the promise of its kind again.
    PromiseUnbound,
    /// A gateway was asked about a payment.
    PaymentAsked,
    /// A notice was tried again.
    NoticeRetried,
}

impl LogEvent {
    /// Every event.
    pub const ALL: [Self; 12] = [
        Self::CouponWithdrawn,
        Self::CouponAllowed,
        Self::PlanChanged,
        Self::PlanOffered,
        Self::PlanWithdrawn,
        Self::SharesWritten,
        Self::SharesRemoved,
        Self::PrizesWritten,
        Self::PromiseBound,
        Self::PromiseUnbound,
        Self::PaymentAsked,
        Self::NoticeRetried,
    ];

    /// The database value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CouponWithdrawn => "coupon_withdrawn",
            Self::CouponAllowed => "coupon_allowed",
            Self::PlanChanged => "plan_changed",
            Self::PlanOffered => "plan_offered",
            Self::PlanWithdrawn => "plan_withdrawn",
            Self::SharesWritten => "shares_written",
            Self::SharesRemoved => "shares_removed",
            Self::PrizesWritten => "prizes_written",
            Self::PromiseBound => "promise_bound",
            Self::PromiseUnbound => "promise_unbound",
            Self::PaymentAsked => "payment_asked",
            Self::NoticeRetried => "notice_retried",
        }
    }
}

impl TryFrom<String> for LogEvent {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|event| event.as_str() == text);
        found.ok_or_else(|| format!("unknown event {text}"))
    }
}
