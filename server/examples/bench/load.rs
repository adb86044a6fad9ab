//! A load generator: kept connections, one request after the other on each.

use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Splits `http://host:port/path` into host with port, and path.
pub fn split(address: &str) -> (&str, &str) {
    let rest = address.strip_prefix("http://").expect("an http address");
    rest.find('/').map_or((rest, "/"), |at| rest.split_at(at))
}

/// The end of the head, the length that it names, and whether the body comes in chunks.
fn head(bytes: &[u8]) -> Option<(usize, Option<usize>, u16)> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&bytes[..end]).expect("a head in ASCII");
    let status = text.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().expect("a length"))
    });
    Some((end, length, status))
}

/// Sends the request and reads its answer to the end; gives status and bytes of the body as sent.
pub async fn request(stream: &mut TcpStream, text: &[u8], buffer: &mut Vec<u8>) -> (u16, usize) {
    stream.write_all(text).await.expect("sending");
    buffer.clear();
    loop {
        let read = stream.read_buf(buffer).await.expect("reading");
        assert!(read > 0, "the server closed the connection");
        if let Some((end, length, status)) = head(buffer) {
            let done = match length {
                Some(length) => buffer.len() >= end + length,
                None => buffer.ends_with(b"0\r\n\r\n"),
            };
            if done {
                return (status, buffer.len() - end);
            }
        }
    }
}

/// Prints how many answers a second came, and how long one took.
pub async fn measure(address: &str, connections: usize, seconds: u64) {
    let (host, path) = split(address);
    let text = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\n\r\n");
    let text = Arc::new(text.into_bytes());
    let count = Arc::new(AtomicU64::new(0));
    let size = Arc::new(AtomicU64::new(0));
    let until = Instant::now() + Duration::from_secs(seconds);
    let begun = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let (text, count, size, host) = (text.clone(), count.clone(), size.clone(), host.to_owned());
        tasks.push(tokio::spawn(async move {
            let mut stream = TcpStream::connect(&host).await.expect("connecting");
            stream.set_nodelay(true).ok();
            let mut buffer = Vec::with_capacity(1 << 17);
            let mut slowest = Duration::ZERO;
            while Instant::now() < until {
                let start = Instant::now();
                let (status, bytes) = request(&mut stream, &text, &mut buffer).await;
                assert_eq!(status, 200, "the answer");
                slowest = slowest.max(start.elapsed());
                count.fetch_add(1, Ordering::Relaxed);
                size.store(u64::try_from(bytes).unwrap_or(0), Ordering::Relaxed);
            }
            slowest
        }));
    }
    let mut slowest = Duration::ZERO;
    for task in tasks {
        slowest = slowest.max(task.await.expect("a connection"));
    }
    #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
    let rate = count.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64();
    println!(
        "{}",
        json!({ "per_second": rate, "bytes": size.load(Ordering::Relaxed), "max_ms": slowest.as_secs_f64() * 1e3 })
    );
}
