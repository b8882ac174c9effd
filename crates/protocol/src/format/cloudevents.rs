//! CloudEvents 1.0 in the JSON format, with the extension `sequence`.
//!
//! Source: the specification and its extensions, <https://github.com/cloudevents/spec>. Events of one source are told apart by
//! their ids and ordered by `sequence`; our numbers belong to a session, so the session is the source.

use cuehook_json::{View, write_integer, write_string};

/// The event as a structured message.
pub(super) fn body(event: View<'_>) -> Option<String> {
    let data = event.get("data")?;
    let session = data.get("session")?;
    let mut out = String::with_capacity(256 + data.text().len());
    out.push_str("{\"specversion\":\"1.0\"");
    for (name, value) in [
        (",\"type\":", event.get("type")),
        (",\"id\":", event.get("id")),
        (",\"time\":", event.get("timestamp")),
        (",\"subject\":", data.get("video").and_then(|video| video.get("id"))),
    ] {
        out.push_str(name);
        out.push_str(value?.text());
    }
    out.push_str(",\"source\":");
    let mut source = String::from("urn:uuid:");
    source.push_str(&session.str("id")?);
    write_string(&source, &mut out);
    out.push_str(",\"sequence\":\"");
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let sequence = session.number("seq")? as u64;
    // They are compared as texts, so all need the same length.
    let mut power = 1_000_000_000;
    while power > 1 && sequence < power {
        out.push('0');
        power /= 10;
    }
    write_integer(sequence, &mut out);
    out.push_str("\",\"datacontenttype\":\"application/json\",\"data\":");
    out.push_str(data.text());
    out.push('}');
    Some(out)
}
