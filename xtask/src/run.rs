//! `cargo xtask run`: from a fresh clone to an address in the browser.

use crate::build::{self, Mode};
use crate::files;
use crate::shell::{Context, Outcome, at, capture, command, tee};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

/// Who lives in the demonstration world, as `leitai demo` told it.
const PEOPLE: &str = "demonstration.txt";

/// Lies in a data folder until its demonstration world is whole.
const UNFINISHED: &str = "unfinished";

/// What may be chosen.
#[derive(clap::Args)]
pub struct Options {
    /// Optimised, as in production.
    #[arg(long)]
    pub release: bool,
    /// The port on 127.0.0.1.
    #[arg(long, default_value_t = 3000)]
    pub port: u16,
    /// The data folder [default: data, or data-empty with --empty].
    #[arg(long)]
    pub data: Option<PathBuf>,
    /// Where money comes from besides the sandbox: `fake` starts fake gateways of Stripe, Alipay and WeChat
    /// Pay on the next port but 99.
    #[arg(long)]
    pub pay: Option<Pay>,
    /// A demonstration without content: you make the administrator and everything else yourself.
    #[arg(long)]
    pub empty: bool,
}

/// Gateways to try.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Pay {
    /// Fake ones, on this machine.
    Fake,
}

impl Options {
    /// The address of the fake gateways.
    fn fakepay(&self) -> String {
        format!("127.0.0.1:{}", self.port.saturating_add(99))
    }

    /// The data folder, absolute: the server may be started from anywhere.
    fn folder(&self) -> Outcome<PathBuf> {
        match &self.data {
            Some(chosen) => {
                std::path::absolute(chosen).context(|| format!("the folder {}", chosen.display()))
            }
            None => Ok(at(if self.empty { "data-empty" } else { "data" })),
        }
    }
}

/// Builds and serves; the server takes this process over, so that Ctrl-C stops it gracefully.
pub fn run(options: &Options) -> Outcome {
    let mut serve = prepare(options)?;
    let fake = if options.pay.is_some() { Some(start_fakepay(options)?) } else { None };
    if let Some(mut fake) = fake {
        // Two programs: this one waits for the server and then ends the gateways too.
        let ended = serve.status().map_err(|error| format!("starting the server: {error}"));
        fake.kill().ok();
        fake.wait().ok();
        return ended.map(|_| ());
    }
    Err(format!("starting the server: {}", serve.exec()))
}

/// Builds both halves, makes the world when there is none, and gives the command that serves it.
pub fn prepare(options: &Options) -> Outcome<Command> {
    let mode = Mode::of(options.release);
    let binary = if options.pay.is_some() { build::server_and_gateways(mode)? } else { build::server(mode)? };
    let site = build::site(mode)?;
    let data = options.folder()?;
    let gateways = if options.pay.is_some() { fakepay_settings(options, mode)? } else { Vec::new() };
    let with_settings = |arguments: &[&str]| {
        let mut leitai = command(&binary);
        leitai
            .args(arguments)
            .env("DATA", &data)
            .env("ADDRESS", format!("127.0.0.1:{}", options.port))
            .env("PUBLIC_URL", format!("http://127.0.0.1:{}", options.port))
            .env("SITE_ROOT", &site.root)
            .env("DEMONSTRATION", "1");
        leitai.envs(gateways.iter().map(|(key, value)| (key.as_str(), value.as_str())));
        leitai
    };
    let unfinished = data.join(UNFINISHED);
    if !options.empty && (is_empty(&data) || unfinished.exists()) {
        println!("making the demonstration world in {}", data.display());
        let _lock = begin_anew(&data)?;
        make_world(&mut with_settings(&["demo"]), &data)?;
        files::remove(&unfinished)?;
    } else if let Ok(people) = std::fs::read_to_string(data.join(PEOPLE)) {
        println!("{people}");
    }
    println!();
    println!("Leitai      http://127.0.0.1:{}", options.port);
    if options.pay.is_some() {
        println!("gateways    http://{} (a WeChat Pay code is scanned there)", options.fakepay());
    }
    println!("data        {}", data.display());
    println!("stop        Ctrl-C");
    println!();
    Ok(with_settings(if options.empty { &["serve"] } else { &["serve", "--demo-live"] }))
}

/// Asks the fake gateways for the settings that use them.
fn fakepay_settings(options: &Options, mode: Mode) -> Outcome<Vec<(String, String)>> {
    let mut ask = command(fakepay_binary(mode));
    let text = capture(ask.args(["--address", &options.fakepay(), "settings"]))?;
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    Ok(pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
}

fn fakepay_binary(mode: Mode) -> PathBuf {
    build::binary(mode).with_file_name("fakepay")
}

/// Starts the fake gateways beside the server.
fn start_fakepay(options: &Options) -> Outcome<Child> {
    let leitai = format!("http://127.0.0.1:{}", options.port);
    command(fakepay_binary(Mode::of(options.release)))
        .args(["--address", &options.fakepay(), "--leitai", &leitai, "serve"])
        .spawn()
        .context(|| "starting the fake gateways".to_owned())
}

/// Makes the demonstration world, and keeps what it says of its people for the next start.
fn make_world(demo: &mut Command, data: &Path) -> Outcome {
    let mut said = String::new();
    let keep = |line: &str| {
        said.push_str(line);
        said.push('\n');
    };
    if !tee(demo, keep)? {
        return Err("the demonstration world could not be made".into());
    }
    files::write(&data.join(PEOPLE), said)
}

/// Empties a folder in which a world was begun, and marks that one is begun: who interrupts its making finds it
/// begun anew the next time, never half of it. The file is locked as long as it is held.
fn begin_anew(data: &Path) -> Outcome<std::fs::File> {
    let mark = data.join(UNFINISHED);
    std::fs::create_dir_all(data).context(|| format!("making {}", data.display()))?;
    let lock = std::fs::File::options().create(true).append(true).open(&mark);
    let lock = lock.context(|| format!("writing {}", mark.display()))?;
    lock.try_lock().map_err(|_| format!("another run makes a world in {}", data.display()))?;
    let entries = std::fs::read_dir(data).context(|| format!("reading {}", data.display()))?;
    for entry in entries.flatten().filter(|entry| entry.file_name() != UNFINISHED) {
        files::remove(&entry.path())?;
    }
    Ok(lock)
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none()) || !folder.exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_world_is_begun_anew_and_never_by_two() {
        let data = std::env::temp_dir().join(format!("leitai-unfinished-{}", std::process::id()));
        let lock = begin_anew(&data).unwrap();
        files::write(&data.join("files/half"), "half").unwrap();
        assert!(begin_anew(&data).unwrap_err().contains("another run"));
        assert!(data.join("files/half").exists(), "what the other makes is left alone");
        drop(lock);
        let _lock = begin_anew(&data).unwrap();
        assert!(!data.join("files").exists() && data.join(UNFINISHED).exists());
        files::remove(&data).unwrap();
    }
}
