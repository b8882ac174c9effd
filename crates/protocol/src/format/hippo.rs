//! As Hippo Video documents its webhooks: five events, one of another shape than the rest.
//!
//! Source: <https://lyceum.freshdesk.com/support/solutions/articles/19000093734-hippo-video-webhook-integration>. Names, their
//! spelling and their order are those of its examples. Assumed, because it does not say: what `hook.uuid` identifies (here the
//! event), that unknown fields are left out, that `annotationClickedTime` is media time in seconds, that `ctaUrl` is where the
//! click leads, and the content type. `account_id` is empty unless whoever made the event knows one: browsers do not.

use super::VIDEO_CREATED;
use super::parts::{Parts, plain};
use super::writer::Writer;
use crate::EventType;
use cuehook_json::write_integer;
use std::borrow::Cow;

/// The body.
pub(super) fn body(parts: &Parts<'_>) -> Option<String> {
    let name = match EventType::named(&parts.kind) {
        Some(EventType::ViewEnded) => "VideoPlayedSessions",
        Some(EventType::CtaClicked) => "VideoCTA",
        // So it is spelled.
        Some(EventType::LeadCaptured) => "VideoLeadGenaration",
        Some(EventType::AnnotationClicked) => "VideoAnnotation",
        None if parts.kind == VIDEO_CREATED => "VideoCreated",
        _ => return None,
    };
    let mut writer = Writer::default();
    writer.item(|out| {
        out.object("hook", |out| out.text("uuid", &parts.id));
        out.text("eventName", name);
        out.text("eventTimestamp", &milliseconds(parts.happened_ms()));
        if name == "VideoAnnotation" {
            out.object("payload", |out| {
                out.object(name, |out| media(parts, false, out));
                out.text("annotationText", &parts.text("interaction", "label").unwrap_or_default());
                out.text("annotationUrl", &parts.text("interaction", "url").unwrap_or_default());
                out.copy_if_any("annotationClickedTime", parts.field("interaction", "mediaTime"));
                out.text_if_any("email", parts.viewer(&["email"]).as_deref());
            });
        } else {
            out.object(name, |out| {
                out.object("media", |out| media(parts, true, out));
                about(name, parts, out);
            });
        }
        out.object("metadata", |out| {
            out.text("account_id", &parts.data.get("account").and_then(plain).unwrap_or_default());
            if name == "VideoCreated" {
                let by = parts.data.get("createdBy").and_then(plain);
                out.text_if_any("created_by", by.as_deref());
            }
        });
    });
    Some(writer.finish())
}

/// What stands beside `media`.
fn about(name: &str, parts: &Parts<'_>, out: &mut Writer) {
    match name {
        "VideoPlayedSessions" => {
            if let Some(percent) = parts.number("watched", "percent") {
                out.whole_or_null("percentagePlayed", Some(percent.round().min(100.0)));
            }
            out.text_if_any("email", parts.viewer(&["email"]).as_deref());
        }
        "VideoCTA" => {
            out.text("ctaUrl", &parts.text("interaction", "url").unwrap_or_default());
            out.text_if_any("email", parts.viewer(&["email"]).as_deref());
        }
        "VideoLeadGenaration" => {
            let (first, last) = names(parts);
            out.text_if_any("firstName", first.as_deref());
            out.text_if_any("lastName", last.as_deref());
            out.text_if_any("email", parts.text("lead", "email").as_deref());
            out.text_if_any("phone", parts.text("lead", "tel").as_deref());
        }
        _ => {}
    }
}

/// The video.
fn media(parts: &Parts<'_>, with_duration: bool, out: &mut Writer) {
    // Theirs are numbers. Whoever gives the video none gets its name in that place.
    let id = parts.video.get("number").or_else(|| parts.video.get("id"));
    out.copy_if_any("videoId", id);
    for (theirs, ours) in [
        ("thumbnail", "thumbnail"),
        ("downloadUrl", "downloadUrl"),
        ("name", "title"),
        ("shareUrl", "shareUrl"),
        ("embedUrl", "embedUrl"),
    ] {
        // The annotation's example has no address to download from.
        if with_duration || theirs != "downloadUrl" {
            out.copy_if_any(theirs, parts.video.get(ours));
        }
    }
    if with_duration {
        out.copy_if_any("duration", parts.video.get("duration"));
    }
}

/// First and last name. Of a form that asks for the whole name, what stands before the last blank is the first name.
fn names<'a>(parts: &Parts<'a>) -> (Option<Cow<'a, str>>, Option<Cow<'a, str>>) {
    let (first, last) = (parts.text("lead", "givenName"), parts.text("lead", "familyName"));
    if first.is_some() || last.is_some() {
        return (first, last);
    }
    let Some(name) = parts.text("lead", "name") else { return (None, None) };
    match name.trim().rsplit_once(char::is_whitespace) {
        Some((first, last)) => {
            (Some(Cow::Owned(first.trim_end().to_owned())), Some(Cow::Owned(last.to_owned())))
        }
        None => (Some(name), None),
    }
}

/// A time in whole milliseconds, as text. Nothing of ours happened before 1970.
fn milliseconds(ms: f64) -> String {
    let mut text = String::new();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    write_integer(ms as u64, &mut text);
    text
}
