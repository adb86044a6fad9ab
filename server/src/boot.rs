//! Starting: from settings to a kit, services, a router and workers.

use std::path::Path;
use std::sync::Arc;

use uuid::Uuid;

use crate::bus::Bus;
use crate::clock::{Clock, Entropy};
use crate::config::{Config, decode_hex};
use crate::db::{Around, Db};
use crate::error::{Error, Result};
use crate::files::Files;
use crate::kit::Kit;
use crate::sql;

/// Opens the data of an installation, and makes it where there is none.
pub async fn open(config: Config, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Result<Kit> {
    std::fs::create_dir_all(&config.data).map_err(|error| outside("the data folder", &error))?;
    let mut process = [0; 16];
    crate::clock::SystemEntropy::new().fill(&mut process);
    let bus = Bus::new(Uuid::from_bytes(process));
    let around = Around { bus, clock: clock.clone(), entropy: entropy.clone() };
    let db = Db::connect(&config.database_url, config.database_connections, config.migrate, around).await?;
    let secret = match config.secret {
        Some(secret) => secret,
        None => secret_of(&config.data.join("secret"), entropy.as_ref())?,
    };
    let demonstration = installation(&db, &config, clock.as_ref()).await?;
    if config.gateways.any() && config.gateways.test != demonstration {
        let what =
            "PAYMENTS_MODE=test belongs to a demonstration alone, and a demonstration takes no real money";
        return Err(Error::Outside { who: "the settings", what: what.to_owned() });
    }
    let files = Files::open(config.data.join("files"))?;
    let mail = config.mail.as_ref().map(crate::mail::open).transpose()?;
    let (secret, ids) = (Arc::new(secret), Arc::default());
    Ok(Kit { db, clock, entropy, config: Arc::new(config), mail, files, demonstration, secret, ids })
}

fn outside(who: &'static str, error: &std::io::Error) -> Error {
    Error::Outside { who, what: error.to_string() }
}

/// Reads the secret of a data folder, or makes it, readable by its owner alone.
fn secret_of(path: &Path, entropy: &dyn Entropy) -> Result<[u8; 32]> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    match std::fs::read_to_string(path) {
        Ok(text) => decode_hex(text.trim()).ok_or_else(|| Error::Outside {
            who: "the secret",
            what: format!("{} is damaged", path.display()),
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let mut secret = [0; 32];
            entropy.fill(&mut secret);
            let text: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
            let mut file = std::fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(path)
                .map_err(|error| outside("the secret", &error))?;
            file.write_all(text.as_bytes()).map_err(|error| outside("the secret", &error))?;
            Ok(secret)
        }
        Err(error) => Err(outside("the secret", &error)),
    }
}

/// Whether the installation is a demonstration: decided when it is made, for ever.
async fn installation(db: &Db, config: &Config, clock: &dyn Clock) -> Result<bool> {
    #[derive(sqlx::FromRow)]
    struct Row {
        demonstration: bool,
    }
    let mut tx = db.begin().await?;
    tx.run(sql!(
        "insert into installation (id, demonstration, created_at) values (1, $1, $2) on conflict (id) do nothing",
        config.demonstration,
        clock.now()
    ))
    .await?;
    let row: Row = tx.one(sql!("select demonstration from installation where id = 1")).await?;
    tx.commit().await?;
    Ok(row.demonstration)
}
