//! `cargo xtask dist`: the release, ready to be copied to a machine.

use crate::build::{self, Mode};
use crate::files;
use crate::shell::{Outcome, at};

/// One binary and its site folder in `target/dist/leitai`.
pub fn dist() -> Outcome {
    let binary = build::server(Mode::Release)?;
    let site = build::site(Mode::Release)?;
    let folder = build::target().join("dist/leitai");
    files::remove(&folder)?;
    files::copy(&binary, &folder.join("leitai"))?;
    for file in files::below(&site.root) {
        if let Ok(inner) = file.strip_prefix(&site.root) {
            files::copy(&file, &folder.join("site").join(inner))?;
        }
    }
    for paper in ["README.md", "LICENSE", ".env.example"] {
        if at(paper).exists() {
            files::copy(&at(paper), &folder.join(paper))?;
        }
    }
    println!("{}", folder.display());
    let load = site.first_load()?;
    println!(
        "first load after brotli: {} kB of scripts, and at most {} kB for the page",
        load.common.div_ceil(1000),
        load.heaviest.div_ceil(1000)
    );
    Ok(())
}
