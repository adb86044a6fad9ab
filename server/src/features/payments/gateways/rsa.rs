//! RSA signatures (PKCS#1 v1.5 with SHA-256), and keys in the forms in which gateways hand them out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey};

/// How long a signature is at most: that of a key of 8192 bits, in base64.
const LONGEST: usize = 1_368;

/// A private key that signs our requests.
pub struct Signer {
    key: RsaKeyPair,
}

impl Signer {
    /// Reads a key: PEM or bare base64, PKCS#8 or PKCS#1.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let der = der(text).ok_or("is neither PEM nor base64")?;
        let key = RsaKeyPair::from_pkcs8(&der).or_else(|_| RsaKeyPair::from_der(&der));
        Ok(Self { key: key.map_err(|_| "is no RSA private key of 2048 bits or more")? })
    }

    /// The base64 signature of a text.
    pub fn sign(&self, text: &[u8]) -> Option<String> {
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature).ok()?;
        Some(STANDARD.encode(signature))
    }
}

/// A public key that verifies what a gateway sends.
pub struct Verifier {
    key: UnparsedPublicKey<Vec<u8>>,
}

impl Verifier {
    /// Reads a key: PEM or bare base64, SubjectPublicKeyInfo or PKCS#1.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let der = der(text).ok_or("is neither PEM nor base64")?;
        let pkcs1 = inner_key(&der).unwrap_or(&der).to_vec();
        let outer = sequence(&pkcs1).ok_or("is no RSA public key")?;
        let (0x02, modulus, _) = element(outer).ok_or("is no RSA public key")? else {
            return Err("is no RSA public key");
        };
        if modulus.len() < 256 {
            return Err("is an RSA key of less than 2048 bits");
        }
        Ok(Self { key: UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pkcs1) })
    }

    /// Whether a base64 signature belongs to a text.
    pub fn accepts(&self, text: &[u8], signature: &str) -> bool {
        // What is longer than that of any key is none, and is not even decoded: strangers send it.
        signature.len() <= LONGEST
            && STANDARD.decode(signature).is_ok_and(|signature| self.key.verify(text, &signature).is_ok())
    }
}

/// The bytes of a key: what stands between the PEM lines, or the whole text.
fn der(text: &str) -> Option<Vec<u8>> {
    let body: String =
        text.replace("\\n", "\n").lines().map(str::trim).filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(body).ok().filter(|bytes| !bytes.is_empty())
}

/// The first element of some DER: its tag, its content, and the rest.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81 => (usize::from(*rest.first()?), rest.get(1..)?),
        0x82 => (usize::from(*rest.first()?) << 8 | usize::from(*rest.get(1)?), rest.get(2..)?),
        _ => return None,
    };
    Some((*tag, rest.get(..length)?, rest.get(length..)?))
}

fn sequence(der: &[u8]) -> Option<&[u8]> {
    element(der).filter(|(tag, ..)| *tag == 0x30).map(|(_, content, _)| content)
}

/// The PKCS#1 key inside a SubjectPublicKeyInfo: `ring` wants it without its wrapping.
fn inner_key(spki: &[u8]) -> Option<&[u8]> {
    let (_, _, rest) = element(sequence(spki)?).filter(|(tag, ..)| *tag == 0x30)?;
    let (_, bits, _) = element(rest).filter(|(tag, ..)| *tag == 0x03)?;
    bits.split_first().filter(|(unused, _)| **unused == 0).map(|(_, key)| key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_key_is_refused_without_a_panic() {
        for text in ["", "x", "AAAA", "MIIB", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"] {
            assert!(Signer::parse(text).is_err(), "{text}");
            assert!(Verifier::parse(text).is_err(), "{text}");
        }
    }
}
