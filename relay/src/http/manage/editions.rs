//! `/v1/editions`: what is to be shown in a span of time. Scheduling one tells webhooks, which ask for the rest.

use super::documents::{self, Follows};
use super::input::refuse;
use super::projects::written;
use super::read::Body;
use super::{Asked, conflict, instant, part, respond, time};
use crate::config::rules;
use crate::http::Shared;
use crate::http::fault::Fault;
use crate::store::{DocumentKind, StoredDocument};
use crate::token::Scope;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use utoipa::ToSchema;

type Id = Result<Path<String>, PathRejection>;

const KIND: DocumentKind = DocumentKind::Edition;

/// An edition as it is written.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditionChange {
    /// Its name.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// When it begins.
    #[schema(format = DateTime)]
    start: String,
    /// When it ends.
    #[schema(format = DateTime)]
    end: String,
    /// What is shown: any JSON.
    #[schema(value_type = Option<Object>)]
    contents: Option<Value>,
}

impl Body for EditionChange {}

/// Whether an edition is to be shown.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum EditionStatus {
    /// It can be changed.
    Draft,
    /// It is to be shown, and cannot be changed.
    Scheduled,
}

/// An edition as it is stored.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Edition {
    name: String,
    start: String,
    end: String,
    status: EditionStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    contents: Option<Value>,
}

/// An edition.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EditionView {
    #[serde(flatten)]
    summary: EditionSummary,
    /// What is shown: any JSON.
    #[schema(value_type = Value)]
    contents: Value,
}

/// An edition without its contents, as webhooks are told of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EditionSummary {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// When it begins.
    start: String,
    /// When it ends.
    end: String,
    /// Whether it is to be shown.
    status: EditionStatus,
    /// When it was written last; not there in events.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    updated_at: Option<String>,
}

/// A page of editions.
#[derive(Debug, Serialize, ToSchema)]
pub struct EditionPage {
    /// The editions, by id, without their contents.
    editions: Vec<EditionSummary>,
    /// The `after` of the next page, if there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// What webhooks are told.
#[derive(Debug, Serialize)]
struct Told {
    edition: EditionSummary,
}

/// Editions, by id, without their contents.
#[utoipa::path(get, path = "/v1/editions", tag = "editions", security(("apiKey" = ["editions:read"])),
    params(
        ("limit" = Option<u32>, Query, description = "So many at most", minimum = 1, maximum = 200),
        ("after" = Option<String>, Query, description = "The `next` of the page before"),
    ),
    responses((status = 200, description = "A page of editions", body = EditionPage)))]
pub(in crate::http) async fn list(
    State(shared): State<Arc<Shared>>,
    request: Request,
) -> Result<Response, Fault> {
    let asked = Asked::of_all(&shared, request, Scope::EditionsRead, &["limit", "after"])?;
    let limit = asked.limit()?;
    let found = shared.store.documents(KIND, asked.query.get("after"), limit).await?;
    let next = found.last().filter(|_| found.len() == limit).map(|last| last.id.clone());
    let summary = |stored: &StoredDocument| {
        documents::read::<Edition>(stored).map(|edition| edition.summary(&stored.id, Some(stored)))
    };
    let editions = found.iter().map(summary).collect::<Result<_, _>>()?;
    respond(StatusCode::OK, &EditionPage { editions, next })
}

/// An edition with its contents.
#[utoipa::path(get, path = "/v1/editions/{id}", tag = "editions", security(("apiKey" = ["editions:read"])),
    params(("id" = String, Path, description = "The edition")),
    responses((status = 200, description = "The edition", body = EditionView)))]
pub(in crate::http) async fn show(
    State(shared): State<Arc<Shared>>,
    id: Id,
    request: Request,
) -> Result<Response, Fault> {
    Asked::of_all(&shared, request, Scope::EditionsRead, &[])?;
    let found = documents::find(&shared, KIND, &part(id)?).await?;
    respond(StatusCode::OK, &shown(&found)?)
}

/// Writes an edition. One that is scheduled has to be unscheduled first.
#[utoipa::path(put, path = "/v1/editions/{id}", tag = "editions", security(("apiKey" = ["editions:write"])),
    params(("id" = String, Path, description = "The edition: letters, digits, `-`, `_`, `.`", min_length = 1, max_length = 64,
        pattern = "^[A-Za-z0-9_-][A-Za-z0-9_.-]*$")),
    request_body = EditionChange,
    responses((status = 200, description = "It was there, and is replaced", body = EditionView),
        (status = 201, description = "It is new", body = EditionView)))]
pub(in crate::http) async fn put(
    State(shared): State<Arc<Shared>>,
    id: Id,
    request: Request,
) -> Result<Response, Fault> {
    let (asked, sent) = Asked::of_all_with_body(&shared, request, Scope::EditionsWrite, &[])?;
    let id = part(id)?;
    if !rules::is_id(&id) {
        return Err(refuse("", "an id is 1 to 64 letters, digits, `-`, `_` or `.`"));
    }
    let EditionChange { name, start, end, contents } = sent.read(&shared).await?;
    if name.trim().is_empty() || name.len() > rules::MAX_NAME || name.contains(char::is_control) {
        return Err(refuse("name", "a name is one line of 1 to 200 bytes"));
    }
    let first = instant("start", &start).map_err(|message| refuse("start", message))?;
    let last = instant("end", &end).map_err(|message| refuse("end", message))?;
    if last <= first {
        return Err(refuse("end", "the end has to be after the start"));
    }
    let contents = contents.filter(|contents| !contents.is_null());
    let edition = Edition { name, start, end, status: EditionStatus::Draft, contents };
    let body = written(&edition)?;
    let (stored, is_new) = documents::write::<Told>(&shared, &asked, KIND, &id, "edition.written", |was| {
        if let Some(was) = &was
            && documents::read::<Edition>(was)?.status == EditionStatus::Scheduled
        {
            return Err(conflict("this edition is scheduled; unschedule it before it is changed"));
        }
        Ok(Some((body.clone(), None)))
    })
    .await?;
    respond(if is_new { StatusCode::CREATED } else { StatusCode::OK }, &shown(&stored)?)
}

/// Removes an edition. Nobody is told.
#[utoipa::path(delete, path = "/v1/editions/{id}", tag = "editions", security(("apiKey" = ["editions:write"])),
    params(("id" = String, Path, description = "The edition")),
    responses((status = 204, description = "It is removed")))]
pub(in crate::http) async fn remove(
    State(shared): State<Arc<Shared>>,
    id: Id,
    request: Request,
) -> Result<Response, Fault> {
    let asked = Asked::of_all(&shared, request, Scope::EditionsWrite, &[])?;
    documents::remove(&shared, &asked, KIND, &part(id)?, "edition.removed").await
}

/// Schedules an edition: `edition.scheduled` is told. One that is scheduled stays so, and nobody is told again.
#[utoipa::path(post, path = "/v1/editions/{id}/schedule", tag = "editions", security(("apiKey" = ["editions:write"])),
    params(("id" = String, Path, description = "The edition")),
    responses((status = 200, description = "The edition as it is now", body = EditionView)))]
pub(in crate::http) async fn schedule(
    State(shared): State<Arc<Shared>>,
    id: Id,
    request: Request,
) -> Result<Response, Fault> {
    let asked = Asked::of_all(&shared, request, Scope::EditionsWrite, &[])?;
    turn(&shared, &asked, &part(id)?, EditionStatus::Scheduled, "edition.scheduled").await
}

/// Makes an edition a draft again: `edition.unscheduled` is told. One that is a draft stays so, and nobody is told.
#[utoipa::path(post, path = "/v1/editions/{id}/unschedule", tag = "editions", security(("apiKey" = ["editions:write"])),
    params(("id" = String, Path, description = "The edition")),
    responses((status = 200, description = "The edition as it is now", body = EditionView)))]
pub(in crate::http) async fn unschedule(
    State(shared): State<Arc<Shared>>,
    id: Id,
    request: Request,
) -> Result<Response, Fault> {
    let asked = Asked::of_all(&shared, request, Scope::EditionsWrite, &[])?;
    turn(&shared, &asked, &part(id)?, EditionStatus::Draft, "edition.unscheduled").await
}

/// Changes an edition's status, and tells of it, in one transaction.
async fn turn(
    shared: &Shared,
    asked: &Asked,
    id: &str,
    status: EditionStatus,
    kind: &'static str,
) -> Result<Response, Fault> {
    let (stored, _) = documents::write(shared, asked, KIND, id, kind, |was| {
        let Some(was) = was else { return Ok(None) };
        let edition: Edition = documents::read(&was)?;
        if edition.status == status {
            return Ok(None);
        }
        let edition = Edition { status, ..edition };
        let data = Told { edition: edition.summary(id, None) };
        Ok(Some((written(&edition)?, Some(Follows { kind, project: String::new(), data, document: None }))))
    })
    .await?;
    // There may be something to send.
    shared.driver.changed();
    respond(StatusCode::OK, &shown(&stored)?)
}

fn shown(stored: &StoredDocument) -> Result<EditionView, Fault> {
    let edition: Edition = documents::read(stored)?;
    let summary = edition.summary(&stored.id, Some(stored));
    Ok(EditionView { summary, contents: edition.contents.unwrap_or_default() })
}

impl Edition {
    fn summary(&self, id: &str, stored: Option<&StoredDocument>) -> EditionSummary {
        EditionSummary {
            id: id.to_owned(),
            name: self.name.clone(),
            start: self.start.clone(),
            end: self.end.clone(),
            status: self.status,
            updated_at: stored.map(|stored| time(stored.updated_at)),
        }
    }
}
