//! Formats: how events look to receivers that were written for other systems.
//!
//! All are made from the canonical JSON text of an [event](crate::Event), here in the browser and in a relay alike.

use crate::word_enum;
use cuehook_json::Json;

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
        cfg!(feature = "formats") || matches!(self, Self::Cuehook | Self::CloudEvents)
    }
}

/// Whether a format has anything to say of a type of events. What it has no body for is not sent, and not numbered.
pub fn has_body(format: Format, kind: &str) -> bool {
    let _ = kind;
    matches!(format, Format::Cuehook | Format::CloudEvents)
}

/// The body that tells of an event in a format; none if the format has none for it.
pub fn body(format: Format, event: &Json) -> Option<String> {
    let _ = format;
    Some(event.to_text())
}

/// One body for several events; none if the format sends each by itself. `bodies` are those of [`body`].
pub fn batch(format: Format, bodies: &[&str]) -> Option<String> {
    let _ = (format, bodies);
    None
}

/// The field `Content-Type` of a request with one event, or with a batch.
pub const fn content_type(format: Format, is_batch: bool) -> &'static str {
    let _ = (format, is_batch);
    "application/json"
}
