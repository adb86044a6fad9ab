//! Turns `locales/{en,zh}/*.toml` into functions, so that a missing text does not compile.
//!
//! `title = "Courses"` in `courses.toml` becomes `t::courses::title(locale)`; a text with `{name}`
//! placeholders becomes a function with one more argument for each. The `[fault]` tables become
//! `t::fault(locale, code)`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::{env, fs, process};

type Texts = BTreeMap<String, String>;

fn main() {
    println!("cargo:rerun-if-changed=locales");
    if let Err(fault) = generate() {
        println!("cargo::error={fault}");
        process::exit(1);
    }
}

#[expect(clippy::disallowed_methods, reason = "cargo tells a build script its folder by the environment")]
fn generate() -> Result<(), String> {
    let mut code = String::new();
    let mut faults: BTreeMap<String, (String, String)> = BTreeMap::new();
    let mut names: Vec<String> = fs::read_dir("locales/en")
        .map_err(|error| error.to_string())?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".toml"))
        .collect();
    names.sort();
    for name in names {
        let english = read(&Path::new("locales/en").join(&name))?;
        let chinese = read(&Path::new("locales/zh").join(&name))?;
        same_keys(&name, &english, &chinese)?;
        let feature = name.trim_end_matches(".toml");
        writeln!(code, "/// Texts of `{name}`.\npub mod {feature} {{\n    use domain::locale::Locale;").ok();
        for (key, en) in &english {
            let zh = chinese.get(key).map(String::as_str).unwrap_or_default();
            match key.strip_prefix("fault_") {
                Some(fault) => {
                    if faults.insert(fault.to_owned(), (en.clone(), zh.to_owned())).is_some() {
                        return Err(format!("the fault {fault} of {name} stands in another file too"));
                    }
                }
                None => function(&mut code, &name, key, en, zh)?,
            }
        }
        code.push_str("}\n");
    }
    fault_table(&mut code, &faults);
    let out = env::var("OUT_DIR").map_err(|error| error.to_string())?;
    fs::write(Path::new(&out).join("text.rs"), code).map_err(|error| error.to_string())
}

fn read(path: &Path) -> Result<Texts, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let table: toml::Table = text.parse().map_err(|error| format!("{}: {error}", path.display()))?;
    let mut texts = Texts::new();
    flatten(&mut texts, "", &table);
    Ok(texts)
}

fn flatten(texts: &mut Texts, prefix: &str, table: &toml::Table) {
    for (key, value) in table {
        match value {
            toml::Value::Table(inner) => flatten(texts, &format!("{prefix}{key}_"), inner),
            toml::Value::String(text) => {
                texts.insert(format!("{prefix}{key}"), text.clone());
            }
            _ => {}
        }
    }
}

fn same_keys(name: &str, english: &Texts, chinese: &Texts) -> Result<(), String> {
    for (have, lack, language) in [(english, chinese, "zh"), (chinese, english, "en")] {
        let missing: Vec<_> = have.keys().filter(|key| !lack.contains_key(*key)).cloned().collect();
        if !missing.is_empty() {
            return Err(format!("locales/{language}/{name} lacks {}", missing.join(", ")));
        }
    }
    Ok(())
}

/// The placeholders of a text in order of first appearance.
fn placeholders(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for piece in text.split('{').skip(1) {
        let name = piece.split('}').next().unwrap_or_default().to_owned();
        if !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

fn function(code: &mut String, file: &str, key: &str, en: &str, zh: &str) -> Result<(), String> {
    let wanted = placeholders(en);
    let (mut left, mut right) = (wanted.clone(), placeholders(zh));
    left.sort();
    right.sort();
    if left != right {
        return Err(format!("{file}: the placeholders of {key} differ between the languages"));
    }
    let doc = en.replace('\n', " ");
    writeln!(code, "    /// {doc}").ok();
    if wanted.is_empty() {
        writeln!(
            code,
            "    pub fn {key}(locale: Locale) -> &'static str {{ match locale {{ Locale::En => {en:?}, Locale::Zh => {zh:?} }} }}"
        )
        .ok();
        return Ok(());
    }
    let arguments: Vec<String> =
        wanted.iter().map(|name| format!("{name}: impl std::fmt::Display")).collect();
    writeln!(
        code,
        "    pub fn {key}(locale: Locale, {}) -> String {{ match locale {{ Locale::En => format!({en:?}), Locale::Zh => format!({zh:?}) }} }}",
        arguments.join(", ")
    )
    .ok();
    Ok(())
}

fn fault_table(code: &mut String, faults: &BTreeMap<String, (String, String)>) {
    code.push_str("/// The sentence of a fault code, with `{0}`, `{1}` for its parameters.\n");
    code.push_str("pub fn fault(locale: domain::locale::Locale, code: &str) -> Option<&'static str> {\n");
    code.push_str("    use domain::locale::Locale;\n    Some(match (locale, code) {\n");
    for (key, (en, zh)) in faults {
        writeln!(code, "        (Locale::En, {key:?}) => {en:?},\n        (Locale::Zh, {key:?}) => {zh:?},")
            .ok();
    }
    code.push_str("        _ => return None,\n    })\n}\n");
}
