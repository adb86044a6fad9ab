//! Sessions: random tokens, stored hashed.

use app::cx::Origin;
use app::features::accounts::SessionRow;
use domain::accounts::{AccountId, SessionId};
use domain::time::{Span, Timestamp};
use ring::digest::{SHA256, digest};

use crate::db::{Db, DbError, Tx};
use crate::kit::Kit;
use crate::sql;

/// How long a session lives after it was last seen.
pub const IDLE: Span = Span::days(30);

/// The stored form of a token.
pub fn hash(token: &str) -> Vec<u8> {
    digest(&SHA256, token.as_bytes()).as_ref().to_vec()
}

/// A new random token: 256 bits as hexadecimal digits.
pub fn token(kit: &Kit) -> String {
    kit.bytes::<32>().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The `Set-Cookie` value that gives a browser its session, or with no token takes it away.
pub fn cookie(kit: &Kit, token: Option<&str>) -> String {
    let [secure_name, plain_name] = crate::http::COOKIE_NAMES;
    let secure = kit.config.secure_cookies();
    let name = if secure { secure_name } else { plain_name };
    let age = if token.is_some() { IDLE.whole_seconds() } else { 0 };
    let secure = if secure { "; Secure" } else { "" };
    format!("{name}={}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}", token.unwrap_or_default())
}

/// Begins a session; the token for the browser.
pub async fn begin(tx: &mut Tx, kit: &Kit, account: AccountId, origin: &Origin) -> Result<String, DbError> {
    let token = token(kit);
    let now = kit.now();
    tx.exactly(
        1,
        sql!(
            "insert into sessions (id, token_hash, account_id, agent, address, created_at, last_seen_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $6, $7)",
            kit.id::<SessionId>(),
            hash(&token),
            account,
            &origin.agent,
            &origin.address,
            now,
            now.plus(IDLE)
        ),
    )
    .await?;
    Ok(token)
}

/// Notes that a session was seen, at most once a minute.
pub async fn see(db: &Db, session: SessionId, last: Timestamp, now: Timestamp) -> Result<(), DbError> {
    if now.since(last) < Span::minutes(1) {
        return Ok(());
    }
    let mut tx = db.begin().await?;
    tx.run(sql!(
        "update sessions set last_seen_at = $1, expires_at = $2 where id = $3",
        now,
        now.plus(IDLE),
        session
    ))
    .await?;
    tx.commit().await
}

/// Ends the session of a token.
pub async fn end_token(tx: &mut Tx, token: &str) -> Result<(), DbError> {
    tx.run(sql!("delete from sessions where token_hash = $1", hash(token))).await?;
    Ok(())
}

/// Ends one session of an account.
pub async fn end_one(tx: &mut Tx, account: AccountId, session: SessionId) -> Result<u64, DbError> {
    tx.run(sql!("delete from sessions where id = $1 and account_id = $2", session, account)).await
}

/// Ends every session of an account but the one of a token.
pub async fn end_others(tx: &mut Tx, account: AccountId, token: &str) -> Result<(), DbError> {
    tx.run(sql!("delete from sessions where account_id = $1 and token_hash <> $2", account, hash(token)))
        .await?;
    Ok(())
}

/// The sessions of an account, latest first; at most 50.
pub async fn list(
    db: &Db,
    account: AccountId,
    token: &str,
    now: Timestamp,
) -> Result<Vec<SessionRow>, DbError> {
    #[derive(sqlx::FromRow)]
    struct Row {
        #[sqlx(try_from = "uuid::Uuid")]
        id: SessionId,
        token_hash: Vec<u8>,
        agent: String,
        address: String,
        #[sqlx(try_from = "i64")]
        created_at: Timestamp,
        #[sqlx(try_from = "i64")]
        last_seen_at: Timestamp,
    }
    let rows: Vec<Row> = db
        .all(sql!(
            "select id, token_hash, agent, address, created_at, last_seen_at from sessions
             where account_id = $1 and expires_at > $2 order by last_seen_at desc, id limit 50",
            account,
            now
        ))
        .await?;
    let own = hash(token);
    let row = |row: Row| SessionRow {
        current: row.token_hash == own,
        id: row.id,
        agent: row.agent,
        address: row.address,
        created_at: row.created_at,
        last_seen_at: row.last_seen_at,
    };
    Ok(rows.into_iter().map(row).collect())
}
