//! Errors of this crate; they may hold causes, and become an `app` fault at the port.

use std::panic::Location;

use app::error::Fault;
use domain::invalid::{Denied, Invalid};
use uuid::Uuid;

use crate::db::DbError;

/// What can go wrong inside the server; never leaves the crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An expected refusal that the caller should read.
    #[error("{0:?}")]
    Fault(Fault),
    /// The database said no.
    #[error("{source} (at {at})")]
    Db {
        /// What it said.
        source: DbError,
        /// Where we asked.
        at: &'static Location<'static>,
    },
    /// Something outside the process failed.
    #[error("{who} failed: {what}")]
    Outside {
        /// Who.
        who: &'static str,
        /// What it said.
        what: String,
    },
    /// We are wrong.
    #[error("{what} (at {at})")]
    Bug {
        /// What was expected.
        what: String,
        /// Where.
        at: &'static Location<'static>,
    },
}

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A fault of ours, with the place of the caller.
    #[track_caller]
    pub fn bug(what: impl Into<String>) -> Self {
        Self::Bug { what: what.into(), at: Location::caller() }
    }
    /// An object that is not there, or not the caller's: the same answer.
    pub fn not_found() -> Self {
        Self::Fault(Fault::NotFound)
    }
    /// A refusal by a rule.
    pub fn denied(code: &str) -> Self {
        Denied::new(code).into()
    }
    /// Whether a unique constraint on `table.column` said no.
    pub fn duplicates(&self, column: &str) -> bool {
        matches!(self, Self::Db { source, .. } if source.duplicates(column))
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}
impl From<Denied> for Error {
    fn from(denied: Denied) -> Self {
        Self::Fault(denied.into())
    }
}
impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Self {
        Self::Fault(invalid.into())
    }
}
impl From<DbError> for Error {
    #[track_caller]
    fn from(source: DbError) -> Self {
        Self::Db { source, at: Location::caller() }
    }
}

/// Logs what is not an expected refusal, once, and gives the reader a reference to it.
impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::Fault(fault) => fault,
            Error::Db { source: DbError::Rows { .. } | DbError::Repeat, .. } => {
                tracing::info!(%error, "a change met another one");
                Self::Conflict
            }
            Error::Db { source: DbError::Busy(_), .. } => {
                tracing::warn!(%error, "somebody waited too long for another");
                Self::Busy { retry_after: 3 }
            }
            other => {
                let reference = reference();
                tracing::error!(%reference, error = %other, "a request failed");
                Self::Internal(reference)
            }
        }
    }
}

/// A short name for a failure, to be found in the log.
fn reference() -> String {
    let mut bytes = [0; 16];
    crate::clock::Entropy::fill(&crate::clock::SystemEntropy::new(), &mut bytes);
    Uuid::from_bytes(bytes).simple().to_string().chars().take(10).collect()
}

/// Turns the refusal of a unique constraint into something that the reader can act on.
pub trait OrDuplicate<T> {
    /// Gives `fault` in place of a duplicate of `table.column`.
    fn or_duplicate(self, column: &str, fault: impl Into<Error>) -> Result<T>;
}
impl<T> OrDuplicate<T> for Result<T, DbError> {
    #[track_caller]
    fn or_duplicate(self, column: &str, fault: impl Into<Error>) -> Result<T> {
        let at = Location::caller();
        self.map_err(|source| if source.duplicates(column) { fault.into() } else { Error::Db { source, at } })
    }
}
