//! Certificates: handing out once, checking by code.

use std::collections::HashMap;

use app::error::{Answer, Fault};
use app::features::rewards::{CertificateView, Rewards};
use app::i18n::href;
use async_trait::async_trait;
use domain::accounts::AccountId;
use domain::courses::CourseId;
use domain::locale::Locale;
use domain::rewards::{CertificateCode, CertificateKind, CertificateRow, NewCertificate};
use fast_qr::convert::svg::SvgBuilder;
use fast_qr::qr::QRBuilder;

use super::store;
use crate::bus::Tag;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::features::accounts::username_key;
use crate::kit::Kit;

/// Certificates.
pub struct Service {
    kit: Kit,
}

impl Service {
    /// The service of a kit.
    pub fn new(kit: Kit) -> Self {
        Self { kit }
    }

    /// Hands a certificate out; the same one again for the same account and thing.
    pub async fn issue(&self, tx: &mut Tx, new: &NewCertificate) -> Result<CertificateCode> {
        let code = CertificateCode::new(self.kit.bytes());
        let valid = store::add(tx, &code, new, self.kit.now()).await?;
        tx.touch(Tag::People);
        valid.ok_or_else(|| Error::bug("a stored certificate code is damaged"))
    }

    /// The code of an account's certificate for a thing, if it has one.
    pub async fn code_for(
        &self,
        account: AccountId,
        kind: CertificateKind,
    ) -> Result<Option<CertificateCode>> {
        Ok(store::code_for(&self.kit.db, account, kind).await?)
    }

    /// The codes of an account's certificates for courses.
    pub async fn course_codes(&self, account: AccountId) -> Result<HashMap<CourseId, CertificateCode>> {
        Ok(store::course_codes(&self.kit.db, account).await?.into_iter().collect())
    }

    async fn view(&self, code: &str, locale: Locale) -> Result<CertificateView> {
        let code = CertificateCode::parse(code).ok_or(Fault::NotFound)?;
        let certificate = store::find(&self.kit.db, &code).await?.ok_or(Fault::NotFound)?;
        let path = href(locale, &format!("/certificates/{code}"));
        let address = format!("{}{path}", self.kit.config.public_url);
        let square =
            QRBuilder::new(address.clone()).build().map_err(|error| Error::bug(format!("{error:?}")))?;
        let square = SvgBuilder::default().to_str(&square);
        let given_back = store::given_back(&self.kit.db, &code).await?;
        Ok(CertificateView { certificate, address, square, given_back })
    }
}

#[async_trait]
impl Rewards for Service {
    async fn certificate(&self, code: &str, locale: Locale) -> Answer<CertificateView> {
        Ok(self.view(code, locale).await?)
    }
    async fn shelf(&self, username: &str) -> Answer<Vec<CertificateRow>> {
        let rows = store::of_account(&self.kit.db, &username_key(username)).await;
        Ok(rows.map_err(Error::from)?)
    }
}
