//! Who is asking.

use serde::{Deserialize, Serialize};

use crate::accounts::AccountId;
use crate::locale::Locale;

/// What an account may do on the whole platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// May do everything, and give roles.
    Admin,
    /// May look after content and people.
    Moderator,
    /// May write courses and run competitions.
    Expert,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Admin, Self::Moderator, Self::Expert];
    /// The database value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Moderator => "moderator",
            Self::Expert => "expert",
        }
    }
    /// Reads a database value.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

impl TryFrom<String> for Role {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("unknown role {text}"))
    }
}

/// A logged-in person, as every rule sees them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The account.
    pub account: AccountId,
    /// The name in addresses and on boards.
    pub username: String,
    /// The name that others read.
    pub display_name: String,
    /// The platform-wide roles.
    pub roles: Vec<Role>,
    /// The language of mails and of bare addresses.
    pub locale: Locale,
}

impl Actor {
    /// Whether the account has a role; an administrator has every role.
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role) || self.roles.contains(&Role::Admin)
    }
}
