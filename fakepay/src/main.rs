//! `fakepay serve` runs the fake gateways; `fakepay settings` prints what Leitai needs to use them.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use clap::{Parser, Subcommand};
use fakepay::{Deliver, Fake, Notice};

#[derive(Parser)]
#[command(name = "fakepay", about)]
struct Cli {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:3930")]
    address: SocketAddr,
    /// The address of Leitai.
    #[arg(long, default_value = "http://127.0.0.1:3000")]
    leitai: String,
    #[command(subcommand)]
    task: Task,
}

#[derive(Clone, Copy, Subcommand)]
enum Task {
    /// Run until stopped.
    Serve,
    /// Print the settings, a line each.
    Settings,
}

/// Carries notices over HTTP.
struct Post {
    http: reqwest::Client,
}

#[async_trait]
impl Deliver for Post {
    async fn deliver(&self, notice: &Notice) -> (u16, String) {
        let mut request = self.http.post(&notice.url).body(notice.body.clone());
        for (name, value) in &notice.headers {
            request = request.header(name, value);
        }
        match request.send().await {
            Ok(response) => {
                let status = response.status().as_u16();
                (status, response.text().await.unwrap_or_default())
            }
            Err(_) => (0, String::new()),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a gateway has its own clock")]
fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Task::Settings = cli.task {
        for (key, value) in fakepay::settings(&format!("http://{}", cli.address)) {
            println!("{key}={value}");
        }
        return ExitCode::SUCCESS;
    }
    match serve(&cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fakepay: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(cli: &Cli) -> Result<(), Box<dyn std::error::Error>> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().timeout(Duration::from_secs(10)).build()?;
    let fake = Fake::start(cli.address, &cli.leitai, Arc::new(now), Arc::new(Post { http })).await?;
    println!("fakepay     http://{}", cli.address);
    loop {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => return Ok(()),
            () = tokio::time::sleep(Duration::from_millis(500)) => carry(&fake).await,
        }
    }
}

/// How many seconds later what nobody answered is sent again.
const AGAIN: i64 = 5;

/// Sends what is due; what nobody answered, or was answered with a failure, waits again.
async fn carry(fake: &Fake) {
    if fake.shared().world().held {
        return;
    }
    for mut notice in fake.due() {
        let (status, _) = fake.send(&notice).await;
        if status == 0 || status >= 500 {
            notice.after = fake.shared().now() + AGAIN;
            fake.shared().world().outbox.push_back(notice);
        }
    }
}
