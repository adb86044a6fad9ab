//! A throw-away Postgres for the tests: Debian's binaries, a socket only, gone afterwards.

use crate::files;
use crate::shell::{Context, Outcome, capture, is_root, which};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A running cluster; dropping it stops and removes it.
pub struct Postgres {
    folder: PathBuf,
    guardian: Child,
}

/// Makes the cluster, runs it, and waits on its standard input: when that ends, because the tests ended in
/// whatever way, the cluster is stopped and removed.
const GUARDIAN: &str = r#"
trap '' INT TERM HUP
bin=$1; folder=$2; durable=$3
"$bin/initdb" -D "$folder/data" -U postgres --locale=C.UTF-8 --encoding=UTF8 --auth=trust --no-sync >"$folder/log" 2>&1 &&
{ "$bin/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= -c fsync="$durable" -c full_page_writes="$durable" \
    -c synchronous_commit="$durable" -c max_connections=200 -c shared_buffers=64MB </dev/null >>"$folder/log" 2>&1 & }
server=$!
cat >/dev/null
kill -INT "$server" 2>/dev/null; wait "$server"
cd /; rm -rf "$folder"
"#;

/// The folder of the newest Postgres on this machine.
pub fn binaries() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, bin)| bin.join("initdb").is_file())
        .collect();
    found.sort();
    let newest = found.pop().map(|(_, bin)| bin);
    newest.or_else(|| which("initdb").and_then(|file| file.parent().map(Path::to_path_buf)))
}

impl Postgres {
    /// Starts one for tests, which forgets everything when the machine stops, and waits until it answers.
    pub fn start() -> Outcome<Self> {
        Self::open("off")
    }

    /// Starts one that makes each commit durable, as in earnest: for measurements.
    pub fn durable() -> Outcome<Self> {
        Self::open("on")
    }

    fn open(durable: &str) -> Outcome<Self> {
        let bin = binaries().ok_or("there is no Postgres: install Debian's package postgresql")?;
        // A short path: a socket's address has room for 107 bytes.
        let folder = std::env::temp_dir().join(format!("leitai-pg-{}", std::process::id()));
        files::remove(&folder)?;
        std::fs::create_dir(&folder).context(|| format!("making {}", folder.display()))?;
        let mut guardian = if is_root() {
            // Postgres refuses to run as root.
            capture(Command::new("chown").arg("postgres:").arg(&folder))?;
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "sh"]);
            command
        } else {
            Command::new("sh")
        };
        // A group of its own, so that Ctrl-C at the terminal does not reach it before its work is done.
        std::os::unix::process::CommandExt::process_group(&mut guardian, 0);
        let guardian = guardian
            .args(["-c", GUARDIAN, "guardian"])
            .arg(&bin)
            .arg(&folder)
            .arg(durable)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context(|| "starting Postgres".into())?;
        let started = Self { folder, guardian };
        for _ in 0..600 {
            let asked =
                capture(Command::new(bin.join("pg_isready")).arg("-q").arg("-h").arg(&started.folder));
            if asked.is_ok() {
                return Ok(started);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let log = std::fs::read_to_string(started.folder.join("log")).unwrap_or_default();
        Err(format!("Postgres did not start within a minute\n{log}"))
    }

    /// The address for sqlx, of the database from which others are made.
    pub fn url(&self) -> String {
        format!("postgres://postgres@localhost/postgres?host={}", self.folder.display())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.guardian.stdin.take());
        self.guardian.wait().ok();
    }
}
