//! `POST /v1/call/{webhook}` and `GET /v1/calls/{id}`.

use super::bounds::BODY_DEPTH;
use super::fault::Fault;
use super::fields::{self, ContentType};
use super::{Shared, body, query, reply, who};
use crate::core::{CallRequest, Player};
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use cuehook_protocol::is_relay_id;
use std::sync::Arc;
use tracing::Span;

/// Calls a webhook, and waits for what comes of it.
#[utoipa::path(post, path = "/v1/call/{webhook}", tag = "players", security(("playerToken" = [])),
    params(
        ("webhook" = String, Path, description = "The webhook", min_length = 1, max_length = 64),
        ("webhook-id" = uuid::Uuid, Header, description = "The call, the same in every retry"),
        ("idempotency-key" = Option<uuid::Uuid>, Header, description = "The call before, of which this is another one"),
        ("cuehook-budget-ms" = Option<u32>, Header, description = "For how long the viewer waits"),
    ),
    request_body(content = super::openapi::Anything, description = "What the webhook is sent", content_type = "application/json"),
    responses((status = 200, description = "The webhook's answer, whatever its status: `cuehook-outcome` is `answer`")))]
pub(super) async fn make(
    State(shared): State<Arc<Shared>>,
    webhook: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    match read(&shared, part(webhook), &head, body).await {
        Ok((request, room)) => {
            let response = reply::call(shared.driver.call(request).await);
            drop(room);
            response
        }
        Err(fault) => fault.into_response(),
    }
}

async fn read(
    shared: &Shared,
    webhook: String,
    head: &Parts,
    body: Body,
) -> Result<(CallRequest, body::Room), Fault> {
    let player = asked(shared, head)?;
    if !is_relay_id(&webhook) {
        return Err(Fault::bad(
            "the id of a webhook has letters, digits, `-`, `_` and `.`, and at most 64 of them",
        ));
    }
    Span::current().record("webhook", &webhook);
    let (id, request_id) = fields::call_ids(&head.headers)?;
    fields::timestamp(&head.headers)?;
    let budget_ms = fields::budget(&head.headers)?;
    if fields::content_type(&head.headers)? != ContentType::Json {
        return Err(Fault::bad("the header field `content-type` has to be `application/json`")
            .with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let limit = usize::try_from(shared.limits.call_bytes).unwrap_or(usize::MAX);
    let (bytes, room) = body::read(shared, body, limit).await?.into_parts();
    let json = cuehook_json::check(&bytes, BODY_DEPTH).map_err(|error| Fault::bad(error.to_string()))?;
    if json.as_object().is_none() {
        return Err(Fault::bad(format!("the body has to be a JSON object; this is {}", json.kind())));
    }
    let text = String::from_utf8(bytes).map_err(|_| Fault::bad("the body is not UTF-8"))?;
    Ok((CallRequest { id, request_id, webhook, body: text.into(), budget_ms, player }, room))
}

/// What has become of a call.
#[utoipa::path(get, path = "/v1/calls/{id}", tag = "players", security(("playerToken" = [])),
    params(("id" = uuid::Uuid, Path, description = "The call")),
    responses((status = 200, description = "The webhook's answer, whatever its status: `cuehook-outcome` is `answer`")))]
pub(super) async fn ask(
    State(shared): State<Arc<Shared>>,
    id: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let (head, _) = request.into_parts();
    let asked = asked(&shared, &head).and_then(|player| {
        let id = fields::uuid(&part(id)).ok_or_else(|| Fault::bad("the id of a call is a UUID"))?;
        Ok((id, player))
    });
    match asked {
        Ok((id, player)) => reply::call(shared.driver.ask(id, player).await),
        Err(fault) => fault.into_response(),
    }
}

/// A part of the path; empty, which is no id of anything, if it is no text.
fn part(path: Result<Path<String>, PathRejection>) -> String {
    path.map(|Path(part)| part).unwrap_or_default()
}

/// The player that asks, without a query.
fn asked(shared: &Shared, head: &Parts) -> Result<Player, Fault> {
    query::read(&head.uri, &[])?;
    who::player(shared, head)
}
