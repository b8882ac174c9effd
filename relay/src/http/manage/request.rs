//! A request to a webhook as it would be sent now, or is: to look at, and for tests.

use super::known::Known;
use crate::config::Method;
use crate::core::Projects;
use crate::delivery::format::Facts;
use crate::delivery::prepare::{Prepared, Recipient, prepare, signing};
use crate::delivery::sample::sample;
use crate::delivery::signing::SIGNATURE_FIELD;
use crate::http::Shared;
use crate::http::bounds::TEST_BYTES;
use crate::outbound::Outgoing;
use crate::serve::wall_ms;
use crate::store::{DocumentKind, StoredDelivery};
use cuehook_json::write_string;
use cuehook_protocol::Response;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;
use uuid::Uuid;

/// The id of the video of samples, as JSON.
const SAMPLE_VIDEO: &str = "\"sample-video\"";
/// How long a test waits for an answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// A request to a webhook.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RequestView {
    /// Its method.
    method: Method,
    /// Where it goes.
    url: String,
    /// Its header fields, but for those of the connection.
    headers: Vec<FieldView>,
    /// Its body.
    body: String,
    /// The names of secret header fields that are not sent to this address, which a project has chosen: its origin is not among the
    /// webhook's.
    withheld: Vec<String>,
}

/// A header field of a request.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldView {
    /// Its name.
    name: String,
    /// Its value; null if it is secret.
    value: Option<String>,
}

/// A response of a webhook.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResponseView {
    /// Its status.
    status: u16,
    /// Its content type.
    content_type: Option<String>,
    /// How its body begins, without secrets of the webhook.
    body: String,
    /// Whether that is not all of it.
    truncated: bool,
}

impl ResponseView {
    fn of(response: Response) -> Self {
        let truncated = response.body.len() > TEST_BYTES;
        let body = response.body.get(..TEST_BYTES).unwrap_or(&response.body);
        Self {
            status: response.status,
            content_type: response.content_type,
            body: String::from_utf8_lossy(body).into_owned(),
            truncated,
        }
    }

    /// Whether the webhook has taken what it was sent.
    pub(super) fn is_success(&self) -> bool {
        self.status / 100 == 2
    }
}

/// A sample event of a type: its id, and the whole event.
pub(super) fn test_event(shared: &Shared, kind: &str, video: Option<&str>) -> (Uuid, String) {
    let id = Uuid::try_parse(&shared.request_id()).unwrap_or_default();
    let event = sample(kind, id, wall_ms());
    let Some(video) = video else { return (id, event) };
    let mut text = String::new();
    write_string(video, &mut text);
    (id, event.replace(SAMPLE_VIDEO, &text))
}

/// Sends an event to a webhook: what was sent, and what was answered, or why nothing was.
pub(super) async fn send(
    shared: &Shared,
    known: &Known,
    (id, event): &(Uuid, String),
    project: &str,
) -> (Option<RequestView>, Result<ResponseView, String>) {
    let url = project_url(shared, known, project).await;
    let prepared = match ready(known, *id, 0, project, event, url.as_deref()) {
        Ok(prepared) => prepared,
        Err(fault) => return (None, Err(fault)),
    };
    let shown = view(known, &prepared, false);
    let secrets = known.unshown();
    let Prepared { method, url, headers, body, .. } = prepared;
    let outgoing = Outgoing { method, url: &url, headers, body, timeout: PATIENCE, secrets: &secrets };
    let answered = match shared.caller.deliver(outgoing).await {
        Ok(response) => Ok(ResponseView::of(response)),
        Err(undelivered) => Err(undelivered.fault),
    };
    (Some(shown), answered)
}

/// What would be sent of a delivery now.
pub(super) async fn look(
    shared: &Shared,
    known: &Known,
    delivery: &StoredDelivery,
    event: &str,
) -> Result<RequestView, String> {
    let url = project_url(shared, known, &delivery.project).await;
    let prepared = ready(known, delivery.event, delivery.id.0, &delivery.project, event, url.as_deref())?;
    Ok(view(known, &prepared, true))
}

/// The address that a project has chosen instead of the webhook's own.
async fn project_url(shared: &Shared, known: &Known, project: &str) -> Option<String> {
    let document = shared.store.document(DocumentKind::Project, project).await.ok()??;
    let projects = Projects::read(&[(document.id, document.body)]);
    projects.url(project, &known.webhook.id).map(str::to_owned)
}

/// A request that is ready; or why there is nothing to be sent.
fn ready(
    known: &Known,
    id: Uuid,
    delivery: i64,
    project: &str,
    event: &str,
    url: Option<&str>,
) -> Result<Prepared, String> {
    let sealed = |name: &str| {
        let found = known.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.clone())
    };
    let headers = known.webhook.headers.iter().filter_map(|header| {
        let value = header.value.as_deref().map(SecretString::from).or_else(|| sealed(&header.name));
        Some((header.name.clone(), value?))
    });
    let headers: Vec<(String, SecretString)> = headers.collect();
    let to = Recipient { webhook: &known.webhook, headers: &headers, secrets: &known.secrets, url };
    let facts = Facts { delivery, request_id: id, project };
    let prepared = prepare(&to, id, event, &facts, wall_ms()).map_err(|fault| fault.to_string())?;
    prepared.ok_or_else(|| "the webhook's format has nothing to say of this type of events".to_owned())
}

/// A request as it is shown: without secret values, and if nobody is to send it in our name without signatures.
fn view(known: &Known, prepared: &Prepared, is_unsigned: bool) -> RequestView {
    let compatible = signing(&known.webhook).compatible;
    let is_secret = |name: &str| {
        let is_name = |other: &str| name.eq_ignore_ascii_case(other);
        let is_signature = is_name(SIGNATURE_FIELD)
            || compatible.as_ref().is_some_and(|signature| is_name(&signature.header));
        known.headers.iter().any(|(secret, _)| is_name(secret)) || is_unsigned && is_signature
    };
    let field = |(name, value): &(String, SecretString)| FieldView {
        name: name.clone(),
        value: (!is_secret(name)).then(|| value.expose_secret().to_owned()),
    };
    RequestView {
        method: prepared.method,
        url: prepared.url.clone(),
        headers: prepared.headers.iter().map(field).collect(),
        body: prepared.body.to_string(),
        withheld: prepared.withheld.clone(),
    }
}
