//! The text of a PDF, as a reader of it would copy it: glyphs by way of the tables that say what they stand for.

use std::collections::HashMap;
use std::io::Read;

/// An object of a PDF: its dictionary, and what its stream holds.
struct Object {
    head: String,
    stream: Vec<u8>,
}

fn find(bytes: &[u8], what: &[u8], from: usize) -> Option<usize> {
    bytes.get(from..)?.windows(what.len()).position(|window| window == what).map(|at| at + from)
}

/// Every object by its number.
fn objects(pdf: &[u8]) -> HashMap<u32, Object> {
    let mut found = HashMap::new();
    let mut at = 0;
    while let Some(begin) = find(pdf, b" 0 obj", at) {
        let digits = pdf[..begin].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let number = std::str::from_utf8(&pdf[begin - digits..begin]).unwrap().parse().unwrap();
        let end = find(pdf, b"endobj", begin).unwrap();
        let body = &pdf[begin + 6..end];
        let object = match find(body, b"stream\n", 0) {
            Some(stream) => {
                let data = &body[stream + 7..find(body, b"endstream", stream).unwrap()];
                let head = String::from_utf8_lossy(&body[..stream]).into_owned();
                let mut plain = Vec::new();
                if head.contains("FlateDecode") {
                    flate2::read::ZlibDecoder::new(data).read_to_end(&mut plain).unwrap();
                } else {
                    plain = data.to_vec();
                }
                Object { head, stream: plain }
            }
            None => Object { head: String::from_utf8_lossy(body).into_owned(), stream: Vec::new() },
        };
        found.insert(number, object);
        at = end;
    }
    found
}

/// The object that a key of a dictionary names.
fn named(head: &str, key: &str) -> Option<u32> {
    let rest = head.split(key).nth(1)?;
    rest.trim_start_matches([' ', '[']).split(' ').next()?.parse().ok()
}

fn units(hex: &str) -> Vec<u16> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits
        .chunks(4)
        .map(|four| u16::from_str_radix(std::str::from_utf8(four).unwrap(), 16).unwrap())
        .collect()
}

/// What each glyph of a font stands for.
fn meanings(table: &str) -> HashMap<u16, String> {
    let mut found = HashMap::new();
    let between = |text: &str| {
        text.split('<').skip(1).map(|part| part.split('>').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for section in table.split("beginbfchar").skip(1) {
        let hex = between(section.split("endbfchar").next().unwrap());
        for pair in hex.chunks(2) {
            found.insert(units(&pair[0])[0], String::from_utf16(&units(&pair[1])).unwrap());
        }
    }
    for section in table.split("beginbfrange").skip(1) {
        for line in section.split("endbfrange").next().unwrap().lines().filter(|line| line.contains('<')) {
            let hex = between(line);
            let (first, last, mut meaning) = (units(&hex[0])[0], units(&hex[1])[0], units(&hex[2]));
            for glyph in first..=last {
                found.insert(glyph, String::from_utf16(&meaning).unwrap());
                *meaning.last_mut().unwrap() += 1;
            }
        }
    }
    found
}

/// A string of a content stream that begins with a bracket: its bytes, and how long it is.
fn string(content: &[u8]) -> (Vec<u8>, usize) {
    let (mut bytes, mut at, mut depth) = (Vec::new(), 1, 1);
    while depth > 0 {
        match content[at] {
            b'\\' => {
                at += 1;
                let octal: Vec<u8> = content[at..]
                    .iter()
                    .take(3)
                    .copied()
                    .take_while(|one| (b'0'..=b'7').contains(one))
                    .collect();
                bytes.push(match content[at] {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'b' => 8,
                    b'f' => 12,
                    b'0'..=b'7' => {
                        at += octal.len() - 1;
                        octal.iter().fold(0, |sum, one| sum * 8 + (one - b'0'))
                    }
                    other => other,
                });
            }
            other => {
                depth += i32::from(other == b'(') - i32::from(other == b')');
                if depth > 0 {
                    bytes.push(other);
                }
            }
        }
        at += 1;
    }
    (bytes, at)
}

/// What a content stream shows, a line for each piece of text; `fonts` by the names that the stream has for them.
fn shown(content: &[u8], fonts: &HashMap<String, &HashMap<u16, String>>) -> String {
    let (mut text, mut pending, mut name, mut font, mut at) =
        (String::new(), Vec::new(), String::new(), None, 0);
    while at < content.len() {
        let rest = &content[at..];
        let word = |from: usize| rest[from..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        match rest[0] {
            b'(' => {
                let (bytes, length) = string(rest);
                pending.extend(bytes);
                at += length;
            }
            b'/' => {
                let length = word(1);
                name = String::from_utf8_lossy(&rest[1..=length]).into_owned();
                at += length + 1;
            }
            byte if byte.is_ascii_alphanumeric() => {
                let length = word(0);
                match &rest[..length] {
                    b"Tf" => font = fonts.get(&name),
                    b"TJ" | b"Tj" => {
                        let font = font.expect("a font was chosen");
                        let glyphs = pending.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
                        text.extend(glyphs.map(|glyph| font.get(&glyph).map_or("?", String::as_str)));
                        pending.clear();
                    }
                    b"ET" => text.push('\n'),
                    _ => {}
                }
                at += length;
            }
            _ => at += 1,
        }
    }
    text
}

/// Everything that stands on the pages of a PDF.
pub fn text(pdf: &[u8]) -> String {
    let objects = objects(pdf);
    let tables: HashMap<u32, HashMap<u16, String>> = objects
        .iter()
        .filter_map(|(number, object)| {
            let table = &objects.get(&named(&object.head, "/ToUnicode ")?)?.stream;
            Some((*number, meanings(std::str::from_utf8(table).unwrap())))
        })
        .collect();
    assert!(!tables.is_empty(), "no font says what its glyphs stand for");
    let mut pages: Vec<_> = objects.iter().filter(|(_, object)| object.head.contains("/Contents ")).collect();
    pages.sort_by_key(|(number, _)| **number);
    pages
        .into_iter()
        .map(|(_, page)| {
            let resources = &objects[&named(&page.head, "/Resources ").unwrap()].head;
            let names = resources.split("/Font<<").nth(1).unwrap().split(">>").next().unwrap();
            let fonts = names.split('/').skip(1).filter_map(|font| {
                let (name, number) = font.split_once(' ')?;
                Some((name.to_owned(), tables.get(&number.split(' ').next()?.parse().ok()?)?))
            });
            shown(&objects[&named(&page.head, "/Contents ").unwrap()].stream, &fonts.collect())
        })
        .collect()
}
