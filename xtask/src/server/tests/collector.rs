//! The collector keeps a true ledger, also of what it is told to answer wrongly.

use serde_json::{Value, json};
use ureq::http::Response;
use ureq::{Body, Error};

use super::{Site, agent, header, read, read_json};

impl Site {
    fn send(&self, queue: &str, body: &str) -> Result<Response<Body>, Error> {
        self.send_as(queue, "delivery", body)
    }

    fn send_as(&self, queue: &str, id: &str, body: &str) -> Result<Response<Body>, Error> {
        let url = format!("{}/collect/{queue}", self.server.origin());
        agent().post(url).header("content-type", "text/plain").header("webhook-id", id).send(body)
    }

    fn tell(&self, path: &str, body: &Value) -> u16 {
        let url = format!("{}/{path}", self.server.origin());
        let sent = agent().put(url).header("content-type", "application/json").send(body.to_string());
        sent.unwrap().status().as_u16()
    }

    fn ledger(&self, queue: &str) -> Value {
        read_json(self.get(&format!("/collect/{queue}")))
    }
}

fn event(id: &str, seq: u64) -> Value {
    json!({
        "type": "cart.added", "id": id, "timestamp": "2026-11-20T20:07:00.123Z",
        "data": { "session": { "id": "s", "seq": seq }, "properties": { "mark": format!("mark-{seq}") } },
    })
}

#[test]
fn events_come_alone_in_batches_and_as_cloud_events() {
    let site = Site::new("collect");
    site.send_as("q", "a", &event("a", 1).to_string()).unwrap();
    let batch =
        json!({ "type": "events", "id": "batch", "data": { "events": [event("a", 1), event("b", 2)] } });
    site.send_as("q", "batch", &batch.to_string()).unwrap();
    let mut cloud = event("c", 3);
    cloud["specversion"] = json!("1.0");
    site.send_as("q", "clouds", &json!([cloud]).to_string()).unwrap();
    site.send_as("q", "statement", &json!({ "verb": {} }).to_string()).unwrap();
    let ledger = site.ledger("q");
    let ids: Vec<&str> =
        ledger["events"].as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["a", "b", "c", "statement"], "in the order of their arrival");
    let mut first = ledger["events"][0].clone();
    let came = first.as_object_mut().unwrap().remove("cameMs").unwrap().as_u64().unwrap();
    assert!(came > 1_700_000_000_000, "in Unix milliseconds: {came}");
    assert_eq!(
        first,
        json!({
            "id": "a", "type": "cart.added", "session": "s", "seq": 1, "mark": "mark-1", "times": 2, "bodies": 1,
            "deliveries": ["a", "batch"], "timestamp": "2026-11-20T20:07:00.123Z",
        })
    );
    assert_eq!((&ledger["held"], &ledger["duplicates"]), (&json!(4), &json!(1)));
    assert_eq!(site.ledger("other")["held"], 0);
    assert_eq!(read_json(site.get("/collect/q?brief=1"))["events"], Value::Null);
}

#[test]
fn a_delivery_whose_bytes_change_is_seen() {
    let site = Site::new("collect-bytes");
    for seq in [1, 1, 2] {
        site.send_as("q", "a", &event("a", seq).to_string()).unwrap();
    }
    let ledger = site.ledger("q");
    assert_eq!(ledger["deliveries"][0], json!({ "id": "a", "requests": 3, "processed": 3, "bodies": 2 }));
    assert_eq!(ledger["events"][0]["bodies"], 2);
}

#[test]
fn what_is_answered_wrongly_is_held_only_if_it_was_processed() {
    let site = Site::new("collect-told");
    let script = json!({
        "answers": [
            { "status": 503, "retryAfter": "7", "times": 2 },
            { "lost": "request" },
            { "lost": "response" },
            { "verdicts": ["ok", "retry"] },
            { "status": 204, "cors": false },
            { "forget": true },
        ],
        "otherwise": { "status": 410 },
    });
    assert_eq!(site.tell("collect/q", &script), 200);
    for _ in 0..2 {
        let refused = site.send("q", &event("a", 1).to_string()).unwrap();
        assert_eq!((refused.status().as_u16(), header(&refused, "retry-after")), (503, "7"));
    }
    assert!(site.send("q", &event("b", 2).to_string()).is_err());
    assert_eq!(site.ledger("q")["held"], 0);
    assert!(site.send("q", &event("c", 3).to_string()).is_err());
    let batch = json!([event("d", 4), event("e", 5), event("f", 6)]).to_string();
    let verdicts = read_json(site.send("q", &batch).unwrap());
    assert_eq!(verdicts, json!({ "results": { "d": "ok", "e": "retry", "f": "retry" } }));
    let closed = site.send("q", &event("g", 7).to_string()).unwrap();
    assert_eq!((closed.status().as_u16(), header(&closed, "access-control-allow-origin")), (204, ""));
    assert_eq!(site.send("q", &event("i", 9).to_string()).unwrap().status(), 200);
    assert_eq!(site.send("q", &event("h", 8).to_string()).unwrap().status(), 410);
    let ledger = site.ledger("q");
    let ids: Vec<&Value> = ledger["events"].as_array().unwrap().iter().map(|event| &event["id"]).collect();
    assert_eq!(ids, ["c", "d", "g"]);
    assert_eq!((&ledger["requests"], &ledger["processed"]), (&json!(8), &json!(4)));
    assert_eq!(site.tell("collect/q", &json!({ "answer": [] })), 400, "a word that is misspelt");
}

#[test]
fn while_it_is_down_nobody_is_answered() {
    let site = Site::new("collect-down");
    assert_eq!(site.tell("collect-down", &json!(true)), 200);
    assert!(site.send("q", &event("a", 1).to_string()).is_err());
    assert_eq!(site.ledger("q")["requests"], 0, "who asks for the ledger is answered");
    assert_eq!(site.tell("collect-down", &json!(false)), 200);
    site.send("q", &event("a", 1).to_string()).unwrap();
    assert_eq!(site.ledger("q")["held"], 1);
}

#[test]
fn a_preflight_is_answered_as_the_request_will_be() {
    let site = Site::new("collect-preflight");
    let ask = || {
        let host = site.host();
        site.raw(&format!(
            "OPTIONS /collect/q HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\norigin: http://a.example\r\n\
             access-control-request-headers: webhook-id\r\n\r\n"
        ))
    };
    assert!(ask().contains("access-control-allow-headers: webhook-id"));
    site.tell("collect/q", &json!({ "answers": [{ "cors": false }] }));
    assert!(!ask().contains("access-control-allow"));
    assert_eq!(site.ledger("q")["preflights"], 2);
}

#[test]
fn what_is_no_event_is_a_problem_and_bounds_are_kept() {
    let site = Site::new("collect-bounds");
    site.send("q", "nonsense").unwrap();
    let without_id = format!("{}/collect/q", site.server.origin());
    agent().post(without_id).send("{\"verb\":1}").unwrap();
    assert_eq!(site.ledger("q")["problems"].as_array().unwrap().len(), 2);
    assert_eq!(site.send(&"q".repeat(65), "{}").unwrap().status(), 507);
    assert_eq!(site.send("a%20b", "{}").unwrap().status(), 507);
    let forgotten = agent().delete(format!("{}/collect/q", site.server.origin())).call().unwrap();
    assert_eq!(read(forgotten), "true");
    assert_eq!(site.ledger("q")["requests"], 0);
}

#[test]
fn peers_send_in_their_own_ways() {
    let site = Site::new("collect-peers");
    let inner = json!({ "data": { "data": { "mark": "m1" } } }).to_string();
    let snowplow =
        json!({ "schema": "iglu:x", "data": [{ "e": "ue", "eid": "1", "ue_pr": inner }] }).to_string();
    let posthog = json!([{ "event": "x", "uuid": "1", "properties": { "mark": "m1" } }]).to_string();
    let sentry = format!(
        "{}\n{}\n{}\n",
        json!({ "event_id": "1" }),
        json!({ "type": "event" }),
        json!({ "event_id": "1", "tags": { "mark": "m1" } })
    );
    let attributes = json!([{ "key": "mark", "value": { "stringValue": "m1" } }]);
    let otlp = json!({
        "resourceLogs": [{ "scopeLogs": [{ "logRecords": [{ "eventName": "x", "attributes": attributes }] }] }],
    })
    .to_string();
    for (peer, body) in [("snowplow", snowplow), ("posthog", posthog), ("sentry", sentry), ("otlp", otlp)] {
        site.send(&format!("{peer}/some/path"), &body).unwrap();
        assert_eq!(site.ledger(peer)["events"][0]["mark"], "m1", "{peer}");
    }
}
