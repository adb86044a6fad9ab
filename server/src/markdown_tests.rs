use super::*;
use proptest::prelude::*;

#[test]
fn what_a_lesson_needs_is_rendered() {
    let html = render(
        "# One\n\nText *now* ~~not~~\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n![A](/media/courses/x/y)\n",
    );
    for part in ["<h2>One</h2>", "<em>now</em>", "<del>not</del>", "<td>1</td>", "src=\"/media/courses/x/y\""]
    {
        assert!(html.contains(part), "{part} in {html}");
    }
}

#[test]
fn headings_follow_the_page_whatever_the_author_counts_from() {
    assert_eq!(&*render("### A\n\n##### B\n\n#### C\n"), "<h2>A</h2>\n<h3>B</h3>\n<h3>C</h3>\n");
    assert_eq!(&*render_below("## A\n\n# B\n", HeadingLevel::H2), "<h3>A</h3>\n<h3>B</h3>\n");
    assert_eq!(&*render_below("# A\n\n## B\n", HeadingLevel::H6), "<h6>A</h6>\n<h6>B</h6>\n");
}

#[test]
fn what_may_scroll_is_reached_by_the_keyboard() {
    let html = render("| a |\n|---|\n| 1 |\n\nShort $x$, long $TP = 35, FP = 5, FN = 15, TN = 445$.\n");
    assert!(html.contains("<table tabindex=\"0\">"), "{html}");
    assert_eq!(html.matches("<math tabindex=\"0\"").count(), 1, "{html}");
    assert_eq!(html.matches("<math").count(), 2, "{html}");
}

#[test]
fn the_empty_corner_of_a_table_heads_nothing() {
    let html = render("| | a |\n|--:|---|\n| x | 1 |\n");
    assert!(html.contains("></td><th>a</th>") || html.contains("<td></td><th>a</th>"), "{html}");
    assert!(!html.contains("></th>"), "{html}");
}

#[test]
fn code_is_coloured_by_classes_only() {
    let html = render("```python\nfrom sklearn import x  # <b>\n```\n\n```nonsense\n<i>\n```");
    assert!(html.contains("class=\"hl-"), "{html}");
    assert!(html.contains("&lt;i&gt;") && !html.contains("<b>") && !html.contains("style="), "{html}");
    assert!(html.contains("<pre tabindex=\"0\">"));
}

#[test]
fn maths_becomes_mathml() {
    let html = render("Inline $x^2 \\le \\frac{a}{b}$ and\n\n$$\\sum_{i=1}^n \\sqrt{x_i}$$");
    for part in ["<math", "<msup>", "<mfrac>", "<msqrt>", "display=\"block\""] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert!(!html.contains("style="));
}

#[test]
fn hostile_markdown_is_only_text() {
    let hostile = [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)><animate onbegin=alert(1)></svg>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt&colon;alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](javascript:alert(1))",
        "![x](https://evil.test/pixel.png)",
        "![x](//evil.test/pixel.png)",
        "![x](/media/../../etc/passwd)",
        "<p style=\"position:fixed\">x</p>",
        "<math><mtext><img src=x onerror=alert(1)></mtext></math>",
        "$\\text{<img src=x onerror=alert(1)>}$",
        "$\\href{javascript:alert(1)}{x}$",
        "$</math><script>alert(1)</script>$",
        "```\"><script>alert(1)</script>\nx\n```",
        "```html\n<script>alert(1)</script>\n```",
        "<a href=\"x\" onclick=\"alert(1)\">x</a>",
        "[x]: javascript:alert(1)\n\n[x]",
        "<iframe src=\"javascript:alert(1)\"></iframe>",
        "<!--<img src=\"--><img src=x onerror=alert(1)//\">",
        "# x {onclick=alert(1)}",
        "<form action=/api/x><input name=a></form>",
    ];
    for text in hostile {
        let html = render(text);
        let tags: String = html.split('<').skip(1).filter_map(|part| part.split('>').next()).collect();
        let tags = tags.to_lowercase().replace("hl-", "\u{0}");
        let ours = |word: &str| word.starts_with('\u{0}') || word.starts_with("class=\"\u{0}");
        let tags: String = tags.split_whitespace().filter(|word| !ours(word)).collect();
        for bad in
            ["script", "onerror", "onload", "onclick", "onbegin", "javascript:", "data:", "style=", "svg"]
        {
            assert!(!tags.contains(bad), "{text} gave {html}");
        }
        for bad in ["evil.test", "iframe", "form", "..", "action"] {
            assert!(!tags.contains(bad), "{text} gave {html}");
        }
    }
}

#[test]
fn deep_and_long_texts_are_survived() {
    for text in [
        ">".repeat(60_000),
        "* ".repeat(20_000),
        format!("${}x{}$", "{".repeat(30_000), "}".repeat(30_000)),
        format!("$${}$$", "\\sqrt".repeat(300)),
        format!("$${}$$", "x^".repeat(900)),
        "[".repeat(50_000),
        "*_".repeat(20_000),
        "| a ".repeat(10_000),
        "<b>".repeat(20_000),
    ] {
        let html = render(&text);
        assert!(html.len() < 20_000_000);
    }
}

#[test]
fn links_carry_no_trust() {
    assert!(render("[x](https://example.org/)").contains("rel=\"noopener nofollow ugc\""));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn nothing_that_runs_comes_out(text in "([<>/\"'=$`!#*|\\\\\\[\\](){}a-z \n-]|script|onerror|javascript:|<svg|<math|\\\\text){0,40}") {
        let html = render(&text);
        let safe = SANITISER.clean(&html).to_string();
        prop_assert_eq!(safe.as_str(), &*html, "rendering is a fixed point of the sanitiser");
    }
}
