//! What a page and a stream cost at least: axum with nothing of ours in between.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::Response;
use axum::routing::get;
use futures_util::stream;
use std::path::Path;
use tokio::sync::broadcast;

async fn serve(router: Router) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("{}", listener.local_addr().expect("an address").port());
    axum::serve(listener, router).await.expect("serving");
}

/// The same bytes for everybody, from memory.
pub async fn page(file: &Path) {
    let bytes = Bytes::from(std::fs::read(file).expect("the file"));
    let page = move || {
        let bytes = bytes.clone();
        async move {
            Response::builder()
                .header("content-type", "text/html; charset=utf-8")
                .body(Body::from(bytes))
                .expect("a response")
        }
    };
    serve(Router::new().route("/", get(page))).await;
}

/// A tokio broadcast channel into a body per viewer; the events begin with the instant of their sending.
pub async fn stream() {
    let (sender, _) = broadcast::channel::<Bytes>(64);
    let told = sender.clone();
    tokio::spawn(async move {
        let mut lines = crate::input();
        while let Some(line) = lines.recv().await {
            let size: usize = line.trim().parse().expect("a size");
            let at = crate::viewers::now_micros();
            let text =
                format!("event: diff\ndata: {{\"pad\":\"{}\"}}\n\n", "x".repeat(size.saturating_sub(30)));
            sender.send(Bytes::from(text)).ok();
            println!("{at}");
        }
        std::process::exit(0);
    });
    let viewer = move || {
        let receiver = told.subscribe();
        async move {
            let events = stream::unfold(receiver, |mut receiver| async move {
                let event = receiver.recv().await.ok()?;
                Some((Ok::<_, std::convert::Infallible>(event), receiver))
            });
            Response::builder()
                .header("content-type", "text/event-stream")
                .body(Body::from_stream(events))
                .expect("a response")
        }
    };
    serve(Router::new().route("/", get(viewer))).await;
}
