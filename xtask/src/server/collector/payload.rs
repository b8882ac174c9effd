//! Which events a request carries, in the formats of Cuehook and of the peers that the bench compares.

// Looking for a member of a JSON value gives null where there is none; only adding one to what is no object panics.
#![allow(clippy::indexing_slicing)]

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

/// An event as the ledger knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// Its id.
    pub id: String,
    /// Its type.
    pub kind: String,
    /// Its session.
    pub session: String,
    /// When it happened, as its sender says.
    pub timestamp: String,
    /// Its number in the session, for this receiver.
    pub seq: Option<u64>,
    /// What the page that minted it called it.
    pub mark: String,
    /// A hash of its JSON.
    pub hash: u64,
}

/// The events of a body. An event without an id of its own has that of the delivery.
///
/// # Errors
/// A sentence, if it is nothing that is known.
pub fn events(body: &[u8], webhook_id: Option<&str>) -> Result<Vec<Received>, String> {
    let text = std::str::from_utf8(body).map_err(|_| "The body is not UTF-8.".to_owned())?;
    let Ok(value) = serde_json::from_str::<Value>(text) else { return envelope(text) };
    let list = |pointer: &str| value.pointer(pointer).and_then(Value::as_array);
    if let Some(events) = list("/data/events").filter(|_| value["type"] == "events") {
        return events.iter().map(|event| own(event, None)).collect();
    }
    if let Some(resources) = list("/resourceLogs") {
        return Ok(log_records(resources));
    }
    if let Some(events) = list("/data").filter(|_| value["schema"].is_string()) {
        return Ok(events.iter().map(snowplow).collect());
    }
    if let Some(events) = list("/batch") {
        return Ok(events.iter().map(posthog).collect());
    }
    match &value {
        Value::Array(events) if events.iter().any(|event| event["event"].is_string()) => {
            Ok(events.iter().map(posthog).collect())
        }
        Value::Array(events) => events.iter().map(|event| own(event, None)).collect(),
        event if event["event"].is_string() && event["properties"].is_object() => Ok(vec![posthog(event)]),
        event => own(event, webhook_id).map(|event| vec![event]),
    }
}

/// An event of Cuehook, in its own format, as a CloudEvent, or in another one that has an id.
fn own(event: &Value, webhook_id: Option<&str>) -> Result<Received, String> {
    let id = event["id"].as_str().or(webhook_id).ok_or_else(|| {
        format!("An event has no id: {}", event.to_string().chars().take(200).collect::<String>())
    })?;
    let session = &event["data"]["session"];
    Ok(Received {
        id: short(id),
        kind: text(&event["type"]),
        session: text(&session["id"]),
        timestamp: text(&event["timestamp"]),
        seq: session["seq"].as_u64(),
        mark: text(&event["data"]["properties"]["mark"]),
        hash: hash(event.to_string().as_bytes()),
    })
}

/// <https://docs.snowplow.io/docs/events/going-deeper/event-parameters/>: `ue_pr` is the event as JSON text.
fn snowplow(event: &Value) -> Received {
    let own: Value =
        event["ue_pr"].as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    peer(&event["eid"], &event["e"], &own["data"]["data"]["mark"], event)
}

fn posthog(event: &Value) -> Received {
    peer(&event["uuid"], &event["event"], &event["properties"]["mark"], event)
}

/// OTLP as JSON: <https://opentelemetry.io/docs/specs/otlp/>. Its records have no ids.
fn log_records(resources: &[Value]) -> Vec<Received> {
    let all = |list: &Value, name: &str| list[name].as_array().cloned().unwrap_or_default();
    let scopes = resources.iter().flat_map(|resource| all(resource, "scopeLogs"));
    let records = scopes.flat_map(|scope| all(&scope, "logRecords"));
    let found = records.map(|record| {
        let attributes = all(&record, "attributes");
        let mark = attributes.iter().find(|attribute| attribute["key"] == "mark");
        let mark = mark.map(|mark| mark["value"]["stringValue"].clone()).unwrap_or_default();
        peer(&mark, &record["eventName"], &mark, &record)
    });
    found.collect()
}

/// Sentry's envelopes: lines of JSON, an item's header before its payload.
/// <https://develop.sentry.dev/sdk/data-model/envelopes/>
fn envelope(text: &str) -> Result<Vec<Received>, String> {
    let mut lines = text.lines();
    let header = lines.next().and_then(|line| serde_json::from_str::<Value>(line).ok());
    if header.is_none() {
        return Err(format!("The body is no JSON: {}", text.chars().take(200).collect::<String>()));
    }
    let mut found = Vec::new();
    while let (Some(header), Some(payload)) = (lines.next(), lines.next()) {
        let (Ok(header), Ok(payload)) =
            (serde_json::from_str::<Value>(header), serde_json::from_str::<Value>(payload))
        else {
            continue;
        };
        if header["type"] == "event" {
            found.push(peer(&payload["event_id"], &header["type"], &payload["tags"]["mark"], &payload));
        }
    }
    Ok(found)
}

fn peer(id: &Value, kind: &Value, mark: &Value, event: &Value) -> Received {
    Received {
        id: text(id),
        kind: text(kind),
        mark: text(mark),
        hash: hash(event.to_string().as_bytes()),
        ..Received::default()
    }
}

/// A hash that is the same as long as the server runs.
pub fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

fn text(value: &Value) -> String {
    short(value.as_str().unwrap_or_default())
}

/// Nothing that is kept of an event is longer.
fn short(text: &str) -> String {
    text.chars().take(100).collect()
}
