//! The measuring program of `cargo xtask bench`: each command prints one JSON object on its last line.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a measurement reads the real clock, and stops at the first surprise"
)]

mod bare;
mod load;
mod money;
mod stage;
mod standings;
mod viewers;

use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// The lines of the standard input, as they come.
fn input() -> tokio::sync::mpsc::UnboundedReceiver<String> {
    let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// The reducer: one event applied and encoded, and a cold rebuild.
    Standings,
    /// A bare axum handler that serves the bytes of a file; prints its port.
    BarePage { file: PathBuf },
    /// A bare axum broadcaster; every line on its input is the size of an event to send.
    BareStream,
    /// The real server with a running competition; obeys its input.
    Stage,
    /// Requests an address over and over on kept connections.
    Load { address: String, connections: usize, seconds: u64 },
    /// Holds viewers on a stream and measures how late each event reaches each of them.
    Viewers(viewers::Options),
}

fn main() {
    let command = Cli::parse().command;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    match command {
        Command::Standings => standings::measure(),
        Command::BarePage { file } => runtime.block_on(bare::page(&file)),
        Command::BareStream => runtime.block_on(bare::stream()),
        Command::Stage => runtime.block_on(stage::run()),
        Command::Load { address, connections, seconds } => {
            runtime.block_on(load::measure(&address, connections, seconds));
        }
        Command::Viewers(options) => runtime.block_on(viewers::measure(options)),
    }
}
