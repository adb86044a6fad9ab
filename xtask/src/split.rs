//! Cuts the browser's module along its lazy routes: one part for every page, loaded when it is shown.
//!
//! `cargo xtask run` serves one whole module (see `join`), which is quicker to make; a release is cut, so that
//! a first visit loads what its page needs. Both are made of the same program.

use crate::files;
use crate::shell::{Context, Outcome};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use wasm_split_cli_support::{Options, transform};

/// The module that loads the parts; the bindings of the main part import it.
const LOADER: &str = "./leitai_parts.js";

/// Which pages travel together, by words in the names of their views; all others make the part `pages`.
const PARTS: [(&str, &[&str]); 3] = [
    ("board", &["board_route"]),
    ("desks", &["desk", "teach", "organise", "manage", "new_page", "review", "question_page"]),
    ("staff", &["admin", "dead_jobs", "gallery", "set_up"]),
];

/// What the cut left.
pub struct Cut {
    /// The part that every page needs, not yet bound to JavaScript.
    pub main: Vec<u8>,
    /// The other parts, ready but for `wasm-opt`.
    pub parts: Vec<PathBuf>,
    /// Which parts each lazy page needs, by the name of its split point, as JSON.
    pub manifest: String,
}

/// Cuts a module that was linked with `--emit-relocs`; the loader and the parts go to a folder.
pub fn cut(bytes: &[u8], folder: &Path) -> Outcome<Cut> {
    let (bytes, names) = gather(bytes.to_vec());
    let main = folder.join("main.wasm");
    let mut options = Options::new(&bytes);
    options.output_dir = folder;
    options.main_out_path = &main;
    options.main_module = "./leitai.js";
    options.link_name = LOADER;
    let done = transform(options).map_err(|error| format!("cutting the module: {error:#}"))?;
    let loader = folder.join(LOADER);
    let mut script = files::read(&loader)?;
    let mut manifest = BTreeMap::new();
    for name in names {
        let part = part_of(&name);
        let line = format!("export {{ __wasm_split_load_{part} as __wasm_split_load_{name} }};\n");
        script.extend(line.into_bytes());
        manifest.insert(name, done.prefetch_map.get(part).cloned().unwrap_or_default());
    }
    files::write(&loader, script)?;
    let manifest = serde_json::to_string(&manifest).context(|| "writing the manifest".into())?;
    let bytes = files::read(&main)?;
    files::remove(&main)?;
    Ok(Cut { main: bytes, parts: done.split_modules, manifest })
}

/// The part that the page of a split point belongs to.
///
/// A part for each page would make a shared piece for each set of pages that share something: hundreds of
/// files. Pages that are used together travel together.
fn part_of(name: &str) -> &'static str {
    PARTS
        .iter()
        .find(|(_, pages)| pages.iter().any(|page| name.contains(page)))
        .map_or("pages", |(part, _)| part)
}

/// Writes the name of its part over the name of each split point, and gives the names.
///
/// The names stand in the import and export sections of the module. What a name is longer than that of its
/// part goes to the end of the entry, so that no length and no offset changes.
fn gather(mut bytes: Vec<u8>) -> (Vec<u8>, BTreeSet<String>) {
    const BEFORE: &[u8] = b"__wasm_split_00";
    const HASH: usize = 32;
    let mut names = BTreeSet::new();
    let starts: Vec<usize> = places(&bytes, BEFORE);
    for start in starts.into_iter().map(|at| at + BEFORE.len()) {
        let Some(rest) = bytes.get(start..) else { continue };
        let kinds: [&[u8]; 2] = [b"00_import_", b"00_export_"];
        let found = kinds.iter().filter_map(|kind| Some((find(rest, kind)?, *kind))).min();
        let Some((length, kind)) = found else { continue };
        let Some(name) = rest.get(..length).and_then(|name| std::str::from_utf8(name).ok()) else { continue };
        let (name, part) = (name.to_owned(), part_of(name));
        let spare = length.saturating_sub(part.len());
        let Some(hash) = rest.get(length + kind.len()..length + kind.len() + HASH) else { continue };
        let entry = [part.as_bytes(), kind, hash, "_".repeat(spare).as_bytes()].concat();
        if let Some(place) = bytes.get_mut(start..start + entry.len()) {
            place.copy_from_slice(&entry);
        }
        names.insert(name);
    }
    (bytes, names)
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).take(200).position(|window| window == wanted)
}

fn places(text: &[u8], wanted: &[u8]) -> Vec<usize> {
    text.windows(wanted.len()).enumerate().filter(|(_, window)| *window == wanted).map(|(at, _)| at).collect()
}
