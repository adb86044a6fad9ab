//! Checked text: lengths, control characters, slugs.

use serde::{Deserialize, Serialize};

use crate::invalid::Invalid;

/// Trims a one-line text and checks its length in characters and that no control character hides in it.
pub fn line(field: &str, text: &str, range: std::ops::RangeInclusive<usize>) -> Result<String, Invalid> {
    let text = text.trim();
    if text.chars().any(is_forbidden) {
        return Err(Invalid::field(field, "control_character"));
    }
    sized(field, text, range)
}

/// Checks a text of several lines: as [`line`], but line breaks and tabs are allowed.
pub fn block(field: &str, text: &str, range: std::ops::RangeInclusive<usize>) -> Result<String, Invalid> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    if text.chars().any(|c| is_forbidden(c) && c != '\n' && c != '\t') {
        return Err(Invalid::field(field, "control_character"));
    }
    sized(field, text, range)
}

fn sized(field: &str, text: &str, range: std::ops::RangeInclusive<usize>) -> Result<String, Invalid> {
    let length = text.chars().count();
    if length == 0 && *range.start() > 0 {
        Err(Invalid::field(field, "required"))
    } else if length < *range.start() {
        Err(Invalid::with(field, "too_short", &[range.start()]))
    } else if length > *range.end() {
        Err(Invalid::with(field, "too_long", &[range.end()]))
    } else {
        Ok(text.to_owned())
    }
}

/// Control characters, marks that reorder or hide text, ends of lines that are none of ours, and letters that look
/// like nothing (Unicode Cc, bidi controls, zero widths, line and paragraph separators, fillers).
fn is_forbidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}')
}

/// The readable part of an address: lower-case letters, digits and single hyphens, 1 to 64 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

impl Slug {
    /// Checks a slug that a person typed in `field`.
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        let text = line(field, text, 1..=64)?;
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !text.chars().all(fits) || text.starts_with('-') || text.ends_with('-') || text.contains("--") {
            return Err(Invalid::field(field, "slug_shape"));
        }
        Ok(Self(text))
    }
    /// Proposes a slug for a title: its Latin letters and digits; `None` where it has none.
    pub fn propose(title: &str) -> Option<Self> {
        let words: Vec<String> = title
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_ascii_lowercase)
            .collect();
        let text: String = words.join("-").chars().take(64).collect();
        Self::parse("slug", text.trim_end_matches('-')).ok()
    }
    /// The text of the slug.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Slug {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse("slug", &text).map_err(|_| format!("not a slug: {text}"))
    }
}
impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}
impl std::fmt::Display for Slug {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_trimmed_and_bounded() {
        assert_eq!(line("name", "  Ada ", 1..=10), Ok("Ada".to_owned()));
        assert_eq!(line("name", "", 1..=10), Err(Invalid::field("name", "required")));
        assert_eq!(line("name", &"x".repeat(10_240), 1..=10), Err(Invalid::with("name", "too_long", &[&10])));
        for bad in ["a\u{0}b", "a\nb", "a\u{202E}b", "a\u{200B}b", "a\u{61C}b", "a\u{2028}b", "a\u{3164}b"] {
            assert_eq!(line("name", bad, 1..=10), Err(Invalid::field("name", "control_character")));
        }
    }

    #[test]
    fn slugs_have_one_shape() {
        assert!(Slug::parse("slug", "sql-joins-2").is_ok());
        for bad in ["", "SQL", "a--b", "-a", "a-", "a b", "学习", "a/../b"] {
            assert!(Slug::parse("slug", bad).is_err(), "{bad}");
        }
        assert_eq!(
            Slug::propose("SQL joins, without fear!").map(String::from),
            Some("sql-joins-without-fear".into())
        );
        assert_eq!(Slug::propose("机器学习"), None);
    }
}
