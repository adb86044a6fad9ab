//! Reads the tokens and the sprite as text: every ink is readable on every ground, every icon is drawn.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

use std::path::{Path, PathBuf};

const TOKENS: &str = include_str!("../../style/tokens.css");
const SPRITE: &str = include_str!("../../public/icons.svg");

/// The colour of a token in light and in dark.
fn token(name: &str) -> [&'static str; 2] {
    let start = format!("--{name}: light-dark(");
    let at = TOKENS.find(&start).unwrap_or_else(|| panic!("no token {name}")) + start.len();
    let inside = &TOKENS[at..at + TOKENS[at..].find(')').unwrap()];
    let (light, dark) = inside.split_once(", ").unwrap();
    [light, dark]
}

/// Relative luminance, as WCAG defines it.
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn inks_are_readable_on_every_ground() {
    let mut faults = Vec::new();
    let mut want = |ink: &str, ground: &str, least: f64| {
        for (theme, (ink_colour, ground_colour)) in
            ["light", "dark"].into_iter().zip(token(ink).into_iter().zip(token(ground)))
        {
            let found = contrast(ink_colour, ground_colour);
            if found < least {
                faults.push(format!("{theme}: {ink} on {ground} is {found:.2}, not {least}"));
            }
        }
    };
    for ink in ["ink", "ink-2", "ink-3", "seal", "jade", "gold", "wrong"] {
        for ground in ["paper", "sheet", "sunk", "seal-wash", "jade-wash", "gold-wash"] {
            want(ink, ground, 4.5);
        }
    }
    want("seal-ink", "seal", 4.5);
    want("seal-ink", "seal-hover", 4.5);
    want("paper", "ink", 4.5);
    want("paper", "jade", 4.5);
    want("line", "paper", 3.0);
    want("line", "sheet", 3.0);
    want("focus", "paper", 3.0);
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Every file of a kind below a folder.
fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|end| end == extension) {
            found.push(path);
        }
    }
}

#[test]
fn every_icon_is_in_the_sprite_and_no_style_attribute_is_written() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut sources = Vec::new();
    for folder in ["ui/src", "app/src"] {
        files(&root.join(folder), "rs", &mut sources);
    }
    for path in sources {
        let text = std::fs::read_to_string(&path).unwrap();
        for named in text.split("<Icon name=\"").skip(1).chain(text.split(" icon=\"").skip(1)) {
            let name = named.split('"').next().unwrap();
            assert!(SPRITE.contains(&format!("id=\"{name}\"")), "{}: no icon {name}", path.display());
        }
        assert!(!text.contains(" style=\""), "{}: the policy refuses style attributes", path.display());
    }
}
