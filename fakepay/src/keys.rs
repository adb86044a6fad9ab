//! The fake's own keys: published, and therefore worth nothing anywhere else.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey};

/// The secret key with which Leitai must call Stripe.
pub const STRIPE_KEY: &str = "sk_test_fakepay";
/// The secret with which Stripe's notices are signed.
pub const STRIPE_WEBHOOK: &str = "whsec_fakepay";
/// Leitai's application at Alipay.
pub const ALIPAY_APP: &str = "2021000000000001";
/// The account at Alipay that receives the money.
pub const ALIPAY_SELLER: &str = "2088000000000001";
/// Leitai's application at WeChat.
pub const WECHAT_APP: &str = "wx0000000000000001";
/// Leitai's merchant number at WeChat Pay.
pub const WECHAT_MERCHANT: &str = "1900000001";
/// The serial number of Leitai's certificate.
pub const WECHAT_SERIAL: &str = "MCHSERIAL01";
/// The id of the key with which WeChat Pay signs.
pub const WECHAT_PLATFORM_SERIAL: &str = "PUB_KEY_ID_TEST01";
/// The key of the envelope of WeChat Pay's notices.
pub const WECHAT_API_KEY: &str = "0123456789abcdef0123456789abcdef";

pub const APP_PRIVATE: &str = include_str!("../keys/app_private.pem");
pub const ALIPAY_PRIVATE: &str = include_str!("../keys/alipay_private.pem");
pub const ALIPAY_PUBLIC: &str = include_str!("../keys/alipay_public.pem");
pub const MERCHANT_PRIVATE: &str = include_str!("../keys/merchant_private.pem");
pub const PLATFORM_PRIVATE: &str = include_str!("../keys/platform_private.pem");
pub const PLATFORM_PUBLIC: &str = include_str!("../keys/platform_public.pem");

/// The lines of a key in one: as a setting.
pub fn one_line(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with("-----")).collect()
}

fn pair(pem: &str) -> Option<RsaKeyPair> {
    RsaKeyPair::from_pkcs8(&STANDARD.decode(one_line(pem)).ok()?).ok()
}

/// Signs a text with a private key.
pub fn sign(pem: &str, text: &[u8]) -> String {
    let Some(key) = pair(pem) else { return String::new() };
    let mut signature = vec![0; key.public().modulus_len()];
    let _ = key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature);
    STANDARD.encode(signature)
}

/// Whether a signature was made with a private key: its public half is taken from it.
pub fn made_with(pem: &str, text: &[u8], signature: &str) -> bool {
    let (Some(key), Ok(signature)) = (pair(pem), STANDARD.decode(signature)) else { return false };
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref())
        .verify(text, &signature)
        .is_ok()
}

/// The lower-case hexadecimal form of bytes.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
