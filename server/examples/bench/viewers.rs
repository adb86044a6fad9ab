//! (b) Thousands of viewers on one stream: how late does each event reach each of them?

use super::load::split;
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::sync::mpsc;

/// Microseconds since 1970: both sides run on one machine.
pub fn now_micros() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// What to measure.
#[derive(clap::Args)]
pub struct Options {
    /// The stream.
    address: String,
    /// How many viewers.
    viewers: usize,
    /// How many events the server sends; their instants come on the standard input, one line each.
    events: usize,
}

/// Connects everybody, says `ready`, then reads one line per event: the instant of its commit.
/// The arrivals of event `n` are those of the `n`th `event: diff` that each viewer reads.
pub async fn measure(options: Options) {
    let (host, path) = split(&options.address);
    let host: std::net::SocketAddr = host.parse().expect("an address with a port");
    let text = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/event-stream\r\n\r\n");
    let arrivals: Arc<Vec<Mutex<Vec<u64>>>> =
        Arc::new((0..options.events).map(|_| Mutex::new(Vec::with_capacity(options.viewers))).collect());
    let (connected, mut connections) = mpsc::unbounded_channel::<()>();
    for number in 0..options.viewers {
        let (text, arrivals, connected) = (text.clone(), arrivals.clone(), connected.clone());
        tokio::spawn(async move { view(host, number, &text, &arrivals, &connected).await });
        if number % 64 == 63 {
            for _ in 0..64 {
                connections.recv().await;
            }
        }
    }
    for _ in 0..options.viewers % 64 {
        connections.recv().await;
    }
    println!("ready");
    let mut lines = crate::input();
    let mut commits = Vec::new();
    while let Some(line) = lines.recv().await {
        commits.push(line.trim().parse::<u64>().expect("an instant"));
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    report(&commits, &arrivals);
}

fn report(commits: &[u64], arrivals: &[Mutex<Vec<u64>>]) {
    let mut late: Vec<u64> = Vec::new();
    let mut missing = 0;
    let viewers = arrivals.first().map_or(0, |first| first.lock().unwrap().len());
    for (commit, arrived) in commits.iter().zip(arrivals) {
        let arrived = arrived.lock().unwrap();
        missing += viewers.saturating_sub(arrived.len());
        late.extend(arrived.iter().map(|at| at.saturating_sub(*commit)));
    }
    late.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "a count of microseconds")]
    let at = |share: usize| {
        late.get((late.len().saturating_sub(1)) * share / 1000).map_or(0.0, |us| *us as f64 / 1e3)
    };
    println!(
        "{}",
        json!({ "viewers": viewers, "arrivals": late.len(), "missing": missing,
                "p50_ms": at(500), "p99_ms": at(990), "max_ms": at(1000) })
    );
}

/// One viewer. Loopback addresses differ, so that ten thousand do not use up the ports of one.
async fn view(
    host: std::net::SocketAddr,
    number: usize,
    text: &str,
    arrivals: &[Mutex<Vec<u64>>],
    connected: &mpsc::UnboundedSender<()>,
) {
    let socket = TcpSocket::new_v4().expect("a socket");
    let last = u8::try_from(2 + number / 5000).unwrap_or(u8::MAX);
    socket.bind(([127, 0, 0, last], 0).into()).expect("an own address");
    let mut stream = socket.connect(host).await.expect("connecting");
    stream.write_all(text.as_bytes()).await.expect("asking");
    let mut buffer = vec![0; 2048];
    let mut tail: Vec<u8> = Vec::new();
    let mut seen = 0;
    let mut begun = false;
    loop {
        let read = stream.read(&mut buffer).await.unwrap_or(0);
        if read == 0 {
            return;
        }
        let at = now_micros();
        if !begun {
            begun = true;
            connected.send(()).ok();
        }
        tail.extend_from_slice(&buffer[..read]);
        // An event counts when its end is there.
        while let Some(end) = tail.windows(2).position(|two| two == b"\n\n") {
            let diff = tail[..end].windows(11).any(|piece| piece == b"event: diff");
            tail.drain(..end + 2);
            if diff {
                if let Some(list) = arrivals.get(seen) {
                    list.lock().unwrap().push(at);
                }
                seen += 1;
            }
        }
    }
}
