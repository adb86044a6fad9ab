//! How the simple models learn. Rows are standardised; targets are numbers, or ones and zeros.

/// What was learnt: a score for a row.
pub type Scorer = Box<dyn Fn(&[f64]) -> f64>;

/// The mean and the standard deviation; a constant has the spread 1, so that one may divide by it.
pub fn mean_and_spread(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let values: Vec<f64> = values.collect();
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    let spread = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
    (mean, if spread > 1e-12 { spread } else { 1.0 })
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    mean_and_spread(values).0
}
// The three inner loops are written out: a build without optimisation runs them twice as fast.
fn dot(left: &[f64], right: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (a, b) in left.iter().zip(right) {
        sum += a * b;
    }
    sum
}
fn distance(left: &[f64], right: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (a, b) in left.iter().zip(right) {
        sum += (a - b) * (a - b);
    }
    sum
}
/// `left += factor * right`.
fn add(left: &mut [f64], factor: f64, right: &[f64]) {
    for (a, b) in left.iter_mut().zip(right) {
        *a += factor * b;
    }
}
/// A row with a leading 1, for the intercept.
fn with_one(row: &[f64]) -> Vec<f64> {
    std::iter::once(1.0).chain(row.iter().copied()).collect()
}
/// The rows whose target is one.
fn members(rows: &[Vec<f64>], targets: &[f64]) -> Vec<Vec<f64>> {
    rows.iter().zip(targets).filter(|(_, target)| **target > 0.5).map(|(row, _)| row.clone()).collect()
}
/// Every column as a list, of the columns that the first row has.
fn columns(rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let width = rows.first().map_or(0, Vec::len);
    (0..width).map(|index| rows.iter().filter_map(|row| row.get(index).copied()).collect()).collect()
}

/// The mean target on either side of the mean of the first column.
pub fn stump(rows: &[Vec<f64>], targets: &[f64]) -> Scorer {
    let above = |row: &[f64]| row.first().is_some_and(|value| *value > 0.0);
    let side = |upper: bool| {
        mean(rows.iter().zip(targets).filter(|(row, _)| above(row) == upper).map(|(_, target)| *target))
    };
    let (low, high) = (side(false), side(true));
    Box::new(move |row| if above(row) { high } else { low })
}

/// How near the mean of the class is.
pub fn centroid(rows: &[Vec<f64>], targets: &[f64]) -> Scorer {
    let centre: Vec<f64> =
        columns(&members(rows, targets)).into_iter().map(|column| mean(column.into_iter())).collect();
    Box::new(move |row| -distance(&centre, row))
}

/// The mean target of the `k` nearest rows.
pub fn neighbours(rows: &[Vec<f64>], targets: &[f64], k: usize) -> Scorer {
    let known: Vec<(Vec<f64>, f64)> = rows.iter().cloned().zip(targets.iter().copied()).collect();
    let k = k.clamp(1, known.len().max(1));
    Box::new(move |row| {
        let mut near: Vec<(f64, f64)> =
            known.iter().map(|(other, target)| (distance(other, row), *target)).collect();
        if k < near.len() {
            near.select_nth_unstable_by(k, |a, b| a.0.total_cmp(&b.0));
        }
        mean(near.into_iter().take(k).map(|(_, target)| target))
    })
}

/// The logarithm of the class's share times its normal densities, column by column.
pub fn bayes(rows: &[Vec<f64>], targets: &[f64]) -> Scorer {
    let members = members(rows, targets);
    let share = (members.len().max(1) as f64 / rows.len().max(1) as f64).ln();
    let bells: Vec<(f64, f64)> = columns(&members)
        .into_iter()
        .map(|column| {
            let (centre, spread) = mean_and_spread(column.into_iter());
            // A class that hardly varies would veto everything.
            (centre, spread.max(0.05))
        })
        .collect();
    Box::new(move |row| {
        let logs = row.iter().zip(&bells).map(|(value, (centre, spread))| {
            let z = (value - centre) / spread;
            -0.5 * z * z - spread.ln()
        });
        share + logs.sum::<f64>()
    })
}

/// Solves `(XᵀX + penalty·I) w = Xᵀy` by conjugate gradients; the intercept pays no penalty.
pub fn ridge(rows: &[Vec<f64>], targets: &[f64], penalty: f64) -> Scorer {
    // Standardised columns have the mean 0, so that the intercept is the mean of the targets.
    let middle = mean(targets.iter().copied());
    let width = rows.first().map_or(0, Vec::len);
    let product = |weights: &[f64]| {
        let mut sum: Vec<f64> = weights.iter().map(|weight| penalty * weight).collect();
        rows.iter().for_each(|row| add(&mut sum, dot(row, weights), row));
        sum
    };
    let mut weights = vec![0.0; width];
    let mut residual = vec![0.0; width];
    rows.iter().zip(targets).for_each(|(row, target)| add(&mut residual, target - middle, row));
    let mut direction = residual.clone();
    let mut size = dot(&residual, &residual);
    // Exact after `width` steps; a few more make up for rounding.
    for _ in 0..width + 5 {
        if size < 1e-18 {
            break;
        }
        let image = product(&direction);
        let step = size / dot(&direction, &image).max(f64::MIN_POSITIVE);
        add(&mut weights, step, &direction);
        add(&mut residual, -step, &image);
        let next = dot(&residual, &residual);
        let kept = direction;
        direction = residual.clone();
        add(&mut direction, next / size, &kept);
        size = next;
    }
    Box::new(move |row| middle + dot(&weights, row))
}

/// The log-odds of the class, by gradient descent on the log loss with a small penalty.
pub fn logistic(rows: &[Vec<f64>], targets: &[f64], steps: usize) -> Scorer {
    let rows: Vec<Vec<f64>> = rows.iter().map(|row| with_one(row)).collect();
    let width = rows.first().map_or(1, Vec::len);
    let rate = 1.0 / rows.len().max(1) as f64;
    let mut weights = vec![0.0; width];
    for _ in 0..steps {
        let mut slope: Vec<f64> = weights.iter().map(|weight| 0.5 * weight).collect();
        for (row, target) in rows.iter().zip(targets) {
            let probability = 1.0 / (1.0 + (-dot(row, &weights)).exp());
            add(&mut slope, probability - target, row);
        }
        add(&mut weights, -rate, &slope);
    }
    Box::new(move |row| {
        let (intercept, slopes) = weights.split_first().map_or((0.0, [].as_slice()), |(a, b)| (*a, b));
        intercept + dot(slopes, row)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ridge_without_penalty_finds_a_plane() {
        let rows: Vec<Vec<f64>> = [(-1.0, 1.0), (0.0, -2.0), (1.0, 1.0), (2.0, 3.0), (-2.0, -3.0)]
            .map(|(a, b)| vec![a, b])
            .to_vec();
        let targets: Vec<f64> = rows.iter().map(|row| 7.0 + 2.0 * row[0] - 3.0 * row[1]).collect();
        let scorer = ridge(&rows, &targets, 0.0);
        assert!((scorer(&[4.0, 5.0]) - 0.0).abs() < 1e-6);
        let shrunk = ridge(&rows, &targets, 1e9);
        assert!((shrunk(&[4.0, 5.0]) - 7.0).abs() < 1e-3);
    }

    #[test]
    fn neighbours_take_the_mean_of_the_nearest() {
        let rows = vec![vec![0.0], vec![1.0], vec![10.0]];
        let scorer = neighbours(&rows, &[1.0, 3.0, 100.0], 2);
        assert_eq!(scorer(&[0.4]), 2.0);
    }

    #[test]
    fn logistic_regression_tells_two_sides_apart() {
        let rows: Vec<Vec<f64>> = (-5..=5).map(|x| vec![f64::from(x)]).collect();
        let targets: Vec<f64> = (-5..=5).map(|x| if x > 0 { 1.0 } else { 0.0 }).collect();
        let scorer = logistic(&rows, &targets, 200);
        assert!(scorer(&[3.0]) > 0.0 && scorer(&[-3.0]) < 0.0);
    }
}
