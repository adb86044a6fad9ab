//! `cargo xtask watch`: build and serve again after every change of a source.

use crate::files;
use crate::run::{self, Options};
use crate::shell::{Context, Outcome, at};
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::Duration;

const WATCHED: [&str; 8] = ["app", "domain", "frontend", "migrations", "public", "server", "style", "ui"];

/// Serves until Ctrl-C; what does not compile leaves the last good version running.
pub fn watch(options: &Options) -> Outcome {
    let mut seen = String::new();
    let mut running: Option<Child> = None;
    loop {
        let now = files::state_key(&sources());
        if now == seen {
            std::thread::sleep(Duration::from_millis(400));
            continue;
        }
        seen = now;
        match run::prepare(options) {
            Err(why) => eprintln!("\nxtask: {why}\nwaiting for the next change"),
            Ok(mut serve) => {
                stop(running.take());
                running = Some(serve.env("WATCH", "1").spawn().context(|| "starting the server".into())?);
            }
        }
    }
}

fn sources() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = WATCHED.iter().flat_map(|folder| files::below(&at(folder))).collect();
    found.extend([at("Cargo.toml"), at("Cargo.lock")]);
    found
}

/// Asks the server to stop as Ctrl-C does, and waits until it has.
fn stop(server: Option<Child>) {
    if let Some(mut server) = server {
        Command::new("kill").args(["-INT", &server.id().to_string()]).status().ok();
        server.wait().ok();
    }
}
