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

/// Reads an amount of a bill, which may be less than nothing and is written with as many as five decimals: whole
/// fen alone, for money comes in no smaller pieces.
pub fn read_signed(text: &str) -> Option<Money> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |text| (-1, text));
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let (fen, rest) = part.split_at_checked(part.len().min(2))?;
    if rest.bytes().any(|byte| byte != b'0') {
        return None;
    }
    let plain = if fen.is_empty() { whole.to_owned() } else { format!("{whole}.{fen}") };
    let Money { minor, currency } = read(&plain)?;
    Some(Money::new(sign * minor, currency))
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
        for (text, fen) in
            [("0.04000", 4), ("-0.02000", -2), ("0.00", 0), ("0", 0), ("-1", -100), ("12.3", 1230)]
        {
            assert_eq!(read_signed(text), Some(Money::new(fen, Currency::Cny)), "{text}");
        }
        for text in ["0.00600", "0.005", "--1", "-", "", "+1", "1e1", "0.0４", "é"] {
            assert_eq!(read_signed(text), None, "{text}");
        }
        assert_eq!(write(Money::new(1999, Currency::Cny)), "19.99");
        assert_eq!(write(Money::new(5, Currency::Cny)), "0.05");
    }
}
