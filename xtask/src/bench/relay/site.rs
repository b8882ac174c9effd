//! The relay: the real program in a folder of its own.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::databases::Place;
use crate::server::free_listener;
use crate::workspace::output;

/// The webhook that is called.
pub const WEBHOOK: &str = "hook";
/// Whose page calls it.
pub const ORIGIN: &str = "https://shop.example";
const PROJECT: &str = "spring-2027";
const SECRET: &str = "BENCH_SECRET";

/// How long a relay may take to start and to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// A relay that can be started.
#[derive(Debug)]
pub struct Site {
    program: PathBuf,
    folder: PathBuf,
    environment: Vec<(String, String)>,
    pub address: SocketAddr,
    /// An API key that may write and read events.
    pub key: String,
}

/// A relay that is running. Dropping this kills it.
#[derive(Debug)]
pub struct Relay {
    child: Child,
}

impl Site {
    /// One that keeps things in this place and has one webhook, with a header field that is secret.
    ///
    /// `more` are further tables of its configuration.
    pub fn new(program: &Path, place: &Place, webhook: &str, more: &str) -> Result<Self> {
        let made = output(Command::new(program).args([
            "key",
            "bench",
            "--scope",
            "events:write",
            "--scope",
            "events:read",
        ]))?;
        let key = made
            .split_whitespace()
            .find(|word| word.starts_with("cuehook_"))
            .context("no API key was made")?;
        let hash = made
            .split('"')
            .find(|word| word.starts_with("sha256:"))
            .context("no hash of an API key was made")?;
        let address = free_listener()?.local_addr()?;
        let folder = place.folder.path().to_owned();
        let database = &place.database;
        let settings = format!(
            r#"listen = "{address}"
database = "{database}"
[players]
origins = ["{ORIGIN}"]
[network]
allow = ["127.0.0.1"]
[limits]
# Calls whose answer is still being stored count, too.
callsAtOnce = 1024
requestsPerSecond = 100000
bytesPerSecond = 104857600
[[webhook]]
id = "{WEBHOOK}"
url = "{webhook}"
timeoutMs = 20000
retries = 0
headers = [{{ name = "x-key", secret = "env:{SECRET}" }}]
[[apiKey]]
name = "bench"
hash = "{hash}"
scopes = ["events:write", "events:read"]
{more}"#
        );
        std::fs::write(folder.join("relay.toml"), settings)?;
        Ok(Self {
            program: program.to_owned(),
            folder,
            environment: place.environment.clone(),
            address,
            key: key.to_owned(),
        })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.folder).env(SECRET, "sk-live-0123456789");
        command
    }

    /// Starts it, and waits until it is ready. It logs as much as it does unless it is told otherwise.
    pub fn start(&self) -> Result<Relay> {
        let log = self.folder.join("relay.log");
        let mut command = self.command();
        command.arg("serve").envs(self.environment.iter().cloned());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(&log)?);
        let mut relay = Relay { child: command.spawn()? };
        let deadline = Instant::now() + PATIENCE;
        while self.get("/ready", None).is_err() {
            if let Some(status) = relay.child.try_wait()? {
                bail!("the relay has ended ({status}): {}", std::fs::read_to_string(&log)?);
            }
            if Instant::now() > deadline {
                bail!("the relay is not ready: {}", std::fs::read_to_string(&log)?);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(relay)
    }

    /// A player's token.
    pub fn token(&self) -> Result<String> {
        output(self.command().args(["token", "--project", PROJECT, "--origin", ORIGIN, "--minutes", "60"]))
    }

    /// Webhooks at this address that are sent events of a type, one for each path.
    pub fn subscribed(receiver: &str, kind: &str, paths: impl Iterator<Item = String>) -> String {
        let table = |path: String| {
            let id = path.replace('/', "-");
            format!("[[webhook]]\nid = \"{id}\"\nurl = \"{receiver}/{path}\"\nevents = [\"{kind}\"]\n")
        };
        paths.map(table).collect()
    }

    /// How many deliveries wait.
    pub fn count_pending(&self) -> Result<u64> {
        let counts: Value = serde_json::from_str(&self.get("/v1/counts", Some(&self.key))?)?;
        let pending = counts.pointer("/deliveries/pending").and_then(Value::as_u64);
        pending.with_context(|| format!("no count of deliveries: {counts}"))
    }

    /// How many events are in the store.
    pub fn count_events(&self) -> Result<u64> {
        let counts: Value = serde_json::from_str(&self.get("/v1/counts", Some(&self.key))?)?;
        counts.get("events").and_then(Value::as_u64).with_context(|| format!("no count of events: {counts}"))
    }

    /// Asks for a call that was answered.
    ///
    /// # Errors
    /// If its answer is not there.
    pub fn ask_call(&self, id: &str) -> Result<()> {
        self.get(&format!("/v1/calls/{id}"), Some(&self.token()?))
            .map(drop)
            .with_context(|| format!("the answer of call {id}"))
    }

    /// A response with status 200. Those who have a token are players.
    fn get(&self, path: &str, bearer: Option<&str>) -> Result<String> {
        let mut request = ureq::get(format!("http://{}{path}", self.address));
        if let Some(bearer) = bearer {
            request = request.header("authorization", format!("Bearer {bearer}"));
            if bearer != self.key {
                request = request.header("origin", ORIGIN);
            }
        }
        let mut response = request.call()?;
        Ok(response.body_mut().read_to_string()?)
    }
}

impl Relay {
    /// The number of its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Ends it in good order, so that what it has kept is as it stays.
    pub fn end(mut self) -> Result<()> {
        output(Command::new("kill").args(["-TERM", &self.process().to_string()]))?;
        let deadline = Instant::now() + PATIENCE;
        while self.child.try_wait()?.is_none() {
            if Instant::now() > deadline {
                bail!("the relay does not end");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
