//! The body of a request: `webhook.executed`.

use crate::trigger::Cause;
use cuehook_json::{Json, Object, write, write_number, write_string};

/// At most so many bytes of variables are sent; those beyond are left out, and `contextTruncated` says so.
pub const MAX_CONTEXT: usize = 256 * 1024;

/// What the body of a request says. Its form is documented in `docs/webhooks.md`.
#[derive(Clone, Copy, Debug)]
pub struct RequestBody<'a> {
    /// The request's UUIDv7: equal in all attempts, and equal to the header `webhook-id`.
    pub id: &'a str,
    /// When it was triggered, as RFC 3339.
    pub timestamp: &'a str,
    /// The webhook's id.
    pub webhook: &'a str,
    /// Its name for people.
    pub webhook_name: Option<&'a str>,
    /// The author's name for the video.
    pub video: &'a str,
    /// Its title.
    pub video_title: Option<&'a str>,
    /// Media time in seconds.
    pub current_time: f64,
    /// Length of the video in seconds, once known.
    pub duration: Option<f64>,
    /// The session's UUIDv7.
    pub session: &'a str,
    /// When the session started, as RFC 3339.
    pub started_at: &'a str,
    /// The page's address, as much of it as the receiver may know.
    pub page: Option<&'a str>,
    /// Id of the element that triggered it, if any.
    pub element: Option<&'a str>,
    /// What set it off.
    pub cause: Cause,
    /// The action's parameters.
    pub params: &'a Object,
    /// The variables that the receiver may know. Those beyond [`MAX_CONTEXT`] are left out.
    pub context: &'a [(&'a str, &'a Json)],
    /// Entries of the interaction log, as [`Interaction::write`](crate::Interaction::write) writes them, with commas between.
    pub interactions: &'a str,
    /// Whether older interactions have been dropped.
    pub truncated: bool,
}

impl RequestBody<'_> {
    /// The body as JSON text. The interactions are only copied: they were serialised when they were recorded.
    pub fn to_text(&self) -> String {
        let mut out = String::with_capacity(1_024);
        out.push_str("{\"type\":\"webhook.executed\"");
        text(&mut out, ",\"id\":", self.id);
        text(&mut out, ",\"timestamp\":", self.timestamp);
        text(&mut out, ",\"webhook\":{\"id\":", self.webhook);
        optional(&mut out, ",\"name\":", self.webhook_name);
        text(&mut out, "},\"video\":{\"id\":", self.video);
        optional(&mut out, ",\"title\":", self.video_title);
        out.push_str(",\"currentTime\":");
        write_number(self.current_time, &mut out);
        out.push_str(",\"duration\":");
        match self.duration {
            Some(duration) => write_number(duration, &mut out),
            None => out.push_str("null"),
        }
        text(&mut out, "},\"session\":{\"id\":", self.session);
        text(&mut out, ",\"startedAt\":", self.started_at);
        optional(&mut out, ",\"page\":", self.page);
        optional(&mut out, "},\"trigger\":{\"element\":", self.element);
        text(&mut out, ",\"event\":", self.cause.as_str());
        out.push_str("},\"params\":");
        object(&mut self.params.iter(), usize::MAX, &mut out);
        out.push_str(",\"context\":");
        let complete = object(&mut self.context.iter().copied(), MAX_CONTEXT, &mut out);
        out.push_str(",\"interactions\":[");
        // Room for what follows, too: growing by a few bytes would copy everything again.
        out.reserve(self.interactions.len() + 64);
        out.push_str(self.interactions);
        out.push_str("],\"truncated\":");
        write(&Json::Bool(self.truncated), &mut out);
        out.push_str(",\"contextTruncated\":");
        write(&Json::Bool(!complete), &mut out);
        out.push('}');
        out
    }
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
fn object<'e>(
    entries: &mut dyn Iterator<Item = (&'e str, &'e Json)>,
    limit: usize,
    out: &mut String,
) -> bool {
    let mut complete = true;
    out.push('{');
    let start = out.len();
    for (key, value) in entries {
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
    use crate::trigger::Trigger;
    use serde_json::{Value, json};

    fn written(context: &Object, interactions: &str) -> Value {
        let mut params = Object::new();
        params.set("sku", Json::from("A-17"));
        let context: Vec<_> = context.iter().collect();
        let body = RequestBody {
            id: "0192",
            timestamp: "2026-11-20T20:07:00.123Z",
            webhook: "discount",
            webhook_name: Some("Discount code"),
            video: "spring-shop",
            video_title: None,
            current_time: 7.42,
            duration: Some(31.0),
            session: "0191",
            started_at: "2026-11-20T20:06:00.000Z",
            page: Some("https://page.example/"),
            element: Some("get-code"),
            cause: Cause::Trigger(Trigger::Click),
            params: &params,
            context: &context,
            interactions,
            truncated: false,
        };
        serde_json::from_str(&body.to_text()).unwrap()
    }

    #[test]
    fn says_who_what_when_and_all_that_was_done() {
        let mut context = Object::new();
        context.set("viewerName", Json::from("guest"));
        assert_eq!(
            written(&context, "{\"seq\":1},{\"seq\":2}"),
            json!({
                "type": "webhook.executed", "id": "0192", "timestamp": "2026-11-20T20:07:00.123Z",
                "webhook": { "id": "discount", "name": "Discount code" },
                "video": { "id": "spring-shop", "title": null, "currentTime": 7.42, "duration": 31 },
                "session": { "id": "0191", "startedAt": "2026-11-20T20:06:00.000Z", "page": "https://page.example/" },
                "trigger": { "element": "get-code", "event": "click" },
                "params": { "sku": "A-17" },
                "context": { "viewerName": "guest" },
                "interactions": [ { "seq": 1 }, { "seq": 2 } ],
                "truncated": false,
                "contextTruncated": false
            })
        );
        assert_eq!(written(&context, "")["interactions"], json!([]));
    }

    #[test]
    fn leaves_out_variables_that_do_not_fit_and_says_so() {
        let mut context = Object::new();
        context.set("small", Json::from("a"));
        context.set("large", Json::from("x".repeat(MAX_CONTEXT).as_str()));
        context.set("after", Json::from("b"));
        let body = written(&context, "");
        assert_eq!(body["context"], json!({ "small": "a", "after": "b" }));
        assert_eq!((&body["contextTruncated"], &body["truncated"]), (&json!(true), &json!(false)));
    }

    #[test]
    fn the_limit_of_variables_is_exact() {
        // `"v":"…"`
        let of_size = |size: usize| {
            let mut context = Object::new();
            context.set("v", Json::from("x".repeat(size - 6).as_str()));
            written(&context, "")["contextTruncated"] == json!(true)
        };
        assert_eq!([of_size(MAX_CONTEXT), of_size(MAX_CONTEXT + 1)], [false, true]);
    }
}
