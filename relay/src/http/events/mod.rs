//! `POST /v1/events`, `GET /v1/events` and `GET /v1/counts`.

pub(crate) mod read;

use super::bounds::{BEACON_BYTES, PAGE_BYTES, PAGE_EVENTS};
use super::fault::Fault;
use super::fields::{self, ContentType};
use super::{Shared, body, query, reply, who};
use crate::core::Reply;
use crate::store::{EventFilter, StoredEvent};
use crate::token::Scope;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use cuehook_json::write_string;
use cuehook_protocol::{RelayOutcome, rfc3339};
use read::Offered;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Events in one page, if nothing is said.
const PAGE: usize = 100;

/// Takes events.
#[utoipa::path(post, path = "/v1/events", tag = "events", security(("playerToken" = []), ("apiKey" = ["events:write"])),
    params(("token" = Option<String>, Query, description = "The player's token, of beacons (`text/plain`) alone")),
    request_body(content = crate::http::openapi::Anything, description = "An event, `{\"events\":[…]}`, or a batch", content_type = "application/json"),
    responses((status = 200, description = "What became of each event", body = crate::http::openapi::Verdicts)))]
pub(super) async fn take(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    taken(&shared, &head, body).await.unwrap_or_else(IntoResponse::into_response)
}

async fn taken(shared: &Shared, head: &Parts, body: Body) -> Result<Response, Fault> {
    let kind = fields::content_type(&head.headers)?;
    let query = query::read(&head.uri, &["token"])?;
    let token = match query.get("token") {
        None => None,
        // What can send header fields does not have its token in addresses, which others write into their logs.
        Some(_) if kind != ContentType::Text => {
            return Err(Fault::bad(
                "only beacons (`content-type: text/plain`) have their token in the address",
            ));
        }
        Some(token) => Some(
            fields::token(token).ok_or_else(|| Fault::unauthorized("the token in the address is none"))?,
        ),
    };
    let sender = who::sender(shared, head, token)?;
    let limit = usize::try_from(shared.limits.events_bytes).unwrap_or(usize::MAX);
    let limit = if kind == ContentType::Text { limit.min(BEACON_BYTES) } else { limit };
    let (bytes, room) = body::read(shared, body, limit).await?.into_parts();
    let most = usize::try_from(shared.limits.events_per_request).unwrap_or(usize::MAX);
    let Offered { events, refused } = read::read(&bytes, most)?;
    let size = bytes.len();
    drop(bytes);
    // Also if none can be read: it counts for the limits.
    let reply = shared.driver.events(events, sender, size).await;
    drop(room);
    match reply {
        Reply::Events { results, reasons } => {
            for (_, result) in &results {
                shared.metrics.events(result, 1);
            }
            shared.metrics.events("drop", refused.len());
            let results = results.into_iter().map(|(id, result)| (id.to_string(), result));
            let reasons = reasons.into_iter().map(|(id, reason)| (id.to_string(), reason));
            Ok(reply::json(RelayOutcome::Accepted, verdicts(results, reasons, refused)))
        }
        Reply::Refused(refusal) => Err(refusal.into()),
        Reply::Answer(_) | Reply::Failed(_) => Err(reply::misunderstood()),
    }
}

/// What has become of each event: of those that could be read, and of those that were `refused` before. Of several with one id the
/// first counts: it may be new, and the others are the same.
fn verdicts(
    results: impl Iterator<Item = (String, &'static str)>,
    reasons: impl Iterator<Item = (String, String)>,
    refused: Vec<(String, String)>,
) -> String {
    let mut verdicts = Map::new();
    let mut reasons: Map<String, Value> = reasons.map(|(id, reason)| (id, reason.into())).collect();
    for (id, result) in results {
        verdicts.entry(id).or_insert_with(|| result.into());
    }
    for (id, reason) in refused {
        if !verdicts.contains_key(&id) {
            verdicts.insert(id.clone(), "drop".into());
            reasons.insert(id, reason.into());
        }
    }
    let mut body = Map::from_iter([("results".to_owned(), Value::Object(verdicts))]);
    if !reasons.is_empty() {
        body.insert("reasons".to_owned(), Value::Object(reasons));
    }
    Value::Object(body).to_string()
}

/// Events that were taken, the newest first.
#[utoipa::path(get, path = "/v1/events", tag = "events", security(("apiKey" = ["events:read"])),
    params(
        ("type" = Option<String>, Query, description = "Of this type"),
        ("project" = Option<String>, Query, description = "Of this project"),
        ("id" = Option<uuid::Uuid>, Query, description = "This one"),
        ("limit" = Option<u32>, Query, description = "So many at most", minimum = 1, maximum = 500),
        ("before" = Option<String>, Query, description = "The `next` of the page before", pattern = "^[0-9]{1,18}$"),
    ),
    responses((status = 200, description = "A page of events", body = crate::http::openapi::EventPage)))]
pub(super) async fn list(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (head, _) = request.into_parts();
    match page_of(&shared, &head).await {
        Ok(body) => reply::json(RelayOutcome::Accepted, body),
        Err(fault) => fault.into_response(),
    }
}

async fn page_of(shared: &Shared, head: &Parts) -> Result<String, Fault> {
    let key = who::server(shared, head, Scope::EventsRead)?;
    let query = query::read(&head.uri, &["type", "project", "id", "before", "limit"])?;
    let text = |name: &str| query.get(name).map(str::to_owned);
    let id = query.get("id").map(|id| fields::uuid(id).ok_or_else(|| Fault::bad("`id` has to be a UUID")));
    let before = query
        .get("before")
        .map(|place| place.parse().map_err(|_| Fault::bad("`before` has to be the `next` of another page")));
    let limit = match query.get("limit").map(str::parse::<usize>) {
        None => PAGE,
        Some(Ok(limit)) if (1..=PAGE_EVENTS).contains(&limit) => limit,
        Some(_) => return Err(Fault::bad(format!("`limit` has to be a number from 1 to {PAGE_EVENTS}"))),
    };
    let project = match (key.project, text("project")) {
        (Some(own), Some(asked)) if own != asked => {
            return Err(Fault::forbidden(format!("the API key `{}` is for another project", key.name)));
        }
        (own, asked) => own.or(asked),
    };
    let filter =
        EventFilter { kind: text("type"), project, id: id.transpose()?, before: before.transpose()?, limit };
    let events = shared.store.events(&filter).await?;
    Ok(page(&events, limit))
}

/// A page, which ends before it is too large. `next` is there if there may be more.
fn page(events: &[StoredEvent], limit: usize) -> String {
    let mut out = String::from("{\"events\":[");
    let mut last = None;
    for event in events {
        if last.is_some() {
            if out.len() + event.body.len() > PAGE_BYTES {
                break;
            }
            out.push(',');
        }
        write_event(event, &mut out);
        last = Some(event.place);
    }
    out.push(']');
    let is_all = events.len() < limit && last == events.last().map(|event| event.place);
    if let Some(place) = last.filter(|_| !is_all) {
        out.push_str(",\"next\":");
        write_string(&place.to_string(), &mut out);
    }
    out.push('}');
    out
}

fn write_event(event: &StoredEvent, out: &mut String) {
    #[allow(clippy::cast_precision_loss)]
    let time = |ms: i64| rfc3339(ms as f64);
    let at = time(event.at);
    let taken_at = time(event.taken_at);
    let id = event.id.to_string();
    let parts = [
        ("{\"id\":", id.as_str()),
        (",\"type\":", &event.kind),
        (",\"project\":", &event.project),
        (",\"source\":", &event.source),
        (",\"at\":", &at),
        (",\"takenAt\":", &taken_at),
    ];
    for (key, value) in parts {
        out.push_str(key);
        write_string(value, out);
    }
    out.push_str(",\"event\":");
    out.push_str(&event.body);
    out.push('}');
}

/// How many events and deliveries there are.
#[utoipa::path(get, path = "/v1/counts", tag = "events", security(("apiKey" = ["events:read"])),
    responses((status = 200, description = "The counts", body = crate::http::openapi::CountsView)))]
pub(super) async fn counts(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (head, _) = request.into_parts();
    match counted(&shared, &head).await {
        Ok(body) => reply::json(RelayOutcome::Accepted, body),
        Err(fault) => fault.into_response(),
    }
}

async fn counted(shared: &Shared, head: &Parts) -> Result<String, Fault> {
    who::server_of_all(shared, head, Scope::EventsRead)?;
    query::read(&head.uri, &[])?;
    let counts = shared.store.counts().await?;
    Ok(json!({
        "events": counts.events,
        "deliveries": {
            "accepted": counts.accepted,
            "delivered": counts.delivered,
            "pending": counts.pending,
            "skipped": counts.skipped,
            "dead": counts.dead,
        },
    })
    .to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn stored(place: i64, bytes: usize) -> StoredEvent {
        StoredEvent {
            place,
            id: Uuid::from_u128(7),
            kind: "a.b".into(),
            project: "p\"".into(),
            source: "s".into(),
            at: 0,
            taken_at: 1,
            body: json!({"data": "x".repeat(bytes)}).to_string(),
        }
    }

    fn read(page: &str) -> (usize, Option<String>) {
        let page: Value = serde_json::from_str(page).unwrap();
        (page["events"].as_array().unwrap().len(), page["next"].as_str().map(str::to_owned))
    }

    #[test]
    fn pages_end_and_say_where_to_go_on() {
        let few = [stored(9, 1), stored(8, 1)];
        assert_eq!(read(&page(&few, 3)), (2, None));
        assert_eq!(read(&page(&few, 2)), (2, Some("8".into())), "there may be more");
        assert_eq!(read(&page(&[], 2)), (0, None));
        let large: Vec<_> = (0..10).map(|place| stored(10 - place, PAGE_BYTES / 4)).collect();
        assert_eq!(read(&page(&large, 100)), (3, Some("8".into())), "it would be too large");
        let huge = [stored(2, 2 * PAGE_BYTES), stored(1, 1)];
        assert_eq!(read(&page(&huge, 100)), (1, Some("2".into())), "one there is always");
    }

    #[test]
    fn the_first_of_one_id_counts() {
        let results = [("a", "ok"), ("a", "dup"), ("b", "dup"), ("c", "drop")]
            .map(|(id, result)| (id.to_owned(), result));
        let refused =
            vec![("a".to_owned(), "not read".to_owned()), ("[3]".to_owned(), "no object".to_owned())];
        let reasons = [("c".to_owned(), "not allowed".to_owned())].into_iter();
        let body: Value = serde_json::from_str(&verdicts(results.into_iter(), reasons, refused)).unwrap();
        assert_eq!(
            body,
            json!({
                "results": {"a": "ok", "b": "dup", "c": "drop", "[3]": "drop"},
                "reasons": {"c": "not allowed", "[3]": "no object"},
            })
        );
    }
}
