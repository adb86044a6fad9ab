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

/// Reads the amounts that were typed for lines, each with what is left of it; lines without one are left out.
pub fn granted<'a>(
    left: impl IntoIterator<Item = (OrderLineId, Money)>,
    typed: impl Fn(OrderLineId) -> Option<&'a str>,
) -> Result<Vec<(OrderLineId, Money)>, NotGranted> {
    let mut parts = Vec::new();
    for (line, left) in left {
        let text = typed(line).map(str::trim).unwrap_or_default();
        if text.is_empty() {
            continue;
        }
        let unread = || NotGranted::Invalid(Invalid::field("amounts", "amount"));
        let amount = Money::parse(text, left.currency).ok_or_else(unread)?;
        if amount.minor > left.minor {
            return Err(NotGranted::Denied(Denied::with("refund_exceeds", &[&left])));
        }
        if amount.minor > 0 {
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
        let (one, two) = (OrderLineId(Uuid::from_u128(1)), OrderLineId(Uuid::from_u128(2)));
        let read = |first: &'static str, second: &'static str| {
            granted([(one, yuan(3_900)), (two, yuan(100))], |line| {
                Some(if line == one { first } else { second })
            })
        };
        assert_eq!(read(" 39 ", "").unwrap(), [(one, yuan(3_900))]);
        assert_eq!(read("0.01", "1").unwrap(), [(one, yuan(1)), (two, yuan(100))]);
        assert_eq!(read("0", "1").unwrap(), [(two, yuan(100))], "nothing of a line is no part");
        assert_eq!(read("", "0"), Err(NotGranted::Invalid(Invalid::field("amounts", "choose_a_line"))));
        assert_eq!(read("-1", ""), Err(NotGranted::Invalid(Invalid::field("amounts", "amount"))));
        assert!(matches!(read("", "1.01"), Err(NotGranted::Denied(_))));
    }
}
