//! CloudEvents of what has no session. Those of players are as browsers write them.
//!
//! Editions, new videos and endpoints have no session, by which events are otherwise numbered and whose the source is.

use super::Facts;
use cuehook_json::{View, write_string};
use cuehook_protocol::{Format, format};

/// The body; none if it is no event.
pub(super) fn body(event: View<'_>, facts: &Facts<'_>) -> Option<String> {
    if let Some(body) = format::body(Format::CloudEvents, event) {
        return Some(body);
    }
    let data = event.get("data")?;
    let mut out = String::with_capacity(256 + data.text().len());
    out.push_str("{\"specversion\":\"1.0\"");
    for (name, value) in [
        (",\"type\":", event.str("type")?),
        (",\"id\":", event.str("id")?),
        (",\"time\":", event.str("timestamp")?),
    ] {
        out.push_str(name);
        write_string(&value, &mut out);
    }
    // What the event is of, where there is such a thing.
    let subject = ["video", "edition", "webhook"].iter().find_map(|part| {
        let part = data.get(part)?;
        part.str("id").or_else(|| part.as_str()).filter(|id| !id.is_empty())
    });
    if let Some(subject) = subject {
        out.push_str(",\"subject\":");
        write_string(&subject, &mut out);
    }
    out.push_str(",\"source\":");
    let source = if facts.project.is_empty() {
        "urn:cuehook:relay".to_owned()
    } else {
        // A URI: other characters than these are percent-encoded.
        format!("urn:cuehook:project:{}", super::dynamic_content::in_path(facts.project))
    };
    write_string(&source, &mut out);
    out.push_str(",\"datacontenttype\":\"application/json\",\"data\":");
    out.push_str(data.text());
    out.push('}');
    Some(out)
}
