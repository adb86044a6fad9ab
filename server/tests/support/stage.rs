//! A stage to compete on: competitions made by an organiser through plain forms.

use axum::body::Body;
use axum::http::{Request, header};
use domain::locale::Locale;

use super::app::TestApp;
use super::people::{Person, Reply};

/// How many rows the truth has.
pub const ROWS: usize = 20;

/// The form of a running prediction competition; later values of a name win.
pub fn form(slug: &str, change: &[(&str, &str)]) -> Vec<(String, String)> {
    let fields = [
        ("slug", slug),
        ("title_en", "Tumour or not"),
        ("title_zh", "肿瘤与否"),
        ("summary_en", "Careful classification."),
        ("rules_en", "# How it works\n\nBe **honest**."),
        ("kind", "prediction"),
        ("offset", "0"),
        ("registration_opens", "2026-09-01T07:00"),
        ("registration_closes", "2026-09-02T07:00"),
        ("starts", "2026-09-01T08:00"),
        ("freezes", ""),
        ("ends", "2026-09-02T08:00"),
        ("fee", ""),
        ("currency", "CNY"),
        ("capacity", ""),
        ("counting", "best"),
        ("ties", "earlier"),
        ("metric", "accuracy"),
        ("public_share", "50"),
        ("daily_limit", "3"),
        ("time_limit", "20"),
    ];
    let mut fields: Vec<(String, String)> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    for (name, value) in change {
        let field = fields.iter_mut().find(|(other, _)| other == name).expect("a field of the form");
        (*value).clone_into(&mut field.1);
    }
    fields
}

/// Sends fields whose values are owned.
pub async fn posts(person: &mut Person, path: &str, fields: &[(String, String)]) -> Reply {
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    person.posts(path, &fields).await
}

/// The target of a row.
fn target(row: usize) -> usize {
    usize::from(row.is_multiple_of(3))
}

/// The truth: `ROWS` rows of 0 and 1.
pub fn truth() -> String {
    (0..ROWS).fold("id,target\n".to_owned(), |text, row| format!("{text}r{row},{}\n", target(row)))
}

/// Predictions that are wrong in some rows.
pub fn predictions(wrong: impl Fn(usize) -> bool) -> String {
    (0..ROWS).fold("id,prediction\n".to_owned(), |text, row| {
        let value = if wrong(row) { 1 - target(row) } else { target(row) };
        format!("{text}r{row},{value}\n")
    })
}

/// Uploads a file as the browser's half does; the answer is JSON or a redirect.
pub async fn uploads(person: &mut Person, path: &str, field: &str, bytes: &[u8]) -> Reply {
    let head = format!(
        "--b\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"file.csv\"\r\n\
         Content-Type: text/csv\r\n\r\n"
    );
    let body = [head.as_bytes(), bytes, b"\r\n--b--\r\n"].concat();
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
        .header(header::ACCEPT, "application/json");
    person.sends(request.body(Body::from(body)).unwrap()).await
}

/// Sends predictions.
pub async fn submits(person: &mut Person, slug: &str, csv: &str) -> Reply {
    uploads(person, &format!("/api/competitions/{slug}/submit"), "file", csv.as_bytes()).await
}

/// A draft of a prediction competition with its files.
pub async fn draft(organiser: &mut Person, slug: &str, change: &[(&str, &str)]) {
    posts(organiser, "/api/competitions/create", &form(slug, change)).await.ok();
    let path = format!("/api/competitions/{slug}");
    uploads(organiser, &format!("{path}/truth"), "truth", truth().as_bytes()).await.status(303);
    uploads(organiser, &format!("{path}/data"), "data", b"id,x\nr1,0.5\n").await.status(303);
}

/// A public prediction competition.
pub async fn competition(organiser: &mut Person, slug: &str, change: &[(&str, &str)]) {
    draft(organiser, slug, change).await;
    organiser.posts("/api/competitions/publish", &[("competition", slug)]).await.ok();
}

/// The fields of a question with one right option, worth two points.
pub const SINGLE: &[(&str, &str)] = &[
    ("kind", "single"),
    ("prompt_en", "Two and two?"),
    ("prompt_zh", "二加二？"),
    ("points", "2"),
    ("choices_en", "three\n*four"),
    ("choices_zh", "三\n四"),
];

/// A public quiz with two questions, worth two and three points.
pub async fn quiz(organiser: &mut Person, slug: &str, change: &[(&str, &str)]) {
    let mut change = change.to_vec();
    change.push(("kind", "quiz"));
    posts(organiser, "/api/competitions/create", &form(slug, &change)).await.ok();
    let number = [
        ("kind", "number"),
        ("prompt_en", "Pi to two places?"),
        ("points", "3"),
        ("number_value", "3.14"),
        ("number_tolerance", "0.005"),
    ];
    for question in [SINGLE, &number] {
        let fields: Vec<_> = [("competition", slug)].into_iter().chain(question.iter().copied()).collect();
        organiser.posts("/api/competitions/add_question", &fields).await.ok();
    }
    organiser.posts("/api/competitions/publish", &[("competition", slug)]).await.ok();
}

/// Somebody who is registered for a free competition.
pub async fn entrant(app: &TestApp, username: &str, slug: &str) -> Person {
    let mut person = app.learner(username).await;
    person.posts("/api/competitions/register", &[("slug", slug)]).await.ok();
    person
}

/// The page of a competition as its viewer gets it.
pub async fn page(person: &Person, slug: &str) -> app::features::competitions::CompetitionPage {
    let actor = person.actor().await;
    person.app.services.competitions.show(Some(&actor), slug, Locale::En).await.unwrap()
}

/// The own submissions of a person.
pub async fn submissions(person: &Person, slug: &str) -> app::features::judging::MySubmissions {
    let actor = person.actor().await;
    person.app.services.judging.submissions(&actor, slug).await.unwrap()
}
