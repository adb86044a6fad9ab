//! Serving: listen, work, and stop in good order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use super::router;
use crate::error::{Error, Result};
use crate::jobs::Runner;
use crate::services::Services;

/// Serves until the process is told to stop, then finishes what has begun.
pub async fn run(services: Arc<Services>, demo_live: bool) -> Result<()> {
    let config = Arc::clone(&services.kit.config);
    // From here on: who is asked to stop while it still makes itself ready stops in good order too.
    let mut signals = Signals::hear()?;
    let listener = tokio::net::TcpListener::bind(config.address).await.map_err(|error| Error::Outside {
        who: "the address",
        what: format!("{}: {error}", config.address),
    })?;
    let (stop, stopped) = watch::channel(false);
    let relay = tokio::spawn(services.kit.db.clone().relay());
    let runner = (config.workers > 0)
        .then(|| tokio::spawn(Runner::new(Arc::clone(&services), config.workers).run(stopped.clone())));
    announce(&services, listener.local_addr().unwrap_or(config.address)).await?;
    schedule(&services).await?;
    let bots = (demo_live && services.kit.demonstration)
        .then(|| tokio::spawn(crate::demo::run_bots(Arc::clone(&services), stopped.clone())));
    let app = router(&services).into_make_service_with_connect_info::<SocketAddr>();
    let mut wanted = stopped.clone();
    let serving = axum::serve(listener, app).with_graceful_shutdown(async move {
        let _ = wanted.wait_for(|stop| *stop).await;
    });
    let serving = tokio::spawn(serving.into_future());
    signals.come().await;
    tracing::info!("stopping");
    let _ = stop.send(true);
    services.standings.live.close();
    // Open streams have been told; what has not ended by then is cut.
    let _ = tokio::time::timeout(Duration::from_secs(10), serving).await;
    if let Some(runner) = runner {
        let _ = tokio::time::timeout(Duration::from_secs(15), runner).await;
    }
    if let Some(bots) = bots {
        let _ = tokio::time::timeout(Duration::from_secs(5), bots).await;
    }
    relay.abort();
    services.kit.db.close().await;
    Ok(())
}

/// Begins the daily rounds of forgetting and of comparing, once for every process of an installation.
///
/// # Errors
/// Where the database cannot be written.
pub async fn schedule(services: &Services) -> Result<()> {
    let today = (services.kit.now().seconds() / 86_400).to_string();
    let mut tx = services.kit.db.begin().await?;
    tx.enqueue_once(&crate::features::accounts::jobs::ForgetExpired {}, &today).await?;
    tx.enqueue_once(&crate::features::payments::jobs::CompareLists {}, &today).await?;
    tx.enqueue_once(&crate::db::TendDatabase {}, &today).await?;
    tx.commit().await?;
    Ok(())
}

/// Says where to go, and how to set an empty installation up.
async fn announce(services: &Services, address: SocketAddr) -> Result<()> {
    let config = &services.kit.config;
    println!("Leitai serves {} (listening on {address})", config.public_url);
    if let Some(token) = services.accounts.open_set_up().await? {
        println!(
            "No administrator yet. Set the installation up at {}/en/set-up?token={token}",
            config.public_url
        );
    }
    Ok(())
}

/// What asks a process to stop: an interrupt from the keyboard, or the word of a supervisor.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn hear() -> Result<Self> {
        let hear = |kind| {
            signal(kind)
                .map_err(|error| Error::Outside { who: "the system's signals", what: error.to_string() })
        };
        Ok(Self { interrupt: hear(SignalKind::interrupt())?, terminate: hear(SignalKind::terminate())? })
    }
    async fn come(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
