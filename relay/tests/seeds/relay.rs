//! A relay that runs, and those who use it: its operator, servers, and players.

use crate::PATIENCE;
use crate::client::{Client, Reply};
use crate::files::{NOW, read};
use cuehook_relay::config::Settings;
use cuehook_relay::delivery::sample::sample;
use cuehook_relay::secrets::MasterKey;
use cuehook_relay::serve::{Options, Running, start_with, wall_ms};
use cuehook_relay::store::sqlite::SqliteStore;
use cuehook_relay::token::{ApiKey, ApiKeys, NewApiKey, PlayerTokens, Scope, StoredApiKey};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use uuid::Uuid;

const SHOP: &str = "https://shop.example";
/// The page with the commands that are tested.
const PAGE: &str = "docs/from-other-systems.md";

/// A relay in this process, with a database in a directory of its own.
pub struct Relay {
    running: Option<Running>,
    runtime: Runtime,
    pub address: SocketAddr,
    tokens: PlayerTokens,
    /// With all scopes.
    key: String,
    /// With which editions are read, and nothing else.
    pub editions_key: String,
    _directory: tempfile::TempDir,
}

/// A new id.
pub fn id() -> Uuid {
    static LAST: AtomicU64 = AtomicU64::new(1);
    Uuid::from_u128(
        0x0194_0000_0000_7000_8000_0000_0000_0000 + u128::from(LAST.fetch_add(1, Ordering::Relaxed)),
    )
}

impl Relay {
    pub fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut settings = Settings::new(MasterKey::generate().unwrap(), Vec::new());
        settings.listen = "127.0.0.1:0".parse().unwrap();
        settings.origins = vec![SHOP.to_owned()];
        settings.network.allow = vec!["127.0.0.0/8".parse().unwrap()];
        let mut texts = Vec::new();
        let mut stored = Vec::new();
        for (name, scopes) in [("backend", Scope::ALL.to_vec()), ("shop", vec![Scope::EditionsRead])] {
            let made = NewApiKey::generate().unwrap();
            let key = ApiKey { name: name.to_owned(), scopes, project: None };
            stored.push(StoredApiKey { key, hash: made.hash });
            texts.push(made.text.expose_secret().to_owned());
        }
        settings.api_keys = ApiKeys::new(stored);
        let tokens = settings.player_tokens.clone();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let store = SqliteStore::open(&directory.path().join("relay.db"), wall_ms()).unwrap();
        let options = Options { store: Some(Arc::new(store)), ..Options::default() };
        let running = runtime.block_on(start_with(settings, options)).unwrap();
        let [key, editions_key] = <[String; 2]>::try_from(texts).unwrap();
        Self {
            address: running.address(),
            running: Some(running),
            runtime,
            tokens,
            key,
            editions_key,
            _directory: directory,
        }
    }

    /// As a server with all scopes.
    pub fn ask(&self, method: &str, target: &str, body: &str) -> Reply {
        let key = format!("Bearer {}", self.key);
        let fields = [("authorization", key.as_str()), ("content-type", "application/json")];
        Client::new(self.address).send(method, target, &fields, body).unwrap()
    }

    /// The same, of what succeeds.
    #[track_caller]
    pub fn does(&self, method: &str, target: &str, body: Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let reply = self.ask(method, target, &body);
        assert!((200..=299).contains(&reply.status), "{method} {target} {body}: {reply:?}");
        if reply.status == 204 { Value::Null } else { reply.json() }
    }

    /// Does what a section of the page says, with these parts of its addresses exchanged; what was answered to each command.
    #[track_caller]
    pub fn does_as_written(&self, section: &str, addresses: &[(&str, String)]) -> Vec<Value> {
        let page = read(PAGE);
        let section = page
            .split("\n## ")
            .find(|text| text.starts_with(&format!("{section}\n")))
            .unwrap_or_else(|| panic!("{PAGE} has no section {section}"));
        let mut answers = Vec::new();
        for block in section.split("```sh\n").skip(1) {
            for command in block.split("```").next().unwrap().split("curl -K relay.conf ").skip(1) {
                let (method, rest) = match command.strip_prefix("-X ") {
                    Some(rest) => rest.split_once(' ').unwrap(),
                    None => (if command.contains(" -d '") { "POST" } else { "GET" }, command),
                };
                let rest = rest.strip_prefix("\"$RELAY").unwrap_or_else(|| panic!("{command}"));
                let (target, rest) = rest.split_once('"').unwrap();
                let body = rest.split_once("-d '").map_or("", |(_, body)| body.split('\'').next().unwrap());
                let mut body = body.to_owned();
                for (from, to) in addresses {
                    body = body.replace(from, to);
                }
                assert!(!body.contains(".example"), "nobody is there: {body}");
                let reply = self.ask(method, target, &body);
                assert!((200..=299).contains(&reply.status), "{command}: {reply:?}");
                answers.push(reply.json());
            }
        }
        answers
    }

    /// Sends a sample event as a player of a project.
    pub fn plays(&self, project: &str, kind: &str) -> Uuid {
        let id = id();
        self.tells(project, id, &sample(kind, id, NOW));
        id
    }

    /// Sends an event as a player of a project.
    #[track_caller]
    pub fn tells(&self, project: &str, id: Uuid, event: &str) {
        let reply = self.as_player(project, "/v1/events", &[], event);
        assert_eq!(
            (reply.status, &reply.json()["results"][id.to_string()]),
            (200, &json!("ok")),
            "{reply:?}"
        );
    }

    /// Calls a webhook as a player.
    pub fn calls(&self, project: &str, webhook: &str, body: &str) -> Reply {
        let id = id().to_string();
        let fields = [
            ("webhook-id", id.as_str()),
            ("idempotency-key", &id),
            ("webhook-timestamp", "1795205220"),
            ("cuehook-budget-ms", "20000"),
        ];
        self.as_player(project, &format!("/v1/call/{webhook}"), &fields, body)
    }

    fn as_player(&self, project: &str, target: &str, more: &[(&str, &str)], body: &str) -> Reply {
        let token = format!("Bearer {}", self.tokens.mint(project, SHOP, wall_ms(), 10).unwrap());
        let mut fields =
            vec![("origin", SHOP), ("authorization", token.as_str()), ("content-type", "application/json")];
        fields.extend_from_slice(more);
        Client::new(self.address).send("POST", target, &fields, body).unwrap()
    }

    /// Sends a sample event as a server.
    pub fn sends(&self, kind: &str) -> Uuid {
        let id = id();
        self.sends_event(id, &sample(kind, id, NOW));
        id
    }

    /// Sends an event as a server.
    #[track_caller]
    pub fn sends_event(&self, id: Uuid, event: &str) {
        let reply = self.ask("POST", "/v1/events", event);
        assert_eq!(
            (reply.status, &reply.json()["results"][id.to_string()]),
            (200, &json!("ok")),
            "{reply:?}"
        );
    }

    /// The deliveries of an event, when all have ended: webhook, status, and why it is none of delivered.
    pub fn ended(&self, event: Uuid) -> Vec<(String, String, String)> {
        let started = Instant::now();
        loop {
            let found = self.does("GET", &format!("/v1/deliveries?event={event}"), Value::Null);
            let text = |delivery: &Value, name: &str| delivery[name].as_str().unwrap_or_default().to_owned();
            let found = found["deliveries"].as_array().unwrap().iter();
            let mut found: Vec<_> = found
                .map(|found| (text(found, "webhook"), text(found, "status"), text(found, "reason")))
                .collect();
            if found.iter().all(|(_, status, _)| status != "pending") {
                found.sort();
                return found;
            }
            assert!(started.elapsed() < PATIENCE, "{found:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// To which webhooks an event was delivered. It has ended for all.
    #[track_caller]
    pub fn delivered(&self, event: Uuid) -> Vec<String> {
        let ended = self.ended(event).into_iter();
        ended
            .map(|(webhook, status, reason)| {
                assert_eq!(status, "delivered", "{webhook}: {reason}");
                webhook
            })
            .collect()
    }

    /// The newest event of a type: its id, and when it was made.
    pub fn newest(&self, kind: &str) -> (Uuid, String) {
        let found = self.does("GET", &format!("/v1/events?type={kind}&limit=1"), Value::Null);
        let event = &found["events"][0];
        let id = Uuid::parse_str(event["id"].as_str().unwrap()).unwrap();
        (id, event["event"]["timestamp"].as_str().unwrap().to_owned())
    }

    /// Sends a test; what the webhook answers.
    pub fn tests(&self, webhook: &str, kind: &str, project: &str) -> Value {
        let body = json!({"type": kind, "project": project});
        let tested = self.does("POST", &format!("/v1/webhooks/{webhook}/test"), body);
        assert_eq!(tested["fault"], Value::Null);
        tested["response"]["status"].clone()
    }

    /// Changes settings of a webhook.
    pub fn changes(&self, webhook: &str, change: Value) {
        self.does("PATCH", &format!("/v1/webhooks/{webhook}"), change);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            let _ = self.runtime.block_on(running.stop());
        }
    }
}
