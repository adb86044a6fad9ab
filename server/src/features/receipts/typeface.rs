//! Fonts: which one has a character, how wide texts are, and where lines of them break.

use std::collections::BTreeSet;
use std::path::Path;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::instance::{LocationRef, Size};
use skrifa::raw::FileRef;
use skrifa::{FontRef, MetadataProvider};

use crate::error::{Error, Result};

/// The Chinese characters in use, and the alphabets of Europe, so that every machine draws the same; see
/// `server/fonts/README.md`.
const OURS: [&[u8]; 2] = [
    include_bytes!("../../../fonts/NotoSansSC-receipts.otf"),
    include_bytes!("../../../fonts/NotoSans-receipts.ttf"),
];

/// A font and its index within its file.
struct Face {
    bytes: Vec<u8>,
    index: u32,
}

/// The fonts of receipts: the one that the settings name, where there is one, and ours.
pub(super) struct Typeface {
    faces: Vec<Face>,
}

/// The face for Simplified Chinese of a collection; the only one of a plain file.
fn chosen(bytes: &[u8]) -> Option<u32> {
    let collection = match FileRef::new(bytes).ok()? {
        FileRef::Font(_) => return Some(0),
        FileRef::Collection(collection) => collection,
    };
    let is_simplified = |index: &u32| {
        collection.get(*index).is_ok_and(|font| {
            let mut names = font.localized_strings(skrifa::string::StringId::FULL_NAME);
            names.any(|name| name.chars().collect::<String>().contains(" SC"))
        })
    };
    Some((0..collection.len()).find(is_simplified).unwrap_or(0))
}

impl Typeface {
    /// Opens the font of a file before ours; ours alone where there is none, or where it cannot be read.
    pub(super) fn open(path: Option<&Path>) -> Self {
        let mut faces = Vec::new();
        if let Some(path) = path {
            let read = std::fs::read(path).ok();
            match read.and_then(|bytes| Some((chosen(&bytes)?, bytes))) {
                Some((index, bytes)) => faces.push(Face { bytes, index }),
                None => tracing::warn!(path = %path.display(), "the font cannot be read; ours is used"),
            }
        }
        faces.extend(OURS.map(|bytes| Face { bytes: bytes.to_vec(), index: 0 }));
        Self { faces }
    }

    /// The fonts as a PDF takes them, in the order in which they are asked for a character.
    pub(super) fn fonts(&self) -> Result<Vec<Font>> {
        let font = |face: &Face| Font::new(face.bytes.clone().into(), face.index);
        let fonts: Option<Vec<Font>> = self.faces.iter().map(font).collect();
        fonts.ok_or_else(|| Error::bug("a font without tables"))
    }

    /// Measures and breaks texts.
    pub(super) fn ruler(&self) -> Result<Ruler<'_>> {
        let fonts: Result<Vec<_>, _> =
            self.faces.iter().map(|face| FontRef::from_index(&face.bytes, face.index)).collect();
        Ok(Ruler { fonts: fonts.map_err(|_| Error::bug("a font without tables"))? })
    }
}

/// Glyphs of one font that follow one another.
pub(super) struct Run {
    /// Which of the fonts.
    pub(super) font: usize,
    /// The glyphs, one a character of the text; widths are in parts of the font's size.
    pub(super) glyphs: Vec<KrillaGlyph>,
}

impl Run {
    /// How wide it is at a size of one.
    pub(super) fn width(&self) -> f32 {
        self.glyphs.iter().map(|glyph| glyph.x_advance).sum()
    }
}

/// Measures texts of some fonts.
pub(super) struct Ruler<'a> {
    fonts: Vec<FontRef<'a>>,
}

impl Ruler<'_> {
    /// The first font that has a character, and its glyph there.
    fn glyph(&self, letter: char) -> Option<(usize, skrifa::GlyphId)> {
        let found =
            self.fonts.iter().enumerate().find_map(|(font, face)| Some((font, face.charmap().map(letter)?)));
        found.filter(|(_, glyph)| glyph.to_u32() != 0)
    }

    /// A text as it can be drawn: what no font has stands as its number, and is noted in `missing`.
    pub(super) fn shown(&self, text: &str, missing: &mut BTreeSet<char>) -> String {
        let mut shown = String::with_capacity(text.len());
        for letter in text.chars() {
            if self.glyph(letter).is_some() {
                shown.push(letter);
            } else {
                missing.insert(letter);
                shown.push_str(&format!("[U+{:04X}]", u32::from(letter)));
            }
        }
        shown
    }

    /// The glyphs of a text, one a character, by the fonts that have them.
    pub(super) fn runs(&self, text: &str) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for (start, letter) in text.char_indices() {
            let (font, glyph) = self.glyph(letter).unwrap_or_default();
            let metrics =
                self.fonts.get(font).map(|face| face.glyph_metrics(Size::new(1.0), LocationRef::default()));
            let glyph = KrillaGlyph {
                glyph_id: GlyphId::new(glyph.to_u32()),
                text_range: start..start + letter.len_utf8(),
                x_advance: metrics.and_then(|metrics| metrics.advance_width(glyph)).unwrap_or(1.0),
                x_offset: 0.0,
                y_offset: 0.0,
                y_advance: 0.0,
                location: None,
            };
            match runs.last_mut().filter(|run| run.font == font) {
                Some(run) => run.glyphs.push(glyph),
                None => runs.push(Run { font, glyphs: vec![glyph] }),
            }
        }
        runs
    }

    /// How wide a text is at a size.
    pub(super) fn width(&self, text: &str, size: f32) -> f32 {
        self.runs(text).iter().map(Run::width).sum::<f32>() * size
    }

    /// Breaks a text into lines that are no wider than this: at spaces, and beside Chinese characters.
    pub(super) fn lines(&self, text: &str, size: f32, width: f32) -> Vec<String> {
        let mut lines = Vec::new();
        let mut line = String::new();
        for piece in pieces(text) {
            let longer = format!("{line}{piece}");
            if line.is_empty() || self.width(longer.trim_end(), size) <= width {
                line = longer;
            } else {
                lines.push(line.trim_end().to_owned());
                line = piece.trim_start().to_owned();
            }
            // What has no place to break at is broken anywhere.
            while self.width(line.trim_end(), size) > width && line.chars().count() > 1 {
                let mut head = String::new();
                let mut rest = line.chars().peekable();
                while let Some(letter) = rest.peek() {
                    let longer = format!("{head}{letter}");
                    if !head.is_empty() && self.width(&longer, size) > width {
                        break;
                    }
                    head = longer;
                    rest.next();
                }
                let tail: String = rest.collect();
                lines.push(head);
                line = tail;
            }
        }
        if !line.trim().is_empty() || lines.is_empty() {
            lines.push(line.trim_end().to_owned());
        }
        lines
    }
}

/// Whether a line may break on both sides of a character.
fn stands_alone(letter: char) -> bool {
    matches!(u32::from(letter), 0x2E80..=0x2FFF | 0x3040..=0x9FFF | 0xAC00..=0xD7AF | 0xF900..=0xFAFF)
}

/// Punctuation that never begins a line.
fn closes(letter: char) -> bool {
    "，。、；：？！）》」』】”’…%".contains(letter)
}

/// The parts of a text between which a line may break.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut before = ' ';
    for letter in text.chars() {
        let fresh = !closes(letter)
            && (stands_alone(letter)
                || stands_alone(before)
                || closes(before)
                || (before == ' ' && letter != ' '));
        match pieces.last_mut() {
            Some(last) if !fresh => last.push(letter),
            _ => pieces.push(letter.to_string()),
        }
        before = letter;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces_and_beside_chinese() {
        assert_eq!(pieces("Read a matrix"), ["Read ", "a ", "matrix"]);
        assert_eq!(pieces("读懂SQL连接，"), ["读", "懂", "SQL", "连", "接，"]);
        let typeface = Typeface::open(None);
        let ruler = typeface.ruler().unwrap();
        assert!(
            (ruler.width("中文", 10.0) - 20.0).abs() < 0.01,
            "a Chinese character is as wide as it is high"
        );
        for text in [
            "How to read a confusion matrix",
            "如何读懂混淆矩阵：精确率与召回率",
            "Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "",
        ] {
            let lines = ruler.lines(text, 10.0, 60.0);
            assert!(lines.iter().all(|line| ruler.width(line, 10.0) <= 60.0), "{lines:?}");
            let bare = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(bare(&lines.concat()), bare(text), "nothing is lost");
        }
    }

    #[test]
    fn every_sign_of_money_has_its_glyph() {
        let typeface = Typeface::open(None);
        let ruler = typeface.ruler().unwrap();
        let mut missing = BTreeSet::new();
        for text in [
            "¥$−–·0123456789.，（）UTC擂台[]",
            "課體機學習臺灣昇喆镕堃裡",
            "Zoë Świątek Ἀθῆναι Москва さくら Nguyễn İstanbul",
        ] {
            ruler.shown(text, &mut missing);
        }
        assert_eq!(missing, BTreeSet::new());
    }

    #[test]
    fn what_no_font_has_is_written_as_its_number() {
        let typeface = Typeface::open(None);
        let ruler = typeface.ruler().unwrap();
        let mut missing = BTreeSet::new();
        assert_eq!(ruler.shown("김 and 镕 𠮷", &mut missing), "[U+AE40] and 镕 [U+20BB7]");
        assert_eq!(missing, BTreeSet::from(['김', '𠮷']));
        assert_eq!(ruler.shown(&ruler.shown("김", &mut missing), &mut missing), "[U+AE40]");
    }

    /// A font of the settings is asked first, and ours for what it does not have.
    #[test]
    fn several_fonts_are_one() {
        let ours = Typeface::open(None);
        let fonts = |typeface: &Typeface, text: &str| -> Vec<usize> {
            typeface.ruler().unwrap().runs(text).iter().map(|run| run.font).collect()
        };
        assert_eq!(fonts(&ours, "字 and ę and 字"), [0, 1, 0]);
        let folder = std::env::temp_dir().join(format!("leitai-font-{}", std::process::id()));
        std::fs::write(&folder, OURS[1]).unwrap();
        let with_another = Typeface::open(Some(&folder));
        std::fs::remove_file(&folder).unwrap();
        assert_eq!(fonts(&with_another, "é字ę"), [0, 1, 0]);
        let mut missing = BTreeSet::new();
        with_another.ruler().unwrap().shown("é字ę", &mut missing);
        assert_eq!(missing, BTreeSet::new());
    }
}
