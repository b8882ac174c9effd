//! Formats: how a stored event becomes a body.
//!
//! Those that browsers write, too, come from [`cuehook_protocol::format`]. The others are the relay's alone: they tell of what only
//! servers know. What each is made of, and what of it is assumed, is in `docs/formats.md`.

mod api_video;
mod cincopa;
mod cloudevents;
mod dynamic_content;
mod javascript;

use super::template::{self, TemplateFault};
use crate::config::{CompatibleSignature, EventFormat, SignatureEncoding, SignatureHash, Webhook};
use cuehook_json::View;
use cuehook_protocol::{Format, format};
use uuid::Uuid;

/// Most bytes of a body in the formats [`Cincopa`](EventFormat::Cincopa) and [`DynamicContent`](EventFormat::DynamicContent): what
/// their receivers read by default (100 KB, Express).
pub const PARSED_BYTES: usize = 100_000;

/// What a body tells of besides the event.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The delivery's number, the same in all attempts.
    pub delivery: i64,
    /// Names this delivery for people: the same in all attempts.
    pub request_id: Uuid,
    /// The event's project; empty if it has none.
    pub project: &'a str,
}

/// A body and what goes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The body.
    pub body: String,
    /// The field `content-type`.
    pub content_type: String,
    /// Other fields that receivers of the format expect.
    pub headers: Vec<(&'static str, String)>,
}

/// Why there is no body, though there should be one. It will not be there at a later attempt either.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderFault {
    /// What was stored is no event.
    #[error("what is stored is no event: {0}")]
    NoEvent(String),
    /// Its receivers would refuse the body, or cut it off.
    #[error("the body has {bytes} bytes; receivers of this format read {most} at most")]
    TooLarge {
        /// Bytes of the body.
        bytes: usize,
        /// Bytes that are read.
        most: usize,
    },
    /// The webhook's template cannot be filled in.
    #[error("the template: {0}")]
    Template(#[from] TemplateFault),
}

/// The format of the protocol, if it is one that browsers know.
const fn shared(format: EventFormat) -> Option<Format> {
    match format {
        EventFormat::Cuehook => Some(Format::Cuehook),
        EventFormat::CloudEvents => Some(Format::CloudEvents),
        EventFormat::Xapi => Some(Format::Xapi),
        EventFormat::Hippo => Some(Format::Hippo),
        EventFormat::Mindstamp => Some(Format::Mindstamp),
        EventFormat::ApiVideo | EventFormat::Cincopa | EventFormat::DynamicContent => None,
    }
}

/// Whether a format has anything to say of a type of events. Of single events it may still have nothing to say: if they lack what
/// its body is made of.
pub fn has_body(format: EventFormat, kind: &str) -> bool {
    match format {
        // In a relay there are events without a session, and new videos, of which these tell as of all others.
        EventFormat::Cuehook | EventFormat::CloudEvents => true,
        EventFormat::ApiVideo => api_video::has_body(kind),
        EventFormat::Cincopa => cincopa::has_body(kind),
        EventFormat::DynamicContent => dynamic_content::has_body(kind),
        EventFormat::Xapi | EventFormat::Hippo | EventFormat::Mindstamp => {
            shared(format).is_some_and(|format| format::has_body(format, kind))
        }
    }
}

/// What a webhook is sent of an event, given in its canonical form: by its template, if it has one, or in its format. None if the
/// format has nothing to say of it.
///
/// # Errors
/// If the event cannot be told of, whenever it is tried.
pub fn render(webhook: &Webhook, event: &str, facts: &Facts<'_>) -> Result<Option<Rendered>, RenderFault> {
    if let Some(template) = &webhook.template {
        let body = template::fill(template, event, template::Input::Event)?;
        return Ok(Some(Rendered { body, content_type: template.content_type.clone(), headers: Vec::new() }));
    }
    let format = webhook.format;
    let view = View::of(event).ok_or_else(|| RenderFault::NoEvent("it is no JSON".to_owned()))?;
    if !has_body(format, &view.str("type").unwrap_or_default()) {
        return Ok(None);
    }
    let body = match format {
        EventFormat::ApiVideo => api_video::body(view),
        EventFormat::Cincopa => cincopa::body(event)?,
        EventFormat::DynamicContent => dynamic_content::body(view, facts),
        EventFormat::CloudEvents => cloudevents::body(view, facts),
        _ => shared(format).and_then(|format| format::body(format, view)),
    };
    let Some(body) = body else { return Ok(None) };
    if matches!(format, EventFormat::Cincopa | EventFormat::DynamicContent) && body.len() > PARSED_BYTES {
        return Err(RenderFault::TooLarge { bytes: body.len(), most: PARSED_BYTES });
    }
    Ok(Some(Rendered { body, content_type: content_type(format).to_owned(), headers: headers(webhook) }))
}

/// What a webhook is sent of a call whose body a player has sent; none if it has no template: then it is sent the body as it came.
///
/// # Errors
/// If the template cannot be filled in.
pub fn render_call(webhook: &Webhook, body: &str) -> Result<Option<Rendered>, RenderFault> {
    let Some(template) = &webhook.template else { return Ok(None) };
    let body = template::fill(template, body, template::Input::Call)?;
    Ok(Some(Rendered { body, content_type: template.content_type.clone(), headers: Vec::new() }))
}

fn content_type(format: EventFormat) -> &'static str {
    shared(format).map_or("application/json", |format| format::content_type(format, false))
}

fn headers(webhook: &Webhook) -> Vec<(&'static str, String)> {
    match webhook.format {
        // Its receivers look up the secret by it.
        EventFormat::ApiVideo => vec![("X-Api-Video-WebhookID", webhook.id.clone())],
        format => {
            let fields = shared(format).map(Format::headers).unwrap_or_default();
            fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
        }
    }
}

/// The signature that receivers of a format verify, for webhooks with a secret for one and no setting of their own.
pub fn default_signature(format: EventFormat) -> Option<CompatibleSignature> {
    let (header, encoding) = match format {
        EventFormat::ApiVideo | EventFormat::Cincopa => ("X-Api-Video-Signature", SignatureEncoding::Hex),
        EventFormat::DynamicContent => ("X-Amplience-Webhook-Signature", SignatureEncoding::Base64),
        // Assumed: its page names neither the field nor the hash, only that it is a hexadecimal HMAC of the body.
        EventFormat::Hippo => ("X-Hippo-Signature", SignatureEncoding::Hex),
        EventFormat::Cuehook | EventFormat::CloudEvents | EventFormat::Xapi | EventFormat::Mindstamp => {
            return None;
        }
    };
    Some(CompatibleSignature { header: header.to_owned(), hash: SignatureHash::Sha256, encoding })
}
