//! Files of this package, webhooks and events that the tests share.

use cuehook_relay::config::{EventFormat, Webhook};
use cuehook_relay::delivery::format::{Facts, RenderFault, Rendered, render};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Set, it has files that are expected written anew.
const WRITE: &str = "CUEHOOK_WRITE_EXPECTED";

/// All formats, and what they are called.
pub const FORMATS: [(EventFormat, &str); 8] = [
    (EventFormat::Cuehook, "cuehook"),
    (EventFormat::CloudEvents, "cloudevents"),
    (EventFormat::Xapi, "xapi"),
    (EventFormat::Hippo, "hippo"),
    (EventFormat::Mindstamp, "mindstamp"),
    (EventFormat::ApiVideo, "api-video"),
    (EventFormat::Cincopa, "cincopa"),
    (EventFormat::DynamicContent, "dynamic-content"),
];

/// The id of the samples' events.
pub const ID: Uuid = Uuid::from_u128(0x019a_a2f4_9050_7b5d_8c11_3f2e_1d0c_9b85);
/// When they happened: 2026-11-20T20:07:00.123Z.
pub const NOW: i64 = 1_795_205_220_123;

/// What bodies tell of a delivery.
pub const FACTS: Facts<'static> = Facts {
    delivery: 42,
    request_id: Uuid::from_u128(0x019a_a2f4_9100_7e2d_8d3c_4b5a_6978_8796),
    project: "spring shop",
};

/// A webhook of a format.
pub fn webhook(format: EventFormat) -> Webhook {
    Webhook {
        id: "shop".to_owned(),
        url: "https://shop.example/hook".to_owned(),
        format,
        ..Webhook::default()
    }
}

/// What a webhook of a format is sent of an event.
pub fn rendered(format: EventFormat, event: &str) -> Result<Option<Rendered>, RenderFault> {
    render(&webhook(format), event, &FACTS)
}

/// A file or folder of the repository.
pub fn path(place: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(place)
}

/// What is in a file of the repository.
pub fn read(place: &str) -> String {
    let path = path(place);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Whether the file has this text. If it is to be written, it is.
pub fn expects(place: &str, text: &str) -> bool {
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(path(place), text).unwrap();
    }
    let is_same = path(place).exists() && read(place) == text;
    if !is_same {
        eprintln!("{place}: not as expected; {WRITE}=1 writes it\n{text}");
    }
    is_same
}
