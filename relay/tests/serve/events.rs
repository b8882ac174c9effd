//! Events in, and out again.

use crate::relay::{SHOP, assert_refused, id, start};
use crate::wire::Ask;
use cuehook_protocol::{Format, format};
use cuehook_relay::config::Settings;
use cuehook_relay::token::{ApiKey, ApiKeys, NewApiKey, Scope, StoredApiKey};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

fn event(id: &str, kind: &str) -> Value {
    json!({"type": kind, "id": id, "timestamp": "2026-11-20T20:07:00.123Z", "data": {"video": {"id": "v"}}})
}

#[tokio::test]
async fn events_are_taken_once() {
    let relay = start(|_| ()).await;
    let [first, second, own, strange] = [id(), id(), id(), id()];
    let body = json!({"events": [
        event(&first, "lead.captured"),
        event(&second, "cart.added"),
        event(&first, "lead.captured"),
        event(&own, "video.created"),
        event(&strange, "view.opened"),
        {"id": "x"},
        7,
    ]});
    let ask = relay.ask("POST", "/v1/events").with("content-type", "application/json").body(body.to_string());
    let reply = relay.send(&ask).await;
    assert_eq!((reply.status, reply.outcome()), (200, "accepted"), "{}", reply.text);
    let said = reply.json();
    let expected =
        json!({&first: "ok", &second: "ok", &own: "drop", &strange: "drop", "x": "drop", "[6]": "drop"});
    assert_eq!(said["results"], expected, "{said}");
    let reasons = said["reasons"].as_object().unwrap();
    assert_eq!(reasons.len(), 4, "{said}");
    let said = relay.send(&ask).await.json();
    assert_eq!((&said["results"][&first], &said["results"][&second]), (&json!("dup"), &json!("dup")));
    // A batch as the runtime writes it, with one that is known.
    let third = id();
    let bodies = [event(&second, "cart.added").to_string(), event(&third, "cta.clicked").to_string()];
    let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
    let batch = format::batch(Format::Cuehook, &id(), "2026-11-20T20:07:00.123Z", &bodies).unwrap();
    let said = relay.send(&ask.clone().body(batch)).await.json();
    assert_eq!(said, json!({"results": {&second: "dup", &third: "ok"}}));

    let counts = relay.send(&relay.server("GET", "/v1/counts")).await.json();
    assert_eq!(counts["events"], 3);
    let all = relay.send(&relay.server("GET", "/v1/events")).await.json();
    let ids = |page: &Value| -> Vec<String> {
        let events = page["events"].as_array().unwrap().iter();
        events.map(|event| event["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&all), [third.as_str(), &second, &first], "the newest first");
    let newest = &all["events"][0];
    assert_eq!(newest["event"], event(&third, "cta.clicked"));
    assert_eq!((&newest["project"], &newest["source"]), (&json!("spring"), &json!(SHOP)));
    let of = |query: &str| relay.server("GET", format!("/v1/events?{query}"));
    assert_eq!(ids(&relay.send(&of("type=cart.added")).await.json()), [second.as_str()]);
    assert_eq!(ids(&relay.send(&of(&format!("id={first}"))).await.json()), [first.as_str()]);
    assert!(ids(&relay.send(&of("project=autumn")).await.json()).is_empty());
    let page = relay.send(&of("limit=2")).await.json();
    let next = page["next"].as_str().unwrap();
    let rest = relay.send(&of(&format!("limit=2&before={next}"))).await.json();
    assert_eq!((ids(&page).len(), ids(&rest)), (2, vec![first]));
    assert!(rest.get("next").is_none());
    for query in ["limit=0", "limit=501", "limit=x", "before=x", "id=x", "kind=a", "type=a&type=b"] {
        assert_refused(&relay.send(&of(query)).await, 400, "bad-request");
    }
    let metrics = relay.metrics().await;
    assert!(metrics.contains("cuehook_relay_events_total{result=\"dup\"} 3"), "{metrics}");
}

#[tokio::test]
async fn an_api_key_may_be_for_one_project() {
    let made = NewApiKey::generate().unwrap();
    let bound = |settings: &mut Settings| {
        let (name, project) = ("autumn-backend".to_owned(), Some("autumn".to_owned()));
        let key = ApiKey { name, scopes: Scope::ALL.to_vec(), project };
        let mut keys: Vec<StoredApiKey> = settings.api_keys.iter().cloned().collect();
        keys.push(StoredApiKey { key, hash: made.hash });
        settings.api_keys = ApiKeys::new(keys);
    };
    let relay = start(bound).await;
    let [ours, theirs] = [id(), id()];
    let as_bound = |method: &str, path: &str| {
        relay.server(method, path).set("authorization", format!("Bearer {}", made.text.expose_secret()))
    };
    let take = as_bound("POST", "/v1/events").with("content-type", "application/json");
    let reply = relay.send(&take.body(event(&ours, "video.created").to_string())).await;
    assert_eq!(reply.json(), json!({"results": {&ours: "ok"}}));
    let take = relay.server("POST", "/v1/events").with("content-type", "application/json");
    relay.send(&take.body(event(&theirs, "video.created").to_string())).await;
    let read = |page: Value| -> Vec<[String; 3]> {
        let text = |event: &Value, name: &str| event[name].as_str().unwrap().to_owned();
        let events = page["events"].as_array().unwrap().iter();
        events.map(|event| ["id", "project", "source"].map(|name| text(event, name))).collect()
    };
    let own = [ours.clone(), "autumn".to_owned(), "autumn-backend".to_owned()];
    let other = [theirs.clone(), String::new(), "backend".to_owned()];
    // It sees what is its project's, whatever it asks for; one without a project sees all.
    let theirs = format!("/v1/events?id={theirs}");
    for (path, expected) in [("/v1/events", 1), ("/v1/events?project=autumn", 1), (theirs.as_str(), 0)] {
        let found = read(relay.send(&as_bound("GET", path)).await.json());
        assert_eq!(found, vec![own.clone(); expected], "{path}");
    }
    assert_eq!(read(relay.send(&relay.server("GET", "/v1/events")).await.json()), [other, own]);
    for path in ["/v1/events?project=spring", "/v1/events?project=", "/v1/counts", "/metrics"] {
        assert_refused(&relay.send(&as_bound("GET", path)).await, 403, "relay-auth");
    }
}

#[tokio::test]
async fn beacons_have_their_token_in_the_address() {
    let relay = start(|_| ()).await;
    let first = id();
    let token = relay.token("spring", SHOP);
    let ask = relay
        .ask("POST", format!("/v1/events?token={token}"))
        .without("authorization")
        .with("content-type", "text/plain;charset=UTF-8")
        .body(event(&first, "view.ended").to_string());
    assert_eq!(relay.send(&ask).await.json(), json!({"results": {&first: "ok"}}));
    let twice = ask.clone().with("authorization", format!("Bearer {token}"));
    assert_refused(&relay.send(&twice).await, 400, "bad-request");
    let elsewhere = ask.clone().set("content-type", "application/json");
    assert_refused(&relay.send(&elsewhere).await, 400, "bad-request");
    assert_refused(&relay.send(&ask.clone().set("origin", "https://other.example")).await, 403, "relay-auth");
    let large = ask.clone().body(" ".repeat(64 * 1024 + 1));
    assert_refused(&relay.send(&large).await, 413, "too-large");
    for other in ["/v1/settings", "/v1/counts", "/v1/calls/01920000-0000-7000-8000-000000000001"] {
        let mut ask = relay.ask("GET", format!("{other}?token={token}")).without("authorization");
        assert_refused(
            &relay.send(&ask).await,
            if other.contains("calls") { 400 } else { 401 },
            if other.contains("calls") { "bad-request" } else { "relay-auth" },
        );
        ask.headers.clear();
        assert!(relay.send(&ask).await.status >= 400);
    }
    // A key of a server can be sent in a header field, always.
    let key = relay.key.expose_secret();
    let server = Ask::new("POST", format!("/v1/events?token={key}")).with("content-type", "text/plain");
    let reply = relay.send(&server.body(event(&id(), "view.ended").to_string())).await;
    assert_refused(&reply, 401, "relay-auth");
    assert!(reply.body.contains("API key") && !reply.text.contains(key), "{}", reply.text);
    assert!(!crate::logs::text().contains(&token), "tokens are not logged");
    assert!(!relay.metrics().await.contains(&token));
}

#[tokio::test]
async fn servers_send_with_a_key_of_that_scope_and_not_from_pages() {
    let relay = start(|_| ()).await;
    let first = id();
    let post = relay.server("POST", "/v1/events").with("content-type", "application/json");
    let post = post.body(event(&first, "edition.scheduled").to_string());
    assert_eq!(relay.send(&post).await.json(), json!({"results": {&first: "ok"}}));
    let found = relay.send(&relay.server("GET", "/v1/events")).await.json();
    assert_eq!(found["events"][0]["source"], "backend");
    let weak = format!("Bearer {}", relay.weak_key.expose_secret());
    assert_refused(&relay.send(&post.clone().set("authorization", &weak)).await, 403, "relay-auth");
    assert_refused(&relay.send(&post.clone().with("origin", SHOP)).await, 403, "relay-auth");
    let player = format!("Bearer {}", relay.token("spring", SHOP));
    for target in ["/v1/events", "/v1/counts", "/metrics"] {
        let get = relay.server("GET", target);
        assert_eq!(relay.send(&get).await.status, 200, "{target}");
        assert_refused(&relay.send(&get.clone().set("authorization", &weak)).await, 403, "relay-auth");
        assert_refused(&relay.send(&get.clone().set("authorization", &player)).await, 401, "relay-auth");
        assert_refused(&relay.send(&get.clone().without("authorization")).await, 401, "relay-auth");
        assert_refused(&relay.send(&get.clone().with("origin", SHOP)).await, 403, "relay-auth");
    }
    // A key calls no webhooks: they are called for viewers.
    let call =
        relay.call("discount", &id()).set("authorization", format!("Bearer {}", relay.key.expose_secret()));
    assert_refused(&relay.send(&call).await, 401, "relay-auth");
}

#[tokio::test]
async fn events_wait_while_the_store_is_away() {
    let relay = start(|_| ()).await;
    let first = id();
    let post = relay.server("POST", "/v1/events").with("content-type", "application/json");
    let post = post.body(event(&first, "edition.scheduled").to_string());
    relay.store.set_away(true);
    let reply = relay.send(&post).await;
    assert_refused(&reply, 503, "unavailable");
    assert!(reply.header("retry-after").is_some() && reply.json().get("results").is_none());
    relay.store.set_away(false);
    assert_eq!(relay.send(&post).await.json(), json!({"results": {&first: "ok"}}));
    let metrics = relay.metrics().await;
    assert!(metrics.contains("cuehook_relay_store_errors_total{verb=\"accept\"} 1"), "{metrics}");
}

#[tokio::test]
async fn batches_are_bounded() {
    let relay = start(|settings| settings.limits.events_per_request = 3).await;
    let post = relay.server("POST", "/v1/events").with("content-type", "application/json");
    for (count, status) in [(0, 200), (3, 200), (4, 413)] {
        let events: Vec<Value> = (0..count).map(|_| event(&id(), "a.b")).collect();
        let reply = relay.send(&post.clone().body(json!({ "events": events }).to_string())).await;
        assert_eq!(reply.status, status, "{}", reply.text);
    }
    assert_refused(&relay.send(&post.body(" ".repeat(1024 * 1024 + 1))).await, 413, "too-large");
}
