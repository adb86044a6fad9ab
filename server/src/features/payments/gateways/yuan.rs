//! Amounts as decimal text: `19.99` and nothing else, never through a floating number.

use domain::money::{Currency, Money};

/// Writes an amount with two decimals.
pub fn write(amount: Money) -> String {
    format!("{}.{:02}", amount.minor / 100, (amount.minor % 100).abs())
}

/// Reads an amount with at most two decimals; digits and one point alone.
pub fn read(text: &str) -> Option<Money> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "00"));
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !digits(whole, 12) || !digits(part, 2) {
        return None;
    }
    let cents = if part.len() == 1 { part.parse::<i64>().ok()? * 10 } else { part.parse().ok()? };
    Some(Money::new(whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(cents)?, Currency::Cny))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_exactly_or_not_at_all() {
        for (text, fen) in
            [("19.99", 1999), ("0.01", 1), ("7", 700), ("7.5", 750), ("100000000.00", 10_000_000_000)]
        {
            assert_eq!(read(text), Some(Money::new(fen, Currency::Cny)), "{text}");
        }
        for text in [
            "",
            ".",
            "1.",
            ".5",
            "19.990",
            "1e1",
            "19.99 ",
            " 1",
            "-1",
            "+1",
            "1,5",
            "0x1",
            "１",
            "9999999999999",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(write(Money::new(1999, Currency::Cny)), "19.99");
        assert_eq!(write(Money::new(5, Currency::Cny)), "0.05");
    }
}
