//! `/v1/deliveries`: what was sent and what came of it, and sending it again.

use super::known::Known;
use super::read::Body;
use super::request::{RequestView, look};
use super::{Asked, input::refuse, instant, not_found, part, respond, time};
use crate::http::bounds::{REPLAY_PAGE, REPLAYED};
use crate::http::fault::{Fault, ManageCode};
use crate::http::{Shared, fields};
use crate::serve::wall_ms;
use crate::store::{Attempt, DeliveryFilter, DeliveryId, DeliveryState, StoredDelivery, WholeDelivery};
use crate::token::{ApiKey, Scope};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::sync::Arc;
use utoipa::ToSchema;

type Id = Result<Path<String>, PathRejection>;

/// How a delivery stands.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryStatus {
    /// It waits, or is under way.
    Pending,
    /// The receiver has it.
    Delivered,
    /// It was not to be sent after all.
    Skipped,
    /// It was given up.
    Dead,
}

impl DeliveryStatus {
    const WORDS: [(&'static str, Self); 4] = [
        ("pending", Self::Pending),
        ("delivered", Self::Delivered),
        ("skipped", Self::Skipped),
        ("dead", Self::Dead),
    ];

    fn of(state: DeliveryState) -> Self {
        match state {
            DeliveryState::Pending => Self::Pending,
            DeliveryState::Delivered => Self::Delivered,
            DeliveryState::Skipped => Self::Skipped,
            DeliveryState::Dead => Self::Dead,
        }
    }

    fn state(self) -> DeliveryState {
        match self {
            Self::Pending => DeliveryState::Pending,
            Self::Delivered => DeliveryState::Delivered,
            Self::Skipped => DeliveryState::Skipped,
            Self::Dead => DeliveryState::Dead,
        }
    }
}

/// An event and a webhook that is sent it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryView {
    /// Its name.
    id: String,
    /// The webhook.
    webhook: String,
    /// The event's id, which the webhook is told as `webhook-id`.
    event: String,
    /// The event's type.
    #[serde(rename = "type")]
    kind: String,
    /// The event's project; empty if it has none.
    project: String,
    /// How it stands.
    status: DeliveryStatus,
    /// Why it was given up or skipped.
    reason: Option<String>,
    /// Attempts so far.
    attempts: u32,
    /// When the event was taken.
    taken_at: String,
    /// When it is due; while it is under way: when it is given to another attempt at the latest. Null if it has ended.
    due_at: Option<String>,
    /// When it ended.
    ended_at: Option<String>,
}

/// A page of deliveries.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryPage {
    /// The deliveries, the newest first.
    deliveries: Vec<DeliveryView>,
    /// The `before` of the next page, if there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A delivery with all that is known of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WholeDeliveryView {
    #[serde(flatten)]
    delivery: DeliveryView,
    /// The whole event.
    #[schema(value_type = Object)]
    payload: Box<RawValue>,
    /// What would be sent if it were sent now; null if that is nothing, or not for this key.
    request: Option<RequestView>,
    /// Why there is none.
    request_fault: Option<String>,
    /// Its attempts, the first one first.
    log: Vec<AttemptView>,
}

/// An attempt.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttemptView {
    /// When it began.
    at: String,
    /// How long it took, in milliseconds.
    took_ms: u32,
    /// The response's status; null if there was none.
    status: Option<u16>,
    /// What went wrong.
    fault: Option<String>,
    /// How the response's body began, without secrets of the webhook.
    response: Option<String>,
}

/// Which deliveries are to be sent again. At least one of these.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// To this webhook.
    webhook: Option<String>,
    /// Of this event.
    #[schema(format = Uuid)]
    event: Option<String>,
    /// Of events of this type.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// Of events of this project.
    project: Option<String>,
    /// Those that stand like this; those that wait stay as they are.
    status: Option<DeliveryStatus>,
    /// Of events that were taken then or later.
    #[schema(format = DateTime)]
    from: Option<String>,
    /// Of events that were taken before then.
    #[schema(format = DateTime)]
    to: Option<String>,
    /// The `next` of the response before, if there was one.
    #[schema(pattern = "^[0-9]{1,18}$")]
    before: Option<String>,
}

impl Body for Replay {}

/// What a replay has done.
#[derive(Debug, Serialize, ToSchema)]
pub struct Replayed {
    /// So many are due again.
    replayed: u64,
    /// The `before` with which to go on, if there may be more.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Deliveries, the newest first.
#[utoipa::path(get, path = "/v1/deliveries", tag = "deliveries", security(("apiKey" = ["deliveries:read"])),
    params(
        ("webhook" = Option<String>, Query, description = "To this webhook"),
        ("event" = Option<uuid::Uuid>, Query, description = "Of this event"),
        ("type" = Option<String>, Query, description = "Of events of this type"),
        ("project" = Option<String>, Query, description = "Of events of this project"),
        ("status" = Option<DeliveryStatus>, Query, description = "Those that stand like this"),
        ("from" = Option<String>, Query, description = "Of events that were taken then or later", format = DateTime),
        ("to" = Option<String>, Query, description = "Of events that were taken before then", format = DateTime),
        ("before" = Option<String>, Query, description = "The `next` of the page before", pattern = "^[0-9]{1,18}$"),
        ("limit" = Option<u32>, Query, description = "So many at most", minimum = 1, maximum = 200),
    ),
    responses((status = 200, description = "A page of deliveries", body = DeliveryPage)))]
pub(in crate::http) async fn list(
    State(shared): State<Arc<Shared>>,
    request: Request,
) -> Result<Response, Fault> {
    const KNOWN: [&str; 9] =
        ["webhook", "event", "type", "project", "status", "from", "to", "before", "limit"];
    let asked = Asked::of(&shared, request, Scope::DeliveriesRead, &KNOWN)?;
    let text = |name: &str| asked.query.get(name).map(str::to_owned);
    let status = asked.query.get("status").map(|word| {
        let known = DeliveryStatus::WORDS.into_iter().find(|(known, _)| *known == word);
        let fault = || Fault::bad("`status` has to be `pending`, `delivered`, `skipped` or `dead`");
        known.map(|(_, status)| status).ok_or_else(fault)
    });
    let wanted = Wanted {
        webhook: text("webhook"),
        event: text("event"),
        kind: text("type"),
        project: text("project"),
        status: status.transpose()?,
        from: text("from"),
        to: text("to"),
    };
    let limit = asked.limit()?;
    let before = asked.before()?.map(DeliveryId);
    let filter = wanted.filter(&asked.key).map_err(|(_, message)| Fault::bad(message))?;
    let found = shared.store.deliveries(&DeliveryFilter { before, limit, ..filter }).await?;
    let next = found.last().filter(|_| found.len() == limit).map(|last| last.id.0.to_string());
    respond(StatusCode::OK, &DeliveryPage { deliveries: found.into_iter().map(shown).collect(), next })
}

/// A delivery with its event, its attempts, and what would be sent now.
#[utoipa::path(get, path = "/v1/deliveries/{id}", tag = "deliveries", security(("apiKey" = ["deliveries:read"])),
    params(("id" = String, Path, description = "The delivery")),
    responses((status = 200, description = "The delivery", body = WholeDeliveryView)))]
pub(in crate::http) async fn show(
    State(shared): State<Arc<Shared>>,
    id: Id,
    request: Request,
) -> Result<Response, Fault> {
    let asked = Asked::of(&shared, request, Scope::DeliveriesRead, &[])?;
    let WholeDelivery { delivery, body, log } = find(&shared, &asked.key, &part(id)?).await?;
    let request = match Known::find(&shared, &asked.key, &delivery.webhook).await {
        Ok(known) => look(&shared, &known, &delivery, &body).await,
        // It was removed, or is for others, too: then its settings are not for this key.
        Err(fault) if fault.code == ManageCode::NotFound.as_str() => {
            Err("the webhook is not there any more, or not for this API key".to_owned())
        }
        Err(fault) => Err(fault.message.into_owned()),
    };
    let (request, request_fault) = match request {
        Ok(request) => (Some(request), None),
        Err(fault) => (None, Some(fault)),
    };
    let damaged = |error: serde_json::Error| {
        tracing::error!(%error, "a stored event is no JSON");
        Fault::unavailable("what is stored of this event cannot be read")
    };
    let payload = RawValue::from_string(body).map_err(damaged)?;
    let log = log.into_iter().map(attempt).collect();
    let delivery = shown(delivery);
    respond(StatusCode::OK, &WholeDeliveryView { delivery, payload, request, request_fault, log })
}

/// Sends a delivery that has ended again, under the event's id, also to a webhook that is disabled.
#[utoipa::path(post, path = "/v1/deliveries/{id}/replay", tag = "deliveries", security(("apiKey" = ["deliveries:write"])),
    params(("id" = String, Path, description = "The delivery")),
    responses((status = 200, description = "1, or 0 if it has not ended", body = Replayed)))]
pub(in crate::http) async fn replay_one(
    State(shared): State<Arc<Shared>>,
    id: Id,
    request: Request,
) -> Result<Response, Fault> {
    let asked = Asked::of(&shared, request, Scope::DeliveriesWrite, &[])?;
    let id = part(id)?;
    let delivery = find(&shared, &asked.key, &id).await?.delivery;
    let filter = DeliveryFilter {
        webhook: Some(delivery.webhook),
        event: Some(delivery.event),
        before: Some(DeliveryId(delivery.id.0.saturating_add(1))),
        limit: 1,
        ..DeliveryFilter::default()
    };
    let audit = asked.audit("delivery.replayed", &id, String::new());
    let (replayed, _) = shared.store.replay(&filter, audit, wall_ms()).await?;
    shared.driver.changed();
    respond(StatusCode::OK, &Replayed { replayed, next: None })
}

/// Sends all deliveries again that have ended and that a filter finds, the newest first, up to 10,000 in one request.
#[utoipa::path(post, path = "/v1/deliveries/replay", tag = "deliveries", security(("apiKey" = ["deliveries:write"])),
    request_body = Replay,
    responses((status = 200, description = "How many it was", body = Replayed)))]
pub(in crate::http) async fn replay(
    State(shared): State<Arc<Shared>>,
    request: Request,
) -> Result<Response, Fault> {
    let (asked, sent) = Asked::with_body(&shared, request, Scope::DeliveriesWrite, &[])?;
    let body = sent.json(&shared).await?;
    let said = body.to_string();
    let Replay { webhook, event, kind, project, status, from, to, before } = super::read_value(body)?;
    let mut before = match before.as_deref().map(super::place) {
        Some(place) => Some(DeliveryId(place.map_err(|fault| refuse("before", fault.message.into_owned()))?)),
        None => None,
    };
    let wanted = Wanted { webhook, event, kind, project, status, from, to };
    if wanted.is_empty() {
        return Err(refuse("", "say which: this would send everything again that is kept"));
    }
    let filter = wanted.filter(&asked.key).map_err(|(path, message)| refuse(path, message))?;
    let target = filter.webhook.clone().unwrap_or_default();
    let detail: String = said.chars().take(250).collect();
    let mut replayed = 0;
    for _ in 0..REPLAYED / REPLAY_PAGE {
        let filter = DeliveryFilter { before, limit: REPLAY_PAGE, ..filter.clone() };
        let audit = asked.audit("deliveries.replayed", &target, detail.clone());
        let (count, next) = shared.store.replay(&filter, audit, wall_ms()).await?;
        replayed += count;
        before = next;
        if next.is_none() {
            break;
        }
    }
    shared.driver.changed();
    respond(StatusCode::OK, &Replayed { replayed, next: before.map(|id| id.0.to_string()) })
}

/// Which deliveries are wanted, as it was written.
#[derive(Debug)]
struct Wanted {
    webhook: Option<String>,
    event: Option<String>,
    kind: Option<String>,
    project: Option<String>,
    status: Option<DeliveryStatus>,
    from: Option<String>,
    to: Option<String>,
}

impl Wanted {
    fn is_empty(&self) -> bool {
        let texts = [&self.webhook, &self.event, &self.kind, &self.project, &self.from, &self.to];
        self.status.is_none() && texts.into_iter().all(Option::is_none)
    }

    /// As the store is asked; or what is wrong, and where.
    fn filter(self, key: &ApiKey) -> Result<DeliveryFilter, (&'static str, String)> {
        let event = self.event.map(|id| fields::uuid(&id).ok_or("`event` has to be a UUID"));
        let time = |name: &'static str, text: Option<String>| {
            text.map(|text| instant(name, &text)).transpose().map_err(|message| (name, message))
        };
        let project = match (&key.project, self.project) {
            (Some(own), Some(asked)) if *own != asked => {
                return Err(("project", format!("the API key `{}` is for another project", key.name)));
            }
            (own, asked) => own.clone().or(asked),
        };
        Ok(DeliveryFilter {
            webhook: self.webhook,
            event: event.transpose().map_err(|message| ("event", message.to_owned()))?,
            kind: self.kind,
            project,
            state: self.status.map(DeliveryStatus::state),
            from: time("from", self.from)?,
            to: time("to", self.to)?,
            ..DeliveryFilter::default()
        })
    }
}

/// The delivery with this id, if this key is for it.
async fn find(shared: &Shared, key: &ApiKey, id: &str) -> Result<WholeDelivery, Fault> {
    let id = super::place(id).map_err(|_| not_found("delivery"))?;
    let found = shared.store.delivery(DeliveryId(id)).await?;
    let is_for =
        |found: &WholeDelivery| key.project.as_ref().is_none_or(|own| *own == found.delivery.project);
    found.filter(is_for).ok_or_else(|| not_found("delivery"))
}

fn shown(delivery: StoredDelivery) -> DeliveryView {
    DeliveryView {
        id: delivery.id.0.to_string(),
        webhook: delivery.webhook,
        event: delivery.event.to_string(),
        kind: delivery.kind,
        project: delivery.project,
        status: DeliveryStatus::of(delivery.state),
        reason: said(delivery.reason),
        attempts: delivery.attempts,
        taken_at: time(delivery.taken_at),
        due_at: delivery.due_at.map(time),
        ended_at: delivery.ended_at.map(time),
    }
}

fn attempt(attempt: Attempt) -> AttemptView {
    AttemptView {
        at: time(attempt.at),
        took_ms: attempt.took_ms,
        status: attempt.status,
        fault: said(attempt.fault),
        response: said(attempt.response),
    }
}

fn said(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}
