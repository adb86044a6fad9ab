//! Messages that leave the house.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use domain::time::Span;
use server::db::Count;
use server::mail::{Mail, Post, Settings, Unsent};
use server::sql;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

use super::{bill, comes, october, plans, sound, subscriber};
use crate::both;
use crate::support::START;
use crate::support::post::{Outbox, with_post};

both! {
    async fn reminders_are_mailed_once_in_the_language_of_their_reader(app: TestApp) {
        let outbox = Arc::new(Outbox::default());
        let app = with_post(&app, outbox.clone());
        let plans = plans(&app).await;
        let bob = subscriber(&app, "bob", plans.basic).await;
        let lin = subscriber(&app, "lin", plans.basic).await;
        let mut tx = app.services.kit.db.begin().await.unwrap();
        tx.run(sql!("update accounts set locale = 'zh' where username = $1", "lin")).await.unwrap();
        tx.commit().await.unwrap();
        app.runs_jobs().await;
        assert_eq!(outbox.subjects("bob@example.org"), ["Basic is paid"]);
        assert_eq!(outbox.subjects("lin@example.org"), ["“方案”已付款"]);
        // The mail server is away when the next period is billed.
        outbox.refusals.store(3, Ordering::SeqCst);
        comes(&app, october().minus(Span::hours(24))).await;
        assert_eq!(outbox.sent.lock().unwrap().len(), 2);
        for _ in 0..3 {
            app.wait(Span::hours(1));
            app.runs_jobs().await;
        }
        assert_eq!(outbox.subjects("bob@example.org"), ["Basic is paid", "Basic is renewed soon"]);
        assert_eq!(outbox.subjects("lin@example.org"), ["“方案”已付款", "“方案”即将续订"]);
        for (person, tongue) in [(&bob, "en"), (&lin, "zh")] {
            let order = bill(&app, person).await;
            let sent = outbox.sent.lock().unwrap();
            let mail = sent.iter().rfind(|mail| mail.to.starts_with(&person.username)).unwrap();
            assert!(mail.text.contains("¥30"), "{}", mail.text);
            assert!(mail.text.contains(&format!("http://127.0.0.1:3000/{tongue}/orders/{order}\n")), "{}", mail.text);
            assert!(mail.id.ends_with("@127.0.0.1"), "{}", mail.id);
        }
        for days in 0..=7 {
            comes(&app, october().plus(Span::days(days))).await;
            app.runs_jobs().await;
        }
        let all = outbox.subjects("bob@example.org");
        assert_eq!(all.len(), 7, "paid, soon, due, three times asked, ended: {all:?}");
        let count = sql!("select count(*) as n from messages where mailed_at is null");
        assert_eq!(app.services.kit.db.one::<Count>(count).await.unwrap().n, 0);
        sound(&app).await;
    }

    async fn what_was_written_before_mails_were_sent_stays_at_home(app: TestApp) {
        let plans = plans(&app).await;
        subscriber(&app, "bob", plans.basic).await;
        app.runs_jobs().await;
        let outbox = Arc::new(Outbox::default());
        let app = with_post(&app, outbox.clone());
        app.wait(Span::hours(1));
        app.runs_jobs().await;
        assert!(outbox.sent.lock().unwrap().is_empty());
    }
}

/// A mail server of a few lines: it answers each command, and tells what it heard.
async fn mail_server(answer_to_recipient: &'static str) -> (String, tokio::task::JoinHandle<String>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let heard = tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        let (reader, mut writer) = socket.into_split();
        let (mut lines, mut heard, mut data) = (BufReader::new(reader).lines(), String::new(), false);
        writer.write_all(b"220 here\r\n").await.unwrap();
        while let Ok(Some(line)) = lines.next_line().await {
            heard.push_str(&line);
            heard.push('\n');
            let answer = match line.split(' ').next().unwrap_or_default() {
                "." => {
                    data = false;
                    "250 kept"
                }
                _ if data => continue,
                "RCPT" => answer_to_recipient,
                "DATA" => {
                    data = true;
                    "354 go on"
                }
                "QUIT" => "221 bye",
                _ => "250 fine",
            };
            if writer.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() || line == "." {
                break;
            }
        }
        heard
    });
    (url, heard)
}

fn mail() -> Mail {
    Mail {
        id: "1@example.org".to_owned(),
        to: "bob@example.org".to_owned(),
        subject: "“方案”已付款".to_owned(),
        text: "One line.\n".to_owned(),
        at: START,
    }
}

fn post(url: &str) -> Arc<dyn Post> {
    let settings = Settings::read(url, "Leitai <no-reply@example.org>").unwrap().unwrap();
    server::mail::open(&settings).unwrap()
}

#[tokio::test]
async fn a_mail_arrives_over_smtp() {
    let (url, heard) = mail_server("250 fine").await;
    post(&url).send(&mail()).await.unwrap();
    let heard = heard.await.unwrap();
    for part in [
        "MAIL FROM:<no-reply@example.org>",
        "RCPT TO:<bob@example.org>",
        "Message-ID: <1@example.org>",
        "Date: Tue, 01 Sep 2026 08:00:00 +0000",
        "Subject: =?utf-8?b?",
        "One line.",
    ] {
        assert!(heard.contains(part), "{part} in {heard}");
    }
}

#[tokio::test]
async fn what_a_mail_server_refuses_for_ever_is_not_tried_again() {
    let (url, _) = mail_server("550 nobody").await;
    assert!(matches!(post(&url).send(&mail()).await, Err(Unsent::Never(_))));
    let (url, _) = mail_server("451 later").await;
    assert!(matches!(post(&url).send(&mail()).await, Err(Unsent::Later(_))));
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert!(matches!(post(&format!("smtp://{gone}")).send(&mail()).await, Err(Unsent::Later(_))));
    let bad = Mail { to: "bob\r\nBcc: eve@example.org".to_owned(), ..mail() };
    assert!(matches!(post(&url).send(&bad).await, Err(Unsent::Never(_))));
}

#[test]
fn a_wrong_setting_is_named() {
    let wrong = |url, from| Settings::read(url, from).err().map(|(key, _)| key);
    assert_eq!(wrong("", "nobody"), None);
    assert_eq!(wrong("http://example.org", "a@example.org"), Some("MAIL_URL"));
    assert_eq!(wrong("smtp://example.org", "nobody"), Some("MAIL_FROM"));
    assert_eq!(wrong("file:/tmp/mails", "Leitai <a@example.org>"), None);
}
