//! Settings: environment variables only, read once, checked together.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::features::payments::gateways::settings::Settings;
use crate::mail;

/// Every setting: name, default, meaning. `.env.example` lists the same names (a test checks).
pub const KEYS: &[(&str, &str, &str)] = &[
    ("DATA", "data", "folder of the database file, uploaded files and secrets"),
    ("DATABASE_URL", "", "postgres://... for Postgres; empty for SQLite in the data folder"),
    ("DATABASE_CONNECTIONS", "8", "how many connections read at once"),
    ("MIGRATE", "1", "0 refuses to start on an old schema in place of migrating it"),
    ("ADDRESS", "127.0.0.1:3000", "where to listen"),
    (
        "PUBLIC_URL",
        "http://127.0.0.1:3000",
        "how people reach it; decides origin checks, links and cookie names",
    ),
    ("INSECURE_HTTP", "0", "1 allows plain http on an address that is not loopback"),
    ("TRUSTED_PROXIES", "0", "how many proxies in front set X-Forwarded-For"),
    ("SITE_ROOT", "target/site", "folder of scripts, styles and static files"),
    ("DEMONSTRATION", "0", "1 makes a new data folder a demonstration, for ever"),
    ("SECRET", "", "64 hexadecimal digits; required on Postgres, made in the data folder on SQLite"),
    ("WORKERS", "4", "how many jobs to do at once; 0 leaves them to other processes"),
    ("REQUESTS_PER_MINUTE", "600", "of one address or account; 0 for no limit"),
    ("LOGINS_PER_ADDRESS", "25", "failed logins of one address within five minutes"),
    ("PLATFORM_SHARE", "20", "per cent of a course's price that the platform keeps"),
    ("SELLER", "Leitai", "who sells, as receipts say it; lines are parted by semicolons"),
    ("PDF_FONT", "", "font file for receipts; empty for the one that comes with Leitai"),
    ("LOG", "info", "filter of the log, such as info,server=debug"),
    ("LOG_FORMAT", "text", "text or json"),
    ("MAIL_URL", "", "smtp://USER:PASSWORD@HOST:PORT, smtps://... or file:FOLDER; empty sends no mails"),
    ("MAIL_FROM", "Leitai <leitai@localhost>", "the sender of mails"),
    ("PAYMENTS_MODE", "live", "test allows fake gateways and test keys, in a demonstration alone"),
    ("STRIPE_SECRET_KEY", "", "secret key of Stripe; without one Stripe is not offered"),
    ("STRIPE_WEBHOOK_SECRET", "", "secret of the endpoint /pay/stripe/notify; several with commas"),
    ("STRIPE_URL", "https://api.stripe.com", "base address of Stripe"),
    ("ALIPAY_APP_ID", "", "our application at Alipay; without one Alipay is not offered"),
    ("ALIPAY_SELLER_ID", "", "the account at Alipay that receives the money"),
    ("ALIPAY_PRIVATE_KEY", "", "our private key, PEM or base64"),
    ("ALIPAY_PUBLIC_KEY", "", "public key of Alipay, PEM or base64"),
    ("ALIPAY_URL", "https://openapi.alipay.com/gateway.do", "address of Alipay's gateway"),
    ("WECHATPAY_MERCHANT", "", "our merchant number; without one WeChat Pay is not offered"),
    ("WECHATPAY_APP_ID", "", "our application at WeChat"),
    ("WECHATPAY_MERCHANT_SERIAL", "", "serial number of our certificate"),
    ("WECHATPAY_PRIVATE_KEY", "", "our private key, PEM or base64"),
    ("WECHATPAY_PLATFORM_SERIAL", "", "id of the key with which WeChat Pay signs (PUB_KEY_ID_...)"),
    ("WECHATPAY_PLATFORM_KEY", "", "that public key, PEM or base64"),
    ("WECHATPAY_API_KEY", "", "the APIv3 key: 32 bytes"),
    ("WECHATPAY_URL", "https://api.mch.weixin.qq.com", "base address of WeChat Pay"),
    ("WATCH", "0", "1 makes the open pages of a demonstration load again when the server was started anew"),
];

/// A setting that cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigFault {
    /// Which.
    pub key: &'static str,
    /// Why.
    pub why: String,
}

/// The settings of a process.
#[derive(Clone)]
pub struct Config {
    /// The data folder.
    pub data: PathBuf,
    /// The address of the database: `sqlite:PATH` or `postgres://...`; may hold a password.
    pub database_url: String,
    /// How many connections read at once.
    pub database_connections: u32,
    /// Whether to migrate at start.
    pub migrate: bool,
    /// Where to listen.
    pub address: SocketAddr,
    /// How people reach it, without a slash at the end.
    pub public_url: String,
    /// How many proxies in front are trusted.
    pub trusted_proxies: usize,
    /// The folder of scripts and styles.
    pub site_root: PathBuf,
    /// Whether a new data folder becomes a demonstration.
    pub demonstration: bool,
    /// The secret from the environment, if given.
    pub secret: Option<[u8; 32]>,
    /// How many jobs to do at once; 0 leaves them to other processes.
    pub workers: usize,
    /// Requests of one address or account in a minute; 0 for no limit.
    pub requests_per_minute: u32,
    /// Failed logins of one address in five minutes.
    pub logins_per_address: i64,
    /// The platform's part of a course's price, in basis points.
    pub platform_share: u32,
    /// Who sells, as receipts say it: name, address and tax number, parted by semicolons.
    pub seller: String,
    /// The font of receipts; ours where there is none.
    pub pdf_font: Option<PathBuf>,
    /// The filter of the log.
    pub log: String,
    /// Whether the log is JSON.
    pub log_json: bool,
    /// How mails are sent, where any are.
    pub mail: Option<mail::Settings>,
    /// Gateways outside.
    pub gateways: Settings,
    /// How long a gateway may take to answer: for tests alone, never read from the environment.
    pub gateway_patience: Option<Duration>,
    /// Whether open pages load again after a start; `cargo xtask watch` asks for it.
    pub watch: bool,
    /// Cheap password hashing: for tests alone, never read from the environment.
    pub cheap_passwords: bool,
}

impl Config {
    /// Reads the settings, or every fault in them.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<ConfigFault>> {
        let mut reader = Reader { get, faults: Vec::new() };
        let data = PathBuf::from(reader.text("DATA"));
        let database_url = match reader.text("DATABASE_URL") {
            url if url.is_empty() => format!("sqlite:{}", data.join("leitai.sqlite").display()),
            url => url,
        };
        let postgres = database_url.starts_with("postgres://") || database_url.starts_with("postgresql://");
        if !postgres && !database_url.starts_with("sqlite:") {
            reader.fault("DATABASE_URL", "begins neither with postgres:// nor with sqlite:");
        }
        let secret = reader.secret();
        if postgres && secret.is_none() {
            reader.fault("SECRET", "is required with Postgres: 64 hexadecimal digits");
        }
        let public_url = reader.public_url();
        let (gateways, faults) = Settings::read(|key| reader.text(key));
        faults.into_iter().for_each(|(key, why)| reader.fault(key, why));
        let mail = mail::Settings::read(&reader.text("MAIL_URL"), &reader.text("MAIL_FROM"));
        let mail = mail.unwrap_or_else(|(key, why)| {
            reader.fault(key, why);
            None
        });
        let config = Self {
            data,
            database_url,
            database_connections: reader.number("DATABASE_CONNECTIONS"),
            migrate: reader.flag("MIGRATE"),
            address: reader.parsed("ADDRESS", ([127, 0, 0, 1], 3000).into()),
            public_url,
            trusted_proxies: reader.number("TRUSTED_PROXIES"),
            site_root: PathBuf::from(reader.text("SITE_ROOT")),
            demonstration: reader.flag("DEMONSTRATION"),
            secret,
            workers: reader.number("WORKERS"),
            requests_per_minute: reader.number("REQUESTS_PER_MINUTE"),
            logins_per_address: reader.number("LOGINS_PER_ADDRESS"),
            platform_share: reader.percent("PLATFORM_SHARE") * 100,
            seller: reader.text("SELLER"),
            pdf_font: Some(reader.text("PDF_FONT")).filter(|path| !path.is_empty()).map(PathBuf::from),
            log: reader.text("LOG"),
            log_json: reader.log_format(),
            mail,
            gateways,
            gateway_patience: None,
            watch: reader.flag("WATCH"),
            cheap_passwords: false,
        };
        if reader.faults.is_empty() { Ok(config) } else { Err(reader.faults) }
    }

    /// Settings for a test: everything under `data`, cheap passwords, no request limit.
    pub fn for_tests(data: PathBuf, database_url: String) -> Self {
        Self {
            database_url,
            database_connections: 4,
            migrate: true,
            address: ([127, 0, 0, 1], 0).into(),
            public_url: "http://127.0.0.1:3000".to_owned(),
            trusted_proxies: 0,
            site_root: data.join("site"),
            data,
            demonstration: true,
            secret: Some([7; 32]),
            workers: 1,
            requests_per_minute: 0,
            logins_per_address: 25,
            platform_share: 2_000,
            seller: "Leitai".to_owned(),
            pdf_font: None,
            log: "warn".to_owned(),
            log_json: false,
            mail: None,
            gateways: Settings::default(),
            gateway_patience: None,
            watch: false,
            cheap_passwords: true,
        }
    }

    /// Whether cookies may be `Secure` with the `__Host-` prefix: https, or loopback.
    pub fn secure_cookies(&self) -> bool {
        self.public_url.starts_with("https://") || is_loopback(&self.public_url)
    }
}

/// Whether an address points at this machine: `localhost`, 127.0.0.0/8 or `::1`, and no name that begins like one.
pub fn is_loopback(url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(url) else { return false };
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

struct Reader<G> {
    get: G,
    faults: Vec<ConfigFault>,
}

impl<G: Fn(&str) -> Option<String>> Reader<G> {
    fn fault(&mut self, key: &'static str, why: impl Into<String>) {
        self.faults.push(ConfigFault { key, why: why.into() });
    }
    fn text(&self, key: &'static str) -> String {
        let default = KEYS.iter().find(|(name, ..)| *name == key).map(|(_, default, _)| *default);
        (self.get)(key)
            .filter(|value| !value.is_empty())
            .unwrap_or_else(|| default.unwrap_or_default().to_owned())
    }
    fn flag(&mut self, key: &'static str) -> bool {
        match self.text(key).as_str() {
            "1" => true,
            "0" => false,
            other => {
                let why = format!("is {other:?}; write 1 or 0");
                self.fault(key, why);
                false
            }
        }
    }
    fn parsed<T: std::str::FromStr>(&mut self, key: &'static str, otherwise: T) -> T {
        let text = self.text(key);
        text.parse().unwrap_or_else(|_| {
            self.fault(key, format!("cannot be read: {text:?}"));
            otherwise
        })
    }
    fn number<T: std::str::FromStr + Default>(&mut self, key: &'static str) -> T {
        self.parsed(key, T::default())
    }
    fn log_format(&mut self) -> bool {
        let format = self.text("LOG_FORMAT");
        if !matches!(format.as_str(), "text" | "json") {
            self.fault("LOG_FORMAT", format!("is {format:?}; write text or json"));
        }
        format == "json"
    }
    fn percent(&mut self, key: &'static str) -> u32 {
        let percent: u32 = self.number(key);
        if percent > 100 {
            self.fault(key, "is more than 100");
        }
        percent.min(100)
    }
    fn secret(&mut self) -> Option<[u8; 32]> {
        let text = self.text("SECRET");
        if text.is_empty() {
            return None;
        }
        let secret = decode_hex(&text);
        if secret.is_none() {
            self.fault("SECRET", "is not 64 hexadecimal digits");
        }
        secret
    }
    fn public_url(&mut self) -> String {
        let url = self.text("PUBLIC_URL").trim_end_matches('/').to_owned();
        let insecure = self.flag("INSECURE_HTTP");
        if !url.starts_with("https://") && !url.starts_with("http://") {
            self.fault("PUBLIC_URL", "begins neither with https:// nor with http://");
        } else if url.starts_with("http://") && !is_loopback(&url) && !insecure {
            self.fault(
                "PUBLIC_URL",
                "is plain http; use https, or set INSECURE_HTTP=1 on a network you trust",
            );
        }
        url
    }
}

/// Reads 64 hexadecimal digits.
pub fn decode_hex(text: &str) -> Option<[u8; 32]> {
    let mut out = [0; 32];
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (index, byte) in out.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(index * 2..index * 2 + 2)?, 16).ok()?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, Vec<ConfigFault>> {
        Config::read(|key| pairs.iter().find(|(name, _)| *name == key).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn defaults_stand_alone() {
        let config = read(&[]).map_err(|faults| format!("{faults:?}")).unwrap();
        assert_eq!(config.database_url, "sqlite:data/leitai.sqlite");
        assert!(config.secure_cookies());
    }

    #[test]
    fn every_fault_is_named_at_once() {
        let faults = read(&[
            ("ADDRESS", "nowhere"),
            ("DATABASE_URL", "mysql://x"),
            ("PUBLIC_URL", "http://example.org"),
            ("WORKERS", "many"),
            ("LOG_FORMAT", "yaml"),
            ("SECRET", &"+f".repeat(32)),
        ]);
        let keys: Vec<_> = faults.err().unwrap().into_iter().map(|fault| fault.key).collect();
        assert_eq!(keys, ["DATABASE_URL", "SECRET", "PUBLIC_URL", "ADDRESS", "WORKERS", "LOG_FORMAT"]);
    }

    #[test]
    fn this_machine_is_known_by_its_whole_name() {
        for url in [
            "http://localhost",
            "http://LOCALHOST:3000/x",
            "http://127.0.0.1:3000",
            "http://127.9.8.7",
            "http://[::1]:1/",
        ] {
            assert!(is_loopback(url), "{url}");
        }
        for url in [
            "http://127.evil.example",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "http://localhost@evil.example",
            "http://evil.example/localhost",
            "http://127.0.0.1:x",
            "http://[::2]",
            "http://128.0.0.1",
            "127.0.0.1",
            "",
        ] {
            assert!(!is_loopback(url), "{url}");
            if url.starts_with("http://") {
                let faults = read(&[("PUBLIC_URL", url)]).err().unwrap();
                assert_eq!(faults.first().map(|fault| fault.key), Some("PUBLIC_URL"), "{url}");
            }
        }
    }

    #[test]
    fn postgres_needs_its_secret() {
        let faults = read(&[("DATABASE_URL", "postgres://localhost/x")]).err().unwrap();
        assert_eq!(faults.len(), 1);
        assert!(read(&[("DATABASE_URL", "postgres://localhost/x"), ("SECRET", &"ab".repeat(32))]).is_ok());
    }
}
