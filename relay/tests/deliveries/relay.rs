//! A relay with some webhooks, and a server that sends it events.

use crate::receiver::Receiver;
use crate::wire::Ask;
use cuehook_relay::config::{Settings, Webhook};
use cuehook_relay::core::dispatch::Limits;
use cuehook_relay::delivery::signing::{KeyRing, Secrets, SigningSecret};
use cuehook_relay::secrets::MasterKey;
use cuehook_relay::serve::{Options, Running, start_with, wall_ms};
use cuehook_relay::store::memory::MemoryStore;
use cuehook_relay::store::sqlite::SqliteStore;
use cuehook_relay::store::{
    Counts, DeliveryFilter, DeliveryState, EventFilter, Store, StoredDelivery, WholeDelivery,
};
use cuehook_relay::token::{ApiKey, ApiKeys, NewApiKey, Scope, StoredApiKey};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Long enough on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(120);
pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Where events are kept.
#[derive(Clone, Copy, Debug)]
pub enum Kept {
    Memory,
    Sqlite,
}

#[derive(Debug)]
pub struct Relay {
    pub running: Running,
    pub store: Arc<dyn Store>,
    pub settings: Settings,
    key: SecretString,
    /// It is removed with this.
    directory: tempfile::TempDir,
}

/// A new id.
pub fn id() -> String {
    static LAST: AtomicU64 = AtomicU64::new(1);
    format!("01930000-0000-7000-8000-{:012x}", LAST.fetch_add(1, Ordering::Relaxed))
}

/// A webhook for all events, at a path of a receiver.
pub fn webhook(receiver: &Receiver, path: &str) -> Webhook {
    Webhook {
        id: path.trim_start_matches('/').to_owned(),
        url: receiver.url(path),
        events: vec!["*".to_owned()],
        ..Webhook::default()
    }
}

/// What is sealed of a webhook that signs.
pub fn signs(secret: &str) -> Vec<(String, SecretString)> {
    let standard = KeyRing::of([SigningSecret::parse(&secret.into()).unwrap()]).unwrap();
    Secrets { standard, ..Secrets::default() }.join(Vec::new())
}

/// Impatient, so that tests need not wait.
pub fn limits() -> Limits {
    Limits {
        schedule_ms: [0].into_iter().chain([20; 12]).collect(),
        breather_ms: 20,
        pause_ms: 200,
        ..Limits::default()
    }
}

pub async fn start(kept: Kept, webhooks: Vec<Webhook>, limits: Limits) -> Relay {
    let directory = tempfile::tempdir().unwrap();
    let store: Arc<dyn Store> = match kept {
        Kept::Memory => Arc::new(MemoryStore::default()),
        Kept::Sqlite => Arc::new(SqliteStore::open(&directory.path().join("relay.db"), wall_ms()).unwrap()),
    };
    let mut settings = Settings::new(MasterKey::generate().unwrap(), Vec::new());
    settings.listen = "127.0.0.1:0".parse().unwrap();
    settings.network.allow = vec!["127.0.0.0/8".parse().unwrap()];
    settings.limits.requests_per_second = 100_000;
    settings.webhooks = webhooks.into_iter().map(|webhook| (webhook, signs(SECRET))).collect();
    let made = NewApiKey::generate().unwrap();
    let key = ApiKey { name: "backend".into(), scopes: Scope::ALL.to_vec(), project: None };
    settings.api_keys = ApiKeys::new(vec![StoredApiKey { key, hash: made.hash }]);
    run(store, settings, made.text, directory, limits).await
}

async fn run(
    store: Arc<dyn Store>,
    settings: Settings,
    key: SecretString,
    directory: tempfile::TempDir,
    limits: Limits,
) -> Relay {
    let options = Options { store: Some(Arc::clone(&store)), deliveries: Some(limits), ..Options::default() };
    let running = start_with(settings.clone(), options).await.unwrap();
    Relay { running, store, settings, key, directory }
}

/// An event, with more members of its data.
pub fn event(id: &str, kind: &str, data: &str) -> String {
    format!(r#"{{"type":"{kind}","timestamp":"2026-11-20T20:07:00.123Z","id":"{id}","data":{{{data}}}}}"#)
}

impl Relay {
    /// Ends it, and starts another one with the same database.
    pub async fn again(self, limits: Limits) -> Self {
        let Self { running, store, settings, key, directory } = self;
        running.stop().await.unwrap();
        drop(store);
        let path = directory.path().join("relay.db");
        let store = Arc::new(SqliteStore::open(&path, wall_ms()).unwrap());
        run(store, settings, key, directory, limits).await
    }

    /// Sends events; all are taken.
    pub async fn send(&self, events: &[String]) {
        let body = format!(r#"{{"events":[{}]}}"#, events.join(","));
        let ask = Ask::new("POST", "/v1/events")
            .with("authorization", format!("Bearer {}", self.key.expose_secret()))
            .with("content-type", "application/json")
            .body(body);
        let reply = ask.send(self.running.address()).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        let results = reply.json()["results"].as_object().unwrap().clone();
        assert!(results.len() == events.len() && results.values().all(|word| word == "ok"), "{results:?}");
    }

    /// Sends so many events; their ids.
    pub async fn send_some(&self, count: usize) -> Vec<String> {
        let ids: Vec<String> = (0..count).map(|_| id()).collect();
        for ids in ids.chunks(100) {
            let events: Vec<String> = ids.iter().map(|id| event(id, "cart.added", "\"n\":1.50")).collect();
            self.send(&events).await;
        }
        ids
    }

    pub async fn counts(&self) -> Counts {
        self.store.counts().await.unwrap()
    }

    /// Waits until nothing is pending.
    pub async fn settled(&self) -> Counts {
        until("nothing is pending", async || self.counts().await.pending == 0).await;
        let counts = self.counts().await;
        assert_eq!(counts.accepted, counts.delivered + counts.skipped + counts.dead);
        counts
    }

    /// The deliveries to a webhook, the newest first.
    pub async fn deliveries(&self, webhook: &str, state: Option<DeliveryState>) -> Vec<StoredDelivery> {
        let webhook = Some(webhook.to_owned());
        let filter = DeliveryFilter { webhook, state, limit: 500, ..DeliveryFilter::default() };
        self.store.deliveries(&filter).await.unwrap()
    }

    /// The newest delivery to a webhook.
    pub async fn last(&self, webhook: &str) -> WholeDelivery {
        let newest = self.deliveries(webhook, None).await[0].id;
        self.store.delivery(newest).await.unwrap().unwrap()
    }

    /// What was told of webhooks, the first one first: type and data.
    pub async fn told(&self) -> Vec<(String, serde_json::Value)> {
        let events = self.store.events(&EventFilter { limit: 500, ..EventFilter::default() }).await.unwrap();
        let own = events.into_iter().rev().filter(|event| event.source == "cuehook-relay");
        own.map(|event| {
            let body: serde_json::Value = serde_json::from_str(&event.body).unwrap();
            (event.kind, body["data"].clone())
        })
        .collect()
    }
}

/// Waits until something is so.
pub async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < PATIENCE, "it has not come to this: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
