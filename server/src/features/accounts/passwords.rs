//! Passwords: argon2id, off the async threads, a few at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;

use crate::error::{Error, Result};

/// Memory of one hash in KiB: the OWASP minimum for argon2id with two passes.
const MEMORY: u32 = 19_456;
/// A hash of nothing anybody knows, so that an unknown name costs as much as a wrong password.
const NOBODY: &str = "a password that belongs to nobody";

/// Hashes and verifies passwords.
pub struct Passwords {
    params: Params,
    room: Arc<Semaphore>,
    nobody: tokio::sync::OnceCell<String>,
    verifications: AtomicU64,
}

impl Passwords {
    /// Passwords at full strength, or cheap ones for tests.
    pub fn new(cheap: bool) -> Self {
        let params = if cheap { Params::new(8, 1, 1, None) } else { Params::new(MEMORY, 2, 1, None) };
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            params: params.unwrap_or_default(),
            room: Arc::new(Semaphore::new(cores * 2)),
            nobody: tokio::sync::OnceCell::new(),
            verifications: AtomicU64::new(0),
        }
    }

    /// The argon2id hash of a password as a PHC string.
    pub async fn hash(&self, password: &str, salt: [u8; 16]) -> Result<String> {
        let (password, params) = (password.to_owned(), self.params.clone());
        self.aside(move || {
            let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
            let hash = argon2.hash_password_with_salt(password.as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).map_err(|error| error.to_string())
        })
        .await
    }

    /// Whether a password belongs to a hash; where there is no hash, the same work and `false`.
    pub async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool> {
        self.verifications.fetch_add(1, Ordering::Relaxed);
        let known = hash.is_some();
        let hash = match hash {
            Some(hash) => hash.to_owned(),
            None => self.nobody.get_or_try_init(|| self.hash(NOBODY, *b"nobody's salt 16")).await?.clone(),
        };
        let password = password.to_owned();
        let right = self
            .aside(move || {
                let argon2 = Argon2::default();
                Ok(PasswordVerifier::<str>::verify_password(&argon2, password.as_bytes(), &hash).is_ok())
            })
            .await?;
        Ok(right && known)
    }

    /// How many verifications there have been: a test counts them.
    pub fn verifications(&self) -> u64 {
        self.verifications.load(Ordering::Relaxed)
    }

    /// Does heavy work on a thread for blocking work, with bounded memory.
    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> std::result::Result<T, String> + Send + 'static,
    ) -> Result<T> {
        let permit =
            Arc::clone(&self.room).acquire_owned().await.map_err(|error| Error::bug(error.to_string()))?;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(permit);
            done
        });
        done.await.map_err(|error| Error::bug(error.to_string()))?.map_err(Error::bug)
    }
}
