//! The commands of the binary.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use domain::actor::Role;
use domain::locale::Locale;

use crate::boot;
use crate::bus::Bus;
use crate::clock::{SystemClock, SystemEntropy};
use crate::config::Config;
use crate::db::{Around, Db};
use crate::error::{Error, Result};
use crate::http::serve;
use crate::kit::Kit;
use crate::services::Services;

/// Leitai: learn, prove it on stage, and let anyone check.
#[derive(Parser)]
#[command(name = "leitai", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the application (the default).
    Serve {
        /// Let the bots of a demonstration keep submitting.
        #[arg(long)]
        demo_live: bool,
    },
    /// Fill an empty data folder with the demonstration world.
    Demo {
        /// Where its chance comes from: the same seed and start make the same world.
        #[arg(long, default_value_t = crate::demo::SEED)]
        seed: u64,
        /// The instant at which it stands, in seconds since 1970; now, where nothing is given.
        #[arg(long)]
        start: Option<i64>,
    },
    /// Bring the schema up to date and stop.
    Migrate,
    /// Accounts: create one, give or take a role.
    Account {
        #[command(subcommand)]
        act: AccountAct,
    },
    /// Check every rule about money that stored rows can show; ends with 1 where one is broken.
    Audit,
    /// Copy the database and the uploaded files into one new tar archive.
    Backup {
        /// The archive to make.
        file: PathBuf,
    },
}

#[derive(Subcommand)]
enum AccountAct {
    /// Create an account; the password is read from standard input.
    Create {
        /// The username.
        username: String,
        /// The e-mail address.
        email: String,
    },
    /// Give a role.
    Grant {
        /// The username.
        username: String,
        /// admin, moderator or expert.
        role: String,
    },
    /// Take a role.
    Revoke {
        /// The username.
        username: String,
        /// admin, moderator or expert.
        role: String,
    },
}

/// Runs the command that was asked for.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let config = match Config::read(environment) {
        Ok(config) => config,
        Err(faults) => {
            eprintln!("leitai cannot start with these settings:");
            faults.iter().for_each(|fault| eprintln!("  {} {}", fault.key, fault.why));
            return ExitCode::from(2);
        }
    };
    start_log(&config);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("leitai: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(arguments.command, config)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("leitai: {error}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
fn environment(key: &str) -> Option<String> {
    std::env::var(key).ok()
}

fn start_log(config: &Config) {
    let filter = tracing_subscriber::EnvFilter::new(&config.log);
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if config.log_json { builder.json().init() } else { builder.init() }
}

async fn run(command: Option<Command>, config: Config) -> Result<ExitCode> {
    if let Some(Command::Demo { seed, start }) = command {
        return demo(config, seed, start).await;
    }
    if matches!(command, Some(Command::Audit)) {
        return audit(&config).await;
    }
    // Whoever asks for the schema to be brought up to date gets it, whatever the setting says.
    let migrate = config.migrate || matches!(command, Some(Command::Migrate));
    let config = Config { migrate, ..config };
    let kit = boot::open(config, Arc::new(SystemClock), Arc::new(SystemEntropy::new())).await?;
    match command.unwrap_or(Command::Serve { demo_live: false }) {
        Command::Serve { demo_live } => serve::run(Services::new(kit), demo_live).await?,
        // Done above: the one on a kit of its own, the other without any.
        Command::Demo { .. } | Command::Audit => {}
        Command::Migrate => kit.db.migrate().await?,
        Command::Account { act } => account(&Services::new(kit), act).await?,
        Command::Backup { file } => backup(&kit, &file).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes the demonstration world and says who is in it.
async fn demo(config: Config, seed: u64, start: Option<i64>) -> Result<ExitCode> {
    use crate::clock::Clock;
    let (data, begun) = (config.data.clone(), std::time::Instant::now());
    let start = start.map_or_else(|| SystemClock.now(), domain::time::Timestamp::from_seconds);
    let made = crate::demo::make(config, seed, start).await?;
    println!(
        "Made {} people, {} courses, {} competitions and {} submissions in {:.1} s, in {}.",
        made.accounts,
        made.courses,
        made.competitions,
        made.submissions,
        begun.elapsed().as_secs_f64(),
        data.display()
    );
    println!("{}", crate::demo::people::introduction());
    Ok(ExitCode::SUCCESS)
}

/// Prints what an audit found. It only looks: a server may be running on the same data.
async fn audit(config: &Config) -> Result<ExitCode> {
    let around = Around {
        bus: Bus::new(uuid::Uuid::nil()),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy::new()),
    };
    let db = Db::inspect(&config.database_url, around).await?;
    let report = crate::audit::audit(&db).await?;
    for finding in &report.findings {
        println!("{} {}: {}: {}", finding.invariant, finding.row, finding.rule, finding.what);
    }
    println!(
        "{} checks over {} orders and {} transfers: {} findings",
        report.checks,
        report.orders,
        report.transfers,
        report.findings.len()
    );
    Ok(if report.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn account(services: &Services, act: AccountAct) -> Result<()> {
    match act {
        AccountAct::Create { username, email } => {
            let mut password = String::new();
            std::io::stdin().read_line(&mut password).map_err(|error| outside(&error))?;
            let input = app::features::accounts::Registration {
                username,
                email,
                password: password.trim_end_matches(['\r', '\n']).to_owned(),
                display_name: String::new(),
            };
            let account = services.accounts.create(input, Locale::En).await?;
            println!("{account}");
            Ok(())
        }
        AccountAct::Grant { username, role } => {
            services.accounts.change_role(None, &username, parse_role(&role)?, true).await
        }
        AccountAct::Revoke { username, role } => {
            services.accounts.change_role(None, &username, parse_role(&role)?, false).await
        }
    }
}

fn parse_role(text: &str) -> Result<Role> {
    Role::parse(text)
        .ok_or_else(|| Error::Outside { who: "the command", what: format!("there is no role {text}") })
}

fn outside(error: &std::io::Error) -> Error {
    Error::Outside { who: "the file system", what: error.to_string() }
}

/// Makes a backup; on Postgres it names the tool for the database.
async fn backup(kit: &Kit, file: &std::path::Path) -> Result<()> {
    crate::backup::write(kit, file).await?;
    if kit.db.is_postgres() {
        println!("The uploaded files are in {}.", file.display());
        println!("The database is on Postgres: copy it with pg_dump --format=custom.");
    } else {
        println!("The database and the uploaded files are in {}.", file.display());
    }
    Ok(())
}
