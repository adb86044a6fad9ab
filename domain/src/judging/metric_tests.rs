use proptest::prelude::*;

use super::*;

fn labels(pairs: &[(&'static str, &'static str)]) -> Vec<(Value<'static>, Value<'static>)> {
    let value = |text| Value { text, number: 0.0 };
    pairs.iter().map(|(truth, guess)| (value(*truth), value(*guess))).collect()
}

fn numbers(pairs: &[(f64, f64)]) -> Vec<(Value<'static>, Value<'static>)> {
    let value = |number| Value { text: "", number };
    pairs.iter().map(|(truth, guess)| (value(*truth), value(*guess))).collect()
}

#[test]
fn accuracy_counts_hits() {
    // scikit-learn, accuracy_score: truth 0 1 2 3, predicted 0 2 1 3 gives 0.5.
    let pairs = labels(&[("0", "0"), ("1", "2"), ("2", "1"), ("3", "3")]);
    assert_eq!(Metric::Accuracy.score(&pairs), Some(Score(500_000)));
}

#[test]
fn f1_macro_is_the_mean_over_classes() {
    // scikit-learn, f1_score: truth 0 1 2 0 1 2, predicted 0 2 1 0 0 1, macro: (0.8 + 0 + 0) / 3 = 0.2666…
    let pairs = labels(&[("0", "0"), ("1", "2"), ("2", "1"), ("0", "0"), ("1", "0"), ("2", "1")]);
    assert_eq!(Metric::F1Macro.score(&pairs), Some(Score(266_667)));
    // A class that is only ever predicted pulls the mean down: (2/3 + 0) / 2.
    assert_eq!(Metric::F1Macro.score(&labels(&[("a", "a"), ("a", "b")])), Some(Score(333_333)));
}

#[test]
fn log_loss_is_in_nats() {
    // scikit-learn, log_loss: spam ham ham spam with p(spam) 0.9 0.1 0.2 0.65 gives 0.21616…
    let pairs = numbers(&[(1.0, 0.9), (0.0, 0.1), (0.0, 0.2), (1.0, 0.65)]);
    assert_eq!(Metric::LogLoss.score(&pairs), Some(Score(216_162)));
    // Certain and wrong costs −ln 1e−15 = 34.539, not infinity.
    assert_eq!(Metric::LogLoss.score(&numbers(&[(1.0, 0.0)])), Some(Score(34_538_776)));
}

#[test]
fn errors_are_in_the_unit_of_the_target() {
    // scikit-learn: truth 3 −0.5 2 7, predicted 2.5 0 2 8: MAE 0.5, MSE 0.375, R² 0.94861.
    let pairs = numbers(&[(3.0, 2.5), (-0.5, 0.0), (2.0, 2.0), (7.0, 8.0)]);
    assert_eq!(Metric::Mae.score(&pairs), Some(Score(500_000)));
    assert_eq!(Metric::Rmse.score(&pairs), Some(Score(612_372)));
    assert_eq!(Metric::R2.score(&pairs), Some(Score(948_608)));
    assert_eq!(Metric::R2.score(&numbers(&[(1.0, 1.0), (1.0, 2.0)])), None);
}

#[test]
fn auc_counts_ties_half() {
    // scikit-learn, roc_auc_score: truth 0 0 1 1, scores 0.1 0.4 0.35 0.8 gives 0.75.
    let pairs = numbers(&[(0.0, 0.1), (0.0, 0.4), (1.0, 0.35), (1.0, 0.8)]);
    assert_eq!(Metric::Auc.score(&pairs), Some(Score(750_000)));
    assert_eq!(Metric::Auc.score(&numbers(&[(0.0, 3.0), (1.0, 3.0)])), Some(Score(500_000)));
    assert_eq!(Metric::Auc.score(&numbers(&[(1.0, 3.0), (1.0, 4.0)])), None);
}

#[test]
fn no_rows_have_no_score() {
    assert!(Metric::ALL.iter().all(|metric| metric.score(&[]).is_none()));
}

proptest! {
    #[test]
    fn auc_equals_counting_pairs(rows in prop::collection::vec((0..2_u8, 0..6_u8), 2..40)) {
        let pairs: Vec<(f64, f64)> = rows.iter().map(|(t, g)| (f64::from(*t), f64::from(*g))).collect();
        let (mut won, mut all) = (0.0, 0.0);
        for (truth, high) in &pairs {
            for (other, low) in &pairs {
                if *truth > *other {
                    all += 1.0;
                    won += if high > low { 1.0 } else if high == low { 0.5 } else { 0.0 };
                }
            }
        }
        let expected = (all > 0.0).then(|| Score::from_number(won / all));
        prop_assert_eq!(Metric::Auc.score(&numbers(&pairs)), expected);
    }

    #[test]
    fn shares_stay_between_nothing_and_all(rows in prop::collection::vec((0..4_usize, 0..4_usize), 1..60)) {
        let names = ["a", "b", "c", "d"];
        let pairs: Vec<_> = rows.iter().map(|(t, g)| (names[*t], names[*g])).collect();
        for metric in [Metric::Accuracy, Metric::F1Macro] {
            let score = metric.score(&labels(&pairs)).unwrap();
            prop_assert!(score >= Score(0) && score <= Score(1_000_000));
        }
    }

    #[test]
    fn the_truth_itself_is_never_beaten(rows in prop::collection::vec((-1e6..1e6_f64, -1e6..1e6_f64), 2..40)) {
        let perfect: Vec<_> = rows.iter().map(|(truth, _)| (*truth, *truth)).collect();
        for metric in [Metric::Rmse, Metric::Mae, Metric::R2] {
            if let (Some(best), Some(other)) = (metric.score(&numbers(&perfect)), metric.score(&numbers(&rows))) {
                prop_assert!(!metric.direction().better(other, best));
            }
        }
    }
}
