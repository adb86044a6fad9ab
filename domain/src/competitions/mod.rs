//! Competitions: their rules and timetable, who may enter, what counts.
//!
//! A competition is written by its organiser as a draft, published, run by its timetable alone, and
//! finalised by hand. What is solved in it is marked in [`crate::judging`]; who leads is decided by the
//! reducer of [`crate::standings`].

pub mod calendar;
pub mod input;
pub mod policy;
pub mod rules;

crate::id! {
    /// A competition.
    CompetitionId,
    /// A person's place in a competition.
    RegistrationId,
    /// A file that belongs to a competition.
    FileId,
}

/// Declares an enum whose values are single words in the database, in forms and on the wire.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $word)] $variant),* }

        impl $name {
            /// Every value, in the order in which choices are offered.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// The word in the database, in forms and on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
            /// Reads the word.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($word => Some(Self::$variant),)* _ => None }
            }
        }
        impl TryFrom<String> for $name {
            type Error = String;
            fn try_from(text: String) -> Result<Self, String> {
                Self::parse(&text).ok_or_else(|| format!("unknown {} {text}", stringify!($name)))
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What is solved in a competition.
    Kind {
        /// Questions against the clock, marked at once.
        Quiz = "quiz",
        /// A file of predictions, scored against a hidden truth.
        Prediction = "prediction",
    }
}

words! {
    /// The life of a competition; between publication and finalisation its timetable alone moves it.
    State {
        /// Being written; only its organiser sees it.
        Draft = "draft",
        /// Public, and run by its timetable.
        Published = "published",
        /// Results are final; nothing moves any more.
        Finalised = "finalised",
        /// Called off.
        Cancelled = "cancelled",
    }
}

words! {
    /// Which submission of an entrant counts.
    Counting {
        /// The best one.
        Best = "best",
        /// The one that the entrant chose; the best where none was chosen.
        Chosen = "chosen",
    }
}

words! {
    /// How equal scores are ordered.
    TieRule {
        /// Who reached the score earlier ranks higher.
        Earlier = "earlier",
        /// Equal scores share a rank.
        Shared = "shared",
    }
}

words! {
    /// The state of a registration.
    RegistrationState {
        /// Begun, not handed in.
        Draft = "draft",
        /// Holds a seat until its order is paid or expires.
        AwaitingPayment = "awaiting_payment",
        /// Waits for the organiser.
        UnderReview = "under_review",
        /// May compete.
        Approved = "approved",
        /// Turned down by the organiser.
        Rejected = "rejected",
        /// Waits for a free seat.
        Waitlisted = "waitlisted",
        /// Given up, or never paid.
        Withdrawn = "withdrawn",
    }
}

impl RegistrationState {
    /// Whether the registration takes one of the seats.
    pub const fn holds_a_seat(self) -> bool {
        matches!(self, Self::AwaitingPayment | Self::UnderReview | Self::Approved)
    }
}
