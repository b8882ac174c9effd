//! The management API: webhooks, deliveries, projects, editions, the audit log. For servers with an API key.
//!
//! - `webhooks`: registered, shown, changed, removed. `care`: new secrets, tests, disabled and enabled.
//! - `deliveries`: what was sent and what came of it, and sending it again. `projects`, `editions`: documents. `audit`: who did what.
//! - `read`: bodies. `input`, `view`: how webhooks are written and shown. `known`: webhooks as they are stored. `counted`: how many documents there are.
//!
//! Each change is one transaction with its line of the audit log, and is made if what it changes still is what was looked at.

pub(super) mod audit;
pub(super) mod care;
mod counted;
pub(super) mod deliveries;
mod documents;
pub(super) mod editions;
pub(super) mod input;
mod known;
pub(super) mod projects;
mod read;
mod request;
pub(super) mod view;
pub(super) mod webhooks;

pub(super) use counted::Counted;

use super::bounds::{PAGE_MANAGED, PAGE_MANAGED_USUAL};
use super::fault::{Fault, ManageCode};
use super::query::{self, Parameters};
use super::{Shared, reply, who};
use crate::store::{Audit, UnixMs};
use crate::token::{ApiKey, Scope};
use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use cuehook_protocol::{RelayOutcome, rfc3339, timestamp};
use read::{Sent, read_value};
use serde::Serialize;
use std::borrow::Cow;
use std::sync::Arc;

/// How often a change is tried that others have come before.
const ROUNDS: usize = 5;

/// The routes.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/v1/webhooks", get(webhooks::list).post(webhooks::add))
        .route("/v1/webhooks/{id}", get(webhooks::show).patch(webhooks::update).delete(webhooks::remove))
        .route("/v1/webhooks/{id}/rotate", post(care::rotate))
        .route("/v1/webhooks/{id}/test", post(care::test))
        .route("/v1/webhooks/{id}/disable", post(care::disable))
        .route("/v1/webhooks/{id}/enable", post(care::enable))
        .route("/v1/deliveries", get(deliveries::list))
        .route("/v1/deliveries/replay", post(deliveries::replay))
        .route("/v1/deliveries/{id}", get(deliveries::show))
        .route("/v1/deliveries/{id}/replay", post(deliveries::replay_one))
        .route("/v1/projects", get(projects::list))
        .route("/v1/projects/{id}", get(projects::show).put(projects::put).delete(projects::remove))
        .route("/v1/editions", get(editions::list))
        .route("/v1/editions/{id}", get(editions::show).put(editions::put).delete(editions::remove))
        .route("/v1/editions/{id}/schedule", post(editions::schedule))
        .route("/v1/editions/{id}/unschedule", post(editions::unschedule))
        .route("/v1/audit", get(audit::list))
}

/// Somebody who may ask.
struct Asked {
    key: ApiKey,
    query: Parameters,
}

impl Asked {
    /// Finds out who asks, and reads the query.
    fn of(shared: &Shared, request: Request, scope: Scope, known: &[&str]) -> Result<Self, Fault> {
        Self::with_body(shared, request, scope, known).map(|(asked, _)| asked)
    }

    /// The same for what is not told apart by project.
    fn of_all(shared: &Shared, request: Request, scope: Scope, known: &[&str]) -> Result<Self, Fault> {
        Self::of_all_with_body(shared, request, scope, known).map(|(asked, _)| asked)
    }

    /// As [`Self::of`], with a body that is still to be read.
    fn with_body(
        shared: &Shared,
        request: Request,
        scope: Scope,
        known: &[&str],
    ) -> Result<(Self, Sent), Fault> {
        let (head, body) = request.into_parts();
        let key = who::server(shared, &head, scope)?;
        let query = query::read(&head.uri, known)?;
        Ok((Self { key, query }, Sent { head, body }))
    }

    /// As [`Self::of_all`], with a body that is still to be read.
    fn of_all_with_body(
        shared: &Shared,
        request: Request,
        scope: Scope,
        known: &[&str],
    ) -> Result<(Self, Sent), Fault> {
        let (asked, sent) = Self::with_body(shared, request, scope, known)?;
        who::for_all(&asked.key)?;
        Ok((asked, sent))
    }

    /// How many entries a page has.
    fn limit(&self) -> Result<usize, Fault> {
        match self.query.get("limit").map(str::parse::<usize>) {
            None => Ok(PAGE_MANAGED_USUAL),
            Some(Ok(limit)) if (1..=PAGE_MANAGED).contains(&limit) => Ok(limit),
            Some(_) => Err(Fault::bad(format!("`limit` has to be a number from 1 to {PAGE_MANAGED}"))),
        }
    }

    /// The place where a page begins that goes on from another one.
    fn before(&self) -> Result<Option<i64>, Fault> {
        self.query.get("before").map(place).transpose()
    }

    /// A line of the audit log.
    fn audit(&self, action: &str, target: &str, detail: String) -> Audit {
        Audit { key: self.key.name.clone(), action: action.to_owned(), target: target.to_owned(), detail }
    }
}

/// A part of the path.
fn part(path: Result<Path<String>, PathRejection>) -> Result<String, Fault> {
    path.map(|Path(part)| part).map_err(|_| Fault::bad("the address cannot be read"))
}

/// A place in a list, as `next` says it.
fn place(text: &str) -> Result<i64, Fault> {
    let is_place = (1..=18).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let place = text.parse().ok().filter(|_| is_place);
    place.ok_or_else(|| Fault::bad("`before` has to be the `next` of another page"))
}

/// A point in time of a query or a body.
fn instant(name: &str, text: &str) -> Result<UnixMs, String> {
    match timestamp::parse(text) {
        #[allow(clippy::cast_possible_truncation)]
        Some((ms, false)) => Ok(ms as UnixMs),
        _ => Err(format!("`{name}` has to be a date and time as in RFC 3339: `2026-11-20T20:07:00Z`")),
    }
}

/// A point in time as it is shown.
fn time(ms: UnixMs) -> String {
    #[allow(clippy::cast_precision_loss)]
    rfc3339(ms as f64)
}

fn not_found(what: &'static str) -> Fault {
    Fault::manage(ManageCode::NotFound, format!("there is no such {what}"))
}

fn conflict(message: impl Into<Cow<'static, str>>) -> Fault {
    Fault::manage(ManageCode::Conflict, message)
}

fn changed_meanwhile() -> Fault {
    conflict("others have changed it at the same time, several times; look at it, and try again")
}

/// A response with what was asked for.
fn respond(status: StatusCode, shown: &impl Serialize) -> Result<Response, Fault> {
    let body = serde_json::to_string(shown).map_err(|error| {
        tracing::error!(%error, "a response cannot be written");
        Fault::unavailable("the relay has made a mistake")
    })?;
    let mut response = reply::json(RelayOutcome::Accepted, body);
    *response.status_mut() = status;
    Ok(response)
}

/// A response that says no more than that it was done.
fn done() -> Response {
    let mut response = reply::json(RelayOutcome::Accepted, String::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response.headers_mut().remove(axum::http::header::CONTENT_TYPE);
    response
}
