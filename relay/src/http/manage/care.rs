//! New secrets for a webhook, tests, and whether it is sent anything.

use super::input::refuse;
use super::known::{self, Known, sealed};
use super::read::{Body, whole};
use super::request::{RequestView, ResponseView, send, test_event};
use super::view::WebhookView;
use super::webhooks::no_random;
use super::{Asked, ROUNDS, changed_meanwhile, conflict, part, respond};
use crate::config::rules;
use crate::delivery::signing::{CompatibleSecret, Ed25519Key, RotateFault, SigningSecret};
use crate::http::Shared;
use crate::http::fault::Fault;
use crate::serve::wall_ms;
use crate::store::{Change, UnixMs, WebhookHealth};
use crate::token::Scope;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use cuehook_protocol::is_event_type;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

type Id = Result<Path<String>, PathRejection>;

const HOUR_MS: i64 = 3_600_000;

/// How secrets are renewed.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rotation {
    /// For how many hours the secrets before still sign, too; 24 if nothing is said.
    #[serde(default, deserialize_with = "whole")]
    #[schema(minimum = 0, maximum = 168)]
    overlap_hours: Option<u8>,
    /// A new text for the compatible signature. It takes effect at once: a field has one value.
    #[schema(min_length = 1, max_length = 1024)]
    compatible_secret: Option<String>,
}

impl Body for Rotation {}

impl Body for TestSend {}

/// What a test sends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestSend {
    /// The type of the event.
    #[serde(rename = "type")]
    #[schema(max_length = 100, pattern = r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$")]
    kind: String,
    /// The project that it is of.
    #[schema(max_length = 128)]
    project: Option<String>,
    /// The id of its video.
    #[schema(min_length = 1, max_length = 128)]
    video: Option<String>,
}

/// What a test has come to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tested {
    /// Whether it was sent, and answered with a status from 200 to 299.
    delivered: bool,
    /// What was sent; null if there was nothing to send.
    request: Option<RequestView>,
    /// What was answered; null if nothing was.
    response: Option<ResponseView>,
    /// Why nothing was sent or answered.
    fault: Option<String>,
    /// How long it took, in milliseconds.
    took_ms: u64,
}

/// Renews the secrets of a webhook. The new one is in the response, and never again.
#[utoipa::path(post, path = "/v1/webhooks/{id}/rotate", tag = "webhooks", security(("apiKey" = ["webhooks:write"])),
    params(("id" = String, Path, description = "The webhook")),
    request_body = Rotation,
    responses((status = 200, description = "The webhook, with its new secret", body = WebhookView)))]
pub(in crate::http) async fn rotate(
    State(shared): State<Arc<Shared>>,
    id: Id,
    request: Request,
) -> Result<Response, Fault> {
    let (asked, sent) = Asked::with_body(&shared, request, Scope::WebhooksWrite, &[])?;
    let id = part(id)?;
    let Rotation { overlap_hours, compatible_secret } = sent.read_if_any(&shared).await?;
    let hours = overlap_hours.unwrap_or(24);
    if hours > 168 {
        return Err(refuse("overlapHours", "write a whole number from 0 to 168"));
    }
    let detail = format!("overlap of {hours} h");
    let mut shown = SecretString::default();
    known::change(&shared, &asked, &id, "webhook.rotated", detail, |known| {
        let (now, overlap) = (wall_ms(), i64::from(hours) * HOUR_MS);
        let mut secrets = known.secrets;
        let too_many = |fault: RotateFault| conflict(fault.to_string());
        let secret = SigningSecret::generate().map_err(no_random)?;
        shown = secret.to_text();
        secrets.standard.rotate(secret, now, overlap).map_err(too_many)?;
        if known.webhook.signing.ed25519 {
            let key = Ed25519Key::generate().map_err(no_random)?;
            secrets.ed25519.rotate(key, now, overlap).map_err(too_many)?;
        }
        if let Some(text) = &compatible_secret {
            if !rules::is_signed_compatibly(&known.webhook) {
                let message = "nothing is signed with it; write `signing.compatible` first";
                return Err(refuse("compatibleSecret", message));
            }
            let secret = CompatibleSecret::parse(text.as_str().into());
            secrets.compatible = Some(secret.map_err(|fault| refuse("compatibleSecret", fault.to_string()))?);
        }
        sealed(&shared, &known.webhook, &secrets, known.headers).map(Some)
    })
    .await?;
    let known = Known::find(&shared, &asked.key, &id).await?;
    let health = known.health(&shared).await?;
    let secret = Some(shown.expose_secret().to_owned());
    respond(StatusCode::OK, &WebhookView::of(&known, &health, secret))
}

/// Sends a webhook a sample event, and says what was sent and answered. Nothing of it is stored, and it does not count for its health.
#[utoipa::path(post, path = "/v1/webhooks/{id}/test", tag = "webhooks", security(("apiKey" = ["webhooks:write"])),
    params(("id" = String, Path, description = "The webhook")),
    request_body = TestSend,
    responses((status = 200, description = "What came of it, whatever was answered", body = Tested)))]
pub(in crate::http) async fn test(
    State(shared): State<Arc<Shared>>,
    id: Id,
    request: Request,
) -> Result<Response, Fault> {
    let (asked, sent) = Asked::with_body(&shared, request, Scope::WebhooksWrite, &[])?;
    let id = part(id)?;
    let TestSend { kind, project, video } = sent.read(&shared).await?;
    if !is_event_type(&kind) {
        return Err(refuse("type", "write a type of events such as `lead.captured`"));
    }
    for (path, text) in [("project", &project), ("video", &video)] {
        let is_wrong = |text: &String| !text.is_empty() && rules::project_fault(text).is_some();
        if text.as_ref().is_some_and(is_wrong) || path == "video" && text.as_deref() == Some("") {
            return Err(refuse(path, "an id is one line of 1 to 128 bytes"));
        }
    }
    let project = match (&asked.key.project, project) {
        (Some(own), Some(asked)) if *own != asked => {
            return Err(refuse("project", "the API key is for another project"));
        }
        (Some(own), _) => own.clone(),
        (None, project) => project.unwrap_or_default(),
    };
    let known = Known::find(&shared, &asked.key, &id).await?;
    let event = test_event(&shared, &kind, video.as_deref());
    let started = std::time::Instant::now();
    let (request, answered) = send(&shared, &known, &event, &project).await;
    let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (response, fault) = match answered {
        Ok(response) => (Some(response), None),
        Err(fault) => (None, Some(fault)),
    };
    let delivered = response.as_ref().is_some_and(ResponseView::is_success);
    tracing::info!(webhook = id, kind, delivered, key = asked.key.name, "a test was sent");
    respond(StatusCode::OK, &Tested { delivered, request, response, fault, took_ms })
}

/// Disables a webhook: what waits for it is skipped, until it is enabled.
#[utoipa::path(post, path = "/v1/webhooks/{id}/disable", tag = "webhooks", security(("apiKey" = ["webhooks:write"])),
    params(("id" = String, Path, description = "The webhook")),
    responses((status = 200, description = "The webhook as it is now", body = WebhookView)))]
pub(in crate::http) async fn disable(
    State(shared): State<Arc<Shared>>,
    id: Id,
    request: Request,
) -> Result<Response, Fault> {
    let asked = Asked::of(&shared, request, Scope::WebhooksWrite, &[])?;
    let reason = format!("disabled with the API key `{}`", asked.key.name);
    turn(&shared, &asked, &part(id)?, "webhook.disabled", |was, now| match was.disabled_at {
        Some(_) => was.clone(),
        None => WebhookHealth { disabled_at: Some(now), disabled_reason: reason.clone(), ..was.clone() },
    })
    .await
}

/// Enables a webhook that was disabled, by hand or because it has failed for too long; one that fails is tried again at once. What was
/// skipped meanwhile can be replayed.
#[utoipa::path(post, path = "/v1/webhooks/{id}/enable", tag = "webhooks", security(("apiKey" = ["webhooks:write"])),
    params(("id" = String, Path, description = "The webhook")),
    responses((status = 200, description = "The webhook as it is now", body = WebhookView)))]
pub(in crate::http) async fn enable(
    State(shared): State<Arc<Shared>>,
    id: Id,
    request: Request,
) -> Result<Response, Fault> {
    let asked = Asked::of(&shared, request, Scope::WebhooksWrite, &[])?;
    // Its time begins anew, also if it fails and was not disabled yet.
    turn(&shared, &asked, &part(id)?, "webhook.enabled", |was, _| WebhookHealth {
        webhook: was.webhook.clone(),
        ..WebhookHealth::default()
    })
    .await
}

/// Changes how a webhook is said to be doing. What is so already is not changed.
async fn turn(
    shared: &Shared,
    asked: &Asked,
    id: &str,
    action: &str,
    becomes: impl Fn(&WebhookHealth, UnixMs) -> WebhookHealth,
) -> Result<Response, Fault> {
    let known = Known::find(shared, &asked.key, id).await?;
    for _ in 0..ROUNDS {
        let was = known.health(shared).await?;
        let becomes = becomes(&was, wall_ms());
        let is_changed = becomes != was;
        let change = Change::Health { was, becomes: becomes.clone() };
        if !is_changed
            || shared.store.change(change, asked.audit(action, id, String::new()), wall_ms()).await?
        {
            known::refresh(shared).await;
            return respond(StatusCode::OK, &WebhookView::of(&known, &becomes, None));
        }
    }
    Err(changed_meanwhile())
}
