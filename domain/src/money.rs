//! Money: whole minor units of one currency, never a float.

use serde::{Deserialize, Serialize};

/// A currency by its ISO 4217 code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Currency {
    /// Chinese yuan; minor unit fen.
    #[default]
    #[serde(rename = "CNY")]
    Cny,
    /// US dollar; minor unit cent.
    #[serde(rename = "USD")]
    Usd,
}

impl Currency {
    /// Every currency, in the order in which choices are offered.
    pub const ALL: [Self; 2] = [Self::Cny, Self::Usd];

    /// The ISO 4217 code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Cny => "CNY",
            Self::Usd => "USD",
        }
    }
    /// How many decimals the minor unit stands for.
    pub const fn exponent(self) -> u32 {
        2
    }
    /// The sign written before an amount.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Cny => "¥",
            Self::Usd => "$",
        }
    }
    /// Reads an ISO 4217 code.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|currency| currency.code() == text)
    }
}

impl TryFrom<String> for Currency {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("unknown currency {text}"))
    }
}

/// An amount in minor units of a currency; may be negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units: fen, cents.
    pub minor: i64,
    /// The currency of the amount.
    pub currency: Currency,
}

/// Why two amounts could not be combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyFault {
    /// The amounts are of different currencies.
    #[error("amounts of different currencies")]
    Currency,
    /// The result does not fit into 64 bits.
    #[error("amount out of range")]
    Range,
}

impl Money {
    /// Makes an amount from minor units.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }
    /// No money.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }
    /// Whether the amount is nothing.
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }
    /// The sum of two amounts of one currency.
    pub fn plus(self, other: Self) -> Result<Self, MoneyFault> {
        if self.currency != other.currency {
            return Err(MoneyFault::Currency);
        }
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyFault::Range)?;
        Ok(Self::new(minor, self.currency))
    }
    /// The difference of two amounts of one currency.
    pub fn minus(self, other: Self) -> Result<Self, MoneyFault> {
        let minor = other.minor.checked_neg().ok_or(MoneyFault::Range)?;
        self.plus(Self::new(minor, other.currency))
    }
    /// Reads a decimal such as `39`, `39.9` or `39.90`; refuses signs, exponents and further decimals.
    pub fn parse(text: &str, currency: Currency) -> Option<Self> {
        read_minor(text, currency.exponent()).map(|minor| Self::new(minor, currency))
    }
    /// The amount as a plain decimal without sign of currency: `39.00`.
    pub fn decimal(self) -> String {
        let sign = if self.minor < 0 { "-" } else { "" };
        let (whole, part) = cut(self.minor, self.currency.exponent());
        format!("{sign}{whole}{part}")
    }
    /// As people write it, always with its decimals: `¥39.00`, so that a column lines up.
    pub fn exact(self) -> String {
        let scale = 10_u64.pow(self.currency.exponent());
        let minor = self.minor.unsigned_abs();
        let sign = if self.minor < 0 { "−" } else { "" };
        format!("{sign}{}{}.{:02}", self.currency.sign(), grouped(minor / scale), minor % scale)
    }
    /// Splits into shares by weight without losing a unit (largest remainder; ties to the earlier share).
    ///
    /// Returns one amount per weight; all zero where every weight is zero.
    pub fn split(self, weights: &[u32]) -> Vec<Self> {
        let weights: Vec<i64> = weights.iter().map(|weight| i64::from(*weight)).collect();
        self.split_over(&weights)
    }
    /// The same over amounts, none below zero. Where the amount is at most their sum, no share exceeds its
    /// weight, and an amount equal to the sum gives exactly the weights.
    pub fn split_over(self, weights: &[i64]) -> Vec<Self> {
        let total: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
        if total == 0 {
            return weights.iter().map(|_| Self::zero(self.currency)).collect();
        }
        let amount = i128::from(self.minor);
        let mut shares: Vec<(usize, i128, i128)> = weights
            .iter()
            .enumerate()
            .map(|(index, weight)| {
                let product = amount * i128::from(*weight);
                (index, product.div_euclid(total), product.rem_euclid(total))
            })
            .collect();
        let given: i128 = shares.iter().map(|share| share.1).sum();
        let missing = usize::try_from(amount - given).unwrap_or(0);
        shares.sort_by(|left, right| right.2.cmp(&left.2).then(left.0.cmp(&right.0)));
        shares.iter_mut().take(missing).for_each(|share| share.1 += 1);
        shares.sort_by_key(|share| share.0);
        let minor = |share: i128| i64::try_from(share).unwrap_or_default();
        shares.into_iter().map(|share| Self::new(minor(share.1), self.currency)).collect()
    }
}

/// Shown as people write it: `¥1,234.50`, whole amounts without decimals.
impl std::fmt::Display for Money {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&shown(self.minor, self.currency.exponent(), self.currency.sign()))
    }
}

/// Reads a decimal of a currency whose minor unit has so many decimals: exactly, or not at all.
fn read_minor(text: &str, exponent: u32) -> Option<i64> {
    let width = usize::try_from(exponent).ok()?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let fits = fraction.len() <= width;
    if whole.is_empty() || !digits(whole) || !digits(fraction) || !fits || text.ends_with('.') {
        return None;
    }
    format!("{whole}{fraction:0<width$}").parse().ok()
}

/// Cuts an amount into its whole units and its decimals with their point, if the currency has any.
fn cut(minor: i64, exponent: u32) -> (u64, String) {
    let scale = 10_u64.pow(exponent);
    let (minor, width) = (minor.unsigned_abs(), usize::try_from(exponent).unwrap_or_default());
    let part = if exponent == 0 { String::new() } else { format!(".{:0width$}", minor % scale) };
    (minor / scale, part)
}

/// Writes an amount as people do.
fn shown(minor: i64, exponent: u32, symbol: &str) -> String {
    let sign = if minor < 0 { "−" } else { "" };
    let (whole, part) = cut(minor, exponent);
    let part = if part.trim_matches(['.', '0']).is_empty() { "" } else { &part };
    format!("{sign}{symbol}{}{part}", grouped(whole))
}

/// Writes a whole number with commas between groups of three digits.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_and_writes_decimals() {
        let yuan = |text| Money::parse(text, Currency::Cny).map(|money| money.minor);
        assert_eq!(yuan("39"), Some(3900));
        assert_eq!(yuan("39.9"), Some(3990));
        assert_eq!(yuan("0.01"), Some(1));
        for bad in ["", "-1", "1e3", "1.999", ".5", "1.", " 1", "１", "99999999999999999999"] {
            assert_eq!(yuan(bad), None, "{bad}");
        }
        assert_eq!(Money::new(123_450, Currency::Cny).to_string(), "¥1,234.50");
        assert_eq!(Money::new(3900, Currency::Usd).to_string(), "$39");
        assert_eq!(Money::new(-105, Currency::Cny).decimal(), "-1.05");
        assert_eq!(Money::new(-123_400, Currency::Cny).exact(), "−¥1,234.00");
        assert_eq!(Money::new(3_990, Currency::Usd).exact(), "$39.90");
    }

    #[test]
    fn row_26_amounts_are_exact_and_overflow_is_refused() {
        for text in [
            "0.005",
            "1.999",
            "1e3",
            "1,00",
            "-1",
            "+1",
            "",
            ".",
            "１２",
            "9223372036854775808",
            "92233720368547758.08",
        ] {
            assert_eq!(Money::parse(text, Currency::Cny), None, "{text}");
        }
        let most = Money::parse("92233720368547758.07", Currency::Cny).unwrap();
        assert_eq!(most.minor, i64::MAX);
        assert!(most.plus(Money::new(1, Currency::Cny)).is_err());
        assert!(most.plus(Money::new(1, Currency::Usd)).is_err(), "another currency");
        let lines = (0..10_000_000)
            .try_fold(Money::zero(Currency::Cny), |sum, _| sum.plus(Money::new(1, Currency::Cny)));
        assert_eq!(lines.unwrap().minor, 10_000_000);
        let shares = most.split_over(&[1, 1, 1]);
        assert_eq!(shares.iter().map(|share| i128::from(share.minor)).sum::<i128>(), i128::from(i64::MAX));
    }

    /// We ship currencies of two decimals; one of none (yen) or of three (dinars) is one more line of data.
    #[test]
    fn row_26_currencies_of_no_and_of_three_decimals_are_exact() {
        for (text, exponent, minor) in [
            ("500", 0, Some(500)),
            ("0", 0, Some(0)),
            ("500.0", 0, None),
            ("0.5", 0, None),
            ("9223372036854775807", 0, Some(i64::MAX)),
            ("9223372036854775808", 0, None),
            ("1.005", 2, None),
            ("1.5", 3, Some(1_500)),
            ("1.005", 3, Some(1_005)),
            ("0.001", 3, Some(1)),
            ("0.0005", 3, None),
            ("9223372036854775.807", 3, Some(i64::MAX)),
            ("9223372036854775.808", 3, None),
        ] {
            assert_eq!(read_minor(text, exponent), minor, "{text} with {exponent}");
        }
        for (minor, exponent, written) in [
            (500, 0, "500"),
            (1_234_567, 0, "1,234,567"),
            (1_500, 3, "1.500"),
            (1_005, 3, "1.005"),
            (-1, 3, "−0.001"),
            (1_234_567, 3, "1,234.567"),
            (2_000, 3, "2"),
            (i64::MIN, 0, "−9,223,372,036,854,775,808"),
        ] {
            assert_eq!(shown(minor, exponent, ""), written, "{minor} with {exponent}");
        }
        for exponent in [0, 2, 3] {
            for minor in [0, 1, 5, 10, 999, 1_000, 1_001, i64::MAX] {
                let (whole, part) = cut(minor, exponent);
                assert_eq!(
                    read_minor(&format!("{whole}{part}"), exponent),
                    Some(minor),
                    "{minor} with {exponent}"
                );
            }
        }
        // What is not ours is refused, and never taken for something else.
        for code in ["JPY", "KWD", "cny", "", "EUR"] {
            assert_eq!(Currency::parse(code), None, "{code}");
        }
    }

    #[test]
    fn three_equal_shares_keep_every_cent() {
        let shares = Money::new(100, Currency::Cny).split(&[1, 1, 1]);
        assert_eq!(shares.iter().map(|share| share.minor).collect::<Vec<_>>(), [34, 33, 33]);
    }

    proptest! {
        #[test]
        fn a_split_loses_nothing(minor in 0_i64..1_000_000_000_000, weights in prop::collection::vec(0_u32..10_000, 1..12)) {
            prop_assume!(weights.iter().any(|weight| *weight > 0));
            let shares = Money::new(minor, Currency::Usd).split(&weights);
            prop_assert_eq!(shares.iter().map(|share| share.minor).sum::<i64>(), minor);
        }

        #[test]
        fn what_is_written_is_read(minor in 0_i64..i64::MAX / 2) {
            let money = Money::new(minor, Currency::Cny);
            prop_assert_eq!(Money::parse(&money.decimal(), Currency::Cny), Some(money));
        }
    }
}
