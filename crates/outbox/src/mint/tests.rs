//! Events of whole documents.

use super::*;
use serde_json::{Value, json};

const NOW: Moment = Moment { wall_ms: 1_795_000_000_123.0, clock_ms: 5_000.0 };

fn at(seconds: f64) -> Moment {
    Moment { wall_ms: NOW.wall_ms + seconds * 1_000.0, clock_ms: NOW.clock_ms + seconds * 1_000.0 }
}

fn resolve(url: &str) -> Option<String> {
    if url.contains("://") { Some(url.into()) } else { Some(["https://page.example/", url].concat()) }
}

const PAGE: Page<'static> =
    Page { address: "https://page.example/a?b=c#d", allow_origins: None, resolve: &resolve };

/// A source of a document whose first webhook is sent `events`.
fn source(document: &str, events: Value) -> Source {
    let mut document: Value = serde_json::from_str(document).unwrap();
    document["webhooks"] = json!([{ "id": "all", "url": "hook", "events": events }]);
    Source::new(&document.to_string(), None, &PAGE, [1, 2, 3, 4], NOW)
}

fn maximal(events: Value) -> Source {
    source(include_str!("../../../../tests/projects/valid/maximal.json"), events)
}

/// Types and `data` as the first endpoint is sent them.
fn told(inputs: impl IntoIterator<Item = Input>) -> Vec<(String, Value)> {
    let mut told = Vec::new();
    for input in inputs {
        if let Input::Record { event, endpoints, .. } = input {
            if let Some(more) = event.more_for(&endpoints[0]) {
                let viewer =
                    event.viewer.as_ref().map_or(String::new(), |viewer| [",\"viewer\":", viewer].concat());
                let text =
                    ["{\"video\":", &event.video, ",\"view\":", &event.view, &viewer, more, "}"].concat();
                assert!(text.len() <= event.length() + 2, "{} {}", text.len(), event.length());
                told.push((event.kind.clone(), serde_json::from_str(&text).expect(&text)));
            }
        }
    }
    told
}

fn interaction(more: Value) -> String {
    let mut interaction = json!({"seq": 3, "id": "0192", "type": "click", "element": "drawn", "label": "Shop",
        "mediaTime": 7.42, "at": "2026-11-20T20:07:00.123Z"});
    for (name, value) in more.as_object().unwrap() {
        interaction[name] = value.clone();
    }
    json!({ "interaction": interaction }).to_string()
}

#[test]
fn a_click_is_one_event_of_the_most_specific_type() {
    let mut source = maximal(json!(["*"]));
    for (more, kind) in [
        (json!({}), "interaction.clicked"),
        (json!({"records": "cta", "url": "https://shop.example/"}), "cta.clicked"),
        (json!({"records": "annotation"}), "annotation.clicked"),
        (json!({"type": "submit", "element": "lead"}), "interaction.clicked"),
        (json!({"type": "submit", "element": "lead", "records": "lead", "value": {}}), "lead.captured"),
        (json!({"type": "submit", "element": "lead", "records": "answer", "value": {}}), "question.answered"),
        (json!({"type": "answer", "element": "quiz", "value": {"answer": "ice"}}), "question.answered"),
    ] {
        let told = told(source.occurred(&interaction(more.clone()), NOW));
        assert_eq!(told.len(), 1, "{more}");
        assert_eq!(told[0].0, kind, "{more}");
        let mut expected = json!({"id": "0192", "type": "click", "element": "drawn", "label": "Shop",
            "mediaTime": 7.42, "at": "2026-11-20T20:07:00.123Z"});
        for (name, value) in more.as_object().unwrap().iter().filter(|(name, _)| *name != "value") {
            expected[name] = value.clone();
        }
        assert_eq!(told[0].1["interaction"], expected);
        assert_eq!(
            told[0].1["video"],
            json!({"id": "maximal", "title": "Everything there is", "currentTime": 7.42})
        );
    }
    assert!(source.occurred("{}", NOW).is_none() && source.occurred("[", NOW).is_none());
}
