//! How far a competition has come.

use serde::{Deserialize, Serialize};

/// How far a competition has come, as its board shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Not begun.
    #[default]
    Waiting,
    /// Results count and are shown.
    Open,
    /// Results count and are not shown.
    Frozen,
    /// What was withheld is shown; the table is not final.
    Thawed,
    /// The table is final.
    Final,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 5] = [Self::Waiting, Self::Open, Self::Frozen, Self::Thawed, Self::Final];
    /// Reads the value.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == text)
    }
    /// The value in addresses, files and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Open => "open",
            Self::Frozen => "frozen",
            Self::Thawed => "thawed",
            Self::Final => "final",
        }
    }
}
