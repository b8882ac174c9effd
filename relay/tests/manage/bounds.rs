//! How much there may be, and what happens while the store is away.

use crate::api::Api;
use cuehook_relay::serve::wall_ms;
use cuehook_relay::store::{Audit, Change, DocumentKind, Store as _, StoredWebhook};
use serde_json::{Value, json};

#[tokio::test]
async fn bodies_are_bounded() {
    let api = Api::start().await;
    let fits = |bytes: usize| json!({"name": "x", "start": "2027-03-01T00:00:00Z", "end": "2027-04-01T00:00:00Z", "contents": {"a": "x".repeat(bytes)}});
    let rest = fits(0).to_string().len();
    api.does(201, "PUT", "/v1/editions/e", fits(64 * 1024 - rest)).await;
    api.refuses(413, "too-large", &api.ask("PUT", "/v1/editions/e", fits(64 * 1024 - rest + 1))).await;
    let deep = format!("{{\"contents\":{}{}}}", "[".repeat(80), "]".repeat(80));
    let ask = api.ask("PUT", "/v1/editions/e", json!({})).body(deep);
    api.refuses(400, "bad-request", &ask).await;
    for body in ["", "{", "{\"a\":1,}", "\u{feff}{}"] {
        api.refuses(400, "bad-request", &api.ask("POST", "/v1/webhooks", json!({})).body(body)).await;
    }
    let text = api.ask("POST", "/v1/webhooks", json!({})).set("content-type", "text/plain");
    api.refuses(415, "bad-request", &text).await;
}

#[tokio::test]
async fn there_are_so_many_webhooks_and_documents_and_no_more() {
    let api = Api::start().await;
    let store = &api.relay.store;
    let webhook = |number: usize| {
        let id = format!("w{number}");
        let settings =
            json!({"id": id, "name": id, "url": "https://a.example/", "managedBy": "api"}).to_string();
        StoredWebhook { id, settings, sealed: Vec::new(), updated_at: 1 }
    };
    store.put_webhooks((0..999).map(webhook).collect(), Vec::new(), wall_ms()).await.unwrap();
    let body = json!({"url": "https://a.example/"});
    api.does(201, "POST", "/v1/webhooks", body.clone()).await;
    api.refuses(409, "too-many", &api.ask("POST", "/v1/webhooks", body.clone())).await;
    api.does(204, "DELETE", "/v1/webhooks/w7", Value::Null).await;
    api.does(201, "POST", "/v1/webhooks", body).await;
    for number in 0..9_999 {
        let (kind, id) = (DocumentKind::Project, format!("p{number}"));
        let becomes = Some("{}".to_owned());
        let change = Change::Document { kind, id, was: None, becomes, events: Vec::new() };
        let audit = Audit { key: "k".into(), action: "a".into(), target: "t".into(), detail: String::new() };
        assert!(store.change(change, audit, wall_ms()).await.unwrap());
    }
    api.does(201, "PUT", "/v1/projects/a", json!({})).await;
    api.refuses(409, "too-many", &api.ask("PUT", "/v1/projects/b", json!({}))).await;
    api.does(200, "PUT", "/v1/projects/a", json!({"title": "still"})).await;
    api.does(204, "DELETE", "/v1/projects/p7", Value::Null).await;
    api.does(201, "PUT", "/v1/projects/b", json!({})).await;
    // And of the others.
    let edition = json!({"name": "x", "start": "2027-03-01T00:00:00Z", "end": "2027-04-01T00:00:00Z"});
    api.does(201, "PUT", "/v1/editions/e", edition).await;
}

#[tokio::test]
async fn nothing_is_changed_while_the_store_is_away() {
    let api = Api::start().await;
    api.does(201, "POST", "/v1/webhooks", json!({"id": "w", "url": "https://a.example/"})).await;
    api.relay.store.set_away(true);
    for (method, path, body) in [
        ("GET", "/v1/webhooks", Value::Null),
        ("POST", "/v1/webhooks", json!({"url": "https://a.example/"})),
        ("PATCH", "/v1/webhooks/w", json!({"name": "x"})),
        ("DELETE", "/v1/webhooks/w", Value::Null),
        ("POST", "/v1/webhooks/w/rotate", json!({})),
        ("GET", "/v1/deliveries", Value::Null),
        ("POST", "/v1/deliveries/replay", json!({"webhook": "w"})),
        ("PUT", "/v1/projects/p", json!({})),
        ("GET", "/v1/audit", Value::Null),
    ] {
        let error = api.refuses(503, "unavailable", &api.ask(method, path, body)).await;
        assert!(!error.to_string().contains("hunter2"));
    }
    api.relay.store.set_away(false);
    assert_eq!(api.does(200, "GET", "/v1/webhooks/w", Value::Null).await["name"], "w");
    assert_eq!(api.audit().await.len(), 1);
}
