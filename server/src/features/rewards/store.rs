//! Every statement about certificates.

use domain::accounts::AccountId;
use domain::competitions::CompetitionId;
use domain::courses::CourseId;
use domain::locale::Bilingual;
use domain::rewards::{Certificate, CertificateCode, CertificateKind, CertificateRow, NewCertificate};
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::{Db, DbError, Tx};
use crate::sql;

#[derive(sqlx::FromRow)]
struct Row {
    code: String,
    username: String,
    kind: String,
    thing_id: Uuid,
    holder: String,
    title_en: String,
    title_zh: String,
    detail_en: String,
    detail_zh: String,
    #[sqlx(try_from = "i64")]
    awarded_at: Timestamp,
}

fn kind_parts(kind: CertificateKind) -> (&'static str, Uuid) {
    match kind {
        CertificateKind::Course(id) => ("course", id.0),
        CertificateKind::Competition(id) => ("competition", id.0),
    }
}

fn certificate(row: Row) -> Option<Certificate> {
    let kind = match row.kind.as_str() {
        "course" => CertificateKind::Course(CourseId(row.thing_id)),
        _ => CertificateKind::Competition(CompetitionId(row.thing_id)),
    };
    Some(Certificate {
        code: CertificateCode::parse(&row.code)?,
        username: row.username,
        kind,
        title: Bilingual::new(row.title_en, row.title_zh),
        holder: row.holder,
        detail: Bilingual::new(row.detail_en, row.detail_zh),
        awarded_at: row.awarded_at,
    })
}

/// Stores a certificate unless the account holds one for the same thing; the code that is valid afterwards.
pub async fn add(
    tx: &mut Tx,
    code: &CertificateCode,
    new: &NewCertificate,
    now: Timestamp,
) -> Result<Option<CertificateCode>, DbError> {
    #[derive(sqlx::FromRow)]
    struct Code {
        code: String,
    }
    let (kind, thing) = kind_parts(new.kind);
    tx.run(sql!(
        "insert into certificates (code, account_id, kind, thing_id, holder, title_en, title_zh, detail_en, detail_zh,
                                   awarded_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (account_id, kind, thing_id) do nothing",
        code.as_str(),
        new.account,
        kind,
        thing,
        &new.holder,
        &new.title.en,
        &new.title.zh,
        &new.detail.en,
        &new.detail.zh,
        new.awarded_at,
        now
    ))
    .await?;
    let row: Code = tx
        .one(sql!(
            "select code from certificates where account_id = $1 and kind = $2 and thing_id = $3",
            new.account,
            kind,
            thing
        ))
        .await?;
    Ok(CertificateCode::parse(&row.code))
}

/// A valid certificate by its code.
pub async fn find(db: &Db, code: &CertificateCode) -> Result<Option<Certificate>, DbError> {
    let row: Option<Row> = db
        .maybe(sql!(
            "select c.code, a.username, c.kind, c.thing_id, c.holder, c.title_en, c.title_zh, c.detail_en, c.detail_zh,
                    c.awarded_at
             from certificates c join accounts a on a.id = c.account_id where c.code = $1 and c.revoked_at is null",
            code.as_str()
        ))
        .await?;
    Ok(row.and_then(certificate))
}

/// Since when nothing stands behind what a certificate certifies: its holder had paid for it, all of that went back,
/// and they have it by no other order. Derived like a right, never stored.
pub async fn given_back(db: &Db, code: &CertificateCode) -> Result<Option<Timestamp>, DbError> {
    #[derive(sqlx::FromRow)]
    struct Back {
        since: Option<i64>,
    }
    let row: Back = db
        .one(sql!(
            "select max(r.requested_at) as since from certificates c
             join orders o on o.account_id = c.account_id
             join order_lines l on l.order_id = o.id and l.thing_kind = c.kind and l.thing_id = c.thing_id
             join refund_lines b on b.line_id = l.id and b.whole = true
             join refunds r on r.id = b.refund_id and r.state <> 'failed'
             where c.code = $1 and not exists (
                 select 1 from orders p join order_lines m on m.order_id = p.id
                 where p.account_id = c.account_id and p.state in ('paid', 'partially_refunded')
                   and m.thing_kind = c.kind and m.thing_id = c.thing_id
                   and not exists (select 1 from refund_lines d join refunds e on e.id = d.refund_id
                       where d.line_id = m.id and d.whole = true and e.state <> 'failed'))",
            code.as_str()
        ))
        .await?;
    Ok(row.since.map(Timestamp::from))
}

/// The code of an account's valid certificate for a thing.
pub async fn code_for(
    db: &Db,
    account: AccountId,
    kind: CertificateKind,
) -> Result<Option<CertificateCode>, DbError> {
    #[derive(sqlx::FromRow)]
    struct Code {
        code: String,
    }
    let (kind, thing) = kind_parts(kind);
    let row: Option<Code> = db
        .maybe(sql!(
            "select code from certificates
             where account_id = $1 and kind = $2 and thing_id = $3 and revoked_at is null",
            account,
            kind,
            thing
        ))
        .await?;
    Ok(row.and_then(|row| CertificateCode::parse(&row.code)))
}

/// The codes of an account's valid certificates for courses.
pub async fn course_codes(db: &Db, account: AccountId) -> Result<Vec<(CourseId, CertificateCode)>, DbError> {
    #[derive(sqlx::FromRow)]
    struct Code {
        #[sqlx(try_from = "Uuid")]
        thing_id: CourseId,
        code: String,
    }
    let rows: Vec<Code> = db
        .all(sql!(
            "select thing_id, code from certificates
             where account_id = $1 and kind = 'course' and revoked_at is null order by thing_id",
            account
        ))
        .await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.thing_id, CertificateCode::parse(&row.code)?))).collect())
}

/// The valid certificates of an account, latest first; at most 100.
pub async fn of_account(db: &Db, username_key: &str) -> Result<Vec<CertificateRow>, DbError> {
    let rows: Vec<Row> = db
        .all(sql!(
            "select c.code, a.username, c.kind, c.thing_id, c.holder, c.title_en, c.title_zh, c.detail_en, c.detail_zh,
                    c.awarded_at
             from certificates c join accounts a on a.id = c.account_id
             where a.username_key = $1 and c.revoked_at is null order by c.awarded_at desc, c.code limit 100",
            username_key
        ))
        .await?;
    let row = |certificate: Certificate| CertificateRow {
        code: certificate.code,
        title: certificate.title,
        detail: certificate.detail,
        awarded_at: certificate.awarded_at,
    };
    Ok(rows.into_iter().filter_map(certificate).map(row).collect())
}
