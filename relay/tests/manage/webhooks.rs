//! Webhooks: registered, shown, changed, removed, tested, disabled and enabled.

use crate::api::Api;
use cuehook_relay::store::{Store as _, WebhookHealth};
use serde_json::{Value, json};

#[tokio::test]
async fn an_address_and_events_are_enough() {
    let api = Api::start().await;
    let url = "https://shop.example/hooks";
    let made = api.does(201, "POST", "/v1/webhooks", json!({"url": url, "events": ["lead.captured"]})).await;
    let id = made["id"].as_str().unwrap();
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    assert_eq!(
        (&made["managedBy"], &made["active"], &made["name"]),
        (&json!("api"), &json!(true), &made["id"])
    );
    assert_eq!(made["health"]["status"], "ok");
    let mut shown = api.does(200, "GET", &format!("/v1/webhooks/{id}"), Value::Null).await;
    assert!(shown.get("secret").is_none(), "it is shown once");
    shown["secret"] = made["secret"].clone();
    assert_eq!(shown, made);
    // It is in use at once.
    let event = api.event("lead.captured").await;
    let found = api.does(200, "GET", &format!("/v1/deliveries?event={event}"), Value::Null).await;
    assert_eq!(found["deliveries"][0]["webhook"], id);
    api.does(204, "DELETE", &format!("/v1/webhooks/{id}"), Value::Null).await;
    let gone = api.ask("GET", &format!("/v1/webhooks/{id}"), Value::Null);
    api.refuses(404, "not-found", &gone).await;
    let event = api.event("lead.captured").await;
    let found = api.does(200, "GET", &format!("/v1/deliveries?event={event}"), Value::Null).await;
    assert_eq!(found["deliveries"], json!([]));
    let line = |action: &str| ("backend".to_owned(), action.to_owned(), id.to_owned());
    assert_eq!(api.audit().await, [line("webhook.removed"), line("webhook.created")]);
}

fn everything() -> Value {
    json!({
        "id": "all",
        "url": "https://shop.example/hooks",
        "label": "All of it",
        "events": ["lead.*", "endpoint.disabled"],
        "headers": [{"name": "x-plain", "value": "p"}, {"name": "X-Key", "value": "s3cret-value", "secret": true}],
        "waitForResponse": true,
        "includeInteractions": ["a", "b"],
        "timeoutMs": 5000,
        "retries": 1,
        "projects": ["spring"],
        "videos": ["intro"],
        "filters": [{"path": "$.data.video.id", "equal": "v"}, {"path": "$.a", "in": ["1", "2"]}],
        "optIn": true,
        "overrideOrigins": ["https://crm.example"],
        "ordered": true,
        "method": "PUT",
        "format": "dynamic-content",
        "template": {"body": "{\"a\":1}"},
        "signing": {"ed25519": true, "compatible": {"header": "X-Sig", "encoding": "base64"}},
        "compatibleSecret": "chosen-by-the-author",
        "active": false,
    })
}

#[tokio::test]
async fn everything_that_is_written_is_shown_but_secrets() {
    let api = Api::start().await;
    let mut made = api.does(201, "POST", "/v1/webhooks", everything()).await;
    assert!(made["publicKey"].as_str().unwrap().starts_with("whpk_"));
    assert!(made["secrets"][0]["createdAt"].is_string() && made["secrets"][0]["until"].is_null());
    for name in ["secret", "publicKey", "secrets", "updatedAt", "health", "managedBy"] {
        made.as_object_mut().unwrap().remove(name).unwrap();
    }
    let mut expected = everything();
    let expected = expected.as_object_mut().unwrap();
    expected.remove("compatibleSecret");
    let label = expected.remove("label").unwrap();
    expected.insert("name".into(), label);
    expected["headers"] = json!([
        {"name": "x-plain", "value": "p", "secret": false},
        {"name": "X-Key", "value": null, "secret": true},
    ]);
    expected["filters"] =
        json!([{"path": "$.data.video.id", "in": ["v"]}, {"path": "$.a", "in": ["1", "2"]}]);
    expected["template"] = json!({"body": "{\"a\":1}", "contentType": "application/json"});
    expected["signing"] =
        json!({"ed25519": true, "compatible": {"header": "X-Sig", "hash": "sha256", "encoding": "base64"}});
    assert_eq!(made, Value::Object(expected.clone()));
    let log = crate::logs::text();
    assert!(!log.contains("s3cret-value") && !log.contains("chosen-by-the-author"));
}

#[tokio::test]
async fn what_is_not_in_a_change_stays() {
    let api = Api::start().await;
    let before = api.does(201, "POST", "/v1/webhooks", everything()).await;
    let change = json!({
        "url": "https://shop.example/other",
        "headers": [{"name": "x-key", "secret": true}, {"name": "x-plain", "value": null, "secret": true}],
        "videos": null,
        "template": null,
        "active": true,
    });
    let mut after = api.does(200, "PATCH", "/v1/webhooks/all", change).await;
    assert_eq!(after["url"], "https://shop.example/other");
    assert_eq!(
        (&after["videos"], &after["template"], &after["active"]),
        (&json!([]), &Value::Null, &json!(true))
    );
    assert_eq!(
        after["headers"],
        json!([{"name": "x-key", "value": null, "secret": true}, {"name": "x-plain", "value": null, "secret": true}])
    );
    let mut before = before;
    for name in ["url", "headers", "videos", "template", "active", "secret", "updatedAt"] {
        before.as_object_mut().unwrap().remove(name);
        after.as_object_mut().unwrap().remove(name);
    }
    assert_eq!(after, before, "also the keys with which it signs");
    for (change, path) in [
        (json!({"id": "other"}), "id"),
        (json!({"url": "ftp://a.example"}), "url"),
        (json!({"url": null}), "url"),
        (json!({"url": 1}), "url"),
        (json!({"headers": [{"name": "x-new", "secret": true}]}), "headers[0].value"),
        (json!({"headers": [{"name": "x-plain"}]}), "headers[0].value"),
        (json!({"secret": "whsec_"}), "secret"),
        (json!({"name": "a", "label": "b"}), "label"),
        (json!([1]), ""),
    ] {
        let faults = api.faults(&api.ask("PATCH", "/v1/webhooks/all", change.clone())).await;
        assert_eq!(faults[0].0, path, "{change}");
    }
    // What is not signed any more needs no secret.
    let plain = api.does(200, "PATCH", "/v1/webhooks/all", json!({"signing": {}, "format": null})).await;
    assert_eq!((&plain["signing"], &plain["publicKey"]), (&json!({}), &Value::Null));
    let again = json!({"signing": {"compatible": {"header": "X-Sig"}}});
    let faults = api.faults(&api.ask("PATCH", "/v1/webhooks/all", again)).await;
    assert_eq!(faults[0].0, "signing.compatible", "its secret is gone");
    assert_eq!(api.audit().await.len(), 3);
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once() {
    let api = Api::start().await;
    let wrong = json!({
        "id": "a b",
        "url": "http://10.1.2.3/",
        "name": " ",
        "events": ["lead.captred", "*"],
        "headers": [{"name": "Host", "value": "x"}, {"name": "a", "value": "é"}, {"name": "A", "value": "x", "secret": true}],
        "timeoutMs": 1,
        "retries": 6,
        "projects": [""],
        "videos": ["\n"],
        "filters": [{"path": "a", "equal": "b"}, {"path": "$.a"}, {"path": "$.a", "in": []}],
        "template": {"body": "", "contentType": "json"},
        "signing": {"compatible": {"header": "content-type"}},
    });
    let faults = api.faults(&api.ask("POST", "/v1/webhooks", wrong)).await;
    let faults: Vec<(&str, &str)> =
        faults.iter().map(|(path, code)| (path.as_str(), code.as_str())).collect();
    assert_eq!(
        faults,
        [
            ("filters[1]", "missing-key"),
            ("id", "wrong-value"),
            ("name", "wrong-value"),
            ("url", "insecure-url"),
            ("headers[0].name", "reserved-header"),
            ("headers[1].value", "wrong-value"),
            ("headers[2].name", "duplicate"),
            ("timeoutMs", "out-of-range"),
            ("retries", "out-of-range"),
            ("projects[0]", "wrong-value"),
            ("events[0]", "wrong-value"),
            ("videos[0]", "wrong-value"),
            ("filters[0].path", "wrong-value"),
            ("template.contentType", "wrong-value"),
            ("signing.compatible.header", "reserved-header"),
            ("signing.compatible", "missing-key"),
        ]
    );
    for (body, path, code) in [
        (json!({"url": "https://a.example", "evnts": []}), "evnts", "unknown-key"),
        (json!({"url": "https://a.example", "method": "GET"}), "method", "wrong-value"),
        (json!({"url": "https://a.example", "headers": [{"name": 1}]}), "headers[0].name", "wrong-type"),
        (json!({"events": []}), "url", "missing-key"),
        (json!({"url": "https://a.example", "filters": {"path": "$"}}), "filters", "wrong-type"),
        (json!({"url": "https://a.example", "template": {"body": "{{"}}), "template.body", "wrong-value"),
        (json!({"url": "https://a.example", "headers": [["x", "y"]]}), "headers[0]", "wrong-type"),
        (
            json!({"url": "https://a.example", "signing": {"compatible": ["x"]}}),
            "signing.compatible",
            "wrong-type",
        ),
        (json!({"url": "https://a.example", "template": ["x"]}), "template", "wrong-type"),
        (json!("whsec_s3cret"), "", "wrong-type"),
    ] {
        let ask = api.ask("POST", "/v1/webhooks", body.clone());
        let reply = api.send(&ask).await;
        assert!(!reply.body.contains("whsec_s3cret"), "{}", reply.body);
        assert_eq!(api.faults(&ask).await, [(path.to_owned(), code.to_owned())], "{body}");
    }
    assert!(api.audit().await.is_empty());
}

#[tokio::test]
async fn ids_are_given_once() {
    let api = Api::start().await;
    let body = json!({"id": "one", "url": "https://a.example/"});
    api.does(201, "POST", "/v1/webhooks", body.clone()).await;
    api.refuses(409, "conflict", &api.ask("POST", "/v1/webhooks", body)).await;
    let of_file = json!({"id": "discount", "url": "https://a.example/"});
    api.refuses(409, "conflict", &api.ask("POST", "/v1/webhooks", of_file)).await;
}

#[tokio::test]
async fn what_the_file_says_is_changed_in_the_file() {
    let api = Api::start().await;
    let shown = api.does(200, "GET", "/v1/webhooks/discount", Value::Null).await;
    assert_eq!((&shown["managedBy"], &shown["name"]), (&json!("file"), &json!("The discount")));
    for (method, path, body) in [
        ("PATCH", "/v1/webhooks/discount", json!({"active": false})),
        ("DELETE", "/v1/webhooks/discount", Value::Null),
        ("POST", "/v1/webhooks/discount/rotate", json!({})),
    ] {
        api.refuses(409, "managed-by-file", &api.ask(method, path, body)).await;
    }
    let disabled = api.does(200, "POST", "/v1/webhooks/discount/disable", Value::Null).await;
    assert_eq!(disabled["health"]["status"], "disabled");
    let enabled = api.does(200, "POST", "/v1/webhooks/discount/enable", Value::Null).await;
    assert_eq!(enabled["health"]["status"], "ok");
    let test = json!({"type": "lead.captured"});
    assert_eq!(api.does(200, "POST", "/v1/webhooks/discount/test", test).await["delivered"], true);
}

#[tokio::test]
async fn lists_are_paged_and_filtered() {
    let api = Api::start().await;
    for (id, events) in
        [("a", json!(["lead.*"])), ("b", json!(["*"])), ("c", json!([])), ("d", json!(["view.ended"]))]
    {
        let body = json!({"id": id, "url": "https://a.example/", "events": events});
        api.does(201, "POST", "/v1/webhooks", body).await;
    }
    let mut seen = Vec::new();
    let mut target = "/v1/webhooks?limit=3".to_owned();
    loop {
        let page = api.does(200, "GET", &target, Value::Null).await;
        let webhooks = page["webhooks"].as_array().unwrap();
        assert!(webhooks.len() <= 3 && !webhooks.is_empty());
        seen.extend(webhooks.iter().map(|webhook| webhook["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        target = format!("/v1/webhooks?limit=3&after={next}");
    }
    assert_eq!(seen, ["a", "b", "c", "d", "discount", "echo", "hold", "html", "own", "teapot"]);
    let found = api.does(200, "GET", "/v1/webhooks?event=lead.captured", Value::Null).await;
    let ids: Vec<&Value> =
        found["webhooks"].as_array().unwrap().iter().map(|webhook| &webhook["id"]).collect();
    assert_eq!(ids, ["a", "b"]);
    for query in ["limit=0", "limit=201", "limit=x", "page=1"] {
        api.refuses(400, "bad-request", &api.ask("GET", &format!("/v1/webhooks?{query}"), Value::Null)).await;
    }
}

#[tokio::test]
async fn disabled_and_enabled_once() {
    let api = Api::start().await;
    api.does(201, "POST", "/v1/webhooks", json!({"id": "w", "url": "https://a.example/"})).await;
    let first = api.does(200, "POST", "/v1/webhooks/w/disable", Value::Null).await;
    assert!(first["health"]["disabledReason"].as_str().unwrap().contains("`backend`"), "{first}");
    let again = api.does(200, "POST", "/v1/webhooks/w/disable", Value::Null).await;
    assert_eq!(again["health"], first["health"]);
    for _ in 0..2 {
        let enabled = api.does(200, "POST", "/v1/webhooks/w/enable", Value::Null).await;
        assert!(enabled["health"]["disabledAt"].is_null());
    }
    let actions: Vec<String> = api.audit().await.into_iter().map(|(_, action, _)| action).collect();
    assert_eq!(actions, ["webhook.enabled", "webhook.disabled", "webhook.created"]);
    for path in ["disable", "enable", "rotate"] {
        api.refuses(404, "not-found", &api.ask("POST", &format!("/v1/webhooks/x/{path}"), Value::Null)).await;
    }
}

#[tokio::test]
async fn two_who_change_one_webhook_lose_nothing() {
    let api = Api::start().await;
    api.does(201, "POST", "/v1/webhooks", json!({"id": "w", "url": "https://a.example/"})).await;
    let change = |body: Value| {
        let ask = api.ask("PATCH", "/v1/webhooks/w", body);
        let api = &api;
        async move { api.send(&ask).await.status }
    };
    for round in 0..10 {
        let one = change(json!({"name": format!("n{round}")}));
        let other = change(json!({"videos": [format!("v{round}")]}));
        assert_eq!(tokio::join!(one, other), (200, 200));
        let now = api.does(200, "GET", "/v1/webhooks/w", Value::Null).await;
        assert_eq!(
            (&now["name"], &now["videos"]),
            (&json!(format!("n{round}")), &json!([format!("v{round}")]))
        );
    }
}

#[tokio::test]
async fn one_that_fails_begins_anew_when_it_is_enabled() {
    let api = Api::start().await;
    api.does(201, "POST", "/v1/webhooks", json!({"id": "w", "url": "https://a.example/"})).await;
    let failing =
        WebhookHealth { failing_since: Some(1), fault: "503".into(), warned: 70, ..WebhookHealth::of("w") };
    let store = &api.relay.store;
    assert!(store.put_health(WebhookHealth::of("w"), failing, Vec::new(), 2).await.unwrap());
    let shown = api.does(200, "GET", "/v1/webhooks/w", Value::Null).await;
    assert_eq!(shown["health"]["status"], "failing");
    let shown = api.does(200, "POST", "/v1/webhooks/w/enable", Value::Null).await;
    assert_eq!((&shown["health"]["status"], &shown["health"]["failingSince"]), (&json!("ok"), &Value::Null));
    assert_eq!(store.webhook_health().await.unwrap(), []);
    assert_eq!(api.audit().await[0].1, "webhook.enabled");
}
