//! A request to a webhook as it would be sent now, or is: to look at, and for tests.

use super::known::Known;
use crate::config::{Method, Signing, Webhook};
use crate::core::Attempted;
use crate::delivery::format::{Facts, Rendered, default_signature, render};
use crate::delivery::sample::sample;
use crate::delivery::signing::{SIGNATURE_FIELD, sign};
use crate::http::Shared;
use crate::http::bounds::TEST_BYTES;
use crate::outbound::{Outgoing, request_fields};
use crate::serve::wall_ms;
use crate::store::StoredDelivery;
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
    let Composed { headers, body } = match compose(known, *id, 0, project, event) {
        Ok(composed) => composed,
        Err(fault) => return (None, Err(fault)),
    };
    let shown = view(known, &headers, body.clone(), false);
    let secrets = known.unshown();
    let (url, body, timeout) = (&known.webhook.url, body.as_str().into(), PATIENCE);
    let answered = match shared.caller.call(Outgoing { url, headers, body, timeout, secrets: &secrets }).await
    {
        Attempted::Response(response) => Ok(ResponseView::of(response)),
        Attempted::Failed(failure) => Err(failure.outcome().as_str().to_owned()),
    };
    (Some(shown), answered)
}

/// What would be sent of a delivery now.
pub(super) fn look(known: &Known, delivery: &StoredDelivery, event: &str) -> Result<RequestView, String> {
    let Composed { headers, body } = compose(known, delivery.event, delivery.id.0, &delivery.project, event)?;
    Ok(view(known, &headers, body, true))
}

/// A request but for its address.
struct Composed {
    headers: Vec<(String, SecretString)>,
    body: String,
}

/// Puts a request together; or says why there is nothing to be sent.
fn compose(known: &Known, id: Uuid, delivery: i64, project: &str, event: &str) -> Result<Composed, String> {
    let webhook = &known.webhook;
    let rendered = render(webhook, event, &Facts { delivery, request_id: id, project });
    let rendered = rendered.map_err(|fault| fault.to_string())?;
    let Rendered { body, content_type, headers } =
        rendered.ok_or("the webhook's format has nothing to say of this type of events")?;
    let mut added: Vec<(String, SecretString)> =
        headers.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    for header in &webhook.headers {
        let sealed = known.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(&header.name));
        let value = header.value.as_deref().map(SecretString::from);
        added.extend(
            value.or(sealed.map(|(_, value)| value.clone())).map(|value| (header.name.clone(), value)),
        );
    }
    let (id, now) = (id.to_string(), wall_ms());
    let mut headers = request_fields(&id, now, &added);
    headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
    headers.push(("content-type".to_owned(), content_type.into()));
    let signed = sign(&known.secrets, &signing(webhook), &id, now, body.as_bytes());
    headers.extend(signed.into_iter().map(|(name, value)| (name, SecretString::from(value))));
    Ok(Composed { headers, body })
}

/// How a webhook's requests are signed: as its settings say, or as receivers of its format expect.
fn signing(webhook: &Webhook) -> Signing {
    let compatible = webhook.signing.compatible.clone().or_else(|| default_signature(webhook.format));
    Signing { compatible, ..webhook.signing.clone() }
}

/// A request as it is shown: without secret values, and if nobody is to send it in our name without signatures.
fn view(known: &Known, headers: &[(String, SecretString)], body: String, is_unsigned: bool) -> RequestView {
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
