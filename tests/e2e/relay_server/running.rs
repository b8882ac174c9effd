//! A relay of a test's own: the real program over a fresh folder.

use crate::http;
use crate::page::{Page, pause};
use serde_json::Value;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the relay adds as `X-Shop-Key`, and no browser may be sent in any spelling.
pub const SECRET: &str = "shop/key+4f1d88c09a72e635b1";
/// The same as base64 has it, without the ends that depend on what stands beside it.
pub const SECRET_BASE64: &str = "c2hvcC9rZXkrNGYxZDg4YzA5YTcyZTYzNWIx";

/// What tokens are signed with.
pub const TOKEN_KEY: &str = "a key of tests that nobody else may know";

const PROJECT: &str = "lake";

pub struct Relay {
    child: Option<Child>,
    folder: PathBuf,
    port: u16,
    api_key: String,
}

impl Relay {
    /// Lays out a fresh folder with a webhook `discount` at this path of the page's server. Nothing runs yet. `settings` are further
    /// lines of the webhook.
    pub fn new(page: &Page, path: &str, settings: &str) -> Relay {
        let server = page.server();
        Relay::with(&format!(
            "[[webhook]]\nid = \"discount\"\nname = \"Discount code\"\nurl = \"{server}{path}\"\n\
             headers = [{{ name = \"X-Shop-Key\", secret = \"env:CUEHOOK_TEST_SHOP_KEY\" }}]\n{settings}\n"
        ))
    }

    /// Lays out a fresh folder with these tables of the configuration. Nothing runs yet.
    pub fn with(tables: &str) -> Relay {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("cuehook-relay-{}-{count}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let mut relay = Relay { child: None, folder, port, api_key: String::new() };
        let made = relay.output(&["key", "reader", "--scope", "events:read", "--scope", "events:write"]);
        let (key, table) = made.split_once("[[apiKey]]").unwrap();
        relay.api_key = key.lines().next().unwrap().to_owned();
        let text = format!(
            "listen = \"127.0.0.1:{port}\"\n\
             [players]\nkeys = [\"env:CUEHOOK_TEST_TOKEN_KEY\"]\n\
             [network]\nallow = [\"127.0.0.1\"]\n\
             {tables}\
             [[apiKey]]{table}"
        );
        std::fs::write(relay.folder.join("relay.toml"), text).unwrap();
        relay
    }

    /// The same, running.
    pub async fn running(page: &Page, path: &str, settings: &str) -> Relay {
        let mut relay = Relay::new(page, path, settings);
        relay.start().await;
        relay
    }

    /// An API key that may read and write events.
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// What it says of how many events and deliveries there are.
    pub async fn counts(&self) -> Value {
        http::get_as(&self.address(), "/v1/counts", &self.api_key).await
    }

    /// Where it is, whether or not it runs.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Starts it, on the file of its last life.
    pub async fn start(&mut self) {
        assert!(self.child.is_none(), "it runs already");
        let log = std::fs::File::options().create(true).append(true).open(self.folder.join("log")).unwrap();
        let mut command = self.command();
        command.arg("serve").stdout(log.try_clone().unwrap()).stderr(log);
        self.child = Some(command.spawn().unwrap());
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            let ended = self.child.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < deadline, "it did not start:\n{}", self.log());
            pause(20).await;
        }
    }

    /// Kills it: it learns nothing of that, and completes nothing.
    pub fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// What it has logged in all its lives.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// A token for pages of this origin.
    pub fn token(&self, origin: &str) -> String {
        self.output(&["token", "--project", PROJECT, "--origin", origin]).trim().to_owned()
    }

    /// The events of a type that it holds, as a server with an API key is told.
    pub async fn events(&self, kind: &str) -> Vec<Value> {
        let path = format!("/v1/events?type={kind}&limit=500");
        let told = http::get_as(&self.address(), &path, &self.api_key).await;
        told["events"].as_array().unwrap_or_else(|| panic!("no list of events: {told}")).clone()
    }

    fn output(&self, arguments: &[&str]) -> String {
        let output = self.command().args(arguments).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "cuehook-relay {arguments:?}: {text}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn command(&self) -> Command {
        let program = std::env::var_os("CUEHOOK_RELAY")
            .expect("CUEHOOK_RELAY is not set: run these tests by `cargo xtask test --only e2e`");
        let mut command = Command::new(program);
        command
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .env("CUEHOOK_TEST_SHOP_KEY", SECRET)
            .env("CUEHOOK_TEST_TOKEN_KEY", TOKEN_KEY);
        command
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the relay's log:\n{}", self.log());
        }
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
