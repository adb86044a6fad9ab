//! Every statement about accounts.

use app::features::accounts::{AccountRow, Profile, Skill};
use domain::accounts::{AccountId, SessionId};
use domain::actor::{Actor, Role};
use domain::locale::Locale;
use domain::time::Timestamp;

use crate::db::{Count, Db, DbError, Tx};
use crate::sql;

/// What is stored of a new account.
pub struct NewAccount {
    pub id: AccountId,
    pub username: String,
    pub username_key: String,
    pub email: String,
    pub email_key: String,
    pub password_hash: String,
    pub display_name: String,
    pub locale: Locale,
}

pub async fn add(tx: &mut Tx, new: &NewAccount, now: Timestamp) -> Result<(), DbError> {
    tx.exactly(
        1,
        sql!(
            "insert into accounts (id, username, username_key, email, email_key, password_hash, display_name, locale,
                                   created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            new.id,
            &new.username,
            &new.username_key,
            &new.email,
            &new.email_key,
            &new.password_hash,
            &new.display_name,
            new.locale.as_str(),
            now
        ),
    )
    .await
}

/// What a login needs to know.
#[derive(sqlx::FromRow)]
pub struct Credentials {
    #[sqlx(try_from = "uuid::Uuid")]
    pub id: AccountId,
    pub password_hash: String,
    pub banned: bool,
}

/// The account of a username or e-mail address.
pub async fn credentials(
    db: &Db,
    username_key: &str,
    email_key: &str,
) -> Result<Option<Credentials>, DbError> {
    db.maybe(sql!(
        "select id, password_hash, banned_at is not null as banned from accounts
         where username_key = $1 or email_key = $2 order by id limit 1",
        username_key,
        email_key
    ))
    .await
}

pub async fn password_hash(db: &Db, id: AccountId) -> Result<Option<String>, DbError> {
    #[derive(sqlx::FromRow)]
    struct Row {
        password_hash: String,
    }
    let row: Option<Row> = db.maybe(sql!("select password_hash from accounts where id = $1", id)).await?;
    Ok(row.map(|row| row.password_hash))
}

pub async fn set_password(tx: &mut Tx, id: AccountId, hash: &str) -> Result<(), DbError> {
    tx.exactly(1, sql!("update accounts set password_hash = $1 where id = $2", hash, id)).await
}

#[derive(sqlx::FromRow)]
struct ActorRow {
    #[sqlx(try_from = "uuid::Uuid")]
    session_id: SessionId,
    #[sqlx(try_from = "i64")]
    last_seen_at: Timestamp,
    #[sqlx(try_from = "uuid::Uuid")]
    id: AccountId,
    username: String,
    display_name: String,
    #[sqlx(try_from = "String")]
    locale: Locale,
    theme: String,
}

/// A session with its account, as each request finds it.
pub struct Identified {
    pub session: SessionId,
    pub last_seen_at: Timestamp,
    pub actor: Actor,
    pub theme: String,
}

/// The live session of a token, of an account that is not banned.
pub async fn identify(db: &Db, token_hash: &[u8], now: Timestamp) -> Result<Option<Identified>, DbError> {
    let row: Option<ActorRow> = db
        .maybe(sql!(
            "select s.id as session_id, s.last_seen_at, a.id, a.username, a.display_name, a.locale, a.theme
             from sessions s join accounts a on a.id = s.account_id
             where s.token_hash = $1 and s.expires_at > $2 and a.banned_at is null",
            token_hash.to_vec(),
            now
        ))
        .await?;
    let Some(row) = row else { return Ok(None) };
    let roles = roles(db, row.id).await?;
    let actor = Actor {
        account: row.id,
        username: row.username,
        display_name: row.display_name,
        roles,
        locale: row.locale,
    };
    let (session, last_seen_at, theme) = (row.session_id, row.last_seen_at, row.theme);
    Ok(Some(Identified { session, last_seen_at, actor, theme }))
}

pub async fn roles(db: &Db, id: AccountId) -> Result<Vec<Role>, DbError> {
    #[derive(sqlx::FromRow)]
    struct Row {
        #[sqlx(try_from = "String")]
        role: Role,
    }
    let rows: Vec<Row> =
        db.all(sql!("select role from account_roles where account_id = $1 order by role", id)).await?;
    Ok(rows.into_iter().map(|row| row.role).collect())
}

/// The account as rules see it, by its username key.
pub async fn actor(db: &Db, username_key: &str) -> Result<Option<Actor>, DbError> {
    #[derive(sqlx::FromRow)]
    struct Row {
        #[sqlx(try_from = "uuid::Uuid")]
        id: AccountId,
        username: String,
        display_name: String,
        #[sqlx(try_from = "String")]
        locale: Locale,
    }
    let row: Option<Row> = db
        .maybe(sql!(
            "select id, username, display_name, locale from accounts where username_key = $1",
            username_key
        ))
        .await?;
    let Some(row) = row else { return Ok(None) };
    let roles = roles(db, row.id).await?;
    let (account, username, display_name, locale) = (row.id, row.username, row.display_name, row.locale);
    Ok(Some(Actor { account, username, display_name, roles, locale }))
}

pub async fn administrators(tx: &mut Tx) -> Result<i64, DbError> {
    let count: Count = tx.one(sql!("select count(*) as n from account_roles where role = 'admin'")).await?;
    Ok(count.n)
}

pub async fn has_administrator(db: &Db) -> Result<bool, DbError> {
    let count: Count = db.one(sql!("select count(*) as n from account_roles where role = 'admin'")).await?;
    Ok(count.n > 0)
}

pub async fn grant(
    tx: &mut Tx,
    id: AccountId,
    role: Role,
    by: Option<AccountId>,
    now: Timestamp,
) -> Result<u64, DbError> {
    tx.run(sql!(
        "insert into account_roles (account_id, role, granted_by, granted_at) values ($1, $2, $3, $4)
         on conflict (account_id, role) do nothing",
        id,
        role.as_str(),
        by,
        now
    ))
    .await
}

pub async fn revoke(tx: &mut Tx, id: AccountId, role: Role) -> Result<u64, DbError> {
    tx.run(sql!("delete from account_roles where account_id = $1 and role = $2", id, role.as_str())).await
}

/// A change of a role, for the record.
pub struct RoleChange {
    pub id: uuid::Uuid,
    pub account: AccountId,
    pub role: Role,
    pub granted: bool,
    pub by: Option<AccountId>,
}

pub async fn add_role_change(tx: &mut Tx, change: &RoleChange, now: Timestamp) -> Result<(), DbError> {
    tx.exactly(
        1,
        sql!(
            "insert into role_changes (id, account_id, role, granted, changed_by, changed_at)
             values ($1, $2, $3, $4, $5, $6)",
            change.id,
            change.account,
            change.role.as_str(),
            change.granted,
            change.by,
            now
        ),
    )
    .await
}

pub async fn set_ban(tx: &mut Tx, id: AccountId, at: Option<Timestamp>) -> Result<(), DbError> {
    tx.exactly(1, sql!("update accounts set banned_at = $1 where id = $2", at, id)).await
}

pub async fn set_setup_token(tx: &mut Tx, hash: Option<Vec<u8>>) -> Result<(), DbError> {
    tx.exactly(1, sql!("update installation set setup_token = $1 where id = 1", hash)).await
}

pub async fn setup_token(tx: &mut Tx) -> Result<Option<Vec<u8>>, DbError> {
    #[derive(sqlx::FromRow)]
    struct Row {
        setup_token: Option<Vec<u8>>,
    }
    let row: Row = tx.one(sql!("select setup_token from installation where id = 1")).await?;
    Ok(row.setup_token)
}

pub async fn set_theme(tx: &mut Tx, id: AccountId, theme: &str) -> Result<(), DbError> {
    tx.exactly(1, sql!("update accounts set theme = $1 where id = $2", theme, id)).await
}

#[derive(sqlx::FromRow)]
struct ProfileRow {
    #[sqlx(try_from = "uuid::Uuid")]
    id: AccountId,
    username: String,
    display_name: String,
    email: String,
    city: String,
    bio: String,
    career_goal: String,
    locale: String,
    skills: sqlx::types::Json<Vec<Skill>>,
    interests: sqlx::types::Json<Vec<String>>,
    #[sqlx(try_from = "i64")]
    created_at: Timestamp,
}

/// A profile with what only its owner sees.
pub struct OwnProfile {
    pub profile: Profile,
    pub email: String,
    pub locale: String,
}

pub async fn profile(db: &Db, username_key: &str) -> Result<Option<OwnProfile>, DbError> {
    let row: Option<ProfileRow> = db
        .maybe(sql!(
            "select id, username, display_name, email, city, bio, career_goal, locale, skills, interests, created_at
             from accounts where username_key = $1 and banned_at is null",
            username_key
        ))
        .await?;
    let Some(row) = row else { return Ok(None) };
    let roles = roles(db, row.id).await?;
    let profile = Profile {
        account: row.id,
        username: row.username,
        display_name: row.display_name,
        city: row.city,
        bio: row.bio,
        skills: row.skills.0,
        interests: row.interests.0,
        career_goal: row.career_goal,
        roles,
        created_at: row.created_at,
    };
    Ok(Some(OwnProfile { profile, email: row.email, locale: row.locale }))
}

/// What is stored of a changed profile.
pub struct ProfileChange {
    pub display_name: String,
    pub city: String,
    pub bio: String,
    pub career_goal: String,
    pub skills: serde_json::Value,
    pub interests: serde_json::Value,
    pub locale: Locale,
}

/// The name that others read, inside a change.
pub async fn display_name(tx: &mut Tx, id: AccountId) -> Result<String, DbError> {
    #[derive(sqlx::FromRow)]
    struct Row {
        display_name: String,
    }
    let row: Row = tx.one(sql!("select display_name from accounts where id = $1", id)).await?;
    Ok(row.display_name)
}

/// Changes what an account says of itself.
pub async fn update_profile(tx: &mut Tx, id: AccountId, change: ProfileChange) -> Result<(), DbError> {
    tx.exactly(
        1,
        sql!(
            "update accounts set display_name = $1, city = $2, bio = $3, career_goal = $4, skills = $5, interests = $6,
                                 locale = $7 where id = $8",
            change.display_name,
            change.city,
            change.bio,
            change.career_goal,
            change.skills,
            change.interests,
            change.locale.as_str(),
            id
        ),
    )
    .await
}

/// Accounts whose username key begins with a text; at most 50.
pub async fn list(db: &Db, prefix: &str) -> Result<Vec<AccountRow>, DbError> {
    #[derive(sqlx::FromRow)]
    struct Row {
        #[sqlx(try_from = "uuid::Uuid")]
        id: AccountId,
        username: String,
        display_name: String,
        banned: bool,
    }
    let end = format!("{prefix}\u{10FFFF}");
    let rows: Vec<Row> = db
        .all(sql!(
            "select id, username, display_name, banned_at is not null as banned from accounts
             where username_key >= $1 and username_key <= $2 order by username_key limit 50",
            prefix,
            end
        ))
        .await?;
    let mut accounts = Vec::with_capacity(rows.len());
    for row in rows {
        let roles = roles(db, row.id).await?;
        let (account, username, display_name, banned) = (row.id, row.username, row.display_name, row.banned);
        accounts.push(AccountRow { account, username, display_name, roles, banned });
    }
    Ok(accounts)
}
