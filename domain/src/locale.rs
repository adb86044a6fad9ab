//! The two languages of every page.

use serde::{Deserialize, Serialize};

/// A language in which Leitai speaks; also the first segment of every page address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// Simplified Chinese.
    Zh,
}

impl Locale {
    /// Every language, in the order in which choices are offered.
    pub const ALL: [Self; 2] = [Self::En, Self::Zh];

    /// The path segment and the database value: `en` or `zh`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }
    /// The value of the HTML `lang` attribute.
    pub const fn html_lang(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-CN",
        }
    }
    /// The other language.
    pub const fn other(self) -> Self {
        match self {
            Self::En => Self::Zh,
            Self::Zh => Self::En,
        }
    }
    /// The language that a path such as `/zh/courses` begins with, if any.
    pub fn of_path(path: &str) -> Option<Self> {
        Self::parse(path.trim_start_matches('/').split('/').next().unwrap_or_default())
    }
    /// Reads `en` or `zh`.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|locale| locale.as_str() == text)
    }
    /// The best of our languages for an `Accept-Language` header (RFC 9110, section 12.5.4).
    pub fn negotiate(header: &str) -> Self {
        let mut best = (0_u32, Self::En);
        for part in header.split(',') {
            let mut pieces = part.trim().split(';');
            let tag = pieces.next().unwrap_or_default().to_ascii_lowercase();
            let quality = pieces
                .find_map(|piece| piece.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()))
                .unwrap_or(1.0);
            let Some(locale) = Self::parse(tag.split('-').next().unwrap_or_default()) else { continue };
            let weight = (quality.clamp(0.0, 1.0) * 1000.0) as u32;
            if weight > best.0 {
                best = (weight, locale);
            }
        }
        best.1
    }
}

impl TryFrom<String> for Locale {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("unknown locale {text}"))
    }
}

/// A text in both languages; a missing one falls back to the other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bilingual {
    /// English, or empty.
    pub en: String,
    /// Simplified Chinese, or empty.
    pub zh: String,
}

impl Bilingual {
    /// Joins the two texts.
    pub fn new(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self { en: en.into(), zh: zh.into() }
    }
    /// The text in a language, or in the other one where it is empty.
    pub fn get(&self, locale: Locale) -> &str {
        let (first, second) = match locale {
            Locale::En => (&self.en, &self.zh),
            Locale::Zh => (&self.zh, &self.en),
        };
        if first.trim().is_empty() { second } else { first }
    }
    /// Whether neither language has a text.
    pub fn is_empty(&self) -> bool {
        self.en.trim().is_empty() && self.zh.trim().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negotiation_obeys_quality() {
        assert_eq!(Locale::negotiate("fr, zh-CN;q=0.8, en;q=0.9"), Locale::En);
        assert_eq!(Locale::negotiate("zh-Hans-CN,zh;q=0.9,en;q=0.8"), Locale::Zh);
        assert_eq!(Locale::negotiate("de"), Locale::En);
        assert_eq!(Locale::negotiate(""), Locale::En);
    }

    #[test]
    fn an_empty_language_falls_back() {
        let text = Bilingual::new("Joins", " ");
        assert_eq!(text.get(Locale::Zh), "Joins");
    }
}
