//! The body of a request: `webhook.executed`.

use crate::json::{Json, Object, write, write_number, write_string};
use crate::project::{Video, Webhook};
use crate::session::{Context, InteractionLog};

/// At most so many bytes of variables are sent; those beyond are left out, and `truncated` says so.
const MAX_CONTEXT: usize = 256 * 1024;

/// What a body says besides the log and the context.
#[derive(Clone, Copy, Debug)]
pub struct BodyFields<'a> {
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
pub fn body(webhook: &Webhook, facts: &BodyFields<'_>, context: &Context, log: &InteractionLog) -> String {
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
    object(facts.params, usize::MAX, &mut out);
    out.push_str(",\"context\":");
    let complete = object(context.variables(), MAX_CONTEXT, &mut out);
    out.push_str(",\"interactions\":[");
    log.write(&webhook.include_interactions, &mut out);
    out.push_str("],\"truncated\":");
    write(&Json::Bool(log.is_truncated() || !complete), &mut out);
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

/// Writes the entries that fit into `limit` bytes; returns whether that was all.
fn object(object: &Object, limit: usize, out: &mut String) -> bool {
    let mut complete = true;
    out.push('{');
    let start = out.len();
    for (key, value) in object.iter() {
        let before = out.len();
        if before > start {
            out.push(',');
        }
        write_string(key, out);
        out.push(':');
        write(value, out);
        if out.len() - start > limit {
            out.truncate(before);
            complete = false;
        }
    }
    out.push('}');
    complete
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::project::{Include, WhileRunning};
    use crate::session::Interaction;
    use serde_json::{Value, json};

    fn webhook(include_interactions: Include) -> Webhook {
        Webhook {
            id: "discount".into(),
            name: Some("Discount code".into()),
            url: "/hooks/discount".into(),
            headers: Vec::new(),
            wait_for_response: true,
            include_interactions,
            timeout_ms: 8000,
            retries: 2,
            while_running: WhileRunning::Drop,
            simple: false,
        }
    }

    fn written(webhook: &Webhook, context: &Context, log: &InteractionLog) -> Value {
        let mut params = Object::new();
        params.set("sku", Json::from("A-17"));
        let facts = BodyFields {
            id: "0192",
            timestamp: "2026-11-20T20:07:00.123Z",
            video: &Video { id: "spring-shop".into(), title: None },
            current_time: 7.42,
            duration: Some(31.0),
            session: "0191",
            started_at: "2026-11-20T20:06:00.000Z",
            page: "https://page.example/",
            element: Some("get-code"),
            event: "click",
            params: &params,
        };
        serde_json::from_str(&body(webhook, &facts, context, log)).unwrap()
    }

    #[test]
    fn says_who_what_when_and_all_that_was_done() {
        let mut context = Context::default();
        context.set("viewerName", Json::from("guest"));
        let mut log = InteractionLog::default();
        log.record(&Interaction {
            id: "0193",
            kind: "click",
            element: Some("get-code"),
            label: "Get my code",
            media_time: 7.42,
            at: "2026-11-20T20:07:00.100Z",
            value: None,
        });
        assert_eq!(
            written(&webhook(Include::All), &context, &log),
            json!({
                "type": "webhook.executed", "id": "0192", "timestamp": "2026-11-20T20:07:00.123Z",
                "webhook": { "id": "discount", "name": "Discount code" },
                "video": { "id": "spring-shop", "title": null, "currentTime": 7.42, "duration": 31 },
                "session": { "id": "0191", "startedAt": "2026-11-20T20:06:00.000Z", "page": "https://page.example/" },
                "trigger": { "element": "get-code", "event": "click" },
                "params": { "sku": "A-17" },
                "context": { "viewerName": "guest" },
                "interactions": [ { "seq": 1, "id": "0193", "type": "click", "element": "get-code",
                    "label": "Get my code", "mediaTime": 7.42, "at": "2026-11-20T20:07:00.100Z" } ],
                "truncated": false
            })
        );
        assert_eq!(written(&webhook(Include::None), &context, &log)["interactions"], json!([]));
    }

    #[test]
    fn leaves_out_variables_that_do_not_fit_and_says_so() {
        let mut context = Context::default();
        context.set("small", Json::from("a"));
        context.set("large", Json::from("x".repeat(MAX_CONTEXT).as_str()));
        context.set("after", Json::from("b"));
        let body = written(&webhook(Include::All), &context, &InteractionLog::default());
        assert_eq!(body["context"], json!({ "small": "a", "after": "b" }));
        assert_eq!(body["truncated"], true);
    }
}
