//! Stories of the binary with gateways: killed in the middle of a payment, and flooded at its doors.

use std::process::Command;
use std::time::Duration;

use domain::payments::AttemptState;
use domain::time::Span;
use fakepay::{Stage, Trouble};
use server::clock::{Clock, SystemClock};
use server::features::payments::store;
use server::sql;
use tokio::io::AsyncReadExt;

use crate::binary::{Process, leitai};
use crate::both;
use crate::support::Person;
use crate::support::bank::{self, Bank, GATEWAYS, agrees, attempt, count, order};
use crate::support::shop::COURSE;

/// The binary with the keys of the fake gateways of a test.
fn with_gateways(bank: &Bank) -> Command {
    let mut command = leitai(&bank.app);
    command.env("DEMONSTRATION", "1").env("WORKERS", "0").envs(bank.fake.settings());
    command
}

/// A form of a person, sent to a process.
fn form(person: &Person, path: &str) -> String {
    let cookies: Vec<String> = person.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!(
        "POST {path} HTTP/1.1\r\nconnection: close\r\ncookie: {}\r\norigin: http://127.0.0.1:3000\r\n\
         accept: application/json\r\ncontent-type: application/x-www-form-urlencoded",
        cookies.join("; ")
    )
}

both! {
    async fn row_12_a_process_that_is_killed_after_the_gateway_made_a_payment_loses_nothing(app: TestApp) {
        app.clock.set(SystemClock.now());
        let mut bank = bank::open(app).await;
        for gateway in ["stripe", "wechatpay"] {
            let person = bank.app.learner(gateway).await;
            let order = order(&bank.app, &person, COURSE).await;
            let server = Process::of(&mut with_gateways(&bank));
            bank.fake.plan(Trouble::Slow(60_000), 1, "POST /v");
            let asked = server.sends(&form(&person, "/api/payments/begin"), format!("order={order}&gateway={gateway}").as_bytes()).await;
            let made = |bank: &Bank| {
                let world = bank.fake.shared().world();
                world.trades.values().filter(|trade| trade.kind.as_str() == gateway && trade.stage == Stage::Open).count()
            };
            for _ in 0..600 {
                if made(&bank) > 0 {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            assert_eq!(made(&bank), 1, "{gateway}: the gateway has made it, and nobody has heard");
            server.dies();
            drop(asked);
            bank = bank.restarted().await;
            let known = store::attempts(&bank.app.services.kit.db, order).await.unwrap();
            assert_eq!((known.len(), known[0].state), (1, AttemptState::Created), "{gateway}");
            bank.app.wait(Span::minutes(2));
            bank.app.runs_jobs().await;
            assert_eq!(attempt(&bank.app, known[0].id).await.state, AttemptState::Pending, "{gateway}: its job asked");
            assert_eq!(made(&bank), 1, "{gateway}: one payment");
            bank.fake.pay(&known[0].number());
            bank.settles().await;
            assert_eq!(attempt(&bank.app, known[0].id).await.state, AttemptState::Confirmed, "{gateway}");
        }
        assert_eq!(count(&bank.app, sql!("select count(*) as n from charges")).await, 2);
        agrees(&bank).await;
    }

    async fn row_11_floods_at_the_doors_leave_the_memory_as_it_was(app: TestApp) {
        let bank = bank::open(app).await;
        let server = Process::of(&mut with_gateways(&bank));
        let deep = format!("{}{}", "[".repeat(400_000), "]".repeat(400_000)).into_bytes();
        let bodies = [
            (vec![b' '; 2 * 1024 * 1024], 413),
            (deep, 400),
            (format!("a={}", "x".repeat(900_000)).into_bytes(), 400),
            ((0..60_000).map(|at| format!("f{at}=1")).collect::<Vec<_>>().join("&").into_bytes(), 400),
        ];
        let round = async || {
            for gateway in GATEWAYS {
                for (body, expected) in &bodies {
                    let head = format!("POST /pay/{gateway}/notify HTTP/1.1\r\nconnection: close\r\nstripe-signature: t=1,v1=00");
                    let mut answer = String::new();
                    // A server that does not read a body to its end may close before it is sent.
                    let mut socket = server.sends(&head, body).await;
                    let _ = socket.read_to_string(&mut answer).await;
                    assert!(answer.is_empty() || answer.starts_with(&format!("HTTP/1.1 {expected}")), "{gateway}: {answer}");
                }
            }
        };
        for _ in 0..3 {
            round().await;
        }
        let before = server.memory();
        for _ in 0..10 {
            round().await;
        }
        let after = server.memory();
        assert!(after < before + 16 * 1024 * 1024, "{before} bytes grew to {after} by a hundred floods");
        assert!(server.stops().await.success());
    }
}
