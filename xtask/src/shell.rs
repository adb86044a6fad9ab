//! Running other programs, and the one error of this crate: a sentence for the person at the terminal.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a step gives back: a value, or a sentence that says why not.
pub type Outcome<T = ()> = Result<T, String>;

/// Puts words before a technical error.
pub trait Context<T> {
    /// `"<what>: <error>"`.
    fn context(self, what: impl FnOnce() -> String) -> Outcome<T>;
}

impl<T, E: std::fmt::Display> Context<T> for Result<T, E> {
    fn context(self, what: impl FnOnce() -> String) -> Outcome<T> {
        self.map_err(|error| format!("{}: {error}", what()))
    }
}

/// The root of the workspace.
pub fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

/// A path below the root of the workspace.
pub fn at(path: impl AsRef<Path>) -> PathBuf {
    root().join(path)
}

/// A command in the root of the workspace, without the variables that `cargo run` gave to us:
/// some build scripts watch those, and would run again at every change between `cargo` and `cargo xtask`.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let ours = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];
        if ours.iter().any(|prefix| text.starts_with(prefix))
            || ["CARGO", "CARGO_PRIMARY_PACKAGE", "LD_LIBRARY_PATH", "OUT_DIR"].contains(&text.as_ref())
        {
            command.env_remove(&name);
        }
    }
    command
}

/// Cargo, in the root of the workspace.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = command("cargo");
    cargo.args(arguments);
    cargo
}

/// The command as a person would type it.
pub fn spelt(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    words.join(" ")
}

/// Runs it to its end and expects success.
pub fn run(command: &mut Command) -> Outcome {
    let status = command.status().context(|| spelt(command))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` ended with {status}", spelt(command))) }
}

/// Runs it to its end, expects success, gives what it printed; its words come with the error.
pub fn capture(command: &mut Command) -> Outcome<String> {
    let output = command.stdin(Stdio::null()).output().context(|| spelt(command))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!("`{}` ended with {}\n{text}{complaint}", spelt(command), output.status))
}

/// Runs it to its end, shows each line that it prints and hands it to `see`; tells whether it succeeded.
pub fn tee(command: &mut Command, mut see: impl FnMut(&str)) -> Outcome<bool> {
    let mut child = command.stdout(Stdio::piped()).spawn().context(|| spelt(command))?;
    if let Some(out) = child.stdout.take() {
        for line in BufReader::new(out).lines() {
            let line = line.unwrap_or_default();
            println!("{line}");
            see(&line);
        }
    }
    Ok(child.wait().context(|| spelt(command))?.success())
}

/// Where the program lies, when it is on the search path.
pub fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// Whether we are root.
pub fn is_root() -> bool {
    capture(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}
