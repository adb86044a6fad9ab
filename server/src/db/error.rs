//! What a database says no with, spelt alike on both engines.

use sqlx::error::ErrorKind;

/// A refusal or failure of the database.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// A unique constraint said no; named `table.column` on both engines.
    #[error("duplicate {0}")]
    Duplicate(String),
    /// A foreign key said no.
    #[error("broken reference")]
    Reference,
    /// A check constraint or trigger said no.
    #[error("check failed: {0}")]
    Check(String),
    /// A guarded change met another state than it expected.
    #[error("changed {found} rows in place of {expected}")]
    Rows {
        /// How many rows should have changed.
        expected: u64,
        /// How many did.
        found: u64,
    },
    /// The engine gave up for the sake of another transaction: try again.
    #[error("transaction must be repeated")]
    Repeat,
    /// What it needs is held by somebody else for too long: try again a little later.
    #[error("busy: {0}")]
    Busy(String),
    /// Anything else: a fault of ours or of the machine.
    #[error(transparent)]
    Other(sqlx::Error),
}

impl DbError {
    /// Whether a unique constraint on `table.column` (or its first column) said no.
    pub fn duplicates(&self, column: &str) -> bool {
        matches!(self, Self::Duplicate(name) if name == column || name.starts_with(&format!("{column},")))
    }
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        if matches!(error, sqlx::Error::PoolTimedOut) {
            return Self::Busy(error.to_string());
        }
        let Some(database) = error.as_database_error() else { return Self::Other(error) };
        let code = database.code().unwrap_or_default().into_owned();
        match database.kind() {
            ErrorKind::UniqueViolation => Self::Duplicate(unique_name(database)),
            ErrorKind::ForeignKeyViolation => Self::Reference,
            ErrorKind::CheckViolation => Self::Check(database.message().to_owned()),
            // Postgres's serialisation failure and deadlock, and SQLite's read that another write has overtaken.
            _ if matches!(code.as_str(), "40001" | "40P01" | "517") => Self::Repeat,
            // Postgres's lock and statement timeouts, SQLite's busy.
            _ if matches!(code.as_str(), "55P03" | "57014" | "5" | "261" | "773") => {
                Self::Busy(database.message().to_owned())
            }
            // Raised by our own append-only triggers.
            _ if database.message().contains("append-only") => Self::Check(database.message().to_owned()),
            _ => Self::Other(error),
        }
    }
}

/// `accounts.email_key` for Postgres's constraint `accounts_email_key_key` and SQLite's message alike.
fn unique_name(database: &dyn sqlx::error::DatabaseError) -> String {
    match database.constraint() {
        Some(constraint) => {
            let table = database.table().unwrap_or_default();
            let rest = constraint.strip_prefix(table).unwrap_or(constraint).trim_start_matches('_');
            format!("{table}.{}", rest.strip_suffix("_key").unwrap_or(rest))
        }
        None => database.message().rsplit(": ").next().unwrap_or_default().to_owned(),
    }
}
