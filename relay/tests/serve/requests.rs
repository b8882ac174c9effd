//! Requests that cannot be read, or whose sender may not ask.

use crate::relay::{SHOP, assert_refused, id, start};
use crate::wire::{Ask, raw};
use cuehook_relay::secrets::MasterKey;
use cuehook_relay::serve::wall_ms;
use cuehook_relay::token::PlayerTokens;
use serde_json::json;

#[tokio::test]
async fn tokens_that_do_not_count() {
    let relay = start(|_| ()).await;
    let other = PlayerTokens::new(&MasterKey::generate().unwrap().derive("x"), &[]);
    let good = relay.token("spring", SHOP);
    let (head, signature) = good.rsplit_once('.').unwrap();
    let changed = format!("{head}.{}", signature.chars().rev().collect::<String>());
    let expired = relay.tokens.mint("spring", SHOP, wall_ms() - 3_600_000, 10).unwrap();
    let foreign = relay.token("spring", "https://other.example");
    for (name, token, status) in [
        ("of another key", other.mint("spring", SHOP, wall_ms(), 10).unwrap(), 401),
        ("changed", changed, 401),
        ("expired", expired, 401),
        ("of another page", foreign, 403),
        ("none", "x".to_owned(), 401),
        ("too long", "x".repeat(5_000), 401),
    ] {
        let authorization = format!("Bearer {token}");
        for ask in [
            relay.call("discount", &id()),
            relay.ask("GET", format!("/v1/calls/{}", id())),
            relay.ask("GET", "/v1/settings?webhooks=a"),
            relay.ask("POST", "/v1/events").with("content-type", "application/json").body("{}"),
        ] {
            let reply = relay.send(&ask.set("authorization", &authorization)).await;
            assert_refused(&reply, status, "relay-auth");
            assert!(token.len() < 2 || !reply.text.contains(&token), "{name}");
        }
    }
    let call = relay.call("discount", &id());
    assert_refused(&relay.send(&call.clone().without("origin")).await, 403, "relay-auth");
    assert_refused(&relay.send(&call.clone().without("authorization")).await, 401, "relay-auth");
    for authorization in
        ["Bearer", "Basic x", &format!("Bearer  {good}"), &format!("Bearer {good}, Bearer {good}")]
    {
        assert_refused(
            &relay.send(&call.clone().set("authorization", authorization)).await,
            401,
            "relay-auth",
        );
    }
    assert!(relay.hook.received().is_empty());
}

/// Browsers send no `Origin` with GETs of pages at the relay's own origin.
#[tokio::test]
async fn a_page_at_the_relays_own_origin() {
    let relay = start(|_| ()).await;
    // As this relay is addressed in these tests.
    let of = |origin: &str| format!("Bearer {}", relay.token("spring", origin));
    let own = relay
        .ask("GET", "/v1/settings?webhooks=a")
        .without("origin")
        .set("authorization", of("https://relay"));
    assert_refused(&relay.send(&own).await, 403, "relay-auth");
    let own = own.set("sec-fetch-site", "same-origin");
    let reply = relay.send(&own).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let plain = own.clone().set("authorization", of("http://relay"));
    assert_eq!(relay.send(&plain).await.status, 200, "TLS may end before the relay");
    assert_refused(&relay.send(&own.clone().set("authorization", of(SHOP))).await, 403, "relay-auth");
    assert_refused(&relay.send(&own.set("sec-fetch-site", "same-site")).await, 403, "relay-auth");
    let call = relay.call("discount", &id()).without("origin").set("sec-fetch-site", "same-origin");
    assert_refused(&relay.send(&call.set("authorization", of("https://relay"))).await, 403, "relay-auth");
}

#[tokio::test]
async fn who_may_not_ask_is_refused_before_the_body() {
    let relay = start(|_| ()).await;
    // The body is never sent, and nobody waits for it.
    let head = format!(
        "POST /v1/call/discount HTTP/1.1\r\nhost: relay\r\norigin: {SHOP}\r\nauthorization: Bearer a.b.c\r\n\
         content-type: application/json\r\nwebhook-id: {}\r\ncontent-length: 1000\r\n\r\n",
        id()
    );
    assert_refused(&raw(relay.address(), &head).await, 401, "relay-auth");
}

#[tokio::test]
async fn malformed_requests_say_what_is_wrong() {
    let relay = start(|_| ()).await;
    let call = || relay.call("discount", &id());
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(80), "]".repeat(80));
    for (ask, status, part) in [
        (call().without("webhook-id"), 400, "webhook-id"),
        (call().set("webhook-id", "x"), 400, "webhook-id"),
        (call().set("idempotency-key", "x"), 400, "idempotency-key"),
        (call().with("webhook-id", id()), 400, "more than once"),
        (call().with("host", "other"), 400, "more than once"),
        (call().with("origin", SHOP), 400, "more than once"),
        (call().with("authorization", "Bearer x"), 400, "more than once"),
        (call().set("cuehook-budget-ms", "soon"), 400, "cuehook-budget-ms"),
        (call().set("webhook-timestamp", "now"), 400, "webhook-timestamp"),
        (call().set("content-type", "text/plain"), 415, "content-type"),
        (call().without("content-type"), 415, "content-type"),
        (call().with("content-encoding", "gzip"), 415, "compressed"),
        (call().body("{"), 400, "line 1"),
        (call().body("[1]"), 400, "object"),
        (call().body("\u{feff}{}"), 400, "byte order mark"),
        (call().body(deep), 400, "too deep"),
        (call().body(""), 400, "line 1"),
        (Ask { target: "/v1/call/a%20b".into(), ..call() }, 400, "id of a webhook"),
        (Ask { target: format!("/v1/call/{}", "a".repeat(65)), ..call() }, 400, "id of a webhook"),
        (Ask { target: "/v1/call/discount?a=b".into(), ..call() }, 400, "not known here; there is none"),
        (relay.ask("GET", "/v1/calls/x"), 400, "UUID"),
        (relay.ask("GET", "/v1/calls/%FF"), 400, ""),
        (relay.ask("GET", "/nowhere"), 404, "nothing"),
        (relay.ask("GET", "/v1/call/"), 404, "nothing"),
        (relay.ask("GET", "/v1/call/discount"), 405, "Allow"),
        (relay.ask("PUT", "/v1/events"), 405, "Allow"),
        (relay.ask("BREW", "/v1/events"), 405, "Allow"),
        (relay.ask("OPTIONS", "/v1/events"), 405, "Allow"),
    ] {
        let reply = relay.send(&ask).await;
        assert_refused(&reply, status, "bad-request");
        let message = reply.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains(part), "{part}: {message}");
        if status == 405 {
            assert!(reply.header("allow").is_some_and(|allow| allow.contains("POST")), "{}", reply.text);
        }
    }
    let invalid = format!("{}\u{80}", call().body("x").text());
    assert!(raw(relay.address(), &invalid.replace("x\u{80}", "\"")).await.status == 400);
    assert!(relay.hook.received().is_empty());
}

#[tokio::test]
async fn heads_are_bounded() {
    let relay = start(|_| ()).await;
    let many = (0..65).fold(relay.ask("GET", "/health"), |ask, number| ask.with(&format!("x-{number}"), "1"));
    assert_refused(&relay.send(&many).await, 431, "too-large");
    let large = relay.ask("GET", "/health").with("x-large", "1".repeat(17_000));
    assert_refused(&relay.send(&large).await, 431, "too-large");
    let long = relay.ask("GET", format!("/{}", "a".repeat(9_000)));
    assert_refused(&relay.send(&long).await, 414, "too-large");
    // What is not read at all ends the connection.
    let huge = relay.ask("GET", "/health").with("x-large", "1".repeat(200_000));
    assert!(relay.send(&huge).await.status >= 400);
    assert_eq!(relay.send(&relay.ask("GET", "/health")).await.json(), json!({"status": "ok"}));
}

#[tokio::test]
async fn requests_have_names() {
    let relay = start(|_| ()).await;
    let name = format!("mine-{}", id());
    let reply = relay.send(&relay.call("discount", &id()).with("x-request-id", &name)).await;
    assert_eq!(reply.header("x-request-id"), Some(name.as_str()));
    let line = crate::logs::request(&name);
    assert_eq!(line["route"], "/v1/call/{webhook}");
    assert_eq!(
        (&line["method"], &line["status"], &line["outcome"]),
        (&json!("POST"), &json!(200), &json!("answer"))
    );
    assert_eq!((&line["span"]["webhook"], &line["span"]["project"]), (&json!("discount"), &json!("spring")));
    assert!(line["ms"].is_u64());
    let reply = relay.send(&relay.ask("GET", "/nowhere?secret=1").with("x-request-id", "a\"b")).await;
    let made = reply.header("x-request-id").unwrap();
    assert_eq!(made.len(), 36, "a name that cannot stand in a log is not taken over");
    let line = crate::logs::request(made);
    assert_eq!((&line["route"], &line["status"]), (&json!("other"), &json!(404)));
}
