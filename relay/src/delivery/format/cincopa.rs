//! As Cincopa's page about webhooks shows bodies, and its receiver verifies them.
//!
//! Source: <https://www.cincopa.com/learn/using-webhooks-with-api-video>. Its receiver hashes what JavaScript makes of the parsed body,
//! not the bytes that came, so a body is written as JavaScript writes it: parsed and written again there it is the same, byte for byte.

use super::RenderFault;
use super::javascript;
use cuehook_json::{Json, Object};

/// Deepest nesting of an event, in levels. It was checked when it came.
const DEPTH: usize = 128;

/// Fields of `data` that the page shows, and where an event of Cuehook's has them, within `data.video`.
const FIELDS: [(&str, &str); 5] =
    [("videoId", "id"), ("status", ""), ("url", "shareUrl"), ("thumbnail", "thumbnail"), ("title", "title")];

/// Whether it tells of what becomes of a video, as the page's examples do.
pub(super) fn has_body(kind: &str) -> bool {
    kind.starts_with("video.")
}

/// The body; none if the event is of no video.
///
/// # Errors
/// If it is no JSON, or has a number that JavaScript has not.
pub(super) fn body(event: &str) -> Result<Option<String>, RenderFault> {
    let event = cuehook_json::parse(event.as_bytes(), DEPTH)
        .map_err(|error| RenderFault::NoEvent(error.to_string()))?;
    let (Some(kind), Some(data)) =
        (event.get("type").and_then(Json::as_str), event.get("data").and_then(Json::as_object))
    else {
        return Ok(None);
    };
    let video = data.get("video").and_then(Json::as_object);
    let mut told = Object::new();
    for (name, ours) in FIELDS {
        let own = data.get(name).or_else(|| video?.get(ours));
        let value = match own {
            Some(value) => value.clone(),
            // What has happened to it: `video.uploaded` is told with the status `uploaded`.
            None if name == "status" => kind.rsplit('.').next().unwrap_or(kind).into(),
            None => Json::Null,
        };
        told.set(name, value);
    }
    if told.get("videoId").is_none_or(|id| matches!(id, Json::Null)) {
        return Ok(None);
    }
    // What else the server says of it follows, as it is.
    for (name, value) in data.iter().filter(|(name, _)| *name != "video") {
        if told.get(name).is_none() {
            told.set(name, value.clone());
        }
    }
    let mut body = Object::new();
    body.set("event", kind.into());
    body.set("data", told.into());
    let mut out = String::new();
    javascript::write(&body.into(), &mut out);
    Ok(Some(out))
}
