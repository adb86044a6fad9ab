//! Stories of the binary itself: its commands, a process that is killed, and one that is asked to stop.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use domain::actor::Role;
use domain::judging::Verdict;
use domain::orders::OrderId;
use server::bus::Bus;
use server::clock::{Clock, SystemClock, SystemEntropy};
use server::db::{Around, Count, Db, Sql};
use server::sql;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::both;
use crate::support::stage::{self, predictions, submissions};
use crate::support::{Person, TestApp};

/// The binary with the settings of an application.
fn leitai(app: &TestApp) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_leitai"));
    command
        .env_clear()
        .env("DATA", &app.folder)
        .env("DATABASE_URL", &app.services.kit.config.database_url)
        .env("SECRET", "07".repeat(32))
        .env("ADDRESS", "127.0.0.1:0")
        .env("LOG", "warn")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs a command to its end.
fn ends(command: &mut Command, input: &str) -> Output {
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// A server in a process of its own.
struct Process {
    child: Child,
    address: String,
}

impl Process {
    /// Starts a server and waits until it listens.
    fn serves(app: &TestApp, workers: &str) -> Self {
        let mut child = leitai(app).arg("serve").env("WORKERS", workers).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.find(|line| line.as_ref().unwrap().contains("listening on")).unwrap().unwrap();
        let address = line.rsplit("listening on ").next().unwrap().trim_end_matches(')').to_owned();
        // What it says later has to go somewhere.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }
    /// Sends a request and opens its answer.
    async fn sends(&self, head: &str, body: &[u8]) -> TcpStream {
        let mut socket = TcpStream::connect(&self.address).await.unwrap();
        let head = format!("{head}\r\nhost: 127.0.0.1:3000\r\ncontent-length: {}\r\n\r\n", body.len());
        socket.write_all(head.as_bytes()).await.unwrap();
        socket.write_all(body).await.unwrap();
        socket
    }
    /// Uploads predictions as a person's browser does; the answer.
    async fn submits(&self, person: &Person, csv: &str) -> String {
        let cookies: Vec<String> =
            person.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let head = format!(
            "POST /api/competitions/tumour/submit HTTP/1.1\r\nconnection: close\r\ncookie: {}\r\n\
             origin: http://127.0.0.1:3000\r\naccept: application/json\r\n\
             content-type: multipart/form-data; boundary=b",
            cookies.join("; ")
        );
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.csv\"\r\n\r\n{csv}\r\n--b--\r\n"
        );
        let mut answer = String::new();
        self.sends(&head, body.as_bytes()).await.read_to_string(&mut answer).await.unwrap();
        answer
    }
    /// Ends it as a machine does that loses its power.
    fn dies(mut self) {
        self.child.kill().unwrap();
        assert!(!self.child.wait().unwrap().success());
    }
    /// Asks it to stop; how it ended.
    async fn stops(mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        for _ in 0..200 {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        self.child.kill().unwrap();
        panic!("it did not stop within twenty seconds");
    }
}

/// A competition that runs whatever the machine's clock says, and an entrant.
async fn running(app: &TestApp) -> Person {
    app.clock.set(SystemClock.now());
    let mut ada = app.expert("ada").await;
    let always = [
        ("registration_opens", "2020-01-01T00:00"),
        ("registration_closes", "2090-01-01T00:00"),
        ("starts", "2020-01-01T00:00"),
        ("ends", "2090-01-01T00:00"),
    ];
    stage::competition(&mut ada, "tumour", &always).await;
    stage::entrant(app, "bob", "tumour").await
}

both! {
    async fn a_process_that_is_killed_loses_no_submission(app: TestApp) {
        let bob = running(&app).await;
        let server = Process::serves(&app, "0");
        let answer = server.submits(&bob, &predictions(|_| false)).await;
        assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
        server.dies();
        let rows = submissions(&bob, "tumour").await.rows;
        assert_eq!((rows.len(), rows[0].verdict), (1, Verdict::Queued), "accepted, and not judged yet");
        let server = Process::serves(&app, "2");
        let mut verdict = Verdict::Queued;
        for _ in 0..200 {
            verdict = submissions(&bob, "tumour").await.rows[0].verdict;
            if verdict != Verdict::Queued {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(verdict, Verdict::Accepted);
        assert!(server.stops().await.success());
        app.stranger().gets("/en/competitions/tumour/board").await.status(200).shows("1.0000");
    }

    async fn a_process_that_is_asked_to_stop_tells_its_viewers(app: TestApp) {
        running(&app).await;
        let server = Process::serves(&app, "1");
        let head = "GET /live/competitions/tumour HTTP/1.1\r\naccept: text/event-stream";
        let mut stream = server.sends(head, b"").await;
        let mut heard = String::new();
        let mut bytes = vec![0; 4_096];
        while !heard.contains("event: snapshot") {
            let count = tokio::time::timeout(Duration::from_secs(20), stream.read(&mut bytes)).await.unwrap().unwrap();
            assert!(count > 0, "the stream ended: {heard}");
            heard.push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
        let rest = tokio::spawn(async move {
            let mut rest = String::new();
            stream.read_to_string(&mut rest).await.unwrap();
            rest
        });
        assert!(server.stops().await.success());
        assert!(rest.await.unwrap().contains("event: bye"));
    }

    async fn a_process_that_is_stopped_at_once_stops_in_good_order(app: TestApp) {
        let server = Process::serves(&app, "1");
        assert!(server.stops().await.success(), "whoever has said that it listens hears");
    }

    async fn commands_look_after_accounts(app: TestApp) {
        let is_expert = async || app.services.accounts.actor("zoe").await.unwrap().unwrap().is(Role::Expert);
        let create = ["account", "create", "zoe", "zoe@example.org"];
        let short = ends(leitai(&app).args(create), "short\n");
        assert!(!short.status.success() && app.services.accounts.actor("zoe").await.unwrap().is_none());
        let made = ends(leitai(&app).args(create), "a long enough sentence\n");
        assert!(made.status.success(), "{}", said(&made));
        assert!(!is_expert().await);
        let login = [("name", "zoe"), ("password", "a long enough sentence")];
        app.stranger().posts("/api/accounts/log_in", &login).await.ok();
        assert!(!ends(leitai(&app).args(create), "a long enough sentence\n").status.success(), "the name is taken");
        assert!(ends(leitai(&app).args(["account", "grant", "zoe", "expert"]), "").status.success());
        assert!(is_expert().await);
        assert!(ends(leitai(&app).args(["account", "revoke", "zoe", "expert"]), "").status.success());
        assert!(!is_expert().await);
        assert!(!ends(leitai(&app).args(["account", "grant", "nobody", "expert"]), "").status.success());
        let emperor = ends(leitai(&app).args(["account", "grant", "zoe", "emperor"]), "");
        assert!(!emperor.status.success() && said(&emperor).contains("there is no role emperor"));
    }

    async fn an_audit_ends_with_what_it_found(app: TestApp) {
        let sound = ends(leitai(&app).arg("audit"), "");
        assert!(sound.status.success() && said(&sound).contains("0 findings"), "{}", said(&sound));
        let eve = app.learner("eve").await.actor().await;
        let order = app.services.kit.id::<OrderId>();
        let mut tx = app.services.kit.db.begin().await.unwrap();
        tx.run(sql!(
            "insert into orders (id, account_id, state, currency, total, placed_at, expires_at, paid_at)
             values ($1, $2, 'paid', 'CNY', 3900, 0, 0, 0)",
            order,
            eve.account
        ))
        .await
        .unwrap();
        tx.commit().await.unwrap();
        let broken = ends(leitai(&app).arg("audit"), "");
        assert_eq!(broken.status.code(), Some(1));
        assert!(said(&broken).contains(&order.to_string()), "{}", said(&broken));
    }

    async fn a_backup_is_an_installation_again(app: TestApp) {
        running(&app).await;
        let (archive, copy) = (app.folder.join("backup.tar"), app.folder.join("copy"));
        let made = ends(leitai(&app).arg("backup").arg(&archive), "");
        assert!(made.status.success(), "{}", said(&made));
        assert!(!ends(leitai(&app).arg("backup").arg(&archive), "").status.success(), "nothing is overwritten");
        std::fs::create_dir(&copy).unwrap();
        let unpacked = Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(&copy).output().unwrap();
        assert!(unpacked.status.success() && unpacked.stderr.is_empty(), "{}", said(&unpacked));
        let truth: Count = app.services.kit.db.one(sql!("select count(*) as n from competition_files")).await.unwrap();
        assert!(truth.n >= 2);
        let same = Command::new("diff").arg("-r").arg(app.folder.join("files")).arg(copy.join("files")).status();
        assert!(same.unwrap().success(), "every uploaded file is in it");
        assert_eq!(copy.join("leitai.sqlite").exists(), !app.services.kit.db.is_postgres());
        if !app.services.kit.db.is_postgres() {
            let around = Around {
                bus: Bus::new(uuid::Uuid::nil()),
                clock: Arc::new(SystemClock),
                entropy: Arc::new(SystemEntropy::new()),
            };
            let address = format!("sqlite:{}", copy.join("leitai.sqlite").display());
            let db = Db::connect(&address, 1, false, around).await.unwrap();
            let people: Count = db.one(sql!("select count(*) as n from accounts")).await.unwrap();
            assert_eq!(people.n, 2);
            db.close().await;
        }
    }

    async fn an_old_schema_is_migrated_or_refused(app: TestApp) {
        assert!(ends(leitai(&app).arg("audit").env("MIGRATE", "0"), "").status.success());
        let last = "delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)";
        let mut tx = app.services.kit.db.begin().await.unwrap();
        tx.exactly(1, Sql::new(last, Vec::new())).await.unwrap();
        tx.commit().await.unwrap();
        let refused = ends(leitai(&app).arg("audit").env("MIGRATE", "0"), "");
        assert!(!refused.status.success() && said(&refused).contains("leitai migrate"), "{}", said(&refused));
        if !app.services.kit.db.is_postgres() {
            let fresh = |act: &str| {
                let mut command = leitai(&app);
                command.arg(act).env("MIGRATE", "0").env("DATABASE_URL", "").env("DATA", app.folder.join("fresh"));
                ends(&mut command, "")
            };
            // It looks, and makes nothing where there is nothing.
            assert!(!fresh("audit").status.success());
            assert!(!app.folder.join("fresh").exists());
            let migrated = fresh("migrate");
            assert!(migrated.status.success(), "{}", said(&migrated));
            assert!(fresh("audit").status.success());
        }
    }

    async fn every_wrong_setting_is_named_at_once(app: TestApp) {
        let mut command = leitai(&app);
        command.env("WORKERS", "many").env("PUBLIC_URL", "http://example.org").env("LOG_FORMAT", "yaml");
        let refused = ends(&mut command, "");
        assert_eq!(refused.status.code(), Some(2));
        for key in ["WORKERS", "PUBLIC_URL", "LOG_FORMAT"] {
            assert!(said(&refused).contains(key), "{}", said(&refused));
        }
    }
}
