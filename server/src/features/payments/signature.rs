//! Signatures of notices: HMAC-SHA256 over `timestamp.body`, as Stripe writes them.
//!
//! `t=<seconds>,v1=<hex>[,v1=<hex>]`: any `v1` may match, so that a secret can be rolled; other schemes are
//! ignored. Verified on the raw bytes, before anything is parsed. The body is hashed once for each secret,
//! whatever the header holds: strangers knock here.

use domain::time::Timestamp;
use ring::hmac;

/// How far the time of a notice may be from ours, in seconds, both ways.
pub const TOLERANCE: i64 = 300;
/// How long a header may be, and how many tags it may hold; Stripe sends one for each secret that it rolls.
const LONGEST: usize = 2_048;
const TAGS: usize = 8;
/// How many bytes a tag of HMAC-SHA256 has.
const TAG: usize = 32;

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
    format!("t={seconds},v1={}", hex(tag(key, seconds, body).as_ref()))
}

/// Checks the header of a body against the secrets that may have signed it.
pub fn verify(keys: &[hmac::Key], header: &str, body: &[u8], now: Timestamp) -> Result<(), BadSignature> {
    let (seconds, tags) = read(header).ok_or(BadSignature::Unreadable)?;
    if now.seconds().abs_diff(seconds) > TOLERANCE.unsigned_abs() {
        return Err(BadSignature::Time);
    }
    let fits = |key: &hmac::Key| {
        let expected = tag(key, seconds, body);
        // Tags are compared by what they hash to under the secret: that takes the same time whatever they hold.
        tags.iter().any(|given| hmac::verify(key, given, hmac::sign(key, expected.as_ref()).as_ref()).is_ok())
    };
    if keys.iter().any(fits) { Ok(()) } else { Err(BadSignature::Mismatch) }
}

/// The time of a header and its tags; nothing where it is not what a gateway writes.
fn read(header: &str) -> Option<(i64, Vec<[u8; TAG]>)> {
    if header.len() > LONGEST {
        return None;
    }
    let (mut seconds, mut tags) = (None, Vec::new());
    for (name, value) in header.split(',').filter_map(|part| part.trim().split_once('=')) {
        match name {
            "t" if seconds.is_none() => seconds = Some(value.parse().ok()?),
            "t" => return None,
            "v1" if tags.len() == TAGS => return None,
            "v1" => tags.push(unhex(value)?),
            _ => {}
        }
    }
    Some((seconds?, tags)).filter(|(_, tags)| !tags.is_empty())
}

fn tag(key: &hmac::Key, seconds: i64, body: &[u8]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(key);
    context.update(format!("{seconds}.").as_bytes());
    context.update(body);
    context.sign()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// Reads a tag; it has one length, and anything else is none.
fn unhex(text: &str) -> Option<[u8; TAG]> {
    if text.len() != 2 * TAG || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; TAG];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
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
        verify(&[key], header, body.as_bytes(), Timestamp::from_seconds(seconds))
    }

    #[test]
    fn the_golden_vector_passes() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET);
        let header = sign(&key, Timestamp::from_seconds(1_700_000_000), BODY.as_bytes());
        assert_eq!(header, format!("t=1700000000,v1={TAG}"));
        assert_eq!(check(&header, BODY, 1_700_000_000), Ok(()));
        let rolled = format!("t=1700000000,v1={},v1={TAG},v0=ignored", "0".repeat(64));
        assert_eq!(check(&rolled, BODY, 1_700_000_000), Ok(()));
        let other = hmac::Key::new(hmac::HMAC_SHA256, b"another");
        let now = Timestamp::from_seconds(1_700_000_000);
        assert_eq!(verify(&[other.clone(), key], &rolled, BODY.as_bytes(), now), Ok(()), "either secret");
        assert_eq!(verify(&[other], &rolled, BODY.as_bytes(), now), Err(BadSignature::Mismatch));
        assert_eq!(verify(&[], &rolled, BODY.as_bytes(), now), Err(BadSignature::Mismatch));
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
        for header in [
            "",
            "t=1700000000",
            "v1=00",
            "t=x,v1=00",
            "t=1700000000,v1=",
            "t=1700000000,v1=zz",
            "t=1700000000,v1=é0",
        ] {
            assert_eq!(check(header, BODY, now), Err(BadSignature::Unreadable), "{header}");
        }
        for tag in [&TAG[..62], &format!("{TAG}00"), &TAG.replace('d', "g"), &"é".repeat(32)] {
            let header = format!("t=1700000000,v1={tag}");
            assert_eq!(check(&header, BODY, now), Err(BadSignature::Unreadable), "{tag}");
            let beside = format!("t=1700000000,v1={TAG},v1={tag}");
            assert_eq!(check(&beside, BODY, now), Err(BadSignature::Unreadable), "beside a good one: {tag}");
        }
        let only_old = format!("t=1700000000,v0={TAG}");
        assert_eq!(check(&only_old, BODY, now), Err(BadSignature::Unreadable));
        let many =
            |tags: usize| format!("t=1700000000{},v1={TAG}", format!(",v1={}", "0".repeat(64)).repeat(tags));
        assert_eq!(check(&many(7), BODY, now), Ok(()), "as many as a gateway may send");
        assert_eq!(check(&many(8), BODY, now), Err(BadSignature::Unreadable));
        let long = format!("t=1700000000,v1={TAG},v0={}", "0".repeat(LONGEST));
        assert_eq!(check(&long, BODY, now), Err(BadSignature::Unreadable));
        let twice = format!("t=1700000000,t=1700000000,v1={TAG}");
        assert_eq!(check(&twice, BODY, now), Err(BadSignature::Unreadable));
        let header = format!("t=1700000000,v1={TAG}");
        assert_eq!(check(&header, &format!("{BODY} "), now), Err(BadSignature::Mismatch));
        let other = format!("t=1700000001,v1={TAG}");
        assert_eq!(check(&other, BODY, now), Err(BadSignature::Mismatch));
    }
}
