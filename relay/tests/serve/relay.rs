//! A relay with some webhooks, and requests as players and servers make them.

use crate::failing::Failing;
use crate::hook::Hook;
use crate::logs;
use crate::wire::{Ask, Reply};
use cuehook_relay::config::{Header, IncludeInteractions, IncludeWord, Settings, Webhook};
use cuehook_relay::http::bounds::Patience;
use cuehook_relay::secrets::MasterKey;
use cuehook_relay::serve::{Options, Running, start_with, wall_ms};
use cuehook_relay::store::Store;
use cuehook_relay::token::{ApiKey, ApiKeys, NewApiKey, PlayerTokens, Scope, StoredApiKey};
use secrecy::{ExposeSecret, SecretString};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub const SHOP: &str = "https://shop.example";
pub const SECRET: &str = "never-in-a-browser-4f1c";

#[derive(Debug)]
pub struct Relay {
    pub running: Running,
    pub hook: Hook,
    pub store: Arc<Failing>,
    pub tokens: PlayerTokens,
    /// Keys with all scopes, and with none.
    pub key: SecretString,
    pub weak_key: SecretString,
}

/// A new id.
pub fn id() -> String {
    static LAST: AtomicU64 = AtomicU64::new(1);
    format!("01920000-0000-7000-8000-{:012x}", LAST.fetch_add(1, Ordering::Relaxed))
}

fn webhook(id: &str, url: String) -> Webhook {
    Webhook {
        id: id.into(),
        name: format!("The {id}"),
        url,
        headers: vec![
            Header { name: "x-plain".into(), value: Some("for all to see".into()) },
            Header { name: "x-api-key".into(), value: None },
        ],
        wait_for_response: true,
        include_interactions: IncludeInteractions::Unsaid,
        timeout_ms: 8_000,
        retries: 0,
        projects: Vec::new(),
        events: Vec::new(),
        ..Webhook::default()
    }
}

/// What relays of tests are told.
pub fn settings(hook: SocketAddr) -> (Settings, SecretString, SecretString) {
    let mut settings = Settings::new(MasterKey::generate().unwrap(), Vec::new());
    settings.listen = "127.0.0.1:0".parse().unwrap();
    // Soon reached, on a busy machine, too.
    settings.limits.call_bytes = 128 * 1024;
    settings.origins = vec![SHOP.into(), "https://other.example".into()];
    settings.network.allow = vec!["127.0.0.0/8".parse().unwrap()];
    for path in ["discount", "echo", "hold", "teapot", "html"] {
        let secrets = vec![("x-api-key".to_owned(), SecretString::from(SECRET))];
        settings.webhooks.push((webhook(path, format!("http://{hook}/{path}")), secrets));
    }
    let mut own = webhook("own", format!("http://{hook}/own"));
    own.headers.clear();
    own.projects = vec!["theirs".into()];
    own.include_interactions = IncludeInteractions::Word(IncludeWord::All);
    settings.webhooks.push((own, Vec::new()));
    let made = [NewApiKey::generate().unwrap(), NewApiKey::generate().unwrap()];
    let scopes = [Scope::ALL.to_vec(), Vec::new()];
    let names = ["backend", "weak"];
    let keys = made.iter().zip(scopes).zip(names).map(|((made, scopes), name)| StoredApiKey {
        key: ApiKey { name: name.into(), scopes, project: None },
        hash: made.hash,
    });
    settings.api_keys = ApiKeys::new(keys.collect());
    let [key, weak_key] = made.map(|made| made.text);
    (settings, key, weak_key)
}

pub async fn start(change: impl FnOnce(&mut Settings)) -> Relay {
    let patience = Patience {
        head: Duration::from_millis(400),
        pause: Duration::from_millis(400),
        body: Duration::from_millis(2_000),
        linger: Duration::from_millis(400),
    };
    start_with_patience(patience, change).await
}

pub async fn start_with_patience(patience: Patience, change: impl FnOnce(&mut Settings)) -> Relay {
    logs::capture();
    let hook = Hook::start().await;
    let (mut settings, key, weak_key) = settings(hook.address);
    change(&mut settings);
    let tokens = settings.player_tokens.clone();
    let store = Arc::new(Failing::default());
    let given: Arc<dyn Store> = Arc::<Failing>::clone(&store);
    let running =
        start_with(settings, Options { store: Some(given), patience, ..Options::default() }).await.unwrap();
    Relay { running, hook, store, tokens, key, weak_key }
}

impl Relay {
    pub fn address(&self) -> SocketAddr {
        self.running.address()
    }

    pub fn token(&self, project: &str, origin: &str) -> String {
        self.tokens.mint(project, origin, wall_ms(), 10).unwrap()
    }

    /// As a player of the shop asks.
    pub fn ask(&self, method: &str, target: impl Into<String>) -> Ask {
        let token = self.token("spring", SHOP);
        Ask::new(method, target).with("origin", SHOP).with("authorization", format!("Bearer {token}"))
    }

    /// As a server asks.
    pub fn server(&self, method: &str, target: impl Into<String>) -> Ask {
        Ask::new(method, target).with("authorization", format!("Bearer {}", self.key.expose_secret()))
    }

    pub fn call(&self, webhook: &str, id: &str) -> Ask {
        self.ask("POST", format!("/v1/call/{webhook}"))
            .with("content-type", "application/json")
            .with("webhook-id", id)
            .with("idempotency-key", id)
            .with("webhook-timestamp", "1795205220")
            .with("cuehook-budget-ms", "20000")
            .body(r#"{"type":"webhook.executed","params":{"sku":"A-17"}}"#)
    }

    pub async fn send(&self, ask: &Ask) -> Reply {
        ask.send(self.address()).await
    }

    /// Metrics, as an operator reads them.
    pub async fn metrics(&self) -> String {
        let reply = self.send(&self.server("GET", "/metrics")).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.body
    }
}

/// The error of a reply has the form that all have.
pub fn assert_refused(reply: &Reply, status: u16, code: &str) {
    assert_eq!((reply.status, reply.outcome()), (status, code), "{}", reply.text);
    let error = &reply.json()["error"];
    assert_eq!(error["code"], code, "{}", reply.text);
    assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{}", reply.text);
    assert_eq!(error["requestId"].as_str(), reply.header("x-request-id"), "{}", reply.text);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
}
