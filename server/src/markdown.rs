//! Markdown that people write, turned into HTML that is safe to show.
//!
//! The order matters: Markdown to events (raw HTML becomes plain text), code to highlighted classes, maths to
//! MathML, then one sanitiser last, which knows only the elements and classes that we make ourselves. The
//! result depends on the text alone, so it is cached by the text's hash.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use ammonia::Builder;
use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use pulldown_latex::config::DisplayMode;
use pulldown_latex::{RenderConfig, Storage};
use syntect::html::{ClassStyle, ClassedHTMLGenerator};
use syntect::parsing::SyntaxSet;
use syntect::util::LinesWithEndings;

/// A formula whose source is longer may be wider than a telephone.
const LONG_FORMULA: usize = 20;
/// The longest formula that is typeset; longer ones are shown as they were typed.
const MAX_FORMULA: usize = 2_000;
/// How many signs that can nest a formula may have.
const MAX_NESTING: usize = 120;
/// The longest code that is highlighted.
const MAX_HIGHLIGHT: usize = 20_000;
/// The deepest nesting of lists and quotes.
const MAX_DEPTH: usize = 24;
/// How many rendered texts are kept.
const MAX_KEPT: usize = 2_000;

static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(SyntaxSet::load_defaults_newlines);
static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(sanitiser);
static KEPT: LazyLock<Mutex<HashMap<[u8; 32], Arc<str>>>> = LazyLock::new(Mutex::default);

/// Renders Markdown to safe HTML for a `.prose` block. Headings begin at level two: the page owns level one.
pub fn render(markdown: &str) -> Arc<str> {
    render_below(markdown, HeadingLevel::H1)
}

/// Like [`render`], where the block stands below a heading of this level. However the author counts,
/// the highest heading of the text comes next after it, and no level is skipped.
pub fn render_below(markdown: &str, above: HeadingLevel) -> Arc<str> {
    let key = key(markdown, above);
    let kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
    if let Some(html) = kept {
        return html;
    }
    let html: Arc<str> = render_now(markdown, above).into();
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() >= MAX_KEPT {
        kept.clear();
    }
    kept.insert(key, Arc::clone(&html));
    html
}

fn key(markdown: &str, above: HeadingLevel) -> [u8; 32] {
    let mut digest = ring::digest::Context::new(&ring::digest::SHA256);
    digest.update(&[above as u8]);
    digest.update(markdown.as_bytes());
    digest.finish().as_ref().try_into().unwrap_or_default()
}

fn render_now(markdown: &str, above: HeadingLevel) -> String {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_MATH;
    let mut events = Vec::new();
    let mut code: Option<(String, String)> = None;
    let mut depth = 0_usize;
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => code = Some((language(&kind), String::new())),
            Event::End(TagEnd::CodeBlock) => {
                if let Some((language, text)) = code.take() {
                    events.push(Event::Html(highlight(&language, &text).into()));
                }
            }
            Event::Text(text) if code.is_some() => {
                if let Some((_, gathered)) = &mut code {
                    gathered.push_str(&text);
                }
            }
            Event::Start(tag) => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return too_deep(markdown);
                }
                events.push(Event::Start(tag));
            }
            Event::End(end) => {
                depth = depth.saturating_sub(1);
                events.push(Event::End(end));
            }
            Event::Html(raw) | Event::InlineHtml(raw) => events.push(Event::Text(raw)),
            Event::InlineMath(formula) => events.push(maths(&formula, DisplayMode::Inline)),
            Event::DisplayMath(formula) => events.push(maths(&formula, DisplayMode::Block)),
            other => events.push(other),
        }
    }
    settle_headings(&mut events, above as usize);
    let mut html = String::with_capacity(markdown.len() * 2);
    pulldown_cmark::html::push_html(&mut html, events.into_iter());
    // A table that is too wide scrolls, and so must be reached by the keyboard.
    without_empty_headers(SANITISER.clean(&html).to_string()).replace("<table>", "<table tabindex=\"0\">")
}

/// Text that is nested beyond reason is shown as it was typed.
fn too_deep(markdown: &str) -> String {
    format!("<pre tabindex=\"0\"><code>{}</code></pre>", escape(markdown))
}

fn language(kind: &CodeBlockKind<'_>) -> String {
    match kind {
        CodeBlockKind::Fenced(info) => info.split([' ', ',']).next().unwrap_or_default().to_owned(),
        CodeBlockKind::Indented => String::new(),
    }
}

/// Gives headings the levels that the page needs: from the one below `above` on, none skipped.
fn settle_headings(events: &mut [Event<'_>], above: usize) {
    let levels = events.iter().filter_map(|event| match event {
        Event::Start(Tag::Heading { level, .. }) => Some(*level as usize),
        _ => None,
    });
    let Some(highest) = levels.min() else { return };
    let mut last = above;
    for event in events {
        match event {
            Event::Start(Tag::Heading { level, id, .. }) => {
                last = (*level as usize - highest + above + 1).min(last + 1);
                *level = HeadingLevel::try_from(last).unwrap_or(HeadingLevel::H6);
                *id = None;
            }
            Event::End(TagEnd::Heading(level)) => {
                *level = HeadingLevel::try_from(last).unwrap_or(HeadingLevel::H6);
            }
            _ => {}
        }
    }
}

/// A cell that heads nothing is a plain cell: the corner of a table with names on two sides.
fn without_empty_headers(html: String) -> String {
    if !html.contains("></th>") {
        return html;
    }
    let mut parts = html.split("></th>");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match out.rfind("<th").filter(|at| out.get(*at..).is_some_and(|tag| !tag.contains('>'))) {
            Some(at) => {
                out.replace_range(at..at + 3, "<td");
                out.push_str("></td>");
            }
            None => out.push_str("></th>"),
        }
        out.push_str(part);
    }
    out
}

/// Code with classes that the style sheet colours; never inline styles, which the page's policy forbids.
fn highlight(language: &str, text: &str) -> String {
    let plain = || format!("<pre tabindex=\"0\"><code>{}</code></pre>\n", escape(text));
    let syntax = match SYNTAXES.find_syntax_by_token(language) {
        Some(syntax) if !language.is_empty() && text.len() <= MAX_HIGHLIGHT => syntax,
        _ => return plain(),
    };
    let style = ClassStyle::SpacedPrefixed { prefix: "hl-" };
    let mut generator = ClassedHTMLGenerator::new_with_class_style(syntax, &SYNTAXES, style);
    for line in LinesWithEndings::from(text) {
        if generator.parse_html_for_line_which_includes_newline(line).is_err() {
            return plain();
        }
    }
    format!("<pre tabindex=\"0\"><code>{}</code></pre>\n", generator.finalize())
}

fn maths(formula: &str, display_mode: DisplayMode) -> Event<'static> {
    // The typesetter recurses: whatever can nest is bounded.
    let nesting = formula.bytes().filter(|byte| b"{([^_\\".contains(byte)).count();
    if formula.len() > MAX_FORMULA || nesting > MAX_NESTING {
        return Event::Code(CowStr::from(formula.to_owned()));
    }
    let storage = Storage::new();
    let parser = pulldown_latex::Parser::new(formula, &storage);
    let mut html = String::new();
    let config = RenderConfig { display_mode, ..RenderConfig::default() };
    match pulldown_latex::push_mathml(&mut html, parser, config) {
        // What may be wider than a telephone scrolls, and so must be reached by the keyboard.
        Ok(()) if formula.len() > LONG_FORMULA => {
            Event::InlineHtml(html.replacen("<math", "<math tabindex=\"0\"", 1).into())
        }
        Ok(()) => Event::InlineHtml(html.into()),
        Err(_) => Event::Code(CowStr::from(formula.to_owned())),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

const PROSE: [&str; 29] = [
    "a",
    "blockquote",
    "br",
    "code",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "img",
    "input",
    "li",
    "ol",
    "p",
    "pre",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "ul",
    "section",
];
const TABLE: [&str; 5] = ["thead", "tbody", "tr", "th", "td"];
const MATHS: [&str; 25] = [
    "math",
    "mrow",
    "mi",
    "mn",
    "mo",
    "mtext",
    "mspace",
    "msup",
    "msub",
    "msubsup",
    "mfrac",
    "msqrt",
    "mroot",
    "mover",
    "munder",
    "munderover",
    "mtable",
    "mtr",
    "mtd",
    "mpadded",
    "mphantom",
    "mstyle",
    "merror",
    "mmultiscripts",
    "mprescripts",
];
const MATHS_ATTRIBUTES: [&str; 16] = [
    "display",
    "displaystyle",
    "scriptlevel",
    "mathvariant",
    "stretchy",
    "symmetric",
    "largeop",
    "movablelimits",
    "minsize",
    "maxsize",
    "linethickness",
    "width",
    "height",
    "lspace",
    "rspace",
    "accent",
];

fn sanitiser() -> Builder<'static> {
    let mut builder = Builder::empty();
    let tags: HashSet<&str> = PROSE.iter().chain(&TABLE).chain(&MATHS).copied().collect();
    let mut attributes: HashMap<&str, HashSet<&str>> = HashMap::from([
        ("a", HashSet::from(["href", "title"])),
        ("img", HashSet::from(["src", "alt", "title"])),
        ("input", HashSet::from(["type", "checked", "disabled"])),
        ("ol", HashSet::from(["start"])),
        ("th", HashSet::from(["class"])),
        ("td", HashSet::from(["class"])),
        ("span", HashSet::from(["class"])),
        ("pre", HashSet::from(["tabindex"])),
    ]);
    for tag in MATHS {
        attributes.insert(tag, HashSet::from(MATHS_ATTRIBUTES));
    }
    attributes.entry("math").or_default().insert("tabindex");
    builder
        .tags(tags)
        .clean_content_tags(HashSet::from(["script", "style", "svg", "iframe", "object", "template"]))
        .tag_attributes(attributes)
        .generic_attributes(HashSet::new())
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .link_rel(Some("noopener nofollow ugc"))
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            // Pictures come from this installation only: others would tell a stranger who reads what.
            ("img", "src") => own_picture(value).then_some(Cow::Borrowed(value)),
            ("input", "type") => (value == "checkbox").then_some(Cow::Borrowed(value)),
            ("pre" | "math", "tabindex") => Some(Cow::Borrowed("0")),
            (_, "class") => {
                let ours: Vec<&str> =
                    value.split_whitespace().filter(|class| class.starts_with("hl-")).collect();
                (!ours.is_empty()).then(|| Cow::Owned(ours.join(" ")))
            }
            _ => Some(Cow::Borrowed(value)),
        });
    builder
}

fn own_picture(address: &str) -> bool {
    let own = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.');
    address.starts_with("/media/") && address.chars().all(own) && !address.contains("..")
}

#[cfg(test)]
#[path = "markdown_tests.rs"]
mod tests;
