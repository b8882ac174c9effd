//! Deliveries: listed, looked at, sent again.

use crate::api::Api;
use cuehook_relay::serve::wall_ms;
use cuehook_relay::store::{Attempt, Becomes, Settlement, Store as _};
use serde_json::{Value, json};

async fn settle(api: &Api, becomes: impl Fn(&str) -> Option<Becomes>) {
    let now = wall_ms();
    let store = &api.relay.store;
    for claimed in store.claim(100, 100, &[], now + 60_000, now).await.unwrap() {
        let Some(becomes) = becomes(&claimed.webhook) else { continue };
        let attempt = Attempt {
            at: now,
            took_ms: 12,
            status: Some(500),
            fault: "the response's status is 500".into(),
            response: "oh dear".into(),
        };
        let settlement = Settlement { id: claimed.id, fence: claimed.fence, attempt: Some(attempt), becomes };
        store.settle(vec![settlement], now).await.unwrap();
    }
}

async fn register(api: &Api, id: &str) {
    let headers = json!([{"name": "x-api-key", "value": "s3cret-of-the-header", "secret": true}]);
    let body = json!({"id": id, "url": "https://a.example/hook", "events": ["*"], "headers": headers, "active": false});
    let body = json!({"active": true, "id": id, "url": body["url"], "events": body["events"], "headers": body["headers"]});
    api.does(201, "POST", "/v1/webhooks", body).await;
}

fn ids(page: &Value) -> Vec<String> {
    let deliveries = page["deliveries"].as_array().unwrap().iter();
    deliveries.map(|delivery| delivery["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn deliveries_are_found_by_what_they_are() {
    let api = Api::start().await;
    register(&api, "w").await;
    register(&api, "x").await;
    let first = api.event("lead.captured").await;
    api.event("view.ended").await;
    settle(&api, |webhook| (webhook == "w").then(|| Becomes::Dead("given up".into()))).await;
    let find =
        async |query: &str| api.does(200, "GET", &format!("/v1/deliveries?{query}"), Value::Null).await;
    let all = find("").await;
    assert_eq!(ids(&all).len(), 4);
    assert_eq!(all["deliveries"][0]["type"], "view.ended", "the newest first");
    for (query, count) in [
        ("webhook=w".to_owned(), 2),
        (format!("event={first}"), 2),
        ("type=lead.captured".to_owned(), 2),
        ("status=dead".to_owned(), 2),
        ("status=delivered".to_owned(), 0),
        ("webhook=w&type=lead.captured&status=dead".to_owned(), 1),
        ("project=spring".to_owned(), 0),
        ("from=2020-01-01T00:00:00Z".to_owned(), 4),
        ("to=2020-01-01T00:00:00Z".to_owned(), 0),
        ("from=2099-01-01T00:00:00%2B01:00".to_owned(), 0),
    ] {
        assert_eq!(ids(&find(&query).await).len(), count, "{query}");
    }
    let page = find("limit=3").await;
    assert_eq!(ids(&page), ids(&all)[..3]);
    let rest = find(&format!("limit=3&before={}", page["next"].as_str().unwrap())).await;
    assert_eq!((ids(&rest), rest.get("next")), (ids(&all)[3..].to_vec(), None));
    for query in ["status=lost", "event=1", "from=yesterday", "before=-1", "before=x", "state=dead"] {
        let ask = api.ask("GET", &format!("/v1/deliveries?{query}"), Value::Null);
        api.refuses(400, "bad-request", &ask).await;
    }
}

#[tokio::test]
async fn a_delivery_is_shown_with_its_attempts_and_its_request() {
    let api = Api::start().await;
    register(&api, "w").await;
    let event = api.event("lead.captured").await;
    settle(&api, |_| Some(Becomes::Waiting(wall_ms() + 60_000))).await;
    let id = &ids(&api.does(200, "GET", "/v1/deliveries", Value::Null).await)[0];
    let shown = api.does(200, "GET", &format!("/v1/deliveries/{id}"), Value::Null).await;
    assert_eq!(
        (&shown["event"], &shown["status"], &shown["attempts"]),
        (&json!(event), &json!("pending"), &json!(1))
    );
    assert_eq!(shown["payload"]["type"], "lead.captured");
    let attempt = &shown["log"][0];
    assert_eq!(
        (&attempt["status"], &attempt["response"], &attempt["tookMs"]),
        (&json!(500), &json!("oh dear"), &json!(12))
    );
    assert_eq!(
        (&shown["request"]["method"], &shown["request"]["url"]),
        (&json!("POST"), &json!("https://a.example/hook"))
    );
    let headers = shown["request"]["headers"].as_array().unwrap();
    let value = |name: &str| &headers.iter().find(|header| header["name"] == name).unwrap()["value"];
    assert_eq!(value("webhook-id"), &json!(event));
    assert_eq!((value("x-api-key"), value("webhook-signature")), (&Value::Null, &Value::Null));
    api.does(204, "DELETE", "/v1/webhooks/w", Value::Null).await;
    let shown = api.does(200, "GET", &format!("/v1/deliveries/{id}"), Value::Null).await;
    assert!(shown["request"].is_null() && shown["requestFault"].is_string());
    for id in ["999999", "0", "x", "99999999999999999999"] {
        api.refuses(404, "not-found", &api.ask("GET", &format!("/v1/deliveries/{id}"), Value::Null)).await;
    }
}

#[tokio::test]
async fn what_has_ended_is_sent_again_under_its_id() {
    let api = Api::start().await;
    register(&api, "w").await;
    register(&api, "x").await;
    for _ in 0..3 {
        api.event("lead.captured").await;
    }
    let first = ids(&api.does(200, "GET", "/v1/deliveries?webhook=w", Value::Null).await).pop().unwrap();
    let one = format!("/v1/deliveries/{first}/replay");
    assert_eq!(api.does(200, "POST", &one, Value::Null).await["replayed"], 0, "it still waits");
    settle(&api, |webhook| (webhook == "w").then(|| Becomes::Dead("given up".into()))).await;
    assert_eq!(api.does(200, "POST", &one, Value::Null).await["replayed"], 1);
    assert_eq!(
        api.does(200, "GET", &format!("/v1/deliveries/{first}"), Value::Null).await["status"],
        "pending"
    );
    let dead = async || ids(&api.does(200, "GET", "/v1/deliveries?status=dead", Value::Null).await).len();
    assert_eq!(dead().await, 2);
    let range = json!({"webhook": "w", "status": "dead", "from": "2020-01-01T00:00:00Z"});
    assert_eq!(api.does(200, "POST", "/v1/deliveries/replay", range.clone()).await, json!({"replayed": 2}));
    assert_eq!(dead().await, 0);
    assert_eq!(api.does(200, "POST", "/v1/deliveries/replay", range).await, json!({"replayed": 0}));
    let counts = api.does(200, "GET", "/v1/counts", Value::Null).await["deliveries"].clone();
    assert_eq!((&counts["accepted"], &counts["pending"]), (&json!(6), &json!(6)));
    assert!(
        api.audit().await.iter().any(|(_, action, target)| action == "deliveries.replayed" && target == "w")
    );
    for body in [
        json!({}),
        json!({"to": "now"}),
        json!({"event": "1"}),
        json!({"status": "lost"}),
        json!({"id": "1"}),
    ] {
        api.faults(&api.ask("POST", "/v1/deliveries/replay", body)).await;
    }
}

#[tokio::test]
async fn a_range_that_is_larger_than_one_transaction_is_sent_again_whole() {
    let api = Api::start().await;
    register(&api, "w").await;
    let events: Vec<Value> = (0..500)
        .map(|_| {
            let id = crate::relay::id();
            json!({"type": "a.b", "id": id, "timestamp": "2026-11-20T20:07:00.123Z", "data": {}})
        })
        .collect();
    api.does(200, "POST", "/v1/events", json!({ "events": events })).await;
    for _ in 0..3 {
        api.event("a.b").await;
    }
    for _ in 0..6 {
        settle(&api, |_| Some(Becomes::Skipped("no".into()))).await;
    }
    let replayed = api.does(200, "POST", "/v1/deliveries/replay", json!({"type": "a.b"})).await;
    assert_eq!(replayed, json!({"replayed": 503}));
}
