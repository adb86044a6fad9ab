//! How results become an order.

use serde::{Deserialize, Serialize};

use super::board::Cell;
use crate::competitions::{Counting, TieRule};
use crate::time::Timestamp;

/// What a score means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Points, summed over the problems.
    Points,
    /// A metric, summed over the problems. Where lower is better, whoever has a score for more
    /// problems stands before the others, because a missing error is no small error.
    Metric {
        /// Whether a higher score is a better one.
        higher_is_better: bool,
    },
}

/// The rules that standings follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// What a score means.
    pub mode: Mode,
    /// Which submission counts.
    pub counting: Counting,
    /// What decides between equal totals.
    pub ties: TieRule,
    /// How many problems there are.
    pub problems: u16,
}

/// Where an entrant stands: the smallest key is the best. The fields compare in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Whoever has no score at all comes last.
    pub unscored: bool,
    /// Problems without a score, where that decides.
    pub missing: u16,
    /// The total, negated where higher is better.
    pub value: i64,
    /// When the total was reached, where that decides.
    pub reached: i64,
    /// The number on the board: no rank depends on it, only the order within a shared one.
    pub number: u32,
}

impl Rules {
    /// Whether a higher score is a better one.
    pub const fn higher_is_better(&self) -> bool {
        match self.mode {
            Mode::Points => true,
            Mode::Metric { higher_is_better } => higher_is_better,
        }
    }
    /// Whether a score beats another one.
    pub const fn beats(&self, score: i64, other: i64) -> bool {
        if self.higher_is_better() { score > other } else { score < other }
    }
    /// Where the cells of an entrant put it.
    pub(super) fn key(&self, number: u32, cells: &[Option<Cell>]) -> Key {
        let total = cells.iter().flatten().fold(0_i64, |sum, cell| sum.saturating_add(cell.score));
        let scored = cells.iter().flatten().count();
        let reached = cells.iter().flatten().map(|cell| cell.at).max().unwrap_or_default();
        Key {
            unscored: scored == 0,
            missing: if self.higher_is_better() {
                0
            } else {
                self.problems.saturating_sub(u16::try_from(scored).unwrap_or(u16::MAX))
            },
            value: if self.higher_is_better() { total.saturating_neg() } else { total },
            reached: match self.ties {
                TieRule::Earlier => reached.micros(),
                TieRule::Shared => 0,
            },
            number,
        }
    }
    /// A score as people read it: four decimals for a metric, as few as needed for points.
    pub fn format(&self, score: i64) -> String {
        let sign = if score < 0 { "-" } else { "" };
        let whole = score.unsigned_abs() / 1_000_000;
        let millionths = score.unsigned_abs() % 1_000_000;
        match self.mode {
            Mode::Metric { .. } => {
                let rounded = score.unsigned_abs().saturating_add(50) / 100;
                format!("{sign}{}.{:04}", rounded / 10_000, rounded % 10_000)
            }
            Mode::Points if millionths == 0 => format!("{sign}{whole}"),
            Mode::Points => {
                let decimals = format!("{millionths:06}");
                format!("{sign}{whole}.{}", decimals.trim_end_matches('0'))
            }
        }
    }
}

impl Key {
    /// The smallest key that shares this one's rank.
    pub(super) const fn floor(self) -> Self {
        Self { number: 0, ..self }
    }
    /// Whether two keys share a rank.
    pub(super) fn level_with(self, other: Self) -> bool {
        self.floor() == other.floor()
    }
    /// The instant at which the total was reached, where ties ask for it.
    pub const fn reached(self) -> Timestamp {
        Timestamp::from_micros(self.reached)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_read_well() {
        let metric = Rules {
            mode: Mode::Metric { higher_is_better: true },
            counting: Counting::Best,
            ties: TieRule::Earlier,
            problems: 1,
        };
        let points = Rules { mode: Mode::Points, ..metric };
        assert_eq!(metric.format(981_249), "0.9812");
        assert_eq!(metric.format(999_950), "1.0000");
        assert_eq!(metric.format(-1_500_000), "-1.5000");
        assert_eq!(points.format(12_000_000), "12");
        assert_eq!(points.format(12_500_000), "12.5");
    }
}
