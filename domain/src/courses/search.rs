//! Words of a text and of a query, so that search finds the same on every database.
//!
//! Latin and other alphabets are cut into lower-cased words; runs of Chinese characters into single
//! characters and overlapping pairs. A query of one character finds by the character, a longer run by
//! its pairs; the last word of a query also finds words that begin with it.

use std::collections::BTreeMap;

/// The most words of a query that are looked at.
pub const MAX_TERMS: usize = 8;
const MAX_TOKEN: usize = 40;

/// One condition of a query: every one must be met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The word looked for.
    pub token: String,
    /// Whether words that begin with it are found as well.
    pub prefix: bool,
}

/// Counts the words of a text for the index.
pub fn tokens(text: &str) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    for piece in pieces(text) {
        match piece {
            Piece::Word(word) => *counts.entry(word).or_insert(0) += 1,
            Piece::Run(run) => {
                for c in &run {
                    *counts.entry(c.to_string()).or_insert(0) += 1;
                }
                for pair in run.windows(2) {
                    *counts.entry(pair.iter().collect()).or_insert(0) += 1;
                }
            }
        }
    }
    counts
}

/// Cuts a query into its conditions.
pub fn terms(query: &str) -> Vec<Term> {
    let mut terms: Vec<Term> = Vec::new();
    let mut add = |token: String, prefix: bool| {
        if terms.len() < MAX_TERMS && !terms.iter().any(|term| term.token == token && term.prefix == prefix) {
            terms.push(Term { token, prefix });
        }
    };
    let pieces = pieces(query);
    let last = pieces.len().saturating_sub(1);
    let still_typing = query.chars().next_back().is_some_and(char::is_alphanumeric);
    for (index, piece) in pieces.into_iter().enumerate() {
        match piece {
            Piece::Word(word) => add(word, index == last && still_typing),
            Piece::Run(run) if run.len() == 1 => run.iter().for_each(|c| add(c.to_string(), false)),
            Piece::Run(run) => run.windows(2).for_each(|pair| add(pair.iter().collect(), false)),
        }
    }
    terms
}

/// The first text, in byte order, after every text that begins with `prefix`.
pub fn prefix_end(prefix: &str) -> String {
    format!("{prefix}{}", char::MAX)
}

enum Piece {
    Word(String),
    Run(Vec<char>),
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut word = String::new();
    let mut run = Vec::new();
    for c in text.chars().map(narrow) {
        if is_cjk(c) {
            end_word(&mut word, &mut pieces);
            run.push(c);
            continue;
        }
        if !run.is_empty() {
            pieces.push(Piece::Run(std::mem::take(&mut run)));
        }
        if c.is_alphanumeric() || (!word.is_empty() && matches!(c, '+' | '#')) {
            word.extend(c.to_lowercase());
        } else {
            end_word(&mut word, &mut pieces);
        }
    }
    end_word(&mut word, &mut pieces);
    if !run.is_empty() {
        pieces.push(Piece::Run(run));
    }
    pieces
}

fn end_word(word: &mut String, pieces: &mut Vec<Piece>) {
    if !word.is_empty() {
        let whole = std::mem::take(word);
        pieces.push(Piece::Word(whole.chars().take(MAX_TOKEN).collect()));
    }
}

/// Full-width Latin letters and digits, as Chinese keyboards write them, in their usual width.
fn narrow(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

const fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn finds(text: &str, query: &str) -> bool {
        let index = tokens(text);
        let terms = terms(query);
        !terms.is_empty()
            && terms.iter().all(|term| {
                index.keys().any(|token| {
                    *token == term.token
                        || (term.prefix && *token >= term.token && *token < prefix_end(&term.token))
                })
            })
    }

    #[test]
    fn both_languages_are_found() {
        let text = "读懂混淆矩阵 Reading a Confusion Matrix，机器学习 C++";
        for query in [
            "混淆矩阵",
            "矩阵",
            "机器学习",
            "习",
            "confusion MATRIX",
            "conf",
            "ｍａｔｒｉｘ",
            "c++",
            "学习 read",
        ] {
            assert!(finds(text, query), "{query}");
        }
        for query in ["阵矩", "矩学", "fusion", "conf matrix", "", "%", "_", "' or 1=1 --"] {
            assert!(!finds(text, query), "{query}");
        }
    }

    #[test]
    fn a_query_is_bounded() {
        assert!(terms(&"a b c d e f g h i j k ".repeat(1000)).len() <= MAX_TERMS);
        assert!(terms(&"x".repeat(10_000)).iter().all(|term| term.token.len() <= MAX_TOKEN));
    }

    proptest! {
        #[test]
        fn every_text_finds_itself(text in "[a-z\u{4E00}-\u{4E10} ]{1,30}") {
            prop_assume!(!terms(&text).is_empty());
            prop_assert!(finds(&text, &text));
        }
        #[test]
        fn tokens_are_stable(text in "\\PC{0,60}") {
            for token in tokens(&text).keys() {
                prop_assert!(!token.is_empty());
                prop_assert!(token.as_str() < prefix_end(token).as_str());
            }
        }
    }
}
