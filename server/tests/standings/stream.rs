//! The stream over HTTP: what a viewer reads, after a break, after a gap, and if it never reads.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::Request;
use domain::standings::{Board, Diff, Fact, Snapshot};
use http_body_util::BodyExt;
use server::live::Frame;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tower::ServiceExt;

use super::ground::{Ground, SLUG};
use crate::both;
use crate::support::TestApp;

/// A viewer with an open stream.
pub struct Stream {
    body: Body,
    buffer: String,
}

/// An event as the browser hears it.
#[derive(Debug)]
pub struct Heard {
    pub id: Option<i64>,
    pub kind: String,
    pub data: String,
}

impl Stream {
    /// Connects, with the last number that it knows.
    pub async fn open(app: &TestApp, slug: &str, after: Option<i64>) -> Self {
        let mut request = Request::get(format!("/live/competitions/{slug}"));
        if let Some(after) = after {
            request = request.header("last-event-id", after.to_string());
        }
        let response = app.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: response.into_body(), buffer: String::new() }
    }
    /// The next event; nothing at the end of the stream.
    pub async fn next(&mut self) -> Option<Heard> {
        loop {
            if let Some((event, rest)) = self.buffer.split_once("\n\n") {
                let field =
                    |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
                let heard = field("event:").map(|kind| Heard {
                    id: field("id:").map(|id| id.parse().unwrap()),
                    kind: kind.to_owned(),
                    data: field("data:").unwrap_or_default().to_owned(),
                });
                self.buffer = rest.to_owned();
                match heard {
                    Some(heard) => return Some(heard),
                    None => continue,
                }
            }
            let frame = tokio::time::timeout(Duration::from_secs(10), self.body.frame()).await;
            let data = frame.expect("nothing came for ten seconds")?.unwrap().into_data().unwrap();
            self.buffer.push_str(std::str::from_utf8(&data).unwrap());
        }
    }
    /// The data of the next event of a kind; others pass by.
    pub async fn until(&mut self, kind: &str) -> String {
        loop {
            let heard = self.next().await.expect("the stream ended");
            if heard.kind == kind {
                return heard.data;
            }
        }
    }
    /// Whether nothing comes for a while.
    pub async fn quiet(&mut self) -> bool {
        self.buffer.is_empty()
            && tokio::time::timeout(Duration::from_millis(700), self.body.frame()).await.is_err()
    }
}

both! {
    async fn a_viewer_who_applies_what_arrives_sees_the_board(app: TestApp) {
        let ground = Ground::new(&app).await;
        let mut stream = ground.connects(None).await;
        let first = stream.until("snapshot").await;
        let mut board = Board::from_snapshot(&serde_json::from_str::<Snapshot<'_>>(&first).unwrap());
        for step in 0..6_i64 {
            ground.scores(usize::try_from(step % 4).unwrap(), step * 100_000, 0).await;
        }
        let last = ground.numbers().await.last().unwrap().sequence;
        while board.sequence() < last {
            let diff = stream.until("diff").await;
            board.apply(&serde_json::from_str::<Diff<'_>>(&diff).unwrap()).unwrap();
        }
        assert_eq!(serde_json::to_string(&board.snapshot()).unwrap(), ground.snapshot().await);
        ground.says(Fact::Frozen).await;
        assert!(stream.until("state").await.contains("frozen"));
    }

    async fn a_viewer_that_comes_back_gets_only_what_it_missed(app: TestApp) {
        let ground = Ground::new(&app).await;
        let mut stream = ground.connects(None).await;
        stream.until("snapshot").await;
        ground.scores(0, 100_000, 0).await;
        let seen = loop {
            let heard = stream.next().await.unwrap();
            if heard.kind == "diff" { break heard.id.unwrap(); }
        };
        drop(stream);
        ground.scores(1, 200_000, 0).await;
        ground.snapshot().await;
        let mut back = ground.connects(Some(seen)).await;
        let heard = back.next().await.unwrap();
        assert_eq!((heard.kind.as_str(), heard.id), ("diff", Some(seen + 1)));
        let diff: Diff<'_> = serde_json::from_str(&heard.data).unwrap();
        assert_eq!((diff.from, diff.seq, diff.rows.len()), (seen, seen + 1, 1));
        // Somebody who knows everything hears nothing; somebody from before the ring gets everything.
        assert!(ground.connects(Some(seen + 1)).await.skip_retry().await.quiet().await);
        let fresh = Ground { app: app.restarted().await, ..ground.clone() };
        assert_eq!(fresh.connects(Some(seen)).await.next().await.unwrap().kind, "snapshot");
        // A number from another life is no number.
        assert_eq!(ground.connects(Some(seen + 1_000)).await.next().await.unwrap().kind, "snapshot");
    }

    async fn snapshots_have_addresses_for_ever_and_answer_what_is_known(app: TestApp) {
        let ground = Ground::new(&app).await;
        ground.scores(0, 100_000, 0).await;
        let present = ground.snapshot().await;
        let seq = ground.numbers().await.len();
        let address = format!("/live/competitions/{SLUG}/standings/{seq}.json");
        let reply = app.stranger().gets(&address).await.status(200);
        assert_eq!(reply.text(), present);
        assert!(reply.headers["cache-control"].to_str().unwrap().contains("immutable"));
        let tag = reply.headers["etag"].clone();
        let current = format!("/live/competitions/{SLUG}/standings.json");
        let ask = |path: &str, name: &str, value: &str| {
            Request::get(path).header(name, value).body(Body::empty()).unwrap()
        };
        let known = ask(&current, "if-none-match", tag.to_str().unwrap());
        let known = app.stranger().sends(known).await.status(304);
        assert!(known.body.is_empty());
        let zipped = app.stranger().sends(ask(&current, "accept-encoding", "gzip")).await.status(200);
        assert_eq!(zipped.headers["content-encoding"], "gzip");
        assert_eq!(&zipped.body[..2], &[0x1f, 0x8b]);
        let gone = app.stranger().gets(&format!("/live/competitions/{SLUG}/standings/1.json")).await.status(307);
        assert_eq!(gone.location(), current);
        app.stranger().gets("/live/competitions/no-such").await.status(404);
    }

    async fn a_stream_ends_when_the_process_does_and_says_so(app: TestApp) {
        let ground = Ground::new(&app).await;
        let mut stream = ground.connects(None).await;
        stream.until("snapshot").await;
        assert_eq!(app.services.standings.live.viewers(), 1);
        app.services.standings.live.close();
        assert_eq!(stream.next().await.unwrap().kind, "bye");
        assert!(stream.next().await.is_none());
        drop(stream);
        assert_eq!(app.services.standings.live.viewers(), 0);
    }

    async fn a_commit_in_one_process_reaches_the_viewers_of_another(app: TestApp) {
        if app.services.kit.db.is_postgres() {
            let ground = Ground::new(&app).await;
            let other = Ground { app: app.restarted().await, ..ground.clone() };
            let relay = tokio::spawn(other.app.services.kit.db.clone().relay());
            let mut stream = other.connects(None).await;
            stream.until("snapshot").await;
            ground.scores(2, 700_000, 0).await;
            assert!(stream.until("diff").await.contains("700000"));
            relay.abort();
            other.app.services.kit.db.close().await;
        }
    }
}

impl Stream {
    /// Passes over the line that says when to come back.
    async fn skip_retry(mut self) -> Self {
        let data = self.body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert!(data.starts_with(b"retry:"));
        self
    }
}

both! {
    async fn a_viewer_that_never_reads_is_bounded_and_delays_nobody(app: TestApp) {
        const FRAME: usize = 64 * 1024;
        const FRAMES: i64 = 1_024;
        let ground = Ground::new(&app).await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = app.router.clone().into_make_service_with_connect_info::<std::net::SocketAddr>();
        let serving = tokio::spawn(axum::serve(listener, service).into_future());
        let mut lazy = tokio::net::TcpStream::connect(address).await.unwrap();
        let ask = format!("GET /live/competitions/{SLUG} HTTP/1.1\r\nHost: x\r\n\r\n");
        lazy.write_all(ask.as_bytes()).await.unwrap();
        let mut keen = ground.connects(None).await;
        keen.until("snapshot").await;
        while app.services.standings.live.viewers() < 2 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let topic = app.services.standings.live.topic(ground.competition.0);
        let start = ground.numbers().await.len();
        let start = i64::try_from(start).unwrap();
        for step in 0..FRAMES {
            let seq = start + step + 1;
            let text = format!("id: {seq}\nevent: diff\ndata: {}\n\n", "x".repeat(FRAME));
            let fresh = format!("id: {seq}\nevent: snapshot\ndata: fresh\n\n");
            topic.publish(Frame { from: seq - 1, seq, bytes: Bytes::from(text) }, Bytes::from(fresh));
            // Whoever reads is up to date all the time.
            assert_eq!(keen.next().await.unwrap().id, Some(seq));
            if step % 16 == 0 {
                tokio::task::yield_now().await;
            }
        }
        // 64 MiB were sent; the topic keeps a megabyte of them.
        assert!(topic.kept().1 <= 1 << 20, "{:?}", topic.kept());
        // The lazy one begins to read: what had piled up for it is a few buffers, then a fresh start.
        let (mut read, mut tail) = (0_usize, Vec::new());
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let count = tokio::time::timeout(Duration::from_secs(10), lazy.read(&mut buffer)).await.unwrap().unwrap();
            assert!(count > 0, "the stream was cut");
            read += count;
            tail.extend_from_slice(&buffer[..count]);
            if tail.windows(11).any(|piece| piece == b"data: fresh") {
                break;
            }
            tail.drain(..tail.len().saturating_sub(16));
        }
        assert!(read < 16 * 1024 * 1024, "{read} bytes had piled up for a viewer that never read");
        serving.abort();
    }
}
