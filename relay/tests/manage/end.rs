//! What is managed is what is sent.

use crate::api::Api;
use serde_json::{Value, json};
use std::time::Duration;

async fn sending() -> Api {
    Api::start_with(|settings| settings.delivery.at_once = 100).await
}

/// Waits until a delivery stands like this.
async fn until(api: &Api, event: &str, status: &str) -> Value {
    loop {
        let found = api.does(200, "GET", &format!("/v1/deliveries?event={event}"), Value::Null).await;
        let found = found["deliveries"][0].clone();
        if found["status"] == status {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn what_is_registered_is_sent_and_sent_again() {
    let api = sending().await;
    let url = format!("http://{}/discount", api.relay.hook.address);
    api.does(
        201,
        "POST",
        "/v1/webhooks",
        json!({"id": "w", "url": url, "events": ["cart.*"], "method": "PUT"}),
    )
    .await;
    let event = api.event("cart.added").await;
    let delivery = until(&api, &event, "delivered").await;
    let received = api.relay.hook.received();
    assert_eq!(received[0].headers["webhook-id"], event.as_str());
    assert!(received[0].headers.contains_key("webhook-signature"));
    // While it is disabled it is sent nothing but what is sent again by hand.
    api.does(200, "POST", "/v1/webhooks/w/disable", Value::Null).await;
    let skipped = api.event("cart.added").await;
    let skipped = until(&api, &skipped, "skipped").await;
    assert!(skipped["reason"].is_string(), "{skipped}");
    let replay = format!("/v1/deliveries/{}/replay", delivery["id"].as_str().unwrap());
    api.does(200, "POST", &replay, Value::Null).await;
    api.relay.hook.until(2).await;
    assert_eq!(api.relay.hook.received()[1].headers["webhook-id"], event.as_str());
    api.does(200, "POST", "/v1/webhooks/w/enable", Value::Null).await;
    let replayed = json!({"webhook": "w", "status": "skipped"});
    assert_eq!(api.does(200, "POST", "/v1/deliveries/replay", replayed).await["replayed"], 1);
    until(&api, skipped["event"].as_str().unwrap(), "delivered").await;
    api.does(200, "PATCH", "/v1/webhooks/w", json!({"active": false})).await;
    let event = api.event("cart.added").await;
    let found = api.does(200, "GET", &format!("/v1/deliveries?event={event}"), Value::Null).await;
    assert!(found["deliveries"].as_array().unwrap().iter().all(|delivery| delivery["status"] != "delivered"));
    assert_eq!(api.relay.hook.received().len(), 3);
}

#[tokio::test]
async fn a_project_that_asks_for_a_webhook_is_told_to_it_from_its_first_event_on() {
    let api = sending().await;
    let url = format!("http://{}/discount", api.relay.hook.address);
    let events = json!(["video.created"]);
    api.does(201, "POST", "/v1/webhooks", json!({"id": "w", "url": url, "events": events, "optIn": true}))
        .await;
    let elsewhere = format!("http://{}/elsewhere", api.relay.hook.address);
    for (project, asked) in [
        ("a", Value::Null),
        ("b", json!({"w": true})),
        ("c", json!({"w": {"url": elsewhere}})),
        ("d", json!({"w": false})),
    ] {
        api.does(201, "PUT", &format!("/v1/projects/{project}"), json!({"webhooks": asked})).await;
    }
    api.relay.hook.until(2).await;
    let mut found = Vec::new();
    for received in api.relay.hook.received() {
        let body: Value = serde_json::from_str(&received.body).unwrap();
        found.push((body["data"]["project"].as_str().unwrap().to_owned(), received.path.clone()));
    }
    found.sort();
    let expected = [("b", "/discount"), ("c", "/elsewhere")];
    assert_eq!(found, expected.map(|(project, path)| (project.to_owned(), path.to_owned())));
    let all = api.does(200, "GET", "/v1/deliveries", Value::Null).await;
    assert_eq!(all["deliveries"].as_array().unwrap().len(), 2);
}
