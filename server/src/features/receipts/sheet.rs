//! Sheets of paper: texts and rules at their places, then a PDF.

use std::collections::BTreeSet;

use krilla::Document;
use krilla::color::luma;
use krilla::geom::{PathBuilder, Point};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, Stroke};

use super::typeface::{Ruler, Typeface};
use crate::error::{Error, Result};

/// A4, in points.
const WIDTH: f32 = 595.0;
const HEIGHT: f32 = 842.0;
/// The margin on each side.
const MARGIN: f32 = 56.0;
/// How wide the first of two columns is.
const WIDE: f32 = 360.0;

/// Black, and the grey of what is said beside.
pub(super) const BLACK: u8 = 0;
pub(super) const GREY: u8 = 96;

enum Mark {
    Text { x: f32, y: f32, size: f32, shade: u8, text: String },
    Rule { y: f32 },
}

/// Sheets that are filled from above.
pub(super) struct Sheets<'a> {
    ruler: Ruler<'a>,
    typeface: &'a Typeface,
    pages: Vec<Vec<Mark>>,
    y: f32,
    missing: BTreeSet<char>,
}

impl<'a> Sheets<'a> {
    pub(super) fn new(typeface: &'a Typeface) -> Result<Self> {
        let (pages, missing) = (vec![Vec::new()], BTreeSet::new());
        Ok(Self { ruler: typeface.ruler()?, typeface, pages, y: MARGIN, missing })
    }

    /// Leaves room.
    pub(super) fn skip(&mut self, height: f32) {
        self.y += height;
    }

    fn mark(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    /// Goes on to the next line, and to the next sheet where this one is full.
    fn advance(&mut self, height: f32) {
        if self.y + height > HEIGHT - MARGIN {
            self.pages.push(Vec::new());
            self.y = MARGIN;
        }
        self.y += height;
    }

    /// A text from the left margin on, over as many lines as it needs.
    pub(super) fn paragraph(&mut self, text: &str, size: f32, shade: u8) {
        let text = self.ruler.shown(text, &mut self.missing);
        for line in self.ruler.lines(&text, size, WIDTH - 2.0 * MARGIN) {
            self.advance(size * 1.5);
            self.mark(Mark::Text { x: MARGIN, y: self.y, size, shade, text: line });
        }
    }

    /// A text at the left, and one that ends at the right margin beside its first line.
    pub(super) fn pair(&mut self, left: &str, right: &str, size: f32, shade: u8) {
        let left = self.ruler.shown(left, &mut self.missing);
        let right = self.ruler.shown(right, &mut self.missing);
        let edge = WIDTH - MARGIN - self.ruler.width(&right, size);
        let room = WIDE.min(edge - MARGIN - size).max(size);
        for (index, line) in self.ruler.lines(&left, size, room).into_iter().enumerate() {
            self.advance(size * 1.6);
            let y = self.y;
            self.mark(Mark::Text { x: MARGIN, y, size, shade, text: line });
            if index == 0 {
                self.mark(Mark::Text { x: edge, y, size, shade, text: right.clone() });
            }
        }
    }

    /// A thin rule from margin to margin.
    pub(super) fn rule(&mut self) {
        self.advance(8.0);
        self.mark(Mark::Rule { y: self.y });
    }

    /// The PDF of all sheets.
    pub(super) fn finish(self, title: &str, language: &str) -> Result<Vec<u8>> {
        if !self.missing.is_empty() {
            let missing: String = self.missing.iter().collect();
            tracing::warn!(missing, "no font for receipts has these characters; they stand there as numbers");
        }
        let fonts = self.typeface.fonts()?;
        let mut document = Document::new();
        let metadata = Metadata::new().title(title.to_owned()).language(language.to_owned());
        document.set_metadata(metadata.producer("Leitai".to_owned()));
        for marks in &self.pages {
            let settings =
                PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(|| Error::bug("a sheet without size"))?;
            let mut page = document.start_page_with(settings);
            let mut surface = page.surface();
            for mark in marks {
                match mark {
                    Mark::Text { x, y, size, shade, text } => {
                        surface.set_stroke(None);
                        surface.set_fill(Some(Fill {
                            paint: luma::Color::new(*shade).into(),
                            opacity: NormalizedF32::ONE,
                            rule: FillRule::default(),
                        }));
                        let mut x = *x;
                        for run in self.ruler.runs(text) {
                            let Some(font) = fonts.get(run.font).cloned() else { continue };
                            surface.draw_glyphs(Point::from_xy(x, *y), &run.glyphs, font, text, *size, false);
                            x += run.width() * size;
                        }
                    }
                    Mark::Rule { y } => {
                        surface.set_fill(None);
                        let paint = luma::Color::new(GREY).into();
                        surface.set_stroke(Some(Stroke { paint, width: 0.5, ..Stroke::default() }));
                        let mut path = PathBuilder::new();
                        path.move_to(MARGIN, *y);
                        path.line_to(WIDTH - MARGIN, *y);
                        if let Some(path) = path.finish() {
                            surface.draw_path(&path);
                        }
                    }
                }
            }
            surface.finish();
            page.finish();
        }
        document.finish().map_err(|_| Error::bug("a PDF could not be written"))
    }
}
