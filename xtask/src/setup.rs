//! Brings what a build or a test needs and this machine lacks, by the ordinary package managers.

use crate::files;
use crate::shell::{Context, Outcome, at, capture, command, is_root, run, which};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The compiler's half for the browser.
pub fn wasm_target() -> Outcome {
    let sysroot = capture(&mut command_rustc())?;
    if Path::new(sysroot.trim()).join("lib/rustlib/wasm32-unknown-unknown").is_dir() {
        return Ok(());
    }
    if which("rustup").is_none() {
        return Err("the target wasm32-unknown-unknown is missing, and there is no rustup to add it".into());
    }
    run(command("rustup").args(["target", "add", "wasm32-unknown-unknown"]))
}

fn command_rustc() -> Command {
    let mut rustc = command("rustc");
    rustc.args(["--print", "sysroot"]);
    rustc
}

/// A program of Debian that the tests need, and how to see that it is there.
struct Need {
    package: &'static str,
    purpose: &'static str,
    present: fn() -> bool,
}

const NEEDS: [Need; 3] = [
    Need { package: "chromium", purpose: "the browser tests", present: || chromium().is_some() },
    Need {
        package: "postgresql",
        purpose: "the tests on Postgres",
        present: || crate::postgres::binaries().is_some(),
    },
    Need { package: "fonts-noto-cjk", purpose: "Chinese pages in the browser tests", present: has_cjk_font },
];

/// Chromium, where Debian or Ubuntu or the person put it.
pub fn chromium() -> Option<PathBuf> {
    if let Some(chosen) = std::env::var_os("CHROMIUM") {
        return Some(chosen.into());
    }
    ["chromium", "chromium-browser", "google-chrome"].iter().find_map(|name| which(name))
}

fn has_cjk_font() -> bool {
    ["/usr/share/fonts", "/usr/local/share/fonts"].iter().any(|folder| {
        files::below(Path::new(folder)).iter().any(|file| {
            let name = file.to_string_lossy().to_lowercase();
            ["cjk", "wqy", "notosanssc", "sourcehan"].iter().any(|mark| name.contains(mark))
        })
    })
}

/// Debian's packages for the tests: installs what is missing when it may, else says how to get it.
pub fn packages() -> Outcome {
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| !(need.present)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(|need| need.package).collect();
    let purposes: Vec<String> =
        missing.iter().map(|need| format!("{} (for {})", need.package, need.purpose)).collect();
    let by_hand = format!(
        "missing: {}. Install with: sudo apt-get install --no-install-recommends {}",
        purposes.join(", "),
        names.join(" ")
    );
    let prefix: &[&str] = if is_root() {
        &[]
    } else if capture(Command::new("sudo").args(["-n", "true"])).is_ok() {
        &["sudo", "-n"]
    } else {
        return Err(by_hand);
    };
    if which("apt-get").is_none() {
        return Err(by_hand);
    }
    println!("installing {}", names.join(", "));
    let apt = |arguments: &[&str]| {
        let mut words: Vec<&str> = prefix.to_vec();
        words.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]);
        words.extend(arguments);
        let (program, rest) = words.split_first().ok_or("no apt-get")?;
        capture(Command::new(program).args(rest)).map(|_| ())
    };
    apt(&["update"]).map_err(|why| format!("{by_hand}\n{why}"))?;
    let mut install = vec!["install", "-y", "--no-install-recommends"];
    install.extend(&names);
    apt(&install).map_err(|why| format!("{by_hand}\n{why}"))
}

/// The packages of `end2end` (Playwright, axe, binaryen's wasm-opt), as its lock file names them.
pub fn npm() -> Outcome {
    let folder = at("end2end");
    let wanted = files::content_key([files::read(&folder.join("package-lock.json"))?.as_slice()]);
    let mark = folder.join("node_modules/.leitai-lock");
    if std::fs::read_to_string(&mark).is_ok_and(|have| have == wanted) {
        return Ok(());
    }
    if which("npm").is_none() {
        return Err("npm is missing: install Node.js 20 or newer".into());
    }
    println!("installing the npm packages of end2end");
    let mut npm = command("npm");
    npm.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(&folder)
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
        .stdin(Stdio::null());
    run(&mut npm).context(|| "installing the npm packages".into())?;
    files::write(&mark, wanted)
}
