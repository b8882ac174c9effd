//! What CloudEvents 1.0 asks of every event: <https://github.com/cloudevents/spec>, sections "Context Attributes" and "JSON
//! Event Format", and the extension "Sequence".

use crate::files::{sample, samples};
use crate::shapes::is_rfc3339;
use cuehook_json::View;
use cuehook_protocol::Format;
use cuehook_protocol::format::{body, has_body};
use serde_json::Value;

#[test]
fn events_have_the_attributes() {
    for sample in samples().iter().filter(|sample| has_body(Format::CloudEvents, sample.kind())) {
        let event = sample.value(Format::CloudEvents);
        let canonical = sample.value(Format::Cuehook);
        for (name, value) in event.as_object().unwrap() {
            // Attributes are named with lower-case letters and digits, and none of ours is more than a text.
            assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()), "{name}");
            assert!(name.len() <= 20 && (name == "data" || value.is_string()), "{name}");
        }
        assert_eq!(event["specversion"], "1.0");
        for (name, pointer) in [
            ("type", "/type"),
            ("id", "/id"),
            ("time", "/timestamp"),
            ("data", "/data"),
            ("subject", "/data/video/id"),
        ] {
            assert_eq!(event[name], canonical.pointer(pointer).cloned().unwrap(), "{name}");
        }
        assert!(is_rfc3339(event["time"].as_str().unwrap()));
        assert_eq!(event["datacontenttype"], "application/json");
        let session = canonical["data"]["session"]["id"].as_str().unwrap();
        assert_eq!(event["source"], format!("urn:uuid:{session}"));
        let names =
            ["data", "datacontenttype", "id", "sequence", "source", "specversion", "subject", "time", "type"];
        assert_eq!(event.as_object().unwrap().keys().collect::<Vec<_>>(), names);
    }
}

#[test]
fn sequences_sort_as_texts() {
    let text = sample("cart.added").compact();
    let sequence = |seq: u64| {
        let text = text.replace("\"seq\":10", &format!("\"seq\":{seq}"));
        let body = body(Format::CloudEvents, View::of(&text).unwrap()).unwrap();
        let body: Value = serde_json::from_str(&body).unwrap();
        body["sequence"].as_str().unwrap().to_owned()
    };
    let numbers = [1, 2, 9, 10, 11, 99, 100, 12_345, 999_999_999, 1_000_000_000, 9_999_999_999];
    let sequences: Vec<_> = numbers.into_iter().map(sequence).collect();
    assert_eq!(sequences[0], "0000000001");
    for (pair, numbers) in sequences.windows(2).zip(numbers.windows(2)) {
        assert!(pair[0] < pair[1], "{pair:?}");
        assert_eq!(pair[1].parse(), Ok(numbers[1]));
    }
}
