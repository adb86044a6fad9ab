//! How the predictions of one competitor get better over the weeks.

use super::dataset::{Halves, Target};
use super::dice::Dice;
use super::models::{Model, Recipe, predict};

/// One competitor in one competition.
#[derive(Clone, Debug)]
pub struct Career {
    seed: u64,
    /// From 0 to 1: how good they become.
    talent: f64,
    /// From 0 to 1: how fast.
    diligence: f64,
}

impl Career {
    /// The career of a person, by number, in the competition of a seed.
    pub fn new(seed: u64, person: u64) -> Self {
        let mut dice = Dice::branch(seed, person);
        let seed = dice.roll();
        Self { seed, talent: dice.unit(), diligence: dice.between(0.15, 0.9) }
    }

    /// How often somebody like this has submitted after a while of `days`.
    pub fn submissions(&self, days: usize) -> usize {
        let mut dice = Dice::branch(self.seed, u64::MAX);
        2 + dice.below(3 + (self.diligence * days as f64) as usize)
    }

    /// The predictions of the attempt of a number, from 0.
    pub fn submission(&self, halves: &Halves, attempt: u64) -> Vec<f64> {
        let mut dice = Dice::branch(self.seed, attempt);
        let recipe = self.recipe(halves, attempt, &mut dice);
        predict(halves, &recipe, &mut dice)
    }

    /// Better models, more columns and less carelessness with practice; now and then a bad idea.
    fn recipe(&self, halves: &Halves, attempt: u64, dice: &mut Dice) -> Recipe {
        let practice = 1.0 - (-self.diligence * attempt as f64 / 9.0).exp();
        let skill = (0.25 + 0.75 * self.talent) * practice;
        let width = halves.columns.len();
        let mut columns: Vec<usize> = (0..width).collect();
        dice.shuffle(&mut columns);
        let share = (0.15 + 0.85 * skill + dice.between(-0.1, 0.2)).clamp(0.1, 1.0);
        columns.truncate(((share * width as f64).round() as usize).max(1));
        columns.sort_unstable();
        let carelessness = (1.0 - skill) * dice.between(0.1, 0.6);
        let slip = if dice.happens(0.08) { 0.3 } else { 0.0 };
        let noise = match halves.target {
            Target::Class(_) => 0.3 * carelessness + slip,
            Target::Number => 0.9 * carelessness + slip,
        };
        Recipe { model: model(halves.target, attempt, skill, dice), columns, noise }
    }
}

/// What somebody of a skill tries.
fn model(target: Target, attempt: u64, skill: f64, dice: &mut Dice) -> Model {
    if attempt == 0 && dice.happens(0.3) {
        return Model::Plainest;
    }
    let penalty = 10_f64.powf(dice.between(-1.0, 2.0));
    let neighbours = 1 + 2 * dice.below(10);
    let clever = dice.happens(0.2 + 0.8 * skill);
    match (target, clever, dice.below(3)) {
        (Target::Class(_), false, 0) => Model::Stump,
        (Target::Class(_), false, 1) => Model::Centroid,
        (Target::Class(_), false, _) => Model::Neighbours(neighbours),
        (Target::Class(_), true, 0) => Model::Bayes,
        (Target::Class(_), true, 1) => Model::Ridge(penalty),
        (Target::Class(_), true, _) => Model::Logistic(20 + 10 * dice.below(6)),
        (Target::Number, false, 0) => Model::Stump,
        (Target::Number, false, _) => Model::Neighbours(neighbours),
        (Target::Number, true, 0) => Model::Neighbours(9 + 2 * neighbours),
        (Target::Number, true, _) => Model::Ridge(penalty),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::dataset::{diabetes, tumours};

    fn error(halves: &Halves, predictions: &[f64]) -> f64 {
        let squares = halves.test.iter().zip(predictions).map(|(row, guess)| (row.target - guess).powi(2));
        (squares.sum::<f64>() / halves.test.len() as f64).sqrt()
    }

    #[test]
    fn people_get_better_and_stay_different() {
        for halves in [diabetes().halves(11), tumours().halves(11)] {
            let people: Vec<Career> = (0..24).map(|person| Career::new(5, person)).collect();
            let mean = |from: u64, to: u64| {
                let errors = people.iter().map(|career| {
                    let errors =
                        (from..to).map(|attempt| error(&halves, &career.submission(&halves, attempt)));
                    errors.sum::<f64>() / (to - from) as f64
                });
                errors.sum::<f64>() / people.len() as f64
            };
            let (early, late) = (mean(0, 2), mean(12, 14));
            assert!(late < early * 0.95, "{early} {late}");
            let last: std::collections::BTreeSet<String> = people
                .iter()
                .map(|career| format!("{:.4}", error(&halves, &career.submission(&halves, 12))))
                .collect();
            assert!(last.len() > 8, "{last:?}");
        }
    }

    #[test]
    fn a_career_can_be_repeated() {
        let halves = diabetes().halves(11);
        let run = || Career::new(5, 3).submission(&halves, 4);
        assert_eq!(run(), run());
        assert!((2..20).contains(&Career::new(5, 3).submissions(10)));
    }
}
