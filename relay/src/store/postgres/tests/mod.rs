//! What holds for PostgreSQL in particular. What holds for every engine is in `conformance`.

mod crashes;
#[path = "../../../../tests/support/postgres.rs"]
mod harness;
mod partitions;
mod reachability;
mod rivals;
mod tls;
mod versions;

use super::{PostgresStore, connect};
use crate::store::{
    Accepted, Attempt, Audit, Becomes, Claimed, Counts, DeliveryFilter, NewCall, NewDelivery, NewEvent,
    Settled, Settlement, Store, UnixMs, conformance,
};
use harness::{Database, Server};
use secrecy::SecretString;
use std::sync::Arc;
use uuid::Uuid;

/// A day in November 2026, and a time on it.
const NOW: UnixMs = 1_795_852_800_000 + 3_600_000;

async fn open(url: &str) -> PostgresStore {
    PostgresStore::open(&SecretString::from(url), NOW).await.unwrap()
}

async fn fresh() -> (PostgresStore, Database) {
    let database = Server::shared().database();
    (open(&database.url()).await, database)
}

fn event(number: u128, webhooks: &[&str]) -> NewEvent {
    NewEvent {
        id: Uuid::from_u128(number),
        kind: "view.ended".to_owned(),
        project: "shop".to_owned(),
        source: "https://shop.example".to_owned(),
        at: NOW - 5,
        body: format!(r#"{{"n":{number}}}"#),
        deliveries: webhooks.iter().map(|&webhook| NewDelivery::to(webhook)).collect(),
    }
}

fn call(number: u128) -> NewCall {
    NewCall {
        id: Uuid::from_u128(number),
        webhook: "discount".to_owned(),
        project: "shop".to_owned(),
        origin: "https://shop.example".to_owned(),
        fingerprint: [7; 32],
        holder: conformance::holder(),
        lease_until: NOW + 60_000,
    }
}

fn settled(claimed: &Claimed, becomes: Becomes) -> Settlement {
    let attempt =
        Attempt { at: NOW, took_ms: 12, status: Some(200), fault: String::new(), response: String::new() };
    Settlement { id: claimed.id, fence: claimed.fence, attempt: Some(attempt), becomes }
}

/// A connection beside the store's.
async fn beside(database: &Database) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(&database.url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn number(client: &tokio_postgres::Client, sql: &str) -> i64 {
    client.query_one(sql, &[]).await.unwrap().get(0)
}

/// That the counts are what is really in the tables.
async fn assert_counts_are_true(store: &PostgresStore, database: &Database) -> Counts {
    let client = beside(database).await;
    let counts = store.counts().await.unwrap();
    assert_eq!(counts.accepted, counts.delivered + counts.pending + counts.skipped + counts.dead);
    let count = async |sql: &str| u64::try_from(number(&client, sql).await).unwrap();
    assert_eq!(counts.events, count("SELECT count(*) FROM cuehook.events").await);
    assert_eq!(counts.pending, count("SELECT count(*) FROM cuehook.waiting").await);
    for (became, value) in
        [("delivered", counts.delivered), ("skipped", counts.skipped), ("dead", counts.dead)]
    {
        let sql = format!("SELECT count(*) FROM cuehook.deliveries WHERE became = '{became}'");
        assert_eq!(value, count(&sql).await, "{became}");
    }
    counts
}

/// That of what waits in each queue the earliest is not behind, and all others are.
async fn assert_queues_are_true(database: &Database) {
    let client = beside(database).await;
    let wrong = "SELECT count(*) FROM (SELECT behind <> (row_number() OVER (PARTITION BY webhook, queue ORDER BY id) > 1)
        AS is_wrong FROM cuehook.waiting WHERE queue IS NOT NULL) AS checked WHERE is_wrong";
    assert_eq!(number(&client, wrong).await, 0);
    assert_eq!(
        number(&client, "SELECT count(*) FROM cuehook.waiting WHERE queue IS NULL AND behind").await,
        0
    );
}

fn audit() -> Audit {
    let [key, action, target, detail] = ["crm", "replayed", "a", ""].map(str::to_owned);
    Audit { key, action, target, detail }
}

#[tokio::test(flavor = "multi_thread")]
async fn keeps_every_promise() {
    conformance::all(async || {
        let (store, _) = fresh().await;
        Arc::new(store) as Arc<dyn Store>
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_goes_from_its_sender_to_its_receivers() {
    let (store, database) = fresh().await;
    let taken = store.accept(vec![event(1, &["a", "b"]), event(2, &[]), event(1, &["c"])], NOW).await;
    assert_eq!(taken.unwrap(), [Accepted::New, Accepted::New, Accepted::Duplicate]);
    assert_eq!(store.accept(vec![event(2, &["a"])], NOW + 1).await.unwrap(), [Accepted::Duplicate]);
    assert_eq!(store.due(NOW).await.unwrap(), Some(NOW));
    let claimed = store.claim(10, 10, &["b".to_owned()], NOW + 30_000, NOW).await.unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!((claimed[0].event, claimed[0].webhook.as_str()), (Uuid::from_u128(1), "a"));
    assert_eq!((claimed[0].body.as_str(), claimed[0].attempts), (r#"{"n":1}"#, 0));
    let later = settled(&claimed[0], Becomes::Waiting(NOW + 100));
    let twice = store.settle(vec![later.clone(), later], NOW + 1).await.unwrap();
    assert_eq!(twice, [Settled::Yes, Settled::Lost]);
    assert!(store.renew(&[(claimed[0].id, claimed[0].fence)], NOW + 60_000, NOW).await.unwrap().is_empty());
    let again = store.claim(10, 10, &[], NOW + 30_000, NOW + 100).await.unwrap();
    let order: Vec<&str> = again.iter().map(|it| it.webhook.as_str()).collect();
    assert_eq!(order, ["b", "a"], "the one that is due for longer comes first");
    assert_eq!(again[1].attempts, 1);
    assert_ne!(again[1].fence, claimed[0].fence);
    let ends = vec![
        settled(&claimed[0], Becomes::Delivered),
        settled(&again[0], Becomes::Dead("gone".to_owned())),
        Settlement { attempt: None, ..settled(&again[1], Becomes::Skipped("off".to_owned())) },
    ];
    assert_eq!(store.settle(ends, NOW + 200).await.unwrap(), [Settled::Lost, Settled::Yes, Settled::Yes]);
    let counts = assert_counts_are_true(&store, &database).await;
    assert_eq!(counts, Counts { events: 2, accepted: 2, delivered: 0, pending: 0, skipped: 1, dead: 1 });
    let client = beside(&database).await;
    assert_eq!(number(&client, "SELECT count(*) FROM cuehook.attempts").await, 2);
    assert_eq!(store.due(NOW).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_of_one_webhook_does_not_keep_others_waiting() {
    let (store, _) = fresh().await;
    let slow: Vec<NewEvent> = (0..500).map(|number| event(number, &["slow"])).collect();
    store.accept(slow, NOW).await.unwrap();
    store.accept(vec![event(1000, &["quick"])], NOW + 1).await.unwrap();
    let claimed = store.claim(20, 5, &[], NOW + 30_000, NOW + 1).await.unwrap();
    let of = |webhook: &str| claimed.iter().filter(|it| it.webhook == webhook).count();
    assert_eq!((of("slow"), of("quick")), (5, 1));
    let numbers: Vec<u128> = claimed.iter().map(|it| it.event.as_u128()).collect();
    assert_eq!(numbers, [0, 1, 2, 3, 4, 1000], "the oldest first");
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_are_durable_whatever_the_database_says() {
    let (_, database) = fresh().await;
    let client = beside(&database).await;
    for (default, holds) in [("off", "on"), ("local", "on"), ("remote_apply", "remote_apply")] {
        let sql = format!("ALTER DATABASE {} SET synchronous_commit = {default}", database.name());
        client.batch_execute(&sql).await.unwrap();
        let pool = connect::pool(&SecretString::from(database.url())).unwrap();
        let session = pool.get().await.unwrap();
        let row = session.query_one("SELECT current_setting('synchronous_commit')", &[]).await.unwrap();
        assert_eq!(row.get::<_, &str>(0), holds, "with {default}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_snapshot_is_seen() {
    let (store, database) = fresh().await;
    let healthy = store.health().await.unwrap();
    assert!(healthy.bytes > 1_000_000, "{healthy:?}");
    let client = beside(&database).await;
    client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM cuehook.ids").await.unwrap();
    let row = client.query_one("SELECT pg_sleep(0.2)::text", &[]).await;
    row.unwrap();
    let age = store.health().await.unwrap().oldest_snapshot_ms.unwrap();
    assert!(age >= 200, "{age}");
    client.batch_execute("COMMIT").await.unwrap();
    let after = store.health().await.unwrap().oldest_snapshot_ms;
    assert!(after.is_none_or(|after| after < age), "{after:?}");
}
