//! Who may do what.

use crate::api::Api;
use cuehook_relay::token::{ApiKey, ApiKeys, NewApiKey, Scope, StoredApiKey};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

const ENDPOINTS: [(&str, &str, &str); 24] = [
    ("GET", "/v1/webhooks", "webhooks:read"),
    ("POST", "/v1/webhooks", "webhooks:write"),
    ("GET", "/v1/webhooks/w", "webhooks:read"),
    ("PATCH", "/v1/webhooks/w", "webhooks:write"),
    ("DELETE", "/v1/webhooks/w", "webhooks:write"),
    ("POST", "/v1/webhooks/w/rotate", "webhooks:write"),
    ("POST", "/v1/webhooks/w/test", "webhooks:write"),
    ("POST", "/v1/webhooks/w/disable", "webhooks:write"),
    ("POST", "/v1/webhooks/w/enable", "webhooks:write"),
    ("GET", "/v1/deliveries", "deliveries:read"),
    ("GET", "/v1/deliveries/1", "deliveries:read"),
    ("POST", "/v1/deliveries/1/replay", "deliveries:write"),
    ("POST", "/v1/deliveries/replay", "deliveries:write"),
    ("GET", "/v1/projects", "projects:read"),
    ("GET", "/v1/projects/p", "projects:read"),
    ("PUT", "/v1/projects/p", "projects:write"),
    ("DELETE", "/v1/projects/p", "projects:write"),
    ("GET", "/v1/editions", "editions:read"),
    ("GET", "/v1/editions/e", "editions:read"),
    ("PUT", "/v1/editions/e", "editions:write"),
    ("DELETE", "/v1/editions/e", "editions:write"),
    ("POST", "/v1/editions/e/schedule", "editions:write"),
    ("POST", "/v1/editions/e/unschedule", "editions:write"),
    ("GET", "/v1/audit", "audit:read"),
];

#[tokio::test]
async fn each_request_needs_its_scope() {
    let made: Vec<NewApiKey> = Scope::ALL.iter().map(|_| NewApiKey::generate().unwrap()).collect();
    let stored = |(scope, made): (&Scope, &NewApiKey)| StoredApiKey {
        key: ApiKey { name: scope.as_str().replace(':', "-"), scopes: vec![*scope], project: None },
        hash: made.hash,
    };
    let keys: Vec<StoredApiKey> = Scope::ALL.iter().zip(&made).map(stored).collect();
    let api = Api::start_with(|settings| settings.api_keys = ApiKeys::new(keys)).await;
    for (method, path, needed) in ENDPOINTS {
        for (scope, key) in Scope::ALL.iter().zip(&made) {
            let ask = api.ask(method, path, Value::Null);
            let reply =
                api.send(&ask.set("authorization", format!("Bearer {}", key.text.expose_secret()))).await;
            let is_refused = reply.status == 403 && reply.outcome() == "relay-auth";
            assert_eq!(
                is_refused,
                scope.as_str() != needed,
                "{method} {path} {}: {}",
                scope.as_str(),
                reply.text
            );
        }
        let ask = api.ask(method, path, Value::Null);
        api.refuses(401, "relay-auth", &ask.clone().without("authorization")).await;
        api.refuses(401, "relay-auth", &ask.clone().set("authorization", "Bearer x")).await;
        let token = api.relay.token("spring", crate::relay::SHOP);
        api.refuses(401, "relay-auth", &ask.set("authorization", format!("Bearer {token}"))).await;
    }
    let described: Vec<&str> = ENDPOINTS.iter().map(|(_, _, scope)| *scope).collect();
    for word in Scope::WORDS.iter().filter(|word| !word.starts_with("events:") && **word != "metrics:read") {
        assert!(described.contains(word), "{word}");
    }
}

#[tokio::test]
async fn pages_manage_nothing() {
    let api = Api::start().await;
    for (method, path, _) in ENDPOINTS {
        let ask = api.ask(method, path, Value::Null).with("origin", crate::relay::SHOP);
        api.refuses(403, "relay-auth", &ask).await;
    }
}

#[tokio::test]
async fn a_key_for_one_project_manages_what_is_its_projects() {
    let api = Api::start().await;
    let of_all = json!({"id": "all", "url": "https://a.example/", "events": ["*"]});
    let theirs =
        json!({"id": "both", "url": "https://a.example/", "events": ["*"], "projects": ["spring", "autumn"]});
    for body in [of_all, theirs] {
        api.does(201, "POST", "/v1/webhooks", body).await;
    }
    let own = api.of_spring(
        "POST",
        "/v1/webhooks",
        json!({"id": "mine", "url": "https://b.example/", "events": ["*"]}),
    );
    let own = api.send(&own).await;
    assert_eq!((own.status, &own.json()["projects"]), (201, &json!(["spring"])), "{}", own.text);
    for projects in [json!(["autumn"]), json!(["spring", "autumn"])] {
        let body = json!({"url": "https://b.example/", "projects": projects});
        let faults = api.faults(&api.of_spring("POST", "/v1/webhooks", body)).await;
        assert_eq!(faults[0].0, "projects");
    }
    for projects in [json!([]), json!(["autumn"]), Value::Null] {
        let ask = api.of_spring("PATCH", "/v1/webhooks/mine", json!({ "projects": projects }));
        assert_eq!(api.faults(&ask).await[0].0, "projects");
    }
    let list = api.send(&api.of_spring("GET", "/v1/webhooks", Value::Null)).await.json();
    assert_eq!((list["webhooks"].as_array().unwrap().len(), &list["webhooks"][0]["id"]), (1, &json!("mine")));
    for id in ["all", "both", "discount", "nothing"] {
        for (method, path, body) in [
            ("GET", "", Value::Null),
            ("PATCH", "", json!({})),
            ("DELETE", "", Value::Null),
            ("POST", "/rotate", json!({})),
            ("POST", "/test", json!({"type": "a.b"})),
            ("POST", "/disable", Value::Null),
            ("POST", "/enable", Value::Null),
        ] {
            let ask = api.of_spring(method, &format!("/v1/webhooks/{id}{path}"), body);
            api.refuses(404, "not-found", &ask).await;
        }
    }
    // An event of the project, and one of none.
    let id = crate::relay::id();
    let event = json!({"type": "a.b", "id": id, "timestamp": "2026-11-20T20:07:00.123Z", "data": {}});
    assert_eq!(api.send(&api.of_spring("POST", "/v1/events", event)).await.status, 200);
    api.event("a.b").await;
    let found = api.send(&api.of_spring("GET", "/v1/deliveries", Value::Null)).await.json();
    let found = found["deliveries"].as_array().unwrap().clone();
    assert_eq!(found.len(), 3);
    assert!(found.iter().all(|delivery| delivery["project"] == "spring" && delivery["event"] == json!(id)));
    for delivery in &found {
        let path = format!("/v1/deliveries/{}", delivery["id"].as_str().unwrap());
        let shown = api.send(&api.of_spring("GET", &path, Value::Null)).await.json();
        assert_eq!(
            shown["request"].is_null(),
            delivery["webhook"] != "mine",
            "others' settings are not shown"
        );
    }
    let others = api.does(200, "GET", "/v1/deliveries?project=", Value::Null).await;
    let other = others["deliveries"][0]["id"].as_str().unwrap();
    for (method, path) in
        [("GET", format!("/v1/deliveries/{other}")), ("POST", format!("/v1/deliveries/{other}/replay"))]
    {
        api.refuses(404, "not-found", &api.of_spring(method, &path, Value::Null)).await;
    }
    api.refuses(400, "bad-request", &api.of_spring("GET", "/v1/deliveries?project=autumn", Value::Null))
        .await;
    // Its own document, and no editions, and nobody's log.
    assert_eq!(api.send(&api.of_spring("PUT", "/v1/projects/spring", json!({}))).await.status, 201);
    api.does(201, "PUT", "/v1/projects/autumn", json!({})).await;
    let list = api.send(&api.of_spring("GET", "/v1/projects", Value::Null)).await.json();
    assert_eq!(list["projects"].as_array().unwrap().len(), 1);
    for method in ["GET", "PUT", "DELETE"] {
        let body = if method == "PUT" { json!({}) } else { Value::Null };
        api.refuses(404, "not-found", &api.of_spring(method, "/v1/projects/autumn", body)).await;
    }
    for (method, path, _) in ENDPOINTS {
        if path.starts_with("/v1/editions") || path == "/v1/audit" {
            api.refuses(403, "relay-auth", &api.of_spring(method, path, Value::Null)).await;
        }
    }
}

#[test]
fn the_documentation_has_each_request_with_its_scope() {
    let guide = include_str!("../../../docs/relay-api.md");
    let rows = guide.lines().filter_map(|line| line.strip_prefix("| `"));
    let rows = rows.filter(|row| row.contains(" /v1/")).map(|row| {
        let cells: Vec<&str> = row.split(" | ").collect();
        (cells[0].trim_matches('`').to_owned(), cells[1].trim_matches('`').to_owned())
    });
    let known = ENDPOINTS.map(|(method, path, scope)| {
        let mut parts: Vec<&str> = path.split('/').collect();
        if let Some(id) = parts.get_mut(3).filter(|part| part.len() == 1) {
            *id = "{id}";
        }
        (format!("{method} {}", parts.join("/")), scope.to_owned())
    });
    assert_eq!(rows.collect::<Vec<_>>(), known);
}
