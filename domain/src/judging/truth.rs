//! The hidden truth of a prediction competition, and the files of predictions that are held against it.

use std::collections::{BTreeMap, HashMap};

use super::csv::{self, Faults};
use super::metric::{Cell, Metric, Value};
use super::score::Score;
use super::split::Split;
use crate::invalid::Invalid;

/// Numbers beyond this are refused: their squares would drown every other row.
const LARGEST_NUMBER: f64 = 1e12;
const LONGEST_CELL: usize = 100;

/// A checked truth file: every id once, every target of the kind that the metric needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Truth {
    metric: Metric,
    rows: BTreeMap<String, Item>,
}

/// A cell that was checked.
#[derive(Clone, Debug, PartialEq)]
struct Item {
    text: String,
    number: f64,
}

/// The two scores of one file of predictions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scores {
    /// Over the public rows: shown at once.
    pub public: Score,
    /// Over the other rows, or over the public ones where there are no others: decides the final table.
    pub private: Score,
}

/// A checked file of predictions: one for each id of the truth.
#[derive(Clone, Debug, PartialEq)]
pub struct Predictions(HashMap<String, Item>);

impl Truth {
    /// Reads `id,target`, and checks that both parts of the split can be scored.
    pub fn parse(field: &str, bytes: &[u8], metric: Metric, split: Split) -> Result<Self, Invalid> {
        let rows = table(field, bytes, "target", metric.target(), None)?;
        let truth = Self { metric, rows: rows.into_iter().collect() };
        // The truth against itself scores whatever the metric can score at all.
        let values: Vec<_> = truth.rows.iter().map(|(id, item)| (id.as_str(), item.value())).collect();
        for part in split.parts(values.iter().map(|(id, _)| *id)) {
            let pairs: Vec<_> = values
                .iter()
                .filter(|(id, _)| part.contains(id))
                .map(|(_, value)| (*value, *value))
                .collect();
            if metric.score(&pairs).is_none() {
                return Err(Invalid::field(field, "truth_unscorable"));
            }
        }
        Ok(truth)
    }
    /// How many rows are to be predicted.
    pub fn len(&self) -> usize {
        self.rows.len()
    }
    /// Whether there are no rows: never, for a truth that was read.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
    /// Reads `id,prediction` against this truth; says every fault with its line.
    pub fn read_predictions(&self, field: &str, bytes: &[u8]) -> Result<Predictions, Invalid> {
        table(field, bytes, "prediction", self.metric.prediction(), Some(&self.rows)).map(Predictions)
    }
    /// The scores of checked predictions; `None` only where a row or a score is missing, which is our fault.
    pub fn score(&self, predictions: &Predictions, split: Split) -> Option<Scores> {
        let rows: Option<Vec<_>> = self
            .rows
            .iter()
            .map(|(id, truth)| Some((id.as_str(), (truth.value(), predictions.0.get(id)?.value()))))
            .collect();
        let rows = rows?;
        let mut scores = split.parts(self.rows.keys().map(String::as_str)).into_iter().map(|part| {
            let pairs: Vec<_> =
                rows.iter().filter(|(id, _)| part.contains(id)).map(|(_, pair)| *pair).collect();
            self.metric.score(&pairs)
        });
        let public = scores.next()??;
        let private = scores.next().unwrap_or(Some(public))?;
        Some(Scores { public, private })
    }
}

impl Item {
    fn value(&self) -> Value<'_> {
        Value { text: &self.text, number: self.number }
    }
}

/// Reads a table of ids and cells; against a truth, its ids must be exactly the same.
fn table(
    field: &str,
    bytes: &[u8],
    column: &str,
    cell: Cell,
    truth: Option<&BTreeMap<String, Item>>,
) -> Result<HashMap<String, Item>, Invalid> {
    let text = csv::decode(field, bytes)?;
    let mut faults = Faults::of(field);
    let lines = csv::two_columns(text, ["id", column], &mut faults);
    let mut seen: HashMap<String, usize> = HashMap::with_capacity(lines.len());
    let mut rows = HashMap::with_capacity(lines.len());
    for line in lines {
        if faults.enough() {
            break;
        }
        if line.id.is_empty() || line.id.chars().count() > LONGEST_CELL {
            faults.add("csv_id", &[&line.number]);
            continue;
        }
        if let Some(first) = seen.get(&line.id) {
            faults.add("csv_duplicate_id", &[&line.number, &line.id, first]);
            continue;
        }
        seen.insert(line.id.clone(), line.number);
        if truth.is_some_and(|truth| !truth.contains_key(&line.id)) {
            faults.add("csv_unknown_id", &[&line.number, &line.id]);
            continue;
        }
        match cell.read(&line.value) {
            Ok(item) => {
                rows.insert(line.id, item);
            }
            Err(code) => {
                let shown: String = line.value.chars().take(40).collect();
                faults.add(code, &[&line.number, &shown]);
            }
        }
    }
    let missing: Vec<&String> =
        truth.into_iter().flat_map(BTreeMap::keys).filter(|id| !seen.contains_key(*id)).collect();
    // After so many other faults the file was not read to its end, and ids that stand there are not missing.
    if let (Some(first), false) = (missing.first(), faults.enough()) {
        // A header that is wrong leaves everything missing: one fault says it.
        if faults.none() || !seen.is_empty() {
            faults.add("csv_missing_ids", &[&missing.len(), first]);
        }
    }
    faults.into_result().map(|()| rows)
}

impl Cell {
    /// Reads a cell, or names the rule that it breaks.
    fn read(self, text: &str) -> Result<Item, &'static str> {
        if text.is_empty() {
            return Err("csv_value_missing");
        }
        if text.chars().count() > LONGEST_CELL {
            return Err("csv_value_long");
        }
        if self == Self::Label {
            return Ok(Item { text: label(text), number: 0.0 });
        }
        let number: f64 = text.parse().map_err(|_| "csv_not_a_number")?;
        if number.is_nan() {
            return Err("csv_nan");
        }
        if !number.is_finite() || number.abs() > LARGEST_NUMBER {
            return Err("csv_number_range");
        }
        match self {
            Self::Binary if number != 0.0 && number != 1.0 => Err("csv_not_binary"),
            Self::Probability if !(0.0..=1.0).contains(&number) => Err("csv_not_probability"),
            _ => Ok(Item { text: String::new(), number }),
        }
    }
}

/// A label as it is compared: `1.0` and `01` are the class `1`, as tools that only know floats write it.
fn label(text: &str) -> String {
    match text.parse::<f64>() {
        Ok(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{}", number as i64),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
#[path = "truth_tests.rs"]
mod tests;
