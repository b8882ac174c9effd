//! `GET /v1/settings`: what the author of a webhook has decided for players.

use super::bounds::SETTINGS_WEBHOOKS;
use super::fault::Fault;
use super::{Shared, query, reply, who};
use crate::config::{IncludeInteractions, Webhook};
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use cuehook_protocol::{RelayOutcome, is_relay_id};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Changes reach viewers within a minute.
const CACHED: &str = "private, max-age=60";

/// The public settings of webhooks.
#[utoipa::path(get, path = "/v1/settings", tag = "players", security(("playerToken" = [])),
    params(("webhooks" = String, Query, description = "Ids of webhooks, with commas between, at most 100")),
    responses((status = 200, description = "What players may know of them", body = super::openapi::Anything)))]
pub(super) async fn show(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (head, _) = request.into_parts();
    match settings(&shared, &head) {
        Ok(body) => {
            let mut response = reply::json(RelayOutcome::Accepted, body);
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(CACHED));
            response
        }
        Err(fault) => fault.into_response(),
    }
}

fn settings(shared: &Shared, head: &Parts) -> Result<String, Fault> {
    let player = who::player(shared, head)?;
    let query = query::read(&head.uri, &["webhooks"])?;
    let ids = query
        .get("webhooks")
        .ok_or_else(|| Fault::bad("the query has to be `webhooks=`, and ids with commas between"))?;
    let ids: Vec<&str> = ids.split(',').take(SETTINGS_WEBHOOKS + 1).collect();
    if ids.len() > SETTINGS_WEBHOOKS || !ids.iter().all(|id| is_relay_id(id)) {
        return Err(Fault::bad(format!(
            "`webhooks` are ids with commas between, at most {SETTINGS_WEBHOOKS}"
        )));
    }
    // Pages keep what they are told: that there is no such webhook must be known.
    let webhooks = shared.driver.webhooks();
    let webhooks = webhooks.ok_or_else(|| Fault::unavailable("the relay does not know its webhooks yet"))?;
    let known = ids.into_iter().filter_map(|id| webhooks.get(id)).map(|webhook| &webhook.settings);
    let known =
        known.filter(|webhook| webhook.projects.is_empty() || webhook.projects.contains(&player.project));
    let shown: Map<String, Value> = known.map(|webhook| (webhook.id.clone(), public(webhook))).collect();
    Ok(json!({ "webhooks": shown }).to_string())
}

/// What players may know of a webhook: neither its address nor its header fields.
fn public(webhook: &Webhook) -> Value {
    let mut shown = json!({ "name": webhook.name, "waitForResponse": webhook.wait_for_response });
    if let (Some(shown), Ok(include)) =
        (shown.as_object_mut(), serde_json::to_value(&webhook.include_interactions))
        && webhook.include_interactions != IncludeInteractions::Unsaid
    {
        shown.insert("includeInteractions".to_owned(), include);
    }
    shown
}
