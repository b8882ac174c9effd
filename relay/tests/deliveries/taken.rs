//! Events that receivers take, and what they get.

use crate::receiver::{Mode, Receiver};
use crate::relay::{Kept, SECRET, event, id, limits, signs, start, until, webhook};
use cuehook_relay::config::{Filter, Method, Webhook};
use cuehook_relay::serve::wall_ms;
use cuehook_relay::store::{Audit, Change, DocumentKind};
use standardwebhooks::Webhook as Verifier;
use std::time::Duration;

/// As the library of a receiver verifies it.
fn verify(secrets: &[&str], request: &crate::receiver::Request) -> bool {
    let mut headers = axum::http::HeaderMap::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        let name: axum::http::HeaderName = name.parse().unwrap();
        headers.insert(name.clone(), request.headers[name.as_str()].parse().unwrap());
    }
    let verifies =
        |secret: &&&str| Verifier::new(secret).unwrap().verify(request.body.as_bytes(), &headers).is_ok();
    secrets.iter().filter(verifies).count() > 0
}

#[tokio::test]
async fn an_event_is_delivered_once_and_signed() {
    for kept in [Kept::Memory, Kept::Sqlite] {
        let receiver = Receiver::start().await;
        let put = Webhook { method: Method::Put, ..webhook(&receiver, "/put") };
        let relay = start(kept, vec![webhook(&receiver, "/a"), put], limits()).await;
        let ids = relay.send_some(50).await;
        let counts = relay.settled().await;
        assert_eq!((counts.accepted, counts.delivered), (100, 100));
        for path in ["/a", "/put"] {
            let requests = receiver.requests(path);
            assert_eq!(requests.len(), 50, "{path}");
            assert_eq!(receiver.ids(path), ids.iter().cloned().collect());
            for request in &requests {
                assert_eq!(request.method, if path == "/a" { "POST" } else { "PUT" });
                assert_eq!(request.body, event(request.id(), "cart.added", "\"n\":1.50"));
                assert_eq!(request.headers["idempotency-key"], request.id());
                assert_eq!(request.headers["content-type"], "application/json");
                assert!(verify(&[SECRET], request), "{request:?}");
                assert!(!verify(&["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"], request));
            }
        }
        assert!(receiver.most_open("/a") <= 10);
        relay.running.stop().await.unwrap();
    }
}

#[tokio::test]
async fn what_was_not_delivered_before_the_end_is_delivered_by_the_next_relay() {
    let receiver = Receiver::start().await;
    receiver.answer("/a", [Mode::Status(503)]);
    let mut slow = limits();
    slow.schedule_ms = vec![0, 1_000, 1_000, 1_000, 1_000];
    let relay = start(Kept::Sqlite, vec![webhook(&receiver, "/a")], slow.clone()).await;
    let ids = relay.send_some(5).await;
    until("all were tried", async || receiver.ids("/a").len() == 5).await;
    receiver.answer("/a", [Mode::Status(200)]);
    let relay = relay.again(slow).await;
    let counts = relay.settled().await;
    assert_eq!((counts.accepted, counts.delivered), (5, 5));
    assert_eq!(receiver.ids("/a"), ids.into_iter().collect());
}

#[tokio::test]
async fn who_is_sent_what_follows_filters_videos_and_projects() {
    let receiver = Receiver::start().await;
    let filters = vec![Filter { path: "$.data.n".into(), any_of: vec!["2".into()] }];
    let webhooks = vec![
        Webhook { filters, ..webhook(&receiver, "/filtered") },
        Webhook { videos: vec!["v1".into()], ..webhook(&receiver, "/video") },
        Webhook { opt_in: true, ..webhook(&receiver, "/asked") },
        Webhook { active: false, ..webhook(&receiver, "/off") },
    ];
    let relay = start(Kept::Memory, webhooks, limits()).await;
    let (one, two) = (id(), id());
    relay
        .send(&[
            event(&one, "a.b", r#""n":2,"video":{"id":"v2"}"#),
            event(&two, "a.b", r#""n":3,"video":{"id":"v1"}"#),
        ])
        .await;
    assert_eq!(relay.settled().await.accepted, 2);
    assert_eq!(receiver.ids("/filtered"), [one].into());
    assert_eq!(receiver.ids("/video"), [two].into());
    assert!(receiver.requests("/asked").is_empty() && receiver.requests("/off").is_empty());
}

#[tokio::test]
async fn a_project_may_have_an_address_of_its_own() {
    let receiver = Receiver::start().await;
    let relay = start(Kept::Memory, vec![webhook(&receiver, "/asked")], limits()).await;
    let own = receiver.url("/own");
    let document = Change::Document {
        kind: DocumentKind::Project,
        id: String::new(),
        was: None,
        becomes: Some(format!(r#"{{"webhooks":{{"asked":{{"url":"{own}"}}}}}}"#)),
        events: Vec::new(),
    };
    let audit = Audit { key: "k".into(), action: "a".into(), target: "t".into(), detail: String::new() };
    assert!(relay.store.change(document, audit, wall_ms()).await.unwrap());
    // The relay looks every few seconds.
    until("it is sent there", async || {
        relay.send_some(1).await;
        relay.settled().await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        !receiver.requests("/own").is_empty()
    })
    .await;
}

#[tokio::test]
async fn events_of_a_session_come_in_their_order() {
    let receiver = Receiver::start().await;
    receiver.answer("/a", [200, 503, 200, 500, 503, 200, 200].map(Mode::Status));
    let kept = Webhook { ordered: true, ..webhook(&receiver, "/a") };
    let relay = start(Kept::Sqlite, vec![kept], limits()).await;
    let ids: Vec<String> = (0..20).map(|_| id()).collect();
    let events: Vec<String> = ids.iter().map(|id| event(id, "a.b", r#""session":{"id":"s1"}"#)).collect();
    relay.send(&events).await;
    relay.settled().await;
    let mut came: Vec<String> =
        receiver.requests("/a").iter().map(|request| request.id().to_owned()).collect();
    assert_eq!(came.len(), 23);
    came.dedup();
    assert_eq!(came, ids);
    assert_eq!(receiver.most_open("/a"), 1);
}

#[tokio::test]
async fn secrets_may_be_rotated_while_events_are_sent() {
    let receiver = Receiver::start().await;
    let relay = start(Kept::Sqlite, vec![webhook(&receiver, "/a")], limits()).await;
    let next = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    let mut sent = relay.send_some(100).await;
    let was = relay.store.webhooks().await.unwrap().remove(0);
    let sealed = relay.settings.vault.seal("a", &signs(next)).unwrap();
    let becomes = Some(cuehook_relay::store::StoredWebhook { sealed, ..was.clone() });
    let audit = Audit { key: "k".into(), action: "a".into(), target: "t".into(), detail: String::new() };
    assert!(relay.store.change(Change::Webhook { was: Some(was), becomes }, audit, wall_ms()).await.unwrap());
    until("the new one signs", async || {
        let last = receiver.requests("/a").pop();
        last.is_some_and(|request| verify(&[next], &request)) || {
            relay.send_some(1).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
            false
        }
    })
    .await;
    sent.extend(relay.send_some(100).await);
    relay.settled().await;
    let requests = receiver.requests("/a");
    assert!(sent.iter().all(|id| receiver.ids("/a").contains(id)));
    assert!(requests.iter().all(|request| verify(&[SECRET, next], request)));
    assert!(requests.iter().any(|request| verify(&[SECRET], request)));
}
