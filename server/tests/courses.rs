//! Stories of courses: writing, finding, buying, learning.

mod catalogue;
mod paid;

use app::features::courses::view::{
    CourseDesk, CourseView, LearningRow, LessonContent, LessonDesk, LessonView, QuizView,
};
use axum::body::Body;
use axum::http::{Request, header};
use domain::courses::LessonId;

use crate::both;
use crate::support::{Person, Reply};

/// A course as a test knows it.
struct Made {
    course: String,
    slug: String,
    lessons: Vec<String>,
    quiz: String,
}

fn last(reply: &Reply) -> String {
    reply.location().rsplit('/').next().unwrap_or_default().to_owned()
}

/// Asks for data as the browser's half does.
async fn reads(person: &mut Person, path: &str) -> Reply {
    let request = Request::get(path).header(header::ACCEPT, "application/json");
    person.sends(request.body(Body::empty()).unwrap()).await
}

/// Posts as a page without scripts does, and gives the id that the redirect ends in.
async fn makes(person: &mut Person, path: &str, fields: &[(&str, &str)]) -> String {
    let reply = person.submits("/en/teach", path, fields).await.status(303);
    assert!(reply.location().starts_with("/en/teach/"), "{path} led to {}", reply.location());
    last(&reply)
}

async fn describes(person: &mut Person, course: &str, slug: &str, price: &str) -> Reply {
    let fields = [
        ("course", course),
        ("title_en", "Reading a confusion matrix"),
        ("title_zh", "读懂混淆矩阵"),
        ("summary_en", "Why accuracy misleads."),
        ("summary_zh", "为什么准确率会骗人。"),
        ("goals_en", "Choose a metric"),
        ("goals_zh", "选对指标"),
        ("slug", slug),
        ("category", "machine-learning"),
        ("level", "beginner"),
        ("tags", "metrics, 分类"),
        ("proves", ""),
        ("price", price),
        ("currency", "CNY"),
    ];
    person.posts("/api/courses/describe", &fields).await
}

async fn writes(person: &mut Person, lesson: &str, body: &str, preview: bool) -> Reply {
    let flag = if preview { "true" } else { "" };
    let fields = [
        ("lesson", lesson),
        ("title_en", "Lesson"),
        ("title_zh", "课文"),
        ("body_en", body),
        ("body_zh", "# 正文\n\n秘密正文"),
        ("preview", flag),
        ("minutes", "8"),
        ("pass_mark", "60"),
        ("attempts", "2"),
    ];
    person.posts("/api/courses/write_lesson", &fields).await
}

async fn asks(person: &mut Person, quiz: &str, kind: &str, more: &[(&str, &str)]) -> Reply {
    let mut fields = vec![
        ("lesson", quiz),
        ("question", ""),
        ("kind", kind),
        ("prompt_en", "Which?"),
        ("prompt_zh", "哪一个？"),
        ("explanation_en", "explained-at-the-end"),
        ("points", "1"),
    ];
    fields.extend_from_slice(more);
    person.posts("/api/courses/write_question", &fields).await
}

/// Writes a whole course through the forms: two documents (the first a preview) and a quiz, and publishes it.
async fn publishes(author: &mut Person, slug: &str, price: &str) -> Made {
    let course = makes(author, "/api/courses/create", &[("title_en", "Reading"), ("title_zh", "")]).await;
    describes(author, &course, slug, price).await.ok();
    let chapter = [("course", course.as_str()), ("title_en", "One"), ("title_zh", "一")];
    makes(author, "/api/courses/add_chapter", &chapter).await;
    let desk: CourseDesk = reads(author, &format!("/api/courses/desk?course={course}")).await.ok().json();
    let chapter = desk.chapters[0].id.to_string();
    let mut lessons = Vec::new();
    for kind in ["document", "document", "quiz"] {
        let fields =
            [("chapter", chapter.as_str()), ("kind", kind), ("title_en", "Lesson"), ("title_zh", "课文")];
        lessons.push(makes(author, "/api/courses/add_lesson", &fields).await);
    }
    let quiz = lessons.pop().unwrap();
    author
        .posts("/api/courses/set_state", &[("course", &course), ("state", "published")])
        .await
        .invalid("publish", "publish_lesson_empty");
    writes(author, &lessons[0], "open-body $x^2$", true).await.ok();
    writes(author, &lessons[1], "secret-body", false).await.ok();
    writes(author, &quiz, "quiz-introduction", false).await.ok();
    asks(
        author,
        &quiz,
        "single",
        &[
            ("choices_en[0]", "accuracy"),
            ("feedback_en[0]", "not-this-one"),
            ("choices_en[1]", "F1"),
            ("right[1]", "1"),
        ],
    )
    .await
    .ok();
    asks(author, &quiz, "number", &[("number_value", "0.492"), ("number_tolerance", "0.001")]).await.ok();
    asks(author, &quiz, "true_false", &[("right[0]", "0")]).await.ok();
    author.posts("/api/courses/set_state", &[("course", &course), ("state", "published")]).await.ok();
    Made { course, slug: slug.to_owned(), lessons, quiz }
}

async fn course_of(person: &mut Person, slug: &str) -> CourseView {
    reads(person, &format!("/api/courses/course?slug={slug}")).await.ok().json()
}

async fn lesson_of(person: &mut Person, made: &Made, lesson: &str) -> LessonView {
    reads(person, &format!("/api/courses/lesson?slug={}&lesson={lesson}", made.slug)).await.ok().json()
}

async fn quiz_of(person: &mut Person, made: &Made) -> QuizView {
    match lesson_of(person, made, &made.quiz).await.content {
        LessonContent::Quiz(quiz) => *quiz,
        other => panic!("not a quiz: {other:?}"),
    }
}

/// Answers the three questions of the quiz.
async fn answers(person: &mut Person, made: &Made, choice: &str, number: &str, truth: &str) -> Reply {
    let open = quiz_of(person, made).await.open.expect("an attempt is open");
    let id = open.id.to_string();
    let names: Vec<String> = open.questions.iter().map(|question| question.id.field()).collect();
    let fields = [
        ("attempt", id.as_str()),
        (names[0].as_str(), choice),
        (names[1].as_str(), number),
        (names[2].as_str(), truth),
    ];
    person.posts("/api/courses/answer_quiz", &fields).await
}

both! {
    async fn an_author_writes_and_publishes(app: TestApp) {
        let mut ada = app.expert("ada").await;
        let made = publishes(&mut ada, "confusion", "").await;
        ada.gets("/en/teach").await.status(200).shows("Reading a confusion matrix");
        ada.gets(&format!("/zh/teach/courses/{}", made.course)).await.status(200).shows("读懂混淆矩阵");
        ada.gets(&format!("/en/teach/lessons/{}", made.quiz)).await.status(200).shows("Which?");
        let desk: LessonDesk = reads(&mut ada, &format!("/api/courses/lesson_desk?lesson={}", made.quiz)).await.ok().json();
        let first = desk.questions[0].id;
        ada.gets(&format!("/en/teach/lessons/{}/questions/{first}", made.quiz)).await.status(200).shows("not-this-one");
        ada.gets(&format!("/en/teach/lessons/{}/questions/new?kind=multiple", made.quiz)).await.status(200);
        let mut reader = app.stranger();
        reader.gets("/en/courses").await.status(200).shows("Reading a confusion matrix").shows("Free");
        reader.gets("/zh/courses/confusion").await.status(200).shows("读懂混淆矩阵").shows("免费试读");
        reader.gets(&format!("/en/courses/confusion/lessons/{}", made.lessons[0])).await.status(200).shows("open-body").shows("<math");
        // Reordering: the second lesson goes up, the quiz of the last place cannot go further down.
        ada.posts("/api/courses/arrange_lesson", &[("lesson", &made.lessons[1]), ("verb", "up")]).await.ok();
        ada.posts("/api/courses/arrange_lesson", &[("lesson", &made.quiz), ("verb", "down")]).await.ok();
        let view = course_of(&mut reader, "confusion").await;
        let order: Vec<String> = view.outline[0].lessons.iter().map(|lesson| lesson.id.to_string()).collect();
        assert_eq!(order, [made.lessons[1].clone(), made.lessons[0].clone(), made.quiz.clone()]);
        // Another address of its own only.
        publishes(&mut ada, "second", "9.90").await;
        describes(&mut ada, &made.course, "second", "").await.invalid("slug", "course_slug_taken");
        // Taken out of the catalogue it is nowhere for strangers.
        ada.posts("/api/courses/set_state", &[("course", &made.course), ("state", "draft")]).await.ok();
        reader.gets("/en/courses/confusion").await.status(404);
        reader.gets(&format!("/en/courses/confusion/lessons/{}", made.lessons[0])).await.status(404);
    }

    async fn a_preview_without_scripts_keeps_what_was_typed(app: TestApp) {
        let mut ada = app.expert("ada").await;
        let made = publishes(&mut ada, "confusion", "").await;
        let page = format!("/en/teach/lessons/{}", made.lessons[0]);
        let fields = [
            ("lesson", made.lessons[0].as_str()),
            ("title_en", "Lesson"), ("title_zh", ""),
            ("body_en", "**not-saved** <script>alert(1)</script>"), ("body_zh", ""),
            ("minutes", "8"), ("then", "preview"),
        ];
        ada.submits(&page, "/api/courses/write_lesson", &fields).await.status(303);
        ada.gets(&page).await.status(200).shows("<strong>not-saved</strong>").shows("Nothing is saved yet").hides("<script>alert(1)");
        ada.gets(&page).await.status(200).hides("not-saved").shows("open-body");
    }

    async fn a_free_course_is_learnt_to_its_certificate(app: TestApp) {
        let mut ada = app.expert("ada").await;
        let made = publishes(&mut ada, "confusion", "0").await;
        let mut bob = app.learner("bob").await;
        bob.posts("/api/courses/finish_lesson", &[("lesson", &made.lessons[0])]).await.denied("not_enrolled");
        let page = format!("/en/courses/confusion/lessons/{}", made.lessons[1]);
        bob.gets(&page).await.status(403).shows("Start the course").hides("secret-body");
        bob.submits("/en/courses/confusion", "/api/courses/enrol", &[("slug", "confusion")]).await.status(303);
        bob.posts("/api/courses/enrol", &[("slug", "confusion")]).await.denied("already_enrolled");
        bob.gets(&page).await.status(200).shows("secret-body");
        // Notes.
        let note = [("lesson", made.lessons[1].as_str()), ("body", "a thought <b>")];
        bob.submits(&page, "/api/courses/add_note", &note).await.status(303);
        bob.posts("/api/courses/add_note", &[("lesson", &made.lessons[1]), ("body", " ")]).await.invalid("body", "required");
        bob.gets(&page).await.shows("a thought &lt;b").hides("thought <b>");
        let id = lesson_of(&mut bob, &made, &made.lessons[1]).await.notes[0].id.to_string();
        ada.posts("/api/courses/change_note", &[("note", &id), ("body", "mine now")]).await.status(404);
        bob.posts("/api/courses/change_note", &[("note", &id), ("body", "a better thought")]).await.ok();
        assert_eq!(lesson_of(&mut bob, &made, &made.lessons[1]).await.notes[0].body, "a better thought");
        bob.posts("/api/courses/change_note", &[("note", &id), ("body", ""), ("delete", "true")]).await.ok();
        assert!(lesson_of(&mut bob, &made, &made.lessons[1]).await.notes.is_empty());
        // Lessons, the quiz missed once and passed once, the certificate.
        for lesson in &made.lessons {
            bob.posts("/api/courses/finish_lesson", &[("lesson", lesson)]).await.ok();
        }
        bob.posts("/api/courses/finish_lesson", &[("lesson", &made.quiz)]).await.denied("quiz_must_be_passed");
        bob.posts("/api/courses/start_quiz", &[("lesson", &made.quiz)]).await.ok();
        let field = quiz_of(&mut bob, &made).await.open.unwrap().questions[1].id.field();
        answers(&mut bob, &made, "0", "1e999", "0").await.invalid(&field, "number_shape");
        answers(&mut bob, &made, "0", "0.4", "0").await.ok();
        let quiz = quiz_of(&mut bob, &made).await;
        let marked = quiz.last.unwrap();
        assert_eq!((marked.points, marked.out_of, marked.passed, quiz.used), (1, 3, false, 1));
        assert_eq!(marked.questions[0].choices[0].feedback.en, "not-this-one");
        assert_eq!((marked.questions[0].choices[1].right, marked.questions[1].right_number.clone()), (None, None), "the key stays");
        bob.gets(&format!("/zh/courses/confusion/lessons/{}", made.quiz)).await.status(200).hides("explained-at-the-end").shows("未通过");
        bob.posts("/api/courses/start_quiz", &[("lesson", &made.quiz)]).await.ok();
        answers(&mut bob, &made, "1", " .4925 ", "0").await.ok();
        bob.gets(&format!("/en/courses/confusion/lessons/{}", made.quiz)).await.shows("explained-at-the-end").shows("0.492");
        bob.posts("/api/courses/start_quiz", &[("lesson", &made.quiz)]).await.denied("quiz_already_passed");
        let rows: Vec<LearningRow> = reads(&mut bob, "/api/courses/learning").await.ok().json();
        assert_eq!((rows[0].progress.done, rows[0].progress.total), (3, 3));
        let code = rows[0].progress.certificate.clone().expect("a certificate was handed out");
        bob.gets(&format!("/en/certificates/{code}")).await.status(200).shows("Reading a confusion matrix");
        bob.gets("/en/learning").await.status(200).shows(&code);
        // Taken out of the catalogue, and with a lesson more, it stays learnt.
        ada.posts("/api/courses/set_state", &[("course", &made.course), ("state", "archived")]).await.ok();
        bob.gets(&page).await.status(200).shows("secret-body");
        app.learner("cyd").await.posts("/api/courses/enrol", &[("slug", "confusion")]).await.status(404);
        app.runs_jobs().await;
    }

    async fn attempts_end(app: TestApp) {
        let mut ada = app.expert("ada").await;
        let made = publishes(&mut ada, "confusion", "").await;
        let mut bob = app.learner("bob").await;
        bob.posts("/api/courses/enrol", &[("slug", "confusion")]).await.ok();
        for _ in 0..2 {
            bob.posts("/api/courses/start_quiz", &[("lesson", &made.quiz)]).await.ok();
            let again = bob.posts("/api/courses/start_quiz", &[("lesson", &made.quiz)]).await.ok();
            drop(again);
            let open = quiz_of(&mut bob, &made).await.open.unwrap().id.to_string();
            // The questions are those of the beginning, whatever the author does meanwhile.
            let desk: LessonDesk = reads(&mut ada, &format!("/api/courses/lesson_desk?lesson={}", made.quiz)).await.ok().json();
            let question = desk.questions[2].id.to_string();
            ada.posts("/api/courses/arrange_question", &[("lesson", &made.quiz), ("question", &question), ("verb", "up")]).await.ok();
            let mut cyd = app.stranger();
            cyd.posts("/api/courses/answer_quiz", &[("attempt", &open)]).await.status(401);
            ada.posts("/api/courses/answer_quiz", &[("attempt", &open)]).await.status(404);
            bob.posts("/api/courses/answer_quiz", &[("attempt", &open)]).await.ok();
            bob.posts("/api/courses/answer_quiz", &[("attempt", &open)]).await.denied("attempt_finished");
        }
        bob.posts("/api/courses/start_quiz", &[("lesson", &made.quiz)]).await.denied("quiz_no_attempts_left");
    }

    async fn a_strangers_draft_is_nowhere(app: TestApp) {
        let mut ada = app.expert("ada").await;
        let made = publishes(&mut ada, "confusion", "").await;
        ada.posts("/api/courses/set_state", &[("course", &made.course), ("state", "draft")]).await.ok();
        let mut eve = app.expert("eve").await;
        eve.gets("/en/courses/confusion").await.status(404);
        reads(&mut eve, &format!("/api/courses/desk?course={}", made.course)).await.status(404);
        reads(&mut eve, &format!("/api/courses/lesson_desk?lesson={}", made.quiz)).await.status(404);
        for (path, fields) in [
            ("set_state", vec![("course", made.course.as_str()), ("state", "published")]),
            ("add_chapter", vec![("course", &made.course), ("title_en", "x"), ("title_zh", "")]),
            ("arrange_lesson", vec![("lesson", &made.quiz), ("verb", "delete")]),
            ("enrol", vec![("slug", "confusion")]),
            ("start_quiz", vec![("lesson", &made.quiz)]),
        ] {
            eve.posts(&format!("/api/courses/{path}"), &fields).await.status(404);
        }
        writes(&mut eve, &made.lessons[0], "overwritten", true).await.status(404);
        asks(&mut eve, &made.quiz, "number", &[("number_value", "1")]).await.status(404);
        let mut bob = app.learner("bob").await;
        bob.posts("/api/courses/create", &[("title_en", "x"), ("title_zh", "")]).await.denied("teachers_only");
        bob.posts("/api/courses/render", &[("markdown", "x")]).await.denied("teachers_only");
        app.stranger().posts("/api/courses/create", &[("title_en", "x"), ("title_zh", "")]).await.status(401);
    }

    async fn pictures_are_checked_and_guarded(app: TestApp) {
        let mut ada = app.expert("ada").await;
        let made = publishes(&mut ada, "paid", "39").await;
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x04\0\0\0\x03\x08\x06\0\0\0".to_vec();
        png.extend([0; 64]);
        let huge = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60\x08\x06\0\0\0".to_vec();
        let page = format!("/en/teach/lessons/{}", made.lessons[1]);
        let path = format!("/api/courses/pictures/{}", made.lessons[1]);
        for (bytes, code) in [
            (&b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"[..], "picture_type"),
            (b"<html><script>alert(1)</script>", "picture_type"),
            (&huge, "picture_sides"),
            (&vec![0_u8; 2 * 1024 * 1024 + 1], "picture_too_large"),
            (&vec![0_u8; 4 * 1024 * 1024], "picture_too_large"),
        ] {
            let reply = ada.uploads(&page, &path, &[("picture", Some("../../x.png"), bytes)]).await.status(303);
            assert!(reply.location().contains(code), "{} is not {code}", reply.location());
        }
        ada.gets(&format!("{page}?picture=picture_type")).await.status(200).shows("not a PNG");
        app.expert("eve").await.uploads(&page, &path, &[("picture", Some("a.png"), &png)]).await.status(404);
        ada.uploads(&page, &path, &[("picture", Some("a.html"), &png)]).await.status(303);
        let desk: LessonDesk = reads(&mut ada, &format!("/api/courses/lesson_desk?lesson={}", made.lessons[1])).await.ok().json();
        let address = format!("/media/courses/{}", desk.pictures[0]);
        let shown = ada.gets(&address).await.status(200);
        assert_eq!(shown.headers["content-type"], "image/png");
        assert_eq!(shown.headers["x-content-type-options"], "nosniff");
        assert_eq!(shown.body.as_ref(), png.as_slice());
        app.stranger().gets(&address).await.status(404);
        app.learner("bob").await.gets(&address).await.status(404);
        writes(&mut ada, &made.lessons[1], &format!("![]({address})"), true).await.ok();
        app.stranger().gets(&address).await.status(200);
        app.stranger().gets("/media/courses/../../etc/passwd").await.status(404);
    }

    async fn hostile_text_stays_text(app: TestApp) {
        let mut ada = app.expert("ada").await;
        let made = publishes(&mut ada, "confusion", "").await;
        let hostile = "<script>alert(1)</script> [x](javascript:alert(1)) ![x](https://evil.test/p.png) <svg onload=alert(1)>";
        writes(&mut ada, &made.lessons[0], hostile, true).await.ok();
        let page = app.stranger().gets(&format!("/en/courses/confusion/lessons/{}", made.lessons[0])).await.status(200);
        page.shows("&lt;script&gt;").hides("<script>alert").hides("href=\"javascript").hides("src=\"https://evil").hides("<svg onload");
        for (field, value, code) in [
            ("title_en", "x".repeat(10_240), "too_long"),
            ("title_en", "a\u{202E}b".to_owned(), "control_character"),
            ("title_en", "  ".to_owned(), "required_in_one_language"),
        ] {
            ada.posts("/api/courses/create", &[("title_en", &value), ("title_zh", "")]).await.invalid(field, code);
        }
        let title = "</title><script>alert(2)</script>";
        let course = makes(&mut ada, "/api/courses/create", &[("title_en", title), ("title_zh", "")]).await;
        ada.gets(&format!("/en/teach/courses/{course}")).await.status(200).shows("&lt;/title&gt;").hides("<script>alert");
        let mut bob = app.learner("bob").await;
        bob.posts("/api/courses/enrol", &[("slug", "confusion")]).await.ok();
        let note = "</textarea><script>alert(3)</script>";
        bob.posts("/api/courses/add_note", &[("lesson", &made.lessons[0]), ("body", note)]).await.ok();
        bob.gets(&format!("/en/courses/confusion/lessons/{}", made.lessons[0])).await.status(200).shows("&lt;/textarea&gt;").hides("<script>alert");
        describes(&mut ada, &made.course, "../admin", "").await.invalid("slug", "slug_shape");
        describes(&mut ada, &made.course, "confusion", "-1").await.invalid("price", "price_shape");
        describes(&mut ada, &made.course, "confusion", "1e9").await.invalid("price", "price_shape");
        let id = "not-an-id";
        app.stranger().gets(&format!("/en/courses/confusion/lessons/{id}")).await.status(404);
        ada.gets(&format!("/en/teach/courses/{id}")).await.status(404);
        let nobody = LessonId(uuid::Uuid::from_u128(7)).to_string();
        ada.posts("/api/courses/finish_lesson", &[("lesson", &nobody)]).await.status(404);
    }

    async fn removing_the_last_open_lesson_completes(app: TestApp) {
        let mut ada = app.expert("ada").await;
        let made = publishes(&mut ada, "confusion", "").await;
        let mut bob = app.learner("bob").await;
        bob.posts("/api/courses/enrol", &[("slug", "confusion")]).await.ok();
        for lesson in &made.lessons {
            bob.posts("/api/courses/finish_lesson", &[("lesson", lesson)]).await.ok();
        }
        ada.posts("/api/courses/arrange_lesson", &[("lesson", &made.quiz), ("verb", "delete")]).await.ok();
        app.runs_jobs().await;
        let rows: Vec<LearningRow> = reads(&mut bob, "/api/courses/learning").await.ok().json();
        assert!(rows[0].progress.certificate.is_some(), "{rows:?}");
    }
}
