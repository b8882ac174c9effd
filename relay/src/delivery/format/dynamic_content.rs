//! As Amplience documents the webhooks of Dynamic Content: an edition was scheduled, or is no longer.
//!
//! Source: <https://amplience.com/developers/docs/integrations/webhooks/payloads/>. Assumed: that `requestId` names the delivery, and
//! that `_links.self.href` may be relative to the relay that the receiver asks for more.

use super::Facts;
use cuehook_json::{View, write_string};
use std::fmt::Write;

/// Whether it is of an edition's schedule.
pub(super) fn has_body(kind: &str) -> bool {
    matches!(kind, "edition.scheduled" | "edition.unscheduled")
}

/// The body; none if the event does not say which edition it is of.
pub(super) fn body(event: View<'_>, facts: &Facts<'_>) -> Option<String> {
    let edition = event.get("data")?.get("edition")?;
    let id = edition.str("id").filter(|id| !id.is_empty())?;
    let mut out = String::new();
    let _ = write!(out, "{{\"sequenceId\":{},\"id\":", facts.delivery);
    write_string(&event.str("id")?, &mut out);
    out.push_str(",\"name\":");
    write_string(&["dynamic-content.", &event.str("type")?].concat(), &mut out);
    let _ = write!(out, ",\"requestId\":\"{}\",\"resource\":", facts.request_id);
    write_string(&id, &mut out);
    out.push_str(",\"payload\":{");
    for (name, value) in edition.members() {
        // Contents may be long: receivers ask for them.
        if name != "contents" && name != "_links" {
            write_string(&name, &mut out);
            out.push(':');
            out.push_str(value.text());
            out.push(',');
        }
    }
    out.push_str("\"_links\":{\"self\":{\"href\":");
    write_string(&["/v1/editions/", &in_path(&id)].concat(), &mut out);
    out.push_str("}}}}");
    Some(out)
}

/// A text as one segment of a path.
pub(super) fn in_path(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
