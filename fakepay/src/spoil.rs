//! Notices that are not as they should be: spoilt on their way, or well signed and of something else.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::alipay;
use crate::notices::{Notice, alipay_body, sealed, unsealed};
use crate::world::Kind;

/// A part of a notice that can be spoilt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The signature.
    Signature,
    /// A byte of the body.
    Body,
    /// The time: well signed, an hour ago (Stripe, WeChat Pay).
    Time,
    /// The name of the key (WeChat Pay).
    Serial,
    /// The nonce of the signature (WeChat Pay).
    Nonce,
    /// A bit of the tag of the seal: well signed, but it cannot be opened (WeChat Pay).
    Tag,
    /// The nonce of the seal, which is too long then: well signed, but it cannot be opened (WeChat Pay).
    SealNonce,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 7] =
        [Self::Signature, Self::Body, Self::Time, Self::Serial, Self::Nonce, Self::Tag, Self::SealNonce];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::Body => "body",
            Self::Time => "time",
            Self::Serial => "serial",
            Self::Nonce => "nonce",
            Self::Tag => "tag",
            Self::SealNonce => "seal-nonce",
        }
    }
    /// Reads the name of a part.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.as_str() == text)
    }
    /// Whether the notices of a gateway have this part.
    pub const fn is_of(self, kind: Kind) -> bool {
        match self {
            Self::Signature | Self::Body => true,
            Self::Time => !matches!(kind, Kind::Alipay),
            Self::Serial | Self::Nonce | Self::Tag | Self::SealNonce => matches!(kind, Kind::WechatPay),
        }
    }
}

impl Notice {
    /// Spoils a part; nothing where the notices of this gateway have none.
    pub fn corrupt(mut self, part: Part, now: i64) -> Option<Self> {
        if !part.is_of(self.kind) {
            return None;
        }
        self.spoilt = true;
        match part {
            Part::Body => {
                let middle = self.body.len() / 2;
                self.body.iter_mut().skip(middle).take(1).for_each(|byte| *byte ^= 1);
            }
            Part::Signature if self.kind == Kind::Alipay => {
                let text = String::from_utf8_lossy(&self.body).replacen("sign=", "sign=A", 1);
                self.body = text.into_bytes();
            }
            Part::Signature => self.header("signature", another_in_the_middle),
            Part::Serial => self.header("serial", |_| "PUB_KEY_ID_UNKNOWN".to_owned()),
            Part::Nonce => self.header("nonce", another_in_the_middle),
            Part::Time => return Some(self.signed_at(now - 3_600)),
            Part::Tag => return self.envelope(now, |resource| flip_last_bit(&mut resource["ciphertext"])),
            Part::SealNonce => {
                return self.envelope(now, |resource| {
                    let longer = format!("{}x", resource["nonce"].as_str()?);
                    resource["nonce"] = longer.into();
                    Some(())
                });
            }
        }
        Some(self)
    }

    fn header(&mut self, part: &str, change: impl Fn(&str) -> String) {
        for (name, value) in &mut self.headers {
            if name.to_lowercase().contains(part) && !name.to_lowercase().contains("type") {
                *value = change(value);
            }
        }
    }

    /// Changes the envelope of WeChat Pay, and signs it anew.
    fn envelope(mut self, now: i64, change: impl Fn(&mut Value) -> Option<()>) -> Option<Self> {
        let mut body: Value = serde_json::from_slice(&self.body).ok()?;
        change(body.get_mut("resource")?)?;
        self.body = body.to_string().into_bytes();
        Some(self.signed_at(now))
    }

    /// Lets a notice say something else, well signed: as a gateway would of other money, or of another merchant.
    ///
    /// A field is a name of Alipay's form, or a path such as `data.object.currency` in what Stripe or (inside
    /// the seal) WeChat Pay sends; nothing where there is no such field.
    pub fn says(mut self, field: &str, value: &str, now: i64) -> Option<Self> {
        match self.kind {
            Kind::Alipay => {
                let mut fields = alipay::fields(&self.body);
                fields.retain(|(name, _)| name != "sign" && name != "sign_type");
                value.clone_into(&mut fields.iter_mut().find(|(name, _)| name == field)?.1);
                self.body = alipay_body(fields);
                Some(self)
            }
            Kind::Stripe => {
                let mut body: Value = serde_json::from_slice(&self.body).ok()?;
                replace(&mut body, field, value)?;
                self.body = body.to_string().into_bytes();
                Some(self.signed_at(now))
            }
            Kind::WechatPay => self.envelope(now, |resource| {
                let nonce = resource["nonce"].as_str()?.to_owned();
                let mut inside = unsealed(resource["ciphertext"].as_str()?, &nonce)?;
                replace(&mut inside, field, value)?;
                resource["ciphertext"] = sealed(&inside, &nonce).into();
                Some(())
            }),
        }
    }
}

/// Puts a value in the place of another one; it stays a number, a truth or a text where it can be read as such.
fn replace(body: &mut Value, field: &str, value: &str) -> Option<()> {
    let place = body.pointer_mut(&format!("/{}", field.replace('.', "/")))?;
    *place = match place {
        Value::Number(_) | Value::Bool(_) | Value::Null => serde_json::from_str(value).ok()?,
        _ => value.into(),
    };
    Some(())
}

/// The same text with another character in its middle, where every bit of hexadecimal and base64 counts.
fn another_in_the_middle(text: &str) -> String {
    let middle = text.chars().count() / 2;
    let other = |old| if old == 'a' { 'b' } else { 'a' };
    text.chars().enumerate().map(|(place, old)| if place == middle { other(old) } else { old }).collect()
}

/// Flips the last bit of what a text of base64 holds: the end of a seal is its tag.
fn flip_last_bit(text: &mut Value) -> Option<()> {
    let mut bytes = STANDARD.decode(text.as_str()?).ok()?;
    *bytes.last_mut()? ^= 1;
    *text = STANDARD.encode(bytes).into();
    Some(())
}
