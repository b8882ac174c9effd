//! `/v1/webhooks`: registered, shown, changed, removed.

use super::input::{Checked, WebhookChange, merged};
use super::known::{self, Known, change, is_for, reopen, sealed};
use super::view::{WebhookPage, WebhookView};
use super::{Asked, changed_meanwhile, conflict, done, part, respond};
use crate::config::{ManagedBy, Webhook};
use crate::delivery::signing::{CompatibleSecret, Ed25519Key, KeyRing, SecretFault, Secrets, SigningSecret};
use crate::http::Shared;
use crate::http::bounds::MANAGED_WEBHOOKS;
use crate::http::fault::{Fault, ManageCode};
use crate::serve::wall_ms;
use crate::store::{Change, StoredWebhook, WebhookHealth};
use crate::token::Scope;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use cuehook_protocol::subscribes;
use secrecy::{ExposeSecret as _, SecretString};
use std::collections::HashMap;
use std::sync::Arc;

type Id = Result<Path<String>, PathRejection>;

/// Webhooks, by id.
#[utoipa::path(get, path = "/v1/webhooks", tag = "webhooks", security(("apiKey" = ["webhooks:read"])),
    params(
        ("event" = Option<String>, Query, description = "Only those that are sent events of this type"),
        ("limit" = Option<u32>, Query, description = "So many at most", minimum = 1, maximum = 200),
        ("after" = Option<String>, Query, description = "The `next` of the page before"),
    ),
    responses((status = 200, description = "A page of webhooks", body = WebhookPage)))]
pub(in crate::http) async fn list(
    State(shared): State<Arc<Shared>>,
    request: Request,
) -> Result<Response, Fault> {
    let asked = Asked::of(&shared, request, Scope::WebhooksRead, &["event", "limit", "after"])?;
    let limit = asked.limit()?;
    let (event, after) = (asked.query.get("event"), asked.query.get("after"));
    let stored = shared.store.webhooks().await?;
    let health = shared.store.webhook_health().await?;
    let health: HashMap<&str, &WebhookHealth> =
        health.iter().map(|health| (health.webhook.as_str(), health)).collect();
    let (mut page, mut more) = (Vec::new(), false);
    for stored in stored.into_iter().filter(|stored| after.is_none_or(|after| stored.id.as_str() > after)) {
        let settings = known::settings(&stored)?;
        let wants = |kind: &str| settings.events.iter().any(|pattern| subscribes(pattern, kind));
        if !is_for(&asked.key, &settings) || !event.is_none_or(wants) {
            continue;
        }
        if page.len() == limit {
            more = true;
            break;
        }
        let unknown = WebhookHealth::default();
        let health = health.get(stored.id.as_str()).copied().unwrap_or(&unknown);
        page.push((settings.id, WebhookView::of(&reopen(&shared, stored)?, health, None)));
    }
    let next = page.last().filter(|_| more).map(|(id, _)| id.clone());
    let webhooks = page.into_iter().map(|(_, webhook)| webhook).collect();
    respond(StatusCode::OK, &WebhookPage { webhooks, next })
}

/// Registers a webhook. Its signing secret is in the response, and never again.
#[utoipa::path(post, path = "/v1/webhooks", tag = "webhooks", security(("apiKey" = ["webhooks:write"])),
    request_body = WebhookChange,
    responses((status = 201, description = "The webhook, with its secret", body = WebhookView)))]
pub(in crate::http) async fn add(
    State(shared): State<Arc<Shared>>,
    request: Request,
) -> Result<Response, Fault> {
    let (asked, sent) = Asked::with_body(&shared, request, Scope::WebhooksWrite, &[])?;
    let input: WebhookChange = sent.read(&shared).await?;
    let id = format!("wh-{}", shared.request_id());
    let Checked { webhook, headers, compatible } = input.check(None, id, &asked.key, &shared.allow)?;
    let all = shared.store.webhooks().await?;
    // Also one that this key may not see has its id for itself.
    if all.iter().any(|stored| stored.id == webhook.id) {
        return Err(conflict("there is a webhook with this id"));
    }
    if all.iter().filter(|stored| is_of_api(stored)).count() >= MANAGED_WEBHOOKS {
        let message = format!("there are {MANAGED_WEBHOOKS} registered webhooks; remove some first");
        return Err(Fault::manage(ManageCode::TooMany, message));
    }
    let secret = SigningSecret::generate().map_err(no_random)?;
    let shown = secret.to_text().expose_secret().to_owned();
    let mut secrets = Secrets::default();
    secrets.standard.rotate(secret, wall_ms(), 0).map_err(|_| changed_meanwhile())?;
    adapt(&mut secrets, &webhook, compatible)?;
    let stored = sealed(&shared, &webhook, &secrets, headers)?;
    let change = Change::Webhook { was: None, becomes: Some(stored) };
    let audit = asked.audit("webhook.created", &webhook.id, String::new());
    if !shared.store.change(change, audit, wall_ms()).await? {
        return Err(conflict("there is a webhook with this id"));
    }
    known::refresh(&shared).await;
    let known = Known::find(&shared, &asked.key, &webhook.id).await?;
    respond(StatusCode::CREATED, &WebhookView::of(&known, &WebhookHealth::default(), Some(shown)))
}

/// A webhook, and how it is doing.
#[utoipa::path(get, path = "/v1/webhooks/{id}", tag = "webhooks", security(("apiKey" = ["webhooks:read"])),
    params(("id" = String, Path, description = "The webhook")),
    responses((status = 200, description = "The webhook", body = WebhookView)))]
pub(in crate::http) async fn show(
    State(shared): State<Arc<Shared>>,
    id: Id,
    request: Request,
) -> Result<Response, Fault> {
    let asked = Asked::of(&shared, request, Scope::WebhooksRead, &[])?;
    let known = Known::find(&shared, &asked.key, &part(id)?).await?;
    let health = known.health(&shared).await?;
    respond(StatusCode::OK, &WebhookView::of(&known, &health, None))
}

/// Changes a webhook: what is in the body replaces what there is, the rest stays.
#[utoipa::path(patch, path = "/v1/webhooks/{id}", tag = "webhooks", security(("apiKey" = ["webhooks:write"])),
    params(("id" = String, Path, description = "The webhook")),
    request_body = WebhookChange,
    responses((status = 200, description = "The webhook as it is now", body = WebhookView)))]
pub(in crate::http) async fn update(
    State(shared): State<Arc<Shared>>,
    id: Id,
    request: Request,
) -> Result<Response, Fault> {
    let (asked, sent) = Asked::with_body(&shared, request, Scope::WebhooksWrite, &[])?;
    let id = part(id)?;
    let body = sent.json(&shared).await?;
    let names = body.as_object().map(|body| body.keys().map(String::as_str).collect::<Vec<_>>().join(", "));
    let detail = names.unwrap_or_default().chars().take(500).collect();
    let key = asked.key.clone();
    let stored = change(&shared, &asked, &id, "webhook.updated", detail, |known| {
        let input = merged(&known, body.clone())?;
        let Checked { webhook, headers, compatible } =
            input.check(Some(&known), id.clone(), &key, &shared.allow)?;
        let mut secrets = known.secrets;
        secrets.retire(wall_ms());
        adapt(&mut secrets, &webhook, compatible)?;
        sealed(&shared, &webhook, &secrets, headers).map(Some)
    });
    drop(stored.await?);
    let known = Known::find(&shared, &asked.key, &id).await?;
    let health = known.health(&shared).await?;
    respond(StatusCode::OK, &WebhookView::of(&known, &health, None))
}

/// Removes a webhook. What waits for it is skipped.
#[utoipa::path(delete, path = "/v1/webhooks/{id}", tag = "webhooks", security(("apiKey" = ["webhooks:write"])),
    params(("id" = String, Path, description = "The webhook")),
    responses((status = 204, description = "It is removed")))]
pub(in crate::http) async fn remove(
    State(shared): State<Arc<Shared>>,
    id: Id,
    request: Request,
) -> Result<Response, Fault> {
    let asked = Asked::of(&shared, request, Scope::WebhooksWrite, &[])?;
    change(&shared, &asked, &part(id)?, "webhook.removed", String::new(), |_| Ok(None)).await?;
    Ok(done())
}

/// Gives a webhook what its settings need to sign, and takes away what they do not.
fn adapt(secrets: &mut Secrets, webhook: &Webhook, compatible: Option<SecretString>) -> Result<(), Fault> {
    if !webhook.signing.ed25519 {
        secrets.ed25519 = KeyRing::default();
    } else if secrets.ed25519.all().is_empty() {
        let key = Ed25519Key::generate().map_err(no_random)?;
        secrets.ed25519.rotate(key, wall_ms(), 0).map_err(|_| changed_meanwhile())?;
    }
    let compatible = compatible.map(CompatibleSecret::parse).transpose();
    secrets.compatible =
        compatible.map_err(|fault| super::input::refuse("compatibleSecret", fault.to_string()))?;
    Ok(())
}

/// No secret can be made.
pub(super) fn no_random(fault: SecretFault) -> Fault {
    tracing::error!(%fault, "no secret can be made");
    Fault::unavailable("the relay cannot make a secret at the moment")
}

fn is_of_api(stored: &StoredWebhook) -> bool {
    known::settings(stored).is_ok_and(|webhook| webhook.managed_by == ManagedBy::Api)
}
