//! `/v1/audit`: who has changed what.

use super::{Asked, respond, time};
use crate::http::Shared;
use crate::http::fault::Fault;
use crate::token::Scope;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// A change.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditLine {
    /// When.
    at: String,
    /// The name of the API key.
    key: String,
    /// What was done, such as `webhook.updated`.
    action: String,
    /// To what: an id.
    target: String,
    /// What is to be said besides.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false)]
    detail: String,
}

/// A page of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditPage {
    /// The lines, the newest first.
    lines: Vec<AuditLine>,
    /// The `before` of the next page, if there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Who has changed what, the newest first.
#[utoipa::path(get, path = "/v1/audit", tag = "audit", security(("apiKey" = ["audit:read"])),
    params(
        ("limit" = Option<u32>, Query, description = "So many at most", minimum = 1, maximum = 200),
        ("before" = Option<String>, Query, description = "The `next` of the page before", pattern = "^[0-9]{1,18}$"),
    ),
    responses((status = 200, description = "A page of the log", body = AuditPage)))]
pub(in crate::http) async fn list(
    State(shared): State<Arc<Shared>>,
    request: Request,
) -> Result<Response, Fault> {
    let asked = Asked::of_all(&shared, request, Scope::AuditRead, &["limit", "before"])?;
    let limit = asked.limit()?;
    let found = shared.store.audit(asked.before()?, limit).await?;
    let next = found.last().filter(|_| found.len() == limit).map(|last| last.place.to_string());
    let lines = found.into_iter().map(|line| AuditLine {
        at: time(line.at),
        key: line.audit.key,
        action: line.audit.action,
        target: line.audit.target,
        detail: line.audit.detail,
    });
    respond(StatusCode::OK, &AuditPage { lines: lines.collect(), next })
}
