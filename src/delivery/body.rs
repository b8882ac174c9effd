//! The body of a request: `webhook.executed`.

use crate::json::{Json, Object, write, write_number, write_string};
use crate::project::{Video, Webhook};
use crate::session::{Context, InteractionLog};

/// What a body says besides the log and the context.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The request's UUIDv7: equal in all attempts, and equal to the header `webhook-id`.
    pub id: &'a str,
    /// When it was triggered, as RFC 3339.
    pub timestamp: &'a str,
    /// The video, from the project.
    pub video: &'a Video,
    /// Media time in seconds.
    pub current_time: f64,
    /// Length of the video in seconds, once known.
    pub duration: Option<f64>,
    /// The session's UUIDv7.
    pub session: &'a str,
    /// When the session started, as RFC 3339.
    pub started_at: &'a str,
    /// The page's address.
    pub page: &'a str,
    /// Id of the element that triggered it, if any.
    pub element: Option<&'a str>,
    /// `click`, `appear`, `disappear`, or `execute` for a call of the page.
    pub event: &'a str,
    /// The action's parameters.
    pub params: &'a Object,
}

/// The body as JSON text. Its form is documented in `docs/webhooks.md`.
///
/// The interactions are only copied: they were serialised when they were recorded.
pub fn body(webhook: &Webhook, facts: &Facts<'_>, context: &Context, log: &InteractionLog) -> String {
    let mut out = String::with_capacity(1_024);
    out.push_str("{\"type\":\"webhook.executed\"");
    text(&mut out, ",\"id\":", facts.id);
    text(&mut out, ",\"timestamp\":", facts.timestamp);
    text(&mut out, ",\"webhook\":{\"id\":", &webhook.id);
    optional(&mut out, ",\"name\":", webhook.name.as_deref());
    text(&mut out, "},\"video\":{\"id\":", &facts.video.id);
    optional(&mut out, ",\"title\":", facts.video.title.as_deref());
    out.push_str(",\"currentTime\":");
    write_number(facts.current_time, &mut out);
    out.push_str(",\"duration\":");
    match facts.duration {
        Some(duration) => write_number(duration, &mut out),
        None => out.push_str("null"),
    }
    text(&mut out, "},\"session\":{\"id\":", facts.session);
    text(&mut out, ",\"startedAt\":", facts.started_at);
    text(&mut out, ",\"page\":", facts.page);
    optional(&mut out, "},\"trigger\":{\"element\":", facts.element);
    text(&mut out, ",\"event\":", facts.event);
    out.push_str("},\"params\":");
    object(facts.params, &mut out);
    out.push_str(",\"context\":");
    object(context.variables(), &mut out);
    out.push_str(",\"interactions\":[");
    log.write(&webhook.include_interactions, &mut out);
    out.push_str("],\"truncated\":");
    write(&Json::Bool(log.is_truncated()), &mut out);
    out.push('}');
    out
}

fn text(out: &mut String, key: &str, value: &str) {
    out.push_str(key);
    write_string(value, out);
}

fn optional(out: &mut String, key: &str, value: Option<&str>) {
    match value {
        Some(value) => text(out, key, value),
        None => {
            out.push_str(key);
            out.push_str("null");
        }
    }
}

fn object(object: &Object, out: &mut String) {
    out.push('{');
    for (place, (key, value)) in object.iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        write_string(key, out);
        out.push(':');
        write(value, out);
    }
    out.push('}');
}
