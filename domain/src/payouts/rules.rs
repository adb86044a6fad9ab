//! The rules of sharing as people write them: per cent of a whole.

use crate::invalid::Invalid;
use crate::payments::WHOLE;

/// How many places may win something.
pub const MOST_PLACES: usize = 100;

/// Reads per cent with at most two decimals, such as `12.5`, as basis points; nothing is none.
pub fn basis_points(field: &str, text: &str) -> Result<u32, Invalid> {
    let text = text.trim().trim_end_matches('%').trim_end();
    if text.is_empty() {
        return Ok(0);
    }
    let refused = || Invalid::field(field, "per_cent");
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str, most: usize| {
        let fine = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u32>().ok().filter(|_| fine).ok_or_else(refused)
    };
    let hundredths = digits(part, 2)? * if part.len() == 1 { 10 } else { 1 };
    let points = digits(whole, 3)? * 100 + hundredths;
    if points > WHOLE { Err(refused()) } else { Ok(points) }
}

/// Reads what each place wins of the entry fees, the first place first, such as `50, 30, 20`.
pub fn places(text: &str) -> Result<Vec<u32>, Invalid> {
    let words = text.split([',', '，', ';', ' ', '\n', '\r', '\t']).filter(|word| !word.trim().is_empty());
    let places = words.map(|word| basis_points("prizes", word)).collect::<Result<Vec<u32>, Invalid>>()?;
    if places.len() > MOST_PLACES {
        return Err(Invalid::with("prizes", "too_many_places", &[&MOST_PLACES]));
    }
    if places.contains(&0) {
        return Err(Invalid::field("prizes", "per_cent"));
    }
    if places.iter().sum::<u32>() > WHOLE {
        return Err(Invalid::field("prizes", "prizes_exceed"));
    }
    Ok(places)
}

/// Writes basis points as per cent.
pub fn per_cent(points: impl Into<u64>) -> String {
    let points = points.into();
    let (whole, part) = (points / 100, points % 100);
    match (part, part % 10) {
        (0, _) => whole.to_string(),
        (_, 0) => format!("{whole}.{}", part / 10),
        _ => format!("{whole}.{part:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn per_cent_as_people_write_it() {
        for (text, points) in
            [("", 0), ("0", 0), ("20", 2_000), ("12.5", 1_250), ("0.01", 1), ("100 %", 10_000), (" 7% ", 700)]
        {
            assert_eq!(basis_points("x", text), Ok(points), "{text}");
        }
        for bad in ["100.01", "101", "-1", "1.234", "1.", ".5", "x", "1e2", "٥", "9999999999", "+5"] {
            assert!(basis_points("x", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn places_are_at_most_a_whole() {
        assert_eq!(places("50, 30，20"), Ok(vec![5_000, 3_000, 2_000]));
        assert_eq!(places("  "), Ok(vec![]));
        assert_eq!(places("33.33 33.33"), Ok(vec![3_333, 3_333]));
        for bad in ["60 41", "50 0 50", "x", &"0.5 ".repeat(101)] {
            assert!(places(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(points in 0_u32..=10_000) {
            prop_assert_eq!(basis_points("x", &per_cent(points)), Ok(points));
        }
    }
}
