//! What every gateway does, whatever its wire format.
//!
//! Nothing here is called while a transaction is open: a gateway is outside, and may take its time.

use async_trait::async_trait;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::accounts::AccountId;
use domain::locale::Locale;
use domain::money::{Currency, Money};
use domain::orders::OrderId;
use domain::payments::{PaymentId, RefundId, Told};
use domain::time::{Span, Timestamp};

use super::list::Listing;
use super::store::Attempt;

/// Why a notice was not let in; nothing of it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejected {
    /// The signature is missing, wrong, too old or too new.
    Signature,
    /// The bytes are no notice of this gateway.
    Unreadable,
}

/// Nobody knows: the answer of the gateway did not arrive, or cannot be believed. Why, for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unsure(pub String);

/// What a gateway is asked to let a buyer pay. The same attempt always gives the same demand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// The attempt.
    pub attempt: PaymentId,
    /// Our number of the attempt at the gateway: 32 hexadecimal digits.
    pub number: String,
    /// The order that it pays.
    pub order: OrderId,
    /// Who pays.
    pub buyer: AccountId,
    /// How much.
    pub amount: Money,
    /// For what, in the buyer's language.
    pub title: String,
    /// When the attempt began.
    pub created_at: Timestamp,
    /// The last instant at which it may be paid.
    pub expires_at: Timestamp,
    /// The buyer's language.
    pub locale: Locale,
    /// Whether the card that pays is to be kept for renewals.
    pub keeps: bool,
    /// The kept card to charge: the buyer is not there, and has agreed before.
    pub card: Option<Card>,
}

/// A card that a gateway keeps for us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// The gateway's name of its owner.
    pub customer: String,
    /// The gateway's name of it.
    pub method: String,
    /// What its owner recognises it by.
    pub label: String,
}

/// Where a buyer pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checkout {
    /// On a page of ours: a path without its language.
    Page(String),
    /// On a page of the gateway: its address.
    Redirect(String),
    /// With a phone: the text of a QR code that we draw.
    Qr(String),
}

impl Checkout {
    /// The kind: a database value.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Page(_) => "page",
            Self::Redirect(_) => "redirect",
            Self::Qr(_) => "qr",
        }
    }
    /// The path, address or text.
    pub fn target(&self) -> &str {
        match self {
            Self::Page(text) | Self::Redirect(text) | Self::Qr(text) => text,
        }
    }
    /// Joins kind and target.
    pub fn of(kind: &str, target: String) -> Option<Self> {
        Some(match kind {
            "page" => Self::Page(target),
            "redirect" => Self::Redirect(target),
            "qr" => Self::Qr(target),
            _ => return None,
        })
    }
}

/// What a gateway made of a demand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// It can be paid there.
    At {
        /// Where.
        checkout: Checkout,
        /// The gateway's own name of it, where it gives one.
        reference: Option<String>,
    },
    /// The kept card was charged, or would not be.
    Charged {
        /// The gateway's own name of it, where it gave one.
        reference: Option<String>,
        /// What became of it.
        told: Told,
    },
    /// The gateway will not have it; nothing was made. Why, for the log.
    Refused(String),
}

impl From<Checkout> for Opened {
    fn from(checkout: Checkout) -> Self {
        Self::At { checkout, reference: None }
    }
}

/// What a notice is about; a verified notice is still only a reason to ask the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// The notice is the truth itself: the gateway is part of this process.
    Told {
        /// The attempt.
        payment: PaymentId,
        /// What there is to know.
        told: Told,
    },
    /// Something happened to a payment: ask [`Gateway::query`].
    Payment {
        /// The attempt, where the notice names one of ours.
        payment: Option<PaymentId>,
        /// What the notice claims; counts only where there is no attempt to ask about.
        claimed: Told,
    },
    /// Money went back, or is held back: ask [`Gateway::reversal`].
    Reversal {
        /// Of which payment.
        of: Of,
        /// The gateway's name of it.
        reference: String,
    },
    /// Nothing that concerns us.
    Other,
}

/// How a notice names a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Of {
    /// By our attempt.
    Payment(PaymentId),
    /// By the gateway's name of the money it took.
    Charge(String),
    /// By both; the number may be one of another system with the same account.
    Both(PaymentId, String),
}

impl Of {
    /// By whatever a notice says: a number where it is one of ours, the name of a charge where there is one.
    pub fn named(payment: Option<PaymentId>, charge: &str) -> Option<Self> {
        match (payment, charge.is_empty()) {
            (Some(payment), false) => Some(Self::Both(payment, charge.to_owned())),
            (Some(payment), true) => Some(Self::Payment(payment)),
            (None, false) => Some(Self::Charge(charge.to_owned())),
            (None, true) => None,
        }
    }
    /// Our attempt.
    pub const fn payment(&self) -> Option<PaymentId> {
        match self {
            Self::Payment(payment) | Self::Both(payment, _) => Some(*payment),
            Self::Charge(_) => None,
        }
    }
    /// The gateway's name of the money.
    pub fn charge(&self) -> Option<&str> {
        match self {
            Self::Charge(charge) | Self::Both(_, charge) => Some(charge),
            Self::Payment(_) => None,
        }
    }
}

/// A refund that a gateway is asked for; the same id twice is one refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundDemand {
    /// The refund.
    pub refund: RefundId,
    /// The attempt whose money goes back.
    pub payment: PaymentId,
    /// The gateway's name of that money.
    pub charge: String,
    /// How much was taken then.
    pub charged: Money,
    /// How much goes back.
    pub amount: Money,
}

impl RefundDemand {
    /// Our number of the refund at the gateway: 32 hexadecimal digits.
    pub fn number(&self) -> String {
        self.refund.0.simple().to_string()
    }
}

/// What a gateway says of a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundTold {
    /// The money is on its way back.
    Succeeded,
    /// The gateway works on it.
    Pending,
    /// It cannot go on before a person looks at the gateway; why. It is not settled.
    Stuck(String),
    /// It will not happen; why.
    Failed(String),
    /// The gateway has never heard of it.
    NotFound,
}

/// Money that went back or is held back, as the gateway tells when asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reversal {
    /// The gateway's name of it.
    pub reference: String,
    /// What it is.
    pub kind: ReversalKind,
    /// How much.
    pub amount: Money,
}

/// What kind of reversal it is, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReversalKind {
    /// A refund: ours where it carries an id of ours, else made in the gateway's console.
    Refund {
        /// Our refund.
        ours: Option<RefundId>,
        /// Where it stands.
        told: RefundTold,
    },
    /// The buyer's bank took the money back while it looks at the case.
    Disputed,
    /// The dispute was won: the money is back with us.
    DisputeWon,
    /// The dispute was lost: the money is gone.
    DisputeLost,
    /// Something of it went back, and the gateway does not say under which name, nor how much.
    Unnamed,
}

impl ReversalKind {
    /// A name in snake case, for alerts and for the log.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Refund { ours: Some(_), .. } => "refund",
            Self::Refund { ours: None, .. } => "refund_outside",
            Self::Disputed => "disputed",
            Self::DisputeWon => "dispute_won",
            Self::DisputeLost => "dispute_lost",
            Self::Unnamed => "refund_unnamed",
        }
    }
    /// Whether the gateway knows of it at all.
    pub const fn is_known(&self) -> bool {
        !matches!(self, Self::Refund { told: RefundTold::NotFound, .. })
    }
}

impl Reversal {
    /// A refund that the gateway has never heard of, or that came to nothing.
    pub fn not_found(reference: &str, currency: Currency) -> Self {
        let kind = ReversalKind::Refund { ours: None, told: RefundTold::NotFound };
        Self { reference: reference.to_owned(), kind, amount: Money::zero(currency) }
    }
}

/// A place where people pay.
#[async_trait]
pub trait Gateway: Send + Sync {
    /// Its name in addresses, in the database and in the ledger.
    fn name(&self) -> &'static str;
    /// Whether it is outside of this process, so that what was booked must be compared with what it says.
    fn is_outside(&self) -> bool {
        true
    }
    /// Whether one can pay in a currency.
    fn takes(&self, currency: Currency) -> bool;
    /// How long one can pay by what [`Gateway::create`] gave; nothing where that is as long as the order waits.
    fn lasts(&self) -> Option<Span> {
        None
    }
    /// Makes the payment at the gateway; safe to repeat for one attempt.
    async fn create(&self, demand: &Demand) -> Result<Opened, Unsure>;
    /// Whether it can keep a card, and charge it when its owner is not there.
    fn keeps_cards(&self) -> bool {
        false
    }
    /// The card by which an attempt was paid, where it was kept.
    async fn card_of(&self, _attempt: &Attempt) -> Result<Option<Card>, Unsure> {
        Ok(None)
    }
    /// Makes the gateway forget a card; one that it does not know is forgotten already.
    async fn forget(&self, _card: &Card) -> Result<(), Unsure> {
        Ok(())
    }
    /// Verifies the raw bytes of a notice and gives the gateway's id of the event.
    fn verify(&self, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Result<String, Rejected>;
    /// Reads a verified notice; nothing where it says nothing that can be understood.
    fn read(&self, body: &[u8]) -> Option<Hint>;
    /// Asks what became of an attempt.
    async fn query(&self, attempt: &Attempt) -> Result<Told, Unsure>;
    /// Closes an attempt so that it can no longer be paid; tells that it was paid where it was.
    async fn close(&self, attempt: &Attempt) -> Result<Told, Unsure>;
    /// Asks for a refund; the same refund twice goes back once.
    async fn refund(&self, refund: &RefundDemand) -> Result<RefundTold, Unsure>;
    /// Asks what became of a refund.
    async fn query_refund(&self, refund: &RefundDemand) -> Result<RefundTold, Unsure>;
    /// Asks about a reversal that a notice named; nothing where no money moves by it.
    async fn reversal(&self, _attempt: &Attempt, reference: &str) -> Result<Option<Reversal>, Unsure> {
        Err(Unsure(format!("{} tells of no reversals, yet named {reference}", self.name())))
    }
    /// The same for money of no attempt, by the gateway's name of that money.
    async fn reversal_of_charge(&self, _charge: &str, reference: &str) -> Result<Option<Reversal>, Unsure> {
        Err(Unsure(format!("{} tells of no reversals, yet named {reference}", self.name())))
    }
    /// The gateway's own list of a time, both ends included, as far as it is complete; nothing where it keeps
    /// none that can be read, so that each attempt is asked about instead.
    async fn movements(&self, _from: Timestamp, _until: Timestamp) -> Result<Option<Listing>, Unsure> {
        Ok(None)
    }
    /// The answer to a notice, in the gateway's own words.
    fn acknowledge(&self, stored: bool) -> Response {
        let status = if stored { StatusCode::OK } else { StatusCode::BAD_REQUEST };
        status.into_response()
    }
}
