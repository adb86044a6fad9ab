//! Values bound to statements.

use domain::accounts::{AccountId, SessionId};
use domain::competitions::{CompetitionId, FileId, RegistrationId};
use domain::courses::quiz::QuestionId;
use domain::courses::{AttemptId, ChapterId, CourseId, LessonId, NoteId, PictureId};
use domain::judging::SubmissionId;
use domain::messages::MessageId;
use domain::offers::{BundleId, CouponId, GiftId};
use domain::orders::{OrderId, OrderLineId};
use domain::payments::{AlertId, CardId, NoticeId, PaymentId, RefundId, TransferId};
use domain::payouts::PayoutId;
use domain::subscriptions::{InvoiceId, PlanId, SubscriptionId};
use domain::time::Timestamp;
use uuid::Uuid;

/// A value bound to a statement. Nulls keep their type: Postgres needs it.
#[derive(Clone, Debug)]
pub enum Arg {
    /// A truth value.
    Bool(Option<bool>),
    /// A whole number.
    Int(Option<i64>),
    /// A floating number; never money, never time.
    Real(Option<f64>),
    /// A text.
    Text(Option<String>),
    /// Raw bytes.
    Bytes(Option<Vec<u8>>),
    /// An id.
    Uuid(Option<Uuid>),
    /// An opaque document.
    Json(Option<serde_json::Value>),
}

macro_rules! arg {
    ($($type:ty => $variant:ident),* $(,)?) => { $(
        impl From<$type> for Arg {
            fn from(value: $type) -> Self { Self::$variant(Some(value.into())) }
        }
        impl From<Option<$type>> for Arg {
            fn from(value: Option<$type>) -> Self { Self::$variant(value.map(Into::into)) }
        }
    )* };
}

arg! {
    bool => Bool,
    i64 => Int,
    i32 => Int,
    u32 => Int,
    u16 => Int,
    Timestamp => Int,
    f64 => Real,
    &str => Text,
    String => Text,
    &String => Text,
    Vec<u8> => Bytes,
    Uuid => Uuid,
    serde_json::Value => Json,
    // Ids, one line each.
    AccountId => Uuid,
    SessionId => Uuid,
    CourseId => Uuid,
    ChapterId => Uuid,
    LessonId => Uuid,
    AttemptId => Uuid,
    NoteId => Uuid,
    PictureId => Uuid,
    OrderId => Uuid,
    OrderLineId => Uuid,
    CardId => Uuid,
    PaymentId => Uuid,
    TransferId => Uuid,
    RefundId => Uuid,
    PayoutId => Uuid,
    NoticeId => Uuid,
    AlertId => Uuid,
    CompetitionId => Uuid,
    RegistrationId => Uuid,
    FileId => Uuid,
    QuestionId => Uuid,
    SubmissionId => Uuid,
    MessageId => Uuid,
    SubscriptionId => Uuid,
    InvoiceId => Uuid,
    CouponId => Uuid,
    BundleId => Uuid,
    GiftId => Uuid,
    PlanId => Uuid,
}
