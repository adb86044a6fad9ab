use super::*;
use crate::time::Timestamp;
use proptest::prelude::*;

fn form() -> CourseForm {
    CourseForm {
        title_en: "SQL joins".into(),
        slug: "sql-joins".into(),
        level: "beginner".into(),
        price: "39".into(),
        category: "databases".into(),
        tags: "SQL, 数据，sql".into(),
        ..CourseForm::default()
    }
}

fn codes(invalid: &Invalid) -> Vec<(&str, &str)> {
    invalid.0.iter().map(|fault| (fault.field.as_str(), fault.code.as_str())).collect()
}

#[test]
fn a_good_course_is_read() {
    let course = form().parse().unwrap();
    assert_eq!(course.price.to_string(), "¥39");
    assert_eq!(course.tags, ["sql", "数据"]);
    assert_eq!(course.category, Some("databases"));
}

#[test]
fn every_fault_is_reported_at_once() {
    let mut form = form();
    form.title_en = "x".repeat(10_240);
    form.summary_zh = "a\u{202E}b".into();
    form.slug = "A b".into();
    form.category = "nowhere".into();
    form.level = "guru".into();
    form.tags = "a,b,c,d,e,f,g,h,i".into();
    form.price = "1e5".into();
    let refused = form.parse().unwrap_err();
    assert_eq!(
        codes(&refused),
        [
            ("title_en", "too_long"),
            ("summary_zh", "control_character"),
            ("slug", "slug_shape"),
            ("category", "choice_unknown"),
            ("level", "choice_unknown"),
            ("tags", "too_many"),
            ("price", "price_shape"),
        ]
    );
    assert_eq!(codes(&title(" ", "").unwrap_err()), [("title_en", "required_in_one_language")]);
}

#[test]
fn prices_have_one_shape() {
    assert!(price("", "").unwrap().is_zero());
    assert!(price("0", "USD").unwrap().is_zero());
    for bad in ["-1", "1e5", "1.999", "¥39", "100000.01", "9999999999999999"] {
        assert!(price(bad, "CNY").is_err(), "{bad}");
    }
    assert!(price("1", "XXX").is_err());
}

#[test]
fn lesson_figures_are_bounded() {
    let mut form = LessonForm { title_zh: "一".into(), ..LessonForm::default() };
    let text = form.parse().unwrap();
    assert_eq!((text.minutes, text.pass_mark, text.attempts), (5, 70, 0));
    form.pass_mark = "101".into();
    form.attempts = "-1".into();
    form.minutes = "9999999999".into();
    assert_eq!(codes(&form.parse().unwrap_err()).len(), 3);
}

#[test]
fn questions_are_read_from_rows() {
    let id = QuestionId::new(Timestamp::from_seconds(1), [0; 10]);
    let mut form = QuestionForm {
        kind: "single".into(),
        prompt_en: "Which?".into(),
        choices_en: vec!["A".into(), String::new(), "C".into()],
        right: vec!["2".into()],
        ..QuestionForm::default()
    };
    let question = form.parse(id).unwrap();
    assert_eq!(question.choices.iter().map(|choice| choice.right).collect::<Vec<_>>(), [false, true]);
    form.right = vec!["1".into()];
    assert_eq!(codes(&form.parse(id).unwrap_err()), [("choices", "choices_worded")]);
    form.right.clear();
    assert_eq!(codes(&form.parse(id).unwrap_err()), [("choices", "choices_one_right")]);
    form.kind = "true_false".into();
    form.right = vec!["0".into()];
    assert!(form.parse(id).is_ok());
    form.kind = "number".into();
    assert_eq!(codes(&form.parse(id).unwrap_err()), [("number_value", "number_shape")]);
    form.number_value = "3.5".into();
    form.number_tolerance = "-1".into();
    assert_eq!(codes(&form.parse(id).unwrap_err()), [("number_tolerance", "tolerance_negative")]);
}

#[test]
fn hostile_addresses_filter_nothing() {
    let filter = CatalogueFilter::parse(&"x".repeat(10_000), "' or 1=1", "%", "fr", "0", "id; drop table");
    assert_eq!(filter.query.len(), 100);
    assert_eq!(CatalogueFilter { query: String::new(), ..filter }, CatalogueFilter::default());
}

proptest! {
    #[test]
    fn parsing_never_panics(text in "\\PC{0,80}", kind in 0_usize..4) {
        let id = QuestionId::new(Timestamp::from_seconds(1), [0; 10]);
        let form = QuestionForm {
            kind: QuestionKind::ALL[kind].as_str().into(),
            prompt_en: text.clone(),
            choices_en: vec![text.clone(), text.clone()],
            right: vec!["0".into()],
            number_value: text.clone(),
            ..QuestionForm::default()
        };
        if let Ok(question) = form.parse(id) {
            prop_assert_eq!(question.check(), Ok(()));
        }
        let _ = (price(&text, ""), tags(&text), title(&text, ""), note(&text));
    }
}
