//! Faults: the only errors that cross the wire.

use domain::invalid::{Denied, FieldFault, Invalid};
use domain::locale::Locale;
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

use crate::i18n::{fault_text, t};

/// What may cross the wire: small, public, without secrets. The page words it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    /// Nobody is logged in.
    Unauthenticated,
    /// Not there, or not the caller's: the same answer.
    NotFound,
    /// A rule says no.
    Denied(Denied),
    /// The input is refused, field by field.
    Invalid(Vec<FieldFault>),
    /// Too often.
    TooMany {
        /// When to try again, in seconds.
        retry_after: u32,
    },
    /// What it needs is held by others for too long.
    Busy {
        /// When to try again, in seconds.
        retry_after: u32,
    },
    /// Somebody changed it in between.
    Conflict,
    /// A fault of ours, to be found in the log by its reference.
    Internal(String),
    /// The answer never came.
    Transport,
}

/// The answer of a server function or port.
pub type Answer<T> = Result<T, Fault>;

impl Fault {
    /// The HTTP status that says the same.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Unauthenticated => 401,
            Self::NotFound => 404,
            Self::Denied(_) | Self::Conflict => 409,
            Self::Invalid(_) => 422,
            Self::TooMany { .. } => 429,
            Self::Internal(_) => 500,
            Self::Busy { .. } => 503,
            Self::Transport => 502,
        }
    }
    /// When to try again, in seconds, where that is known.
    pub const fn retry_after(&self) -> Option<u32> {
        match self {
            Self::TooMany { retry_after } | Self::Busy { retry_after } => Some(*retry_after),
            _ => None,
        }
    }
    /// The fault in words.
    pub fn text(&self, locale: Locale) -> String {
        match self {
            Self::Unauthenticated => t::common::unauthenticated(locale).to_owned(),
            Self::NotFound => t::common::not_found(locale).to_owned(),
            Self::Denied(denied) => fault_text(locale, &denied.code, &denied.params),
            Self::Invalid(fields) if fields.is_empty() => t::common::invalid_request(locale).to_owned(),
            Self::Invalid(_) => t::common::check_form(locale).to_owned(),
            Self::TooMany { retry_after } => t::common::too_many(locale, retry_after),
            Self::Busy { .. } => t::common::busy(locale).to_owned(),
            Self::Conflict => t::common::conflict(locale).to_owned(),
            Self::Internal(reference) => t::common::internal(locale, reference),
            Self::Transport => t::common::transport(locale).to_owned(),
        }
    }
    /// What is wrong with a field, in words.
    pub fn field_text(&self, field: &str, locale: Locale) -> Option<String> {
        let Self::Invalid(fields) = self else { return None };
        let fault = fields.iter().find(|fault| fault.field == field)?;
        Some(fault_text(locale, &fault.code, &fault.params))
    }
}

impl From<Invalid> for Fault {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid.0)
    }
}
impl From<Denied> for Fault {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text(Locale::En))
    }
}
impl std::error::Error for Fault {}

impl FromServerFnError for Fault {
    type Encoder = JsonEncoding;
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => Self::Invalid(Vec::new()),
            _ => Self::Transport,
        }
    }
}
