//! Forms as they travel: `application/x-www-form-urlencoded`, read strictly.

/// Writes pairs as a form.
pub fn encode<K: AsRef<str>, V: AsRef<str>>(pairs: &[(K, V)]) -> String {
    let mut out = String::new();
    for (name, value) in pairs {
        if !out.is_empty() {
            out.push('&');
        }
        escape(&mut out, name.as_ref());
        out.push('=');
        escape(&mut out, value.as_ref());
    }
    out
}

/// Writes one value of a form or of a query.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape(&mut out, text);
    out
}

fn escape(out: &mut String, text: &str) {
    use std::fmt::Write;
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
}

/// How long a form may be, how many fields it may have, and how long their names may be: strangers send forms
/// here, and each name is compared with every other. A gateway sends some thirty fields in some thousand bytes.
const LONGEST: usize = 64 * 1024;
const FIELDS: usize = 128;
const NAME: usize = 64;

/// Reads a form: every name once, every value UTF-8; nothing where it is anything else.
pub fn decode(body: &[u8]) -> Option<Vec<(String, String)>> {
    if body.len() > LONGEST {
        return None;
    }
    let mut pairs: Vec<(String, String)> = Vec::new();
    for part in body.split(|byte| *byte == b'&').filter(|part| !part.is_empty()) {
        let equals = part.iter().position(|byte| *byte == b'=')?;
        if pairs.len() == FIELDS || equals > NAME {
            return None;
        }
        let name = unescape(part.get(..equals)?)?;
        let value = unescape(part.get(equals + 1..)?)?;
        if name.is_empty() || pairs.iter().any(|(known, _)| *known == name) {
            return None;
        }
        pairs.push((name, value));
    }
    Some(pairs)
}

fn unescape(text: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let high = char::from(*rest.next()?).to_digit(16)?;
                let low = char::from(*rest.next()?).to_digit(16)?;
                bytes.push(u8::try_from(high * 16 + low).ok()?);
            }
            other => bytes.push(*other),
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_survives_the_wire() {
        let pairs = [("a", "课程 A & B=1+%"), ("b", "")];
        let read = decode(encode(&pairs).as_bytes()).unwrap();
        let read: Vec<_> = read.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(read, pairs);
    }

    #[test]
    fn doubtful_forms_are_refused() {
        for body in ["a=1&a=2", "a", "=1", "a=%4", "a=%zz", "a=%ff"] {
            assert_eq!(decode(body.as_bytes()), None, "{body}");
        }
        assert_eq!(decode(b"a=1+2&&b=").unwrap().len(), 2);
        let fields = |count: usize| (0..count).map(|at| format!("f{at}=1")).collect::<Vec<_>>().join("&");
        assert_eq!(decode(fields(FIELDS).as_bytes()).unwrap().len(), FIELDS);
        assert_eq!(decode(fields(FIELDS + 1).as_bytes()), None, "too many fields");
        assert_eq!(decode(format!("{}=1", "a".repeat(NAME + 1)).as_bytes()), None, "too long a name");
        assert!(decode(format!("a={}", "1".repeat(LONGEST - 2)).as_bytes()).is_some());
        assert_eq!(decode(format!("a={}", "1".repeat(LONGEST - 1)).as_bytes()), None, "too long a form");
    }
}
