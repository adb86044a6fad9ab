//! Builds the two halves: the server's binary, and the browser's WASM with the site around it.

use crate::setup;
use crate::shell::{Outcome, at, cargo, run};
use crate::site::{self, Site};
use std::path::PathBuf;

/// How much to optimise.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Quick to build.
    Dev,
    /// Small and fast.
    Release,
}

impl Mode {
    /// Release or not.
    pub fn of(release: bool) -> Self {
        if release { Self::Release } else { Self::Dev }
    }

    /// The word for it in the names of folders.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Release => "release",
        }
    }
}

/// The server's binary.
pub fn server(mode: Mode) -> Outcome<PathBuf> {
    binaries(mode, &["-p", "server"])
}

/// The server's binary, and that of the fake gateways beside it.
///
/// In one command, so that both share what they depend on: alone, the gateways ask for fewer features of it.
pub fn server_and_gateways(mode: Mode) -> Outcome<PathBuf> {
    binaries(mode, &["-p", "server", "-p", "fakepay"])
}

fn binaries(mode: Mode, packages: &[&str]) -> Outcome<PathBuf> {
    let mut build = cargo(&["build"]);
    build.args(packages);
    if mode == Mode::Release {
        build.arg("--release");
    }
    run(&mut build)?;
    Ok(binary(mode))
}

/// Where the server's binary lies once it is built.
pub fn binary(mode: Mode) -> PathBuf {
    target().join(if mode == Mode::Release { "release" } else { "debug" }).join("leitai")
}

/// The browser's module, and all files of the site.
pub fn site(mode: Mode) -> Outcome<Site> {
    setup::wasm_target()?;
    let mut build = cargo(&["rustc", "-p", "frontend", "--lib", "--target", "wasm32-unknown-unknown"]);
    if mode == Mode::Release {
        // The relocations tell `split` what belongs to which page.
        build.args(["--profile", "wasm-release", "--", "-Clink-args=--emit-relocs"]);
    }
    run(&mut build)?;
    let profile = if mode == Mode::Release { "wasm-release" } else { "debug" };
    let module = target().join("wasm32-unknown-unknown").join(profile).join("frontend.wasm");
    site::assemble(mode, &module)
}

/// Where cargo puts what it builds.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| at("target"), |folder| at(PathBuf::from(folder)))
}
