//! The program.

use super::{Client, Reply, until};
use cuehook_relay::token::NewApiKey;
use secrecy::ExposeSecret;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};

const PROJECT: &str = "spring-shop";
const ORIGIN: &str = "https://shop.example";

/// A directory with a configuration; a relay can be started in it again and again.
#[derive(Debug)]
pub struct Site {
    directory: tempfile::TempDir,
    pub address: SocketAddr,
    key: String,
    token: String,
}

/// A relay that is running. It is killed when this is dropped.
#[derive(Debug)]
pub struct Relay {
    child: Mutex<Child>,
    log: PathBuf,
}

impl Site {
    /// With one webhook, `hook`, and a file of SQLite.
    pub fn new(webhook: &str) -> Self {
        Self::with(webhook, 20_000, "sqlite:data/relay.db")
    }

    /// With one webhook, `hook`, which has so many milliseconds, and a database.
    pub fn with(webhook: &str, timeout_ms: u32, database: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let address = free_address();
        let key = NewApiKey::generate().unwrap();
        std::fs::create_dir(directory.path().join("data")).unwrap();
        let settings = format!(
            r#"listen = "{address}"
database = "{database}"
[network]
allow = ["127.0.0.0/8"]
[limits]
requestsPerSecond = 100000
bytesPerSecond = 104857600
[[webhook]]
id = "hook"
url = "{webhook}"
timeoutMs = {timeout_ms}
retries = 0
headers = [{{ name = "x-key", secret = "env:HOOK_KEY" }}]
[[apiKey]]
name = "tests"
hash = "{}"
scopes = ["events:write", "events:read"]
"#,
            key.hash_text()
        );
        std::fs::write(directory.path().join("relay.toml"), settings).unwrap();
        let mut site =
            Self { directory, address, key: key.text.expose_secret().to_owned(), token: String::new() };
        let made = site.command().args(["token", "--project", PROJECT, "--origin", ORIGIN]).output().unwrap();
        assert!(made.status.success(), "{made:?}");
        site.token = String::from_utf8(made.stdout).unwrap().trim().to_owned();
        site
    }

    /// Events go there, too.
    pub fn sends_to(&self, receiver: &str) {
        let webhook =
            format!("[[webhook]]\nid = \"receiver\"\nurl = \"{receiver}\"\nevents = [\"test.*\"]\n\n");
        self.change("[[apiKey]]", &(webhook + "[[apiKey]]"));
    }

    /// Writes something else into `relay.toml`, in place of what is there once.
    pub fn change(&self, from: &str, to: &str) {
        let path = self.directory.path().join("relay.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{from}: {text}");
        std::fs::write(&path, text.replace(from, to)).unwrap();
    }

    /// Where the database is.
    pub fn data(&self) -> PathBuf {
        self.directory.path().canonicalize().unwrap().join("data")
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cuehook-relay"));
        command.current_dir(self.directory.path()).env("HOOK_KEY", "sk-live-0123456789");
        command
    }

    /// Starts the program and waits until it is ready.
    pub fn start(&self, environment: &[(String, String)]) -> Relay {
        let relay = self.spawn(environment);
        self.until_ready(&relay);
        relay
    }

    /// Starts the program.
    pub fn spawn(&self, environment: &[(String, String)]) -> Relay {
        let log = self.directory.path().join("relay.log");
        let output = std::fs::OpenOptions::new().create(true).append(true).open(&log).unwrap();
        let child = self
            .command()
            .arg("serve")
            .envs(environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(output)
            .spawn()
            .unwrap();
        Relay { child: Mutex::new(child), log }
    }

    /// Waits until a relay is ready.
    pub fn until_ready(&self, relay: &Relay) {
        until("the relay is ready", || {
            relay.assert_lives();
            let ready = self.client().send("GET", "/ready", &[], "");
            ready.is_ok_and(|reply| reply.status == 200)
        });
    }

    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// Sends events as a server.
    pub fn send_events(&self, client: &mut Client, events: &[String]) -> std::io::Result<Reply> {
        let body = format!(r#"{{"events":[{}]}}"#, events.join(","));
        let authorization = self.authorization();
        let fields = [("content-type", "application/json"), ("authorization", authorization.as_str())];
        client.send("POST", "/v1/events", &fields, &body)
    }

    /// Calls the webhook as a player.
    pub fn call(&self, client: &mut Client, id: &str) -> std::io::Result<Reply> {
        self.caller()(client, id)
    }

    /// The same, for another thread.
    pub fn caller(&self) -> impl Fn(&mut Client, &str) -> std::io::Result<Reply> + Send + 'static {
        let token = format!("Bearer {}", self.token);
        move |client, id| call(client, &token, id)
    }

    /// Asks what has become of a call.
    pub fn ask(&self, client: &mut Client, id: &str) -> std::io::Result<Reply> {
        let token = format!("Bearer {}", self.token);
        let fields = [("authorization", token.as_str()), ("origin", ORIGIN)];
        client.send("GET", &format!("/v1/calls/{id}"), &fields, "")
    }

    /// Asks for the webhook's settings, as a player.
    pub fn settings(&self, client: &mut Client) -> std::io::Result<Reply> {
        let token = format!("Bearer {}", self.token);
        let fields = [("authorization", token.as_str()), ("origin", ORIGIN)];
        client.send("GET", "/v1/settings?webhooks=hook", &fields, "")
    }

    /// Asks as a server.
    pub fn get(&self, client: &mut Client, path: &str) -> std::io::Result<Reply> {
        client.send("GET", path, &[("authorization", self.authorization().as_str())], "")
    }

    /// The ids of all events that are stored, the newest first.
    pub fn stored(&self) -> Vec<String> {
        let mut client = self.client();
        let (mut ids, mut next) = (Vec::new(), None::<String>);
        loop {
            let before = next.map_or_else(String::new, |next| format!("&before={next}"));
            let reply = self.get(&mut client, &format!("/v1/events?limit=500{before}")).unwrap();
            assert_eq!(reply.status, 200, "{reply:?}");
            let page = reply.json();
            let events = page["events"].as_array().unwrap();
            ids.extend(events.iter().map(|event| event["id"].as_str().unwrap().to_owned()));
            match page.get("next").and_then(|next| next.as_str()) {
                Some(place) => next = Some(place.to_owned()),
                None => return ids,
            }
        }
    }

    /// How many events the relay counts.
    pub fn counted(&self) -> u64 {
        let reply = self.get(&mut self.client(), "/v1/counts").unwrap();
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json()["events"].as_u64().unwrap()
    }

    fn authorization(&self) -> String {
        format!("Bearer {}", self.key)
    }
}

impl Relay {
    /// Ends it as a power cut would: nothing of it runs any more.
    pub fn kill(self) {
        self.end();
    }

    fn end(&self) {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        // SIGKILL.
        let _ = child.kill();
        let _ = child.wait();
    }

    /// It has not ended by itself.
    pub fn assert_lives(&self) {
        let ended = self.child.lock().unwrap().try_wait().unwrap();
        assert!(ended.is_none(), "the relay has ended: {ended:?}\n{}", self.log());
    }

    /// Ends it in good order: everything that was begun is complete and stored.
    pub fn stop(self) {
        self.signal("TERM");
        assert_eq!(self.wait().code(), Some(0), "{}", self.log());
    }

    /// Sends it a signal, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let number = self.child.lock().unwrap().id().to_string();
        let kill = ["-c", "kill -s \"$0\" \"$1\"", name, &number];
        assert!(Command::new("sh").args(kill).status().unwrap().success());
    }

    /// Waits until it has ended by itself, and says how.
    pub fn wait(&self) -> ExitStatus {
        let mut status = None;
        until("the relay has ended", || {
            status = self.child.lock().unwrap().try_wait().unwrap();
            status.is_some()
        });
        status.unwrap()
    }

    /// What it has logged, also before it was started again.
    pub fn log(&self) -> String {
        read(&self.log)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.end();
    }
}

fn call(client: &mut Client, token: &str, id: &str) -> std::io::Result<Reply> {
    let fields = [
        ("content-type", "application/json"),
        ("authorization", token),
        ("origin", ORIGIN),
        ("webhook-id", id),
        ("idempotency-key", id),
        ("webhook-timestamp", "1732147620"),
    ];
    client.send("POST", "/v1/call/hook", &fields, &format!(r#"{{"type":"webhook.executed","id":"{id}"}}"#))
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}

/// An address on which nobody listens at the moment.
fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}
