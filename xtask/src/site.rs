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
use std::collections::BTreeMap;
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

/// What a first visit loads after brotli, in bytes.
pub struct FirstLoad {
    /// What every page needs: the bindings, the loader and the main part.
    pub common: usize,
    /// What the heaviest page needs besides.
    pub heaviest: usize,
}

impl Site {
    /// Measures a site that was made for a release.
    pub fn first_load(&self) -> Outcome<FirstLoad> {
        let package = self.root.join("pkg").join(&self.hash);
        let size = |name: &str| files::read(&package.join(name)).map(|bytes| bytes.len());
        let mut common = 0;
        for name in ["leitai.js.br", "leitai_parts.js.br", "leitai.wasm.br"] {
            common += size(name)?;
        }
        let text = files::read(&package.join("parts.json"))?;
        let pages: BTreeMap<String, Vec<String>> =
            serde_json::from_slice(&text).context(|| "reading parts.json".into())?;
        let mut heaviest = 0;
        for parts in pages.values() {
            let mut page = 0;
            for part in parts {
                page += size(&format!("{part}.wasm.br"))?;
            }
            heaviest = heaviest.max(page);
        }
        Ok(FirstLoad { common, heaviest })
    }
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
    let bytes = files::read(module)?;
    if mode == Mode::Dev {
        let whole = crate::join::whole(&bytes, true).context(failed)?;
        let mut bindgen = Bindgen::new();
        bindgen.input_module("leitai", whole);
        generate(&mut bindgen, &folder)?;
        let bound = folder.join("leitai_bg.wasm");
        std::fs::rename(&bound, folder.join("leitai.wasm"))
            .context(|| format!("renaming {}", bound.display()))?;
    } else {
        bind_parts(&bytes, &folder)?;
    }
    files::write(&mark, key)?;
    Ok(folder)
}

/// A release: the main part bound to JavaScript, the others beside it, each of them optimised.
fn bind_parts(bytes: &[u8], folder: &Path) -> Outcome {
    let cut = crate::split::cut(bytes, folder)?;
    let mut bindgen = Bindgen::new();
    // The parts find what they share by the names that the linker gave.
    bindgen.input_bytes("leitai", cut.main).keep_lld_exports(true).demangle(false);
    bindgen.remove_name_section(true);
    generate(&mut bindgen, folder)?;
    let bound = folder.join("leitai_bg.wasm");
    optimise(&bound, &folder.join("leitai.wasm"))?;
    files::remove(&bound)?;
    for part in cut.parts {
        let whole = part.with_extension("whole");
        std::fs::rename(&part, &whole).context(|| format!("renaming {}", part.display()))?;
        optimise(&whole, &part)?;
        files::remove(&whole)?;
    }
    files::write(&folder.join("parts.json"), cut.manifest)
}

fn generate(bindgen: &mut Bindgen, folder: &Path) -> Outcome {
    let failed = || "making the bindings".to_owned();
    bindgen.web(true).context(failed)?.out_name("leitai").typescript(false);
    bindgen.remove_producers_section(true).omit_default_module_path(true);
    bindgen.generate(folder).context(failed)
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
