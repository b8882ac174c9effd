//! What the examples of Hippo Video's page have: fields, their spelling, their order and their kinds.
//!
//! <https://lyceum.freshdesk.com/support/solutions/articles/19000093734-hippo-video-webhook-integration>

use crate::files::{sample, samples};
use crate::shapes::keys;
use cuehook_protocol::Format;
use cuehook_protocol::format::has_body;

/// Event, the sample that becomes it, fields of its part but the media, whether it has an address for downloads.
const EVENTS: [(&str, &str, &[&str], bool); 4] = [
    ("VideoPlayedSessions", "view.ended", &["percentagePlayed", "email"], true),
    ("VideoCreated", "video.created", &[], false),
    ("VideoCTA", "cta.clicked", &["ctaUrl", "email"], true),
    ("VideoLeadGenaration", "lead.captured", &["firstName", "lastName", "email", "phone"], true),
];

fn media(with_download: bool) -> Vec<&'static str> {
    let all = ["videoId", "thumbnail", "downloadUrl", "name", "shareUrl", "embedUrl", "duration"];
    all.into_iter().filter(|name| with_download || *name != "downloadUrl").collect()
}

#[test]
fn four_events_are_as_in_the_examples() {
    for (event, name, fields, with_download) in EVENTS {
        let body = sample(name).body(Format::Hippo).unwrap();
        assert_eq!(keys(&body, &[]), ["hook", "eventName", "eventTimestamp", event, "metadata"]);
        assert_eq!(keys(&body, &["hook"]), ["uuid"]);
        let expected: Vec<_> = std::iter::once("media").chain(fields.iter().copied()).collect();
        assert_eq!(keys(&body, &[event]), expected, "{event}");
        assert_eq!(keys(&body, &[event, "media"]), media(with_download), "{event}");
        let metadata: &[&str] =
            if event == "VideoCreated" { &["account_id", "created_by"] } else { &["account_id"] };
        assert_eq!(keys(&body, &["metadata"]), metadata, "{event}");
        let value = sample(name).value(Format::Hippo);
        assert_eq!(value["eventName"], event);
        let media = &value[event]["media"];
        assert!(
            media["videoId"].is_u64() && media["duration"].is_f64() && media["name"].is_string(),
            "{event}"
        );
        assert!(value["metadata"]["account_id"].is_string());
    }
    let value = sample("view.ended").value(Format::Hippo);
    assert!(value["VideoPlayedSessions"]["percentagePlayed"].is_u64());
}

#[test]
fn the_annotation_is_of_another_shape() {
    let body = sample("annotation.clicked").body(Format::Hippo).unwrap();
    assert_eq!(keys(&body, &[]), ["hook", "eventName", "eventTimestamp", "payload", "metadata"]);
    assert_eq!(
        keys(&body, &["payload"]),
        ["VideoAnnotation", "annotationText", "annotationUrl", "annotationClickedTime", "email"]
    );
    assert_eq!(
        keys(&body, &["payload", "VideoAnnotation"]),
        ["videoId", "thumbnail", "name", "shareUrl", "embedUrl"]
    );
    let value = sample("annotation.clicked").value(Format::Hippo);
    assert_eq!(value["eventName"], "VideoAnnotation");
    assert!(value["payload"]["annotationClickedTime"].is_number());
}

#[test]
fn times_are_texts_of_milliseconds() {
    for sample in samples().iter().filter(|sample| has_body(Format::Hippo, sample.kind())) {
        let value = sample.value(Format::Hippo);
        let canonical = sample.value(Format::Cuehook);
        let ms: i64 = value["eventTimestamp"].as_str().unwrap().parse().unwrap();
        #[allow(clippy::cast_precision_loss)]
        let ms = ms as f64;
        assert_eq!(cuehook_protocol::rfc3339(ms), canonical["timestamp"].as_str().unwrap());
        assert_eq!(value["hook"]["uuid"], canonical["id"]);
    }
}

#[test]
fn the_viewer_is_told_only_if_the_page_told() {
    for name in ["view.ended-minimal", "lead.captured-withheld"] {
        let body = sample(name).body(Format::Hippo).unwrap();
        assert!(!body.contains("email") && !body.contains("firstName"), "{body}");
    }
}
