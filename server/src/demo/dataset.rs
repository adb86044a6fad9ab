//! The three real data sets, and the files that a prediction competition on one of them needs.

use super::dice::Dice;

const WINE: &str = include_str!("../../demo/datasets/wine.csv");
const TUMOURS: &str = include_str!("../../demo/datasets/breast_cancer.csv");
const DIABETES: &str = include_str!("../../demo/datasets/diabetes.csv");

const WINE_COLUMNS: [&str; 13] = [
    "alcohol",
    "malic_acid",
    "ash",
    "alcalinity_of_ash",
    "magnesium",
    "total_phenols",
    "flavanoids",
    "nonflavanoid_phenols",
    "proanthocyanins",
    "colour_intensity",
    "hue",
    "od280_od315",
    "proline",
];
/// Measured for each nucleus; the file has the mean, the standard error and the worst of each.
const NUCLEUS: [&str; 10] = [
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave_points",
    "symmetry",
    "fractal_dimension",
];

/// What stands in the target column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The number of a class, of so many.
    Class(usize),
    /// A quantity.
    Number,
}

/// A table of numbers with a target.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// What the target is.
    pub target: Target,
    /// The rows, each with its target.
    pub rows: Vec<Row>,
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its name in the files of a competition.
    pub id: String,
    /// The values of the columns.
    pub values: Vec<f64>,
    /// The target.
    pub target: f64,
}

/// A data set cut in two: what competitors learn from, and what they predict.
#[derive(Clone, Debug, PartialEq)]
pub struct Halves {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// What the target is.
    pub target: Target,
    /// With targets, for everybody.
    pub train: Vec<Row>,
    /// Its targets are the hidden truth.
    pub test: Vec<Row>,
}

/// Reads one of the three by its name: `wine`, `tumours` or `diabetes`.
pub fn by_name(name: &str) -> Option<Dataset> {
    match name {
        "wine" => Some(wine()),
        "tumours" => Some(tumours()),
        "diabetes" => Some(diabetes()),
        _ => None,
    }
}

/// 178 bottles of three cultivars.
pub fn wine() -> Dataset {
    read(WINE, WINE_COLUMNS.map(str::to_owned).to_vec(), Target::Class(3))
}
/// 569 tumours, 0 malignant and 1 benign.
pub fn tumours() -> Dataset {
    let parts = ["mean", "error", "worst"];
    let columns = parts.iter().flat_map(|part| NUCLEUS.iter().map(move |name| format!("{part}_{name}")));
    read(TUMOURS, columns.collect(), Target::Class(2))
}
/// 442 patients and how their diabetes went on within a year.
pub fn diabetes() -> Dataset {
    let header = DIABETES.lines().next().unwrap_or_default();
    let mut columns: Vec<String> = header.split(',').map(str::to_owned).collect();
    columns.pop();
    read(DIABETES, columns, Target::Number)
}

fn read(text: &str, columns: Vec<String>, target: Target) -> Dataset {
    let rows = text.lines().skip(1).filter_map(|line| {
        let mut values: Vec<f64> = line.split(',').filter_map(|cell| cell.trim().parse().ok()).collect();
        let target = values.pop()?;
        (values.len() == columns.len()).then(|| Row { id: String::new(), values, target })
    });
    let rows = rows.collect();
    Dataset { columns, target, rows }
}

impl Dataset {
    /// Shuffles the rows by a seed, names them `r001` and so on, and cuts them in the middle.
    pub fn halves(mut self, seed: u64) -> Halves {
        Dice::new(seed).shuffle(&mut self.rows);
        for (number, row) in (1..).zip(&mut self.rows) {
            row.id = format!("r{number:03}");
        }
        let test = self.rows.split_off(self.rows.len() / 2);
        Halves { columns: self.columns, target: self.target, train: self.rows, test }
    }
}

impl Halves {
    /// `train.csv`: ids, columns and targets.
    pub fn train_csv(&self) -> String {
        let header = format!("id,{},target\n", self.columns.join(","));
        let lines = self.train.iter().map(|row| format!("{},{},{}\n", row.id, cells(row), row.target));
        header + &lines.collect::<String>()
    }
    /// `test.csv`: ids and columns.
    pub fn test_csv(&self) -> String {
        let header = format!("id,{}\n", self.columns.join(","));
        header + &self.test.iter().map(|row| format!("{},{}\n", row.id, cells(row))).collect::<String>()
    }
    /// The truth file: `id,target`.
    pub fn truth_csv(&self) -> String {
        let lines = self.test.iter().map(|row| format!("{},{}\n", row.id, row.target));
        "id,target\n".to_owned() + &lines.collect::<String>()
    }
    /// A file of predictions for the rows of `test.csv`, in their order.
    pub fn predictions_csv(&self, predictions: &[f64]) -> String {
        let decimals = if self.target == Target::Number { 3 } else { 0 };
        let lines = self.test.iter().zip(predictions);
        let lines = lines.map(|(row, prediction)| format!("{},{prediction:.decimals$}\n", row.id));
        "id,prediction\n".to_owned() + &lines.collect::<String>()
    }
    /// A submission that needs no learning: the most frequent class, or the mean.
    pub fn sample_csv(&self) -> String {
        self.predictions_csv(&vec![self.plainest(); self.test.len()])
    }
    /// The most frequent class of the training part, or the mean of its targets.
    pub fn plainest(&self) -> f64 {
        match self.target {
            Target::Number => {
                self.train.iter().map(|row| row.target).sum::<f64>() / self.train.len().max(1) as f64
            }
            Target::Class(classes) => {
                let count = |class: &usize| {
                    self.train.iter().filter(|row| row.target.to_bits() == (*class as f64).to_bits()).count()
                };
                (0..classes).rev().max_by_key(count).unwrap_or(0) as f64
            }
        }
    }
}

fn cells(row: &Row) -> String {
    row.values.iter().map(f64::to_string).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_rows_of_all_sets_are_read() {
        let shape = |set: &Dataset| (set.rows.len(), set.columns.len());
        assert_eq!(shape(&wine()), (178, 13));
        assert_eq!(shape(&tumours()), (569, 30));
        assert_eq!(shape(&diabetes()), (442, 10));
        assert_eq!(tumours().rows.iter().filter(|row| row.target == 0.0).count(), 212);
        assert_eq!(diabetes().columns[2], "bmi");
        assert_eq!(wine().rows[0].values[0], 14.23);
    }

    #[test]
    fn halves_share_no_row_and_keep_them_all() {
        let halves = wine().halves(5);
        assert_eq!((halves.train.len(), halves.test.len()), (89, 89));
        assert_eq!(halves, wine().halves(5));
        assert_ne!(halves, wine().halves(6));
        let ids: std::collections::BTreeSet<&str> =
            halves.train.iter().chain(&halves.test).map(|row| row.id.as_str()).collect();
        assert_eq!(ids.len(), 178);
    }

    #[test]
    fn files_have_a_header_and_a_line_for_each_row() {
        let halves = diabetes().halves(1);
        let lines = |text: &str| text.lines().count();
        assert_eq!(lines(&halves.train_csv()), 222);
        assert_eq!(lines(&halves.test_csv()), 222);
        assert_eq!(lines(&halves.truth_csv()), 222);
        assert!(halves.train_csv().starts_with("id,age,sex,bmi,"));
        assert!(halves.sample_csv().starts_with("id,prediction\nr222,"));
        let other = wine().halves(1);
        assert!(other.sample_csv().lines().nth(1).unwrap().ends_with(",1"));
    }
}
