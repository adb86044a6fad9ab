//! What a person of the platform typed to give back, read against what is left.

use crate::invalid::{Denied, Invalid};
use crate::money::Money;
use crate::orders::OrderLineId;

/// Why typed amounts cannot be given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotGranted {
    /// They cannot be read, or there are none.
    Invalid(Invalid),
    /// They are more than there is.
    Denied(Denied),
}

/// A line of which something may be given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// The line.
    pub line: OrderLineId,
    /// What is left of its money.
    pub money: Money,
    /// Whether it cost nothing and is not given back yet: it goes back where `0` was typed.
    pub is_free: bool,
}

/// Reads the amounts that were typed for lines; lines without one are left out.
pub fn granted<'a>(
    left: impl IntoIterator<Item = Left>,
    typed: impl Fn(OrderLineId) -> Option<&'a str>,
) -> Result<Vec<(OrderLineId, Money)>, NotGranted> {
    let mut parts = Vec::new();
    for Left { line, money: left, is_free } in left {
        let text = typed(line).map(str::trim).unwrap_or_default();
        if text.is_empty() {
            continue;
        }
        let unread = || NotGranted::Invalid(Invalid::field("amounts", "amount"));
        let amount = Money::parse(text, left.currency).ok_or_else(unread)?;
        if amount.minor > left.minor {
            return Err(NotGranted::Denied(Denied::with("refund_exceeds", &[&left])));
        }
        if amount.minor > 0 || is_free {
            parts.push((line, amount));
        }
    }
    if parts.is_empty() {
        return Err(NotGranted::Invalid(Invalid::field("amounts", "choose_a_line")));
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::money::Currency;

    #[test]
    fn amounts_are_read_against_what_is_left() {
        let yuan = |minor| Money::new(minor, Currency::Cny);
        let [one, two, free] = [1, 2, 3].map(|id| OrderLineId(Uuid::from_u128(id)));
        let all = |first: &'static str, second: &'static str, third: &'static str| {
            let left = |line, money, is_free| Left { line, money, is_free };
            let lines =
                [left(one, yuan(3_900), false), left(two, yuan(100), false), left(free, yuan(0), true)];
            granted(lines, |line| {
                if line == free {
                    return Some(third);
                }
                Some(if line == one { first } else { second })
            })
        };
        let read = |first, second| all(first, second, "");
        assert_eq!(
            all("1", "", "0").unwrap(),
            [(one, yuan(100)), (free, yuan(0))],
            "what was free goes back"
        );
        assert!(matches!(all("", "", "1"), Err(NotGranted::Denied(_))));
        assert_eq!(read(" 39 ", "").unwrap(), [(one, yuan(3_900))]);
        assert_eq!(read("0.01", "1").unwrap(), [(one, yuan(1)), (two, yuan(100))]);
        assert_eq!(read("0", "1").unwrap(), [(two, yuan(100))], "nothing of a line is no part");
        assert_eq!(read("", "0"), Err(NotGranted::Invalid(Invalid::field("amounts", "choose_a_line"))));
        assert_eq!(read("-1", ""), Err(NotGranted::Invalid(Invalid::field("amounts", "amount"))));
        assert!(matches!(read("", "1.01"), Err(NotGranted::Denied(_))));
    }
}
