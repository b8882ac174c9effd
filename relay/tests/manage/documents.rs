//! Projects and editions, and the events that follow from them.

use crate::api::Api;
use serde_json::{Value, json};

async fn listen(api: &Api) {
    let body = json!({"id": "w", "url": "https://a.example/", "events": ["video.created", "edition.*"]});
    api.does(201, "POST", "/v1/webhooks", body).await;
}

/// The events that were minted, the newest first, each with the webhooks that are sent it.
async fn minted(api: &Api) -> Vec<Value> {
    let events = api.does(200, "GET", "/v1/events", Value::Null).await["events"].clone();
    let mut found = Vec::new();
    for event in events.as_array().unwrap() {
        let query = format!("/v1/deliveries?event={}", event["id"].as_str().unwrap());
        let sent = api.does(200, "GET", &query, Value::Null).await;
        assert_eq!(sent["deliveries"].as_array().unwrap().len(), 1, "{event}");
        assert_eq!((&event["event"]["id"], &event["source"]), (&event["id"], &json!("backend")));
        found.push(event.clone());
    }
    found
}

#[tokio::test]
async fn the_first_time_a_project_is_written_is_told() {
    let api = Api::start().await;
    listen(&api).await;
    let project = json!({
        "title": "Spring",
        "video": {"number": 7, "duration": 31.5, "shareUrl": "https://a.example/v"},
        "createdBy": "ada",
        "account": "24880",
        "webhooks": {"w": true, "x": false, "y": {"url": "https://b.example/"}},
    });
    let path = "/v1/projects/spring%202027%2Fa";
    let made = api.does(201, "PUT", path, project.clone()).await;
    let mut expected = project.clone();
    expected["id"] = json!("spring 2027/a");
    expected["updatedAt"] = made["updatedAt"].clone();
    assert_eq!(made, expected);
    assert_eq!(api.does(200, "GET", path, Value::Null).await, expected);
    api.does(200, "PUT", path, json!({"title": "Other", "video": {"number": 7.0}})).await;
    let other = api.does(200, "PUT", path, json!({"title": "Other"})).await;
    assert_eq!(other["title"], "Other");
    assert!(other.get("video").is_none(), "it is replaced");
    let [event] = minted(&api).await.try_into().unwrap();
    assert_eq!((&event["type"], &event["project"]), (&json!("video.created"), &json!("spring 2027/a")));
    let text = event["event"].to_string();
    let video = json!({"id": "spring 2027/a", "title": "Spring", "number": 7, "duration": 31.5, "shareUrl": "https://a.example/v"});
    assert_eq!(
        event["event"]["data"],
        json!({"project": "spring 2027/a", "video": video, "account": "24880", "createdBy": "ada"}),
        "{text}"
    );
    let page = api.does(200, "GET", "/v1/projects", Value::Null).await;
    assert_eq!(page["projects"], json!([other]));
    api.does(204, "DELETE", path, Value::Null).await;
    api.refuses(404, "not-found", &api.ask("GET", path, Value::Null)).await;
    api.refuses(404, "not-found", &api.ask("DELETE", path, Value::Null)).await;
    let actions: Vec<String> = api.audit().await.into_iter().map(|(_, action, _)| action).collect();
    assert_eq!(actions[..2], ["project.removed", "project.written"]);
}

#[tokio::test]
async fn projects_that_mean_nothing_are_refused() {
    let api = Api::start().await;
    for (body, path) in [
        (json!({"title": "x".repeat(2049)}), "title"),
        (json!({"video": {"duration": -1}}), "video.duration"),
        (json!({"video": {"id": 1}}), "video.id"),
        (json!({"video": {"number": 9_007_199_254_740_992_u64}}), "video.number"),
        (json!({"video": {"number": -1}}), "video.number"),
        (json!({"video": {"number": 1.5}}), "video.number"),
        (json!({"video": {"name": "x"}}), "video.name"),
        (json!({"webhooks": {"a b": true}}), "webhooks"),
        (json!({"webhooks": {"w": {"url": "http://10.1.2.3/"}}}), "webhooks.w.url"),
        (json!({"webhooks": {"w": ["https://a.example/"]}}), "webhooks.w"),
        (json!({"video": ["v"]}), "video"),
        (json!(["title"]), ""),
        (json!({"webhooks": {"w": "yes"}}), "webhooks.w"),
        (json!({"webhook": {}}), "webhook"),
    ] {
        assert_eq!(api.faults(&api.ask("PUT", "/v1/projects/p", body.clone())).await[0].0, path, "{body}");
    }
    let long = format!("/v1/projects/{}", "x".repeat(129));
    api.faults(&api.ask("PUT", &long, json!({}))).await;
    assert_eq!(api.does(200, "GET", "/v1/projects", Value::Null).await["projects"], json!([]));
}

#[tokio::test]
async fn editions_are_scheduled_and_unscheduled() {
    let api = Api::start().await;
    listen(&api).await;
    let contents = json!({"slots": [{"id": 1, "content": "a"}]});
    let edition = json!({"name": "Spring", "start": "2027-03-01T00:00:00Z", "end": "2027-04-01T00:00:00+02:00", "contents": contents});
    let made = api.does(201, "PUT", "/v1/editions/e1", edition.clone()).await;
    assert_eq!((&made["status"], &made["contents"]), (&json!("draft"), &contents));
    let scheduled = api.does(200, "POST", "/v1/editions/e1/schedule", Value::Null).await;
    assert_eq!((&scheduled["status"], &scheduled["contents"]), (&json!("scheduled"), &contents));
    api.does(200, "POST", "/v1/editions/e1/schedule", Value::Null).await;
    api.refuses(409, "conflict", &api.ask("PUT", "/v1/editions/e1", edition.clone())).await;
    let [event] = minted(&api).await.try_into().unwrap();
    assert_eq!((&event["type"], &event["project"]), (&json!("edition.scheduled"), &json!("")));
    let told = json!({"id": "e1", "name": "Spring", "start": "2027-03-01T00:00:00Z", "end": "2027-04-01T00:00:00+02:00", "status": "scheduled"});
    assert_eq!(event["event"]["data"], json!({"edition": told}), "without contents");
    api.does(200, "POST", "/v1/editions/e1/unschedule", Value::Null).await;
    api.does(200, "POST", "/v1/editions/e1/unschedule", Value::Null).await;
    let events = minted(&api).await;
    assert_eq!(events.len(), 2);
    assert_eq!(events[0]["type"], "edition.unscheduled");
    assert_eq!(events[0]["event"]["data"]["edition"]["status"], "draft");
    api.does(200, "PUT", "/v1/editions/e1", edition).await;
    let page = api.does(200, "GET", "/v1/editions", Value::Null).await;
    assert!(page["editions"][0].get("contents").is_none());
    api.does(204, "DELETE", "/v1/editions/e1", Value::Null).await;
    for (method, path) in [("GET", ""), ("DELETE", ""), ("POST", "/schedule"), ("POST", "/unschedule")] {
        let ask = api.ask(method, &format!("/v1/editions/e1{path}"), Value::Null);
        api.refuses(404, "not-found", &ask).await;
    }
}

#[tokio::test]
async fn editions_that_mean_nothing_are_refused() {
    let api = Api::start().await;
    let [start, end] = ["2027-03-01T00:00:00Z", "2027-04-01T00:00:00Z"];
    for (body, path) in [
        (json!({"name": " ", "start": start, "end": end}), "name"),
        (json!({"name": "x", "start": "2027-03-01", "end": end}), "start"),
        (json!({"name": "x", "start": start, "end": "soon"}), "end"),
        (json!({"name": "x", "start": end, "end": start}), "end"),
        (json!({"name": "x", "start": end, "end": start, "status": "scheduled"}), "status"),
        (json!({"name": "x", "start": end}), ""),
    ] {
        assert_eq!(api.faults(&api.ask("PUT", "/v1/editions/e", body.clone())).await[0].0, path, "{body}");
    }
    api.faults(&api.ask("PUT", "/v1/editions/a%20b", json!({"name": "x", "start": start, "end": end}))).await;
}
