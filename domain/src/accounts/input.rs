//! What people type about themselves, checked.

use crate::invalid::Invalid;
use crate::text::{block, line};

/// Names that would mislead or that addresses need.
const RESERVED: [&str; 12] = [
    "admin",
    "administrator",
    "root",
    "system",
    "leitai",
    "moderator",
    "support",
    "staff",
    "api",
    "null",
    "me",
    "everyone",
];

/// Passwords that are tried first everywhere and pass the length rule.
const COMMON: [&str; 8] = [
    "123456789012",
    "password1234",
    "passwordpassword",
    "qwertyuiop12",
    "qwertyuiopasdf",
    "111111111111",
    "iloveyou1234",
    "administrator",
];

/// Checks a username: 3 to 32 letters of any script, digits, hyphens, underscores.
pub fn username(text: &str) -> Result<String, Invalid> {
    let text = line("username", text, 3..=32)?;
    let fits = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    if !text.chars().all(fits) || !text.starts_with(char::is_alphanumeric) {
        return Err(Invalid::field("username", "username_shape"));
    }
    if RESERVED.contains(&text.to_lowercase().as_str()) {
        return Err(Invalid::field("username", "username_reserved"));
    }
    Ok(text)
}

/// Checks an e-mail address by its shape: something, one `@`, a host with a dot, no blanks, at most 254 characters.
pub fn email(text: &str) -> Result<String, Invalid> {
    let text = line("email", text, 3..=254)?;
    let shaped = match text.rsplit_once('@') {
        Some((local, host)) => {
            !local.is_empty()
                && !local.contains('@')
                && host.split('.').count() > 1
                && host
                    .split('.')
                    .all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'))
                && host.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '.')
        }
        None => false,
    };
    let blank = text.chars().any(|c| c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';' | '"' | '\\'));
    if shaped && !blank { Ok(text) } else { Err(Invalid::field("email", "email_shape")) }
}

/// Checks a new password: 12 to 256 characters, not among the first that are tried.
pub fn password(field: &str, text: &str) -> Result<String, Invalid> {
    let length = text.chars().count();
    if length == 0 {
        return Err(Invalid::field(field, "required"));
    }
    if length < 12 {
        return Err(Invalid::with(field, "too_short", &[&12]));
    }
    if length > 256 {
        return Err(Invalid::with(field, "too_long", &[&256]));
    }
    if COMMON.contains(&text.to_lowercase().as_str()) {
        return Err(Invalid::field(field, "password_common"));
    }
    Ok(text.to_owned())
}

/// Checks the name that others read.
pub fn display_name(text: &str) -> Result<String, Invalid> {
    line("display_name", text, 1..=60)
}

/// Reads skills, one a line with a level after a colon; at most 20.
pub fn skills(text: &str) -> Result<Vec<(String, u8)>, Invalid> {
    let text = block("skills", text, 0..=2_000)?;
    let mut skills = Vec::new();
    for (index, row) in text.lines().enumerate().filter(|(_, row)| !row.trim().is_empty()) {
        let parsed = row.rsplit_once([':', '：']).and_then(|(name, level)| {
            let level: u8 = level.trim().parse().ok()?;
            let name = line("skills", name, 1..=60).ok()?;
            (1..=5).contains(&level).then_some((name, level))
        });
        skills.push(parsed.ok_or_else(|| Invalid::with("skills", "skill_shape", &[&(index + 1)]))?);
    }
    if skills.len() > 20 { Err(Invalid::with("skills", "too_many_entries", &[&20])) } else { Ok(skills) }
}

/// Reads interests, separated by commas; at most 20.
pub fn interests(text: &str) -> Result<Vec<String>, Invalid> {
    let text = line("interests", text, 0..=1_000)?;
    let interests: Vec<String> = text
        .split([',', '，', '、'])
        .map(str::trim)
        .filter(|interest| !interest.is_empty())
        .map(str::to_owned)
        .collect();
    if interests.len() > 20 {
        return Err(Invalid::with("interests", "too_many_entries", &[&20]));
    }
    Ok(interests)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames_have_a_shape() {
        assert!(username("ada_l-1").is_ok());
        assert!(username("林巧玉").is_ok());
        for (bad, code) in [
            ("", "required"),
            ("ab", "too_short"),
            ("a b", "username_shape"),
            ("-ab", "username_shape"),
            ("Admin", "username_reserved"),
            ("a\u{202E}bc", "control_character"),
            ("<script>", "username_shape"),
        ] {
            assert_eq!(username(bad), Err(refusal("username", bad, code)), "{bad}");
        }
        assert!(username(&"x".repeat(10_240)).is_err());
    }

    fn refusal(field: &str, text: &str, code: &str) -> Invalid {
        if code == "too_short" && !text.is_empty() {
            Invalid::with(field, code, &[&3])
        } else {
            Invalid::field(field, code)
        }
    }

    #[test]
    fn addresses_have_a_shape() {
        for good in ["a@b.org", "first.last+tag@mail.example.cn"] {
            assert!(email(good).is_ok(), "{good}");
        }
        for bad in ["a", "a@b", "@b.org", "a@b..org", "a b@c.org", "a@b.org, c@d.org", "a@@b.org"] {
            assert!(email(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn skills_are_read_line_by_line() {
        assert_eq!(skills("SQL: 3\n\n写作：5"), Ok(vec![("SQL".into(), 3), ("写作".into(), 5)]));
        assert_eq!(skills("SQL: 3\nRust"), Err(Invalid::with("skills", "skill_shape", &[&2])));
        assert_eq!(skills("SQL: 9"), Err(Invalid::with("skills", "skill_shape", &[&1])));
    }
}
