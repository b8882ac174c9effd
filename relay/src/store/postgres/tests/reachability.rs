//! A database that is gone, and comes back.

use super::*;
use crate::store::StoreError;
use std::time::{Duration, Instant};

/// Longer than any verb may take: connection, connecting and statement each have their limit.
const BOUND: Duration = Duration::from_secs(15);

async fn is_unavailable(store: &PostgresStore, number: u128) -> bool {
    let refused = tokio::time::timeout(BOUND, store.accept(vec![event(number, &["a"])], NOW)).await;
    match refused.expect("a verb ends in time") {
        Err(StoreError::Unavailable(_)) => true,
        other => panic!("{other:?}"),
    }
}

/// Tries until the database is there again.
async fn accept_at_last(store: &PostgresStore, number: u128) -> Accepted {
    let began = Instant::now();
    loop {
        match store.accept(vec![event(number, &["a"])], NOW).await {
            Ok(taken) => return taken[0],
            Err(StoreError::Unavailable(words)) => assert!(began.elapsed() < 4 * BOUND, "{words}"),
            Err(other) => panic!("{other}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_stopped_is_unavailable_and_comes_back() {
    let server = Server::new();
    let database = server.database();
    let store = open(&database.url()).await;
    store.accept(vec![event(1, &["a"])], NOW).await.unwrap();
    server.stop();
    assert!(is_unavailable(&store, 2).await);
    assert!(matches!(store.health().await, Err(StoreError::Unavailable(_))));
    server.start_again();
    assert_eq!(accept_at_last(&store, 2).await, Accepted::New);
    assert_eq!(accept_at_last(&store, 1).await, Accepted::Duplicate);
    assert_counts_are_true(&store, &database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_says_nothing_any_more_is_unavailable_and_comes_back() {
    let database = Server::shared().database();
    let proxy = database.proxy();
    let store = Arc::new(open(&database.url_through(&proxy)).await);
    store.accept(vec![event(1, &["a"])], NOW).await.unwrap();
    proxy.fall_silent();
    // More than there are connections: who waits for one is bounded, too.
    let tasks: Vec<_> = (100..140)
        .map(|number| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { is_unavailable(&store, number).await })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap());
    }
    proxy.speak_again();
    accept_at_last(&store, 2).await;
    assert_eq!(accept_at_last(&store, 1).await, Accepted::Duplicate);
    assert_counts_are_true(&store, &database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_hosts_the_one_that_takes_writes_is_used() {
    let database = Server::shared().database();
    let (silent, dead) = (database.proxy(), Server::new());
    silent.fall_silent();
    let gone = dead.database();
    drop(dead);
    let hosts = format!("{},{},{}", gone.host(), silent.host(), database.host());
    let url = format!("postgres://postgres@{hosts}/{}?target_session_attrs=read-write", database.name());
    let store = open(&url).await;
    assert_eq!(store.accept(vec![event(1, &["a"])], NOW).await.unwrap(), [Accepted::New]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_that_became_a_standby_is_left() {
    let (store, database) = fresh().await;
    store.accept(vec![event(1, &["a"])], NOW).await.unwrap();
    let client = beside(&database).await;
    // What a standby says to whoever writes. Sessions that are there keep their own setting, so they are ended.
    let read_only = |value: &str| {
        format!(
            "ALTER DATABASE {} SET default_transaction_read_only = {value};
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = 'cuehook-relay'",
            database.name()
        )
    };
    client.batch_execute(&read_only("on")).await.unwrap();
    assert!(is_unavailable(&store, 2).await);
    client.batch_execute("SET default_transaction_read_only = off").await.unwrap();
    client.batch_execute(&read_only("off")).await.unwrap();
    assert_eq!(accept_at_last(&store, 2).await, Accepted::New);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_waits_too_long_ends_and_nothing_has_happened() {
    let (store, database) = fresh().await;
    let mut other = beside(&database).await;
    let lock = other.transaction().await.unwrap();
    lock.batch_execute("LOCK TABLE cuehook.ids IN ACCESS EXCLUSIVE MODE").await.unwrap();
    assert!(is_unavailable(&store, 1).await);
    lock.rollback().await.unwrap();
    assert_eq!(store.accept(vec![event(1, &["a"])], NOW).await.unwrap(), [Accepted::New]);
}
