//! `cargo xtask test`: everything that must hold, and one closing summary.

use crate::build::{self, Mode};
use crate::files;
use crate::postgres::Postgres;
use crate::setup;
use crate::shell::{Outcome, at, cargo, command, spelt, tee};
use std::process::Command;
use std::time::{Duration, Instant};

/// A part of the tests.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// rustfmt.
    Fmt,
    /// clippy, for the server's target and for the browser's.
    Clippy,
    /// Unit and property tests of the pure crates.
    Unit,
    /// Store and story tests on both engines.
    Server,
    /// Journeys in a browser.
    Browser,
}

/// What may be chosen.
#[derive(clap::Args)]
pub struct Options {
    /// Only this part; may be given several times.
    #[arg(long, value_enum)]
    only: Vec<Part>,
    /// Every browser journey in all combinations, not in the three named ones.
    #[arg(long)]
    full: bool,
    /// The browser journeys on the site of a release, whose module is cut into parts.
    #[arg(long)]
    release: bool,
    /// Words that are handed on: test names for cargo, files for Playwright.
    #[arg(last = true)]
    filter: Vec<String>,
}

impl Options {
    fn has(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}

#[derive(Default)]
struct Tally {
    passed: u64,
    failed: u64,
    note: String,
}

/// The results so far.
#[derive(Default)]
struct Report {
    lines: Vec<String>,
    passed: u64,
    failed: u64,
}

impl Report {
    fn part(&mut self, name: &str, work: impl FnOnce() -> Outcome<Tally>) {
        println!("\n== {name}");
        let start = Instant::now();
        let tally = work().unwrap_or_else(|why| {
            eprintln!("{why}");
            let first = why.lines().next().unwrap_or_default().to_owned();
            Tally { failed: 1, note: first, ..Tally::default() }
        });
        self.passed += tally.passed;
        self.failed += tally.failed;
        let word = if tally.failed == 0 { "ok" } else { "FAILED" };
        let line = format!(
            "{name:<10} {word:<7} {:>6}  {} passed, {} failed  {}",
            took(start.elapsed()),
            tally.passed,
            tally.failed,
            tally.note
        );
        self.lines.push(line.trim_end().to_owned());
    }

    fn close(self, start: Instant) -> Outcome {
        println!("\n== summary");
        for line in &self.lines {
            println!("{line}");
        }
        println!("all        {:>14}", took(start.elapsed()));
        println!("{} passed, {} failed", self.passed, self.failed);
        if self.failed == 0 {
            return Ok(());
        }
        // The line above stays the last one.
        std::process::exit(1)
    }
}

fn took(time: Duration) -> String {
    format!("{}:{:02}", time.as_secs() / 60, time.as_secs() % 60)
}

/// Runs the chosen parts, one after the other; a part that fails does not keep the next from running.
pub fn test(options: &Options) -> Outcome {
    let start = Instant::now();
    let mut report = Report::default();
    let needs_set_up = options.has(Part::Server) || options.has(Part::Browser);
    let browser = options.has(Part::Browser);
    // Packages come over the network while the processors compile.
    let set_up = needs_set_up.then(|| {
        std::thread::spawn(move || {
            setup::packages()?;
            if browser { setup::npm() } else { Ok(()) }
        })
    });
    if options.has(Part::Fmt) {
        report.part("fmt", || checks(vec![cargo(&["fmt", "--all", "--check"])]));
    }
    if options.has(Part::Clippy) {
        report.part("clippy", clippy);
    }
    if options.has(Part::Unit) {
        report.part("unit", || cargo_test(&["-p", "domain", "-p", "ui", "-p", "xtask"], options, None));
    }
    if let Some(set_up) = set_up {
        report.part("set-up", || {
            set_up.join().map_err(|_| "the set-up broke".to_owned())??;
            Ok(Tally::default())
        });
    }
    let postgres = if needs_set_up { Some(Postgres::start()) } else { None };
    let url = postgres.as_ref().map(|started| started.as_ref().map(Postgres::url).map_err(Clone::clone));
    if options.has(Part::Server) {
        report.part("server", || {
            let url = url.clone().transpose()?;
            // The pages are tested where they are built for the server already.
            let packages = ["-p", "app", "-p", "server", "--features", "app/ssr"];
            cargo_test(&packages, options, url.as_deref())
        });
    }
    if options.has(Part::Browser) {
        report.part("browser", || playwright(options, url.clone().transpose()?.as_deref()));
    }
    drop(postgres);
    report.close(start)
}

/// Commands that only succeed or fail.
fn checks(commands: Vec<Command>) -> Outcome<Tally> {
    let mut tally = Tally::default();
    for mut command in commands {
        if tee(&mut command, |_| ())? {
            tally.passed += 1;
        } else {
            eprintln!("failed: {}", spelt(&command));
            tally.failed += 1;
        }
    }
    Ok(tally)
}

/// Never for the whole workspace at once: that would switch `app` to the server and the browser together.
fn clippy() -> Outcome<Tally> {
    setup::wasm_target()?;
    let native = "clippy -p domain -p ui -p app -p server -p fakepay -p xtask --features app/ssr --all-targets -- -D warnings";
    let wasm = "clippy -p ui -p app -p frontend --features app/hydrate --target wasm32-unknown-unknown -- -D warnings";
    let words = |line: &str| cargo(&line.split(' ').collect::<Vec<_>>());
    checks(vec![words(native), words(wasm)])
}

/// Runs Rust's tests and reads how many passed.
fn cargo_test(packages: &[&str], options: &Options, postgres: Option<&str>) -> Outcome<Tally> {
    let mut run = cargo(&["test", "--no-fail-fast", "--tests"]);
    run.args(packages);
    if let Some(url) = postgres {
        run.env("TEST_POSTGRES_URL", url);
    }
    if !options.filter.is_empty() {
        run.arg("--").args(&options.filter);
    }
    let mut tally = Tally::default();
    let fine = tee(&mut run, |line| {
        // test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s
        if let Some(rest) = line.strip_prefix("test result: ") {
            for piece in rest.split([';', '.']) {
                let mut words = piece.split_whitespace();
                if let (Some(count), Some(what)) = (words.next(), words.next()) {
                    let count: u64 = count.parse().unwrap_or(0);
                    match what {
                        "passed" => tally.passed += count,
                        "failed" => tally.failed += count,
                        _ => {}
                    }
                }
            }
        }
    })?;
    if !fine && tally.failed == 0 {
        tally.failed = 1;
        "does not compile, or a test ended the process".clone_into(&mut tally.note);
    }
    Ok(tally)
}

/// Builds both halves and runs the journeys.
fn playwright(options: &Options, postgres: Option<&str>) -> Outcome<Tally> {
    let binary = build::server_and_gateways(Mode::Dev)?;
    let site = build::site(Mode::of(options.release))?;
    let results = build::target().join("xtask/playwright.json");
    files::remove(&results)?;
    let mut run = command(at("end2end/node_modules/.bin/playwright"));
    run.arg("test")
        .args(&options.filter)
        .current_dir(at("end2end"))
        .env("PLAYWRIGHT_JSON_OUTPUT_NAME", &results)
        .env("LEITAI", &binary)
        .env("FAKEPAY", binary.with_file_name("fakepay"))
        .env("SITE_ROOT", &site.root)
        .env("CHROMIUM", setup::chromium().ok_or("Chromium is missing")?)
        .env("POSTGRES_BIN", crate::postgres::binaries().unwrap_or_default());
    if let Some(url) = postgres {
        run.env("TEST_POSTGRES_URL", url);
    }
    if options.full {
        run.env("FULL", "1");
    }
    let fine = tee(&mut run, |_| ())?;
    let told: serde_json::Value = serde_json::from_slice(&files::read(&results)?)
        .map_err(|why| format!("the result of Playwright: {why}"))?;
    let count =
        |name: &str| told.pointer(&format!("/stats/{name}")).and_then(serde_json::Value::as_u64).unwrap_or(0);
    let errors = told.get("errors").and_then(serde_json::Value::as_array).map_or(0, |list| list.len() as u64);
    let mut tally = Tally {
        passed: count("expected"),
        failed: count("unexpected") + count("flaky") + errors,
        ..Tally::default()
    };
    if !fine && tally.failed == 0 {
        tally.failed = 1;
    }
    if count("skipped") > 0 {
        tally.note = format!("{} skipped", count("skipped"));
    }
    Ok(tally)
}
