//! Events in a body: one, or a list of them, each read by itself, so that one that cannot be read costs only itself.
//! Who may send which types the core knows.

use crate::core::EventRequest;
use crate::http::bounds::BODY_DEPTH;
use crate::http::fault::Fault;
use crate::http::fields;
use cuehook_json::Json;
use cuehook_protocol::timestamp;

/// Longest id that is repeated in a response, in bytes.
const LONGEST_ID: usize = 64;

/// What a body has.
#[derive(Debug, Default)]
pub(crate) struct Offered {
    /// The events that can be read.
    pub(crate) events: Vec<EventRequest>,
    /// Of the others the id, or the place in the list where there is no id, and why.
    pub(crate) refused: Vec<(String, String)>,
}

/// Reads a body: an event, `{"events":[…]}`, or a batch of the canonical format.
pub(crate) fn read(bytes: &[u8], most: usize) -> Result<Offered, Fault> {
    let json = cuehook_json::check(bytes, BODY_DEPTH).map_err(|error| Fault::bad(error.to_string()))?;
    if json.as_object().is_none() {
        return Err(Fault::bad(format!(
            "the body has to be an event, or an object with `events`; this is {}",
            json.kind()
        )));
    }
    let is_batch = json.get("type").and_then(Json::as_str) == Some("events");
    let list = match json.get("events") {
        None if is_batch => json.get("data").and_then(|data| data.get("events")),
        list => list,
    };
    let mut offered = Offered::default();
    let Some(list) = list else {
        if is_batch {
            return Err(Fault::bad("a batch has its events in `data.events`"));
        }
        offered.add(0, &json);
        return Ok(offered);
    };
    let list = list
        .as_array()
        .ok_or_else(|| Fault::bad(format!("`events` has to be a list; this is {}", list.kind())))?;
    if list.len() > most {
        return Err(Fault::too_large(format!("there are more than {most} events")));
    }
    for (place, event) in list.iter().enumerate() {
        offered.add(place, event);
    }
    Ok(offered)
}

impl Offered {
    fn add(&mut self, place: usize, event: &Json) {
        match read_event(event) {
            Ok(event) => self.events.push(event),
            Err(reason) => {
                let id =
                    event.get("id").and_then(Json::as_str).filter(|id| (1..=LONGEST_ID).contains(&id.len()));
                let name = id.map_or_else(|| format!("[{place}]"), str::to_owned);
                self.refused.push((name, reason));
            }
        }
    }
}

fn read_event(event: &Json) -> Result<EventRequest, String> {
    if event.as_object().is_none() {
        return Err(format!("an event is an object; this is {}", event.kind()));
    }
    let text = |key: &str| {
        event.get(key).and_then(Json::as_str).ok_or_else(|| format!("`{key}` is missing, or no text"))
    };
    let id = text("id")?;
    // The response names it as it is written, so there is one way to write it.
    let id = fields::uuid(id)
        .filter(|_| cuehook_protocol::is_uuid(id))
        .ok_or("`id` has to be a UUID, 36 characters in lower case")?;
    let kind = text("type")?;
    let at = match timestamp::parse(text("timestamp")?) {
        Some((ms, false)) => whole(ms),
        _ => return Err("`timestamp` has to be a date and time as in RFC 3339".to_owned()),
    };
    if event.get("data").is_none_or(|data| data.as_object().is_none()) {
        return Err("`data` has to be an object".to_owned());
    }
    Ok(EventRequest { id, kind: kind.to_owned(), at, body: event.to_text() })
}

/// Times that can be written as RFC 3339 are far from where the cast would lose something.
#[allow(clippy::cast_possible_truncation)]
fn whole(ms: f64) -> i64 {
    ms as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use cuehook_protocol::{Format, format};
    use serde_json::{Value, json};

    const ID: &str = "01920000-0000-7000-8000-000000000001";

    fn event(kind: &str) -> Value {
        json!({"type": kind, "id": ID, "timestamp": "2026-11-20T20:07:00.123Z", "data": {"a": 1}})
    }

    fn all(body: &Value) -> Offered {
        read(body.to_string().as_bytes(), 10).unwrap()
    }

    fn reason(event: &Value) -> String {
        let offered = all(&json!({ "events": [event] }));
        offered.refused.first().map(|(_, reason)| reason.clone()).unwrap_or_default()
    }

    #[test]
    fn one_event_a_list_and_a_batch_are_the_same() {
        let one = event("lead.captured");
        let batch =
            format::batch(Format::Cuehook, "x", "2026-11-20T20:07:00.123Z", &[&one.to_string()]).unwrap();
        for body in [one.to_string(), json!({ "events": [one] }).to_string(), batch] {
            let offered = read(body.as_bytes(), 10).unwrap();
            let [event] = &offered.events[..] else { panic!("{body}: {offered:?}") };
            assert_eq!((event.kind.as_str(), event.at), ("lead.captured", 1_795_205_220_123));
            assert_eq!(serde_json::from_str::<Value>(&event.body).unwrap(), one);
        }
    }

    #[test]
    fn numbers_keep_their_spelling_and_blanks_go() {
        let body = format!(
            r#" {{ "type": "a.b", "id": "{ID}", "timestamp": "2026-11-20T20:07:00Z", "data": {{ "price": 1.50 }} }} "#
        );
        let offered = read(body.as_bytes(), 1).unwrap();
        assert!(offered.events[0].body.ends_with(r#""data":{"price":1.50}}"#), "{}", offered.events[0].body);
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        for (key, value, part) in [
            ("id", json!("x"), "UUID"),
            ("id", json!(ID.to_uppercase().replace('1', "A")), "lower case"),
            ("id", json!("00000000-0000-0000-0000-000000000000"), "UUID"),
            ("id", json!(1), "`id` is missing"),
            ("type", Value::Null, "`type` is missing"),
            ("timestamp", json!("2026-11-20"), "RFC 3339"),
            ("timestamp", json!("yesterday"), "RFC 3339"),
            ("timestamp", json!(1), "`timestamp` is missing"),
            ("data", json!([]), "`data`"),
            ("data", Value::Null, "`data`"),
        ] {
            let mut event = event("cart.added");
            event[key] = value;
            let reason = reason(&event);
            assert!(reason.contains(part), "{key}: {reason}");
        }
        assert!(reason(&json!([])).contains("an object"));
    }

    #[test]
    fn an_event_that_cannot_be_read_costs_only_itself() {
        let mut unnamed = event("cart.added");
        unnamed["id"] = Value::Null;
        let mut untyped = event("cart.added");
        untyped["id"] = json!("mine");
        let offered = all(&json!({"events": [unnamed, event("cart.added"), untyped, 1]}));
        assert_eq!(offered.events.len(), 1);
        let names: Vec<_> = offered.refused.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["[0]", "mine", "[3]"]);
    }

    #[test]
    fn bodies_that_are_none_are_refused() {
        for (body, status) in [
            ("", 400),
            ("[]", 400),
            ("null", 400),
            ("{\"events\":{}}", 400),
            ("{\"type\":\"events\"}", 400),
            ("{\"type\":\"events\",\"data\":{}}", 400),
            ("{\"events\":[1,2,3]}", 413),
            ("\u{feff}{}", 400),
        ] {
            assert_eq!(read(body.as_bytes(), 2).unwrap_err().status, status, "{body}");
        }
        let deep = format!("{{\"events\":{}{}}}", "[".repeat(BODY_DEPTH), "]".repeat(BODY_DEPTH));
        assert_eq!(read(deep.as_bytes(), 2).unwrap_err().status, 400);
        assert!(read(b"{\"events\":[]}", 2).unwrap().events.is_empty());
    }
}
