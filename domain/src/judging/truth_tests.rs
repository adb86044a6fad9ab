use proptest::prelude::*;

use super::*;

const SPLIT: Split = Split { seed: 1, public_share: 50 };
const TRUTH: &[u8] = b"id,target\n1,0\n2,1\n3,1\n4,0\n";

fn truth(metric: Metric) -> Truth {
    Truth::parse("truth", TRUTH, metric, Split { seed: 1, public_share: 100 }).unwrap()
}

fn codes(result: Result<impl Sized, Invalid>) -> Vec<String> {
    let faults = result.err().unwrap_or_default().0;
    faults.iter().map(|fault| format!("{}({})", fault.code, fault.params.join("|"))).collect()
}

fn predictions(metric: Metric, text: &str) -> Vec<String> {
    codes(truth(metric).read_predictions("file", text.as_bytes()))
}

#[test]
fn a_good_file_is_scored() {
    let truth = truth(Metric::Accuracy);
    let whole = Split { seed: 1, public_share: 100 };
    let file = truth
        .read_predictions("file", b"\xEF\xBB\xBFid,prediction\r\n4,0.0\r\n3,1\r\n2,1\r\n1,1\r\n")
        .unwrap();
    assert_eq!(truth.score(&file, whole), Some(Scores { public: Score(750_000), private: Score(750_000) }));
}

#[test]
fn the_two_parts_are_scored_apart() {
    let truth = Truth::parse("truth", TRUTH, Metric::Accuracy, SPLIT).unwrap();
    let public = SPLIT.parts(["1", "2", "3", "4"].into_iter()).remove(0);
    let mut text = "id,prediction\n".to_owned();
    for (id, target) in [("1", 0), ("2", 1), ("3", 1), ("4", 0)] {
        let guess = if public.contains(id) { target } else { 1 - target };
        text.push_str(&format!("{id},{guess}\n"));
    }
    let file = truth.read_predictions("file", text.as_bytes()).unwrap();
    assert_eq!(truth.score(&file, SPLIT), Some(Scores { public: Score(1_000_000), private: Score(0) }));
}

#[test]
fn wrong_ids_are_named_with_their_line() {
    let refused = |text| predictions(Metric::Accuracy, text);
    assert_eq!(refused("id,prediction\n1,0\n2,1\n3,1\n"), ["csv_missing_ids(1|4)"]);
    assert_eq!(refused("id,prediction\n1,0\n2,1\n3,1\n4,0\n5,1\n"), ["csv_unknown_id(6|5)"]);
    assert_eq!(refused("id,prediction\n1,0\n2,1\n3,1\n4,0\n2,1\n"), ["csv_duplicate_id(6|2|3)"]);
    assert_eq!(refused("id,prediction\n,0\n1,0\n2,1\n3,1\n4,0\n"), ["csv_id(2)"]);
    assert_eq!(refused("id,target\n1,0\n"), ["csv_header(id,prediction|id,target)"]);
    assert_eq!(refused("1,0\n2,1\n3,1\n4,0\n"), ["csv_header(id,prediction|1,0)"]);
}

#[test]
fn wrong_values_are_named_with_their_line() {
    let refused =
        |metric, value: &str| predictions(metric, &format!("id,prediction\n1,{value}\n2,1\n3,1\n4,0\n"));
    assert_eq!(refused(Metric::Rmse, "NaN"), ["csv_nan(2|NaN)"]);
    assert_eq!(refused(Metric::Rmse, "1e999"), ["csv_number_range(2|1e999)"]);
    assert_eq!(refused(Metric::Rmse, "-inf"), ["csv_number_range(2|-inf)"]);
    assert_eq!(refused(Metric::Rmse, "1e13"), ["csv_number_range(2|1e13)"]);
    assert_eq!(refused(Metric::Rmse, "0x10"), ["csv_not_a_number(2|0x10)"]);
    assert_eq!(refused(Metric::Rmse, "１"), ["csv_not_a_number(2|１)"]);
    assert_eq!(refused(Metric::Accuracy, ""), ["csv_value_missing(2|)"]);
    assert_eq!(refused(Metric::LogLoss, "1.01"), ["csv_not_probability(2|1.01)"]);
    assert_eq!(refused(Metric::LogLoss, "-0.1"), ["csv_not_probability(2|-0.1)"]);
    assert_eq!(refused(Metric::Auc, "-4.5e3"), [""; 0]);
}

#[test]
fn a_truth_that_cannot_be_scored_is_refused() {
    let parse = |text: &str, metric| codes(Truth::parse("truth", text.as_bytes(), metric, SPLIT));
    assert_eq!(parse("id,target\n1,0\n2,2\n", Metric::Auc), ["csv_not_binary(3|2)"]);
    assert_eq!(parse("id,target\n1,1\n2,1\n3,0\n", Metric::Auc), ["truth_unscorable()"]);
    assert_eq!(parse("id,target\n1,5\n2,5\n3,5\n4,5\n", Metric::R2), ["truth_unscorable()"]);
    assert_eq!(parse("id,target\n1,5\n", Metric::Mae), ["truth_unscorable()"]);
    assert_eq!(
        parse("id,target\n1,a\n2,b\n", Metric::Mae),
        ["csv_not_a_number(2|a)", "csv_not_a_number(3|b)"]
    );
    assert_eq!(parse("id,target\n1,a\n1,b\n", Metric::Accuracy), ["csv_duplicate_id(3|1|2)"]);
}

proptest! {
    #[test]
    fn the_order_of_lines_does_not_matter(
        rows in prop::collection::btree_map("[a-z]{1,4}", (0..3_u8, 0..3_u8), 4..30), seed in any::<i64>()
    ) {
        let split = Split { seed, public_share: 40 };
        let file = |column: &str, rows: &mut dyn Iterator<Item = (&String, u8)>| {
            let lines: String = rows.map(|(id, value)| format!("{id},{value}\n")).collect();
            format!("id,{column}\n{lines}")
        };
        let truth = file("target", &mut rows.iter().map(|(id, pair)| (id, pair.0)));
        let truth = Truth::parse("truth", truth.as_bytes(), Metric::F1Macro, split).unwrap();
        let forth = file("prediction", &mut rows.iter().map(|(id, pair)| (id, pair.1)));
        let back = file("prediction", &mut rows.iter().rev().map(|(id, pair)| (id, pair.1)));
        let score = |text: &str| truth.score(&truth.read_predictions("file", text.as_bytes()).unwrap(), split);
        prop_assert!(score(&forth).is_some());
        prop_assert_eq!(score(&forth), score(&back));
    }

    #[test]
    fn no_bytes_break_the_check(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut file = b"id,prediction\n".to_vec();
        file.extend(bytes);
        let _ = truth(Metric::Auc).read_predictions("file", &file);
    }
}
