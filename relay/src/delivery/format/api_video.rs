//! As api.video documents its webhooks: flat bodies with a type, a time and ids.
//!
//! Source: <https://docs.api.video/reference/create-and-manage-webhooks>. Cuehook records, encodes and summarises nothing itself: these
//! are types of events that servers send, with the fields in `data`.

use cuehook_json::{View, write_string};

/// Types, the fields of their bodies in the order of the documentation, and whether each has to be there.
const EVENTS: [(&str, &[(&str, bool)]); 6] = [
    ("live-stream.broadcast.started", &[("liveStreamId", true)]),
    ("live-stream.broadcast.ended", &[("liveStreamId", true)]),
    ("video.source.recorded", &[("liveStreamId", true), ("videoId", true)]),
    (
        "video.encoding.quality.completed",
        &[("videoId", true), ("liveStreamId", false), ("encoding", true), ("quality", true)],
    ),
    (
        "video.caption.generated",
        &[("videoId", true), ("captionId", true), ("generationMode", false), ("language", false)],
    ),
    ("video.summary.generated", &[("videoId", true), ("summaryId", true)]),
];

/// Whether it is a type of theirs.
pub(super) fn has_body(kind: &str) -> bool {
    EVENTS.iter().any(|(name, _)| *name == kind)
}

/// The body; none if a field is missing that they document as always there.
pub(super) fn body(event: View<'_>) -> Option<String> {
    let kind = event.str("type")?;
    let (_, fields) = EVENTS.iter().find(|(name, _)| *name == kind)?;
    let data = event.get("data")?;
    let mut out = String::from("{\"type\":");
    write_string(&kind, &mut out);
    out.push_str(",\"emittedAt\":");
    write_string(&event.str("timestamp")?, &mut out);
    for (name, is_needed) in *fields {
        let mut value = data.str(name);
        if value.is_none() && *name == "videoId" {
            // Events of a player have it there.
            value = data.get("video").and_then(|video| video.str("id"));
        }
        match value.filter(|value| !value.is_empty()) {
            Some(value) => {
                out.push_str(",\"");
                out.push_str(name);
                out.push_str("\":");
                write_string(&value, &mut out);
            }
            None if *is_needed => return None,
            None => {}
        }
    }
    out.push('}');
    Some(out)
}
