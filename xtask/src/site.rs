//! Assembles the site folder that the server serves:
//! `site.txt` (the hash), `pkg/<hash>/{leitai.js,leitai.wasm,leitai.css}`, and the files of `public/`.
//! Every step whose inputs did not change since the last time is skipped.

use crate::build::{Mode, target};
use crate::files;
use crate::setup;
use crate::shell::{Context, Outcome, at, capture, command};
use lightningcss::bundler::{Bundler, FileProvider};
use lightningcss::printer::PrinterOptions;
use lightningcss::stylesheet::{MinifyOptions, ParserOptions};
use lightningcss::targets::{Browsers, Targets};
use std::io::Write;
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::Bindgen;

/// A site folder that is ready to be served.
pub struct Site {
    /// The folder.
    pub root: PathBuf,
    /// Names this version of the scripts and styles.
    pub hash: String,
}

/// Makes the site folder from the module that cargo built.
pub fn assemble(mode: Mode, module: &Path) -> Outcome<Site> {
    let root = match mode {
        Mode::Dev => target().join("site"),
        Mode::Release => target().join("site-release"),
    };
    let styles = files::below(&at("style"));
    let public = files::below(&at("public"));
    let ours = std::env::current_exe().context(|| "finding this program".into())?;
    let inputs = [module.to_path_buf(), ours];
    let key = files::state_key(inputs.iter().chain(&styles).chain(&public));
    let mark = cache(mode).join("site.key");
    if let Ok(hash) = std::fs::read_to_string(root.join("site.txt"))
        && std::fs::read_to_string(&mark).is_ok_and(|have| have == key)
    {
        return Ok(Site { root, hash: hash.trim().to_owned() });
    }

    let package = bind(mode, module)?;
    let css = stylesheet(&at("style/main.css"))?;
    let hash = place(&root, &package, &css)?;
    files::mirror(&at("public"), &root, &["pkg", "site.txt"])?;
    if mode == Mode::Release {
        compress(&root)?;
    }
    files::write(&root.join("site.txt"), format!("{hash}\n"))?;
    files::write(&mark, key)?;
    Ok(Site { root, hash })
}

fn cache(mode: Mode) -> PathBuf {
    target().join("xtask").join(mode.name())
}

/// The module made ready for the browser: its bindings in JavaScript, and in a release `wasm-opt`.
fn bind(mode: Mode, module: &Path) -> Outcome<PathBuf> {
    let folder = cache(mode).join("pkg");
    let mark = cache(mode).join("pkg.key");
    let key = files::state_key([&module.to_path_buf()]);
    if std::fs::read_to_string(&mark).is_ok_and(|have| have == key) {
        return Ok(folder);
    }
    files::remove(&folder)?;
    let failed = || format!("making the bindings of {}", module.display());
    let whole = crate::join::whole(&files::read(module)?, mode == Mode::Dev).context(failed)?;
    let mut bindgen = Bindgen::new();
    bindgen.input_module("leitai", whole).web(true).context(failed)?.out_name("leitai").typescript(false);
    bindgen.remove_producers_section(true).remove_name_section(mode == Mode::Release);
    bindgen.omit_default_module_path(true);
    bindgen.generate(&folder).context(failed)?;
    let bound = folder.join("leitai_bg.wasm");
    let last = folder.join("leitai.wasm");
    if mode == Mode::Release {
        optimise(&bound, &last)?;
        files::remove(&bound)?;
    } else {
        std::fs::rename(&bound, &last).context(|| format!("renaming {}", bound.display()))?;
    }
    files::write(&mark, key)?;
    Ok(folder)
}

/// npm's binaryen; never Debian 12's, whose result dies in the browser.
fn optimise(from: &Path, to: &Path) -> Outcome {
    setup::npm()?;
    let mut wasm_opt = command(at("end2end/node_modules/.bin/wasm-opt"));
    wasm_opt.args([
        "-Oz",
        "--enable-bulk-memory",
        "--enable-nontrapping-float-to-int",
        "--enable-sign-ext",
        "--enable-mutable-globals",
        "--enable-reference-types",
        "--enable-multivalue",
    ]);
    capture(wasm_opt.arg(from).arg("-o").arg(to)).map(|_| ())
}

/// The stylesheet and all that it imports, in one minified text.
fn stylesheet(entry: &Path) -> Outcome<String> {
    if !entry.exists() {
        return Ok(String::new());
    }
    // Nesting and light-dark() stay as they are: every browser since 2024 knows them.
    let version = |major: u32, minor: u32| Some((major << 16) | (minor << 8));
    let browsers = Browsers {
        chrome: version(123, 0),
        edge: version(123, 0),
        firefox: version(128, 0),
        safari: version(17, 5),
        ios_saf: version(17, 5),
        ..Browsers::default()
    };
    let targets = Targets::from(browsers);
    let provider = FileProvider::new();
    let mut bundler = Bundler::new(&provider, None, ParserOptions::default());
    let failed = || format!("bundling {}", entry.display());
    let mut sheet = bundler.bundle(entry).context(failed)?;
    sheet.minify(MinifyOptions { targets, ..MinifyOptions::default() }).context(failed)?;
    let printed = sheet.to_css(PrinterOptions { minify: true, targets, ..PrinterOptions::default() });
    Ok(printed.context(failed)?.code)
}

/// Puts scripts and styles under their hash and takes older ones away.
fn place(root: &Path, package: &Path, css: &str) -> Outcome<String> {
    let sources = files::below(package);
    let mut contents = Vec::new();
    for source in &sources {
        contents.push(files::read(source)?);
    }
    let parts = contents.iter().map(Vec::as_slice).chain([css.as_bytes()]);
    let hash = files::content_key(parts);
    let folder = root.join("pkg").join(&hash);
    for (source, bytes) in sources.iter().zip(&contents) {
        if let Ok(inner) = source.strip_prefix(package) {
            files::write(&folder.join(inner), bytes)?;
        }
    }
    files::write(&folder.join("leitai.css"), css)?;
    for old in std::fs::read_dir(root.join("pkg")).into_iter().flatten().flatten() {
        if old.path() != folder {
            files::remove(&old.path())?;
        }
    }
    Ok(hash)
}

/// A brotli copy beside every file that shrinks.
fn compress(root: &Path) -> Outcome {
    for file in files::below(root) {
        let kind = file.extension().map(|end| end.to_string_lossy().into_owned()).unwrap_or_default();
        let shrinks = ["js", "wasm", "css", "svg", "txt", "json", "xml", "webmanifest", "ico"];
        if !shrinks.contains(&kind.as_str()) {
            continue;
        }
        let mut to = file.clone().into_os_string();
        to.push(".br");
        let bytes = files::read(&file)?;
        let mut packed = brotli::CompressorWriter::new(Vec::new(), 1 << 16, 11, 24);
        packed.write_all(&bytes).context(|| format!("compressing {}", file.display()))?;
        files::write(Path::new(&to), packed.into_inner())?;
    }
    Ok(())
}
