//! `/v1/projects`: what servers say of the projects that are played, and which webhooks are for each.

use super::documents::{self, Follows};
use super::input::refuse;
use super::read::{Body, whole};
use super::{Asked, not_found, part, respond, time};
use crate::config::FaultCode;
use crate::config::rules::{self, RuleFault};
use crate::http::Shared;
use crate::http::fault::Fault;
use crate::store::{DocumentKind, StoredDocument};
use crate::token::{ApiKey, Scope};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use cuehook_protocol::format::VIDEO_CREATED;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;

type Id = Result<Path<String>, PathRejection>;

/// What is said of webhooks in one project at most.
const MAX_WEBHOOKS: usize = 200;
/// The largest number of a video: larger ones not all who read JSON can tell apart.
const MAX_NUMBER: u64 = 9_007_199_254_740_991;
/// Bytes of each text at most.
const MAX_TEXT: usize = 2048;

/// What is known of a project.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Project {
    /// Its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2048)]
    title: Option<String>,
    /// Its video.
    #[serde(skip_serializing_if = "Option::is_none")]
    video: Option<Video>,
    /// Who has made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2048)]
    created_by: Option<String>,
    /// The account that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2048)]
    account: Option<String>,
    /// Webhooks, by id: whether they are sent this project's events, or where they are sent them instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    webhooks: Option<BTreeMap<String, ProjectWebhook>>,
}

impl Body for Project {
    const OBJECTS: &'static [&'static [&'static str]] = &[&["video"], &["webhooks"], &["webhooks", "*"]];
}

/// A video, as receivers of events see it.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Video {
    /// Its id. Without this: that of the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2048)]
    id: Option<String>,
    /// Its number, for receivers whose videos have numbers.
    #[serde(default, deserialize_with = "whole", skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    number: Option<u64>,
    /// Its title. Without this: that of the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2048)]
    title: Option<String>,
    /// An image of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2048)]
    thumbnail: Option<String>,
    /// Where it is downloaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2048)]
    download_url: Option<String>,
    /// Where people see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2048)]
    share_url: Option<String>,
    /// Where it can be embedded from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2048)]
    embed_url: Option<String>,
    /// How long it is, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0)]
    duration: Option<f64>,
}

/// What a project says of a webhook.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(untagged, expecting = "`true`, `false`, or an object with `url` is expected")]
pub enum ProjectWebhook {
    /// Whether it is sent this project's events.
    Sent(bool),
    /// It is, at this address.
    Elsewhere(Elsewhere),
}

/// Where a webhook is sent a project's events.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Elsewhere {
    /// The address, instead of the webhook's own.
    #[schema(min_length = 1, max_length = 2048)]
    url: String,
}

/// A project.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProjectView {
    /// Its id.
    id: String,
    #[serde(flatten)]
    project: Project,
    /// When it was written last.
    updated_at: String,
}

/// A page of projects.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectPage {
    /// The projects, by id.
    projects: Vec<ProjectView>,
    /// The `after` of the next page, if there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// What `video.created` tells.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Created {
    project: String,
    video: Video,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_by: Option<String>,
}

/// Projects, by id.
#[utoipa::path(get, path = "/v1/projects", tag = "projects", security(("apiKey" = ["projects:read"])),
    params(
        ("limit" = Option<u32>, Query, description = "So many at most", minimum = 1, maximum = 200),
        ("after" = Option<String>, Query, description = "The `next` of the page before"),
    ),
    responses((status = 200, description = "A page of projects", body = ProjectPage)))]
pub(in crate::http) async fn list(
    State(shared): State<Arc<Shared>>,
    request: Request,
) -> Result<Response, Fault> {
    let asked = Asked::of(&shared, request, Scope::ProjectsRead, &["limit", "after"])?;
    let (limit, after) = (asked.limit()?, asked.query.get("after"));
    let found = match &asked.key.project {
        Some(own) => shared.store.document(DocumentKind::Project, own).await?.into_iter().collect(),
        None => shared.store.documents(DocumentKind::Project, after, limit).await?,
    };
    let found: Vec<StoredDocument> =
        found.into_iter().filter(|found| after.is_none_or(|after| found.id.as_str() > after)).collect();
    let next = found.last().filter(|_| found.len() == limit).map(|last| last.id.clone());
    let projects = found.iter().map(shown).collect::<Result<_, _>>()?;
    respond(StatusCode::OK, &ProjectPage { projects, next })
}

/// A project.
#[utoipa::path(get, path = "/v1/projects/{id}", tag = "projects", security(("apiKey" = ["projects:read"])),
    params(("id" = String, Path, description = "The project")),
    responses((status = 200, description = "The project", body = ProjectView)))]
pub(in crate::http) async fn show(
    State(shared): State<Arc<Shared>>,
    id: Id,
    request: Request,
) -> Result<Response, Fault> {
    let asked = Asked::of(&shared, request, Scope::ProjectsRead, &[])?;
    let id = own(&asked.key, part(id)?)?;
    let found = documents::find(&shared, DocumentKind::Project, &id).await?;
    respond(StatusCode::OK, &shown(&found)?)
}

/// Writes a project. The first time `video.created` is told of it.
#[utoipa::path(put, path = "/v1/projects/{id}", tag = "projects", security(("apiKey" = ["projects:write"])),
    params(("id" = String, Path, description = "The project, as tokens of players have it", min_length = 1, max_length = 128)),
    request_body = Project,
    responses((status = 200, description = "It was there, and is replaced", body = ProjectView),
        (status = 201, description = "It is new", body = ProjectView)))]
pub(in crate::http) async fn put(
    State(shared): State<Arc<Shared>>,
    id: Id,
    request: Request,
) -> Result<Response, Fault> {
    let (asked, sent) = Asked::with_body(&shared, request, Scope::ProjectsWrite, &[])?;
    let id = own(&asked.key, part(id)?)?;
    if let Some((_, message)) = rules::project_fault(&id) {
        return Err(refuse("", message));
    }
    let project: Project = sent.read(&shared).await?;
    if let Some(fault) = Fault::invalid(project.faults(&shared.allow)) {
        return Err(fault);
    }
    let body = written(&project)?;
    let kind = DocumentKind::Project;
    let (stored, is_new) = documents::write(&shared, &asked, kind, &id, "project.written", |was| {
        let follows = || Follows {
            kind: VIDEO_CREATED,
            project: id.clone(),
            data: project.created(&id),
            document: Some(body.clone()),
        };
        Ok(Some((body.clone(), was.is_none().then(follows))))
    })
    .await?;
    if is_new && project.webhooks.is_some() {
        // What follows is to go where the project says, from the first event on.
        let _ = shared.catalog.refresh_projects(true).await;
    }
    shared.driver.changed();
    respond(if is_new { StatusCode::CREATED } else { StatusCode::OK }, &shown(&stored)?)
}

/// Removes what is known of a project. Its events stay.
#[utoipa::path(delete, path = "/v1/projects/{id}", tag = "projects", security(("apiKey" = ["projects:write"])),
    params(("id" = String, Path, description = "The project")),
    responses((status = 204, description = "It is removed")))]
pub(in crate::http) async fn remove(
    State(shared): State<Arc<Shared>>,
    id: Id,
    request: Request,
) -> Result<Response, Fault> {
    let asked = Asked::of(&shared, request, Scope::ProjectsWrite, &[])?;
    let id = own(&asked.key, part(id)?)?;
    documents::remove(&shared, &asked, DocumentKind::Project, &id, "project.removed").await
}

/// The id, if the key is for this project.
fn own(key: &ApiKey, id: String) -> Result<String, Fault> {
    let is_own = key.project.as_ref().is_none_or(|own| *own == id);
    is_own.then_some(id).ok_or_else(|| not_found("project"))
}

fn shown(stored: &StoredDocument) -> Result<ProjectView, Fault> {
    let project = documents::read(stored)?;
    Ok(ProjectView { id: stored.id.clone(), project, updated_at: time(stored.updated_at) })
}

pub(super) fn written(document: &impl Serialize) -> Result<String, Fault> {
    serde_json::to_string(document).map_err(|_| Fault::unavailable("the relay has made a mistake"))
}

impl Project {
    fn faults(&self, allow: &[IpNet]) -> Vec<RuleFault> {
        let mut faults = Vec::new();
        let mut say = |path: String, code, message: String| faults.push(RuleFault { path, code, message });
        let video = self.video.clone().unwrap_or_default();
        for (path, text) in [
            ("title", &self.title),
            ("createdBy", &self.created_by),
            ("account", &self.account),
            ("video.id", &video.id),
            ("video.title", &video.title),
            ("video.thumbnail", &video.thumbnail),
            ("video.downloadUrl", &video.download_url),
            ("video.shareUrl", &video.share_url),
            ("video.embedUrl", &video.embed_url),
        ] {
            if text.as_ref().is_some_and(|text| text.len() > MAX_TEXT) {
                let message = format!("a text has at most {MAX_TEXT} bytes");
                say(path.to_owned(), FaultCode::OutOfRange, message);
            }
        }
        if video.number.is_some_and(|number| number > MAX_NUMBER) {
            let message = format!("a number has at most the value {MAX_NUMBER}");
            say("video.number".to_owned(), FaultCode::OutOfRange, message);
        }
        if video.duration.is_some_and(|seconds| !(0.0..=1e9).contains(&seconds)) {
            let message = "a duration is a number of seconds that is not negative";
            say("video.duration".to_owned(), FaultCode::OutOfRange, message.to_owned());
        }
        let webhooks = self.webhooks.iter().flatten();
        if webhooks.clone().count() > MAX_WEBHOOKS {
            let message = format!("at most {MAX_WEBHOOKS} are allowed");
            say("webhooks".to_owned(), FaultCode::TooMany, message);
            return faults;
        }
        for (id, said) in webhooks {
            if !rules::is_id(id) {
                let message = "an id of a webhook is 1 to 64 letters, digits, `-`, `_` or `.`";
                say("webhooks".to_owned(), FaultCode::WrongValue, message.to_owned());
            }
            if let ProjectWebhook::Elsewhere(Elsewhere { url }) = said
                && let Some((code, message)) = rules::url_fault(url, allow)
            {
                say(format!("webhooks.{id}.url"), code, message);
            }
        }
        faults
    }

    fn created(&self, id: &str) -> Created {
        let video = self.video.clone().unwrap_or_default();
        Created {
            project: id.to_owned(),
            video: Video {
                id: video.id.or_else(|| Some(id.to_owned())),
                title: video.title.or_else(|| self.title.clone()),
                ..video
            },
            account: self.account.clone(),
            created_by: self.created_by.clone(),
        }
    }
}
