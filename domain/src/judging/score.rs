//! Scores as integers, and which of two is better.

use serde::{Deserialize, Serialize};

/// A score in millionths of its unit: `0.981200` is 981,200, 12 points are 12,000,000.
///
/// Integers compare, add up and print the same everywhere; a float does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Score(pub i64);

crate::competitions::words! {
    /// Which way a score is better.
    Direction {
        /// More is better.
        Higher = "higher",
        /// Less is better.
        Lower = "lower",
    }
}

impl Direction {
    /// A number that is greater for the better score, whichever the direction.
    pub const fn key(self, score: Score) -> i64 {
        match self {
            Self::Higher => score.0,
            Self::Lower => score.0.saturating_neg(),
        }
    }
    /// Whether the first score is better than the second.
    pub const fn better(self, left: Score, right: Score) -> bool {
        self.key(left) > self.key(right)
    }
}

impl Score {
    /// The nearest score to a number; a number beyond the range becomes the nearest end of the range.
    pub fn from_number(number: f64) -> Self {
        // A cast from float to integer saturates, and gives zero for what is not a number.
        Self((number * 1e6).round() as i64)
    }
    /// Whole points as a score.
    pub const fn points(points: i64) -> Self {
        Self(points.saturating_mul(1_000_000))
    }
    /// The score with a number of decimals, at most six, rounded half away from zero: `0.9812`.
    pub fn decimal(self, places: u32) -> String {
        let places = places.min(6);
        let step = 10_u64.pow(6 - places);
        let rounded = (self.0.unsigned_abs() + step / 2) / step;
        let scale = 10_u64.pow(places);
        let sign = if self.0 < 0 && rounded > 0 { "−" } else { "" };
        let whole = rounded / scale;
        if places == 0 {
            return format!("{sign}{whole}");
        }
        format!("{sign}{whole}.{:0width$}", rounded % scale, width = places as usize)
    }
}

impl From<i64> for Score {
    fn from(millionths: i64) -> Self {
        Self(millionths)
    }
}
impl From<Score> for i64 {
    fn from(score: Score) -> Self {
        score.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_round_and_print() {
        assert_eq!(Score::from_number(0.981_234_56), Score(981_235));
        assert_eq!(Score(981_235).decimal(4), "0.9812");
        assert_eq!(Score(-1_500_000).decimal(1), "−1.5");
        assert_eq!(Score(-1).decimal(2), "0.00");
        assert_eq!(Score(999_999).decimal(4), "1.0000");
        assert_eq!(Score::points(12).decimal(0), "12");
        assert_eq!(Score::from_number(f64::INFINITY), Score(i64::MAX));
        assert!(Direction::Lower.better(Score(1), Score(2)));
    }
}
