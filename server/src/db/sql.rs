//! Statements: a literal text and what is bound to it.

use super::arg::Arg;

/// A statement: its text and what is bound to it.
#[derive(Clone, Debug)]
pub struct Sql {
    pub(super) text: &'static str,
    pub(super) args: Vec<Arg>,
}

impl Sql {
    /// Joins a text and its arguments; called by [`sql!`](crate::sql).
    pub fn new(text: &'static str, args: Vec<Arg>) -> Self {
        Self { text, args }
    }
}

/// A statement text of this binary, so that a test can prepare each one on both engines.
pub struct Registered {
    /// The text.
    pub text: &'static str,
    /// Where it stands.
    pub file: &'static str,
    /// Where it stands.
    pub line: u32,
}
inventory::collect!(Registered);

/// A statement with its arguments: `sql!("select ... where id = $1", id)`.
#[macro_export]
macro_rules! sql {
    ($text:literal $(, $arg:expr)* $(,)?) => {{
        inventory::submit! { $crate::db::Registered { text: $text, file: file!(), line: line!() } }
        $crate::db::Sql::new($text, vec![$($crate::db::Arg::from($arg)),*])
    }};
}
