//! What every gateway does, whatever its wire format.

use axum::http::HeaderMap;
use domain::payments::{PaymentId, Told};
use domain::time::Timestamp;

/// Why a notice was not let in; nothing of it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejected {
    /// The signature is missing, wrong, too old or too new.
    Signature,
    /// The bytes are no notice of this gateway.
    Unreadable,
}

/// What a notice says, once it has been let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The attempt that it is about.
    pub payment: PaymentId,
    /// What the gateway says of it.
    pub told: Told,
}

/// A place where people pay.
pub trait Gateway: Send + Sync {
    /// Its name in addresses, in the database and in the ledger.
    fn name(&self) -> &'static str;
    /// Where a buyer pays an attempt: a path without its language.
    fn page(&self, payment: PaymentId) -> String;
    /// Verifies the raw bytes of a notice and gives the gateway's id of the event.
    fn verify(&self, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Result<String, Rejected>;
    /// Reads a verified notice; nothing where it says nothing that can be understood.
    fn read(&self, body: &[u8]) -> Option<Notice>;
}
