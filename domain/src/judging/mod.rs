//! Judging: what a submission is worth.
//!
//! Everything here is arithmetic over texts: a truth file, a file of predictions, a metric, and the split
//! of the rows into a public and a private part. The server decides when it runs.

pub mod csv;
pub mod metric;
mod score;
pub mod split;
pub mod truth;

pub use metric::Metric;
pub use score::{Direction, Score};
pub use split::Split;
pub use truth::{Scores, Truth};

crate::id! {
    /// One immutable try of an entrant.
    SubmissionId,
}

crate::competitions::words! {
    /// What became of a submission.
    Verdict {
        /// Accepted for judging, not judged yet.
        Queued = "queued",
        /// Judged: it has a score.
        Accepted = "AC",
        /// A fault of ours: it never counts, and the try is given back.
        JudgingError = "JE",
    }
}
