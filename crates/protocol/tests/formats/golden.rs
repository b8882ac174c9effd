//! Every sample in every format, as in `tests/golden`.

use crate::files::{expects, names, pretty, sample, samples};
use cuehook_json::View;
use cuehook_protocol::format::{VIDEO_CREATED, batch, body, content_type, has_body};
use cuehook_protocol::{EventType, Format};
use std::collections::BTreeSet;

#[test]
fn bodies_are_as_expected() {
    let mut expected = BTreeSet::new();
    let mut wrong = Vec::new();
    for sample in samples() {
        for format in Format::ALL {
            let body = sample.body(format);
            // Of our own formats the canonical one is the sample itself.
            assert_eq!(body.is_some(), has_body(format, sample.kind()) || is_canonical(format, &sample.name));
            let Some(body) = body else { continue };
            if format == Format::Cuehook {
                assert_eq!(body, sample.compact(), "{}", sample.name);
                continue;
            }
            if !has_body(format, sample.kind()) {
                continue;
            }
            let file = format!("{}.{}.json", sample.name, format.as_str());
            if !expects(&format!("tests/golden/{file}"), &pretty(&body)) {
                wrong.push(file.clone());
            }
            expected.insert(file);
        }
    }
    for (format, kinds) in BATCHES {
        let bodies: Vec<_> = kinds.iter().map(|kind| sample(kind).body(format).unwrap()).collect();
        let bodies: Vec<_> = bodies.iter().map(String::as_str).collect();
        let batch = batch(format, ID, TIMESTAMP, &bodies).unwrap();
        let file = format!("batch.{}.json", format.as_str());
        if !expects(&format!("tests/golden/{file}"), &pretty(&batch)) {
            wrong.push(file.clone());
        }
        expected.insert(file);
    }
    assert_eq!(wrong, [""; 0]);
    let present: BTreeSet<_> = names("tests/golden").into_iter().collect();
    assert_eq!(present, expected, "no file is left over");
}

const ID: &str = "019aa2f5-0100-7a3b-9c4d-5e6f70819203";
const TIMESTAMP: &str = "2026-11-20T20:07:05.000Z";

const BATCHES: [(Format, [&str; 2]); 3] = [
    (Format::Cuehook, ["cta.clicked", "cart.added"]),
    (Format::CloudEvents, ["cta.clicked", "cart.added"]),
    // The second is a list.
    (Format::Xapi, ["cta.clicked", "view.started"]),
];

/// [`body`](cuehook_protocol::format::body) writes any event canonically, whether anybody is sent it or not.
fn is_canonical(format: Format, name: &str) -> bool {
    format == Format::Cuehook && name == VIDEO_CREATED
}

#[test]
fn every_type_has_a_sample() {
    let kinds: BTreeSet<_> = samples().iter().map(|sample| sample.kind().to_owned()).collect();
    let all = EventType::WORDS.into_iter().chain([VIDEO_CREATED, "cart.added"]);
    assert_eq!(kinds, all.map(str::to_owned).collect());
}

#[test]
fn systems_are_told_what_they_know() {
    let told = |format| -> Vec<_> {
        let all = EventType::WORDS.into_iter().chain([VIDEO_CREATED, "cart.added"]);
        all.filter(|kind| has_body(format, kind)).collect()
    };
    let all = told(Format::Cuehook);
    assert_eq!(all.len(), EventType::ALL.len() + 1);
    assert!(!all.contains(&VIDEO_CREATED));
    assert_eq!(told(Format::CloudEvents), all);
    assert_eq!(
        told(Format::Xapi),
        [
            "view.started",
            "view.progressed",
            "view.ended",
            "interaction.clicked",
            "question.answered",
            "cta.clicked",
            "annotation.clicked",
            "lead.captured",
        ]
    );
    assert_eq!(
        told(Format::Hippo),
        ["view.ended", "cta.clicked", "annotation.clicked", "lead.captured", "video.created"]
    );
    assert_eq!(
        told(Format::Mindstamp),
        [
            "view.ended",
            "interaction.clicked",
            "question.answered",
            "cta.clicked",
            "annotation.clicked",
            "lead.captured"
        ]
    );
}

#[test]
fn some_formats_take_several_events_at_once() {
    for format in Format::ALL {
        let is_batched = matches!(format, Format::Cuehook | Format::CloudEvents | Format::Xapi);
        assert_eq!(batch(format, ID, TIMESTAMP, &["{}"]).is_some(), is_batched, "{format:?}");
    }
    assert_eq!(batch(Format::Xapi, ID, TIMESTAMP, &["[{},{}]", "{}"]).unwrap(), "[{},{},{}]");
    assert_eq!(batch(Format::CloudEvents, ID, TIMESTAMP, &[]).unwrap(), "[]");
    assert_eq!(
        batch(Format::Cuehook, "1", "2", &["{}"]).unwrap(),
        r#"{"type":"events","id":"1","timestamp":"2","data":{"events":[{}]}}"#
    );
}

#[test]
fn content_types_are_those_of_the_formats() {
    for format in Format::ALL {
        let expected = match format {
            Format::CloudEvents => ["application/cloudevents+json", "application/cloudevents-batch+json"],
            _ => ["application/json"; 2],
        };
        assert_eq!([content_type(format, false), content_type(format, true)], expected);
        assert!(format.is_built());
        let names = format.headers().iter().map(|(name, _)| *name).collect::<Vec<_>>();
        assert_eq!(names == ["X-Experience-API-Version"], format == Format::Xapi);
    }
}

#[test]
fn what_is_no_event_has_no_body() {
    for text in ["{}", "[]", "1", "null", r#"{"type":"cta.clicked","id":1,"timestamp":2,"data":{"video":3}}"#]
    {
        for format in Format::ALL.into_iter().filter(|format| *format != Format::Cuehook) {
            assert_eq!(body(format, View::of(text).unwrap()), None, "{format:?} {text}");
        }
    }
    // Nothing but what every event has is asked for: stored events may be of another version.
    let bare = |kind: &str| {
        format!(
            r#"{{"type":"{kind}","timestamp":"?","id":"","data":{{"video":{{"id":""}},"session":{{"id":"","seq":1}},"view":{{"id":"v"}}}}}}"#
        )
    };
    for kind in EventType::WORDS.into_iter().chain([VIDEO_CREATED]) {
        for format in Format::ALL.into_iter().filter(|format| has_body(*format, kind)) {
            let text = bare(kind);
            let body = body(format, View::of(&text).unwrap());
            let body = body.unwrap_or_else(|| panic!("{format:?} {kind}"));
            serde_json::from_str::<serde_json::Value>(&body)
                .unwrap_or_else(|error| panic!("{format:?} {kind}: {error}: {body}"));
        }
    }
}

/// Each sample with one value replaced, by each of these.
#[test]
fn any_value_in_the_place_of_another_gives_json_or_nothing() {
    const ODD: [&str; 9] = [
        "null",
        "true",
        "-1",
        "1e300",
        "0.00049",
        "\"\"",
        "\"\\u0000\\ud800 [,]\"",
        "[[1],\"a\"]",
        "{\"id\":{}}",
    ];
    let mut count = 0;
    for sample in samples() {
        let text = sample.compact();
        for (start, end) in values(&text) {
            for odd in ODD {
                let event = [&text[..start], odd, &text[end..]].concat();
                for format in Format::ALL {
                    let Some(body) = body(format, View::of(&event).unwrap()) else { continue };
                    // Not all parsers take half of a surrogate pair, and what is copied stays as it is.
                    let body = body.replace("\\ud800", "");
                    let parsed = serde_json::from_str::<serde_json::Value>(&body);
                    assert!(parsed.is_ok(), "{format:?} {event}: {body}");
                    count += 1;
                }
            }
        }
    }
    assert!(count > 10_000, "{count}");
}

/// Where the values in a JSON text stand.
fn values(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut open = vec![View::of(text).unwrap()];
    while let Some(value) = open.pop() {
        let start = value.text().as_ptr() as usize - text.as_ptr() as usize;
        found.push((start, start + value.text().len()));
        open.extend(value.members().map(|(_, value)| value));
        open.extend(value.items());
    }
    found
}
