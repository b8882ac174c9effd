//! A request to a webhook as it would be sent now, or is: to look at, and for tests.

use super::known::Known;
use crate::config::Method;
use crate::core::Attempted;
use crate::delivery::signing::{SIGNATURE_FIELD, sign};
use crate::http::Shared;
use crate::http::bounds::TEST_BYTES;
use crate::outbound::{Outgoing, request_fields};
use crate::serve::wall_ms;
use crate::store::StoredDelivery;
use cuehook_protocol::Response;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;
use uuid::Uuid;

/// How long a test waits for an answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// A request to a webhook.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RequestView {
    /// Its method.
    method: String,
    /// Where it goes.
    url: String,
    /// Its header fields, but for those of the connection.
    headers: Vec<FieldView>,
    /// Its body.
    body: String,
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
    let video = video.unwrap_or("sample-video");
    let data = serde_json::json!({"video": {"id": video}});
    let event = super::documents::event_body(id, kind, wall_ms(), &data).unwrap_or_default();
    (id, event)
}

/// Sends an event to a webhook: what was sent, and what was answered, or why nothing was.
pub(super) async fn send(
    shared: &Shared,
    known: &Known,
    (id, event): &(Uuid, String),
    _project: &str,
) -> (Option<RequestView>, Result<ResponseView, String>) {
    let (headers, secrets) = compose(known, *id, event);
    let shown = view(known, &headers, event.clone(), false);
    let body = event.as_str().into();
    let url = &known.webhook.url;
    let timeout = PATIENCE;
    let answered = match shared.caller.call(Outgoing { url, headers, body, timeout, secrets: &secrets }).await
    {
        Attempted::Response(response) => Ok(ResponseView::of(response)),
        Attempted::Failed(failure) => Err(failure.outcome().as_str().to_owned()),
    };
    (Some(shown), answered)
}

/// What would be sent of a delivery now.
pub(super) fn look(known: &Known, delivery: &StoredDelivery, event: &str) -> Result<RequestView, String> {
    let (headers, _) = compose(known, delivery.event, event);
    Ok(view(known, &headers, event.to_owned(), true))
}

/// The header fields of a request, and the secrets that may not stand in its answer.
fn compose(known: &Known, id: Uuid, body: &str) -> (Vec<(String, SecretString)>, Vec<SecretString>) {
    let (id, now) = (id.to_string(), wall_ms());
    let mut added: Vec<(String, SecretString)> = Vec::new();
    for header in &known.webhook.headers {
        let sealed = known.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(&header.name));
        let value = header.value.as_deref().map(SecretString::from);
        added.extend(
            value.or(sealed.map(|(_, value)| value.clone())).map(|value| (header.name.clone(), value)),
        );
    }
    let mut headers = request_fields(&id, now, &added);
    let signed = sign(&known.secrets, &known.webhook.signing, &id, now, body.as_bytes());
    headers.extend(signed.into_iter().map(|(name, value)| (name, SecretString::from(value))));
    let secrets = known.headers.iter().map(|(_, value)| value.clone()).collect();
    (headers, secrets)
}

/// A request as it is shown: without secret values, and if nobody is to send it in our name without signatures.
fn view(known: &Known, headers: &[(String, SecretString)], body: String, is_unsigned: bool) -> RequestView {
    let compatible = known.webhook.signing.compatible.as_ref();
    let is_secret = |name: &str| {
        let is_name = |other: &str| name.eq_ignore_ascii_case(other);
        let is_signature =
            is_name(SIGNATURE_FIELD) || compatible.is_some_and(|signature| is_name(&signature.header));
        known.headers.iter().any(|(secret, _)| is_name(secret)) || is_unsigned && is_signature
    };
    let field = |(name, value): &(String, SecretString)| FieldView {
        name: name.clone(),
        value: (!is_secret(name)).then(|| value.expose_secret().to_owned()),
    };
    RequestView {
        method: word(known.webhook.method),
        url: known.webhook.url.clone(),
        headers: headers.iter().map(field).collect(),
        body,
    }
}

fn word(method: Method) -> String {
    let text = serde_json::to_value(method).unwrap_or_default();
    text.as_str().unwrap_or_default().to_owned()
}
