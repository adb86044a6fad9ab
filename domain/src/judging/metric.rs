//! The metrics of predictions, each with its formula, its source and a worked example in the tests.

use std::collections::BTreeMap;

use super::score::{Direction, Score};

crate::competitions::words! {
    /// How a file of predictions is scored against the truth.
    Metric {
        /// The share of rows with the right label.
        Accuracy = "accuracy",
        /// The mean over the classes of `2·TP / (2·TP + FP + FN)`.
        F1Macro = "f1_macro",
        /// The mean of `−ln p` of what really was, for a probability of the label 1.
        LogLoss = "log_loss",
        /// The root of the mean squared error, in the unit of the target.
        Rmse = "rmse",
        /// The mean absolute error, in the unit of the target.
        Mae = "mae",
        /// `1 − SS_res / SS_tot`: the share of the variance that is explained.
        R2 = "r2",
        /// The chance that a row with label 1 is ranked above one with label 0.
        Auc = "auc",
    }
}

/// What the cells of a truth file or a prediction file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// A class by its name.
    Label,
    /// `0` or `1`.
    Binary,
    /// A number from 0 to 1.
    Probability,
    /// Any number up to a billion billion.
    Number,
}

/// Probabilities are kept this far from 0 and 1 in the log loss, as scikit-learn did until version 1.5.
const LEAST_PROBABILITY: f64 = 1e-15;

impl Metric {
    /// Which way the score is better.
    pub const fn direction(self) -> Direction {
        match self {
            Self::LogLoss | Self::Rmse | Self::Mae => Direction::Lower,
            Self::Accuracy | Self::F1Macro | Self::R2 | Self::Auc => Direction::Higher,
        }
    }
    /// The unit of the score: nats, that of the target, or none.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::LogLoss => "nat",
            Self::Rmse | Self::Mae => "target",
            Self::Accuracy | Self::F1Macro | Self::R2 | Self::Auc => "1",
        }
    }
    /// Where the formula is taken from.
    pub const fn source(self) -> &'static str {
        match self {
            Self::Accuracy => "ISO 5725-1; scikit-learn, metrics.accuracy_score",
            Self::F1Macro => {
                "C. J. van Rijsbergen, Information Retrieval, 1979; mean of the F1 of each class"
            }
            Self::LogLoss => "I. J. Good, Rational Decisions, 1952; scikit-learn, metrics.log_loss",
            Self::Rmse | Self::Mae => "C. J. Willmott, K. Matsuura, Climate Research 30, 2005",
            Self::R2 => "N. R. Draper, H. Smith, Applied Regression Analysis, 1998, section 1.3",
            Self::Auc => {
                "J. A. Hanley, B. J. McNeil, Radiology 143, 1982: the Mann-Whitney form, ties count half"
            }
        }
    }
    /// What stands in the target column of the truth.
    pub const fn target(self) -> Cell {
        match self {
            Self::Accuracy | Self::F1Macro => Cell::Label,
            Self::LogLoss | Self::Auc => Cell::Binary,
            Self::Rmse | Self::Mae | Self::R2 => Cell::Number,
        }
    }
    /// What stands in the prediction column of a submission.
    pub const fn prediction(self) -> Cell {
        match self {
            Self::Accuracy | Self::F1Macro => Cell::Label,
            Self::LogLoss => Cell::Probability,
            Self::Rmse | Self::Mae | Self::R2 | Self::Auc => Cell::Number,
        }
    }
    /// The score of pairs of truth and prediction; `None` where the metric says nothing about such rows.
    ///
    /// Nothing is said about no rows, about an AUC with one class only, about R² where the truth never varies.
    pub fn score(self, pairs: &[(Value<'_>, Value<'_>)]) -> Option<Score> {
        if pairs.is_empty() {
            return None;
        }
        let numbers = || pairs.iter().map(|(truth, guess)| (truth.number, guess.number));
        let mean = |sum: f64| sum / pairs.len() as f64;
        let value = match self {
            Self::Accuracy => {
                mean(pairs.iter().filter(|(truth, guess)| truth.text == guess.text).count() as f64)
            }
            Self::F1Macro => f1_macro(pairs),
            Self::LogLoss => mean(numbers().map(|(truth, guess)| log_loss(truth, guess)).sum()),
            Self::Rmse => mean(numbers().map(|(truth, guess)| (truth - guess).powi(2)).sum()).sqrt(),
            Self::Mae => mean(numbers().map(|(truth, guess)| (truth - guess).abs()).sum()),
            Self::R2 => {
                let average = mean(numbers().map(|(truth, _)| truth).sum());
                let total: f64 = numbers().map(|(truth, _)| (truth - average).powi(2)).sum();
                let left: f64 = numbers().map(|(truth, guess)| (truth - guess).powi(2)).sum();
                if total == 0.0 {
                    return None;
                }
                1.0 - left / total
            }
            Self::Auc => auc(numbers().collect())?,
        };
        Some(Score::from_number(value))
    }
}

/// One cell of a checked file: its text, and its number where the metric asks for numbers (else zero).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Value<'a> {
    /// The label.
    pub text: &'a str,
    /// The number.
    pub number: f64,
}

fn log_loss(truth: f64, guess: f64) -> f64 {
    let chance = if truth > 0.5 { guess } else { 1.0 - guess };
    -chance.clamp(LEAST_PROBABILITY, 1.0).ln()
}

/// Classes are those of truth and predictions together; one that is only predicted counts as 0.
fn f1_macro(pairs: &[(Value<'_>, Value<'_>)]) -> f64 {
    // Per class: true positives, and how often it stands in either column.
    let mut classes: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for (truth, guess) in pairs {
        classes.entry(truth.text).or_default().1 += 1;
        classes.entry(guess.text).or_default().1 += 1;
        if truth.text == guess.text {
            classes.entry(truth.text).or_default().0 += 1;
        }
    }
    // TP + FN and TP + FP are the counts of the two columns, so that 2·TP + FP + FN is their sum.
    let sum: f64 = classes.values().map(|(hits, seen)| 2.0 * *hits as f64 / *seen as f64).sum();
    sum / classes.len() as f64
}

/// The area under the curve by ranks: rows of equal value share their mean rank.
fn auc(mut rows: Vec<(f64, f64)>) -> Option<f64> {
    rows.sort_by(|left, right| left.1.total_cmp(&right.1));
    let positives = rows.iter().filter(|(truth, _)| *truth > 0.5).count() as f64;
    let negatives = rows.len() as f64 - positives;
    if positives == 0.0 || negatives == 0.0 {
        return None;
    }
    let mut rank_sum = 0.0;
    let mut before = 0.0;
    for group in rows.chunk_by(|left, right| left.1 == right.1) {
        let size = group.len() as f64;
        let hits = group.iter().filter(|(truth, _)| *truth > 0.5).count() as f64;
        rank_sum += hits * (before + (size + 1.0) / 2.0);
        before += size;
    }
    Some((rank_sum - positives * (positives + 1.0) / 2.0) / (positives * negatives))
}

#[cfg(test)]
#[path = "metric_tests.rs"]
mod tests;
