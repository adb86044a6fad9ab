//! Accounts: who logs in, what they say of themselves, what they may do.

crate::id! {
    /// An account: one person's record.
    AccountId,
    /// A logged-in browser.
    SessionId,
}

pub mod input;
