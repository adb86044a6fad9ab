use proptest::prelude::*;

use super::*;
use crate::time::Timestamp;

fn question(number: u8, kind: QuestionKind, right: &[bool]) -> Question {
    Question {
        id: QuestionId::new(Timestamp::from_seconds(1), [number; 10]),
        kind,
        prompt: Bilingual::new("What?", ""),
        explanation: Bilingual::default(),
        points: 2,
        choices: right
            .iter()
            .map(|right| Choice {
                text: Bilingual::new("x", "y"),
                right: *right,
                feedback: Bilingual::default(),
            })
            .collect(),
        number: (kind == QuestionKind::Number).then(|| NumberKey {
            value: Decimal::parse("0.492").unwrap(),
            tolerance: Decimal::parse("0.001").unwrap(),
        }),
    }
}

fn raw(question: &Question, values: &[&str]) -> BTreeMap<String, Vec<String>> {
    BTreeMap::from([(question.id.key(), values.iter().map(|value| (*value).to_owned()).collect())])
}

fn points(question: &Question, values: &[&str]) -> u32 {
    let answers = read_answers(&[question.asked()], &raw(question, values)).unwrap();
    mark(std::slice::from_ref(question), &answers).points
}

#[test]
fn each_kind_is_marked() {
    let single = question(1, QuestionKind::Single, &[false, true, false]);
    assert_eq!((points(&single, &["1"]), points(&single, &["0"]), points(&single, &[])), (2, 0, 0));
    let multiple = question(2, QuestionKind::Multiple, &[true, false, true]);
    assert_eq!(points(&multiple, &["2", "0"]), 2);
    assert_eq!(points(&multiple, &["2", "0", "0"]), 2, "chosen twice is chosen");
    assert_eq!((points(&multiple, &["0"]), points(&multiple, &["0", "1", "2"])), (0, 0));
    let truth = question(3, QuestionKind::TrueFalse, &[false, true]);
    assert_eq!((points(&truth, &["0"]), points(&truth, &["1"])), (0, 2));
    let number = question(4, QuestionKind::Number, &[]);
    assert_eq!(
        (points(&number, &["0.493"]), points(&number, &[".491"]), points(&number, &["0.4931"])),
        (2, 2, 0)
    );
}

#[test]
fn answers_of_the_wrong_shape_are_refused() {
    let single = question(1, QuestionKind::Single, &[false, true]);
    let number = question(2, QuestionKind::Number, &[]);
    let code = |question: &Question, values: &[&str]| {
        read_answers(&[question.asked()], &raw(question, values)).unwrap_err().0[0].code.clone()
    };
    assert_eq!(code(&single, &["0", "1"]), "answer_only_one");
    assert_eq!(code(&single, &["2"]), "answer_unknown");
    assert_eq!(code(&single, &["-1"]), "answer_unknown");
    for bad in ["NaN", "1e999", "1,5", "0x10", "--1", "1.0000000001", "９"] {
        assert_eq!(code(&number, &[bad]), "number_shape", "{bad}");
    }
}

#[test]
fn a_key_never_goes_out_with_the_question() {
    let mut secret = question(1, QuestionKind::Single, &[false, true]);
    secret.explanation = Bilingual::new("because-secret", "");
    secret.choices[1].feedback = Bilingual::new("feedback-secret", "");
    let shown = serde_json::to_string(&secret.asked()).unwrap();
    assert!(!shown.contains("secret") && !shown.contains("right"), "{shown}");
}

#[test]
fn questions_that_cannot_be_marked_are_refused() {
    let refused = |question: &Question| question.check().is_err();
    assert!(!refused(&question(1, QuestionKind::Single, &[false, true])));
    assert!(refused(&question(1, QuestionKind::Single, &[true, true])));
    assert!(refused(&question(1, QuestionKind::Single, &[true])));
    assert!(refused(&question(1, QuestionKind::Multiple, &[false, false])));
    assert!(refused(&question(1, QuestionKind::TrueFalse, &[true, true])));
    let mut number = question(1, QuestionKind::Number, &[]);
    assert!(!refused(&number));
    number.number = None;
    assert!(refused(&number));
}

#[test]
fn a_pass_mark_is_not_rounded() {
    let marked = Marked { points: 2, out_of: 3, questions: Vec::new() };
    assert_eq!(marked.percent(), 66);
    assert!(marked.passes(66) && !marked.passes(67));
    assert!(!Marked { points: 0, out_of: 3, questions: Vec::new() }.passes(1));
}

proptest! {
    #[test]
    fn decimals_are_written_as_read(scaled in -999_999_999_999_999_999_999_i128..999_999_999_999_999_999_999) {
        let decimal = Decimal(scaled);
        prop_assert_eq!(Decimal::parse(&decimal.to_string()), Some(decimal));
    }

    #[test]
    fn parsing_never_panics(text in "\\PC{0,40}") {
        if let Some(decimal) = Decimal::parse(&text) {
            prop_assert_eq!(Decimal::parse(&decimal.to_string()), Some(decimal));
        }
    }

    #[test]
    fn marks_never_exceed_what_can_be_reached(
        rights in prop::collection::vec(prop::collection::vec(any::<bool>(), 2..6), 1..6),
        chosen in prop::collection::vec(prop::collection::vec(0_u32..9, 0..6), 1..6),
    ) {
        let questions: Vec<Question> = rights.iter().zip(0_u8..)
            .map(|(right, number)| question(number, QuestionKind::Multiple, right)).collect();
        let answers: Answers = questions.iter().zip(chosen)
            .map(|(question, chosen)| (question.id, Answer::Choices(chosen))).collect();
        let marked = mark(&questions, &answers);
        prop_assert!(marked.points <= marked.out_of && marked.percent() <= 100);
        prop_assert_eq!(marked.points, marked.questions.iter().map(|one| one.points).sum::<u32>());
        // Answering everything exactly right always reaches everything, where anything is right.
        let key: Answers = questions.iter().map(|question| (question.id, Answer::Choices(
            question.choices.iter().zip(0_u32..).filter(|(choice, _)| choice.right).map(|(_, index)| index).collect(),
        ))).collect();
        let best = mark(&questions, &key);
        let reachable: u32 = questions.iter().filter(|q| q.choices.iter().any(|c| c.right)).map(|q| q.points).sum();
        prop_assert_eq!(best.points, reachable);
    }
}
