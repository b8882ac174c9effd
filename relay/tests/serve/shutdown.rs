//! The beginning, and the end.

use crate::relay::{SHOP, assert_refused, id, settings, start, start_with_patience};
use crate::wire::{Ask, HANGS};
use cuehook_relay::config::Database;
use cuehook_relay::http::bounds::Patience;
use cuehook_relay::serve;
use secrecy::SecretString;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

#[tokio::test]
async fn what_was_begun_is_completed_before_the_end() {
    let relay = start(|_| ()).await;
    let id = id();
    let (address, store) = (relay.address(), Arc::clone(&relay.store));
    let ask = relay.call("hold", &id);
    let held = tokio::spawn(async move { ask.send(address).await });
    timeout(HANGS, relay.hook.until(1)).await.unwrap();
    let hook = relay.hook;
    let stopped = tokio::spawn(relay.running.stop());
    // Nobody new is let in.
    timeout(HANGS, async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    })
    .await
    .unwrap();
    assert!(!stopped.is_finished() && !held.is_finished());
    assert!(!store.is_closed.load(Ordering::SeqCst));
    hook.release();
    let reply = held.await.unwrap();
    assert_eq!((reply.outcome(), reply.json()), ("answer", json!({"held": true})));
    timeout(HANGS, stopped).await.unwrap().unwrap().unwrap();
    assert!(store.is_closed.load(Ordering::SeqCst));
}

#[tokio::test]
async fn the_end_is_not_waited_for_for_ever() {
    let relay = start(|settings| settings.limits.drain_ms = 50).await;
    let address = relay.address();
    let ask = relay.call("hold", &id());
    let held = tokio::spawn(async move {
        let _ = ask.send(address).await;
    });
    timeout(HANGS, relay.hook.until(1)).await.unwrap();
    let store = Arc::clone(&relay.store);
    timeout(HANGS, relay.running.stop()).await.unwrap().unwrap();
    assert!(store.is_closed.load(Ordering::SeqCst));
    let _ = held.await;
}

#[tokio::test]
async fn requests_of_which_only_a_part_has_come_do_not_hold_up_the_end() {
    let hour = std::time::Duration::from_secs(3_600);
    let patience = Patience { head: hour, pause: hour, body: hour, ..Patience::default() };
    let relay = start_with_patience(patience, |settings| settings.limits.drain_ms = 3_600_000).await;
    let mut streams = Vec::new();
    let half =
        relay.call("discount", &id()).set("connection", "keep-alive").body("{}").text().replace("{}", "{");
    for part in ["", "GET /health HTTP/1.1\r\nhost: re", &half] {
        let mut stream = TcpStream::connect(relay.address()).await.unwrap();
        stream.write_all(part.as_bytes()).await.unwrap();
        streams.push(stream);
    }
    // All three are accepted before this one is.
    assert_eq!(relay.send(&Ask::new("GET", "/health")).await.status, 200);
    timeout(HANGS, relay.running.stop()).await.unwrap().unwrap();
    for mut stream in streams {
        assert_eq!(crate::wire::rest(&mut stream).await, "");
    }
}

#[tokio::test]
async fn a_database_that_is_not_there_yet_is_waited_for() {
    crate::logs::capture();
    // Nobody listens at this port.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (mut settings, ..) = settings(closed);
    settings.database =
        Database::Postgres(SecretString::from(format!("postgres://u:hunter3@{closed}/relay")));
    let tokens = settings.player_tokens.clone();
    let running = timeout(HANGS, serve::start(settings)).await.unwrap().unwrap();
    let get = |target: &'static str| {
        let ask = Ask::new("GET", target);
        let address = running.address();
        async move { ask.send(address).await }
    };
    assert_eq!(get("/health").await.status, 200);
    assert_refused(&get("/ready").await, 503, "unavailable");
    // That there is no such webhook would be the end of it: nobody knows that yet.
    let token = tokens.mint("spring", SHOP, serve::wall_ms(), 10).unwrap();
    let ask = |method, target: &str| {
        let ask = Ask::new(method, target).with("authorization", format!("Bearer {token}"));
        ask.with("origin", SHOP).with("content-type", "application/json").with("webhook-id", id())
    };
    let call = ask("POST", "/v1/call/discount").body("{}").send(running.address()).await;
    assert_refused(&call, 503, "unavailable");
    let settings = ask("GET", "/v1/settings?webhooks=discount").send(running.address()).await;
    assert_refused(&settings, 503, "unavailable");
    timeout(HANGS, running.stop()).await.unwrap().unwrap();
    assert!(!crate::logs::text().contains("hunter3"), "nobody is told the password");
}

#[tokio::test]
async fn an_address_that_is_taken_is_said() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let holder = std::net::TcpListener::bind(taken).unwrap();
    let (mut settings, ..) = settings(taken);
    settings.listen = holder.local_addr().unwrap();
    let directory = tempfile::tempdir().unwrap();
    // Whoever has the address may have the database, too: its webhooks are not replaced.
    settings.database = Database::Sqlite(directory.path().join("relay.db"));
    let error = serve::start(settings).await.unwrap_err();
    assert!(error.to_string().contains(&taken.to_string()), "{error}");
    assert_eq!(directory.path().read_dir().unwrap().count(), 0, "nothing was touched");
}
