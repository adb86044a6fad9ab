//! Signatures of notices: HMAC-SHA256 over `timestamp.body`, as Stripe writes them.
//!
//! `t=<seconds>,v1=<hex>[,v1=<hex>]`: any `v1` may match, so that a secret can be rolled; other schemes are
//! ignored. Verified on the raw bytes, before anything is parsed.

use domain::time::Timestamp;
use ring::hmac;

/// How far the time of a notice may be from ours, in seconds, both ways.
pub const TOLERANCE: i64 = 300;

/// Why a signature was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadSignature {
    /// There is none, or it cannot be read.
    Unreadable,
    /// Its time is too far from ours.
    Time,
    /// It belongs to other bytes or to another secret.
    Mismatch,
}

/// Writes the header for a body.
pub fn sign(key: &hmac::Key, now: Timestamp, body: &[u8]) -> String {
    let seconds = now.seconds();
    let tag = hmac::sign(key, &signed(seconds, body));
    format!("t={seconds},v1={}", hex(tag.as_ref()))
}

/// Checks the header of a body.
pub fn verify(key: &hmac::Key, header: &str, body: &[u8], now: Timestamp) -> Result<(), BadSignature> {
    let pairs: Vec<(&str, &str)> = header.split(',').filter_map(|part| part.trim().split_once('=')).collect();
    let mut times = pairs.iter().filter(|(name, _)| *name == "t");
    let (Some((_, time)), None) = (times.next(), times.next()) else { return Err(BadSignature::Unreadable) };
    let seconds: i64 = time.parse().map_err(|_| BadSignature::Unreadable)?;
    let tags: Vec<Vec<u8>> =
        pairs.iter().filter(|(name, _)| *name == "v1").filter_map(|(_, value)| unhex(value)).collect();
    if tags.is_empty() {
        return Err(BadSignature::Unreadable);
    }
    if now.seconds().abs_diff(seconds) > TOLERANCE.unsigned_abs() {
        return Err(BadSignature::Time);
    }
    let message = signed(seconds, body);
    // `hmac::verify` compares in constant time.
    if tags.iter().any(|tag| hmac::verify(key, &message, tag).is_ok()) {
        Ok(())
    } else {
        Err(BadSignature::Mismatch)
    }
}

fn signed(seconds: i64, body: &[u8]) -> Vec<u8> {
    let mut message = format!("{seconds}.").into_bytes();
    message.extend_from_slice(body);
    message
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A vector of Stripe's scheme, cross-checked with openssl.
    const SECRET: &[u8] = b"whsec_test_0123456789abcdef";
    const BODY: &str = r#"{"id":"evt_test_1","object":"event","api_version":"2025-01-01.basil","created":1700000000,"data":{"object":{"id":"cs_test_1","object":"checkout.session","client_reference_id":"ord_1","mode":"payment","payment_status":"paid","status":"complete","amount_total":1999,"currency":"usd","payment_intent":"pi_test_1","metadata":{"order_id":"ord_1"}}},"livemode":false,"pending_webhooks":1,"request":{"id":null,"idempotency_key":null},"type":"checkout.session.completed"}"#;
    const TAG: &str = "dc519a5ce262731a7822ab53407afe44f62bad27dfe933e9d69490244070b708";

    fn check(header: &str, body: &str, seconds: i64) -> Result<(), BadSignature> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET);
        verify(&key, header, body.as_bytes(), Timestamp::from_seconds(seconds))
    }

    #[test]
    fn the_golden_vector_passes() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET);
        let header = sign(&key, Timestamp::from_seconds(1_700_000_000), BODY.as_bytes());
        assert_eq!(header, format!("t=1700000000,v1={TAG}"));
        assert_eq!(check(&header, BODY, 1_700_000_000), Ok(()));
        let rolled = format!("t=1700000000,v1={},v1={TAG},v0=ignored", "0".repeat(64));
        assert_eq!(check(&rolled, BODY, 1_700_000_000), Ok(()));
    }

    #[test]
    fn time_is_bounded_both_ways() {
        let header = format!("t=1700000000,v1={TAG}");
        for (now, expected) in [
            (1_700_000_301, Err(BadSignature::Time)),
            (1_699_999_699, Err(BadSignature::Time)),
            (1_700_000_299, Ok(())),
            (1_700_000_300, Ok(())),
        ] {
            assert_eq!(check(&header, BODY, now), expected, "{now}");
        }
    }

    #[test]
    fn forgeries_are_refused() {
        let now = 1_700_000_000;
        for header in ["", "t=1700000000", "v1=00", "t=x,v1=00", "t=1700000000,v1=zz", "t=1700000000,v1=é0"]
        {
            assert_eq!(check(header, BODY, now), Err(BadSignature::Unreadable), "{header}");
        }
        let only_old = format!("t=1700000000,v0={TAG}");
        assert_eq!(check(&only_old, BODY, now), Err(BadSignature::Unreadable));
        let twice = format!("t=1700000000,t=1700000000,v1={TAG}");
        assert_eq!(check(&twice, BODY, now), Err(BadSignature::Unreadable));
        let header = format!("t=1700000000,v1={TAG}");
        assert_eq!(check(&header, &format!("{BODY} "), now), Err(BadSignature::Mismatch));
        let other = format!("t=1700000001,v1={TAG}");
        assert_eq!(check(&other, BODY, now), Err(BadSignature::Mismatch));
    }
}
