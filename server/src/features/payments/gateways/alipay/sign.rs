//! The text that Alipay signs: every parameter but some, sorted, joined as they are.

/// Joins parameters for a signature; `without` names those that do not belong to it.
///
/// Requests leave out `sign` alone; notices leave out `sign_type` too. Values stand unescaped.
pub fn text<K: AsRef<str>, V: AsRef<str>>(pairs: &[(K, V)], without: &[&str]) -> String {
    let mut pairs: Vec<(&str, &str)> = pairs
        .iter()
        .map(|(name, value)| (name.as_ref(), value.as_ref()))
        .filter(|(name, value)| !without.contains(name) && !value.is_empty())
        .collect();
    pairs.sort_unstable();
    let parts: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    parts.join("&")
}

/// A subject without the letters that Alipay refuses in one, of bounded length.
pub fn subject(title: &str) -> String {
    title.chars().map(|letter| if "/=&".contains(letter) { ' ' } else { letter }).take(120).collect()
}

/// The signed part of an answer: the raw text of the object under a name, braces included.
pub fn raw_object<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    let key = format!("\"{name}\":");
    let start = body.find(&key)? + key.len();
    let rest = body.get(start..)?;
    let offset = rest.len() - rest.trim_start().len();
    let rest = rest.get(offset..)?;
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, letter) in rest.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '{' if !quoted => depth += 1,
            '}' if !quoted => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return rest.get(..=at);
                }
            }
            _ if depth == 0 => return None,
            _ => {}
        }
    }
    None
}
