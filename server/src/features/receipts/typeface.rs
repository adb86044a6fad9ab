//! A font: how wide texts are, and where lines of them break.

use std::path::Path;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::instance::{LocationRef, Size};
use skrifa::raw::FileRef;
use skrifa::{FontRef, MetadataProvider};

use crate::error::{Error, Result};

/// Latin and GB 2312, so that every machine draws the same; see `server/fonts/README.md`.
const OURS: &[u8] = include_bytes!("../../../fonts/NotoSansSC-GB2312.otf");

/// A font and its index within its file.
pub(super) struct Typeface {
    bytes: Vec<u8>,
    index: u32,
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
    /// Opens the font of a file; ours where there is none, or where it cannot be read.
    pub(super) fn open(path: Option<&Path>) -> Self {
        if let Some(path) = path {
            let read = std::fs::read(path).ok();
            match read.and_then(|bytes| Some((chosen(&bytes)?, bytes))) {
                Some((index, bytes)) => return Self { bytes, index },
                None => tracing::warn!(path = %path.display(), "the font cannot be read; ours is used"),
            }
        }
        Self { bytes: OURS.to_vec(), index: 0 }
    }

    /// The font as a PDF takes it.
    pub(super) fn font(&self) -> Result<Font> {
        Font::new(self.bytes.clone().into(), self.index).ok_or_else(|| Error::bug("a font without tables"))
    }

    /// Measures and breaks texts.
    pub(super) fn ruler(&self) -> Result<Ruler<'_>> {
        let font = FontRef::from_index(&self.bytes, self.index);
        Ok(Ruler { font: font.map_err(|_| Error::bug("a font without tables"))? })
    }
}

/// Measures texts of one font.
pub(super) struct Ruler<'a> {
    font: FontRef<'a>,
}

impl Ruler<'_> {
    /// The glyphs of a text, one a character; widths are in parts of the font's size.
    pub(super) fn glyphs(&self, text: &str) -> Vec<KrillaGlyph> {
        let letters = self.font.charmap();
        let metrics = self.font.glyph_metrics(Size::new(1.0), LocationRef::default());
        text.char_indices()
            .map(|(start, letter)| {
                let glyph = letters.map(letter).unwrap_or_default();
                KrillaGlyph {
                    glyph_id: GlyphId::new(glyph.to_u32()),
                    text_range: start..start + letter.len_utf8(),
                    x_advance: metrics.advance_width(glyph).unwrap_or(1.0),
                    x_offset: 0.0,
                    y_offset: 0.0,
                    y_advance: 0.0,
                    location: None,
                }
            })
            .collect()
    }

    /// How wide a text is at a size.
    pub(super) fn width(&self, text: &str, size: f32) -> f32 {
        self.glyphs(text).iter().map(|glyph| glyph.x_advance).sum::<f32>() * size
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
        for glyph in ruler.glyphs("¥$−–·0123456789.，（）UTC擂台") {
            assert_ne!(glyph.glyph_id, GlyphId::new(0), "{:?}", glyph.text_range);
        }
    }
}
