//! Builds, runs, tests, measures and releases Leitai. `cargo xtask help` lists the commands.
#![allow(
    clippy::disallowed_methods,
    reason = "a tool on a developer's machine reads the environment and the time of day by itself"
)]

mod bench;
mod bench_paper;
mod build;
mod dist;
mod files;
mod join;
mod postgres;
mod run;
mod setup;
mod shell;
mod site;
mod split;
mod test;
mod watch;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// The tasks of the workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", about, disable_help_subcommand = false)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Set up what is missing, build both halves, make a demonstration world in an empty data folder, serve.
    Run(run::Options),
    /// Like `run`, and again after every change of a source.
    Watch(run::Options),
    /// Set up, format check, clippy, unit and story tests on both engines, browser tests, one summary.
    Test(test::Options),
    /// Build the release: one binary and its hashed, compressed site folder, in target/dist/leitai.
    Dist,
    /// Measure pages, viewers, standings, first load, judging and money; writes docs/BENCHMARKS.md.
    Bench(bench::Options),
    /// Build the site folder alone.
    Site {
        /// Optimised and compressed, as in a release.
        #[arg(long)]
        release: bool,
    },
}

fn main() -> ExitCode {
    let done = match Cli::parse().task {
        Task::Run(options) => run::run(&options),
        Task::Watch(options) => watch::watch(&options),
        Task::Test(options) => test::test(&options),
        Task::Dist => dist::dist(),
        Task::Bench(options) => bench::bench(&options),
        Task::Site { release } => build::site(build::Mode::of(release)).map(|site| {
            println!("site {} in {}", site.hash, site.root.display());
        }),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("\nxtask: {why}");
            ExitCode::FAILURE
        }
    }
}
