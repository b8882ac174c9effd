//! Formats: how events look to receivers that were written for other systems.
//!
//! All are made from the canonical JSON text of an [event](crate::Event), here in the browser and in a relay alike. What each
//! event becomes, and what of it is assumed because the system does not document it, is in `docs/formats.md`.

mod cloudevents;
#[cfg(any(test, feature = "formats"))]
mod hippo;
#[cfg(any(test, feature = "formats"))]
mod mindstamp;
#[cfg(any(test, feature = "formats"))]
mod parts;
#[cfg(any(test, feature = "formats"))]
mod writer;
#[cfg(any(test, feature = "formats"))]
mod xapi;

use crate::{EventType, word_enum};
use cuehook_json::{View, write_string};

word_enum! {
    /// How a webhook is sent its events.
    #[derive(Default)]
    pub enum Format {
        /// The canonical form.
        #[default]
        Cuehook = "cuehook",
        /// CloudEvents 1.0, JSON format.
        CloudEvents = "cloudevents",
        /// Statements of the Experience API, with its video profile.
        Xapi = "xapi",
        /// As Hippo Video documents its webhooks.
        Hippo = "hippo",
        /// As Mindstamp documents its webhooks.
        Mindstamp = "mindstamp",
    }
}

impl Format {
    /// Whether this build can write it. Those of other systems need the feature `formats`.
    pub const fn is_built(self) -> bool {
        cfg!(any(test, feature = "formats")) || !self.is_foreign()
    }

    /// Whether it is a system's own, which knows only some events.
    const fn is_foreign(self) -> bool {
        !matches!(self, Self::Cuehook | Self::CloudEvents)
    }

    /// Header fields that receivers of this format expect besides `Content-Type`. Those of the project take precedence.
    pub const fn headers(self) -> &'static [(&'static str, &'static str)] {
        match self {
            // Experience API 1.0.3, part 3, section 3.3: requests without it are refused.
            Self::Xapi => &[("X-Experience-API-Version", "1.0.3")],
            _ => &[],
        }
    }
}

/// What a relay tells of a new video, in the format `hippo` alone. Nothing in a browser does.
pub const VIDEO_CREATED: &str = "video.created";

/// Whether a format has anything to say of a type of events. What it has no body for is not sent, and not numbered.
///
/// It depends on the type alone, so whoever numbers events can ask before they are written. It is the same in all builds.
pub fn has_body(format: Format, kind: &str) -> bool {
    use EventType as Type;
    if !format.is_foreign() {
        return kind != VIDEO_CREATED;
    }
    if kind == VIDEO_CREATED {
        return matches!(format, Format::Hippo);
    }
    let Some(kind) = EventType::named(kind) else { return false };
    match kind {
        Type::ViewStarted | Type::ViewProgressed => matches!(format, Format::Xapi),
        Type::InteractionClicked | Type::QuestionAnswered => !matches!(format, Format::Hippo),
        Type::ViewEnded | Type::CtaClicked | Type::AnnotationClicked | Type::LeadCaptured => true,
        Type::WebhookExecuted | Type::WebhookFailed | Type::EventsLost => false,
    }
}

/// The body that tells of an event, given in its canonical form, in a format; none if the format has none for it, if this
/// build cannot write the format, or if it is no event.
pub fn body(format: Format, event: View<'_>) -> Option<String> {
    match format {
        Format::Cuehook => Some(event.text().to_owned()),
        Format::CloudEvents => cloudevents::body(event),
        #[cfg(any(test, feature = "formats"))]
        _ => foreign(format, event),
        #[cfg(not(any(test, feature = "formats")))]
        _ => None,
    }
}

#[cfg(any(test, feature = "formats"))]
fn foreign(format: Format, event: View<'_>) -> Option<String> {
    let parts = parts::Parts::of(event)?;
    if !has_body(format, &parts.kind) {
        return None;
    }
    match format {
        Format::Xapi => xapi::body(&parts),
        Format::Hippo => hippo::body(&parts),
        Format::Mindstamp => mindstamp::body(&parts),
        Format::Cuehook | Format::CloudEvents => None,
    }
}

/// One body for several events; none if the format sends each by itself. `bodies` are those of [`body`]; `id` and `timestamp`
/// (as RFC 3339) are the batch's own, where the format has a place for them.
pub fn batch(format: Format, id: &str, timestamp: &str, bodies: &[&str]) -> Option<String> {
    let mut out = String::with_capacity(128 + bodies.iter().map(|body| body.len() + 1).sum::<usize>());
    match format {
        Format::Cuehook => {
            out.push_str("{\"type\":\"events\",\"id\":");
            write_string(id, &mut out);
            out.push_str(",\"timestamp\":");
            write_string(timestamp, &mut out);
            out.push_str(",\"data\":{\"events\":");
        }
        Format::CloudEvents | Format::Xapi => {}
        Format::Hippo | Format::Mindstamp => return None,
    }
    out.push('[');
    let start = out.len();
    for body in bodies {
        // Of some events there are several statements: a list in the list would be none.
        let body = match format {
            Format::Xapi => body.strip_prefix('[').and_then(|body| body.strip_suffix(']')).unwrap_or(body),
            _ => body,
        };
        if out.len() > start {
            out.push(',');
        }
        out.push_str(body);
    }
    out.push(']');
    if format == Format::Cuehook {
        out.push_str("}}");
    }
    Some(out)
}

/// The field `Content-Type` of a request with one event, or with a batch.
pub const fn content_type(format: Format, is_batch: bool) -> &'static str {
    match (format, is_batch) {
        (Format::CloudEvents, false) => "application/cloudevents+json",
        (Format::CloudEvents, true) => "application/cloudevents-batch+json",
        _ => "application/json",
    }
}
