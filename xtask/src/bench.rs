//! `cargo xtask bench`: measures, prints, and writes `docs/BENCHMARKS.md`.
#![allow(clippy::indexing_slicing, reason = "a name that a JSON value lacks gives null, not a panic")]

use crate::bench_paper;
use crate::build::{self, Mode};
use crate::files;
use crate::postgres::Postgres;
use crate::shell::{Context, Outcome, at, capture, cargo, command, run};
use crate::site::Site;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

/// What may be chosen.
#[derive(clap::Args)]
pub struct Options {
    /// How many viewers watch the board.
    #[arg(long, default_value_t = 10_000)]
    viewers: usize,
    /// Unoptimised and short: shows that the bench itself works, its figures mean nothing.
    #[arg(long)]
    trial: bool,
}

/// A child process that is spoken to line by line, and ended with us.
struct Helper {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Helper {
    fn start(command: &mut Command) -> Outcome<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .context(|| crate::shell::spelt(command))?;
        let output = BufReader::new(child.stdout.take().ok_or("no output")?);
        Ok(Self { input: child.stdin.take(), output, child })
    }
    fn say(&mut self, line: &str) -> Outcome {
        let input = self.input.as_mut().ok_or("the input is closed")?;
        writeln!(input, "{line}").context(|| "talking to the bench".into())
    }
    fn line(&mut self) -> Outcome<String> {
        let mut line = String::new();
        let read = self.output.read_line(&mut line).context(|| "listening to the bench".into())?;
        if read == 0 { Err("the bench ended early".into()) } else { Ok(line.trim().to_owned()) }
    }
    /// Skips what the server prints about itself.
    fn until(&mut self, wanted: &str) -> Outcome {
        while self.line()? != wanted {}
        Ok(())
    }
    fn json(&mut self) -> Outcome<Value> {
        loop {
            let line = self.line()?;
            if line.starts_with('{') {
                return serde_json::from_str(&line).context(|| line.clone());
            }
        }
    }
    fn finish(&mut self) {
        self.input = None;
    }
    /// Kilobytes of memory that the process holds now.
    fn memory(&self) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        self.input = None;
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The built programs and where their data may lie.
struct Bench {
    tool: PathBuf,
    leitai: PathBuf,
    site: PathBuf,
    hash: String,
    folder: PathBuf,
}

/// Everything, one after the other.
pub fn bench(options: &Options) -> Outcome {
    let mode = Mode::of(!options.trial);
    let leitai = build::server(mode)?;
    let mut tool = cargo(&["build", "-p", "server", "--example", "bench"]);
    if !options.trial {
        tool.arg("--release");
    }
    run(&mut tool)?;
    let site = build::site(mode)?;
    let folder = std::env::temp_dir().join(format!("leitai-bench-{}", std::process::id()));
    let bench = Bench {
        tool: leitai.with_file_name("examples").join("bench"),
        leitai,
        site: site.root,
        hash: site.hash,
        folder: folder.clone(),
    };
    let told = bench.all(options);
    files::remove(&folder)?;
    let told = told?;
    println!("{}", serde_json::to_string_pretty(&told).unwrap_or_default());
    if !options.trial {
        files::write(&at("docs/BENCHMARKS.md"), bench_paper::paper(&told))?;
        println!("written to docs/BENCHMARKS.md");
    }
    Ok(())
}

impl Bench {
    fn all(&self, options: &Options) -> Outcome<Value> {
        let seconds = if options.trial { 1 } else { 5 };
        println!("(a) pages");
        let pages = self.pages(seconds)?;
        println!("(b) viewers");
        let (viewers, events) = if options.trial { (200, 5) } else { (options.viewers, 20) };
        let fan = self.fan_out(viewers, events)?;
        println!("(c) standings");
        let standings = last_json(&capture(command(&self.tool).arg("standings"))?)?;
        println!("(d) first load");
        let load = self.first_load(options)?;
        println!("(e) judging");
        let count = if options.trial { 40 } else { 2000 };
        let judging = json!({
            "sqlite": self.judging(None, count)?,
            "postgres": self.judging(Some(&Postgres::durable()?.url()), count)?,
        });
        let machine = json!({
            "processors": std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
            "cpu": cpu_name(),
            "rustc": capture(command("rustc").arg("--version"))?.trim(),
        });
        Ok(json!({
            "machine": machine, "pages": pages, "fan_out": fan, "standings": standings["standings"],
            "first_load": load, "judging": judging,
        }))
    }

    fn settings(&self, program: &Path, data: &Path, port: u16) -> Command {
        let mut command = command(program);
        command
            .env("DATA", data)
            .env("ADDRESS", format!("127.0.0.1:{port}"))
            .env("PUBLIC_URL", format!("http://127.0.0.1:{port}"))
            .env("SITE_ROOT", &self.site)
            .env("DEMONSTRATION", "1")
            .env("REQUESTS_PER_MINUTE", "0")
            .env("LOG", "error");
        command
    }

    /// (a) Three pages of the demonstration against a bare handler with the same bytes.
    fn pages(&self, seconds: u64) -> Outcome<Value> {
        let data = self.folder.join("world");
        let port = free_port()?;
        run(self.settings(&self.leitai, &data, port).arg("demo").stdout(Stdio::null()))?;
        let _server = Helper::start(self.settings(&self.leitai, &data, port).arg("serve"))?;
        let front = format!("http://127.0.0.1:{port}");
        wait_for(&format!("{front}/readyz"))?;
        let course = first_link(&fetch(&format!("{front}/en/courses"))?, "/en/courses/")?;
        let stage = first_link(&fetch(&format!("{front}/en/competitions"))?, "/en/competitions/")?;
        let stage = stage.trim_end_matches("/board");
        let kinds = [
            ("catalogue", "/en/courses".to_owned()),
            ("course", course),
            ("leaderboard", format!("{stage}/board")),
        ];
        let mut rows = Vec::new();
        for (name, path) in kinds {
            let bytes = fetch(&format!("{front}{path}"))?;
            let file = self.folder.join("page.html");
            files::write(&file, bytes)?;
            let mut bare = Helper::start(command(&self.tool).arg("bare-page").arg(&file))?;
            let bare_port = bare.line()?;
            let ours = self.load(&format!("{front}{path}"), seconds)?;
            let least = self.load(&format!("http://127.0.0.1:{bare_port}/"), seconds)?;
            rows.push(json!({ "page": name, "path": path, "ours": ours, "bare": least }));
        }
        Ok(Value::Array(rows))
    }

    fn load(&self, address: &str, seconds: u64) -> Outcome<Value> {
        let seconds = seconds.to_string();
        last_json(&capture(command(&self.tool).args(["load", address, "32", seconds.as_str()]))?)
    }

    /// (b) The same number of viewers and events on the live stream and on a bare broadcaster.
    fn fan_out(&self, viewers: usize, events: usize) -> Outcome<Value> {
        let port = free_port()?;
        let mut stage =
            Helper::start(self.settings(&self.tool, &self.folder.join("stage"), port).arg("stage"))?;
        stage.until("ready")?;
        let address = format!("http://127.0.0.1:{port}/live/competitions/bench");
        let ours = self.watch(&mut stage, &address, viewers, events, "score")?;
        drop(stage);
        let mut bare = Helper::start(command(&self.tool).arg("bare-stream"))?;
        let port = bare.line()?;
        // The size of an ordinary diff of ours.
        let least = self.watch(&mut bare, &format!("http://127.0.0.1:{port}/"), viewers, events, "160")?;
        Ok(json!({ "ours": ours, "bare": least }))
    }

    fn watch(
        &self,
        server: &mut Helper,
        address: &str,
        viewers: usize,
        events: usize,
        say: &str,
    ) -> Outcome<Value> {
        let before = server.memory();
        let (many, times) = (viewers.to_string(), events.to_string());
        let mut crowd =
            Helper::start(command(&self.tool).args(["viewers", address, many.as_str(), times.as_str()]))?;
        crowd.until("ready")?;
        std::thread::sleep(Duration::from_secs(2));
        for _ in 0..events {
            server.say(say)?;
            let at = server.line()?;
            crowd.say(&at)?;
            // Longer than the board gathers changes for, so that each commit is one event.
            std::thread::sleep(Duration::from_millis(1500));
        }
        let after = server.memory();
        crowd.finish();
        let mut told = crowd.json()?;
        told["memory_kib"] = json!(after);
        told["bytes_per_viewer"] = json!(after.saturating_sub(before) * 1024 / viewers.max(1) as u64);
        Ok(told)
    }

    /// (d) What a first visit loads, as it travels.
    fn first_load(&self, options: &Options) -> Outcome<Value> {
        if options.trial {
            return Ok(json!({}));
        }
        let site = Site { root: self.site.clone(), hash: self.hash.clone() };
        let load = site.first_load()?;
        let size = |name: &str| {
            files::read(&site.root.join("pkg").join(&site.hash).join(name)).map(|bytes| bytes.len())
        };
        Ok(json!({
            "wasm": size("leitai.wasm.br")?, "js": load.common - size("leitai.wasm.br")?,
            "page": load.heaviest, "css": size("leitai.css.br")?, "wasm_raw": size("leitai.wasm")?,
        }))
    }

    /// (e) Submissions taken and judged.
    fn judging(&self, postgres: Option<&str>, count: usize) -> Outcome<Value> {
        let port = free_port()?;
        let data = self.folder.join(if postgres.is_some() { "judging-postgres" } else { "judging-sqlite" });
        let mut settings = self.settings(&self.tool, &data, port);
        if let Some(url) = postgres {
            settings.env("DATABASE_URL", url).env("SECRET", "ab".repeat(32));
        }
        let mut stage = Helper::start(settings.arg("stage"))?;
        stage.until("ready")?;
        stage.say(&format!("judge {count}"))?;
        let mut told = stage.json()?;
        // (f) Seats, notices, and the engine's own commits on the same disk.
        stage.say(&format!("money {}", count * 2))?;
        told["money"] = stage.json()?;
        Ok(told)
    }
}

fn cpu_name() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("model name"));
    line.and_then(|line| line.split(": ").nth(1)).unwrap_or("unknown").to_owned()
}

fn last_json(text: &str) -> Outcome<Value> {
    let line = text.lines().last().unwrap_or_default();
    serde_json::from_str(line).context(|| format!("reading {line:?}"))
}

fn free_port() -> Outcome<u16> {
    let probe = std::net::TcpListener::bind("127.0.0.1:0").context(|| "finding a port".into())?;
    Ok(probe.local_addr().context(|| "finding a port".into())?.port())
}

fn wait_for(address: &str) -> Outcome {
    for _ in 0..600 {
        if fetch(address).is_ok() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Err(format!("{address} does not answer"))
}

/// The body of a page, once; anything but 200 is an error.
fn fetch(address: &str) -> Outcome<String> {
    let rest = address.trim_start_matches("http://");
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let mut stream = TcpStream::connect(host).context(|| address.to_owned())?;
    let request =
        format!("GET {path} HTTP/1.0\r\nHost: {host}\r\nAccept: text/html\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).context(|| address.to_owned())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).context(|| address.to_owned())?;
    let text = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").ok_or("no answer")?;
    let first = head.lines().next().unwrap_or_default();
    if first.contains(" 200 ") { Ok(body.to_owned()) } else { Err(format!("{address}: {first}")) }
}

/// The first address on a page that lies below a folder.
fn first_link(html: &str, below: &str) -> Outcome<String> {
    html.split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .find(|link| link.starts_with(below) && link.len() > below.len() && !link.contains(['?', '#']))
        .map(str::to_owned)
        .ok_or_else(|| format!("no link to {below} on the page"))
}
