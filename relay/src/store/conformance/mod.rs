//! What every engine must do: one named case for each promise in the documentation of [`Store`], and random sequences of verbs that
//! are compared with the model in memory.
//!
//! A case gets a store with nothing in it. [`all`] runs them one after another, goes on after a failure, and says which have failed.

mod accept;
mod calls;
mod claims;
mod concurrency;
mod deliveries;
mod health;
mod list;
mod manage;
mod order;
pub(crate) mod random;
mod replay;
mod retain;
mod webhooks;

use super::{
    Accepted, Answer, Attempt, Audit, Becomes, CallFailure, CallOutcome, Claimed, Counts, EventFilter,
    NewCall, NewDelivery, NewEvent, Retention, Settlement, Store, StoreError, StoredWebhook, UnixMs,
};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

type Ending = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A promise, and how it is tried.
struct Case {
    name: &'static str,
    run: fn(Arc<dyn Store>) -> Ending,
}

/// Names cases of a module.
macro_rules! cases {
    ($($name:ident),* $(,)?) => {
        pub(super) const CASES: &[super::Case] =
            &[$(super::Case { name: stringify!($name), run: |store| Box::pin($name(store)) }),*];
    };
}
use cases;

/// Runs every case, each on a store that `make` has made, which must be empty.
pub(crate) async fn all(make: impl AsyncFn() -> Arc<dyn Store>) {
    let mut failed = Vec::new();
    let modules = [
        accept::CASES,
        calls::CASES,
        claims::CASES,
        concurrency::CASES,
        deliveries::CASES,
        health::CASES,
        list::CASES,
        manage::CASES,
        order::CASES,
        replay::CASES,
        retain::CASES,
        webhooks::CASES,
    ];
    for case in modules.into_iter().flatten() {
        let store = make().await;
        if tokio::spawn((case.run)(Arc::clone(&store))).await.is_err() {
            failed.push(case.name);
        }
        store.close().await;
    }
    for seed in 1..=4 {
        let store = make().await;
        if tokio::spawn(random::compare(Arc::clone(&store), seed, 120)).await.is_err() {
            failed.push("random::compare");
        }
        store.close().await;
    }
    assert!(failed.is_empty(), "these have failed: {failed:?}");
}

/// A moment that the cases count from.
const T0: UnixMs = 1_790_000_000_000;
const MINUTE: i64 = 60_000;
const DAY: i64 = 1440 * MINUTE;

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0000 + number)
}

/// An event that these webhooks are to be sent.
fn event(number: u128, webhooks: &[&str]) -> NewEvent {
    NewEvent {
        id: id(number),
        kind: "view.ended".to_owned(),
        project: "spring".to_owned(),
        source: "https://shop.example".to_owned(),
        at: T0 - 5,
        body: format!(r#"{{"id":"{}"}}"#, id(number)),
        deliveries: webhooks.iter().map(|webhook| NewDelivery::to(*webhook)).collect(),
    }
}

/// A name that no other call has.
pub(crate) fn holder() -> Uuid {
    static LAST: AtomicU64 = AtomicU64::new(0);
    Uuid::from_u64_pair(7, LAST.fetch_add(1, Ordering::Relaxed))
}

/// A call of a holder of its own.
fn call(number: u128, lease_until: UnixMs) -> NewCall {
    NewCall {
        id: id(number),
        webhook: "lead".to_owned(),
        project: "spring".to_owned(),
        origin: "https://shop.example".to_owned(),
        fingerprint: [7; 32],
        holder: holder(),
        lease_until,
    }
}

fn answer(body: &str) -> CallOutcome {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    CallOutcome::Answer(Answer { status: 200, headers, body: body.as_bytes().to_vec() })
}

fn webhook(id: &str, settings: &str, sealed: &[u8]) -> StoredWebhook {
    let (id, settings, sealed) = (id.to_owned(), settings.to_owned(), sealed.to_vec());
    StoredWebhook { id, settings, sealed, updated_at: -1 }
}

fn attempt(at: UnixMs) -> Option<Attempt> {
    Some(Attempt { at, took_ms: 12, status: Some(503), fault: "busy".to_owned(), response: "{}".to_owned() })
}

fn settlement(claimed: &Claimed, becomes: Becomes) -> Settlement {
    Settlement { id: claimed.id, fence: claimed.fence, attempt: attempt(T0), becomes }
}

/// Who does something by hand.
fn audit(action: &str) -> Audit {
    let [key, target, detail] = ["crm", "a", "by hand"].map(str::to_owned);
    Audit { key, action: action.to_owned(), target, detail }
}

/// Everything, the newest first.
fn every() -> EventFilter {
    EventFilter { limit: 10_000, ..EventFilter::default() }
}

/// Numbers of events, delivered, pending, skipped, dead; the rest of the counts follows.
fn counts(events: u64, [delivered, pending, skipped, dead]: [u64; 4]) -> Counts {
    Counts { events, accepted: delivered + pending + skipped + dead, delivered, pending, skipped, dead }
}

/// The events of claims, in their order, as the numbers that [`id`] was given.
fn numbers(claimed: &[Claimed]) -> Vec<u128> {
    claimed.iter().map(|it| it.event.as_u128() - id(0).as_u128()).collect()
}

/// Takes events, each of which must be new.
async fn take(store: &dyn Store, events: Vec<NewEvent>, now: UnixMs) {
    let count = events.len();
    assert_eq!(store.accept(events, now).await, Ok(vec![Accepted::New; count]));
}

/// Removes what need not be kept, until nothing is left to remove.
async fn retain(store: &dyn Store, retention: Retention, now: UnixMs) {
    for _ in 0..1000 {
        if store.retain(retention, now).await.unwrap() == 0 {
            return;
        }
    }
    panic!("there is always more to remove");
}

/// Texts that a database may stumble over.
fn odd_texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        " ",
        "a\0b",
        "\0",
        "'; DROP TABLE event; --",
        "\\N \\x00 \\\\",
        "\u{feff}\u{202e}ß 漢字 🎬 e\u{301}",
        "\u{10ffff}\u{1}\u{7f}\u{85}",
        "{\"a\":\"\\u0000\"}",
        "line\r\nline\ttab",
        "%_*?[a]",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push("é".repeat(500));
    texts
}
