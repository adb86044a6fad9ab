//! Certificates: proof handed out, which anyone can check by its code.

use serde::{Deserialize, Serialize};

use crate::accounts::AccountId;
use crate::competitions::CompetitionId;
use crate::courses::CourseId;
use crate::locale::Bilingual;
use crate::time::Timestamp;

/// The alphabet of codes: Crockford's base 32, without letters that look like digits.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The random 128-bit code of a certificate: 26 characters of Crockford's base 32.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CertificateCode(String);

impl CertificateCode {
    /// The code of 128 random bits.
    pub fn new(random: [u8; 16]) -> Self {
        let mut number = u128::from_be_bytes(random);
        let mut text = [b'0'; 26];
        for place in text.iter_mut().rev() {
            *place = ALPHABET.get((number & 31) as usize).copied().unwrap_or(b'0');
            number >>= 5;
        }
        Self(text.iter().map(|byte| char::from(*byte)).collect())
    }
    /// Reads a code as people type it: any case, with hyphens or spaces, O for 0 and I or L for 1.
    pub fn parse(text: &str) -> Option<Self> {
        let read = |c: char| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        let text: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).map(read).collect();
        let fits = text.len() == 26 && text.bytes().all(|byte| ALPHABET.contains(&byte));
        fits.then_some(Self(text))
    }
    /// The 26 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for CertificateCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a certificate proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CertificateKind {
    /// A completed course.
    Course(CourseId),
    /// A place in a finalised competition.
    Competition(CompetitionId),
}

/// What is needed to hand out a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCertificate {
    /// Whose.
    pub account: AccountId,
    /// For what.
    pub kind: CertificateKind,
    /// The title of the course or competition.
    pub title: Bilingual,
    /// The name on it, as it was on that day.
    pub holder: String,
    /// What was reached: `Rank 3 of 60, F1 macro 0.9812`.
    pub detail: Bilingual,
    /// When it was earned.
    pub awarded_at: Timestamp,
}

/// A certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The code by which anyone can check it.
    pub code: CertificateCode,
    /// The username of its owner.
    pub username: String,
    /// For what.
    pub kind: CertificateKind,
    /// The title of the course or competition.
    pub title: Bilingual,
    /// The name on it.
    pub holder: String,
    /// What was reached.
    pub detail: Bilingual,
    /// When it was earned.
    pub awarded_at: Timestamp,
}

/// A certificate in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateRow {
    /// Its code.
    pub code: CertificateCode,
    /// The title of the course or competition.
    pub title: Bilingual,
    /// What was reached.
    pub detail: Bilingual,
    /// When it was earned.
    pub awarded_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_people_type_them() {
        let code = CertificateCode::new([0xA7; 16]);
        assert_eq!(code.as_str().len(), 26);
        let typed = format!(" {}-{}", &code.as_str()[..13].to_lowercase(), &code.as_str()[13..]);
        assert_eq!(CertificateCode::parse(&typed), Some(code));
        assert_eq!(CertificateCode::parse("too short"), None);
        assert_eq!(CertificateCode::parse(&"U".repeat(26)), None);
    }
}
