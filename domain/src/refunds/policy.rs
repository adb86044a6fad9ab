//! What a policy promises, and how a person of the platform writes one.

use serde::{Deserialize, Serialize};

use crate::invalid::Invalid;
use crate::locale::Bilingual;
use crate::text;
use crate::time::{Span, Timestamp};

/// What is promised about giving money back; every condition that is set must hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Its name in the database.
    pub code: String,
    /// Whether the buyer may ask without a person of the platform.
    pub self_service: bool,
    /// Only within so many hours after the payment.
    pub hours: Option<i64>,
    /// Only before so many per cent were consumed.
    pub consumed_percent: Option<u32>,
    /// Only until it starts.
    pub until_start: bool,
}

impl Policy {
    /// The policy of what has none: a person of the platform decides.
    pub fn staff() -> Self {
        Self {
            code: "staff".to_owned(),
            self_service: false,
            hours: None,
            consumed_percent: None,
            until_start: false,
        }
    }
    /// The last instant at which a buyer may ask, and nobody is paid out before it is over.
    pub fn ends(&self, paid_at: Timestamp, starts: Option<Timestamp>) -> Option<Timestamp> {
        if !self.self_service {
            return None;
        }
        let by_hours = self.hours.map(|hours| paid_at.plus(Span::hours(hours)));
        let by_start = if self.until_start { starts } else { None };
        [by_hours, by_start].into_iter().flatten().min()
    }
    /// Whether it ends with a start alone: for what has no start it would be a promise without end.
    pub const fn needs_start(&self) -> bool {
        self.self_service && self.until_start && self.hours.is_none()
    }
}

/// The fields of a new policy, as they were typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyForm {
    /// Its short name, unique.
    pub code: String,
    /// Its English name.
    pub name_en: String,
    /// Its Chinese name.
    pub name_zh: String,
    /// Whether buyers may give back by themselves.
    pub self_service: bool,
    /// How many hours after paying; may be empty.
    pub hours: String,
    /// Below how many per cent consumed; may be empty.
    pub consumed_percent: String,
    /// Whether only until it starts.
    pub until_start: bool,
}

impl PolicyForm {
    /// Reads the fields; a promise to buyers needs an end, so that earnings mature.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn check(&self) -> Result<(Policy, Bilingual), Invalid> {
        let mut invalid = Invalid::default();
        let code = invalid.check(text::line("code", &self.code, 1..=40)).unwrap_or_default();
        if !code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_') {
            invalid.add("code", "policy_code", &[]);
        }
        let name_en = invalid.check(text::line("name_en", &self.name_en, 1..=80)).unwrap_or_default();
        let name_zh = invalid.check(text::line("name_zh", &self.name_zh, 1..=80)).unwrap_or_default();
        let mut number = |field: &str, value: &str, most: i64| {
            let value = value.trim();
            if value.is_empty() {
                return None;
            }
            let parsed = value.parse::<i64>().ok().filter(|number| (1..=most).contains(number));
            if parsed.is_none() {
                invalid.add(field, "number_between", &[&1, &most]);
            }
            parsed
        };
        let hours = number("hours", &self.hours, 24 * 366);
        let percent = number("consumed_percent", &self.consumed_percent, 100);
        let Self { self_service, until_start, .. } = *self;
        if self_service && self.hours.trim().is_empty() && !until_start {
            invalid.add("hours", "policy_without_end", &[]);
        }
        invalid.into_result()?;
        let consumed_percent = percent.and_then(|percent| u32::try_from(percent).ok());
        let policy = Policy { code, self_service, hours, consumed_percent, until_start };
        Ok((policy, Bilingual::new(name_en, name_zh)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_needs_an_end() {
        let form = |code: &str, self_service, hours: &str, percent: &str, until_start| PolicyForm {
            code: code.to_owned(),
            name_en: "A promise".to_owned(),
            name_zh: "承诺".to_owned(),
            self_service,
            hours: hours.to_owned(),
            consumed_percent: percent.to_owned(),
            until_start,
        };
        assert!(form("a_b1", true, "24", "", false).check().is_ok());
        assert!(form("a", true, "", "", true).check().is_ok());
        assert!(form("a", false, "", "", false).check().is_ok());
        for (code, hours, percent) in [
            ("a", "", "20"),
            ("A b", "1", ""),
            ("", "1", ""),
            ("a", "0", ""),
            ("a", "x", ""),
            ("a", "1", "101"),
        ] {
            assert!(form(code, true, hours, percent, false).check().is_err(), "{code} {hours} {percent}");
        }
        assert!(PolicyForm { name_zh: String::new(), ..form("a", false, "", "", false) }.check().is_err());
    }
}
