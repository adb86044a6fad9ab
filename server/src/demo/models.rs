//! Simple honest models: what the competitors of the demonstration submit.
//!
//! Each learns from the training half alone. A [`Recipe`] names the model, the columns it looks at and
//! how careless its owner is; better recipes come with practice (see [`super::career`]). Classes are
//! learnt one against the others, and the class with the greatest score is predicted.

use super::dataset::{Halves, Row, Target};
use super::dice::Dice;
use super::learners::{self, Scorer};

/// How a competitor predicts.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// The model.
    pub model: Model,
    /// The columns it looks at; where none is left, the plainest prediction is made.
    pub columns: Vec<usize>,
    /// Classes: the share of predictions spoilt by chance. Numbers: the noise added, in standard
    /// deviations of the target.
    pub noise: f64,
}

/// A model with its settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Model {
    /// The most frequent class, or the mean.
    Plainest,
    /// One question: is the first column above its mean?
    Stump,
    /// Classes: the class whose mean is nearest.
    Centroid,
    /// The vote, or the mean, of so many neighbours.
    Neighbours(usize),
    /// Classes: Gaussian naive Bayes.
    Bayes,
    /// Linear regression with a penalty, by its normal equations.
    Ridge(f64),
    /// Classes: logistic regression after so many steps of gradient descent.
    Logistic(usize),
}

/// Predictions for the test half, in its order.
pub fn predict(halves: &Halves, recipe: &Recipe, dice: &mut Dice) -> Vec<f64> {
    let mut predictions = if recipe.columns.is_empty() || recipe.model == Model::Plainest {
        vec![halves.plainest(); halves.test.len()]
    } else {
        learnt(halves, recipe)
    };
    spoil(&mut predictions, halves, recipe.noise, dice);
    predictions
}

fn learnt(halves: &Halves, recipe: &Recipe) -> Vec<f64> {
    let table = Table::of(halves, &recipe.columns);
    match halves.target {
        Target::Number => {
            let scorer = fit(recipe.model, &table.train, &table.targets);
            table.test.iter().map(|row| scorer(row)).collect()
        }
        Target::Class(classes) => {
            let belongs = |class: usize| -> Vec<f64> {
                let belongs = |target: &f64| (*target - class as f64).abs() < 0.5;
                table.targets.iter().map(|target| f64::from(u8::from(belongs(target)))).collect()
            };
            if let (Model::Neighbours(k), 2) = (recipe.model, classes) {
                // Of two classes the neighbours are asked once.
                let share = learners::neighbours(&table.train, &belongs(1), k);
                return table.test.iter().map(|row| f64::from(u8::from(share(row) > 0.5))).collect();
            }
            let scorers: Vec<Scorer> =
                (0..classes).map(|class| fit(recipe.model, &table.train, &belongs(class))).collect();
            let best = |row: &[f64]| greatest(scorers.iter().map(|scorer| scorer(row)));
            table.test.iter().map(|row| best(row) as f64).collect()
        }
    }
}

/// A model that learnt numbers, or with ones and zeros a class against the others.
fn fit(model: Model, rows: &[Vec<f64>], targets: &[f64]) -> Scorer {
    match model {
        Model::Plainest | Model::Stump => learners::stump(rows, targets),
        Model::Centroid => learners::centroid(rows, targets),
        Model::Neighbours(k) => learners::neighbours(rows, targets, k),
        Model::Bayes => learners::bayes(rows, targets),
        Model::Ridge(penalty) => learners::ridge(rows, targets, penalty),
        Model::Logistic(steps) => learners::logistic(rows, targets, steps),
    }
}

/// The position of the greatest number; the first of equal ones.
fn greatest(numbers: impl Iterator<Item = f64>) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for (position, number) in numbers.enumerate() {
        if number > best.1 {
            best = (position, number);
        }
    }
    best.0
}

/// Lets chance spoil predictions.
fn spoil(predictions: &mut [f64], halves: &Halves, noise: f64, dice: &mut Dice) {
    match halves.target {
        Target::Class(classes) => {
            for prediction in predictions {
                if dice.happens(noise) {
                    *prediction = dice.below(classes) as f64;
                }
            }
        }
        Target::Number => {
            let (_, spread) = learners::mean_and_spread(halves.train.iter().map(|row| row.target));
            for prediction in predictions {
                *prediction = (*prediction + noise * spread * dice.normal()).max(0.0);
            }
        }
    }
}

/// Standardised columns; means and spreads come from the training half.
struct Table {
    train: Vec<Vec<f64>>,
    targets: Vec<f64>,
    test: Vec<Vec<f64>>,
}

impl Table {
    fn of(halves: &Halves, columns: &[usize]) -> Self {
        let column = |index: usize| halves.train.iter().filter_map(move |row| row.values.get(index).copied());
        let scales: Vec<(f64, f64)> =
            columns.iter().map(|index| learners::mean_and_spread(column(*index))).collect();
        let pick = |row: &Row| -> Vec<f64> {
            let values = columns.iter().map(|index| row.values.get(*index).copied().unwrap_or_default());
            values.zip(&scales).map(|(value, (mean, spread))| (value - mean) / spread).collect()
        };
        Self {
            train: halves.train.iter().map(pick).collect(),
            targets: halves.train.iter().map(|row| row.target).collect(),
            test: halves.test.iter().map(pick).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::dataset::{diabetes, tumours, wine};

    fn accuracy(halves: &Halves, predictions: &[f64]) -> f64 {
        let right =
            halves.test.iter().zip(predictions).filter(|(row, prediction)| row.target == **prediction);
        right.count() as f64 / halves.test.len() as f64
    }
    fn rmse(halves: &Halves, predictions: &[f64]) -> f64 {
        let squares = halves.test.iter().zip(predictions).map(|(row, guess)| (row.target - guess).powi(2));
        (squares.sum::<f64>() / halves.test.len() as f64).sqrt()
    }
    fn run(halves: &Halves, model: Model, noise: f64) -> Vec<f64> {
        let recipe = Recipe { model, columns: (0..halves.columns.len()).collect(), noise };
        predict(halves, &recipe, &mut Dice::new(1))
    }

    #[test]
    fn every_model_of_classes_beats_the_plainest_prediction() {
        for (halves, least) in [(wine().halves(3), 0.9), (tumours().halves(3), 0.9)] {
            let plain = accuracy(&halves, &run(&halves, Model::Plainest, 0.0));
            assert!(plain < 0.7, "{plain}");
            let models =
                [Model::Centroid, Model::Neighbours(7), Model::Bayes, Model::Ridge(1.0), Model::Logistic(60)];
            for model in models {
                let score = accuracy(&halves, &run(&halves, model, 0.0));
                assert!(score > least, "{model:?} {score}");
            }
            let score = accuracy(&halves, &run(&halves, Model::Stump, 0.0));
            assert!(score > plain + 0.05, "stump {score} {plain}");
        }
    }

    #[test]
    fn every_model_of_numbers_beats_the_mean() {
        let halves = diabetes().halves(3);
        let plain = rmse(&halves, &run(&halves, Model::Plainest, 0.0));
        assert!((70.0..85.0).contains(&plain), "{plain}");
        for (model, most) in [(Model::Neighbours(15), 63.0), (Model::Ridge(5.0), 60.0)] {
            let score = rmse(&halves, &run(&halves, model, 0.0));
            assert!(score < most, "{model:?} {score}");
        }
        let bmi = Recipe { model: Model::Stump, columns: vec![2], noise: 0.0 };
        let score = rmse(&halves, &predict(&halves, &bmi, &mut Dice::new(1)));
        assert!(score < plain - 2.0, "stump {score} {plain}");
    }

    #[test]
    fn carelessness_costs() {
        let halves = diabetes().halves(3);
        let clean = rmse(&halves, &run(&halves, Model::Ridge(5.0), 0.0));
        let careless = rmse(&halves, &run(&halves, Model::Ridge(5.0), 0.5));
        assert!(careless > clean + 5.0, "{clean} {careless}");
        let halves = tumours().halves(3);
        let clean = accuracy(&halves, &run(&halves, Model::Bayes, 0.0));
        let careless = accuracy(&halves, &run(&halves, Model::Bayes, 0.3));
        assert!(careless < clean - 0.05, "{clean} {careless}");
    }

    #[test]
    fn the_same_recipe_and_dice_give_the_same_file() {
        let halves = tumours().halves(3);
        assert_eq!(run(&halves, Model::Logistic(20), 0.1), run(&halves, Model::Logistic(20), 0.1));
    }
}
