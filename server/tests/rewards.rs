//! Stories of certificates.

use domain::courses::CourseId;
use domain::locale::Bilingual;
use domain::rewards::{CertificateKind, NewCertificate};

use crate::both;

both! {
    async fn anybody_can_check_a_certificate_by_its_code(app: TestApp) {
        let ada = app.learner("ada").await;
        let new = NewCertificate {
            account: ada.actor().await.account,
            kind: CertificateKind::Course(CourseId(uuid::Uuid::from_u128(7))),
            title: Bilingual::new("Reading a confusion matrix", "读懂混淆矩阵"),
            holder: "Ada Lovelace".to_owned(),
            detail: Bilingual::new("Completed", "已完成"),
            awarded_at: app.services.kit.now(),
        };
        let mut codes = Vec::new();
        for _ in 0..2 {
            let mut tx = app.services.kit.db.begin().await.unwrap();
            codes.push(app.services.rewards.issue(&mut tx, &new).await.unwrap());
            tx.commit().await.unwrap();
        }
        assert_eq!(codes[0], codes[1], "one certificate for one thing");
        let code = codes[0].to_string();
        let address = format!("/zh/certificates/{code}");
        app.stranger().gets(&address).await.status(200).shows("读懂混淆矩阵").shows("Ada Lovelace").shows("<svg");
        let typed = code.to_lowercase();
        app.stranger().gets(&format!("/en/certificates?code={typed}")).await.status(200).shows("This certificate is genuine");
        app.stranger().gets("/en/certificates?code=nothing").await.status(200).shows("There is no certificate with this code");
        app.stranger().gets(&format!("/en/certificates/{}", "0".repeat(26))).await.status(404);
        app.stranger().gets("/en/people/ada").await.status(200).shows(&address.replace("/zh", "/en"));
    }
}
