//! `docs/events.md` shows what is sent.

use super::*;
use cuehook_protocol::{Event, EventSession};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const PAGE: &str = include_str!("../../../../docs/events.md");

/// The JSON blocks of the page.
fn blocks() -> Vec<Value> {
    let parts = PAGE.split("```json\n").skip(1);
    parts.map(|part| serde_json::from_str(part.split("```").next().unwrap()).expect(part)).collect()
}

/// An event of each type, of the project on the page.
fn events() -> BTreeMap<String, Value> {
    let mut project = blocks().remove(0);
    project["webhooks"] = json!([{"id": "all", "url": "https://a.example/", "events":
        ["*", "lead.*", "cart.*"]}]);
    let resolve = |url: &str| Some(url.to_owned());
    let page = Page {
        address: "https://shop.example/spring?a=b",
        allow_origins: None,
        relay: None,
        resolve: &resolve,
    };
    let start = 1_795_766_420_123.0;
    let at = |seconds: f64| Moment { wall_ms: start + seconds * 1_000.0, clock_ms: seconds * 1_000.0 };
    let mut source = Source::new(project.to_string(), "", &page, [0x1234_5678_9abc, 2, 3, 4], at(0.0));
    source.set_viewer(Some(r#"{"id":"17","name":"Ada"}"#)).unwrap();
    let report = |event, time| Report { event, time, duration: 32.0, is_paused: false, rate: 1.0 };
    let mut inputs = source.media(&report(MediaEvent::Playing, 0.0), at(0.0));
    for step in 0..=33 {
        let time = f64::from(step) * 0.25;
        inputs.extend(source.media(&report(MediaEvent::TimeUpdate, time), at(time)));
    }
    let done = |id: &str, kind: &str, element: &str, label: &str, more: Value| {
        let mut interaction = json!({"seq": 1, "id": id, "type": kind, "element": element, "label": label,
            "mediaTime": 8.25, "at": rfc3339(at(8.25).wall_ms)});
        interaction.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "interaction": interaction }).to_string()
    };
    let outcome =
        json!({"answer": "canoe", "answers": ["canoe"], "correct": true, "attempts": 1, "score": 1});
    let request = json!({"id": "01a1fd0e-4b25-7714-aee1-98ccec441a1c", "attempts": 1, "durationMs": 184, "status": 200});
    let mut failed = request.clone();
    failed["status"] = 503.into();
    let webhook = json!({"id": "discount", "name": "Discount code"});
    for occurrence in [
        done("01a1fd0e-42f5-73f9-a26b-3e91f5a4474a", "click", "map", "Where it is", json!({})),
        done(
            "01a1fd0e-42f5-73f9-a26b-3e91f5a4474b",
            "click",
            "shop",
            "To the shop",
            json!({"records": "cta", "url": "https://shop.example/"}),
        ),
        done(
            "01a1fd0e-42f5-73f9-a26b-3e91f5a4474c",
            "click",
            "tent",
            "A tent for two",
            json!({"records": "annotation"}),
        ),
        done("01a1fd0e-42f5-73f9-a26b-3e91f5a4474d", "answer", "boat", "", json!({ "value": outcome })),
        done(
            "01a1fd0e-42f5-73f9-a26b-3e91f5a4474e",
            "submit",
            "lead",
            "The catalogue, by e-mail",
            json!({"records": "lead", "value": {"first": "Ada", "mail": "ada@example.org", "news": true}}),
        ),
        json!({"webhook": webhook, "request": request}).to_string(),
        json!({"webhook": webhook, "request": failed, "error": {"code": "http-status",
            "message": "the response's status was 503; expected 200 to 299"}})
        .to_string(),
    ] {
        inputs.extend(source.occurred(&occurrence, at(8.25)));
    }
    inputs.push(source.custom("cart.added", r#"{"sku":"A-17","price":19.9}"#, None, at(8.25)).unwrap());
    inputs.extend(source.end(EndReason::Left, at(9.0)));
    let mut events = BTreeMap::new();
    let mut seq = 0;
    for input in inputs {
        let Input::Record { event, endpoints, .. } = input else { continue };
        seq += 1;
        let session = EventSession {
            id: "01a1fd0e-3820-764f-83ef-121497acd217",
            started_at: "2026-11-27T07:20:19.952Z",
            seq,
            page: endpoints[0].page.as_deref(),
        };
        let text = Event {
            kind: &event.kind,
            id: &event.id,
            timestamp: &rfc3339(event.at_ms),
            video: &event.video,
            session,
            view: &event.view,
            viewer: event.viewer.as_deref(),
            more: event.more_for(&endpoints[0]).unwrap(),
        }
        .to_text();
        events.entry(event.kind.clone()).or_insert_with(|| serde_json::from_str(&text).unwrap());
    }
    events
}

#[test]
fn examples_are_what_is_sent() {
    let events = events();
    let shown = blocks();
    let shown: BTreeMap<&str, &Value> =
        shown[1..].iter().map(|event| (event["type"].as_str().unwrap(), event)).collect();
    for (kind, event) in &events {
        assert_eq!(shown.get(&**kind), Some(&event), "{kind}: write\n{event:#}");
    }
    assert_eq!(shown.len(), events.len());
    for kind in EventType::WORDS {
        assert!(PAGE.contains(&["`", kind, "`\n"].concat()), "a heading for {kind}");
        assert!(events.contains_key(kind) || kind == "events.lost", "{kind}");
    }
}

#[test]
fn tables_have_the_members_of_the_examples() {
    for (kind, event) in events() {
        let Some(section) = PAGE.split(&["### `", &kind, "`\n"].concat()).nth(1) else { continue };
        let section = section.split("\n#").next().unwrap();
        for name in event["data"].as_object().unwrap().keys() {
            let is_common = ["video", "session", "view", "viewer"].contains(&&**name);
            let is_told = section.contains(&["`", name].concat()) || section.contains("The same");
            assert!(is_common || is_told, "{kind}: {name}");
        }
    }
}
