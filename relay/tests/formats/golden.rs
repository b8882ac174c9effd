//! Every sample in every format, byte by byte: these are the bytes that are signed.

use crate::files::{FORMATS, ID, NOW, expects, path, rendered};
use cuehook_relay::config::EventFormat;
use cuehook_relay::delivery::format::{PARSED_BYTES, RenderFault, default_signature, has_body};
use cuehook_relay::delivery::sample::{TYPES, sample};
use serde_json::json;
use std::collections::BTreeSet;

#[test]
fn bodies_are_as_expected() {
    let mut expected = BTreeSet::new();
    let mut wrong = Vec::new();
    for kind in TYPES.iter().chain(&["cart.added"]) {
        let event = sample(kind, ID, NOW);
        for (format, name) in FORMATS {
            let rendered = rendered(format, &event).unwrap();
            assert_eq!(rendered.is_some(), has_body(format, kind), "{kind} {name}");
            let Some(rendered) = rendered else { continue };
            let file = format!("{kind}.{name}.json");
            if !expects(&format!("relay/tests/formats/golden/{file}"), &(rendered.body + "\n")) {
                wrong.push(file.clone());
            }
            expected.insert(file);
        }
    }
    assert_eq!(wrong, [""; 0]);
    let entries = std::fs::read_dir(path("relay/tests/formats/golden")).unwrap();
    let present: BTreeSet<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(present, expected, "no file is left over");
}

#[test]
fn systems_are_told_what_they_know() {
    let told = |format| TYPES.iter().copied().filter(|kind| has_body(format, kind)).collect::<Vec<_>>();
    assert_eq!(told(EventFormat::Cuehook), TYPES);
    assert_eq!(told(EventFormat::CloudEvents), TYPES);
    assert_eq!(
        told(EventFormat::Hippo),
        ["view.ended", "cta.clicked", "annotation.clicked", "lead.captured", "video.created"]
    );
    assert_eq!(
        told(EventFormat::ApiVideo),
        [
            "live-stream.broadcast.started",
            "live-stream.broadcast.ended",
            "video.source.recorded",
            "video.encoding.quality.completed",
            "video.caption.generated",
            "video.summary.generated",
        ]
    );
    assert_eq!(
        told(EventFormat::Cincopa),
        [
            "video.created",
            "video.source.recorded",
            "video.encoding.quality.completed",
            "video.caption.generated",
            "video.summary.generated",
        ]
    );
    assert_eq!(told(EventFormat::DynamicContent), ["edition.scheduled", "edition.unscheduled"]);
}

#[test]
fn fields_and_content_types_are_those_of_the_formats() {
    for (format, name) in FORMATS {
        let kind = match format {
            EventFormat::ApiVideo | EventFormat::Cincopa => "video.source.recorded",
            EventFormat::DynamicContent => "edition.scheduled",
            _ => "view.ended",
        };
        let rendered = rendered(format, &sample(kind, ID, NOW)).unwrap().unwrap();
        let expected = if format == EventFormat::CloudEvents {
            "application/cloudevents+json"
        } else {
            "application/json"
        };
        assert_eq!(rendered.content_type, expected, "{name}");
        let fields: Vec<_> = rendered.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let expected: &[(&str, &str)] = match format {
            EventFormat::Xapi => &[("X-Experience-API-Version", "1.0.3")],
            EventFormat::ApiVideo => &[("X-Api-Video-WebhookID", "shop")],
            _ => &[],
        };
        assert_eq!(fields, expected, "{name}");
        let signature = default_signature(format)
            .map(|signature| json!([signature.header, signature.hash, signature.encoding]).to_string());
        let expected = match format {
            EventFormat::ApiVideo | EventFormat::Cincopa => {
                Some(r#"["X-Api-Video-Signature","sha256","hex"]"#)
            }
            EventFormat::DynamicContent => Some(r#"["X-Amplience-Webhook-Signature","sha256","base64"]"#),
            EventFormat::Hippo => Some(r#"["X-Hippo-Signature","sha256","hex"]"#),
            _ => None,
        };
        assert_eq!(signature.as_deref(), expected, "{name}");
    }
}

/// The body of api.video's published vector, whose signature is published, too.
#[test]
fn the_published_vector_of_api_video_is_made_byte_by_byte() {
    let event = json!({
        "type": "video.encoding.quality.completed", "timestamp": "2021-01-29T15:46:25.217Z", "id": ID.to_string(),
        "data": {"quality": "720p", "encoding": "hls", "videoId": "vi0000000000000000000000", "liveStreamId": "li0000000000000000000000"},
    });
    let body = rendered(EventFormat::ApiVideo, &event.to_string()).unwrap().unwrap().body;
    assert_eq!(
        body,
        r#"{"type":"video.encoding.quality.completed","emittedAt":"2021-01-29T15:46:25.217Z","videoId":"vi0000000000000000000000","liveStreamId":"li0000000000000000000000","encoding":"hls","quality":"720p"}"#
    );
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(b"sig_sec_0000000000000000000000").unwrap();
    mac.update(body.as_bytes());
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, "27a77d3a7fc626854886b5dbfae4e32c8b0170c1ea1b714c91ba77f1e7774e8c");
}

#[test]
fn events_without_what_a_body_is_made_of_are_skipped() {
    let event = |kind: &str, data: serde_json::Value| {
        json!({"type": kind, "timestamp": "2026-11-20T20:07:00Z", "id": ID.to_string(), "data": data})
            .to_string()
    };
    for (format, kind, data) in [
        (EventFormat::ApiVideo, "video.source.recorded", json!({"videoId": "v"})),
        (EventFormat::ApiVideo, "video.source.recorded", json!({"videoId": "v", "liveStreamId": ""})),
        (EventFormat::ApiVideo, "video.summary.generated", json!({"videoId": 1, "summaryId": "s"})),
        (EventFormat::ApiVideo, "video.uploaded", json!({"videoId": "v"})),
        (EventFormat::Cincopa, "video.uploaded", json!({"title": "no id"})),
        (EventFormat::Cincopa, "lead.captured", json!({"video": {"id": "v"}})),
        (EventFormat::DynamicContent, "edition.scheduled", json!({"edition": {"name": "n"}})),
        (EventFormat::DynamicContent, "edition.published", json!({"edition": {"id": "e"}})),
        (EventFormat::Hippo, "view.ended", json!({})),
        (EventFormat::Xapi, "endpoint.disabled", json!({})),
    ] {
        assert_eq!(rendered(format, &event(kind, data.clone())), Ok(None), "{kind} {data}");
    }
    // What a player's event has elsewhere, and what is not always there.
    let video = json!({"video": {"id": "v"}, "summaryId": "s"});
    let body =
        rendered(EventFormat::ApiVideo, &event("video.summary.generated", video)).unwrap().unwrap().body;
    assert!(body.ends_with(r#""videoId":"v","summaryId":"s"}"#), "{body}");
    for format in [EventFormat::Cincopa, EventFormat::ApiVideo] {
        assert!(matches!(rendered(format, "{"), Err(RenderFault::NoEvent(_))));
    }
}

#[test]
fn bodies_that_receivers_would_not_read_are_refused() {
    let event = |kind: &str, more: usize| {
        let (video, edition) = (json!({"id": "v"}), json!({"id": "e", "name": "x".repeat(more)}));
        json!({"type": kind, "timestamp": "2026-11-20T20:07:00Z", "id": ID.to_string(),
            "data": {"video": video, "edition": edition}})
        .to_string()
    };
    for (format, kind) in
        [(EventFormat::Cincopa, "video.uploaded"), (EventFormat::DynamicContent, "edition.scheduled")]
    {
        let short = rendered(format, &event(kind, 0)).unwrap().unwrap().body.len();
        let longest = PARSED_BYTES - short;
        assert_eq!(rendered(format, &event(kind, longest)).unwrap().unwrap().body.len(), PARSED_BYTES);
        let fault = rendered(format, &event(kind, longest + 1)).unwrap_err();
        assert_eq!(fault, RenderFault::TooLarge { bytes: PARSED_BYTES + 1, most: PARSED_BYTES });
        assert!(fault.to_string().contains("100001 bytes"), "{fault}");
    }
    // Others have no such bound.
    let large = rendered(EventFormat::Cuehook, &event("video.uploaded", PARSED_BYTES));
    assert!(large.unwrap().unwrap().body.len() > PARSED_BYTES);
}

#[test]
fn contents_of_editions_and_hostile_ids_stay_out_of_bodies() {
    let event = json!({"type": "edition.scheduled", "timestamp": "2026-11-20T20:07:00Z", "id": ID.to_string(), "data": {"edition": {
        "id": "../a b/ü\"", "contents": {"huge": true}, "_links": {"self": {"href": "https://evil.example"}}, "start": "s"}}});
    let body = rendered(EventFormat::DynamicContent, &event.to_string()).unwrap().unwrap().body;
    let value: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        value["payload"],
        json!({"id": "../a b/ü\"", "start": "s", "_links": {"self": {"href": "/v1/editions/..%2Fa%20b%2F%C3%BC%22"}}})
    );
    assert_eq!(value["sequenceId"], 42);
    assert_eq!(value["requestId"], "019aa2f4-9100-7e2d-8d3c-4b5a69788796");
    assert_eq!(value["resource"], "../a b/ü\"");
}
