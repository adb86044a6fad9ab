//! Stories of courses that cost something.

use std::collections::BTreeMap;

use app::features::courses::view::{LearningRow, LessonDesk, Standing};
use axum::body::Body;
use axum::http::{Request, header};
use domain::orders::Thing;
use domain::refunds::Destination;
use server::sql;

use super::{course_of, last, publishes, reads};
use crate::both;
use crate::support::moody::*;

both! {
    async fn paid_content_never_leaks(app: TestApp) {
        let mut ada = app.expert("ada").await;
        let made = publishes(&mut ada, "paid", "39").await;
        let mut bob = app.learner("bob").await;
        for person in [&mut app.stranger(), &mut bob, &mut app.expert("eve").await] {
            person.gets("/en/courses/paid").await.status(200).shows("Buy for ¥39").hides("secret-body");
            for lesson in [&made.lessons[1], &made.quiz] {
                let page = person.gets(&format!("/en/courses/paid/lessons/{lesson}")).await.status(403);
                page.shows("Buy for ¥39").hides("secret-body").hides("quiz-introduction").hides("Which?");
                let data = reads(person, &format!("/api/courses/lesson?slug=paid&lesson={lesson}")).await.status(200);
                data.hides("secret-body").hides("quiz-introduction").hides("Which?").hides("秘密正文");
            }
            person.gets(&format!("/en/courses/paid/lessons/{}", made.lessons[0])).await.status(200).shows("open-body");
        }
        bob.posts("/api/courses/start_quiz", &[("lesson", &made.quiz)]).await.denied("not_enrolled");
        bob.posts("/api/courses/add_note", &[("lesson", &made.lessons[1]), ("body", "x")]).await.denied("not_enrolled");
        reads(&mut bob, &format!("/api/courses/lesson_desk?lesson={}", made.lessons[1])).await.status(404);
        // The order is placed at the price of the course, and opens nothing before it is paid.
        let reply = bob.submits("/en/courses/paid", "/api/courses/enrol", &[("slug", "paid")]).await.status(303);
        assert!(reply.location().starts_with("/en/orders/"), "{}", reply.location());
        bob.gets("/en/courses/paid").await.shows("Pay the open order");
        assert!(matches!(course_of(&mut bob, "paid").await.standing, Standing::MayPay(_)));
        bob.gets(&format!("/en/courses/paid/lessons/{}", made.lessons[1])).await.status(403).hides("secret-body");
    }

    async fn a_full_refund_ends_lessons_notes_and_pictures_at_once(app: TestApp) {
        let bank = Moody::open(&app);
        let mut ada = app.expert("ada").await;
        let made = publishes(&mut ada, "paid", "39").await;
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x04\0\0\0\x03\x08\x06\0\0\0".to_vec();
        png.extend([0; 64]);
        let path = format!("/api/courses/pictures/{}", made.lessons[1]);
        let page = format!("/en/teach/lessons/{}", made.lessons[1]);
        ada.uploads(&page, &path, &[("picture", Some("a.png"), &png)]).await.status(303);
        let desk: LessonDesk = reads(&mut ada, &format!("/api/courses/lesson_desk?lesson={}", made.lessons[1])).await.ok().json();
        let picture = format!("/media/courses/{}", desk.pictures[0]);
        let course = Thing::Course(made.course.parse().unwrap());
        let mut bob = bought(&app, "bob", &[course]).await;
        let lesson = format!("/en/courses/paid/lessons/{}", made.lessons[1]);
        bob.person.gets(&lesson).await.status(200).shows("secret-body");
        let shown = bob.person.gets(&picture).await.status(200);
        assert_eq!(shown.headers["cache-control"], "private, no-cache", "nothing is seen again without asking");
        let tag = shown.headers["etag"].clone();
        let again = || Request::get(&picture).header(header::IF_NONE_MATCH, &tag).body(Body::empty()).unwrap();
        bob.person.sends(again()).await.status(304);
        bank.is(Mood::Slow);
        // Too much was read for the promise; a person of the platform gives it back all the same.
        let staff = app.admin("rhea").await.actor().await;
        let amounts = BTreeMap::from([(bob.lines[0].to_string(), "39".to_owned())]);
        app.services.refunds.grant(&staff, bob.order, &amounts, Destination::Gateway, "goodwill").await.unwrap();
        // Not an instant has passed, and the gateway has not answered.
        bob.person.gets(&lesson).await.status(403).hides("secret-body");
        bob.person.gets(&picture).await.status(404);
        bob.person.sends(again()).await.status(404);
        let note = [("lesson", made.lessons[1].as_str()), ("body", "x")];
        bob.person.posts("/api/courses/add_note", &note).await.denied("not_enrolled");
        app.runs_jobs().await;
        app.wait(domain::time::Span::minutes(1));
        app.runs_jobs().await;
        bob.person.gets(&lesson).await.status(403).shows("Buy for ¥39");
        balanced(&app).await;
    }

    async fn what_was_shown_is_consumed_whoever_says_that_they_read_it(app: TestApp) {
        Moody::open(&app);
        let mut ada = app.expert("ada").await;
        let made = publishes(&mut ada, "paid", "39").await;
        let course = Thing::Course(made.course.parse().unwrap());
        let lesson = |id: &str| format!("/en/courses/paid/lessons/{id}");
        let mut bob = bought(&app, "bob", &[course]).await;
        let page = format!("/en/orders/{}/refund", bob.order);
        // The preview is everybody's, and the page of a quiz asks nothing yet.
        bob.person.gets(&lesson(&made.lessons[0])).await.status(200).shows("open-body");
        bob.person.gets(&lesson(&made.quiz)).await.status(200).hides("Which?");
        bob.person.gets(&page).await.status(200).shows("You get ¥39 back.").shows("0 per cent");
        // Half of what was paid for is looked at twice, and nothing is declared read.
        for _ in 0..2 {
            bob.person.gets(&lesson(&made.lessons[1])).await.status(200).shows("secret-body");
        }
        assert!(request(&app, &bob, &bob.lines).await.unwrap_err().to_string().contains("refund_consumed"));
        bob.person.gets(&page).await.hides("You get ¥39 back.").shows("50 per cent");
        // A quiz is consumed by whoever begins it.
        let mut eve = bought(&app, "eve", &[course]).await;
        eve.person.posts("/api/courses/start_quiz", &[("lesson", &made.quiz)]).await.ok();
        assert!(request(&app, &eve, &eve.lines).await.unwrap_err().to_string().contains("refund_consumed"));
        // Its author looks at everything and consumes nothing of anybody's.
        ada.gets(&lesson(&made.lessons[1])).await.status(200);
        let carl = bought(&app, "carl", &[course]).await;
        request(&app, &carl, &carl.lines).await.unwrap();
        app.runs_jobs().await;
        balanced(&app).await;
    }

    async fn what_is_paid_is_learnt(app: TestApp) {
        let mut ada = app.expert("ada").await;
        let (paid, free) = (publishes(&mut ada, "paid", "39").await, publishes(&mut ada, "free", "").await);
        let mut bob = app.learner("bob").await;
        let reply = bob.submits("/en/courses/paid", "/api/courses/enrol", &[("slug", "paid")]).await.status(303);
        let (order, page) = (last(&reply), reply.location().to_owned());
        // Asking again leads to the same order, which opens nothing.
        let again = bob.submits("/en/courses/paid", "/api/courses/enrol", &[("slug", "paid")]).await;
        assert_eq!(again.status(303).location(), page);
        bob.gets("/en/learning").await.status(200).hides("Reading a confusion matrix");
        let fields = [("order", order.as_str()), ("gateway", "sandbox")];
        let sandbox = bob.submits(&page, "/api/payments/begin", &fields).await.status(303);
        let payment = last(&sandbox);
        let choice = [("payment", payment.as_str()), ("choice", "paid")];
        bob.submits(sandbox.location(), "/api/payments/choose", &choice).await.status(303);
        app.runs_jobs().await;
        // Enrolled, without another step; the order says so, too.
        bob.gets(&page).await.status(200).shows("Paid. It is yours.");
        let lesson = format!("/en/courses/paid/lessons/{}", paid.lessons[1]);
        bob.gets(&lesson).await.status(200).shows("secret-body");
        assert!(matches!(course_of(&mut bob, "paid").await.standing, Standing::Learner(_)));
        bob.posts("/api/courses/enrol", &[("slug", "paid")]).await.denied("already_enrolled");
        bob.posts("/api/courses/finish_lesson", &[("lesson", &paid.lessons[0])]).await.ok();
        assert_eq!(course_of(&mut app.stranger(), "paid").await.card.learners, 1);
        // The list of the own courses: paid and free, each with its own progress.
        app.wait(domain::time::Span::minutes(1));
        bob.posts("/api/courses/enrol", &[("slug", "free")]).await.ok();
        let rows: Vec<LearningRow> = reads(&mut bob, "/api/courses/learning").await.ok().json();
        let shown = |row: &LearningRow| (row.slug.clone(), row.progress.done, row.progress.total, row.progress.next.unwrap().to_string());
        assert_eq!(shown(&rows[0]), ("free".to_owned(), 0, 3, free.lessons[0].clone()));
        assert_eq!(shown(&rows[1]), ("paid".to_owned(), 1, 3, paid.lessons[1].clone()));
        assert_eq!(rows.len(), 2);
        let report = server::audit::audit(&app.services.kit.db).await.unwrap();
        assert_eq!((report.findings.len(), report.orders), (0, 1));
        // Somebody else sees nothing of it, and where the right is gone the course is.
        let none: Vec<LearningRow> = reads(&mut app.learner("eve").await, "/api/courses/learning").await.ok().json();
        assert!(none.is_empty());
        let mut tx = app.services.kit.db.begin().await.unwrap();
        tx.exactly(1, sql!("update orders set state = 'refunded' where id = $1", order.parse::<uuid::Uuid>().unwrap())).await.unwrap();
        tx.commit().await.unwrap();
        bob.gets(&lesson).await.status(403).hides("secret-body");
        let rows: Vec<LearningRow> = reads(&mut bob, "/api/courses/learning").await.ok().json();
        assert_eq!(rows.iter().map(|row| row.slug.as_str()).collect::<Vec<_>>(), ["free"]);
    }
}
