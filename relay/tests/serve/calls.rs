//! Calls of webhooks.

use crate::relay::{SECRET, SHOP, assert_refused, id, start};
use crate::wire::HANGS;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

#[tokio::test]
async fn a_call_is_answered_by_its_webhook() {
    let relay = start(|_| ()).await;
    let id = id();
    let ask = relay.call("discount", &id);
    let reply = relay.send(&ask).await;
    assert_eq!((reply.status, reply.outcome()), (200, "answer"), "{}", reply.text);
    let sent = ask.body.clone().unwrap();
    assert_eq!(reply.json(), json!({"code": "SPRING", "length": sent.len()}));
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("set-cookie"), None, "a webhook sets no cookies for the relay");
    let [received] = &relay.hook.received()[..] else { panic!("one request") };
    assert_eq!(received.body, sent, "byte by byte");
    let field = |name: &str| received.headers[name].to_str().unwrap();
    assert_eq!([field("webhook-id"), field("idempotency-key")], [&id, &id]);
    assert_eq!([field("x-api-key"), field("x-plain")], [SECRET, "for all to see"]);
    for name in ["authorization", "origin", "cookie", "cuehook-budget-ms", "x-request-id"] {
        assert!(!received.headers.contains_key(name), "{name} is between player and relay");
    }
}

#[tokio::test]
async fn a_webhooks_refusal_is_passed_on_and_what_is_no_json_is_not() {
    let relay = start(|_| ()).await;
    let reply = relay.send(&relay.call("teapot", &id())).await;
    assert_eq!((reply.status, reply.outcome()), (418, "answer"));
    assert_eq!(reply.json(), json!({"no": "coffee"}));
    assert_refused(&relay.send(&relay.call("html", &id())).await, 502, "webhook-bad-json");
}

#[tokio::test]
async fn the_same_id_is_one_call() {
    let relay = start(|_| ()).await;
    let id = id();
    let ask = relay.call("discount", &id);
    let first = relay.send(&ask).await;
    let again = relay.send(&ask).await;
    assert_eq!(first.outcome(), "answer");
    assert_eq!((again.status, again.outcome(), &again.body), (200, "answer", &first.body));
    let asked = relay.send(&relay.ask("GET", format!("/v1/calls/{id}"))).await;
    assert_eq!((asked.status, asked.outcome(), &asked.body), (200, "answer", &first.body));
    assert_refused(&relay.send(&ask.clone().body(r#"{"other":1}"#)).await, 422, "id-reused");
    let mut elsewhere = ask.clone();
    elsewhere.target = "/v1/call/echo".into();
    assert_refused(&relay.send(&elsewhere).await, 422, "id-reused");
    assert_eq!(relay.hook.received().len(), 1);
}

#[tokio::test]
async fn another_call_of_the_same_request_is_the_same_to_the_webhook() {
    let relay = start(|_| ()).await;
    let (request, call) = (id(), id());
    let first = relay.call("teapot", &request);
    assert_eq!(relay.send(&first).await.status, 418);
    // What the viewer's next try is, byte for byte.
    let again = first.clone().set("webhook-id", &call);
    assert_eq!(relay.send(&again).await.status, 418);
    assert_eq!(relay.send(&again).await.status, 418, "and that is stored, too");
    let received = relay.hook.received();
    assert_eq!(received.len(), 2);
    for one in &received {
        for name in ["webhook-id", "idempotency-key"] {
            assert_eq!(one.headers[name].to_str().unwrap(), request, "{name}");
        }
    }
    assert_eq!(relay.send(&relay.ask("GET", format!("/v1/calls/{call}"))).await.status, 418);
    assert_refused(&relay.send(&again.set("idempotency-key", id())).await, 422, "id-reused");
}

#[tokio::test]
async fn a_call_is_its_projects_and_its_pages_own() {
    let relay = start(|_| ()).await;
    let id = id();
    assert_eq!(relay.send(&relay.call("discount", &id)).await.outcome(), "answer");
    let other = "https://other.example";
    for (project, origin) in [("spring", other), ("autumn", SHOP)] {
        let authorization = format!("Bearer {}", relay.token(project, origin));
        let ask = relay.ask("GET", format!("/v1/calls/{id}"));
        let ask = ask.set("origin", origin).set("authorization", &authorization);
        assert_refused(&relay.send(&ask).await, 404, "unknown-call");
        let ask = relay.call("discount", &id).set("origin", origin).set("authorization", authorization);
        assert_refused(&relay.send(&ask).await, 422, "id-reused");
    }
    assert_refused(
        &relay.send(&relay.ask("GET", format!("/v1/calls/{}", crate::relay::id()))).await,
        404,
        "unknown-call",
    );
    assert_refused(&relay.send(&relay.call("own", &crate::relay::id())).await, 404, "unknown-webhook");
    assert_refused(&relay.send(&relay.call("nobody", &crate::relay::id())).await, 404, "unknown-webhook");
    assert_eq!(relay.hook.received().len(), 1);
}

#[tokio::test]
async fn who_asks_too_early_is_told_to_wait() {
    let relay = start(|_| ()).await;
    let id = id();
    let ask = relay.call("hold", &id);
    let address = relay.address();
    let first = {
        let ask = ask.clone();
        tokio::spawn(async move { ask.send(address).await })
    };
    timeout(HANGS, relay.hook.until(1)).await.unwrap();
    for early in [ask.clone(), relay.ask("GET", format!("/v1/calls/{id}"))] {
        let reply = relay.send(&early).await;
        assert_refused(&reply, 409, "in-progress");
        assert!(reply.header("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
        assert!(reply.json()["retry_after_ms"].as_u64().unwrap() >= 1);
    }
    relay.hook.release();
    assert_eq!(first.await.unwrap().json(), json!({"held": true}));
    assert_eq!(relay.hook.received().len(), 1);
}

#[tokio::test]
async fn what_was_begun_for_somebody_who_has_left_goes_on() {
    let relay = start(|_| ()).await;
    let id = id();
    let mut stream = TcpStream::connect(relay.address()).await.unwrap();
    let ask = relay.call("hold", &id).with("x-request-id", format!("left-{id}"));
    stream.write_all(ask.text().as_bytes()).await.unwrap();
    timeout(HANGS, relay.hook.until(1)).await.unwrap();
    drop(stream);
    // Its line of the log says that nobody waits any more.
    timeout(HANGS, async {
        while !crate::logs::text().contains("\"outcome\":\"gone\"") {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    })
    .await
    .unwrap();
    relay.hook.release();
    let reply = timeout(HANGS, async {
        loop {
            let reply = relay.send(&relay.ask("GET", format!("/v1/calls/{id}"))).await;
            if reply.outcome() != "in-progress" {
                break reply;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    });
    assert_eq!(reply.await.unwrap().json(), json!({"held": true}));
    assert_eq!(relay.hook.received().len(), 1);
    let line = crate::logs::request(&format!("left-{id}"));
    assert_eq!((&line["outcome"], &line["status"]), (&json!("gone"), &json!(0)));
}

#[tokio::test]
async fn while_the_store_is_away_nothing_is_begun() {
    let relay = start(|_| ()).await;
    assert_eq!(relay.send(&relay.ask("GET", "/ready")).await.status, 200);
    relay.store.set_away(true);
    let (call, other) = (id(), id());
    for ask in [relay.call("discount", &call), relay.ask("GET", format!("/v1/calls/{other}"))] {
        let reply = relay.send(&ask).await;
        assert_refused(&reply, 503, "unavailable");
        assert!(reply.header("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
        assert!(!reply.text.contains("hunter2"), "what the database says is for the log");
    }
    let events = relay.server("GET", "/v1/events");
    assert_refused(&relay.send(&events).await, 503, "unavailable");
    assert!(relay.hook.received().is_empty());
    // What was found a moment ago is believed for a moment.
    timeout(HANGS, async {
        while relay.send(&relay.ask("GET", "/ready")).await.status != 503 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
    assert_eq!(relay.send(&relay.ask("GET", "/health")).await.status, 200, "the process lives");
    relay.store.set_away(false);
    let reply = relay.send(&relay.call("discount", &call)).await;
    assert_eq!(reply.outcome(), "answer", "{}", reply.text);
    assert_eq!(relay.hook.received().len(), 1);
}

#[tokio::test]
async fn public_settings_are_what_their_author_has_decided() {
    let relay = start(|_| ()).await;
    let reply = relay.send(&relay.ask("GET", "/v1/settings?webhooks=discount,own,nobody")).await;
    let discount = json!({"name": "The discount", "waitForResponse": true});
    assert_eq!(reply.json(), json!({"webhooks": {"discount": discount}}), "another project's is left out");
    assert!(reply.header("cache-control").unwrap().starts_with("private, max-age="));
    let token = relay.token("theirs", SHOP);
    let ask = relay.ask("GET", "/v1/settings?webhooks=own").set("authorization", format!("Bearer {token}"));
    let own = json!({"name": "The own", "waitForResponse": true, "includeInteractions": "all"});
    assert_eq!(relay.send(&ask).await.json(), json!({"webhooks": {"own": own}}));
    for target in
        ["/v1/settings", "/v1/settings?webhooks=", "/v1/settings?webhooks=a%20b", "/v1/settings?ids=a"]
    {
        assert_refused(&relay.send(&relay.ask("GET", target)).await, 400, "bad-request");
    }
    let many = format!("/v1/settings?webhooks={}", vec!["a"; 101].join(","));
    assert_refused(&relay.send(&relay.ask("GET", many)).await, 400, "bad-request");
}
